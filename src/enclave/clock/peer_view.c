#include "enclave/clock/peer_view.h"

#include <string.h>

static uint8_t bit(uint8_t index)
{
    return (uint8_t)(1U << (index - 1));
}

void peer_view_init(struct peer_view *v, uint8_t index, uint8_t threshold, uint8_t total)
{
    *v = (struct peer_view){.index = index, .threshold = threshold, .total = total};
}

void peer_view_open(struct peer_view *v, const uint8_t nonce[TIME_NONCE_LEN],
                    const struct peer_time *now)
{
    v->asked = true;
    v->own.index = v->index;
    memcpy(v->own.nonce, nonce, TIME_NONCE_LEN);
    v->asked_ns = now->now_ns;
    v->asked_lo_ns = now->lo_ns;
    for (size_t i = 0; i < TIME_PEERS_MAX; i++) {
        v->peers[i].answered = false;
    }
}

void peer_view_tell(struct peer_view *v, const struct time_probe *p,
                    const struct peer_time *own, int64_t now_ns, int64_t given_ns,
                    struct time_statement *out)
{
    *out = (struct time_statement){.index = v->index,
                                   .seq = ++v->seq,
                                   .holds = own != NULL,
                                   .lo_ns = own != NULL ? own->lo_ns : 0,
                                   .hi_ns = own != NULL ? own->hi_ns : 0,
                                   .given_ns = given_ns,
                                   .view = own != NULL ? peer_view_mask(v, now_ns) : 0,
                                   .n = p->n};
    memcpy(out->heard, p->challenges, sizeof out->heard);
}

static int64_t middle(int64_t lo_ns, int64_t hi_ns)
{
    return lo_ns + (hi_ns - lo_ns) / 2;
}

/* Whether both can be right: the peer read its clock while the own one went from asked_lo to
 * now. */
static bool agrees(const struct peer_view *v, const struct time_statement *s,
                   const struct peer_time *now)
{
    const int64_t theirs = middle(s->lo_ns, s->hi_ns);
    const int64_t own = middle(v->asked_lo_ns, now->hi_ns);
    const int64_t far = PEER_FAR_NS + (now->now_ns - v->asked_ns) / 2;

    return s->hi_ns >= v->asked_lo_ns && s->lo_ns <= now->hi_ns && theirs - own <= far &&
           own - theirs <= far;
}

enum peer_heard peer_view_hear(struct peer_view *v, const struct time_statement *s,
                               const struct peer_time *now)
{
    const struct time_challenge *const heard = time_statement_heard(s, v->index);
    struct peer_seen *peer;

    if (s->index == v->index || s->index > v->total || !v->asked || heard == NULL ||
        memcmp(heard->nonce, v->own.nonce, TIME_NONCE_LEN) != 0 || now->now_ns < v->asked_ns ||
        now->now_ns - v->asked_ns > PEER_ROUND_NS) {
        return PEER_STALE;
    }
    peer = &v->peers[s->index - 1];
    if (peer->answered || s->seq <= peer->seq) {
        return PEER_STALE;
    }
    peer->answered = true;
    peer->seq = s->seq;
    peer->seen_ns = 0;
    peer->view = 0;
    if (!s->holds) {
        return PEER_SILENT;
    }
    if (!agrees(v, s, now)) {
        return PEER_APART;
    }
    peer->seen_ns = now->now_ns;
    peer->view = s->view;
    peer->given_ns = s->given_ns;
    return PEER_CONSISTENT;
}

static bool is_fresh(const struct peer_seen *p, int64_t now_ns)
{
    return p->seen_ns != 0 && now_ns >= p->seen_ns && now_ns - p->seen_ns <= PEER_LIFE_NS;
}

uint8_t peer_view_mask(const struct peer_view *v, int64_t now_ns)
{
    uint8_t mask = bit(v->index);

    for (uint8_t i = 1; i <= v->total; i++) {
        mask |= is_fresh(&v->peers[i - 1], now_ns) ? bit(i) : 0;
    }
    return mask;
}

int64_t peer_view_given(const struct peer_view *v, int64_t now_ns)
{
    int64_t given_ns = 0;

    for (size_t i = 0; i < v->total; i++) {
        if (is_fresh(&v->peers[i], now_ns) && v->peers[i].given_ns > given_ns) {
            given_ns = v->peers[i].given_ns;
        }
    }
    return given_ns;
}

/* Whether each of the set holds each other of it to be consistent; the own core is in it and
 * holds them all. */
static bool is_clique(const struct peer_view *v, unsigned set)
{
    for (uint8_t i = 1; i <= v->total; i++) {
        if (i != v->index && (set & bit(i)) != 0 &&
            (set & ~(unsigned)v->peers[i - 1].view) != 0) {
            return false;
        }
    }
    return true;
}

static unsigned count(unsigned set)
{
    unsigned n = 0;

    for (; set != 0; set &= set - 1) {
        n++;
    }
    return n;
}

bool peer_view_permits(const struct peer_view *v, int64_t now_ns)
{
    const unsigned mask = peer_view_mask(v, now_ns);

    for (unsigned set = mask; set != 0; set = (set - 1) & mask) { /* each subset */
        if ((set & bit(v->index)) != 0 && count(set) >= v->threshold && is_clique(v, set)) {
            return true;
        }
    }
    return false;
}
