#include "attest/tdx_policy.h"

#include "attest/attest_text.h"
#include "crypto/hash.h"

#include <string.h>

#define IN_TDX 1

enum key {
    KEY_MRTD,
    KEY_RTMR0,
    KEY_RTMR1,
    KEY_RTMR2,
    KEY_RTMR3,
    KEY_CONFIG_ID,
    KEY_OWNER,
    KEY_OWNER_CONFIG,
    KEY_SEPT_VE_DISABLE,
    KEY_PKS,
    KEY_KEY_LOCKER,
    KEY_PERFMON,
    KEY_TRAILING,
    KEY_STATUS,
    KEY_EVALUATION,
    KEY_FMSPC_DENIED,
    KEY_COUNT,
};

static const struct policy_key keys[KEY_COUNT] = {
    [KEY_MRTD] = {"mrtd", IN_TDX, true, false},
    [KEY_RTMR0] = {"rtmr0", IN_TDX, true, false},
    [KEY_RTMR1] = {"rtmr1", IN_TDX, true, false},
    [KEY_RTMR2] = {"rtmr2", IN_TDX, true, false},
    [KEY_RTMR3] = {"rtmr3", IN_TDX, true, false},
    [KEY_CONFIG_ID] = {"mr_config_id", IN_TDX, true, false},
    [KEY_OWNER] = {"mr_owner", IN_TDX, true, false},
    [KEY_OWNER_CONFIG] = {"mr_owner_config", IN_TDX, true, false},
    [KEY_SEPT_VE_DISABLE] = {"sept_ve_disable", IN_TDX, false, false},
    [KEY_PKS] = {"pks", IN_TDX, false, false},
    [KEY_KEY_LOCKER] = {"key_locker", IN_TDX, false, false},
    [KEY_PERFMON] = {"perfmon", IN_TDX, false, false},
    [KEY_TRAILING] = {"trailing", IN_TDX, false, false},
    [KEY_STATUS] = {"status", IN_TDX, true, false},
    [KEY_EVALUATION] = {"evaluation", IN_TDX, false, false},
    [KEY_FMSPC_DENIED] = {"fmspc_denied", IN_TDX, true, false},
};

struct parser {
    struct tdx_policy *out;
    bool had_tdx;
};

static enum attest_fault add_digest(struct view v, bool may_be_any, struct tdx_digests *list)
{
    if (list->any) {
        return ATTEST_POLICY_TWICE;
    }
    if (may_be_any && attest_text_is(v, "any")) {
        list->any = true;
        return list->n == 0 ? ATTEST_OK : ATTEST_POLICY_TWICE;
    }
    if (list->n == TDX_POLICY_LIST_MAX) {
        return ATTEST_POLICY_FULL;
    }
    if (!policy_text_hex(v, list->d[list->n], TDX_MR_LEN)) {
        return ATTEST_POLICY_VALUE;
    }
    list->n++;
    return ATTEST_OK;
}

static enum attest_fault add_fmspc(struct view v, struct tdx_policy *out)
{
    if (out->no_fmspc_denied) {
        return ATTEST_POLICY_TWICE;
    }
    if (attest_text_is(v, "none")) {
        out->no_fmspc_denied = true;
        return out->n_fmspc_denied == 0 ? ATTEST_OK : ATTEST_POLICY_TWICE;
    }
    if (out->n_fmspc_denied == TDX_POLICY_LIST_MAX) {
        return ATTEST_POLICY_FULL;
    }
    if (!policy_text_hex(v, out->fmspc_denied[out->n_fmspc_denied], TDX_FMSPC_LEN)) {
        return ATTEST_POLICY_VALUE;
    }
    out->n_fmspc_denied++;
    return ATTEST_OK;
}

/* What is out of date or revoked stays outside. */
static enum attest_fault add_status(struct view v, struct tdx_policy *out)
{
    for (int s = TDX_STATUS_UP_TO_DATE; s < TDX_STATUS_OUT_OF_DATE; s++) {
        if (attest_text_is(v, tdx_status_name((enum tdx_status)s))) {
            if (out->statuses[s]) {
                return ATTEST_POLICY_TWICE;
            }
            out->statuses[s] = true;
            return ATTEST_OK;
        }
    }
    return ATTEST_POLICY_VALUE;
}

static enum attest_fault choose(struct view v, const char *no, const char *yes, bool *out)
{
    return policy_text_formed(policy_text_choice(v, no, yes, out));
}

static enum attest_fault set_value(void *parser, size_t key, struct view v)
{
    struct tdx_policy *const out = ((struct parser *)parser)->out;

    switch ((enum key)key) {
    case KEY_MRTD:
        return add_digest(v, false, &out->mrtd);
    case KEY_RTMR0:
    case KEY_RTMR1:
    case KEY_RTMR2:
    case KEY_RTMR3:
        return add_digest(v, true, &out->rtmr[key - KEY_RTMR0]);
    case KEY_CONFIG_ID:
        return add_digest(v, true, &out->config_id);
    case KEY_OWNER:
        return add_digest(v, true, &out->owner);
    case KEY_OWNER_CONFIG:
        return add_digest(v, true, &out->owner_config);
    case KEY_SEPT_VE_DISABLE:
        return choose(v, "any", "required", &out->bits.sept_ve_disable);
    case KEY_PKS:
        return choose(v, "refused", "allowed", &out->bits.pks);
    case KEY_KEY_LOCKER:
        return choose(v, "refused", "allowed", &out->bits.key_locker);
    case KEY_PERFMON:
        return choose(v, "refused", "allowed", &out->bits.perfmon);
    case KEY_TRAILING:
        return choose(v, "refused", "allowed", &out->trailing_allowed);
    case KEY_STATUS:
        return add_status(v, out);
    case KEY_EVALUATION:
        return policy_text_formed(policy_text_u32(v, UINT32_MAX, &out->evaluation));
    case KEY_FMSPC_DENIED:
        return add_fmspc(v, out);
    case KEY_COUNT:
        break;
    }
    return ATTEST_POLICY_KEY;
}

static enum attest_fault begin(void *parser, struct view name, unsigned *section)
{
    struct parser *const p = parser;

    if (!attest_text_is(name, "tdx")) {
        return ATTEST_OK;
    }
    if (p->had_tdx) {
        return ATTEST_POLICY_SECTION;
    }
    p->had_tdx = true;
    *section = IN_TDX;
    return ATTEST_OK;
}

enum attest_fault tdx_policy_parse(struct view text, struct tdx_policy *out, unsigned *at)
{
    static const struct policy_form form = {
        .keys = keys, .n_keys = KEY_COUNT, .begin = begin, .set = set_value};
    struct parser p = {.out = out};

    memset(out, 0, sizeof *out);
    enum attest_fault f = policy_text_read(text, &form, &p, at);

    if (f == ATTEST_OK && !p.had_tdx) {
        f = ATTEST_POLICY_MISSING;
    }
    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
        return f;
    }
    hash_once(HASH_SHA384, text, out->hash);
    return ATTEST_OK;
}
