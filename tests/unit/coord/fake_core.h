/* fake_core.h - the other end of the frames, scripted: it keeps what it is asked, and answers
 * as a core would, or as the test wants. */
#ifndef TESTS_FAKE_CORE_H
#define TESTS_FAKE_CORE_H

#include "testing.h"

#include "host/coord/coord_step.h"

#include <stdlib.h>
#include <string.h>

#define FAKE_FRAMES 64
#define FAKE_R1S 262144
#define FAKE_LIFE_NS INT64_C(250000000)

struct fake_frame {
    uint8_t type;
    uint64_t id;
    size_t len;
    uint8_t body[COORD_FRAME_MAX];
};

struct fake_core {
    uint8_t boot_id[BOOT_ID_LEN], epoch_id[EPOCH_ID_LEN];
    uint8_t activation[ACTIVATION_HASH_LEN], activation_pq[ACTIVATION_HASH_LEN];
    uint8_t identity[IDENTITY_LEN];
    uint8_t index, total, state;
    uint8_t clock;            /* enum core_clock */
    size_t probes[TIME_HEAR]; /* answered, by step - 1 */
    size_t heard;             /* statements in the latest round */
    enum err refuse_probes;
    int64_t now_ns;  /* monotonic; also its wall clock, after an offset */
    enum err refuse; /* what it says to every R1; ERR_OK: it serves */
    size_t n;        /* asked and not yet answered */
    struct fake_frame frames[FAKE_FRAMES];
    uint32_t next_r1;
    int64_t r1_ns[FAKE_R1S]; /* when it was given; 0: used */
    uint64_t stamps;         /* signed */
    size_t largest;          /* stamps in a frame */
    size_t in_len;
    uint8_t in[4 * COORD_OUT_MAX];
    uint8_t out[2 * FRAME_BODY_MAX];
};

static inline struct fake_core *fake_new(uint8_t boot)
{
    struct fake_core *f = calloc(1, sizeof *f);

    assert_non_null(f);
    memset(f->boot_id, boot, sizeof f->boot_id);
    memset(f->epoch_id, boot, sizeof f->epoch_id);
    memset(f->activation, 0xac, sizeof f->activation);
    f->index = 1;
    f->total = 1;
    f->state = CORE_SERVING;
    f->clock = CLOCK_KERNEL;
    f->now_ns = 1;
    return f;
}

/* Takes bytes from the coordinator, and keeps the whole frames of them. */
static inline void fake_receive(struct fake_core *f, struct view in)
{
    size_t at = 0;

    assert_true(in.n <= sizeof f->in - f->in_len);
    if (in.n > 0) {
        memcpy(f->in + f->in_len, in.p, in.n);
    }
    f->in_len += in.n;
    while (f->in_len - at >= FRAME_HEADER_LEN) {
        struct frame_header h;

        assert_int_equal(frame_header_decode((struct view){f->in + at, FRAME_HEADER_LEN}, &h),
                         ERR_OK);
        if (f->in_len - at < FRAME_HEADER_LEN + h.body_len) {
            break;
        }
        assert_true(f->n < FAKE_FRAMES && h.body_len <= COORD_FRAME_MAX);
        struct fake_frame *q = &f->frames[f->n++];

        q->type = h.type;
        q->id = h.request_id;
        q->len = h.body_len;
        memcpy(q->body, f->in + at + FRAME_HEADER_LEN, h.body_len);
        at += FRAME_HEADER_LEN + h.body_len;
    }
    memmove(f->in, f->in + at, f->in_len - at);
    f->in_len -= at;
}

static inline void fake_forget(struct fake_core *f, size_t at)
{
    f->n--;
    memmove(&f->frames[at], &f->frames[at + 1], (f->n - at) * sizeof f->frames[0]);
}

static inline void fake_hello(const struct fake_core *f, struct writer *w)
{
    static const uint8_t key[97] = {4};
    static const uint8_t oid[] = {0x2b, 0x06, 0x01};
    struct hello h = {.index = f->index,
                      .clock = f->clock,
                      .r1_life_ms = R1_LIFE_MS,
                      .n_keys = 1,
                      .n_policies = 1};

    memcpy(h.boot_id, f->boot_id, BOOT_ID_LEN);
    memcpy(h.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(h.identity, f->identity, IDENTITY_LEN);
    h.keys[0] = (struct hello_key){KEY_CLASSIC, 1, f->total, {key, sizeof key}};
    h.policies[0] =
        (struct hello_policy){1, KEY_CLASSIC, 3, false, 100, 1000, {oid, sizeof oid}};
    hello_encode(w, &h);
}

static inline void fake_state(const struct fake_core *f, struct writer *w)
{
    struct core_status s = {.state = f->state, .time_valid = 1, .lo_ns = 1, .hi_ns = 2};

    s.reason = f->state == CORE_SERVING ? 0 : ERR_STATE;
    memcpy(s.boot_id, f->boot_id, BOOT_ID_LEN);
    memcpy(s.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(s.activation[0], f->activation, ACTIVATION_HASH_LEN);
    memcpy(s.activation[1], f->activation_pq, ACTIVATION_HASH_LEN);
    core_status_encode(w, &s);
}

static inline enum err fake_r1(struct fake_core *f, struct view body, struct writer *w)
{
    struct r1_ask ask;

    assert_int_equal(r1_ask_decode(body, &ask), ERR_OK);
    if (f->refuse != ERR_OK) {
        return f->refuse;
    }
    if (memcmp(ask.epoch_id, f->epoch_id, EPOCH_ID_LEN) != 0) {
        return ERR_QUORUM;
    }
    wr_u8(w, (uint8_t)(ask.sid0.n / SID0_LEN));
    for (size_t i = 0; i < ask.sid0.n / SID0_LEN; i++) {
        struct r1_body b = {.key = ask.key, .index = f->index};

        memcpy(b.epoch_id, f->epoch_id, EPOCH_ID_LEN);
        memcpy(b.sid0, ask.sid0.p + i * SID0_LEN, SID0_LEN);
        memcpy(b.r1_id, &f->next_r1, sizeof f->next_r1);
        memcpy(b.part, &f->next_r1, sizeof f->next_r1);
        b.lo_ns = f->now_ns + INT64_C(1700000000000000000);
        b.hi_ns = b.lo_ns + 1000000;
        assert_true(f->next_r1 < FAKE_R1S);
        f->r1_ns[f->next_r1++] = f->now_ns;
        r1_body_encode(w, &b);
    }
    return ERR_OK;
}

/* The signature of a stamp is made of its X: so a test sees that both sides derived the same.
 */
static inline struct view fake_sign(const struct stamp *st, uint8_t key,
                                    uint8_t signature[STAMP_SIGNATURE_DUAL])
{
    const size_t n = stamp_signature_len(key);

    for (size_t i = 0; i < n; i++) {
        signature[i] = st->x[i % STAMP_X_LEN];
    }
    return (struct view){signature, n};
}

/* One stamp: its R1 is known, unused and young. */
static inline void fake_stamp(struct fake_core *f, const struct r2_head *h,
                              const struct r2_stamp *s, struct writer *w)
{
    static const struct stamp_policy rule = {3, 100, 1000, false};
    uint8_t signature[STAMP_SIGNATURE_DUAL];
    struct r2_result r = {.err = ERR_OK};
    struct r1_body b;
    struct stamp st;
    uint32_t id = 0;

    assert_int_equal(r1_body_decode(s->bodies, &b), ERR_OK);
    memcpy(&id, b.r1_id, sizeof id);
    assert_true(id < f->next_r1);
    if (f->r1_ns[id] == 0 || f->now_ns - f->r1_ns[id] > FAKE_LIFE_NS ||
        memcmp(h->activation, f->activation, ACTIVATION_HASH_LEN) != 0) {
        r.err = ERR_STALE;
    }
    f->r1_ns[id] = 0;
    if (r.err == ERR_OK) {
        r.err = stamp_derive(h, s, &rule, &st);
    }
    if (r.err == ERR_OK) {
        r.signature = fake_sign(&st, h->key, signature);
        f->stamps++;
    }
    r2_result_encode(w, &r);
}

static inline enum err fake_r2(struct fake_core *f, struct view body, struct writer *w)
{
    struct reader r = rd_init(body);
    struct r2_head h;

    assert_int_equal(r2_head_decode(&r, &h), ERR_OK);
    f->largest = h.n > f->largest ? h.n : f->largest;
    if (memcmp(h.epoch_id, f->epoch_id, EPOCH_ID_LEN) != 0) {
        return ERR_QUORUM;
    }
    wr_u8(w, h.n);
    for (size_t i = 0; i < h.n; i++) {
        struct r2_stamp s;

        assert_int_equal(r2_stamp_decode(&r, &h, &s), ERR_OK);
        fake_stamp(f, &h, &s, w);
    }
    assert_int_equal(rd_finish(&r), ERR_OK);
    return ERR_OK;
}

static inline enum err fake_probe(struct fake_core *f, struct view body, struct writer *w)
{
    const struct time_challenge c = {.index = f->index};
    struct time_statement s = {.index = f->index, .seq = 1};
    struct time_probe p;

    assert_int_equal(time_probe_decode(body, &p), ERR_OK);
    if (f->refuse_probes != ERR_OK) {
        return f->refuse_probes;
    }
    f->probes[p.step - 1]++;
    if (p.step == TIME_OPEN) {
        time_challenge_encode(w, &c);
    } else if (p.step == TIME_TELL) {
        s.n = p.n;
        memcpy(s.heard, p.challenges, sizeof s.heard);
        time_statement_encode(w, &s);
    } else {
        f->heard = p.n;
    }
    return ERR_OK;
}

/* Answers what it was asked as number at, and forgets it. */
static inline struct view fake_answer(struct fake_core *f, size_t at)
{
    struct writer w = wr_init(f->out, sizeof f->out);
    const struct fake_frame *q = &f->frames[at];
    const uint64_t id = q->id;
    const struct view body = {q->body, q->len};
    const size_t mark = frame_begin(&w, q->type | FRAME_ANSWER, id);
    struct view done;
    enum err e = ERR_OK;

    if (q->type == FRAME_HELLO) {
        fake_hello(f, &w);
    } else if (q->type == FRAME_STATE) {
        fake_state(f, &w);
    } else if (q->type == FRAME_TIME_PROBE) {
        e = fake_probe(f, body, &w);
    } else {
        e = q->type == FRAME_R1 ? fake_r1(f, body, &w) : fake_r2(f, body, &w);
    }
    if (e != ERR_OK) {
        w = wr_init(f->out, sizeof f->out);
        frame_write_error(&w, id, e);
    } else {
        frame_end(&w, mark);
    }
    fake_forget(f, at);
    assert_int_equal(wr_finish(&w, &done), ERR_OK);
    return done;
}

/* Number of the first frame of this type that waits for its answer; FAKE_FRAMES: none. */
static inline size_t fake_find(const struct fake_core *f, enum frame_type type)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->frames[i].type == type) {
            return i;
        }
    }
    return FAKE_FRAMES;
}

static inline size_t fake_count(const struct fake_core *f, enum frame_type type)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++) {
        n += f->frames[i].type == type;
    }
    return n;
}

/* A frame of the test's own making. */
static inline struct view fake_raw(struct fake_core *f, uint8_t type, uint64_t id,
                                   struct view body)
{
    struct writer w = wr_init(f->out, sizeof f->out);
    const size_t mark = frame_begin(&w, type, id);
    struct view done;

    wr_view(&w, body);
    frame_end(&w, mark);
    assert_int_equal(wr_finish(&w, &done), ERR_OK);
    return done;
}

#endif
