#include "testing.h"

#include "base/build.h"
#include "os/locked_memory.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Flags of the mapping that holds p, as the kernel names them in smaps ("lo" locked, "dd" not
 * dumped, "wf" wiped on fork). */
static bool has_flag(const void *p, const char *flag)
{
    FILE *f = fopen("/proc/self/smaps", "r");
    char line[512];
    bool here = false;
    bool found = false;

    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *rest;
        const unsigned long lo = strtoul(line, &rest, 16);

        if (*rest == '-') {
            const unsigned long hi = strtoul(rest + 1, &rest, 16);

            if (*rest == ' ') {
                here = (unsigned long)(uintptr_t)p >= lo && (unsigned long)(uintptr_t)p < hi;
            }
        }
        if (here && strncmp(line, "VmFlags:", 8) == 0) {
            found = strstr(line, flag) != NULL;
        }
    }
    assert_int_equal(fclose(f), 0);
    return found;
}

static void maps_locked_pages(void **state)
{
    struct locked_memory m;

    (void)state;
    assert_int_equal(locked_memory_map(5000, true, &m), ERR_OK);
    assert_int_equal(m.n, 8192);
    assert_int_equal((uintptr_t)m.p % 4096, 0);
    for (size_t i = 0; i < m.n; i++) {
        assert_int_equal(m.p[i], 0);
    }
    memset(m.p, 0xff, m.n);
    assert_true(has_flag(m.p, " dd"));
    assert_true(has_flag(m.p, " wf"));
    assert_int_equal(has_flag(m.p, " lo"), m.locked && !BUILD_ASAN);
    locked_memory_unmap(&m);
    assert_null(m.p);
    locked_memory_unmap(&m);
}

static void refuses_absurd_sizes(void **state)
{
    struct locked_memory m;

    (void)state;
    assert_int_equal(locked_memory_map(0, true, &m), ERR_RANGE);
    assert_int_equal(locked_memory_map(SIZE_MAX, true, &m), ERR_RANGE);
    assert_null(m.p);
}

static int wait_for(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void a_child_sees_zeros(void **state)
{
    struct locked_memory m;
    pid_t pid;

    (void)state;
    assert_int_equal(locked_memory_map(1, true, &m), ERR_OK);
    m.p[0] = 0x5a;
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(m.p[0]);
    }
    assert_int_equal(wait_for(pid), 0);
    assert_int_equal(m.p[0], 0x5a);
    locked_memory_unmap(&m);
}

static void die_of(const uint8_t *p)
{
    struct sigaction preset = {.sa_handler = SIG_DFL};

    (void)sigaction(SIGSEGV, &preset, NULL); /* a sanitizer has its own handler */
    _exit(*(const volatile uint8_t *)p == 0 ? 0 : 1);
}

static void stands_between_guard_pages(void **state)
{
    struct locked_memory m;

    (void)state;
    assert_int_equal(locked_memory_map(4096, true, &m), ERR_OK);
    for (int side = 0; side < 2; side++) {
        const pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            die_of(side == 0 ? m.p - 1 : m.p + m.n);
        }
        assert_int_equal(WTERMSIG(wait_for(pid)), SIGSEGV);
    }
    locked_memory_unmap(&m);
}

#if !BUILD_ASAN /* which makes mlock() a call that does nothing and succeeds */
/* In a child: what the limit does to a process that may not lock. */
static void obeys_the_limit(void **state)
{
    const pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit none = {0, 0};
        struct locked_memory m;
        bool ok;

        if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0)) {
            _exit(2);
        }
        ok = locked_memory_map(4096, false, &m) == ERR_NOSPACE && m.p == NULL &&
             locked_memory_map(4096, true, &m) == ERR_OK && !m.locked && m.p != NULL;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(wait_for(pid), 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_locked_pages),
        cmocka_unit_test(refuses_absurd_sizes),
        cmocka_unit_test(a_child_sees_zeros),
        cmocka_unit_test(stands_between_guard_pages),
#if !BUILD_ASAN
        cmocka_unit_test(obeys_the_limit),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
