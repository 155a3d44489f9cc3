/* tsm_configfs.h - evidence by the report folder of Linux, /sys/kernel/config/tsm/report: a
 * folder of our own in it, REPORT_DATA to its inblob, the report from its outblob, certificates
 * from its auxblob (Documentation/ABI/testing/configfs-tsm). */
#ifndef OS_TSM_CONFIGFS_H
#define OS_TSM_CONFIGFS_H

#include "os/tsm_provider.h"

#define TSM_CONFIGFS_ROOT "/sys/kernel/config/tsm/report"
#define TSM_CONFIGFS_PATH_MAX 256 /* bytes of a path in it */
#define TSM_CONFIGFS_TRIES_MAX 5  /* reports that another's write spoilt, or that were busy */
#define TSM_CONFIGFS_PAUSE_NS INT64_C(200000000) /* before the second; it doubles */

struct tsm_configfs {
    struct tsm_provider base;
    const struct tsm_sys *sys;
    enum tsm_format format;
    char folder[TSM_CONFIGFS_PATH_MAX];
};

/* Makes root/name; what a process of ours left there is removed first, so name is nobody's
 * else. wanted: the format that it must give, or TSM_FORMAT_NONE: whichever.
 *
 * TSM_ABSENT: no such root. TSM_DENIED. TSM_TOO_LONG: over TSM_CONFIGFS_PATH_MAX. TSM_OTHER:
 * its provider is neither sev_guest nor tdx_guest, or of another format than wanted.
 * TSM_KERNEL. The folder is gone then, and *out is zero.
 *
 * What its report() gives then: TSM_BUSY, TSM_CHANGED, TSM_TOO_LONG; TSM_SHORT: no report, or
 * one cut short; TSM_UNSUPPORTED: a TDX quote that is none of version 4 or 5; as
 * tsm_fault_of_errno(). */
MUST_CHECK enum tsm_fault tsm_configfs_open(const struct tsm_sys *sys, const char *root,
                                            const char *name, enum tsm_format wanted,
                                            struct tsm_configfs *out);

#endif
