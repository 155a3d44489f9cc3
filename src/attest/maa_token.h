/* maa_token.h - tokens of Microsoft Azure Attestation: JSON Web Tokens (RFC 7519) signed with
 * RS256 (RFC 7515, RFC 7518 3.3). The service verifies evidence too, and says what it found; a
 * token is another's word beside ours, never in its place. Keys come from the caller; where a
 * token says that they are found is not read. */
#ifndef ATTEST_MAA_TOKEN_H
#define ATTEST_MAA_TOKEN_H

#include "attest/attest_fault.h"
#include "crypto/rsa_2048.h"
#include "format/json.h"

#define MAA_KEYS_MAX 8       /* keys of one set that are of use */
#define MAA_KID_MAX 128      /* bytes of a key's name */
#define MAA_CERT_MAX 8192    /* bytes: those of the service hold evidence of its own */
#define MAA_TOKEN_MAX 16384  /* characters: real ones have 2,000 to 10,000 */
#define MAA_HEADER_MAX 1024  /* bytes of a token's header */
#define MAA_CLAIMS_MAX 12288 /* bytes of what it says */

struct maa_key {
    size_t kid_len;
    uint8_t kid[MAA_KID_MAX];
    uint8_t modulus[RSA_2048_LEN]; /* exponent 65537 */
};

struct maa_keys {
    size_t n;
    struct maa_key keys[MAA_KEYS_MAX];
};

/* Reads a JWK set (RFC 7517 5). A key is n and e, or the first certificate of x5c, which nobody
 * verifies here: the caller knows whose set this is. What is not RSA of 2048 bits is passed
 * over. On failure *out is all zero. ATTEST_MAA_KEYS: no such set; a key without a name, or
 * with one over MAA_KID_MAX; two of one name; over MAA_KEYS_MAX; none that is of use. */
MUST_CHECK enum attest_fault maa_keys_parse(struct view json, struct maa_keys *out);

/* What a token says whose signature was verified. Not to be copied: claims points into it. */
struct maa_token {
    struct json_value claims; /* an object */
    int64_t issued_s, from_s, until_s;
    uint8_t payload[MAA_CLAIMS_MAX];
};

/* Verifies a token at at_s, of that issuer. On failure *out is all zero. In this order:
 *
 * ATTEST_MAA_FORM: over MAA_TOKEN_MAX; not three parts of base64url; over MAA_HEADER_MAX,
 * MAA_CLAIMS_MAX. ATTEST_MAA_HEADER: no JSON object; something critical (RFC 7515 4.1.11); a
 * typ that is not JWT. ATTEST_MAA_ALGORITHM: not RS256. ATTEST_MAA_KID: no key of that name.
 * ATTEST_MAA_SIGNATURE. ATTEST_MAA_CLAIMS: no JSON object, or without iss, iat, nbf, exp.
 * ATTEST_MAA_ISSUER: another, or none is expected. ATTEST_MAA_TIME: issued or valid from later,
 * or over. */
MUST_CHECK enum attest_fault maa_token_verify(struct view token, const struct maa_keys *keys,
                                              struct view issuer, int64_t at_s,
                                              struct maa_token *out);

#endif
