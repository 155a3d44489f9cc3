/* dev_conf.h - the quorate.conf of `quorate dev up`: everything preset, the clock believed
 * unless time servers are given, the policies those of a simulated authority, hybrid the
 * default. Only in builds that admit simulated parts. */
#ifndef HOST_AUTHORITY_DEV_CONF_H
#define HOST_AUTHORITY_DEV_CONF_H

#include "base/bytes.h"

#if defined(QUORATE_SIMULATED)

#define DEV_CONF_TIME_MAX 4096                  /* bytes of the time servers' section */
#define DEV_CONF_MAX (4096 + DEV_CONF_TIME_MAX) /* bytes of the file */

/* Whether a path can stand in quorate.conf, in a shell's single quotes and in JSON as it is:
 * absolute, no control characters, quotes, backslashes and semicolons. */
bool dev_conf_path_ok(const char *path);

struct dev_conf {
    const char *listen;  /* ADDR:PORT */
    const char *program; /* path of quorate-authority */
    const char *dir;     /* absolute path of the folder that the file goes to */
    uint8_t nodes;       /* cores; 1: it signs alone */
    uint8_t threshold;   /* of several: so many sign together; of three the P-384 key, too */
    bool evidence;       /* of these: on simulated silicon, which they show */
    bool nts;            /* each core's clock is that of its time client */
    unsigned set;        /* of these: which set of cores, core_sets_io.h; 0, 1: the first */
    struct view time;    /* what is appended: the section [time] */
};

/* Appends the file. ERR_RANGE: !dev_conf_path_ok(). ERR_NOSPACE. */
MUST_CHECK enum err dev_conf_write(const struct dev_conf *d, struct writer *w);

/* What was appended to such a file: dev_conf.time; empty: nothing, or it is another file. */
struct view dev_conf_time(struct view file);

#endif
#endif
