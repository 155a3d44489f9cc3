/* hcl_runtime.h - the JSON of an HCL report: what a paravisor of Azure says of its guest. It is
 * read after its hash was found in REPORT_DATA of a genuine report, and not before. Members
 * that are not named here are passed over. */
#ifndef ATTEST_HCL_RUNTIME_H
#define ATTEST_HCL_RUNTIME_H

#include "attest/attest_fault.h"
#include "base/bytes.h"
#include "crypto/rsa_2048.h"

#define HCL_USER_DATA_LEN 64
#define HCL_VM_ID_MAX 64 /* characters of vmUniqueId: a UUID has 36 */
#define HCL_KEYS_MAX 8   /* keys that it may name */

struct hcl_runtime {
    uint8_t ak[RSA_2048_LEN]; /* the modulus of HCLAkPub; its exponent is 65537 */
    bool secure_boot, tpm_enabled;
    char vm_id[HCL_VM_ID_MAX + 1]; /* printable, as the paravisor says it; may be empty */
    bool has_user_data;
    uint8_t user_data[HCL_USER_DATA_LEN];
};

/* On failure *out is all zero.
 *
 * ATTEST_RUNTIME_PARSE: no JSON object. ATTEST_RUNTIME_KEYS: "keys" is no array of up to
 * HCL_KEYS_MAX objects with one HCLAkPub among them. ATTEST_RUNTIME_AK: that is not RSA of 2048
 * bits with exponent 65537. ATTEST_RUNTIME_CONFIG: "vm-configuration" does not say
 * "secure-boot" and "tpm-enabled", or its "vmUniqueId" has no form that can be shown.
 * ATTEST_RUNTIME_USER_DATA: "user-data" is there, and not hexadecimal text of 64 bytes. */
MUST_CHECK enum attest_fault hcl_runtime_parse(struct view json, struct hcl_runtime *out);

#endif
