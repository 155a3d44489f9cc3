#include "client/command/options.h"

#include "base/hex.h"
#include "client/kit/diag.h"
#include "client/kit/time_text.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int options_next(int argc, char **argv, const char *short_options,
                 const struct option *long_options)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no threads yet */
    return getopt_long(argc, argv, short_options, long_options, NULL);
}

enum err options_flag(int c, const struct options_flag *flags)
{
    for (; flags->option != 0; flags++) {
        if (flags->option == c) {
            *flags->to = flags->value;
            return ERR_OK;
        }
    }
    return ERR_TYPE; /* getopt_long() has said why */
}

enum err options_file(const char *path, struct file_bytes *out)
{
    const enum err e = file_read(path, out);

    if (e == ERR_IO) {
        diag("%s: %s", path, strerrordesc_np(errno));
    } else if (e != ERR_OK) {
        diag("%s: over %d bytes", path, FILE_READ_MAX);
    }
    return e;
}

enum err options_query(const char *path, struct file_bytes *bytes, struct tsp_req *query)
{
    TRY(options_file(path, bytes));
    const enum err e = tsp_req_parse((struct view){bytes->p, bytes->n}, query);

    if (e != ERR_OK) {
        diag("%s: not a query that can be used here (%s)", path, err_name(e));
        file_free(bytes);
    }
    return e;
}

enum err options_trust(struct trust **trust, enum trust_kind kind, const char *path)
{
    if (*trust == NULL) {
        TRY(trust_new(trust));
    }
    const enum err e = trust_add_path(*trust, kind, path);
    const char *what = kind == TRUST_CRL ? "revocation list" : "certificate";

    if (e == ERR_IO) {
        diag("%s: %s", path, strerrordesc_np(errno));
    } else if (e == ERR_TAG) {
        diag("%s: there is no %s in it", path, what);
    } else if (e != ERR_OK) {
        diag("%s: a %s in it cannot be taken (%s)", path, what, err_name(e));
    }
    return e;
}

enum err options_number(const char *text, long lo, long hi, long *out)
{
    char *end = NULL;

    errno = 0;
    const long v = strtol(text, &end, 10);

    if (errno != 0 || end == text || *end != '\0' || v < lo || v > hi) {
        diag("%s is not a number from %ld to %ld", text, lo, hi);
        return ERR_RANGE;
    }
    *out = v;
    return ERR_OK;
}

enum err options_oid(const char *text, struct options_oid *out)
{
    size_t n = 0;
    const enum err e = der_oid_from_text(text, out->bytes, sizeof out->bytes, &n);

    out->body = (struct view){out->bytes, n};
    if (e != ERR_OK) {
        diag("%s is not an object identifier", text);
    }
    return e;
}

enum err options_hash(const char *text, enum hash_alg *out)
{
    *out = hash_by_name(text);
    if (*out == HASH_NONE) {
        diag("%s is not one of sha256, sha384, sha512, sha3-256, sha3-384, sha3-512", text);
        return ERR_BAD_ALG;
    }
    return ERR_OK;
}

enum err options_digest(const char *text, struct options_digest *out)
{
    char plain[2 * sizeof out->bytes + 1];
    size_t len = 0;

    for (; *text != '\0' && len + 1 < sizeof plain; text++) {
        if (*text != ':') {
            plain[len++] = *text;
        }
    }
    plain[len] = '\0';
    size_t n = 0;

    if (*text != '\0' || len == 0 ||
        hex_parse(plain, out->bytes, sizeof out->bytes, &n) != ERR_OK) {
        diag("a digest is up to 128 hexadecimal digits");
        return ERR_ENCODING;
    }
    out->value = (struct view){out->bytes, n};
    return ERR_OK;
}

enum err options_time(const char *text, int64_t *seconds)
{
    const enum err e = time_text_parse(text, seconds);

    if (e != ERR_OK) {
        diag("%s is not a time such as 2026-05-01T12:30:00Z, 2026-05-01 or @1777638600", text);
    }
    return e;
}

enum err options_print_json(json_t *j)
{
    if (j == NULL) {
        diag("no memory");
        return ERR_NOSPACE;
    }
    /* ASCII alone: a foreign text may have control characters beyond it. */
    const int failed = json_dumpf(j, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);

    (void)fputc('\n', stdout);
    json_decref(j);
    return failed == 0 ? ERR_OK : ERR_IO;
}
