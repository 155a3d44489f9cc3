#include "attest/snp_policy.h"

#include "attest/attest_text.h"
#include "crypto/hash.h"

#include <string.h>

enum section {
    IN_TOP,
    IN_GUEST,
    IN_PLATFORM,
    IN_LINE,
};

enum key {
    KEY_VERSION,
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

static const struct {
    const char *name;
    enum section in;
    bool list, optional;
} keys[KEY_COUNT] = {
    [KEY_VERSION] = {"version", IN_TOP, false, false},
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
    enum section in;
    struct snp_line_policy *line; /* in IN_LINE */
    uint32_t seen;                /* keys of this section */
    bool had_guest, had_platform, had_line;
};

/* ---- values ---- */

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits of that base, at least one, without a leading zero in base 10. */
static bool read_digits(struct view v, unsigned base, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;

    if (v.n == 0 || (base == 10 && v.n > 1 && v.p[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < v.n; i++) {
        const int d = digit_of(v.p[i]);

        if (d < 0 || (unsigned)d >= base || (unsigned)d > max ||
            n > (max - (unsigned)d) / base) {
            return false;
        }
        n = n * base + (unsigned)d;
    }
    *out = n;
    return true;
}

static bool read_u32(struct view v, uint32_t max, uint32_t *out)
{
    uint64_t n = 0;

    if (!read_digits(v, 10, max, &n)) {
        return false;
    }
    *out = (uint32_t)n;
    return true;
}

/* 0x and digits: a mask */
static bool read_mask(struct view v, uint64_t *out)
{
    return attest_text_skip(&v, "0x") && read_digits(v, 16, UINT64_MAX, out);
}

/* Exactly n bytes of lower-case hexadecimal text. */
static bool read_hex(struct view v, uint8_t *out, size_t n)
{
    if (v.n != 2 * n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const int hi = digit_of(v.p[2 * i]);
        const int lo = digit_of(v.p[2 * i + 1]);

        if (hi < 0 || lo < 0) {
            return false;
        }
        out[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}

/* n numbers up to 255 with dots between them */
static bool read_dotted(struct view v, uint8_t *out, size_t n)
{
    struct reader r = rd_init(v);

    for (size_t i = 0; i < n; i++) {
        struct view part = {r.p, 0};
        uint32_t number = 0;
        uint8_t c = 0;

        while (r.n > 0 && rd_u8(&r, &c) == ERR_OK && c != '.') {
            part.n++;
        }
        if ((i + 1 < n) != (c == '.') || !read_u32(part, UINT8_MAX, &number)) {
            return false;
        }
        out[i] = (uint8_t)number;
    }
    return r.n == 0;
}

/* One of two words. */
static bool read_choice(struct view v, const char *no, const char *yes, bool *out)
{
    *out = attest_text_is(v, yes);
    return *out || attest_text_is(v, no);
}

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
    if (!read_hex(v, list->d[list->n], SNP_MEASUREMENT_LEN)) {
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
    return out->any || read_hex(v, out->id, sizeof out->id);
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
    uint8_t t[5];

    if (!read_dotted(v, t, sizeof t) ||
        (t[0] != 0 && p->line != &p->out->lines[SNP_LINE_TURIN])) {
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

    if (!read_dotted(v, abi, sizeof abi)) {
        return false;
    }
    out->abi_major = abi[0];
    out->abi_minor = abi[1];
    return true;
}

static enum attest_fault formed(bool good)
{
    return good ? ATTEST_OK : ATTEST_POLICY_VALUE;
}

static enum attest_fault set_value(struct parser *p, enum key key, struct view v)
{
    struct snp_policy *out = p->out;

    switch (key) {
    case KEY_VERSION:
        return formed(attest_text_is(v, "1"));
    case KEY_MEASUREMENT:
        return add_digest(v, false, &out->measurements);
    case KEY_VMPL:
        return formed(read_u32(v, 3, &out->vmpl));
    case KEY_HOST_DATA:
        return formed(read_hex(v, out->host_data, sizeof out->host_data));
    case KEY_GUEST_SVN:
        return formed(read_u32(v, UINT32_MAX, &out->guest_svn));
    case KEY_ABI:
        return formed(read_abi(v, out));
    case KEY_SMT:
        return formed(read_choice(v, "refused", "allowed", &out->smt_allowed));
    case KEY_ID_KEY:
        return add_digest(v, true, &out->id_keys);
    case KEY_AUTHOR_KEY:
        return add_digest(v, true, &out->author_keys);
    case KEY_FAMILY_ID:
        return formed(read_id(v, &out->family_id));
    case KEY_IMAGE_ID:
        return formed(read_id(v, &out->image_id));
    case KEY_SIGNER:
        return formed(read_signer(v, out));
    case KEY_PROVIDER:
        return add_provider(v, out);
    case KEY_CRL:
        return formed(read_choice(v, "optional", "required", &out->crl_required));
    case KEY_MASKED_CHIP:
        return formed(read_choice(v, "refused", "allowed", &out->masked_chip_allowed));
    case KEY_PROVISIONAL:
        return formed(read_choice(v, "refused", "allowed", &out->provisional_allowed));
    case KEY_TCB:
        return read_floor(v, p);
    case KEY_MITIGATIONS:
        return formed(read_mask(v, &p->line->mitigations));
    case KEY_POLICY_SET:
        return formed(read_mask(v, &p->line->policy_set));
    case KEY_PLATFORM_SET:
        return formed(read_mask(v, &p->line->platform_set));
    case KEY_PLATFORM_CLEAR:
        return formed(read_mask(v, &p->line->platform_clear));
    case KEY_COUNT:
        break;
    }
    return ATTEST_POLICY_KEY;
}

/* ---- lines ---- */

static struct view trim(struct view v)
{
    while (v.n > 0 && v.p[v.n - 1] == ' ') {
        v.n--;
    }
    while (attest_text_skip(&v, " ")) {
    }
    return v;
}

/* Whether all that the section before this one needs was there. */
static enum attest_fault end_section(const struct parser *p)
{
    for (int k = 0; k < KEY_COUNT; k++) {
        if (keys[k].in == p->in && !keys[k].optional && (p->seen >> k & 1U) == 0) {
            return ATTEST_POLICY_MISSING;
        }
    }
    return ATTEST_OK;
}

static enum attest_fault begin_line_section(struct parser *p, struct view name)
{
    for (int line = SNP_LINE_MILAN; line < SNP_LINE_COUNT; line++) {
        if (attest_text_is(name, snp_line_name((enum snp_line)line))) {
            p->line = &p->out->lines[line];
            if (p->line->admitted) {
                return ATTEST_POLICY_SECTION;
            }
            p->line->admitted = true;
            p->in = IN_LINE;
            p->had_line = true;
            return ATTEST_OK;
        }
    }
    return ATTEST_POLICY_SECTION;
}

/* What stands behind a [ . */
static enum attest_fault begin_section(struct parser *p, struct view v)
{
    bool *had = NULL;

    ATTEST_TRY(end_section(p));
    p->seen = 0;
    if (attest_text_skip(&v, "line ") && v.n > 0 && v.p[v.n - 1] == ']') {
        return begin_line_section(p, (struct view){v.p, v.n - 1});
    }
    if (attest_text_is(v, "guest]")) {
        p->in = IN_GUEST;
        had = &p->had_guest;
    } else if (attest_text_is(v, "platform]")) {
        p->in = IN_PLATFORM;
        had = &p->had_platform;
    }
    if (!had || *had) {
        return ATTEST_POLICY_SECTION;
    }
    *had = true;
    return ATTEST_OK;
}

static enum attest_fault read_pair(struct parser *p, struct view v)
{
    struct view name = {v.p, 0};
    struct view value;

    while (name.n < v.n && v.p[name.n] != '=') {
        name.n++;
    }
    if (name.n == v.n) {
        return ATTEST_POLICY_SYNTAX;
    }
    value = trim((struct view){v.p + name.n + 1, v.n - name.n - 1});
    name = trim(name);
    if (value.n == 0) {
        return ATTEST_POLICY_VALUE;
    }
    for (int k = 0; k < KEY_COUNT; k++) {
        if (keys[k].in != p->in || !attest_text_is(name, keys[k].name)) {
            continue;
        }
        if ((p->seen >> k & 1U) != 0 && !keys[k].list) {
            return ATTEST_POLICY_TWICE;
        }
        p->seen |= 1U << k;
        return set_value(p, (enum key)k, value);
    }
    return ATTEST_POLICY_KEY;
}

static enum attest_fault read_line(struct parser *p, struct view v)
{
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < ' ' || v.p[i] > '~') {
            return ATTEST_POLICY_SYNTAX;
        }
    }
    v = trim(v);
    if (v.n == 0 || v.p[0] == '#') {
        return ATTEST_OK;
    }
    return attest_text_skip(&v, "[") ? begin_section(p, v) : read_pair(p, v);
}

static struct view next_line(struct reader *r)
{
    struct view v = {r->p, 0};
    uint8_t c = 0;

    while (r->n > 0 && rd_u8(r, &c) == ERR_OK && c != '\n') {
        v.n++;
    }
    return v;
}

static enum attest_fault parse_all(struct view text, struct parser *p, unsigned *at)
{
    struct reader r = rd_init(text);

    *at = 1;
    if (text.n == 0 || text.n > SNP_POLICY_TEXT_MAX) {
        return ATTEST_POLICY_SIZE;
    }
    for (; r.n > 0; (*at)++) {
        ATTEST_TRY(read_line(p, next_line(&r)));
    }
    ATTEST_TRY(end_section(p));
    if (!p->had_guest || !p->had_platform || !p->had_line) {
        return ATTEST_POLICY_MISSING;
    }
    if (p->out->vlek_allowed && p->out->n_providers == 0) {
        return ATTEST_POLICY_MISSING;
    }
    return ATTEST_OK;
}

enum attest_fault snp_policy_parse(struct view text, struct snp_policy *out, unsigned *at)
{
    struct parser p = {.out = out};

    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_all(text, &p, at);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
        return f;
    }
    hash_once(HASH_SHA384, text, out->hash);
    return ATTEST_OK;
}
