#include "testing.h"

#include "crypto/hash.h"
#include "host/chain/tsa_chain.h"

#define ERR_STATE openssl_err_state
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#include <string.h>

#define NOW_S 1795000000 /* 2026-11-18 */
#define TEXT_MAX 70000

/* What a certificate of these tests differs in; NULL: left out. */
struct spec {
    const char *subject, *issuer;
    EVP_PKEY *key, *signer;
    const char *eku, *usage, *basic;
    const char *serial; /* hex */
    int64_t from_s, to_s;
};

static EVP_PKEY *root_key;
static EVP_PKEY *core_key;
static uint8_t point[P384_PUBLIC_LEN];
static struct tsa_chain chain;

static int set_up(void **state)
{
    size_t n = 0;

    (void)state;
    root_key = EVP_EC_gen("P-384");
    core_key = EVP_EC_gen("P-384");
    assert_int_equal(EVP_PKEY_get_octet_string_param(core_key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                     sizeof point, &n),
                     1);
    assert_int_equal(n, sizeof point);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(root_key);
    EVP_PKEY_free(core_key);
    return 0;
}

static struct spec root_spec(void)
{
    return (struct spec){.subject = "root",
                         .issuer = "root",
                         .key = root_key,
                         .signer = root_key,
                         .usage = "critical,keyCertSign",
                         .basic = "critical,CA:TRUE",
                         .serial = "01",
                         .from_s = NOW_S - 1000,
                         .to_s = NOW_S + 1000};
}

static struct spec leaf_spec(void)
{
    return (struct spec){.subject = "tsa",
                         .issuer = "root",
                         .key = core_key,
                         .signer = root_key,
                         .eku = "critical,timeStamping",
                         .usage = "critical,digitalSignature",
                         .serial = "0102030405060708090a0b0c0d0e0f1011121314",
                         .from_s = NOW_S - 1000,
                         .to_s = NOW_S + 1000};
}

static void extend(X509 *cert, int nid, const char *value)
{
    if (value != NULL) {
        X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

        assert_non_null(ext);
        assert_int_equal(X509_add_ext(cert, ext, -1), 1);
        X509_EXTENSION_free(ext);
    }
}

static void name(X509_NAME *to, const char *text)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)text, -1, -1, 0),
                     1);
}

static X509 *make(const struct spec *s)
{
    X509 *cert = X509_new();
    BIGNUM *serial = NULL;

    assert_int_not_equal(BN_hex2bn(&serial, s->serial), 0);
    assert_non_null(BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert)));
    BN_free(serial);
    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    name(X509_get_subject_name(cert), s->subject);
    name(X509_get_issuer_name(cert), s->issuer);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)s->from_s));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)s->to_s));
    assert_int_equal(X509_set_pubkey(cert, s->key), 1);
    extend(cert, NID_ext_key_usage, s->eku);
    extend(cert, NID_key_usage, s->usage);
    extend(cert, NID_basic_constraints, s->basic);
    assert_true(X509_sign(cert, s->signer, EVP_sha384()) > 0);
    return cert;
}

/* The chain of n specs in PEM. */
static struct view pem_of(const struct spec *specs, size_t n)
{
    static uint8_t text[TEXT_MAX];
    BIO *bio = BIO_new(BIO_s_mem());
    char *at = NULL;

    for (size_t i = 0; i < n; i++) {
        X509 *cert = make(&specs[i]);

        assert_int_equal(PEM_write_bio_X509(bio, cert), 1);
        X509_free(cert);
    }
    const long len = BIO_get_mem_data(bio, &at);

    assert_true(len >= 0 && len < TEXT_MAX);
    memcpy(text, at, (size_t)len);
    BIO_free(bio);
    return (struct view){text, (size_t)len};
}

static enum err parse(struct view pem)
{
    char why[TSA_CHAIN_WHY_MAX];
    const enum err e = tsa_chain_parse(pem, KEY_CLASSIC, NOW_S, &chain, why);

    if (e == ERR_OK) {
        assert_string_equal(why, "");
    } else {
        assert_true(strlen(why) > 0);
        assert_int_equal(chain.n, 0);
        assert_int_equal(chain.pem_chain.n, 0);
        assert_int_equal(chain.certificates.n, 0);
    }
    return e;
}

static enum err parse_leaf(const struct spec *leaf)
{
    const struct spec specs[] = {*leaf, root_spec()};

    return parse(pem_of(specs, 2));
}

static void gives_what_core_and_tokens_need(void **state)
{
    const struct spec specs[] = {leaf_spec(), root_spec()};
    uint8_t hash[32];
    uint8_t *der = NULL;

    (void)state;
    const struct view pem = pem_of(specs, 2);

    assert_int_equal(parse(pem), ERR_OK);
    assert_int_equal(chain.n, 2);
    assert_true(chain.has_root);
    assert_memory_equal(chain.public_key.p, point, sizeof point);
    assert_int_equal(chain.activation.serial.n, 20);
    assert_int_equal(chain.activation.serial.p[0], 1);
    assert_int_equal(chain.activation.serial.p[19], 0x14);
    assert_true(view_equal(chain.pem_chain, pem));
    assert_int_equal(chain.pem_leaf.n + chain.pem_ca.n, pem.n);
    assert_int_equal(chain.not_before_s, NOW_S - 1000);
    assert_int_equal(chain.not_after_s, NOW_S + 1000);

    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    const int len = i2d_X509(leaf, &der);

    /* without the root, which who trusts it has */
    assert_true(view_equal(chain.certificates, (struct view){der, (size_t)len}));
    hash_once(HASH_SHA256, (struct view){der, (size_t)len}, hash);
    assert_memory_equal(chain.activation.cert_hash, hash, sizeof hash);
    OPENSSL_free(der);
    der = NULL;
    const int name_len = i2d_X509_NAME(X509_get_issuer_name(leaf), &der);

    assert_true(view_equal(chain.activation.issuer, (struct view){der, (size_t)name_len}));
    OPENSSL_free(der);
    X509_free(leaf);
    BIO_free(bio);
    uint8_t activation[ACTIVATION_HASH_LEN];

    activation_hash(&chain.activation, activation);
    assert_memory_equal(chain.activation_hash, activation, sizeof activation);
}

static void writes_certificates_alone(void **state)
{
    static uint8_t text[TEXT_MAX];
    static const char before[] = "subject=CN = tsa\n";
    const struct spec specs[] = {leaf_spec(), root_spec()};
    const struct view pem = pem_of(specs, 2);
    struct writer w = wr_init(text, sizeof text);
    struct view all;

    (void)state;
    wr_bytes(&w, before, strlen(before));
    wr_view(&w, pem);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    assert_int_equal(parse(all), ERR_OK);
    assert_int_equal(chain.pem_chain.n, pem.n);
}

static void key_must_be_p384(void **state)
{
    struct spec leaf = leaf_spec();
    EVP_PKEY *other = EVP_EC_gen("P-256");

    (void)state;
    leaf.key = other;
    assert_int_equal(parse_leaf(&leaf), ERR_EVIDENCE);
    EVP_PKEY_free(other);
}

static void usage_must_be_time_stamping_alone(void **state)
{
    static const char *const ekus[] = {NULL, "timeStamping", "critical,serverAuth",
                                       "critical,timeStamping,codeSigning"};
    static const char *const usages[] = {NULL, "digitalSignature", "critical,nonRepudiation",
                                         "critical,digitalSignature,keyCertSign"};

    (void)state;
    for (size_t i = 0; i < sizeof ekus / sizeof ekus[0]; i++) {
        struct spec leaf = leaf_spec();

        leaf.eku = ekus[i];
        assert_int_equal(parse_leaf(&leaf), ERR_EVIDENCE);
    }
    for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++) {
        struct spec leaf = leaf_spec();

        leaf.usage = usages[i];
        assert_int_equal(parse_leaf(&leaf), ERR_EVIDENCE);
    }
    struct spec both = leaf_spec();

    both.usage = "critical,digitalSignature,nonRepudiation";
    assert_int_equal(parse_leaf(&both), ERR_OK);
}

static void serial_and_issuer_must_fit_a_core(void **state)
{
    static const char *const serials[] = {"00", "-01",
                                          "010203040506070809101112131415161718192021"};
    char long_name[64];
    struct spec leaf = leaf_spec();

    (void)state;
    for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
        leaf = leaf_spec();
        leaf.serial = serials[i];
        assert_int_equal(parse_leaf(&leaf), ERR_EVIDENCE);
    }
    leaf = leaf_spec();
    leaf.serial = "7f";
    assert_int_equal(parse_leaf(&leaf), ERR_OK);
    assert_int_equal(chain.activation.serial.n, 1);
    memset(long_name, 'n', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    leaf.issuer = long_name;
    struct spec root = root_spec();

    root.subject = root.issuer = long_name;
    const struct spec specs[] = {leaf, root};

    assert_int_equal(parse(pem_of(specs, 2)), ERR_OK);
}

static void order_and_signatures_are_checked(void **state)
{
    const struct spec alone[] = {leaf_spec()};
    struct spec forged[] = {leaf_spec(), root_spec()};
    struct spec no_ca[] = {leaf_spec(), root_spec()};
    const struct spec twice[] = {leaf_spec(), root_spec(), root_spec()};

    (void)state;
    assert_int_equal(parse(pem_of(alone, 1)), ERR_OK);
    assert_false(chain.has_root);
    forged[0].signer = core_key;
    assert_int_equal(parse(pem_of(forged, 2)), ERR_EVIDENCE);
    no_ca[1].basic = "critical,CA:FALSE";
    no_ca[1].usage = NULL;
    assert_int_equal(parse(pem_of(no_ca, 2)), ERR_EVIDENCE);
    /* a root is issued by itself: harmless */
    assert_int_equal(parse(pem_of(twice, 3)), ERR_OK);
}

static void must_be_valid_now(void **state)
{
    struct spec late[] = {leaf_spec(), root_spec()};
    struct spec early[] = {leaf_spec(), root_spec()};

    (void)state;
    late[1].to_s = NOW_S - 1;
    assert_int_equal(parse(pem_of(late, 2)), ERR_TIME);
    early[0].from_s = NOW_S + 10;
    assert_int_equal(parse(pem_of(early, 2)), ERR_TIME);
}

static void text_that_is_no_chain_is_refused(void **state)
{
    static uint8_t big[TSA_CHAIN_PEM_MAX + 1];
    static uint8_t cut[TEXT_MAX];
    const struct spec specs[] = {leaf_spec(), root_spec()};
    struct spec many[TSA_CHAIN_CERTS_MAX + 1];

    (void)state;
    assert_int_equal(parse((struct view){NULL, 0}), ERR_ENCODING);
    assert_int_equal(parse((struct view){(const uint8_t *)"no", 2}), ERR_ENCODING);
    assert_int_equal(parse((struct view){big, sizeof big}), ERR_NOSPACE);
    const struct view pem = pem_of(specs, 2);

    memcpy(cut, pem.p, pem.n);
    assert_int_equal(parse(pem), ERR_OK);
    const size_t leaf_n = chain.pem_leaf.n;

    for (size_t n = 0; n + 1 < leaf_n; n += 7) {
        assert_int_not_equal(parse((struct view){cut, n}), ERR_OK);
    }
    /* a second one that is damaged is not passed over */
    assert_int_equal(parse((struct view){cut, pem.n - 40}), ERR_ENCODING);
    cut[leaf_n + 100] = '*';
    assert_int_equal(parse((struct view){cut, pem.n}), ERR_ENCODING);
    for (size_t i = 0; i < TSA_CHAIN_CERTS_MAX + 1; i++) {
        many[i] = i == 0 ? leaf_spec() : root_spec();
    }
    assert_int_equal(parse(pem_of(many, TSA_CHAIN_CERTS_MAX + 1)), ERR_NOSPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_core_and_tokens_need),
        cmocka_unit_test(writes_certificates_alone),
        cmocka_unit_test(key_must_be_p384),
        cmocka_unit_test(usage_must_be_time_stamping_alone),
        cmocka_unit_test(serial_and_issuer_must_fit_a_core),
        cmocka_unit_test(order_and_signatures_are_checked),
        cmocka_unit_test(must_be_valid_now),
        cmocka_unit_test(text_that_is_no_chain_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
