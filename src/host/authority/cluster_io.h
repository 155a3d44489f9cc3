/* cluster_io.h - runs several cores and a front until told to stop: carries out what cluster.h
 * says. */
#ifndef HOST_AUTHORITY_CLUSTER_IO_H
#define HOST_AUTHORITY_CLUSTER_IO_H

#include "host/config/config.h"

#define CLUSTER_STATUS_MAX 4096 /* bytes of the status file */

struct cluster_job {
    struct config *config; /* stays where it is; names the cores and their ceremony */
    const char *config_path;
    const char *front_config_path; /* of the front; NULL: the same */
    const char *sets; /* folder with what is said of other sets of cores (core_sets_io.h); NULL:
                         there are none */
    bool alone;       /* there is no front here: another supervisor runs it */
    bool must_start;  /* what fails before the front is ready ends it all; else it is patient */
    void (*ready)(void *user, const char *address); /* NULL: nobody; once for each key */
    void (*halted)(void *user);                     /* NULL: nobody */
    void *user;
};

/* Runs in the foreground until SIGTERM or SIGINT; SIGHUP goes to the front, SIGUSR1 begins anew
 * with new cores and a new key, SIGUSR2 has the file of core_sets_io.h read again. All children
 * have ended when it returns. ERR_OK: it was told to stop. ERR_STATE: it did not get ready, or
 * another supervisor runs these cores; it is logged. ERR_IO, ERR_NOSPACE: it could not run;
 * logged, too.
 */
MUST_CHECK enum err cluster_run(const struct cluster_job *job);

#endif
