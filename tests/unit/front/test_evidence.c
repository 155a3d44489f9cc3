#include "chain_fixture.h"
#include "fake_sign.h"
#include "fake_work.h"
#include "front_fixture.h"
#include "testing.h"

#include <string.h>

/* Which tokens go into which batch, and when. The evidence policy of FIXTURE_HYBRID has a
 * window of 50 ms and a count of 4. */

#define MS INT64_C(1000000)
#define TOKENS 160

static struct front *front;
static struct fixture *chain;
static struct evidence_entry tokens[TOKENS];
static bool unwanted[TOKENS];
static unsigned done_n, failed_n, recorded_n;

static int begin(void **state)
{
    (void)state;
    front = front_fixture_new(&chain);
    front_fixture_serve(front, chain, FIXTURE_HYBRID(""));
    memset(unwanted, 0, sizeof unwanted);
    done_n = 0;
    failed_n = 0;
    recorded_n = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    front_fixture_free(front, chain);
    return 0;
}

static bool wanted(const struct evidence_entry *e)
{
    return !unwanted[e - tokens];
}

static void done(struct evidence_entry *e)
{
    done_n++;
    failed_n += e->err != ERR_OK;
    archive_put(e->archive);
}

static void add(size_t i)
{
    struct evidence_entry *e = &tokens[i];

    *e = (struct evidence_entry){.serving = front->slot.now,
                                 .policy = &front->slot.now->config.policies[1],
                                 .deadline_ns = fixture_monotonic_ns + 2000 * MS,
                                 .wanted = wanted,
                                 .done = done};
    e->leaf[0] = (uint8_t)i;
    e->leaf[1] = (uint8_t)(i >> 8);
    evidence_add(front->stage->evidence, e);
}

static void add_many(size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++) {
        add(i);
    }
}

/* What coord does when the job has a place in a frame. */
static bool goes_out(size_t job)
{
    return fake.all[job]->ready(fake.all[job]);
}

static void record(void)
{
    for (; recorded_n < fake.entries; recorded_n++) {
        struct journal_entry *row = fake.rows[recorded_n % FAKE_JOBS_MAX];

        row->err = ERR_OK;
        row->done(row);
    }
}

static void answer(size_t job, enum err e)
{
    struct coord_job *j = fake.all[job];

    if (e == ERR_OK) {
        fake_sign(j, front, chain);
    }
    j->err = e;
    j->done(j);
    record();
}

static uint64_t counted(size_t size)
{
    return evidence_counters(front->stage->evidence)->sizes[size];
}

/* The idle key takes what has arrived until its frame goes; while it is busy the rest waits,
 * and goes together. */
static void batches_naturally(void **state)
{
    (void)state;
    add_many(0, 3);
    assert_int_equal(fake.jobs, 1);
    assert_int_equal(fake.all[0]->hash_alg, HASH_SHA512);
    assert_int_equal(fake.all[0]->key, KEY_PQ);
    assert_int_equal(fake.all[0]->policy, 2);
    assert_int_equal(fake.all[0]->deadline_ns, fixture_monotonic_ns + 2000 * MS);
    assert_true(goes_out(0));
    add_many(3, 2);
    assert_int_equal(fake.jobs, 1);
    assert_int_equal(evidence_counters(front->stage->evidence)->waiting, 2);
    answer(0, ERR_OK);
    assert_int_equal(done_n, 3);
    assert_int_equal(fake.entries, 1); /* the archive time-stamp; its tokens are our owner's */
    assert_int_equal(fake.jobs, 2);
    assert_true(goes_out(1));
    answer(1, ERR_OK);
    assert_int_equal(done_n, 5);
    assert_int_equal(failed_n, 0);
    assert_int_equal(fake.jobs, 2); /* idle again */
    assert_int_equal(counted(1), 1);
    assert_int_equal(counted(2), 1);
    assert_int_equal(evidence_counters(front->stage->evidence)->tokens, 5);
}

/* A path leads from each leaf to what the job's imprint is. */
static void plants_the_tree(void **state)
{
    (void)state;
    add_many(0, 3);
    assert_true(goes_out(0));
    for (size_t i = 0; i < 3; i++) {
        const struct archive_path *p = &tokens[i].path;
        struct er_path path = {.n_first = p->n_first, .n_later = p->n_later};
        uint8_t root[ER_HASH_LEN];

        for (size_t k = 0; k < p->n_first; k++) {
            path.first[k] = (struct view){p->values[k], ER_HASH_LEN};
        }
        for (size_t k = 0; k < p->n_later; k++) {
            path.later[k] = (struct view){p->values[p->n_first + k], ER_HASH_LEN};
        }
        assert_int_equal(er_path_root(&path, (struct view){tokens[i].leaf, ER_HASH_LEN}, root),
                         ERR_OK);
        assert_memory_equal(fake.all[0]->hashed_message, root, ER_HASH_LEN);
    }
    answer(0, ERR_OK);
}

static void one_token_needs_no_tree(void **state)
{
    (void)state;
    add(7);
    assert_true(goes_out(0));
    assert_int_equal(tokens[7].path.n_first, 0);
    assert_memory_equal(fake.all[0]->hashed_message, tokens[7].leaf, ER_HASH_LEN);
    answer(0, ERR_OK);
}

/* count caps a batch, and so many do not wait for the one under way. */
static void caps_a_batch(void **state)
{
    (void)state;
    add_many(0, 4);
    assert_int_equal(fake.jobs, 1);
    add_many(4, 3);
    assert_int_equal(fake.jobs, 1); /* 7: the first takes 4, and 3 are no batch yet */
    add(7);
    assert_int_equal(fake.jobs, 2);
    assert_true(goes_out(0));
    assert_int_equal(evidence_counters(front->stage->evidence)->waiting, 4);
    add(8);
    assert_true(goes_out(1));
    assert_int_equal(evidence_counters(front->stage->evidence)->waiting, 1);
    answer(1, ERR_OK);
    assert_int_equal(fake.jobs, 2); /* the other is still under way */
    answer(0, ERR_OK);
    assert_int_equal(fake.jobs, 3);
    assert_true(goes_out(2));
    answer(2, ERR_OK);
    assert_int_equal(done_n, 9);
    assert_int_equal(failed_n, 0);
}

/* The window: so long a token waits for the batch under way, and not longer. */
static void waits_for_the_window(void **state)
{
    (void)state;
    add(0);
    assert_true(goes_out(0));
    add(1);
    fixture_monotonic_ns += 50 * MS - 1;
    evidence_tick(front->stage->evidence);
    assert_int_equal(fake.jobs, 1);
    add(2);
    assert_int_equal(fake.jobs, 1);
    fixture_monotonic_ns += 1;
    evidence_tick(front->stage->evidence);
    assert_int_equal(fake.jobs, 2);
    evidence_tick(front->stage->evidence);
    assert_int_equal(fake.jobs, 2); /* that batch will take them */
    assert_true(goes_out(1));
    assert_int_equal(evidence_counters(front->stage->evidence)->waiting, 0);
    answer(1, ERR_OK);
    assert_int_equal(done_n, 2);
    answer(0, ERR_OK);
    assert_int_equal(done_n, 3);
    evidence_tick(front->stage->evidence);
    assert_int_equal(fake.jobs, 2);
}

/* Whatever a core, or coord, says: each token of the batch hears it, and the next goes on. */
static void passes_failures_on(void **state)
{
    (void)state;
    add_many(0, 2);
    assert_true(goes_out(0));
    add(2);
    answer(0, ERR_QUORUM);
    assert_int_equal(done_n, 2);
    assert_int_equal(failed_n, 2);
    assert_int_equal(tokens[0].err, ERR_QUORUM);
    assert_null(tokens[0].archive);
    assert_int_equal(fake.entries, 0);
    assert_int_equal(fake.jobs, 2);
    answer(1, ERR_STATE); /* before it went out */
    assert_int_equal(tokens[2].err, ERR_STATE);
    assert_int_equal(evidence_counters(front->stage->evidence)->failed, 2);
    assert_int_equal(evidence_counters(front->stage->evidence)->waiting, 0);
}

/* coord refuses before coord_submit() returns: no token is left behind, and no stack grows. */
static void survives_refusals_at_once(void **state)
{
    (void)state;
    add(0);
    assert_true(goes_out(0));
    add_many(1, 3);
    fake.at_once = true;
    fake.job_err = ERR_QUORUM;
    add_many(4, 150);
    answer(0, ERR_QUORUM);
    assert_int_equal(done_n, 154);
    assert_int_equal(failed_n, 154);
}

/* No signature and no row for what nobody waits for. */
static void drops_what_nobody_waits_for(void **state)
{
    (void)state;
    add_many(0, 2);
    unwanted[0] = true;
    assert_true(goes_out(0));
    assert_int_equal(done_n, 1);
    assert_int_equal(tokens[0].err, ERR_DEADLINE);
    unwanted[1] = true;
    answer(0, ERR_OK);
    assert_int_equal(done_n, 2);
    assert_int_equal(fake.entries, 0);
    add(2);
    unwanted[2] = true;
    assert_false(goes_out(1));
    answer(1, ERR_DEADLINE);
    assert_int_equal(failed_n, 3);
}

/* Tokens of two snapshots: of two epochs, perhaps; never in one batch. */
static void keeps_snapshots_apart(void **state)
{
    struct serving *old = serving_get(&front->slot);

    (void)state;
    add(0);
    assert_true(goes_out(0));
    add(1);
    fake.core.status.epoch_id[0] ^= 1;
    front_fixture_serve(front, chain, FIXTURE_HYBRID(""));
    add(2);
    answer(0, ERR_OK);
    assert_int_equal(fake.jobs, 2);
    assert_memory_equal(fake.all[1]->epoch_id, old->epoch_id, EPOCH_ID_LEN);
    assert_true(goes_out(1));
    assert_int_equal(evidence_counters(front->stage->evidence)->waiting, 1);
    answer(1, ERR_OK);
    assert_int_equal(fake.jobs, 3);
    assert_memory_equal(fake.all[2]->epoch_id, fake.core.status.epoch_id, EPOCH_ID_LEN);
    assert_true(goes_out(2));
    answer(2, ERR_OK);
    assert_int_equal(done_n, 3);
    assert_int_equal(failed_n, 0);
    serving_put(old);
}

/* The table of batches is full: tokens wait for one to end. Each is a batch of its own, since
 * the window of the one before is over. */
static void is_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i <= EVIDENCE_BATCHES_MAX; i++) {
        add(i);
        fixture_monotonic_ns += 50 * MS;
        evidence_tick(front->stage->evidence);
        assert_int_equal(fake.jobs, i < EVIDENCE_BATCHES_MAX ? i + 1 : EVIDENCE_BATCHES_MAX);
        assert_true(i == EVIDENCE_BATCHES_MAX || goes_out(i));
    }
    assert_int_equal(evidence_counters(front->stage->evidence)->waiting, 1);
    answer(5, ERR_OK);
    assert_int_equal(fake.jobs, EVIDENCE_BATCHES_MAX + 1);
    assert_true(goes_out(EVIDENCE_BATCHES_MAX));
    for (size_t i = 0; i <= EVIDENCE_BATCHES_MAX; i++) {
        if (i != 5) {
            answer(i, ERR_QUORUM);
        }
    }
    assert_int_equal(done_n, EVIDENCE_BATCHES_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(batches_naturally, begin, end),
        cmocka_unit_test_setup_teardown(plants_the_tree, begin, end),
        cmocka_unit_test_setup_teardown(one_token_needs_no_tree, begin, end),
        cmocka_unit_test_setup_teardown(caps_a_batch, begin, end),
        cmocka_unit_test_setup_teardown(waits_for_the_window, begin, end),
        cmocka_unit_test_setup_teardown(passes_failures_on, begin, end),
        cmocka_unit_test_setup_teardown(survives_refusals_at_once, begin, end),
        cmocka_unit_test_setup_teardown(drops_what_nobody_waits_for, begin, end),
        cmocka_unit_test_setup_teardown(keeps_snapshots_apart, begin, end),
        cmocka_unit_test_setup_teardown(is_bounded, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
