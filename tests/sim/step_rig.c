#include "step_rig.h"

struct step_rig rig;

static void on_blame(void *user, unsigned party, const struct quorum_run *run)
{
    (void)user;
    assert_true((run->guilty >> party & 1) != 0);
    rig.blamed |= 1U << party;
}

int step_rig_start(void **state)
{
    (void)state;
    rig.kit = party_kit_new(&mldsa_44, 3, 5, 8);
    rig.roster = (struct quorum_roster){
        .plan = &rig.kit->plan, .key = &rig.kit->math->key, .t = rig.kit->math->t};
    memcpy(rig.roster.epoch_id, rig.kit->epoch_id, EPOCH_ID_LEN);
    for (unsigned i = 0; i < 5; i++) {
        rig.nodes[i] = (struct quorum_node){rig.kit, i, INT64_C(1700000000) * 1000 * MS};
    }
    rig.ask_max = quorum_run_ask_max(rig.kit->math->params) + FRAME_HEADER_LEN;
    rig.answer_max = quorum_run_room(rig.kit->math->params) + 1000;
    rig.ask_room = malloc(rig.ask_max);
    rig.answer_room = malloc(rig.answer_max);
    rig.room = malloc(QUORUM_RUNS_MAX * quorum_run_room(rig.kit->math->params));
    rig.scratch = aligned_alloc(64, (sizeof *rig.scratch + 63) / 64 * 64);
    rig.step = malloc(sizeof *rig.step);
    memset(&rig.counters, 0, sizeof rig.counters);
    memset(rig.faults, 0, sizeof rig.faults);
    memset(rig.jobs, 0, sizeof rig.jobs);
    memset(rig.asked, 0, sizeof rig.asked);
    rig.blamed = 0;
    const struct quorum_step_setup setup = {.counters = &rig.counters,
                                            .scratch = rig.scratch,
                                            .room = rig.room,
                                            .on_blame = on_blame};

    quorum_step_init(rig.step, &rig.roster, &setup);
    for (unsigned i = 0; i < 5; i++) {
        quorum_step_up(rig.step, i, true, rig.kit->now_ns);
    }
    return 0;
}

int step_rig_stop(void **state)
{
    (void)state;
    quorum_step_end(rig.step);
    for (size_t i = 0; i < STEP_RIG_EVENTS_MAX; i++) {
        if (rig.events[i].busy) {
            free(rig.events[i].body);
            rig.events[i].busy = false;
        }
    }
    free(rig.step);
    free(rig.room);
    free(rig.scratch);
    free(rig.ask_room);
    free(rig.answer_room);
    party_kit_free(rig.kit);
    return 0;
}

static void refill(unsigned party)
{
    struct pq_party *const p = &rig.kit->nodes[party].party;
    uint8_t rng[TMLDSA_NODE_RNG_LEN];
    struct pq_place *place;

    (void)pq_party_expire(p, rig.kit->now_ns);
    noise_bytes(&rig.kit->noise, rng, sizeof rng);
    while (!rig.faults[party].refills_not && (place = pq_party_fill(p, rng)) != NULL) {
        pq_party_filled(p, place,
                        tmldsa_commit(&rig.kit->math->key, party,
                                      &rig.kit->math->commit_scratch, &place->batch));
        noise_bytes(&rig.kit->noise, rng, sizeof rng);
    }
}

/* What is changed on its way proves nothing. */
static void garble(const struct frame_header *h, uint8_t *body, size_t n)
{
    if (h->type == (FRAME_R2 | FRAME_ANSWER)) {
        body[n - 1] ^= 1;
    }
}

/* The place that asked; NULL: none. */
static const struct quorum_slot *slot_of(const struct frame_header *h)
{
    const size_t at = h->request_id >> 8 & 0xff;

    return at < QUORUM_RUNS_MAX ? &rig.step->slots[at] : NULL;
}

/* A core that signs what it did not commit to, or what does not follow from it. */
static void lie(unsigned party, const struct frame_header *h, uint8_t *body, size_t n)
{
    const bool reveal = h->type == (FRAME_R2 | FRAME_ANSWER) && rig.faults[party].lies;
    const bool respond = h->type == (FRAME_R3 | FRAME_ANSWER) && rig.faults[party].wrong_z;
    const size_t head = reveal ? 3 : 2;
    const struct quorum_slot *const slot = slot_of(h);
    struct reader r = rd_init((struct view){body + head, n - head});
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct quorum_word word;

    if ((!reveal && !respond) || slot == NULL || !slot->busy) {
        return;
    }
    body[reveal ? 80 : 71 + 2 + 40] ^= 1; /* of w; of z of the first index that it accepted */
    assert_int_equal(quorum_word_decode(&r, n, &word), ERR_OK);
    quorum_word_signed(reveal ? QUORUM_REVEAL : QUORUM_RESPOND, slot->run.session.id, &word,
                       signed_part);
    assert_int_equal(ed25519_sign(rig.kit->nodes[party].stack, &rig.kit->nodes[party].identity,
                                  (struct view){signed_part, sizeof signed_part},
                                  body + head + 1),
                     ERR_OK);
}

/* Whether somebody in this session spoiled it for that core. */
static bool is_spoilt(unsigned party, const struct frame_header *h)
{
    const struct quorum_slot *const slot = slot_of(h);

    for (unsigned i = 0; slot != NULL && i < 5; i++) {
        if (i != party && rig.faults[i].spoils && (slot->run.session.act >> i & 1) != 0) {
            return h->type == FRAME_R2;
        }
    }
    return false;
}

static int64_t trip_ns(unsigned party, const struct frame_header *h)
{
    const bool r3 = (h->type & ~FRAME_ANSWER) == FRAME_R3;

    return (rig.faults[party].is_quick ? MS : STEP_RIG_TRIP_NS) + rig.faults[party].slow_ns +
           (r3 ? rig.faults[party].slow_r3_ns : 0) + party * MS / 10;
}

/* One frame reaches its core, which answers. */
static void deliver(unsigned party, struct view frame)
{
    struct writer w = wr_init(rig.answer_room, rig.answer_max);
    struct frame_header h;
    struct view answer;
    struct step_rig_event *e = rig.events;
    enum err err;

    rig.asked[party]++;
    assert_int_equal(frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    if (rig.faults[party].silent || (rig.faults[party].loses_r3 && h.type == FRAME_R3)) {
        return;
    }
    refill(party);
    err = quorum_node_answer(
        &rig.nodes[party], (enum frame_type)h.type,
        (struct view){frame.p + FRAME_HEADER_LEN, frame.n - FRAME_HEADER_LEN}, &w);
    err = is_spoilt(party, &h) ? ERR_STALE : err;
    h.type = err == ERR_OK ? (uint8_t)(h.type | FRAME_ANSWER) : FRAME_ERROR;
    if (err != ERR_OK) {
        w = wr_init(rig.answer_room, rig.answer_max);
        wr_u16le(&w, (uint16_t)err);
    }
    assert_int_equal(wr_finish(&w, &answer), ERR_OK);
    if (h.type != FRAME_ERROR) {
        lie(party, &h, rig.answer_room, answer.n);
    }
    if (rig.faults[party].garbles) {
        garble(&h, rig.answer_room, answer.n);
    }
    while (e->busy) {
        assert_true(++e < rig.events + STEP_RIG_EVENTS_MAX);
    }
    *e = (struct step_rig_event){true,    rig.kit->now_ns + trip_ns(party, &h), party, h, NULL,
                                 answer.n};
    e->body = malloc(answer.n);
    memcpy(e->body, answer.p, answer.n);
}

void step_rig_pull(void)
{
    for (unsigned i = 0; i < 5; i++) {
        struct writer w = wr_init(rig.ask_room, rig.ask_max);
        struct view frame;

        while (rig.step->cores[i].up && quorum_step_pull(rig.step, i, &w)) {
            assert_int_equal(wr_finish(&w, &frame), ERR_OK);
            deliver(i, frame);
            w = wr_init(rig.ask_room, rig.ask_max);
        }
    }
}

static struct step_rig_event *first_event(void)
{
    struct step_rig_event *first = NULL;

    for (size_t i = 0; i < STEP_RIG_EVENTS_MAX; i++) {
        if (rig.events[i].busy && (first == NULL || rig.events[i].at_ns < first->at_ns)) {
            first = &rig.events[i];
        }
    }
    return first;
}

/* Lets time go until this moment. */
void step_rig_run(int64_t end_ns)
{
    for (;;) {
        struct step_rig_event *e;
        int64_t next;

        step_rig_pull();
        e = first_event();
        next = quorum_step_next(rig.step);
        next = e != NULL && e->at_ns < next ? e->at_ns : next;
        if (next > end_ns) {
            rig.kit->now_ns = end_ns;
            return;
        }
        rig.kit->now_ns = next > rig.kit->now_ns ? next : rig.kit->now_ns;
        if (e != NULL && e->at_ns <= rig.kit->now_ns) {
            e->busy = false;
            if (rig.step->cores[e->party].up) {
                assert_int_equal(quorum_step_take(rig.step, e->party, &e->head,
                                                  (struct view){e->body, e->n},
                                                  rig.kit->now_ns),
                                 ERR_OK);
            }
            free(e->body);
        } else {
            quorum_step_pump(rig.step, rig.kit->now_ns);
        }
    }
}

void step_rig_submit(size_t i, int64_t within_ms)
{
    sim_job_make(&rig.jobs[i], rig.kit, within_ms);
    atomic_fetch_add(&rig.counters.queue_depth, 1);
    quorum_step_submit(rig.step, &rig.jobs[i].job, rig.kit->now_ns);
}

void step_rig_ends(size_t i, enum err e)
{
    assert_int_equal(rig.jobs[i].done, 1);
    assert_int_equal(rig.jobs[i].job.err, e);
}
