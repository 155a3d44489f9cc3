/* stages_io.h - which cores requests go to: one set, and beside it one that is to take over, or
 * those that have and end what they have begun. Of the main thread alone. */
#ifndef HOST_FRONT_STAGES_IO_H
#define HOST_FRONT_STAGES_IO_H

#include "host/front/install_io.h"

#define STAGES_NEXT_MS 500   /* between two looks at whether the next set serves */
#define STAGES_LEAVING_MAX 2 /* more: the next set waits until one of them has ended */

struct stages {
    struct front *front;
    int news;
    struct install *now;
    enum err waits_for;   /* why next does not take over, as it was said last */
    struct install *next; /* NULL: none is to take over */
    struct install *leaving[STAGES_LEAVING_MAX];
    size_t n_leaving;
    struct config read;   /* room for a configuration */
    int64_t look_next_ns; /* when the set that is to take over is looked at again */
};

/* What stage_start() gives. */
MUST_CHECK enum err stages_open(struct stages *s, struct front *front, const struct config *c,
                                int news);

/* Reads the configuration again. If it is of other cores they are prepared, and take over when
 * they serve; of one that waited before nothing is left. ERR_NOSPACE: out of memory. */
MUST_CHECK enum err stages_reload(struct stages *s, const char *path);

/* Something has changed at a core. ERR_NOSPACE: out of memory. */
MUST_CHECK enum err stages_refresh(struct stages *s);

/* Windows of batches, of all of them. */
void stages_tick(struct stages *s);

/* Hears who has ended; those that are to take over do so, if they serve; those that have left,
 * and of whom no request is left, are freed. Now and then. */
void stages_look(struct stages *s);

/* Ends every job under way. Then, once nobody holds a snapshot: frees. */
void stages_stop(struct stages *s);
void stages_free(struct stages *s);

#endif
