/* tecdsa_hash.h - the hashes of threshold ECDSA: SHAKE256 over "TECDSA384-v1" 00 tag 00 and
 * then every field with its length in four bytes, lowest first. A number is a field of one, two
 * or eight bytes, lowest first. A tag has one use and one form of fields. */
#ifndef CRYPTO_TECDSA_HASH_H
#define CRYPTO_TECDSA_HASH_H

#include "crypto/keccak/sponge.h"
#include "crypto/tecdsa/tecdsa_scalar.h"

#define TECDSA_HASH_LEN 48 /* of commitments and ids: twice the security level */

/* May hold a secret: the two ends below erase it. */
struct tecdsa_hash {
    struct sponge sponge;
};

void tecdsa_hash_start(struct tecdsa_hash *h, const char *tag);
void tecdsa_hash_field(struct tecdsa_hash *h, const void *p, size_t n);
void tecdsa_hash_number(struct tecdsa_hash *h, uint64_t number, size_t bytes);

/* A field in pieces: its whole length, then its bytes. */
void tecdsa_hash_length(struct tecdsa_hash *h, size_t n);
void tecdsa_hash_bytes(struct tecdsa_hash *h, const void *p, size_t n);

/* n bytes; Hq: 64 bytes mod n. */
void tecdsa_hash_finish(struct tecdsa_hash *h, void *out, size_t n);
void tecdsa_hash_scalar(struct tecdsa_hash *h, struct tecdsa_scalar *out);

/* Four hashes of the same tag at once, each of one field more than head says: out[i] of n bytes
 * from head, then the field last[i] of last_n bytes. What head absorbed and the last field have
 * TECDSA_HASH_HEAD_MAX bytes at most. */
#define TECDSA_HASH_HEAD_MAX 256
struct tecdsa_hash_head {
    uint8_t bytes[TECDSA_HASH_HEAD_MAX];
    size_t n;
};
void tecdsa_hash_head_start(struct tecdsa_hash_head *h, const char *tag);
void tecdsa_hash_head_field(struct tecdsa_hash_head *h, const void *p, size_t n);
void tecdsa_hash_x4(const struct tecdsa_hash_head *h, const uint8_t *const last[4],
                    size_t last_n, uint8_t *const out[4], size_t n);

#endif
