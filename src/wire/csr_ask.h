/* csr_ask.h - SIGN_CSR: a key that waits for its certificate signs one request for it (RFC
 * 2986), which the core writes itself from fields. docs/wire.md 3.5. */
#ifndef WIRE_CSR_ASK_H
#define WIRE_CSR_ASK_H

#include "wire/stamp.h"

#define CSR_ATTEMPTS_MAX 16 /* of one key; the numbers ascend */

struct csr_ask {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t key;                  /* enum core_key */
    uint8_t subject;              /* number of its template, format/csr_info.h */
    uint8_t attempt;              /* 1 to CSR_ATTEMPTS_MAX */
    uint8_t t;                    /* signers, 1 to STAMP_T_MAX */
    uint8_t signers[STAMP_T_MAX]; /* their indices, ascending */
    uint8_t sid0[SID0_LEN];
    struct view r1s;     /* t times r1_len(), in the order of signers */
    struct view presign; /* as in struct r2_stamp */
};
void csr_ask_encode(struct writer *w, const struct csr_ask *a);
/* ERR_TRUNCATED, ERR_TRAILING. ERR_RANGE: a key that is none, an attempt or a count outside
 * what stands above. On failure *out is zero. */
MUST_CHECK enum err csr_ask_decode(struct view body, struct csr_ask *out);

/* The session id, SHAKE256("quorate-csr-v1" | every field after its LE32 length).
 * ERR_MISMATCH: an R1 is not of this epoch, key, sid0 or signer, or signers is not ascending.
 * ERR_RANGE: a span that r1_body_decode() refuses. ERR_TRUNCATED, ERR_TRAILING: r1s is of
 * another length. */
MUST_CHECK enum err csr_ask_x(const struct csr_ask *a, uint8_t x[STAMP_X_LEN]);

#endif
