/* evidence_file.h - what the cores of an authority show of their machines to one nonce, as GET
 * /evidence gives it. docs/wire.md 17.1. */
#ifndef WIRE_EVIDENCE_FILE_H
#define WIRE_EVIDENCE_FILE_H

#include "wire/evidence_call.h"

#define EVIDENCE_FILE_MAGIC "QUORATE-EVIDENCE-1\n"
#define EVIDENCE_FILE_NODES_MAX 8
#define EVIDENCE_FILE_HELLO_MAX 4096 /* bytes of a HELLO answer */
#define EVIDENCE_FILE_NODE_MAX (4 + 2 + EVIDENCE_FILE_HELLO_MAX + 4 + EVIDENCE_MAX)
#define EVIDENCE_FILE_MAX (19 + 32 + 1 + EVIDENCE_FILE_NODES_MAX * EVIDENCE_FILE_NODE_MAX)

struct evidence_file_node {
    uint32_t incarnation; /* as REPORT_DATA has it */
    struct view hello;    /* its HELLO, to which the evidence is bound */
    struct view block;
};

struct evidence_file {
    uint8_t nonce[REPORT_DATA_NONCE_LEN];
    size_t n; /* 1 to EVIDENCE_FILE_NODES_MAX */
    struct evidence_file_node nodes[EVIDENCE_FILE_NODES_MAX];
};

void evidence_file_encode(struct writer *w, const struct evidence_file *f);

/* REPORT_DATA that the evidence of a node with that HELLO, decoded as *hello, must vouch for.
 */
void evidence_file_report_data(const struct evidence_file *f,
                               const struct evidence_file_node *node, const struct hello *hello,
                               uint8_t out[REPORT_DATA_LEN]);

/* Reads a whole one and nothing after it; what is in HELLO and block is not looked at. Views
 * point into bytes. On failure *out is zero. ERR_TAG: another file. ERR_TRUNCATED,
 * ERR_TRAILING. ERR_RANGE: no or too many nodes. ERR_LENGTH: an empty HELLO or block, or one
 * over its cap. */
MUST_CHECK enum err evidence_file_decode(struct view bytes, struct evidence_file *out);

#endif
