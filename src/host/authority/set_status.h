/* set_status.h - the status of a supervisor of several cores (cluster_status.h), to whoever
 * waits for what stands in it. Pure. */
#ifndef HOST_AUTHORITY_SET_STATUS_H
#define HOST_AUTHORITY_SET_STATUS_H

#include "base/bytes.h"

#define SET_STATUS_LINE_MAX 128

/* Its first line, cut to what fits; "" where no line ends. */
void set_status_line(struct view status, char out[SET_STATUS_LINE_MAX]);

/* Whether it says that its cores serve. */
bool set_status_serves(struct view status);

/* Whether the status of the first set's supervisor says that the cores of that set are gone: of
 * set 1, that it has let all of them go and none runs; of another, that its supervisor is no
 * child of it any more. */
bool set_status_is_gone(struct view status, unsigned set);

#endif
