/* Nonces of those who want to see the machines: none waits, each gets its own file. */
#include "testing.h"

#include "host/front/show_desk.h"

#include <stdlib.h>
#include <string.h>

#define S INT64_C(1000000000)

static struct show_desk desk;
static uint8_t *file;
static size_t n;

static int up(void **state)
{
    (void)state;
    return show_desk_init(&desk) == ERR_OK ? 0 : -1;
}

static int down(void **state)
{
    (void)state;
    show_desk_free(&desk);
    return 0;
}

static enum err get(uint8_t nonce, int64_t now_ns)
{
    uint8_t whole[REPORT_DATA_NONCE_LEN];

    memset(whole, nonce, sizeof whole);
    free(file);
    file = NULL;
    return show_desk_get(&desk, whole, now_ns, &file, &n);
}

static uint8_t next(void)
{
    uint8_t nonce[REPORT_DATA_NONCE_LEN] = {0};

    assert_true(show_desk_next(&desk, nonce));
    return nonce[31];
}

static void put(int64_t now_ns, enum err e, const char *text)
{
    show_desk_put(&desk, now_ns, e, (struct view){(const uint8_t *)text, strlen(text)});
}

static void test_there_and_kept(void **state)
{
    (void)state;
    assert_int_equal(get(1, S), ERR_BUSY);
    assert_int_equal(get(2, S), ERR_BUSY);
    assert_int_equal(get(1, S), ERR_BUSY); /* not twice */
    assert_int_equal(next(), 1);
    assert_int_equal(get(1, S), ERR_BUSY);
    put(S, ERR_OK, "one");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(get(1, S), ERR_OK);
        assert_int_equal(n, 3);
        assert_memory_equal(file, "one", 3);
    }
    assert_int_equal(next(), 2);
    put(S, ERR_EVIDENCE, "");
    assert_int_equal(get(2, S), ERR_EVIDENCE);
    assert_int_equal(get(2, S), ERR_BUSY); /* once more */
    assert_int_equal(next(), 2);
    put(S, ERR_OK, "two");
    assert_int_equal(get(2, S), ERR_OK);
}

static void test_full(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= SHOW_NONCES_MAX; i++) {
        assert_int_equal(get(i, S), ERR_BUSY);
    }
    assert_int_equal(get(99, S), ERR_RATE);
    assert_int_equal(next(), 1);
    put(S, ERR_OK, "one");
    assert_int_equal(get(99, S + SHOW_LEAST_NS - 1), ERR_RATE);
    assert_int_equal(get(1, S + SHOW_LEAST_NS), ERR_OK);
    assert_int_equal(get(99, S + SHOW_LEAST_NS), ERR_BUSY);
    assert_int_equal(get(1, S + SHOW_LEAST_NS), ERR_RATE); /* it gave way */
}

/* Who fetches nothing: the oldest of its answers gives way, and the others stay. */
static void test_oldest_gives_way(void **state)
{
    const int64_t later = S + SHOW_LEAST_NS + SHOW_NONCES_MAX;

    (void)state;
    for (uint8_t i = 1; i <= SHOW_NONCES_MAX; i++) {
        assert_int_equal(get(i, S), ERR_BUSY);
        assert_int_equal(next(), i);
        put(S + i, ERR_OK, "some");
    }
    assert_int_equal(get(99, later), ERR_BUSY);
    assert_int_equal(get(2, later), ERR_OK);
    assert_int_equal(get(SHOW_NONCES_MAX, later), ERR_OK);
    assert_int_equal(next(), 99);
    put(later, ERR_OK, "it");
    assert_int_equal(get(99, later + SHOW_KEPT_NS - 1), ERR_OK); /* nobody wants its place */
}

static void test_stop(void **state)
{
    uint8_t nonce[REPORT_DATA_NONCE_LEN];

    (void)state;
    assert_int_equal(get(1, S), ERR_BUSY);
    assert_false(show_desk_stopped(&desk));
    show_desk_stop(&desk);
    assert_true(show_desk_stopped(&desk));
    assert_false(show_desk_next(&desk, nonce));
    put(S, ERR_OK, "nobody asked");
    assert_int_equal(get(1, S), ERR_BUSY);
    free(file);
    file = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_kept, up, down),
        cmocka_unit_test_setup_teardown(test_full, up, down),
        cmocka_unit_test_setup_teardown(test_oldest_gives_way, up, down),
        cmocka_unit_test_setup_teardown(test_stop, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
