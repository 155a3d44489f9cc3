/* quorum_fixture.h - five cores in this process that share a pq key of 3, and the coordinator
 * between them. The key is a dealer's: the ceremony has tests of its own. */
#ifndef TESTS_UNIT_CORE_QUORUM_FIXTURE_H
#define TESTS_UNIT_CORE_QUORUM_FIXTURE_H

#include "core_fixture.h"
#include "tmldsa_kit.h"

#include "enclave/core/core_quorum.h"
#include "enclave/quorum/pq_worker.h"

#define NODES 5
#define SIGNERS 3

struct member {
    struct core core;
    struct boot_args args;
    struct false_clock clock;
    struct false_entropy entropy;
    struct ed25519_key identity;
    struct work_stack *stack;
    struct pq_worker *worker;
    uint8_t *room;
    struct pq_party party;
    struct sign_batch *batch; /* of the latest call, not yet finished */
    int fd;                   /* to where it runs; -1: it is driven here */
    uint64_t request_id;
    uint8_t reply[LIMIT_FRAME_LONG];
    struct frame_header head; /* of the latest reply */
    struct view body;
};

/* One session as the coordinator sees it. */
struct session {
    unsigned act; /* mask of places */
    uint8_t sid0[SID0_LEN];
    uint8_t imprint[HASH_MAX];
    struct r2_head head;
    uint8_t r1s[STAMP_T_MAX * R1_MAX_LEN]; /* in the order of signers */
    struct r2_stamp stamp;
    struct stamp st; /* after session_fix() */
    uint8_t mu[SIGN_DIGEST_LEN];
    uint8_t sigs[SIGNERS][QUORUM_SIG_LEN];
    uint8_t *w[SIGNERS];
    struct quorum_word reveals[SIGNERS]; /* copies, of w and sigs */
};

struct quorum_fixture {
    struct tmldsa_kit *math;
    struct plan plan;
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint64_t noise;
    struct member *members[NODES];
    struct session session;
};

/* All serve, with so many batches each. Fresh at each call; the key is the same. */
struct quorum_fixture *quorum_fixture_new(size_t pool);
/* The same, but no key has a certificate yet. */
struct quorum_fixture *quorum_fixture_waiting(size_t pool);
/* Gives both keys of all cores one. */
void quorum_fixture_activate(struct quorum_fixture *f);
/* Two batches each, and the clock nts: each had one sample, that of the last is off by so much.
 * They have not looked at one another's clocks. */
struct quorum_fixture *quorum_fixture_nts(int64_t off_ns);
void quorum_fixture_free(struct quorum_fixture *f);

/* Empty places are filled, as workers do it. */
void quorum_fixture_fill(struct quorum_fixture *f);
/* So much later that no R1 is open any more; pools are full again. */
void quorum_fixture_renew(struct quorum_fixture *f);
/* Time goes on for everybody. */
void quorum_fixture_go(struct quorum_fixture *f, int64_t ns);

/* A sample of now that is off by that much. */
void member_sample(struct member *m, int64_t off_ns);

/* One frame to one core. Gives the error of a FRAME_ERROR; ERR_OK: an answer, or a batch under
 * way. */
enum err member_call(struct member *m, uint8_t type, struct view body);
/* A worker does what is under way, and the answer is taken; whom: nobody waits for it. */
void member_finish(struct member *m, bool nobody);
/* The same through a socket, in two halves: a frame, and whichever answer comes next. */
void member_send(struct member *m, uint8_t type, struct view body);
void member_receive(struct member *m);
/* How often it audited that. */
size_t member_audited(const struct member *m, enum audit_event event, uint64_t a, uint64_t b);
uint64_t member_stat(struct member *m, enum stat_id id);

/* A member of the session by its place among the signers. */
struct member *session_member(struct quorum_fixture *f, size_t at);

/* Asks all of act for an R1. */
enum err session_r1(struct quorum_fixture *f, unsigned act);
/* One of them again, with the same sid0. */
enum err session_r1_again(struct quorum_fixture *f, size_t at);
/* Signs the R1 of a place anew, as its core could: a liar's. */
void session_sign_r1(struct quorum_fixture *f, size_t at);
/* Computes what follows from the R1s. */
void session_fix(struct quorum_fixture *f);
/* Round 2 of one signer: what stands in its answer, or the error of the frame. */
enum err session_r2(struct quorum_fixture *f, size_t at);
/* The R3 for one signer, and its answer. */
struct view session_r3_body(struct quorum_fixture *f, size_t at);
enum err session_r3(struct quorum_fixture *f, size_t at);
/* Takes the answer to an R3 that is finished. */
enum err session_respond(struct quorum_fixture *f, size_t at);
/* All rounds. Whether a signature came of it: about every second time. It is then verified. */
bool session_run(struct quorum_fixture *f, unsigned act);

#endif
