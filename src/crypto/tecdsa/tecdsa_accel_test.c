#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_accel_steps.h"

#include <string.h>

/* TEST */

static size_t test_len(unsigned records)
{
    (void)records;
    return (size_t)TECDSA_ACCEL_PARTIES * TECDSA_ACCEL_KINDS * TECDSA_SCALAR_LEN;
}

/* chi_0 = 1, chi_d = Hq("b12-chi", bsid, e1, five coins, d). */
static void draw_challenges(struct tecdsa_accel *a)
{
    struct tecdsa_scalar chi;

    tecdsa_scalar_of_int(1, &chi);
    tecdsa_scalar_factor(&chi, &a->chi[0]);
    for (unsigned d = 1; d < TECDSA_ACCEL_DEALINGS(a->records); d++) {
        struct tecdsa_hash h;

        tecdsa_hash_start(&h, "b12-chi");
        tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
        tecdsa_hash_field(&h, a->echo_1, TECDSA_HASH_LEN);
        for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
            tecdsa_hash_field(&h, a->from[i].coin, TECDSA_NONCE_LEN);
        }
        tecdsa_hash_number(&h, d, 1);
        tecdsa_hash_scalar(&h, &chi);
        tecdsa_scalar_factor(&chi, &a->chi[d]);
    }
}

static enum err make_test(struct tecdsa_accel *a)
{
    struct tecdsa_accel_party *const own = &a->from[a->party];

    draw_challenges(a);
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        for (unsigned kind = 0; kind < TECDSA_ACCEL_KINDS; kind++) {
            struct tecdsa_scalar sum = a->value[0][i][kind];

            for (unsigned d = 1; d < TECDSA_ACCEL_DEALINGS(a->records); d++) {
                tecdsa_scalar_add_times(&a->value[d][i][kind], &a->chi[d], &sum);
            }
            tecdsa_scalar_encode(&sum, own->test[i][kind]);
        }
    }
    CT_PUBLIC(own->test, sizeof own->test);
    a->tested = 1U << a->party;
    a->ready = true;
    return ERR_OK;
}

static void write_test(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)to;
    wr_bytes(out, a->from[a->party].test, sizeof a->from[a->party].test);
}

static enum err read_test(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    struct view sums;
    struct tecdsa_scalar sum;

    TRY(rd_take(in, test_len(0), &sums));
    for (size_t at = 0; at < sums.n; at += TECDSA_SCALAR_LEN) {
        TRY(tecdsa_scalar_decode(sums.p + at, &sum));
    }
    memcpy(a->from[from].test, sums.p, sums.n);
    a->tested |= 1U << from;
    return ERR_OK;
}

const struct tecdsa_accel_step tecdsa_accel_test = {test_len, make_test, write_test, read_test};

/* The five reports of one dealer and kind. One that is no scalar is 0: it was refused before,
 * or its party did not report. */
static void reports(const struct tecdsa_accel *a, unsigned dealer, unsigned kind,
                    struct tecdsa_accel_five *out)
{
    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        if (tecdsa_scalar_decode(a->from[j].test[dealer][kind], &out->a[j]) != ERR_OK) {
            wipe(&out->a[j], sizeof out->a[j]);
        }
    }
}

/* A wide polynomial, which is at 0 what another is, or 0. */
static bool wide_holds(const struct tecdsa_accel *a, unsigned dealer, unsigned wide,
                       unsigned narrow)
{
    struct tecdsa_accel_five f;
    struct tecdsa_scalar have;
    struct tecdsa_scalar want = {{0}};

    if (narrow != TECDSA_ACCEL_KINDS) {
        reports(a, dealer, narrow, &f);
        tecdsa_accel_at_0(&f, &want);
    }
    reports(a, dealer, wide, &f);
    tecdsa_accel_wide_at_0(&f, &have);
    return tecdsa_scalar_equal(&have, &want) != 0;
}

static bool dealer_holds(const struct tecdsa_accel *a, unsigned dealer)
{
    struct tecdsa_accel_five f;

    for (unsigned kind = 0; kind < TECDSA_ACCEL_Z; kind++) {
        reports(a, dealer, kind, &f);
        if (tecdsa_accel_degree_2(&f) == 0) {
            return false;
        }
    }
    return wide_holds(a, dealer, TECDSA_ACCEL_Z, TECDSA_ACCEL_KINDS) &&
           wide_holds(a, dealer, TECDSA_ACCEL_WIDE_V, TECDSA_ACCEL_RHO_V) &&
           wide_holds(a, dealer, TECDSA_ACCEL_WIDE_Y, TECDSA_ACCEL_RHO_Y);
}

bool tecdsa_accel_tests_hold(const struct tecdsa_accel *a, unsigned *dealer)
{
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        if (!dealer_holds(a, i)) {
            *dealer = i;
            return false;
        }
    }
    *dealer = TECDSA_ACCEL_NOBODY;
    return true;
}

/* SHOW */

static size_t one_shown_len(unsigned records)
{
    return TECDSA_SALT_LEN + TECDSA_ACCEL_DEALINGS(records) * TECDSA_ACCEL_DEALT_LEN;
}

static size_t show_len(unsigned records)
{
    return TECDSA_ACCEL_PARTIES * one_shown_len(records);
}

/* All have said that they have not sent PRODUCTS, and shall not: what was dealt may be known.
 */
static enum err make_show(struct tecdsa_accel *a)
{
    CT_PUBLIC(a->value, sizeof a->value);
    CT_PUBLIC(a->own_salt, sizeof a->own_salt);
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        CT_PUBLIC(a->from[i].deal_salt, TECDSA_SALT_LEN);
    }
    a->ready = true;
    return ERR_OK;
}

static void write_show(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    uint8_t bytes[TECDSA_SCALAR_LEN];

    (void)to;
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        wr_bytes(out, a->from[i].deal_salt, TECDSA_SALT_LEN);
        for (unsigned d = 0; d < TECDSA_ACCEL_DEALINGS(a->records); d++) {
            for (unsigned kind = 0; kind < TECDSA_ACCEL_KINDS; kind++) {
                tecdsa_scalar_encode(&a->value[d][i][kind], bytes);
                wr_bytes(out, bytes, sizeof bytes);
            }
        }
    }
}

/* The sum over what a dealer gave to a party of one kind, as that party shows it. */
static enum err add_kind(const struct tecdsa_accel *a, const uint8_t *dealt, unsigned kind,
                         uint8_t out[TECDSA_SCALAR_LEN])
{
    struct tecdsa_scalar sum = {{0}};
    struct tecdsa_scalar value;

    for (unsigned d = 0; d < TECDSA_ACCEL_DEALINGS(a->records); d++) {
        TRY(tecdsa_scalar_decode(
            dealt + d * TECDSA_ACCEL_DEALT_LEN + (size_t)kind * TECDSA_SCALAR_LEN, &value));
        tecdsa_scalar_add_times(&value, &a->chi[d], &sum);
    }
    tecdsa_scalar_encode(&sum, out);
    return ERR_OK;
}

static enum err add_shown(const struct tecdsa_accel *a, const uint8_t *dealt,
                          uint8_t test[TECDSA_ACCEL_KINDS][TECDSA_SCALAR_LEN])
{
    for (unsigned kind = 0; kind < TECDSA_ACCEL_KINDS; kind++) {
        TRY(add_kind(a, dealt, kind, test[kind]));
    }
    return ERR_OK;
}

/* Who shows what no dealer has committed to for it, or reported other sums than those of it,
 * is at fault: it took what it was dealt when it went on to COINS. */
static enum err read_show(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    const bool reported = (a->tested >> from & 1) == 1;

    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        uint8_t commitment[TECDSA_HASH_LEN];
        uint8_t test[TECDSA_ACCEL_KINDS][TECDSA_SCALAR_LEN];
        struct view salt;
        struct view dealt;

        TRY(rd_take(in, TECDSA_SALT_LEN, &salt));
        TRY(rd_take(in, one_shown_len(a->records) - TECDSA_SALT_LEN, &dealt));
        tecdsa_accel_commit_dealt(
            a, &(struct tecdsa_accel_dealt){i, from, salt.p, dealt.p, dealt.n}, commitment);
        if (memcmp(commitment, a->from[i].deal_commitment[from], sizeof commitment) != 0 ||
            add_shown(a, dealt.p, test) != ERR_OK ||
            (reported && memcmp(test, a->from[from].test[i], sizeof test) != 0)) {
            return tecdsa_accel_fail(a, TECDSA_ACCEL_EARLY, from);
        }
        memcpy(a->from[from].test[i], test, sizeof test);
    }
    return ERR_OK;
}

const struct tecdsa_accel_step tecdsa_accel_show = {show_len, make_show, write_show, read_show};
