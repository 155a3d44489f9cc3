/* ceremony_test.h - the signatures that end a ceremony: one by each quorum, so that every share
 * is seen to work before the key is of use (threshold-ml-dsa A3, R6).
 *
 * A node goes through the quorums that it belongs to, ascending. All members of a quorum do the
 * same: the least quorum that is not done is under way at each of them, so none waits for
 * another in a circle. Half of the attempts give no signature, and the next one follows. */
#ifndef ENCLAVE_CEREMONY_CEREMONY_TEST_H
#define ENCLAVE_CEREMONY_CEREMONY_TEST_H

#include "crypto/tmldsa/tmldsa_blame.h"
#include "wire/ceremony_msg.h"

/* Attempts of one quorum. All fail with a probability of about 2^-64. */
#define CEREMONY_ATTEMPTS_MAX 64

enum ceremony_test_stage {
    CEREMONY_TEST_IDLE = 0,
    CEREMONY_TEST_COMMITTED,
    CEREMONY_TEST_REVEALED,
    CEREMONY_TEST_RESPONDED,
    CEREMONY_TEST_OVER, /* all own quorums have signed */
};

struct ceremony_early {
    bool there;
    uint8_t attempt;
    struct tmldsa_commitment commitment;
};

/* Lives in locked memory. */
struct ceremony_test {
    enum ceremony_test_stage stage;
    size_t n, at; /* own quorums; the one under way */
    uint8_t quorums[CEREMONY_SUBSETS_MAX];
    uint8_t attempt;
    /* Who has sent what of this attempt: bit i is node i. */
    uint8_t committed, revealed, responded;
    uint8_t node_key[TMLDSA_NODE_KEY_LEN];
    struct tmldsa_batch batch;
    struct tmldsa_session session;
    uint8_t said[PLAN_NODES_MAX][TMLDSA_SESSION_ID_LEN]; /* the session of each REVEAL */
    struct view responses[PLAN_NODES_MAX];
    /* Commitments that came before their attempt began here. */
    struct ceremony_early early[CEREMONY_SUBSETS_MAX][PLAN_NODES_MAX];
    uint8_t signatures[CEREMONY_SUBSETS_MAX][CEREMONY_SIGNATURE_LEN];
    struct tmldsa_respond_scratch respond;
    struct tmldsa_blame_scratch blame;
};

/* Which quorums a node belongs to. t is zero before. */
void ceremony_test_init(struct ceremony_test *t, const struct plan *plan, unsigned own);

/* Bytes of room for what the members of a quorum show one another. */
size_t ceremony_test_room(const struct tmldsa_params *p);

/* How many quorums come before the one under way, of all: 0 before the first. */
unsigned ceremony_test_order(const struct ceremony_test *t, const struct plan *plan);

/* The first node that the quorum under way waits for; CEREMONY_NOBODY: none. */
uint8_t ceremony_test_awaits(const struct ceremony_test *t, uint8_t total);

#endif
