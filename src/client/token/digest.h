/* digest.h - hashes of other authorities' tokens by object identifier, SHA-1 included: for
 * reading only. */
#ifndef CLIENT_TOKEN_DIGEST_H
#define CLIENT_TOKEN_DIGEST_H

#include "base/bytes.h"

#define DIGEST_MAX 64 /* bytes of the longest digest */

struct digest_alg {
    const char *name; /* "sha256", as openssl dgst spells it */
    size_t len;       /* bytes */
    bool weak;        /* collisions are practical: SHA-1 */
    const char *evp;  /* OpenSSL's name */
    struct view oid;  /* body of the OBJECT IDENTIFIER */
};

/* NULL: not an algorithm that is read here. */
const struct digest_alg *digest_by_oid(struct view oid_body);

/* By any spelling that hash_by_name() takes, and "sha1"; NULL: unknown. */
const struct digest_alg *digest_by_name(const char *name);

/* Writes alg->len bytes. ERR_NOSPACE: no memory. */
MUST_CHECK enum err digest_once(const struct digest_alg *alg, struct view in, uint8_t *out);

/* The same in pieces; on the heap. ERR_NOSPACE: no memory. */
struct digest_state;
MUST_CHECK enum err digest_new(const struct digest_alg *alg, struct digest_state **out);
void digest_take(void *state, const void *p, size_t n); /* as a file_sink wants it */
MUST_CHECK enum err digest_final(struct digest_state *s, uint8_t *out);
void digest_free(struct digest_state *s);

#endif
