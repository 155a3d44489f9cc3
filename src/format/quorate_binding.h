/* quorate_binding.h - QuorateBinding, the certificate extension that says which keys make up
 * one authority. Its OID is OID_BINDING; it is not critical.
 *
 * QuorateBinding ::= SEQUENCE { version INTEGER (1), epochId OCTET STRING (SIZE(48)),
 *     otherKeys SET OF OCTET STRING (SIZE(48)), threshold INTEGER, total INTEGER,
 *     assurance ENUMERATED { hardware(0), mixed(1), simulated(2) },
 *     policyHash [0] OCTET STRING (SIZE(48)) OPTIONAL,
 *     measurements [1] SEQUENCE OF OCTET STRING (SIZE(48)) OPTIONAL,
 *     recordId [2] OCTET STRING (SIZE(48)) OPTIONAL, ... }       (IMPLICIT TAGS) */
#ifndef FORMAT_QUORATE_BINDING_H
#define FORMAT_QUORATE_BINDING_H

#include "base/bytes.h"

#define QUORATE_BINDING_HASH_LEN 48  /* SHA-384 */
#define QUORATE_BINDING_KEYS_MAX 6   /* other keys of one authority: one a core, at most */
#define QUORATE_BINDING_TOTAL_MAX 64 /* signers */
#define QUORATE_BINDING_MEASUREMENTS_MAX 16
#define QUORATE_BINDING_ROOM 1408 /* bytes that any extension we write fits in */

enum quorate_assurance {
    ASSURANCE_HARDWARE = 0,
    ASSURANCE_MIXED = 1,
    ASSURANCE_SIMULATED = 2,
};

/* "hardware", "mixed", "simulated". */
const char *quorate_assurance_name(enum quorate_assurance a);

/* Views of QUORATE_BINDING_HASH_LEN bytes; those of a parsed one point into its bytes. */
struct quorate_binding {
    struct view epoch_id;
    size_t n_other_keys;
    struct view other_keys[QUORATE_BINDING_KEYS_MAX]; /* SHA-384 of a SubjectPublicKeyInfo */
    uint32_t threshold, total;                        /* 1 <= threshold <= total */
    enum quorate_assurance assurance;
    /* Of an attested authority; n == 0: absent. */
    struct view policy_hash; /* SHA-384 of the policy that its nodes satisfy */
    size_t n_measurements;   /* of the code that they run, as that policy lists them */
    struct view measurements[QUORATE_BINDING_MEASUREMENTS_MAX];
    struct view record_id; /* SHA-384 of the record of the ceremony that made the keys */
};

/* Appends the SEQUENCE, the content of extnValue; the keys are put into DER's order.
 * ERR_LENGTH: a hash of another length. ERR_RANGE: threshold, total or assurance is none, too
 * many keys or measurements, or a key twice. w is untouched by these. Overflow is kept in w. */
MUST_CHECK enum err quorate_binding_write(struct writer *w, const struct quorate_binding *b);

/* Parses one QuorateBinding and nothing after it. Context-tagged elements, in ascending order,
 * may follow the fields above: a later version's; they are passed over. On failure *out is all
 * zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING: the keys not in DER's order, too.
 * ERR_VERSION: not 1. ERR_LENGTH: a hash of another length. ERR_RANGE: a number or assurance
 * that is none, too many keys or measurements, no measurement in their list, or a key
 * twice. */
MUST_CHECK enum err quorate_binding_parse(struct view in, struct quorate_binding *out);

/* Whether b names the key with this hash of its SubjectPublicKeyInfo. */
bool quorate_binding_names(const struct quorate_binding *b, struct view spki_sha384);

#endif
