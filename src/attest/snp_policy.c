#include "attest/snp_policy.h"

#include "attest/attest_text.h"
#include "crypto/hash.h"

#include <string.h>

enum section {
    IN_GUEST = 1,
    IN_PLATFORM,
    IN_LINE,
};

enum key {
    KEY_MEASUREMENT,
    KEY_VMPL,
    KEY_HOST_DATA,
    KEY_GUEST_SVN,
    KEY_ABI,
    KEY_SMT,
    KEY_ID_KEY,
    KEY_AUTHOR_KEY,
    KEY_FAMILY_ID,
    KEY_IMAGE_ID,
    KEY_SIGNER,
    KEY_PROVIDER,
    KEY_CRL,
    KEY_MASKED_CHIP,
    KEY_PROVISIONAL,
    KEY_TCB,
    KEY_MITIGATIONS,
    KEY_POLICY_SET,
    KEY_PLATFORM_SET,
    KEY_PLATFORM_CLEAR,
    KEY_COUNT,
};

static const struct policy_key keys[KEY_COUNT] = {
    [KEY_MEASUREMENT] = {"measurement", IN_GUEST, true, false},
    [KEY_VMPL] = {"vmpl", IN_GUEST, false, false},
    [KEY_HOST_DATA] = {"host_data", IN_GUEST, false, false},
    [KEY_GUEST_SVN] = {"guest_svn", IN_GUEST, false, false},
    [KEY_ABI] = {"abi", IN_GUEST, false, false},
    [KEY_SMT] = {"smt", IN_GUEST, false, false},
    [KEY_ID_KEY] = {"id_key", IN_GUEST, true, false},
    [KEY_AUTHOR_KEY] = {"author_key", IN_GUEST, true, false},
    [KEY_FAMILY_ID] = {"family_id", IN_GUEST, false, false},
    [KEY_IMAGE_ID] = {"image_id", IN_GUEST, false, false},
    [KEY_SIGNER] = {"signer", IN_PLATFORM, false, false},
    [KEY_PROVIDER] = {"provider", IN_PLATFORM, true, true},
    [KEY_CRL] = {"crl", IN_PLATFORM, false, false},
    [KEY_MASKED_CHIP] = {"masked_chip", IN_PLATFORM, false, false},
    [KEY_PROVISIONAL] = {"provisional", IN_PLATFORM, false, false},
    [KEY_TCB] = {"tcb", IN_LINE, false, false},
    [KEY_MITIGATIONS] = {"mitigations", IN_LINE, false, false},
    [KEY_POLICY_SET] = {"policy_set", IN_LINE, false, false},
    [KEY_PLATFORM_SET] = {"platform_set", IN_LINE, false, false},
    [KEY_PLATFORM_CLEAR] = {"platform_clear", IN_LINE, false, false},
};

struct parser {
    struct snp_policy *out;
    const char *guest;            /* the section's name */
    struct snp_line_policy *line; /* in IN_LINE */
    bool had_guest, had_platform, had_line;
};

/* ---- values ---- */

static enum attest_fault add_digest(struct view v, bool may_be_any, struct snp_digests *list)
{
    if (list->any) {
        return ATTEST_POLICY_TWICE;
    }
    if (may_be_any && attest_text_is(v, "any")) {
        list->any = true;
        return list->n == 0 ? ATTEST_OK : ATTEST_POLICY_TWICE;
    }
    if (list->n == SNP_POLICY_LIST_MAX) {
        return ATTEST_POLICY_FULL;
    }
    if (!policy_text_hex(v, list->d[list->n], SNP_MEASUREMENT_LEN)) {
        return ATTEST_POLICY_VALUE;
    }
    list->n++;
    return ATTEST_OK;
}

static enum attest_fault add_provider(struct view v, struct snp_policy *out)
{
    struct snp_provider *p = &out->providers[out->n_providers];

    if (out->n_providers == SNP_POLICY_LIST_MAX) {
        return ATTEST_POLICY_FULL;
    }
    if (v.n > SNP_CSP_ID_MAX) {
        return ATTEST_POLICY_VALUE;
    }
    memcpy(p->csp_id, v.p, v.n);
    p->n = v.n;
    out->n_providers++;
    return ATTEST_OK;
}

static bool read_id(struct view v, struct snp_id_wanted *out)
{
    out->any = attest_text_is(v, "any");
    return out->any || policy_text_hex(v, out->id, sizeof out->id);
}

static bool read_signer(struct view v, struct snp_policy *out)
{
    const bool both = attest_text_is(v, "any");

    out->vcek_allowed = both || attest_text_is(v, "vcek");
    out->vlek_allowed = both || attest_text_is(v, "vlek");
    return out->vcek_allowed || out->vlek_allowed;
}

/* fmc.bootloader.tee.snp.microcode; fmc is Turin's alone */
static enum attest_fault read_floor(struct view v, struct parser *p)
{
    const enum snp_line line = (enum snp_line)(p->line - p->out->lines);
    uint8_t t[5];

    if (!policy_text_dotted(v, t, sizeof t) ||
        (t[0] != 0 && snp_line_layout(line) != SNP_LINE_TURIN)) {
        return ATTEST_POLICY_VALUE;
    }
    if ((t[0] | t[1] | t[2] | t[3] | t[4]) == 0) {
        return ATTEST_POLICY_FLOOR;
    }
    p->line->floor = (struct snp_tcb){t[0], t[1], t[2], t[3], t[4]};
    return ATTEST_OK;
}

static bool read_abi(struct view v, struct snp_policy *out)
{
    uint8_t abi[2];

    if (!policy_text_dotted(v, abi, sizeof abi)) {
        return false;
    }
    out->abi_major = abi[0];
    out->abi_minor = abi[1];
    return true;
}

static enum attest_fault set_value(void *parser, size_t key, struct view v)
{
    struct parser *const p = parser;
    struct snp_policy *out = p->out;

    switch ((enum key)key) {
    case KEY_MEASUREMENT:
        return add_digest(v, false, &out->measurements);
    case KEY_VMPL:
        return policy_text_formed(policy_text_u32(v, 3, &out->vmpl));
    case KEY_HOST_DATA:
        return policy_text_formed(policy_text_hex(v, out->host_data, sizeof out->host_data));
    case KEY_GUEST_SVN:
        return policy_text_formed(policy_text_u32(v, UINT32_MAX, &out->guest_svn));
    case KEY_ABI:
        return policy_text_formed(read_abi(v, out));
    case KEY_SMT:
        return policy_text_formed(
            policy_text_choice(v, "refused", "allowed", &out->smt_allowed));
    case KEY_ID_KEY:
        return add_digest(v, true, &out->id_keys);
    case KEY_AUTHOR_KEY:
        return add_digest(v, true, &out->author_keys);
    case KEY_FAMILY_ID:
        return policy_text_formed(read_id(v, &out->family_id));
    case KEY_IMAGE_ID:
        return policy_text_formed(read_id(v, &out->image_id));
    case KEY_SIGNER:
        return policy_text_formed(read_signer(v, out));
    case KEY_PROVIDER:
        return add_provider(v, out);
    case KEY_CRL:
        return policy_text_formed(
            policy_text_choice(v, "optional", "required", &out->crl_required));
    case KEY_MASKED_CHIP:
        return policy_text_formed(
            policy_text_choice(v, "refused", "allowed", &out->masked_chip_allowed));
    case KEY_PROVISIONAL:
        return policy_text_formed(
            policy_text_choice(v, "refused", "allowed", &out->provisional_allowed));
    case KEY_TCB:
        return read_floor(v, p);
    case KEY_MITIGATIONS:
        return policy_text_formed(policy_text_mask(v, &p->line->mitigations));
    case KEY_POLICY_SET:
        return policy_text_formed(policy_text_mask(v, &p->line->policy_set));
    case KEY_PLATFORM_SET:
        return policy_text_formed(policy_text_mask(v, &p->line->platform_set));
    case KEY_PLATFORM_CLEAR:
        return policy_text_formed(policy_text_mask(v, &p->line->platform_clear));
    case KEY_COUNT:
        break;
    }
    return ATTEST_POLICY_KEY;
}

/* ---- sections ---- */

static enum attest_fault begin_line(struct parser *p, struct view name, unsigned *section)
{
    for (int line = SNP_LINE_MILAN; line < SNP_LINE_COUNT; line++) {
        if (attest_text_is(name, snp_line_name((enum snp_line)line))) {
            p->line = &p->out->lines[line];
            if (p->line->admitted) {
                return ATTEST_POLICY_SECTION;
            }
            p->line->admitted = true;
            p->had_line = true;
            *section = IN_LINE;
            return ATTEST_OK;
        }
    }
    return ATTEST_POLICY_SECTION;
}

static enum attest_fault begin(void *out, struct view name, unsigned *section)
{
    struct parser *const p = out;
    bool *had = NULL;

    if (attest_text_skip(&name, "line ")) {
        return begin_line(p, name, section);
    }
    if (attest_text_is(name, p->guest)) {
        *section = IN_GUEST;
        had = &p->had_guest;
    } else if (attest_text_is(name, "platform")) {
        *section = IN_PLATFORM;
        had = &p->had_platform;
    } else {
        return ATTEST_OK;
    }
    if (*had) {
        return ATTEST_POLICY_SECTION;
    }
    *had = true;
    return ATTEST_OK;
}

static enum attest_fault parse_all(struct view text, struct parser *p, unsigned *at)
{
    static const struct policy_form form = {
        .keys = keys, .n_keys = KEY_COUNT, .begin = begin, .set = set_value};

    ATTEST_TRY(policy_text_read(text, &form, p, at));
    if (!p->had_guest || !p->had_platform || !p->had_line) {
        return ATTEST_POLICY_MISSING;
    }
    if (p->out->vlek_allowed && p->out->n_providers == 0) {
        return ATTEST_POLICY_MISSING;
    }
    return ATTEST_OK;
}

enum attest_fault snp_policy_parse_as(struct view text, const char *guest,
                                      struct snp_policy *out, unsigned *at)
{
    struct parser p = {.out = out, .guest = guest};

    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_all(text, &p, at);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
        return f;
    }
    hash_once(HASH_SHA384, text, out->hash);
    return ATTEST_OK;
}

enum attest_fault snp_policy_parse(struct view text, struct snp_policy *out, unsigned *at)
{
    return snp_policy_parse_as(text, "guest", out, at);
}
