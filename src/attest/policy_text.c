#include "attest/policy_text.h"

#include "attest/attest_text.h"

struct text_reader {
    const struct policy_form *form;
    void *out;
    unsigned section;
    bool passes; /* over a section of others */
    uint64_t seen;
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

        /* -1 is over every base */
        if ((unsigned)d >= base || (unsigned)d > max || n > (max - (unsigned)d) / base) {
            return false;
        }
        n = n * base + (unsigned)d;
    }
    *out = n;
    return true;
}

bool policy_text_u32(struct view v, uint32_t max, uint32_t *out)
{
    uint64_t n = 0;

    if (!read_digits(v, 10, max, &n)) {
        return false;
    }
    *out = (uint32_t)n;
    return true;
}

bool policy_text_mask(struct view v, uint64_t *out)
{
    return attest_text_skip(&v, "0x") && read_digits(v, 16, UINT64_MAX, out);
}

bool policy_text_hex(struct view v, uint8_t *out, size_t n)
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

bool policy_text_dotted(struct view v, uint8_t *out, size_t n)
{
    struct reader r = rd_init(v);

    for (size_t i = 0; i < n; i++) {
        struct view part = {r.p, 0};
        uint32_t number = 0;
        uint8_t c = 0;

        while (r.n > 0 && rd_u8(&r, &c) == ERR_OK && c != '.') {
            part.n++;
        }
        if ((i + 1 < n) != (c == '.') || !policy_text_u32(part, UINT8_MAX, &number)) {
            return false;
        }
        out[i] = (uint8_t)number;
    }
    return r.n == 0;
}

bool policy_text_choice(struct view v, const char *no, const char *yes, bool *out)
{
    *out = attest_text_is(v, yes);
    return *out || attest_text_is(v, no);
}

enum attest_fault policy_text_formed(bool good)
{
    return good ? ATTEST_OK : ATTEST_POLICY_VALUE;
}

/* ---- lines ---- */

/* Whether some form has a section of that name; what follows "line " is the form's own. */
static bool is_known(struct view name)
{
    static const char *const whole[] = {"guest", "platform", "tdx", "paravisor", "azure"};

    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (attest_text_is(name, whole[i])) {
            return true;
        }
    }
    return attest_text_skip(&name, "line ");
}

static struct view trim(struct view v)
{
    while (v.n > 0 && v.p[v.n - 1] == ' ') {
        v.n--;
    }
    while (attest_text_skip(&v, " ")) {
    }
    return v;
}

static bool was_seen(const struct text_reader *t, size_t key)
{
    return (t->seen >> key & 1U) != 0;
}

/* Whether all that the section before this one needs was there. The top has its version. */
static enum attest_fault end_section(const struct text_reader *t)
{
    if (t->passes) {
        return ATTEST_OK;
    }
    if (t->section == POLICY_SECTION_TOP) {
        return was_seen(t, 0) ? ATTEST_OK : ATTEST_POLICY_MISSING;
    }
    for (size_t k = 0; k < t->form->n_keys; k++) {
        const struct policy_key *const key = &t->form->keys[k];

        if (key->section == t->section && !key->optional && !was_seen(t, k)) {
            return ATTEST_POLICY_MISSING;
        }
    }
    return ATTEST_OK;
}

/* What stands behind a [ . */
static enum attest_fault begin_section(struct text_reader *t, struct view v)
{
    ATTEST_TRY(end_section(t));
    t->seen = 0;
    t->section = POLICY_SECTION_TOP;
    if (v.n == 0 || v.p[v.n - 1] != ']') {
        return ATTEST_POLICY_SECTION;
    }
    v.n--;
    ATTEST_TRY(t->form->begin(t->out, v, &t->section));
    t->passes = t->section == POLICY_SECTION_TOP;
    return t->passes && !is_known(v) ? ATTEST_POLICY_SECTION : ATTEST_OK;
}

static enum attest_fault see(struct text_reader *t, size_t key, bool list)
{
    if (was_seen(t, key) && !list) {
        return ATTEST_POLICY_TWICE;
    }
    t->seen |= UINT64_C(1) << key;
    return ATTEST_OK;
}

static enum attest_fault take_version(struct text_reader *t, struct view name,
                                      struct view value)
{
    if (!attest_text_is(name, "version")) {
        return ATTEST_POLICY_KEY;
    }
    ATTEST_TRY(see(t, 0, false));
    return policy_text_formed(attest_text_is(value, "1"));
}

static enum attest_fault take_pair(struct text_reader *t, struct view name, struct view value)
{
    const struct policy_form *const form = t->form;
    size_t k = 0;

    while (k < form->n_keys &&
           (form->keys[k].section != t->section || !attest_text_is(name, form->keys[k].name))) {
        k++;
    }
    if (k == form->n_keys) {
        return ATTEST_POLICY_KEY;
    }
    ATTEST_TRY(see(t, k, form->keys[k].list));
    return form->set(t->out, k, value);
}

static enum attest_fault read_pair(struct text_reader *t, struct view v)
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
    if (value.n == 0) {
        return ATTEST_POLICY_VALUE;
    }
    if (t->passes) {
        return ATTEST_OK;
    }
    name = trim(name);
    return t->section == POLICY_SECTION_TOP ? take_version(t, name, value)
                                            : take_pair(t, name, value);
}

static enum attest_fault read_line(struct text_reader *t, struct view v)
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
    return attest_text_skip(&v, "[") ? begin_section(t, v) : read_pair(t, v);
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

enum attest_fault policy_text_read(struct view text, const struct policy_form *form, void *out,
                                   unsigned *at)
{
    struct text_reader t = {.form = form, .out = out};
    struct reader r = rd_init(text);

    *at = 1;
    if (text.n == 0 || text.n > POLICY_TEXT_MAX) {
        return ATTEST_POLICY_SIZE;
    }
    for (; r.n > 0; (*at)++) {
        ATTEST_TRY(read_line(&t, next_line(&r)));
    }
    return end_section(&t);
}
