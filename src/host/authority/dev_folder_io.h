/* dev_folder_io.h - the folder of `quorate dev`: its lock and its test CAs. Only in builds that
 * admit simulated parts. What fails is said on stderr. */
#ifndef HOST_AUTHORITY_DEV_FOLDER_IO_H
#define HOST_AUTHORITY_DEV_FOLDER_IO_H

#include "host/authority/dev_ca_pq.h"

#if defined(QUORATE_SIMULATED)

#include <limits.h>
#include <sys/types.h>

struct dev_folder {
    char dir[PATH_MAX]; /* absolute */
    char conf[PATH_MAX], lock[PATH_MAX];
    char status[PATH_MAX]; /* what a cluster's processes are doing */
    char key[PATH_MAX], key_pq[PATH_MAX];
    char cert[PATH_MAX]; /* both roots, the classic one first */
};

struct dev_cas {
    struct dev_ca *classic;
    struct dev_ca_pq *pq;
};

/* Says on stderr what is wrong with which, and errno if e is ERR_IO. Gives e. */
enum err dev_say(enum err e, const char *what, const char *which);

/* ERR_IO: no such folder. ERR_POLICY: it is not this user's alone to write in. ERR_NOSPACE: its
 * path is too long. */
MUST_CHECK enum err dev_folder_find(const char *dir, struct dev_folder *out);

/* Until the process ends. ERR_IO. ERR_STATE: another has it. */
MUST_CHECK enum err dev_folder_lock(const struct dev_folder *f);

/* The process that has the lock. ERR_STATE: none. ERR_IO. */
MUST_CHECK enum err dev_folder_owner(const struct dev_folder *f, pid_t *pid);

/* Reads both CAs; dev_cas_free() ends them. ERR_IO, and as dev_ca_load() and dev_ca_pq_load().
 */
MUST_CHECK enum err dev_cas_load(const struct dev_folder *f, struct dev_cas *out);
void dev_cas_free(struct dev_cas *c);

/* Makes the CA, or the two, that are not there yet: who has installed ca.pem can go on with the
 * same folder. Errors as above. */
MUST_CHECK enum err dev_cas_keep(const struct dev_folder *f);

#endif
#endif
