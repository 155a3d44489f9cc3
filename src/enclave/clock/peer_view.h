/* peer_view.h - which other cores' clocks agree with the own one, and whether so many do that
 * this core may serve: a clique of T, itself included, in which each holds each other to be
 * consistent. Peers permit; nothing that they say sets a clock. So T - 1 liars can permit what
 * the own sources allow already, and move nothing.
 *
 * A peer's span was read between the own challenge and its arrival, so if both are right it
 * meets what the own clock says of that whole time; a middle that is further off than
 * PEER_FAR_NS is refused on either side, however wide the spans. Times are of the second clock,
 * which counts while the machine is suspended. */
#ifndef ENCLAVE_CLOCK_PEER_VIEW_H
#define ENCLAVE_CLOCK_PEER_VIEW_H

#include "wire/time_probe.h"

#define PEER_LIFE_NS INT64_C(2000000000)  /* what was heard counts for so long */
#define PEER_ROUND_NS INT64_C(1000000000) /* an own challenge is answered within this */
#define PEER_FAR_NS INT64_C(250000000)

struct peer_seen {
    uint64_t seq;     /* of its latest statement */
    int64_t seen_ns;  /* when it was last consistent; 0: never */
    bool answered;    /* the own challenge of now */
    uint8_t view;     /* its own, as it said then */
    int64_t given_ns; /* the same: what it gave out */
};

struct peer_view {
    uint8_t index, threshold, total; /* the own index, from 1 */
    bool asked;
    struct time_challenge own;     /* of now */
    int64_t asked_ns, asked_lo_ns; /* when; and TAI at the earliest then */
    uint64_t seq;                  /* of own statements */
    struct peer_seen peers[TIME_PEERS_MAX];
};

/* Nothing is known of anybody. */
void peer_view_init(struct peer_view *v, uint8_t index, uint8_t threshold, uint8_t total);

/* A reading of the own clock that holds. */
struct peer_time {
    int64_t now_ns;       /* second clock */
    int64_t lo_ns, hi_ns; /* TAI */
};

/* A new own challenge; the one before is void. */
void peer_view_open(struct peer_view *v, const uint8_t nonce[TIME_NONCE_LEN],
                    const struct peer_time *now);

/* The own statement in answer to challenges, but for its signature. own NULL: the own clock
 * does not hold. */
void peer_view_tell(struct peer_view *v, const struct time_probe *p,
                    const struct peer_time *own, int64_t now_ns, int64_t given_ns,
                    struct time_statement *out);

enum peer_heard {
    PEER_CONSISTENT,
    PEER_SILENT, /* its own clock does not hold */
    PEER_APART,  /* its clock or the own one is wrong */
    PEER_STALE /* not in answer to the own challenge of now, or heard before; changes nothing */
};

/* Hears a statement whose signature is that of its core. */
enum peer_heard peer_view_hear(struct peer_view *v, const struct time_statement *s,
                               const struct peer_time *now);

/* Consistent now, by bit index - 1; the own bit is set. */
uint8_t peer_view_mask(const struct peer_view *v, int64_t now_ns);

/* The highest time, TAI, that any of these gave out. */
int64_t peer_view_given(const struct peer_view *v, int64_t now_ns);

/* Whether so many agree that this core may serve. */
bool peer_view_permits(const struct peer_view *v, int64_t now_ns);

#endif
