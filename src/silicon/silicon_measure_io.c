#include "silicon/silicon_measure_io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static enum err measure_file(struct snp_manifest *m, const char *path)
{
    static uint8_t piece[65536];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err e = fd < 0 ? ERR_IO : ERR_OK;

    while (e == ERR_OK) {
        const ssize_t n = read(fd, piece, sizeof piece);

        if (n == 0) {
            break;
        }
        if (n > 0) {
            snp_manifest_add(m, piece, (size_t)n);
            e = m->file_len > SILICON_PROGRAM_MAX ? ERR_NOSPACE : ERR_OK;
        } else if (errno != EINTR) {
            e = ERR_IO;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return e;
}

enum err silicon_measure(const char *folder, uint8_t out[SNP_MEASUREMENT_LEN])
{
    static struct snp_manifest m;
    char path[PATH_MAX];

    snp_manifest_init(&m);
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        const int n = snprintf(path, sizeof path, "%s/%s", folder, snp_manifest_files[i]);

        if (n <= 0 || (size_t)n >= sizeof path) {
            return ERR_RANGE;
        }
        TRY(measure_file(&m, path));
        snp_manifest_end_file(&m, snp_manifest_files[i]);
    }
    snp_manifest_final(&m, out);
    return ERR_OK;
}
