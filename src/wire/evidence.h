/* evidence.h - what a node shows of the machine that it runs on: an evidence block.
 * docs/wire.md 16.1. It is carried and compared as it came; who judges it is
 * attest/evidence_judge.h. */
#ifndef WIRE_EVIDENCE_H
#define WIRE_EVIDENCE_H

#include "base/bytes.h"

#define EVIDENCE_VERSION 1
#define EVIDENCE_MAX 32768   /* bytes of a whole block */
#define EVIDENCE_HASH_LEN 48 /* SHA-384 */

/* Whose rules it is judged by. */
enum evidence_format {
    EVIDENCE_SNP = 1,       /* SEV-SNP, asked by the guest itself */
    EVIDENCE_TDX = 2,       /* TDX */
    EVIDENCE_AZURE_SNP = 3, /* SEV-SNP under the paravisor of Azure, with its vTPM */
};

/* What a part is; they ascend in a block, each at most once. */
enum evidence_kind {
    EVIDENCE_REPORT = 1, /* SNP: the report; TDX: the quote; Azure: the HCL report. Required */
    EVIDENCE_VEK = 2,    /* DER, as the next three */
    EVIDENCE_ASK = 3,
    EVIDENCE_ARK = 4,
    EVIDENCE_CRL = 5,
    EVIDENCE_TPM_QUOTE = 6,  /* with its signature and values of PCRs: attest/tpm_quote.h */
    EVIDENCE_TPM_AK = 7,     /* TPM2B_PUBLIC */
    EVIDENCE_COLLATERAL = 8, /* TDX: attest/tdx_collateral.h */
};
#define EVIDENCE_KINDS 8

/* Views point into the block; n == 0: it is not there. */
struct evidence {
    uint8_t format;                   /* enum evidence_format */
    struct view part[EVIDENCE_KINDS]; /* by kind - 1 */
};

static inline struct view evidence_part(const struct evidence *e, enum evidence_kind kind)
{
    return e->part[kind - 1];
}

/* Writes a block: parts that are empty are left out. */
void evidence_encode(struct writer *w, const struct evidence *e);

/* Reads a whole block and nothing after it; what is in its parts is not looked at. A block has
 * one encoding. On failure *out is zero.
 *
 * ERR_LENGTH: over EVIDENCE_MAX. ERR_TRUNCATED, ERR_TRAILING, ERR_VERSION. ERR_RANGE: a format,
 * a kind or a number of parts that is none; an empty part. ERR_ENCODING: kinds that do not
 * ascend; no report. */
MUST_CHECK enum err evidence_decode(struct view bytes, struct evidence *out);

/* SHA-384 of a block as it came; of no bytes: of no evidence. */
void evidence_hash(struct view bytes, uint8_t out[EVIDENCE_HASH_LEN]);

#endif
