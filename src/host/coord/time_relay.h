/* time_relay.h - carries the probes between cores once a second (docs/wire.md 8): a challenge
 * of each to all, what each says to all. It is trusted for nothing: a round that it drops,
 * delays or changes is one in which cores do not agree. No kernel: time is an argument. */
#ifndef HOST_COORD_TIME_RELAY_H
#define HOST_COORD_TIME_RELAY_H

#include "wire/plan.h"
#include "wire/time_probe.h"

#define TIME_RELAY_PERIOD_NS INT64_C(1000000000)
/* A leg of a round waits for cores so long, and goes on with those that answered. */
#define TIME_RELAY_LEG_NS INT64_C(100000000)

struct time_relay {
    uint8_t step;  /* enum time_step under way; 0: none */
    uint8_t asked; /* masks of places: who is asked, and has not answered; who answered */
    uint8_t answered;
    int64_t due_ns; /* when the leg ends, or the next round begins */
    int64_t begun_ns;
    struct time_challenge challenges[TIME_PEERS_MAX]; /* by place */
    struct time_statement statements[TIME_PEERS_MAX];
};

/* The first round begins at once. */
void time_relay_init(struct time_relay *r);

/* What is due. cores: mask of the places whose cores can be asked now. Gives a mask of the
 * places that *out is to be sent to; 0: nothing is due. */
uint8_t time_relay_pump(struct time_relay *r, uint8_t cores, int64_t now_ns,
                        struct time_probe *out);

/* The answer of a place to that step; body.p NULL: it refused. What is late or no answer to it
 * is left out. */
void time_relay_take(struct time_relay *r, size_t place, uint8_t step, struct view body);

/* When time_relay_pump() is to be called at the latest; answers may make it due earlier. */
int64_t time_relay_next(const struct time_relay *r);

#endif
