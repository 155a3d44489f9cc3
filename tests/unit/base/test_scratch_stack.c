#include "testing.h"

#include "base/scratch_stack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define STACK 16384

struct probe {
    const uint8_t *low, *high; /* the scratch stack */
    bool inside;
    int depth;
    unsigned sum;
};

static void fill_a_frame(void *arg)
{
    struct probe *p = arg;
    volatile uint8_t frame[512];
    const uintptr_t at = (uintptr_t)frame;

    p->inside = at >= (uintptr_t)p->low && at + sizeof frame <= (uintptr_t)p->high;
    for (size_t i = 0; i < sizeof frame; i++) {
        frame[i] = 0xa5;
        p->sum += frame[i];
    }
}

static uint8_t *new_stack(void)
{
    uint8_t *stack = aligned_alloc(4096, STACK);

    assert_non_null(stack);
    memset(stack, 0, STACK);
    return stack;
}

static size_t count(const uint8_t *p, size_t n, uint8_t value)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        found += p[i] == value;
    }
    return found;
}

static void runs_on_the_given_memory_and_leaves_it(void **state)
{
    uint8_t *stack = new_stack();
    struct probe p = {.low = stack, .high = stack + STACK};

    (void)state;
    scratch_stack_run(stack, STACK, fill_a_frame, &p);
    assert_true(p.inside);
    assert_int_equal(p.sum, 512 * 0xa5);
    free(stack);
}

/* The control: before the wipe the frame is still there. */
static void wipes_what_a_frame_left(void **state)
{
    uint8_t *stack = new_stack();
    struct probe p = {.low = stack, .high = stack + STACK};

    (void)state;
    scratch_stack_run(stack, STACK, fill_a_frame, &p);
#if !defined(__SANITIZE_ADDRESS__)
    assert_true(count(stack, STACK, 0xa5) >= 512);
#endif
    scratch_stack_wipe(stack, STACK);
    assert_int_equal(count(stack, STACK, 0), STACK);
    free(stack);
}

struct nest {
    uint8_t *inner;
    struct probe probe;
};

static void run_another(void *arg)
{
    struct nest *n = arg;

    scratch_stack_run(n->inner, STACK, fill_a_frame, &n->probe);
}

static void nests(void **state)
{
    uint8_t *outer = new_stack();
    struct nest n = {.inner = new_stack()};

    (void)state;
    n.probe = (struct probe){.low = n.inner, .high = n.inner + STACK};
    scratch_stack_run(outer, STACK, run_another, &n);
    assert_true(n.probe.inside);
    free(n.inner);
    free(outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_on_the_given_memory_and_leaves_it),
        cmocka_unit_test(wipes_what_a_frame_left),
        cmocka_unit_test(nests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
