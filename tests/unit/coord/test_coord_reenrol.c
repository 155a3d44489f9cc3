/* A place of the plan that is another process's now, by an order that was carried out. */
#include "cluster_fixture.h"

static struct world *w;

static int begin(void **state)
{
    (void)state;
    w = world_new(3, 5);
    world_epoch(w);
    world_connect_all(w);
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

static struct coord_epoch_view look(void)
{
    struct coord_epoch_view v;

    coord_cluster_show(&w->cluster, &v);
    return v;
}

/* The roster has the keys of the process that runs there. */
static void order(size_t at)
{
    memcpy(w->plan.nodes[at].identity, w->cores[at].fake->identity, IDENTITY_LEN);
    memset(w->plan.nodes[at].boot_nonce, 0x40 + (int)at, PLAN_NONCE_LEN);
    coord_cluster_reenrolled(&w->cluster, (uint8_t)at, w->now_ns);
}

static void a_stranger_becomes_the_node(void **state)
{
    (void)state;
    world_restart(w, 4, 2);
    world_run(w, 1);
    assert_int_equal(w->members[4].fault, COORD_STRANGER);
    assert_int_equal(look().ended, 1);
    order(4);
    assert_int_equal(w->members[4].fault, COORD_FITS);
    assert_int_equal(w->members[4].place, 4);
    assert_int_equal(look().ended, 0);
    assert_int_equal(look().answering, 5);
    assert_int_equal(look().reenrolled, 1U << 4);
}

/* It is greeted once it has its shares, whichever comes first. */
static void the_order_may_come_first(void **state)
{
    (void)state;
    world_drop(w, 4, ERR_IO);
    world_boot(w, 4, 2);
    order(4);
    assert_int_equal(look().ended, 0);
    world_connect(w, 4);
    world_run(w, 1);
    assert_int_equal(w->members[4].fault, COORD_FITS);
    assert_int_equal(look().answering, 5);
}

/* A front that was started in between never saw the lost process, but somebody did. */
static void what_was_told_of_the_lost_one_is_over(void **state)
{
    uint8_t nonce[PLAN_NONCE_LEN];

    (void)state;
    world_restart(w, 4, 2);
    memset(nonce, 5, sizeof nonce);
    coord_cluster_ended(&w->cluster, nonce, w->now_ns);
    world_run(w, 1);
    assert_int_equal(look().ended, 1);
    order(4);
    coord_cluster_ended(&w->cluster, nonce, w->now_ns); /* it is said again and again */
    assert_int_equal(look().ended, 0);
    memset(nonce, 0x44, sizeof nonce); /* this one ended, too */
    coord_cluster_ended(&w->cluster, nonce, w->now_ns);
    assert_int_equal(look().ended, 1);
}

/* Two are lost, one comes again, and a third may go; a fourth ends it. */
static void the_epoch_has_its_spare_again(void **state)
{
    (void)state;
    world_restart(w, 4, 2);
    world_restart(w, 3, 2);
    world_run(w, 1);
    assert_int_equal(look().ended, 2);
    order(4);
    world_restart(w, 2, 2);
    world_run(w, 1);
    assert_int_equal(look().ended, 2);
    assert_false(look().halted);
    world_restart(w, 1, 2);
    world_run(w, 1);
    assert_true(look().halted);
    order(3); /* for ever */
    assert_true(look().halted);
}

/* The lost process was stopped only, and answers again: it is a stranger. */
static void the_old_process_is_known_to_nobody(void **state)
{
    uint8_t was[IDENTITY_LEN];

    (void)state;
    memcpy(was, w->cores[4].fake->identity, sizeof was);
    memset(w->plan.nodes[4].identity, 0x77, IDENTITY_LEN); /* of one that is not connected */
    coord_cluster_reenrolled(&w->cluster, 4, w->now_ns);
    assert_int_equal(w->members[4].fault, COORD_STRANGER);
    assert_int_equal(look().answering, 4);
    world_drop(w, 4, ERR_IO);
    world_connect(w, 4);
    world_run(w, 1);
    assert_memory_equal(w->cores[4].fake->identity, was, sizeof was);
    assert_int_equal(w->members[4].fault, COORD_STRANGER);
    assert_int_equal(look().answering, 4);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(a_stranger_becomes_the_node),           CASE(the_order_may_come_first),
        CASE(what_was_told_of_the_lost_one_is_over), CASE(the_epoch_has_its_spare_again),
        CASE(the_old_process_is_known_to_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
