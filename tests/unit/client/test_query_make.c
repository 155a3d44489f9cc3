#include "testing.h"

#include "client/inspect/tsq.h"
#include "client/stamp/query_make.h"
#include "client/token/token_facts.h"

#include <string.h>

static enum err fixed_fill(void *self, uint8_t *out, size_t n)
{
    memcpy(out, self, n);
    return ERR_OK;
}

static enum err no_fill(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0, n);
    return ERR_IO;
}

static void nonce_is_minimal_and_positive(void **state)
{
    static const struct {
        uint8_t random[QUERY_NONCE_RANDOM];
        uint8_t body[QUERY_NONCE_LEN];
        size_t n;
    } rows[] = {
        {{0xff, 1, 2, 3, 4, 5, 6, 7}, {0, 0xff, 1, 2, 3, 4, 5, 6, 7}, 9},
        {{0x80, 0, 0, 0, 0, 0, 0, 0}, {0, 0x80, 0, 0, 0, 0, 0, 0, 0}, 9},
        {{0x7f, 1, 2, 3, 4, 5, 6, 7}, {0x7f, 1, 2, 3, 4, 5, 6, 7}, 8},
        {{0, 0x80, 2, 3, 4, 5, 6, 7}, {0, 0x80, 2, 3, 4, 5, 6, 7}, 8},
        {{0, 0x7f, 2, 3, 4, 5, 6, 7}, {0x7f, 2, 3, 4, 5, 6, 7}, 7},
        {{0, 0, 0, 0, 0, 0, 0, 1}, {1}, 1},
        {{0, 0, 0, 0, 0, 0, 0, 0}, {0}, 1},
    };
    uint8_t out[QUERY_NONCE_LEN];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view v = query_nonce(rows[i].random, out);

        assert_int_equal(v.n, rows[i].n);
        assert_memory_equal(v.p, rows[i].body, v.n);
    }
}

static void makes_a_query_that_parses(void **state)
{
    static uint8_t random[8] = {0xaa, 1, 2, 3, 4, 5, 6, 7};
    static const uint8_t policy[] = {0x2a, 0x03};
    const struct entropy_source fixed = {fixed_fill, random};
    const struct query_wants wants = {{policy, sizeof policy}, true, true};
    uint8_t digest[HASH_MAX];
    struct query q;
    struct tsp_req req;
    struct tsq view;

    (void)state;
    memset(digest, 7, sizeof digest);
    for (int alg = HASH_SHA256; alg <= HASH_SHA3_512; alg++) {
        assert_int_equal(query_make((enum hash_alg)alg, digest, &wants, &fixed, &q), ERR_OK);
        assert_int_equal(tsp_req_parse(q.bytes, &req), ERR_OK);
        assert_int_equal(req.imprint.alg, alg);
        assert_memory_equal(req.imprint.digest.p, digest, hash_len((enum hash_alg)alg));
        assert_true(view_equal(req.policy, wants.policy));
        assert_true(view_equal(req.nonce, q.req.nonce));
        assert_true(req.cert_req);

        assert_int_equal(tsq_parse(q.bytes, &view), ERR_OK);
        assert_true(view_equal(view.nonce, q.req.nonce));
        assert_true(view.cert_req);
        for (size_t i = 0; i < q.bytes.n; i++) {
            assert_int_not_equal(tsq_parse((struct view){q.bytes.p, i}, &view), ERR_OK);
            assert_int_equal(view.hash_oid.n, 0);
        }
    }
}

static void wants_decide_what_is_in_it(void **state)
{
    const struct entropy_source broken = {no_fill, NULL};
    const struct query_wants plain = {{NULL, 0}, false, false};
    const struct query_wants with_nonce = {{NULL, 0}, true, false};
    static const uint8_t digest[HASH_MAX];
    struct query q;

    (void)state;
    assert_int_equal(query_make(HASH_SHA256, digest, &plain, &broken, &q), ERR_OK);
    assert_int_equal(q.req.nonce.n, 0);
    assert_false(q.req.cert_req);
    assert_int_equal(query_make(HASH_SHA256, digest, &with_nonce, &broken, &q), ERR_IO);
}

static void integers_are_shown_as_numbers(void **state)
{
    static const struct {
        uint8_t body[9];
        size_t n;
        const char *text;
    } rows[] = {
        {{0x00, 0xff, 1}, 3, "ff01"},
        {{0x7f}, 1, "7f"},
        {{0x00}, 1, "00"},
        {{0xff}, 1, "-01"},
        {{0x80}, 1, "-80"},
        {{0xff, 0x00}, 2, "-0100"},
        {{0xde, 0xad, 0xbe, 0xef}, 4, "-21524111"},
    };
    char out[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        token_facts_integer((struct view){rows[i].body, rows[i].n}, out, sizeof out);
        assert_string_equal(out, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonce_is_minimal_and_positive),
        cmocka_unit_test(makes_a_query_that_parses),
        cmocka_unit_test(wants_decide_what_is_in_it),
        cmocka_unit_test(integers_are_shown_as_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
