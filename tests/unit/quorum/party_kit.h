/* party_kit.h - all parties of a pq key in one process, and the rounds between them. */
#ifndef TESTS_PARTY_KIT_H
#define TESTS_PARTY_KIT_H

#include "tmldsa_kit.h"

#include "enclave/quorum/pq_party.h"

#define MS INT64_C(1000000)

struct party_node {
    struct work_stack *stack;
    struct ed25519_key identity;
    uint8_t *room;
    struct pq_party party;
};

/* One session as the host sees it. */
struct party_run {
    struct r2_head head;
    uint8_t r1s[STAMP_T_MAX * R1_MAX_LEN]; /* in the order of signers */
    uint8_t x[STAMP_X_LEN], mu[MLDSA_MU_LEN];
    uint8_t sig[STAMP_T_MAX][QUORUM_SIG_LEN];
    struct quorum_word reveals[STAMP_T_MAX];
};

struct party_kit {
    struct tmldsa_kit *math;
    struct plan plan;
    uint8_t epoch_id[EPOCH_ID_LEN];
    int64_t now_ns;
    struct party_node nodes[PLAN_NODES_MAX];
    uint64_t noise;
};

struct party_kit *party_kit_new(const struct mldsa_params *set, unsigned t, unsigned n,
                                size_t pool);
void party_kit_free(struct party_kit *k);

/* Fills every pool. */
void party_kit_fill(struct party_kit *k);

/* Round 1 of act, mask of places: R1s with offers and proofs, a fresh x and mu. */
void party_round_1(struct party_kit *k, unsigned act, struct party_run *run);
/* Round 2 of one signer, by its place among the signers. */
enum err party_round_2(struct party_kit *k, struct party_run *run, size_t at);
/* What the host sends that signer in round 3. */
void party_r3(const struct party_kit *k, const struct party_run *run, size_t at, struct r3 *m);
/* Round 3 of one signer: its response goes to the maths kit. */
enum err party_round_3(struct party_kit *k, struct party_run *run, size_t at);
/* All rounds; whether a signature came out, which is then in math->sig and verified. */
bool party_sign(struct party_kit *k, unsigned act);

#endif
