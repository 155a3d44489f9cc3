/* Turns, completion and cancelling of jobs. */
#include "testing.h"

#include "enclave/jobs/jobs.h"

#include <string.h>

static struct jobs jobs;

static struct sign_batch *submit(uint32_t lane, size_t n)
{
    struct sign_batch *const b = jobs_get(&jobs, KEY_CLASSIC);

    assert_non_null(b);
    b->lane = lane;
    b->n = n;
    b->n_jobs = n;
    jobs_submit(&jobs, b);
    return b;
}

static void test_lanes_take_turns(void **state)
{
    struct sign_batch *b;

    (void)state;
    jobs_init(&jobs);
    (void)submit(3, 64);
    (void)submit(3, 64);
    (void)submit(9, 2);
    (void)submit(0, 1);
    assert_int_equal(jobs.waiting, 131);
    for (size_t i = 0; i < 5;
         i++) { /* whoever asks for little waits for one signature a lane */
        static const uint32_t want[] = {0, 3, 9, 3, 9};

        assert_non_null(jobs_take(&jobs, &b));
        assert_int_equal(b->lane, want[i]);
    }
    for (size_t i = 0; i < 126; i++) {
        assert_non_null(jobs_take(&jobs, &b));
        assert_int_equal(b->lane, 3);
    }
    assert_null(jobs_take(&jobs, &b));
    assert_null(b);
    assert_int_equal(jobs.waiting, 0);
}

static void test_done_when_all_are_signed(void **state)
{
    struct sign_batch *one;
    struct sign_batch *two;
    struct sign_batch *b;

    (void)state;
    jobs_init(&jobs);
    one = submit(1, 2);
    two = submit(1, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(jobs_take(&jobs, &b));
    }
    assert_false(jobs_finish(&jobs, one));
    assert_null(jobs_collect(&jobs));
    assert_true(jobs_finish(&jobs, two)); /* out of order */
    assert_true(jobs_finish(&jobs, one));
    assert_ptr_equal(jobs_collect(&jobs), one);
    assert_ptr_equal(one->next, two);
    assert_null(two->next);
    assert_null(jobs_collect(&jobs));
    assert_int_equal(jobs.busy, 2);
    jobs_put(&jobs, one);
    jobs_put(&jobs, two);
    assert_int_equal(jobs.busy, 0);
}

static void test_cancel(void **state)
{
    struct sign_batch *first;
    struct sign_batch *second;
    struct sign_batch *other;
    struct sign_batch *b;

    (void)state;
    jobs_init(&jobs);
    first = submit(2, 3);
    second = submit(2, 2);
    other = submit(5, 1);
    assert_ptr_equal(jobs_take(&jobs, &b), &first->jobs[0]);
    assert_true(jobs_cancel(&jobs, 2)); /* second is whole: nothing of it was taken */
    assert_ptr_equal(jobs_collect(&jobs), second);
    assert_int_equal(second->jobs[0].err, ERR_STATE);
    assert_int_equal(first->jobs[1].err, ERR_STATE);
    assert_int_equal(jobs.waiting, 1);
    assert_true(jobs_finish(&jobs, first)); /* by the worker that has its first job */
    assert_ptr_equal(jobs_collect(&jobs), first);
    assert_ptr_equal(jobs_take(&jobs, &b), &other->jobs[0]);
    assert_false(jobs_cancel(&jobs, 2));
    assert_false(jobs_cancel(&jobs, 5));
}

static void test_slots_are_limited_and_come_back_empty(void **state)
{
    static struct sign_batch *all[LIMIT_BATCHES];

    (void)state;
    jobs_init(&jobs);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < LIMIT_BATCHES; i++) {
            all[i] = jobs_get(&jobs, KEY_CLASSIC);
            assert_non_null(all[i]);
            assert_int_equal(all[i]->n_jobs, 0);
            assert_int_equal(all[i]->taken, 0);
            assert_int_equal(all[i]->done, 0);
            all[i]->n_jobs = 5;
            all[i]->taken = 5;
            all[i]->done = 5;
        }
        assert_null(jobs_get(&jobs, KEY_CLASSIC));
        for (size_t i = 0; i < LIMIT_BATCHES; i++) {
            jobs_put(&jobs, all[i]);
        }
    }
}

/* Few batches of the long kind; without one the others are still there. */
static void test_long_signatures(void **state)
{
    static struct sign_batch *all[LIMIT_BATCHES_PQ];
    struct sign_batch *b;

    (void)state;
    jobs_init(&jobs);
    for (size_t i = 0; i < LIMIT_BATCHES_PQ; i++) {
        all[i] = jobs_get(&jobs, KEY_PQ);
        assert_non_null(all[i]);
        memset(jobs_signature(all[i], &all[i]->jobs[STAMP_BATCH_PQ_MAX - 1]), (int)i,
               STAMP_SIGNATURE_PQ);
    }
    assert_null(jobs_get(&jobs, KEY_PQ));
    b = jobs_get(&jobs, KEY_CLASSIC);
    assert_non_null(b);
    assert_ptr_equal(jobs_signature(b, &b->jobs[3]), b->jobs[3].signature);
    jobs_put(&jobs, b);
    for (size_t i = 0; i < LIMIT_BATCHES_PQ; i++) {
        assert_int_equal(*jobs_signature(all[i], &all[i]->jobs[STAMP_BATCH_PQ_MAX - 1]), i);
        jobs_put(&jobs, all[i]);
    }
    assert_int_equal(jobs.busy, 0);
    assert_non_null(jobs_get(&jobs, KEY_PQ));
}

/* Commitments are made when no job waits, each once, and come back in any order. */
static void test_commitments_come_last(void **state)
{
    static struct pq_place places[PQ_POOL_MAX];
    bool seen[PQ_POOL_MAX] = {false};
    struct commit_done done;
    struct sign_batch *b;

    (void)state;
    jobs_init(&jobs);
    assert_null(jobs_take_commit(&jobs));
    for (size_t i = 0; i < PQ_POOL_MAX; i++) {
        jobs_submit_commit(&jobs, &places[i]);
    }
    (void)submit(3, 1);
    (void)submit(4, 1);
    assert_null(jobs_take_commit(&jobs));
    assert_non_null(jobs_take(&jobs, &b));
    assert_null(jobs_take_commit(&jobs));
    assert_non_null(jobs_take(&jobs, &b)); /* under way, no longer waiting */
    for (size_t i = 0; i < PQ_POOL_MAX; i++) {
        struct pq_place *const place = jobs_take_commit(&jobs);

        assert_non_null(place);
        assert_false(seen[place - places]);
        seen[place - places] = true;
        jobs_finish_commit(&jobs, place, place == &places[7] ? ERR_BUG : ERR_OK);
    }
    assert_null(jobs_take_commit(&jobs));
    for (size_t i = 0; i < PQ_POOL_MAX; i++) {
        assert_true(jobs_collect_commit(&jobs, &done));
        assert_int_equal(done.err, done.place == &places[7] ? ERR_BUG : ERR_OK);
    }
    assert_false(jobs_collect_commit(&jobs, &done));
    assert_true(jobs_finish(&jobs, b));
}

/* An answer is a job like others: in its lane's turn, and cancelled with it. */
static void test_answers(void **state)
{
    struct pq_answer answer = {.busy = true};
    struct sign_batch *first;
    struct sign_batch *b;

    (void)state;
    jobs_init(&jobs);
    first = submit(1, 1);
    first->answer = &answer;
    (void)submit(0, 2);
    assert_non_null(jobs_take(&jobs, &b));
    assert_null(b->answer);
    assert_ptr_equal(jobs_take(&jobs, &b), &first->jobs[0]);
    assert_ptr_equal(b->answer, &answer);
    assert_true(jobs_finish(&jobs, first));
    assert_ptr_equal(jobs_collect(&jobs), first);
    jobs_put(&jobs, first);
    first = submit(1, 1);
    assert_null(first->answer); /* not the one before */
    first->answer = &answer;
    assert_true(jobs_cancel(&jobs, 1));
    assert_ptr_equal(jobs_collect(&jobs), first);
    assert_int_equal(first->jobs[0].err, ERR_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes_take_turns),
        cmocka_unit_test(test_done_when_all_are_signed),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_long_signatures),
        cmocka_unit_test(test_commitments_come_last),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_slots_are_limited_and_come_back_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
