/* The probes between cores, carried by a host who drops them, is late, and shows old ones. Who
 * lies tells each what it wants to hear, and that it sees all. */
#include "time_world.h"

#include <string.h>

#define TOGETHER_NS (300 * TW_MS) /* a slower tick: all legs of a round at one moment */
#define DROPPED_PERMILLE 30
#define LATE_PERMILLE 20
#define OLD_PERMILLE 50

static struct peer_time time_of(const struct tw_node *n)
{
    return (struct peer_time){n->own.mono_ns, n->now.mid_tai_ns - n->now.half_ns,
                              n->now.mid_tai_ns + n->now.half_ns};
}

static bool answers(struct tw *w, const struct tw_node *n)
{
    return !n->paused && !sim_chance(&w->rng, DROPPED_PERMILLE);
}

static void open_all(struct tw *w)
{
    struct time_probe *const p = &w->probe;

    *p = (struct time_probe){.step = TIME_TELL};
    for (size_t i = 0; i < TW_NODES; i++) {
        struct tw_node *const n = &w->nodes[i];
        uint8_t nonce[TIME_NONCE_LEN];

        if (n->own.err == ERR_OK && answers(w, n)) {
            const struct peer_time own = time_of(n);

            sim_bytes(&w->rng, nonce, sizeof nonce);
            peer_view_open(&n->peers, nonce, &own);
            p->challenges[p->n++] = n->peers.own;
        }
    }
}

static void tell_all(struct tw *w)
{
    w->told = 0;
    for (size_t i = 0; i < TW_NODES; i++) {
        struct tw_node *const n = &w->nodes[i];

        if (answers(w, n)) {
            const struct peer_time own = time_of(n);

            if (n->own.err == ERR_OK && tw_permits(n)) { /* somebody asks for an R1 just now */
                time_keeper_give(&n->keeper, n->now.mid_tai_ns);
            }
            peer_view_tell(&n->peers, &w->probe, n->own.err == ERR_OK ? &own : NULL,
                           n->own.mono_ns, n->keeper.given_ns, &w->statements[i]);
            w->told |= 1U << i;
        }
    }
}

/* A liar's word to n: that it agrees, or off as its R1s are; and any high-water mark. */
static void lie_to(struct tw *w, const struct tw_node *n, struct time_statement *s)
{
    const int64_t half_ns = sim_in(&w->rng, 0, 600 * TW_MS);
    const bool agrees = sim_chance(&w->rng, 700);
    const int64_t off_ns =
        agrees ? n->now.mid_tai_ns - w->tai_ns : w->nodes[s->index - 1].lie_ns;

    s->holds = true;
    s->lo_ns = w->tai_ns + off_ns - half_ns;
    s->hi_ns = w->tai_ns + off_ns + half_ns;
    s->view = (1U << TW_NODES) - 1;
    s->given_ns = sim_chance(&w->rng, 500) ? 0 : INT64_MAX;
}

/* What a core that began anew is held to: what the honest ones that it heard gave out. */
static void check_floor(struct tw *w, struct tw_node *n)
{
    tw_read(w, n);
    for (size_t i = 0; i < TW_NODES; i++) {
        const struct tw_node *const peer = &w->nodes[i];

        if (peer != n && !peer->bad && !peer->misled && n->own.err == ERR_OK &&
            (peer_view_mask(&n->peers, n->own.mono_ns) >> i & 1) != 0 &&
            n->now.mid_tai_ns < n->peers.peers[i].given_ns &&
            n->peers.peers[i].given_ns <= n->now.mid_tai_ns + n->now.half_ns) {
            w->broken = "a core that began anew gives out less than was given before";
        }
    }
}

/* As the core does: what others gave out before, once. */
static void learn(struct tw *w, struct tw_node *n)
{
    const struct peer_time own = time_of(n);
    const int64_t given_ns = peer_view_given(&n->peers, own.now_ns);

    if (!n->learned && n->own.err == ERR_OK && tw_permits(n)) {
        n->learned = true;
        time_keeper_give(&n->keeper, given_ns < own.hi_ns ? given_ns : own.hi_ns);
        check_floor(w, n);
    }
}

static void hear(struct tw *w, struct tw_node *n)
{
    const struct peer_time own = time_of(n);

    for (size_t i = 0; i < TW_NODES; i++) {
        struct time_statement s = w->statements[i];

        if (&w->nodes[i] == n || (w->told >> i & 1) == 0 ||
            sim_chance(&w->rng, DROPPED_PERMILLE)) {
            continue;
        }
        if (w->nodes[i].bad) {
            lie_to(w, n, &s);
        }
        if (sim_chance(&w->rng, OLD_PERMILLE)) {
            (void)peer_view_hear(&n->peers, &w->old_statement, &own);
        }
        (void)peer_view_hear(&n->peers, &s, &own);
        if (sim_chance(&w->rng, OLD_PERMILLE)) {
            w->old_statement = s;
        }
    }
}

static void hear_all(struct tw *w)
{
    for (size_t i = 0; i < TW_NODES; i++) {
        struct tw_node *const n = &w->nodes[i];

        if (n->own.err == ERR_OK && answers(w, n)) {
            hear(w, n);
            learn(w, n);
        }
    }
}

/* One leg of a round. */
static void leg(struct tw *w)
{
    static void (*const legs[])(struct tw *) = {open_all, tell_all, hear_all};

    if (w->leg < sizeof legs / sizeof legs[0]) {
        legs[w->leg++](w);
    }
}

void tw_probe(struct tw *w)
{
    if (w->mute) {
        w->leg = 0;
        w->round_ns = w->tai_ns;
        return;
    }
    w->heard_ns = w->tai_ns;
    if (w->tai_ns >= w->round_ns) {
        w->round_ns = w->tai_ns + TW_S;
        w->leg = 0;
    }
    if (sim_chance(&w->rng, LATE_PERMILLE)) {
        return;
    }
    for (int i = 0; i < (w->tick_ns > TOGETHER_NS ? 3 : 1); i++) {
        leg(w);
    }
}

bool tw_permits(const struct tw_node *n)
{
    return peer_view_permits(&n->peers, n->own.mono_ns);
}

/* What serving means, beside the time itself. */
void tw_check_peers(struct tw *w, const struct tw_node *n)
{
    bool liars = false;

    for (size_t i = 0; i < TW_NODES; i++) {
        liars = liars || w->nodes[i].bad;
    }
    if (n->misled && !liars) {
        w->broken = "a core serves that nobody agrees with";
    }
    if (w->tai_ns - w->heard_ns > PEER_LIFE_NS + 2 * TW_MS + w->tick_ns) {
        w->broken = "a core serves that heard of nobody for too long";
    }
}
