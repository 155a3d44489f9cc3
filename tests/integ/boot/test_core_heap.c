/* No libc heap after start: this program brings its own malloc, and a core that runs in a child
 * of it ends with HEAP_USED at the first call after its loop has begun. */
#include "core_process.h"

#include "base/build.h"
#include "enclave/boot/boot_io.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HEAP_USED 99
#define STAMPS 5000
#define PLANT_AFTER 20 /* rounds of the loop until the control uses the heap */
#define EXPORTED __attribute__((visibility("default")))

static bool armed;
static bool planted;
static unsigned rounds_run;

static void used(const char *what)
{
    if (armed) {
        (void)!write(STDERR_FILENO, what, strlen(what));
        _exit(HEAP_USED);
    }
}

#if BUILD_ASAN
/* The sanitizer has the heap; it calls these, by names that it chose, at each use of it. */
// NOLINTBEGIN(bugprone-reserved-identifier)
EXPORTED void __sanitizer_malloc_hook(const volatile void *p, size_t n);
EXPORTED void __sanitizer_free_hook(const volatile void *p);
void __sanitizer_malloc_hook(const volatile void *p, size_t n)
{
    (void)p;
    (void)n;
    used("heap malloc\n");
}
void __sanitizer_free_hook(const volatile void *p)
{
    (void)p;
    used("heap free\n");
}
// NOLINTEND(bugprone-reserved-identifier)
#else
/* Symbols of the program come before those of libc, for every library in the process. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);
EXPORTED void *malloc(size_t n)
{
    used("heap malloc\n");
    return __libc_malloc(n);
}
EXPORTED void *calloc(size_t n, size_t size)
{
    used("heap calloc\n");
    return __libc_calloc(n, size);
}
EXPORTED void *realloc(void *p, size_t n)
{
    used("heap realloc\n");
    return __libc_realloc(p, n);
}
EXPORTED void *aligned_alloc(size_t align, size_t n)
{
    used("heap aligned_alloc\n");
    return __libc_memalign(align, n);
}
EXPORTED int posix_memalign(void **out, size_t align, size_t n)
{
    used("heap posix_memalign\n");
    *out = __libc_memalign(align, n);
    return *out != NULL ? 0 : ENOMEM;
}
EXPORTED void free(void *p)
{
    used("heap free\n");
    __libc_free(p);
}
#endif

/* The loop of the core begins here: from now on the heap is closed. */
EXPORTED int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
    armed = true;
    rounds_run++;
    if (planted && rounds_run == PLANT_AFTER) {
        void *volatile p = malloc(1); /* volatile: else the compiler leaves both out */

        free(p);
    }
    return (int)syscall(SYS_epoll_wait, epfd, events, maxevents, timeout);
}

static void plant(const char *dir)
{
    (void)dir;
    planted = true;
}

/* One of a batch is verified, the rest is counted: this is about the heap. None: the R1 was
 * over before its R2 came, as it may be on a busy machine. */
static size_t count_signed(const struct core_session *s, struct core_rounds *r,
                           struct core_reply *reply)
{
    struct reader first = rd_init((struct view){reply->body + 1, 2});
    enum err errs[STAMP_BATCH_MAX];
    uint16_t code = 0;

    assert_int_equal(rd_u16le(&first, &code), ERR_OK);
    if (code == ERR_STALE) {
        return 0;
    }
    r->n = 1;
    reply->body[0] = 1;
    reply->head.body_len = 1 + 2 + 2 + P384_SIG_LEN;
    assert_int_equal(core_check_answer(s, r, reply, errs), 1);
    return STAMP_BATCH_MAX;
}

/* Everything that a peer can do. */
static void drive(const struct core_process *core)
{
    static const uint8_t garbage[64] = {FRAME_MAGIC, 9};
    static uint8_t buf[FRAME_BODY_MAX];
    static struct core_session s;
    static struct core_rounds r;
    static struct core_reply reply;
    const struct view none = {NULL, 0};
    const int fd = core_connect(core->uri);
    size_t signed_ = 0;

    core_hello(fd, &s);
    assert_int_equal(core_activate(fd, &s, 1), ERR_OK);
    for (size_t i = 0; signed_ < STAMPS; i++) {
        const int other = core_connect(core->uri);
        const int malformed = core_connect(core->uri);

        assert_int_equal(send(other, garbage, i % sizeof garbage, MSG_NOSIGNAL),
                         (ssize_t)(i % sizeof garbage));
        assert_int_equal(core_r1(fd, &s, STAMP_BATCH_MAX, &r), ERR_OK);
        assert_int_equal(core_ask(fd, FRAME_R2, core_r2_body(&r, buf, sizeof buf), &reply),
                         ERR_OK);
        signed_ += count_signed(&s, &r, &reply);
        assert_int_equal(core_ask(malformed, FRAME_R2, none, &reply), ERR_TRUNCATED);
        assert_int_equal(core_ask(fd, FRAME_STATS, none, &reply), ERR_OK);
        assert_int_equal(core_ask(fd, FRAME_STATE, none, &reply), ERR_OK);
        (void)close(other);
        (void)close(malformed);
    }
    (void)close(fd);
}

static void test_no_heap_after_start(void **state)
{
    static const struct core_child child = {NULL, boot_run};
    static struct core_process core;

    (void)state;
    assert_true(core_process_start_as(&core, core_usual, &child));
    drive(&core);
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

static void test_a_planted_call_is_found(void **state)
{
    static const struct core_child child = {plant, boot_run};
    static struct core_process core;

    (void)state;
    assert_true(core_process_start_as(&core, core_usual, &child));
    assert_true(core_process_logs(&core, "heap malloc")); /* its housekeeping turns the loop */
    assert_int_equal(core_process_wait(&core), HEAP_USED);
    core_process_clean(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_heap_after_start),
        cmocka_unit_test(test_a_planted_call_is_found),
    };

    if (!core_can_serve()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
