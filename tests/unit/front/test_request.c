#include "chain_fixture.h"
#include "fake_work.h"
#include "front_fixture.h"
#include "testing.h"

#include "host/front/request.h"

#include <pthread.h>
#include <string.h>

static struct front *front;
static struct fixture *chain;
static atomic_uint resumed;

static int begin(void **state)
{
    (void)state;
    front = front_fixture_new(&chain);
    atomic_store(&resumed, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    front_fixture_free(front, chain);
    return 0;
}

static void resume(struct request *r)
{
    (void)r;
    (void)atomic_fetch_add(&resumed, 1);
}

static struct request *take(void)
{
    struct request *r = request_take(&front->pool, front, serving_get(&front->slot));

    if (r != NULL) {
        r->resume = resume;
    }
    return r;
}

static void is_a_pool(void **state)
{
    front->pool.max = 2;
    struct request *a = take();
    struct request *b = take();

    (void)state;
    assert_true(a != NULL && b != NULL && a != b);
    assert_int_equal(b->id, a->id + 1);
    assert_null(take());          /* the pool has two */
    serving_put(front->slot.now); /* the reference that take() could not hand over */
    request_release(&front->pool, a);
    assert_ptr_equal(take(), a);
    request_release(&front->pool, a);
    request_release(&front->pool, b);
    assert_int_equal(front->slot.now->refs, 1);
}

static void grows_for_a_large_body(void **state)
{
    static uint8_t bytes[REQUEST_BODY_INLINE];
    struct request *r = take();

    (void)state;
    memset(bytes, 7, sizeof bytes);
    assert_int_equal(request_add_body(r, (struct view){bytes, sizeof bytes}, 4000), ERR_OK);
    assert_ptr_equal(r->body, r->inline_body);
    assert_int_equal(request_add_body(r, (struct view){bytes, sizeof bytes}, 4000), ERR_OK);
    assert_ptr_not_equal(r->body, r->inline_body);
    assert_int_equal(request_add_body(r, (struct view){bytes, sizeof bytes}, 4000), ERR_OK);
    assert_int_equal(request_add_body(r, (struct view){bytes, sizeof bytes}, 4000),
                     ERR_NOSPACE);
    assert_int_equal(request_add_body(r, (struct view){bytes, 4000 - 3 * sizeof bytes}, 4000),
                     ERR_OK);
    assert_int_equal(request_add_body(r, (struct view){bytes, 1}, 4000), ERR_NOSPACE);
    assert_int_equal(r->body_n, 4000);
    assert_int_equal(r->body[3999], 7);
    request_release(&front->pool, r);
}

static void finishes_once(void **state)
{
    struct request *r = take();

    (void)state;
    assert_false(request_finish(r, ERR_OK)); /* nobody waits yet */
    request_wait(r, 1000);
    assert_false(request_is_done(r));
    assert_true(request_finish(r, ERR_TIME));
    assert_false(request_finish(r, ERR_OK));
    assert_true(request_is_done(r));
    assert_int_equal(r->err, ERR_TIME);
    assert_int_equal(resumed, 1);
    request_release(&front->pool, r);
    request_release(&front->pool, r);
}

static atomic_bool racing;

static void *sweep(void *user)
{
    (void)user;
    while (atomic_load(&racing)) {
        (void)request_pool_sweep(&front->pool, INT64_MAX);
    }
    return NULL;
}

/* Work and sweep race for every request: each is resumed exactly once, and none is lost. */
static void survives_the_race(void **state)
{
    pthread_t thread;
    unsigned rounds = 0;

    (void)state;
    atomic_store(&racing, true);
    assert_int_equal(pthread_create(&thread, NULL, sweep, NULL), 0);
    for (; rounds < 20000; rounds++) {
        struct request *r = take();

        assert_non_null(r);
        request_wait(r, 0);
        (void)request_finish(r, ERR_OK);
        request_release(&front->pool, r);
        while (atomic_load(&resumed) != rounds + 1) { /* whoever won is about to */
        }
        request_release(&front->pool, r);
    }
    atomic_store(&racing, false);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(resumed, rounds);
    assert_int_equal(front->pool.n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_a_pool, begin, end),
        cmocka_unit_test_setup_teardown(grows_for_a_large_body, begin, end),
        cmocka_unit_test_setup_teardown(finishes_once, begin, end),
        cmocka_unit_test_setup_teardown(survives_the_race, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
