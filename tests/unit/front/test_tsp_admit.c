#include "testing.h"

#include "host/front/tsp_admit.h"

#include <string.h>

static struct config config;
static uint8_t digest[HASH_MAX];

static int begin(void **state)
{
    static const char text[] = "[front]\ncore = unix:c\nchain = c\n[journal]\ndir = j\n"
                               "[policy a]\noid = 1.2.3\nnumber = 1\n"
                               "[policy b]\noid = 1.2.3.4\nnumber = 200\ndefault = yes\n"
                               "digits = 0\nmin_accuracy_ms = 7\nmax_accuracy_ms = 9\n";
    char error[CONFIG_ERROR_MAX];

    (void)state;
    memset(digest, 0xab, sizeof digest);
    return config_parse((struct view){(const uint8_t *)text, sizeof text - 1}, "t", "", &config,
                        error) == ERR_OK
               ? 0
               : -1;
}

static struct tsp_req request(enum hash_alg alg, const char *policy, size_t policy_n)
{
    return (struct tsp_req){.imprint = {alg, {digest, hash_len(alg)}},
                            .policy = {(const uint8_t *)policy, policy_n}};
}

static void picks_the_policy(void **state)
{
    static const struct {
        const char *oid;
        size_t n;
        enum err want;
        int number;
    } rows[] = {
        {"", 0, ERR_OK, 200},       /* the default one */
        {"\x2a\x03", 2, ERR_OK, 1}, /* 1.2.3 */
        {"\x2a\x03\x04", 3, ERR_OK, 200},
        {"\x2a\x03\x05", 3, ERR_POLICY, 0},
        {"\x2a", 1, ERR_POLICY, 0},
        {"\x2a\x03\x04\x04", 4, ERR_POLICY, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct tsp_req req = request(HASH_SHA256, rows[i].oid, rows[i].n);
        struct coord_job job = {0};
        const struct config_policy *p = NULL;

        assert_int_equal(tsp_admit(&req, &config, &job, &p), rows[i].want);
        assert_int_equal(job.policy, rows[i].number);
        assert_true((p != NULL) == (rows[i].want == ERR_OK));
    }
}

static void fills_the_job(void **state)
{
    static const enum hash_alg algs[] = {HASH_SHA256,   HASH_SHA384,   HASH_SHA512,
                                         HASH_SHA3_256, HASH_SHA3_384, HASH_SHA3_512};
    uint8_t nonce[TSP_NONCE_MAX];

    (void)state;
    memset(nonce, 0x80, sizeof nonce);
    for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
        struct tsp_req req = request(algs[i], "", 0);
        struct coord_job job = {0};
        const struct config_policy *p = NULL;

        req.nonce = (struct view){nonce, sizeof nonce - i};
        assert_int_equal(tsp_admit(&req, &config, &job, &p), ERR_OK);
        assert_int_equal(job.key, KEY_CLASSIC);
        assert_int_equal(job.hash_alg, algs[i]);
        assert_memory_equal(job.hashed_message, digest, hash_len(algs[i]));
        assert_int_equal(job.nonce_len, sizeof nonce - i);
        assert_memory_equal(job.nonce, nonce, job.nonce_len);
        assert_int_equal(job.rule.digits, 0);
        assert_int_equal(job.rule.min_accuracy_ms, 7);
        assert_int_equal(job.rule.max_accuracy_ms, 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(picks_the_policy),
        cmocka_unit_test(fills_the_job),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
