#include "client/verify/authority_rules.h"

#include "crypto/hash.h"
#include "format/cert_ids.h"
#include "format/quorate_binding.h"

static bool is_one_of(struct view policy, enum oid_id a, enum oid_id b, struct view named)
{
    const enum oid_id id = oid_find(policy);

    return id == a || id == b || (named.n > 0 && view_equal(policy, named));
}

bool authority_is_hybrid(const struct authority_policies *named, struct view policy)
{
    return oid_find(policy) == OID_OUR_HYBRID_SINGLE_SIMULATED ||
           is_one_of(policy, OID_OUR_HYBRID, OID_OUR_HYBRID_SIMULATED, named->hybrid);
}

bool authority_is_dual(struct view policy)
{
    const enum oid_id id = oid_find(policy);

    return id == OID_OUR_DUAL || id == OID_OUR_DUAL_SIMULATED;
}

bool authority_is_evidence(const struct authority_policies *named, struct view policy)
{
    return is_one_of(policy, OID_OUR_EVIDENCE, OID_OUR_EVIDENCE_SIMULATED, named->evidence);
}

bool authority_is_requestable(struct view policy)
{
    const enum oid_id id = oid_find(policy);

    return id >= OID_OUR_CLASSIC && id <= OID_OUR_DUAL_SIMULATED && id != OID_OUR_EVIDENCE &&
           id != OID_OUR_EVIDENCE_SIMULATED;
}

struct bound {
    struct quorate_binding binding;
    uint8_t key_hash[QUORATE_BINDING_HASH_LEN];
};

static enum err read_bound(struct view cert, struct bound *out)
{
    struct cert_ids ids;
    struct extension ext;

    TRY(cert_ids_parse(cert, &ids));
    TRY(cert_ids_extension(&ids, OID_OUR_BINDING, &ext));
    hash_once(HASH_SHA384, ids.spki, out->key_hash);
    return quorate_binding_parse(ext.value, &out->binding);
}

static bool names(const struct bound *b, const struct bound *other)
{
    return quorate_binding_names(&b->binding,
                                 (struct view){other->key_hash, sizeof other->key_hash});
}

enum err authority_same(struct view classic_cert, struct view pq_cert, bool *simulated,
                        const char **reason)
{
    struct bound classic;
    struct bound pq;

    *simulated = false;
    if (read_bound(pq_cert, &pq) != ERR_OK) {
        *reason = "the ML-DSA certificate has no QuorateBinding that can be read";
    } else if (read_bound(classic_cert, &classic) != ERR_OK) {
        *reason = "the classic certificate has no QuorateBinding that can be read";
    } else if (!names(&pq, &classic)) {
        *reason = "another authority: the ML-DSA certificate names another classic key";
    } else if (!names(&classic, &pq)) {
        *reason = "another authority: the classic certificate names another ML-DSA key";
    } else if (!view_equal(classic.binding.epoch_id, pq.binding.epoch_id)) {
        *reason = "another epoch of the authority";
    } else if ((classic.binding.assurance == ASSURANCE_SIMULATED) !=
               (pq.binding.assurance == ASSURANCE_SIMULATED)) {
        *reason = "one certificate is of a simulated authority, the other is not";
    } else {
        *simulated = pq.binding.assurance == ASSURANCE_SIMULATED;
        *reason = "same authority and epoch";
        return ERR_OK;
    }
    return ERR_EVIDENCE;
}
