/* evidence_call.h - EVIDENCE: a core is asked to show the machine that it runs on. docs/wire.md
 * 17. */
#ifndef WIRE_EVIDENCE_CALL_H
#define WIRE_EVIDENCE_CALL_H

#include "wire/evidence.h"
#include "wire/report_data.h"

#define EVIDENCE_ANSWER_MAX (1 + 4 + EVIDENCE_MAX) /* bytes of a body */

struct evidence_ask {
    uint8_t purpose;                      /* REPORT_ASKED or REPORT_EPOCH */
    uint8_t nonce[REPORT_DATA_NONCE_LEN]; /* zero for REPORT_EPOCH */
};
void evidence_ask_encode(struct writer *w, const struct evidence_ask *a);
/* ERR_TRUNCATED, ERR_TRAILING. ERR_RANGE: another purpose, or a nonce for REPORT_EPOCH. */
MUST_CHECK enum err evidence_ask_decode(struct view body, struct evidence_ask *out);

struct evidence_answer {
    bool here;            /* false: it is being made; to be asked again */
    uint32_t incarnation; /* of this core's place, as REPORT_DATA has it; 0: none */
    struct view block;    /* empty unless it is here */
};
void evidence_answer_encode(struct writer *w, const struct evidence_answer *a);
/* Views point into body; the block is not looked at. ERR_TRUNCATED. ERR_RANGE: neither here nor
 * not, or a block that should not be there or is missing. ERR_LENGTH: over EVIDENCE_MAX. */
MUST_CHECK enum err evidence_answer_decode(struct view body, struct evidence_answer *out);

#endif
