#include "csr_kit.h"

#include "base/hex.h"
#include "host/authority/core_chains.h"
#include "host/authority/dev_request.h"

#include <stdio.h>

#if defined(QUORATE_SIMULATED)

#define NOW_S 1795000000 /* 2026-11-18 */
#define EPOCH                                                          \
    "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20" \
    "2122232425262728292a2b2c2d2e2f30"

static struct core_keys keys;
static uint8_t text[2 * DEV_REQUEST_MAX];
static struct view both, classic_alone;
static struct dev_request request;
static char why[DEV_WHY_MAX];

static struct csr_kit_key *classic_key, *pq_key;

static int set_up(void **state)
{
    struct writer w = wr_init(text, sizeof text);
    size_t n = 0;

    (void)state;
    classic_key = csr_kit_key_new(SIGN_ECDSA_P384_SHA384, 1);
    pq_key = csr_kit_key_new(SIGN_ML_DSA_65, 2);
    keys = (struct core_keys){
        .threshold = 1, .total = 1, .assurance = ASSURANCE_SIMULATED, .has_pq = true};
    assert_int_equal(hex_parse(EPOCH, keys.epoch_id, sizeof keys.epoch_id, &n), ERR_OK);
    memcpy(keys.classic, classic_key->public_key, sizeof keys.classic);
    memcpy(keys.pq, pq_key->public_key, sizeof keys.pq);
    csr_kit_pem(SIGN_ECDSA_P384_SHA384, 1, &w);
    classic_alone = (struct view){text, w.len};
    csr_kit_pem(SIGN_ML_DSA_65, 2, &w);
    both = (struct view){text, w.len};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    csr_kit_key_free(classic_key);
    csr_kit_key_free(pq_key);
    return 0;
}

static enum err ask(struct view pem)
{
    return dev_request_parse(pem, EPOCH, "1", "1", &request, why);
}

static void answer_is_what_the_supervisor_takes(void **state)
{
    static uint8_t chains_pem[DEV_CHAINS_MAX];
    static struct core_chains chains;
    struct writer w = wr_init(chains_pem, sizeof chains_pem);
    struct dev_ca *ca = NULL;
    struct dev_ca_pq *ca_pq = NULL;
    char reason[TSA_CHAIN_WHY_MAX];

    (void)state;
    assert_int_equal(dev_ca_new(NOW_S, &ca), ERR_OK);
    assert_int_equal(dev_ca_pq_new(NOW_S, &ca_pq), ERR_OK);
    assert_int_equal(ask(both), ERR_OK);
    assert_int_equal(dev_request_answer(&request, ca, ca_pq, NOW_S, &w), ERR_OK);
    assert_int_equal(
        core_chains_parse((struct view){chains_pem, w.len}, &keys, NOW_S, &chains, reason),
        ERR_OK);
    assert_true(chains.classic.has_binding && chains.pq.has_binding);
    assert_int_equal(chains.pq.binding.assurance, ASSURANCE_SIMULATED);

    keys.has_pq = false;
    w = wr_init(chains_pem, sizeof chains_pem);
    assert_int_equal(ask(classic_alone), ERR_OK);
    assert_int_equal(dev_request_answer(&request, ca, ca_pq, NOW_S, &w), ERR_OK);
    assert_int_equal(
        core_chains_parse((struct view){chains_pem, w.len}, &keys, NOW_S, &chains, reason),
        ERR_OK);
    assert_true(chains.classic.has_binding);
    assert_int_equal(chains.classic.binding.n_other_keys, 0);
    keys.has_pq = true;
    dev_ca_free(ca);
    dev_ca_pq_free(ca_pq);
}

/* Five cores: a P-384 key each, which signs alone, and one ML-DSA-65 key. */
static void several_cores_get_a_chain_each(void **state)
{
    static uint8_t pem[DEV_REQUEST_MAX], out[DEV_CHAINS_MAX], der[CSR_MAX];
    static struct tsa_chain chain;
    struct writer w = wr_init(pem, sizeof pem);
    struct writer chains = wr_init(out, sizeof out);
    struct dev_ca *ca = NULL;
    struct dev_ca_pq *ca_pq = NULL;
    char reason[TSA_CHAIN_WHY_MAX];
    size_t at = 0;

    (void)state;
    for (uint8_t i = 0; i < 5; i++) {
        csr_kit_pem(SIGN_ECDSA_P384_SHA384, (uint8_t)(10 + i), &w);
    }
    csr_kit_pem(SIGN_ML_DSA_65, 2, &w);
    assert_int_equal(
        dev_request_parse((struct view){pem, w.len}, EPOCH, "3", "5", &request, why), ERR_OK);
    assert_int_equal(request.n_classic, 5);
    assert_int_equal(dev_ca_new(NOW_S, &ca), ERR_OK);
    assert_int_equal(dev_ca_pq_new(NOW_S, &ca_pq), ERR_OK);
    assert_int_equal(dev_request_answer(&request, ca, ca_pq, NOW_S, &chains), ERR_OK);
    for (size_t i = 0; i < 6; i++) {
        struct reader r = rd_init((struct view){out + at, chains.len - at});
        struct view cert;

        assert_int_equal(pem_parse(&r, "CERTIFICATE", der, sizeof der, &cert), ERR_OK);
        assert_int_equal(pem_parse(&r, "CERTIFICATE", der, sizeof der, &cert), ERR_OK);
        const struct view one = {out + at, chains.len - at - r.n};

        assert_int_equal(
            tsa_chain_parse(one, i < 5 ? KEY_CLASSIC : KEY_PQ, NOW_S, &chain, reason), ERR_OK);
        assert_int_equal(chain.binding.threshold, i < 5 ? 1 : 3);
        assert_int_equal(chain.binding.total, 5);
        assert_int_equal(chain.binding.n_other_keys, i < 5 ? 1 : 5);
        at += one.n;
    }
    assert_int_equal(at, chains.len);
    for (size_t i = 0; i < 5; i++) {
        uint8_t hash[HASH_MAX];

        hash_once(HASH_SHA384, request.classic[i].spki, hash);
        assert_true(quorate_binding_names(&chain.binding, (struct view){hash, 48}));
    }
    dev_ca_free(ca);
    dev_ca_pq_free(ca_pq);
}

static void assert_refused(struct view pem, enum err e, const char *reason)
{
    static const struct dev_request zero;

    assert_int_equal(ask(pem), e);
    assert_string_equal(why, reason);
    assert_memory_equal(&request, &zero, sizeof zero);
}

static void damaged_requests_are_refused(void **state)
{
    static uint8_t pem[sizeof text];
    static const char empty[] =
        "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n";

    (void)state;
    assert_refused((struct view){NULL, 0}, ERR_ENCODING, "request 1: there is none");
    assert_refused((struct view){both.p, both.n - 20}, ERR_ENCODING, "request 2: damaged PEM");
    memcpy(pem, both.p, both.n);
    pem[classic_alone.n - 50] = '*';
    assert_refused((struct view){pem, both.n}, ERR_ENCODING, "request 1: damaged PEM");
    memcpy(pem, both.p, both.n);
    memcpy(pem + both.n, empty, sizeof empty - 1);
    assert_refused((struct view){pem, both.n + sizeof empty - 1}, ERR_ENCODING,
                   "request 3: no PKCS#10 of a P-384 key with SHA-384 or an ML-DSA-65 key");
}

static void their_order_and_number_is_checked(void **state)
{
    static uint8_t pem[sizeof text];
    struct writer w = wr_init(pem, sizeof pem);

    (void)state;
    wr_view(&w, both);
    wr_view(&w, classic_alone);
    assert_refused((struct view){pem, w.len}, ERR_TRAILING,
                   "request 3: nothing follows that of the ML-DSA-65 key");
    w = wr_init(pem, sizeof pem);
    wr_view(&w, classic_alone);
    wr_view(&w, classic_alone);
    assert_refused((struct view){pem, w.len}, ERR_RANGE,
                   "request 2: a key that is asked for already");
    assert_refused((struct view){both.p + classic_alone.n, both.n - classic_alone.n}, ERR_RANGE,
                   "request 1: none is of a P-384 key");
    w = wr_init(pem, sizeof pem);
    for (uint8_t i = 0; i <= DEV_CLASSIC_MAX; i++) {
        csr_kit_pem(SIGN_ECDSA_P384_SHA384, (uint8_t)(10 + i), &w);
    }
    assert_refused((struct view){pem, w.len}, ERR_NOSPACE, "request 7: too many of P-384 keys");
}

/* One names the key of another, who then could be certified without having it. */
static void proof_of_possession_is_checked(void **state)
{
    static const char reason[] =
        "request %d: no proof of possession: not signed by the key that it names";
    static uint8_t pem[DEV_REQUEST_MAX], der[CSR_MAX];
    uint8_t info[CSR_INFO_MAX];
    char want[DEV_WHY_MAX];

    (void)state;
    for (int i = 1; i <= 2; i++) {
        struct csr_kit_key *const named = i == 1 ? classic_key : pq_key;
        struct csr_kit_key *thief = csr_kit_key_new(named->alg, 77);
        struct writer w = wr_init(pem, sizeof pem);
        struct writer dw = wr_init(der, sizeof der);

        csr_kit_sign(thief, csr_kit_info(named->alg, csr_kit_public(named), info), &dw);
        csr_kit_key_free(thief);
        if (i == 2) {
            wr_view(&w, classic_alone);
        }
        pem_write(&w, CSR_PEM_LABEL, (struct view){der, dw.len});
        (void)snprintf(want, sizeof want, reason, i);
        assert_refused((struct view){pem, w.len}, ERR_SIGNATURE, want);
    }
}

static void environment_must_say_what_to_bind(void **state)
{
    static const char *const bad[] = {NULL, "", "0", "65", "1x", "-1", " 1", "11111111111"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(dev_request_parse(both, EPOCH, bad[i], "64", &request, why),
                         ERR_STATE);
        assert_int_equal(dev_request_parse(both, EPOCH, "1", bad[i], &request, why), ERR_STATE);
        assert_int_equal(dev_request_parse(both, bad[i], "1", "1", &request, why), ERR_STATE);
    }
    assert_int_equal(dev_request_parse(both, EPOCH "00", "1", "1", &request, why), ERR_STATE);
    assert_int_equal(dev_request_parse(both, EPOCH, "3", "2", &request, why), ERR_STATE);
    assert_int_equal(dev_request_parse(both, EPOCH, "3", "5", &request, why), ERR_OK);
    assert_int_equal(request.threshold, 3);
    assert_int_equal(request.total, 5);
    assert_int_equal(request.epoch_id[47], 0x30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_is_what_the_supervisor_takes),
        cmocka_unit_test(several_cores_get_a_chain_each),
        cmocka_unit_test(damaged_requests_are_refused),
        cmocka_unit_test(their_order_and_number_is_checked),
        cmocka_unit_test(proof_of_possession_is_checked),
        cmocka_unit_test(environment_must_say_what_to_bind),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

#else

int main(void)
{
    (void)puts("SKIP a production build has no test CA");
    return 77;
}

#endif
