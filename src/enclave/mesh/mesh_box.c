#include "enclave/mesh/mesh_box.h"

#include <assert.h>
#include <string.h>

void mesh_box_init(struct mesh_box *b)
{
    memset(b, 0, sizeof *b);
}

size_t mesh_box_bytes(const struct mesh_box *b, unsigned node)
{
    return b->lanes[node].to - b->lanes[node].from;
}

bool mesh_box_has_room(const struct mesh_box *b, unsigned node, size_t n, size_t after)
{
    return mesh_box_bytes(b, node) + n + after <= MESH_LANE_BYTES;
}

/* What is there begins at the front again. */
static void close_up(struct mesh_lane *l)
{
    memmove(l->bytes, l->bytes + l->from, l->to - l->from);
    l->to -= l->from;
    l->from = 0;
}

enum err mesh_box_place(struct mesh_box *b, unsigned node, size_t n, struct writer *out)
{
    struct mesh_lane *l;

    *out = (struct writer){0};
    if (node >= MESH_NODES_MAX || n == 0 || n > MESH_PACKET_MAX) {
        return ERR_RANGE;
    }
    if (!mesh_box_has_room(b, node, MESH_WAITING_HEAD_LEN + n, 0)) {
        return ERR_NOSPACE;
    }
    l = &b->lanes[node];
    if (l->to + MESH_WAITING_HEAD_LEN + n > MESH_LANE_BYTES) {
        close_up(l);
    }
    *out = wr_init(l->bytes + l->to + MESH_WAITING_HEAD_LEN, n);
    return ERR_OK;
}

void mesh_box_keep(struct mesh_box *b, unsigned node, const struct writer *written,
                   uint32_t mark)
{
    struct mesh_lane *const l = &b->lanes[node];
    struct writer head = wr_init(l->bytes + l->to, MESH_WAITING_HEAD_LEN);

    assert(!written->full && written->p == l->bytes + l->to + MESH_WAITING_HEAD_LEN);
    wr_u32le(&head, (uint32_t)written->len);
    wr_u32le(&head, mark);
    l->to += MESH_WAITING_HEAD_LEN + written->len;
}

enum err mesh_box_put(struct mesh_box *b, unsigned node, struct view packet, uint32_t mark)
{
    struct writer w;

    TRY(mesh_box_place(b, node, packet.n, &w));
    wr_view(&w, packet);
    mesh_box_keep(b, node, &w, mark);
    return ERR_OK;
}

/* The packet at offset at. */
static struct mesh_waiting read_at(const struct mesh_lane *l, size_t at)
{
    struct reader r = rd_init((struct view){l->bytes + at, l->to - at});
    struct mesh_waiting p = {0};
    uint32_t n = 0;

    if (rd_u32le(&r, &n) != ERR_OK || rd_u32le(&r, &p.mark) != ERR_OK ||
        rd_take(&r, n, &p.packet) != ERR_OK) {
        assert(false); /* we wrote it */
    }
    return p;
}

bool mesh_box_first(struct mesh_box *b, unsigned *node, struct mesh_waiting *out)
{
    for (unsigned i = 0; i < MESH_NODES_MAX; i++) {
        const unsigned at = (b->turn + i) % MESH_NODES_MAX;

        if (mesh_box_bytes(b, at) > 0) {
            *node = at;
            *out = read_at(&b->lanes[at], b->lanes[at].from);
            return true;
        }
    }
    return false;
}

void mesh_box_drop_first(struct mesh_box *b, unsigned node)
{
    struct mesh_lane *const l = &b->lanes[node];

    if (l->from < l->to) {
        l->from += MESH_WAITING_HEAD_LEN + read_at(l, l->from).packet.n;
        b->turn = (node + 1) % MESH_NODES_MAX;
    }
    if (l->from == l->to) {
        mesh_box_clear(b, node);
    }
}

size_t mesh_box_give(struct mesh_box *b, struct writer *out)
{
    struct mesh_waiting first;
    unsigned node = 0;
    size_t n = 0;

    while (mesh_box_first(b, &node, &first)) {
        const struct mesh_packet p = {(uint8_t)node, first.packet};

        if (out->full || out->cap - out->len < MESH_PACKET_HEAD_LEN + first.packet.n) {
            break;
        }
        mesh_packet_encode(out, &p);
        mesh_box_drop_first(b, node);
        n++;
    }
    return n;
}

size_t mesh_box_fill(struct mesh_box *b, unsigned nodes, struct view body)
{
    struct reader r = rd_init(body);
    struct mesh_packet p;
    size_t n = 0;

    while (mesh_packet_decode(&r, &p) == ERR_OK) {
        if (p.node < nodes && mesh_box_put(b, p.node, p.packet, 0) != ERR_OK) {
            break;
        }
        n++;
    }
    return n;
}

void mesh_box_clear(struct mesh_box *b, unsigned node)
{
    b->lanes[node].from = 0;
    b->lanes[node].to = 0;
}

void mesh_box_clear_marked(struct mesh_box *b, unsigned node, uint32_t mark)
{
    struct mesh_lane *const l = &b->lanes[node];
    size_t keep = l->from;

    for (size_t at = l->from; at < l->to;) {
        const struct mesh_waiting p = read_at(l, at);
        const size_t n = MESH_WAITING_HEAD_LEN + p.packet.n;

        if (p.mark != mark) {
            memmove(l->bytes + keep, l->bytes + at, n);
            keep += n;
        }
        at += n;
    }
    l->to = keep;
}
