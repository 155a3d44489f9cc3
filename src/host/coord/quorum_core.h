/* quorum_core.h - what is thought of one core that signs together with others: whether it can
 * be asked, when again, and before whom. Pure: time is an argument. */
#ifndef HOST_COORD_QUORUM_CORE_H
#define HOST_COORD_QUORUM_CORE_H

#include "base/err.h"
#include "host/coord/quorum_given.h"
#include "host/coord/quorum_trips.h"

#include <stdbool.h>
#include <stdint.h>

#define QUORUM_REST_NS INT64_C(20000000)       /* after a core was out of batches: */
#define QUORUM_REST_DOUBLINGS 4                /* twice as long each time */
#define QUORUM_REST_LONG_NS INT64_C(250000000) /* after any other refusal */
#define QUORUM_DOUBT_NS INT64_C(1000000000)    /* after a session that came to nothing: */
#define QUORUM_DOUBT_DOUBLINGS 6               /* twice as long each time */
#define QUORUM_WRONG_DOUBLINGS 7 /* LONG twice as long for each answer that is none */
#define QUORUM_ODD_FLAGS 3       /* in so many responses: left out */
#define QUORUM_ODD_WINDOW 10000
#define QUORUM_BACK_NS INT64_C(50000000) /* who lost its connection may be back within */
#define QUORUM_ROUNDS 3                  /* of a session: R1, R2, R3 */

struct quorum_core {
    bool up;         /* connected, of this epoch, the key active, serving */
    bool missed;     /* its connection was lost while it was alive, less than: */
    int64_t back_ns; /* until then it may be back */
    bool silent;     /* did not answer in time, and nothing was heard since it was asked */
    bool banned;     /* proved to lie, or odd too often: for the epoch */
    bool proved;     /* the former, and on_blame() was called */
    int64_t rest_ns; /* not asked before */
    /* Sessions that ended because a signer refused or said something that is of no use, with
     * nobody proved to be the cause: all of their signers are doubted, and asked only if there
     * is nobody else, until the last of them was long ago, or a session went well. */
    uint8_t misses;
    int64_t doubt_ns; /* until then */
    uint8_t empty;    /* times that it was out of batches since it was in a session */
    uint8_t wrong;    /* answers that were none, since one of its sessions was whole */
    bool told;        /* of its rests, on_odd() was, since then */
    uint64_t heard;   /* the latest question of any core when something was heard */
    int64_t trip_ns;  /* of an answer, smoothed */
    struct quorum_trips trips[QUORUM_ROUNDS];
    unsigned pending; /* questions without answer */
    struct quorum_given given;
    uint32_t responses, odd;
};

/* Its connection is up, or lost. */
void quorum_core_up(struct quorum_core *c, bool up, int64_t now_ns);

/* Time goes on: who was not back in time is not alive. */
void quorum_core_tick(struct quorum_core *c, int64_t now_ns);

/* Could be asked now or soon. */
bool quorum_core_is_alive(const struct quorum_core *c);

/* Could be asked now. */
bool quorum_core_is_ready(const struct quorum_core *c, int64_t now_ns);

/* Sessions of it came to nothing lately. */
bool quorum_core_is_doubted(const struct quorum_core *c, int64_t now_ns);

/* Whether a is to be asked rather than b: it is doubted less, fewer questions wait there, or it
 * is faster. */
bool quorum_core_is_better(const struct quorum_core *a, const struct quorum_core *b,
                           int64_t now_ns);

void quorum_core_doubt(struct quorum_core *c, int64_t now_ns);

/* It refused its part of a session with e, or was silent in it (ERR_DEADLINE): it has a rest.
 * True: of a kind that is worth a word, and the first since a session of it was whole. */
bool quorum_core_rest(struct quorum_core *c, enum err e, int64_t now_ns);

/* It answered what is no answer. No honest core does: who spoils one session after the other
 * has ever longer rests. How long this one is. */
int64_t quorum_core_rest_wrong(struct quorum_core *c, int64_t now_ns);

/* It has answered in all rounds of a session, which clears it of doubt. odd: in a way that an
 * honest core hardly ever does, as one that rejects all: it is doubted. */
void quorum_core_count(struct quorum_core *c, bool odd, int64_t now_ns);

/* An answer in this round, from 0, took so long. */
void quorum_core_time(struct quorum_core *c, unsigned round, int64_t trip_ns);

#endif
