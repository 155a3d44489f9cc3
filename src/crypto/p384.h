/* p384.h - ECDSA over P-384 (FIPS 186-5) with nettle, on a scratch stack that is erased after
 * each use: nettle leaves the nonce on the stack that it runs on. */
#ifndef CRYPTO_P384_H
#define CRYPTO_P384_H

#include "base/bytes.h"
#include "crypto/drbg.h"

#define P384_SCALAR_LEN 48
#define P384_PUBLIC_LEN 97 /* 04 | X | Y, SEC 1 2.3.3 */
#define P384_SIG_LEN 96    /* r | s, big-endian */
#define P384_DIGEST_LEN 48

/* Signatures after which the owner of a signer should give it fresh entropy. Far below the 2^48
 * at which the DRBG refuses. */
#define P384_RESEED_AFTER 65536

/* A private key and its public key. Lives in memory that its owner has locked. */
struct p384_key {
    uint8_t d[P384_SCALAR_LEN]; /* secret, big-endian, 1 to n-1 */
    uint8_t public_key[P384_PUBLIC_LEN];
};

/* What one thread needs to sign: a scratch stack, a GMP arena and a DRBG. One signer serves one
 * thread at a time, several signers may share one key. While it works the thread runs on the
 * scratch stack: let signals go to other threads, or to an alternate stack. */
struct p384_signer;

/* Bytes of a signer, a multiple of the page size. */
size_t p384_signer_size(void);

/* Makes a signer in p384_signer_size() bytes at memory, which is page-aligned, locked and stays
 * the caller's. seed is fresh entropy; the caller wipes its copy. ERR_BUG: memory is not
 * aligned, or nettle needs more room than was set aside for it. */
MUST_CHECK enum err p384_signer_init(void *memory, const uint8_t seed[DRBG_SEED_LEN],
                                     struct p384_signer **out);

/* Mixes fresh entropy, DRBG_SEED_LEN bytes or more, into the signer's DRBG. */
void p384_signer_reseed(struct p384_signer *s, struct view entropy);

/* Erases all of the signer. s may be NULL. */
void p384_signer_wipe(struct p384_signer *s);

/* A new key from the signer's DRBG. *out is zero on failure.
 * ERR_STATE: the DRBG wants a reseed. ERR_BUG: it gave no scalar. ERR_NOSPACE: the GMP arena.
 */
MUST_CHECK enum err p384_key_generate(struct p384_signer *s, struct p384_key *out);

/* The key with the given scalar, for known answers. *out is zero on failure.
 * ERR_RANGE: 0 or not below n. ERR_NOSPACE: the GMP arena. */
MUST_CHECK enum err p384_key_from_scalar(struct p384_signer *s,
                                         const uint8_t d[P384_SCALAR_LEN],
                                         struct p384_key *out);

/* Signs a SHA-384 digest. The nonce is hedged: from the DRBG, the key and the digest, so that
 * neither a weak DRBG nor a repeated state repeats it. No allocation, no system call. Time does
 * not depend on d or on the nonce. out is zero on failure, and nothing but out and the DRBG's
 * next state is left behind. ERR_STATE: the DRBG wants a reseed. ERR_BUG: no usable nonce came,
 * or r or s was zero. */
MUST_CHECK enum err p384_sign(struct p384_signer *s, const struct p384_key *k,
                              const uint8_t digest[P384_DIGEST_LEN], uint8_t out[P384_SIG_LEN]);

/* Whether public_key is a point of the curve: ERR_ENCODING: not 04 | X | Y; ERR_RANGE: a
 * coordinate that is not below p, or not on the curve. */
MUST_CHECK enum err p384_check_public(const uint8_t public_key[P384_PUBLIC_LEN]);

/* Public inputs only; no allocation.
 * ERR_SIGNATURE: not a signature of digest by public_key, or r or s outside 1 to n-1, or one
 * from which anybody could compute d = digest / r: nettle refuses it, and no signer makes it by
 * chance. ERR_ENCODING, ERR_RANGE: the public key, as p384_check_public() says. */
MUST_CHECK enum err p384_verify(const uint8_t public_key[P384_PUBLIC_LEN],
                                const uint8_t digest[P384_DIGEST_LEN],
                                const uint8_t sig[P384_SIG_LEN]);

#endif
