/* The accelerator with one or two parties that send anything, from a seed: whatever honest
 * parties keep signs, and nobody honest is named. */
#include "tecdsa_accel_kit.h"
#include "testing.h"

#define RECORDS TECDSA_ACCEL_TRIPLES
#define HISTORIES 100
#define HISTORIES_LONG 5000

static struct accel_world *w;
static unsigned liars; /* a mask */
static unsigned rate;  /* one in so many of their messages is changed */
static uint64_t random_state;

static uint64_t draw(uint64_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

/* Drops it, gives another's, or changes a bit; most of the time one that leaves its form. */
static void lie_at_random(struct accel_world *world, unsigned from, unsigned to,
                          uint8_t *message, size_t n)
{
    const unsigned other = (unsigned)draw(ACCEL_PARTIES);

    if ((liars >> from & 1) == 0 || draw(rate) != 0) {
        return;
    }
    switch (draw(24)) {
    case 0:
        world->n[from][to] = 0;
        break;
    case 1:
        if (other != from && world->n[from][other] == n) {
            memcpy(message, world->message[from][other], n);
        }
        break;
    default:
        message[draw(n)] ^= (uint8_t)(1u << draw(8));
        break;
    }
}

/* In one round, the same false number to all, by one of the liars. */
static unsigned false_round;

static void lie_to_all(struct accel_world *world, struct tecdsa_accel *a)
{
    struct tecdsa_accel_party *const own = &a->from[a->party];
    const unsigned b = (unsigned)draw(RECORDS + 1);
    struct tecdsa_accel_product *const product = &a->u.product[a->party][b];

    (void)world;
    if (a->round != false_round) {
        return;
    }
    if (a->round == TECDSA_ACCEL_TEST) {
        own->test[draw(ACCEL_PARTIES)][draw(TECDSA_ACCEL_KINDS)][TECDSA_SCALAR_LEN - 1] ^= 1;
    } else if (a->round == TECDSA_ACCEL_PRODUCTS) {
        uint8_t *const scalars[3] = {product->w, product->v, product->y};

        scalars[draw(3)][20] ^= 1;
    } else if (a->round == TECDSA_ACCEL_OPEN) {
        a->u.s[a->party][b][TECDSA_SCALAR_LEN - 1] ^= 1;
    } else if (a->round == TECDSA_ACCEL_ZERO) {
        own->zero[TECDSA_SCALAR_LEN - 1] ^= 1;
    }
}

static void check_honest(unsigned i)
{
    const struct tecdsa_accel *const a = &w->a[i];

    assert_true(a->culprit == TECDSA_ACCEL_NOBODY || (liars >> a->culprit & 1) == 1);
    if (a->fate != TECDSA_ACCEL_LIVE && a->fate != TECDSA_ACCEL_BLAME &&
        a->fate != TECDSA_ACCEL_DONE) {
        assert_true(accel_is_over(a, a->fate));
        assert_int_equal(w->epoch[i].late, a->fate == TECDSA_ACCEL_LATE ? 1 : 0);
    }
}

/* Records of three honest parties who all came to the end. Gives how many. */
static unsigned check_records(void)
{
    unsigned signed_with = 0;

    for (unsigned b = 1; b <= RECORDS; b++) {
        const unsigned s = tecdsa_accel_triple(w->of[0].triple[b - 1]);
        bool all = (s & liars) == 0;

        for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
            all = all && ((s >> i & 1) == 0 || w->a[i].fate == TECDSA_ACCEL_DONE);
        }
        if (all) {
            assert_int_equal(accel_sign(w, b, b), ERR_OK);
            signed_with++;
        }
    }
    return signed_with;
}

static unsigned ends[TECDSA_ACCEL_LATE + 1];

/* One batch; how many of its records signed. */
static unsigned run_history(uint64_t seed)
{
    unsigned signed_with;

    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    liars = 1U << draw(ACCEL_PARTIES);
    liars |= 1U << draw(ACCEL_PARTIES);
    rate = 4U << draw(8);
    w->liar = (unsigned)__builtin_ctz(liars);
    w->lie = lie_to_all;
    false_round = (unsigned)draw(3 * TECDSA_ACCEL_RECORDS); /* two of three times none */
    memset(w->epoch, 0, sizeof w->epoch);
    w->meddle = lie_at_random;
    accel_begin(w, RECORDS);
    accel_run(w);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        if ((liars >> i & 1) == 0) {
            check_honest(i);
            ends[w->a[i].fate]++;
        }
    }
    signed_with = check_records();
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        tecdsa_accel_end(&w->a[i]);
    }
    return signed_with;
}

static void whatever_is_kept_signs_and_nobody_honest_is_named(void **state)
{
    const char *const value = getenv("QUORATE_LONG");
    const uint64_t runs = value != NULL && strcmp(value, "1") == 0 ? HISTORIES_LONG : HISTORIES;
    unsigned signed_with = 0;

    (void)state;
    for (uint64_t seed = 0; seed < runs; seed++) {
        signed_with += run_history(seed);
    }
    print_message("%u histories, %u signatures; ends: %u done, %u early, %u late, %u waiting, "
                  "%u blaming\n",
                  (unsigned)runs, signed_with, ends[TECDSA_ACCEL_DONE],
                  ends[TECDSA_ACCEL_EARLY], ends[TECDSA_ACCEL_LATE], ends[TECDSA_ACCEL_LIVE],
                  ends[TECDSA_ACCEL_BLAME]);
    assert_true(ends[TECDSA_ACCEL_DONE] > 0 && ends[TECDSA_ACCEL_EARLY] > 0 &&
                ends[TECDSA_ACCEL_LATE] > 0 && ends[TECDSA_ACCEL_LIVE] > 0);
    assert_true(signed_with > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ACCEL_CASE(whatever_is_kept_signs_and_nobody_honest_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
