/* tsm_azure.h - evidence of a guest under the paravisor of Azure, of its vTPM by raw commands
 * on /dev/tpmrm0: the HCL report that the paravisor left in NV memory, and a quote of all PCRs
 * whose extraData is SHA-256 of REPORT_DATA, signed by the key that the HCL report names
 * (TPM 2.0 Library, part 3; Microsoft, "Guest attestation for confidential VMs").
 *
 * The HCL report is of the start of the guest: only the quote is fresh. */
#ifndef OS_TSM_AZURE_H
#define OS_TSM_AZURE_H

#include "os/tsm_provider.h"

#define TSM_AZURE_DEVICE "/dev/tpmrm0"
#define TSM_AZURE_HCL_INDEX 0x01400001U
#define TSM_AZURE_AK_HANDLE 0x81000003U
#define TSM_AZURE_HCL_MAX 4096  /* bytes of the area: it has 2600 */
#define TSM_AZURE_CHUNK_MAX 512 /* bytes of one read: every TPM gives as many */
#define TSM_AZURE_EXTRA_LEN 32
#define TSM_TPM_COMMAND_MAX 256
#define TSM_TPM_RESPONSE_MAX 4096
#define TSM_TPM_TRIES_MAX 5 /* of a command that the TPM puts off */
#define TSM_TPM_PAUSE_NS INT64_C(50000000)

struct tsm_azure {
    struct tsm_provider base;
    const struct tsm_sys *sys;
    int fd;
    void (*hash)(const uint8_t report_data[TSM_ASKED_LEN], uint8_t out[TSM_AZURE_EXTRA_LEN]);
    uint8_t response[TSM_TPM_RESPONSE_MAX];
};

/* Opens the device. hash: SHA-256, which this layer has not. As tsm_fault_of_errno(); *out is
 * zero then.
 *
 * What its report() gives then: TSM_ABSENT: no such NV area or key; TSM_TOO_LONG: an area over
 * TSM_AZURE_HCL_MAX, a quote over TSM_QUOTE_MAX; TSM_BUSY; TSM_FIRMWARE: the TPM refuses;
 * TSM_ANSWER: not of the form of such an answer; as tsm_fault_of_errno(). */
MUST_CHECK enum tsm_fault tsm_azure_open(const struct tsm_sys *sys, const char *device,
                                         void (*hash)(const uint8_t report_data[TSM_ASKED_LEN],
                                                      uint8_t out[TSM_AZURE_EXTRA_LEN]),
                                         struct tsm_azure *out);

/* ---- for fuzz targets ---- */

/* The parameters of a response: behind its header, and its parameter size where it has one.
 * TSM_BUSY: to be asked again. TSM_ABSENT, TSM_FIRMWARE: as its code says. TSM_ANSWER. */
MUST_CHECK enum tsm_fault tsm_tpm_response_decode(struct view in, bool with_session,
                                                  struct view *parameters);

/* The values of a TPM2_PCR_Read answer: *mask, the PCRs that were read, and as many digests of
 * 32 bytes in *values, without their lengths, at *n. TSM_ANSWER. */
MUST_CHECK enum tsm_fault tsm_tpm_pcrs_decode(struct view parameters, uint32_t *mask,
                                              uint8_t *values, size_t cap, size_t *n);

#endif
