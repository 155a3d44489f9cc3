/* Five cores behind one coordinator, with sessions of real parties: what the cluster makes of
 * cores that stop, go, lie and lose their shares, and what it keeps of a lie. */
#include "sim_job.h"
#include "testing.h"
#include "unit/coord/coord_fixture.h"

#include "host/coord/coord_cluster.h"
#include "host/coord/proof_io.h"
#include "host/coord/proof_judge.h"
#include "host/coord/roster.h"
#include "os/small_file.h"

#include <stdio.h>
#include <unistd.h>

#define CORES 5
#define JOBS_MAX 64

static struct party_kit *kit;
static struct coord_cluster *cluster;
static struct coord_member *members;
static struct coord_counters counters;
static struct quorum_roster roster;
static struct quorum_scratch *scratch;
static uint8_t *room, *ask_room, *answer_room;
static size_t ask_max, answer_max;
static char dir[128];
static char kept[PROOF_NAME_MAX];
static enum err keep_err;
static unsigned blamed;
static struct {
    uint8_t mu[MLDSA_MU_LEN];
    uint8_t *bytes; /* a proof of the same session against an honest signer that spoke, too */
    size_t n;
} framed;

static struct core {
    struct fake_core *fake;
    struct quorum_node node;
    bool connected, stopped;
    int lies; /* FRAME_R2 or FRAME_R3: in its answer to that */
} cores[CORES];

static struct sim_job jobs[JOBS_MAX];

static void on_blame(void *user, unsigned party, const struct quorum_run *run)
{
    (void)user;
    blamed |= 1U << party;
    keep_err = proof_keep_run(dir, run, party, kept);
    memcpy(framed.mu, run->session.mu, sizeof framed.mu);
    for (size_t at = 0; at < run->head.t; at++) {
        const unsigned other = quorum_run_party(run, at);
        struct writer w = wr_init(framed.bytes, PROOF_MAX);

        if (other != party && proof_write(run, other, &w) == ERR_OK) {
            framed.n = w.len;
        }
    }
}

static void boot(unsigned i, uint8_t boot)
{
    struct fake_core *f = fake_new((uint8_t)(boot * 16U + i));

    free(cores[i].fake);
    cores[i] = (struct core){.fake = f, .node = {kit, i, INT64_C(1700000000) * 1000 * MS}};
    memcpy(f->epoch_id, kit->epoch_id, EPOCH_ID_LEN);
    memset(f->identity, (int)(boot * 16U + i), sizeof f->identity);
    memset(f->activation_pq, 0xbb, sizeof f->activation_pq);
    f->index = (uint8_t)(i + 1);
    f->total = CORES;
}

static int start(void **state)
{
    struct coord_cluster_setup setup = {.n = CORES, .together = true, .counters = &counters};

    (void)state;
    kit = party_kit_new(&mldsa_44, 3, CORES, 8);
    memset(&counters, 0, sizeof counters);
    memset(jobs, 0, sizeof jobs);
    for (unsigned i = 0; i < CORES; i++) {
        boot(i, 1);
        memcpy(kit->plan.nodes[i].identity, cores[i].fake->identity, IDENTITY_LEN);
    }
    blamed = 0;
    framed.bytes = malloc(PROOF_MAX);
    framed.n = 0;
    roster =
        (struct quorum_roster){.plan = &kit->plan, .key = &kit->math->key, .t = kit->math->t};
    memcpy(roster.epoch_id, kit->epoch_id, EPOCH_ID_LEN);
    ask_max = quorum_run_ask_max(kit->math->params) + FRAME_HEADER_LEN;
    answer_max = quorum_run_room(kit->math->params) + 1000;
    ask_room = malloc(ask_max);
    answer_room = malloc(answer_max);
    room = malloc(QUORUM_RUNS_MAX * quorum_run_room(kit->math->params));
    scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    cluster = calloc(1, sizeof *cluster);
    members = calloc(CORES, sizeof *members);
    setup.members = members;
    coord_cluster_init(cluster, &setup);
    const struct quorum_step_setup q = {
        .counters = &counters, .scratch = scratch, .room = room, .on_blame = on_blame};

    coord_cluster_epoch(cluster, &roster, &q, kit->now_ns);
    (void)snprintf(dir, sizeof dir, "/tmp/quorate-proof-XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    assert_int_equal(atomic_load(&counters.queue_depth), 0);
    for (unsigned i = 0; i < CORES; i++) {
        free(cores[i].fake);
        cores[i].fake = NULL;
    }
    (void)unlink(kept);
    assert_int_equal(rmdir(dir), 0);
    free(framed.bytes);
    free(members);
    free(cluster);
    free(room);
    free(scratch);
    free(ask_room);
    free(answer_room);
    party_kit_free(kit);
    return 0;
}

/* ---- one core ---- */

static void drop(unsigned i, enum err why)
{
    if (cores[i].connected) {
        cores[i].connected = false;
        coord_cluster_close(cluster, i, why, kit->now_ns);
    }
}

static void dial(unsigned i)
{
    cores[i].connected = true;
    cores[i].fake->n = 0;
    cores[i].fake->in_len = 0;
    coord_cluster_open(cluster, i, kit->now_ns);
}

static void say(unsigned i, struct view v)
{
    size_t used = 0;
    const enum err e = coord_cluster_take(cluster, i, v, kit->now_ns, &used);

    if (e != ERR_OK) {
        drop(i, e);
    }
}

/* A core puts its name to other bytes: a byte of what it reveals, or half a response. */
static size_t lie(unsigned i, const struct frame_header *h, uint8_t *body, size_t n)
{
    const size_t head = h->type == FRAME_R2 ? 3 : 2;
    const struct quorum_slot *slot = &cluster->quorum.slots[h->request_id >> 8 & 0xff];
    struct reader r = rd_init((struct view){body + head, n - head});
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct quorum_word word;

    assert_int_equal(quorum_word_decode(&r, n, &word), ERR_OK);
    if (h->type == FRAME_R2) {
        body[head + QUORUM_WORD_HEAD + 10] ^= 1;
    } else {
        word.body.n /= 2;
        struct writer w = wr_init(body + head + 1 + QUORUM_SIG_LEN, 4);

        wr_u32le(&w, (uint32_t)word.body.n);
        n = head + QUORUM_WORD_HEAD + word.body.n;
    }
    quorum_word_signed(h->type == FRAME_R2 ? QUORUM_REVEAL : QUORUM_RESPOND,
                       slot->run.session.id, &word, signed_part);
    assert_int_equal(ed25519_sign(kit->nodes[i].stack, &kit->nodes[i].identity,
                                  (struct view){signed_part, sizeof signed_part},
                                  body + head + 1),
                     ERR_OK);
    return n;
}

/* One frame of a session reaches its core, which answers. */
static void answer_session(unsigned i, struct view frame)
{
    uint8_t *const body = answer_room + FRAME_HEADER_LEN;
    struct writer w = wr_init(body, answer_max - FRAME_HEADER_LEN);
    struct frame_header h;
    struct view answer;
    size_t n;

    assert_int_equal(frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    party_kit_fill(kit);
    const enum err e = quorum_node_answer(
        &cores[i].node, (enum frame_type)h.type,
        (struct view){frame.p + FRAME_HEADER_LEN, frame.n - FRAME_HEADER_LEN}, &w);

    assert_int_equal(wr_finish(&w, &answer), ERR_OK);
    n = answer.n;
    if (e == ERR_OK && n > 0 && cores[i].lies == h.type) {
        n = lie(i, &h, body, n);
    }
    w = wr_init(answer_room, answer_max);
    if (e == ERR_OK) {
        const size_t mark = frame_begin(&w, h.type | FRAME_ANSWER, h.request_id);

        w.len += n; /* it is there already */
        frame_end(&w, mark);
    } else {
        frame_write_error(&w, h.request_id, e);
    }
    assert_int_equal(wr_finish(&w, &answer), ERR_OK);
    say(i, answer);
}

/* ---- all of them ---- */

static bool turn(void)
{
    bool answered = false;

    coord_cluster_tick(cluster, kit->now_ns);
    for (unsigned i = 0; i < CORES; i++) {
        struct core *const c = &cores[i];
        struct writer w = wr_init(ask_room, ask_max);
        struct view frame;

        if (!c->connected) {
            continue;
        }
        const enum err e = coord_cluster_pump(cluster, i, kit->now_ns);

        if (e != ERR_OK) {
            drop(i, e);
            continue;
        }
        const struct view out = coord_step_send(&members[i].step);

        fake_receive(c->fake, out);
        coord_step_sent(&members[i].step, out.n);
        while (c->connected && !c->stopped && c->fake->n > 0) {
            answered = true;
            say(i, fake_answer(c->fake, 0));
        }
        while (c->connected && coord_cluster_pull(cluster, i, &w)) {
            assert_int_equal(wr_finish(&w, &frame), ERR_OK);
            if (!c->stopped) {
                answered = true;
                answer_session(i, frame);
            }
            w = wr_init(ask_room, ask_max);
        }
    }
    return answered;
}

static void run(int64_t ms)
{
    const int64_t end_ns = kit->now_ns + ms * MS;

    for (;;) {
        unsigned turns = 0;

        while (turn()) {
            assert_true(++turns < 100000);
        }
        const int64_t next = coord_cluster_next(cluster);

        if (next > end_ns) {
            kit->now_ns = end_ns;
            return;
        }
        kit->now_ns = next > kit->now_ns ? next : kit->now_ns + 1;
    }
}

static void submit(size_t i, int64_t within_ms)
{
    sim_job_make(&jobs[i], kit, within_ms);
    atomic_fetch_add(&counters.queue_depth, 1);
    coord_cluster_submit(cluster, &jobs[i].job, kit->now_ns);
}

static void submit_some(size_t from, size_t n, int64_t within_ms)
{
    for (size_t i = from; i < from + n; i++) {
        submit(i, within_ms);
    }
}

static void all_end_with(size_t from, size_t n, enum err e)
{
    for (size_t i = from; i < from + n; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].job.err, e);
        assert_int_equal(jobs[i].job.signature_len, e == ERR_OK ? mldsa_44.sig_len : 0);
    }
}

static void connect_all(void)
{
    for (unsigned i = 0; i < CORES; i++) {
        dial(i);
    }
    run(1);
    assert_int_equal(coord_cluster_gate(cluster, KEY_PQ), ERR_OK);
}

static void they_sign_together(void **state)
{
    (void)state;
    connect_all();
    submit_some(0, 20, 20000);
    run(20000);
    all_end_with(0, 20, ERR_OK);
    assert_true(atomic_load(&counters.sessions) >= 20);
    assert_int_equal(blamed, 0);
}

static void two_that_go_or_stop_are_done_without(void **state)
{
    const int64_t begin_ns = kit->now_ns;

    (void)state;
    connect_all();
    submit_some(0, 8, 5000);
    (void)turn();
    drop(0, ERR_IO);
    cores[1].stopped = true;
    run(3000);
    all_end_with(0, 8, ERR_OK);
    for (size_t i = 0; i < 8; i++) {
        assert_true(jobs[i].done_ns - begin_ns < 2000 * MS);
    }
    assert_true(members[1].silent || !cores[1].connected);
}

static void three_that_stop_are_noticed_within_100_ms(void **state)
{
    (void)state;
    connect_all();
    for (unsigned i = 0; i < 3; i++) {
        cores[i].stopped = true;
    }
    run(700);
    const int64_t begin_ns = kit->now_ns;

    submit(0, 2000);
    run(150);
    all_end_with(0, 1, ERR_QUORUM);
    assert_true(jobs[0].done_ns - begin_ns < 100 * MS);
    submit(1, 2000);
    all_end_with(1, 1, ERR_QUORUM);
    cores[2].stopped = false;
    run(300);
    submit(2, 5000);
    run(5000);
    all_end_with(2, 1, ERR_OK);
}

static void lost_shares_halt_it(void **state)
{
    (void)state;
    connect_all();
    submit_some(0, 4, 5000);
    (void)turn();
    for (unsigned i = 0; i < 3; i++) {
        drop(i, ERR_IO);
        boot(i, 2);
        dial(i);
    }
    run(QUORUM_BACK_NS / MS);
    all_end_with(0, 4, ERR_QUORUM);
    submit(4, 1000);
    all_end_with(4, 1, ERR_HALTED);
}

/* ---- lies ---- */

static const struct stamp_policy proof_rule = {3, 100, 1000, false};

static enum err judge(struct view bytes, struct proof *p, enum proof_lie *lie)
{
    assert_int_equal(proof_check(&roster, bytes, &proof_rule, p), ERR_OK);
    return proof_judge(&roster, p, framed.mu, scratch, lie);
}

static void no_part_of_it_is_enough(uint8_t *bytes, size_t n)
{
    const struct view all = {bytes, n};
    struct proof p;

    for (size_t cut = 0; cut < n; cut += n / 50 + 1) {
        assert_int_not_equal(proof_check(&roster, (struct view){bytes, cut}, &proof_rule, &p),
                             ERR_OK);
    }
    bytes[16] = (uint8_t)(bytes[16] % CORES + 1); /* nor proves it anything of another */
    assert_int_not_equal(proof_check(&roster, all, &proof_rule, &p), ERR_OK);
    bytes[16] = (uint8_t)((bytes[16] + CORES - 2) % CORES + 1);
    bytes[n - 1] ^= 1;
    assert_int_equal(proof_check(&roster, all, &proof_rule, &p), ERR_SIGNATURE);
    bytes[n - 1] ^= 1;
}

/* What an honest node of the same session said proves nothing against it, whoever says so. */
static void an_honest_one_is_not_blamed(unsigned party)
{
    enum proof_lie lie = PROOF_LIE_FORM;
    struct proof p;

    assert_true(framed.n > 0);
    assert_int_equal(judge((struct view){framed.bytes, framed.n}, &p, &lie), ERR_MISMATCH);
    assert_int_equal(lie, PROOF_NO_LIE);
    assert_int_not_equal(p.party, party);
    framed.bytes[17] = PROOF_REVEAL; /* nor what it revealed */
    assert_int_equal(judge((struct view){framed.bytes, framed.n}, &p, &lie), ERR_MISMATCH);
}

static void proof_of(unsigned party, enum proof_kind want)
{
    static uint8_t space[PROOF_MAX];
    enum proof_lie lie = PROOF_NO_LIE;
    struct view bytes;
    struct proof p;

    assert_int_equal(keep_err, ERR_OK);
    assert_int_equal(small_file_read(kept, space, sizeof space, &bytes), ERR_OK);
    assert_int_equal(judge(bytes, &p, &lie), ERR_OK);
    assert_int_equal(p.kind, want);
    assert_int_equal(p.party, party);
    assert_true(want == PROOF_REVEAL ? lie == PROOF_LIE_COMMITMENT
                                     : lie == PROOF_LIE_RESPONSE || lie == PROOF_LIE_FORM);
    assert_string_not_equal(proof_lie_text(lie), "");
    if (lie == PROOF_LIE_RESPONSE) { /* it shows only against what was signed */
        assert_int_equal(proof_judge(&roster, &p, NULL, scratch, &lie), ERR_STATE);
    }
    no_part_of_it_is_enough(space, bytes.n);
    if (want == PROOF_RESPOND) { /* others have spoken, too */
        an_honest_one_is_not_blamed(party);
    }
}

static void a_lie(unsigned party, enum frame_type at, enum proof_kind kind)
{
    connect_all();
    cores[party].lies = (int)at;
    submit_some(0, 8, 20000);
    run(20000);
    all_end_with(0, 8, ERR_OK);
    assert_int_equal(blamed, 1U << party);
    assert_true(members[party].banned);
    assert_int_equal(coord_cluster_gate(cluster, KEY_PQ), ERR_OK);
    proof_of(party, kind);
    drop(party, ERR_IO); /* for the epoch: another connection makes no other node of it */
    dial(party);
    run(10);
    assert_true(members[party].banned);
}

static void a_wrong_reveal_is_kept_as_proof(void **state)
{
    (void)state;
    a_lie(2, FRAME_R2, PROOF_REVEAL);
}

static void a_wrong_response_is_kept_as_proof(void **state)
{
    (void)state;
    a_lie(4, FRAME_R3, PROOF_RESPOND);
}

static void few_proofs_are_kept(void **state)
{
    const struct view proof = {(const uint8_t *)"x", 1};
    char name[PROOF_NAME_MAX];
    char files[PROOF_FILES_MAX][PROOF_NAME_MAX];
    uint8_t epoch[EPOCH_ID_LEN] = {0};

    (void)state;
    assert_int_equal(proof_keep("/nowhere", epoch, 1, proof, name), ERR_IO);
    for (size_t i = 0; i < PROOF_FILES_MAX; i++) {
        epoch[0] = (uint8_t)i;
        assert_int_equal(proof_keep(dir, epoch, 1, proof, files[i]), ERR_OK);
    }
    assert_int_equal(proof_keep(dir, epoch, 2, proof, name), ERR_NOSPACE);
    (void)unlink(files[0]);
    assert_int_equal(proof_keep(dir, epoch, 1, proof, name), ERR_STATE); /* the first is kept */
    for (size_t i = 1; i < PROOF_FILES_MAX; i++) {
        (void)unlink(files[i]);
    }
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(they_sign_together),
        CASE(two_that_go_or_stop_are_done_without),
        CASE(three_that_stop_are_noticed_within_100_ms),
        CASE(lost_shares_halt_it),
        CASE(a_wrong_reveal_is_kept_as_proof),
        CASE(a_wrong_response_is_kept_as_proof),
        CASE(few_proofs_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
