#include "tsm_kit.h"

#include "os/tsm_sev_guest.h"

#define SNP_LEN 1184
#define VMM_INVALID_LEN 1
#define VMM_BUSY 2

/* A host and a firmware. */
struct world {
    struct tsm_kit k;
    struct tsm_sev_guest g;
    struct tsm_answer got;
    bool no_ext;        /* an old kernel */
    uint32_t certs_len; /* that the host has */
    int grow;           /* how often they grow between the two calls */
    int busy;
    uint32_t status, fw_error, report_len;
    int calls, plain;
};

static struct world w;
static _Alignas(TSM_SEV_PAGE) uint8_t certs[TSM_CERTS_MAX];
static const uint8_t nonce[TSM_ASKED_LEN] = {7, 8, 9};

/* Numbers to addresses, as the kernel does. */
static void *at(uint64_t address)
{
    return (void *)(uintptr_t)address; /* NOLINT(performance-no-int-to-ptr) */
}

static int refuse(struct tsm_sev_request *r, uint32_t vmm_error, int e)
{
    r->vmm_error = vmm_error;
    errno = e;
    return -1;
}

static int answer(const struct tsm_sev_request *r, const struct tsm_sev_report_request *asked)
{
    struct writer o = wr_init(at(r->response), TSM_SEV_RESPONSE_LEN);
    uint8_t report[SNP_LEN] = {5};

    assert_int_equal(asked->vmpl, 1);
    memcpy(report + 0x50, asked->user_data, sizeof asked->user_data);
    wr_u32le(&o, w.status);
    wr_u32le(&o, w.report_len);
    for (int i = 0; i < 24; i++) {
        wr_u8(&o, 0);
    }
    wr_bytes(&o, report, sizeof report);
    assert_false(o.full);
    return 0;
}

static int ext(struct tsm_sev_request *r)
{
    struct tsm_sev_ext_request *const e = at(r->request);

    if (e->certs_len < w.certs_len) {
        assert_true(e->certs_len == 0 || w.grow >= 0);
        e->certs_len = w.certs_len;
        if (w.grow > 0) {
            w.grow--;
            w.certs_len += TSM_SEV_PAGE;
        }
        return refuse(r, VMM_INVALID_LEN, EIO);
    }
    if (w.certs_len > 0) {
        assert_ptr_equal(at(e->certs), certs);
        memset(certs, 0x42, w.certs_len);
    }
    return answer(r, &e->report);
}

static int guest(struct tsm_kit *k, unsigned long request, void *arg)
{
    struct tsm_sev_request *const r = arg;

    (void)k;
    w.calls++;
    assert_int_equal(r->msg_version, 1);
    if (w.busy > 0) {
        w.busy--;
        return refuse(r, VMM_BUSY, EAGAIN);
    }
    if (w.fw_error != 0) {
        r->fw_error = w.fw_error;
        return refuse(r, 0, EIO);
    }
    if (request == TSM_SEV_GET_EXT_REPORT) {
        return w.no_ext ? refuse(r, 0, ENOTTY) : ext(r);
    }
    assert_int_equal(request, TSM_SEV_GET_REPORT);
    w.plain++;
    return answer(r, at(r->request));
}

static void fresh(void)
{
    memset(&w, 0, sizeof w);
    tsm_kit_init(&w.k);
    (void)tsm_kit_put(&w.k, "/guest", "", 0);
    w.k.ioctl = guest;
    w.report_len = SNP_LEN;
    assert_int_equal(tsm_sev_guest_open(&w.k.sys, "/guest", 1, certs, &w.g), TSM_OK);
}

static enum tsm_fault ask(void)
{
    const enum tsm_fault f = w.g.base.report(&w.g.base, nonce, &w.got);

    if (f == TSM_OK) {
        assert_int_equal(w.got.format, TSM_FORMAT_SNP);
        assert_int_equal(w.got.report_len, SNP_LEN);
        assert_memory_equal(w.got.report + 0x50, nonce, sizeof nonce);
    } else {
        tsm_kit_is_zero(&w.got, sizeof w.got);
    }
    return f;
}

static void test_report(void **state)
{
    (void)state;
    fresh();
    assert_int_equal(ask(), TSM_OK); /* a host without certificates: one call */
    assert_int_equal(w.calls, 1);
    assert_int_equal(w.got.certs_len, 0);
    w.certs_len = 2 * TSM_SEV_PAGE;
    assert_int_equal(ask(), TSM_OK);
    assert_int_equal(w.calls, 3);
    assert_int_equal(w.got.certs_len, 2 * TSM_SEV_PAGE);
    assert_int_equal(w.got.certs[2 * TSM_SEV_PAGE - 1], 0x42);
    w.grow = 1; /* between the two calls */
    assert_int_equal(ask(), TSM_OK);
    assert_int_equal(w.got.certs_len, 3 * TSM_SEV_PAGE);
    w.certs_len = TSM_CERTS_MAX + TSM_SEV_PAGE;
    assert_int_equal(ask(), TSM_TOO_LONG);
    w.certs_len = 100;
    assert_int_equal(ask(), TSM_TOO_LONG); /* not whole pages */
    w.g.base.close(&w.g.base);
    assert_int_equal(w.k.opened, w.k.closed);
}

static void test_old_kernel(void **state)
{
    (void)state;
    fresh();
    w.no_ext = true;
    assert_int_equal(ask(), TSM_OK);
    assert_int_equal(w.plain, 1);
    w.g.base.close(&w.g.base);
}

static void test_held_back(void **state)
{
    (void)state;
    fresh();
    w.busy = 3;
    assert_int_equal(ask(), TSM_OK);
    assert_int_equal(w.k.pauses, 3);
    w.busy = 1000;
    assert_int_equal(ask(), TSM_BUSY);
    assert_int_equal(w.busy, 1000 - TSM_SEV_TRIES_MAX);
    assert_true(w.k.paused_ns < INT64_C(6000000000));
    w.g.base.close(&w.g.base);
}

static void test_firmware(void **state)
{
    (void)state;
    fresh();
    w.status = 0x16;
    assert_int_equal(ask(), TSM_FIRMWARE);
    w.status = 0;
    w.report_len = SNP_LEN - 1;
    assert_int_equal(ask(), TSM_ANSWER);
    w.report_len = 0xffffffff;
    assert_int_equal(ask(), TSM_ANSWER);
    w.report_len = SNP_LEN;
    w.fw_error = 0x27;
    assert_int_equal(ask(), TSM_FIRMWARE);
    w.fw_error = 0;
    assert_int_equal(ask(), TSM_OK);
    w.g.base.close(&w.g.base);
}

static void test_open(void **state)
{
    (void)state;
    fresh();
    w.g.base.close(&w.g.base);
    assert_int_equal(tsm_sev_guest_open(&w.k.sys, "/none", 0, certs, &w.g), TSM_ABSENT);
    tsm_kit_is_zero(&w.g, sizeof w.g);
    w.k.open_errno = EACCES;
    assert_int_equal(tsm_sev_guest_open(&w.k.sys, "/guest", 0, certs, &w.g), TSM_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),    cmocka_unit_test(test_old_kernel),
        cmocka_unit_test(test_held_back), cmocka_unit_test(test_firmware),
        cmocka_unit_test(test_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
