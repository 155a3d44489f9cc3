/* What is said over a channel: messages of one record or two. */
#include "base/secret.h"
#include "enclave/mesh/mesh_parts.h"

#include <string.h>

void mesh_forget(struct mesh *m, unsigned peer)
{
    struct mesh_peer *const p = &m->peers[peer];

    wipe(p->plain, p->used);
    p->used = 0;
    p->partial = (struct mesh_partial){0};
}

/* ---- in ---- */

static bool is_same(const struct pq1_about *a, const struct pq1_about *b)
{
    return a->type == b->type && a->round == b->round &&
           memcmp(a->session, b->session, sizeof a->session) == 0;
}

/* The second part comes after the first, without what is before it. Where no first one waits,
 * its about is of no type. */
static enum err join(struct mesh_peer *p, const struct pq1_about *about, size_t n,
                     struct view *body)
{
    if (!is_same(about, &p->partial.about) || n == MESH_PART_HEAD_LEN) {
        return ERR_MISMATCH;
    }
    memmove(p->plain + PQ1_PLAIN_MAX, p->plain + PQ1_PLAIN_MAX + MESH_PART_HEAD_LEN,
            n - MESH_PART_HEAD_LEN);
    *body =
        (struct view){p->plain + MESH_PART_HEAD_LEN, MESH_PART_MAX + n - MESH_PART_HEAD_LEN};
    return ERR_OK;
}

/* One record's text, n bytes, where the next is to be. *body: of a message that is whole. */
static enum err take_part(struct mesh_peer *p, const struct pq1_about *about, size_t n,
                          struct view *body)
{
    uint8_t *const text = p->partial.waits ? p->plain + PQ1_PLAIN_MAX : p->plain;
    struct reader r = rd_init((struct view){text, n});
    uint8_t part = 0;
    uint8_t parts = 0;

    TRY(rd_u8(&r, &part));
    TRY(rd_u8(&r, &parts));
    if (part == 2 && parts == 2) {
        return join(p, about, n, body);
    }
    if (part != 1 || p->partial.waits || parts < 1 || parts > 2) {
        return ERR_RANGE;
    }
    if (parts == 1) {
        return rd_take(&r, r.n, body);
    }
    p->partial = (struct mesh_partial){true, *about};
    return n == PQ1_PLAIN_MAX ? ERR_OK : ERR_LENGTH;
}

static void give(struct mesh *m, const struct mesh_message *in, struct mesh_message *out)
{
    m->given = true;
    m->given_by = in->from;
    if (in->about.type == MESH_SEED) {
        mesh_seed_take(m, in->from, in);
        return;
    }
    m->counts.received++;
    *out = *in;
}

static enum err open_record(struct mesh *m, unsigned peer, struct view record, int64_t now_ns,
                            struct mesh_message *in)
{
    struct mesh_peer *const p = &m->peers[peer];
    uint8_t *const text = p->partial.waits ? p->plain + PQ1_PLAIN_MAX : p->plain;
    size_t n = 0;
    enum err e;

    e = pq1_open(&p->channel, now_ns, record, &in->about, text, PQ1_PLAIN_MAX, &n);
    if (e == ERR_MISMATCH) { /* one is missing */
        mesh_break_channel(m, peer);
    }
    TRY(e);
    p->heard++;
    p->used = (size_t)(text - p->plain) + n;
    e = in->about.type < MESH_SETUP || in->about.type > MESH_TYPE_LAST
            ? ERR_RANGE
            : take_part(p, &in->about, n, &in->body);
    if (e != ERR_OK) {
        mesh_forget(m, peer);
    }
    return e;
}

void mesh_take_record(struct mesh *m, unsigned peer, struct view record, int64_t now_ns,
                      struct mesh_message *out)
{
    struct mesh_message in = {.from = peer};

    if (!m->peers[peer].live || open_record(m, peer, record, now_ns, &in) != ERR_OK) {
        m->counts.dropped++;
    } else if (in.body.p != NULL) {
        give(m, &in, out);
    }
}

/* ---- out ---- */

/* One part; a lane has room for it. */
static enum err seal_part(struct mesh *m, unsigned to, const struct pq1_about *about,
                          struct view plain, int64_t now_ns)
{
    struct pq1 *const c = &m->peers[to].channel;
    struct writer w;
    enum err e;

    TRY(mesh_box_place(&m->outbox, to, 1 + PQ1_RECORD_OVERHEAD + plain.n, &w));
    wr_u8(&w, MESH_RECORD);
    e = pq1_seal(c, now_ns, about, plain, &w);
    if (e == ERR_OK) {
        mesh_box_keep(&m->outbox, to, &w, MESH_MARK_RECORD);
    }
    return e;
}

static enum err seal_parts(struct mesh *m, unsigned to, const struct pq1_about *about,
                           struct view plain, int64_t now_ns)
{
    const uint8_t parts = plain.n > MESH_PART_MAX ? 2 : 1;
    struct reader r = rd_init(plain);

    for (uint8_t part = 1; part <= parts; part++) {
        struct writer w = wr_init(m->part, sizeof m->part);
        struct view piece;

        TRY(rd_take(&r, part < parts ? MESH_PART_MAX : r.n, &piece));
        wr_u8(&w, part);
        wr_u8(&w, parts);
        wr_view(&w, piece);
        TRY(wr_finish(&w, &piece));
        TRY(seal_part(m, to, about, piece, now_ns));
    }
    return ERR_OK;
}

static size_t sealed_len(size_t n)
{
    const size_t parts = n > MESH_PART_MAX ? 2 : 1;

    return n + parts * (MESH_WAITING_HEAD_LEN + 1 + PQ1_RECORD_OVERHEAD + MESH_PART_HEAD_LEN);
}

/* Between the own Finished and the peer's nothing is sealed. */
bool mesh_has_room(const struct mesh *m, unsigned to, size_t n)
{
    return mesh_verified(m, to) && m->peers[to].channel.step != PQ1_STEP_FINISHED &&
           mesh_box_has_room(&m->outbox, to, sealed_len(n),
                             m->attest != NULL ? MESH_RESERVED_ATTESTED_BYTES
                                               : MESH_RESERVED_BYTES);
}

enum err mesh_seal(struct mesh *m, unsigned to, const struct pq1_about *about,
                   struct view plain, int64_t now_ns)
{
    enum err e;

    if (plain.n > MESH_MESSAGE_MAX) {
        return ERR_LENGTH;
    }
    if (!m->peers[to].live) {
        return ERR_STATE;
    }
    if (!mesh_has_room(m, to, plain.n)) {
        return ERR_NOSPACE;
    }
    e = seal_parts(m, to, about, plain, now_ns);
    wipe(m->part, sizeof m->part);
    if (e != ERR_OK) { /* too old: what is sealed of it is nothing to the peer */
        mesh_break_channel(m, to);
        return ERR_STATE;
    }
    return ERR_OK;
}
