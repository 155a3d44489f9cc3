/* Requests that a core makes: our reader, OpenSSL's, and whatever is wrong with one. With a
 * folder in QUORATE_SAMPLES they are left there for tests/interop/csr.sh. */
#include "csr_kit.h"
#include "openssl_evp.h"
#include "parser_cases.h"

#include "format/cert_write.h"

#include <stdio.h>

static uint8_t classic_der[CSR_MAX], pq_der[CSR_MAX];
static struct view classic, pq;

static int start(void **state)
{
    (void)state;
    classic = csr_kit_der(SIGN_ECDSA_P384_SHA384, 1, classic_der);
    pq = csr_kit_der(SIGN_ML_DSA_65, 2, pq_der);
    return 0;
}

static enum err parse(struct view in)
{
    static const struct csr zero;
    struct csr c;
    const enum err e = csr_parse(in, &c);

    if (e != ERR_OK) {
        assert_memory_equal(&c, &zero, sizeof c);
    }
    return e;
}

static enum err verify(struct view in)
{
    static struct csr_scratch scratch;
    struct csr c;

    TRY(csr_parse(in, &c));
    return csr_verify(&c, &scratch);
}

static void info_has_these_bytes(void **state)
{
    static const char text[] =
        "3081c00201003041311430120603550403"
        "0c0b51756f7261746520545341"
        "31293027060355040513"
        "20"
        "6530653065306530653065306530653065306530653065306530653065306530"
        "3076301006072a8648ce3d020106052b8104002203620004";
    uint8_t want[256];
    uint8_t out[CSR_INFO_MAX];
    uint8_t key[P384_PUBLIC_LEN] = {4};
    const struct view info =
        csr_kit_info(SIGN_ECDSA_P384_SHA384, (struct view){key, sizeof key}, out);
    const struct view head = hex_bytes(text, want, sizeof want);

    (void)state;
    assert_memory_equal(info.p, head.p, head.n);
    assert_int_equal(info.n, head.n + 96 + 2);
    assert_memory_equal(info.p + info.n - 2, "\xa0\x00", 2);
}

/* One more opinion of the same bytes, in this tree: cert_write.h. */
static void its_key_is_that_of_certificates(void **state)
{
    uint8_t bytes[2100];
    struct csr c;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct writer w = wr_init(bytes, sizeof bytes);

        assert_int_equal(csr_parse(i == 0 ? classic : pq, &c), ERR_OK);
        assert_int_equal(cert_write_spki(&w, c.alg, c.public_key), ERR_OK);
        assert_true(view_equal(c.spki, (struct view){bytes, w.len}));
        assert_true(c.info.n < CSR_INFO_MAX);
    }
}

static void fields_are_checked(void **state)
{
    uint8_t bytes[CSR_INFO_MAX];
    const uint8_t epoch_id[CSR_INFO_EPOCH_LEN] = {0};
    struct writer w = wr_init(bytes, sizeof bytes);
    struct csr_fields f = {SIGN_ECDSA_P384_SHA384, CSR_SUBJECT_TSA, epoch_id, {pq_der, 97}};

    (void)state;
    f.subject = 2;
    assert_int_equal(csr_info_write(&w, &f), ERR_RANGE);
    f.subject = 0;
    assert_int_equal(csr_info_write(&w, &f), ERR_RANGE);
    f.subject = CSR_SUBJECT_TSA;
    f.public_key.n = 96;
    assert_int_equal(csr_info_write(&w, &f), ERR_LENGTH);
    f.alg = SIGN_ML_DSA_65;
    assert_int_equal(csr_info_write(&w, &f), ERR_LENGTH);
    assert_int_equal(csr_write(&w, f.public_key, f.alg, f.public_key), ERR_LENGTH);
    assert_int_equal(w.len, 0);
}

static void reads_and_verifies(void **state)
{
    struct csr c;

    (void)state;
    assert_int_equal(csr_parse(classic, &c), ERR_OK);
    assert_true(c.alg == SIGN_ECDSA_P384_SHA384 && c.public_key.n == 97);
    assert_true(c.attributes.n == 0 && c.public_key.p[0] == 4);
    assert_int_equal(csr_parse(pq, &c), ERR_OK);
    assert_true(c.alg == SIGN_ML_DSA_65 && c.public_key.n == 1952 && c.signature.n == 3309);
    assert_int_equal(verify(classic), ERR_OK);
    assert_int_equal(verify(pq), ERR_OK);
}

/* Also that OpenSSL writes the same bytes of what it read. */
static void openssl_verifies_the_classic_one(void **state)
{
    const uint8_t *p = classic.p;
    X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)classic.n);
    uint8_t *again = NULL;
    int n = 0;

    (void)state;
    assert_non_null(req);
    assert_int_equal(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
    n = i2d_X509_REQ(req, &again);
    assert_true(view_equal((struct view){again, (size_t)n}, classic));
    OPENSSL_free(again);
    X509_REQ_free(req);
}

/* A request of OpenSSL's making, which asks for an extension. */
static void reads_what_openssl_writes(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-384");
    X509_REQ *req = X509_REQ_new();
    STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
    X509_EXTENSION *ext =
        X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, "critical,timeStamping");
    uint8_t *der = NULL;
    struct csr c;

    (void)state;
    sk_X509_EXTENSION_push(list, ext);
    assert_int_equal(X509_REQ_set_pubkey(req, key), 1);
    assert_int_equal(X509_REQ_add_extensions(req, list), 1);
    assert_true(X509_REQ_sign(req, key, EVP_sha384()) > 0);
    const struct view in = {NULL, (size_t)i2d_X509_REQ(req, &der)};

    assert_int_equal(csr_parse((struct view){der, in.n}, &c), ERR_OK);
    assert_true(c.attributes.n > 0);
    assert_int_equal(verify((struct view){der, in.n}), ERR_OK);
    OPENSSL_free(der);
    der = NULL;
    assert_true(X509_REQ_sign(req, key, EVP_sha256()) > 0);
    const int n = i2d_X509_REQ(req, &der);

    assert_int_equal(parse((struct view){der, (size_t)n}), ERR_BAD_ALG);
    OPENSSL_free(der);
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
    X509_REQ_free(req);
    EVP_PKEY_free(key);
}

static void refuses_the_rest(void **state)
{
    (void)state;
    refuses_every_prefix_of(parse, classic);
    refuses_a_byte_after(parse, classic);
    refuses_every_prefix_of(parse, pq);
    refuses_a_byte_after(parse, pq);
}

/* No flipped bit of a request leaves it genuine. */
static void every_bit_counts(void **state)
{
    (void)state;
    assert_int_equal(survives_every_flip_of(verify, classic), 0);
    for (size_t at = 0; at < pq.n; at += 97) {
        assert_int_not_equal(parse_with(verify, pq, at, pq.p[at] ^ 0x10), ERR_OK);
    }
}

/* Where in classic: 30 82 xx xx | info: 30 81 c0 02 01 00. */
static void each_wrong_field_has_its_error(void **state)
{
    uint8_t longer[CSR_MAX + 1] = {0x30};
    struct csr c;

    (void)state;
    assert_int_equal(csr_parse(classic, &c), ERR_OK);
    const size_t info = (size_t)(c.info.p - classic.p);
    const size_t spki = (size_t)(c.spki.p - classic.p);
    const size_t sig = (size_t)(c.signature.p - classic.p);

    assert_int_equal(parse_with(parse, classic, 0, 0x31), ERR_TAG);
    assert_int_equal(parse_with(parse, classic, 1, 0x80), ERR_ENCODING); /* indefinite */
    assert_int_equal(parse_with(parse, classic, info + 1, 0x80), ERR_ENCODING);
    assert_int_equal(parse_with(parse, classic, info + 5, 1), ERR_VERSION);
    assert_int_equal(parse_with(parse, classic, spki + 8, 0), ERR_BAD_ALG);
    assert_int_equal(parse_with(parse, classic, spki + 19, 0x23), ERR_BAD_ALG); /* P-521 */
    assert_int_equal(parse_with(parse, classic, spki + 22, 1), ERR_ENCODING); /* unused bits */
    assert_int_equal(parse_with(verify, classic, spki + 23, 2), ERR_ENCODING);
    assert_int_equal(parse_with(verify, classic, spki + 60, 0), ERR_RANGE); /* off the curve */
    assert_int_equal(parse_with(parse, classic, sig - 1, 1), ERR_ENCODING);
    assert_int_equal(parse_with(parse, classic, sig - 4, 0x02), ERR_BAD_ALG); /* SHA-256 */
    assert_int_equal(parse_with(parse, classic, sig, 0x31), ERR_TAG);
    assert_int_equal(parse((struct view){longer, sizeof longer}), ERR_RANGE);
}

/* ---- lengths that the outer bytes agree with ---- */

static enum err resigned(enum sign_alg alg, size_t key_len, size_t sig_len)
{
    static uint8_t bytes[CSR_MAX], key[2048] = {4}, sig[4096];
    struct writer w = wr_init(bytes, sizeof bytes);
    const size_t all = der_begin(&w, DER_SEQUENCE);
    const size_t info = der_begin(&w, DER_SEQUENCE);
    uint8_t spki[2100];
    struct writer s = wr_init(spki, sizeof spki);
    const bool is_pq = alg == SIGN_ML_DSA_65;

    der_write(&w, DER_INTEGER, (struct view){(const uint8_t[]){0}, 1});
    der_head(&w, DER_SEQUENCE, 0);
    assert_int_equal(cert_write_spki(&s, alg, (struct view){key, is_pq ? 1952 : 97}), ERR_OK);
    const size_t seq = der_begin(&w, DER_SEQUENCE);

    wr_bytes(&w, spki + (is_pq ? 4 : 2), spki[is_pq ? 5 : 3] + 2U); /* the algorithm */
    der_head(&w, DER_BIT_STRING, key_len + 1);
    wr_u8(&w, 0);
    wr_bytes(&w, key, key_len);
    der_end(&w, seq);
    der_head(&w, DER_CONTEXT_0, 0);
    der_end(&w, info);
    const size_t id = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, oid_body(is_pq ? OID_ML_DSA_65 : OID_ECDSA_SHA384));
    der_end(&w, id);
    der_head(&w, DER_BIT_STRING, sig_len + 1);
    wr_u8(&w, 0);
    wr_bytes(&w, sig, sig_len);
    der_end(&w, all);
    assert_false(w.full);
    return parse((struct view){bytes, w.len});
}

static void lengths_are_exact(void **state)
{
    (void)state;
    assert_int_equal(resigned(SIGN_ML_DSA_65, 1952, 3309), ERR_OK);
    assert_int_equal(resigned(SIGN_ML_DSA_65, 1951, 3309), ERR_LENGTH);
    assert_int_equal(resigned(SIGN_ML_DSA_65, 1953, 3309), ERR_LENGTH);
    assert_int_equal(resigned(SIGN_ML_DSA_65, 1952, 3308), ERR_LENGTH);
    assert_int_equal(resigned(SIGN_ML_DSA_65, 1952, 3310), ERR_LENGTH);
    assert_int_equal(resigned(SIGN_ECDSA_P384_SHA384, 96, 8), ERR_LENGTH);
    assert_int_equal(resigned(SIGN_ECDSA_P384_SHA384, 98, 8), ERR_LENGTH);
    assert_int_equal(resigned(SIGN_ECDSA_P384_SHA384, 97, 8), ERR_TAG);
    assert_int_equal(resigned(SIGN_ECDSA_P384_SHA384, 97, 0), ERR_TRUNCATED);
}

/* A key of its own, and a signature of another. */
static void a_foreign_signature_is_no_proof(void **state)
{
    static const enum sign_alg algs[] = {SIGN_ECDSA_P384_SHA384, SIGN_ML_DSA_65};
    uint8_t info[CSR_INFO_MAX];
    uint8_t der[CSR_MAX];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct csr_kit_key *named = csr_kit_key_new(algs[i], 5);
        struct csr_kit_key *signer = csr_kit_key_new(algs[i], 6);
        struct writer w = wr_init(der, sizeof der);

        csr_kit_sign(signer, csr_kit_info(algs[i], csr_kit_public(named), info), &w);
        assert_int_equal(verify((struct view){der, w.len}), ERR_SIGNATURE);
        csr_kit_key_free(named);
        csr_kit_key_free(signer);
    }
}

static void leave(const char *dir, const char *name, struct view der)
{
    char path[4096];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(der.p, 1, der.n, f), der.n);
    assert_int_equal(fclose(f), 0);
}

static void samples_for_others(void **state)
{
    const char *dir = getenv("QUORATE_SAMPLES");

    (void)state;
    if (dir != NULL) {
        leave(dir, "classic.csr", classic);
        leave(dir, "pq.csr", pq);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_has_these_bytes),
        cmocka_unit_test(its_key_is_that_of_certificates),
        cmocka_unit_test(fields_are_checked),
        cmocka_unit_test(reads_and_verifies),
        cmocka_unit_test(openssl_verifies_the_classic_one),
        cmocka_unit_test(reads_what_openssl_writes),
        cmocka_unit_test(refuses_the_rest),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(each_wrong_field_has_its_error),
        cmocka_unit_test(lengths_are_exact),
        cmocka_unit_test(a_foreign_signature_is_no_proof),
        cmocka_unit_test(samples_for_others),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
