/* sim_check.h - the rules that hold in every history, and the observer that holds them to what
 * honest nodes and the coordinator do. It sees every frame, every clock and every key. */
#ifndef TESTS_SIM_CHECK_H
#define TESTS_SIM_CHECK_H

#include "sim_fixture.h"

#include "wire/frame.h"

struct sim_world;

enum sim_rule {
    RULE_NONE,
    RULE_SIGNERS,   /* I4: no token without T signers that took part in it */
    RULE_SERIAL,    /* I1: no two tokens with one serial number */
    RULE_VERIFIES,  /* I2: every token verifies under the epoch's key */
    RULE_TIME,      /* I3: |genTime - when a signer first saw the imprint| <= accuracy */
    RULE_HALTED,    /* I5: no token once more than N - T shares are gone */
    RULE_BATCH,     /* I6: a batch is shown in one session and answered with once */
    RULE_OWN_R1,    /* judgement 1: the own body is an R1 that this node gave */
    RULE_R1_ONCE,   /* judgement 1: one R1 serves one R2 */
    RULE_R1_AGE,    /* judgement 2: within its life, no clock event since */
    RULE_OWN_CLOCK, /* judgement 3, by its own clock */
    RULE_PEERS,     /* judgement 4: peers' R1s are theirs, spans near */
    RULE_HEAD,      /* judgement 5: epoch, key, activation, T members with this node */
    RULE_ORDER,     /* RESPOND once, after the REVEALs that the signers gave */
    RULE_FRAME,     /* an honest node answers with whole frames of its own epoch */
    RULE_BLAME,     /* nobody honest is named as a liar */
    RULE_DONE,      /* every job ends once, by its deadline */
    RULE_LIVE,      /* I10: with T able nodes a job is served within 2 s of healing */
    RULE_COUNT
};

extern const char *const sim_rule_names[RULE_COUNT];

/* An R1 as it left its node. */
struct sim_r1 {
    uint8_t bytes[R1_MAX_LEN];
    int64_t at_ns;
    unsigned steps; /* of the node's clock by then */
    bool used;
};

/* An R2 that a node accepted. */
struct sim_accept {
    unsigned node;
    bool responded;
    uint8_t x[STAMP_X_LEN], batch[R1_BATCH_ID_LEN];
    struct stamp stamp;
    uint8_t t, signers[STAMP_T_MAX];
    uint64_t reveal; /* hash of what it showed */
};

#define SIM_R1_KEPT 1024
#define SIM_ACCEPTS_MAX 512
#define SIM_TOKENS_MAX 64

struct sim_check {
    enum sim_rule broken;
    unsigned node; /* that broke it; SIM_NODES: none in particular */
    int64_t at_ns;
    enum err said[SIM_NODES]; /* to the latest R2 */
    bool halted;              /* the coordinator saw that more than N - T shares are gone */
    size_t n_r1[SIM_NODES];   /* given so far: a ring */
    size_t n_accepts, n_tokens;
    uint64_t
        derived_print; /* of the R2 that derived came from; all signers of one get the same */
    struct stamp derived;
    uint8_t serials[SIM_TOKENS_MAX][STAMP_SERIAL_LEN];
    struct sim_accept accepts[SIM_ACCEPTS_MAX];
    struct sim_r1 r1s[SIM_NODES][SIM_R1_KEPT];
};

void sim_check_begin(struct sim_check *c);

/* Notes the first rule that is broken. */
void sim_check_break(struct sim_world *w, enum sim_rule rule, unsigned node);

/* A node took this question; answer is its answer, or empty: a worker makes it. After every
 * step. Gives the R2 that was accepted, else NULL. */
const struct sim_accept *sim_check_answer(struct sim_world *w, unsigned node,
                                          struct view question, struct view answer);
/* RESPOND came out of the worker; x is its session. */
void sim_check_respond(struct sim_world *w, unsigned node, const uint8_t x[STAMP_X_LEN],
                       struct view answer);
/* An R1 that a node, a liar perhaps, gave away. */
void sim_check_r1(struct sim_world *w, unsigned node, struct view r1);

/* A signature came out of session stamp->x: over mu. */
void sim_check_token(struct sim_world *w, const struct stamp *stamp, const uint8_t *mu,
                     struct view signature);

/* A quick hash, to know bytes again that nobody forges here. */
uint64_t sim_check_print(struct view v);

/* The R1 of these bytes that this node gave; NULL: it gave none. */
struct sim_r1 *sim_check_find(struct sim_check *c, unsigned node, const uint8_t *r1);
/* The latest R1 of another node for that sid0; NULL. */
const struct sim_r1 *sim_check_other(const struct sim_check *c, unsigned node,
                                     const uint8_t *sid0);

#endif
