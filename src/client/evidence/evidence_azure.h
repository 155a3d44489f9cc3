/* evidence_azure.h - what a guest of Azure shows, and what a token says beside it, as rows. */
#ifndef CLIENT_EVIDENCE_EVIDENCE_AZURE_H
#define CLIENT_EVIDENCE_EVIDENCE_AZURE_H

#include "attest/maa_compare.h"
#include "client/evidence/evidence_rows.h"

/* Adds what a paravisor says of its guest. */
void evidence_azure_runtime(const struct hcl_runtime *r, struct evidence_rows *out);

/* Adds what is claimed of the guest besides: what is measured, and by whom. */
void evidence_azure_claims(const struct azure_claims *c, struct evidence_rows *out);

/* Adds a row for each claim of a token. */
void evidence_azure_token(const struct maa_rows *rows, struct evidence_rows *out);

#endif
