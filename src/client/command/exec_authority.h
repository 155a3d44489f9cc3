/* exec_authority.h - hands "quorate dev", "quorate authority" and "quorate csr" to
 * quorate-authority, git style. */
#ifndef CLIENT_COMMAND_EXEC_AUTHORITY_H
#define CLIENT_COMMAND_EXEC_AUTHORITY_H

#include "base/err.h"

#include <stddef.h>

/* Writes DIR/name to out, DIR being the folder of the program file self.
 * ERR_RANGE: self names no folder. ERR_NOSPACE: longer than cap with its zero byte. */
MUST_CHECK enum err exec_authority_beside(const char *self, const char *name, char *out,
                                          size_t cap);

/* Runs quorate-authority with argv (argv[0] is the subcommand) in place of this process: the
 * one beside our own program file, else the first in PATH. Returns only on failure. ERR_IO:
 * there is none that can be run. */
MUST_CHECK enum err exec_authority(int argc, char **argv);

#endif
