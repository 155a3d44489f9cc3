#include "host/coord/proof_io.h"

#include "base/hex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EPOCH_BYTES 8 /* of its id in a name */

static enum err count_files(const char *dir, size_t *n)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;

    *n = 0;
    if (d == NULL) {
        return ERR_IO;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own */
    while ((entry = readdir(d)) != NULL) {
        *n += strncmp(entry->d_name, "lie-", 4) == 0;
    }
    (void)closedir(d);
    return ERR_OK;
}

static bool write_all(int fd, struct view v)
{
    while (v.n > 0) {
        const ssize_t n = write(fd, v.p, v.n);

        if (n <= 0) {
            return false;
        }
        v = (struct view){v.p + n, v.n - (size_t)n};
    }
    return fsync(fd) == 0;
}

static enum err create(const char *name, struct view proof)
{
    const int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    bool good;

    if (fd < 0) {
        return errno == EEXIST ? ERR_STATE : ERR_IO;
    }
    good = write_all(fd, proof);
    good = close(fd) == 0 && good;
    if (!good) {
        (void)unlink(name); /* half a proof is none */
    }
    return good ? ERR_OK : ERR_IO;
}

enum err proof_keep(const char *dir, const uint8_t epoch_id[EPOCH_ID_LEN], unsigned index,
                    struct view proof, char name[PROOF_NAME_MAX])
{
    char epoch[2 * EPOCH_BYTES + 1];
    size_t files = 0;
    int n;

    hex_write((struct view){epoch_id, EPOCH_BYTES}, epoch);
    n = snprintf(name, PROOF_NAME_MAX, "%s/lie-%s-%u.qpf", dir, epoch, index);
    if (n < 0 || n >= PROOF_NAME_MAX) {
        return ERR_NOSPACE;
    }
    TRY(count_files(dir, &files));
    return files < PROOF_FILES_MAX ? create(name, proof) : ERR_NOSPACE;
}

enum err proof_keep_run(const char *dir, const struct quorum_run *run, unsigned party,
                        char name[PROOF_NAME_MAX])
{
    uint8_t *const space = malloc(PROOF_MAX);
    struct view proof = {0};
    struct writer w;
    enum err e = ERR_NOSPACE;

    if (space == NULL) {
        return ERR_NOSPACE;
    }
    w = wr_init(space, PROOF_MAX);
    e = proof_write(run, party, &w);
    if (e == ERR_OK) {
        e = wr_finish(&w, &proof);
    }
    if (e == ERR_OK) {
        e = proof_keep(dir, run->head.epoch_id, party + 1, proof, name);
    }
    free(space);
    return e;
}
