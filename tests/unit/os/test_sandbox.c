#include "testing.h"

#include "os/sandbox.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const int allowed[] = {SYS_exit_group, SYS_futex, SYS_getpid, SYS_write};
#define ALLOWED_N (sizeof allowed / sizeof allowed[0])

/* How a child ends that runs body. */
static int end_of(void (*body)(void))
{
    const pid_t pid = fork();
    int status = 0;

    assert_true(pid >= 0);
    if (pid == 0) {
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void enter_or_exit(void)
{
    if (sandbox_enter(allowed, ALLOWED_N) != ERR_OK) {
        _exit(3);
    }
}

static void only_allowed_calls(void)
{
    enter_or_exit();
    for (int i = 0; i < 10; i++) {
        (void)syscall(SYS_getpid);
    }
}

static void a_forbidden_call(void)
{
    enter_or_exit();
    (void)syscall(SYS_getppid);
}

static sem_t ready, go;

static void *call_later(void *arg)
{
    (void)arg;
    (void)sem_post(&ready);
    (void)sem_wait(&go);
    (void)syscall(SYS_getppid);
    _exit(4);
}

/* The thread ran before the filter was loaded by another one. */
static void a_forbidden_call_of_a_thread(void)
{
    pthread_t thread;

    if (sem_init(&ready, 0, 0) != 0 || sem_init(&go, 0, 0) != 0 ||
        pthread_create(&thread, NULL, call_later, NULL) != 0 || sem_wait(&ready) != 0) {
        _exit(5);
    }
    enter_or_exit();
    (void)sem_post(&go);
    (void)sem_wait(&ready); /* for ever: the process is killed */
}

static void ends_the_process_on_any_other_call(void **state)
{
    (void)state;
    assert_int_equal(end_of(only_allowed_calls), 0);
    assert_int_equal(WTERMSIG(end_of(a_forbidden_call)), SIGSYS);
    assert_int_equal(WTERMSIG(end_of(a_forbidden_call_of_a_thread)), SIGSYS);
}

static void refuses_what_is_no_list(void **state)
{
    const int unknown[] = {SYS_write, 99999};

    (void)state;
    assert_int_equal(sandbox_enter(allowed, 0), ERR_RANGE);
    assert_int_equal(sandbox_enter(unknown, 2), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_the_process_on_any_other_call),
        cmocka_unit_test(refuses_what_is_no_list),
    };
    const char *why;

    if (!sandbox_supported(&why)) {
        printf("SKIP no sandbox in this build: %s\n", why);
        return sandbox_enter(allowed, ALLOWED_N) == ERR_STATE ? 77 : 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
