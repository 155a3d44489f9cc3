/* Threads that make batches and answers, and a core with one CPU, which has none. */
#include "quorum_fixture.h"

#include "enclave/workers/worker_io.h"

#include <poll.h>
#include <string.h>

#define BATCHES 3
#define WAIT_MS 60000 /* sanitizers on a busy machine */

static struct quorum_fixture *f;
static struct worker_pool pool;
static struct pq_worker *workers;
static struct pq_place *spare; /* of the pool, not made yet */

static void start(size_t threads)
{
    struct worker_setup setup = {.n = threads};

    f = quorum_fixture_new(BATCHES);
    workers = aligned_alloc(4096, 2 * ((sizeof *workers + 4095) / 4096 * 4096));
    assert_non_null(workers);
    for (size_t i = 0; i < 2; i++) {
        pq_worker_init(&workers[i]);
    }
    setup.jobs = &f->members[0]->core.jobs;
    setup.party = &f->members[0]->party;
    setup.pq_workers = workers;
    assert_int_equal(worker_pool_start(&pool, &setup), ERR_OK);
}

/* Until something is done. */
static void await_work(void)
{
    struct pollfd p = {.fd = pool.done_fd, .events = POLLIN};

    while (worker_pool_work_one(&pool)) {
    }
    assert_int_equal(poll(&p, 1, WAIT_MS), 1);
}

/* The pool of member 0 is made anew, but for one, by workers. */
static void refill(void)
{
    struct member *const m = f->members[0];
    struct commit_done done;
    struct pq_place *place;
    size_t made = 0;

    pq_party_void(&m->party);
    assert_int_equal(pq_party_ready(&m->party), 0);
    spare = core_quorum_fill(&m->core);
    assert_non_null(spare);
    while ((place = core_quorum_fill(&m->core)) != NULL) {
        worker_pool_submit_commit(&pool, place);
    }
    while (made < BATCHES - 1) {
        await_work();
        assert_null(worker_pool_collect(&pool));
        for (; worker_pool_collect_commit(&pool, &done); made++) {
            assert_int_equal(done.err, ERR_OK);
            core_quorum_filled(&m->core, done.place, done.err);
        }
    }
    assert_int_equal(pq_party_ready(&m->party), BATCHES - 1);
    assert_null(core_quorum_fill(&m->core));
}

/* Whether a commitment waits to be collected. */
static bool is_committed(void)
{
    bool any;

    assert_int_equal(pthread_mutex_lock(&pool.lock), 0);
    any = pool.jobs->n_committed > 0;
    assert_int_equal(pthread_mutex_unlock(&pool.lock), 0);
    return any;
}

/* A whole session whose first signer is member 0. Its answer is done while a commitment waits
 * to be collected, and is told all the same. A worker tells of what it has put down after that:
 * of what was collected already, too. */
static void sign(void)
{
    struct member *const m = f->members[0];
    struct writer w = wr_init(m->reply, sizeof m->reply);
    struct commit_done done;
    struct sign_batch *b;

    assert_int_equal(session_r1(f, 0x07), ERR_OK);
    session_fix(f);
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(session_r2(f, i), ERR_OK);
    }
    assert_int_equal(member_call(m, FRAME_R3, session_r3_body(f, 0)), ERR_OK);
    worker_pool_submit_commit(&pool, spare);
    do {
        await_work();
        assert_null(worker_pool_collect(&pool));
    } while (!is_committed());
    worker_pool_submit(&pool, m->batch);
    do {
        await_work();
        b = worker_pool_collect(&pool);
    } while (b == NULL);
    assert_ptr_equal(b, m->batch);
    assert_true(worker_pool_collect_commit(&pool, &done));
    core_quorum_filled(&m->core, done.place, done.err);
    core_finish(&m->core, b, &w);
    assert_false(w.full);
    m->body = (struct view){m->reply + FRAME_HEADER_LEN, w.len - FRAME_HEADER_LEN};
    assert_int_equal(session_respond(f, 0), ERR_OK);
    for (size_t i = 1; i < SIGNERS; i++) {
        assert_int_equal(session_r3(f, i), ERR_OK);
    }
    tmldsa_finish(f->math);
}

/* Nothing of what a worker knew is left where it worked. */
static void nothing_is_left(size_t n)
{
    static const uint8_t zero[WORK_STACK_LEN];

    for (size_t i = 0; i < n; i++) {
        assert_memory_equal(workers[i].stack.stack, zero, sizeof zero);
    }
}

static void with_threads(void **state)
{
    bool found = false;

    (void)state;
    start(2);
    assert_false(worker_pool_work_one(&pool));
    for (size_t i = 0; i < 20 && !found; i++) {
        refill();
        sign();
        found = f->math->outcome.found;
        quorum_fixture_renew(f);
    }
    assert_true(found);
    nothing_is_left(2);
}

static void without_threads(void **state)
{
    (void)state;
    start(0);
    assert_false(worker_pool_work_one(&pool));
    refill();
    sign();
    nothing_is_left(1);
    quorum_fixture_free(f);
    free(workers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_threads), cmocka_unit_test(with_threads), /* which stay */
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
