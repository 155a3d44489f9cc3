#include "promise.h"

#include "wire/reenrol_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[FRAME_BODY_LONG_MAX];

static void same(struct writer *w, struct view in)
{
    struct view out;

    promise(wr_finish(w, &out) == ERR_OK && view_equal(out, in));
}

/* What asks and answers decode to encodes to the same bytes, and every view lies inside. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    struct writer w = wr_init(again, sizeof again);
    struct reenrol_order_ask ask;
    struct reenrol_answer answer;
    struct reenrol_packet packet;
    struct reader r = rd_init(in);

    if (reenrol_order_ask_decode(in, &ask) == ERR_OK) {
        promise(ask.n > 0 && ask.n <= PLAN_NODES_MAX && ask.record.n <= CEREMONY_RECORD_MAX);
        promise_inside(ask.orders[ask.n - 1], in);
        reenrol_order_ask_encode(&w, &ask);
        same(&w, in);
    }
    w = wr_init(again, sizeof again);
    if (reenrol_answer_decode(in, &answer) == ERR_OK) {
        promise(answer.state <= REENROL_ENDED &&
                (answer.err != 0) == (answer.state == REENROL_ENDED));
        promise_inside(answer.packets, in);
        reenrol_answer_encode(&w, &answer);
        same(&w, in);
    }
    w = wr_init(again, sizeof again);
    if (reenrol_packets_check(in) == ERR_OK) {
        while (r.n > 0) {
            promise(reenrol_packet_decode(&r, &packet) == ERR_OK);
            promise(packet.from != packet.to && packet.bytes.n > 0);
            reenrol_packet_encode(&w, &packet);
        }
        same(&w, in);
    }
    return 0;
}
