/* Two cores set up: what both hold fits, and what is changed, late or of another setup. */
#include "tecdsa_kit.h"
#include "testing.h"

#include "base/hex.h"
#include "enclave/presign/presign_setup.h"

static struct presign_setup side[2];
static uint8_t bytes[2][PRESIGN_SETUP_BODY_LEN]; /* what each said last */
static struct view said[2];
static struct work_stack stack;
static uint64_t number = 1;

static enum err begin(unsigned i, uint64_t counter)
{
    struct presign_setup_of of = {.own = i == 0 ? 3 : 1,
                                  .peer = i == 0 ? 1 : 3,
                                  .own_incarnation = i,
                                  .peer_incarnation = 1 - i,
                                  .counter = counter};
    struct writer w = wr_init(bytes[i], sizeof bytes[i]);
    struct presign_setup_fresh fresh;

    tecdsa_noise(&number, &fresh, sizeof fresh);
    memset(of.key_id, 7, sizeof of.key_id);
    memset(of.epoch_id, 8, sizeof of.epoch_id);
    TRY(presign_setup_begin(&side[i], &of, &fresh, &w));
    return wr_finish(&w, &said[i]);
}

static int setup(void **state)
{
    (void)state;
    work_stack_init(&stack);
    return begin(0, 5) == ERR_OK && begin(1, 5) == ERR_OK ? 0 : -1;
}

/* Side i takes what the other said. */
static enum err take(unsigned i, struct view body)
{
    static const uint8_t zero[TECDSA_HASH_LEN];
    static uint8_t next[PRESIGN_SETUP_BODY_LEN];
    struct writer w = wr_init(next, sizeof next);
    const uint8_t round = side[i].round;
    const enum err e = presign_setup_take(
        &side[i], &stack, round, round == PRESIGN_SETUP_NONCE ? zero : side[i].id, body, &w);

    if (e == ERR_OK) {
        assert_int_equal(wr_finish(&w, &said[i]), ERR_OK);
        memcpy(bytes[i], next, said[i].n);
        said[i].p = bytes[i];
    }
    return e;
}

/* Both take what the other said last. */
static void exchange(void)
{
    uint8_t copy[PRESIGN_SETUP_BODY_LEN];
    const size_t n = said[0].n;

    memcpy(copy, said[0].p, n);
    assert_int_equal(take(0, said[1]), ERR_OK);
    assert_int_equal(take(1, (struct view){copy, n}), ERR_OK);
}

static void until(uint8_t round)
{
    while (side[0].round < round) {
        exchange();
    }
}

/* One's keys are those that the other chose. */
static void check_direction(const struct tecdsa_setup_bob *b,
                            const struct tecdsa_setup_alice *a)
{
    assert_true(b->ready && a->ready);
    assert_memory_equal(b->id, a->id, TECDSA_HASH_LEN);
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        const unsigned bit = a->delta[c / 8] >> (c % 8) & 1;

        assert_memory_equal(a->k[c], b->k[bit][c], TECDSA_OT_KEY_LEN);
    }
}

static void a_pair_is_of_two_nodes(void **state)
{
    static const unsigned wrong[][2] = {
        {1, 1}, {TECDSA_PARTIES_MAX, 0}, {0, TECDSA_PARTIES_MAX}};
    static const struct presign_setup_fresh fresh;
    struct writer w = wr_init(bytes[0], sizeof bytes[0]);

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct presign_setup_of of = {.own = wrong[i][0], .peer = wrong[i][1]};

        assert_int_equal(presign_setup_begin(&side[0], &of, &fresh, &w), ERR_RANGE);
        assert_true(tecdsa_erased(&side[0], sizeof side[0]));
    }
    assert_int_equal(w.len, 0);
}

static void both_directions_fit(void **state)
{
    (void)state;
    until(PRESIGN_SETUP_OPENING);
    exchange();
    for (unsigned i = 0; i < 2; i++) {
        const struct presign_setup *const s = &side[i];

        assert_int_equal(s->state, PRESIGN_SETUP_DONE);
        check_direction(&s->setup_bob, &side[1 - i].setup_alice);
        assert_true(tecdsa_erased(&s->fresh, sizeof s->fresh));
        assert_true(tecdsa_erased(&s->in, sizeof s->in));
        assert_true(tecdsa_erased(&s->out, sizeof s->out));
        assert_true(tecdsa_erased(&s->bob, sizeof s->bob));
        assert_true(tecdsa_erased(&s->alice, sizeof s->alice));
    }
    assert_memory_equal(side[0].zero_seed, side[1].zero_seed, TECDSA_OT_KEY_LEN);
    assert_false(tecdsa_erased(side[0].zero_seed, TECDSA_OT_KEY_LEN));
    assert_true(memcmp(side[0].setup_bob.id, side[0].setup_alice.id, TECDSA_HASH_LEN) != 0);
    assert_memory_equal(side[0].id, side[1].id, TECDSA_HASH_LEN);
    assert_int_equal(take(0, said[1]), ERR_STATE);
}

/* A byte of each message from FIRST on: one side's check fails, and that side has nothing left.
 */
static void a_changed_message_ends_it(void **state)
{
    static const struct {
        uint8_t round;
        size_t at;
    } rows[] = {
        {PRESIGN_SETUP_FIRST, 1},       {PRESIGN_SETUP_FIRST, 100},
        {PRESIGN_SETUP_CHOICES, 0},     {PRESIGN_SETUP_RESPONSE, 40},
        {PRESIGN_SETUP_OPENING, 16000}, {PRESIGN_SETUP_OPENING, 16384 + 3},
    };
    static struct presign_setup before;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t copy[PRESIGN_SETUP_BODY_LEN];
        const struct presign_setup *const s = &side[0];

        until(rows[i].round);
        memcpy(&before, &side[0], sizeof before);
        memcpy(copy, said[1].p, said[1].n);
        copy[rows[i].at] ^= 0x40;
        assert_true(take(0, (struct view){copy, said[1].n}) != ERR_OK);
        assert_int_equal(s->state, PRESIGN_SETUP_FAILED);
        assert_true(tecdsa_erased(&s->fresh, sizeof s->fresh));
        assert_true(tecdsa_erased(&s->setup_bob, sizeof s->setup_bob));
        assert_true(tecdsa_erased(&s->setup_alice, sizeof s->setup_alice));
        assert_true(tecdsa_erased(s->zero_seed, sizeof s->zero_seed));
        assert_int_equal(take(0, said[1]), ERR_STATE);
        memcpy(&side[0], &before, sizeof before); /* in its place again */
    }
}

/* What is out of turn changes nothing. */
static void what_is_not_awaited_is_dropped(void **state)
{
    static const uint8_t zero[TECDSA_HASH_LEN];
    static struct presign_setup before;
    struct writer none = wr_init(NULL, 0);
    struct view first;
    uint8_t session[TECDSA_HASH_LEN];

    (void)state;
    assert_int_equal(begin(1, 6), ERR_OK); /* another counter than side 0 has */
    memcpy(&before, &side[0], sizeof before);
    assert_int_equal(take(0, said[1]), ERR_STALE);
    assert_int_equal(begin(1, 5), ERR_OK);
    first = said[1];
    assert_int_equal(
        presign_setup_take(&side[0], &stack, PRESIGN_SETUP_FIRST, zero, first, &none),
        ERR_STALE);
    assert_int_equal(take(0, (struct view){first.p, first.n - 1}), ERR_LENGTH);
    assert_memory_equal(&before, &side[0], sizeof before);
    exchange();
    memcpy(session, side[0].id, sizeof session);
    session[47] ^= 1;
    assert_int_equal(
        presign_setup_take(&side[0], &stack, PRESIGN_SETUP_FIRST, session, said[1], &none),
        ERR_STALE);
    assert_int_equal(side[0].state, PRESIGN_SETUP_RUNNING);
    assert_int_equal(
        presign_setup_take(&side[0], &stack, PRESIGN_SETUP_FIRST, side[0].id, said[1], &none),
        ERR_NOSPACE);
    assert_int_equal(side[0].state, PRESIGN_SETUP_FAILED);
}

static void lengths_are_what_the_page_says(void **state)
{
    static const size_t want[] = {0, 40, 194, 12544, 8192, 8192, 16448, 0};
    struct presign_setup_of of = {.own = 2, .peer = 2};
    static const struct presign_setup_fresh fresh;
    struct writer w = wr_init(bytes[0], sizeof bytes[0]);

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_int_equal(presign_setup_body_len((uint8_t)i), want[i]);
    }
    assert_int_equal(presign_setup_begin(&side[0], &of, &fresh, &w), ERR_RANGE);
    of.peer = TECDSA_PARTIES_MAX;
    assert_int_equal(presign_setup_begin(&side[0], &of, &fresh, &w), ERR_RANGE);
    assert_int_equal(side[0].state, PRESIGN_SETUP_IDLE);
}

/* Bob 1 of incarnation 2, Alice 3 of incarnation 4, counter 5, all else zeros. */
static void the_id_is_what_the_page_says(void **state)
{
    static const uint8_t zero[TECDSA_HASH_LEN];
    const struct tecdsa_setup_of of = {.key_id = zero,
                                       .epoch_id = zero,
                                       .bob = 1,
                                       .alice = 3,
                                       .bob_incarnation = 2,
                                       .alice_incarnation = 4,
                                       .counter = 5};
    uint8_t id[TECDSA_HASH_LEN];
    char text[2 * TECDSA_HASH_LEN + 1];

    (void)state;
    tecdsa_setup_id(&of, id);
    hex_write((struct view){id, sizeof id}, text);
    assert_string_equal(text, "c337e65503cfc95c39ba1bb964d69153e3dcbb9f4fb286f9"
                              "82b89e9cfc3bc62ef622361bd9b6c814043fad07824b8e20");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_pair_is_of_two_nodes, setup),
        cmocka_unit_test_setup(both_directions_fit, setup),
        cmocka_unit_test_setup(a_changed_message_ends_it, setup),
        cmocka_unit_test_setup(what_is_not_awaited_is_dropped, setup),
        cmocka_unit_test(lengths_are_what_the_page_says),
        cmocka_unit_test(the_id_is_what_the_page_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
