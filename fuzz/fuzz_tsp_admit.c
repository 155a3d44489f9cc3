#include "host/front/tsp_admit.h"
#include "host/front/tsp_fail.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
    "[front]\ncore = unix:c\nchain = c\nchain_pq = p\n[journal]\ndir = j\n"
    "[policy a]\noid = 1.2.3\nnumber = 1\ndefault = yes\n"
    "[policy b]\noid = 1.2.3.4\nnumber = 2\n"
    "[policy c]\noid = 1.2.4\nnumber = 3\nprofile = hybrid\n"
    "[policy d]\noid = 1.2.5\nnumber = 4\nprofile = pq\nevidence = yes\n";

/* A whole body, as posted: admitted with a job that says the same, or refused with a failInfo.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config config;
    static struct coord_job job;
    const struct config_policy *policy = NULL;
    struct tsp_req req;
    char error[CONFIG_ERROR_MAX];

    if (config.n_policies == 0 &&
        config_parse((struct view){(const uint8_t *)text, sizeof text - 1}, "t", "", &config,
                     error) != ERR_OK) {
        abort();
    }
    enum err e = tsp_req_parse((struct view){data, size}, &req);

    if (e == ERR_OK) {
        e = tsp_admit(&req, &config, &job, &policy);
    }
    if (e != ERR_OK) {
        if (e == ERR_BUG || tsp_fail_of(e)->text == NULL ||
            tsp_fail_of(e)->fail_info == FAIL_SYSTEM_FAILURE) {
            abort();
        }
        return 0;
    }
    if (policy == NULL || policy->evidence || job.policy != policy->number ||
        job.key != config_policy_key(policy) || job.nonce_len != req.nonce.n ||
        memcmp(job.hashed_message, req.imprint.digest.p, req.imprint.digest.n) != 0 ||
        (req.policy.n > 0 &&
         !view_equal(req.policy, (struct view){policy->oid.body, policy->oid.body_len}))) {
        abort();
    }
    return 0;
}
