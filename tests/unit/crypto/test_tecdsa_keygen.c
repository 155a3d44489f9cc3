/* A key without a dealer: all parties of a ceremony in one process, and what is refused. */
#include "tecdsa_kit.h"
#include "testing.h"

#include "crypto/tecdsa/tecdsa_keygen.h"
#include "crypto/work_stack.h"

/* What the parties drew, and what came of it. */
static struct run {
    struct tecdsa_ceremony c;
    struct tecdsa_dealing dealing[TECDSA_PARTIES_MAX];
    struct tecdsa_opening opening[TECDSA_PARTIES_MAX];
    uint8_t commitment[TECDSA_PARTIES_MAX][TECDSA_HASH_LEN];
    uint8_t shares[TECDSA_PARTIES_MAX][TECDSA_PARTIES_MAX][TECDSA_SCALAR_LEN]; /* [to][from] */
    struct tecdsa_key key[TECDSA_PARTIES_MAX];
    struct tecdsa_share share[TECDSA_PARTIES_MAX];
} run;
static struct work_stack *work;
static uint64_t number = 1;

static enum err deal_and_check(void *unused)
{
    uint8_t seed[TECDSA_SEED_LEN];

    (void)unused;
    for (unsigned i = 0; i < run.c.n; i++) {
        tecdsa_noise(&number, seed, sizeof seed);
        tecdsa_keygen_deal(&run.c, i, seed, &run.dealing[i], &run.opening[i]);
        tecdsa_keygen_commit(&run.c, i, &run.opening[i], run.commitment[i]);
        for (unsigned j = 0; j < run.c.n; j++) {
            tecdsa_keygen_share(&run.dealing[i], j, run.shares[j][i]);
        }
    }
    for (unsigned i = 0; i < run.c.n; i++) {
        TRY(tecdsa_keygen_check_opening(&run.c, i, &run.opening[i], run.commitment[i]));
        for (unsigned j = 0; j < run.c.n; j++) {
            TRY(tecdsa_keygen_check_share(&run.opening[i], j, run.shares[j][i]));
        }
    }
    return ERR_OK;
}

static enum err finish(void *unused)
{
    (void)unused;
    for (unsigned j = 0; j < run.c.n; j++) {
        TRY(tecdsa_keygen_finish(&run.c, j, run.opening,
                                 (const uint8_t(*)[TECDSA_SCALAR_LEN])run.shares[j],
                                 &run.key[j], &run.share[j]));
    }
    return ERR_OK;
}

static void ceremony(unsigned n)
{
    memset(&run, 0, sizeof run);
    run.c.n = n;
    tecdsa_noise(&number, run.c.id, sizeof run.c.id);
    assert_int_equal(work_stack_run_gmp(work, deal_and_check, NULL), ERR_OK);
    assert_int_equal(work_stack_run_gmp(work, finish, NULL), ERR_OK);
}

/* sum over S of lambda x is the sum of all a_0, and that times G is the public key. */
static void any_three_have_the_key(void **state)
{
    (void)state;
    for (unsigned n = 3; n <= TECDSA_PARTIES_MAX; n++) {
        struct tecdsa_scalar want = {{0}};
        struct tecdsa_point point;

        ceremony(n);
        for (unsigned i = 0; i < n; i++) {
            tecdsa_scalar_add(&want, &run.dealing[i].a[0], &want);
            assert_memory_equal(run.key[i].key_id, run.key[0].key_id, TECDSA_HASH_LEN);
            tecdsa_point_mul_g(&run.share[i].x, &point);
            assert_true(tecdsa_point_equal(&point, &run.key[0].x[i]) != 0);
        }
        tecdsa_point_mul_g(&want, &point);
        assert_true(tecdsa_point_equal(&point, &run.key[0].pk) != 0);
        for (unsigned s = 0; s < 1u << n; s++) {
            struct tecdsa_scalar sum = {{0}};

            if (__builtin_popcount(s) != TECDSA_T) {
                continue;
            }
            for (unsigned i = 0; i < n; i++) {
                struct tecdsa_scalar lambda;

                tecdsa_lagrange(s, i, &lambda);
                tecdsa_scalar_mul(&lambda, &run.share[i].x, &lambda);
                if ((s >> i & 1) == 1) {
                    tecdsa_scalar_add(&sum, &lambda, &sum);
                }
            }
            assert_true(tecdsa_scalar_equal(&sum, &want) != 0);
        }
    }
}

/* Every byte of an opening counts, and so do the ceremony and the party. */
static void an_opening_is_what_was_committed_to(void **state)
{
    struct tecdsa_ceremony other;
    uint8_t *bytes = (uint8_t *)&run.opening[1];

    (void)state;
    ceremony(5);
    for (size_t i = 0; i < sizeof run.opening[1]; i++) {
        bytes[i] ^= 1;
        assert_int_equal(
            tecdsa_keygen_check_opening(&run.c, 1, &run.opening[1], run.commitment[1]),
            ERR_MISMATCH);
        bytes[i] ^= 1;
    }
    other = run.c;
    other.id[0] ^= 1;
    assert_int_equal(tecdsa_keygen_check_opening(&other, 1, &run.opening[1], run.commitment[1]),
                     ERR_MISMATCH);
    assert_int_equal(tecdsa_keygen_check_opening(&run.c, 2, &run.opening[1], run.commitment[1]),
                     ERR_MISMATCH);
}

/* The commitment is right and the proof is not: copied from another party, of another point, of
 * another ceremony. */
static void a_proof_is_ones_own(void **state)
{
    uint8_t commitment[TECDSA_HASH_LEN];
    struct tecdsa_opening liar;

    (void)state;
    ceremony(5);
    liar = run.opening[0];
    tecdsa_keygen_commit(&run.c, 1, &liar, commitment);
    assert_int_equal(tecdsa_keygen_check_opening(&run.c, 1, &liar, commitment), ERR_SIGNATURE);
    liar = run.opening[1];
    liar.proof = run.opening[0].proof;
    tecdsa_keygen_commit(&run.c, 1, &liar, commitment);
    assert_int_equal(tecdsa_keygen_check_opening(&run.c, 1, &liar, commitment), ERR_SIGNATURE);
    liar = run.opening[1];
    liar.proof.response[TECDSA_SCALAR_LEN - 1] ^= 1;
    tecdsa_keygen_commit(&run.c, 1, &liar, commitment);
    assert_int_equal(tecdsa_keygen_check_opening(&run.c, 1, &liar, commitment), ERR_SIGNATURE);
    memset(liar.proof.response, 0xff, TECDSA_SCALAR_LEN);
    tecdsa_keygen_commit(&run.c, 1, &liar, commitment);
    assert_int_equal(tecdsa_keygen_check_opening(&run.c, 1, &liar, commitment), ERR_RANGE);
    liar = run.opening[1];
    memset(liar.a[0], 0, TECDSA_POINT_LEN); /* infinity */
    tecdsa_keygen_commit(&run.c, 1, &liar, commitment);
    assert_int_equal(tecdsa_keygen_check_opening(&run.c, 1, &liar, commitment), ERR_ENCODING);
}

/* What was committed to is no opening: a point or the proof's scalar is none. */
static void what_was_committed_to_has_its_form(void **state)
{
    uint8_t commitment[TECDSA_HASH_LEN];
    struct tecdsa_opening liar;

    (void)state;
    ceremony(5);
    for (int k = 0; k <= TECDSA_T; k++) {
        liar = run.opening[1];
        memset(k < TECDSA_T ? liar.a[k] : liar.proof.commitment, 0, TECDSA_POINT_LEN);
        tecdsa_keygen_commit(&run.c, 1, &liar, commitment);
        assert_int_equal(tecdsa_keygen_check_opening(&run.c, 1, &liar, commitment),
                         ERR_ENCODING);
        if (k < TECDSA_T) {
            assert_int_equal(tecdsa_keygen_check_share(&liar, 2, run.shares[2][1]),
                             ERR_ENCODING);
        }
    }
}

static void a_wrong_share_is_seen(void **state)
{
    uint8_t share[TECDSA_SCALAR_LEN];

    (void)state;
    ceremony(4);
    memcpy(share, run.shares[2][1], sizeof share);
    assert_int_equal(tecdsa_keygen_check_share(&run.opening[1], 3, share), ERR_MISMATCH);
    assert_int_equal(tecdsa_keygen_check_share(&run.opening[0], 2, share), ERR_MISMATCH);
    share[47] ^= 1;
    assert_int_equal(tecdsa_keygen_check_share(&run.opening[1], 2, share), ERR_MISMATCH);
    memset(share, 0xff, sizeof share);
    assert_int_equal(tecdsa_keygen_check_share(&run.opening[1], 2, share), ERR_RANGE);
    memset(share, 0, sizeof share);
    assert_int_equal(tecdsa_keygen_check_share(&run.opening[1], 2, share), ERR_MISMATCH);
}

static void refuse_to_finish(unsigned party, enum err want)
{
    static const struct tecdsa_key no_key;

    assert_int_equal(
        tecdsa_keygen_finish(&run.c, party, run.opening,
                             (const uint8_t(*)[TECDSA_SCALAR_LEN])run.shares[party],
                             &run.key[0], &run.share[0]),
        want);
    assert_true(tecdsa_scalar_zero(&run.share[0].x) != 0);
    assert_memory_equal(&run.key[0], &no_key, sizeof no_key);
}

static void finishes_with_what_was_dealt_alone(void **state)
{
    (void)state;
    ceremony(5);
    for (int k = 0; k < TECDSA_T; k++) { /* what was opened is no point */
        const uint8_t header = run.opening[1].a[k][0];

        run.opening[1].a[k][0] = 0;
        refuse_to_finish(2, ERR_ENCODING);
        run.opening[1].a[k][0] = header;
    }
    run.shares[2][1][47] ^= 1;
    refuse_to_finish(2, ERR_MISMATCH);
    memset(run.shares[2][1], 0xff, TECDSA_SCALAR_LEN);
    refuse_to_finish(2, ERR_RANGE);
    refuse_to_finish(5, ERR_RANGE);
    run.c.n = 2;
    refuse_to_finish(0, ERR_RANGE);
    run.c.n = 7;
    refuse_to_finish(0, ERR_RANGE);
    run.c.n = 3; /* A_0 of party 2 is minus the sum of the others: the key is infinity */
    {
        struct tecdsa_point a;
        struct tecdsa_point b;

        assert_int_equal(tecdsa_point_decode(run.opening[0].a[0], &a), ERR_OK);
        assert_int_equal(tecdsa_point_decode(run.opening[1].a[0], &b), ERR_OK);
        tecdsa_point_add(&a, &b, &a);
        tecdsa_point_neg(&a, &a);
        tecdsa_point_encode(&a, run.opening[2].a[0]);
    }
    refuse_to_finish(0, ERR_RANGE);
}

static void an_opening_has_one_form(void **state)
{
    struct tecdsa_opening out;
    static const struct tecdsa_opening none;
    uint8_t bytes[TECDSA_OPENING_LEN + 1];

    (void)state;
    ceremony(3);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &run.opening[0], TECDSA_OPENING_LEN);
    for (size_t n = 0; n <= sizeof bytes; n++) { /* two points, four points: another length */
        assert_int_equal(tecdsa_opening_decode((struct view){bytes, n}, &out),
                         n == TECDSA_OPENING_LEN ? ERR_OK : ERR_LENGTH);
        assert_int_equal(memcmp(&out, &none, sizeof out) == 0, n != TECDSA_OPENING_LEN);
    }
    for (size_t i = 0; i < TECDSA_T + 1; i++) { /* the header of each point */
        bytes[i * TECDSA_POINT_LEN] ^= 4;
        assert_int_equal(tecdsa_opening_decode((struct view){bytes, TECDSA_OPENING_LEN}, &out),
                         ERR_ENCODING);
        bytes[i * TECDSA_POINT_LEN] ^= 4;
    }
    memset(bytes + (TECDSA_T + 1) * TECDSA_POINT_LEN, 0xff, TECDSA_SCALAR_LEN);
    assert_int_equal(tecdsa_opening_decode((struct view){bytes, TECDSA_OPENING_LEN}, &out),
                     ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_three_have_the_key),
        cmocka_unit_test(an_opening_is_what_was_committed_to),
        cmocka_unit_test(a_proof_is_ones_own),
        cmocka_unit_test(what_was_committed_to_has_its_form),
        cmocka_unit_test(a_wrong_share_is_seen),
        cmocka_unit_test(finishes_with_what_was_dealt_alone),
        cmocka_unit_test(an_opening_has_one_form),
    };
    int result;

    work = aligned_alloc(64, sizeof *work);
    if (work == NULL) {
        return 1;
    }
    work_stack_init(work);
    result = cmocka_run_group_tests(tests, NULL, NULL);
    free(work);
    return result;
}
