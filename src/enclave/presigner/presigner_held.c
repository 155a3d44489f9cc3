/* Messages that came before their time: a peer that got its order first, or a third that was
 * quicker. Each peer has places of its own, so that none pushes out another's. */
#include "base/secret.h"
#include "enclave/presigner/presigner_parts.h"

#include <string.h>

static struct presigner_held *held_of(struct presigner *p, unsigned peer)
{
    return &p->held[peer < p->of.own ? peer : peer - 1];
}

static uint8_t *bytes_of(struct presigner_held *h, unsigned k)
{
    return k < PRESIGNER_HELD_SMALL ? h->small[k] : h->large[k - PRESIGNER_HELD_SMALL];
}

static size_t room_of(unsigned k)
{
    return k < PRESIGNER_HELD_SMALL ? PRESIGNER_HELD_SMALL_LEN : PRESIGNER_HELD_LARGE_LEN;
}

static void forget(struct presigner_held *h, unsigned k)
{
    wipe(bytes_of(h, k), h->head[k].n);
    wipe(&h->head[k], sizeof h->head[k]);
}

/* The first free place that is large enough, or the one that was there longest. */
static unsigned place_for(const struct presigner_held *h, size_t n)
{
    unsigned oldest = PRESIGNER_HELD;

    for (unsigned k = 0; k < PRESIGNER_HELD; k++) {
        if (room_of(k) < n) {
            continue;
        }
        if (!h->head[k].used) {
            return k;
        }
        if (oldest == PRESIGNER_HELD || h->head[k].since_ns < h->head[oldest].since_ns) {
            oldest = k;
        }
    }
    return oldest;
}

void presigner_hold(struct presigner *p, const struct presigner_message *m, int64_t now_ns)
{
    struct presigner_held *const h = held_of(p, m->from);
    const unsigned k = place_for(h, m->bytes.n);

    if (k == PRESIGNER_HELD) {
        p->dropped++;
        return;
    }
    if (h->head[k].used) {
        p->dropped++;
        forget(h, k);
    }
    h->head[k] = (struct presigner_head){true, *m->about, m->bytes.n, now_ns};
    memcpy(bytes_of(h, k), m->bytes.p, m->bytes.n);
}

static bool try_one(struct presigner *p, unsigned peer, unsigned k, int64_t now_ns)
{
    struct presigner_held *const h = held_of(p, peer);
    const struct pq1_about about = h->head[k].about;
    const struct presigner_message m = {peer, &about, {bytes_of(h, k), h->head[k].n}};
    const enum presigner_said said = presigner_deal(p, &m, now_ns);

    if (said == PRESIGNER_LATER) {
        return false;
    }
    p->dropped += said == PRESIGNER_DROPPED ? 1 : 0;
    forget(h, k);
    return true;
}

bool presigner_held_step(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < p->of.n; i++) {
        for (unsigned k = 0; presigner_is_peer(p, i) && k < PRESIGNER_HELD; k++) {
            if (held_of(p, i)->head[k].used && try_one(p, i, k, now_ns)) {
                return true;
            }
        }
    }
    return false;
}

void presigner_held_tick(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < p->of.n; i++) {
        for (unsigned k = 0; presigner_is_peer(p, i) && k < PRESIGNER_HELD; k++) {
            struct presigner_held *const h = held_of(p, i);

            if (h->head[k].used && now_ns - h->head[k].since_ns >= PRESIGNER_HELD_NS) {
                p->dropped++;
                forget(h, k);
            }
        }
    }
}

void presigner_held_forget(struct presigner *p, unsigned peer)
{
    for (unsigned k = 0; presigner_is_peer(p, peer) && k < PRESIGNER_HELD; k++) {
        forget(held_of(p, peer), k);
    }
}
