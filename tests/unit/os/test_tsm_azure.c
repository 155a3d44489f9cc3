#include "tsm_kit.h"

#include "os/tsm_azure.h"

#define HCL_LEN 2600
#define PCRS 24

/* A vTPM: what it has, and how it fails. */
struct world {
    struct tsm_kit k;
    struct tsm_azure a;
    struct tsm_answer got;
    uint8_t hcl[TSM_AZURE_HCL_MAX + 1];
    uint16_t hcl_len;
    uint32_t fail_command, fail_code; /* it answers this to that command */
    int fail_times;
    unsigned pcrs_at_once;
    bool wrong_order;
    uint16_t tag_flip;
    int cut; /* bytes of an answer that are missing */
    int commands;
    uint32_t last_extra;
};

static struct world w;
static const uint8_t nonce[TSM_ASKED_LEN] = {7, 8, 9};

static void hash(const uint8_t report_data[TSM_ASKED_LEN], uint8_t out[TSM_AZURE_EXTRA_LEN])
{
    memset(out, report_data[0], TSM_AZURE_EXTRA_LEN);
}

/* ---- answers ---- */

static void write_2b(struct writer *o, const void *p, uint16_t n)
{
    wr_u16be(o, n);
    wr_bytes(o, p, n);
}

static void nv_public(struct writer *o)
{
    static const uint8_t area[12] = {0x01, 0x40, 0x00, 0x01, 0x00, 0x0b};
    uint8_t whole[14];
    struct writer a = wr_init(whole, sizeof whole);

    wr_bytes(&a, area, sizeof area);
    wr_u16be(&a, w.hcl_len);
    write_2b(o, whole, sizeof whole);
    write_2b(o, area, 4);
}

static void nv_read(struct writer *o, struct reader *r)
{
    struct view auth;
    uint32_t owner;
    uint32_t index;
    uint16_t n;
    uint16_t at;

    assert_int_equal(rd_u32be(r, &owner), ERR_OK);
    assert_int_equal(rd_u32be(r, &index), ERR_OK);
    assert_int_equal(index, TSM_AZURE_HCL_INDEX);
    assert_int_equal(rd_take(r, 13, &auth), ERR_OK);
    assert_int_equal(rd_u16be(r, &n), ERR_OK);
    assert_int_equal(rd_u16be(r, &at), ERR_OK);
    assert_true(r->n == 0 && n <= TSM_AZURE_CHUNK_MAX && at + n <= w.hcl_len);
    wr_u32be(o, 2U + n);
    write_2b(o, w.hcl + at, n);
    wr_bytes(o, "\0\0\1\0\0", 5);
}

static void quote(struct writer *o, struct reader *r)
{
    static const uint8_t attest[140] = {0xff, 'T', 'C', 'G'};
    static const uint8_t signature[262] = {0x00, 0x14, 0x00, 0x0b, 0x01, 0x00};
    struct view head;
    uint16_t n;
    uint8_t extra[TSM_AZURE_EXTRA_LEN];

    assert_int_equal(rd_take(r, 17, &head), ERR_OK); /* handle, password */
    assert_int_equal(rd_u16be(r, &n), ERR_OK);
    assert_int_equal(n, TSM_AZURE_EXTRA_LEN);
    assert_int_equal(rd_copy(r, extra, sizeof extra), ERR_OK);
    w.last_extra = extra[31];
    wr_u32be(o, 2 + sizeof attest + sizeof signature);
    write_2b(o, attest, sizeof attest);
    wr_bytes(o, signature, sizeof signature);
    wr_bytes(o, "\0\0\1\0\0", 5);
}

static void pcr_read(struct writer *o, struct reader *r)
{
    struct view head;
    uint8_t asked[3];
    uint32_t mask = 0;
    unsigned n = 0;

    assert_int_equal(rd_take(r, 7, &head), ERR_OK);
    assert_int_equal(rd_copy(r, asked, sizeof asked), ERR_OK);
    for (unsigned i = 0; i < PCRS && n < w.pcrs_at_once; i++) {
        const unsigned pcr = w.wrong_order ? PCRS - 1 - i : i;

        if ((asked[pcr / 8] >> pcr % 8 & 1) != 0) {
            mask |= UINT32_C(1) << pcr;
            n++;
        }
    }
    wr_u32be(o, 77);
    wr_u32be(o, 1);
    wr_u16be(o, 0x000b);
    wr_u8(o, 3);
    wr_u8(o, (uint8_t)mask);
    wr_u8(o, (uint8_t)(mask >> 8));
    wr_u8(o, (uint8_t)(mask >> 16));
    wr_u32be(o, n);
    for (uint8_t i = 0; i < PCRS; i++) {
        uint8_t value[32];

        memset(value, i, sizeof value);
        if ((mask >> i & 1) != 0) {
            write_2b(o, value, sizeof value);
        }
    }
}

static void ak_public(struct writer *o)
{
    static const uint8_t area[278] = {0x00, 0x01};

    write_2b(o, area, sizeof area);
    write_2b(o, area, 34);
    write_2b(o, area, 34);
}

static void command(struct tsm_kit *k, struct tsm_kit_file *f, struct view bytes)
{
    uint8_t out[TSM_TPM_RESPONSE_MAX];
    struct writer o = wr_init(out, sizeof out);
    struct reader r = rd_init(bytes);
    uint16_t tag;
    uint32_t size;
    uint32_t code;
    uint32_t result = 0;

    w.commands++;
    assert_int_equal(rd_u16be(&r, &tag), ERR_OK);
    assert_int_equal(rd_u32be(&r, &size), ERR_OK);
    assert_int_equal(rd_u32be(&r, &code), ERR_OK);
    assert_int_equal(size, bytes.n);
    if (code == w.fail_command && w.fail_times > 0) {
        w.fail_times--;
        result = w.fail_code;
    }
    wr_u16be(&o, result != 0 ? 0x8001 : tag ^ w.tag_flip);
    wr_u32be(&o, 0);
    wr_u32be(&o, result);
    if (result == 0) {
        code == 0x169   ? nv_public(&o)
        : code == 0x14e ? nv_read(&o, &r)
        : code == 0x158 ? quote(&o, &r)
        : code == 0x17e ? pcr_read(&o, &r)
                        : ak_public(&o);
    }
    assert_false(o.full);
    struct writer len = wr_init(out + 2, 4);

    wr_u32be(&len, (uint32_t)o.len);
    (void)tsm_kit_put(k, f->path, out, o.len - (size_t)w.cut);
}

static void fresh(void)
{
    memset(&w, 0, sizeof w);
    tsm_kit_init(&w.k);
    (void)tsm_kit_put(&w.k, "/tpm", "", 0);
    w.k.written = command;
    w.hcl_len = HCL_LEN;
    w.pcrs_at_once = 8;
    for (size_t i = 0; i < sizeof w.hcl; i++) {
        w.hcl[i] = (uint8_t)(i * 3);
    }
    assert_int_equal(tsm_azure_open(&w.k.sys, "/tpm", hash, &w.a), TSM_OK);
}

static enum tsm_fault ask(void)
{
    const enum tsm_fault f = w.a.base.report(&w.a.base, nonce, &w.got);

    if (f != TSM_OK) {
        tsm_kit_is_zero(&w.got, sizeof w.got);
    }
    return f;
}

static void test_report(void **state)
{
    (void)state;
    fresh();
    assert_int_equal(ask(), TSM_OK);
    assert_int_equal(w.got.format, TSM_FORMAT_AZURE_SNP);
    assert_int_equal(w.got.report_len, HCL_LEN);
    assert_memory_equal(w.got.report, w.hcl, HCL_LEN);
    assert_int_equal(w.got.ak_len, 280);
    assert_int_equal(w.last_extra, 7);
    assert_int_equal(w.got.quote_len, 2 + 140 + 262 + PCRS * 32);
    for (uint8_t i = 0; i < PCRS; i++) {
        assert_int_equal(w.got.quote[2 + 140 + 262 + i * 32], i);
    }
    w.pcrs_at_once = PCRS;
    assert_int_equal(ask(), TSM_OK);
    w.a.base.close(&w.a.base);
    assert_int_equal(w.k.opened, w.k.closed);
    assert_int_equal(tsm_azure_open(&w.k.sys, "/none", hash, &w.a), TSM_ABSENT);
    tsm_kit_is_zero(&w.a, sizeof w.a);
}

static void test_refusals(void **state)
{
    static const uint32_t commands[] = {0x169, 0x14e, 0x158, 0x17e, 0x173};

    (void)state;
    fresh();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        w.fail_command = commands[i];
        w.fail_times = 1;
        w.fail_code = 0x922; /* TPM_RC_RETRY */
        assert_int_equal(ask(), TSM_OK);
        w.fail_times = 1000;
        assert_int_equal(ask(), TSM_BUSY);
        assert_int_equal(w.fail_times, 1000 - TSM_TPM_TRIES_MAX);
        w.fail_times = 1;
        w.fail_code = 0x18b; /* TPM_RC_HANDLE, of the first */
        assert_int_equal(ask(), TSM_ABSENT);
        w.fail_times = 1;
        w.fail_code = 0x9a2; /* TPM_RC_BAD_AUTH */
        assert_int_equal(ask(), TSM_FIRMWARE);
    }
    w.fail_times = 0;
    assert_int_equal(ask(), TSM_OK);
    tsm_kit_find(&w.k, "/tpm")->write_errno = EPERM;
    assert_int_equal(ask(), TSM_DENIED);
}

static void test_odd_answers(void **state)
{
    (void)state;
    fresh();
    w.cut = 1;
    assert_int_equal(ask(), TSM_ANSWER);
    w.cut = 0;
    w.tag_flip = 3;
    assert_int_equal(ask(), TSM_ANSWER);
    w.tag_flip = 0;
    w.wrong_order = true; /* the highest first: their order would be lost */
    assert_int_equal(ask(), TSM_ANSWER);
    w.wrong_order = false;
    w.pcrs_at_once = 0; /* it would be asked for ever */
    assert_int_equal(ask(), TSM_ANSWER);
    w.pcrs_at_once = 8;
    w.hcl_len = TSM_AZURE_HCL_MAX + 1;
    assert_int_equal(ask(), TSM_TOO_LONG);
    w.hcl_len = 0;
    assert_int_equal(ask(), TSM_SHORT);
    w.hcl_len = TSM_AZURE_HCL_MAX;
    assert_int_equal(ask(), TSM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_odd_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
