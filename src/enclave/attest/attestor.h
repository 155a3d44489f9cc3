/* attestor.h - whom a core lets into an epoch: the evidence of each node judged by the plan's
 * policy, on a machine that the plan lists for it, and all of them beside one another. What
 * passed is remembered for the epoch: a node that shows evidence again is the same guest on the
 * same machine, unless it was enrolled anew (docs/adr/0046). Then it is a guest that was never
 * seen, on the machine of the order, with the measurement that it had (docs/adr/0049).
 *
 * Pure, no heap: GMP works in an arena of its own. Time is an argument. One thread; another one
 * that judges the same nodes has a copy of its own. Nodes count from 0. */
#ifndef ENCLAVE_ATTEST_ATTESTOR_H
#define ENCLAVE_ATTEST_ATTESTOR_H

#include "attest/evidence_judge.h"
#include "crypto/gmp_arena.h"
#include "crypto/rsa_pss.h"
#include "wire/plan.h"

/* Guests that had a place and lost it. More: whoever is enrolled anew is let in nowhere
 * (ATTEST_ATTESTOR_COPY). */
#define ATTESTOR_FORMER_MAX 32

struct attestor_node {
    uint8_t provider[PLAN_PROVIDER_MAX];
    size_t provider_len;
    uint8_t platforms[PLAN_PLATFORMS_MAX][PLAN_PLATFORM_LEN];
    size_t n_platforms;
    uint32_t incarnation;          /* of whom is let in */
    bool shown;                    /* its evidence passed */
    struct evidence_claims claims; /* then; of the last time */
    bool measured;                 /* an incarnation before passed, with that measurement */
    uint8_t measurement[EVIDENCE_MEASUREMENT_LEN];
};

/* 21 kB. Nothing of it is secret. */
struct attestor {
    bool on; /* the plan has a policy */
    unsigned own, threshold, total;
    uint8_t assurance; /* enum plan_assurance that the plan promises */
    const struct snp_roots *roots;
    struct evidence_policy policy;
    struct attestor_node nodes[PLAN_NODES_MAX];
    bool fenced; /* some node was enrolled anew */
    size_t n_former;
    uint8_t former[ATTESTOR_FORMER_MAX][EVIDENCE_GUEST_LEN];
    struct gmp_arena arena;
    _Alignas(16) uint8_t arena_memory[RSA_PSS_ARENA_LEN];
};

/* By a decoded plan, of which nothing is pointed to afterwards; incarnations are 1. A plan
 * without a policy: off, every judgement fails. roots stay the caller's. own: this node.
 * ATTEST_POLICY_*: the text is no policy. */
MUST_CHECK enum attest_fault attestor_begin(struct attestor *a, const struct plan *p,
                                            unsigned own, const struct snp_roots *roots);

/* A node's evidence, which must vouch for report_data, at at_s. What passes is remembered; it
 * may be shown again, as often as somebody asks.
 *
 * ATTEST_ATTESTOR_OFF. ATTEST_ATTESTOR_NODE: no node, or another incarnation than is let in.
 * As evidence_judge(). ATTEST_ATTESTOR_PLATFORM: not a machine that it is to run on, or one
 * that is not told. ATTEST_ATTESTOR_COPY: a guest that had a place before a fence.
 * ATTEST_ATTESTOR_GUEST: another guest or machine than it showed before.
 * ATTEST_ATTESTOR_MEASUREMENT: enrolled anew, and another measurement than before.
 * ATTEST_ATTESTOR_ASSURANCE: the plan promises hardware, and this is software that plays it.
 * After a fence besides, as evidence_judge_roster() of those who passed: from then on each is
 * set beside the others at once. */
MUST_CHECK enum attest_fault attestor_judge(struct attestor *a, unsigned node,
                                            uint32_t incarnation, struct view block,
                                            const uint8_t report_data[EVIDENCE_DATA_LEN],
                                            int64_t at_s);

/* Whether that node's evidence passed. */
bool attestor_has(const struct attestor *a, unsigned node);

/* Once the evidence of all others and the own one are here: whether they may share a key.
 * ATTEST_ATTESTOR_OFF. ATTEST_ROSTER_SIZE: one is missing. As evidence_judge_roster(). */
MUST_CHECK enum attest_fault attestor_judge_all(const struct attestor *a);

/* A node is another process from now on: what it showed is forgotten, but for its guest, which
 * is let in nowhere any more (TDX tells none), and its measurement, which stays. platform: the
 * one on which it must run, of the order of the operators; NULL: any that the plan lists for
 * it. */
void attestor_fence(struct attestor *a, unsigned node, uint32_t incarnation,
                    const uint8_t *platform);

/* The least that all nodes' evidence is worth: ATTEST_ASSURANCE_NONE where one is missing. */
enum attest_assurance attestor_assurance(const struct attestor *a);

/* A copy for another thread, with an arena of its own. */
void attestor_copy(struct attestor *to, const struct attestor *from);

#endif
