/* reenrol_parts.h - what the files of this room share; nobody else includes it. */
#ifndef ENCLAVE_REPAIR_REENROL_PARTS_H
#define ENCLAVE_REPAIR_REENROL_PARTS_H

#include "enclave/repair/reenrol.h"

/* One call of the machine. */
struct reenrol_step {
    struct reenrol *r;
    const struct reenrol_tools *tools;
    int64_t now_ns;
    struct writer *out;
};

static inline bool reenrol_is_helper(const struct reenrol *r, unsigned node)
{
    return (r->of.helpers >> node & 1) == 1;
}

static inline bool reenrol_is_of(const struct reenrol *r, unsigned node)
{
    return node == r->of.target || reenrol_is_helper(r, node);
}

/* ---- reenrol.c ---- */

/* Ends it, with all that is secret erased. accused: a place, or REENROL_NOBODY. */
void reenrol_end(const struct reenrol_step *s, enum err e, uint8_t accused);
/* All is said; the node keeps what it heard until reenrol_finish(). */
void reenrol_done(const struct reenrol_step *s);
/* Seals and writes one message. A failure ends it: nobody's fault. */
void reenrol_say(const struct reenrol_step *s, uint8_t to, uint8_t round, struct view plain);

/* Writes one packet. */
void reenrol_send(const struct reenrol_step *s, uint8_t to, struct view bytes);

/* ---- reenrol_attest.c ---- */

/* From here on channels are judged, where the plan says so. ERR_POLICY: tools cannot. */
MUST_CHECK enum err reenrol_attest_begin(const struct reenrol_step *s);

/* ---- reenrol_say.c: a helper ---- */

MUST_CHECK enum err reenrol_split(const struct reenrol_step *s, const struct tecdsa_key *key);
/* The channel to a peer is verified. */
void reenrol_meet(const struct reenrol_step *s, uint8_t peer);
/* The deal of another helper. As reenrol_hear(). */
MUST_CHECK enum err reenrol_hear_deal(const struct reenrol_step *s, uint8_t from,
                                      struct view plain);

/* ---- reenrol_hear.c: the node, and what both hear ---- */

MUST_CHECK enum err reenrol_await(const struct reenrol_step *s, const struct tecdsa_key *key);
/* What a peer said. On failure it is dropped; who is at fault has ended it by then. */
MUST_CHECK enum err reenrol_hear(const struct reenrol_step *s, uint8_t from, uint8_t round,
                                 struct view plain);
/* Whether a show is this repair's, of that helper and signed by it. */
MUST_CHECK enum err reenrol_check_show(const struct reenrol_step *s, uint8_t from,
                                       const struct reenrol_show *show);
/* e of a check of what from said: ERR_STATE and ERR_STALE drop it, a failure of this core ends
 * it without blame, and anything else is the fault of from. Gives e. */
MUST_CHECK enum err reenrol_verdict(const struct reenrol_step *s, uint8_t from, enum err e);
MUST_CHECK enum err reenrol_join(const struct reenrol_step *s,
                                 struct tmldsa_share_scratch *scratch,
                                 struct reenrol_shares *out);

#endif
