/* Recipes of a measurement: what is read of one, and what files give by it. */
#include "testing.h"

#include "client/evidence/bundle_report.h"

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
    assert_int_equal(decode(TOP CPU FW), ERR_OK);
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
        {TOP "vcpus = 1\ncpu = 0x1\nfeatures = 1\n" FW, ERR_RANGE},
        {TOP CPU, ERR_ENCODING},
        {TOP CPU FW FW, ERR_ENCODING},
        {TOP CPU FW "initrd = " H48 " i\n", ERR_ENCODING},
        {TOP CPU FW "append = x\n", ERR_ENCODING},
        {TOP CPU FW KERNEL "append = \x01\n", ERR_ENCODING},
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
    put(2, "another");
    bundle_report_measure(&r, folder);
    assert_int_equal(r.measured, BUNDLE_BAD_FILES);
    assert_non_null(strstr(r.why, "quorate-tsm: not the file of the recipe"));
    put(2, snp_manifest_files[2]);
    bundle_report_measure(&r, "/nonexistent");
    assert_int_equal(r.measured, BUNDLE_BAD_FILES);
    assert_non_null(strstr(r.why, "/nonexistent/quorate-core: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(a_bundle_is_measured),
    };

    return cmocka_run_group_tests(tests, up, down);
}
