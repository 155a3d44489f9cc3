/* quorum_node.h - a core's answers to R1, R2, SIGN_CSR and R3 of the pq key: its party of the
 * quorum, with a judge that is always content. Whatever a test wants it to say wrongly, it
 * says. */
#ifndef TESTS_QUORUM_NODE_H
#define TESTS_QUORUM_NODE_H

#include "party_kit.h"

#include "wire/frame.h"

struct quorum_node {
    struct party_kit *kit;
    unsigned party;
    int64_t now_ns; /* of its clock, which its spans are of */
};

/* What the signers sign in these tests: mu of the stamp's X. */
void quorum_node_mu(const struct stamp *st, uint8_t mu[MLDSA_MU_LEN]);

/* The body of the answer; or why there is none. */
enum err quorum_node_answer(struct quorum_node *n, enum frame_type type, struct view body,
                            struct writer *w);

#endif
