#include "testing.h"

#include "enclave/nts/ntske.h"

#include <string.h>

static uint8_t message[32768];
static uint8_t filler[1024];

static struct writer start(void)
{
    return wr_init(message, sizeof message);
}

static void add(struct writer *w, uint16_t type, const void *body, size_t n)
{
    wr_u16be(w, type);
    wr_u16be(w, (uint16_t)n);
    wr_bytes(w, body, n);
}

static void add_u16(struct writer *w, uint16_t type, uint16_t v)
{
    const uint8_t body[2] = {(uint8_t)(v >> 8), (uint8_t)v};

    add(w, type, body, sizeof body);
}

static void add_head(struct writer *w)
{
    add_u16(w, 0x8001, 0);
    add_u16(w, 0x0004, 15);
}

static enum err parse(struct writer *w, struct ntske_answer *a)
{
    static const struct ntske_answer zero;
    const enum err e = ntske_answer_parse((struct view){w->p, w->len}, a);

    assert_false(w->full);
    assert_true(e == ERR_OK || memcmp(a, &zero, sizeof zero) == 0);
    return e;
}

/* The records of a good answer, with one more of that type before the end. */
static enum err with(uint16_t type, const void *body, size_t n)
{
    struct writer w = start();
    struct ntske_answer a;

    add_head(&w);
    add(&w, 5, "cookiecookie", 12);
    add(&w, type, body, n);
    add(&w, 0x8000, NULL, 0);
    return parse(&w, &a);
}

static void takes_an_answer_with_all_records(void **state)
{
    struct writer w = start();
    struct ntske_answer a;
    size_t len = 0;

    (void)state;
    add_head(&w);
    add(&w, 0x0400, "unknown", 7);
    add(&w, 0x8006, "time.example", 12);
    add_u16(&w, 0x8007, 4123);
    for (int i = 0; i < 10; i++) {
        add(&w, 5, filler, (size_t)(100 + i));
    }
    add(&w, 0x8000, NULL, 0);
    assert_int_equal(parse(&w, &a), ERR_OK);
    assert_int_equal(a.n_cookies, NTS_COOKIES_MAX);
    assert_int_equal(a.cookies[7].n, 107);
    assert_true(view_equal(a.server, (struct view){(const uint8_t *)"time.example", 12}));
    assert_int_equal(a.port, 4123);
    for (size_t n = 0; n < w.len; n++) { /* unfinished */
        struct ntske_answer b;

        assert_int_equal(ntske_answer_parse((struct view){message, n}, &b), ERR_TRUNCATED);
        assert_int_equal(ntske_answer_len((struct view){message, n}, &len), ERR_TRUNCATED);
    }
    wr_u8(&w, 0);
    assert_int_equal(ntske_answer_len((struct view){message, w.len}, &len), ERR_OK);
    assert_int_equal(len, w.len - 1);
    assert_int_equal(parse(&w, &a), ERR_TRAILING);
}

static void refuses_what_is_not_ours(void **state)
{
    uint8_t long_name[256];
    struct writer w = start();
    struct ntske_answer a;

    (void)state;
    memset(long_name, 'x', sizeof long_name);
    assert_int_equal(with(0x0400, "", 0), ERR_OK);
    assert_int_equal(with(0x8006, long_name, NTSKE_SERVER_MAX), ERR_OK);
    assert_int_equal(with(0x8006, "a\x7f", 2), ERR_RANGE);
    assert_int_equal(with(0x8400, "", 0), ERR_EXTENSION); /* unknown and critical */
    assert_int_equal(with(0x8002, "\0\1", 2), ERR_POLICY);
    assert_int_equal(with(0x8003, "\0\1", 2), ERR_POLICY);
    assert_int_equal(with(0x8001, "\0\0", 2), ERR_ENCODING); /* twice */
    assert_int_equal(with(0x8004, "\0\17", 2), ERR_ENCODING);
    assert_int_equal(with(0x8007, "\0\0", 2), ERR_RANGE);
    assert_int_equal(with(0x8007, "\0\1\2", 3), ERR_ENCODING);
    assert_int_equal(with(0x8006, "", 0), ERR_RANGE);
    assert_int_equal(with(0x8006, "a b", 3), ERR_RANGE);
    assert_int_equal(with(0x8006, long_name, sizeof long_name), ERR_RANGE);
    assert_int_equal(with(0x0000, "", 0), ERR_ENCODING); /* an end that is not critical */
    assert_int_equal(with(0x8000, "x", 1), ERR_ENCODING);
    add_head(&w);
    add(&w, 0x8000, NULL, 0);
    assert_int_equal(parse(&w, &a), ERR_LENGTH);           /* no cookie */
    for (uint16_t type = 0x8006; type <= 0x8007; type++) { /* twice */
        w = start();
        add_head(&w);
        add(&w, 5, "cookiecookie", 12);
        add(&w, type, "ab", 2);
        add(&w, type, "ab", 2);
        add(&w, 0x8000, NULL, 0);
        assert_int_equal(parse(&w, &a), ERR_ENCODING);
    }
    w = start();
    add_head(&w);
    add(&w, 5, filler, NTS_COOKIE_MAX + 1);
    add(&w, 5, filler, 0);
    add(&w, 0x8000, NULL, 0);
    assert_int_equal(parse(&w, &a), ERR_LENGTH);
}

static void wants_exactly_ntpv4_and_our_aead(void **state)
{
    static const struct {
        uint16_t type;
        const char *body;
        size_t n;
        enum err want;
    } cases[] = {
        {0x8001, "", 0, ERR_VERSION},
        {0x8001, "\0\1", 2, ERR_VERSION},
        {0x8001, "\0\0\0\0", 4, ERR_VERSION},
        {0x8001, "\0", 1, ERR_ENCODING},
        {0x0001, "\0\0", 2, ERR_ENCODING},
        {0x8004, "", 0, ERR_BAD_ALG},
        {0x8004, "\0\36", 2, ERR_BAD_ALG},
        {0x8004, "\0\17\0\36", 4, ERR_BAD_ALG},
        {0x0004, "\0\17\0", 3, ERR_ENCODING},
        {0x0400, "", 0, ERR_VERSION},     /* neither of the two */
        {0x8001, "\0\0", 2, ERR_BAD_ALG}, /* no AEAD */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct writer w = start();
        struct ntske_answer a;

        add(&w, cases[i].type, cases[i].body, cases[i].n);
        if ((cases[i].type & 0x7fff) == 4) {
            add_u16(&w, 0x8001, 0);
        }
        add(&w, 5, "cookiecookie", 12);
        add(&w, 0x8000, NULL, 0);
        assert_int_equal(parse(&w, &a), cases[i].want);
    }
}

static void an_answer_without_end_is_bounded(void **state)
{
    struct writer w = start();
    struct ntske_answer a;
    size_t len = 0;

    (void)state;
    add_head(&w);
    while (w.len <= NTSKE_ANSWER_MAX) {
        assert_int_equal(ntske_answer_len((struct view){message, w.len}, &len), ERR_TRUNCATED);
        add(&w, 0x0400, filler, 500);
    }
    assert_int_equal(ntske_answer_len((struct view){message, w.len}, &len), ERR_RANGE);
    add(&w, 0x8000, NULL, 0);
    assert_int_equal(ntske_answer_len((struct view){message, w.len}, &len), ERR_RANGE);
    assert_int_equal(parse(&w, &a), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_answer_with_all_records),
        cmocka_unit_test(refuses_what_is_not_ours),
        cmocka_unit_test(wants_exactly_ntpv4_and_our_aead),
        cmocka_unit_test(an_answer_without_end_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
