/* progress.h - a bar on stderr while files are read and authorities are waited for. */
#ifndef CLIENT_KIT_PROGRESS_H
#define CLIENT_KIT_PROGRESS_H

#include "client/kit/file_io.h"

#define PROGRESS_LINE_MAX 160 /* chars; some 70 unless there are very many files */

struct progress {
    bool shown;          /* only on a terminal */
    size_t index, count; /* of the file that is worked on, from 0 */
    const char *name;
    unsigned last_percent;
};

/* Draws nothing unless wanted and stderr is a terminal. */
void progress_open(struct progress *p, bool wanted, size_t count);

/* The next file. */
void progress_file(struct progress *p, size_t index, const char *name);

/* As a file_progress wants it; self is the struct progress. */
void progress_tell(void *self, uint64_t done, uint64_t total);

/* Clears the line, so that other output can stand there. */
void progress_clear(const struct progress *p);

/* The line itself: "[#####     ]  2/10  43 %  name", at most PROGRESS_LINE_MAX - 1 chars,
 * printable ASCII. */
void progress_line(const struct progress *p, unsigned percent, char out[PROGRESS_LINE_MAX]);

#endif
