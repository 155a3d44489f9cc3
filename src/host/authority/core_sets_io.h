/* core_sets_io.h - the supervisors of other sets of cores than the supervisor's own, its
 * children, and the file that says which there are to be (core_sets.h). In the folder of an
 * authority set N has its files in cores-N, and is run by cores-N/authority, a link to the
 * program, with quorate-N.conf. */
#ifndef HOST_AUTHORITY_CORE_SETS_IO_H
#define HOST_AUTHORITY_CORE_SETS_IO_H

#include "host/authority/core_sets.h"
#include "host/authority/helper_io.h"

#define CORE_SETS_CHILDREN 3 /* one serves, one comes or retires, one ends */

struct core_sets_child {
    unsigned n; /* 0: none */
    struct helper helper;
    struct child_log log;
    char program[PATH_MAX], config[PATH_MAX];
    char *argv[6];
};

struct core_sets_run {
    const char *dir; /* NULL: there are no other sets */
    int64_t backoff_ms;
    unsigned serves;
    struct core_sets_child children[CORE_SETS_CHILDREN];
};

/* The file of that folder. ERR_NOSPACE: its path is too long. ERR_IO, ERR_ENCODING, ERR_RANGE:
 * it cannot be read, or is none; that there is none is set 1 that serves. */
MUST_CHECK enum err core_sets_read(const char *dir, struct core_sets *out);

/* Replaces it. ERR_IO, ERR_NOSPACE. */
MUST_CHECK enum err core_sets_keep(const char *dir, const struct core_sets *s);

/* dir, and *r, stay where they are. */
void core_sets_open(struct core_sets_run *r, const char *dir, int64_t backoff_ms);

/* Reads the file again: which children there are to be. Whether the supervisor's own set is one
 * of those that run; true, too, where the file cannot be read: then nothing changes. */
bool core_sets_reload(struct core_sets_run *r, int64_t now_ms);

/* Ends them all. */
void core_sets_end(struct core_sets_run *r, int64_t now_ms);

/* Has the set that serves begin anew. */
void core_sets_renew(const struct core_sets_run *r);

/* What poll() has to watch: as many as CORE_SETS_CHILDREN descriptors. */
size_t core_sets_fds(const struct core_sets_run *r, struct pollfd *fds);

/* Goes on. Whether something has changed. */
bool core_sets_step(struct core_sets_run *r, int64_t now_ms);
int64_t core_sets_next_ms(const struct core_sets_run *r);

/* Whether any runs. */
bool core_sets_running(const struct core_sets_run *r);

/* Appends a line of each to the status. */
void core_sets_status(const struct core_sets_run *r, struct writer *w);

#endif
