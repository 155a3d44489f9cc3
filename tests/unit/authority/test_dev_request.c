#include "pq_certs.h"

#include "base/hex.h"
#include "host/authority/core_chains.h"
#include "host/authority/dev_request.h"
#include "host/authority/openssl_api.h"

#include <stdio.h>

#if defined(QUORATE_SIMULATED)

#define NOW_S 1795000000 /* 2026-11-18 */
#define EPOCH                                                          \
    "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20" \
    "2122232425262728292a2b2c2d2e2f30"

static struct core_keys keys;
static uint8_t text[CORE_KEYS_PEM_MAX + SPKI_PEM_MAX];
static struct view both, classic_alone;

static int set_up(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-384");
    uint8_t pk[PQ_CERTS_PK_LEN];
    struct writer w = wr_init(text, sizeof text);
    size_t n = 0;

    (void)state;
    keys = (struct core_keys){
        .threshold = 1, .total = 1, .assurance = ASSURANCE_SIMULATED, .has_pq = true};
    assert_int_equal(hex_parse(EPOCH, keys.epoch_id, sizeof keys.epoch_id, &n), ERR_OK);
    assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, keys.classic,
                                                     sizeof keys.classic, &n),
                     1);
    EVP_PKEY_free(key);
    memcpy(keys.pq, pq_certs_public_key(9, pk).p, sizeof keys.pq);
    assert_int_equal(core_keys_pem(&keys, &w), ERR_OK);
    both = (struct view){text, w.len};
    struct reader r = rd_init(both);
    uint8_t der[SPKI_PEM_MAX];
    struct view spki;

    assert_int_equal(pem_parse(&r, "PUBLIC KEY", der, sizeof der, &spki), ERR_OK);
    classic_alone = (struct view){text, both.n - r.n};
    return 0;
}

static struct dev_request request;

static enum err ask(struct view pem)
{
    return dev_request_parse(pem, EPOCH, "1", "1", &request);
}

static void answer_is_what_the_supervisor_takes(void **state)
{
    static uint8_t chains_pem[DEV_CHAINS_MAX];
    static struct core_chains chains;
    struct writer w = wr_init(chains_pem, sizeof chains_pem);
    struct dev_ca *ca = NULL;
    struct dev_ca_pq *ca_pq = NULL;
    char why[TSA_CHAIN_WHY_MAX];

    (void)state;
    assert_int_equal(dev_ca_new(NOW_S, &ca), ERR_OK);
    assert_int_equal(dev_ca_pq_new(NOW_S, &ca_pq), ERR_OK);
    assert_int_equal(ask(both), ERR_OK);
    assert_int_equal(dev_request_answer(&request, ca, ca_pq, NOW_S, &w), ERR_OK);
    assert_int_equal(
        core_chains_parse((struct view){chains_pem, w.len}, &keys, NOW_S, &chains, why),
        ERR_OK);
    assert_true(chains.classic.has_binding && chains.pq.has_binding);
    assert_int_equal(chains.pq.binding.assurance, ASSURANCE_SIMULATED);

    keys.has_pq = false;
    w = wr_init(chains_pem, sizeof chains_pem);
    assert_int_equal(ask(classic_alone), ERR_OK);
    assert_int_equal(dev_request_answer(&request, ca, ca_pq, NOW_S, &w), ERR_OK);
    assert_int_equal(
        core_chains_parse((struct view){chains_pem, w.len}, &keys, NOW_S, &chains, why),
        ERR_OK);
    assert_true(chains.classic.has_binding);
    assert_int_equal(chains.classic.binding.n_other_keys, 0);
    keys.has_pq = true;
    dev_ca_free(ca);
    dev_ca_pq_free(ca_pq);
}

static void keys_are_one_or_two(void **state)
{
    static uint8_t three[sizeof text];
    const struct view pem = {three, both.n + classic_alone.n};

    (void)state;
    memcpy(three, both.p, both.n);
    memcpy(three + both.n, classic_alone.p, classic_alone.n);
    assert_int_equal(ask(pem), ERR_ENCODING);
    assert_int_equal(request.classic.n, 0);
    assert_int_equal(ask((struct view){NULL, 0}), ERR_ENCODING);
    assert_int_equal(ask((struct view){both.p, both.n - 20}), ERR_ENCODING);
    static const char empty[] = "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n";

    memcpy(three + classic_alone.n, empty, sizeof empty - 1);
    assert_int_equal(ask((struct view){three, classic_alone.n + sizeof empty - 1}),
                     ERR_ENCODING);
    three[classic_alone.n - 40] = '*';
    assert_int_equal(ask((struct view){three, classic_alone.n}), ERR_ENCODING);
    /* the pq key first: a P-384 CA finds no key of its own there */
    assert_int_equal(ask((struct view){both.p + classic_alone.n, both.n - classic_alone.n}),
                     ERR_OK);
    static uint8_t out[DEV_CHAINS_MAX];
    struct writer w = wr_init(out, sizeof out);
    struct dev_ca *ca = NULL;

    assert_int_equal(dev_ca_new(NOW_S, &ca), ERR_OK);
    assert_int_equal(dev_request_answer(&request, ca, NULL, NOW_S, &w), ERR_ENCODING);
    dev_ca_free(ca);
}

static void environment_must_say_what_to_bind(void **state)
{
    static const char *const bad[] = {NULL, "", "0", "65", "1x", "-1", " 1", "11111111111"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(dev_request_parse(both, EPOCH, bad[i], "64", &request), ERR_STATE);
        assert_int_equal(dev_request_parse(both, EPOCH, "1", bad[i], &request), ERR_STATE);
        assert_int_equal(dev_request_parse(both, bad[i], "1", "1", &request), ERR_STATE);
    }
    assert_int_equal(dev_request_parse(both, EPOCH "00", "1", "1", &request), ERR_STATE);
    assert_int_equal(dev_request_parse(both, EPOCH, "3", "2", &request), ERR_STATE);
    assert_int_equal(dev_request_parse(both, EPOCH, "3", "5", &request), ERR_OK);
    assert_int_equal(request.threshold, 3);
    assert_int_equal(request.total, 5);
    assert_int_equal(request.epoch_id[47], 0x30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_is_what_the_supervisor_takes),
        cmocka_unit_test(keys_are_one_or_two),
        cmocka_unit_test(environment_must_say_what_to_bind),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}

#else

int main(void)
{
    (void)puts("SKIP a production build has no test CA");
    return 77;
}

#endif
