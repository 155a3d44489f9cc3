#include "format/mldsa_alg.h"

static const struct {
    enum oid_id id;
    const struct mldsa_params *params;
} table[] = {
    {OID_ML_DSA_44, &mldsa_44},
    {OID_ML_DSA_65, &mldsa_65},
    {OID_ML_DSA_87, &mldsa_87},
};

enum err mldsa_alg_by_oid(enum oid_id id, const struct mldsa_params **out)
{
    *out = NULL;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].id == id) {
            *out = table[i].params;
        }
    }
    return *out != NULL ? ERR_OK : ERR_BAD_ALG;
}

enum err mldsa_alg_read(const struct alg_id *alg, const struct mldsa_params **out)
{
    const struct mldsa_params *params;

    *out = NULL;
    TRY(mldsa_alg_by_oid(oid_find(alg->oid), &params));
    if (alg->params.n != 0) {
        return ERR_ENCODING;
    }
    *out = params;
    return ERR_OK;
}
