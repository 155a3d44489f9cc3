/* tsm_open_io.h - opens the provider that the command line names. */
#ifndef ENCLAVE_TSM_TSM_OPEN_IO_H
#define ENCLAVE_TSM_TSM_OPEN_IO_H

#include "attest/snp_table.h"
#include "enclave/tsm/tsm_args.h"
#include "os/tsm_provider.h"

struct tsm_source {
    struct tsm_provider *provider; /* NULL: none is open */
    struct snp_table spare;        /* certificates of --certificates */
};

/* Opens it, once in a process, and reads what it needs of files. ERR_IO, ERR_TYPE: as
 * tsm_fault_err(), and *why is the fault's name. Of --certificates: ERR_IO, ERR_NOSPACE,
 * ERR_EVIDENCE: no table. Of the programs that are measured: ERR_IO, ERR_NOSPACE: over
 * SILICON_PROGRAM_MAX. */
MUST_CHECK enum err tsm_source_open(const struct tsm_args *a, struct tsm_source *out,
                                    const char **why);
void tsm_source_close(struct tsm_source *s);

#endif
