/* stage_io.h - the threads that belong to one set of cores (struct stage in front.h). */
#ifndef HOST_FRONT_STAGE_IO_H
#define HOST_FRONT_STAGE_IO_H

#include "host/front/front.h"

/* Starts them; news: an eventfd that is told of every change at a core. ERR_NOSPACE, and what
 * coord_new() gives: *out is NULL. */
MUST_CHECK enum err stage_start(struct front *front, const struct config_front *c, int news,
                                struct stage **out);

/* Ends every job under way. Nobody begins another one. */
void stage_stop(struct stage *s);

/* After stage_stop(), once no snapshot holds it. NULL: nothing. */
void stage_free(struct stage *s);

#endif
