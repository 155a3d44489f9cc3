/* The system-call filter of the core: small, on every thread, and deadly. */
#include "core_process.h"

#include "enclave/boot/boot_io.h"
#include "os/sandbox.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CODE_OK 7

/* Enters the core's own sandbox in a child and calls there. Gives the wait status. */
static int call_inside(void (*call)(void))
{
    int status = 0;
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        size_t n;
        const int *const allowed = boot_syscalls(&n);

        if (sandbox_enter(allowed, n) != ERR_OK) {
            _exit(1);
        }
        call();
        _exit(CODE_OK);
    }
    (void)alarm(20);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)alarm(0);
    return status;
}

static void call_allowed(void)
{
    uint8_t byte;

    if (getrandom(&byte, 1, 0) != 1) {
        _exit(2);
    }
}
static void call_open(void)
{
    (void)syscall(SYS_openat, -100, "/etc/hostname", 0, 0);
}
static void call_fork(void)
{
    (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}
static void call_exec(void)
{
    (void)syscall(SYS_execve, "/bin/true", NULL, NULL);
}
static void call_socket(void)
{
    (void)syscall(SYS_socket, 1, 1, 0);
}
static void call_mmap(void)
{
    (void)syscall(SYS_mmap, 0, 4096, 3, 0x22, -1, 0);
}
static void call_ptrace(void)
{
    (void)syscall(SYS_ptrace, 0, 0, 0, 0);
}
static void call_getpid(void)
{
    (void)syscall(SYS_getpid);
}

static void test_at_most_16_calls(void **state)
{
    size_t n;

    (void)state;
    (void)boot_syscalls(&n);
    print_message("%zu system calls\n", n);
    assert_in_range(n, 1, BOOT_SYSCALLS_MAX);
}

static void test_a_forbidden_call_kills(void **state)
{
    static void (*const forbidden[])(void) = {call_open, call_fork,   call_exec,  call_socket,
                                              call_mmap, call_ptrace, call_getpid};
    const int status = call_inside(call_allowed);

    (void)state;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), CODE_OK);
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        const int end = call_inside(forbidden[i]);

        assert_true(WIFSIGNALED(end));
        assert_int_equal(WTERMSIG(end), SIGSYS);
    }
}

/* The line of a /proc file that begins so. */
static void read_line(const char *path, const char *begins, char *out, size_t cap)
{
    FILE *const f = fopen(path, "r");

    assert_non_null(f);
    out[0] = '\0';
    while (fgets(out, (int)cap, f) != NULL && strncmp(out, begins, strlen(begins)) != 0) {
        out[0] = '\0';
    }
    (void)fclose(f);
}

static void test_every_thread_is_inside(void **state)
{
    static const char *const args[] = {"--clock",   "kernel",           "--policy",
                                       CORE_POLICY, "--allow-unlocked", NULL};
    static struct core_process core;
    char pattern[64];
    char line[128];
    glob_t tasks;

    (void)state;
    assert_true(core_process_start(&core, args));
    (void)snprintf(pattern, sizeof pattern, "/proc/%d/task/*/status", (int)core.pid);
    // This program has one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
    assert_int_equal(glob(pattern, 0, NULL, &tasks), 0);
    for (size_t i = 0; i < tasks.gl_pathc; i++) {
        read_line(tasks.gl_pathv[i], "Seccomp:", line, sizeof line);
        assert_string_equal(line, "Seccomp:\t2\n");
    }
    print_message("%zu threads\n", tasks.gl_pathc);
    assert_true(tasks.gl_pathc >= 1);
    globfree(&tasks);
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_most_16_calls),
        cmocka_unit_test(test_a_forbidden_call_kills),
        cmocka_unit_test(test_every_thread_is_inside),
    };
    const char *why;

    if (!sandbox_supported(&why)) {
        (void)printf("SKIP no system-call filter: %s\n", why);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
