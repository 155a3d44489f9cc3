/* presign_asks.h - bodies of what a host asks of the core of presign_core.h, and what peers of
 * that core give it to ask with. Each is chosen by one byte.
 */
#ifndef FUZZ_PRESIGN_ASKS_H
#define FUZZ_PRESIGN_ASKS_H

#include "presign_core.h"

#include "wire/csr_ask.h"
#include "wire/mesh_msg.h"
#include "wire/presign_call.h"
#include "wire/reenrol_call.h"
#include "wire/renew_order.h"

static inline void r1_body(struct writer *w, uint8_t a)
{
    static uint8_t sid0[4 * SID0_LEN];
    struct r1_ask ask = {.key = a % 8 == 7 ? KEY_PQ : KEY_CLASSIC,
                         .sid0 = {sid0, (size_t)(1 + a % 4) * SID0_LEN}};

    memcpy(ask.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(w, &ask);
}

/* Of the two others beside ours, each as it would give it; a: what is wrong with one. */
static inline void peer_r1s(const uint8_t *signers, uint8_t a,
                            uint8_t r1s[TECDSA_T * R1_PROVEN_LEN])
{
    for (size_t i = 1; i < TECDSA_T; i++) {
        uint8_t *const r1 = r1s + i * R1_PROVEN_LEN;
        struct r1_macs macs;

        memcpy(r1, r1s, R1_BODY_LEN);
        r1[EPOCH_ID_LEN + 1 + SID0_LEN] = signers[i];
        r1[R1_BODY_LEN - 1] ^= (uint8_t)i;
        r1[a % R1_BODY_LEN] ^= (uint8_t)(a > 240 ? a : 0);
        r1_macs_init(&macs, signers[i] - 1U);
        r1_macs_meet(&macs, 0, mac_key[signers[i] - 1]);
        promise(r1_macs_write(&macs, &work.stack, r1) == ERR_OK);
    }
}

static inline void signers_of(size_t record, uint8_t signers[STAMP_T_MAX])
{
    size_t n = 0;

    for (unsigned i = 0; i < NODES; i++) {
        if ((dealt[record][0].s >> i & 1) != 0) {
            signers[n++] = (uint8_t)(i + 1);
        }
    }
}

#define R2_STAMPS 2

/* R2 of one stamp or two, with R1s of this core's, in turn. */
static inline void r2_body(struct writer *w, uint8_t a, const uint8_t *own[R2_STAMPS])
{
    static const uint8_t imprint[HASH_MAX] = {9};
    struct r2_head h = {.key = KEY_CLASSIC, .t = TECDSA_T, .n = (uint8_t)(1 + a % 2)};
    uint8_t r1s[TECDSA_T * R1_PROVEN_LEN];

    memcpy(h.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    memcpy(h.activation, core.certs[KEY_CLASSIC - 1].activation, ACTIVATION_HASH_LEN);
    signers_of(a / 2 % DEALT, h.signers);
    r2_head_encode(w, &h);
    for (size_t i = 0; i < h.n && i < R2_STAMPS; i++) {
        const size_t record = (a / 2 + i * (6 + a % 3)) % DEALT;
        struct r2_stamp s = {.bodies = {r1s, sizeof r1s},
                             .hash_alg = HASH_SHA256,
                             .policy = 1,
                             .hashed_message = {imprint, 32},
                             .presign = {dealt[record][0].id, STAMP_PRESIGN_LEN}};

        memcpy(r1s, own[i], R1_PROVEN_LEN);
        peer_r1s(h.signers, a, r1s);
        memcpy(s.sid0, r1s + EPOCH_ID_LEN + 1, SID0_LEN);
        r2_stamp_encode(w, &s);
    }
}

static inline void csr_body(struct writer *w, uint8_t a, const uint8_t *own)
{
    uint8_t r1s[TECDSA_T * R1_PROVEN_LEN];
    struct csr_ask c = {.key = KEY_CLASSIC,
                        .subject = 1,
                        .attempt = (uint8_t)(1 + a % CSR_ATTEMPTS_MAX),
                        .t = TECDSA_T,
                        .r1s = {r1s, sizeof r1s},
                        .presign = {dealt[a % DEALT][0].id, STAMP_PRESIGN_LEN}};

    memcpy(c.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    signers_of(a % DEALT, c.signers);
    memcpy(r1s, own, R1_PROVEN_LEN);
    memcpy(c.sid0, r1s + EPOCH_ID_LEN + 1, SID0_LEN);
    peer_r1s(c.signers, a, r1s);
    csr_ask_encode(w, &c);
}

static inline void activation_body(struct writer *w, uint8_t key, uint8_t with)
{
    const uint8_t serial[] = {1, with};
    struct activation a = {.key = key, .serial = {serial, 2}, .issuer = {serial, 1}};

    memcpy(a.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    activation_encode(w, &a);
}

/* Operators have a node come again, as another process. */
static inline void reenrol_body(struct writer *w, uint8_t a, uint32_t attempt)
{
    struct reenrol_order o = {.node = a % NODES, .attempt = attempt, .n = 1};
    struct reenrol_order_ask ask = {.helpers = a % 3 == 0 ? 0 : 0x1e, .n = 1};
    uint8_t order[REENROL_ORDER_MAX];
    uint8_t digest[P384_DIGEST_LEN];
    struct writer ow = wr_init(order, sizeof order);

    memcpy(o.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    memcpy(o.identity, operator_key.public_key, sizeof o.identity);
    o.identity[P384_PUBLIC_LEN - 1] ^= (uint8_t)(attempt + 1);
    memset(o.signing_key, 0x30 + (int)attempt, sizeof o.signing_key);
    memset(o.boot_nonce, 0x30 + (int)attempt, sizeof o.boot_nonce);
    reenrol_order_hash(&o, digest);
    promise(p384_sign(signer, &operator_key, digest, o.signatures[0].signature) == ERR_OK);
    reenrol_order_encode(&ow, &o);
    ask.orders[0] = (struct view){order, ow.len};
    reenrol_order_ask_encode(w, &ask);
}

static inline void renewal_body(struct writer *w, uint8_t a)
{
    struct renew_order o = {.nodes = {0, (uint8_t)(1 + a % 4)}, .attempt = a, .n = 1};
    uint8_t body[RENEW_BODY_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    struct writer bw = wr_init(body, sizeof body);

    memcpy(o.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    renew_body_encode(&bw, &o);
    hash_once(HASH_SHA384, (struct view){body, bw.len}, digest);
    promise(p384_sign(signer, &operator_key, digest, o.signatures[0].signature) == ERR_OK);
    wr_u8(w, PRESIGN_ORDER_RENEW);
    renew_order_encode(w, &o);
}

/* Of the host. some: what the answers of WRONG are. */
static inline void order_body(struct writer *w, uint8_t a, struct view some)
{
    struct presign_order o = {.kind = (uint8_t)(1 + a % PRESIGN_ORDER_RENEW),
                              .counter = 1 + a / 8,
                              .peer = (uint8_t)(1 + a % 4),
                              .triple = (uint8_t)dealt[a % DEALT][0].s,
                              .records = (uint8_t)(1 + a % 3),
                              .on = a % 2 == 0,
                              .word = {.triple = (uint8_t)dealt[a % DEALT][0].s}};

    if (o.kind == PRESIGN_ORDER_RENEW) {
        renewal_body(w, a);
        return;
    }
    memcpy(o.word.id, dealt[a % DEALT][0].id, sizeof o.word.id);
    memcpy(o.word.r, dealt[a % DEALT][0].r, sizeof o.word.r);
    for (size_t i = 0; i < some.n; i++) {
        o.word.answers[i % PRESIGN_WORD_SIGNERS][i] = some.p[i];
    }
    presign_order_encode(w, &o);
}

/* Packets of whoever, of those bytes. */
static inline void packets_body(struct writer *w, uint8_t a, struct view some)
{
    struct reader r = rd_init(some);
    struct mesh_packet p = {.node = a % MESH_NODES_MAX};
    const size_t each = 1U + a / 8;

    while (r.n > 0 && rd_take(&r, r.n < each ? r.n : each, &p.packet) == ERR_OK) {
        mesh_packet_encode(w, &p);
        p.node = (uint8_t)((p.node + 1) % MESH_NODES_MAX);
    }
}

/* Questions that the core answers by itself: gives the type. */
static inline uint8_t question_body(struct writer *w, uint8_t a)
{
    static const uint8_t types[] = {FRAME_MESH_GET, FRAME_PRESIGN_LIST,   FRAME_AUDIT_LOG,
                                    FRAME_EVIDENCE, FRAME_PRESIGN_STATUS, FRAME_STATS,
                                    FRAME_HELLO,    FRAME_STATE};
    const uint8_t type = types[a % sizeof types];
    const bool epoch = a / 8 % 2 == 1;
    const struct evidence_ask evidence = {epoch ? REPORT_EPOCH : REPORT_ASKED, {epoch ? 0 : a}};

    if (type == FRAME_MESH_GET) {
        mesh_get_encode(w, MESH_GET_LEAST + (a > 128 ? a * UINT32_C(900) : 0));
    } else if (type == FRAME_PRESIGN_LIST) {
        presign_since_encode(w, a / 8);
    } else if (type == FRAME_AUDIT_LOG) {
        wr_u64le(w, a / 8);
        wr_u16le(w, (uint16_t)(1 + a));
    } else if (type == FRAME_EVIDENCE) {
        evidence_ask_encode(w, &evidence);
    }
    return type;
}

#endif
