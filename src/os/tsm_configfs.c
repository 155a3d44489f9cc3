#include "os/tsm_configfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 64 /* bytes of provider, generation, privlevel_floor */
#define SNP_LEN 1184
#define SNP_DATA_AT 0x50
#define TDX_V4_DATA_AT (48 + 520)
#define TDX_V5_DATA_AT (48 + 6 + 520)

static enum tsm_fault path_of(const struct tsm_configfs *c, const char *file,
                              char path[TSM_CONFIGFS_PATH_MAX])
{
    const int n = snprintf(path, TSM_CONFIGFS_PATH_MAX, "%s/%s", c->folder, file);

    return n > 0 && n < TSM_CONFIGFS_PATH_MAX ? TSM_OK : TSM_TOO_LONG;
}

static enum tsm_fault read_attribute(const struct tsm_configfs *c, const char *file,
                                     uint8_t *out, size_t cap, size_t *n)
{
    char path[TSM_CONFIGFS_PATH_MAX];

    *n = 0;
    TSM_TRY(path_of(c, file, path));
    return tsm_read_file(c->sys, path, out, cap, n);
}

static enum tsm_fault write_attribute(const struct tsm_configfs *c, const char *file,
                                      struct view bytes)
{
    char path[TSM_CONFIGFS_PATH_MAX];

    TSM_TRY(path_of(c, file, path));
    return tsm_write_file(c->sys, path, bytes);
}

/* A line of text without its end. */
static enum tsm_fault read_text(const struct tsm_configfs *c, const char *file,
                                char text[TEXT_MAX + 1])
{
    size_t n = 0;

    TSM_TRY(read_attribute(c, file, (uint8_t *)text, TEXT_MAX, &n));
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\0')) {
        n--;
    }
    text[n] = '\0';
    return TSM_OK;
}

static enum tsm_fault read_number(const struct tsm_configfs *c, const char *file, uint64_t *out)
{
    char text[TEXT_MAX + 1];
    uint64_t v = 0;
    size_t i = 0;

    *out = 0;
    TSM_TRY(read_text(c, file, text));
    for (; text[i] >= '0' && text[i] <= '9' && i < 19; i++) {
        v = v * 10 + (uint64_t)(text[i] - '0');
    }
    if (i == 0 || text[i] != '\0') {
        return TSM_ANSWER;
    }
    *out = v;
    return TSM_OK;
}

static enum tsm_fault find_format(struct tsm_configfs *c, enum tsm_format wanted)
{
    char text[TEXT_MAX + 1];

    TSM_TRY(read_text(c, "provider", text));
    c->format = strcmp(text, "sev_guest") == 0   ? TSM_FORMAT_SNP
                : strcmp(text, "tdx_guest") == 0 ? TSM_FORMAT_TDX
                                                 : TSM_FORMAT_NONE;
    if (c->format == TSM_FORMAT_NONE || (wanted != TSM_FORMAT_NONE && wanted != c->format)) {
        return TSM_OTHER;
    }
    return TSM_OK;
}

/* Where the kernel runs below privilege level 0, no report of a higher one is to be had. */
static enum tsm_fault set_privlevel(const struct tsm_configfs *c)
{
    char text[TEXT_MAX + 1];
    const enum tsm_fault f = read_text(c, "privlevel_floor", text);

    if (f == TSM_ABSENT || (f == TSM_OK && strcmp(text, "0") == 0)) {
        return TSM_OK;
    }
    TSM_TRY(f);
    return write_attribute(c, "privlevel", (struct view){(uint8_t *)text, strlen(text)});
}

/* ---- a report ---- */

/* Where REPORT_DATA stands in it; 0: nowhere that we know. */
static size_t data_at(const struct tsm_answer *a)
{
    if (a->format == TSM_FORMAT_SNP) {
        return a->report_len == SNP_LEN ? SNP_DATA_AT : 0;
    }
    if (a->report_len < TDX_V5_DATA_AT + TSM_ASKED_LEN || a->report[1] != 0) {
        return 0;
    }
    return a->report[0] == 4 ? TDX_V4_DATA_AT : a->report[0] == 5 ? TDX_V5_DATA_AT : 0;
}

static enum tsm_fault check_report(const struct tsm_answer *a,
                                   const uint8_t report_data[TSM_ASKED_LEN])
{
    const size_t at = data_at(a);

    if (at == 0) {
        return a->format == TSM_FORMAT_SNP || a->report_len < TDX_V5_DATA_AT + TSM_ASKED_LEN
                   ? TSM_SHORT
                   : TSM_UNSUPPORTED;
    }
    /* Another's, who wrote between: what is genuine is for others to say. */
    return memcmp(a->report + at, report_data, TSM_ASKED_LEN) == 0 ? TSM_OK : TSM_CHANGED;
}

/* More than 8 KiB of a TDX guest is evidence of another form. */
static enum tsm_fault read_report(const struct tsm_configfs *c, struct tsm_answer *out)
{
    const enum tsm_fault f =
        read_attribute(c, "outblob", out->report, sizeof out->report, &out->report_len);

    if (f == TSM_TOO_LONG && c->format == TSM_FORMAT_TDX) {
        return TSM_UNSUPPORTED;
    }
    return f;
}

/* Not every provider has certificates to give, nor every host. */
static enum tsm_fault read_certs(const struct tsm_configfs *c, struct tsm_answer *out)
{
    const enum tsm_fault f =
        read_attribute(c, "auxblob", out->certs, sizeof out->certs, &out->certs_len);

    if (f == TSM_ABSENT) {
        out->certs_len = 0;
        return TSM_OK;
    }
    return f;
}

static enum tsm_fault attempt(const struct tsm_configfs *c,
                              const uint8_t report_data[TSM_ASKED_LEN], struct tsm_answer *out)
{
    uint64_t before;
    uint64_t after;

    memset(out, 0, sizeof *out);
    out->format = c->format;
    TSM_TRY(read_number(c, "generation", &before));
    TSM_TRY(write_attribute(c, "inblob", (struct view){report_data, TSM_ASKED_LEN}));
    TSM_TRY(read_report(c, out));
    TSM_TRY(read_certs(c, out));
    TSM_TRY(read_number(c, "generation", &after));
    if (after != before + 1) {
        return TSM_CHANGED;
    }
    return check_report(out, report_data);
}

static enum tsm_fault report(struct tsm_provider *p, const uint8_t report_data[TSM_ASKED_LEN],
                             struct tsm_answer *out)
{
    const struct tsm_configfs *const c = (const struct tsm_configfs *)p;
    int64_t pause = TSM_CONFIGFS_PAUSE_NS;
    enum tsm_fault f = TSM_KERNEL;

    for (int i = 0; i < TSM_CONFIGFS_TRIES_MAX; i++) {
        f = attempt(c, report_data, out);
        if (f != TSM_BUSY && f != TSM_CHANGED) {
            break;
        }
        if (i + 1 < TSM_CONFIGFS_TRIES_MAX) {
            c->sys->pause(c->sys->self, pause);
            pause *= 2;
        }
    }
    if (f != TSM_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

static void end(struct tsm_provider *p)
{
    struct tsm_configfs *const c = (struct tsm_configfs *)p;

    if (c->sys) {
        (void)c->sys->rmdir(c->sys->self, c->folder);
    }
    memset(c, 0, sizeof *c);
}

static enum tsm_fault make_folder(struct tsm_configfs *c)
{
    if (c->sys->mkdir(c->sys->self, c->folder) == 0) {
        return TSM_OK;
    }
    if (errno != EEXIST) {
        return tsm_fault_of_errno(errno);
    }
    if (c->sys->rmdir(c->sys->self, c->folder) != 0 ||
        c->sys->mkdir(c->sys->self, c->folder) != 0) {
        return tsm_fault_of_errno(errno);
    }
    return TSM_OK;
}

enum tsm_fault tsm_configfs_open(const struct tsm_sys *sys, const char *root, const char *name,
                                 enum tsm_format wanted, struct tsm_configfs *out)
{
    memset(out, 0, sizeof *out);
    const int n = snprintf(out->folder, sizeof out->folder, "%s/%s", root, name);

    if (n <= 0 || (size_t)n >= sizeof out->folder) {
        memset(out, 0, sizeof *out);
        return TSM_TOO_LONG;
    }
    out->sys = sys;
    enum tsm_fault f = make_folder(out);

    if (f != TSM_OK) {
        memset(out, 0, sizeof *out);
        return f;
    }
    f = find_format(out, wanted);
    if (f == TSM_OK) {
        f = set_privlevel(out);
    }
    if (f != TSM_OK) {
        end(&out->base);
        return f;
    }
    out->base = (struct tsm_provider){report, end, "configfs", false};
    return TSM_OK;
}
