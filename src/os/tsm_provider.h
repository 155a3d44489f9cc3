/* tsm_provider.h - asks the machine for evidence of this process's guest. One interface, one
 * file for each way that a machine has:
 *
 *   tsm_configfs   the report folder of Linux 6.7 and later (TSM), whatever processor is below
 *   tsm_sev_guest  the ioctls of /dev/sev-guest, where there is no such folder
 *   tsm_tdx_guest  /dev/tdx_guest, with a quote by the folder
 *   tsm_azure      the vTPM of an Azure guest, by raw commands
 *
 * What they give was written by kernel, firmware or host, and is verified by whoever judges it.
 */
#ifndef OS_TSM_PROVIDER_H
#define OS_TSM_PROVIDER_H

#include "base/bytes.h"

#include <sys/types.h>

#define TSM_ASKED_LEN 64    /* bytes of REPORT_DATA */
#define TSM_REPORT_MAX 8192 /* bytes of a report: a TDX quote of more is of another form */
#define TSM_CERTS_MAX 16384 /* bytes of a table of certificates */
#define TSM_QUOTE_MAX 2048  /* bytes of a vTPM's quote with its PCRs */
#define TSM_AK_MAX 1024     /* bytes of TPM2B_PUBLIC of the key that signed it */

/* X(enumerator, text, enum err that it counts as) */
#define TSM_FAULTS(X)                                                                        \
    X(TSM_ABSENT, "tsm-absent", ERR_IO)                /* no such device, folder or file */  \
    X(TSM_DENIED, "tsm-denied", ERR_IO)                /* this user may not */               \
    X(TSM_OTHER, "tsm-other", ERR_TYPE)                /* another provider than is wanted */ \
    X(TSM_BUSY, "tsm-busy", ERR_RATE)                  /* still, after all attempts */       \
    X(TSM_CHANGED, "tsm-changed", ERR_BUSY)            /* others wrote, in all attempts */   \
    X(TSM_TOO_LONG, "tsm-too-long", ERR_NOSPACE)       /* over the kernel's caps, or ours */ \
    X(TSM_SHORT, "tsm-short", ERR_TRUNCATED)           /* less than there has to be */       \
    X(TSM_ANSWER, "tsm-answer", ERR_ENCODING)          /* not of the form that it has */     \
    X(TSM_FIRMWARE, "tsm-firmware", ERR_IO)            /* the firmware said no */            \
    X(TSM_NO_QUOTE, "tsm-no-quote", ERR_TYPE)          /* reports for this machine alone */  \
    X(TSM_UNSUPPORTED, "tsm-unsupported", ERR_VERSION) /* of a form that nobody reads */     \
    X(TSM_KERNEL, "tsm-kernel", ERR_IO)                /* it refused for another reason */

enum tsm_fault {
    TSM_OK = 0,
#define TSM_FAULT_ENUMERATOR(name, text, err) name,
    TSM_FAULTS(TSM_FAULT_ENUMERATOR)
#undef TSM_FAULT_ENUMERATOR
        TSM_FAULT_COUNT,
};

/* "ok" for TSM_OK, "unknown" for no enumerator; its class: ERR_BUG for none. */
const char *tsm_fault_name(enum tsm_fault f);
enum err tsm_fault_err(enum tsm_fault f);

/* As the formats of evidence blocks. */
enum tsm_format {
    TSM_FORMAT_NONE = 0,
    TSM_FORMAT_SNP = 1,
    TSM_FORMAT_TDX = 2,
    TSM_FORMAT_AZURE_SNP = 3,
};

struct tsm_answer {
    enum tsm_format format;
    size_t report_len, certs_len, quote_len, ak_len; /* 0: there is none */
    uint8_t report[TSM_REPORT_MAX]; /* ATTESTATION_REPORT, TDX quote, HCL report */
    uint8_t certs[TSM_CERTS_MAX];   /* SNP: GUIDs, offsets, lengths, as the host gives it */
    uint8_t quote[TSM_QUOTE_MAX];   /* TPM2B_ATTEST | TPMT_SIGNATURE | values of the PCRs */
    uint8_t ak[TSM_AK_MAX];
};

struct tsm_provider {
    /* Evidence with that REPORT_DATA. Waits for kernel and firmware, a bounded number of times
     * with bounded pauses between. On failure *out is all zero. */
    enum tsm_fault (*report)(struct tsm_provider *p, const uint8_t report_data[TSM_ASKED_LEN],
                             struct tsm_answer *out);
    void (*close)(struct tsm_provider *p);
    const char *name;
    bool simulated; /* software plays the processor */
};

/* ---- what they ask of the kernel: tests play it ---- */

/* As the calls of these names: errno says why. */
struct tsm_sys {
    int (*open)(void *self, const char *path, int flags);
    ssize_t (*read)(void *self, int fd, void *p, size_t n);
    ssize_t (*write)(void *self, int fd, const void *p, size_t n);
    int (*ioctl)(void *self, int fd, unsigned long request, void *arg);
    int (*mkdir)(void *self, const char *path);
    int (*rmdir)(void *self, const char *path);
    int (*close)(void *self, int fd);
    void (*pause)(void *self, int64_t ns);
    void *self;
};

extern const struct tsm_sys tsm_sys_os;

/* What errno means here, where nothing else is known of it. */
enum tsm_fault tsm_fault_of_errno(int e);

/* Reads a file whole, from its start. *n: bytes. Of a pipe it waits for nobody: without a
 * writer it is empty. TSM_TOO_LONG: over cap, or the kernel says so. TSM_BUSY: a pipe whose
 * writer says nothing. As tsm_fault_of_errno(). */
MUST_CHECK enum tsm_fault tsm_read_file(const struct tsm_sys *sys, const char *path,
                                        uint8_t *out, size_t cap, size_t *n);

/* Writes it in one call. TSM_SHORT: less was taken. */
MUST_CHECK enum tsm_fault tsm_write_file(const struct tsm_sys *sys, const char *path,
                                         struct view bytes);

/* As TRY, for these. */
#define TSM_TRY(expr)                   \
    do {                                \
        enum tsm_fault fault_ = (expr); \
        if (fault_ != TSM_OK) {         \
            return fault_;              \
        }                               \
    } while (0)

#endif
