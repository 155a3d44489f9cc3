/* Packets between cores as frames have them: what is read is written back to the same bytes. */
#include "promise.h"

#include "wire/mesh_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t out[FRAME_BODY_LONG_MAX];

static void same(const struct writer *w, struct view in)
{
    promise(!w->full && view_equal((struct view){w->p, w->len}, in));
}

static void packets(struct view in, size_t n)
{
    struct reader r = rd_init(in);
    struct writer w = wr_init(out, sizeof out);

    for (size_t i = 0; i < n; i++) {
        struct mesh_packet p;

        promise(mesh_packet_decode(&r, &p) == ERR_OK);
        promise(p.node < MESH_NODES_MAX && p.packet.n > 0 && p.packet.n <= MESH_PACKET_MAX);
        promise_inside(p.packet, in);
        mesh_packet_encode(&w, &p);
    }
    promise(r.n == 0);
    same(&w, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    struct writer w = wr_init(out, sizeof out);
    uint32_t bytes = 0;
    uint8_t taken = 0;
    size_t n = 0;

    if (mesh_packets_check(in, MESH_PUT_MAX, &n) == ERR_OK) {
        promise(n <= MESH_PUT_MAX);
        packets(in, n);
    }
    if (mesh_get_decode(in, &bytes) == ERR_OK) {
        promise(bytes >= MESH_GET_LEAST && bytes <= FRAME_BODY_LONG_MAX);
        mesh_get_encode(&w, bytes);
        same(&w, in);
    }
    w = wr_init(out, sizeof out);
    if (mesh_taken_decode(in, &taken) == ERR_OK) {
        mesh_taken_encode(&w, taken);
        same(&w, in);
    }
    return 0;
}
