/* core_args.h - the boot record of quorate-core from quorate.conf: its command line. */
#ifndef HOST_AUTHORITY_CORE_ARGS_H
#define HOST_AUTHORITY_CORE_ARGS_H

#include "host/config/config.h"

#define CORE_ARGS_MAX (9 + 2 * CONFIG_POLICIES_MAX) /* words with the NULL at the end */
#define CORE_ARG_POLICY_MAX 160 /* bytes of one policy's text with its zero */

struct core_args {
    char *argv[CORE_ARGS_MAX]; /* into c and into policies; ends with NULL */
    char policies[CONFIG_POLICIES_MAX][CORE_ARG_POLICY_MAX];
    char listen[CONFIG_TEXT_MAX];
};

/* Of core number at, from 0; those of a ceremony sign with others (--member). The words point
 * into *c as well as *out: both must live on and stay where they are. ERR_STATE: no policy;
 * none is built in. */
MUST_CHECK enum err core_args_make(struct config *c, char *program, size_t at,
                                   struct core_args *out);

#endif
