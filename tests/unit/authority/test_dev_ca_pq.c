#include "pq_certs.h"

#include "format/cert_parse.h"
#include "host/authority/dev_ca_pq.h"
#include "host/authority/openssl_api.h"
#include "host/chain/tsa_chain.h"

#include <stdio.h>

#if defined(QUORATE_SIMULATED)

#define NOW_S 1795000000 /* 2026-11-18 */
#define DAY_S INT64_C(86400)

static uint8_t key_text[DEV_CA_TEXT_MAX];
static uint8_t cert_text[DEV_CA_TEXT_MAX];
static struct view key_pem, cert_pem;

static struct dev_ca_pq *new_ca(void)
{
    struct dev_ca_pq *ca = NULL;
    struct writer key = wr_init(key_text, sizeof key_text);
    struct writer cert = wr_init(cert_text, sizeof cert_text);

    assert_int_equal(dev_ca_pq_new(NOW_S, &ca), ERR_OK);
    assert_int_equal(dev_ca_pq_key_pem(ca, &key), ERR_OK);
    assert_int_equal(dev_ca_pq_cert_pem(ca, &cert), ERR_OK);
    assert_int_equal(wr_finish(&key, &key_pem), ERR_OK);
    assert_int_equal(wr_finish(&cert, &cert_pem), ERR_OK);
    return ca;
}

static struct view new_spki(uint8_t seed)
{
    static uint8_t spki[2048];
    static uint8_t pk[PQ_CERTS_PK_LEN];
    struct writer w = wr_init(spki, sizeof spki);

    assert_int_equal(cert_write_spki(&w, SIGN_ML_DSA_65, pq_certs_public_key(seed, pk)),
                     ERR_OK);
    return (struct view){spki, w.len};
}

/* Any bytes: what stands in the extension is the caller's. */
static const uint8_t extension[] = {0x30, 0x03, 0x02, 0x01, 0x01};
static const struct view binding = {extension, sizeof extension};

static struct view issue(struct dev_ca_pq *ca, int64_t now_s)
{
    static uint8_t text[DEV_CA_TEXT_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view pem;

    assert_int_equal(dev_ca_pq_issue(ca, new_spki(3), binding, now_s, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &pem), ERR_OK);
    return pem;
}

static struct view nth(struct view pem, size_t n, uint8_t out[PQ_CERT_MAX])
{
    struct reader r = rd_init(pem);
    struct view der = {NULL, 0};

    for (size_t i = 0; i <= n; i++) {
        assert_int_equal(pem_parse(&r, "CERTIFICATE", out, PQ_CERT_MAX, &der), ERR_OK);
    }
    return der;
}

static void issues_a_leaf_under_its_root(void **state)
{
    static uint8_t leaf_der[PQ_CERT_MAX], root_der[PQ_CERT_MAX];
    struct dev_ca_pq *ca = new_ca();
    const struct view pem = issue(ca, NOW_S + 5 * DAY_S);
    struct cert leaf;
    struct cert root;
    struct extension ext;

    (void)state;
    assert_int_equal(cert_parse(nth(pem, 0, leaf_der), &leaf), ERR_OK);
    assert_int_equal(cert_parse(nth(pem, 1, root_der), &root), ERR_OK);
    assert_true(root.ca && root.has_path_len && root.path_len == 0);
    assert_int_equal(root.key_usage, CERT_KEY_CERT_SIGN | CERT_CRL_SIGN);
    assert_true(view_equal(root.ids.issuer, root.ids.subject));
    assert_int_equal(root.ids.not_after.s, NOW_S + DEV_CA_DAYS * DAY_S);
    assert_true(leaf.tsa && !leaf.ca);
    assert_int_equal(leaf.key_usage, CERT_DIGITAL_SIGNATURE);
    assert_int_equal(leaf.usage_begin_s, NOW_S + 5 * DAY_S - DEV_CA_EARLY_S);
    assert_int_equal(leaf.usage_end_s, NOW_S + (5 + DEV_TSA_KEY_DAYS) * DAY_S);
    assert_int_equal(leaf.ids.not_before.s, NOW_S + 5 * DAY_S - DEV_CA_EARLY_S);
    assert_int_equal(leaf.ids.not_after.s, root.ids.not_after.s);
    assert_true(view_equal(leaf.ids.issuer, root.ids.subject));
    assert_true(view_equal(leaf.ids.spki, new_spki(3)));
    assert_int_equal(leaf.ids.serial.n, 20);
    assert_int_equal(cert_ids_extension(&leaf.ids, OID_OUR_BINDING, &ext), ERR_OK);
    assert_false(ext.critical);
    assert_true(view_equal(ext.value, binding));
    assert_int_equal(cert_ids_extension(&leaf.ids, OID_AUTHORITY_KEY_ID, &ext), ERR_OK);
    assert_int_equal(ext.value.n, 24); /* SEQUENCE { [0] of 20 bytes } */
    assert_memory_equal(ext.value.p + 4, cert_ids_ski(&root.ids).p, 20);
    assert_int_equal(cert_ids_ski(&leaf.ids).n, 20);
    dev_ca_pq_free(ca);
}

/* The supervisor's opinion, which has its own verification; and that of OpenSSL of the form. */
static void others_read_it(void **state)
{
    static struct tsa_chain chain;
    struct dev_ca_pq *ca = new_ca();
    struct view pem = issue(ca, NOW_S);
    char why[TSA_CHAIN_WHY_MAX];

    (void)state;
    /* it refuses this binding, which is none; of the form it says nothing else */
    assert_int_equal(tsa_chain_parse(pem, KEY_PQ, NOW_S + DAY_S, &chain, why), ERR_EVIDENCE);
    assert_non_null(strstr(why, "QuorateBinding"));
    assert_int_equal(tsa_chain_parse(pem, KEY_PQ, NOW_S + 400 * DAY_S, &chain, why), ERR_TIME);
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    X509 *root = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    assert_non_null(root);
    assert_int_equal(X509_NAME_cmp(X509_get_issuer_name(leaf), X509_get_subject_name(root)), 0);
    assert_int_equal(X509_check_ca(root), 1);
    assert_int_equal(X509_get_extended_key_usage(leaf), XKU_TIMESTAMP);
    X509_free(leaf);
    X509_free(root);
    BIO_free(bio);
    dev_ca_pq_free(ca);
}

static void is_read_back(void **state)
{
    static uint8_t other[DEV_CA_TEXT_MAX];
    struct dev_ca_pq *ca = new_ca();
    struct dev_ca_pq *again = NULL;
    const struct view old = {other, key_pem.n};

    (void)state;
    assert_memory_equal(key_pem.p, "-----BEGIN PRIVATE KEY-----", 27);
    assert_int_equal(dev_ca_pq_load(key_pem, cert_pem, NOW_S, &again), ERR_OK);
    /* the same CA: what it issues has its name and hangs below its root */
    static uint8_t a[PQ_CERT_MAX], b[PQ_CERT_MAX];

    assert_true(view_equal(nth(issue(again, NOW_S), 1, a), nth(cert_pem, 0, b)));
    dev_ca_pq_free(again);
    dev_ca_pq_free(ca);
    assert_int_equal(dev_ca_pq_load(cert_pem, cert_pem, NOW_S, &again), ERR_ENCODING);
    assert_null(again);
    assert_int_equal(dev_ca_pq_load(key_pem, key_pem, NOW_S, &again), ERR_STATE);
    assert_int_equal(dev_ca_pq_load(key_pem, cert_pem, NOW_S - DAY_S, &again), ERR_TIME);
    assert_int_equal(
        dev_ca_pq_load(key_pem, cert_pem, NOW_S + (DEV_CA_DAYS + 1) * DAY_S, &again), ERR_TIME);
    memcpy(other, key_pem.p, key_pem.n);
    dev_ca_pq_free(new_ca());
    assert_int_equal(dev_ca_pq_load(old, cert_pem, NOW_S, &again), ERR_MISMATCH);
    assert_null(again);
}

static void refuses_what_is_no_ml_dsa_key(void **state)
{
    static uint8_t text[DEV_CA_TEXT_MAX];
    struct dev_ca_pq *ca = new_ca();
    struct writer w = wr_init(text, sizeof text);
    struct view spki = new_spki(4);
    uint8_t changed[2048];

    (void)state;
    spki.n--;
    assert_int_equal(dev_ca_pq_issue(ca, spki, binding, NOW_S, &w), ERR_ENCODING);
    spki.n = 10;
    assert_int_equal(dev_ca_pq_issue(ca, spki, binding, NOW_S, &w), ERR_ENCODING);
    spki = new_spki(4);
    memcpy(changed, spki.p, spki.n);
    changed[16] = 0x11; /* id-ml-dsa-44 */
    assert_int_equal(dev_ca_pq_issue(ca, (struct view){changed, spki.n}, binding, NOW_S, &w),
                     ERR_ENCODING);
    assert_int_equal(w.len, 0);
    w = wr_init(text, 9000);
    assert_int_equal(dev_ca_pq_issue(ca, spki, binding, NOW_S, &w), ERR_NOSPACE);
    dev_ca_pq_free(ca);
    dev_ca_pq_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issues_a_leaf_under_its_root),
        cmocka_unit_test(others_read_it),
        cmocka_unit_test(is_read_back),
        cmocka_unit_test(refuses_what_is_no_ml_dsa_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    (void)puts("SKIP a production build has no test CA");
    return 77;
}

#endif
