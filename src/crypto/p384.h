/* p384.h - ECDSA over P-384 (FIPS 186-5) with nettle, on a scratch stack that is erased after each use. */
#ifndef CRYPTO_P384_H
#define CRYPTO_P384_H

#include "base/bytes.h"
#include "crypto/drbg.h"

#define P384_SCALAR_LEN 48
#define P384_PUBLIC_LEN 97 /* 04 | X | Y */
#define P384_SIG_LEN 96    /* r | s, big-endian */
#define P384_DIGEST_LEN 48

/* A private key and its public key. Lives in memory that its owner has locked. */
struct p384_key {
    uint8_t d[P384_SCALAR_LEN]; /* secret, big-endian, 1 to n-1 */
    uint8_t public_key[P384_PUBLIC_LEN];
};

/* What one thread needs to sign: a scratch stack (nettle leaves the nonce on the stack it runs on) and a DRBG. The
 * caller owns the memory, locked and not dumped; one signer serves one thread at a time. */
struct p384_signer;
size_t p384_signer_size(void); /* bytes, a multiple of the page size */
MUST_CHECK enum err p384_signer_init(void *memory, const uint8_t seed[DRBG_SEED_LEN], struct p384_signer **out);
void p384_signer_wipe(struct p384_signer *s);

/* A new key from the signer's DRBG. ERR_BUG: the DRBG or nettle failed; *out is zero. */
MUST_CHECK enum err p384_key_generate(struct p384_signer *s, struct p384_key *out);
/* The key with the given scalar, for known answers. ERR_RANGE: 0 or not below n. */
MUST_CHECK enum err p384_key_from_scalar(struct p384_signer *s, const uint8_t d[P384_SCALAR_LEN], struct p384_key *out);

/* Signs a SHA-384 digest. The nonce is hedged: from the DRBG, the key and the digest, so neither a weak DRBG nor a
 * repeated state repeats it. No allocation. Time does not depend on d or the nonce.
 * ERR_BUG: r or s came out zero; out is zero. */
MUST_CHECK enum err p384_sign(struct p384_signer *s, const struct p384_key *k, const uint8_t digest[P384_DIGEST_LEN],
                              uint8_t out[P384_SIG_LEN]);

/* ERR_SIGNATURE: not a signature of digest by public_key. ERR_RANGE: no point of the curve. Public inputs only. */
MUST_CHECK enum err p384_verify(const uint8_t public_key[P384_PUBLIC_LEN], const uint8_t digest[P384_DIGEST_LEN],
                                const uint8_t sig[P384_SIG_LEN]);

#endif
