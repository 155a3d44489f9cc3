#include "promise.h"

#include "wire/ceremony_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[CEREMONY_MSG_MAX];

/* What a body gives lies inside of it. */
static void look(const struct ceremony_msg *m, uint8_t total, uint8_t threshold)
{
    const struct plan p = {.threshold = threshold, .total = total};
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_body_masks(&p, m, masks);

    if (m->round < CEREMONY_COMMIT || m->round == CEREMONY_SEALED || m->sender >= total ||
        ceremony_body_check(&p, m) != ERR_OK) {
        return;
    }
    promise_inside(ceremony_body_head(&p, m), m->body);
    for (size_t i = 0; i < n; i++) {
        const struct view v = ceremony_body_entry(&p, m, masks[i]);

        promise(v.n > 0);
        promise_inside(v, m->body);
    }
    for (uint8_t i = 0; i < total; i++) {
        promise_inside(ceremony_body_hash_of(&p, m, CEREMONY_COMMIT, i), m->body);
        promise_inside(ceremony_body_hash_of(&p, m, CEREMONY_T_REVEAL, i), m->body);
    }
}

static void ends(struct view body)
{
    struct ceremony_complaint c;
    struct ceremony_abort a;
    struct writer w = wr_init(again, sizeof again);
    struct view out;

    if (ceremony_complaint_decode(body, &c) == ERR_OK) {
        ceremony_complaint_encode(&w, &c);
        promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, body));
    } else if (ceremony_abort_decode(body, &a) == ERR_OK) {
        ceremony_abort_encode(&w, &a);
        promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, body));
    }
}

/* Two bytes choose threshold and total; then messages, one after the other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    struct ceremony_msg m;
    uint8_t total = 0;
    uint8_t threshold = 0;

    if (rd_u8(&r, &total) != ERR_OK || rd_u8(&r, &threshold) != ERR_OK) {
        return 0;
    }
    total = (uint8_t)(2 + total % (PLAN_NODES_MAX - 1));
    threshold = (uint8_t)(2 + threshold % (total - 1));
    ends((struct view){r.p, r.n});
    while (ceremony_msg_decode(&r, &m) == ERR_OK) {
        struct writer w = wr_init(again, sizeof again);
        struct view out;

        ceremony_msg_encode(&w, &m);
        promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, m.whole));
        look(&m, total, threshold);
        ends(m.body);
    }
    return 0;
}
