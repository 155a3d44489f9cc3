/* requests_io.h - certificate requests as a file, for a CA that is nobody's command: the
 * supervisor keeps them there while certificates are awaited, `quorate csr` hands them on. */
#ifndef HOST_AUTHORITY_REQUESTS_IO_H
#define HOST_AUTHORITY_REQUESTS_IO_H

#include "host/authority/core_keys.h"

#define REQUESTS_FILE_MAX 65536 /* bytes: those of a whole cluster, with what stands before */

/* Puts the requests of these keys, in PEM, at path: behind lines with what the certify command
 * has in its environment, which readers of PEM pass over. path "": nowhere. ERR_NOSPACE: over
 * REQUESTS_FILE_MAX. ERR_IO: errno says why. */
MUST_CHECK enum err requests_keep(const char *path, const struct core_keys *keys,
                                  struct view requests);

/* They are certified, or of keys that are gone: the file is removed. path "": there is none. */
void requests_drop(const char *path);

/* `quorate csr`: argv[0] is "csr". Returns the exit status: 0 the requests were written, each
 * of them signed by the key that it names; 1 one is not; 2 there are none, or wrong usage. */
int requests_command(int argc, char **argv);

#endif
