#include "testing.h"

#include "host/authority/ended_io.h"
#include "os/small_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/quorate-ended-XXXXXX";
static char path[64];

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/ended", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

/* How many are in the file, and how long it is. */
static unsigned count(size_t *n)
{
    static uint8_t text[ENDED_LIST_MAX];
    uint8_t nonce[PLAN_NONCE_LEN];
    struct view in;
    unsigned found = 0;

    assert_int_equal(small_file_read(path, text, sizeof text, &in), ERR_OK);
    *n = in.n;
    struct reader r = rd_init(in);

    while (ended_list_next(&r, nonce)) {
        found++;
    }
    return found;
}

static void what_was_kept_is_there_after_a_restart(void **state)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {7};
    struct ended_file f;
    struct ended_file other;
    size_t n = 0;

    (void)state;
    assert_int_equal(ended_open(&f, path), ERR_OK);
    assert_int_equal(ended_note(&f, "core-1", nonce), ERR_OK);
    assert_int_equal(ended_open(&other, path), ERR_STATE); /* one supervisor */
    ended_close(&f);
    assert_int_equal(ended_open(&f, path), ERR_OK);
    assert_int_equal(count(&n), 1);
    assert_int_equal(write(f.fd, "ended core-2 0102", 17), 17); /* a write that was cut */
    assert_int_equal(ended_note(&f, "core-3", nonce), ERR_OK);
    assert_int_equal(count(&n), 2);
    ended_close(&f);
}

static void it_stays_short(void **state)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {7};
    struct ended_file f;
    size_t n = 0;

    (void)state;
    assert_int_equal(ended_open(&f, path), ERR_OK);
    while (count(&n) < 100) {
        assert_int_equal(ended_note(&f, "core-1", nonce), ERR_OK);
    }
    assert_int_equal(ended_trim(&f), ERR_OK);
    assert_int_equal(count(&n), 100); /* of epochs that other fronts may still be at */
    while (n <= ENDED_LIST_MAX / 2) {
        assert_int_equal(ended_note(&f, "core-1", nonce), ERR_OK);
        (void)count(&n);
    }
    assert_int_equal(ended_trim(&f), ERR_OK);
    assert_int_equal(count(&n), 0);
    ended_close(&f);
}

static void no_file_is_an_error(void **state)
{
    struct ended_file f;

    (void)state;
    assert_int_equal(ended_open(&f, "/nowhere/ended"), ERR_IO);
    assert_int_equal(f.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_is_there_after_a_restart),
        cmocka_unit_test(it_stays_short),
        cmocka_unit_test(no_file_is_an_error),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
