#include "silicon/silicon_measure_io.h"

#include "crypto/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* Where the bytes of a program go. */
struct taker {
    void (*take)(void *user, const void *p, size_t n);
    void *user;
};

static enum err read_file(const char *folder, const char *name, const struct taker *to)
{
    static uint8_t piece[65536];
    char path[PATH_MAX];
    const int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    size_t all = 0;

    if (len <= 0 || (size_t)len >= sizeof path) {
        return ERR_RANGE;
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err e = fd < 0 ? ERR_IO : ERR_OK;

    while (e == ERR_OK) {
        const ssize_t n = read(fd, piece, sizeof piece);

        if (n == 0) {
            break;
        }
        if (n > 0) {
            to->take(to->user, piece, (size_t)n);
            all += (size_t)n;
            e = all > SILICON_PROGRAM_MAX ? ERR_NOSPACE : ERR_OK;
        } else if (errno != EINTR) {
            e = ERR_IO;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return e;
}

static void take_measured(void *manifest, const void *p, size_t n)
{
    snp_manifest_add(manifest, p, n);
}

static void take_hashed(void *hash, const void *p, size_t n)
{
    hash_update(hash, p, n);
}

enum err silicon_measure(const char *folder, uint8_t out[SNP_MEASUREMENT_LEN])
{
    static struct snp_manifest m;
    const struct taker to = {take_measured, &m};

    snp_manifest_init(&m);
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        TRY(read_file(folder, snp_manifest_files[i], &to));
        snp_manifest_end_file(&m, snp_manifest_files[i]);
    }
    snp_manifest_final(&m, out);
    return ERR_OK;
}

enum err silicon_hash_programs(const char *folder,
                               uint8_t out[SNP_MANIFEST_FILES][SILICON_HASH_LEN])
{
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        struct hash_state h;
        const struct taker to = {take_hashed, &h};

        hash_init(&h, HASH_SHA384);
        TRY(read_file(folder, snp_manifest_files[i], &to));
        hash_final(&h, out[i]);
    }
    return ERR_OK;
}
