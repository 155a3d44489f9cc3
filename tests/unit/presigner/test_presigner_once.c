/* Tries to have a half twice out of what makes records: a core that may have been copied, or
 * for which a node is another one now, at every step of a batch and of a session; and one that
 * came to the end of a batch without all others. */
#include "presigner_kit.h"
#include "testing.h"

#define NODES 5
#define WITH_0 0x07U
#define STEPS_MAX 64

static struct world *w;

static unsigned kept(unsigned i)
{
    unsigned n = 0;

    for (unsigned k = 0; k < w->core[i].pool.n_triples; k++) {
        n += presign_pool_count(&w->core[i].pool, w->core[i].pool.triples[k]);
    }
    return n;
}

static void forget_all(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        presign_pool_void(&w->core[i].pool, i);
    }
}

/* A batch of ten, and a session beside it, as far as so many steps. False: they ended. */
static bool go(unsigned steps)
{
    bool moved = true;

    world_connect(w);
    world_batch(w, TECDSA_ACCEL_TRIPLES);
    world_make(w, WITH_0);
    for (unsigned i = 0; i < steps && moved; i++) {
        moved = world_step(w);
    }
    return moved;
}

/* Whatever comes after: nothing of before is kept by core 0. */
static void assert_nothing_of_it_comes(uint64_t made)
{
    struct presign_status s;

    assert_int_equal(kept(0), 0);
    world_wait(w, PRESIGNER_BATCH_NS + WORLD_IDLE_NS);
    world_status(w, 0, &s);
    assert_int_equal(kept(0), 0);
    assert_int_equal(s.sessions, 0);
    assert_int_equal(s.made_dkls + s.made_accel, made);
    forget_all();
}

static uint64_t made_by_0(void)
{
    struct presign_status s;

    world_status(w, 0, &s);
    return s.made_dkls + s.made_accel;
}

static void a_pause_at_any_step_leaves_nothing_of_before(void **state)
{
    unsigned steps = 0;
    bool under_way = true;

    (void)state;
    while (under_way && steps < STEPS_MAX) {
        world_set_up(w, 0, 1); /* which core 0 erased, the last time */
        world_set_up(w, 0, 2);
        world_set_up(w, 1, 2);
        under_way = go(steps++);
        world_must(presigner_void(w->core[0].p, w->now_ns));
        assert_nothing_of_it_comes(made_by_0());
    }
    assert_false(under_way);
}

/* The last round of the batch does not come to core 1, which gives up: nobody has failed. */
static bool lose_finish(struct world *world, unsigned to, struct presigner_message *m,
                        uint8_t *bytes)
{
    const bool is_it = to == 1 && m->from == 4 && m->about->type == MESH_ACCEL &&
                       m->about->round == TECDSA_ACCEL_FINISH;

    (void)world;
    memset(bytes, 0, is_it ? m->bytes.n : 0);
    return !is_it;
}

static void who_came_to_the_end_without_all_signs_once_at_most(void **state)
{
    unsigned signatures = 0;
    struct presign_status s;

    (void)state;
    w->meddle = lose_finish;
    world_batch(w, TECDSA_ACCEL_TRIPLES);
    world_wait(w, 2 * PRESIGNER_BATCH_NS);
    world_status(w, 1, &s);
    assert_int_equal(s.aborted, 1);
    assert_int_equal(s.late, 0);
    assert_int_equal(kept(1), 0);
    assert_int_equal(kept(0), 6);
    for (unsigned message = 0; message < 2; message++) {
        for (unsigned triple = 0; triple < 1U << NODES; triple++) {
            if (__builtin_popcount(triple) == TECDSA_T) {
                const bool all_have_it = (triple >> 1 & 1) == 0 && message == 0;

                assert_int_equal(world_sign(w, triple, message),
                                 all_have_it ? ERR_OK : ERR_STALE);
                signatures += all_have_it;
            }
        }
    }
    assert_int_equal(signatures, 4);
    w->meddle = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_CASE(a_pause_at_any_step_leaves_nothing_of_before),
        WORLD_CASE(who_came_to_the_end_without_all_signs_once_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
