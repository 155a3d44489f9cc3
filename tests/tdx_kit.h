/* tdx_kit.h - quotes of TDX with all that belongs to them, made by ourselves under a root of
 * our own: each part may be spoiled before it is signed. OpenSSL signs. */
#ifndef TESTS_TDX_KIT_H
#define TESTS_TDX_KIT_H

#include "tdx_kit_certs.h"

/* ---- what Intel says ---- */

#define TDX_KIT_SVNS(a, b, c)                                                              \
    "[{\"svn\":" a "},{\"svn\":" b "},{\"svn\":" c ",\"type\":\"x\"}"                      \
    ",{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}" \
    ",{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}]"
#define TDX_KIT_LEVEL(sgx0, pce, tdx0, tdx1, tdx2, status) \
    "{\"tcb\":{\"sgxtcbcomponents\":" TDX_KIT_SVNS(        \
        sgx0, "5",                                         \
        "2") ",\"pcesvn\":" pce                            \
             ",\"tdxtcbcomponents\":" TDX_KIT_SVNS(        \
                 tdx0, tdx1,                               \
                 tdx2) "},\"tcbDate\":\"2026-03-01T00:00:00Z\",\"tcbStatus\":\"" status "\"}"
#define TDX_KIT_ZEROS_48                               \
    "000000000000000000000000000000000000000000000000" \
    "000000000000000000000000000000000000000000000000"

/* The first two TDX components of the first level are over what any quote has: of a later
 * module than TDX 1.0's nobody compares them. */
static const char tdx_kit_tcb[] =
    "{\"id\":\"TDX\",\"version\":3,\"issueDate\":\"2026-09-01T00:00:00Z\","
    "\"nextUpdate\":\"2026-10-01T00:00:00Z\",\"fmspc\":\"50806F000000\",\"pceId\":\"0100\","
    "\"tcbType\":0,\"tcbEvaluationDataNumber\":18,\"more\":[],"
    "\"tdxModule\":{\"mrsigner\":\"" TDX_KIT_ZEROS_48 "\","
    "\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"},"
    "\"tdxModuleIdentities\":[{\"id\":\"TDX_01\",\"mrsigner\":\"" TDX_KIT_ZEROS_48 "\","
    "\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\","
    "\"tcbLevels\":[]},"
    "{\"id\":\"TDX_0A\",\"mrsigner\":\"" TDX_KIT_ZEROS_48 "\","
    "\"attributes\":\"0100000000000000\",\"attributesMask\":\"0F00000000000000\","
    "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":5},\"tcbDate\":\"2026-03-02T00:00:00Z\","
    "\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"isvsvn\":3},\"tcbDate\":\"2025-03-02T00:00:00Z\","
    "\"tcbStatus\":\"OutOfDate\"}]}],"
    "\"tcbLevels\":[" TDX_KIT_LEVEL("5", "11", "255", "255", "6", "UpToDate") "," TDX_KIT_LEVEL(
        "5", "8", "5", "0", "4", "SWHardeningNeeded") "," TDX_KIT_LEVEL("4", "5", "5", "0", "4",
                                                                        "OutOfDate") "]}";

static const char tdx_kit_qe_identity[] =
    "{\"id\":\"TD_QE\",\"version\":2,\"issueDate\":\"2026-09-02T00:00:00Z\","
    "\"nextUpdate\":\"2026-10-02T00:00:00Z\",\"tcbEvaluationDataNumber\":19,"
    "\"miscselect\":\"01000000\",\"miscselectMask\":\"0FFFFFFF\","
    "\"attributes\":\"11000000000000000000000000000000\","
    "\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
    "\"mrsigner\":\"dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5\","
    "\"isvprodid\":2,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":8},"
    "\"tcbDate\":\"2026-03-03T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"isvsvn\":4},"
    "\"tcbDate\":\"2024-03-03T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]}";

/* ---- all of it ---- */

static inline void tdx_kit_fresh_chain(struct tdx_kit *k)
{
    const int64_t from = TDX_KIT_AT_S - 900 * TDX_KIT_DAY_S;
    const int64_t until = TDX_KIT_AT_S + 900 * TDX_KIT_DAY_S;
    const struct tdx_kit_cert ca = {.subject = "Intel SGX Root CA",
                                    .issuer = "Intel SGX Root CA",
                                    .key = TDX_KEY_ROOT,
                                    .by = TDX_KEY_ROOT,
                                    .serial = 1,
                                    .from_s = from,
                                    .until_s = until,
                                    .ca = true,
                                    .usage = CERT_KEY_CERT_SIGN | CERT_CRL_SIGN};

    k->root = ca;
    k->ca = ca;
    k->ca.subject = "Intel SGX PCK Platform CA";
    k->ca.key = TDX_KEY_CA;
    k->ca.serial = 2;
    k->pck = ca;
    k->pck.subject = "Intel SGX PCK Certificate";
    k->pck.issuer = k->ca.subject;
    k->pck.key = TDX_KEY_PCK;
    k->pck.by = TDX_KEY_CA;
    k->pck.serial = 3;
    k->pck.ca = false;
    k->pck.usage = CERT_DIGITAL_SIGNATURE;
    k->pck.pck = true;
    k->tcb = k->pck;
    k->tcb.subject = "Intel SGX TCB Signing";
    k->tcb.issuer = k->root.subject;
    k->tcb.key = TDX_KEY_TCB;
    k->tcb.by = TDX_KEY_ROOT;
    k->tcb.serial = 4;
    k->tcb.pck = false;
    k->qe_cert = k->tcb;
    k->qe_cert.key = TDX_KEY_QE;
    k->qe_cert.serial = 5;
    k->root_crl = (struct tdx_kit_crl){k->root.subject, TDX_KEY_ROOT, from, until, 99,
                                       TDX_ALG_GOOD,    false,        0};
    k->pck_crl = (struct tdx_kit_crl){k->ca.subject, TDX_KEY_CA, from, until, 98,
                                      TDX_ALG_GOOD,  false,      0};
}

/* A quote that a good policy accepts, of version 4 or 5. */
static inline void tdx_kit_fresh(bool v5, struct tdx_kit *k)
{
    static const uint8_t vendor[] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                     0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
    static const uint8_t qe_signer[] = {0xdc, 0x9e, 0x2a, 0x7c, 0x6f, 0x94, 0x8f, 0x17,
                                        0x47, 0x4e, 0x34, 0xa7, 0xfc, 0x43, 0xed, 0x03,
                                        0x0f, 0x7c, 0x15, 0x63, 0xf1, 0xba, 0xbd, 0xdf,
                                        0x63, 0x40, 0xc8, 0x2e, 0x0e, 0x54, 0xa8, 0xc5};
    static const uint8_t svn[TDX_SVN_LEN] = {5, 10, 6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

    memset(k, 0, sizeof *k);
    k->v5 = v5;
    k->body_kind = 3;
    k->body_len = BODY_LEN_1_5;
    k->cert_type = 6;
    k->inner_type = 5;
    k->auth_len = sizeof k->auth;
    memset(k->auth, 0x77, sizeof k->auth);
    k->head[TDX_AT_VERSION] = v5 ? 5 : 4;
    k->head[TDX_AT_KEY_TYPE] = 2;
    k->head[TDX_AT_TEE_TYPE] = 0x81;
    memcpy(k->head + TDX_AT_VENDOR, vendor, sizeof vendor);
    for (size_t i = 0; i < sizeof k->body; i++) {
        k->body[i] = (uint8_t)(i * 7 + 1);
    }
    memcpy(k->body + BODY_SVN, svn, sizeof svn);
    memset(k->body + BODY_SIGNER_SEAM, 0, TDX_MR_LEN + 8 + 8);
    k->body[BODY_SEAM_ATTRIBUTES] = 0x31; /* three bits that the mask leaves out */
    k->body[BODY_TD_ATTRIBUTES + 3] = 0x10;
    memset(k->body + BODY_SERVICE_TD, 0, TDX_MR_LEN);
    k->qe[QE_MISC_SELECT] = 0x31;
    k->qe[QE_ATTRIBUTES] = 0x15;
    k->qe[QE_ATTRIBUTES + 8] = 0xe7;
    memcpy(k->qe + QE_MR_SIGNER, qe_signer, sizeof qe_signer);
    k->qe[QE_PROD_ID] = 2;
    k->qe[QE_SVN] = 8;
    for (size_t i = 0; i < TDX_COMPONENTS; i++) {
        k->platform.components[i] = i < 2 ? 5 : i == 2 ? 2 : 1;
    }
    memset(k->platform.ppid, 0x5a, TDX_PPID_LEN);
    k->platform.pce_svn = 11;
    k->platform.pce_id[0] = 1;
    k->platform.fmspc[0] = 0x50;
    k->platform.fmspc[1] = 0x80;
    k->platform.fmspc[2] = 0x6f;
    k->quote_by = TDX_KEY_ATTEST;
    k->qe_by = TDX_KEY_PCK;
    k->tcb_by = TDX_KEY_TCB;
    k->qe_identity_by = TDX_KEY_QE;
    (void)snprintf(k->tcb_text, sizeof k->tcb_text, "%s", tdx_kit_tcb);
    (void)snprintf(k->qe_text, sizeof k->qe_text, "%s", tdx_kit_qe_identity);
    tdx_kit_fresh_chain(k);
}

/* Changes the first `from` of a text to `to`; it must be there. */
static inline void tdx_kit_edit(char text[TDX_KIT_JSON_MAX], const char *from, const char *to)
{
    static char changed[TDX_KIT_JSON_MAX];
    const char *const at = strstr(text, from);

    if (!at) {
        print_message("not in the text: %s\n", from);
        abort();
    }
    const int n = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to,
                           at + strlen(from));

    assert_true(n > 0 && (size_t)n < sizeof changed);
    memcpy(text, changed, (size_t)n + 1);
}

static inline struct view tdx_kit_json(const char *name, const char *value, enum tdx_kit_key by,
                                       const char *third, char *out, size_t cap)
{
    uint8_t sig[64];
    char hex[129];

    tdx_kit_sign(by, (struct view){(const uint8_t *)value, strlen(value)}, sig);
    hex_write((struct view){sig, sizeof sig}, hex);
    const int n = snprintf(out, cap, "{ \"%s\" : %s,\"signature\":\"%s\"%s}\n", name, value,
                           hex, third ? third : "");

    assert_true(n > 0 && (size_t)n < cap);
    return (struct view){(const uint8_t *)out, (size_t)n};
}

/* Header and body, as the attestation key signs them. */
static inline void tdx_kit_head(const struct tdx_kit *k, struct writer *w)
{
    wr_bytes(w, k->head, sizeof k->head);
    if (k->v5) {
        wr_u16le(w, k->body_kind);
        wr_u32le(w, k->body_len);
    }
    wr_bytes(w, k->body, k->v5 && k->body_kind == 3 ? BODY_LEN_1_5 : BODY_LEN);
}

static inline void tdx_kit_qe_report(const struct tdx_kit *k, const uint8_t key[65],
                                     uint8_t out[TDX_QE_REPORT_LEN])
{
    struct hash_state h;

    memcpy(out, k->qe, TDX_QE_REPORT_LEN);
    hash_init(&h, HASH_SHA256);
    hash_update(&h, key + 1, 64);
    hash_update(&h, k->auth, k->auth_len);
    hash_final(&h, out + QE_REPORT_DATA);
    out[QE_REPORT_DATA] ^= k->unbound ? 1 : 0;
    out[TDX_QE_REPORT_LEN - 1] = k->bound_tail;
}

static inline void tdx_kit_pem_chain(const struct tdx_kit *k, struct tdx_kit_made *m,
                                     struct writer *w)
{
    const struct tdx_kit_cert *const chain[] = {&k->pck, &k->ca, &k->root};

    for (size_t i = 0; i < (k->no_root_pem ? 2 : 3); i++) {
        pem_write(w, "CERTIFICATE", tdx_kit_cert(chain[i], k, m->certs[i]));
    }
    if (k->after_pem) {
        wr_bytes(w, k->after_pem, strlen(k->after_pem));
    }
    if (!k->no_nul) {
        wr_u8(w, 0);
    }
}

static inline void tdx_kit_patch(struct writer *w, size_t at, int more)
{
    wr_patch_u32le(w, at, (uint32_t)((int)(w->len - at - 4) + more));
}

static inline void tdx_kit_quote(const struct tdx_kit *k, struct tdx_kit_made *m)
{
    static const uint8_t zeros[TDX_KIT_MAX];
    struct writer w = wr_init(m->quote, sizeof m->quote);
    uint8_t key[65];
    uint8_t sig[64];
    uint8_t qe[TDX_QE_REPORT_LEN];

    tdx_kit_head(k, &w);
    tdx_kit_sign(k->quote_by, (struct view){w.p, w.len}, sig);
    const size_t at_data = w.len;

    wr_u32le(&w, 0);
    wr_bytes(&w, sig, sizeof sig);
    tdx_kit_public(TDX_KEY_ATTEST, key);
    wr_bytes(&w, key + 1, 64);
    wr_u16le(&w, k->cert_type);
    const size_t at_certs = w.len;

    wr_u32le(&w, 0);
    tdx_kit_qe_report(k, key, qe);
    tdx_kit_sign(k->qe_by, (struct view){qe, sizeof qe}, sig);
    wr_bytes(&w, qe, sizeof qe);
    wr_bytes(&w, sig, sizeof sig);
    wr_u16le(&w, (uint16_t)k->auth_len);
    wr_bytes(&w, k->auth, k->auth_len);
    wr_u16le(&w, k->inner_type);
    const size_t at_inner = w.len;

    wr_u32le(&w, 0);
    tdx_kit_pem_chain(k, m, &w);
    tdx_kit_patch(&w, at_data, k->more_data);
    tdx_kit_patch(&w, at_certs, k->more_certs);
    tdx_kit_patch(&w, at_inner, k->more_inner);
    wr_bytes(&w, zeros, k->trailing);
    assert_int_equal(wr_finish(&w, &m->ev.quote), ERR_OK);
}

/* The signer first, then the root, as Intel has them. */
static inline struct view tdx_kit_pem(const struct tdx_kit_cert *c, const struct tdx_kit *k,
                                      uint8_t der[TDX_KIT_MAX], uint8_t out[TDX_KIT_MAX])
{
    struct writer w = wr_init(out, TDX_KIT_MAX);
    struct view v;

    pem_write(&w, "CERTIFICATE", tdx_kit_cert(c, k, der));
    pem_write(&w, "CERTIFICATE", tdx_kit_cert(&k->root, k, der));
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static inline void tdx_kit_make(const struct tdx_kit *k, struct tdx_kit_made *m)
{
    struct tdx_collateral *const c = &m->ev.collateral;
    struct cert root;

    tdx_kit_quote(k, m);
    c->tcb_info = tdx_kit_json("tcbInfo", k->tcb_text, k->tcb_by, k->third, m->texts[0],
                               sizeof m->texts[0]);
    c->qe_identity = tdx_kit_json("enclaveIdentity", k->qe_text, k->qe_identity_by, k->third,
                                  m->texts[1], sizeof m->texts[1]);
    c->tcb_info_chain = tdx_kit_pem(&k->tcb, k, m->certs[3], m->pems[0]);
    c->qe_identity_chain = tdx_kit_pem(&k->qe_cert, k, m->certs[3], m->pems[1]);
    c->root_crl = tdx_kit_crl(&k->root_crl, m->lists[0]);
    c->pck_crl = tdx_kit_crl(&k->pck_crl, m->lists[1]);

    /* Its pin is of a root as it should be. */
    static struct tdx_kit good;

    tdx_kit_fresh(false, &good);
    assert_int_equal(cert_parse(tdx_kit_cert(&good.root, &good, m->certs[4]), &root), ERR_OK);
    hash_once(HASH_SHA256, root.ids.spki, m->root.pin);
    m->root.assurance = ATTEST_ASSURANCE_SIMULATED;
}

#endif
