/* evidence_rows_tdx.h - what a quote of TDX says, and what may be claimed of it, as rows. */
#ifndef CLIENT_EVIDENCE_EVIDENCE_ROWS_TDX_H
#define CLIENT_EVIDENCE_EVIDENCE_ROWS_TDX_H

#include "attest/tdx_judge.h"
#include "client/evidence/evidence_rows.h"

/* Adds what a quote of that version says, and how many bytes stand behind it. */
void evidence_rows_quote(uint16_t version, const struct tdx_td *td, size_t trailing,
                         struct evidence_rows *out);

/* Adds what is claimed besides: how the platform stands, until when, by which policy. */
void evidence_rows_tdx(const struct tdx_claims *c, struct evidence_rows *out);

#endif
