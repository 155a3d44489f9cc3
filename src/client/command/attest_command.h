/* attest_command.h - what `quorate attest` has for each kind of evidence: its arguments, its
 * files, its answer. */
#ifndef CLIENT_COMMAND_ATTEST_COMMAND_H
#define CLIENT_COMMAND_ATTEST_COMMAND_H

#include "client/evidence/evidence_rows.h"
#include "client/kit/file_io.h"

struct attest_args {
    const char *policy, *report_data, *vek, *chain, *crl, *report;
    const char *extra_data, *quote, *quote_signature, *pcrs, *ak_public, *ak_cert; /* Azure */
    const char *token, *keys;
    const char *collateral; /* TDX */
    int64_t at_s;           /* now, where none was said */
    bool has_at, json, help;
};

/* All of these say on stderr what is wrong before they fail. */

/* The first element of a file, of PEM blocks with that label or DER, into a buffer. As
 * options_file(), evidence_files_der(). */
MUST_CHECK enum err attest_command_part(const char *path, const char *label, uint8_t *out,
                                        size_t cap, struct view *der);

/* VEK, issuer, root and, where it was given, the list, into ev and buffers. As
 * attest_command_part(). */
struct attest_chain {
    uint8_t ark[SNP_CERT_MAX], ask[SNP_CERT_MAX], vek[SNP_CERT_MAX], crl[SNP_CRL_MAX];
    struct snp_evidence ev; /* report is left alone */
};
MUST_CHECK enum err attest_command_chain(const struct attest_args *a, struct attest_chain *out);

/* The 64 bytes of --report-data. ERR_LENGTH: as many as it is not. ERR_ENCODING. */
MUST_CHECK enum err attest_command_report_data(const char *text,
                                               uint8_t out[SNP_REPORT_DATA_LEN]);

/* Whether a policy could be read; at is the line at which it ended. As attest_fault_err(). */
MUST_CHECK enum err attest_command_policy(const char *path, unsigned at, enum attest_fault f);

/* Prints a verdict, or none for show, and the rows. ERR_NOSPACE: no memory. */
MUST_CHECK enum err attest_command_print(const struct attest_args *a, const char *verdict,
                                         const char *fault, const struct evidence_rows *rows);

/* Prints what f says, with rows of what passed, and gives the exit code. */
int attest_command_verdict(const struct attest_args *a, enum attest_fault f,
                           const struct evidence_rows *rows);

/* ---- attest_azure.c ---- */

/* Whether a file is the blob of a paravisor. */
bool attest_azure_is(struct view file);

/* These give exit codes. hcl is that file. */
int attest_azure_show(const struct attest_args *a, struct view hcl);
int attest_azure_verify(const struct attest_args *a, struct view hcl);

/* ---- attest_tdx.c ---- */

/* Whether a file begins as a quote does. */
bool attest_tdx_is(struct view file);

/* These give exit codes. */
int attest_tdx_show(const struct attest_args *a, struct view quote);
int attest_tdx_verify(const struct attest_args *a, struct view quote);

#endif
