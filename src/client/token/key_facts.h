/* key_facts.h - what a file of a key holds, as text and as JSON: a SubjectPublicKeyInfo of any
 * algorithm, or the private key of a test authority's ML-DSA-65 (mldsa_pkcs8.h). Of a private
 * key only the public one is shown. */
#ifndef CLIENT_TOKEN_KEY_FACTS_H
#define CLIENT_TOKEN_KEY_FACTS_H

#include "crypto/hash.h"

#include <jansson.h>
#include <stdio.h>

#define KEY_FACTS_TEXT_MAX 640 /* chars; over OID_TEXT_MAX, twice */

struct key_facts {
    bool is_private;
    char algorithm[KEY_FACTS_TEXT_MAX]; /* "ML-DSA-65", "id-ecPublicKey secp384r1" */
    size_t length;                      /* bytes of the public key */
    char sha384[2 * HASH_MAX + 1]; /* of SubjectPublicKeyInfo, as QuorateBinding names a key */
};

/* Reads PEM or DER. On failure *out is all zero. ERR_TAG: it holds no key. ERR_BAD_ALG: a
 * private key of another kind. ERR_ENCODING, ERR_LENGTH: a malformed ML-DSA key, as
 * spki_ml_dsa(). ERR_NOSPACE: no memory. */
MUST_CHECK enum err key_facts_read(struct view bytes, struct key_facts *out);

/* The name of a key's algorithm, with the one in its parameters: "id-ecPublicKey secp384r1"; of
 * a malformed ML-DSA key also what is wrong: "ML-DSA-65, malformed (length)". */
void key_facts_algorithm(struct view spki, char out[KEY_FACTS_TEXT_MAX]);

/* SHA-384 of a SubjectPublicKeyInfo in hexadecimal. */
void key_facts_hash(struct view spki, char out[2 * HASH_MAX + 1]);

void key_facts_print(const struct key_facts *f, FILE *out);

/* A new reference; NULL: no memory. */
json_t *key_facts_json(const struct key_facts *f);

#endif
