/* diag.h - diagnostics of the command line: one line each on stderr, "quorate COMMAND: text".
 */
#ifndef CLIENT_KIT_DIAG_H
#define CLIENT_KIT_DIAG_H

#include "base/bytes.h"

#include <stddef.h>

/* Sets what stands before each line; the string must live on. */
void diag_open(const char *command);

/* Writes one line. Bytes that are not printable ASCII come out as \xNN, so that foreign text
 * cannot move the cursor of a terminal. Longer than DIAG_LINE_MAX: cut, and it says so. */
#define DIAG_LINE_MAX 1024
__attribute__((format(printf, 1, 2))) void diag(const char *format, ...);

/* Copies text to out with every byte outside printable ASCII as \xNN; ends with a zero byte and
 * is cut to cap. A backslash stays as it is. */
void diag_escape(struct view text, char *out, size_t cap);

#endif
