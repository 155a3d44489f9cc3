/* Five real cores make a batch of presignatures, and one of them is killed after so many of its
 * packets were carried: in each round of the batch. It costs that batch, and nothing else: what
 * the living had made before still signs, and of the batch all three of a triple have a record
 * or it signs nothing. */
#include "members_mesh.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEAD 4
#define LIVING ((1U << DEAD) - 1)
#define RECORDS 10 /* of a batch: one of each triple */
#define PEERS (MEMBERS - 1)
#define ROUNDS 9 /* of a batch, one packet to each peer: tecdsa_accel.h */

static size_t until; /* packets of the one that is killed */
static struct members_ask_of ask;

static bool carried(void)
{
    return members_carried[DEAD] >= until;
}

/* The batch is over for all that live: 10 s after the last message, if it did not end well. */
static bool over(void)
{
    struct presign_status s;

    for (size_t i = 0; i < DEAD; i++) {
        members_status(i, &s);
        if (s.aborted == 0 && s.made_accel < (uint64_t)2 * RECORDS * MEMBERS_T / MEMBERS) {
            return false;
        }
    }
    return true;
}

static void start(void)
{
    static const struct core_child usual = {NULL, NULL};
    size_t before;

    memset(members, 0, sizeof members);
    members_carry_nothing();
    members_start(&usual);
    members_make_plan(PLAN_CLASSIC_SHARED);
    for (size_t i = 0; i < MEMBERS; i++) {
        members_begin(i, 1);
    }
    members_run();
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(members[i].state, CEREMONY_FINISHED);
        core_hello(members[i].fd, &members[i].session);
    }
    members_carry_seeds();
    before = members_carried[DEAD];
    members_order_batch(RECORDS);
    members_carry_batch();
    assert_int_equal(members_carried[DEAD] - before, ROUNDS * PEERS);
}

static void stop(void)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (members[i].fd >= 0) {
            (void)close(members[i].fd);
            assert_int_equal(core_process_stop(&members[i].process), 0);
        }
        core_process_clean(&members[i].process);
    }
}

static void kill_it(void)
{
    assert_int_equal(kill(members[DEAD].process.pid, SIGKILL), 0);
    assert_int_equal(core_process_wait(&members[DEAD].process), 128 + SIGKILL);
    (void)close(members[DEAD].fd);
    members[DEAD].fd = -1;
}

/* Every triple of the living signs with what it made before; of the batch all three of a triple
 * have the record, or nobody. */
static void assert_the_rest_is_as_it_was(uint64_t of_batch)
{
    struct presign_status s;
    uint8_t sig[P384_SIG_LEN];

    for (size_t i = 0; i < DEAD; i++) {
        members_status(i, &s);
        assert_int_equal(s.accel, PRESIGN_ACCEL_ON);
        assert_int_equal(s.late, 0);
        assert_int_equal(s.made_accel, (1 + of_batch) * RECORDS * MEMBERS_T / MEMBERS);
    }
    for (uint8_t who = 1; who <= LIVING; who++) {
        for (uint64_t n = 0; __builtin_popcount(who) == MEMBERS_T && n <= of_batch; n++) {
            members_classic_sign(&ask, who, members_classic_csr);
            assert_int_equal(members_classic_combine(&ask, sig), ERR_OK);
        }
    }
}

/* After all its messages of that round were fetched. The others end the batch if these are all
 * that it has to say. */
static void killed_in(size_t round)
{
    size_t all;

    start();
    all = members_carried[DEAD] + ROUNDS * PEERS;
    until = members_carried[DEAD] + (round + 1) * PEERS;
    members_order_batch(RECORDS);
    members_carry(carried);
    kill_it();
    members_carry(over);
    print_message("killed in round %zu of %d, after %zu packets\n", round, ROUNDS,
                  members_carried[DEAD]);
    assert_the_rest_is_as_it_was(members_carried[DEAD] == all);
    stop();
}

static void a_core_that_is_killed_costs_the_batch_alone(void **state)
{
    const char *const is_long = getenv("QUORATE_LONG");
    const bool each = is_long != NULL && strcmp(is_long, "1") == 0;

    (void)state;
    for (size_t round = 0; round < ROUNDS; round++) {
        if (each || round == 4 || round == ROUNDS - 1) {
            killed_in(round);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_core_that_is_killed_costs_the_batch_alone),
    };

    if (!core_can_serve()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
