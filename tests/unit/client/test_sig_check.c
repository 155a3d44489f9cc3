#include "testing.h"

#include "client/kit/openssl.h"
#include "client/verify/sig_check.h"

#include <string.h>

static const uint8_t text[] = "signed attributes";
static const struct view message = {text, sizeof text - 1};

struct signer {
    const char *name;
    EVP_PKEY *key;
    const char *md; /* NULL: Ed25519 */
    bool pss;
    int salt_len;
};

/* Signs, and gives the AlgorithmIdentifier that X.509 would use. */
static void sign(const struct signer *s, uint8_t *sig, size_t *n, struct view *alg)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;

    assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, s->md, NULL, NULL, s->key, NULL), 1);
    if (s->pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, s->salt_len), 1);
    }
    assert_int_equal(EVP_DigestSign(ctx, sig, n, message.p, message.n), 1);
    EVP_MD_CTX_free(ctx);

    /* A certificate request signed the same way carries the identifier. */
    X509_REQ *req = X509_REQ_new();
    const X509_ALGOR *algor = NULL;
    unsigned char *der = NULL;

    ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, s->md, NULL, NULL, s->key, NULL), 1);
    if (s->pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, s->salt_len), 1);
    }
    assert_int_equal(X509_REQ_set_pubkey(req, s->key), 1);
    assert_true(X509_REQ_sign_ctx(req, ctx) > 0);
    X509_REQ_get0_signature(req, NULL, &algor);
    const int len = i2d_X509_ALGOR(algor, &der);

    assert_true(len > 0);
    *alg = (struct view){der, (size_t)len};
    X509_REQ_free(req);
    EVP_MD_CTX_free(ctx);
}

static void verifies_what_openssl_signs(void **state)
{
    EVP_PKEY *rsa = EVP_RSA_gen(2048);
    EVP_PKEY *p256 = EVP_EC_gen("P-256");
    EVP_PKEY *brainpool = EVP_EC_gen("brainpoolP384r1");
    EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    const struct signer signers[] = {
        {"RSA-SHA256", rsa, "SHA256", false, 0},
        {"RSA-SHA1", rsa, "SHA1", false, 0},
        {"RSASSA-PSS", rsa, "SHA256", true, 32},
        {"RSASSA-PSS", rsa, "SHA512", true, 20},
        {"RSASSA-PSS", rsa, "SHA1", true, 20},
        {"ecdsa-with-SHA256", p256, "SHA256", false, 0},
        {"ecdsa-with-SHA512", brainpool, "SHA512", false, 0},
        {"ED25519", ed, NULL, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof signers / sizeof signers[0]; i++) {
        uint8_t sig[512];
        size_t n = sizeof sig;
        struct view der;
        struct sig_alg alg;

        sign(&signers[i], sig, &n, &der);
        assert_int_equal(sig_alg_read(der, digest_by_name("sha512"), &alg), ERR_OK);
        assert_string_equal(alg.name, signers[i].name);
        assert_int_equal(sig_check(signers[i].key, &alg, message, (struct view){sig, n}),
                         ERR_OK);

        /* another message, another signature, another key */
        assert_int_equal(sig_check(signers[i].key, &alg, (struct view){text, sizeof text - 2},
                                   (struct view){sig, n}),
                         ERR_SIGNATURE);
        sig[n / 2] ^= 1;
        assert_int_equal(sig_check(signers[i].key, &alg, message, (struct view){sig, n}),
                         ERR_SIGNATURE);
        sig[n / 2] ^= 1;
        assert_int_equal(
            sig_check(signers[i].key == rsa ? p256 : rsa, &alg, message, (struct view){sig, n}),
            ERR_SIGNATURE);
        assert_int_equal(sig_check(signers[i].key, &alg, message, (struct view){sig, n - 1}),
                         ERR_SIGNATURE);
        /* every prefix of the identifier */
        for (size_t k = 0; k < der.n; k++) {
            assert_int_equal(sig_alg_read((struct view){der.p, k}, NULL, &alg), ERR_ENCODING);
        }
        OPENSSL_free((void *)(uintptr_t)der.p);
    }
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(brainpool);
    EVP_PKEY_free(ed);
}

static void bare_key_algorithms_take_the_signers_digest(void **state)
{
    static const uint8_t rsa_encryption[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                             0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    struct sig_alg alg;

    (void)state;
    assert_int_equal(sig_alg_read((struct view){rsa_encryption, sizeof rsa_encryption},
                                  digest_by_name("sha384"), &alg),
                     ERR_OK);
    assert_int_equal(alg.kind, SIG_RSA);
    assert_string_equal(alg.digest->name, "sha384");
}

static void reads_ml_dsa(void **state)
{
    uint8_t bytes[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                       0x65, 0x03, 0x04, 0x03, 0x11, 0x05, 0x00};
    const struct view absent = {bytes, 13};
    struct sig_alg alg;

    (void)state;
    assert_int_equal(sig_alg_read(absent, digest_by_name("sha512"), &alg), ERR_OK);
    assert_true(alg.kind == SIG_ML_DSA && alg.ml_dsa == &mldsa_44);
    assert_string_equal(alg.name, "id-ml-dsa-44");
    bytes[12]++;
    assert_int_equal(sig_alg_read(absent, digest_by_name("sha512"), &alg), ERR_OK);
    assert_ptr_equal(alg.ml_dsa, &mldsa_65);
    assert_string_equal(alg.digest->name, "sha512");
    bytes[12]++;
    assert_int_equal(sig_alg_read(absent, digest_by_name("sha512"), &alg), ERR_OK);
    assert_ptr_equal(alg.ml_dsa, &mldsa_87);
    bytes[1] = 13; /* NULL parameters */
    assert_int_equal(sig_alg_read((struct view){bytes, 15}, digest_by_name("sha512"), &alg),
                     ERR_ENCODING);
}

static void says_which_algorithm_is_not_supported(void **state)
{
    static const uint8_t hash_ml_dsa[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                          0x01, 0x65, 0x03, 0x04, 0x03, 0x21};
    static const uint8_t dsa_sha256[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                         0x01, 0x65, 0x03, 0x04, 0x03, 0x02};
    static const uint8_t pss_without_params[] = {0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48,
                                                 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a};
    struct sig_alg alg;

    (void)state;
    assert_int_equal(sig_alg_read((struct view){hash_ml_dsa, sizeof hash_ml_dsa}, NULL, &alg),
                     ERR_BAD_ALG);
    assert_string_equal(alg.name, "2.16.840.1.101.3.4.3.33");
    assert_int_equal(sig_alg_read((struct view){dsa_sha256, sizeof dsa_sha256}, NULL, &alg),
                     ERR_BAD_ALG);
    assert_int_equal(
        sig_alg_read((struct view){pss_without_params, sizeof pss_without_params}, NULL, &alg),
        ERR_ENCODING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_what_openssl_signs),
        cmocka_unit_test(bare_key_algorithms_take_the_signers_digest),
        cmocka_unit_test(reads_ml_dsa),
        cmocka_unit_test(says_which_algorithm_is_not_supported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
