#include "pq_certs.h"

#include "crypto/hash.h"
#include "host/authority/cluster_chains.h"

#define NOW_S 1795000000 /* 2026-11-18 */
#define CORE_PQ 2        /* seed of the pq key */
#define N 3

/* Three cores that made a key together, and what a certify command may print for them. */
static EVP_PKEY *root_key, *core_keys[N];
static struct core_keys keys[N];
static struct cluster_chains chains;
static char why[TSA_CHAIN_WHY_MAX];
static uint8_t hash_pq[48], hashes[N][48];
static uint8_t text[CORE_KEYS_ENV * TSA_CHAIN_PEM_MAX];
static struct writer out;

static size_t spki_of(EVP_PKEY *key, uint8_t der[256])
{
    uint8_t *at = der;
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
    (void)pq_certs_public_key(CORE_PQ, pk);
    assert_int_equal(cert_write_spki(&w, SIGN_ML_DSA_65, (struct view){pk, sizeof pk}), ERR_OK);
    hash_once(HASH_SHA384, (struct view){spki, w.len}, hash_pq);
    for (size_t i = 0; i < N; i++) {
        core_keys[i] = EVP_EC_gen("P-384");
        keys[i] = (struct core_keys){.threshold = 2,
                                     .total = N,
                                     .classic_threshold = 1,
                                     .assurance = ASSURANCE_SIMULATED,
                                     .has_pq = true,
                                     .epoch_id = {1, 2, 3}};
        assert_int_equal(EVP_PKEY_get_octet_string_param(core_keys[i], OSSL_PKEY_PARAM_PUB_KEY,
                                                         keys[i].classic,
                                                         sizeof keys[i].classic, &n),
                         1);
        memcpy(keys[i].pq, pk, sizeof pk);
        hash_once(HASH_SHA384, (struct view){spki, spki_of(core_keys[i], spki)}, hashes[i]);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(root_key);
    for (size_t i = 0; i < N; i++) {
        EVP_PKEY_free(core_keys[i]);
    }
    return 0;
}

/* ---- what the command prints ---- */

static struct view written(const struct quorate_binding *b)
{
    static uint8_t space[QUORATE_BINDING_ROOM];
    struct writer w = wr_init(space, sizeof space);

    assert_int_equal(quorate_binding_write(&w, b), ERR_OK);
    return (struct view){space, w.len};
}

static void put_classic(size_t i, const struct quorate_binding *binding)
{
    uint8_t leaf_spki[256];
    uint8_t root_spki[256];
    struct pq_cert_spec root = pq_cert_root(NOW_S);
    struct pq_cert_spec leaf = pq_cert_leaf(NOW_S);

    root.subject = root.issuer = leaf.issuer = "root";
    root.classic_signer = leaf.classic_signer = root_key;
    root.spki = (struct view){root_spki, spki_of(root_key, root_spki)};
    leaf.spki = (struct view){leaf_spki, spki_of(core_keys[i], leaf_spki)};
    if (binding != NULL) {
        leaf.binding = written(binding);
    }
    pq_certs_pem(&leaf, &out);
    pq_certs_pem(&root, &out);
}

static void put_pq(const struct quorate_binding *binding)
{
    const struct pq_cert_spec root = pq_cert_root(NOW_S);
    struct pq_cert_spec leaf = pq_cert_leaf(NOW_S);

    leaf.key = CORE_PQ;
    if (binding != NULL) {
        leaf.binding = written(binding);
    }
    pq_certs_pem(&leaf, &out);
    pq_certs_pem(&root, &out);
}

static struct quorate_binding of_classic(void)
{
    return (struct quorate_binding){.epoch_id = {keys[0].epoch_id, EPOCH_ID_LEN},
                                    .n_other_keys = 1,
                                    .other_keys = {{hash_pq, 48}},
                                    .threshold = 1,
                                    .total = N,
                                    .assurance = ASSURANCE_SIMULATED};
}

static struct quorate_binding of_pq(void)
{
    struct quorate_binding b = of_classic();

    b.threshold = 2;
    b.n_other_keys = N;
    for (size_t i = 0; i < N; i++) {
        b.other_keys[i] = (struct view){hashes[i], 48};
    }
    return b;
}

static enum err take(void)
{
    const enum err e =
        cluster_chains_parse((struct view){text, out.len}, keys, N, NOW_S, &chains, why);

    assert_false(out.full);
    assert_int_equal(e == ERR_OK, why[0] == '\0');
    assert_int_equal(chains.n, e == ERR_OK ? N : 0);
    return e;
}

/* All with the classic binding of core odd changed to b, or the pq one for odd == N. */
static enum err print(size_t odd, const struct quorate_binding *b)
{
    const struct quorate_binding classic = of_classic();
    const struct quorate_binding pq = of_pq();

    out = wr_init(text, sizeof text);
    for (size_t i = 0; i < N; i++) {
        put_classic(i, i == odd ? b : &classic);
    }
    put_pq(odd == N ? b : &pq);
    return take();
}

/* ---- tests ---- */

static void cuts_them(void **state)
{
    (void)state;
    assert_int_equal(print(N + 1, NULL), ERR_OK);
    for (size_t i = 0; i < N; i++) {
        assert_memory_equal(chains.classic[i].public_key.p, keys[i].classic,
                            sizeof keys[i].classic);
        assert_int_equal(chains.classic[i].n, 2);
    }
    assert_int_equal(chains.pq.activation.key, KEY_PQ);
    assert_int_equal(print(0, NULL), ERR_OK); /* a binding may be absent */
    assert_int_equal(print(N, NULL), ERR_OK);
}

static void bindings_must_be_true(void **state)
{
    static const uint8_t epoch[EPOCH_ID_LEN] = {9};
    struct quorate_binding b = of_classic();

    (void)state;
    b.threshold = 2; /* a classic key signs alone */
    assert_int_equal(print(1, &b), ERR_MISMATCH);
    assert_non_null(strstr(why, "core 2"));
    b = of_classic();
    b.epoch_id.p = epoch;
    assert_int_equal(print(0, &b), ERR_MISMATCH);
    b = of_classic();
    b.other_keys[0].p = hashes[0];
    assert_int_equal(print(0, &b), ERR_MISMATCH);
    b = of_classic();
    b.assurance = ASSURANCE_HARDWARE;
    assert_int_equal(print(2, &b), ERR_MISMATCH);
    b = of_pq();
    b.n_other_keys = N - 1;
    assert_int_equal(print(N, &b), ERR_MISMATCH);
    assert_non_null(strstr(why, "pq chain"));
    b = of_pq();
    b.threshold = 1;
    assert_int_equal(print(N, &b), ERR_MISMATCH);
    b = of_pq();
    b.total = 5;
    assert_int_equal(print(N, &b), ERR_MISMATCH);
}

/* One classic chain for all, whose binding has the pq key's numbers. */
static void a_shared_key_has_one_chain(void **state)
{
    struct quorate_binding classic = of_classic();
    struct quorate_binding pq = of_pq();

    (void)state;
    keys[0].classic_threshold = 2;
    classic.threshold = 2;
    pq.n_other_keys = 1;
    out = wr_init(text, sizeof text);
    put_classic(0, &classic);
    put_pq(&pq);
    const struct view pem = {text, out.len};

    assert_int_equal(cluster_chains_parse(pem, keys, 1, NOW_S, &chains, why), ERR_OK);
    assert_int_equal(chains.n, 1);
    assert_memory_equal(chains.classic[0].public_key.p, keys[0].classic,
                        sizeof keys[0].classic);
    keys[0].classic_threshold = 3;
    assert_int_equal(cluster_chains_parse(pem, keys, 1, NOW_S, &chains, why), ERR_MISMATCH);
    assert_non_null(strstr(why, "numbers of signers"));
    keys[0].classic_threshold = 1;
}

static void each_must_be_there_in_order(void **state)
{
    (void)state;
    out = wr_init(text, sizeof text);
    assert_int_equal(take(), ERR_EVIDENCE);
    put_classic(0, NULL);
    put_classic(1, NULL);
    put_pq(NULL);
    assert_int_equal(take(), ERR_EVIDENCE);
    out = wr_init(text, sizeof text);
    put_classic(1, NULL);
    put_classic(0, NULL);
    put_classic(2, NULL);
    put_pq(NULL);
    assert_int_equal(take(), ERR_MISMATCH);
    out = wr_init(text, sizeof text);
    for (size_t i = 0; i < N; i++) {
        put_classic(i, NULL);
    }
    put_pq(NULL);
    assert_int_equal(take(), ERR_OK);
    put_classic(0, NULL);
    assert_int_equal(take(), ERR_EVIDENCE);
    assert_non_null(strstr(why, "too many"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_them),
        cmocka_unit_test(bindings_must_be_true),
        cmocka_unit_test(a_shared_key_has_one_chain),
        cmocka_unit_test(each_must_be_there_in_order),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
