#include "bundle/recipe.h"

#include "attest/attest_text.h"
#include "attest/policy_text.h"
#include "base/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAGIC "QUORATE-RECIPE-1"
#define NUMBER_TEXT_MAX 24
#define HEX_TEXT ((size_t)2 * RECIPE_HASH_LEN)

/* ---- out ---- */

static void put(struct writer *w, const char *key, struct view value)
{
    wr_bytes(w, key, strlen(key));
    wr_bytes(w, " = ", 3);
    wr_view(w, value);
    wr_u8(w, '\n');
}

static void put_number(struct writer *w, const char *key, bool hex, uint64_t v)
{
    char text[NUMBER_TEXT_MAX];
    const int n = hex ? snprintf(text, sizeof text, "0x%" PRIx64, v)
                      : snprintf(text, sizeof text, "%" PRIu64, v);

    put(w, key, (struct view){(const uint8_t *)text, (size_t)n});
}

static void put_file(struct writer *w, const char *key, const struct recipe_file *f)
{
    char text[HEX_TEXT + 1];

    if (f->name.n == 0) {
        return;
    }
    hex_write((struct view){f->hash, sizeof f->hash}, text);
    wr_bytes(w, key, strlen(key));
    wr_bytes(w, " = ", 3);
    wr_bytes(w, text, HEX_TEXT);
    wr_u8(w, ' ');
    wr_view(w, f->name);
    wr_u8(w, '\n');
}

void recipe_encode(struct writer *w, const struct recipe *r)
{
    wr_bytes(w, MAGIC "\n", sizeof MAGIC);
    if (r->simulated) {
        put(w, "machine", (struct view){(const uint8_t *)"simulated", 9});
        for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
            put_file(w, "program", &r->programs[i]);
        }
        return;
    }
    put(w, "machine", (struct view){(const uint8_t *)"qemu", 4});
    put_number(w, "vcpus", false, r->vcpus);
    put_number(w, "cpu", true, r->cpu_signature);
    put_number(w, "features", true, r->features);
    put_file(w, "firmware", &r->firmware);
    put_file(w, "kernel", &r->kernel);
    put_file(w, "initrd", &r->initrd);
    if (r->append.n > 0) {
        put(w, "append", r->append);
    }
}

/* ---- in ---- */

/* The next line without its end. */
static enum err next_line(const struct reader *r, struct view *line)
{
    const uint8_t *const end = r->n > 0 ? memchr(r->p, '\n', r->n) : NULL;

    *line = (struct view){NULL, 0};
    if (end == NULL) {
        return ERR_ENCODING;
    }
    *line = (struct view){r->p, (size_t)(end - r->p)};
    return ERR_OK;
}

static void pass(struct reader *r, struct view line)
{
    r->p += line.n + 1;
    r->n -= line.n + 1;
}

/* The next line's value, if it is of that key; else *value is empty and nothing was read. */
static void take_value(struct reader *r, const char *key, struct view *value)
{
    const size_t n = strlen(key);
    struct view line;

    *value = (struct view){NULL, 0};
    if (next_line(r, &line) != ERR_OK || line.n <= n + 3 || memcmp(line.p, key, n) != 0 ||
        memcmp(line.p + n, " = ", 3) != 0) {
        return;
    }
    *value = (struct view){line.p + n + 3, line.n - n - 3};
    pass(r, line);
}

/* Of what is not empty. */
static bool is_name(struct view v)
{
    bool good = v.n <= RECIPE_NAME_MAX && v.p[0] != '.';

    for (size_t i = 0; good && i < v.n; i++) {
        const uint8_t c = v.p[i];

        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    }
    return good;
}

/* A file, if there is that line. */
static enum err take_file(struct reader *r, const char *key, struct recipe_file *out)
{
    struct view v;

    take_value(r, key, &v);
    if (v.n == 0) {
        return ERR_OK;
    }
    if (v.n <= HEX_TEXT + 1 || v.p[HEX_TEXT] != ' ' ||
        !policy_text_hex((struct view){v.p, HEX_TEXT}, out->hash, RECIPE_HASH_LEN)) {
        return ERR_ENCODING;
    }
    out->name = (struct view){v.p + HEX_TEXT + 1, v.n - HEX_TEXT - 1};
    return is_name(out->name) ? ERR_OK : ERR_RANGE;
}

static enum err need_file(struct reader *r, const char *key, struct recipe_file *out)
{
    TRY(take_file(r, key, out));
    return out->name.n > 0 ? ERR_OK : ERR_ENCODING;
}

static enum err take_programs(struct reader *r, struct recipe *out)
{
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        TRY(need_file(r, "program", &out->programs[i]));
        if (!attest_text_is(out->programs[i].name, snp_manifest_files[i])) {
            return ERR_RANGE;
        }
    }
    return ERR_OK;
}

static enum err take_append(struct reader *r, struct view *out)
{
    take_value(r, "append", out);
    if (out->n > RECIPE_APPEND_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < out->n; i++) {
        if (out->p[i] < ' ' || out->p[i] > '~') {
            return ERR_ENCODING;
        }
    }
    return ERR_OK;
}

static enum err take_launch(struct reader *r, struct recipe *out)
{
    struct view v;
    uint64_t cpu = 0;

    take_value(r, "vcpus", &v);
    if (!policy_text_u32(v, SNP_LAUNCH_VCPUS_MAX, &out->vcpus) || out->vcpus == 0) {
        return ERR_RANGE;
    }
    take_value(r, "cpu", &v);
    if (!policy_text_mask(v, &cpu) || cpu > UINT32_MAX) {
        return ERR_RANGE;
    }
    out->cpu_signature = (uint32_t)cpu;
    take_value(r, "features", &v);
    if (!policy_text_mask(v, &out->features)) {
        return ERR_RANGE;
    }
    TRY(need_file(r, "firmware", &out->firmware));
    TRY(take_file(r, "kernel", &out->kernel));
    if (out->kernel.name.n == 0) {
        return ERR_OK;
    }
    TRY(take_file(r, "initrd", &out->initrd));
    return take_append(r, &out->append);
}

static enum err decode(struct view text, struct recipe *out)
{
    struct reader r = rd_init(text);
    struct view line;

    if (next_line(&r, &line) != ERR_OK || !attest_text_is(line, MAGIC)) {
        return ERR_TAG;
    }
    pass(&r, line);
    take_value(&r, "machine", &line);
    out->simulated = attest_text_is(line, "simulated");
    if (!out->simulated && !attest_text_is(line, "qemu")) {
        return ERR_ENCODING;
    }
    TRY(out->simulated ? take_programs(&r, out) : take_launch(&r, out));
    return r.n == 0 ? ERR_OK : ERR_ENCODING;
}

enum err recipe_decode(struct view text, struct recipe *out)
{
    memset(out, 0, sizeof *out);
    const enum err e = decode(text, out);

    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
