/* The accelerator and one party that lies: what each lie ends, whom it names, and that nobody
 * honest gets a record of it. The first ten are the deviations of the design's model. */
#include "tecdsa_accel_kit.h"
#include "testing.h"

#define LIAR 3u
#define B 4u      /* records of a batch here */
#define DEALING 1 /* of which the liar is about to lie */

static struct accel_world *w;

/* All honest parties end so, and none takes a record. */
static void assert_end(enum tecdsa_accel_fate fate, unsigned culprit)
{
    struct tecdsa_presignature out;

    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        if (i == w->liar) {
            continue;
        }
        assert_true(accel_is_over(&w->a[i], fate));
        assert_int_equal(w->worked[i], ERR_MISMATCH);
        assert_int_equal(w->a[i].culprit, culprit);
        assert_int_equal(w->epoch[i].late, fate == TECDSA_ACCEL_LATE ? 1 : 0);
        assert_false(w->epoch[i].live);
        assert_int_equal(tecdsa_accel_take(&w->a[i], 1, &out), ERR_STATE);
    }
}

static void run_lie(accel_lie *lie)
{
    w->liar = LIAR;
    w->lie = lie;
    accel_begin(w, B);
    accel_run(w);
}

/* DEALINGS: the liar commits to what it deals, and reports what it got. */

/* What the lie adds to the share of party j in one kind of one dealing. */
static enum tecdsa_accel_kind lie_kind;
static unsigned lie_power; /* (j + 1)^power */

static void commit_again(struct tecdsa_accel *a)
{
    const size_t n = (size_t)TECDSA_ACCEL_DEALINGS(a->records) * TECDSA_ACCEL_DEALT_LEN;

    for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
        const struct tecdsa_accel_dealt dealt = {a->party, j, a->own_salt[j], a->u.dealt[j][0],
                                                 n};

        tecdsa_accel_commit_dealt(a, &dealt, a->from[a->party].deal_commitment[j]);
    }
}

static struct tecdsa_scalar dealt_to(const struct tecdsa_accel *a, unsigned j,
                                     enum tecdsa_accel_kind kind)
{
    struct tecdsa_scalar value;

    assert_int_equal(
        tecdsa_scalar_decode(a->u.dealt[j][DEALING] + (size_t)kind * TECDSA_SCALAR_LEN, &value),
        ERR_OK);
    return value;
}

static void deal_more(struct tecdsa_accel *a, unsigned j, enum tecdsa_accel_kind kind,
                      const struct tecdsa_scalar *more)
{
    struct tecdsa_scalar value = dealt_to(a, j, kind);

    tecdsa_scalar_add(&value, more, &value);
    tecdsa_scalar_encode(&value, a->u.dealt[j][DEALING] + (size_t)kind * TECDSA_SCALAR_LEN);
    if (j == a->party) {
        a->value[DEALING][j][kind] = value;
    }
}

static void deal_wrong(struct accel_world *world, struct tecdsa_accel *a)
{
    (void)world;
    if (a->round != TECDSA_ACCEL_DEAL) {
        return;
    }
    for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
        struct tecdsa_scalar more;
        unsigned power = 1;

        for (unsigned k = 0; k < lie_power; k++) {
            power *= j + 1;
        }
        tecdsa_scalar_of_int(power, &more);
        deal_more(a, j, lie_kind, &more);
    }
    commit_again(a);
}

static void assert_dealing_is_seen(enum tecdsa_accel_kind kind, unsigned power)
{
    lie_kind = kind;
    lie_power = power;
    run_lie(deal_wrong);
    assert_end(TECDSA_ACCEL_EARLY, LIAR);
}

static void k_of_degree_3(void **state)
{
    (void)state;
    assert_dealing_is_seen(TECDSA_ACCEL_K, 3);
}

static void phi_of_degree_4(void **state)
{
    (void)state;
    assert_dealing_is_seen(TECDSA_ACCEL_PHI, 4);
}

static void tau_of_degree_3(void **state)
{
    (void)state;
    assert_dealing_is_seen(TECDSA_ACCEL_TAU, 3);
}

static void z_that_is_not_0(void **state)
{
    (void)state;
    assert_dealing_is_seen(TECDSA_ACCEL_Z, 0);
}

static void rho_pair_that_differs(void **state)
{
    (void)state;
    assert_dealing_is_seen(TECDSA_ACCEL_WIDE_V, 0);
}

static void rho_of_degree_3(void **state)
{
    (void)state;
    assert_dealing_is_seen(TECDSA_ACCEL_RHO_V, 3);
}

static void second_rho_pair_that_differs(void **state)
{
    (void)state;
    assert_dealing_is_seen(TECDSA_ACCEL_WIDE_Y, 0);
}

static void second_rho_of_degree_3(void **state)
{
    (void)state;
    assert_dealing_is_seen(TECDSA_ACCEL_RHO_Y, 3);
}

/* What keeps the degree is no lie: other polynomials, as good as any. */
static void other_dealings_are_as_good(void **state)
{
    (void)state;
    lie_kind = TECDSA_ACCEL_PHI;
    lie_power = 2;
    run_lie(deal_wrong);
    for (unsigned b = 1; b <= B; b++) {
        assert_int_equal(accel_sign(w, b, b), ERR_OK);
    }
}

/* By what all others have dealt, phi of record 0 is 0 with this, and so is its W. */
static void make_phi_0(struct accel_world *world, struct tecdsa_accel *a)
{
    struct tecdsa_scalar sum = {{0}};

    if (a->round != TECDSA_ACCEL_DEAL) {
        return;
    }
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        struct tecdsa_accel_five f;
        struct tecdsa_scalar phi;

        assert_true(world->a[i].ready);
        for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
            f.a[j] = dealt_to(&world->a[i], j, TECDSA_ACCEL_PHI);
        }
        tecdsa_accel_at_0(&f, &phi);
        tecdsa_scalar_sub(&sum, &phi, &sum);
    }
    for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
        deal_more(a, j, TECDSA_ACCEL_PHI, &sum);
    }
    commit_again(a);
}

/* No party can bring that about, as all deal at once: here the last one does. */
static void a_record_with_w_of_0_is_none(void **state)
{
    (void)state;
    w->liar = ACCEL_PARTIES - 1;
    w->lie = make_phi_0;
    accel_begin(w, B);
    accel_run(w);
    assert_end(TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY);
}

/* PRODUCTS and after: the liar tells everybody the same. */

static enum tecdsa_accel_round lie_round;
static void (*lie_about)(struct tecdsa_accel *a);

static void lie_in_round(struct accel_world *world, struct tecdsa_accel *a)
{
    (void)world;
    if (a->round == lie_round) {
        lie_about(a);
    }
}

static void assert_late(enum tecdsa_accel_round round, void (*about)(struct tecdsa_accel *a))
{
    lie_round = round;
    lie_about = about;
    run_lie(lie_in_round);
    assert_end(TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY);
}

static void add_to(uint8_t scalar[TECDSA_SCALAR_LEN])
{
    const struct tecdsa_scalar five = {{5}};
    struct tecdsa_scalar value;

    assert_int_equal(tecdsa_scalar_decode(scalar, &value), ERR_OK);
    tecdsa_scalar_add(&value, &five, &value);
    tecdsa_scalar_encode(&value, scalar);
}

static void add_g_to(uint8_t point[TECDSA_POINT_LONG])
{
    const struct tecdsa_scalar one = {{1}};
    struct tecdsa_point a;
    struct tecdsa_point g;

    assert_int_equal(tecdsa_point_long_decode(point, &a), ERR_OK);
    tecdsa_point_mul_g(&one, &g);
    tecdsa_point_add(&a, &g, &a);
    tecdsa_point_long_encode(&a, point);
}

static void about_r(struct tecdsa_accel *a)
{
    add_g_to(a->u.product[a->party][1].r);
}

static void about_w(struct tecdsa_accel *a)
{
    add_to(a->u.product[a->party][1].w);
}

static void about_v(struct tecdsa_accel *a)
{
    add_to(a->u.product[a->party][2].v);
}

static void about_y(struct tecdsa_accel *a)
{
    add_to(a->u.product[a->party][2].y);
}

static void about_the_mask(struct tecdsa_accel *a)
{
    add_to(a->u.product[a->party][0].v);
}

static void about_s(struct tecdsa_accel *a)
{
    add_to(a->u.s[a->party][B]);
}

static void about_phi_sum(struct tecdsa_accel *a)
{
    add_to(a->from[a->party].phi_sum);
}

static void about_v_sum(struct tecdsa_accel *a)
{
    add_g_to(a->from[a->party].v_sum);
}

static void about_zero(struct tecdsa_accel *a)
{
    add_to(a->from[a->party].zero);
}

/* Of another key: whoever has the wrong x is seen before a record is. */
static void about_x(struct tecdsa_accel *a)
{
    static struct tecdsa_share other;
    static struct tecdsa_signer signer;

    other = *a->signer->share;
    signer = *a->signer;
    other.x.w[0] ^= 1;
    signer.share = &other;
    a->signer = &signer;
}

static void a_wrong_r(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_PRODUCTS, about_r);
}

static void a_wrong_w(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_PRODUCTS, about_w);
}

static void a_wrong_v(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_PRODUCTS, about_v);
}

static void a_wrong_y(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_PRODUCTS, about_y);
}

static void a_wrong_mask(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_PRODUCTS, about_the_mask);
}

static void a_wrong_share_of_the_key(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_TEST, about_x);
}

static void a_wrong_s(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_OPEN, about_s);
}

static void a_wrong_sum_of_phi(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_OPEN, about_phi_sum);
}

static void a_wrong_sum_of_v(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_OPEN, about_v_sum);
}

static void a_wrong_zero(void **state)
{
    (void)state;
    assert_late(TECDSA_ACCEL_ZERO, about_zero);
}

/* Two bad parties: errors in W that cancel out are no error, and all others are seen. */
static void two_liars(unsigned factor, enum tecdsa_accel_fate fate)
{
    struct tecdsa_scalar error = {{3}};

    accel_begin(w, B);
    accel_run_to(w, TECDSA_ACCEL_PRODUCTS);
    for (unsigned i = LIAR; i < ACCEL_PARTIES; i++) {
        struct tecdsa_scalar value;
        uint8_t *const at = w->a[i].u.product[i][1].w;

        assert_int_equal(tecdsa_scalar_decode(at, &value), ERR_OK);
        tecdsa_scalar_add(&value, &error, &value);
        tecdsa_scalar_encode(&value, at);
        tecdsa_scalar_of_int(3 * factor, &error);
    }
    accel_run(w);
    for (unsigned i = 0; i < LIAR; i++) {
        assert_int_equal(w->a[i].fate, fate);
    }
}

static void errors_of_two_that_cancel_out_change_nothing(void **state)
{
    (void)state;
    two_liars(5, TECDSA_ACCEL_DONE); /* -5 e_3 + e_4 = 0 */
    for (unsigned b = 1; b <= B; b++) {
        assert_int_equal(accel_sign(w, b, b), ERR_OK);
    }
}

static void errors_of_two_that_do_not_are_seen(void **state)
{
    (void)state;
    two_liars(6, TECDSA_ACCEL_LATE);
}

static void two_late_lies_turn_it_off(void **state)
{
    (void)state;
    a_wrong_w(NULL);
    w->lie = NULL;
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        tecdsa_accel_end(&w->a[i]); /* of those that ended so it counts nothing */
    }
    assert_int_equal(accel_batch(w, 1), ERR_OK); /* one does not */
    w->lie = lie_in_round;
    accel_begin(w, B);
    accel_run(w);
    accel_header(w, 1);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        if (i != LIAR) {
            assert_int_equal(w->epoch[i].late, TECDSA_ACCEL_LATE_MAX);
            assert_int_equal(accel_begin_one(w, i), ERR_POLICY);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ACCEL_CASE(k_of_degree_3),
        ACCEL_CASE(phi_of_degree_4),
        ACCEL_CASE(tau_of_degree_3),
        ACCEL_CASE(z_that_is_not_0),
        ACCEL_CASE(rho_pair_that_differs),
        ACCEL_CASE(rho_of_degree_3),
        ACCEL_CASE(second_rho_pair_that_differs),
        ACCEL_CASE(a_wrong_r),
        ACCEL_CASE(a_wrong_w),
        ACCEL_CASE(a_wrong_v),
        ACCEL_CASE(second_rho_of_degree_3),
        ACCEL_CASE(other_dealings_are_as_good),
        ACCEL_CASE(a_record_with_w_of_0_is_none),
        ACCEL_CASE(a_wrong_y),
        ACCEL_CASE(a_wrong_mask),
        ACCEL_CASE(a_wrong_share_of_the_key),
        ACCEL_CASE(a_wrong_s),
        ACCEL_CASE(a_wrong_sum_of_phi),
        ACCEL_CASE(a_wrong_sum_of_v),
        ACCEL_CASE(a_wrong_zero),
        ACCEL_CASE(errors_of_two_that_cancel_out_change_nothing),
        ACCEL_CASE(errors_of_two_that_do_not_are_seen),
        ACCEL_CASE(two_late_lies_turn_it_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
