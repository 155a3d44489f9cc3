/* csr_alone.h - the request of a key that one core holds alone: an R1, then SIGN_CSR
 * (docs/wire.md 3.5). Pure: frames out, answers in.
 *
 *   csr_alone_begin()
 *   until done:  csr_alone_ask(), csr_alone_take() */
#ifndef HOST_CSR_CSR_ALONE_H
#define HOST_CSR_CSR_ALONE_H

#include "host/csr/csr_key.h"
#include "wire/csr_ask.h"
#include "wire/frame.h"

#define CSR_ALONE_ASK_MAX 512 /* bytes of the longest body that is asked */

struct csr_alone {
    struct csr_key key; /* views are the caller's */
    uint8_t index;      /* of the core, as HELLO says */
    uint8_t attempt;
    bool promised; /* r1 holds */
    bool done;
    uint8_t sid0[SID0_LEN];
    uint8_t r1[R1_BODY_LEN];
};

/* attempt: above all earlier ones of this key. sid0: any label; no two sessions of a key have
 * the same. */
void csr_alone_begin(struct csr_alone *a, const struct csr_key *key, uint8_t index,
                     uint8_t attempt, const uint8_t sid0[SID0_LEN]);

/* What the core is asked next. */
enum frame_type csr_alone_ask(const struct csr_alone *a, struct writer *body);

/* The body of its answer. After that of SIGN_CSR it is done, and the request is appended to
 * pem. Errors as r1_answer_decode() and csr_key_pem(): this attempt is over. */
MUST_CHECK enum err csr_alone_take(struct csr_alone *a, struct view body, struct csr_scratch *x,
                                   struct writer *pem);

#endif
