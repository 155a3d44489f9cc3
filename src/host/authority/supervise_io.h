/* supervise_io.h - runs core and front until told to stop: carries out what supervise.h says.
 */
#ifndef HOST_AUTHORITY_SUPERVISE_IO_H
#define HOST_AUTHORITY_SUPERVISE_IO_H

#include "host/config/config.h"

struct supervise_job {
    struct config *config;   /* stays where it is while it runs */
    const char *config_path; /* what the front is given */
    bool must_start;         /* whatever fails before it is ready ends it */
    bool probe;              /* ready is when GET /readyz says so, too */
    /* Called once, when core and front serve; NULL: nobody is told. address: ADDR:PORT, or ""
     * without [front] address_file. */
    void (*ready)(void *user, const char *address);
    void *user;
};

/* Runs in the foreground until SIGTERM or SIGINT; SIGHUP goes to the front. Both children have
 * ended when it returns. ERR_OK: it was told to stop. ERR_STATE: no policy, or must_start and
 * something failed; it is logged. ERR_IO, ERR_NOSPACE: it could not run at all. */
MUST_CHECK enum err supervise_run(const struct supervise_job *job);

#endif
