/* front_io.h - the running front: starts all of it, waits for signals and news of the core,
 * ends it. */
#ifndef HOST_FRONT_FRONT_IO_H
#define HOST_FRONT_FRONT_IO_H

#include "host/config/config.h"

#define FRONT_LISTENERS_MAX 8  /* main addresses */
#define FRONT_TICK_MS 50       /* between two looks at deadlines */
#define FRONT_TICK_BATCH_MS 10 /* and at the window of batches */
#define FRONT_HEAR_MS 250      /* and at which cores have ended */
#define FRONT_ADMIN_CONNECTIONS_MAX 64

/* Serves until SIGTERM or SIGINT. path: of the configuration file, read again at SIGHUP. Logs
 * why it ends. ERR_OK: it was told to end. */
MUST_CHECK enum err front_run(const struct config *c, const char *path);

#endif
