#include "attest/tdx_tcb.h"

#include <string.h>

/* Whether the bits of have that the mask tells are those of want. */
static bool masked_equal(const uint8_t *have, const uint8_t *want, const uint8_t *mask,
                         size_t n)
{
    uint8_t differ = 0;

    for (size_t i = 0; i < n; i++) {
        differ |= (uint8_t)((have[i] & mask[i]) ^ want[i]);
    }
    return differ == 0;
}

/* The first level whose ISVSVN is not over svn. */
static bool find_level(const struct json_value *levels, uint16_t svn, struct tdx_standing *out)
{
    struct json_items it = json_items(levels);
    struct tdx_level level;

    while (tdx_level_next(&it, false, &level)) {
        if (level.svn <= svn) {
            *out = (struct tdx_standing){level.status, level.date_s};
            return true;
        }
    }
    return false;
}

static enum attest_fault match_module(const struct tdx_td *td, const struct tdx_tcb_info *info,
                                      struct tdx_standing *out)
{
    const uint8_t number = td->tee_tcb_svn[1];
    struct tdx_module m = info->module;

    if (number > 0 && !tdx_module_find(info, number, &m)) {
        return ATTEST_TDX_MATCH_MODULE;
    }
    if (memcmp(td->mr_signer_seam, m.mr_signer, sizeof m.mr_signer) != 0) {
        return ATTEST_TDX_MATCH_MODULE_SIGNER;
    }
    if (!masked_equal(td->seam_attributes, m.attributes, m.attributes_mask,
                      sizeof m.attributes)) {
        return ATTEST_TDX_MATCH_MODULE_ATTRIBUTES;
    }
    if (number > 0 && !find_level(&m.levels, td->tee_tcb_svn[0], out)) {
        return ATTEST_TDX_MATCH_MODULE_LEVEL;
    }
    return ATTEST_OK;
}

/* Of a later module than TDX 1.0's the first two components are its own, and no platform's. */
static bool reaches(const struct tdx_td *td, const struct tdx_pck *pck,
                    const struct tdx_level *level)
{
    for (size_t i = 0; i < TDX_COMPONENTS; i++) {
        if (pck->components[i] < level->sgx[i]) {
            return false;
        }
    }
    for (size_t i = td->tee_tcb_svn[1] > 0 ? 2 : 0; i < TDX_COMPONENTS; i++) {
        if (td->tee_tcb_svn[i] < level->tdx[i]) {
            return false;
        }
    }
    return pck->pce_svn >= level->svn;
}

static enum attest_fault match_platform(const struct tdx_td *td, const struct tdx_pck *pck,
                                        const struct tdx_tcb_info *info,
                                        struct tdx_standing *out)
{
    struct json_items it = json_items(&info->levels);
    struct tdx_level level;

    while (tdx_level_next(&it, true, &level)) {
        if (reaches(td, pck, &level)) {
            *out = (struct tdx_standing){level.status, level.date_s};
            return ATTEST_OK;
        }
    }
    return ATTEST_TDX_MATCH_TCB_LEVEL;
}

static enum attest_fault match_qe(const struct tdx_qe *have, const struct tdx_qe_identity *want,
                                  struct tdx_standing *out)
{
    if (!masked_equal(have->misc_select, want->misc_select, want->misc_select_mask,
                      sizeof have->misc_select)) {
        return ATTEST_TDX_MATCH_QE_MISC_SELECT;
    }
    if (!masked_equal(have->attributes, want->attributes, want->attributes_mask,
                      sizeof have->attributes)) {
        return ATTEST_TDX_MATCH_QE_ATTRIBUTES;
    }
    if (memcmp(have->mr_signer, want->mr_signer, sizeof have->mr_signer) != 0) {
        return ATTEST_TDX_MATCH_QE_SIGNER;
    }
    if (have->isv_prod_id != want->isv_prod_id) {
        return ATTEST_TDX_MATCH_QE_PRODUCT;
    }
    return find_level(&want->levels, have->isv_svn, out) ? ATTEST_OK
                                                         : ATTEST_TDX_MATCH_QE_LEVEL;
}

static enum attest_fault match_all(const struct tdx_quote *q, const struct tdx_pck *pck,
                                   const struct tdx_tcb_info *info,
                                   const struct tdx_qe_identity *qe, struct tdx_tcb *out)
{
    if (memcmp(info->fmspc, pck->fmspc, sizeof pck->fmspc) != 0) {
        return ATTEST_TDX_MATCH_FMSPC;
    }
    if (memcmp(info->pce_id, pck->pce_id, sizeof pck->pce_id) != 0) {
        return ATTEST_TDX_MATCH_PCE_ID;
    }
    ATTEST_TRY(match_module(&q->td, info, &out->module));
    ATTEST_TRY(match_platform(&q->td, pck, info, &out->platform));
    if (q->td.tee_tcb_svn[1] == 0) {
        out->module = out->platform;
    }
    return match_qe(&q->qe, qe, &out->qe);
}

enum attest_fault tdx_tcb_match(const struct tdx_quote *q, const struct tdx_pck *pck,
                                const struct tdx_tcb_info *info,
                                const struct tdx_qe_identity *qe, struct tdx_tcb *out)
{
    *out = (struct tdx_tcb){0};
    const enum attest_fault f = match_all(q, pck, info, qe, out);

    if (f != ATTEST_OK) {
        *out = (struct tdx_tcb){0};
    }
    return f;
}
