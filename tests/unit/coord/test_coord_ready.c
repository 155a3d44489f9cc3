/* Jobs that say what they want when they go out. */
#include "coord_fixture.h"

static struct pair *p;
static struct counted_job jobs[3];

static int setup(void **state)
{
    (void)state;
    p = pair_new();
    pair_connect(p);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pair_free(p);
    return 0;
}

static unsigned asked;
static bool wanted;

static bool say_now(struct coord_job *job)
{
    asked++;
    job->hashed_message[31] = 0x77;
    return wanted;
}

static void submit_ready(uint32_t i)
{
    job_fill(&jobs[i], p->core, i, p->now_ns + 1000 * MS);
    jobs[i].job.ready = say_now;
    asked = 0;
    pair_submit(p, &jobs[i]);
}

static void a_job_is_asked_when_its_frame_goes_out(void **state)
{
    (void)state;
    wanted = true;
    submit_ready(0);
    pair_pump(p); /* for an R1 */
    assert_int_equal(asked, 0);
    pair_answer(p, 0);
    pair_pump(p);
    assert_int_equal(asked, 1);
    memset(p->core->r1_ns, 0, sizeof p->core->r1_ns); /* stale: it goes out once more */
    pair_settle(p);
    assert_true(job_is_signed(&jobs[0]));
    assert_int_equal(jobs[0].job.hashed_message[31], 0x77);
    assert_int_equal(jobs[0].job.tries, 1);
    assert_int_equal(asked, 1);
}

static void a_job_that_nobody_wants_does_not_go_out(void **state)
{
    (void)state;
    wanted = false;
    submit_ready(0);
    job_fill(&jobs[1], p->core, 1, p->now_ns + 1000 * MS);
    pair_submit(p, &jobs[1]);
    pair_settle(p);
    assert_int_equal(asked, 1);
    assert_int_equal(jobs[0].done, 1);
    assert_int_equal(jobs[0].job.err, ERR_DEADLINE);
    assert_true(job_is_signed(&jobs[1]));
    assert_int_equal(p->core->stamps, 1);
    submit_ready(2); /* alone: no frame at all */
    pair_settle(p);
    assert_int_equal(jobs[2].done, 1);
    assert_int_equal(jobs[2].job.err, ERR_DEADLINE);
    assert_int_equal(p->core->stamps, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_is_asked_when_its_frame_goes_out, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_job_that_nobody_wants_does_not_go_out, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
