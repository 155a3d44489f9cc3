/* A wrong signature is shown to its three: it counts for its triple if all three have signed
 * what they answered, once a record, and nobody can make one up. */
#include "presigner_kit.h"
#include "testing.h"

#include "crypto/tecdsa/tecdsa_online.h"

static struct world *w;

#define TRIPLE 0x0b /* 0, 1, 3 */
#define NUMBER 1    /* of that triple */

/* One record of TRIPLE after another. */
static void make(uint8_t n)
{
    struct presign_order o = world_batch_of(w, n);

    memset(o.triples, NUMBER, n);
    world_order_all(w, 0x1f, &o);
    world_run(w);
}

static void sign(unsigned i, struct presign_word *word, unsigned at)
{
    uint8_t signed_part[PRESIGN_WORD_SIGNED_LEN];

    presign_word_signed(word, w->of.epoch_id, word->answers[at], signed_part);
    world_must(ed25519_sign(&w->core[i].work->stack, &w->core[i].signing,
                            (struct view){signed_part, sizeof signed_part},
                            word->answers[at] + PRESIGN_SUM_LEN));
}

static void answer(unsigned i, struct presign_word *word, unsigned at)
{
    struct tecdsa_answer sum;

    world_must(presign_pool_answer(&w->core[i].pool, &w->core[i].work->stack, word->id,
                                   word->digest, w->now_ns, &sum));
    memcpy(word->answers[at], &sum, sizeof sum);
    sign(i, word, at);
}

/* The answers of the oldest record; 3 lies, if it does. */
static struct presign_order show(bool lies)
{
    static const unsigned who[] = {0, 1, 3};
    const struct presign_slot *const slot = presign_pool_above(&w->core[0].pool, 0);
    struct presign_order o = {.kind = PRESIGN_ORDER_WRONG, .word.triple = TRIPLE};

    assert_int_equal(slot->record.s, TRIPLE);
    memcpy(o.word.id, slot->record.id, sizeof o.word.id);
    memcpy(o.word.r, slot->record.r, sizeof o.word.r);
    tecdsa_digest(1, o.word.digest);
    for (unsigned at = 0; at < 3; at++) {
        answer(who[at], &o.word, at);
    }
    if (lies) {
        o.word.answers[2][TECDSA_SCALAR_LEN - 1] ^= 1;
        sign(3, &o.word, 2);
    }
    return o;
}

static enum err give(unsigned i, const struct presign_order *o)
{
    return presigner_order(w->core[i].p, o, w->now_ns);
}

static bool usable(unsigned i)
{
    return presign_standing_usable(&w->core[i].p->standing, TRIPLE, w->now_ns);
}

static void three_wrong_signatures_rest_a_triple(void **state)
{
    struct presign_order o;

    (void)state;
    make(3);
    for (unsigned k = 0; k < 3; k++) {
        o = show(true);
        for (unsigned i = 0; i < 2; i++) {
            assert_true(usable(i));
            assert_int_equal(give(i, &o), ERR_OK);
            assert_int_equal(give(i, &o), ERR_STALE); /* shown again it says nothing */
        }
        assert_int_equal(give(2, &o), ERR_RANGE); /* none of its triples */
    }
    assert_false(usable(0) || usable(1));
    o = world_make_of(w, TRIPLE);
    assert_int_equal(give(0, &o), ERR_STATE); /* why, is told later */
    w->now_ns += PRESIGN_REST_NS;
    assert_true(usable(0) && usable(1));
}

/* Nothing else than three signed answers of one record to one digest counts. */
static void nobody_can_make_one_up(void **state)
{
    struct presign_order right, o;

    (void)state;
    make(2);
    right = show(false);
    assert_int_equal(give(0, &right), ERR_MISMATCH); /* they make a signature */
    o = right;
    o.word.answers[2][0] ^= 1; /* by the host */
    assert_int_equal(give(0, &o), ERR_SIGNATURE);
    sign(0, &o.word, 2); /* by another core, in its name */
    assert_int_equal(give(0, &o), ERR_SIGNATURE);
    o = right;
    o.word.digest[0] ^= 1; /* of another message */
    assert_int_equal(give(0, &o), ERR_SIGNATURE);
    o = right;
    o.word.id[0] ^= 1; /* of another record */
    assert_int_equal(give(0, &o), ERR_SIGNATURE);
    o = right;
    o.word.r[0] ^= 1;
    assert_int_equal(give(0, &o), ERR_SIGNATURE);
    o = right;
    o.word.triple = 0x13; /* 0, 1, 4: who shows it blames others */
    assert_int_equal(give(0, &o), ERR_SIGNATURE);
    o = show(false);
    memcpy(o.word.answers[2], right.word.answers[2], PRESIGN_ANSWER_LEN); /* of two records */
    assert_int_equal(give(0, &o), ERR_SIGNATURE);
    assert_int_equal(w->core[0].p->standing.n_counted, 0);
}

/* Two messages: each honest answer is signed with its own, and together they are nothing. */
static void a_host_that_shows_two_messages_blames_nobody(void **state)
{
    struct presign_order o = {.kind = PRESIGN_ORDER_WRONG, .word.triple = TRIPLE};
    const struct presign_slot *slot;

    (void)state;
    make(1);
    slot = presign_pool_above(&w->core[0].pool, 0);
    memcpy(o.word.id, slot->record.id, sizeof o.word.id);
    memcpy(o.word.r, slot->record.r, sizeof o.word.r);
    tecdsa_digest(1, o.word.digest);
    answer(0, &o.word, 0);
    answer(1, &o.word, 1);
    tecdsa_digest(2, o.word.digest);
    answer(3, &o.word, 2);
    for (unsigned message = 1; message <= 2; message++) {
        tecdsa_digest(message, o.word.digest);
        assert_int_equal(give(0, &o), ERR_SIGNATURE);
        assert_int_equal(give(1, &o), ERR_SIGNATURE);
    }
    assert_int_equal(w->core[0].p->standing.n_counted, 0);
}

/* A scalar that is none is as wrong as another one. */
static void an_answer_that_is_no_scalar_counts(void **state)
{
    struct presign_order o;

    (void)state;
    make(1);
    o = show(true);
    memset(o.word.answers[2], 0xff, TECDSA_SCALAR_LEN);
    sign(3, &o.word, 2);
    assert_int_equal(give(0, &o), ERR_OK);
    assert_int_equal(w->core[0].p->standing.n_counted, 1);
}

static void an_order_of_operators_is_taken_once(void **state)
{
    struct presign_order o = {.kind = PRESIGN_ORDER_RENEW, .peer = 3, .counter = 7};
    struct presign_standing *const s = &w->core[0].p->standing;

    (void)state;
    for (unsigned i = 0; i < PRESIGN_FAILURES_MAX; i++) {
        presign_standing_failed(s, 3, w->now_ns);
    }
    assert_true(s->with[3].dead);
    assert_int_equal(give(0, &o), ERR_OK);
    assert_false(s->with[3].dead);
    assert_true(presign_standing_renew(s, 3, w->now_ns));
    presign_standing_renewed(s);
    presign_standing_failed(s, 3, w->now_ns); /* one renewal, no more */
    assert_true(s->with[3].dead);
    assert_int_equal(give(0, &o), ERR_STALE);
    assert_true(s->with[3].dead);
    o.counter = 6;
    assert_int_equal(give(0, &o), ERR_STALE);
    o.peer = 0;
    assert_int_equal(give(0, &o), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_CASE(three_wrong_signatures_rest_a_triple),
        WORLD_CASE(nobody_can_make_one_up),
        WORLD_CASE(a_host_that_shows_two_messages_blames_nobody),
        WORLD_CASE(an_answer_that_is_no_scalar_counts),
        WORLD_CASE(an_order_of_operators_is_taken_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
