/* core_args.h - the boot record of quorate-core from quorate.conf: its command line. */
#ifndef HOST_AUTHORITY_CORE_ARGS_H
#define HOST_AUTHORITY_CORE_ARGS_H

#include "host/config/config.h"

#define CORE_ARGS_MAX (14 + 2 * CONFIG_POLICIES_MAX) /* words with the NULL at the end */
#define CORE_ARG_POLICY_MAX 160 /* bytes of one policy's text with its zero */

struct core_args {
    char *argv[CORE_ARGS_MAX]; /* into c and into policies; ends with NULL */
    char policies[CONFIG_POLICIES_MAX][CORE_ARG_POLICY_MAX];
    char listen[CONFIG_TEXT_MAX], time_listen[CONFIG_TEXT_MAX], tsm_listen[CONFIG_TEXT_MAX];
};

/* Where core number at, from 0, listens for its time client: beside its own endpoint. */
void core_args_time_endpoint(const struct config *c, size_t at, char out[CONFIG_TEXT_MAX]);

/* The same for its quorate-tsm. */
void core_args_tsm_endpoint(const struct config *c, size_t at, char out[CONFIG_TEXT_MAX]);

/* Of core number at, from 0; those of a ceremony sign with others (--member). leap: the leap
 * table of clock = nts. The words point into *c, leap and *out: all must live on and stay where
 * they are. ERR_STATE: no policy;
 * none is built in. */
MUST_CHECK enum err core_args_make(struct config *c, char *program, size_t at, char *leap,
                                   struct core_args *out);

#endif
