#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_accel_steps.h"

#include <string.h>

static unsigned values(unsigned records)
{
    return records + 1;
}

/* One's shares of record b, by kind. */
static const struct tecdsa_scalar *shares(const struct tecdsa_accel *a, unsigned b)
{
    return a->value[1 + b / 3][b % 3];
}

static enum err late(struct tecdsa_accel *a)
{
    return tecdsa_accel_fail(a, TECDSA_ACCEL_LATE, TECDSA_ACCEL_NOBODY);
}

/* PRODUCTS */

/* Of five dealings three records: record e is the sum of (i+1)^e times dealer i's. Any three
 * columns of that matrix are invertible: with three honest dealers all three are uniform. */
static void extract(struct tecdsa_scalar v[TECDSA_ACCEL_PARTIES][TECDSA_ACCEL_KINDS])
{
    for (unsigned kind = 0; kind < TECDSA_ACCEL_KINDS; kind++) {
        struct tecdsa_scalar sum[3] = {{{0}}};

        for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
            struct tecdsa_scalar power;

            for (unsigned e = 0; e < 3; e++) {
                tecdsa_scalar_of_int(e == 0 ? 1 : e == 1 ? i + 1 : (i + 1) * (i + 1), &power);
                tecdsa_scalar_mul(&v[i][kind], &power, &power);
                tecdsa_scalar_add(&sum[e], &power, &sum[e]);
            }
            wipe(&power, sizeof power);
        }
        for (unsigned e = 0; e < 3; e++) {
            v[e][kind] = sum[e];
        }
        wipe(sum, sizeof sum);
    }
    wipe(v[3], sizeof v[3]);
    wipe(v[4], sizeof v[4]);
}

/* a b + mask */
static void masked(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b,
                   const struct tecdsa_scalar *mask, uint8_t out[TECDSA_SCALAR_LEN])
{
    struct tecdsa_scalar product;

    tecdsa_scalar_mul(a, b, &product);
    tecdsa_scalar_add(&product, mask, &product);
    tecdsa_scalar_encode(&product, out);
    wipe(&product, sizeof product);
}

static void multiply(struct tecdsa_accel *a, unsigned b)
{
    const struct tecdsa_scalar *const own = shares(a, b);
    struct tecdsa_accel_product *const out = &a->u.product[a->party][b];

    tecdsa_point_mul_g_encode(&own[TECDSA_ACCEL_K], out->r);
    masked(&own[TECDSA_ACCEL_K], &own[TECDSA_ACCEL_PHI], &own[TECDSA_ACCEL_Z], out->w);
    masked(&a->signer->share->x, &own[TECDSA_ACCEL_PHI], &own[TECDSA_ACCEL_WIDE_V], out->v);
    masked(&own[TECDSA_ACCEL_K], &own[TECDSA_ACCEL_TAU], &own[TECDSA_ACCEL_WIDE_Y], out->y);
    CT_PUBLIC(out, sizeof *out);
}

static enum err make_products(struct tecdsa_accel *a)
{
    if (a->at == 0) {
        wipe(a->value[0], sizeof a->value[0]); /* the test's mask */
        wipe(&a->u, sizeof a->u);
    }
    for (unsigned i = 0; i < TECDSA_ACCEL_SLICE && a->at < values(a->records); i++) {
        if (a->at % 3 == 0) {
            extract(a->value[1 + a->at / 3]);
        }
        multiply(a, a->at++);
    }
    a->ready = a->at == values(a->records);
    return ERR_OK;
}

static size_t products_len(unsigned records)
{
    return values(records) * sizeof(struct tecdsa_accel_product);
}

static void write_products(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)to;
    wr_bytes(out, a->u.product[a->party], products_len(a->records));
}

static enum err check_product_form(const struct tecdsa_accel_product *in)
{
    struct tecdsa_point r;
    struct tecdsa_scalar unused;

    TRY(tecdsa_point_long_decode(in->r, &r));
    TRY(tecdsa_scalar_decode(in->w, &unused));
    TRY(tecdsa_scalar_decode(in->v, &unused));
    return tecdsa_scalar_decode(in->y, &unused);
}

static enum err read_products(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    struct view all;

    TRY(rd_take(in, products_len(a->records), &all));
    for (unsigned b = 0; b < values(a->records); b++) {
        struct tecdsa_accel_product one;

        memcpy(&one, all.p + b * sizeof one, sizeof one);
        TRY(check_product_form(&one));
    }
    memcpy(a->u.product[from], all.p, all.n);
    return ERR_OK;
}

const struct tecdsa_accel_step tecdsa_accel_products = {products_len, make_products,
                                                        write_products, read_products};

/* ECHO */

static size_t echo_len(unsigned records)
{
    (void)records;
    return TECDSA_HASH_LEN;
}

/* H("b12-e4", bsid, then of each: its TEST, its PRODUCTS). */
static enum err make_echo(struct tecdsa_accel *a)
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "b12-e4");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        tecdsa_hash_field(&h, a->from[i].test, sizeof a->from[i].test);
        tecdsa_hash_field(&h, a->u.product[i], products_len(a->records));
    }
    tecdsa_hash_finish(&h, a->echo_4, TECDSA_HASH_LEN);
    a->ready = true;
    return ERR_OK;
}

static void write_echo(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)to;
    wr_bytes(out, a->echo_4, TECDSA_HASH_LEN);
}

static enum err read_echo(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    struct view echo;

    (void)from;
    TRY(rd_take(in, TECDSA_HASH_LEN, &echo));
    return memcmp(echo.p, a->echo_4, TECDSA_HASH_LEN) == 0 ? ERR_OK : late(a);
}

const struct tecdsa_accel_step tecdsa_accel_echo = {echo_len, make_echo, write_echo, read_echo};

/* OPEN */

/* What five parties said of a record, at 0 of degree 4. */
static enum err open_wide(const struct tecdsa_accel *a, unsigned b, size_t offset,
                          struct tecdsa_scalar *out)
{
    struct tecdsa_accel_five f;

    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        TRY(tecdsa_scalar_decode((const uint8_t *)&a->u.product[j][b] + offset, &f.a[j]));
    }
    tecdsa_accel_wide_at_0(&f, out);
    return ERR_OK;
}

/* R and W of one record, not 0; one's shares of x phi and k tau. */
static enum err open_one(struct tecdsa_accel *a, unsigned b, struct tecdsa_point *r)
{
    struct tecdsa_accel_own *const own = &a->own[b];
    const struct tecdsa_scalar *const share = shares(a, b);
    struct tecdsa_point f[TECDSA_ACCEL_PARTIES];

    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        TRY(tecdsa_point_long_decode(a->u.product[j][b].r, &f[j]));
    }
    TRY(open_wide(a, b, offsetof(struct tecdsa_accel_product, w), &own->w));
    TRY(open_wide(a, b, offsetof(struct tecdsa_accel_product, v), &own->v));
    TRY(open_wide(a, b, offsetof(struct tecdsa_accel_product, y), &own->y));
    tecdsa_scalar_sub(&own->v, &share[TECDSA_ACCEL_RHO_V], &own->v);
    tecdsa_scalar_sub(&own->y, &share[TECDSA_ACCEL_RHO_Y], &own->y);
    tecdsa_accel_point_at_0(f, r);
    if (tecdsa_accel_points_degree_2(f) == 0 || tecdsa_point_infinite(r) != 0 ||
        tecdsa_scalar_zero(&own->w) != 0) {
        return ERR_MISMATCH;
    }
    return ERR_OK;
}

/* A slice of records: false if one is not good. */
static bool open_slice(struct tecdsa_accel *a)
{
    struct tecdsa_point r[TECDSA_ACCEL_SLICE];
    struct tecdsa_scalar x[TECDSA_ACCEL_SLICE];
    unsigned n = 0;
    uint64_t zero = 0;

    while (n < TECDSA_ACCEL_SLICE && a->at + n < values(a->records)) {
        if (open_one(a, a->at + n, &r[n]) != ERR_OK) {
            return false;
        }
        n++;
    }
    tecdsa_point_x_all(r, n, x);
    for (unsigned i = 0; i < n; i++) {
        a->own[a->at + i].r = x[i];
        zero |= tecdsa_scalar_zero(&x[i]);
    }
    a->at += n;
    return zero == 0;
}

/* g_0 = 1, g_b = Hq("b12-g", bsid, e4, b). */
static void weight(const struct tecdsa_accel *a, unsigned b, struct tecdsa_factor *out)
{
    struct tecdsa_scalar g = {{1}};

    if (b > 0) {
        struct tecdsa_hash h;

        tecdsa_hash_start(&h, "b12-g");
        tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
        tecdsa_hash_field(&h, a->echo_4, TECDSA_HASH_LEN);
        tecdsa_hash_number(&h, b, 1);
        tecdsa_hash_scalar(&h, &g);
    }
    tecdsa_scalar_factor(&g, out);
}

/* c = Hq("b12-c", bsid, e4). */
static void draw_challenge(struct tecdsa_accel *a)
{
    struct tecdsa_hash h;
    struct tecdsa_scalar c;

    tecdsa_hash_start(&h, "b12-c");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, a->echo_4, TECDSA_HASH_LEN);
    tecdsa_hash_scalar(&h, &c);
    tecdsa_scalar_factor(&c, &a->challenge);
}

static void sum_up(struct tecdsa_accel *a)
{
    struct tecdsa_accel_party *const own = &a->from[a->party];
    struct tecdsa_scalar phi = {{0}};
    struct tecdsa_scalar v = {{0}};

    draw_challenge(a);
    wipe(&a->u, sizeof a->u);
    for (unsigned b = 0; b < values(a->records); b++) {
        const struct tecdsa_scalar *const share = shares(a, b);
        struct tecdsa_scalar s = share[TECDSA_ACCEL_TAU];
        struct tecdsa_factor g;

        weight(a, b, &g);
        tecdsa_scalar_add_times(&share[TECDSA_ACCEL_PHI], &a->challenge, &s);
        tecdsa_scalar_encode(&s, a->u.s[a->party][b]);
        tecdsa_scalar_add_times(&share[TECDSA_ACCEL_PHI], &g, &phi);
        tecdsa_scalar_add_times(&a->own[b].v, &g, &v);
        wipe(&s, sizeof s);
    }
    tecdsa_scalar_encode(&phi, own->phi_sum);
    tecdsa_point_mul_g_encode(&v, own->v_sum);
    CT_PUBLIC(a->u.s[a->party], sizeof a->u.s[a->party]);
    CT_PUBLIC(own->phi_sum, sizeof own->phi_sum);
    CT_PUBLIC(own->v_sum, sizeof own->v_sum);
    wipe(&phi, sizeof phi);
    wipe(&v, sizeof v);
}

static enum err make_open(struct tecdsa_accel *a)
{
    if (!open_slice(a)) {
        return late(a);
    }
    if (a->at == values(a->records)) {
        sum_up(a);
        a->ready = true;
    }
    return ERR_OK;
}

static size_t s_len(unsigned records)
{
    return (size_t)values(records) * TECDSA_SCALAR_LEN;
}

static size_t open_len(unsigned records)
{
    return s_len(records) + TECDSA_SCALAR_LEN + TECDSA_POINT_LONG;
}

static void write_open(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)to;
    wr_bytes(out, a->u.s[a->party], s_len(a->records));
    wr_bytes(out, a->from[a->party].phi_sum, TECDSA_SCALAR_LEN);
    wr_bytes(out, a->from[a->party].v_sum, TECDSA_POINT_LONG);
}

static enum err read_open(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    struct view scalars;
    struct view v_sum;
    struct tecdsa_scalar unused;
    struct tecdsa_point point;

    TRY(rd_take(in, s_len(a->records) + TECDSA_SCALAR_LEN, &scalars));
    TRY(rd_take(in, TECDSA_POINT_LONG, &v_sum));
    for (size_t at = 0; at < scalars.n; at += TECDSA_SCALAR_LEN) {
        TRY(tecdsa_scalar_decode(scalars.p + at, &unused));
    }
    TRY(tecdsa_point_long_decode(v_sum.p, &point));
    memcpy(a->u.s[from], scalars.p, s_len(a->records));
    memcpy(a->from[from].phi_sum, scalars.p + s_len(a->records), TECDSA_SCALAR_LEN);
    memcpy(a->from[from].v_sum, v_sum.p, v_sum.n);
    return ERR_OK;
}

const struct tecdsa_accel_step tecdsa_accel_open = {open_len, make_open, write_open, read_open};

/* ZERO */

/* Of degree 2, and its value at 0. */
static enum err open_s(const struct tecdsa_accel *a, unsigned b, struct tecdsa_scalar *out)
{
    struct tecdsa_accel_five f;

    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        TRY(tecdsa_scalar_decode(a->u.s[j][b], &f.a[j]));
    }
    tecdsa_accel_at_0(&f, out);
    return tecdsa_accel_degree_2(&f) != 0 ? ERR_OK : ERR_MISMATCH;
}

/* The sum of x phi is x times the sum of phi, seen in the exponent alone: both in the open
 * would give x. */
static enum err check_sums(const struct tecdsa_accel *a)
{
    struct tecdsa_accel_five f;
    struct tecdsa_point v[TECDSA_ACCEL_PARTIES];
    struct tecdsa_scalar phi;
    struct tecdsa_point have;
    struct tecdsa_point want;

    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        TRY(tecdsa_scalar_decode(a->from[j].phi_sum, &f.a[j]));
        TRY(tecdsa_point_long_decode(a->from[j].v_sum, &v[j]));
    }
    tecdsa_accel_at_0(&f, &phi);
    tecdsa_accel_point_at_0(v, &have);
    tecdsa_point_mul(&phi, &a->signer->key->pk, &want);
    if (tecdsa_accel_degree_2(&f) == 0 || tecdsa_accel_points_degree_2(v) == 0 ||
        tecdsa_point_equal(&have, &want) == 0) {
        return ERR_MISMATCH;
    }
    return ERR_OK;
}

/* sum of g_b (c W_b + y_b - s_b k_b). */
static enum err make_zero(struct tecdsa_accel *a)
{
    struct tecdsa_accel_party *const own = &a->from[a->party];
    struct tecdsa_scalar zero = {{0}};

    if (check_sums(a) != ERR_OK) {
        return late(a);
    }
    for (unsigned b = 0; b < values(a->records); b++) {
        struct tecdsa_accel_own *const record = &a->own[b];
        struct tecdsa_scalar term;
        struct tecdsa_factor g;

        if (open_s(a, b, &record->s) != ERR_OK) {
            wipe(&zero, sizeof zero);
            return late(a);
        }
        tecdsa_scalar_mul(&shares(a, b)[TECDSA_ACCEL_K], &record->s, &term);
        tecdsa_scalar_sub(&record->y, &term, &term);
        tecdsa_scalar_add_times(&record->w, &a->challenge, &term);
        weight(a, b, &g);
        tecdsa_scalar_add_times(&term, &g, &zero);
        wipe(&term, sizeof term);
    }
    tecdsa_scalar_encode(&zero, own->zero);
    CT_PUBLIC(own->zero, sizeof own->zero);
    wipe(&zero, sizeof zero);
    a->ready = true;
    return ERR_OK;
}

static size_t zero_len(unsigned records)
{
    (void)records;
    return TECDSA_SCALAR_LEN;
}

static void write_zero(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)to;
    wr_bytes(out, a->from[a->party].zero, TECDSA_SCALAR_LEN);
}

static enum err read_zero(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    struct view zero;
    struct tecdsa_scalar unused;

    TRY(rd_take(in, TECDSA_SCALAR_LEN, &zero));
    TRY(tecdsa_scalar_decode(zero.p, &unused));
    memcpy(a->from[from].zero, zero.p, TECDSA_SCALAR_LEN);
    return ERR_OK;
}

const struct tecdsa_accel_step tecdsa_accel_zero = {zero_len, make_zero, write_zero, read_zero};
