/* Recipes of a measurement: what is read of one, and what files give by it. */
#include "testing.h"

#include "client/evidence/bundle_report.h"
#include "client/kit/file_io.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define H48                                                                                    \
    "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c" \
    "6d7e8f90"
#define TOP "QUORATE-RECIPE-1\nmachine = qemu\n"
#define CPU "vcpus = 4\ncpu = 0xa00f11\nfeatures = 0x1\n"
#define FW "firmware = " H48 " OVMF.fd\n"
#define KERNEL "kernel = " H48 " bzImage\n"
#define REST "initrd = " H48 " initrd.img\nappend = console=ttyS0 a b\n"

static struct view text(const char *s)
{
    return (struct view){(const uint8_t *)s, strlen(s)};
}

static enum err decode(const char *s)
{
    static const struct recipe zero;
    struct recipe r;
    const enum err e = recipe_decode(text(s), &r);

    if (e != ERR_OK) {
        assert_memory_equal(&r, &zero, sizeof zero);
    }
    return e;
}

static void what_is_read(void **state)
{
    static const char whole[] = TOP CPU FW KERNEL REST;
    uint8_t room[2048];
    struct writer w = wr_init(room, sizeof room);
    struct recipe r;
    struct view out;

    (void)state;
    assert_int_equal(recipe_decode(text(whole), &r), ERR_OK);
    assert_true(!r.simulated && r.vcpus == 4 && r.cpu_signature == 0xa00f11 && r.features == 1);
    assert_true(view_equal(r.kernel.name, text("bzImage")));
    assert_true(view_equal(r.append, text("console=ttyS0 a b")));
    assert_int_equal(r.initrd.hash[47], 0x90);
    recipe_encode(&w, &r);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_true(view_equal(out, text(whole)));
    assert_int_equal(decode(TOP CPU "firmware = " H48 " aZ0._-\n"), ERR_OK);
    assert_int_equal(recipe_decode(text(TOP CPU FW), &r), ERR_OK);
    w = wr_init(room, sizeof room);
    recipe_encode(&w, &r); /* what is not there is not written */
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_true(view_equal(out, text(TOP CPU FW)));
    assert_int_equal(decode(TOP CPU FW KERNEL), ERR_OK);
    for (size_t n = 0; n < sizeof whole - 1; n++) { /* a whole line may be missing at the end */
        const enum err e = recipe_decode((struct view){(const uint8_t *)whole, n}, &r);

        assert_int_equal(e == ERR_OK, n == sizeof TOP CPU FW - 1 ||
                                          n == sizeof TOP CPU FW KERNEL - 1 ||
                                          n == (size_t)(strstr(whole, "append") - whole));
    }
}

static void what_is_refused(void **state)
{
    static const struct {
        const char *text;
        enum err e;
    } cases[] = {
        {"QUORATE-RECIPE-2\nmachine = qemu\n" CPU FW, ERR_TAG},
        {"QUORATE-RECIPE-1\nmachine = xen\n" CPU FW, ERR_ENCODING},
        {TOP "vcpus = 0\ncpu = 0x1\nfeatures = 0x1\n" FW, ERR_RANGE},
        {TOP "vcpus = 513\ncpu = 0x1\nfeatures = 0x1\n" FW, ERR_RANGE},
        {TOP "vcpus = 1\ncpu = 0x100000000\nfeatures = 0x1\n" FW, ERR_RANGE},
        {TOP "vcpus = 1\ncpu = 1\nfeatures = 0x1\n" FW, ERR_RANGE},
        {TOP "vcpux = 1\ncpu = 0x1\nfeatures = 0x1\n" FW, ERR_RANGE},
        {TOP "vcpus : 1\ncpu = 0x1\nfeatures = 0x1\n" FW, ERR_RANGE},
        {TOP "cpu = 0x1\nfeatures = 0x1\n" FW, ERR_RANGE},
        {TOP "vcpus = 1\ncpu = 0x1\nfeatures = 1\n" FW, ERR_RANGE},
        {TOP CPU, ERR_ENCODING},
        {TOP CPU FW FW, ERR_ENCODING},
        {TOP CPU FW "initrd = " H48 " i\n", ERR_ENCODING},
        {TOP CPU FW "append = x\n", ERR_ENCODING},
        {TOP CPU FW KERNEL "append = \x01\n", ERR_ENCODING},
        {TOP CPU FW KERNEL "append = \x7f\n", ERR_ENCODING},
        {TOP CPU FW KERNEL "append = \n", ERR_ENCODING}, /* it would not be written so */
        {TOP CPU FW "kernel = x\n", ERR_ENCODING},
        {TOP CPU FW "kernel = " H48 " \n", ERR_ENCODING},
        {TOP CPU FW "kernel = " H48 " .k\n", ERR_RANGE},
        {TOP CPU FW KERNEL "initrd = x\n", ERR_ENCODING},
        {TOP CPU FW KERNEL "initrd = " H48 " .i\n", ERR_RANGE},
        {TOP CPU FW KERNEL REST "\n", ERR_ENCODING},
        {TOP CPU "firmware = " H48 " \n", ERR_ENCODING},
        {TOP CPU "firmware = " H48 "x OVMF\n", ERR_ENCODING},
        {TOP CPU "firmware = A" H48 " OVMF\n", ERR_ENCODING},
        {TOP CPU "firmware = " H48 " ../OVMF\n", ERR_RANGE},
        {TOP CPU "firmware = " H48 " a/b\n", ERR_RANGE},
        {TOP CPU "firmware = " H48
                 " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
         ERR_RANGE},
        {"QUORATE-RECIPE-1\nmachine = simulated\nprogram = " H48 " quorate-core\n",
         ERR_ENCODING},
        {"QUORATE-RECIPE-1\nmachine = simulated\nprogram = " H48 " quorate-tsm\n", ERR_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (decode(cases[i].text) != cases[i].e) {
            fail_msg("%zu: %s", i, err_name(decode(cases[i].text)));
        }
    }
}

/* A hash is digits in lower case, every one of them. */
static void hashes_are_read_whole(void **state)
{
    static const char whole[] = TOP CPU FW;
    const size_t hash = (size_t)(strstr(whole, H48) - whole);
    char copy[sizeof whole];

    (void)state;
    for (size_t i = 0; i < 2 * (size_t)RECIPE_HASH_LEN; i++) {
        memcpy(copy, whole, sizeof whole);
        copy[hash + i] = i % 2 == 0 ? 'A' : 'g';
        assert_int_equal(decode(copy), ERR_ENCODING);
    }
}

static void a_command_line_has_its_length(void **state)
{
    static const char before[] = TOP CPU FW KERNEL "append = ";
    static char all[sizeof before + RECIPE_APPEND_MAX + 8];

    (void)state;
    memcpy(all, before, sizeof before);
    for (size_t more = 0; more < 2; more++) {
        const size_t n = RECIPE_APPEND_MAX + more;

        memset(all + sizeof before - 1, 'x', n);
        memcpy(all + sizeof before - 1 + n, "\n", 2);
        assert_int_equal(decode(all), more == 0 ? ERR_OK : ERR_RANGE);
    }
}

/* ---- files ---- */

static char folder[] = "/tmp/quorate-recipe-XXXXXX";
static char paths[SNP_MANIFEST_FILES][128];

static void put(size_t i, const char *bytes)
{
    FILE *const f = fopen(paths[i], "wb");

    assert_non_null(f);
    assert_true(fputs(bytes, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%s", folder, snp_manifest_files[i]);
        put(i, snp_manifest_files[i]);
    }
    return 0;
}

static int down(void **state)
{
    (void)state;
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        (void)unlink(paths[i]);
    }
    return rmdir(folder);
}

static struct recipe simulated(void)
{
    struct recipe r = {.simulated = true};

    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        assert_int_equal(recipe_measure_file(paths[i], &r.programs[i]), ERR_OK);
    }
    return r;
}

/* A bundle of three nodes, of which two sign together, as if it had been judged. */
static void a_bundle_is_measured(void **state)
{
    static struct bundle_report r;
    static uint8_t room[2048];
    struct writer w = wr_init(room, sizeof room);
    const struct recipe recipe = simulated();
    uint8_t digest[SNP_MEASUREMENT_LEN];
    char why[RECIPE_WHY_MAX];

    (void)state;
    assert_int_equal(recipe_measure_programs(folder, digest, why), ERR_OK);
    r.holds = true;
    r.epochs[0].verdict.record.plan.total = 3;
    r.epochs[0].verdict.record.plan.threshold = 2;
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_NO_RECIPE);
    assert_false(r.holds);
    recipe_encode(&w, &recipe);
    assert_int_equal(wr_finish(&w, &r.epochs[0].bundle.recipe), ERR_OK);
    for (size_t i = 0; i < 3; i++) {
        struct bundle_node *const n = &r.epochs[0].verdict.nodes[i];

        n->shown = true;
        n->fault = i == 1 ? ATTEST_JUDGE_DEBUG : ATTEST_OK; /* it does not count */
        memcpy(n->claims.measurement, digest, sizeof digest);
    }
    r.holds = true;
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_MEASURED);
    assert_true(r.holds);
    assert_memory_equal(r.digest, digest, sizeof digest);
    r.epochs[0].verdict.nodes[2].claims.measurement[47] ^= 1;
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_OTHER_DIGEST);
    assert_false(r.holds);
    r.epochs[0].verdict.nodes[2].claims.measurement[47] ^= 1;
    r.epochs[0].verdict.nodes[0].shown = false;
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_OTHER_DIGEST);
    r.epochs[0].verdict.nodes[0].shown = true;
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_MEASURED);
    assert_false(r.holds); /* what did not hold before does not now */
    put(2, "another");
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_BAD_FILES);
    assert_non_null(strstr(r.why, "quorate-tsm: not the file of the recipe"));
    put(2, snp_manifest_files[2]);
    bundle_report_measure(&r, "/nonexistent");
    assert_int_equal(r.measured, BUNDLE_BAD_FILES);
    assert_non_null(strstr(r.why, "/nonexistent/quorate-core: No such file"));
    r.epochs[0].bundle.recipe = text("QUORATE-RECIPE-2\n");
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_NO_RECIPE);
    r.measured = BUNDLE_NOT_MEASURED;
    r.read = ERR_TAG; /* there is no bundle */
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_NOT_MEASURED);
}

static void assert_refused(const struct recipe *r, enum err e, const char *said)
{
    uint8_t digest[SNP_MEASUREMENT_LEN];
    char why[RECIPE_WHY_MAX];

    assert_int_equal(recipe_measure(r, folder, digest, why), e);
    if (strstr(why, said) == NULL) {
        fail_msg("%s", why);
    }
}

/* Of a machine that is started with a kernel: each file is that of the recipe. */
static void files_of_a_launch_are_those_of_the_recipe(void **state)
{
    static char far[PATH_MAX + 1];
    struct recipe r = {.vcpus = 1, .cpu_signature = 0xa00f11, .features = 1};
    struct recipe_file *const files[SNP_MANIFEST_FILES] = {&r.kernel, &r.initrd, &r.firmware};
    uint8_t digest[SNP_MEASUREMENT_LEN];
    char why[RECIPE_WHY_MAX];

    (void)state;
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        assert_int_equal(recipe_measure_file(paths[i], files[i]), ERR_OK);
    }
    assert_refused(
        &r, attest_fault_err(ATTEST_FIRMWARE_SIZE),
        attest_fault_name(ATTEST_FIRMWARE_SIZE)); /* the files are, and no firmware */
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        char said[64];

        (void)snprintf(said, sizeof said, "/%s: not the file of the recipe",
                       snp_manifest_files[i]);
        files[i]->hash[47] ^= 1;
        assert_refused(&r, ERR_MISMATCH, said);
        files[i]->hash[47] ^= 1;
        const struct recipe_file kept = *files[i];

        files[i]->name = text("missing");
        assert_refused(&r, ERR_IO, "/missing: No such file");
        *files[i] = kept;
    }
    assert_int_equal(truncate(paths[2], FILE_READ_MAX + 1), 0);
    assert_int_equal(recipe_measure_file(paths[2], &r.firmware), ERR_OK);
    assert_refused(&r, ERR_NOSPACE, "/quorate-tsm: ");
    put(2, snp_manifest_files[2]);
    memset(far, 'x', PATH_MAX);
    assert_int_equal(recipe_measure(&r, far, digest, why), ERR_RANGE);
    assert_int_equal(recipe_measure_programs(far, digest, why), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(hashes_are_read_whole),
        cmocka_unit_test(a_command_line_has_its_length),
        cmocka_unit_test(a_bundle_is_measured),
        cmocka_unit_test(files_of_a_launch_are_those_of_the_recipe),
    };

    return cmocka_run_group_tests(tests, up, down);
}
