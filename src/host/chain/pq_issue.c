#include "host/chain/pq_issue.h"

#include "crypto/mldsa/mldsa.h"
#include "format/cert_parse.h"

#include <stdlib.h>

struct pq_issue_scratch {
    struct mldsa_key_scratch key;
    struct mldsa_verify_scratch verify;
    struct mldsa_public_key public_key;
};

bool pq_issue_key_ok(const struct cert_ids *c)
{
    const struct mldsa_params *params = NULL;

    return cert_ml_dsa_key(c, &params) == ERR_OK && params == &mldsa_65;
}

static bool signature_ok(const struct cert_ids *c)
{
    const struct mldsa_params *params = NULL;

    return cert_ml_dsa_signature(c, &params) == ERR_OK && params == &mldsa_65;
}

enum err pq_issue_check(const struct cert_ids *c, const struct cert_ids *issuer)
{
    const struct view no_context = {NULL, 0};

    if (!view_equal(c->issuer, issuer->subject)) {
        return ERR_MISMATCH;
    }
    if (!pq_issue_key_ok(issuer) || !signature_ok(c)) {
        return ERR_BAD_ALG;
    }
    struct pq_issue_scratch *s = aligned_alloc(_Alignof(struct pq_issue_scratch), sizeof *s);

    if (s == NULL) {
        return ERR_NOSPACE;
    }
    enum err e = mldsa_public_key_parse(mldsa_best(), &mldsa_65, issuer->public_key, &s->key,
                                        &s->public_key);

    if (e == ERR_OK) {
        e = mldsa_verify(&s->public_key, no_context, c->tbs, c->signature, &s->verify);
    }
    free(s);
    return e;
}
