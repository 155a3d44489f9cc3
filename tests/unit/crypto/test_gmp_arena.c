#include "testing.h"

#include "crypto/gmp_arena.h"

#include <gmp.h>
#include <stdlib.h>

#define ARENA 4096

static _Alignas(16) uint8_t memory[ARENA];
static unsigned outside; /* calls of the functions that GMP had before */

static void *counted_alloc(size_t n)
{
    outside++;
    return malloc(n);
}

static void *counted_realloc(void *p, size_t old, size_t n)
{
    (void)old;
    outside++;
    return realloc(p, n);
}

static void counted_free(void *p, size_t n)
{
    (void)n;
    outside++;
    free(p);
}

static bool is_zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= p[i];
    }
    return any == 0;
}

/* 100! by a product that grows, so that GMP reallocates. */
static enum err factorial(void *arg)
{
    bool *ok = arg;
    mpz_t x;
    mpz_t y;

    mpz_init_set_ui(x, 1);
    mpz_init(y);
    for (unsigned long i = 2; i <= 100; i++) {
        mpz_mul_ui(x, x, i);
    }
    mpz_fac_ui(y, 100);
    *ok = mpz_cmp(x, y) == 0;
    mpz_clear(y);
    mpz_clear(x);
    return ERR_OK;
}

static void computes_in_the_arena_alone(void **state)
{
    struct gmp_arena a;
    bool ok = false;

    (void)state;
    gmp_arena_init(&a, memory, ARENA);
    outside = 0;
    assert_int_equal(gmp_arena_run(&a, factorial, &ok), ERR_OK);
    assert_true(ok);
    assert_int_equal(outside, 0);
    assert_int_equal(a.used, 0);
    assert_true(a.peak > 0 && a.peak <= ARENA);
    assert_true(is_zero(memory, ARENA));
}

/* Nothing is cleared: the run ends with blocks in use. */
static enum err grow_for_ever(void *arg)
{
    unsigned *steps = arg;
    mpz_t x;

    mpz_init_set_ui(x, 3);
    for (;;) {
        mpz_mul(x, x, x);
        (*steps)++;
    }
    return ERR_OK;
}

static void exhaustion_ends_the_work_and_erases(void **state)
{
    struct gmp_arena a;
    bool ok = false;

    (void)state;
    gmp_arena_init(&a, memory, ARENA);
    outside = 0;
    for (int i = 0; i < 3; i++) {
        static unsigned steps;

        assert_int_equal(gmp_arena_run(&a, grow_for_ever, &steps), ERR_NOSPACE);
        assert_true(steps > 3);
        steps = 0;
        assert_true(is_zero(memory, ARENA));
    }
    assert_int_equal(gmp_arena_run(&a, factorial, &ok), ERR_OK);
    assert_true(ok);
    assert_int_equal(outside, 0);
}

/* A freed block is zero before it is used again. */
static enum err free_one(void *arg)
{
    mpz_t x;
    mpz_t keep;
    size_t bytes;
    const uint8_t *limbs;
    bool *erased = arg;

    mpz_init(keep);
    mpz_init(x);
    mpz_setbit(x, 999);
    mpz_sub_ui(x, x, 1);
    limbs = (const uint8_t *)mpz_limbs_read(x);
    bytes = mpz_size(x) * sizeof(mp_limb_t);
    *erased = !is_zero(limbs, bytes);
    mpz_clear(x);
    *erased = *erased && is_zero(limbs, bytes);
    mpz_clear(keep);
    return ERR_OK;
}

static void erases_what_gmp_frees(void **state)
{
    struct gmp_arena a;
    bool erased = false;

    (void)state;
    gmp_arena_init(&a, memory, ARENA);
    assert_int_equal(gmp_arena_run(&a, free_one, &erased), ERR_OK);
    assert_true(erased);
}

struct churn {
    uint32_t seed;
    bool ok;
};

static uint32_t next(struct churn *c)
{
    c->seed = c->seed * 1664525 + 1013904223;
    return c->seed >> 8;
}

/* Numbers that grow, shrink, die and come back: each must keep its value. */
static enum err churn(void *arg)
{
    struct churn *c = arg;
    mpz_t x[8];
    unsigned bit[8];

    for (int i = 0; i < 8; i++) {
        mpz_init(x[i]);
        bit[i] = 0;
        mpz_setbit(x[i], 0);
    }
    c->ok = true;
    for (int step = 0; step < 2000; step++) {
        const uint32_t i = next(c) % 8;

        c->ok = c->ok && mpz_scan1(x[i], 0) == bit[i] && mpz_popcount(x[i]) == 1;
        bit[i] = next(c) % 900;
        if (next(c) % 4 == 0) {
            mpz_clear(x[i]);
            mpz_init(x[i]);
        }
        mpz_set_ui(x[i], 0);
        mpz_setbit(x[i], bit[i]);
        if (next(c) % 4 == 0) {
            mpz_realloc2(x[i], bit[i] + 1);
        }
    }
    for (int i = 0; i < 8; i++) {
        mpz_clear(x[i]);
    }
    return ERR_OK;
}

static void blocks_do_not_overlap(void **state)
{
    struct gmp_arena a;
    struct churn c = {.seed = 1};

    (void)state;
    gmp_arena_init(&a, memory, ARENA);
    assert_int_equal(gmp_arena_run(&a, churn, &c), ERR_OK);
    assert_true(c.ok);
    assert_int_equal(a.used, 0);
}

static enum err nest(void *arg)
{
    bool ok;

    return gmp_arena_run(arg, factorial, &ok);
}

static enum err refuse(void *arg)
{
    (void)arg;
    return ERR_RANGE;
}

static void says_what_is_wrong(void **state)
{
    struct gmp_arena a;
    bool ok;

    (void)state;
    gmp_arena_init(&a, memory, ARENA);
    assert_int_equal(gmp_arena_run(&a, nest, &a), ERR_STATE);
    assert_int_equal(gmp_arena_run(&a, refuse, NULL), ERR_RANGE);
    gmp_arena_init(&a, memory, 31);
    assert_int_equal(gmp_arena_run(&a, factorial, &ok), ERR_NOSPACE);
}

static void outside_of_a_run_gmp_goes_on_as_before(void **state)
{
    mpz_t x;

    (void)state;
    outside = 0;
    mpz_init2(x, 1000);
    mpz_realloc2(x, 5000);
    mpz_clear(x);
    assert_int_equal(outside, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_in_the_arena_alone),
        cmocka_unit_test(exhaustion_ends_the_work_and_erases),
        cmocka_unit_test(erases_what_gmp_frees),
        cmocka_unit_test(blocks_do_not_overlap),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(outside_of_a_run_gmp_goes_on_as_before),
    };

    mp_set_memory_functions(counted_alloc, counted_realloc, counted_free);
    gmp_arena_install();
    gmp_arena_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
