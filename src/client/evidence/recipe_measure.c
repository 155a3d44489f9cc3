#include "client/evidence/recipe_measure.h"

#include "client/kit/file_io.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static enum err refuse(enum err e, char why[RECIPE_WHY_MAX], const char *name, const char *what)
{
    (void)snprintf(why, RECIPE_WHY_MAX, "%.160s: %.80s", name, what);
    return e;
}

static const char *reason(enum err e)
{
    return e == ERR_IO ? strerrordesc_np(errno) : err_name(e);
}

/* A guest is started with files: what has no end is none. */
static enum err check_file(const char *path)
{
    if (file_is_device(path)) {
        errno = ENOTSUP;
        return ERR_IO;
    }
    return ERR_OK;
}

enum err recipe_measure_hash(const char *path, enum hash_alg alg, uint8_t *out)
{
    TRY(check_file(path));
    return file_hash(path, alg, NULL, out);
}

static enum err stream(const char *path, const struct file_sink *sink)
{
    TRY(check_file(path));
    return file_stream(path, sink, NULL);
}

static void take_piece(void *manifest, const void *p, size_t n)
{
    snp_manifest_add(manifest, p, n);
}

enum err recipe_measure_programs(const char *folder, uint8_t out[SNP_MEASUREMENT_LEN],
                                 char why[RECIPE_WHY_MAX])
{
    struct snp_manifest m;
    const struct file_sink sink = {take_piece, &m};

    snp_manifest_init(&m);
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        char path[PATH_MAX];
        const int n = snprintf(path, sizeof path, "%s/%s", folder, snp_manifest_files[i]);
        const enum err e = n > 0 && (size_t)n < sizeof path ? stream(path, &sink) : ERR_RANGE;

        if (e != ERR_OK) {
            return refuse(e, why, path, reason(e));
        }
        snp_manifest_end_file(&m, snp_manifest_files[i]);
    }
    snp_manifest_final(&m, out);
    return ERR_OK;
}

enum err recipe_measure_file(const char *path, struct recipe_file *out)
{
    const char *const last = strrchr(path, '/');
    const char *const name = last != NULL ? last + 1 : path;

    out->name = (struct view){(const uint8_t *)name, strlen(name)};
    return recipe_measure_hash(path, HASH_SHA384, out->hash);
}

/* Finds the file, and whether it is that one. */
static enum err find(const struct recipe_file *f, const char *folder, char path[PATH_MAX],
                     char why[RECIPE_WHY_MAX])
{
    struct recipe_file found;
    const int n =
        snprintf(path, PATH_MAX, "%s/%.*s", folder, (int)f->name.n, (const char *)f->name.p);

    if (n < 0 || n >= PATH_MAX) {
        return refuse(ERR_RANGE, why, folder, "too long a name");
    }
    const enum err e = recipe_measure_file(path, &found);

    if (e != ERR_OK) {
        return refuse(e, why, path, reason(e));
    }
    return memcmp(found.hash, f->hash, sizeof found.hash) == 0
               ? ERR_OK
               : refuse(ERR_MISMATCH, why, path, "not the file of the recipe");
}

/* SHA-256 of it; of nothing where there is none. */
static enum err sha256(const struct recipe_file *f, const char *folder,
                       uint8_t out[SNP_LAUNCH_HASH_LEN], char why[RECIPE_WHY_MAX])
{
    char path[PATH_MAX];

    if (f->name.n == 0) {
        hash_once(HASH_SHA256, (struct view){NULL, 0}, out);
        return ERR_OK;
    }
    TRY(find(f, folder, path, why));
    const enum err e = file_hash(path, HASH_SHA256, NULL, out);

    return e == ERR_OK ? ERR_OK : refuse(e, why, path, reason(e));
}

static enum err launch(const struct recipe *r, const char *folder,
                       uint8_t out[SNP_MEASUREMENT_LEN], char why[RECIPE_WHY_MAX])
{
    struct snp_launch l = {.has_kernel = r->kernel.name.n > 0,
                           .vcpus = r->vcpus,
                           .cpu_signature = r->cpu_signature,
                           .features = r->features};
    char append[RECIPE_APPEND_MAX + 1];
    char path[PATH_MAX];
    struct file_bytes f;

    TRY(sha256(&r->kernel, folder, l.kernel, why));
    TRY(sha256(&r->initrd, folder, l.initrd, why));
    if (r->append.n > 0) {
        memcpy(append, r->append.p, r->append.n);
    }
    append[r->append.n] = '\0';
    hash_once(HASH_SHA256, (struct view){(const uint8_t *)append, r->append.n + 1},
              l.command_line);
    TRY(find(&r->firmware, folder, path, why));
    const enum err e = file_read(path, &f);

    if (e != ERR_OK) {
        return refuse(e, why, path, reason(e));
    }
    l.firmware = (struct view){f.p, f.n};
    const enum attest_fault fault = snp_launch_digest(&l, out);

    file_free(&f);
    return fault == ATTEST_OK
               ? ERR_OK
               : refuse(attest_fault_err(fault), why, path, attest_fault_name(fault));
}

enum err recipe_measure(const struct recipe *r, const char *folder,
                        uint8_t out[SNP_MEASUREMENT_LEN], char why[RECIPE_WHY_MAX])
{
    char path[PATH_MAX];

    why[0] = '\0';
    if (!r->simulated) {
        return launch(r, folder, out, why);
    }
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        TRY(find(&r->programs[i], folder, path, why));
    }
    return recipe_measure_programs(folder, out, why);
}
