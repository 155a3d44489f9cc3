/* The certificates of RFC 9881, the SignedData of RFC 9882, and what others made of both at the
 * IETF hackathon: read by us, verified by our ML-DSA. */
#include "testing.h"

#include "crypto/hash.h"
#include "crypto/mldsa/mldsa.h"
#include "format/ber.h"
#include "format/cert_parse.h"
#include "format/cms_attrs.h"
#include "format/mldsa_pkcs8.h"
#include "format/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLES QUORATE_VECTORS "/01b-mldsa-x509-cms/"
#define ML_DSA_65_FILE "/ml-dsa-65-2.16.840.1.101.3.4.3.18_"
#define CERTS QUORATE_VECTORS "/01c-composite/hackathon_"
#define CMS QUORATE_VECTORS "/01d-mldsa-cms-hackathon/hackathon_"

static struct mldsa_public_key public_key;
static struct mldsa_private_key private_key;
static struct mldsa_key_scratch key_scratch;
static struct mldsa_verify_scratch verify_scratch;

struct bytes {
    uint8_t text[65536];
    uint8_t der[65536];
    struct view v;
};

static void read_file(const char *path, struct bytes *out)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        printf("SKIP no vectors %s\n", path);
        exit(77);
    }
    const size_t n = fread(out->text, 1, sizeof out->text, f);

    assert_int_equal(fclose(f), 0);
    assert_true(n > 0 && n < sizeof out->text);
    out->v = (struct view){out->text, n};
}

static void read_pem(const char *path, const char *label, struct bytes *out)
{
    read_file(path, out);
    struct reader r = rd_init(out->v);

    assert_int_equal(pem_parse(&r, label, out->der, sizeof out->der, &out->v), ERR_OK);
}

static const struct mldsa_params *params_of(const struct cert *c)
{
    const struct mldsa_params *params;

    assert_int_equal(cert_ml_dsa_key(&c->ids, &params), ERR_OK);
    return params;
}

static enum err verify(const struct cert *c, struct view message, struct view signature)
{
    assert_int_equal(mldsa_public_key_parse(mldsa_best(), params_of(c), c->ids.public_key,
                                            &key_scratch, &public_key),
                     ERR_OK);
    return mldsa_verify(&public_key, (struct view){NULL, 0}, message, signature,
                        &verify_scratch);
}

static void check_self_signed(struct view der, const struct mldsa_params *params)
{
    static uint8_t spoiled[65536];
    const struct mldsa_params *of_signature;
    struct cert c;

    assert_int_equal(cert_parse(der, &c), ERR_OK);
    assert_true(view_equal(c.ids.issuer, c.ids.subject));
    assert_ptr_equal(params_of(&c), params);
    assert_int_equal(cert_ml_dsa_signature(&c.ids, &of_signature), ERR_OK);
    assert_ptr_equal(of_signature, params);
    assert_int_equal(verify(&c, c.ids.tbs, c.ids.signature), ERR_OK);
    memcpy(spoiled, c.ids.tbs.p, c.ids.tbs.n);
    spoiled[c.ids.tbs.n - 1] ^= 1;
    assert_int_equal(verify(&c, (struct view){spoiled, c.ids.tbs.n}, c.ids.signature),
                     ERR_SIGNATURE);
}

static void certificates(void **state)
{
    static struct bytes b;

    (void)state;
    read_pem(EXAMPLES "rfc9881_ML-DSA-44.crt", "CERTIFICATE", &b);
    check_self_signed(b.v, &mldsa_44);
    read_pem(EXAMPLES "rfc9881_ML-DSA-65.crt", "CERTIFICATE", &b);
    check_self_signed(b.v, &mldsa_65);
    read_pem(EXAMPLES "rfc9881_ML-DSA-87.crt", "CERTIFICATE", &b);
    check_self_signed(b.v, &mldsa_87);
    read_file(CERTS "bc" ML_DSA_65_FILE "ta.der", &b);
    check_self_signed(b.v, &mldsa_65);
    read_file(CERTS "botan" ML_DSA_65_FILE "ta.der", &b);
    check_self_signed(b.v, &mldsa_65);
    read_file(CERTS "ossl35" ML_DSA_65_FILE "ta.der", &b);
    check_self_signed(b.v, &mldsa_65);
}

static void spki_as_published(void **state)
{
    static struct bytes b;
    static struct bytes spki;
    static uint8_t out[2048];
    struct writer w = wr_init(out, sizeof out);
    struct cert c;

    (void)state;
    read_pem(EXAMPLES "rfc9881_ML-DSA-65.crt", "CERTIFICATE", &b);
    read_pem(EXAMPLES "rfc9881_ML-DSA-65.pub", "PUBLIC KEY", &spki);
    assert_int_equal(cert_parse(b.v, &c), ERR_OK);
    assert_true(view_equal(c.ids.spki, spki.v));
    assert_int_equal(cert_write_spki(&w, SIGN_ML_DSA_65, c.ids.public_key), ERR_OK);
    assert_true(view_equal((struct view){out, w.len}, spki.v));
}

static void private_keys(void **state)
{
    static struct bytes b;
    static struct bytes ta;
    static uint8_t pk[MLDSA_PK_MAX];
    uint8_t seed[MLDSA_PKCS8_SEED_LEN];
    struct cert c;

    (void)state;
    read_file(CERTS "ossl35" ML_DSA_65_FILE "seed_priv.der", &b);
    assert_int_equal(mldsa_pkcs8_parse(b.v, seed), ERR_OK);
    mldsa_keygen(mldsa_best(), &mldsa_65, seed, &key_scratch, &private_key, pk, NULL);
    read_file(CERTS "ossl35" ML_DSA_65_FILE "ta.der", &ta);
    assert_int_equal(cert_parse(ta.v, &c), ERR_OK);
    assert_true(view_equal(c.ids.public_key, (struct view){pk, mldsa_65.pk_len}));
    read_file(CERTS "ossl35" ML_DSA_65_FILE "expandedkey_priv.der", &b);
    assert_int_equal(mldsa_pkcs8_parse(b.v, seed), ERR_LENGTH);
    read_file(CERTS "ossl35" ML_DSA_65_FILE "both_priv.der", &b);
    assert_int_equal(mldsa_pkcs8_parse(b.v, seed), ERR_LENGTH);
    read_file(CERTS "botan" ML_DSA_65_FILE "seed_priv.der", &b); /* an earlier draft's form */
    assert_int_equal(mldsa_pkcs8_parse(b.v, seed), ERR_LENGTH);
}

/* RFC 5652 5.4: messageDigest is of the content, the signature over SET OF the attributes. */
static void check_signed_data(struct view ber, struct view outside_cert)
{
    static uint8_t room[BER_ROOM(65536)];
    static uint8_t message[65536];
    const struct mldsa_params *params;
    struct signed_data sd;
    struct cms_attrs attrs;
    uint8_t digest[HASH_MAX];
    struct view cert = outside_cert;
    struct cert c;
    struct view der;
    uint32_t flaws = 0;

    assert_int_equal(ber_to_der(ber, room, sizeof room, &der, &flaws), ERR_OK);
    assert_int_equal(cms_parse(der, &sd), ERR_OK);
    assert_true(sd.n_signers == 1 && sd.has_content && sd.signer.signed_attrs.n > 0);
    assert_int_equal(cms_attrs_parse(sd.signer.signed_attrs, &attrs), ERR_OK);
    hash_once(HASH_SHA512, sd.content, digest);
    assert_true(view_equal(attrs.message_digest, (struct view){digest, hash_len(HASH_SHA512)}));
    if (sd.n_certificates > 0) {
        assert_int_equal(cms_certificate(&sd, 0, &cert), ERR_OK);
    }
    assert_int_equal(cert_parse(cert, &c), ERR_OK);
    assert_int_equal(mldsa_alg_read(&sd.signer.signature_alg, &params), ERR_OK);
    assert_true(params == &mldsa_65 && params_of(&c) == &mldsa_65);
    memcpy(message, sd.signer.signed_attrs.p, sd.signer.signed_attrs.n);
    message[0] = DER_SET;
    const struct view signed_bytes = {message, sd.signer.signed_attrs.n};

    assert_int_equal(verify(&c, signed_bytes, sd.signer.signature), ERR_OK);
    message[signed_bytes.n - 1] ^= 1;
    assert_int_equal(verify(&c, signed_bytes, sd.signer.signature), ERR_SIGNATURE);
}

static void signed_data(void **state)
{
    static struct bytes b;
    static struct bytes cert;

    (void)state;
    read_pem(EXAMPLES "rfc9881_ML-DSA-65.crt", "CERTIFICATE", &cert);
    read_pem(EXAMPLES "rfc9882_mldsa65-signed-attrs.pem", "CMS", &b);
    check_signed_data(b.v, cert.v);
    read_file(CMS "bc" ML_DSA_65_FILE "signed_attrs.der", &b);
    check_signed_data(b.v, cert.v);
    read_file(CMS "ossl35" ML_DSA_65_FILE "signed_attrs.der", &b);
    check_signed_data(b.v, cert.v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates),
        cmocka_unit_test(spki_as_published),
        cmocka_unit_test(private_keys),
        cmocka_unit_test(signed_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
