/* tdx_pck.h - what a PCK certificate says of its platform: the SGX extensions under
 * 1.2.840.113741.1.13.1 (Intel: PCK Certificate and CRL Specification, 1.3.5). */
#ifndef ATTEST_TDX_PCK_H
#define ATTEST_TDX_PCK_H

#include "attest/attest_fault.h"
#include "format/cert_parse.h"

#define TDX_COMPONENTS 16
#define TDX_PPID_LEN 16
#define TDX_FMSPC_LEN 6
#define TDX_PCE_ID_LEN 2
#define TDX_PLATFORM_LEN 64

struct tdx_pck {
    uint8_t ppid[TDX_PPID_LEN];
    uint16_t components[TDX_COMPONENTS]; /* SVNs */
    uint16_t pce_svn;
    uint8_t cpu_svn[16];
    uint8_t pce_id[TDX_PCE_ID_LEN];
    uint8_t fmspc[TDX_FMSPC_LEN];
};

/* Reads them of a certificate that cert_parse() took. What else stands among them is passed
 * over. On failure *out is all zero. ATTEST_TDX_PCK_EXTENSION: the extension is not there, one
 * of those above is missing, stands twice, or is malformed. */
MUST_CHECK enum attest_fault tdx_pck_parse(const struct cert *c, struct tdx_pck *out);

/* The machine: SHA-512 of PPID | FMSPC, for no other platform has both. */
void tdx_pck_platform(const struct tdx_pck *pck, uint8_t out[TDX_PLATFORM_LEN]);

#endif
