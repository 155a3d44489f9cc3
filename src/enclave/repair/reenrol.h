/* reenrol.h - one core's part when a lost node gets its shares of both keys again: packets in,
 * packets out (threshold-security F4; docs/wire.md 15). What is done is crypto/tecdsa's and
 * crypto/tmldsa's repair; here is who speaks when, over channels of its own, and who is at
 * fault. No kernel, no heap: time, randomness and memory are arguments.
 *
 * Of a plan with a policy each channel has evidence of both ends, judged before anything goes
 * over it: who gets a share, and whom it believes, run on the machines that the plan and the
 * order name. Whose evidence is refused ends the attempt at who refuses it; nobody is accused,
 * as nobody is known to have sent it (docs/adr/0049).
 *
 * Before: the order is judged and taken (reenrol_roster_take()), all that knows the lost node
 * is void (the fence), and it is in the audit ring. Then three helpers and the node each begin
 * with the same order and helpers. What was not heard within LIMIT_REENROL_NS ends it, and so
 * does whoever is at fault; the next attempt takes another order. */
#ifndef ENCLAVE_REPAIR_REENROL_H
#define ENCLAVE_REPAIR_REENROL_H

#include "enclave/channel/pq1.h"
#include "wire/reenrol_call.h"
#include "wire/reenrol_msg.h"

/* Bytes that one call writes at most: the own evidence goes out to one peer at a time. */
#define REENROL_EVIDENCE_LEN (REENROL_PACKET_HEAD + REENROL_PACKET_MAX)
#define REENROL_OUT_MAX (16384 + REENROL_EVIDENCE_LEN)

/* Evidence, of a plan with a policy; self is handed to each. ask: of the own machine, for the
 * channel to that peer; answer: ERR_BUSY while it is made, and the block is valid until the
 * next call. judge: of a peer, or the own. Any other error ends the attempt. */
struct reenrol_attest {
    enum err (*ask)(void *self, uint8_t peer, const uint8_t report_data[REPORT_DATA_LEN]);
    enum err (*answer)(void *self, uint8_t peer, struct view *block);
    enum err (*judge)(void *self, uint8_t node, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN]);
    void *self;
};

/* What a core works with; all the caller's. */
struct reenrol_tools {
    struct pq1_tools pq1;
    const struct ed25519_key *signing_key;
    const struct reenrol_attest *attest; /* NULL: plans with a policy are refused */
};

/* What all four have in common. */
struct reenrol_setup {
    const struct plan *plan;             /* as the roster has left it; stays where it is */
    const struct reenrol_roster *roster; /* the order is the last taken of its node */
    const struct reenrol_order *order;
    unsigned helpers;             /* three places, a mask */
    const struct tecdsa_key *key; /* stays where it is */
};

/* What a helper has. */
struct reenrol_holder {
    const struct tecdsa_share *classic;
    const struct tmldsa_share *pq;
    uint64_t repetitions; /* that it has answered with the pq key */
};

/* What the node knows of the pq key from the record; stays where it is until the end. */
struct reenrol_public {
    struct tmldsa_repair_public pq;
    struct tmldsa_keygen_scratch *scratch;
};

/* What the node has in the end. */
struct reenrol_shares {
    struct tmldsa_share pq;
    struct tecdsa_share classic;
    uint64_t repetitions; /* the highest that a helper told: the own count starts there */
};

/* Lives in locked memory. Zero before the first use. */
struct reenrol {
    enum reenrol_state state;
    enum err err; /* why it ENDED */
    uint8_t accused;
    uint8_t own;
    int64_t deadline_ns;
    uint64_t dropped; /* packets that were not taken */
    uint32_t attempt;
    const struct plan *plan;
    struct tecdsa_repair_of of;
    uint8_t id[TECDSA_HASH_LEN];
    struct pq1 channels[PLAN_NODES_MAX];
    const struct reenrol_attest *attest; /* NULL: the plan has no policy */
    struct pq1_judge judge;              /* of the channels */
    enum err refused;                    /* what it gave last */
    bool own_passed;                     /* the own evidence would be let in */
    unsigned asked;                      /* for whom evidence of the own is made, a mask */
    unsigned told;                       /* a helper: who has its deal or show, a mask */
    unsigned shown;                      /* whose shows are here, a mask */
    struct reenrol_show shows[PLAN_NODES_MAX];

    struct reenrol_holder holder; /* of a helper */
    struct tecdsa_helper helper;
    struct reenrol_public known; /* of the node */
    struct tecdsa_repaired repaired;
    struct tmldsa_repair secrets;
    unsigned waiting; /* whose sums came before all shows, a mask */
    struct reenrol_sum sums[PLAN_NODES_MAX];
    uint64_t repetitions;
};

/* Begins as a helper, and writes packets. ERR_STATE: one is under way; ERR_MISMATCH: the order
 * is not the last that the roster has of its node; ERR_RANGE: helpers are no three nodes with
 * this one and without the target; ERR_POLICY: tools have no evidence for a plan with a policy;
 * ERR_BUG, and what pq1_begin() gives. Nothing has begun then.
 */
MUST_CHECK enum err reenrol_help(struct reenrol *r, const struct reenrol_tools *tools,
                                 const struct reenrol_setup *setup,
                                 const struct reenrol_holder *holder, int64_t now_ns,
                                 struct writer *out);

/* Begins as the node of the order; the same. */
MUST_CHECK enum err reenrol_ask(struct reenrol *r, const struct reenrol_tools *tools,
                                const struct reenrol_setup *setup,
                                const struct reenrol_public *known, int64_t now_ns,
                                struct writer *out);

/* Takes one packet and writes others. What is for another, not of this repair, not genuine or
 * not awaited is dropped and counted. */
void reenrol_take(struct reenrol *r, const struct reenrol_tools *tools,
                  const struct reenrol_packet *in, int64_t now_ns, struct writer *out);

/* Whether evidence of the own machine is on its way: reenrol_poll() is to be called now and
 * then. */
bool reenrol_awaits_evidence(const struct reenrol *r);

/* Sends evidence that has come, to one peer. */
void reenrol_poll(struct reenrol *r, const struct reenrol_tools *tools, int64_t now_ns,
                  struct writer *out);

/* To be called now and then. Ends with ERR_IO in place of ERR_DEADLINE where it was the own
 * evidence that did not come. */
void reenrol_tick(struct reenrol *r, int64_t now_ns);

/* Of the node, once DONE: its shares; the rest is erased. On failure *out is zero. ERR_STATE:
 * not DONE, or not a second time. ERR_RANGE, as tmldsa_share_load(). */
MUST_CHECK enum err reenrol_finish(struct reenrol *r, const struct reenrol_tools *tools,
                                   struct tmldsa_share_scratch *scratch,
                                   struct reenrol_shares *out);

/* Erases all of it. */
void reenrol_wipe(struct reenrol *r);

#endif
