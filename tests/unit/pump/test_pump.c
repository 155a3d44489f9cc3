#include "testing.h"

#include "host/mesh/pump.h"

#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define CORES 3
#define BOX 4096 /* packets of a core's boxes */

/* A core: what it has for others, and what it got. A packet is a number; its length is len. */
struct fake {
    uint8_t index, epoch;
    bool stopped;      /* answers nothing */
    bool alone;        /* its P-384 key is its own */
    bool no_mesh;      /* refuses: in no epoch, or another fetches */
    unsigned room;     /* packets that its inbox takes in one PUT */
    uint8_t full_from; /* none of this node, 1 and above: its part of the inbox is full */
    size_t len;
    unsigned n_out, at_out, n_in;
    struct {
        uint8_t node;
        uint32_t number;
    } out[BOX], in[BOX];
    unsigned n_orders, n_gets;
    const char *garbage;           /* what it answers in place of packets */
    uint8_t waits[PUMP_FRAME_MAX]; /* a question while it is stopped */
    size_t n_waits;
};

struct world {
    struct pump p;
    struct fake cores[CORES];
    int64_t now_ns;
    enum err refused[CORES]; /* why a connection was closed */
};

static struct world *w;
static uint8_t frame[PUMP_FRAME_MAX], answer[PUMP_FRAME_MAX];

static enum err zeros(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0, n);
    return ERR_OK;
}
static const struct entropy_source entropy = {.fill = zeros};

static int setup(void **state)
{
    const struct scheduler_rule rule = {CORES, 8, true};

    (void)state;
    w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->now_ns = 1000 * MS;
    pump_init(&w->p, &rule, w->now_ns);
    for (size_t i = 0; i < CORES; i++) {
        w->cores[i].index = (uint8_t)(CORES - i); /* the order of the configuration is any */
        w->cores[i].epoch = 7;
        w->cores[i].room = 200;
        w->cores[i].len = 4;
        pump_open(&w->p, i, w->now_ns);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(w);
    return 0;
}

/* ---- what a core answers ---- */

static void say_hello(const struct fake *f, struct writer *out)
{
    static const uint8_t key[97] = {4};
    struct hello h = {.clock = CLOCK_KERNEL,
                      .index = f->index,
                      .r1_life_ms = 1000,
                      .n_keys = 1,
                      .keys = {{.key = KEY_CLASSIC,
                                .threshold = f->alone ? 1 : CORES,
                                .total = f->alone ? 1 : CORES,
                                .public_key = {key, sizeof key}}}};

    memset(h.epoch_id, f->epoch, sizeof h.epoch_id);
    hello_encode(out, &h);
}

static void take_put(struct fake *f, struct view body, struct writer *out)
{
    struct reader r = rd_init(body);
    struct mesh_packet packet;
    uint8_t taken = 0;

    const unsigned room = f->room;

    while (r.n > 0) {
        struct reader number;

        assert_int_equal(mesh_packet_decode(&r, &packet), ERR_OK);
        if (taken == f->room || (f->full_from != 0 && packet.node + 1 == f->full_from)) {
            f->room = f->room < taken ? f->room : taken; /* in this frame */
            continue;
        }
        assert_in_range(f->n_in, 0, BOX - 1);
        number = rd_init(packet.packet);
        f->in[f->n_in].node = packet.node;
        assert_int_equal(rd_u32le(&number, &f->in[f->n_in].number), ERR_OK);
        f->n_in++;
        taken++;
    }
    f->room = room;
    mesh_taken_encode(out, taken);
}

static void give(struct fake *f, struct view body, struct writer *out)
{
    static uint8_t bytes[MESH_PACKET_MAX];
    uint32_t most = 0;
    const size_t begin = out->len;

    assert_int_equal(mesh_get_decode(body, &most), ERR_OK);
    f->n_gets++;
    if (f->garbage != NULL) {
        wr_bytes(out, f->garbage, strlen(f->garbage));
        return;
    }
    while (f->at_out < f->n_out && out->len - begin + f->len + MESH_PACKET_HEAD_LEN <= most) {
        struct writer number = wr_init(bytes, sizeof bytes);
        const struct mesh_packet packet = {f->out[f->at_out].node, {bytes, f->len}};

        wr_u32le(&number, f->out[f->at_out].number);
        mesh_packet_encode(out, &packet);
        f->at_out++;
    }
}

static void say_status(const struct fake *f, struct writer *out)
{
    struct presign_status s = {.n_nodes = CORES, .cap = 512, .n_triples = 1};

    s.triples[0] = (struct presign_triple_status){.triple = 7, .usable = true};
    for (unsigned i = 0; i < CORES; i++) {
        s.nodes[i].incarnation = 1;
        s.nodes[i].channel = i + 1U != f->index ? PRESIGN_CHANNEL_VERIFIED : 0;
    }
    presign_status_encode(out, &s);
}

/* The core's answer to a frame. */
static struct view answer_of(struct fake *f, struct view in)
{
    struct writer out = wr_init(answer, sizeof answer);
    struct frame_header h;
    struct view all;

    assert_int_equal(frame_header_decode((struct view){in.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    const struct view body = {in.p + FRAME_HEADER_LEN, in.n - FRAME_HEADER_LEN};

    assert_int_equal(body.n, h.body_len);
    if (f->no_mesh && h.type != FRAME_HELLO) {
        frame_write_error(&out, h.request_id, ERR_STATE);
    } else {
        const size_t mark = frame_begin(&out, h.type | FRAME_ANSWER, h.request_id);

        if (h.type == FRAME_HELLO) {
            say_hello(f, &out);
        } else if (h.type == FRAME_MESH_PUT) {
            take_put(f, body, &out);
        } else if (h.type == FRAME_MESH_GET) {
            give(f, body, &out);
        } else if (h.type == FRAME_PRESIGN_STATUS) {
            say_status(f, &out);
        } else {
            f->n_orders++;
            presign_ordered_encode(&out, ERR_OK);
        }
        frame_end(&out, mark);
    }
    assert_int_equal(wr_finish(&out, &all), ERR_OK);
    return all;
}

static void bring(struct pump *p, size_t core, struct view in)
{
    struct frame_header h;
    const struct view all = answer_of(&w->cores[core], in);

    assert_int_equal(frame_header_decode((struct view){all.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    const enum err e =
        pump_take(p, core, &h, (struct view){all.p + FRAME_HEADER_LEN, h.body_len}, w->now_ns);

    if (e != ERR_OK) {
        w->refused[core] = e;
        pump_close(p, core);
    }
}

/* One question to one core, if there is one. */
static bool turn(struct pump *p, size_t core)
{
    struct fake *f = &w->cores[core];
    struct writer out = wr_init(frame, sizeof frame);
    struct view asked;

    if (!pump_ask(p, core, w->now_ns, &out)) {
        return false;
    }
    assert_int_equal(wr_finish(&out, &asked), ERR_OK);
    if (f->stopped) {
        memcpy(f->waits, asked.p, asked.n);
        f->n_waits = asked.n;
    } else {
        bring(p, core, asked);
    }
    return true;
}

static void run(struct pump *p, int64_t for_ms)
{
    const int64_t until = w->now_ns + for_ms * MS;

    while (w->now_ns < until) {
        unsigned rounds = 0;
        bool any = true;

        assert_int_equal(pump_plan(p, &entropy, w->now_ns, 1), ERR_OK);
        while (any) {
            any = false;
            for (size_t i = 0; i < CORES; i++) {
                any = turn(p, i) || any;
            }
            assert_true(rounds++ < 10000);
        }
        const int64_t next = pump_next_ns(p, w->now_ns);

        w->now_ns = next > w->now_ns + MS ? next : w->now_ns + MS;
    }
}

static void wake(size_t core)
{
    struct fake *f = &w->cores[core];

    f->stopped = false;
    bring(&w->p, core, (struct view){f->waits, f->n_waits});
}

/* Core number `core` of the configuration has that for the node. */
static void send_to(size_t core, uint8_t node, uint32_t number)
{
    struct fake *f = &w->cores[core];

    assert_true(f->n_out < BOX);
    f->out[f->n_out].node = node;
    f->out[f->n_out++].number = number;
}

/* Whether what came from a node are these numbers, one after the other. */
static void assert_came(size_t core, uint8_t from, uint32_t first, unsigned n)
{
    const struct fake *f = &w->cores[core];
    unsigned at = 0;

    for (unsigned i = 0; i < f->n_in; i++) {
        if (f->in[i].node == from) {
            assert_int_equal(f->in[i].number, first + at);
            at++;
        }
    }
    assert_int_equal(at, n);
}

/* ---- tests; core i of the configuration is the node of index 2 - i ---- */

static void packets_come_to_whom_they_are_for_in_order(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 600; n++) {
        send_to(0, (uint8_t)(n % 2), n / 2);
        send_to(1, 2, 1000 + n);
    }
    run(&w->p, 50);
    assert_came(1, 2, 0, 300);
    assert_came(2, 2, 0, 300);
    assert_came(0, 1, 1000, 600);
    assert_int_equal(w->p.counts.packets, 1200);
    assert_int_equal(w->p.counts.dropped, 0);
    assert_int_equal(w->cores[0].n_in + w->cores[1].n_in + w->cores[2].n_in, 1200);
}

static void what_an_inbox_does_not_take_comes_again(void **state)
{
    (void)state;
    w->cores[1].room = 3;
    for (uint32_t n = 0; n < 100; n++) {
        send_to(0, 1, n);
        send_to(2, 1, 5000 + n);
    }
    run(&w->p, 30);
    w->cores[1].room = 0;
    run(&w->p, 100);
    w->cores[1].room = 50;
    run(&w->p, 100);
    assert_came(1, 2, 0, 100);
    assert_came(1, 0, 5000, 100);
}

static void long_packets_go_through(void **state)
{
    (void)state;
    w->cores[0].len = MESH_PACKET_MAX;
    for (uint32_t n = 0; n < 100; n++) {
        send_to(0, (uint8_t)(n % 2), n / 2);
    }
    run(&w->p, 200);
    assert_came(1, 2, 0, 50);
    assert_came(2, 2, 0, 50);
}

/* A flood fills the flooder's own lane, and nobody else waits. */
static void a_core_that_floods_is_asked_for_no_more_than_has_room(void **state)
{
    (void)state;
    w->cores[0].len = MESH_PACKET_MAX;
    for (uint32_t n = 0; n < 1000; n++) {
        send_to(0, 1, n);
    }
    w->cores[1].full_from = 3;
    run(&w->p, 20);
    for (uint32_t n = 0; n < 20; n++) {
        send_to(2, 1, n);
        send_to(2, 2, n);
    }
    run(&w->p, 60);
    assert_in_range(w->cores[0].at_out, 1, PUMP_LANE_MAX / MESH_PACKET_MAX);
    assert_came(1, 0, 0, 20);
    assert_came(0, 0, 0, 20);
    assert_int_equal(w->p.counts.dropped, 0);
}

/* It is given up for the others' sake; when it is back, it gets what is new. */
static void a_core_that_takes_nothing_keeps_nobody_waiting(void **state)
{
    (void)state;
    run(&w->p, 20);
    w->cores[1].stopped = true;
    w->cores[0].len = 60000;
    for (uint32_t n = 0; n < 100; n++) {
        send_to(0, 1, n);
    }
    for (uint32_t n = 0; n < 20; n++) {
        send_to(0, 0, n);
    }
    run(&w->p, 300);
    assert_came(2, 2, 0, 0); /* they stand behind it */
    run(&w->p, 4000);
    assert_came(2, 2, 0, 20);
    assert_true(w->p.counts.dropped > 0);
    wake(1);
    run(&w->p, 200);
    w->cores[1].n_in = 0;
    send_to(0, 1, 9999);
    run(&w->p, 200);
    assert_came(1, 2, 9999, 1);
    assert_false(w->p.cores[1].stuck);
}

/* A pump that stood still has not seen whether anybody takes anything. */
static void time_in_which_the_pump_stood_still_is_nobodys(void **state)
{
    (void)state;
    run(&w->p, 20);
    w->cores[1].room = 0;
    for (uint32_t n = 0; n < 10; n++) {
        send_to(0, 1, n);
    }
    run(&w->p, 500);
    w->now_ns += 2 * PUMP_STUCK_NS;
    run(&w->p, 500);
    w->cores[1].room = 200;
    run(&w->p, 50);
    assert_came(1, 2, 0, 10);
    assert_int_equal(w->p.counts.dropped, 0);
}

static void a_core_that_is_gone_loses_what_waits_for_it(void **state)
{
    (void)state;
    run(&w->p, 20);
    w->cores[1].room = 0;
    for (uint32_t n = 0; n < 10; n++) {
        send_to(0, 1, n);
    }
    run(&w->p, 20);
    pump_close(&w->p, 1);
    assert_int_equal(w->p.counts.dropped, 10);
    send_to(0, 1, 77);
    run(&w->p, 20);
    assert_int_equal(w->p.counts.dropped, 11);
    w->cores[1].room = 200;
    pump_open(&w->p, 1, w->now_ns);
    run(&w->p, 20);
    send_to(0, 1, 78);
    run(&w->p, 30);
    assert_came(1, 2, 78, 1);
}

static void packets_for_nobody_go(void **state)
{
    (void)state;
    send_to(0, 2, 1); /* itself */
    send_to(0, 5, 2); /* no node of this plan */
    send_to(0, 1, 3);
    run(&w->p, 20);
    assert_int_equal(w->p.counts.dropped, 2);
    assert_came(1, 2, 3, 1);
}

static void garbage_costs_the_connection(void **state)
{
    (void)state;
    w->cores[0].garbage = "\x09zzzzzzzz";
    run(&w->p, 20);
    assert_int_equal(w->refused[0], ERR_RANGE);
    w->cores[1].garbage = "\x01\xff";
    run(&w->p, 100);
    assert_int_equal(w->refused[1], ERR_TRUNCATED);
    assert_int_equal(w->refused[2], ERR_OK);
}

static void more_than_was_asked_for_is_garbage(void **state)
{
    struct frame_header h = {.type = FRAME_MESH_GET | FRAME_ANSWER};
    struct writer out = wr_init(frame, sizeof frame);

    (void)state;
    run(&w->p, 20);
    w->p.cores[0].status_ns = w->p.cores[0].hello_ns = INT64_MAX;
    w->now_ns += PUMP_IDLE_NS;
    assert_true(pump_ask(&w->p, 0, w->now_ns, &out));
    assert_int_equal(w->p.cores[0].asked, FRAME_MESH_GET);
    h.request_id = w->p.cores[0].request_id;
    assert_int_equal(
        pump_take(&w->p, 0, &h, (struct view){frame, FRAME_BODY_LONG_MAX + 1}, w->now_ns),
        ERR_RANGE);
    assert_int_equal(pump_take(&w->p, 0, &h, (struct view){frame, 0}, w->now_ns), ERR_TYPE);
}

/* ---- who is who ---- */

static void a_core_in_no_epoch_is_asked_again(void **state)
{
    (void)state;
    w->cores[0].index = 0;
    run(&w->p, 150);
    assert_int_equal(w->p.cores[0].place, PUMP_NOWHERE);
    assert_int_equal(w->cores[0].n_gets, 0);
    w->cores[0].index = 3;
    run(&w->p, 150);
    assert_int_equal(w->p.cores[0].place, 2);
    assert_true(w->cores[0].n_gets > 0);
}

static void a_core_with_a_key_of_its_own_is_left_alone(void **state)
{
    (void)state;
    w->cores[0].alone = true;
    run(&w->p, 500);
    assert_int_equal(w->p.cores[0].place, PUMP_NOWHERE);
    assert_int_equal(w->cores[0].n_gets, 0);
}

static void who_says_that_he_is_another_changes_nothing(void **state)
{
    (void)state;
    run(&w->p, 20);
    w->cores[0].index = 1; /* which is core 2 */
    run(&w->p, 3000);
    assert_int_equal(w->p.cores[0].place, PUMP_NOWHERE);
    assert_int_equal(w->p.cores[2].place, 0);
    w->cores[0].index = 6; /* more than there are */
    run(&w->p, 3000);
    assert_int_equal(w->p.cores[0].place, PUMP_NOWHERE);
}

static void cores_of_another_epoch_are_left_out(void **state)
{
    (void)state;
    w->cores[0].epoch = 9;
    run(&w->p, 50);
    assert_int_equal(w->p.cores[0].place, PUMP_NOWHERE);
    assert_int_equal(w->p.cores[1].place, 1);
    w->cores[1].epoch = w->cores[2].epoch = 9; /* all were begun anew */
    run(&w->p, 3000);
    for (unsigned i = 0; i < CORES; i++) {
        assert_int_equal(w->p.cores[i].place, 2 - i);
    }
}

/* ---- orders ---- */

static void who_fetches_gives_orders(void **state)
{
    (void)state;
    run(&w->p, 2000);
    /* A setup of two, which these two do not carry out. */
    assert_int_equal(w->cores[0].n_orders + w->cores[1].n_orders + w->cores[2].n_orders, 2);
}

/* Another process fetches: this one only looks on, until that one ends. */
static void a_second_one_stands_by(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CORES; i++) {
        w->cores[i].no_mesh = true;
    }
    run(&w->p, 3000);
    for (unsigned i = 0; i < CORES; i++) {
        assert_int_equal(w->cores[i].n_orders, 0);
        assert_false(w->p.cores[i].ours);
        assert_int_equal(w->refused[i], ERR_OK);
    }
    assert_int_equal(w->p.scheduler.source, SCHEDULER_NONE);
    for (unsigned i = 0; i < CORES; i++) {
        w->cores[i].no_mesh = false;
    }
    send_to(0, 1, 5);
    run(&w->p, 2000);
    assert_came(1, 2, 5, 1);
    assert_true(w->cores[2].n_orders > 0);
}

/* It fetches from the other cores alone: it carries what they say, and gives no orders. */
static void who_does_not_fetch_from_the_first_core_gives_none(void **state)
{
    (void)state;
    w->cores[2].no_mesh = true; /* the node of index 0 */
    send_to(0, 1, 5);
    run(&w->p, 2000);
    assert_came(1, 2, 5, 1);
    assert_int_equal(w->cores[0].n_orders + w->cores[1].n_orders, 0);
}

static void a_silent_core_is_dead_after_a_while(void **state)
{
    (void)state;
    run(&w->p, 20);
    w->cores[0].stopped = true;
    run(&w->p, 1000);
    assert_true(w->p.scheduler.cores[2].up);
    run(&w->p, 2000);
    assert_false(w->p.scheduler.cores[2].up);
    assert_false(pump_is_dead(&w->p, 0, w->now_ns));
    run(&w->p, 30000);
    assert_true(pump_is_dead(&w->p, 0, w->now_ns));
    assert_false(pump_is_dead(&w->p, 1, w->now_ns));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(packets_come_to_whom_they_are_for_in_order),
        T(what_an_inbox_does_not_take_comes_again),
        T(long_packets_go_through),
        T(a_core_that_floods_is_asked_for_no_more_than_has_room),
        T(a_core_that_takes_nothing_keeps_nobody_waiting),
        T(time_in_which_the_pump_stood_still_is_nobodys),
        T(a_core_that_is_gone_loses_what_waits_for_it),
        T(packets_for_nobody_go),
        T(garbage_costs_the_connection),
        T(more_than_was_asked_for_is_garbage),
        T(a_core_in_no_epoch_is_asked_again),
        T(a_core_with_a_key_of_its_own_is_left_alone),
        T(who_says_that_he_is_another_changes_nothing),
        T(cores_of_another_epoch_are_left_out),
        T(who_fetches_gives_orders),
        T(a_second_one_stands_by),
        T(who_does_not_fetch_from_the_first_core_gives_none),
        T(a_silent_core_is_dead_after_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
