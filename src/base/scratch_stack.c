#include "base/scratch_stack.h"

#include "base/build.h"
#include "base/secret.h"

#include <stdint.h>

#if !defined(__x86_64__) || defined(SCRATCH_STACK_PORTABLE)
#define USE_UCONTEXT 1
#include <stdlib.h>
#include <ucontext.h>
#else
#define USE_UCONTEXT 0
#endif

struct switch_call {
    void (*fn)(void *arg);
    void *arg;
    const void *home; /* the thread's own stack, for the sanitizer */
    size_t home_n;
};

/* AddressSanitizer keeps a map of each stack and has to be told when we leave one. */
#if BUILD_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
static void leave(void **fake, const void *to, size_t n)
{
    __sanitizer_start_switch_fiber(fake, to, n);
}

static void arrive(void *fake, const void **from, size_t *n)
{
    __sanitizer_finish_switch_fiber(fake, from, n);
}
#else
static void leave(void **fake, const void *to, size_t n)
{
    (void)fake, (void)to, (void)n;
}

static void arrive(void *fake, const void **from, size_t *n)
{
    (void)fake, (void)from, (void)n;
}
#endif

/* First frame on the other stack. */
static void enter(struct switch_call *c)
{
    void *fake = NULL;

    arrive(NULL, &c->home, &c->home_n);
    c->fn(c->arg);
    leave(&fake, c->home, c->home_n);
}

#if USE_UCONTEXT

/* makecontext() passes ints alone, so the pointer goes through here. */
static _Thread_local struct switch_call *pending;

static void enter_context(void)
{
    enter(pending);
}

static void call_on(uint8_t *stack, size_t n, struct switch_call *c)
{
    ucontext_t here;
    ucontext_t there;

    pending = c;
    if (getcontext(&there) != 0) {
        abort();
    }
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = n;
    there.uc_link = &here;
    makecontext(&there, enter_context, 0);
    if (swapcontext(&here, &there) != 0) {
        abort();
    }
}

#else

static void call_on(uint8_t *stack, size_t n, struct switch_call *c)
{
    void (*target)(struct switch_call *) = enter;
    uint8_t *top = stack + n; /* both are multiples of 16, as the ABI wants at a call */

    /* rbx is preserved by the callee and holds our own stack pointer across the call. */
    __asm__ volatile("movq %%rsp, %%rbx\n\t"
                     "movq %[top], %%rsp\n\t"
                     "callq *%[target]\n\t"
                     "movq %%rbx, %%rsp\n\t"
                     : "+D"(c), [target] "+r"(target), [top] "+r"(top)
                     :
                     : "rbx", "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "xmm0",
                       "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "st", "st(1)",
                       "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "cc", "memory");
}

#endif

void scratch_stack_run(void *stack, size_t n, void (*fn)(void *arg), void *arg)
{
    struct switch_call c = {.fn = fn, .arg = arg};
    void *fake = NULL;

    leave(&fake, stack, n);
    call_on(stack, n, &c);
    arrive(fake, NULL, NULL);
}

void scratch_stack_wipe(void *stack, size_t n)
{
#if BUILD_ASAN
    __asan_unpoison_memory_region(stack, n);
#endif
    CT_PUBLIC(stack, n); /* what lies below the stack pointer is out of bounds to valgrind */
    wipe(stack, n);
}
