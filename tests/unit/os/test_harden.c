#include "testing.h"

#include "base/build.h"
#include "os/harden.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void gives_up_dumps_and_privileges(void **state)
{
    const pid_t pid = fork();
    int status = 0;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit core = {1, 1};
        const bool ok = harden_process() == ERR_OK && getrlimit(RLIMIT_CORE, &core) == 0 &&
                        core.rlim_max == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
                        prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == BUILD_ASAN;

        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

#if !BUILD_ASAN /* whose mlockall() does nothing and succeeds */
static void says_when_it_may_not_lock_all(void **state)
{
    const pid_t pid = fork();
    int status = 0;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit none = {0, 0};

        if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0)) {
            _exit(2);
        }
        _exit(harden_lock_all() == ERR_NOSPACE ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_up_dumps_and_privileges),
#if !BUILD_ASAN
        cmocka_unit_test(says_when_it_may_not_lock_all),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
