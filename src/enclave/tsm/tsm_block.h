/* tsm_block.h - what a provider gave, as an evidence block (wire/evidence.h). */
#ifndef ENCLAVE_TSM_TSM_BLOCK_H
#define ENCLAVE_TSM_TSM_BLOCK_H

#include "attest/snp_table.h"
#include "os/tsm_provider.h"
#include "wire/evidence.h"

/* The files of a folder that its operator keeps up to date (attest/tdx_collateral.h), as one
 * part; it points into out. As tsm_read_file(), by tsm_fault_err(): one cannot be read.
 * ERR_TRUNCATED: one is empty. ERR_NOSPACE: over cap. */
MUST_CHECK enum err tsm_collateral_read(const struct tsm_sys *sys, const char *folder,
                                        uint8_t *out, size_t cap, struct view *part);

/* Writes the block. spare has the certificates that the host did not give; it may be all zero.
 * collateral goes with a quote of TDX alone. *block points into out, and is empty on failure.
 *
 * ERR_EVIDENCE: the host's table is malformed. ERR_NOSPACE: over cap, or over EVIDENCE_MAX. */
MUST_CHECK enum err tsm_block_write(const struct tsm_answer *a, const struct snp_table *spare,
                                    struct view collateral, uint8_t *out, size_t cap,
                                    struct view *block);

#endif
