/* cluster_status.h - what the supervisor of several cores says of itself and of each process,
 * in its status file and in the log. */
#ifndef HOST_AUTHORITY_CLUSTER_STATUS_H
#define HOST_AUTHORITY_CLUSTER_STATUS_H

#include "base/bytes.h"
#include "host/authority/cluster.h"
#include "os/event_log.h"

#include <sys/types.h>

/* Appends the first line, and a line of each core; cores: their processes, -1: it does not run.
 */
void cluster_status_cores(struct writer *w, const struct cluster *c, const pid_t *cores);

/* Appends the line of another child. */
void cluster_status_child(struct writer *w, const char *name, pid_t pid, const char *what);

/* "core-1", ... of the place i. */
void cluster_core_name(uint8_t i, char out[16]);

/* Logs how many shares are left; why: "" for none. */
void cluster_log_shares(const struct cluster *c, enum event_level level, enum event ev,
                        const char *why);

#endif
