#include "testing.h"

#include "base/hex.h"
#include "client/kit/file_io.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/quorate-file-io-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void writes_and_reads_back(void **state)
{
    static uint8_t big[200000];
    struct file_bytes f;
    struct stat st;

    (void)state;
    for (size_t i = 0; i < sizeof big; i++) {
        big[i] = (uint8_t)(i * 7);
    }
    assert_int_equal(file_write_atomic(path_of("a"), (struct view){big, sizeof big}), ERR_OK);
    assert_int_equal(file_read(path_of("a"), &f), ERR_OK);
    assert_int_equal(f.n, sizeof big);
    assert_memory_equal(f.p, big, sizeof big);
    file_free(&f);

    /* Replaced as a whole, readable as the user's mask says, and nothing is left beside it. */
    assert_int_equal(file_write_atomic(path_of("a"), (struct view){big, 1}), ERR_OK);
    assert_int_equal(stat(path_of("a"), &st), 0);
    assert_int_equal(st.st_size, 1);
    const mode_t mask = umask(0);

    (void)umask(mask);
    assert_int_equal(st.st_mode & 0777, 0666 & ~mask);
    assert_int_equal(unlink(path_of("a")), 0);
}

static void says_why_not(void **state)
{
    struct file_bytes f;

    (void)state;
    assert_int_equal(file_read(path_of("absent"), &f), ERR_IO);
    assert_int_equal(errno, ENOENT);
    assert_null(f.p);
    assert_int_equal(file_read(folder, &f), ERR_IO);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(file_write_atomic(path_of("no/such"), (struct view){NULL, 0}), ERR_IO);
}

static void refuses_a_file_over_the_cap(void **state)
{
    struct file_bytes f;

    (void)state;
    assert_int_equal(file_write_atomic(path_of("big"), (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(truncate(path_of("big"), FILE_READ_MAX + 1), 0);
    assert_int_equal(file_read(path_of("big"), &f), ERR_NOSPACE);
    assert_null(f.p);
    assert_int_equal(truncate(path_of("big"), FILE_READ_MAX), 0);
    assert_int_equal(file_read(path_of("big"), &f), ERR_OK);
    file_free(&f);
    assert_int_equal(unlink(path_of("big")), 0);
}

static void tell(void *self, uint64_t done, uint64_t total)
{
    uint64_t *last = self;

    assert_true(done >= last[0] && done <= total);
    last[0] = done;
    last[1] = total;
}

static void hashes_a_stream(void **state)
{
    uint64_t last[2] = {0, 0};
    const struct file_progress progress = {tell, last};
    uint8_t out[HASH_MAX];
    char hex[2 * HASH_MAX + 1];

    (void)state;
    assert_int_equal(
        file_write_atomic(path_of("abc"), (struct view){(const uint8_t *)"abc", 3}), ERR_OK);
    assert_int_equal(file_hash(path_of("abc"), HASH_SHA256, &progress, out), ERR_OK);
    hex_write((struct view){out, 32}, hex);
    assert_string_equal(hex,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(last[0], 3);
    assert_int_equal(last[1], 3);
    assert_int_equal(unlink(path_of("abc")), 0);
    assert_int_equal(file_hash(path_of("abc"), HASH_SHA256, NULL, out), ERR_IO);
}

static enum err count_until(void *self, const char *path)
{
    int *left = self;

    (void)path;
    return (*left)-- > 0 ? ERR_OK : ERR_RANGE;
}

static void visits_the_files_of_a_folder(void **state)
{
    int left = 2;

    (void)state;
    assert_int_equal(file_write_atomic(path_of("1"), (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(file_write_atomic(path_of("2"), (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(mkdir(path_of("3"), 0700), 0);
    assert_true(file_is_folder(folder));
    assert_false(file_is_folder(path_of("1")));
    assert_int_equal(file_each(folder, count_until, &left), ERR_OK);
    assert_int_equal(left, 0);
    left = 1;
    assert_int_equal(file_each(folder, count_until, &left), ERR_RANGE);
    assert_int_equal(unlink(path_of("1")), 0);
    assert_int_equal(unlink(path_of("2")), 0);
    assert_int_equal(rmdir(path_of("3")), 0);
    assert_int_equal(file_each(path_of("3"), count_until, &left), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_back),        cmocka_unit_test(says_why_not),
        cmocka_unit_test(refuses_a_file_over_the_cap),  cmocka_unit_test(hashes_a_stream),
        cmocka_unit_test(visits_the_files_of_a_folder),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
