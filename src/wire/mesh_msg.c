#include "wire/mesh_msg.h"

void mesh_packet_encode(struct writer *w, const struct mesh_packet *p)
{
    wr_u8(w, (uint8_t)(p->node + 1));
    wr_u32le(w, (uint32_t)p->packet.n);
    wr_view(w, p->packet);
}

static enum err read_packet(struct reader *r, struct mesh_packet *p)
{
    uint32_t n = 0;

    TRY(rd_u8(r, &p->node));
    TRY(rd_u32le(r, &n));
    if (p->node == 0 || p->node > MESH_NODES_MAX || n == 0 || n > MESH_PACKET_MAX) {
        return ERR_RANGE;
    }
    p->node--;
    return rd_take(r, n, &p->packet);
}

enum err mesh_packet_decode(struct reader *r, struct mesh_packet *out)
{
    const enum err e = read_packet(r, out);

    if (e != ERR_OK) {
        *out = (struct mesh_packet){0};
    }
    return e;
}

enum err mesh_packets_check(struct view body, size_t most, size_t *n)
{
    struct reader r = rd_init(body);
    size_t count = 0;

    *n = 0;
    while (r.n > 0) {
        struct mesh_packet p;

        if (count == most) {
            return ERR_RANGE;
        }
        TRY(mesh_packet_decode(&r, &p));
        count++;
    }
    *n = count;
    return ERR_OK;
}

void mesh_taken_encode(struct writer *w, uint8_t taken)
{
    wr_u8(w, taken);
}

enum err mesh_taken_decode(struct view body, uint8_t *out)
{
    struct reader r = rd_init(body);
    uint8_t taken = 0;

    *out = 0;
    TRY(rd_u8(&r, &taken));
    TRY(rd_finish(&r));
    *out = taken;
    return ERR_OK;
}

void mesh_get_encode(struct writer *w, uint32_t bytes)
{
    wr_u32le(w, bytes);
}

enum err mesh_get_decode(struct view body, uint32_t *out)
{
    struct reader r = rd_init(body);
    uint32_t bytes = 0;

    *out = 0;
    TRY(rd_u32le(&r, &bytes));
    TRY(rd_finish(&r));
    if (bytes < MESH_GET_LEAST || bytes > FRAME_BODY_LONG_MAX) {
        return ERR_RANGE;
    }
    *out = bytes;
    return ERR_OK;
}
