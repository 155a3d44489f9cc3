/* Stamps of a shared classic key through the whole of several cores: who of them is asked, and
 * when they are refused. */
#include "classic_fixture.h"

#include "host/coord/coord_cluster.h"

static struct shop *shop;
static struct coord_cluster cluster;
static struct coord_member *members;
static struct classic_step *step;
static struct tmldsa_public_key key;
static struct quorum_scratch *scratch;
static uint8_t *room;
static struct {
    bool up, mute;
    uint8_t state, threshold;
    uint8_t activation[ACTIVATION_HASH_LEN];
} cores[NODES];

/* ---- what a core says ---- */

static void write_hello(unsigned i, struct writer *w)
{
    static const uint8_t oid[] = {0x2b, 0x06, 0x01};
    struct hello h = {.index = (uint8_t)(i + 1),
                      .clock = CLOCK_KERNEL,
                      .r1_life_ms = R1_LIFE_MS,
                      .n_keys = 1,
                      .n_policies = 1};

    memset(h.boot_id, (int)i + 1, BOOT_ID_LEN);
    memcpy(h.epoch_id, shop->roster.epoch_id, EPOCH_ID_LEN);
    memcpy(h.identity, shop->plan.nodes[i].identity, IDENTITY_LEN);
    h.keys[0] = (struct hello_key){
        KEY_CLASSIC, cores[i].threshold, NODES, {shop->dealer.public_key, P384_PUBLIC_LEN}};
    h.policies[0] =
        (struct hello_policy){1, KEY_CLASSIC, 3, false, 100, 1000, {oid, sizeof oid}};
    hello_encode(w, &h);
}

static void write_state(unsigned i, struct writer *w)
{
    struct core_status s = {.state = cores[i].state, .time_valid = 1, .lo_ns = 1, .hi_ns = 2};

    memset(s.boot_id, (int)i + 1, BOOT_ID_LEN);
    memcpy(s.epoch_id, shop->roster.epoch_id, EPOCH_ID_LEN);
    memcpy(s.activation[0], cores[i].activation, ACTIVATION_HASH_LEN);
    core_status_encode(w, &s);
}

static void drop(unsigned i)
{
    if (cores[i].up) {
        cores[i].up = false;
        coord_cluster_close(&cluster, i, ERR_IO, shop->now_ns);
    }
}

static void answer(unsigned i, struct view asked)
{
    static uint8_t bytes[131072];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct frame_header h;
    struct view body = {asked.p + FRAME_HEADER_LEN, asked.n - FRAME_HEADER_LEN};
    struct view v;
    size_t used = 0;

    assert_int_equal(frame_header_decode((struct view){asked.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    if (h.type == FRAME_HELLO || h.type == FRAME_STATE) {
        const size_t mark = frame_begin(&w, h.type | FRAME_ANSWER, h.request_id);

        if (h.type == FRAME_HELLO) {
            write_hello(i, &w);
        } else {
            write_state(i, &w);
        }
        frame_end(&w, mark);
    } else {
        answer_frame(shop, i, &h, body, &w);
    }
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    if (coord_cluster_take(&cluster, i, v, shop->now_ns, &used) != ERR_OK) {
        drop(i);
    }
}

/* ---- turns ---- */

static bool serve(unsigned i)
{
    static uint8_t bytes[COORD_OUT_MAX];
    bool any = false;

    if (coord_cluster_pump(&cluster, i, shop->now_ns) != ERR_OK) {
        drop(i);
        return true;
    }
    for (;;) {
        const struct view own = coord_step_send(&members[i].step);
        struct writer w = wr_init(bytes, sizeof bytes);
        struct frame_header h;
        struct view v;

        if (own.n > 0) {
            assert_int_equal(frame_header_decode((struct view){own.p, FRAME_HEADER_LEN}, &h),
                             ERR_OK);
            v = (struct view){bytes, FRAME_HEADER_LEN + h.body_len};
            memcpy(bytes, own.p, v.n);
            coord_step_sent(&members[i].step, v.n);
        } else if (!coord_cluster_pull(&cluster, i, &w) || wr_finish(&w, &v) != ERR_OK) {
            return any;
        }
        if (!cores[i].mute) {
            answer(i, v);
            any = true;
        }
    }
}

static void run(int64_t ms)
{
    const int64_t end_ns = shop->now_ns + ms * MS;

    while (shop->now_ns < end_ns) {
        unsigned turns = 0;
        bool any = true;

        while (any || coord_cluster_next(&cluster) <= shop->now_ns) {
            any = false;
            assert_true(++turns < 10000);
            coord_cluster_tick(&cluster, shop->now_ns);
            for (unsigned i = 0; i < NODES; i++) {
                any = (cores[i].up && serve(i)) || any;
            }
        }
        const int64_t next = coord_cluster_next(&cluster);

        shop->now_ns = next < end_ns ? next : end_ns;
    }
}

static void connect_all(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        if (!cores[i].up) {
            cores[i].up = true;
            coord_cluster_open(&cluster, i, shop->now_ns);
        }
    }
    run(20);
}

static void submit(unsigned i, int64_t within_ms)
{
    struct shop_job *const j = &shop->jobs[i];

    shop_submit(shop, i, within_ms); /* to nobody: it is refused */
    assert_int_equal(j->job.err, ERR_QUORUM);
    j->done = 0;
    j->job.err = ERR_BUG;
    atomic_fetch_add(&shop->counters.queue_depth, 1);
    coord_cluster_submit(&cluster, &j->job, shop->now_ns);
}

static enum err gate(void)
{
    return coord_cluster_gate(&cluster, KEY_CLASSIC);
}

static int begin(void **state)
{
    struct coord_cluster_setup setup = {.n = NODES, .together = true};

    (void)state;
    shop = shop_new(4);
    for (unsigned i = 0; i < NODES; i++) {
        shop_drop(shop, i); /* its own machine has no part in this */
        memset(shop->plan.nodes[i].identity, (int)i + 1, IDENTITY_LEN);
        cores[i].up = false;
        cores[i].mute = false;
        cores[i].state = CORE_SERVING;
        cores[i].threshold = TECDSA_T;
        memcpy(cores[i].activation, shop_activation, ACTIVATION_HASH_LEN);
    }
    key.params = tmldsa_params_find(&mldsa_65, TECDSA_T, NODES);
    shop->roster.key = &key;
    members = calloc(NODES, sizeof *members);
    step = calloc(1, sizeof *step);
    scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    room = malloc(QUORUM_RUNS_MAX * quorum_run_room(key.params));
    setup.members = members;
    setup.counters = &shop->counters;
    coord_cluster_init(&cluster, &setup);

    const struct quorum_step_setup quorum = {
        .counters = &shop->counters, .scratch = scratch, .room = room};
    const struct classic_step_setup classic = {
        .roster = &shop->roster, .counters = &shop->counters, .chance = 3};

    coord_cluster_epoch(&cluster, &shop->roster, &quorum, shop->now_ns);
    coord_cluster_share(&cluster, step, &classic, shop->now_ns);
    connect_all();
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        drop(i);
    }
    assert_int_equal(atomic_load(&shop->counters.queue_depth), 0);
    free(members);
    free(step);
    free(scratch);
    free(room);
    shop_free(shop);
    return 0;
}

/* ---- tests ---- */

static void three_of_them_sign(void **state)
{
    struct coord_epoch_view v;

    (void)state;
    assert_int_equal(gate(), ERR_OK);
    coord_cluster_show(&cluster, &v);
    assert_true(v.shared.is_shared);
    assert_int_equal(v.shared.answering, NODES);
    assert_int_equal(v.shared.n, 10);
    assert_int_equal(v.shared.triples[0].s, 0x07);
    assert_int_equal(v.shared.triples[0].stock, 4);
    for (unsigned i = 0; i < 20; i++) {
        submit(i, 1000);
    }
    run(20);
    for (unsigned i = 0; i < 20; i++) {
        assert_true(shop_is_signed(shop, i));
    }
}

static void a_core_with_a_key_of_its_own_has_no_part(void **state)
{
    (void)state;
    drop(1);
    cores[1].threshold = 1;
    connect_all();
    assert_int_equal(classic_step_alive(step), 4);
    assert_int_equal(gate(), ERR_OK);
    cores[2].state = CORE_TIME_DRIFT;
    memset(cores[3].activation, 0, ACTIVATION_HASH_LEN);
    run(1100); /* they are asked for their state */
    assert_int_equal(classic_step_alive(step), 2);
    assert_int_equal(gate(), ERR_QUORUM);
    submit(0, 1000);
    assert_int_equal(shop->jobs[0].job.err, ERR_QUORUM);
}

static void a_core_that_goes_silent_is_done_without(void **state)
{
    const int64_t from_ns = shop->now_ns;

    (void)state;
    cores[0].mute = true;
    for (unsigned i = 0; i < 12; i++) {
        submit(i, 1000);
    }
    run(500);
    for (unsigned i = 0; i < 12; i++) {
        assert_true(shop_is_signed(shop, i));
        assert_true(shop->jobs[i].ended_ns - from_ns <= 250 * MS);
    }
}

static void with_two_left_everybody_is_refused_at_once(void **state)
{
    (void)state;
    submit(0, 1000);
    for (unsigned i = 0; i < 3; i++) {
        drop(i);
    }
    assert_int_equal(shop->jobs[0].done, 1);
    assert_int_equal(shop->jobs[0].job.err, ERR_QUORUM);
    connect_all();
    submit(1, 1000);
    run(20);
    assert_true(shop_is_signed(shop, 1));
}

/* Those that do not answer may do so in a moment, but nobody waits long for it. */
static void with_two_that_answer_everybody_is_refused_within_100_ms(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        cores[i].mute = true;
    }
    for (unsigned i = 0; i < 4; i++) { /* before they count as silent, and after */
        const int64_t from_ns = shop->now_ns;

        submit(i, 1000);
        run(200);
        assert_int_equal(shop->jobs[i].done, 1);
        assert_int_equal(shop->jobs[i].job.err, ERR_QUORUM);
        assert_true(shop->jobs[i].ended_ns - from_ns <= 90 * MS);
    }
    for (unsigned i = 0; i < 3; i++) {
        drop(i);
        cores[i].mute = false;
    }
    connect_all();
    submit(4, 1000);
    run(100);
    assert_true(shop_is_signed(shop, 4));
}

static void another_epoch_ends_what_waits(void **state)
{
    const struct quorum_step_setup quorum = {
        .counters = &shop->counters, .scratch = scratch, .room = room};

    (void)state;
    submit(0, 1000);
    coord_cluster_epoch(&cluster, &shop->roster, &quorum, shop->now_ns);
    assert_int_equal(shop->jobs[0].job.err, ERR_QUORUM);
    assert_null(cluster.classic);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(three_of_them_sign),
        CASE(a_core_with_a_key_of_its_own_has_no_part),
        CASE(a_core_that_goes_silent_is_done_without),
        CASE(with_two_left_everybody_is_refused_at_once),
        CASE(with_two_that_answer_everybody_is_refused_within_100_ms),
        CASE(another_epoch_ends_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
