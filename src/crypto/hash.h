/* hash.h - SHA-2 (FIPS 180-4), SHA-3 and SHAKE256 (FIPS 202), by nettle. */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "base/bytes.h"

#include <nettle/sha2.h>
#include <nettle/sha3.h>

/* The numbers stand in wire/ frames and in the journal: never reused. */
enum hash_alg {
    HASH_NONE = 0,
    HASH_SHA256 = 1,
    HASH_SHA384 = 2,
    HASH_SHA512 = 3,
    HASH_SHA3_256 = 4,
    HASH_SHA3_384 = 5,
    HASH_SHA3_512 = 6,
};

#define HASH_MAX 64 /* bytes of the longest digest */

struct hash_state {
    enum hash_alg alg;
    union {
        struct sha256_ctx sha256;
        struct sha512_ctx sha512;
        struct sha3_256_ctx sha3_256;
        struct sha3_384_ctx sha3_384;
        struct sha3_512_ctx sha3_512;
    } u;
};

/* Bytes of a digest; 0 for HASH_NONE and for a number that is no algorithm. */
size_t hash_len(enum hash_alg alg);

/* "sha256", "sha3-256", as openssl dgst spells them; "none". */
const char *hash_name(enum hash_alg alg);

/* The algorithm of that name ("sha256", "SHA256", "sha-256", "sha3-256"); else HASH_NONE. */
enum hash_alg hash_by_name(const char *name);

/* alg must be an algorithm, not HASH_NONE. */
void hash_init(struct hash_state *s, enum hash_alg alg);
void hash_update(struct hash_state *s, const void *p, size_t n);

/* One field of a hash over several: its length as LE32, then its bytes. p may be NULL if n ==
 * 0.
 */
void hash_update_field(struct hash_state *s, const void *p, size_t n);

/* Writes hash_len() bytes and starts anew. */
void hash_final(struct hash_state *s, uint8_t *out);

void hash_once(enum hash_alg alg, struct view in, uint8_t *out);

/* SHAKE256 of the bytes given to update, out_len bytes of it. The state starts anew. */
struct shake256 {
    struct sha3_256_ctx ctx;
};
void shake256_init(struct shake256 *s);
void shake256_update(struct shake256 *s, const void *p, size_t n);
void shake256_update_field(struct shake256 *s, const void *p, size_t n); /* as above */
void shake256_final(struct shake256 *s, uint8_t *out, size_t out_len);

#endif
