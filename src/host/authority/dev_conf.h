/* dev_conf.h - the quorate.conf of `quorate dev up`: everything preset, the clock believed, the
 * policies those of a simulated authority, hybrid the default. Only in builds that admit
 * simulated parts. */
#ifndef HOST_AUTHORITY_DEV_CONF_H
#define HOST_AUTHORITY_DEV_CONF_H

#include "base/bytes.h"

#if defined(QUORATE_SIMULATED)

#define DEV_CONF_MAX 4096 /* bytes of the file */

/* Whether a path can stand in quorate.conf, in a shell's single quotes and in JSON as it is:
 * absolute, no control characters, quotes, backslashes and semicolons. */
bool dev_conf_path_ok(const char *path);

/* Appends the file. listen: ADDR:PORT. program: path of quorate-authority. dir: absolute path
 * of the folder that the file goes to. ERR_RANGE: !dev_conf_path_ok(). ERR_NOSPACE. */
MUST_CHECK enum err dev_conf_write(const char *listen, const char *program, const char *dir,
                                   struct writer *w);

#endif
#endif
