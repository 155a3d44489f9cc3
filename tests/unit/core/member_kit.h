/* member_kit.h - the cores of one key, all in this process, and a host that relays between
 * them frame by frame. */
#ifndef TESTS_UNIT_CORE_MEMBER_KIT_H
#define TESTS_UNIT_CORE_MEMBER_KIT_H

#include "false_clock.h"
#include "testing.h"

#include "enclave/core/core_step.h"
#include "enclave/member/core_member.h"
#include "wire/plan.h"

#define MEMBER_INBOX 2097152

struct member_node {
    struct false_clock clock;
    struct entropy_source entropy;
    struct drbg stream; /* what it draws */
    bool no_entropy;
    void *signer_pages;
    struct p384_signer *signer;
    struct pq1_work work;
    struct identity identity;
    struct p384_key classic;
    uint8_t *memory;     /* of the member */
    void *presign_pages; /* of another signer; NULL: it makes no presignatures */
    struct core core;
    struct ceremony_answer said; /* last; its messages are gone */
    bool deaf;                   /* gets nothing any more */
    size_t in_len;
    uint8_t inbox[MEMBER_INBOX]; /* messages for it */
};

struct member_kit {
    struct boot_args args;
    bool presigns;
    struct member_node *nodes;    /* MEMBER_TOTAL, and room for one that comes later */
    unsigned fresh;               /* processes that came later */
    struct p384_key operator_key; /* after member_kit_operator() */
    struct plan plan;
    uint8_t plan_bytes[PLAN_MAX];
    struct view encoded;
    size_t answer_room;                           /* bytes that an answer has */
    size_t steps, slices;                         /* STEPs; of these, those that said more */
    void (*watch)(void *user, struct view frame); /* every frame, either way; or NULL */
    void *user;
    uint8_t *reply;
    struct frame_header head; /* of the latest reply */
    struct view body;
};

/* All started, none with a ceremony; their plan from their HELLOs. */
struct member_kit *member_kit_new(void);
/* The same, and each can make presignatures once a ceremony is over whose plan shares the
 * classic key: the test takes the turns of that thread, presign_desk_slice(). */
struct member_kit *member_kit_new_presigning(void);
void member_kit_free(struct member_kit *k);
/* Starts one at place MEMBER_TOTAL: another process, of no plan; what was there ends. */
void member_kit_fresh(struct member_kit *k);
struct hello member_kit_hello(struct member_kit *k, size_t node);
/* Encodes k->plan anew. */
void member_kit_plan(struct member_kit *k);
/* k->plan gets one operator, whose word is enough; and that word. */
void member_kit_operator(struct member_kit *k);
void member_kit_sign_order(struct member_kit *k, const uint8_t digest[P384_DIGEST_LEN],
                           uint8_t signature[P384_SIG_LEN]);

/* One frame in, one out; of a batch: ERR_BUG. */
enum err member_kit_call(struct member_kit *k, size_t node, uint8_t type, struct view body);

/* BEGIN at one node, or all; what they send goes to the inboxes. */
enum err member_kit_begin(struct member_kit *k, size_t node, uint8_t nonce);
void member_kit_begin_all(struct member_kit *k, uint8_t nonce);
/* A STEP with what waits for that node, or to fetch what waits there. False: nothing waits. */
bool member_kit_step(struct member_kit *k, size_t node);
/* Until nothing moves, or until so many steps. */
void member_kit_run(struct member_kit *k, size_t steps);
/* Time goes on everywhere, and each core ticks. */
void member_kit_wait(struct member_kit *k, int64_t ns);

/* A made-up certificate. */
enum err member_kit_activate(struct member_kit *k, size_t node, uint8_t key);
/* Asks for an R1 of its classic key. */
enum err member_kit_r1(struct member_kit *k, size_t node);
/* A STEP with the word of one node that it has failed, signed as an honest one would. */
enum err member_kit_abort(struct member_kit *k, uint8_t from, size_t to);
/* How often that stands in what is kept of a core's audit. */
size_t member_kit_audited(const struct core *c, enum audit_event event, uint64_t a, uint64_t b);
/* Whether all of it is erased. */
bool member_kit_is_zero(const void *p, size_t n);
/* The record, page by page, into a block of its own. */
struct view member_kit_record(struct member_kit *k, size_t node);

#endif
