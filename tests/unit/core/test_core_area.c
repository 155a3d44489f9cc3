/* Frames that are longer than a connection's buffer take an area, or end the connection; and so
 * do answers. */
#include "core_fixture.h"

#include "crypto/tmldsa/tmldsa_pack.h"
#include "crypto/tmldsa/tmldsa_respond.h"
#include "enclave/core/core_conn.h"
#include "wire/quorum_msg.h"

#include <string.h>

#define IDLE_NS (30 * SECOND)

static struct core_conn conns[3];
static struct core_fixture *f;
static struct core_areas areas;
static uint8_t room[2 * LIMIT_AREA_LEN];
static uint8_t bytes[LIMIT_FRAME_LONG + 64];

/* Connections that share so many areas. */
static void start(size_t n)
{
    f = core_fixture_serving();
    core_areas_init(&areas, room, n);
    for (uint32_t i = 0; i < 3; i++) {
        core_conn_init(&conns[i], i, n > 0 ? &areas : NULL, f->clock.mono_ns);
    }
}

/* An R3 of so many bytes, then a STATE: how long they are. */
static size_t long_frame(size_t body_len)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    size_t mark = frame_begin(&w, FRAME_R3, 7);

    for (size_t i = 0; i < body_len; i++) {
        wr_u8(&w, (uint8_t)i);
    }
    frame_end(&w, mark);
    mark = frame_begin(&w, FRAME_STATE, 8);
    frame_end(&w, mark);
    assert_false(w.full);
    return w.len;
}

/* Puts the bytes from *at on into the connection, at most `most` at once, until it takes or
 * does no more. Gives how many frames it carried out. */
static size_t put(struct core_conn *n, size_t *at, size_t len, size_t most)
{
    struct sign_batch *b;
    size_t frames = 0;
    size_t part = 1;

    while (part > 0) {
        size_t space;
        uint8_t *const to = core_conn_receive(n, &space);

        part = len - *at < most ? len - *at : most;
        part = part < space ? part : space;
        memcpy(to, bytes + *at, part);
        core_conn_received(n, part);
        *at += part;
        while (core_conn_work(n, &f->core, f->clock.mono_ns, &b)) {
            assert_null(b);
            frames++;
            part = 1;
        }
    }
    return frames;
}

static size_t lent(void)
{
    size_t n = 0;

    for (size_t i = 0; i < areas.n; i++) {
        n += areas.lent[i];
    }
    return n;
}

/* The request ids of the answers that wait to be sent, one digit each. */
static unsigned answers(struct core_conn *n)
{
    struct view out = core_conn_send(n);
    struct frame_header h;
    unsigned ids = 0;

    core_conn_sent(n, out.n, f->clock.mono_ns);
    while (out.n > 0) {
        assert_int_equal(frame_header_decode(out, &h), ERR_OK);
        out = (struct view){out.p + FRAME_HEADER_LEN + h.body_len,
                            out.n - FRAME_HEADER_LEN - h.body_len};
        ids = ids * 10 + (unsigned)h.request_id;
    }
    return ids;
}

static void takes_long_frames_however_they_come(void **state)
{
    static const size_t lengths[] = {FRAME_BODY_MAX, FRAME_BODY_MAX + 1, 142917,
                                     FRAME_BODY_LONG_MAX};
    static const size_t pieces[] = {7, 4096, LIMIT_READ_BUFFER, sizeof bytes};

    (void)state;
    start(1);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            const size_t len = long_frame(lengths[i]);
            size_t at = 0;

            assert_int_equal(put(&conns[0], &at, len, pieces[j]), 2);
            assert_int_equal(at, len);
            assert_int_equal(lent(), 0);
            assert_int_equal(answers(&conns[0]), 78);
        }
    }
    assert_int_equal(conns[0].partial_ns, 0);
}

static void refuses_what_is_too_long(void **state)
{
    const struct {
        size_t areas, body_len;
    } rows[] = {{0, FRAME_BODY_MAX + 1}, {1, FRAME_BODY_LONG_MAX + 1}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t head[FRAME_HEADER_LEN];
        struct writer w = wr_init(bytes, sizeof bytes);
        size_t at = 0;

        start(rows[i].areas);
        (void)frame_begin(&w, FRAME_R3, 7);
        memcpy(head, bytes, sizeof head);
        w = wr_init(bytes + 4, 4);
        wr_u32le(&w, (uint32_t)rows[i].body_len);
        assert_int_equal(put(&conns[0], &at, FRAME_HEADER_LEN, FRAME_HEADER_LEN), 0);
        assert_true(core_conn_over(&conns[0]));
        assert_int_equal(f->core.counts.bad_frames, 1);
        assert_int_equal(lent(), 0);
    }
}

/* With one area a second connection waits unread, without its time running, and goes on when
 * the first is done or gone. */
static void shares_what_there_is(void **state)
{
    const size_t cut = 100000;
    struct sign_batch *b;
    size_t len;
    size_t at[3] = {0};

    (void)state;
    start(1);
    len = long_frame(200000);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(put(&conns[i], &at[i], cut, cut), 0);
    }
    assert_int_equal(at[0], cut);
    assert_true(at[1] < cut); /* its buffer is full */
    assert_int_equal(lent(), 1);
    assert_true(conns[1].waits && conns[2].waits);
    assert_false(core_conn_can_go_on(&conns[1]));
    assert_false(core_conn_wants(&conns[1], true, false));
    assert_true(core_conn_expired(&conns[0], f->clock.mono_ns + LIMIT_STALL_NS + 1, IDLE_NS));
    assert_false(core_conn_expired(&conns[1], f->clock.mono_ns + LIMIT_STALL_NS + 1, IDLE_NS));

    assert_int_equal(put(&conns[0], &at[0], len, len), 2);
    assert_true(core_conn_can_go_on(&conns[1]));
    assert_false(core_conn_work(&conns[1], &f->core, f->clock.mono_ns, &b)); /* takes it */
    assert_false(conns[1].waits);
    assert_false(core_conn_can_go_on(&conns[2]));

    core_conn_close(&conns[1]); /* it is gone in the middle of its frame */
    assert_true(core_conn_can_go_on(&conns[2]));
    assert_false(core_conn_work(&conns[2], &f->core, f->clock.mono_ns, &b));
    assert_true(core_conn_wants(&conns[2], true, false));
    assert_int_equal(put(&conns[2], &at[2], len, 5000), 2);
    assert_int_equal(answers(&conns[2]), 78);
    assert_int_equal(lent(), 0);
}

/* A peer that ends within its frame is closed, and the area comes back. */
static void gives_back_after_an_end(void **state)
{
    struct sign_batch *b;
    size_t at = 0;

    (void)state;
    start(2);
    (void)long_frame(200000);
    assert_int_equal(put(&conns[0], &at, 150000, 50000), 0);
    assert_int_equal(lent(), 1);
    core_conn_ended(&conns[0]);
    assert_false(core_conn_work(&conns[0], &f->core, f->clock.mono_ns, &b));
    assert_true(core_conn_over(&conns[0]));
    core_conn_close(&conns[0]);
    assert_int_equal(lent(), 0);
}

/* ---- long answers ---- */

/* A frame that may have a long answer is carried out: its batch is under way. */
static struct sign_batch *promise(struct core_conn *n, uint64_t id)
{
    struct sign_batch *const b = jobs_get(&f->core.jobs, KEY_PQ);

    n->kept[n->n_kept++] = core_areas_lend(&areas, 0);
    assert_non_null(n->kept[n->n_kept - 1]);
    n->batches++;
    b->is_long = true;
    b->request_id = id;
    b->n = STAMP_BATCH_PQ_MAX; /* signatures of 3,309 bytes: more than LIMIT_ANSWER */
    b->n_jobs = b->n;
    for (size_t i = 0; i < b->n; i++) {
        b->errs[i] = ERR_OK;
        b->jobs[i].err = ERR_OK;
    }
    f->core.counts.jobs_busy += b->n_jobs;
    return b;
}

static void ask(struct core_conn *n, uint64_t id)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    size_t at = 0;

    frame_end(&w, frame_begin(&w, FRAME_STATE, id));
    assert_int_equal(put(n, &at, w.len, w.len), 1);
}

/* What the peer reads, at most so much at a time. Gives the ids of the frames, which are whole.
 */
static unsigned read_all(struct core_conn *n, size_t most)
{
    static uint8_t stream[4 * LIMIT_FRAME_LONG];
    struct reader r = rd_init((struct view){stream, 0});
    struct frame_header h;
    struct view part;
    unsigned ids = 0;
    size_t len = 0;

    while (core_conn_send(n).n > 0) {
        const struct view out = core_conn_send(n);
        const size_t now = out.n < most ? out.n : most;

        memcpy(stream + len, out.p, now);
        len += now;
        core_conn_sent(n, now, f->clock.mono_ns);
    }
    r.n = len;
    while (r.n > 0) {
        assert_int_equal(rd_take(&r, FRAME_HEADER_LEN, &part), ERR_OK);
        assert_int_equal(frame_header_decode(part, &h), ERR_OK);
        assert_int_equal(rd_take(&r, h.body_len, &part), ERR_OK);
        ids = ids * 10 + (unsigned)h.request_id;
    }
    return ids;
}

/* However the peer reads, frames come one after the other. */
static void sends_long_answers_whole(void **state)
{
    static const size_t pieces[] = {1, 100, 53001, sizeof bytes};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct core_conn *const n = &conns[0];
        struct sign_batch *one;
        struct sign_batch *two;

        start(2);
        one = promise(n, 3);
        two = promise(n, 5);
        assert_int_equal(lent(), 2);
        ask(n, 1);
        core_conn_finish(n, &f->core, one, f->clock.mono_ns);
        ask(n, 2);
        core_conn_finish(n, &f->core, two, f->clock.mono_ns);
        assert_int_equal(read_all(n, pieces[i]), 1235);
        assert_int_equal(lent(), 0);
        assert_int_equal(n->stall_ns, 0);
        assert_int_equal(n->batches, 0);
        ask(n, 4);
        assert_int_equal(read_all(n, pieces[i]), 4);
    }
}

/* Once it has begun, it goes on; what was there before it began is first. */
static void no_frame_is_cut_by_another(void **state)
{
    struct core_conn *const n = &conns[0];
    size_t len;

    (void)state;
    start(1);
    ask(n, 1);
    len = core_conn_send(n).n;
    core_conn_sent(n, 5, f->clock.mono_ns);
    core_conn_finish(n, &f->core, promise(n, 6), f->clock.mono_ns);
    assert_int_equal(core_conn_send(n).n, len - 5);
    core_conn_sent(n, len - 5, f->clock.mono_ns);
    len = core_conn_send(n).n;
    assert_true(len > LIMIT_ANSWER);
    core_conn_sent(n, 5, f->clock.mono_ns);
    ask(n, 7);
    assert_int_equal(core_conn_send(n).n, len - 5);
    core_conn_sent(n, len - 5, f->clock.mono_ns);
    assert_int_equal(read_all(n, 9), 7);
}

/* Who takes long answers byte by byte does not keep an area for long. */
static void a_long_answer_has_one_deadline(void **state)
{
    struct core_conn *const n = &conns[0];

    (void)state;
    start(1);
    core_conn_finish(n, &f->core, promise(n, 3), f->clock.mono_ns);
    f->clock.mono_ns += LIMIT_STALL_NS / 2;
    core_conn_sent(n, LIMIT_STALL_PROGRESS, f->clock.mono_ns);
    f->clock.mono_ns += LIMIT_STALL_NS / 2;
    core_conn_sent(n, LIMIT_STALL_PROGRESS, f->clock.mono_ns);
    assert_false(core_conn_expired(n, f->clock.mono_ns, IDLE_NS));
    assert_true(core_conn_expired(n, f->clock.mono_ns + 1, IDLE_NS));
    assert_false(core_conn_can_go_on(&conns[1]));
    core_conn_close(n);
    assert_int_equal(lent(), 0);
}

/* Gone with an answer half sent, one that waits, one that is being made. */
static void gives_back_after_a_death(void **state)
{
    struct core_conn *const n = &conns[0];
    struct sign_batch *third;

    (void)state;
    f = core_fixture_serving();
    core_areas_init(&areas, room, 2);
    core_conn_init(n, 0, &areas, f->clock.mono_ns);
    core_conn_finish(n, &f->core, promise(n, 1), f->clock.mono_ns);
    core_conn_sent(n, 50000, f->clock.mono_ns);
    third = promise(n, 3);
    assert_int_equal(lent(), 2);
    core_conn_ended(n);
    assert_false(core_conn_over(n));
    core_conn_close(n);
    assert_int_equal(lent(), 0);
    core_finish(&f->core, third, NULL);
    assert_int_equal(f->core.jobs.busy, 0);
}

/* A frame that may need one waits where it is, at nobody's cost; what waits does not idle. */
static void waits_for_an_area_to_answer_with(void **state)
{
    struct core_conn *const n = &conns[1];
    struct sign_batch *b;
    size_t at = 0;
    size_t len;

    (void)state;
    start(1);
    core_conn_finish(&conns[0], &f->core, promise(&conns[0], 1), f->clock.mono_ns);
    len = long_frame(100); /* short itself */
    assert_int_equal(put(n, &at, len, len), 0);
    assert_true(n->waits);
    assert_false(core_conn_expired(n, f->clock.mono_ns + IDLE_NS + 1, IDLE_NS));
    ask(&conns[2], 4); /* others go on */
    assert_false(core_conn_can_go_on(n));
    assert_int_equal(read_all(&conns[0], 9999), 1);
    assert_true(core_conn_can_go_on(n));
    assert_true(core_conn_work(n, &f->core, f->clock.mono_ns, &b));
    assert_true(core_conn_work(n, &f->core, f->clock.mono_ns, &b));
    assert_int_equal(read_all(n, 10), 78);
    assert_int_equal(lent(), 0);
}

/* Who does not read its answers has half of the areas at most: the others stay for others. */
static void leaves_others_as_many_as_it_has(void **state)
{
    size_t at = 0;
    size_t len;

    (void)state;
    start(2);
    core_conn_finish(&conns[0], &f->core, promise(&conns[0], 1), f->clock.mono_ns);
    len = long_frame(100);
    assert_int_equal(put(&conns[0], &at, len, len), 0);
    assert_true(conns[0].waits);
    assert_false(core_conn_can_go_on(&conns[0])); /* or the loop would not rest */
    assert_int_equal(lent(), 1);
    at = 0;
    len = long_frame(200000);
    assert_int_equal(put(&conns[1], &at, len, len), 2);
    assert_int_equal(answers(&conns[1]), 78);
    assert_int_equal(read_all(&conns[0], 9999), 1);
    assert_true(core_conn_can_go_on(&conns[0]));
}

/* Three of five sign with ML-DSA-65: their R3, and what answers it and R2, fit. */
static void has_room_for_what_signers_show(void **state)
{
    const struct tmldsa_params *const p = tmldsa_params_find(&mldsa_65, 3, 5);
    const size_t word = QUORUM_WORD_HEAD + tmldsa_pack_batch_len(p);

    (void)state;
    assert_true(STAMP_X_LEN + 1 + 2 * word <= FRAME_BODY_LONG_MAX);
    assert_true(1 + 2 + word <= FRAME_BODY_LONG_MAX);
    assert_true(2 + QUORUM_WORD_HEAD + tmldsa_respond_max(p, 1) <= FRAME_BODY_LONG_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_long_frames_however_they_come),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(shares_what_there_is),
        cmocka_unit_test(gives_back_after_an_end),
        cmocka_unit_test(sends_long_answers_whole),
        cmocka_unit_test(no_frame_is_cut_by_another),
        cmocka_unit_test(a_long_answer_has_one_deadline),
        cmocka_unit_test(gives_back_after_a_death),
        cmocka_unit_test(waits_for_an_area_to_answer_with),
        cmocka_unit_test(leaves_others_as_many_as_it_has),
        cmocka_unit_test(has_room_for_what_signers_show),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
