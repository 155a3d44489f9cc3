/* mesh_child_io.h - one quorate-mesh for all cores of a cluster, which comes back when it ends:
 * when it is started and ended is that of a time client (time_client.h). */
#ifndef HOST_AUTHORITY_MESH_CHILD_IO_H
#define HOST_AUTHORITY_MESH_CHILD_IO_H

#include "host/authority/time_client.h"
#include "host/config/config.h"

#include <limits.h>
#include <sys/types.h>

struct mesh_child {
    char program[PATH_MAX];
    char config[PATH_MAX];
    struct time_client state;
    pid_t pid; /* -1: does not run */
};

/* ERR_NOSPACE: quorate-mesh is nowhere, or a path too long. ERR_IO. */
MUST_CHECK enum err mesh_child_open(struct mesh_child *m, const struct config *config,
                                    const char *config_path);

/* Whether it is to run. */
void mesh_child_want(struct mesh_child *m, bool wanted, int64_t now_ms);

/* Starts, ends and takes leave of it; after each wake of the loop. Whether anything was done.
 */
bool mesh_child_step(struct mesh_child *m, int64_t now_ms);
int64_t mesh_child_next_ms(const struct mesh_child *m);

/* Appends to the status what it does. */
void mesh_child_status(const struct mesh_child *m, struct writer *w);

#endif
