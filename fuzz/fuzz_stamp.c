#include "wire/frame.h"
#include "wire/stamp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[FRAME_BODY_MAX + 1];

static void same(struct writer *w, struct view body)
{
    struct view out;

    if (wr_finish(w, &out) != ERR_OK || !view_equal(out, body)) {
        abort();
    }
}

static void r1(struct view body, struct writer *w)
{
    struct r1_ask ask;
    struct r1_body one;
    struct view bodies;

    if (r1_ask_decode(body, &ask) == ERR_OK) {
        r1_ask_encode(w, &ask);
        same(w, body);
    } else if (r1_body_decode(body, &one) == ERR_OK) {
        r1_body_encode(w, &one);
        same(w, body);
    }
    if (r1_answer_decode(body, R1_BODY_LEN, &bodies) == ERR_OK &&
        (bodies.n % R1_BODY_LEN != 0 || bodies.n / R1_BODY_LEN > STAMP_BATCH_MAX)) {
        abort();
    }
}

/* Whatever is derived keeps the promises of the rule. */
static void derive(const struct r2_head *h, const struct r2_stamp *s)
{
    const struct stamp_policy p = {(uint8_t)(s->policy & 3U), 100, 1000, false};
    struct stamp st;

    if (stamp_derive(h, s, &p, &st) == ERR_OK &&
        (st.accuracy_ms < 100 || st.accuracy_ms > 1000 || (st.serial[0] & 0x80) != 0 ||
         (p.digits < 3 && st.gen_time_ms % stamp_unit_ms(p.digits) != 0))) {
        abort();
    }
}

static void r2(struct view body, struct writer *w)
{
    struct reader r = rd_init(body);
    struct r2_head h;
    struct r2_stamp s;

    if (r2_head_decode(&r, &h) != ERR_OK) {
        return;
    }
    r2_head_encode(w, &h);
    for (size_t i = 0; i < h.n; i++) {
        if (r2_stamp_decode(&r, &h, &s) != ERR_OK) {
            return;
        }
        derive(&h, &s);
        r2_stamp_encode(w, &s);
    }
    if (rd_finish(&r) == ERR_OK) {
        same(w, body);
    }
}

static void r2_answer(struct view body, struct writer *w)
{
    struct reader r = rd_init(body);
    struct r2_result res;
    uint8_t n = 0;

    (void)w;
    if (rd_u8(&r, &n) != ERR_OK) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (r2_result_decode(&r, &res) != ERR_OK) {
            return;
        }
        if (res.err == ERR_OK &&
            (res.signature.n == 0 || res.signature.n > STAMP_SIGNATURE_MAX)) {
            abort();
        }
    }
}

/* The first byte chooses the decoder. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(struct view, struct writer *) = {r1, r2, r2_answer};
    struct writer w = wr_init(again, sizeof again);

    if (size > 0 && size < sizeof again) {
        decoders[data[0] % (sizeof decoders / sizeof decoders[0])](
            (struct view){data + 1, size - 1}, &w);
    }
    return 0;
}
