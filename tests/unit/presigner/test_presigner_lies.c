/* Bad cores: what each way to cheat does to whom, and that the honest go on. */
#include "presigner_kit.h"
#include "testing.h"

#define NODES 5
#define MINUTE_NS INT64_C(60000000000)

static struct world *w;

/* What is done to messages of one type and round from the liar to one node. */
static struct {
    uint8_t type, round;
    unsigned to;
    void (*change)(uint8_t *bytes);
    unsigned changed;
} lie;

static bool meddle(struct world *world, unsigned to, struct presigner_message *m,
                   uint8_t *bytes)
{
    if (m->about->type == lie.type && m->about->round == lie.round && m->from == world->liar &&
        to == lie.to) {
        lie.changed++;
        lie.change(bytes);
    }
    return true;
}

static void lie_of(uint8_t type, uint8_t round, unsigned from, unsigned to,
                   void (*change)(uint8_t *))
{
    memset(&lie, 0, sizeof lie);
    lie.type = type;
    lie.round = round;
    lie.to = to;
    lie.change = change;
    w->liar = from;
    w->meddle = meddle;
}

static uint8_t setup_at(unsigned i, unsigned peer)
{
    struct presign_status s;

    world_status(w, i, &s);
    return s.nodes[peer].setup;
}

static enum err order_make(unsigned i, unsigned triple)
{
    const struct presign_order o = world_make_of(w, triple);

    return world_order(w, i, &o);
}

/* ---- two bodies ---- */

/* Signed by the liar, as he signs the other one. */
static void another_commitment(uint8_t *bytes)
{
    static const char label[] = "quorate-presign-v1";
    struct presign_round_1 *const m = (struct presign_round_1 *)bytes;
    struct world_core *const c = &w->core[w->liar];
    uint8_t text[sizeof label - 1 + sizeof m->said.body];

    m->said.body.commitment[3] ^= 1;
    memcpy(text, label, sizeof label - 1);
    memcpy(text + sizeof label - 1, &m->said.body, sizeof m->said.body);
    world_must(ed25519_sign(&c->work->stack, &c->signing, (struct view){text, sizeof text},
                            m->said.signature));
}

static void two_bodies_to_two_peers_are_proof_and_cut_no_pair(void **state)
{
    struct presign_status s;

    (void)state;
    world_set_up_all(w);
    lie_of(MESH_PRESIGN, 1, 2, 1, another_commitment);
    world_make(w, 0x07);
    world_run(w);
    world_end_sessions(w);
    assert_int_equal(lie.changed, 1);
    for (unsigned i = 0; i < 2; i++) {
        world_status(w, i, &s);
        assert_int_equal(s.lies, 1);
        assert_int_equal(s.made_dkls, 0);
        assert_int_equal(s.sessions, 0);
        assert_int_equal(setup_at(i, 1 - i), PRESIGN_PAIR_DONE);
        assert_int_equal(setup_at(i, 2), PRESIGN_PAIR_DONE);
        assert_int_equal(order_make(i, 0x07), ERR_STATE); /* with the liar no more */
    }
    world_status(w, 2, &s);
    assert_int_equal(s.lies, 0); /* honest nodes said one thing each */
    world_make(w, 0x0b);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
}

/* ---- one column, one row ---- */

static void one_column(uint8_t *bytes)
{
    struct presign_round_1 *const m = (struct presign_round_1 *)bytes;

    m->extension.u[7][0] ^= 1;
}

static void one_row(uint8_t *bytes)
{
    struct presigner_round_2 *const m = (struct presigner_round_2 *)bytes;

    m->body.product.a[7][0][TECDSA_SCALAR_LEN - 1] ^= 1;
}

/* The pair of 0 and 1 is cut at both ends for a minute, which shows later; all else stays, and
 * goes on. Of the two, one has found out, and told the other when the session's time was over.
 */
static void assert_cut(void)
{
    struct presign_order o;
    struct presign_status s;

    assert_int_equal(setup_at(1, 0), PRESIGN_PAIR_DONE);
    assert_int_equal(order_make(0, 0x07), ERR_STATE);
    assert_int_equal(order_make(1, 0x07), ERR_STATE);
    w->now_ns += PRESIGN_SHOWN_NS;
    for (unsigned i = 0; i < 2; i++) {
        const struct presign_setup *const setup = &w->core[i].p->pair[1 - i].setup;

        world_status(w, i, &s);
        assert_int_equal(s.nodes[1 - i].setup, PRESIGN_PAIR_RESTS);
        assert_true(s.nodes[1 - i].wait_s >= 39 && s.nodes[1 - i].wait_s <= 50);
        assert_int_equal(s.nodes[2].setup, PRESIGN_PAIR_DONE);
        assert_int_equal(s.sessions, 0);
        assert_true(tecdsa_erased(&setup->setup_bob, sizeof setup->setup_bob));
        assert_true(tecdsa_erased(&setup->setup_alice, sizeof setup->setup_alice));
        assert_true(tecdsa_erased(setup->zero_seed, sizeof setup->zero_seed));
        assert_int_equal(order_make(i, 0x07), ERR_STATE);
        o = world_setup_of(w, 1 - i);
        assert_int_equal(world_order(w, i, &o), ERR_POLICY);
    }
    w->meddle = NULL;
    world_make(w, 0x0d); /* 0, 2, 3 */
    world_make(w, 0x0e); /* 1, 2, 3 */
    world_run(w);
    assert_int_equal(world_sign_all(w), 2);
}

/* Cheats that fit all but one column or row, which half of the receivers do not see, are in the
 * tests of the mathematics. What is seen ends the session, and all others of the pair. */
static void a_column_that_is_seen_ends_all_of_the_pair(void **state)
{
    struct presign_status s;

    (void)state;
    world_set_up_all(w);
    lie_of(MESH_PRESIGN, 1, 1, 0, one_column);
    world_make(w, 0x07);
    world_make(w, 0x0b); /* of the same pair */
    world_make(w, 0x0d); /* of 0, but not of 1 */
    world_run(w);
    world_end_sessions(w);
    assert_true(lie.changed >= 1);
    assert_int_equal(world_sign_all(w), 1);
    world_status(w, 0, &s);
    assert_int_equal(s.aborted, 2);
    assert_cut();
}

static void a_row_that_is_seen_does_the_same_and_is_made_anew(void **state)
{
    (void)state;
    world_set_up_all(w);
    lie_of(MESH_PRESIGN, 2, 1, 0, one_row);
    world_make(w, 0x07);
    world_run(w);
    world_end_sessions(w);
    assert_int_equal(lie.changed, 1);
    assert_int_equal(world_sign_all(w), 0);
    assert_cut();
    w->now_ns += MINUTE_NS;
    world_setup(w, 0, 1);
    assert_int_equal(setup_at(0, 1), PRESIGN_PAIR_RUNNING);
    world_run(w);
    assert_int_equal(setup_at(0, 1), PRESIGN_PAIR_DONE);
    assert_int_equal(setup_at(1, 0), PRESIGN_PAIR_DONE);
    world_make(w, 0x07);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
}

/* ---- setups ---- */

static void a_wrong_challenge(uint8_t *bytes)
{
    bytes[5] ^= 1;
}

static void a_setup_that_fails_is_known_at_both_ends(void **state)
{
    (void)state;
    world_set_up_all(w);
    w->counter = 5;
    lie_of(MESH_SETUP, PRESIGN_SETUP_RESPONSE, 1, 0, a_wrong_challenge);
    world_setup(w, 0, 1);
    world_run(w);
    assert_int_equal(lie.changed, 1);
    assert_cut();
    for (unsigned n = 2; n <= PRESIGN_FAILURES_MAX; n++) {
        presigner_cut(w->core[0].p, 1, w->now_ns); /* of nothing: changes nothing */
        presign_standing_failed(&w->core[0].p->standing, 1, w->now_ns);
    }
    w->now_ns += PRESIGN_DAY_NS / 2;
    assert_int_equal(order_make(0, 0x07), ERR_POLICY); /* for this epoch */
}

/* ---- another key's share ---- */

static void shares_that_are_not_the_keys_rest_the_triple(void **state)
{
    struct tecdsa_share *const share = &w->kit->share[2];
    struct tecdsa_scalar one;

    (void)state;
    world_set_up_all(w);
    tecdsa_scalar_of_int(1, &one);
    tecdsa_scalar_add(&share->x, &one, &share->x);
    world_make(w, 0x07);
    world_run(w);
    for (unsigned i = 0; i < 3; i++) {
        struct presign_status s;

        world_status(w, i, &s);
        assert_int_equal(s.made_dkls, 0);
        assert_true(s.triples[0].usable); /* told later */
        assert_int_equal(order_make(i, 0x07), ERR_STATE);
    }
    w->now_ns += PRESIGN_SHOWN_NS;
    for (unsigned i = 0; i < 3; i++) {
        struct presign_status s;

        assert_int_equal(order_make(i, 0x07), ERR_POLICY);
        world_status(w, i, &s);
        assert_false(s.triples[0].usable);
        assert_int_equal(setup_at(i, (i + 1) % 3), PRESIGN_PAIR_DONE);
    }
    world_make(w, 0x0b);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
}

/* ---- batches ---- */

static void another_w(uint8_t *bytes)
{
    bytes[TECDSA_ACCEL_HEAD_LEN + TECDSA_POINT_LONG + TECDSA_SCALAR_LEN - 1] ^= 1;
}

static void two_late_ends_turn_the_accelerator_off(void **state)
{
    struct presign_status s;
    struct presign_order o;

    (void)state;
    lie_of(MESH_ACCEL, TECDSA_ACCEL_PRODUCTS, 3, 0, another_w);
    for (unsigned late = 1; late <= TECDSA_ACCEL_LATE_MAX; late++) {
        world_batch(w, 10);
        world_run(w);
        world_wait(w, PRESIGNER_BATCH_NS + WORLD_IDLE_NS);
        for (unsigned i = 0; i < NODES; i++) {
            world_status(w, i, &s);
            assert_int_equal(s.made_accel, 0);
            assert_int_equal(s.late, late);
            assert_int_equal(s.accel, late < TECDSA_ACCEL_LATE_MAX ? PRESIGN_ACCEL_ON
                                                                   : PRESIGN_ACCEL_OVER);
        }
    }
    w->meddle = NULL;
    o = world_batch_of(w, 10);
    assert_int_equal(world_order(w, 0, &o), ERR_POLICY);
    world_set_up_all(w);
    world_make(w, 0x07); /* the other way stays */
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
}

/* A dealing that is not what was committed to: early, and its dealer is known. */
static void another_dealing(uint8_t *bytes)
{
    bytes[tecdsa_accel_message_len(TECDSA_ACCEL_DEAL, 10) - 1] ^= 1;
}

static void a_wrong_dealing_names_its_dealer_and_counts_nothing(void **state)
{
    struct presign_status s;

    (void)state;
    lie_of(MESH_ACCEL, TECDSA_ACCEL_DEAL, 3, 0, another_dealing);
    world_batch(w, 10);
    world_run(w);
    world_wait(w, PRESIGNER_BATCH_NS + WORLD_IDLE_NS);
    world_status(w, 0, &s);
    assert_int_equal(s.late, 0);
    assert_int_equal(w->core[0].p->pair[3].blamed, 1);
    w->meddle = NULL;
    world_batch(w, 10);
    world_run(w);
    assert_int_equal(world_sign_all(w), 10);
}

/* ---- two messages, two triples ---- */

/* Bad 3 answers as often as it likes; the host asks whom it likes for two messages under one
 * record. One signature at most, and none of it where members were asked for both. */
static enum err bad_answer(struct tecdsa_presignature *record, unsigned message,
                           struct tecdsa_answer *out)
{
    static struct presign_pool pool;
    static struct presign_slot slots[6];
    uint8_t id[TECDSA_HASH_LEN], digest[P384_DIGEST_LEN];

    memcpy(id, record->id, sizeof id);
    tecdsa_digest(message, digest);
    memset(slots, 0, sizeof slots);
    world_must(presign_pool_init(&pool, 3, NODES, 1, slots));
    world_must(presign_pool_add(&pool, record, w->now_ns));
    return presign_pool_answer(&pool, &w->core[3].work->stack, id, digest, w->now_ns, out);
}

static enum err ask(unsigned i, const uint8_t *id, unsigned message, struct tecdsa_answer *out)
{
    uint8_t digest[P384_DIGEST_LEN];

    tecdsa_digest(message, digest);
    return presign_pool_answer(&w->core[i].pool, &w->core[i].work->stack, id, digest, w->now_ns,
                               out);
}

static enum err combine(const uint8_t *r, unsigned message, const struct tecdsa_answer *a,
                        const struct tecdsa_answer *b, const struct tecdsa_answer *c)
{
    uint8_t digest[P384_DIGEST_LEN];
    struct world_sign s = {w, r, digest};

    tecdsa_digest(message, digest);
    w->kit->answer[0] = *a;
    w->kit->answer[1] = *b;
    w->kit->answer[2] = *c;
    return tecdsa_on_stack(world_combine, &s);
}

static void two_messages_over_two_triples_make_one_signature_at_most(void **state)
{
    struct tecdsa_answer first[3], second[NODES];
    struct presign_order o = world_batch_of(w, 2);

    (void)state;
    o.triples[0] = o.triples[1] = 1; /* 0, 1, 3 */
    world_order_all(w, 0x1f, &o);
    world_run(w);
    for (unsigned split = 0; split < 2; split++) {
        const struct presign_slot *const slot = presign_pool_above(&w->core[3].pool, split);
        struct tecdsa_presignature bad[2];
        uint8_t id[TECDSA_HASH_LEN], r[TECDSA_SCALAR_LEN];

        assert_int_equal(slot->record.s, 0x0b);
        memcpy(&bad[0], &slot->record, sizeof bad[0]);
        memcpy(&bad[1], &slot->record, sizeof bad[1]);
        memcpy(id, slot->record.id, sizeof id);
        memcpy(r, slot->record.r, sizeof r);
        assert_int_equal(ask(0, id, 1, &first[0]), ERR_OK);
        assert_int_equal(ask(1, id, 1 + split, &first[1]), ERR_OK);
        world_must(bad_answer(&bad[0], 1, &first[2]));
        world_must(bad_answer(&bad[1], 2, &second[3]));
        assert_int_equal(combine(r, 1, &first[0], &first[1], &first[2]),
                         split == 0 ? ERR_OK : ERR_SIGNATURE);
        for (unsigned i = 0; i < NODES; i++) { /* 2 and 4 hold nothing of it */
            if (i != 3) {
                assert_int_equal(ask(i, id, 2, &second[i]), ERR_STALE);
            }
        }
        assert_int_equal(combine(r, 2, &first[0], &first[1], &second[3]), ERR_SIGNATURE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_CASE(two_bodies_to_two_peers_are_proof_and_cut_no_pair),
        WORLD_CASE(a_column_that_is_seen_ends_all_of_the_pair),
        WORLD_CASE(a_row_that_is_seen_does_the_same_and_is_made_anew),
        WORLD_CASE(a_setup_that_fails_is_known_at_both_ends),
        WORLD_CASE(shares_that_are_not_the_keys_rest_the_triple),
        WORLD_CASE(two_late_ends_turn_the_accelerator_off),
        WORLD_CASE(a_wrong_dealing_names_its_dealer_and_counts_nothing),
        WORLD_CASE(two_messages_over_two_triples_make_one_signature_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
