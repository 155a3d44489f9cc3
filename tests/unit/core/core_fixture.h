/* core_fixture.h - a core in this process, with a false clock, a fixed entropy stream and a
 * hand that signs. */
#ifndef TESTS_UNIT_CORE_CORE_FIXTURE_H
#define TESTS_UNIT_CORE_CORE_FIXTURE_H

#include "false_clock.h"
#include "testing.h"

#include "enclave/core/core_step.h"
#include "enclave/selftest/self_test_pq.h"

/* 0, 1, 2, ... in bytes; fails from the call number fail_at on, if that is not 0. */
struct false_entropy {
    uint8_t next;
    uint32_t calls, fail_at;
    struct entropy_source source;
};
void false_entropy_init(struct false_entropy *e);

struct core_fixture {
    struct false_clock clock;
    struct false_entropy entropy;
    struct boot_args args;
    struct p384_key key, audit_key;
    struct core_public public;
    struct p384_signer *signer; /* pages of its own */
    struct pq_key *pq_key;      /* made when a policy first uses it */
    struct pq_signer *pq_signer;
    struct self_test_pq_work *pq_work;
    struct core core;
    struct sign_batch *batch; /* of the latest call, not yet finished */
    uint8_t reply[LIMIT_WRITE_BUFFER];
    struct frame_header head; /* of the latest reply */
    struct view body;
    uint64_t request_id;
};

/* One, for all tests of a program: they are large. Before the self-test ends. clock: enum
 * core_clock. policies: as on the command line. */
struct core_fixture *core_fixture_boot(uint8_t clock, const char *const *policies, size_t n);
/* The usual one: trust-system, policy 1 of 3 digits and 100 to 1000 ms; waits for its
 * activation. */
struct core_fixture *core_fixture_new(void);
/* The same, activated and serving. */
struct core_fixture *core_fixture_serving(void);

/* One frame in, one out. Gives the error of a FRAME_ERROR; ERR_OK: an answer, or a batch under
 * way (f->batch). */
enum err core_fixture_call(struct core_fixture *f, uint8_t type, struct view body);
/* Signs every job of the batch under way and takes its answer. */
void core_fixture_finish(struct core_fixture *f);

/* The same boot record as core_fixture_new() and policy 2, which is the same for KEY_PQ; both
 * keys activated. */
struct core_fixture *core_fixture_both(void);

/* A made-up certificate of that key. */
enum err core_fixture_activate_key(struct core_fixture *f, uint8_t key, uint8_t salt);
/* What R2 names for that key. */
void core_fixture_activation(const struct core_fixture *f, uint8_t key,
                             uint8_t out[ACTIVATION_HASH_LEN]);
/* Of the classic one; salt makes it another one. */
enum err core_fixture_activate(struct core_fixture *f, uint8_t salt);
enum core_state core_fixture_state(struct core_fixture *f, enum err *reason);

/* The value of a row of STATS. */
uint64_t core_fixture_stat(struct core_fixture *f, enum stat_id id);
/* Counts entries of that event whose numbers are a and b (b < 0: any). */
size_t core_fixture_audited(const struct core_fixture *f, enum audit_event event, uint64_t a,
                            int64_t b);

/* Rounds, as a coordinator runs them. */
struct rounds {
    size_t n;
    struct r2_head head;
    uint8_t sid0[STAMP_BATCH_MAX][SID0_LEN];
    uint8_t bodies[STAMP_BATCH_MAX][R1_BODY_LEN];
    uint8_t imprint[HASH_MAX];
    struct r2_stamp stamps[STAMP_BATCH_MAX];
};
enum err rounds_r1(struct core_fixture *f, size_t n, struct rounds *r);
enum err rounds_r1_key(struct core_fixture *f, uint8_t key, size_t n, struct rounds *r);
/* Asks R2, signs, reads the answer: each stamp's result, with its signature checked against the
 * rebuilt bytes. A FRAME_ERROR is given instead. */
enum err rounds_r2(struct core_fixture *f, const struct rounds *r,
                   enum err errs[STAMP_BATCH_MAX]);
/* The same for rounds of one stamp: its result, whichever way it came. */
enum err rounds_r2_one(struct core_fixture *f, const struct rounds *r);
struct view rounds_r2_body(const struct rounds *r, uint8_t *buf, size_t cap);

#endif
