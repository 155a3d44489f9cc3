/* dev_io.h - quorate dev: an authority for development, with a test CA. Only in builds that
 * admit simulated parts. */
#ifndef HOST_AUTHORITY_DEV_IO_H
#define HOST_AUTHORITY_DEV_IO_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#if defined(QUORATE_SIMULATED)

#define DEV_DIR "quorate-dev"
#define DEV_LISTEN "127.0.0.1:3161"

struct dev_options {
    const char *dir;    /* made if it is not there */
    const char *listen; /* ADDR:PORT; port 0: a free one */
    bool json;
    uint8_t nodes, threshold; /* 1, 1: one core that signs alone */
    bool evidence;            /* on simulated silicon, which they show; only where three sign */
    bool nts;                 /* clock = nts; else the machine's is believed */
    const char *time; /* file with the section [time] of quorate.conf, for nts; NULL: none */
};

/* Makes what is missing in the folder, runs core and front in the foreground and prints
 * "ready URL" on stdout when they serve. What fails is said on stderr.
 * ERR_OK: told to stop. ERR_STATE: it did not get ready. ERR_IO, ERR_NOSPACE, ERR_RANGE,
 * ERR_ENCODING, ERR_MISMATCH, ERR_TIME, ERR_BUG: the folder cannot be used. */
MUST_CHECK enum err dev_up(const struct dev_options *o);

/* Evidence of a simulated machine is of programs beside this one, all of which are measured.
 * ERR_IO, ERR_NOSPACE: one is not there, which is said. */
MUST_CHECK enum err dev_find_measured(void);

/* The certify command of that folder: public keys on stdin, chains on stdout, and the
 * environment as core_keys.h says. Errors as above. */
MUST_CHECK enum err dev_certify(const char *dir);

/* Of a cluster in that folder: says on stdout what its processes are doing; has it begin anew
 * with new cores and a new key. Errors as above. ERR_STATE: none runs there. */
MUST_CHECK enum err dev_status(const char *dir);
MUST_CHECK enum err dev_renew(const char *dir);

#endif
#endif
