/* mesh_run_io.h - quorate-mesh: connections to all cores of a cluster, on which pump.h asks. */
#ifndef HOST_MESH_MESH_RUN_IO_H
#define HOST_MESH_MESH_RUN_IO_H

#include "host/config/config.h"

/* Below others: what is on its way waits before a stamp does. */
#define MESH_NICE 10
/* A core to which there is no connection is dialled after the shorter pause, which doubles up
 * to the longer one; a connection that is not made after MESH_DIAL_NS is given up. */
#define MESH_REDIAL_NS INT64_C(20000000)
#define MESH_REDIAL_MAX_NS INT64_C(500000000)
#define MESH_DIAL_NS INT64_C(1000000000)
/* One that answers what no core answers is left alone for so long. */
#define MESH_ODD_NS INT64_C(2000000000)
#define MESH_SAY_NS INT64_C(60000000000) /* between two lines that say what was carried */

/* Carries packets and gives orders until SIGTERM or SIGINT. ERR_NOSPACE: no memory.
 * ERR_ENCODING, ERR_RANGE: the endpoint of a core. ERR_IO: the kernel refused something; no
 * randomness. */
MUST_CHECK enum err mesh_run(const struct config *config);

#endif
