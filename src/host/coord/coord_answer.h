/* coord_answer.h - what a core's answers mean to the rounds under way. Part of coord_step. */
#ifndef HOST_COORD_COORD_ANSWER_H
#define HOST_COORD_COORD_ANSWER_H

#include "host/coord/coord_step.h"

/* One whole frame from the core. Calls done() of the jobs that it settles.
 * ERR_MISMATCH: an answer that nobody asked for, or not of what was asked. ERR_TYPE: not the
 * type that answers. ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE, ERR_LENGTH, ERR_ENCODING: its
 * body. Others: the core refuses HELLO or STATE with that. */
MUST_CHECK enum err coord_answer_take(struct coord_step *s, const struct frame_header *h,
                                      struct view body, int64_t now_ns);

#endif
