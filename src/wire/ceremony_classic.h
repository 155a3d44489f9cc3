/* ceremony_classic.h - the P-384 key that the nodes of a ceremony make together, where the plan
 * says so (PLAN_CLASSIC_SHARED): what can be checked of it by whoever has the messages.
 * docs/wire.md 4.6. The mathematics is crypto/tecdsa/tecdsa_keygen.h with the ceremony's sid.
 *
 * All functions are for plans with such a key alone, and messages that passed
 * ceremony_body_check(). They multiply points: with k->stack on that stack, and without it
 * where they are called, with GMP's memory from the heap. */
#ifndef WIRE_CEREMONY_CLASSIC_H
#define WIRE_CEREMONY_CLASSIC_H

#include "wire/ceremony_known.h"

/* What a record has of the key: public key (04 | X | Y), and the public share of each node. */
#define CEREMONY_CLASSIC_ROOM (TECDSA_POINT_LONG + PLAN_NODES_MAX * TECDSA_POINT_LEN)
struct ceremony_classic_bytes {
    uint8_t bytes[CEREMONY_CLASSIC_ROOM];
    size_t n;
};
size_t ceremony_classic_len(const struct plan *p);
void ceremony_classic_encode(const struct tecdsa_key *key, struct ceremony_classic_bytes *out);

/* What is the same in all calls of the mathematics. */
struct tecdsa_ceremony ceremony_classic_rules(const struct ceremony_known *k);

/* Runs fn(arg) on k->stack, if there is one. What fn gives, or work_stack_run_gmp(). */
MUST_CHECK enum err ceremony_classic_run(const struct ceremony_known *k,
                                         enum err (*fn)(void *arg), void *arg);

/* A RHO against its sender's COMMIT. ERR_MISMATCH: it opens another commitment, has no points
 * of the curve, or proves nothing. */
MUST_CHECK enum err ceremony_classic_check_opening(const struct ceremony_known *k,
                                                   const struct ceremony_msg *commit,
                                                   const struct ceremony_msg *rho);

/* An OPEN against a RHO of the same sender. ERR_MISMATCH: its share is not the one that the
 * opening gives its receiver. */
MUST_CHECK enum err ceremony_classic_check_share(const struct ceremony_known *k,
                                                 const struct ceremony_msg *rho,
                                                 const struct ceremony_msg *open);

/* What all RHO open. ERR_ENCODING, ERR_RANGE: one is no opening, or the key is infinity. */
MUST_CHECK enum err ceremony_classic_openings(const struct ceremony_known *k,
                                              struct tecdsa_opening out[PLAN_NODES_MAX]);

/* The key of all RHO, which are there. What ceremony_classic_openings() gives. */
MUST_CHECK enum err ceremony_classic_key(const struct ceremony_known *k,
                                         struct tecdsa_key *out);

/* What a TEST's proof is bound to. */
struct tecdsa_proof_of ceremony_classic_proof_of(const struct ceremony_known *k,
                                                 uint8_t sender);

/* A TEST's proof that its sender knows its share. ERR_SIGNATURE. */
MUST_CHECK enum err ceremony_classic_check_holder(const struct ceremony_known *k,
                                                  const struct tecdsa_key *key,
                                                  const struct ceremony_msg *test);

#endif
