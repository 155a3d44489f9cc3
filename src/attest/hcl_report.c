#include "attest/hcl_report.h"

#include "attest/attest_text.h"

#include <string.h>

#define HEADER_LEN 32
#define RUNTIME_HEADER_LEN 20
#define FIXED_LEN (HEADER_LEN + HCL_HARDWARE_LEN + RUNTIME_HEADER_LEN)
#define REQUEST_REPORT 2

/* The words as they stand. */
struct words {
    uint32_t version, report_size, request;
    uint32_t data_size, runtime_version, kind, hash, claim_size;
};

static bool all_zero(struct view v)
{
    uint8_t any = 0;

    for (size_t i = 0; i < v.n; i++) {
        any |= v.p[i];
    }
    return any == 0;
}

/* The reads cannot fail on FIXED_LEN bytes; if they did, the length is what is wrong. */
static enum attest_fault fixed(enum err e)
{
    return e == ERR_OK ? ATTEST_OK : ATTEST_HCL_SIZE;
}

static enum attest_fault take_zeros(struct reader *r, size_t n)
{
    struct view v;

    ATTEST_TRY(fixed(rd_take(r, n, &v)));
    return all_zero(v) ? ATTEST_OK : ATTEST_HCL_MBZ;
}

static enum attest_fault read_header(struct reader *r, struct words *w)
{
    struct view magic;

    ATTEST_TRY(fixed(rd_take(r, 4, &magic)));
    if (!attest_text_is(magic, "HCLA")) {
        return ATTEST_HCL_MAGIC;
    }
    ATTEST_TRY(fixed(rd_u32le(r, &w->version)));
    if (w->version != 1 && w->version != 2) {
        return ATTEST_HCL_VERSION;
    }
    ATTEST_TRY(fixed(rd_u32le(r, &w->report_size)));
    ATTEST_TRY(fixed(rd_u32le(r, &w->request)));
    if (w->request != REQUEST_REPORT) {
        return ATTEST_HCL_REQUEST;
    }
    return take_zeros(r, 16); /* status, reserved */
}

static enum attest_fault read_runtime_header(struct reader *r, struct words *w)
{
    ATTEST_TRY(fixed(rd_u32le(r, &w->data_size)));
    ATTEST_TRY(fixed(rd_u32le(r, &w->runtime_version)));
    ATTEST_TRY(fixed(rd_u32le(r, &w->kind)));
    ATTEST_TRY(fixed(rd_u32le(r, &w->hash)));
    ATTEST_TRY(fixed(rd_u32le(r, &w->claim_size)));
    if (w->runtime_version != 1) {
        return ATTEST_HCL_VERSION;
    }
    if (w->kind != HCL_SNP && w->kind != HCL_TDX) {
        return ATTEST_HCL_KIND;
    }
    if (w->hash < HASH_SHA256 || w->hash > HASH_SHA512) {
        return ATTEST_HCL_HASH;
    }
    return ATTEST_OK;
}

static size_t hardware_len(enum hcl_kind kind)
{
    return kind == HCL_SNP ? SNP_REPORT_LEN : HCL_TDREPORT_LEN;
}

/* data_size has its header and the JSON; report_size what paravisors write there, all up to the
 * JSON's end, or what the document says, the hardware report alone. No sum wraps: the JSON is
 * no longer than what is left, which is no longer than HCL_REPORT_MAX. */
static enum attest_fault check_lengths(const struct words *w, size_t left)
{
    if (w->claim_size > left) {
        return ATTEST_HCL_SIZE;
    }
    if (w->claim_size == 0 || w->data_size != RUNTIME_HEADER_LEN + w->claim_size) {
        return ATTEST_HCL_LENGTH;
    }
    if (w->report_size != FIXED_LEN + w->claim_size &&
        w->report_size != hardware_len((enum hcl_kind)w->kind)) {
        return ATTEST_HCL_LENGTH;
    }
    return ATTEST_OK;
}

static enum attest_fault parse_all(struct view in, struct hcl_report *out)
{
    struct reader r = rd_init(in);
    struct words w = {0};
    struct view area;

    if (in.n > HCL_REPORT_MAX || in.n < FIXED_LEN) {
        return ATTEST_HCL_SIZE;
    }
    ATTEST_TRY(read_header(&r, &w));
    ATTEST_TRY(fixed(rd_take(&r, HCL_HARDWARE_LEN, &area)));
    ATTEST_TRY(read_runtime_header(&r, &w));
    ATTEST_TRY(check_lengths(&w, r.n));
    out->kind = (enum hcl_kind)w.kind;
    /* The two share their numbers. */
    out->hash = (enum hash_alg)w.hash;

    struct reader a = rd_init(area);

    ATTEST_TRY(fixed(rd_take(&a, hardware_len(out->kind), &out->hardware)));
    ATTEST_TRY(take_zeros(&a, a.n));
    ATTEST_TRY(fixed(rd_take(&r, w.claim_size, &out->runtime)));
    return take_zeros(&r, r.n);
}

enum attest_fault hcl_report_parse(struct view in, struct hcl_report *out)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_all(in, out);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

void hcl_report_data(const struct hcl_report *h, uint8_t out[SNP_REPORT_DATA_LEN])
{
    memset(out, 0, SNP_REPORT_DATA_LEN);
    hash_once(h->hash, h->runtime, out);
}
