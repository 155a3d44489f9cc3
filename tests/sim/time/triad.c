/* Triad as it is published (arXiv 2311.06156): one time authority, a rate from round trips
 * in which it waits for a second or not at all, and after each interruption the time of a peer
 * if that is later. It claims what our tokens claim at best. */
#include "time_world.h"

#include <stdlib.h>

#define ROUNDS 10
#define WAY_NS 300000
#define ACCURACY_NS (351 * TW_MS) /* min_accuracy and the life of an R1, and rounding */
#define INTERRUPTED_PERMILLE 200  /* a second */

static int64_t triad_now(const struct tw_node *n)
{
    const int64_t gone = n->counter_ns - n->triad.ref_counter_ns;

    return n->triad.ref_ns + gone / n->triad.freq_hz * TW_S +
           gone % n->triad.freq_hz * TW_S / n->triad.freq_hz;
}

/* Round trip in counter ticks; the authority waits in between. */
static int64_t round_trip(struct tw *w, const struct tw_node *n, int64_t wait_ns)
{
    const struct tw_server *const s = &n->servers[0];
    int64_t way = sim_in(&w->rng, 100000, WAY_NS) + wait_ns; /* its authority is near */

    /* F+ delays what waited, F- what did not. */
    if (s->extra_ns > 0 && wait_ns > 0) {
        way += s->extra_ns;
    } else if (s->extra_ns < 0 && wait_ns == 0) {
        way += -s->extra_ns;
    }
    return way + clock_share_down(way, n->rate_ppb + n->attack_ppb);
}

static void set_from_authority(struct tw *w, struct tw_node *n)
{
    n->triad.ref_ns = w->tai_ns + n->servers[0].lie_ns;
    n->triad.ref_counter_ns = n->counter_ns;
    n->triad.tainted = false;
}

static void calibrate(struct tw *w, struct tw_node *n)
{
    int64_t ticks = 0;

    for (int i = 0; i < ROUNDS; i++) {
        ticks += round_trip(w, n, TW_S) - round_trip(w, n, 0);
    }
    n->triad.freq_hz = ticks / ROUNDS;
    n->triad.calibrated = true;
    set_from_authority(w, n);
}

void triad_begin(struct tw *w)
{
    for (size_t i = 0; i < TW_NODES; i++) {
        calibrate(w, &w->nodes[i]);
    }
}

/* A tainted clock takes the time of the first peer that is not, if that is later. */
static void ask_peers(struct tw *w, struct tw_node *n)
{
    const size_t first = sim_below(&w->rng, TW_NODES);

    for (size_t i = 0; i < TW_NODES; i++) {
        const struct tw_node *const peer = &w->nodes[(first + i) % TW_NODES];
        int64_t theirs;

        if (peer == n || peer->paused || peer->triad.tainted) {
            continue;
        }
        theirs = triad_now(peer) + (peer->bad ? peer->lie_ns : 0);
        if (theirs > triad_now(n)) {
            n->triad.ref_ns = theirs;
            n->triad.ref_counter_ns = n->counter_ns;
        }
        n->triad.tainted = false;
        return;
    }
    if (!n->cut) {
        set_from_authority(w, n);
    }
}

void triad_tick(struct tw *w)
{
    for (size_t i = 0; i < TW_NODES; i++) {
        struct tw_node *const n = &w->nodes[i];

        if (n->paused) {
            n->triad.tainted = true;
            continue;
        }
        n->triad.tainted = n->triad.tainted || sim_chance(&w->rng, INTERRUPTED_PERMILLE);
        if (n->triad.tainted) {
            ask_peers(w, n);
        }
    }
}

void triad_check(struct tw *w)
{
    for (size_t i = 0; i < TW_NODES; i++) {
        const struct tw_node *const n = &w->nodes[i];

        if (n->bad || n->paused || n->triad.tainted) {
            continue;
        }
        w->totals->triad_times++;
        if (llabs(triad_now(n) - w->tai_ns) > ACCURACY_NS) {
            w->totals->triad_wrong++;
            w->triad_failed = true;
        }
    }
}
