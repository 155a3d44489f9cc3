#include "testing.h"

#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/quorate-file-XXXXXX";
static char path[64];

static void put(const char *text)
{
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void reads_up_to_its_room(void **state)
{
    uint8_t out[4];
    struct view in;

    (void)state;
    put("");
    assert_int_equal(small_file_read(path, out, sizeof out, &in), ERR_OK);
    assert_int_equal(in.n, 0);
    put("abcd");
    assert_int_equal(small_file_read(path, out, sizeof out, &in), ERR_OK);
    assert_int_equal(in.n, 4);
    assert_memory_equal(in.p, "abcd", 4);
    put("abcde");
    assert_int_equal(small_file_read(path, out, sizeof out, &in), ERR_NOSPACE);
    assert_int_equal(in.n, 0);
    assert_int_equal(unlink(path), 0);
}

static void waits_for_nobody(void **state)
{
    uint8_t out[4];
    struct view in;

    (void)state;
    assert_int_equal(small_file_read(path, out, sizeof out, &in), ERR_IO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(small_file_read(path, out, sizeof out, &in), ERR_IO);
    assert_int_equal(errno, ENOTSUP);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(small_file_read(dir, out, sizeof out, &in), ERR_IO);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(small_file_read("/dev/zero", out, sizeof out, &in), ERR_IO);
    assert_int_equal(in.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_up_to_its_room),
        cmocka_unit_test(waits_for_nobody),
    };
    int failed;

    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    (void)snprintf(path, sizeof path, "%s/file", dir);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)rmdir(dir);
    return failed;
}
