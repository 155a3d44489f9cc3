/* ceremony_parts.h - what the files of the ceremony share; nobody else includes it. */
#ifndef ENCLAVE_CEREMONY_CEREMONY_PARTS_H
#define ENCLAVE_CEREMONY_CEREMONY_PARTS_H

#include "enclave/ceremony/ceremony.h"

/* One call of the machine. */
struct ceremony_call {
    struct ceremony *c;
    const struct ceremony_tools *tools;
    int64_t now_ns;
    struct writer *out;
};

/* ---- ceremony_send.c ---- */

/* Signs and writes one message; one to all is kept among the messages too. A failure ends the
 * ceremony: OWN_FAULT. */
void ceremony_send(const struct ceremony_call *call, uint8_t round, uint8_t to,
                   struct view body);

/* Ends what was written to w, and sends it to all. */
void ceremony_send_written(const struct ceremony_call *call, uint8_t round, struct writer *w);

/* Signs a message to whole, of which *n bytes are then written. ERR_NOSPACE: cap. */
MUST_CHECK enum err ceremony_sign(const struct ceremony_call *call, struct ceremony_msg *m,
                                  uint8_t *whole, size_t cap, size_t *n);

/* Keeps a message; the view of it is then in the store. ERR_NOSPACE: never, as lengths are
 * bounded before. */
MUST_CHECK enum err ceremony_keep(struct ceremony *c, const struct ceremony_msg *m);

/* Ends the ceremony, erases what is secret, and tells the others. */
void ceremony_abort(const struct ceremony_call *call, uint8_t reason, uint8_t accused);

/* The same with proof for the others. */
void ceremony_complain(const struct ceremony_call *call, uint8_t reason, uint8_t accused,
                       const struct ceremony_msg *proof, size_t n);

/* Shows a message for which voucher has another hash, and waits. */
void ceremony_dispute(const struct ceremony_call *call, const struct ceremony_msg *original,
                      const struct ceremony_msg *voucher);

/* Erases what the rounds needed: seeds, channels, signatures. The share stays. */
void ceremony_forget(const struct ceremony_call *call);

/* Ends it without a word. */
void ceremony_end(const struct ceremony_call *call, const struct ceremony_end *end);

static inline bool ceremony_runs(const struct ceremony_call *call)
{
    return call->c->state == CEREMONY_RUNNING;
}

/* ---- ceremony.c ---- */

/* Sets the time until which the others have to send what is awaited now. */
void ceremony_wait(const struct ceremony_call *call);

/* ---- ceremony_rounds.c, ceremony_keys.c ---- */

/* What a round begins with, and what it ends with once all messages are there. */
void ceremony_round_begin(const struct ceremony_call *call);
void ceremony_round_end(const struct ceremony_call *call);

void ceremony_begin_commit(const struct ceremony_call *call);
void ceremony_begin_sealed(const struct ceremony_call *call);
void ceremony_begin_t_commit(const struct ceremony_call *call);
void ceremony_begin_t_reveal(const struct ceremony_call *call);
void ceremony_end_sealed(const struct ceremony_call *call);
void ceremony_end_rho(const struct ceremony_call *call);
void ceremony_end_t_commit(const struct ceremony_call *call);
void ceremony_end_t_reveal(const struct ceremony_call *call);

/* ---- ceremony_attest.c: for plans with a policy alone ---- */

/* What tools have judge by that plan. ERR_POLICY: nobody. */
MUST_CHECK enum err ceremony_attest_begin(struct ceremony *c,
                                          const struct ceremony_attest *attest);

/* A channel that was just told a Hello: asks for evidence if it wants some. False: it wants
 * none, and its KEM is written. */
bool ceremony_attest_wanted(const struct ceremony_call *call, uint8_t peer);

/* Gives channels what came; their KEMs go out. */
void ceremony_attest_give(const struct ceremony_call *call);

/* Why a channel failed: CEREMONY_EVIDENCE or CEREMONY_CHANNEL. */
uint8_t ceremony_attest_reason(const struct ceremony *c, enum err e);

/* All channels are verified: may these nodes share a key? If not, the ceremony has ended. */
void ceremony_attest_judge_all(const struct ceremony_call *call);

/* ---- ceremony_classic_part.c: for plans with a shared P-384 key alone ---- */

/* Deals, and writes the commitment. ERR_IO: no randomness. */
MUST_CHECK enum err ceremony_classic_deal(const struct ceremony_call *call, struct writer *w);

/* The share of a peer. */
void ceremony_classic_deal_to(const struct ceremony_call *call, uint8_t peer, struct writer *w);

/* Whether each share fits the opening that belongs to it, and all give a key; if not, the
 * ceremony has ended. All RHO are there and open their commitments. */
void ceremony_classic_finish(const struct ceremony_call *call);

/* The proof that this node holds its share. ERR_IO: no randomness. */
MUST_CHECK enum err ceremony_classic_prove(const struct ceremony_call *call, struct writer *w);

static inline bool ceremony_has_classic(const struct ceremony *c)
{
    return c->plan.classic == PLAN_CLASSIC_SHARED;
}

/* The shared P-384 key, or NULL. */
static inline const struct tecdsa_key *ceremony_classic(const struct ceremony *c)
{
    return ceremony_has_classic(c) ? &c->classic : NULL;
}

/* ---- ceremony_test.c ---- */

void ceremony_test_begin(const struct ceremony_call *call);

/* A message of the three rounds of a signature, not yet verified. Whether it was of use. */
bool ceremony_test_take(const struct ceremony_call *call, const struct ceremony_msg *m);

/* ---- ceremony_take.c ---- */

/* One message from outside. Whether it was of use. */
bool ceremony_take(const struct ceremony_call *call, const struct ceremony_msg *m);

#endif
