/* What is lost, late, twice, or of a node that is another one now: who ends what, and what
 * stays. */
#include "presigner_kit.h"
#include "testing.h"

#define NODES 5
#define ALL 0x1fU
#define MINUTE_NS INT64_C(60000000000)

static struct world *w;

static enum err make_fails(unsigned i, unsigned triple)
{
    const struct presign_order o = world_make_of(w, triple);

    return world_order(w, i, &o);
}

static void assert_whole_batch(unsigned records)
{
    world_batch(w, records);
    world_run(w);
    assert_int_equal(world_sign_all(w), records);
}

/* ---- batches ---- */

/* A batch as far as that round at core 0. What a core missed while it was dead breaks its
 * channels, and costs one batch more. */
static void batch_until(unsigned round)
{
    const struct tecdsa_accel *const a = &w->core[0].p->accel;

    for (unsigned tries = 0; tries < 2; tries++) {
        world_connect(w);
        world_batch(w, 10);
        while (a->fate == TECDSA_ACCEL_LIVE && (unsigned)a->round < round) {
            (void)world_step(w);
        }
        if (a->fate == TECDSA_ACCEL_LIVE) {
            return;
        }
        world_wait(w, PRESIGNER_BATCH_NS + WORLD_IDLE_NS);
    }
    fail();
}

static void a_core_that_dies_before_the_end_costs_the_batch_alone(void **state)
{
    struct presign_status s;

    (void)state;
    for (unsigned round = TECDSA_ACCEL_HELLO; round < TECDSA_ACCEL_FINISH; round++) {
        batch_until(round);
        w->dead = 1U << 4;
        world_wait(w, PRESIGNER_BATCH_NS + WORLD_IDLE_NS);
        world_status(w, 0, &s);
        assert_int_equal(s.accel, PRESIGN_ACCEL_ON);
        assert_int_equal(s.late, 0);
        assert_int_equal(s.made_accel, 0);
        w->dead = 0;
        world_run(w);
    }
    batch_until(TECDSA_ACCEL_FINISH);
    world_run(w);
    assert_int_equal(world_sign_all(w), 10);
}

/* Who is told of other triples has another batch: nobody gets records of either. */
static void triples_shown_differently_make_nothing(void **state)
{
    struct presign_order o = world_batch_of(w, 10);
    struct presign_status s;

    (void)state;
    world_order_all(w, ALL & ~1U, &o);
    o.triples[3]++;
    world_must(world_order(w, 0, &o));
    world_run(w);
    world_wait(w, PRESIGNER_BATCH_NS + PRESIGNER_HELD_NS);
    for (unsigned i = 0; i < NODES; i++) {
        world_status(w, i, &s);
        assert_int_equal(s.made_accel, 0);
        assert_int_equal(s.late, 0);
        assert_int_equal(s.aborted, 1);
    }
    assert_whole_batch(10);
}

static void an_order_that_may_not_be_is_refused(void **state)
{
    struct presign_order o = world_batch_of(w, 10);

    (void)state;
    world_order_all(w, ALL, &o);
    assert_int_equal(world_order(w, 0, &o), ERR_STATE); /* one is live */
    world_run(w);
    assert_int_equal(world_order(w, 0, &o), ERR_STALE);
    o.counter++;
    o.triples[0] = TECDSA_ACCEL_TRIPLES;
    assert_int_equal(world_order(w, 0, &o), ERR_RANGE);
    o.triples[0] = 0;
    o.records = PRESIGNER_BATCH_MAX + 1;
    assert_int_equal(world_order(w, 0, &o), ERR_RANGE);
    memset(o.triples, 0, sizeof o.triples);
    o.records = WORLD_PER_TRIPLE; /* one is there */
    assert_int_equal(world_order(w, 0, &o), ERR_NOSPACE);
    assert_int_equal(world_order(w, 4, &o), ERR_OK); /* none is for it */
    o = (struct presign_order){.kind = PRESIGN_ORDER_ACCEL};
    assert_int_equal(world_order(w, 0, &o), ERR_OK);
    o = world_batch_of(w, 1);
    assert_int_equal(world_order(w, 0, &o), ERR_POLICY);
    o = (struct presign_order){.kind = PRESIGN_ORDER_ACCEL, .on = true};
    assert_int_equal(world_order(w, 0, &o), ERR_OK);
    o = world_batch_of(w, 1);
    assert_int_equal(world_order(w, 0, &o), ERR_OK);
    o.kind = 9;
    assert_int_equal(world_order(w, 0, &o), ERR_RANGE);
}

/* ---- sessions ---- */

static void sessions_need_what_they_are_made_of(void **state)
{
    struct presign_order o = world_make_of(w, 0x07);

    (void)state;
    assert_int_equal(world_order(w, 0, &o), ERR_STATE); /* no setup */
    world_set_up_all(w);
    assert_int_equal(world_order(w, 4, &o), ERR_RANGE); /* not of it */
    world_order_all(w, 0x07, &o);
    assert_int_equal(world_order(w, 0, &o), ERR_STALE);
    for (unsigned i = 1; i < PRESIGNER_SESSIONS; i++) {
        world_make(w, 0x07);
    }
    assert_int_equal(make_fails(0, 0x07), ERR_NOSPACE);
    world_run(w);
    assert_int_equal(world_sign_all(w), PRESIGNER_SESSIONS);
    o = world_setup_of(w, 0);
    assert_int_equal(world_order(w, 0, &o), ERR_RANGE);
    o.peer = 1;
    o.counter = 1;
    assert_int_equal(world_order(w, 0, &o), ERR_STALE);
    for (unsigned i = 0; i < WORLD_PER_TRIPLE; i++) { /* a full pool */
        struct tecdsa_presignature record = {.s = 0x07, .id = {(uint8_t)i, 7}};

        atomic_store(&record.state, TECDSA_PRESIGNATURE_FRESH);
        world_must(presign_pool_add(&w->core[0].pool, &record, w->now_ns));
    }
    assert_int_equal(make_fails(0, 0x07), ERR_NOSPACE);
    assert_int_equal(make_fails(1, 0x07), ERR_OK);
}

/* What the host does to messages of sessions, and to how many. */
static struct {
    unsigned round, from, to;
    unsigned lost;
    uint8_t *kept;
} host;

static bool lose(struct world *world, unsigned to, struct presigner_message *m, uint8_t *bytes)
{
    (void)world;
    if (m->about->type == MESH_PRESIGN && m->about->round == host.round &&
        m->from == host.from && to == host.to) {
        memset(bytes, 0, m->bytes.n);
        host.lost++;
        return false;
    }
    return true;
}

static void a_message_that_is_lost_ends_a_session_and_nothing_else(void **state)
{
    struct presign_status s;

    (void)state;
    world_set_up_all(w);
    w->meddle = lose;
    for (host.round = 1; host.round <= 2; host.round++) {
        host.from = 1;
        host.to = 2;
        world_make(w, 0x07);
        world_run(w);
        world_wait(w, PRESIGNER_SESSION_NS + WORLD_IDLE_NS);
        world_status(w, 2, &s);
        assert_int_equal(s.made_dkls, 0);
        assert_int_equal(s.sessions, 0);
        assert_int_equal(s.aborted, host.round);
        assert_int_equal(s.nodes[1].setup, PRESIGN_PAIR_DONE);
        assert_int_equal(s.nodes[1].wait_s, 0);
    }
    assert_int_equal(host.lost, 2);
    w->meddle = NULL;
    w->core[2].pool.per_triple = WORLD_PER_TRIPLE;
    presign_pool_void(&w->core[0].pool, 0); /* round 2 came to the two others */
    presign_pool_void(&w->core[1].pool, 1);
    world_make(w, 0x07);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
}

/* The first session's round 1 again, in the second; and everything twice. */
static bool replay(struct world *world, unsigned to, struct presigner_message *m,
                   uint8_t *bytes)
{
    if (m->about->type != MESH_PRESIGN || m->about->round > 2) {
        return true;
    }
    if (host.round == 0) {
        presigner_took(world->core[to].p, m, world->now_ns); /* and once more after this */
    }
    if (m->about->round != 1 || m->from != 1 || to != 0) {
        return true;
    }
    if (host.kept == NULL) {
        host.kept = malloc(m->bytes.n);
        assert_non_null(host.kept);
        memcpy(host.kept, bytes, m->bytes.n);
    } else if (host.round == 1) {
        memcpy(bytes, host.kept, m->bytes.n);
    }
    return true;
}

static void what_comes_again_changes_nothing(void **state)
{
    struct presign_status s;

    (void)state;
    memset(&host, 0, sizeof host);
    world_set_up_all(w);
    w->meddle = replay;
    world_make(w, 0x07);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
    world_status(w, 0, &s);
    assert_true(s.dropped >= 3);
    host.round = 1;
    world_make(w, 0x07);
    world_run(w);
    world_wait(w, PRESIGNER_SESSION_NS + WORLD_IDLE_NS);
    world_status(w, 0, &s);
    assert_int_equal(s.made_dkls, 1);
    assert_int_equal(s.aborted, 1);
    assert_int_equal(s.nodes[1].setup, PRESIGN_PAIR_DONE);
    free(host.kept);
}

/* A host that fetches nothing: what is to go waits, within bounds. */
static void a_full_outbox_only_delays(void **state)
{
    unsigned written = 0;

    (void)state;
    world_set_up_all(w);
    w->muted = 1;
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        world_make(w, 0x07);
    }
    world_run(w); /* all of round 2 is more than a lane holds */
    assert_true(mesh_box_bytes(&w->core[0].mesh->outbox, 1) > 4 * 28881 + 3 * 123316);
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        written += w->core[0].p->live[i].wrote_2 >> 1 & 1;
    }
    assert_int_equal(written, PRESIGNER_SESSIONS - 1);
    w->muted = 0;
    world_run(w);
    assert_int_equal(world_sign_all(w), PRESIGNER_SESSIONS);
}

/* ---- nodes ---- */

/* Both ends have one key for R1s, of which every pair has another. */
static void assert_keys_of_r1s(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        const struct r1_macs *const own = &w->core[i].pool.macs;

        assert_false(own->known[i]);
        for (unsigned j = 0; j < i; j++) {
            assert_true(own->known[j] && w->core[j].pool.macs.known[i]);
            assert_memory_equal(own->key[j], w->core[j].pool.macs.key[i], R1_MAC_KEY_LEN);
            assert_memory_equal(own->key[j], mesh_mac_key(w->core[i].mesh, j), R1_MAC_KEY_LEN);
            assert_memory_not_equal(own->key[j], own->key[(j + 1) % NODES], R1_MAC_KEY_LEN);
        }
    }
}

static void another_incarnation_shares_nothing_with_the_old(void **state)
{
    struct presign_status s;
    uint8_t key[R1_MAC_KEY_LEN];
    unsigned kept = 0;

    (void)state;
    world_set_up_all(w);
    assert_keys_of_r1s();
    memcpy(key, w->core[0].pool.macs.key[4], sizeof key);
    world_batch(w, 20);
    world_run(w);
    world_make(w, 0x13); /* under way, with 4 */
    for (unsigned i = 0; i < NODES - 1; i++) {
        world_must(presigner_reincarnate(w->core[i].p, 4, 2, NULL, NULL, w->now_ns));
        assert_int_equal(presigner_reincarnate(w->core[i].p, 4, 2, NULL, NULL, w->now_ns),
                         ERR_STALE);
        world_status(w, i, &s);
        assert_int_equal(s.nodes[4].incarnation, 2);
        assert_int_equal(s.nodes[4].setup, PRESIGN_PAIR_NONE);
        assert_false(s.nodes[4].seeded);
        assert_int_equal(s.sessions, i < 2); /* which the third of it is told at its end */
        assert_int_equal(w->core[i].p->live[0].on, false);
        assert_int_equal(s.voided, 6);
        assert_false(w->core[i].pool.macs.known[4]);
    }
    world_wait(w, MESH_STALL_NS); /* the old one goes on, and is answered by nobody */
    for (unsigned i = 0; i < NODES - 1; i++) {
        assert_false(mesh_verified(w->core[i].mesh, 4));
        assert_false(w->core[i].pool.macs.known[4]);
        kept += world_count(w, i, 0x07);
    }
    assert_int_equal(kept, 6); /* of the three others they stay */
    presigner_wipe(w->core[4].p);
    assert_true(tecdsa_erased(w->core[4].p, presigner_size()));
    assert_true(tecdsa_erased(w->core[4].mesh, sizeof *w->core[4].mesh));
    assert_int_equal(world_count(w, 4, 0x13), 0);
    w->of.nodes[4].incarnation = 2;
    world_start(w, 4);
    world_connect(w);
    assert_keys_of_r1s();
    assert_memory_not_equal(key, w->core[0].pool.macs.key[4], sizeof key);
    assert_int_equal(world_sign_all(w), 8);
    assert_whole_batch(10);
    assert_int_equal(presigner_reincarnate(w->core[0].p, 0, 2, NULL, NULL, w->now_ns),
                     ERR_RANGE);
}

/* It may have been copied: what is under way is not gone on with. */
static void a_core_that_stood_still_drops_what_is_open(void **state)
{
    struct presign_status s;

    (void)state;
    world_set_up_all(w);
    world_batch(w, 10);
    world_run(w);
    world_batch(w, 10);
    world_make(w, 0x07);
    (void)world_step(w);
    world_must(presigner_void(w->core[0].p, w->now_ns));
    world_status(w, 0, &s);
    assert_int_equal(s.sessions, 1); /* as the others think */
    assert_false(w->core[0].p->live[0].on);
    assert_int_equal(s.voided, 6);
    assert_int_equal(s.aborted, 1);
    assert_int_equal(s.nodes[1].channel, PRESIGN_CHANNEL_NONE);
    world_wait(w, PRESIGNER_BATCH_NS + WORLD_IDLE_NS);
    world_connect(w);
    assert_int_equal(presign_pool_above(&w->core[0].pool, 0), NULL);
    for (unsigned i = 1; i < NODES; i++) { /* the others have none with it either */
        for (unsigned triple = 1; triple < 1U << NODES; triple += 2) {
            assert_int_equal(world_count(w, i, triple), 0);
        }
    }
    assert_int_equal(world_sign_all(w), 4);
    assert_whole_batch(10);
}

/* Two copies would share what it has set up with others: nothing of it is left, and the host
 * sees what it is to order. */
static void a_core_that_stood_still_sets_up_anew(void **state)
{
    static const uint8_t none[R1_MAC_KEY_LEN];
    const struct presigner_pair *const pair = &w->core[0].p->pair[1];
    struct presign_order o = {.kind = PRESIGN_ORDER_MAKE, .triple = 0x07};
    uint8_t id[TECDSA_HASH_LEN], seed[MESH_SEED_LEN], key[R1_MAC_KEY_LEN];
    struct presign_status s;

    (void)state;
    world_set_up_all(w);
    memcpy(id, w->core[1].p->pair[0].setup.id, sizeof id);
    memcpy(seed, mesh_seed(w->core[0].mesh, 1), sizeof seed);
    memcpy(key, w->core[0].pool.macs.key[1], sizeof key);
    world_must(presigner_void(w->core[0].p, w->now_ns));
    assert_true(tecdsa_erased(&pair->setup, sizeof pair->setup));
    assert_true(tecdsa_erased(&w->core[0].mesh->peers[1].seeding, sizeof(struct mesh_seeding)));
    assert_false(w->core[0].pool.macs.known[1]);
    assert_memory_equal(w->core[0].pool.macs.key[1], none, sizeof none);
    world_connect(w);
    for (unsigned i = 1; i < NODES; i++) {
        world_status(w, 0, &s);
        assert_int_equal(s.nodes[i].setup, PRESIGN_PAIR_NONE);
        assert_int_equal(s.nodes[i].wait_s, 0);
        assert_true(s.nodes[i].seeded);
    }
    assert_keys_of_r1s();
    assert_memory_not_equal(w->core[1].pool.macs.key[0], key, sizeof key);
    assert_memory_not_equal(mesh_seed(w->core[1].mesh, 0), seed, sizeof seed);
    assert_memory_equal(mesh_seed(w->core[1].mesh, 0), mesh_seed(w->core[0].mesh, 1),
                        sizeof seed);
    assert_int_equal(make_fails(0, 0x07), ERR_STATE);
    world_setup(w, 0, 1);
    world_run(w);
    assert_memory_equal(w->core[1].p->pair[0].setup.id, pair->setup.id, sizeof id);
    assert_memory_not_equal(pair->setup.id, id, sizeof id); /* both halves are new */
    o.counter = w->counter;
    assert_int_equal(world_order(w, 0, &o), ERR_STALE); /* a session comes after its setups */
    world_set_up(w, 0, 2);
    world_make(w, 0x07);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
    o = (struct presign_order){.kind = PRESIGN_ORDER_SETUP, .counter = w->counter, .peer = 1};
    assert_int_equal(world_order(w, 0, &o), ERR_STALE); /* and a setup after its sessions */
}

/* ---- the dead ---- */

/* All records of the triples with node 4 that core 0 has. */
static unsigned with_4(void)
{
    return world_count(w, 0, 0x13) + world_count(w, 0, 0x15) + world_count(w, 0, 0x19);
}

static void records_with_the_dead_are_erased(void **state)
{
    struct presign_status s;

    (void)state;
    world_batch(w, 20);
    world_run(w);
    assert_int_equal(with_4(), 6);
    w->dead = 1U << 4;
    world_wait(w, PRESIGNER_DEAD_NS - MESH_ALIVE_NS - WORLD_IDLE_NS);
    assert_int_equal(with_4(), 6);
    world_wait(w, MESH_ALIVE_NS + 2 * WORLD_IDLE_NS);
    assert_int_equal(with_4(), 0);
    world_status(w, 0, &s);
    assert_int_equal(s.voided, 6);
    assert_true(w->core[0].pool.macs.known[4]); /* it is who it was, if it is */
    w->dead = 0;
    world_wait(w, MESH_ALIVE_NS + MESH_STALL_NS); /* what it missed breaks its channels */
    world_connect(w);
    assert_keys_of_r1s();
    assert_int_equal(world_sign_all(w), 8); /* those without it */
    assert_whole_batch(10);
}

/* While nobody carries what cores say nobody is dead, and for a moment after that. */
static void records_outlive_a_host_that_carries_nothing(void **state)
{
    (void)state;
    world_batch(w, 20);
    world_run(w);
    w->muted = ALL;
    world_wait(w, 4 * PRESIGNER_DEAD_NS);
    w->muted = 1U << 4; /* it comes a little later than the others */
    world_wait(w, PRESIGNER_CARRIED_NS - 2 * MESH_STALL_NS);
    w->muted = 0;
    world_wait(w, 2 * PRESIGNER_DEAD_NS);
    world_connect(w);
    assert_int_equal(with_4(), 6);
    assert_int_equal(world_sign_all(w), 20);
}

static void a_record_that_is_an_hour_old_is_gone(void **state)
{
    struct presign_status s;

    (void)state;
    world_batch(w, 10);
    world_run(w);
    assert_int_equal(world_count(w, 0, 0x07), 1);
    w->now_ns += PRESIGN_AGE_NS;
    world_run(w);
    world_status(w, 0, &s);
    assert_int_equal(s.expired, 6);
    assert_int_equal(world_sign_all(w), 0);
}

/* Each peer has places of its own, enough for the sessions that may be live and a batch. */
static void what_comes_early_is_held_within_bounds(void **state)
{
    static const uint8_t body[28881];
    struct pq1_about about = {.type = MESH_PRESIGN, .round = 1};
    struct presigner *const p = w->core[0].p;
    struct presign_status s;

    (void)state;
    for (unsigned i = 0; i < PRESIGNER_HELD + 2; i++) {
        const struct presigner_message m = {1, &about, {body, sizeof body}};

        about.session[0] = (uint8_t)i;
        presigner_took(p, &m, w->now_ns + i);
    }
    presigner_took(p, &(struct presigner_message){2, &about, {body, sizeof body}}, w->now_ns);
    world_status(w, 0, &s);
    assert_int_equal(s.dropped, 2);
    assert_int_equal(p->held[0].head[0].about.session[0], PRESIGNER_HELD); /* the oldest went */
    assert_int_equal(p->held[0].head[1].about.session[0], PRESIGNER_HELD + 1);
    assert_true(p->held[1].head[0].used);
    world_wait(w, PRESIGNER_HELD_NS + 2 * WORLD_IDLE_NS);
    world_status(w, 0, &s);
    assert_int_equal(s.dropped, 2 + PRESIGNER_HELD + 1);
    assert_true(tecdsa_erased(p->held, sizeof p->held));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_CASE(a_core_that_dies_before_the_end_costs_the_batch_alone),
        WORLD_CASE(triples_shown_differently_make_nothing),
        WORLD_CASE(an_order_that_may_not_be_is_refused),
        WORLD_CASE(sessions_need_what_they_are_made_of),
        WORLD_CASE(a_message_that_is_lost_ends_a_session_and_nothing_else),
        WORLD_CASE(what_comes_again_changes_nothing),
        WORLD_CASE(a_full_outbox_only_delays),
        WORLD_CASE(another_incarnation_shares_nothing_with_the_old),
        WORLD_CASE(a_core_that_stood_still_drops_what_is_open),
        WORLD_CASE(a_core_that_stood_still_sets_up_anew),
        WORLD_CASE(records_with_the_dead_are_erased),
        WORLD_CASE(records_outlive_a_host_that_carries_nothing),
        WORLD_CASE(a_record_that_is_an_hour_old_is_gone),
        WORLD_CASE(what_comes_early_is_held_within_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
