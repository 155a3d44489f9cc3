/* failing.h - a process that keeps ending before it has done its work, as the supervisor's
 * status (cluster_status.h) says it: how often, how, and what it said last. Pure.
 *
 *   failing NAME times N HOW: SAID */
#ifndef HOST_AUTHORITY_FAILING_H
#define HOST_AUTHORITY_FAILING_H

#include "base/bytes.h"

#define FAILING_NAME_MAX 16
#define FAILING_HOW_MAX 32
#define FAILING_SAID_MAX 200 /* bytes of the last line of its log with the zero */

struct failing {
    char name[FAILING_NAME_MAX]; /* "core-1", "enrol", "cores-2"; "": nobody fails */
    unsigned times;              /* in a row */
    char how[FAILING_HOW_MAX];   /* "exit 3", "signal 9", "could not be started" */
    char said[FAILING_SAID_MAX]; /* "": nothing, or nobody listened */
};

/* One end of such a process; said: the last line of its log. */
struct failing_end {
    const char *name;
    unsigned times;
    const char *how, *said;
};

/* *f goes on to be of whoever has ended most often, and last of these. */
void failing_note(struct failing *f, const struct failing_end *end);

/* The last whole line of a log with anything in it, cut to what fits, and with ? for all that
 * is no printable ASCII; false: there is none, and out is as it was. */
bool failing_last_line(struct view log, char out[FAILING_SAID_MAX]);

/* Appends the line; nothing of nobody. */
void failing_write(struct writer *w, const struct failing *f);

/* Finds the first such line of a status, of that name unless it is NULL. False: it has none;
 * *out is then zero. */
bool failing_find(struct view status, const char *name, struct failing *out);

#endif
