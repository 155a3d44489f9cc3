/* Real cores that look at one another's clocks through a real relay. */
#include "quorum_fixture.h"

#include "host/coord/time_relay.h"

#include <string.h>

#define ALL 0x1f

static struct quorum_fixture *f;
static struct time_relay relay;
static uint8_t cores; /* that can be reached */
static unsigned legs;

static int64_t now(void)
{
    return f->members[0]->clock.mono_ns;
}

static void go(int64_t ns)
{
    quorum_fixture_go(f, ns);
    for (size_t i = 0; i < NODES; i++) {
        core_tick(&f->members[i]->core);
    }
}

static void start(int64_t off_ns)
{
    f = quorum_fixture_nts(off_ns);
    time_relay_init(&relay);
    cores = ALL;
    legs = 0;
}

/* Carries a leg; mute: places whose answers do not come. */
static void carry(uint8_t to, const struct time_probe *p, uint8_t mute)
{
    uint8_t body[4096];
    struct writer w = wr_init(body, sizeof body);

    legs++;
    time_probe_encode(&w, p);
    for (size_t i = 0; i < NODES; i++) {
        if ((to >> i & 1) != 0) {
            struct member *const m = f->members[i];
            const enum err e = member_call(m, FRAME_TIME_PROBE, (struct view){body, w.len});

            if ((mute >> i & 1) == 0) {
                time_relay_take(&relay, i, p->step, e == ERR_OK ? m->body : (struct view){0});
            }
        }
    }
}

/* As long as something is due at once. */
static void run(uint8_t mute)
{
    struct time_probe p;
    uint8_t to;

    while ((to = time_relay_pump(&relay, cores, now(), &p)) != 0) {
        carry(to, &p, mute);
    }
}

static void run_for(int64_t ns, uint8_t mute)
{
    for (; ns > 0; ns -= 50 * MS) {
        run(mute);
        go(50 * MS);
    }
}

static size_t serving(void)
{
    size_t n = 0;

    for (size_t i = 0; i < NODES; i++) {
        n += f->members[i]->core.state == CORE_SERVING;
    }
    return n;
}

static void they_serve_in_the_second_round(void **state)
{
    (void)state;
    start(0);
    run_for(SECOND, 0);
    assert_int_equal(serving(), 0);
    assert_int_equal(legs, 3);
    run_for(SECOND, 0);
    assert_int_equal(serving(), NODES);
    run_for(10 * SECOND, 0);
    assert_int_equal(serving(), NODES);
    assert_int_equal(legs, 3 * 12);
    quorum_fixture_free(f);
}

static void without_those_that_are_gone(void **state)
{
    (void)state;
    start(0);
    cores = 0x15; /* three */
    run_for(2 * SECOND, 0);
    assert_int_equal(serving(), 3);
    cores = 0x14;
    run_for(4 * SECOND, 0);
    assert_int_equal(serving(), 0);
    cores = ALL;
    run_for(3 * SECOND, 0);
    assert_int_equal(serving(), NODES);
    cores = 0;
    run_for(3 * SECOND, 0);
    assert_int_equal(serving(), 0);
    quorum_fixture_free(f);
}

/* A core that does not answer costs a leg's time, and nothing else. */
static void past_those_that_are_mute(void **state)
{
    (void)state;
    start(0);
    run_for(4 * SECOND, 0x08);
    assert_int_equal(serving(), NODES - 1);
    assert_int_equal(f->members[3]->core.state, CORE_TIME_DRIFT);
    quorum_fixture_free(f);
}

static void one_clock_is_off(void **state)
{
    (void)state;
    start(-SECOND);
    run_for(3 * SECOND, 0);
    assert_int_equal(serving(), NODES - 1);
    quorum_fixture_free(f);
}

/* Answers of another step, twice, of nobody who was asked, or none at all. */
static void answers_that_are_none(void **state)
{
    static const uint8_t challenge[17] = {2};
    struct time_probe p;

    (void)state;
    time_relay_init(&relay);
    assert_int_equal(time_relay_pump(&relay, 0x03, 0, &p), 0x03);
    assert_int_equal(p.step, TIME_OPEN);
    time_relay_take(&relay, 1, TIME_TELL, (struct view){challenge, sizeof challenge});
    time_relay_take(&relay, 2, TIME_OPEN, (struct view){challenge, sizeof challenge});
    assert_int_equal(time_relay_pump(&relay, 0x03, 1, &p), 0);
    time_relay_take(&relay, 1, TIME_OPEN, (struct view){challenge, sizeof challenge});
    time_relay_take(&relay, 0, TIME_OPEN,
                    (struct view){challenge, sizeof challenge}); /* not its */
    assert_int_equal(time_relay_next(&relay), 0);
    assert_int_equal(time_relay_pump(&relay, 0x03, 1, &p), 0x02);
    assert_int_equal(p.step, TIME_TELL);
    assert_int_equal(p.n, 1);
    assert_int_equal(time_relay_pump(&relay, 0x03, 1 + TIME_RELAY_LEG_NS, &p), 0);
    assert_int_equal(time_relay_next(&relay), TIME_RELAY_PERIOD_NS);
    assert_int_equal(time_relay_pump(&relay, 0x03, TIME_RELAY_PERIOD_NS, &p), 0x03);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_serve_in_the_second_round),
        cmocka_unit_test(without_those_that_are_gone),
        cmocka_unit_test(past_those_that_are_mute),
        cmocka_unit_test(one_clock_is_off),
        cmocka_unit_test(answers_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
