#include "attest/tdx_collateral.h"

#include "base/hex.h"
#include "format/gen_time_parse.h"

#include <string.h>

#define HEX_BYTES_MAX 64
#define PARTS TDX_COLLATERAL_PARTS

/* ---- the parts ---- */

/* As the service of Intel names what it gives. */
const char *const tdx_collateral_files[PARTS] = {"tcb_info.json",    "tcb_info_chain.pem",
                                                 "qe_identity.json", "qe_identity_chain.pem",
                                                 "pck_crl.der",      "root_crl.der"};

struct tdx_collateral tdx_collateral_of(const struct view parts[PARTS])
{
    return (struct tdx_collateral){parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]};
}

static enum attest_fault take_part(struct reader *r, unsigned kind, struct view *out)
{
    uint8_t k = 0;
    uint32_t n = 0;

    return rd_u8(r, &k) == ERR_OK && k == kind && rd_u32le(r, &n) == ERR_OK &&
                   rd_take(r, n, out) == ERR_OK
               ? ATTEST_OK
               : ATTEST_TDX_COLLATERAL;
}

enum attest_fault tdx_collateral_parse(struct view raw, struct tdx_collateral *out)
{
    struct reader r = rd_init(raw);
    struct view *const parts[PARTS] = {&out->tcb_info,    &out->tcb_info_chain,
                                       &out->qe_identity, &out->qe_identity_chain,
                                       &out->pck_crl,     &out->root_crl};
    enum attest_fault f = raw.n <= TDX_COLLATERAL_MAX ? ATTEST_OK : ATTEST_TDX_COLLATERAL;

    *out = (struct tdx_collateral){0};
    for (unsigned i = 0; i < PARTS && f == ATTEST_OK; i++) {
        f = take_part(&r, i + 1, parts[i]);
    }
    if (f == ATTEST_OK && r.n > 0) {
        f = ATTEST_TDX_COLLATERAL;
    }
    if (f != ATTEST_OK) {
        *out = (struct tdx_collateral){0};
    }
    return f;
}

enum err tdx_collateral_encode(const struct tdx_collateral *c, uint8_t *out, size_t cap,
                               struct view *raw)
{
    const struct view parts[PARTS] = {c->tcb_info,          c->tcb_info_chain, c->qe_identity,
                                      c->qe_identity_chain, c->pck_crl,        c->root_crl};
    struct writer w = wr_init(out, cap);

    for (unsigned i = 0; i < PARTS; i++) {
        wr_u8(&w, (uint8_t)(i + 1));
        wr_u32le(&w, (uint32_t)parts[i].n);
        wr_view(&w, parts[i]);
    }
    return wr_finish(&w, raw);
}

/* ---- members ---- */

static const char *const status_names[TDX_STATUS_COUNT] = {
    [TDX_STATUS_UP_TO_DATE] = "UpToDate",
    [TDX_STATUS_SW_HARDENING_NEEDED] = "SWHardeningNeeded",
    [TDX_STATUS_CONFIGURATION_NEEDED] = "ConfigurationNeeded",
    [TDX_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED] = "ConfigurationAndSWHardeningNeeded",
    [TDX_STATUS_OUT_OF_DATE] = "OutOfDate",
    [TDX_STATUS_OUT_OF_DATE_CONFIGURATION_NEEDED] = "OutOfDateConfigurationNeeded",
    [TDX_STATUS_REVOKED] = "Revoked",
};

const char *tdx_status_name(enum tdx_status s)
{
    return s > TDX_STATUS_NONE && s < TDX_STATUS_COUNT ? status_names[s] : "";
}

/* Exactly n bytes of hexadecimal text, in either case. */
static bool find_hex(const struct json_value *v, const char *name, uint8_t *out, size_t n)
{
    char text[2 * HEX_BYTES_MAX + 1];
    struct json_value member;
    struct view plain;
    size_t got = 0;

    if (n > HEX_BYTES_MAX || !json_find(v, name, &member) ||
        json_plain(&member, &plain) != ERR_OK || plain.n != 2 * n) {
        return false;
    }
    memcpy(text, plain.p, plain.n);
    text[plain.n] = '\0';
    return hex_parse(text, out, n, &got) == ERR_OK;
}

static bool find_number(const struct json_value *v, const char *name, uint64_t max,
                        uint64_t *out)
{
    struct json_value member;

    return json_find(v, name, &member) && json_u64(&member, max, out) == ERR_OK;
}

static bool find_svn(const struct json_value *v, const char *name, uint16_t *out)
{
    uint64_t n = 0;

    if (!find_number(v, name, UINT16_MAX, &n)) {
        return false;
    }
    *out = (uint16_t)n;
    return true;
}

/* 2023-06-18T08:42:58Z */
static bool find_time(const struct json_value *v, const char *name, int64_t *out)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    uint8_t digits[sizeof form];
    struct json_value member;
    struct view text;
    struct gen_time t;
    uint32_t flaws = 0;
    size_t n = 0;

    if (!json_find(v, name, &member) || json_plain(&member, &text) != ERR_OK ||
        text.n != sizeof form - 1) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (form[i] != 'd' && text.p[i] != (uint8_t)form[i]) {
            return false;
        }
        if (form[i] == 'd' || form[i] == 'Z') {
            digits[n] = text.p[i];
            n++;
        }
    }
    if (gen_time_parse((struct view){digits, n}, &t, &flaws) != ERR_OK) {
        return false;
    }
    *out = t.s;
    return true;
}

static bool find_typed(const struct json_value *v, const char *name, enum json_type type,
                       struct json_value *out)
{
    return json_find(v, name, out) && out->type == type;
}

static bool find_word(const struct json_value *v, const char *name, const char *word)
{
    struct json_value member;

    return json_find(v, name, &member) && json_string_is(&member, word);
}

/* ---- levels ---- */

static bool find_status(const struct json_value *v, enum tdx_status *out)
{
    struct json_value member;

    if (!json_find(v, "tcbStatus", &member)) {
        return false;
    }
    for (int s = TDX_STATUS_UP_TO_DATE; s < TDX_STATUS_COUNT; s++) {
        if (json_string_is(&member, status_names[s])) {
            *out = (enum tdx_status)s;
            return true;
        }
    }
    return false;
}

/* [{"svn":5,..},..], exactly 16 of them */
static bool find_components(const struct json_value *tcb, const char *name,
                            uint16_t out[TDX_COMPONENTS])
{
    struct json_value list;
    struct json_value none;
    struct json_value item;
    size_t n = 0;

    if (!find_typed(tcb, name, JSON_TYPE_ARRAY, &list)) {
        return false;
    }
    struct json_items it = json_items(&list);

    while (json_next(&it, &none, &item)) {
        if (n == TDX_COMPONENTS || !find_svn(&item, "svn", &out[n])) {
            return false;
        }
        n++;
    }
    return n == TDX_COMPONENTS;
}

static bool read_level(const struct json_value *v, bool platform, struct tdx_level *out)
{
    struct json_value tcb;

    *out = (struct tdx_level){0};
    if (!find_typed(v, "tcb", JSON_TYPE_OBJECT, &tcb) || !find_status(v, &out->status) ||
        !find_time(v, "tcbDate", &out->date_s)) {
        return false;
    }
    if (!platform) {
        return find_svn(&tcb, "isvsvn", &out->svn);
    }
    return find_components(&tcb, "sgxtcbcomponents", out->sgx) &&
           find_components(&tcb, "tdxtcbcomponents", out->tdx) &&
           find_svn(&tcb, "pcesvn", &out->svn);
}

bool tdx_level_next(struct json_items *levels, bool platform, struct tdx_level *out)
{
    struct json_value none;
    struct json_value v;

    return json_next(levels, &none, &v) && read_level(&v, platform, out);
}

/* An array of levels, each of them well-formed. */
static bool find_levels(const struct json_value *v, bool platform, struct json_value *out)
{
    struct json_value none;
    struct json_value item;
    struct tdx_level level;

    if (!find_typed(v, "tcbLevels", JSON_TYPE_ARRAY, out)) {
        return false;
    }
    struct json_items it = json_items(out);

    while (json_next(&it, &none, &item)) {
        if (!read_level(&item, platform, &level)) {
            return false;
        }
    }
    return true;
}

/* ---- what both have ---- */

/* {"name":{..},"signature":"hex"}, in any order, and no third member: it would not be signed.
 */
static bool open_signed(struct view text, const char *name, struct json_value *body,
                        struct tdx_signed *out)
{
    struct json_value root;
    struct json_value key;
    struct json_value v;
    size_t n = 0;

    if (text.n > TDX_JSON_MAX || json_parse(text, &root) != ERR_OK ||
        !find_typed(&root, name, JSON_TYPE_OBJECT, body) ||
        !find_hex(&root, "signature", out->signature, sizeof out->signature)) {
        return false;
    }
    struct json_items it = json_items(&root);

    while (json_next(&it, &key, &v)) {
        n++;
    }
    out->signed_part = body->raw;
    return n == 2;
}

static bool read_common(const struct json_value *body, struct tdx_signed *out)
{
    uint64_t evaluation = 0;

    if (!find_time(body, "issueDate", &out->issue_s) ||
        !find_time(body, "nextUpdate", &out->next_update_s) ||
        !find_number(body, "tcbEvaluationDataNumber", UINT32_MAX, &evaluation)) {
        return false;
    }
    out->evaluation = (uint32_t)evaluation;
    return true;
}

/* ---- TCB info ---- */

static bool read_module(const struct json_value *v, bool levels, struct tdx_module *out)
{
    return find_hex(v, "mrsigner", out->mr_signer, sizeof out->mr_signer) &&
           find_hex(v, "attributes", out->attributes, sizeof out->attributes) &&
           find_hex(v, "attributesMask", out->attributes_mask, sizeof out->attributes_mask) &&
           (!levels || find_levels(v, false, &out->levels));
}

static bool read_modules(const struct json_value *body, struct tdx_tcb_info *out)
{
    struct json_value v;
    struct json_value none;
    struct tdx_module module;

    if (!find_typed(body, "tdxModule", JSON_TYPE_OBJECT, &v) ||
        !read_module(&v, false, &out->module)) {
        return false;
    }
    if (!json_find(body, "tdxModuleIdentities", &out->module_identities)) {
        return true;
    }
    if (out->module_identities.type != JSON_TYPE_ARRAY) {
        return false;
    }
    struct json_items it = json_items(&out->module_identities);

    while (json_next(&it, &none, &v)) {
        struct json_value id;

        if (!find_typed(&v, "id", JSON_TYPE_STRING, &id) || !read_module(&v, true, &module)) {
            return false;
        }
    }
    return true;
}

static enum attest_fault parse_tcb_info(struct view text, struct tdx_tcb_info *out)
{
    struct json_value body;
    uint64_t version = 0;
    uint64_t type = 0;

    if (!open_signed(text, "tcbInfo", &body, &out->s) ||
        !find_number(&body, "version", UINT32_MAX, &version)) {
        return ATTEST_TDX_TCB_JSON;
    }
    if (!find_word(&body, "id", "TDX") || version != 3) {
        return ATTEST_TDX_TCB_KIND;
    }
    if (!find_number(&body, "tcbType", UINT32_MAX, &type) || !read_common(&body, &out->s) ||
        !find_hex(&body, "fmspc", out->fmspc, sizeof out->fmspc) ||
        !find_hex(&body, "pceId", out->pce_id, sizeof out->pce_id) ||
        !read_modules(&body, out) || !find_levels(&body, true, &out->levels)) {
        return ATTEST_TDX_TCB_JSON;
    }
    return type == 0 ? ATTEST_OK : ATTEST_TDX_TCB_KIND;
}

enum attest_fault tdx_tcb_info_parse(struct view text, struct tdx_tcb_info *out)
{
    *out = (struct tdx_tcb_info){0};
    const enum attest_fault f = parse_tcb_info(text, out);

    if (f != ATTEST_OK) {
        *out = (struct tdx_tcb_info){0};
    }
    return f;
}

bool tdx_module_find(const struct tdx_tcb_info *t, uint8_t number, struct tdx_module *out)
{
    static const char digits[] = "0123456789ABCDEF";
    const char name[] = {'T', 'D', 'X', '_', digits[number >> 4], digits[number & 15], '\0'};
    struct json_items it = json_items(&t->module_identities);
    struct json_value none;
    struct json_value v;

    *out = (struct tdx_module){0};
    while (json_next(&it, &none, &v)) {
        if (find_word(&v, "id", name)) {
            return read_module(&v, true, out);
        }
    }
    return false;
}

/* ---- the quoting enclave ---- */

static enum attest_fault parse_qe_identity(struct view text, struct tdx_qe_identity *out)
{
    struct json_value body;
    uint64_t version = 0;

    if (!open_signed(text, "enclaveIdentity", &body, &out->s) ||
        !find_number(&body, "version", UINT32_MAX, &version)) {
        return ATTEST_TDX_QE_JSON;
    }
    if (!find_word(&body, "id", "TD_QE") || version != 2) {
        return ATTEST_TDX_QE_KIND;
    }
    return read_common(&body, &out->s) &&
                   find_hex(&body, "miscselect", out->misc_select, sizeof out->misc_select) &&
                   find_hex(&body, "miscselectMask", out->misc_select_mask,
                            sizeof out->misc_select_mask) &&
                   find_hex(&body, "attributes", out->attributes, sizeof out->attributes) &&
                   find_hex(&body, "attributesMask", out->attributes_mask,
                            sizeof out->attributes_mask) &&
                   find_hex(&body, "mrsigner", out->mr_signer, sizeof out->mr_signer) &&
                   find_svn(&body, "isvprodid", &out->isv_prod_id) &&
                   find_levels(&body, false, &out->levels)
               ? ATTEST_OK
               : ATTEST_TDX_QE_JSON;
}

enum attest_fault tdx_qe_identity_parse(struct view text, struct tdx_qe_identity *out)
{
    *out = (struct tdx_qe_identity){0};
    const enum attest_fault f = parse_qe_identity(text, out);

    if (f != ATTEST_OK) {
        *out = (struct tdx_qe_identity){0};
    }
    return f;
}
