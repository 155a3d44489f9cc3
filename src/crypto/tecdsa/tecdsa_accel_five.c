#include "crypto/tecdsa/tecdsa_accel_steps.h"

/* a - 3b + 3c - d */
static void third_difference(const struct tecdsa_scalar f[4], struct tecdsa_scalar *out)
{
    struct tecdsa_scalar t;
    struct tecdsa_scalar triple;

    tecdsa_scalar_sub(&f[2], &f[1], &t);
    tecdsa_scalar_add(&t, &t, &triple);
    tecdsa_scalar_add(&triple, &t, &triple);
    tecdsa_scalar_sub(&f[0], &f[3], &t);
    tecdsa_scalar_add(&t, &triple, out);
}

uint64_t tecdsa_accel_degree_2(const struct tecdsa_accel_five *f)
{
    struct tecdsa_scalar first;
    struct tecdsa_scalar second;

    third_difference(f->a, &first);
    third_difference(f->a + 1, &second);
    return tecdsa_scalar_zero(&first) & tecdsa_scalar_zero(&second);
}

/* 3a - 3b + c */
void tecdsa_accel_at_0(const struct tecdsa_accel_five *f, struct tecdsa_scalar *out)
{
    struct tecdsa_scalar t;
    struct tecdsa_scalar triple;

    tecdsa_scalar_sub(&f->a[0], &f->a[1], &t);
    tecdsa_scalar_add(&t, &t, &triple);
    tecdsa_scalar_add(&triple, &t, &triple);
    tecdsa_scalar_add(&triple, &f->a[2], out);
}

/* 5a - 10b + 10c - 5d + e */
void tecdsa_accel_wide_at_0(const struct tecdsa_accel_five *f, struct tecdsa_scalar *out)
{
    struct tecdsa_scalar t;
    struct tecdsa_scalar four;

    tecdsa_scalar_sub(&f->a[2], &f->a[1], &t);
    tecdsa_scalar_add(&t, &t, &t);
    tecdsa_scalar_add(&t, &f->a[0], &t);
    tecdsa_scalar_sub(&t, &f->a[3], &t);
    tecdsa_scalar_add(&t, &t, &four);
    tecdsa_scalar_add(&four, &four, &four);
    tecdsa_scalar_add(&four, &t, &four);
    tecdsa_scalar_add(&four, &f->a[4], out);
}

/* a + 3c = 3b + d */
static uint64_t third_difference_is_0(const struct tecdsa_point f[4])
{
    struct tecdsa_point t;
    struct tecdsa_point triple;

    tecdsa_point_sub(&f[2], &f[1], &t);
    tecdsa_point_add(&t, &t, &triple);
    tecdsa_point_add(&triple, &t, &triple);
    tecdsa_point_add(&triple, &f[0], &triple);
    return tecdsa_point_equal(&triple, &f[3]);
}

uint64_t tecdsa_accel_points_degree_2(const struct tecdsa_point f[TECDSA_ACCEL_PARTIES])
{
    return third_difference_is_0(f) & third_difference_is_0(f + 1);
}

void tecdsa_accel_point_at_0(const struct tecdsa_point f[TECDSA_ACCEL_PARTIES],
                             struct tecdsa_point *out)
{
    struct tecdsa_point t;
    struct tecdsa_point triple;

    tecdsa_point_sub(&f[0], &f[1], &t);
    tecdsa_point_add(&t, &t, &triple);
    tecdsa_point_add(&triple, &t, &triple);
    tecdsa_point_add(&triple, &f[2], out);
}
