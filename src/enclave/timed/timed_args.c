#include "enclave/timed/timed_args.h"

#include "base/hex.h"
#include "enclave/nts/nts_source.h"

#include <stdio.h>
#include <string.h>

/* The command line is the operator's, not a peer's: zero-terminated strings are safe here. */

static bool is_word(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return n > 0;
}

/* Cuts what stands before the next comma, or the end, out of *text; *text is then behind the
 * comma, or NULL. */
static enum err cut(const char **text, char *out, size_t cap)
{
    size_t n;

    if (*text == NULL) {
        return ERR_ENCODING;
    }
    n = strcspn(*text, ",");
    if (!is_word(*text, n) || n >= cap) {
        return ERR_ENCODING;
    }
    memcpy(out, *text, n);
    out[n] = '\0';
    *text = (*text)[n] == ',' ? *text + n + 1 : NULL;
    return ERR_OK;
}

static enum err read_source(const char *text, struct timed_source *s)
{
    char address[80];
    char tag[TIMED_TAG_MAX + 1];

    TRY(cut(&text, s->name, sizeof s->name));
    TRY(cut(&text, address, sizeof address));
    TRY(cut(&text, s->operator, sizeof s->operator));
    TRY(cut(&text, s->jurisdiction, sizeof s->jurisdiction));
    TRY(endpoint_host(address, &s->ke, s->host));
    if (text == NULL) {
        return ERR_OK;
    }
    TRY(cut(&text, tag, sizeof tag));
    return text == NULL && strcmp(tag, "smeared") == 0 ? ERR_TIME : ERR_ENCODING;
}

enum err timed_source_parse(const char *text, struct timed_source *out)
{
    struct timed_source s = {0};
    const enum err e = read_source(text, &s);

    memset(out, 0, sizeof *out);
    if (e == ERR_OK) {
        *out = s;
    }
    return e;
}

static enum err read_fence(const char *text, struct timed_fence *f)
{
    char uri[sizeof f->name + 4];
    size_t n = 0;

    TRY(cut(&text, f->name, sizeof f->name));
    if (text == NULL) {
        return ERR_ENCODING;
    }
    (void)snprintf(uri, sizeof uri, "tcp:%s", f->name); /* it is UDP, by the same address */
    TRY(endpoint_parse(uri, &f->at));
    TRY(hex_parse(text, f->public_key, sizeof f->public_key, &n));
    return n == sizeof f->public_key ? ERR_OK : ERR_LENGTH;
}

enum err timed_fence_parse(const char *text, struct timed_fence *out)
{
    struct timed_fence f = {0};
    const enum err e = read_fence(text, &f);

    *out = e == ERR_OK ? f : (struct timed_fence){0};
    return e;
}

static enum err add_fence(const char *text, struct timed_args *a)
{
    struct timed_fence f;

    TRY(timed_fence_parse(text, &f));
    if (a->n_fences == RT_SERVERS_MAX) {
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < a->n_fences; i++) {
        if (strcmp(a->fences[i].name, f.name) == 0) {
            return ERR_TRAILING;
        }
    }
    a->fences[a->n_fences++] = f;
    return ERR_OK;
}

static enum err add_source(const char *text, struct timed_args *a)
{
    struct timed_source s;

    TRY(timed_source_parse(text, &s));
    if (a->n_sources == TIME_SOURCES_MAX) {
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < a->n_sources; i++) {
        if (strcmp(a->sources[i].name, s.name) == 0) {
            return ERR_TRAILING;
        }
    }
    a->sources[a->n_sources++] = s;
    return ERR_OK;
}

/* What has been given, for options that may be there once. */
struct seen {
    bool leap, poll;
};

static enum err once(bool *seen)
{
    if (*seen) {
        return ERR_TRAILING;
    }
    *seen = true;
    return ERR_OK;
}

static enum err set_poll(const char *text, struct timed_args *a)
{
    uint8_t v = 0;
    size_t n = 0;

    for (; n < 2 && text[n] >= '0' && text[n] <= '9'; n++) {
        v = (uint8_t)(v * 10 + (text[n] - '0'));
    }
    if (n == 0 || text[n] != '\0') {
        return ERR_ENCODING;
    }
    a->poll = v;
    return v <= NTS_POLL_MAX ? ERR_OK : ERR_RANGE;
}

/* An option that has a value. */
static enum err take_value(const char *option, const char *value, struct seen *seen,
                           struct timed_args *a)
{
    if (strcmp(option, "--source") == 0) {
        return add_source(value, a);
    }
    if (strcmp(option, "--roughtime") == 0) {
        return add_fence(value, a);
    }
    if (strcmp(option, "--core") == 0) {
        TRY(once(&a->has_core));
        return endpoint_parse(value, &a->core);
    }
    if (strcmp(option, "--ca") == 0) {
        if (a->ca != NULL) {
            return ERR_TRAILING;
        }
        a->ca = value;
        return value[0] == '\0' ? ERR_ENCODING : ERR_OK;
    }
    if (strcmp(option, "--leap-table") == 0) {
        TRY(once(&seen->leap));
        return leap_table_parse(value, &a->leap);
    }
    TRY(once(&seen->poll));
    return set_poll(value, a);
}

static bool has_value(const char *option)
{
    static const char *const known[] = {"--source",     "--core", "--ca",
                                        "--leap-table", "--poll", "--roughtime"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(option, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum err set_flag(const char *option, struct timed_args *a)
{
    if (strcmp(option, "--help") == 0) {
        a->help = true;
        return ERR_OK;
    }
    if (strcmp(option, "--version") == 0) {
        a->version = true;
        return ERR_OK;
    }
    if (strcmp(option, "--allow-few") != 0) {
        return ERR_TAG;
    }
#if defined(QUORATE_SIMULATED)
    return once(&a->few);
#else
    return ERR_POLICY;
#endif
}

/* As many as may lie without harm are as many as one operator may have. */
static enum err check_independence(const struct timed_args *a)
{
    const size_t most = a->n_sources - nts_quota(a->n_sources);
    size_t jurisdictions = 0;

    if (a->n_sources < TIMED_SOURCES_LEAST) {
        return ERR_QUORUM;
    }
    for (size_t i = 0; i < a->n_sources; i++) {
        size_t same = 0;
        bool first = true;

        for (size_t j = 0; j < a->n_sources; j++) {
            same += strcmp(a->sources[i].operator, a->sources[j].operator) == 0;
            first = first && (j >= i || strcmp(a->sources[i].jurisdiction,
                                               a->sources[j].jurisdiction) != 0);
        }
        if (same > most) {
            return ERR_POLICY;
        }
        jurisdictions += first;
    }
    return jurisdictions < TIMED_JURISDICTIONS_LEAST ? ERR_POLICY : ERR_OK;
}

/* The option at *where, which is then at its value. */
static enum err take_option(int argc, char *const *argv, int *where, struct seen *seen,
                            struct timed_args *a)
{
    const char *const option = argv[*where];

    if (!has_value(option)) {
        return set_flag(option, a);
    }
    if (++*where >= argc) {
        return ERR_TRUNCATED;
    }
    return take_value(option, argv[*where], seen, a);
}

static enum err parse(int argc, char *const *argv, struct timed_args *a, int *where)
{
    struct seen seen = {0};

    for (*where = 1; *where < argc; ++*where) {
        TRY(take_option(argc, argv, where, &seen, a));
    }
    if (a->help || a->version) {
        return ERR_OK;
    }
    if (!a->has_core || a->ca == NULL || !seen.leap || a->n_sources == 0) {
        return ERR_TRUNCATED;
    }
    if (!seen.poll) {
        a->poll = TIMED_POLL_PRESET;
    }
    return a->few ? ERR_OK : check_independence(a);
}

enum err timed_args_parse(int argc, char *const *argv, struct timed_args *out, int *where)
{
    enum err e;

    memset(out, 0, sizeof *out);
    e = parse(argc, argv, out, where);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
