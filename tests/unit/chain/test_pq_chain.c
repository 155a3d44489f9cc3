#include "pq_certs.h"

#include "crypto/hash.h"
#include "host/chain/tsa_chain.h"

#define NOW_S 1795000000 /* 2026-11-18 */

static struct tsa_chain chain;

static struct view pem_of(const struct pq_cert_spec *specs, size_t n)
{
    static uint8_t text[TSA_CHAIN_PEM_MAX + 32768];
    struct writer w = wr_init(text, sizeof text);
    struct view pem;

    for (size_t i = 0; i < n; i++) {
        pq_certs_pem(&specs[i], &w);
    }
    assert_int_equal(wr_finish(&w, &pem), ERR_OK);
    return pem;
}

static enum err parse_as(struct view pem, enum core_key key)
{
    char why[TSA_CHAIN_WHY_MAX];
    const enum err e = tsa_chain_parse(pem, key, NOW_S, &chain, why);

    assert_int_equal(why[0] == '\0', e == ERR_OK);
    assert_int_equal(chain.n == 0, e != ERR_OK);
    return e;
}

static enum err parse(const struct pq_cert_spec *specs, size_t n)
{
    return parse_as(pem_of(specs, n), KEY_PQ);
}

static enum err parse_leaf(const struct pq_cert_spec *leaf)
{
    const struct pq_cert_spec specs[] = {*leaf, pq_cert_root(NOW_S)};

    return parse(specs, 2);
}

static struct view binding_of(const uint8_t other[48])
{
    static uint8_t bytes[QUORATE_BINDING_ROOM];
    static uint8_t epoch[EPOCH_ID_LEN] = {7};
    struct writer w = wr_init(bytes, sizeof bytes);
    const struct quorate_binding b = {.epoch_id = {epoch, sizeof epoch},
                                      .n_other_keys = 1,
                                      .other_keys = {{other, 48}},
                                      .threshold = 1,
                                      .total = 1,
                                      .assurance = ASSURANCE_SIMULATED};

    assert_int_equal(quorate_binding_write(&w, &b), ERR_OK);
    return (struct view){bytes, w.len};
}

static void gives_what_core_and_tokens_need(void **state)
{
    static uint8_t pk[PQ_CERTS_PK_LEN], spki[2048], der[PQ_CERT_MAX];
    static const uint8_t other[48] = {9};
    struct pq_cert_spec specs[] = {pq_cert_leaf(NOW_S), pq_cert_root(NOW_S)};
    struct writer key = wr_init(spki, sizeof spki);
    struct writer leaf = wr_init(der, sizeof der);
    uint8_t hash[CERT_HASH_LEN];

    (void)state;
    specs[0].serial = "\x01\x02\x03";
    specs[0].binding = binding_of(other);
    const struct view pem = pem_of(specs, 2);

    assert_int_equal(parse_as(pem, KEY_PQ), ERR_OK);
    assert_int_equal(chain.n, 2);
    assert_true(chain.has_root);
    assert_true(view_equal(chain.pem_chain, pem));
    assert_int_equal(chain.pem_leaf.n + chain.pem_ca.n, pem.n);
    assert_true(view_equal(chain.public_key, pq_certs_public_key(2, pk)));
    assert_int_equal(cert_write_spki(&key, SIGN_ML_DSA_65, chain.public_key), ERR_OK);
    assert_true(view_equal(chain.spki, (struct view){spki, key.len}));
    assert_int_equal(chain.activation.key, KEY_PQ);
    assert_int_equal(chain.activation.serial.n, 3);
    assert_true(chain.has_binding);
    assert_true(quorate_binding_names(&chain.binding, (struct view){other, sizeof other}));
    pq_certs_der(&specs[0], &leaf);
    assert_true(view_equal(chain.certificates, (struct view){der, leaf.len}));
    hash_once(HASH_SHA256, chain.certificates, hash);
    assert_memory_equal(chain.activation.cert_hash, hash, sizeof hash);
}

static void longest_chain_fits(void **state)
{
    struct pq_cert_spec specs[] = {pq_cert_leaf(NOW_S), pq_cert_root(NOW_S),
                                   pq_cert_root(NOW_S), pq_cert_root(NOW_S)};

    (void)state;
    specs[0].issuer = specs[1].subject = "c";
    specs[1].issuer = specs[2].subject = "d";
    specs[0].signer = specs[1].key = 3;
    specs[1].signer = specs[2].key = 4;
    specs[2].issuer = "pq root";
    specs[2].signer = 1;
    assert_int_equal(parse(specs, 4), ERR_OK);
    assert_true(chain.has_root);
    assert_int_equal(parse(specs, 3), ERR_OK);
    assert_false(chain.has_root);
    const struct pq_cert_spec five[] = {specs[0], specs[1], specs[2], specs[3], specs[3]};

    assert_int_equal(parse(five, 5), ERR_NOSPACE);
}

static void leaf_must_be_a_time_stamping_certificate(void **state)
{
    static const uint8_t junk[] = {0x30, 0x00};
    struct pq_cert_spec leaf;

    (void)state;
#define REFUSED(change)         \
    leaf = pq_cert_leaf(NOW_S); \
    change;                     \
    assert_int_equal(parse_leaf(&leaf), ERR_EVIDENCE);
    REFUSED(leaf.eku = false)
    REFUSED(leaf.eku_not_critical = true)
    REFUSED(leaf.eku_twice = true)
    REFUSED(leaf.usage = 0)
    REFUSED(leaf.usage_not_critical = true)
    REFUSED(leaf.usage = CERT_CONTENT_COMMITMENT)
    REFUSED(leaf.usage = CERT_DIGITAL_SIGNATURE | CERT_KEY_CERT_SIGN)
    REFUSED(leaf.serial = "123456789012345678901")
    REFUSED(leaf.flip = true)
    REFUSED(leaf.signer = 3)
    REFUSED(leaf.issuer = "another")
    REFUSED(leaf.binding = ((struct view){junk, sizeof junk}))
#undef REFUSED
    leaf = pq_cert_leaf(NOW_S);
    leaf.usage = CERT_DIGITAL_SIGNATURE | CERT_CONTENT_COMMITMENT;
    assert_int_equal(parse_leaf(&leaf), ERR_OK);
    leaf.to_s = NOW_S - 1;
    assert_int_equal(parse_leaf(&leaf), ERR_TIME);
}

static void issuer_must_be_a_ca_with_such_a_key(void **state)
{
    struct pq_cert_spec specs[] = {pq_cert_leaf(NOW_S), pq_cert_root(NOW_S)};

    (void)state;
    specs[1].ca = false;
    assert_int_equal(parse(specs, 2), ERR_EVIDENCE);
    specs[1] = pq_cert_root(NOW_S);
    specs[1].usage = CERT_CRL_SIGN;
    assert_int_equal(parse(specs, 2), ERR_EVIDENCE);
    specs[1] = pq_cert_root(NOW_S);
    specs[1].flip = true; /* issued the leaf all the same, but is no root */
    assert_int_equal(parse(specs, 2), ERR_OK);
    assert_false(chain.has_root);
    specs[1] = pq_cert_root(NOW_S);
    specs[1].to_s = NOW_S - 1;
    assert_int_equal(parse(specs, 2), ERR_TIME);
}

/* ---- one algorithm from the leaf to the root ---- */

static struct view spki_of(EVP_PKEY *key)
{
    static uint8_t out[256];
    uint8_t *at = out;
    const int n = i2d_PUBKEY(key, &at);

    assert_true(n > 0);
    return (struct view){out, (size_t)n};
}

static void a_classic_ca_proves_nothing(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-384");
    struct pq_cert_spec specs[] = {pq_cert_leaf(NOW_S), pq_cert_root(NOW_S)};

    (void)state;
    specs[1].spki = spki_of(key);
    specs[1].classic_signer = key;
    specs[0].classic_signer = key;
    assert_int_equal(parse(specs, 2), ERR_EVIDENCE);
    /* a classic leaf, a classic root: nothing wrong with them but the kind of key */
    specs[0].spki = specs[1].spki;
    assert_int_equal(parse(specs, 2), ERR_EVIDENCE);
    assert_int_equal(parse_as(pem_of(specs, 2), KEY_CLASSIC), ERR_OK);
    /* an ML-DSA-65 root above a classic leaf */
    specs[1] = pq_cert_root(NOW_S);
    specs[0].classic_signer = NULL;
    assert_int_equal(parse_as(pem_of(specs, 2), KEY_CLASSIC), ERR_EVIDENCE);
    assert_int_equal(parse(specs, 2), ERR_EVIDENCE);
    specs[0] = pq_cert_leaf(NOW_S);
    assert_int_equal(parse_as(pem_of(specs, 2), KEY_CLASSIC), ERR_EVIDENCE);
    EVP_PKEY_free(key);
}

/* The bytes of key and signature are right, and what stands beside them is not. */
static void algorithm_identifiers_count(void **state)
{
    static uint8_t spki[2048];
    static uint8_t pk[PQ_CERTS_PK_LEN];
    struct writer w = wr_init(spki, sizeof spki);
    struct pq_cert_spec specs[] = {pq_cert_leaf(NOW_S), pq_cert_root(NOW_S)};

    (void)state;
    specs[0].says_ecdsa = true;
    assert_int_equal(parse(specs, 2), ERR_EVIDENCE);
    specs[0] = pq_cert_leaf(NOW_S);
    assert_int_equal(cert_write_spki(&w, SIGN_ML_DSA_65, pq_certs_public_key(1, pk)), ERR_OK);
    specs[1].spki = (struct view){spki, w.len};
    assert_int_equal(parse(specs, 2), ERR_OK);
    spki[16] = 0x13; /* id-ml-dsa-87 */
    assert_int_equal(parse(specs, 2), ERR_EVIDENCE);
}

/* A certificate is written once, and its text is the one that is served. */
static void every_byte_counts(void **state)
{
    static uint8_t text[TSA_CHAIN_PEM_MAX];
    const struct pq_cert_spec specs[] = {pq_cert_leaf(NOW_S), pq_cert_root(NOW_S)};
    const struct view pem = pem_of(specs, 2);

    (void)state;
    for (size_t n = 0; n + 1 < pem.n; n += 331) {
        const enum err e = parse_as((struct view){pem.p, n}, KEY_PQ);

        assert_true(e == ERR_ENCODING || (e == ERR_OK && chain.n == 1));
    }
    for (size_t i = 40; i < pem.n; i += 577) {
        memcpy(text, pem.p, pem.n);
        text[i] = text[i] == 'A' ? 'B' : 'A';
        /* of the root, only its own signature says so */
        if (parse_as((struct view){text, pem.n}, KEY_PQ) == ERR_OK) {
            assert_true(i > pem.n / 2 && !chain.has_root);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_core_and_tokens_need),
        cmocka_unit_test(longest_chain_fits),
        cmocka_unit_test(leaf_must_be_a_time_stamping_certificate),
        cmocka_unit_test(issuer_must_be_a_ca_with_such_a_key),
        cmocka_unit_test(a_classic_ca_proves_nothing),
        cmocka_unit_test(algorithm_identifiers_count),
        cmocka_unit_test(every_byte_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
