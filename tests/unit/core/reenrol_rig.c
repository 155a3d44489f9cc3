#include "reenrol_rig.h"

#include <stdlib.h>
#include <string.h>

void reenrol_rig_sign(struct reenrol_rig *r, size_t at)
{
    struct writer w = wr_init(r->order_bytes[at], sizeof r->order_bytes[at]);
    uint8_t digest[TECDSA_HASH_LEN];

    reenrol_order_hash(&r->order, digest);
    r->order.n = 1;
    r->order.signatures[0].place = 0;
    member_kit_sign_order(r->k, digest, r->order.signatures[0].signature);
    reenrol_order_encode(&w, &r->order);
    assert_int_equal(wr_finish(&w, &r->orders[at]), ERR_OK);
}

void reenrol_rig_order(struct reenrol_rig *r, uint8_t place, uint32_t attempt)
{
    const struct hello h = member_kit_hello(r->k, FRESH);

    r->order = (struct reenrol_order){.node = place, .attempt = attempt};
    memcpy(r->order.epoch_id, r->k->nodes[0].core.epoch_id, sizeof r->order.epoch_id);
    memcpy(r->order.identity, h.identity, sizeof r->order.identity);
    memcpy(r->order.signing_key, h.signing_key, sizeof r->order.signing_key);
    memcpy(r->order.boot_nonce, h.boot_nonce, sizeof r->order.boot_nonce);
    reenrol_rig_sign(r, 0);
}

void reenrol_rig_init(struct reenrol_rig *r, struct member_kit *k)
{
    *r = (struct reenrol_rig){.k = k, .record = member_kit_record(k, 0)};
    member_kit_fresh(k);
    reenrol_rig_order(r, LOST, 1);
}

void reenrol_rig_free(struct reenrol_rig *r)
{
    reenrol_rig_lose_packets(r);
    free((void *)(uintptr_t)r->record.p);
}

/* ---- packets ---- */

static void keep_packets(struct reenrol_rig *rig, struct view packets)
{
    struct reader r = rd_init(packets);
    struct reenrol_packet p;

    while (r.n > 0) {
        const uint8_t *const from = r.p;

        assert_int_equal(reenrol_packet_decode(&r, &p), ERR_OK);
        assert_true(rig->n_waiting < sizeof rig->waiting / sizeof rig->waiting[0]);
        uint8_t *const copy = malloc(REENROL_PACKET_HEAD + p.bytes.n);

        assert_non_null(copy);
        memcpy(copy, from, REENROL_PACKET_HEAD + p.bytes.n);
        rig->waiting[rig->n_waiting++] = (struct view){copy, REENROL_PACKET_HEAD + p.bytes.n};
    }
}

static enum err call(struct reenrol_rig *r, size_t node, uint8_t type, struct view body)
{
    TRY(member_kit_call(r->k, node, type, body));
    assert_true(r->k->body.n + FRAME_HEADER_LEN <= LIMIT_ANSWER);
    assert_int_equal(reenrol_answer_decode(r->k->body, &r->said), ERR_OK);
    keep_packets(r, r->said.packets);
    return ERR_OK;
}

enum err reenrol_rig_give(struct reenrol_rig *r, size_t node, uint8_t helpers, size_t n,
                          struct view with)
{
    static uint8_t body[FRAME_BODY_LONG_MAX];
    struct reenrol_order_ask ask = {.helpers = helpers, .n = n, .record = with};
    struct writer w = wr_init(body, sizeof body);

    memcpy(ask.orders, r->orders, n * sizeof r->orders[0]);
    reenrol_order_ask_encode(&w, &ask);
    return call(r, node, FRAME_REENROL_ORDER, (struct view){body, w.len});
}

void reenrol_rig_give_all(struct reenrol_rig *r, size_t n)
{
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(reenrol_rig_give(r, i, HELPERS, n, (struct view){NULL, 0}), ERR_OK);
        assert_int_equal(r->said.state, i == 3 ? REENROL_IDLE : REENROL_RUNNING);
        assert_int_equal(r->said.incarnation[LOST], r->order.attempt + 1);
    }
    assert_int_equal(reenrol_rig_give(r, FRESH, HELPERS, n, r->record), ERR_OK);
    assert_int_equal(r->said.state, REENROL_RUNNING);
}

void reenrol_rig_settle(struct reenrol_rig *r)
{
    while (r->n_waiting > 0) {
        const struct view p = r->waiting[0];
        const size_t to = p.p[1] == r->order.node ? (size_t)FRESH : p.p[1];

        memmove(r->waiting, r->waiting + 1, --r->n_waiting * sizeof r->waiting[0]);
        assert_int_equal(call(r, to, FRAME_REENROL_STEP, p), ERR_OK);
        free((void *)(uintptr_t)p.p);
    }
}

void reenrol_rig_lose_packets(struct reenrol_rig *r)
{
    while (r->n_waiting > 0) {
        free((void *)(uintptr_t)r->waiting[--r->n_waiting].p);
    }
}

enum reenrol_state reenrol_rig_state(struct reenrol_rig *r, size_t node)
{
    assert_int_equal(call(r, node, FRAME_REENROL_STEP, (struct view){NULL, 0}), ERR_OK);
    return (enum reenrol_state)r->said.state;
}
