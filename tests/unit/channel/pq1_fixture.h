/* pq1_fixture.h - two ends of a PQ/1 channel, and a host between them that may do what it
 * likes. */
#ifndef TESTS_PQ1_FIXTURE_H
#define TESTS_PQ1_FIXTURE_H

#include "testing.h"

#include "enclave/channel/pq1.h"

#define NOW INT64_C(1000000000)

/* One core: its identity, and what its steps work on. */
struct end {
    struct pq1 c;
    struct drbg drbg;
    struct p384_signer *signer;
    struct p384_key identity;
    struct pq1_work *work;
    struct pq1_tools tools;
};

/* The messages of one channel that is made, by who sent them. */
struct talk {
    uint8_t bytes[2][3][PQ1_MESSAGE_MAX]; /* end, then Hello, KEM, Finished */
    size_t n[2][3];
    enum err took[2][3]; /* what the other end said to it */
};

/* Changes a message on its way; from: 0 or 1, which: 0 to 2. */
typedef void (*tamper_fn)(struct talk *t, size_t from, size_t which, void *arg);

/* A core whose randomness and identity come from seed. */
void end_new(struct end *e, uint8_t seed);
void end_free(struct end *e);

/* The setup of a pair, from the side of end 0 or 1 of both: alice has index 0, bob 4. */
struct pq1_setup setup_of(const struct end *both, size_t own);

/* Both ends, ready to begin. */
void pair_new(struct end *both);
void pair_free(struct end *both);

/* Begins at both ends and carries all messages, tampered with by fn (may be NULL). What an end
 * refuses is noted, and the rest goes on. */
void pair_talk(struct end *both, struct talk *t, tamper_fn fn, void *arg);

/* Each opens what the other seals. */
void assert_pair_works(struct end *both);
/* Neither is verified, and nothing of what was being made is left. */
void assert_nothing_made(struct end *both);
bool is_zero(const void *p, size_t n);

#endif
