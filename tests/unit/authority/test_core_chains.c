#include "pq_certs.h"

#include "crypto/hash.h"
#include "host/authority/core_chains.h"

#define NOW_S 1795000000 /* 2026-11-18 */
#define CORE_PQ 2        /* seed of the core's pq key */

/* A core of two keys, and what a certify command may print for it. */
static EVP_PKEY *root_key, *core_key, *other_key;
static struct core_keys keys;
static struct core_chains chains;
static char why[TSA_CHAIN_WHY_MAX];
static uint8_t hash_classic[48], hash_pq[48];

static size_t spki_of(EVP_PKEY *key, uint8_t out[256])
{
    uint8_t *at = out;
    const int n = i2d_PUBKEY(key, &at);

    assert_true(n > 0);
    return (size_t)n;
}

static int set_up(void **state)
{
    uint8_t spki[2048];
    uint8_t pk[PQ_CERTS_PK_LEN];
    struct writer w = wr_init(spki, sizeof spki);
    size_t n = 0;

    (void)state;
    root_key = EVP_EC_gen("P-384");
    core_key = EVP_EC_gen("P-384");
    other_key = EVP_EC_gen("P-384");
    keys = (struct core_keys){.threshold = 1,
                              .total = 1,
                              .assurance = ASSURANCE_SIMULATED,
                              .has_pq = true,
                              .epoch_id = {1, 2, 3}};
    assert_int_equal(EVP_PKEY_get_octet_string_param(core_key, OSSL_PKEY_PARAM_PUB_KEY,
                                                     keys.classic, sizeof keys.classic, &n),
                     1);
    memcpy(keys.pq, pq_certs_public_key(CORE_PQ, pk).p, sizeof keys.pq);
    assert_int_equal(cert_write_spki(&w, SIGN_ML_DSA_65, (struct view){pk, sizeof pk}), ERR_OK);
    hash_once(HASH_SHA384, (struct view){spki, w.len}, hash_pq);
    hash_once(HASH_SHA384, (struct view){spki, spki_of(core_key, spki)}, hash_classic);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(root_key);
    EVP_PKEY_free(core_key);
    EVP_PKEY_free(other_key);
    return 0;
}

/* ---- what the command prints ---- */

static uint8_t text[2 * CORE_CHAINS_PEM_MAX];
static struct writer out;

static void begin(void)
{
    out = wr_init(text, sizeof text);
}

/* Puts the classic leaf of a key, and the root. */
static void put_classic(EVP_PKEY *key, struct view binding)
{
    uint8_t leaf_spki[256];
    uint8_t root_spki[256];
    struct pq_cert_spec root = pq_cert_root(NOW_S);
    struct pq_cert_spec leaf = pq_cert_leaf(NOW_S);

    root.subject = root.issuer = leaf.issuer = "root";
    root.classic_signer = leaf.classic_signer = root_key;
    root.spki = (struct view){root_spki, spki_of(root_key, root_spki)};
    leaf.spki = (struct view){leaf_spki, spki_of(key, leaf_spki)};
    leaf.binding = binding;
    pq_certs_pem(&leaf, &out);
    pq_certs_pem(&root, &out);
}

static void put_pq(uint8_t key, struct view binding)
{
    const struct pq_cert_spec root = pq_cert_root(NOW_S);
    struct pq_cert_spec leaf = pq_cert_leaf(NOW_S);

    leaf.key = key;
    leaf.binding = binding;
    pq_certs_pem(&leaf, &out);
    pq_certs_pem(&root, &out);
}

static struct quorate_binding binding_to(const uint8_t hash[48])
{
    return (struct quorate_binding){.epoch_id = {keys.epoch_id, sizeof keys.epoch_id},
                                    .n_other_keys = 1,
                                    .other_keys = {{hash, 48}},
                                    .threshold = 1,
                                    .total = 1,
                                    .assurance = ASSURANCE_SIMULATED};
}

/* One for each leg at a time. */
static struct view written(const struct quorate_binding *b)
{
    static uint8_t space[2][QUORATE_BINDING_ROOM];
    static unsigned turn;
    uint8_t *at = space[turn++ % 2];
    struct writer w = wr_init(at, QUORATE_BINDING_ROOM);

    assert_int_equal(quorate_binding_write(&w, b), ERR_OK);
    assert_false(w.full);
    return (struct view){at, w.len};
}

static const struct view none = {NULL, 0};

static enum err take(void)
{
    const enum err e =
        core_chains_parse((struct view){text, out.len}, &keys, NOW_S, &chains, why);

    assert_false(out.full);
    assert_int_equal(e == ERR_OK, why[0] == '\0');
    if (e != ERR_OK) {
        assert_int_equal(chains.classic.n, 0);
        assert_int_equal(chains.pq.n, 0);
        assert_false(chains.has_pq);
    }
    return e;
}

#define REFUSED(err, text)                  \
    do {                                    \
        assert_int_equal(take(), err);      \
        assert_non_null(strstr(why, text)); \
    } while (0)

/* ---- tests ---- */

static void both_chains_are_taken(void **state)
{
    static const char comment[] = "pq: leaf, root\n";
    const struct quorate_binding to_pq = binding_to(hash_pq);
    const struct quorate_binding to_classic = binding_to(hash_classic);

    (void)state;
    begin();
    put_classic(core_key, written(&to_pq));
    const size_t cut = out.len;

    wr_bytes(&out, comment, strlen(comment));
    put_pq(CORE_PQ, written(&to_classic));
    assert_int_equal(take(), ERR_OK);
    assert_true(chains.has_pq);
    assert_true(view_equal(chains.classic.pem_chain, (struct view){text, cut}));
    assert_int_equal(chains.classic.pem_chain.n + chains.pq.pem_chain.n + strlen(comment),
                     out.len);
    assert_int_equal(chains.pq.activation.key, KEY_PQ);
    assert_true(chains.classic.has_binding && chains.pq.has_binding);
    /* bindings may be absent */
    begin();
    put_classic(core_key, none);
    put_pq(CORE_PQ, none);
    assert_int_equal(take(), ERR_OK);
}

static void a_core_of_one_key_gets_one_chain(void **state)
{
    struct quorate_binding to_none = binding_to(hash_pq);

    (void)state;
    keys.has_pq = false;
    begin();
    put_classic(core_key, none);
    assert_int_equal(take(), ERR_OK);
    assert_false(chains.has_pq);
    put_pq(CORE_PQ, none);
    REFUSED(ERR_EVIDENCE, "pq chain: the core has no such key");
    begin();
    put_classic(core_key, written(&to_none));
    REFUSED(ERR_MISMATCH, "classic chain: QuorateBinding does not name the other keys");
    to_none.n_other_keys = 0;
    begin();
    put_classic(core_key, written(&to_none));
    assert_int_equal(take(), ERR_OK);
    keys.has_pq = true;
}

static void chains_stand_in_their_order(void **state)
{
    (void)state;
    begin();
    REFUSED(ERR_ENCODING, "classic chain: certificate 1: none is there");
    put_classic(core_key, none);
    REFUSED(ERR_EVIDENCE, "pq chain: there is none");
    begin();
    put_pq(CORE_PQ, none);
    REFUSED(ERR_EVIDENCE, "classic chain: it must be the first");
    put_classic(core_key, none);
    REFUSED(ERR_EVIDENCE, "classic chain: it must be the first");
    begin();
    put_classic(core_key, none);
    put_pq(CORE_PQ, none);
    put_classic(core_key, none);
    REFUSED(ERR_EVIDENCE, "pq chain: certificate 2: not issued by the next one");
}

static void leaves_are_for_the_core_s_keys(void **state)
{
    (void)state;
    begin();
    put_classic(other_key, none);
    put_pq(CORE_PQ, none);
    REFUSED(ERR_MISMATCH, "classic chain: certificate 1: not for the core's key");
    begin();
    put_classic(core_key, none);
    put_pq(CORE_PQ + 1, none);
    REFUSED(ERR_MISMATCH, "pq chain: certificate 1: not for the core's key");
}

static void chains_end_in_a_root(void **state)
{
    const struct pq_cert_spec leaf = pq_cert_leaf(NOW_S);
    struct pq_cert_spec bad = pq_cert_leaf(NOW_S);

    (void)state;
    begin();
    put_classic(core_key, none);
    pq_certs_pem(&leaf, &out);
    REFUSED(ERR_EVIDENCE, "pq chain: the last certificate is no self-signed root");
    begin();
    put_classic(core_key, none);
    bad.eku_not_critical = true;
    pq_certs_pem(&bad, &out);
    REFUSED(ERR_EVIDENCE, "pq chain: certificate 1: extendedKeyUsage");
}

static void damaged_text_is_refused(void **state)
{
    (void)state;
    begin();
    put_classic(core_key, none);
    const size_t cut = out.len;

    put_pq(CORE_PQ, none);
    text[cut + 2000] = '*';
    assert_int_equal(take(), ERR_ENCODING);
    begin();
    put_classic(core_key, none);
    put_pq(CORE_PQ, none);
    out.len -= 30;
    REFUSED(ERR_ENCODING, "pq chain: certificate 2:");
}

/* A binding that says one thing else, on either leg. */
static void refuse_binding(const struct quorate_binding *classic,
                           const struct quorate_binding *pq, const char *what)
{
    begin();
    put_classic(core_key, classic != NULL ? written(classic) : none);
    put_pq(CORE_PQ, pq != NULL ? written(pq) : none);
    assert_int_equal(take(), ERR_MISMATCH);
    assert_non_null(strstr(why, what));
    assert_non_null(strstr(why, classic != NULL ? "classic chain:" : "pq chain:"));
}

static void binding_must_be_true(void **state)
{
    static const uint8_t other_epoch[48] = {1, 2, 4};
    static const uint8_t other_hash[48] = {5};

    (void)state;
    for (unsigned leg = 0; leg < 2; leg++) {
        const struct quorate_binding good = binding_to(leg == 0 ? hash_pq : hash_classic);
        struct quorate_binding bad = good;
        const struct quorate_binding *classic = leg == 0 ? &bad : NULL;
        const struct quorate_binding *pq = leg == 1 ? &bad : NULL;

        bad.other_keys[0].p = other_hash;
        refuse_binding(classic, pq, "names another key");
        bad.other_keys[0].p = leg == 0 ? hash_classic : hash_pq; /* its own */
        refuse_binding(classic, pq, "names another key");
        bad = good;
        bad.n_other_keys = 2;
        bad.other_keys[1] = (struct view){other_hash, sizeof other_hash};
        refuse_binding(classic, pq, "does not name the other keys");
        bad.n_other_keys = 0;
        refuse_binding(classic, pq, "does not name the other keys");
        bad = good;
        bad.epoch_id.p = other_epoch;
        refuse_binding(classic, pq, "another epoch");
        bad = good;
        bad.total = 2;
        refuse_binding(classic, pq, "numbers of signers");
        bad.threshold = 2;
        refuse_binding(classic, pq, "numbers of signers");
        bad = good;
        bad.assurance = ASSURANCE_HARDWARE;
        refuse_binding(classic, pq, "promises more");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_chains_are_taken),
        cmocka_unit_test(a_core_of_one_key_gets_one_chain),
        cmocka_unit_test(chains_stand_in_their_order),
        cmocka_unit_test(leaves_are_for_the_core_s_keys),
        cmocka_unit_test(chains_end_in_a_root),
        cmocka_unit_test(damaged_text_is_refused),
        cmocka_unit_test(binding_must_be_true),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
