/* The accelerator and a party that says different things to different parties, or lies about
 * what it was dealt: where each ends, who is named, and that nothing is shown that would give
 * the key away. */
#include "tecdsa_accel_kit.h"
#include "testing.h"

#define LIAR 3u
#define VICTIM 0u
#define B 4u

static struct accel_world *w;

/* EQUIVOCATION: one byte of one message to one party. */

static enum tecdsa_accel_round change_in;
static size_t change_at; /* behind the head; from the end if it is above the middle */
static bool change_from_end;

static void change(struct accel_world *world, unsigned from, unsigned to, uint8_t *message,
                   size_t n)
{
    (void)world;
    if (from == LIAR && to == VICTIM && message[TECDSA_HASH_LEN] == change_in) {
        message[change_from_end ? n - 1 - change_at : TECDSA_ACCEL_HEAD_LEN + change_at] ^= 1;
    }
}

static void run_change(enum tecdsa_accel_round round, size_t at, bool from_end)
{
    change_in = round;
    change_at = at;
    change_from_end = from_end;
    w->liar = LIAR;
    w->meddle = change;
    accel_begin(w, B);
    accel_run(w);
}

/* The victim's end; and that of the other honest ones, who may be waiting. */
static void assert_ends(enum tecdsa_accel_fate victim, unsigned culprit,
                        enum tecdsa_accel_fate others)
{
    struct tecdsa_presignature out;

    for (unsigned i = 0; i < LIAR; i++) {
        const enum tecdsa_accel_fate want = i == VICTIM ? victim : others;

        if (want == TECDSA_ACCEL_LOST) {
            assert_int_equal(w->a[i].fate, TECDSA_ACCEL_LIVE);
            tecdsa_accel_end(&w->a[i]);
        }
        assert_true(accel_is_over(&w->a[i], want));
        assert_int_equal(w->epoch[i].late, want == TECDSA_ACCEL_LATE ? 1 : 0);
        assert_int_equal(tecdsa_accel_take(&w->a[i], 1, &out), ERR_STATE);
    }
    assert_int_equal(w->a[VICTIM].culprit, culprit);
}

static void nonce_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_HELLO, 0, false);
    assert_ends(TECDSA_ACCEL_LOST, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LOST);
}

static void triples_shown_differently(void **state)
{
    (void)state;
    accel_header(w, B);
    w->of[VICTIM].triple[2] ^= 1;
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        assert_int_equal(accel_begin_one(w, i), ERR_OK);
    }
    accel_run(w);
    assert_int_equal(w->said[1][VICTIM], ERR_STALE);
    assert_int_equal(w->said[VICTIM][1], ERR_STALE);
    assert_int_equal(w->a[1].round, TECDSA_ACCEL_HELLO);
    assert_ends(TECDSA_ACCEL_LOST, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LOST);
}

static void coin_commitment_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_DEAL, 0, false);
    assert_ends(TECDSA_ACCEL_EARLY, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_EARLY);
}

static void commitment_to_anothers_dealings_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_DEAL, (size_t)3 * TECDSA_HASH_LEN, false);
    assert_ends(TECDSA_ACCEL_EARLY, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_EARLY);
}

static void a_wrong_share_to_one_receiver(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_DEAL, 0, true);
    assert_ends(TECDSA_ACCEL_EARLY, LIAR, TECDSA_ACCEL_LOST);
}

static void first_echo_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_COINS, 0, false);
    assert_ends(TECDSA_ACCEL_EARLY, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LOST);
}

static void coin_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_COINS, TECDSA_HASH_LEN, false);
    assert_ends(TECDSA_ACCEL_EARLY, LIAR, TECDSA_ACCEL_LOST);
}

static void r_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_PRODUCTS, sizeof(struct tecdsa_accel_product) * 2, true);
    assert_ends(TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LATE);
}

static void w_share_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_PRODUCTS, (size_t)2 * TECDSA_SCALAR_LEN, true);
    assert_ends(TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LATE);
}

static void second_echo_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_ECHO, 0, false);
    assert_ends(TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LOST);
}

static void s_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_OPEN, TECDSA_SCALAR_LEN - 1, false);
    assert_ends(TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LOST);
}

static void sum_of_phi_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_OPEN, TECDSA_POINT_LONG, true);
    assert_ends(TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LOST);
}

static void zero_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_ZERO, 0, true);
    assert_ends(TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LOST);
}

/* The victim erases what it made; of triples without it records serve. */
static void last_echo_shown_differently(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_FINISH, 0, false);
    assert_true(accel_is_over(&w->a[VICTIM], TECDSA_ACCEL_LATE));
    for (unsigned b = 1; b <= B; b++) {
        const bool without = (tecdsa_accel_triple(w->of[1].triple[b - 1]) >> VICTIM & 1) == 0;

        assert_int_equal(accel_sign(w, b, b), without ? ERR_OK : ERR_STATE);
    }
}

/* BLAME */

/* A bit of the sums that the liar reports, of dealer 1. */
static void misreport(struct accel_world *world, struct tecdsa_accel *a)
{
    (void)world;
    if (a->round == TECDSA_ACCEL_TEST) {
        a->from[a->party].test[1][0][TECDSA_SCALAR_LEN - 1] ^= 1;
    }
}

/* And of what it shows. */
static void show_wrong(struct accel_world *world, unsigned from, unsigned to, uint8_t *message,
                       size_t n)
{
    (void)world;
    (void)to;
    if (from == LIAR && message[TECDSA_HASH_LEN] == TECDSA_ACCEL_SHOW) {
        message[n - 1] ^= 1;
    }
}

static void run_misreport(accel_meddle *meddle)
{
    w->liar = LIAR;
    w->lie = misreport;
    w->meddle = meddle;
    accel_begin(w, B);
    accel_run(w);
    for (unsigned i = 0; i < LIAR; i++) {
        assert_true(accel_is_over(&w->a[i], TECDSA_ACCEL_EARLY));
        assert_int_equal(w->a[i].culprit, LIAR);
    }
}

static void a_false_report_names_its_reporter(void **state)
{
    (void)state;
    run_misreport(NULL);
}

static void a_false_show_names_who_shows(void **state)
{
    (void)state;
    run_misreport(show_wrong);
}

/* The liar would have dealer 1 named: it reports sums of a dealing that it makes up, and shows
 * that. It is not what the dealer has committed to. */
static void make_up(struct accel_world *world, struct tecdsa_accel *a)
{
    const struct tecdsa_scalar one = {{1}};
    struct tecdsa_scalar sum;
    uint8_t *const told = a->from[a->party].test[1][0];

    (void)world;
    if (a->round == TECDSA_ACCEL_TEST) { /* the factor of dealing 0 is 1 */
        tecdsa_scalar_add(&a->value[0][1][0], &one, &a->value[0][1][0]);
        assert_int_equal(tecdsa_scalar_decode(told, &sum), ERR_OK);
        tecdsa_scalar_add(&sum, &one, &sum);
        tecdsa_scalar_encode(&sum, told);
    }
}

static void a_dealing_that_is_made_up_names_who_shows_it(void **state)
{
    (void)state;
    w->liar = LIAR;
    w->lie = make_up;
    accel_begin(w, B);
    accel_run(w);
    for (unsigned i = 0; i < LIAR; i++) {
        assert_true(accel_is_over(&w->a[i], TECDSA_ACCEL_EARLY));
        assert_int_equal(w->a[i].culprit, LIAR);
    }
}

/* What LIAR deals to a second liar is no scalar, which that one takes, and shows. */
#define SECOND 4u

static uint8_t *bad_scalar(uint8_t *dealings)
{
    return dealings + TECDSA_ACCEL_DEALT_LEN; /* k of dealing 1 */
}

static void deal_no_scalar(struct tecdsa_accel *dealer, struct tecdsa_accel *receiver)
{
    struct tecdsa_accel_party *const own = &dealer->from[LIAR];
    struct tecdsa_accel_party *const there = &receiver->from[LIAR];
    uint8_t *const dealings = dealer->u.dealt[SECOND][0];
    const size_t n = TECDSA_ACCEL_DEALINGS(B) * TECDSA_ACCEL_DEALT_LEN;
    const struct tecdsa_accel_dealt dealt = {LIAR, SECOND, dealer->own_salt[SECOND], dealings,
                                             n};

    for (size_t i = 0; i < n / TECDSA_SCALAR_LEN; i++) {
        assert_int_equal(
            tecdsa_scalar_decode(
                dealings + i * TECDSA_SCALAR_LEN,
                &receiver->value[i / TECDSA_ACCEL_KINDS][LIAR][i % TECDSA_ACCEL_KINDS]),
            ERR_OK);
    }
    memset(&receiver->value[1][LIAR][TECDSA_ACCEL_K], 0, sizeof receiver->value[0][0][0]);
    memset(bad_scalar(dealings), 0xff, TECDSA_SCALAR_LEN);
    tecdsa_accel_commit_dealt(dealer, &dealt, own->deal_commitment[SECOND]);
    *there = *own;
    memcpy(there->deal_salt, dealt.salt, TECDSA_SALT_LEN);
    receiver->accepted |= 1U << LIAR;
}

static bool reports; /* or its report is lost, and its STOP tells the others */

static void show_no_scalar(struct accel_world *world, unsigned from, unsigned to,
                           uint8_t *message, size_t n)
{
    const size_t each = (n - TECDSA_ACCEL_HEAD_LEN) / ACCEL_PARTIES;

    if (from == SECOND && message[TECDSA_HASH_LEN] == TECDSA_ACCEL_TEST && !reports) {
        world->n[from][to] = 0;
    }
    if (from == SECOND && message[TECDSA_HASH_LEN] == TECDSA_ACCEL_SHOW) {
        memset(bad_scalar(message + TECDSA_ACCEL_HEAD_LEN + LIAR * each + TECDSA_SALT_LEN),
               0xff, TECDSA_SCALAR_LEN);
    }
}

static void what_is_shown_and_no_scalar_names_who_took_it(void **state)
{
    (void)state;
    w->meddle = show_no_scalar;
    for (unsigned run = 0; run < 2; run++) {
        reports = run == 0;
        accel_begin(w, B);
        accel_run_to(w, TECDSA_ACCEL_DEAL);
        deal_no_scalar(&w->a[LIAR], &w->a[SECOND]);
        accel_run(w);
        for (unsigned i = 0; i < LIAR; i++) {
            assert_true(accel_is_over(&w->a[i], TECDSA_ACCEL_EARLY));
            assert_int_equal(w->a[i].culprit, SECOND);
        }
    }
}

/* Who stops for no reason spoils a batch, and names nobody. */
static void a_stop_without_cause_names_nobody(void **state)
{
    struct writer out;
    struct view message;
    uint8_t bytes[TECDSA_ACCEL_HEAD_LEN];

    (void)state;
    accel_begin(w, B);
    accel_run_to(w, TECDSA_ACCEL_TEST);
    out = wr_init(bytes, sizeof bytes);
    wr_bytes(&out, w->a[1].bsid, TECDSA_HASH_LEN);
    wr_u8(&out, TECDSA_ACCEL_STOP);
    wr_u8(&out, LIAR);
    assert_int_equal(wr_finish(&out, &message), ERR_OK);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        if (i != LIAR) {
            assert_int_equal(tecdsa_accel_accept(&w->a[i], LIAR, message), ERR_OK);
            assert_int_equal(w->a[i].fate, TECDSA_ACCEL_BLAME);
        }
    }
    accel_run(w);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        if (i != LIAR) {
            assert_true(accel_is_over(&w->a[i], TECDSA_ACCEL_EARLY));
            assert_int_equal(w->a[i].culprit, TECDSA_ACCEL_NOBODY);
        }
    }
}

/* A stop comes before its time, or after the others went on: it moves nobody. */
static void a_stop_counts_in_test_alone(void **state)
{
    uint8_t bytes[TECDSA_ACCEL_HEAD_LEN];

    (void)state;
    for (unsigned round = TECDSA_ACCEL_DEAL; round <= TECDSA_ACCEL_FINISH; round++) {
        accel_begin(w, 1);
        accel_run_to(w, (enum tecdsa_accel_round)round);
        memcpy(bytes, w->a[0].bsid, TECDSA_HASH_LEN);
        bytes[TECDSA_HASH_LEN] = TECDSA_ACCEL_STOP;
        bytes[TECDSA_HASH_LEN + 1] = LIAR;
        if (round != TECDSA_ACCEL_TEST) {
            assert_int_equal(
                tecdsa_accel_accept(&w->a[0], LIAR, (struct view){bytes, sizeof bytes}),
                round < TECDSA_ACCEL_TEST ? ERR_STATE : ERR_STALE);
            accel_run(w);
            assert_int_equal(w->a[0].fate, TECDSA_ACCEL_DONE);
        }
        for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
            tecdsa_accel_end(&w->a[i]);
        }
    }
}

/* One party saw a failed test and the others did not: they went on, and say so by not stopping.
 * Nobody shows a dealing. */
static void nothing_is_shown_once_somebody_went_on(void **state)
{
    (void)state;
    run_change(TECDSA_ACCEL_TEST, TECDSA_SCALAR_LEN - 1, false);
    assert_int_equal(w->a[VICTIM].fate, TECDSA_ACCEL_BLAME);
    assert_int_equal(w->a[VICTIM].round, TECDSA_ACCEL_STOP);
    assert_int_equal(w->a[1].round, TECDSA_ACCEL_PRODUCTS);
    assert_int_equal(w->said[VICTIM][1], ERR_STALE);
    tecdsa_accel_end(&w->a[VICTIM]);
    assert_ends(TECDSA_ACCEL_EARLY, TECDSA_ACCEL_NOBODY, TECDSA_ACCEL_LOST);
}

/* Who does not answer a stop is not shown anything either. */
static void nothing_is_shown_to_who_is_silent(void **state)
{
    (void)state;
    w->liar = LIAR;
    w->lie = misreport;
    accel_begin(w, B);
    accel_run_to(w, TECDSA_ACCEL_STOP);
    memset(w->n[4], 0, sizeof w->n[4]);
    w->dead = 1U << 4;
    accel_run(w);
    for (unsigned i = 0; i < LIAR; i++) {
        assert_int_equal(w->a[i].fate, TECDSA_ACCEL_BLAME);
        assert_int_equal(w->a[i].round, TECDSA_ACCEL_STOP);
        tecdsa_accel_end(&w->a[i]);
        assert_true(accel_is_over(&w->a[i], TECDSA_ACCEL_EARLY));
        assert_int_equal(w->a[i].culprit, TECDSA_ACCEL_NOBODY);
    }
}

/* Lagrange's factor at x of point own among the points of the list. */
static struct tecdsa_scalar lagrange(const unsigned points[3], unsigned own, unsigned x)
{
    struct tecdsa_scalar above = {{1}};
    struct tecdsa_scalar below = {{1}};
    struct tecdsa_scalar at;
    struct tecdsa_scalar i;

    tecdsa_scalar_of_int(points[own], &i);
    for (unsigned k = 0; k < 3; k++) {
        struct tecdsa_scalar j;
        struct tecdsa_scalar t;

        if (k != own) {
            tecdsa_scalar_of_int(points[k], &j);
            tecdsa_scalar_of_int(x, &at);
            tecdsa_scalar_sub(&at, &j, &t);
            tecdsa_scalar_mul(&above, &t, &above);
            tecdsa_scalar_sub(&i, &j, &t);
            tecdsa_scalar_mul(&below, &t, &below);
        }
    }
    tecdsa_scalar_invert(&below, &below);
    tecdsa_scalar_mul(&above, &below, &above);
    return above;
}

/* Of parties 0, 3 and 4: the value at x of what they share by degree 2 in record 1. */
static struct tecdsa_scalar interpolate(enum tecdsa_accel_kind kind, unsigned x)
{
    const unsigned points[3] = {1, 4, 5};
    struct tecdsa_scalar sum = {{0}};

    for (unsigned k = 0; k < 3; k++) {
        struct tecdsa_scalar t = lagrange(points, k, x);

        tecdsa_scalar_mul(&t, &w->a[points[k] - 1].value[1][1][kind], &t);
        tecdsa_scalar_add(&sum, &t, &sum);
    }
    return sum;
}

/* The share of party at x - 1 is a X + b, where X is the key: of the shares of parties 3, 4. */
static void share_line(unsigned x, struct tecdsa_scalar *a, struct tecdsa_scalar *b)
{
    const unsigned points[3] = {0, 4, 5};

    *a = lagrange(points, 0, x);
    *b = (struct tecdsa_scalar){{0}};
    for (unsigned k = 1; k < 3; k++) {
        struct tecdsa_scalar t = lagrange(points, k, x);

        tecdsa_scalar_mul(&t, &w->kit->share[points[k] - 1].x, &t);
        tecdsa_scalar_add(b, &t, b);
    }
}

/* What the wide mask at point 3 has more than that at point 2: rho at 0 and three values fix
 * it.
 */
static struct tecdsa_scalar mask_difference(void)
{
    struct tecdsa_scalar c = interpolate(TECDSA_ACCEL_RHO_V, 0);
    const struct tecdsa_scalar factor[3] = {{{5}}, {{5}}, {{1}}};
    const unsigned party[3] = {0, 3, 4};
    struct tecdsa_scalar t;

    for (unsigned k = 0; k < 3; k++) {
        tecdsa_scalar_mul(&factor[k], &w->a[party[k]].value[1][1][TECDSA_ACCEL_WIDE_V], &t);
        if (k == 1) {
            tecdsa_scalar_add(&c, &t, &c);
        } else {
            tecdsa_scalar_sub(&c, &t, &c);
        }
    }
    tecdsa_scalar_of_int(10, &t);
    tecdsa_scalar_invert(&t, &t);
    tecdsa_scalar_mul(&c, &t, &c);
    return c;
}

/* Why STOP is: bad parties 3 and 4, honest 1 and 2 who sent PRODUCTS, and honest 0 who shows
 * what it was dealt. V at point i is phi_i x_i + mask_i; two such lines have one unknown. */
static void dealings_shown_while_others_go_on_would_give_the_key(void **state)
{
    struct tecdsa_scalar v[2];
    struct tecdsa_scalar a[2];
    struct tecdsa_scalar b[2];
    struct tecdsa_scalar above;
    struct tecdsa_scalar below;
    struct tecdsa_point point;

    (void)state;
    accel_begin(w, 1);
    accel_run_to(w, TECDSA_ACCEL_PRODUCTS);
    above = mask_difference();
    for (unsigned i = 0; i < 2; i++) {
        const struct tecdsa_scalar phi = interpolate(TECDSA_ACCEL_PHI, i + 2);

        assert_true(tecdsa_scalar_equal(&phi, &w->a[i + 1].value[1][1][TECDSA_ACCEL_PHI]) != 0);
        assert_int_equal(tecdsa_scalar_decode(w->a[i + 1].u.product[i + 1][1].v, &v[i]),
                         ERR_OK);
        share_line(i + 2, &a[i], &b[i]);
        tecdsa_scalar_mul(&a[i], &phi, &a[i]);
        tecdsa_scalar_mul(&b[i], &phi, &b[i]);
        tecdsa_scalar_sub(&v[i], &b[i], &v[i]);
    }
    tecdsa_scalar_sub(&v[1], &v[0], &v[1]);
    tecdsa_scalar_sub(&v[1], &above, &above);
    tecdsa_scalar_sub(&a[1], &a[0], &below);
    tecdsa_scalar_invert(&below, &below);
    tecdsa_scalar_mul(&above, &below, &above);
    tecdsa_point_mul_g(&above, &point);
    assert_true(tecdsa_point_equal(&point, &w->kit->key.pk) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ACCEL_CASE(nonce_shown_differently),
        ACCEL_CASE(triples_shown_differently),
        ACCEL_CASE(coin_commitment_shown_differently),
        ACCEL_CASE(commitment_to_anothers_dealings_shown_differently),
        ACCEL_CASE(a_wrong_share_to_one_receiver),
        ACCEL_CASE(first_echo_shown_differently),
        ACCEL_CASE(coin_shown_differently),
        ACCEL_CASE(r_shown_differently),
        ACCEL_CASE(w_share_shown_differently),
        ACCEL_CASE(second_echo_shown_differently),
        ACCEL_CASE(s_shown_differently),
        ACCEL_CASE(sum_of_phi_shown_differently),
        ACCEL_CASE(zero_shown_differently),
        ACCEL_CASE(last_echo_shown_differently),
        ACCEL_CASE(a_false_report_names_its_reporter),
        ACCEL_CASE(a_false_show_names_who_shows),
        ACCEL_CASE(a_dealing_that_is_made_up_names_who_shows_it),
        ACCEL_CASE(what_is_shown_and_no_scalar_names_who_took_it),
        ACCEL_CASE(a_stop_without_cause_names_nobody),
        ACCEL_CASE(a_stop_counts_in_test_alone),
        ACCEL_CASE(nothing_is_shown_once_somebody_went_on),
        ACCEL_CASE(nothing_is_shown_to_who_is_silent),
        ACCEL_CASE(dealings_shown_while_others_go_on_would_give_the_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
