/* The scheduler of sessions over five cores in virtual time: slow, silent, gone, empty and
 * lying cores cost what the header says, and no more. */
#include "sim_job.h"
#include "testing.h"

#include "host/coord/quorum_step.h"

#define EVENTS_MAX 256
#define JOBS_MAX 40
#define TRIP_NS (2 * MS)

/* An answer on its way. */
struct event {
    bool busy;
    int64_t at_ns;
    unsigned party;
    struct frame_header head;
    uint8_t *body;
    size_t n;
};

static struct party_kit *kit;
static struct quorum_node nodes[5];
static struct quorum_roster roster;
static struct quorum_step *step;
static struct quorum_scratch *scratch;
static struct coord_counters counters;
static uint8_t *room, *ask_room, *answer_room;
static size_t ask_max, answer_max;
static struct event events[EVENTS_MAX];
static struct sim_job jobs[JOBS_MAX];
static unsigned blamed, odd;
static int64_t longest_rest_ns;
static uint64_t asked[5];

/* What is wrong with a core. */
static struct {
    bool silent, refills_not, lies, loses_r3, garbles;
    bool spoils; /* its R1 is such that honest signers refuse R2: a batch of old, a far span */
    bool is_quick;
} faults[5];

static void on_blame(void *user, unsigned party, const struct quorum_run *run)
{
    (void)user;
    assert_true((run->guilty >> party & 1) != 0);
    blamed |= 1U << party;
}

static void on_odd(void *user, unsigned party, enum err e, int64_t rest_ns)
{
    (void)user;
    assert_int_not_equal(e, ERR_OK);
    assert_int_equal(party, 2);
    assert_true(step->cores[party].rest_ns == kit->now_ns + rest_ns);
    odd++;
    longest_rest_ns = rest_ns > longest_rest_ns ? rest_ns : longest_rest_ns;
}

static int start(void **state)
{
    (void)state;
    kit = party_kit_new(&mldsa_44, 3, 5, 8);
    roster =
        (struct quorum_roster){.plan = &kit->plan, .key = &kit->math->key, .t = kit->math->t};
    memcpy(roster.epoch_id, kit->epoch_id, EPOCH_ID_LEN);
    for (unsigned i = 0; i < 5; i++) {
        nodes[i] = (struct quorum_node){kit, i, INT64_C(1700000000) * 1000 * MS};
    }
    ask_max = quorum_run_ask_max(kit->math->params) + FRAME_HEADER_LEN;
    answer_max = quorum_run_room(kit->math->params) + 1000;
    ask_room = malloc(ask_max);
    answer_room = malloc(answer_max);
    room = malloc(QUORUM_RUNS_MAX * quorum_run_room(kit->math->params));
    scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    step = malloc(sizeof *step);
    memset(&counters, 0, sizeof counters);
    memset(faults, 0, sizeof faults);
    memset(jobs, 0, sizeof jobs);
    memset(asked, 0, sizeof asked);
    blamed = odd = 0;
    longest_rest_ns = 0;
    const struct quorum_step_setup setup = {
        .counters = &counters, .scratch = scratch, .room = room, .on_blame = on_blame};

    quorum_step_init(step, &roster, &setup);
    for (unsigned i = 0; i < 5; i++) {
        quorum_step_up(step, i, true, kit->now_ns);
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    quorum_step_end(step);
    for (size_t i = 0; i < EVENTS_MAX; i++) {
        if (events[i].busy) {
            free(events[i].body);
            events[i].busy = false;
        }
    }
    free(step);
    free(room);
    free(scratch);
    free(ask_room);
    free(answer_room);
    party_kit_free(kit);
    return 0;
}

static void refill(unsigned party)
{
    struct pq_party *const p = &kit->nodes[party].party;
    uint8_t rng[TMLDSA_NODE_RNG_LEN];
    struct pq_place *place;

    noise_bytes(&kit->noise, rng, sizeof rng);
    while (!faults[party].refills_not && (place = pq_party_fill(p, rng)) != NULL) {
        pq_party_filled(
            p, place,
            tmldsa_commit(&kit->math->key, party, &kit->math->commit_scratch, &place->batch));
        noise_bytes(&kit->noise, rng, sizeof rng);
    }
}

/* What is changed on its way proves nothing. */
static void garble(const struct frame_header *h, uint8_t *body, size_t n)
{
    if (h->type == (FRAME_R2 | FRAME_ANSWER)) {
        body[n - 1] ^= 1;
    }
}

/* A core that signs what it did not commit to. */
static void lie(unsigned party, const struct frame_header *h, uint8_t *body, size_t n)
{
    struct reader r = rd_init((struct view){body + 3, n - 3});
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct quorum_word word;
    const uint8_t *x = NULL;

    if (h->type != (FRAME_R2 | FRAME_ANSWER)) {
        return;
    }
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        if (step->slots[i].busy && (h->request_id >> 8 & 0xff) == i) {
            x = step->slots[i].run.session.id;
        }
    }
    if (x == NULL) {
        return;
    }
    body[80] ^= 1;
    assert_int_equal(quorum_word_decode(&r, n, &word), ERR_OK);
    quorum_word_signed(QUORUM_REVEAL, x, &word, signed_part);
    assert_int_equal(ed25519_sign(kit->nodes[party].stack, &kit->nodes[party].identity,
                                  (struct view){signed_part, sizeof signed_part}, body + 4),
                     ERR_OK);
}

/* Whether somebody in this session spoiled it for that core. */
static bool is_spoilt(unsigned party, const struct frame_header *h)
{
    const struct quorum_run *const run = &step->slots[h->request_id >> 8 & 0xff].run;

    for (unsigned i = 0; i < 5; i++) {
        if (i != party && faults[i].spoils && (run->session.act >> i & 1) != 0) {
            return h->type == FRAME_R2;
        }
    }
    return false;
}

/* One frame reaches its core, which answers. */
static void deliver(unsigned party, struct view frame)
{
    struct writer w = wr_init(answer_room, answer_max);
    struct frame_header h;
    struct view answer;
    struct event *e = events;
    enum err err;

    asked[party]++;
    assert_int_equal(frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    if (faults[party].silent || (faults[party].loses_r3 && h.type == FRAME_R3)) {
        return;
    }
    refill(party);
    err = quorum_node_answer(
        &nodes[party], (enum frame_type)h.type,
        (struct view){frame.p + FRAME_HEADER_LEN, frame.n - FRAME_HEADER_LEN}, &w);
    err = is_spoilt(party, &h) ? ERR_STALE : err;
    h.type = err == ERR_OK ? (uint8_t)(h.type | FRAME_ANSWER) : FRAME_ERROR;
    if (err != ERR_OK) {
        w = wr_init(answer_room, answer_max);
        wr_u16le(&w, (uint16_t)err);
    }
    assert_int_equal(wr_finish(&w, &answer), ERR_OK);
    if (faults[party].lies) {
        lie(party, &h, answer_room, answer.n);
    }
    if (faults[party].garbles) {
        garble(&h, answer_room, answer.n);
    }
    while (e->busy) {
        assert_true(++e < events + EVENTS_MAX);
    }
    *e = (struct event){
        true,  kit->now_ns + (faults[party].is_quick ? MS : TRIP_NS) + party * MS / 10,
        party, h,
        NULL,  answer.n};
    e->body = malloc(answer.n);
    memcpy(e->body, answer.p, answer.n);
}

static void pull_all(void)
{
    for (unsigned i = 0; i < 5; i++) {
        struct writer w = wr_init(ask_room, ask_max);
        struct view frame;

        while (step->cores[i].up && quorum_step_pull(step, i, &w)) {
            assert_int_equal(wr_finish(&w, &frame), ERR_OK);
            deliver(i, frame);
            w = wr_init(ask_room, ask_max);
        }
    }
}

static struct event *first_event(void)
{
    struct event *first = NULL;

    for (size_t i = 0; i < EVENTS_MAX; i++) {
        if (events[i].busy && (first == NULL || events[i].at_ns < first->at_ns)) {
            first = &events[i];
        }
    }
    return first;
}

/* Lets time go until this moment. */
static void run_until(int64_t end_ns)
{
    for (;;) {
        struct event *e;
        int64_t next;

        pull_all();
        e = first_event();
        next = quorum_step_next(step);
        next = e != NULL && e->at_ns < next ? e->at_ns : next;
        if (next > end_ns) {
            kit->now_ns = end_ns;
            return;
        }
        kit->now_ns = next > kit->now_ns ? next : kit->now_ns;
        if (e != NULL && e->at_ns <= kit->now_ns) {
            e->busy = false;
            if (step->cores[e->party].up) {
                assert_int_equal(quorum_step_take(step, e->party, &e->head,
                                                  (struct view){e->body, e->n}, kit->now_ns),
                                 ERR_OK);
            }
            free(e->body);
        } else {
            quorum_step_pump(step, kit->now_ns);
        }
    }
}

static void submit(size_t i, int64_t within_ms)
{
    sim_job_make(&jobs[i], kit, within_ms);
    atomic_fetch_add(&counters.queue_depth, 1);
    quorum_step_submit(step, &jobs[i].job, kit->now_ns);
}

static void ends_with(size_t i, enum err e)
{
    assert_int_equal(jobs[i].done, 1);
    assert_int_equal(jobs[i].job.err, e);
}

static void many_jobs_are_signed_and_shared(void **state)
{
    (void)state;
    for (size_t i = 0; i < 30; i++) { /* more than there are places */
        submit(i, 20000);
    }
    run_until(kit->now_ns + 20000 * MS);
    for (size_t i = 0; i < 30; i++) {
        ends_with(i, ERR_OK);
    }
    assert_int_equal(step->signed_, 30);
    assert_int_equal(atomic_load(&counters.queue_depth), 0);
    for (size_t i = 0; i < 5; i++) { /* each about three fifths of all sessions */
        assert_in_range(asked[i], step->sessions * 3 * 4 / 10, step->sessions * 3 * 8 / 10);
        assert_int_equal(step->cores[i].pending, 0);
    }
}

static void two_of_five_may_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        submit(i, 2000);
    }
    pull_all();
    quorum_step_up(step, 0, false, kit->now_ns);
    quorum_step_up(step, 3, false, kit->now_ns);
    run_until(kit->now_ns + 2000 * MS);
    for (size_t i = 0; i < 4; i++) {
        ends_with(i, ERR_OK);
    }
}

static void fewer_than_three_reject_at_once(void **state)
{
    (void)state;
    submit(0, 2000);
    pull_all();
    for (unsigned i = 0; i < 3; i++) {
        quorum_step_up(step, i, false, kit->now_ns);
    }
    ends_with(0, ERR_QUORUM);
    submit(1, 2000);
    ends_with(1, ERR_QUORUM);
    quorum_step_up(step, 1, true, kit->now_ns); /* and recovers */
    submit(2, 2000);
    run_until(kit->now_ns + 2000 * MS);
    ends_with(2, ERR_OK);
}

static void a_silent_core_costs_one_wait(void **state)
{
    const int64_t begin = kit->now_ns;

    (void)state;
    faults[1].silent = true;
    for (size_t i = 0; i < 10; i++) {
        submit(i, 2000);
    }
    run_until(begin + 2000 * MS);
    for (size_t i = 0; i < 10; i++) {
        ends_with(i, ERR_OK);
        assert_true(jobs[i].done_ns - begin < 1000 * MS);
    }
    assert_true(step->cores[1].silent);
    const uint64_t before = asked[1];

    submit(10, 2000);
    run_until(kit->now_ns + 2000 * MS);
    ends_with(10, ERR_OK);
    assert_int_equal(asked[1], before);
    faults[1].silent = false; /* it answers something else again */
    quorum_step_heard(step, 1);
    for (size_t i = 11; i < 20; i++) {
        submit(i, 2000);
    }
    run_until(kit->now_ns + 2000 * MS);
    assert_true(asked[1] > before);
}

static void who_answers_something_else_is_not_silent(void **state)
{
    (void)state;
    faults[0].silent = faults[4].silent = true;
    faults[2].loses_r3 = true;
    submit(0, 5000);
    run_until(kit->now_ns + 300 * MS);
    assert_int_equal(jobs[0].done, 0); /* an R3 waits, and three live */
    faults[2].loses_r3 = false;
    submit(1, 5000);
    run_until(kit->now_ns + 4000 * MS);
    ends_with(1, ERR_OK);
    ends_with(0, ERR_OK);
}

static void three_silent_ones_reject_within_100_ms(void **state)
{
    const int64_t begin = kit->now_ns;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        faults[i].silent = true;
    }
    for (size_t i = 0; i < 8; i++) { /* enough that each of the three is asked */
        submit(i, 2000);
    }
    run_until(begin + 100 * MS);
    for (size_t i = 0; i < 8; i++) {
        ends_with(i, ERR_QUORUM);
    }
    submit(8, 2000);
    ends_with(8, ERR_QUORUM);
    assert_int_equal(jobs[8].done_ns, kit->now_ns);
}

static void a_liar_is_named_and_left_out(void **state)
{
    (void)state;
    faults[2].lies = true;
    for (size_t i = 0; i < 6; i++) {
        submit(i, 5000);
    }
    run_until(kit->now_ns + 5000 * MS);
    for (size_t i = 0; i < 6; i++) {
        ends_with(i, ERR_OK);
    }
    assert_int_equal(blamed, 1U << 2);
    assert_true(step->cores[2].banned);
    assert_int_equal(quorum_step_alive(step), 4);
    const uint64_t before = asked[2];

    submit(6, 5000);
    run_until(kit->now_ns + 5000 * MS);
    ends_with(6, ERR_OK);
    assert_int_equal(asked[2], before);
}

/* Nothing that one says proves a lie, and it is the quickest: those who refuse are not to pay
 * for it. */
static void who_spoils_sessions_is_left_out(unsigned spoilers, int64_t within_ms)
{
    for (unsigned i = 0; i < 5; i++) {
        faults[i].is_quick = (spoilers >> i & 1) != 0;
    }
    for (size_t i = 0; i < 4; i++) {
        submit(i, 5000); /* who is quick, is known */
    }
    run_until(kit->now_ns + 5000 * MS);
    for (unsigned i = 0; i < 5; i++) {
        faults[i].spoils = faults[i].is_quick;
    }
    for (size_t i = 4; i < 12; i++) {
        submit(i, within_ms);
        run_until(kit->now_ns + within_ms * MS);
        ends_with(i, ERR_OK);
    }
}

static void one_who_spoils_sessions(void **state)
{
    (void)state;
    who_spoils_sessions_is_left_out(0x02, 1000);
}

static void two_who_spoil_sessions(void **state)
{
    (void)state;
    who_spoils_sessions_is_left_out(0x12, 2000);
}

/* Spans that make the accuracy too large, which the scheduler sees itself. */
static void two_whose_clocks_are_off(void **state)
{
    (void)state;
    nodes[0].now_ns -= 5000 * MS;
    nodes[3].now_ns += 5000 * MS;
    for (size_t i = 0; i < 8; i++) {
        faults[0].is_quick = faults[3].is_quick = true;
        submit(i, 2000);
        run_until(kit->now_ns + 2000 * MS);
        ends_with(i, ERR_OK);
    }
}

static void who_garbles_rests_ever_longer(void **state)
{
    (void)state;
    step->on_odd = on_odd;
    faults[2].garbles = true;
    for (size_t i = 0; i < 20; i++) {
        submit(i, 5000);
        run_until(kit->now_ns + 200 * MS);
        ends_with(i, ERR_OK);
    }
    assert_int_equal(blamed, 0);
    assert_false(step->cores[2].banned);
    assert_in_range(odd, 3, 5); /* 4 s are rests of 250, 500, 1000 and 2000 ms */
    assert_true(longest_rest_ns >= 1000 * MS);
    quorum_step_up(step, 2, false, kit->now_ns); /* a new connection is no excuse */
    quorum_step_up(step, 2, true, kit->now_ns);
    assert_true(step->cores[2].rest_ns > kit->now_ns);
    faults[2].garbles = false;
    run_until(kit->now_ns + 4000 * MS);
    for (size_t i = 20; i < 30 && step->cores[2].wrong > 0; i++) {
        submit(i, 5000);
        run_until(kit->now_ns + 200 * MS);
        ends_with(i, ERR_OK);
    }
    assert_int_equal(step->cores[2].wrong, 0); /* one whole session is */
}

static void an_empty_pool_is_waited_for(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        faults[i].refills_not = true;
    }
    submit(0, 1000);
    run_until(kit->now_ns + 100 * MS);
    assert_int_equal(jobs[0].done, 0);
    for (unsigned i = 0; i < 5; i++) {
        faults[i].refills_not = false;
    }
    run_until(kit->now_ns + 900 * MS);
    ends_with(0, ERR_OK);
}

static void a_deadline_ends_a_job(void **state)
{
    const int64_t begin = kit->now_ns;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        faults[i].refills_not = true;
    }
    for (size_t i = 0; i < 12; i++) {
        submit(i, 300);
    }
    run_until(begin + 1000 * MS);
    for (size_t i = 0; i < 12; i++) {
        ends_with(i, ERR_DEADLINE);
        assert_int_equal(jobs[i].done_ns, begin + 300 * MS);
    }
    assert_int_equal(atomic_load(&counters.deadline), 12);
}

static void other_frames_close_the_connection(void **state)
{
    struct writer w = wr_init(ask_room, ask_max);
    struct frame_header h;
    struct view frame;
    unsigned party = 0;

    (void)state;
    submit(0, 1000);
    while (!quorum_step_pull(step, party, &w)) {
        party++;
    }
    assert_int_equal(wr_finish(&w, &frame), ERR_OK);
    assert_int_equal(frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    h.type = FRAME_R2 | FRAME_ANSWER;
    assert_int_equal(quorum_step_take(step, party, &h, (struct view){ask_room, 4}, kit->now_ns),
                     ERR_TYPE);
    /* Late, foreign and impossible ids are nobody's. */
    h.request_id ^= UINT64_C(1) << 40;
    assert_int_equal(quorum_step_take(step, party, &h, (struct view){ask_room, 4}, kit->now_ns),
                     ERR_OK);
    h.request_id = QUORUM_ID_BIT | 0xffff;
    assert_int_equal(quorum_step_take(step, party, &h, (struct view){ask_room, 4}, kit->now_ns),
                     ERR_OK);
    assert_int_equal(jobs[0].done, 0);
}

static void another_epoch_is_refused(void **state)
{
    (void)state;
    sim_job_make(&jobs[0], kit, 1000);
    memset(jobs[0].job.epoch_id, 0, EPOCH_ID_LEN);
    atomic_fetch_add(&counters.queue_depth, 1);
    quorum_step_submit(step, &jobs[0].job, kit->now_ns);
    ends_with(0, ERR_QUORUM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_jobs_are_signed_and_shared, start, stop),
        cmocka_unit_test_setup_teardown(two_of_five_may_go, start, stop),
        cmocka_unit_test_setup_teardown(fewer_than_three_reject_at_once, start, stop),
        cmocka_unit_test_setup_teardown(a_silent_core_costs_one_wait, start, stop),
        cmocka_unit_test_setup_teardown(who_answers_something_else_is_not_silent, start, stop),
        cmocka_unit_test_setup_teardown(three_silent_ones_reject_within_100_ms, start, stop),
        cmocka_unit_test_setup_teardown(a_liar_is_named_and_left_out, start, stop),
        cmocka_unit_test_setup_teardown(one_who_spoils_sessions, start, stop),
        cmocka_unit_test_setup_teardown(two_who_spoil_sessions, start, stop),
        cmocka_unit_test_setup_teardown(two_whose_clocks_are_off, start, stop),
        cmocka_unit_test_setup_teardown(who_garbles_rests_ever_longer, start, stop),
        cmocka_unit_test_setup_teardown(an_empty_pool_is_waited_for, start, stop),
        cmocka_unit_test_setup_teardown(a_deadline_ends_a_job, start, stop),
        cmocka_unit_test_setup_teardown(other_frames_close_the_connection, start, stop),
        cmocka_unit_test_setup_teardown(another_epoch_is_refused, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
