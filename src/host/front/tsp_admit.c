#include "host/front/tsp_admit.h"

#include <string.h>

_Static_assert(TSP_NONCE_MAX <= STAMP_NONCE_MAX, "every nonce that is parsed can be stamped");

static const struct config_policy *find_policy(struct view wanted, const struct config *c)
{
    for (size_t i = 0; i < c->n_policies; i++) {
        const struct config_policy *p = &c->policies[i];
        const struct view oid = {p->oid.body, p->oid.body_len};

        if (!p->evidence && (wanted.n == 0 ? p->is_default : view_equal(wanted, oid))) {
            return p;
        }
    }
    return NULL;
}

void tsp_admit_policy(const struct config_policy *p, struct coord_job *job)
{
    job->key = (uint8_t)config_policy_key(p);
    job->policy = (uint8_t)p->number;
    job->rule = (struct stamp_policy){.digits = (uint8_t)p->digits,
                                      .min_accuracy_ms = (uint32_t)p->min_accuracy_ms,
                                      .max_accuracy_ms = (uint32_t)p->max_accuracy_ms,
                                      .ordering = p->ordering};
}

enum err tsp_admit(const struct tsp_req *req, const struct config *c, struct coord_job *job,
                   const struct config_policy **policy)
{
    const struct config_policy *p = find_policy(req->policy, c);

    if (p == NULL) {
        return ERR_POLICY;
    }
    if (req->imprint.digest.n != hash_len(req->imprint.alg) || req->nonce.n > STAMP_NONCE_MAX) {
        return ERR_BUG; /* tsp_req_parse() promises otherwise */
    }
    tsp_admit_policy(p, job);
    job->hash_alg = (uint8_t)req->imprint.alg;
    memcpy(job->hashed_message, req->imprint.digest.p, req->imprint.digest.n);
    job->nonce_len = (uint8_t)req->nonce.n;
    if (req->nonce.n > 0) {
        memcpy(job->nonce, req->nonce.p, req->nonce.n);
    }
    *policy = p;
    return ERR_OK;
}
