#include "tsm_kit.h"

#include "os/tsm_configfs.h"
#include "os/tsm_tdx_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SNP_LEN 1184

/* A folder of the kernel's, and what goes wrong in it. */
struct world {
    struct tsm_kit k;
    struct tsm_configfs c;
    struct tsm_answer got;
    uint64_t generation;
    int spoilt; /* writes that another's follows */
    int busy;   /* reads of outblob that are refused */
    int stale;  /* reports of what was asked before */
    uint8_t asked[TSM_ASKED_LEN];
    uint8_t report[10000];
    size_t report_len, data_at;
    uint8_t tdreport_type, tdreport_data_differs;
};

static struct world w;
static const uint8_t nonce[TSM_ASKED_LEN] = {7, 8, 9};

static void set_generation(struct tsm_kit *k)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%llu\n", (unsigned long long)w.generation);
    (void)tsm_kit_put(k, "/tsm/x/generation", text, strlen(text));
}

static void written(struct tsm_kit *k, struct tsm_kit_file *f, struct view bytes)
{
    w.generation++;
    if (strcmp(f->path, "/tsm/x/inblob") == 0) {
        assert_int_equal(bytes.n, TSM_ASKED_LEN);
        memcpy(w.asked, bytes.p, bytes.n);
        if (w.spoilt > 0) {
            w.spoilt--;
            w.generation++;
            w.asked[0] ^= 1;
        }
        if (w.stale > 0) {
            w.stale--;
            w.asked[63] ^= 1;
        }
    }
    set_generation(k);
    memcpy(w.report + w.data_at, w.asked, sizeof w.asked);
    (void)tsm_kit_put(k, "/tsm/x/outblob", w.report, w.report_len);
}

static void reading(struct tsm_kit *k, struct tsm_kit_file *f)
{
    (void)k;
    if (strcmp(f->path, "/tsm/x/outblob") == 0) {
        f->read_errno = w.busy > 0 ? EBUSY : f->read_errno == EBUSY ? 0 : f->read_errno;
        w.busy -= w.busy > 0 ? 1 : 0;
    }
}

static void fresh(const char *provider)
{
    memset(&w, 0, sizeof w);
    tsm_kit_init(&w.k);
    w.k.written = written;
    w.k.reading = reading;
    w.generation = 41;
    w.report_len = SNP_LEN;
    w.data_at = 0x50;
    w.report[0] = 5;
    (void)tsm_kit_put(&w.k, "/tsm/x/provider", provider, strlen(provider));
    (void)tsm_kit_put(&w.k, "/tsm/x/inblob", "", 0);
    (void)tsm_kit_put(&w.k, "/tsm/x/outblob", "", 0);
    (void)tsm_kit_put(&w.k, "/tsm/x/auxblob", "certificates", 12);
    (void)tsm_kit_put(&w.k, "/tsm/x/privlevel", "", 0);
    set_generation(&w.k);
}

static enum tsm_fault open_it(enum tsm_format wanted)
{
    return tsm_configfs_open(&w.k.sys, "/tsm", "x", wanted, &w.c);
}

static enum tsm_fault ask(void)
{
    const enum tsm_fault f = w.c.base.report(&w.c.base, nonce, &w.got);

    if (f != TSM_OK) {
        tsm_kit_is_zero(&w.got, sizeof w.got);
    }
    return f;
}

static void quote(uint8_t version, size_t len)
{
    memset(w.report, 0, sizeof w.report);
    w.report[0] = version;
    w.report_len = len;
    w.data_at = version == 5 ? 574 : 568;
}

static void test_report(void **state)
{
    (void)state;
    fresh("sev_guest\n");
    w.k.piece = 100; /* in pieces, as a kernel may give it */
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_OK);
    assert_string_equal(w.c.base.name, "configfs");
    assert_false(w.c.base.simulated);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(), TSM_OK);
        assert_int_equal(w.got.format, TSM_FORMAT_SNP);
        assert_int_equal(w.got.report_len, SNP_LEN);
        assert_memory_equal(w.got.report + 0x50, nonce, sizeof nonce);
        assert_int_equal(w.got.certs_len, 12);
        assert_memory_equal(w.got.certs, "certificates", 12);
    }
    assert_int_equal(w.k.pauses, 0);
    assert_int_equal(w.k.opened, w.k.closed);
    w.c.base.close(&w.c.base);
    assert_int_equal(w.k.made, 1);
    assert_int_equal(w.k.removed, 1);
}

static void test_open(void **state)
{
    (void)state;
    fresh("arm_cca_guest\n");
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_OTHER);
    assert_int_equal(w.k.removed, 1); /* the folder does not stay */
    tsm_kit_is_zero(&w.c, sizeof w.c);
    fresh("tdx_guest\n");
    assert_int_equal(open_it(TSM_FORMAT_SNP), TSM_OTHER);
    fresh("sev_guest\n");
    w.k.mkdir_errno = ENOENT;
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_ABSENT);
    w.k.mkdir_errno = EPERM;
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_DENIED);
    w.k.mkdir_errno = EEXIST; /* one that was killed left its folder */
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_OK);
    assert_int_equal(w.k.removed, 1);
    assert_int_equal(w.k.made, 1);
    static char name[300];

    memset(name, 'n', sizeof name - 1);
    assert_int_equal(tsm_configfs_open(&w.k.sys, "/tsm", name, TSM_FORMAT_NONE, &w.c),
                     TSM_TOO_LONG);
}

static void test_privlevel(void **state)
{
    (void)state;
    fresh("sev_guest\n");
    (void)tsm_kit_put(&w.k, "/tsm/x/privlevel_floor", "0\n", 2);
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_OK);
    assert_int_equal(w.generation, 41);
    fresh("sev_guest\n");
    (void)tsm_kit_put(&w.k, "/tsm/x/privlevel_floor", "2\n", 2);
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_OK);
    assert_int_equal(w.generation, 42); /* it was written */
    assert_int_equal(ask(), TSM_OK);
}

/* Somebody else writes between our write and our reads. */
static void test_generation(void **state)
{
    (void)state;
    fresh("sev_guest\n");
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_OK);
    w.spoilt = 2;
    assert_int_equal(ask(), TSM_OK);
    assert_int_equal(w.k.pauses, 2);
    w.spoilt = 1000;
    assert_int_equal(ask(), TSM_CHANGED);
    assert_int_equal(w.spoilt, 1000 - TSM_CONFIGFS_TRIES_MAX); /* not for ever */
    assert_true(w.k.paused_ns < INT64_C(5000000000));
    w.spoilt = 0;
    w.stale = 1; /* the generation is right, the report is another's */
    assert_int_equal(ask(), TSM_OK);
    w.stale = 1000;
    assert_int_equal(ask(), TSM_CHANGED);
    fresh("sev_guest\n");
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_OK);
    (void)tsm_kit_put(&w.k, "/tsm/x/generation", "many", 4);
    assert_int_equal(ask(), TSM_ANSWER);
}

static void test_refusals(void **state)
{
    static const struct {
        int read_errno;
        enum tsm_fault fault;
    } rows[] = {{EFBIG, TSM_TOO_LONG},
                {EACCES, TSM_DENIED},
                {EIO, TSM_KERNEL},
                {EINVAL, TSM_KERNEL},
                {ENXIO, TSM_ABSENT}};

    (void)state;
    fresh("sev_guest\n");
    assert_int_equal(open_it(TSM_FORMAT_NONE), TSM_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tsm_kit_find(&w.k, "/tsm/x/outblob")->read_errno = rows[i].read_errno;
        assert_int_equal(ask(), rows[i].fault);
    }
    tsm_kit_find(&w.k, "/tsm/x/outblob")->read_errno = 0;
    w.busy = 3;
    assert_int_equal(ask(), TSM_OK);
    w.busy = 1000;
    assert_int_equal(ask(), TSM_BUSY);
    w.busy = 0;
    tsm_kit_find(&w.k, "/tsm/x/inblob")->write_errno = EPERM;
    assert_int_equal(ask(), TSM_DENIED);
    tsm_kit_find(&w.k, "/tsm/x/inblob")->write_errno = 0;
    w.report_len = SNP_LEN - 1;
    assert_int_equal(ask(), TSM_SHORT);
    w.report_len = 0;
    assert_int_equal(ask(), TSM_SHORT);
    w.report_len = TSM_REPORT_MAX + 1;
    assert_int_equal(ask(), TSM_TOO_LONG);
    w.report_len = SNP_LEN;
    tsm_kit_find(&w.k, "/tsm/x/auxblob")->n = TSM_CERTS_MAX + 1;
    assert_int_equal(ask(), TSM_TOO_LONG);
    tsm_kit_find(&w.k, "/tsm/x/auxblob")->read_errno = ENXIO; /* there are none */
    assert_int_equal(ask(), TSM_OK);
    assert_int_equal(w.got.certs_len, 0);
    assert_int_equal(w.k.opened, w.k.closed);
}

static void test_quotes(void **state)
{
    (void)state;
    fresh("tdx_guest\n");
    assert_int_equal(open_it(TSM_FORMAT_TDX), TSM_OK);
    for (uint8_t version = 4; version <= 5; version++) {
        quote(version, 5000);
        assert_int_equal(ask(), TSM_OK);
        assert_int_equal(w.got.format, TSM_FORMAT_TDX);
        assert_int_equal(w.got.report_len, 5000);
    }
    quote(6, 5000);
    assert_int_equal(ask(), TSM_UNSUPPORTED);
    quote(4, 600);
    assert_int_equal(ask(), TSM_SHORT);
    quote(4, TSM_REPORT_MAX + 1); /* of another form: never parsed as a quote */
    assert_int_equal(ask(), TSM_UNSUPPORTED);
}

static int tdreport(struct tsm_kit *k, unsigned long request, void *arg)
{
    uint8_t *const p = arg;

    (void)k;
    assert_int_equal(request, TSM_TDX_GET_REPORT0);
    if (w.tdreport_type == 0) {
        errno = EIO;
        return -1;
    }
    p[TSM_ASKED_LEN] = w.tdreport_type;
    memcpy(p + TSM_ASKED_LEN + 128, p, TSM_ASKED_LEN);
    p[TSM_ASKED_LEN + 128] ^= w.tdreport_data_differs;
    return 0;
}

static void test_tdx_device(void **state)
{
    static struct tsm_tdx_guest g;
    struct tsm_provider *const p = &g.base;

    (void)state;
    fresh("tdx_guest\n");
    assert_int_equal(tsm_tdx_guest_open(&w.k.sys, "/tdx", "/tsm", "x", &g), TSM_ABSENT);
    (void)tsm_kit_put(&w.k, "/tdx", "", 0);
    w.k.mkdir_errno = ENOENT; /* a kernel that gives reports, and no quotes */
    assert_int_equal(tsm_tdx_guest_open(&w.k.sys, "/tdx", "/tsm", "x", &g), TSM_NO_QUOTE);
    assert_int_equal(w.k.opened, w.k.closed);
    assert_int_equal(tsm_tdx_guest_open(&w.k.sys, "/tdx", "/tsm", "x", &g), TSM_OK);
    w.k.ioctl = tdreport;
    quote(4, 5000);
    assert_int_equal(p->report(p, nonce, &w.got), TSM_KERNEL);
    w.tdreport_type = 0x81;
    assert_int_equal(p->report(p, nonce, &w.got), TSM_OK);
    w.tdreport_data_differs = 1;
    assert_int_equal(p->report(p, nonce, &w.got), TSM_ANSWER);
    w.tdreport_data_differs = 0;
    w.tdreport_type = 1;
    assert_int_equal(p->report(p, nonce, &w.got), TSM_ANSWER);
    p->close(p);
    assert_int_equal(w.k.opened, w.k.closed);
    assert_int_equal(w.k.removed, 1);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(tsm_fault_name(TSM_OK), "ok");
    assert_string_equal(tsm_fault_name(TSM_KERNEL), "tsm-kernel");
    assert_string_equal(tsm_fault_name(TSM_FAULT_COUNT), "unknown");
    assert_int_equal(tsm_fault_err(TSM_BUSY), ERR_RATE);
    assert_int_equal(tsm_fault_err(TSM_FAULT_COUNT), ERR_BUG);
    for (int f = TSM_OK + 1; f < TSM_FAULT_COUNT; f++) {
        assert_int_not_equal(tsm_fault_err((enum tsm_fault)f), ERR_OK);
    }
}

static void a_pipe_is_not_waited_for(void)
{
    char folder[] = "/tmp/tsm-pipe-XXXXXX";
    char path[sizeof folder + 8];
    uint8_t bytes[16];
    size_t n = 1;

    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    (void)alarm(20); /* else it would be waited for */
    assert_int_equal(tsm_read_file(&tsm_sys_os, path, bytes, sizeof bytes, &n), TSM_OK);
    assert_int_equal(n, 0);
    const int writer = open(path, O_RDWR | O_CLOEXEC);

    assert_true(writer >= 0);
    assert_int_equal(tsm_read_file(&tsm_sys_os, path, bytes, sizeof bytes, &n), TSM_BUSY);
    (void)alarm(0);
    assert_int_equal(close(writer), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* On the kernel's own files: what is not there, and what is. */
static void test_real_files(void **state)
{
    struct tsm_configfs c;
    uint8_t bytes[16];
    size_t n = 0;

    (void)state;
    assert_int_equal(
        tsm_configfs_open(&tsm_sys_os, "/nonexistent/tsm", "x", TSM_FORMAT_NONE, &c),
        TSM_ABSENT);
    assert_int_equal(tsm_read_file(&tsm_sys_os, "/dev/null", bytes, sizeof bytes, &n), TSM_OK);
    assert_int_equal(n, 0);
    assert_int_equal(tsm_read_file(&tsm_sys_os, "/dev/zero", bytes, sizeof bytes, &n),
                     TSM_TOO_LONG);
    a_pipe_is_not_waited_for();
    assert_int_equal(
        tsm_write_file(&tsm_sys_os, "/dev/full", (struct view){bytes, sizeof bytes}),
        TSM_KERNEL);
    tsm_sys_os.pause(NULL, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),     cmocka_unit_test(test_open),
        cmocka_unit_test(test_privlevel),  cmocka_unit_test(test_generation),
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_tdx_device), cmocka_unit_test(test_names),
        cmocka_unit_test(test_real_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
