#include "attest/azure_policy.h"

#include "attest/attest_text.h"

#include <string.h>

#define IN_AZURE 1

enum key {
    KEY_PCR,
    KEY_SECURE_BOOT,
    KEY_MAA_ISSUER,
    KEY_COUNT,
};

static const struct policy_key keys[KEY_COUNT] = {
    [KEY_PCR] = {"pcr", IN_AZURE, true, false},
    [KEY_SECURE_BOOT] = {"secure_boot", IN_AZURE, false, false},
    [KEY_MAA_ISSUER] = {"maa_issuer", IN_AZURE, false, false},
};

struct parser {
    struct azure_policy *out;
    bool had;
};

/* INDEX, a space, 64 digits */
static enum attest_fault add_pcr(struct view v, struct azure_policy *out)
{
    struct azure_pcr *const pcr = &out->pcrs[out->n_pcrs];
    struct reader r = rd_init(v);
    struct view index = {v.p, 0};
    uint8_t c = 0;

    if (out->n_pcrs == AZURE_POLICY_PCRS_MAX) {
        return ATTEST_POLICY_FULL;
    }
    while (r.n > 0 && rd_u8(&r, &c) == ERR_OK && c != ' ') {
        index.n++;
    }
    if (!policy_text_u32(index, TPM_PCRS - 1, &pcr->index) ||
        !policy_text_hex((struct view){r.p, r.n}, pcr->value, sizeof pcr->value)) {
        return ATTEST_POLICY_VALUE;
    }
    out->n_pcrs++;
    return ATTEST_OK;
}

/* none, or who it is as tokens name him */
static bool read_issuer(struct view v, struct azure_policy *out)
{
    struct view rest = v;

    if (attest_text_is(v, "none")) {
        return true;
    }
    if (!attest_text_skip(&rest, "https://") || rest.n == 0 || v.n > sizeof out->maa_issuer) {
        return false;
    }
    memcpy(out->maa_issuer, v.p, v.n);
    out->maa_issuer_len = v.n;
    return true;
}

static enum attest_fault begin(void *out, struct view name, unsigned *section)
{
    struct parser *const p = out;

    if (!attest_text_is(name, "azure")) {
        return ATTEST_OK;
    }
    if (p->had) {
        return ATTEST_POLICY_SECTION;
    }
    p->had = true;
    *section = IN_AZURE;
    return ATTEST_OK;
}

static enum attest_fault set_value(void *parser, size_t key, struct view v)
{
    struct azure_policy *const out = ((struct parser *)parser)->out;

    switch ((enum key)key) {
    case KEY_PCR:
        return add_pcr(v, out);
    case KEY_SECURE_BOOT:
        return policy_text_formed(
            policy_text_choice(v, "any", "required", &out->secure_boot_required));
    case KEY_MAA_ISSUER:
        return policy_text_formed(read_issuer(v, out));
    case KEY_COUNT:
        break;
    }
    return ATTEST_POLICY_KEY;
}

static enum attest_fault parse_all(struct view text, struct azure_policy *out, unsigned *at)
{
    static const struct policy_form form = {
        .keys = keys, .n_keys = KEY_COUNT, .begin = begin, .set = set_value};
    struct parser p = {.out = out};

    ATTEST_TRY(snp_policy_parse_as(text, "paravisor", &out->paravisor, at));
    ATTEST_TRY(policy_text_read(text, &form, &p, at));
    return p.had ? ATTEST_OK : ATTEST_POLICY_MISSING;
}

enum attest_fault azure_policy_parse(struct view text, struct azure_policy *out, unsigned *at)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_all(text, out, at);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}
