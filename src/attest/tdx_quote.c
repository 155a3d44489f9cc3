#include "attest/tdx_quote.h"

#include <string.h>

#define KEY_TYPE_P256 2
#define CERT_TYPE_QE_REPORT 6
#define CERT_TYPE_PCK_CHAIN 5
#define VENDOR_LEN 16
#define USER_DATA_LEN 20
#define BODY_TDX_1_0 2
#define BODY_TDX_1_5 3
#define BODY_LEN_1_0 584
#define BODY_LEN_1_5 648

/* version, key type, TEE type, 4 bytes of others, vendor, user data: 48 bytes */
static enum attest_fault read_header(struct reader *r, struct tdx_quote *q)
{
    static const uint8_t intel[VENDOR_LEN] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                              0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
    uint16_t key_type = 0;
    uint32_t tee_type = 0;
    struct view other;
    struct view vendor;
    struct view user;

    if (rd_u16le(r, &q->version) != ERR_OK || rd_u16le(r, &key_type) != ERR_OK ||
        rd_u32le(r, &tee_type) != ERR_OK || rd_take(r, 4, &other) != ERR_OK ||
        rd_take(r, VENDOR_LEN, &vendor) != ERR_OK ||
        rd_take(r, USER_DATA_LEN, &user) != ERR_OK) {
        return ATTEST_TDX_QUOTE_SIZE;
    }
    if (q->version != 4 && q->version != 5) {
        return ATTEST_TDX_QUOTE_VERSION;
    }
    if (key_type != KEY_TYPE_P256) {
        return ATTEST_TDX_QUOTE_KEY_TYPE;
    }
    if (tee_type != TDX_TEE_TYPE) {
        return ATTEST_TDX_QUOTE_TEE;
    }
    if (!view_equal(vendor, (struct view){intel, sizeof intel})) {
        return ATTEST_TDX_QUOTE_VENDOR;
    }
    return ATTEST_OK;
}

/* Of version 5 a kind and a length; of version 4 it is that of TDX 1.0. */
static enum attest_fault read_kind(struct reader *r, struct tdx_quote *q)
{
    uint16_t kind = BODY_TDX_1_0;
    uint32_t length = BODY_LEN_1_0;

    if (q->version == 5 && (rd_u16le(r, &kind) != ERR_OK || rd_u32le(r, &length) != ERR_OK)) {
        return ATTEST_TDX_QUOTE_SIZE;
    }
    q->td.has_1_5 = kind == BODY_TDX_1_5;
    if ((kind != BODY_TDX_1_0 && kind != BODY_TDX_1_5) ||
        length != (q->td.has_1_5 ? BODY_LEN_1_5 : BODY_LEN_1_0)) {
        return ATTEST_TDX_QUOTE_BODY;
    }
    return ATTEST_OK;
}

static enum err read_body(struct reader *r, struct tdx_td *td)
{
    TRY(rd_copy(r, td->tee_tcb_svn, sizeof td->tee_tcb_svn));
    TRY(rd_copy(r, td->mr_seam, sizeof td->mr_seam));
    TRY(rd_copy(r, td->mr_signer_seam, sizeof td->mr_signer_seam));
    TRY(rd_copy(r, td->seam_attributes, sizeof td->seam_attributes));
    TRY(rd_u64le(r, &td->td_attributes));
    TRY(rd_u64le(r, &td->xfam));
    TRY(rd_copy(r, td->mrtd, sizeof td->mrtd));
    TRY(rd_copy(r, td->mr_config_id, sizeof td->mr_config_id));
    TRY(rd_copy(r, td->mr_owner, sizeof td->mr_owner));
    TRY(rd_copy(r, td->mr_owner_config, sizeof td->mr_owner_config));
    TRY(rd_copy(r, td->rtmr, sizeof td->rtmr));
    TRY(rd_copy(r, td->report_data, sizeof td->report_data));
    if (td->has_1_5) {
        TRY(rd_copy(r, td->tee_tcb_svn_2, sizeof td->tee_tcb_svn_2));
        TRY(rd_copy(r, td->mr_service_td, sizeof td->mr_service_td));
    }
    return ERR_OK;
}

/* REPORT of SGX: CPUSVN 16, MISCSELECT 4, 28, ATTRIBUTES 16, MRENCLAVE 32, 32, MRSIGNER 32, 96,
 * ISVPRODID 2, ISVSVN 2, 60, REPORTDATA 64 (Intel SDM 3D 39.15). */
static enum err read_qe(struct view report, struct tdx_qe *qe)
{
    struct reader r = rd_init(report);
    struct view between;

    TRY(rd_take(&r, 16, &between));
    TRY(rd_copy(&r, qe->misc_select, sizeof qe->misc_select));
    TRY(rd_take(&r, 28, &between));
    TRY(rd_copy(&r, qe->attributes, sizeof qe->attributes));
    TRY(rd_take(&r, 64, &between));
    TRY(rd_copy(&r, qe->mr_signer, sizeof qe->mr_signer));
    TRY(rd_take(&r, 96, &between));
    TRY(rd_u16le(&r, &qe->isv_prod_id));
    TRY(rd_u16le(&r, &qe->isv_svn));
    TRY(rd_take(&r, 60, &between));
    TRY(rd_copy(&r, qe->report_data, sizeof qe->report_data));
    return rd_finish(&r);
}

/* A kind and a length, and that many bytes, after which nothing is left. */
static enum attest_fault read_certs(struct reader *r, uint16_t wanted, struct view *out)
{
    uint16_t kind = 0;
    uint32_t length = 0;

    if (rd_u16le(r, &kind) != ERR_OK || rd_u32le(r, &length) != ERR_OK) {
        return ATTEST_TDX_QUOTE_LENGTHS;
    }
    if (kind != wanted) {
        return ATTEST_TDX_QUOTE_CERT_TYPE;
    }
    return rd_take(r, length, out) == ERR_OK && r->n == 0 ? ATTEST_OK
                                                          : ATTEST_TDX_QUOTE_LENGTHS;
}

static enum attest_fault read_signature_data(struct view data, struct tdx_quote *q)
{
    struct reader r = rd_init(data);
    struct view qe;
    uint16_t n = 0;

    if (rd_take(&r, P256_SIG_LEN, &q->signature) != ERR_OK ||
        rd_take(&r, P256_PUBLIC_LEN, &q->attestation_key) != ERR_OK) {
        return ATTEST_TDX_QUOTE_LENGTHS;
    }
    ATTEST_TRY(read_certs(&r, CERT_TYPE_QE_REPORT, &qe));
    r = rd_init(qe);
    if (rd_take(&r, TDX_QE_REPORT_LEN, &q->qe_report) != ERR_OK ||
        rd_take(&r, P256_SIG_LEN, &q->qe_signature) != ERR_OK || rd_u16le(&r, &n) != ERR_OK ||
        rd_take(&r, n, &q->qe_auth_data) != ERR_OK || read_qe(q->qe_report, &q->qe) != ERR_OK) {
        return ATTEST_TDX_QUOTE_LENGTHS;
    }
    return read_certs(&r, CERT_TYPE_PCK_CHAIN, &q->pck_chain);
}

static enum attest_fault parse_all(struct view raw, struct tdx_quote *q)
{
    struct reader r = rd_init(raw);
    struct view data;
    uint32_t n = 0;

    if (raw.n > TDX_QUOTE_MAX) {
        return ATTEST_TDX_QUOTE_SIZE;
    }
    ATTEST_TRY(read_header(&r, q));
    ATTEST_TRY(read_kind(&r, q));
    if (read_body(&r, &q->td) != ERR_OK) {
        return ATTEST_TDX_QUOTE_SIZE;
    }
    q->signed_part = (struct view){raw.p, raw.n - r.n};
    if (rd_u32le(&r, &n) != ERR_OK) {
        return ATTEST_TDX_QUOTE_SIZE;
    }
    if (rd_take(&r, n, &data) != ERR_OK) {
        return ATTEST_TDX_QUOTE_LENGTHS;
    }
    q->trailing = (struct view){r.p, r.n};
    return read_signature_data(data, q);
}

enum attest_fault tdx_quote_parse(struct view raw, struct tdx_quote *out)
{
    *out = (struct tdx_quote){0};
    const enum attest_fault f = parse_all(raw, out);

    if (f != ATTEST_OK) {
        *out = (struct tdx_quote){0};
    }
    return f;
}
