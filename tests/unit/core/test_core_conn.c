/* One connection: frames cut anywhere, pressure from behind, deadlines. */
#include "core_fixture.h"

#include "enclave/core/core_conn.h"

#include <string.h>

#define IDLE_NS (30 * SECOND)
#define UNKNOWN 0x7e /* a type that is none: refused, which does not end a connection */
#define CLASSIC_R1 (FRAME_HEADER_LEN + 1 + STAMP_BATCH_MAX * R1_BODY_LEN) /* a full answer */

static struct core_conn conn;
static struct core_fixture *f;
static int64_t now;

static void start(void)
{
    f = core_fixture_serving();
    now = f->clock.mono_ns;
    core_conn_init(&conn, 3, NULL, now);
}

/* What the socket would give; returns how much had room. */
static size_t feed(const void *bytes, size_t n)
{
    size_t room;
    uint8_t *const to = core_conn_receive(&conn, &room);

    n = n < room ? n : room;
    memcpy(to, bytes, n);
    core_conn_received(&conn, n);
    return n;
}

static bool work(struct sign_batch **b)
{
    return core_conn_work(&conn, &f->core, now, b);
}

static size_t work_all(void)
{
    struct sign_batch *b;
    size_t n = 0;

    while (work(&b)) {
        assert_null(b);
        n++;
    }
    return n;
}

static size_t frame(uint8_t *out, size_t cap, uint8_t type, uint64_t id, struct view body)
{
    struct writer w = wr_init(out, cap);
    const size_t mark = frame_begin(&w, type, id);

    wr_view(&w, body);
    frame_end(&w, mark);
    assert_false(w.full);
    return w.len;
}

/* Takes all that waits to be sent; counts its frames and gives the id of the last. */
static size_t take_out(uint64_t *id)
{
    struct view out = core_conn_send(&conn);
    const size_t n = out.n;
    struct frame_header h;
    size_t frames = 0;

    while (out.n > 0) {
        assert_int_equal(frame_header_decode(out, &h), ERR_OK);
        out = (struct view){out.p + FRAME_HEADER_LEN + h.body_len,
                            out.n - FRAME_HEADER_LEN - h.body_len};
        *id = h.request_id;
        frames++;
    }
    core_conn_sent(&conn, n, now);
    return frames;
}

static void test_frames_cut_anywhere(void **state)
{
    uint8_t bytes[64];
    uint64_t id = 0;
    size_t n;

    (void)state;
    start();
    n = frame(bytes, sizeof bytes, FRAME_STATE, 1, (struct view){NULL, 0});
    n += frame(bytes + n, sizeof bytes - n, UNKNOWN, 2, (struct view){bytes, 3});
    n += frame(bytes + n, sizeof bytes - n, FRAME_STATS, 3, (struct view){NULL, 0});
    for (size_t cut = 1; cut < n; cut++) {
        size_t done = 0;

        for (size_t at = 0; at < n; at += cut) {
            const size_t part = n - at < cut ? n - at : cut;

            assert_int_equal(feed(bytes + at, part), part);
            done += work_all();
        }
        assert_int_equal(done, 3);
        assert_int_equal(take_out(&id), 3);
        assert_int_equal(id, 3);
    }
}

static void test_a_stream_that_cannot_be_followed(void **state)
{
    static const uint8_t bad[][FRAME_HEADER_LEN] = {
        {0x52, 1, FRAME_HELLO},
        {0x51, 2, FRAME_HELLO},
        {0x51, 1, FRAME_HELLO, 1},
        {0x51, 1, FRAME_HELLO, 0, 1, 0, 1},
    };
    uint8_t bytes[16];
    uint64_t id = 0;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        start();
        (void)frame(bytes, sizeof bytes, FRAME_STATE, 7, (struct view){NULL, 0});
        (void)feed(bytes, sizeof bytes);
        (void)feed(bad[i], sizeof bad[i]);
        assert_int_equal(work_all(), 1);
        assert_true(conn.closing);
        assert_false(core_conn_over(&conn)); /* the good one before it is still answered */
        assert_int_equal(take_out(&id), 1);
        assert_true(core_conn_over(&conn));
        assert_int_equal(f->core.counts.bad_frames, 1);
        assert_int_equal(feed(bytes, sizeof bytes), 0);
    }
}

/* A frame whose body does not have its form is answered, counted, and the last one. */
static void test_a_malformed_frame_is_the_last(void **state)
{
    static const struct {
        uint8_t type;
        size_t n;
    } rows[] = {{FRAME_HELLO, 1},  {FRAME_STATE, 3},    {FRAME_STATS, 1},
                {FRAME_AUDIT, 11}, {FRAME_ACTIVATE, 7}, {FRAME_R1, EPOCH_ID_LEN + 2},
                {FRAME_R2, 200},   {FRAME_R1, 0},       {FRAME_SIGN_CSR, 60}};
    static const uint8_t zeros[200];
    uint8_t bytes[256];
    uint64_t id = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n;

        start();
        n = frame(bytes, sizeof bytes, rows[i].type, 3, (struct view){zeros, rows[i].n});
        n += frame(bytes + n, sizeof bytes - n, FRAME_STATE, 4, (struct view){NULL, 0});
        assert_int_equal(feed(bytes, n), n);
        assert_int_equal(work_all(), 1);
        assert_false(core_conn_over(&conn)); /* it is told what was wrong */
        assert_int_equal(take_out(&id), 1);
        assert_int_equal(id, 3);
        assert_true(core_conn_over(&conn));
        assert_int_equal(f->core.counts.bad_frames, 1);
    }
}

static void test_largest_frame(void **state)
{
    static uint8_t bytes[LIMIT_READ_BUFFER];
    static const uint8_t body[FRAME_BODY_MAX];
    uint64_t id = 0;
    size_t n;

    (void)state;
    start();
    n = frame(bytes, sizeof bytes, UNKNOWN, 5, (struct view){body, sizeof body});
    assert_int_equal(n, LIMIT_READ_BUFFER);
    for (int round = 0; round < 3; round++) { /* also when it does not begin at the front */
        uint8_t small[16];
        size_t fed;

        (void)frame(small, sizeof small, FRAME_STATE, 1, (struct view){NULL, 0});
        assert_int_equal(feed(small, sizeof small), sizeof small);
        fed = feed(bytes, n);
        assert_int_equal(work_all(), fed == n ? 2 : 1);
        fed += feed(bytes + fed, n - fed);
        assert_int_equal(fed, n);
        assert_int_equal(work_all(), 1);
        assert_int_equal(take_out(&id), 2);
        assert_int_equal(id, 5);
    }
}

static void test_a_peer_that_reads_nothing(void **state)
{
    uint8_t bytes[16];
    uint64_t id = 0;
    size_t asked = 0;
    size_t answered = 0;

    (void)state;
    start();
    (void)frame(bytes, sizeof bytes, FRAME_HELLO, 1, (struct view){NULL, 0});
    while (feed(bytes, sizeof bytes) == sizeof bytes) {
        asked++;
    }
    answered = work_all();
    assert_in_range(answered, 100, asked - 1);        /* stops for want of room */
    assert_true(core_conn_wants(&conn, true, false)); /* bytes may still come in */
    while (feed(bytes, sizeof bytes) > 0) {
        asked++;
    }
    assert_int_equal(work_all(), 0);
    assert_false(core_conn_wants(&conn, true, false));
    now += LIMIT_STALL_NS;
    assert_false(core_conn_expired(&conn, now, IDLE_NS));
    assert_true(core_conn_expired(&conn, now + 1, IDLE_NS));
    /* Reading a little does not help for ever. */
    core_conn_sent(&conn, LIMIT_STALL_PROGRESS - 1, now);
    assert_true(core_conn_expired(&conn, now + 1, IDLE_NS));
    core_conn_sent(&conn, 1, now);
    assert_false(core_conn_expired(&conn, now + LIMIT_STALL_NS, IDLE_NS));
    /* It reads: all is answered. */
    while (core_conn_send(&conn).n > 0) {
        core_conn_sent(&conn, core_conn_send(&conn).n, now);
        assert_true(work_all() > 0 || core_conn_send(&conn).n == 0);
    }
    (void)feed(bytes, sizeof bytes);
    (void)work_all();
    (void)take_out(&id);
    assert_false(core_conn_expired(&conn, now + IDLE_NS, IDLE_NS));
    assert_true(core_conn_expired(&conn, now + IDLE_NS + 1, IDLE_NS));
    /* Who has spoken keeps its place in a crowd; who has not gives way. */
    assert_int_equal(core_conn_patience(&conn, true, IDLE_NS), IDLE_NS);
    core_conn_init(&conn, 0, NULL, now);
    assert_int_equal(core_conn_patience(&conn, true, IDLE_NS), LIMIT_SILENT_NS);
    assert_int_equal(core_conn_patience(&conn, false, IDLE_NS), IDLE_NS);
    assert_int_equal(core_conn_patience(&conn, true, 1), 1);
}

/* Puts one R2 of a fresh R1 into the connection and takes its batch. */
static struct sign_batch *put_r2(size_t stamps)
{
    static uint8_t bytes[LIMIT_READ_BUFFER];
    static uint8_t body[FRAME_BODY_MAX];
    static struct rounds r;
    struct sign_batch *b = NULL;
    size_t n;

    assert_int_equal(rounds_r1(f, stamps, &r), ERR_OK);
    n = frame(bytes, sizeof bytes, FRAME_R2, 1, rounds_r2_body(&r, body, sizeof body));
    assert_int_equal(feed(bytes, n), n);
    (void)work(&b);
    return b;
}

static void test_batches_under_way_are_limited(void **state)
{
    struct sign_batch *b[LIMIT_CONNECTION_BATCHES];
    struct sign_batch *next;
    uint64_t id = 0;

    (void)state;
    start();
    for (size_t i = 0; i < LIMIT_CONNECTION_BATCHES; i++) {
        b[i] = put_r2(STAMP_BATCH_MAX);
        assert_non_null(b[i]);
        assert_int_equal(b[i]->lane, 3);
    }
    assert_null(put_r2(STAMP_BATCH_MAX)); /* waits, whole, in the buffer */
    assert_false(
        core_conn_expired(&conn, now + 100 * IDLE_NS, IDLE_NS)); /* we are slow, not it */
    for (size_t i = 0; i < LIMIT_CONNECTION_BATCHES; i++) {      /* all answers have room */
        core_conn_finish(&conn, &f->core, b[i], now);
    }
    assert_true(work(&next));
    assert_non_null(next);
    assert_int_equal(take_out(&id), LIMIT_CONNECTION_BATCHES);
    core_conn_finish(&conn, &f->core, next, now);
    assert_int_equal(take_out(&id), 1);
}

static void test_answers_of_every_kind_have_room(void **state)
{
    static uint8_t bytes[FRAME_BODY_MAX];
    struct sign_batch *b[LIMIT_CONNECTION_BATCHES - 1];
    struct sign_batch *none;
    static struct rounds r;
    uint64_t id = 0;
    size_t n;

    (void)state;
    start();
    for (size_t i = 0; i < LIMIT_CONNECTION_BATCHES - 1; i++) {
        b[i] = put_r2(STAMP_BATCH_MAX);
    }
    /* Full R1s until nothing goes any more; then every batch still finds its room. */
    for (size_t i = 0; i < LIMIT_WRITE_BUFFER / CLASSIC_R1; i++) {
        struct r1_ask ask = {.key = KEY_CLASSIC, .sid0 = {r.sid0[0], sizeof r.sid0}};
        uint8_t body[EPOCH_ID_LEN + 2 + sizeof r.sid0];
        struct writer w = wr_init(body, sizeof body);

        memcpy(ask.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
        r1_ask_encode(&w, &ask);
        n = frame(bytes, sizeof bytes, FRAME_R1, 9, (struct view){body, w.len});
        assert_int_equal(feed(bytes, n), n);
        while (work(&none)) {
            assert_null(none);
        }
        (void)r1_table_void(&f->core.r1);
    }
    for (size_t i = 0; i < LIMIT_CONNECTION_BATCHES - 1; i++) {
        core_conn_finish(&conn, &f->core, b[i], now);
    }
    assert_true(take_out(&id) >= LIMIT_CONNECTION_BATCHES);
    while (work(&none)) {
    }
    (void)take_out(&id);
    assert_int_equal(id, 9);
}

static void test_longest_answers(void **state)
{
    static uint8_t bytes[LIMIT_ANSWER];
    static struct audit_page page = {.n = WIRE_AUDIT_MAX};
    static struct core_stats stats = {.n = WIRE_STATS_MAX};
    struct writer w = wr_init(bytes, sizeof bytes - FRAME_HEADER_LEN);

    (void)state;
    audit_page_encode(&w, &page);
    assert_false(w.full);
    w = wr_init(bytes, sizeof bytes - FRAME_HEADER_LEN);
    core_stats_encode(&w, &stats);
    assert_false(w.full);
    assert_true(LIMIT_ANSWER_R2 <= LIMIT_ANSWER);
    assert_true(sizeof(struct hello) + (size_t)WIRE_POLICIES_MAX * WIRE_POLICY_OID_MAX <
                LIMIT_ANSWER);
}

static void test_a_frame_that_does_not_end(void **state)
{
    uint8_t bytes[16];

    (void)state;
    start();
    (void)frame(bytes, sizeof bytes, FRAME_STATE, 1, (struct view){NULL, 0});
    for (size_t i = 0; i + 1 < sizeof bytes; i++) { /* a byte now and then */
        (void)feed(bytes + i, 1);
        assert_int_equal(work_all(), 0);
        assert_false(core_conn_expired(&conn, now + LIMIT_STALL_NS / 20, IDLE_NS));
        now += LIMIT_STALL_NS / 20;
    }
    now += LIMIT_STALL_NS / 4 + 1;
    assert_true(core_conn_expired(&conn, now, IDLE_NS));
    (void)feed(bytes + 15, 1);
    assert_int_equal(work_all(), 1);
    assert_false(core_conn_expired(&conn, now, IDLE_NS));
    /* With a short idle time that one counts. */
    assert_true(core_conn_expired(&conn, now + 101 * MS, 100 * MS));
}

static void test_end_of_the_peer(void **state)
{
    struct sign_batch *b;
    uint64_t id = 0;

    (void)state;
    start();
    b = put_r2(1);
    core_conn_ended(&conn);
    assert_int_equal(work_all(), 0);
    assert_false(core_conn_over(&conn));
    core_conn_finish(&conn, &f->core, b, now);
    assert_false(core_conn_over(&conn));
    assert_int_equal(take_out(&id), 1);
    assert_true(core_conn_over(&conn));
    assert_false(core_conn_wants(&conn, true, true));
}

/* More than may be under way, and the end right after it: all of it is answered. */
static void test_end_behind_waiting_frames(void **state)
{
    struct sign_batch *b[LIMIT_CONNECTION_BATCHES];
    struct sign_batch *last = NULL;
    uint8_t bytes[16];
    uint64_t id = 0;

    (void)state;
    start();
    for (size_t i = 0; i < LIMIT_CONNECTION_BATCHES; i++) {
        b[i] = put_r2(1);
    }
    assert_null(put_r2(1));
    (void)frame(bytes, sizeof bytes, FRAME_STATE, 42, (struct view){NULL, 0});
    (void)feed(bytes, sizeof bytes);
    (void)feed(bytes, 5); /* and a frame that will never be whole */
    core_conn_ended(&conn);
    assert_false(work(&last));
    assert_false(conn.closing);
    core_conn_finish(&conn, &f->core, b[0], now);
    assert_true(work(&last));
    assert_non_null(last);
    core_conn_finish(&conn, &f->core, b[1], now);
    assert_int_equal(work_all(), 1);
    assert_true(conn.closing);
    core_conn_finish(&conn, &f->core, last, now);
    for (size_t i = 2; i < LIMIT_CONNECTION_BATCHES; i++) {
        core_conn_finish(&conn, &f->core, b[i], now);
    }
    assert_false(core_conn_over(&conn));
    assert_int_equal(take_out(&id), LIMIT_CONNECTION_BATCHES + 2);
    assert_true(core_conn_over(&conn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_cut_anywhere),
        cmocka_unit_test(test_a_stream_that_cannot_be_followed),
        cmocka_unit_test(test_a_malformed_frame_is_the_last),
        cmocka_unit_test(test_largest_frame),
        cmocka_unit_test(test_a_peer_that_reads_nothing),
        cmocka_unit_test(test_batches_under_way_are_limited),
        cmocka_unit_test(test_answers_of_every_kind_have_room),
        cmocka_unit_test(test_longest_answers),
        cmocka_unit_test(test_a_frame_that_does_not_end),
        cmocka_unit_test(test_end_of_the_peer),
        cmocka_unit_test(test_end_behind_waiting_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
