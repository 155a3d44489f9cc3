/* csr_kit.h - certificate requests for tests, as a core of epoch 0xe0.. makes them. A key is
 * named by one byte, its seed; all are made here and worth nothing. */
#ifndef TESTS_CSR_KIT_H
#define TESTS_CSR_KIT_H

#include "testing.h"

#include "crypto/hash.h"
#include "crypto/p384.h"
#include "format/csr.h"
#include "format/csr_info.h"
#include "format/pem.h"

#include <stdlib.h>
#include <string.h>

#define CSR_KIT_PK_MAX 1952

struct csr_kit_key {
    enum sign_alg alg;
    uint8_t public_key[CSR_KIT_PK_MAX];
    struct p384_signer *signer;
    struct p384_key classic;
    struct mldsa_private_key pq;
    struct mldsa_key_scratch key_scratch;
    struct mldsa_sign_scratch sign_scratch;
};

static inline struct csr_kit_key *csr_kit_key_new(enum sign_alg alg, uint8_t seed)
{
    const uint8_t drbg_seed[DRBG_SEED_LEN] = {seed};
    uint8_t xi[MLDSA_SEED_LEN];
    const size_t size = (sizeof(struct csr_kit_key) + 63) / 64 * 64;
    struct csr_kit_key *k = aligned_alloc(64, size);

    assert_non_null(k);
    memset(k, 0, size);
    k->alg = alg;
    if (alg == SIGN_ML_DSA_65) {
        memset(xi, seed, sizeof xi);
        mldsa_keygen(mldsa_best(), &mldsa_65, xi, &k->key_scratch, &k->pq, k->public_key, NULL);
        return k;
    }
    void *memory = aligned_alloc(4096, p384_signer_size());

    assert_non_null(memory);
    assert_int_equal(p384_signer_init(memory, drbg_seed, &k->signer), ERR_OK);
    assert_int_equal(p384_key_generate(k->signer, &k->classic), ERR_OK);
    memcpy(k->public_key, k->classic.public_key, P384_PUBLIC_LEN);
    return k;
}

static inline void csr_kit_key_free(struct csr_kit_key *k)
{
    free(k->signer); /* at the start of its memory */
    free(k);
}

static inline struct view csr_kit_public(const struct csr_kit_key *k)
{
    return (struct view){k->public_key,
                         k->alg == SIGN_ML_DSA_65 ? CSR_KIT_PK_MAX : (size_t)P384_PUBLIC_LEN};
}

/* The info of a key; named: the public key that it names, which need not be signer's. */
static inline struct view csr_kit_info(enum sign_alg alg, struct view named, uint8_t *out)
{
    uint8_t epoch_id[CSR_INFO_EPOCH_LEN];
    struct writer w = wr_init(out, CSR_INFO_MAX);
    struct view v;

    memset(epoch_id, 0xe0, sizeof epoch_id);
    const struct csr_fields f = {alg, CSR_SUBJECT_TSA, epoch_id, named};

    assert_int_equal(csr_info_write(&w, &f), ERR_OK);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

/* Appends the request for the key that info names, signed by k. */
static inline void csr_kit_sign(struct csr_kit_key *k, struct view info, struct writer *w)
{
    static const uint8_t rnd[MLDSA_SEED_LEN];
    uint8_t digest[HASH_MAX];
    uint8_t sig[4096];
    struct view signature = {sig, P384_SIG_LEN};

    if (k->alg == SIGN_ML_DSA_65) {
        signature.n = mldsa_65.sig_len;
        assert_int_equal(
            mldsa_sign(&k->pq, (struct view){NULL, 0}, info, rnd, &k->sign_scratch, sig),
            ERR_OK);
    } else {
        hash_once(HASH_SHA384, info, digest);
        assert_int_equal(p384_sign(k->signer, &k->classic, digest, sig), ERR_OK);
    }
    assert_int_equal(csr_write(w, info, k->alg, signature), ERR_OK);
    assert_false(w->full);
}

/* A whole good request, DER; out holds CSR_MAX. */
static inline struct view csr_kit_der(enum sign_alg alg, uint8_t seed, uint8_t *out)
{
    struct csr_kit_key *k = csr_kit_key_new(alg, seed);
    struct writer w = wr_init(out, CSR_MAX);
    uint8_t info[CSR_INFO_MAX];

    csr_kit_sign(k, csr_kit_info(alg, csr_kit_public(k), info), &w);
    csr_kit_key_free(k);
    return (struct view){out, w.len};
}

/* Appends it in PEM. */
static inline void csr_kit_pem(enum sign_alg alg, uint8_t seed, struct writer *w)
{
    uint8_t der[CSR_MAX];

    pem_write(w, CSR_PEM_LABEL, csr_kit_der(alg, seed, der));
    assert_false(w->full);
}

#endif
