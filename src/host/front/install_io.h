/* install_io.h - makes the snapshot that requests are served by: after a start, a reload, or a
 * change at the core. */
#ifndef HOST_FRONT_INSTALL_IO_H
#define HOST_FRONT_INSTALL_IO_H

#include "host/front/epoch_io.h"
#include "host/front/front.h"

/* Of the main thread alone. */
struct install {
    struct front *front;
    struct stage *stage; /* whose cores */
    struct config config;
    struct epoch_file epoch;
    struct cores_view cores; /* as of the last look */
    /* By enum core_key - 1, and place in the configuration. */
    struct held_chain
        *chains[WIRE_KEYS_MAX][COORD_CORES_MAX]; /* the last good ones; NULL: none yet */
    char refused[WIRE_KEYS_MAX][COORD_CORES_MAX]
                [TSA_CHAIN_WHY_MAX]; /* why a file was refused last, so that it is said once */
};

/* Takes what coord knows and what the chain file has, and makes a new snapshot of it, which is
 * the caller's. again: read a chain file even if the chain we hold fits the core. A bad file
 * leaves the old chain in force, and the log says why. NULL: out of memory. */
struct serving *install_make(struct install *in, bool again);

/* The same, and puts it in place. ERR_NOSPACE: out of memory; the old snapshot stays. */
MUST_CHECK enum err install_refresh(struct install *in, bool again);

/* Whether tokens of every policy can be made at once by what that snapshot has. What
 * serving_check() gives; ERR_BUSY: cores that share a classic key have too few presignatures.
 */
MUST_CHECK enum err install_serves(const struct install *in, const struct serving *s);

/* Tells coord which cores the supervisor has seen end. What is known already may be told again.
 */
void install_hear(struct install *in);

/* Whether the snapshot in place is not what the core serves under: worth another look. */
bool install_is_stale(struct install *in);

/* Gives the chains back. */
void install_wipe(struct install *in);

/* Checks what no table of keys can: addresses, networks. error: as config_parse() writes it.
 * ERR_ENCODING, ERR_RANGE, ERR_NOSPACE. */
MUST_CHECK enum err install_check(const struct config *c, char error[CONFIG_ERROR_MAX]);

/* Reads the configuration file anew, and the HTTPS certificate, if one is configured, and puts
 * a new snapshot in place. A bad file leaves all in force; the log says which it was, once that
 * is so. *others: it is good, and of other cores: it is in *next, and in has what it had.
 * ERR_NOSPACE: out of memory; the old snapshot stays. */
MUST_CHECK enum err install_reload(struct install *in, const char *path, struct config *next,
                                   bool *others);

#endif
