/* quorum_ratio.h - how many sessions of each core give a signature, and which core is asked
 * after the others for it. Pure.
 *
 * A core that answers in every round, but rejects more than it has to or picks among its
 * answers, spoils sessions and proves nothing. Half of the sessions of honest ones sign. But
 * who sits beside such a core has bad figures, too: of five cores of which one signs nothing,
 * an honest one comes to a quarter; and where the same three are always asked, their figures
 * are one. So a low figure only begins a trial, in which every quorum has as many sessions as
 * any other; the lowest of it, and no other, goes behind the others, and all are looked at
 * anew.
 *
 * It goes behind, not out: figures can be framed by who sits beside, and prove nothing. */
#ifndef HOST_COORD_QUORUM_RATIO_H
#define HOST_COORD_QUORUM_RATIO_H

#include "wire/plan.h"

#include <stdbool.h>
#include <stdint.h>

#define QUORUM_RATIO_BLOCK 100 /* sessions that leave a window at once */
#define QUORUM_RATIO_BLOCKS 10 /* full ones in a window, beside the one that fills */
#define QUORUM_RATIO_WINDOW (QUORUM_RATIO_BLOCK * QUORUM_RATIO_BLOCKS)
#define QUORUM_RATIO_PERCENT 35 /* fewer of them signed: low */

/* The last 1000 to 1099 sessions of one core, or all if they are fewer. */
struct quorum_ratio {
    uint16_t sessions, signed_;
    uint8_t at; /* the block that fills */
    uint8_t block_sessions[QUORUM_RATIO_BLOCKS + 1], block_signed[QUORUM_RATIO_BLOCKS + 1];
};

enum quorum_ratio_news {
    QUORUM_RATIO_SAME,
    QUORUM_RATIO_TRIAL, /* a figure is low: a trial has begun */
    QUORUM_RATIO_LOW,   /* a core was the lowest of a trial, and goes behind */
    QUORUM_RATIO_ANEW, /* so, but more than N - T would be behind: none is, a trial has begun */
};

struct quorum_ratios {
    uint8_t n, t;
    struct quorum_ratio cores[PLAN_NODES_MAX];
    unsigned behind;     /* cores that are asked after the others, a mask */
    uint32_t trial;      /* sessions until the trial is over; 0: there is none */
    unsigned last_asked; /* quorum of the trial */
};

/* t of n cores sign. */
void quorum_ratios_init(struct quorum_ratios *r, unsigned n, unsigned t);

/* A session of these cores, a mask, went through all rounds, and nobody was proved to have lied
 * in it. *who: the core that is the news. */
enum quorum_ratio_news quorum_ratios_count(struct quorum_ratios *r, unsigned act,
                                           bool was_signed, unsigned *who);

/* The quorum whose turn it is in a trial, of cores that can be asked now, a mask. 0: there is
 * no trial, or too few can. */
unsigned quorum_ratios_ask(struct quorum_ratios *r, unsigned can);

#endif
