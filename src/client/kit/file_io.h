/* file_io.h - whole files in and out, for the command line. */
#ifndef CLIENT_KIT_FILE_IO_H
#define CLIENT_KIT_FILE_IO_H

#include "base/bytes.h"
#include "crypto/hash.h"

#define FILE_READ_MAX 16777216 /* bytes of a token, query, certificate or CRL file */

/* Bytes on the heap; free with file_free(). */
struct file_bytes {
    uint8_t *p;
    size_t n;
};

/* Reads a whole file; "-" is standard input. On failure *out is all zero.
 * ERR_IO: errno says why. ERR_NOSPACE: over FILE_READ_MAX, or no memory. */
MUST_CHECK enum err file_read(const char *path, struct file_bytes *out);
void file_free(struct file_bytes *f);

/* Writes path so that it holds either all of the bytes or what it held before: a new file
 * beside it, synchronised, then renamed over it. "-" is standard output. ERR_IO: errno says
 * why. */
MUST_CHECK enum err file_write_atomic(const char *path, struct view bytes);

/* Called while a file is read, for a progress bar. total is 0 where it is not known. */
struct file_progress {
    void (*tell)(void *self, uint64_t done, uint64_t total);
    void *self;
};

/* Called with each piece of a file in turn. */
struct file_sink {
    void (*take)(void *self, const void *p, size_t n);
    void *self;
};

/* Streams a file of any size into sink; "-" is standard input. progress may be NULL. ERR_IO:
 * errno says why. */
MUST_CHECK enum err file_stream(const char *path, const struct file_sink *sink,
                                const struct file_progress *progress);

/* The digest of a file of any size, hash_len(alg) bytes into out. As file_stream(). */
MUST_CHECK enum err file_hash(const char *path, enum hash_alg alg,
                              const struct file_progress *progress, uint8_t *out);

/* Whether path is a folder; a character device, which may have no end (/dev/zero). */
bool file_is_folder(const char *path);
bool file_is_device(const char *path);

/* Calls visit with the path of every regular file of a folder, in the order of their names,
 * until it fails. ERR_IO, ERR_NOSPACE: over FILE_FOLDER_MAX entries; else what visit gave. */
#define FILE_FOLDER_MAX 4096
MUST_CHECK enum err file_each(const char *folder,
                              enum err (*visit)(void *self, const char *path), void *self);

#endif
