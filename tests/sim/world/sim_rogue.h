/* sim_rogue.h - a hostile coordinator beside the honest one, on the same host: it opens
 * sessions of its own with the same cores, has the frames of the honest one, and sends whatever
 * suits it (except what it would have to forge). */
#ifndef TESTS_SIM_ROGUE_H
#define TESTS_SIM_ROGUE_H

#include "sim_events.h"
#include "sim_fixture.h"

struct sim_world;

enum sim_trick {
    TRICK_NONE,          /* a second front that behaves */
    TRICK_HOLD,          /* holds R2 back */
    TRICK_AGAIN,         /* R2 twice, with another imprint the second time */
    TRICK_SPOIL_FIRST,   /* R2 with a broken proof, then the right one */
    TRICK_ALTER_OWN,     /* the receiver's own body is changed */
    TRICK_ALTER_PEER,    /* a peer's body is changed, its proof is not */
    TRICK_EPOCH,         /* R2 for another epoch */
    TRICK_ACTIVATION,    /* R2 under another certificate */
    TRICK_SIGNERS,       /* too few signers, one twice, or not the receiver */
    TRICK_MIX,           /* an R1 of another session among the others */
    TRICK_SPLIT,         /* each signer sees another imprint */
    TRICK_VIEWS,         /* signers see different R1s of one of them */
    TRICK_REVEALS,       /* R3 with a REVEAL that is not of this session first */
    TRICK_RESPOND_AGAIN, /* R3 twice, the second with another REVEAL */
    TRICK_REPLAY,        /* an R2 of the honest coordinator, to the same core again */
    TRICK_FLOOD,         /* R1 as often as it can */
    TRICK_COUNT
};

#define SIM_ROGUE_SESSIONS 3

struct sim_rogue_session {
    enum sim_trick trick;
    uint8_t sid0[SID0_LEN];
    struct r2_head head;
    uint8_t policy;
    unsigned victim; /* place among the signers */
    int64_t hold_ns; /* between the last R1 and R2 */
    unsigned got[4]; /* masks of places, by round */
    uint8_t imprint[HASH_MAX];
    uint8_t r1s[STAMP_T_MAX * R1_MAX_LEN];
    uint8_t other_r1[R1_MAX_LEN]; /* a second one of the victim */
    bool has_other, sent_r2;
    struct stamp stamp;
    uint8_t *words[STAMP_T_MAX]; /* REVEAL, then RESPOND: of the heap */
    struct quorum_word reveals[STAMP_T_MAX];
    struct view responses[STAMP_T_MAX];
    uint8_t *answers[STAMP_T_MAX];
};

struct sim_rogue {
    size_t n;
    struct sim_rogue_session sessions[SIM_ROGUE_SESSIONS];
    uint8_t seen_r1[R1_MAX_LEN]; /* of the honest coordinator's, the latest */
    bool has_r1;
    uint8_t *seen_r2; /* frame, of the heap */
    size_t seen_r2_len;
    unsigned seen_r2_node;
};

void sim_rogue_begin(struct sim_rogue *r);
void sim_rogue_end(struct sim_rogue *r);

/* Makes ready one more session, of the quorum act, a mask. It begins and goes on with
 * SIM_ROGUE. victim: which of the signers the trick is for, from 0. Gives its number. */
size_t sim_rogue_open(struct sim_world *w, enum sim_trick trick, unsigned act, unsigned victim,
                      uint8_t policy);
/* Its time has come to go on. */
void sim_rogue_go(struct sim_world *w, size_t session);
/* A frame for it. */
void sim_rogue_take(struct sim_world *w, const struct sim_event *e);
/* What the honest coordinator sends and gets passes by. */
void sim_rogue_see(struct sim_world *w, unsigned node, struct view frame);

#endif
