/* ceremony_judge.h - whether a complaint in a key ceremony is just, and who is at fault.
 *
 * A complaint holds messages of the accused, signed by it, and what else is needed to see the
 * fault; the rest is what every node has at that time: a node complains of a round only once it
 * has all messages of that round, so the others have all of those before it.
 *
 *   MALFORMED     one message whose body is not of its round
 *   EQUIVOCATION  two different messages for one round and receiver
 *   BAD_OPENING   a RHO or OPEN that does not open its COMMIT
 *   BAD_T         of each member of one subset, ascending: an OPEN, to any other member, then a
 *                 T_COMMIT: the accused's does not follow from the OPENs. The seeds are burnt.
 *   BAD_SHARE     an OPEN and a RHO that do not fit: a share of the P-384 key
 *   BAD_REVEAL    T_COMMIT and T_REVEAL that do not fit
 *   BAD_DONE      a DONE with another public key, out of the same messages
 *   BAD_TEST      a TEST with a signature or proof that is not genuine
 *   OTHER_RECORD  a CONFIRM with another record, out of the same messages
 *   DISPUTE       a message, and an ECHO, DONE or CONFIRM of the accused that has another hash
 *                 for it: one of three lies, and the accused has to show what it saw */
#ifndef WIRE_CEREMONY_JUDGE_H
#define WIRE_CEREMONY_JUDGE_H

#include "wire/ceremony_classic.h"

struct ceremony_verdict {
    uint8_t reason;  /* enum ceremony_reason; NO_REASON: a dispute that shows no one's fault yet
                      */
    uint8_t culprit; /* a node */
};

/* Judges a complaint that was decoded from a message of node from, whose signature is genuine.
 * k is what the judge has seen; id is the SHA-384 of its record, NULL: it has none yet.
 * A complaint without reason is the fault of who made it: FALSE_COMPLAINT. */
struct ceremony_verdict ceremony_judge(const struct ceremony_known *k, uint8_t from,
                                       const struct ceremony_complaint *c, const uint8_t *id,
                                       struct ceremony_scratch *scratch);

#endif
