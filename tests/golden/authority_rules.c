/* The rules of the golden hybrid tokens (10-hybrid) in place of
 * src/client/verify/authority_rules.c: archive time-stamps have the policy .1.2 that clients
 * ask for, and no certificate has a QuorateBinding. Linked into tests/quorate-golden alone;
 * what they let pass proves nothing. */
#include "client/verify/authority_rules.h"

#include "format/oid.h"

bool authority_is_hybrid(const struct authority_policies *named, struct view policy)
{
    (void)named;
    return oid_find(policy) == OID_OUR_HYBRID;
}

bool authority_is_dual(struct view policy)
{
    (void)policy;
    return false;
}

bool authority_is_evidence(const struct authority_policies *named, struct view policy)
{
    (void)named;
    return oid_find(policy) == OID_OUR_PQ;
}

bool authority_is_requestable(struct view policy)
{
    (void)policy;
    return false;
}

enum err authority_same(struct view classic_cert, struct view pq_cert, bool *simulated,
                        const char **reason)
{
    (void)classic_cert;
    (void)pq_cert;
    *simulated = false;
    *reason = "GOLDEN RULES: not looked for in the certificates";
    return ERR_OK;
}
