/* How the channel of a pair comes, is renewed, and goes. The lower index, here a, decides when;
 * b answers, and knocks. */
#include "base/secret.h"
#include "enclave/mesh/mesh_parts.h"

#include <string.h>

#define FIRST_ATTEMPT 2 /* below are marks of other packets */

static bool is_a(const struct mesh *m, unsigned peer)
{
    return m->own < peer;
}

/* ---- the pair ---- */

static struct pq1_party party(const struct mesh *m, unsigned node)
{
    struct pq1_party p = {.index = (uint8_t)node, .incarnation = m->roster[node].incarnation};

    memcpy(p.identity, m->roster[node].identity, sizeof p.identity);
    return p;
}

enum err mesh_pair_reset(struct mesh *m, unsigned peer)
{
    struct mesh_peer *const p = &m->peers[peer];
    struct pq1_setup s = {.own = party(m, m->own),
                          .peer = party(m, peer),
                          .judge = m->attest != NULL ? &m->judge : NULL};

    mesh_break_channel(m, peer);
    mesh_evidence_forget(m, peer);
    mesh_forget(m, peer);
    mesh_box_clear(&m->outbox, peer);
    p->begun_ns = 0;
    p->knock_ns = 0;
    p->hellos_ns = 0;
    p->rest_ns = 0;
    p->refusals = 0;
    p->attempt = FIRST_ATTEMPT;
    memcpy(s.epoch_id, m->epoch_id, sizeof s.epoch_id);
    return pq1_init(&p->channel, &s);
}

void mesh_break_channel(struct mesh *m, unsigned peer)
{
    struct mesh_peer *const p = &m->peers[peer];

    if (p->live) {
        p->live = false;
        p->hurry = true;
        p->breaks++;
        m->counts.broken++;
        if (!m->given || m->given_by != peer) { /* whoever was given a message reads it */
            mesh_forget(m, peer);
        }
    }
}

/* ---- packets of a handshake ---- */

/* Its packets that were not fetched are of no use any more. */
static void end_attempt(struct mesh *m, unsigned peer)
{
    mesh_box_clear_marked(&m->outbox, peer, m->peers[peer].attempt);
}

/* One who has sent its Finished cannot know whether the other has the new keys in use: the old
 * ones are used no more. */
static void fail(struct mesh *m, unsigned peer, enum pq1_step step)
{
    if (step == PQ1_STEP_FINISHED) {
        mesh_break_channel(m, peer);
    }
    end_attempt(m, peer);
    mesh_evidence_forget(m, peer);
    pq1_abandon(&m->peers[peer].channel);
    m->counts.failed++;
}

enum err mesh_handshake_place(struct mesh *m, unsigned peer, size_t n, struct writer *w)
{
    TRY(mesh_box_place(&m->outbox, peer, 1 + n, w));
    wr_u8(w, MESH_HANDSHAKE);
    return ERR_OK;
}

/* The own Hello; a handshake that was under way ends. */
static enum err say_hello(struct mesh *m, unsigned peer, int64_t now_ns)
{
    struct mesh_peer *const p = &m->peers[peer];
    struct writer w;
    enum err e;

    if (p->channel.step != PQ1_STEP_NONE) {
        fail(m, peer, p->channel.step);
    }
    p->begun_ns = now_ns;
    p->hurry = false;
    TRY(mesh_handshake_place(m, peer, PQ1_MESSAGE_MAX, &w));
    e = pq1_begin(&p->channel, &m->tools, &w);
    if (e == ERR_OK) {
        mesh_box_keep(&m->outbox, peer, &w, p->attempt);
    }
    return e;
}

/* The channel is there. A message whose second part did not come before it never comes. */
static void put_in_use(struct mesh *m, unsigned peer)
{
    struct mesh_peer *const p = &m->peers[peer];

    p->seeding.owed = true; /* what went over the last one may not have come */
    mesh_forget(m, peer);
    p->live = true;
    p->heard++;
    p->refusals = 0;
    p->attempt++; /* what waits of it stays */
    m->counts.handshakes++;
}

/* The message that is awaited, and the answer to it. */
static enum err answer(struct mesh *m, unsigned peer, struct view message, int64_t now_ns)
{
    struct mesh_peer *const p = &m->peers[peer];
    struct writer w;

    TRY(mesh_handshake_place(m, peer, PQ1_MESSAGE_MAX, &w));
    TRY(pq1_take(&p->channel, &m->tools, now_ns, message, &w));
    p->hurry = false;
    if (p->channel.step == PQ1_STEP_NONE) {
        put_in_use(m, peer);
    } else if (p->channel.step == PQ1_STEP_EVIDENCE) { /* nothing is said before that */
        mesh_evidence_ask(m, peer, now_ns);
    } else {
        mesh_box_keep(&m->outbox, peer, &w, p->attempt);
    }
    return ERR_OK;
}

/* ---- b: a Hello that is new ---- */

/* A Hello of another incarnation, epoch or pair is not answered, not even by a Hello. */
static bool is_of_pair(const struct mesh *m, unsigned peer, const struct pq1_hello *h)
{
    return h->ends.from == peer && h->ends.to == m->own &&
           h->ends.inc_from == m->roster[peer].incarnation &&
           h->ends.inc_to == m->roster[m->own].incarnation &&
           memcmp(h->ends.epoch_id, m->epoch_id, sizeof m->epoch_id) == 0;
}

/* The one that is being answered; row 0 is that of the lower index. */
static bool is_doubled(const struct mesh_peer *p, struct view message)
{
    return memcmp(p->channel.making.hello[0], message.p, PQ1_HELLO_LEN) == 0;
}

/* Each takes MESH_PAUSE_NS, and MESH_HELLOS_MAX may come at once. */
static bool affords(struct mesh_peer *p, int64_t now_ns)
{
    const int64_t from = p->hellos_ns > now_ns ? p->hellos_ns : now_ns;

    if (from - now_ns > (MESH_HELLOS_MAX - 1) * MESH_PAUSE_NS) {
        return false;
    }
    p->hellos_ns = from + MESH_PAUSE_NS;
    return true;
}

static bool is_to_be_answered(struct mesh *m, unsigned peer, struct view message,
                              int64_t now_ns)
{
    struct pq1_hello h;

    return pq1_hello_decode(message, &h) == ERR_OK && is_of_pair(m, peer, &h) &&
           !is_doubled(&m->peers[peer], message) && affords(&m->peers[peer], now_ns);
}

/* ---- both ---- */

/* Only the host's doing or the peer's, but for ERR_STATE, which is of the own DRBG or signer.
 * step: that before it. */
static enum err settle(struct mesh *m, unsigned peer, enum pq1_step step, enum err e)
{
    if (e != ERR_OK) {
        fail(m, peer, step);
        m->counts.dropped++;
    }
    return e == ERR_STATE ? ERR_STATE : ERR_OK;
}

enum err mesh_take_handshake(struct mesh *m, unsigned peer, struct view message, int64_t now_ns)
{
    const enum pq1_step step = m->peers[peer].channel.step;
    enum err e = ERR_OK;

    m->refused = false;
    if (!is_a(m, peer) && is_to_be_answered(m, peer, message, now_ns)) {
        e = say_hello(m, peer, now_ns);
    } else if (!pq1_awaits(&m->peers[peer].channel, message)) {
        m->counts.dropped++;
        return ERR_OK;
    }
    if (e == ERR_OK) {
        e = answer(m, peer, message, now_ns);
    }
    if (m->refused && ++m->peers[peer].refusals > 1) {
        m->peers[peer].rest_ns = now_ns + MESH_REFUSED_NS;
    }
    return settle(m, peer, step, e);
}

void mesh_take_knock(struct mesh *m, unsigned peer, struct view rest)
{
    if (is_a(m, peer) && rest.n == 0) {
        m->peers[peer].hurry = true;
    } else {
        m->counts.dropped++;
    }
}

/* ---- time ---- */

static bool has_passed(int64_t since_ns, int64_t now_ns, int64_t ns)
{
    return since_ns == 0 || now_ns - since_ns >= ns;
}

static bool begins(const struct mesh_peer *p, int64_t now_ns)
{
    if (now_ns < p->rest_ns) {
        return false;
    }
    if (p->hurry) {
        return has_passed(p->begun_ns, now_ns, MESH_PAUSE_NS);
    }
    if (p->channel.step != PQ1_STEP_NONE) {
        return has_passed(p->begun_ns, now_ns, MESH_STALL_NS);
    }
    return (!p->live || pq1_is_due(&p->channel, now_ns)) &&
           has_passed(p->begun_ns, now_ns, MESH_PAUSE_NS);
}

static enum err knock(struct mesh *m, unsigned peer, int64_t now_ns)
{
    static const uint8_t packet[] = {MESH_KNOCK};
    struct mesh_peer *const p = &m->peers[peer];

    if (!has_passed(p->knock_ns, now_ns, p->hurry ? MESH_PAUSE_NS : MESH_STALL_NS)) {
        return ERR_OK;
    }
    p->knock_ns = now_ns;
    p->hurry = false;
    mesh_box_clear_marked(&m->outbox, peer, MESH_MARK_KNOCK);
    return mesh_box_put(&m->outbox, peer, (struct view){packet, sizeof packet},
                        MESH_MARK_KNOCK);
}

enum err mesh_tick_handshake(struct mesh *m, unsigned peer, int64_t now_ns)
{
    struct mesh_peer *const p = &m->peers[peer];
    enum err e = ERR_OK;

    if (p->live && now_ns - p->channel.verified_ns > PQ1_LIFE_NS) {
        mesh_break_channel(m, peer);
    }
    if (is_a(m, peer) && begins(p, now_ns)) {
        return settle(m, peer, PQ1_STEP_NONE, say_hello(m, peer, now_ns));
    }
    if (p->channel.step == PQ1_STEP_EVIDENCE) {
        e = settle(m, peer, PQ1_STEP_EVIDENCE, mesh_evidence_give(m, peer, now_ns));
    }
    if (is_a(m, peer)) {
        return e;
    }
    if (p->channel.step != PQ1_STEP_NONE && has_passed(p->begun_ns, now_ns, MESH_STALL_NS)) {
        fail(m, peer, p->channel.step);
    }
    if (!p->live && p->channel.step == PQ1_STEP_NONE) {
        const enum err k = knock(m, peer, now_ns);

        e = k == ERR_NOSPACE ? e : k; /* the next one comes */
    }
    return e;
}
