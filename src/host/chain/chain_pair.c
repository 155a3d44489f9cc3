#include "host/chain/chain_pair.h"

#include "crypto/hash.h"

static bool names(const struct tsa_chain *c, const struct tsa_chain *other)
{
    uint8_t hash[HASH_MAX];

    hash_once(HASH_SHA384, other->spki, hash);
    return !c->has_binding ||
           quorate_binding_names(&c->binding, (struct view){hash, QUORATE_BINDING_HASH_LEN});
}

enum err chain_pair_check(const struct tsa_chain *classic, const struct tsa_chain *pq,
                          const char **why)
{
    const struct quorate_binding *a = &classic->binding;
    const struct quorate_binding *b = &pq->binding;
    const bool both = classic->has_binding && pq->has_binding;

    *why = "";
    if (!names(pq, classic)) {
        *why = "its QuorateBinding does not name the key of chain";
    } else if (!names(classic, pq)) {
        *why = "the QuorateBinding of chain does not name its key";
    } else if (both && !view_equal(a->epoch_id, b->epoch_id)) {
        *why = "its QuorateBinding and that of chain name two epochs";
    } else if (both &&
               (a->assurance == ASSURANCE_SIMULATED) != (b->assurance == ASSURANCE_SIMULATED)) {
        *why = "its QuorateBinding or that of chain is of a simulated authority, the other not";
    } else {
        return ERR_OK;
    }
    return ERR_MISMATCH;
}
