/* oid.h - object identifiers: our own arc, dotted text, and the ones that tokens and
 * certificates name. */
#ifndef FORMAT_OID_H
#define FORMAT_OID_H

#include "format/der.h"

/* Until an enterprise number is registered: the documentation number of RFC 5612. */
#define OID_ARC "1.3.6.1.4.1.32473.3161"
#define OID_POLICY_CLASSIC OID_ARC ".1.1"
#define OID_POLICY_PQ OID_ARC ".1.2"
#define OID_POLICY_HYBRID OID_ARC ".1.3"
#define OID_POLICY_EVIDENCE OID_ARC ".1.4" /* archive time-stamps: no client may request it */
#define OID_POLICY_DUAL OID_ARC ".1.5"
#define OID_POLICY_CLASSIC_SIMULATED OID_ARC ".1.91"
#define OID_POLICY_PQ_SIMULATED OID_ARC ".1.92"
#define OID_POLICY_HYBRID_SIMULATED OID_ARC ".1.93"
#define OID_POLICY_EVIDENCE_SIMULATED OID_ARC ".1.94"
/* Of several cores that make the classic signature each alone. */
#define OID_POLICY_CLASSIC_SINGLE_SIMULATED OID_ARC ".1.95"
#define OID_POLICY_HYBRID_SINGLE_SIMULATED OID_ARC ".1.96"
#define OID_POLICY_DUAL_SIMULATED OID_ARC ".1.97"
#define OID_BINDING OID_ARC ".2.1" /* quorate_binding.h */

/* Chars of the dotted text of a DER_OID_MAX body, with its zero byte. */
#define OID_TEXT_MAX 264

enum oid_id {
    OID_NONE = 0,
    /* content types, RFC 5652 */
    OID_DATA,
    OID_SIGNED_DATA,
    OID_CT_TST_INFO,
    /* attributes */
    OID_CONTENT_TYPE,
    OID_MESSAGE_DIGEST,
    OID_SIGNING_TIME,
    OID_SIGNING_CERTIFICATE,
    OID_SIGNING_CERTIFICATE_V2,
    OID_ALGORITHM_PROTECTION,
    OID_ER_INTERNAL,
    OID_MULTIPLE_SIGNATURES,
    /* digests */
    OID_MD5,
    OID_SHA1,
    OID_SHA224,
    OID_SHA256,
    OID_SHA384,
    OID_SHA512,
    OID_SHA3_256,
    OID_SHA3_384,
    OID_SHA3_512,
    /* keys and signatures */
    OID_RSA_ENCRYPTION,
    OID_RSA_SHA1,
    OID_RSA_SHA256,
    OID_RSA_SHA384,
    OID_RSA_SHA512,
    OID_RSA_PSS,
    OID_EC_PUBLIC_KEY,
    OID_ECDSA_SHA1,
    OID_ECDSA_SHA224,
    OID_ECDSA_SHA256,
    OID_ECDSA_SHA384,
    OID_ECDSA_SHA512,
    OID_ED25519,
    OID_ML_DSA_44,
    OID_ML_DSA_65,
    OID_ML_DSA_87,
    OID_SECP256R1,
    OID_SECP384R1,
    OID_SECP521R1,
    /* certificate extensions */
    OID_SUBJECT_KEY_ID,
    OID_KEY_USAGE,
    OID_PRIVATE_KEY_USAGE_PERIOD,
    OID_SUBJECT_ALT_NAME,
    OID_BASIC_CONSTRAINTS,
    OID_AUTHORITY_KEY_ID,
    OID_EXT_KEY_USAGE,
    OID_KP_TIME_STAMPING,
    /* policies and statements */
    OID_BTSP_POLICY,
    OID_QTST_STATEMENT,
    OID_OUR_CLASSIC,
    OID_OUR_PQ,
    OID_OUR_HYBRID,
    OID_OUR_EVIDENCE,
    OID_OUR_DUAL,
    OID_OUR_CLASSIC_SIMULATED,
    OID_OUR_PQ_SIMULATED,
    OID_OUR_HYBRID_SIMULATED,
    OID_OUR_EVIDENCE_SIMULATED,
    OID_OUR_CLASSIC_SINGLE_SIMULATED,
    OID_OUR_HYBRID_SINGLE_SIMULATED,
    OID_OUR_DUAL_SIMULATED,
    OID_OUR_BINDING,
    OID_ID_COUNT,
};

/* OID body of a row; n == 0 for OID_NONE and for a number that is no row. */
struct view oid_body(enum oid_id id);

/* The row with that body; else OID_NONE. */
enum oid_id oid_find(struct view body);

/* The standard's name of a row ("id-ct-TSTInfo"); "" for OID_NONE. */
const char *oid_name(enum oid_id id);

/* Whether the OID lies under OID_ARC ".1.91" to ".1.97": policies of a simulated authority. */
bool oid_is_simulated_policy(struct view body);

/* Writes the dotted text and a zero byte; out holds OID_TEXT_MAX.
 * ERR_ENCODING: der_oid_check() refuses body. ERR_RANGE: an arc over 2^64 - 1, over DER_OID_MAX
 * bytes. out is "" then.
 */
MUST_CHECK enum err oid_to_text(struct view body, char out[OID_TEXT_MAX]);

#endif
