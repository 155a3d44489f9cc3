/* tsm_tdx_guest.h - evidence of a TDX guest. /dev/tdx_guest gives a TDREPORT, which nobody but
 * this machine can verify; a quote of it is to be had by the report folder alone
 * (tsm_configfs.h). The TDREPORT shows before that this is such a guest, and that its
 * REPORTDATA is what was asked for (linux/tdx-guest.h). */
#ifndef OS_TSM_TDX_GUEST_H
#define OS_TSM_TDX_GUEST_H

#include "os/tsm_configfs.h"

#define TSM_TDX_GUEST_DEVICE "/dev/tdx_guest"
#define TSM_TDX_GET_REPORT0 0xc4405401UL
#define TSM_TDREPORT_LEN 1024

struct tsm_tdx_guest {
    struct tsm_provider base;
    const struct tsm_sys *sys;
    int fd;
    struct tsm_configfs folder;
};

/* Opens device and folder. As tsm_fault_of_errno() for the device, and TSM_NO_QUOTE: there is
 * no folder; else as tsm_configfs_open(). *out is zero then.
 *
 * What its report() gives then: TSM_ANSWER: the TDREPORT is of something else; as
 * tsm_fault_of_errno(); else as that of tsm_configfs.h. */
MUST_CHECK enum tsm_fault tsm_tdx_guest_open(const struct tsm_sys *sys, const char *device,
                                             const char *root, const char *name,
                                             struct tsm_tdx_guest *out);

#endif
