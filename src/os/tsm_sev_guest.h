/* tsm_sev_guest.h - evidence by the ioctls of /dev/sev-guest: the report, and with it the
 * certificates that the host gives (linux/sev-guest.h; AMD 56860 7.3 for what is inside). */
#ifndef OS_TSM_SEV_GUEST_H
#define OS_TSM_SEV_GUEST_H

#include "os/tsm_provider.h"

#define TSM_SEV_GUEST_DEVICE "/dev/sev-guest"
#define TSM_SEV_TRIES_MAX 5                 /* of one report: the host holds guests back */
#define TSM_SEV_PAUSE_NS INT64_C(250000000) /* before the second; it doubles */
#define TSM_SEV_RESPONSE_LEN 4000
#define TSM_SEV_PAGE 4096

/* As linux/sev-guest.h lays them out. */
#define TSM_SEV_GET_REPORT 0xc0205300UL
#define TSM_SEV_GET_EXT_REPORT 0xc0205302UL

struct tsm_sev_request {
    uint8_t msg_version;
    uint8_t pad[7];
    uint64_t request, response; /* addresses */
    uint32_t fw_error, vmm_error;
};

struct tsm_sev_report_request {
    uint8_t user_data[TSM_ASKED_LEN];
    uint32_t vmpl;
    uint8_t reserved[28];
};

struct tsm_sev_ext_request {
    struct tsm_sev_report_request report;
    uint64_t certs;     /* address, of a page */
    uint32_t certs_len; /* whole pages; 0: how many are they? */
    uint32_t pad;
};

struct tsm_sev_guest {
    struct tsm_provider base;
    const struct tsm_sys *sys;
    int fd;
    uint32_t vmpl;
    uint8_t response[TSM_SEV_RESPONSE_LEN];
    uint8_t *certs; /* TSM_CERTS_MAX bytes, page-aligned */
};

/* Opens the device. vmpl: the privilege level that reports are to tell, 0 to 3. certs:
 * TSM_CERTS_MAX bytes at a page's start, which stay the caller's. As tsm_fault_of_errno(); *out
 * is zero then.
 *
 * What its report() gives then: TSM_BUSY; TSM_FIRMWARE: the firmware's status is not 0;
 * TSM_TOO_LONG: certificates over TSM_CERTS_MAX; TSM_ANSWER: not a report's length; as
 * tsm_fault_of_errno(). Where a host gives no certificates there are none. */
MUST_CHECK enum tsm_fault tsm_sev_guest_open(const struct tsm_sys *sys, const char *device,
                                             uint32_t vmpl, uint8_t *certs,
                                             struct tsm_sev_guest *out);

#endif
