/* coord_line.h - jobs in a row, in order of arrival. */
#ifndef HOST_COORD_COORD_LINE_H
#define HOST_COORD_COORD_LINE_H

#include "host/coord/coord.h"

struct coord_line {
    struct coord_job *first, *last;
    size_t n;
};

void coord_line_push(struct coord_line *l, struct coord_job *job);
void coord_line_push_front(struct coord_line *l, struct coord_job *job);

/* NULL: it is empty. */
struct coord_job *coord_line_pop(struct coord_line *l);

/* Takes a job out, if it is there. */
void coord_line_remove(struct coord_line *l, const struct coord_job *job);

/* Ends a job that is in no line: counts it and calls its done(). */
void coord_job_finish(struct coord_counters *counters, struct coord_job *job, enum err e);

/* Moves every job whose deadline has come from l to out. *next is lowered to the earliest
 * deadline that is left. */
void coord_line_expire(struct coord_line *l, int64_t now_ns, struct coord_line *out,
                       int64_t *next);

#endif
