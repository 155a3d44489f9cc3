#include "os/sandbox.h"

#include "base/build.h"

#include <seccomp.h>
#include <stdlib.h>

bool sandbox_supported(const char **why)
{
    *why = BUILD_ASAN ? "built with a sanitizer" : BUILD_CT_CHECK ? "built for valgrind" : "";
    return !BUILD_ASAN && !BUILD_CT_CHECK;
}

static bool is_syscall(int number)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    const bool known = name != NULL;

    free(name);
    return known;
}

static enum err fill(scmp_filter_ctx filter, const int *syscalls, size_t n)
{
    /* TSYNC: every thread that runs by now gets the filter too. */
    if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0 ||
        seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0) {
        return ERR_IO;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_syscall(syscalls[i])) {
            return ERR_RANGE;
        }
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, syscalls[i], 0) != 0) {
            return ERR_IO;
        }
    }
    return ERR_OK;
}

enum err sandbox_enter(const int *syscalls, size_t n)
{
    const char *why;
    scmp_filter_ctx filter;
    enum err e;

    if (!sandbox_supported(&why)) {
        return ERR_STATE;
    }
    if (n == 0) {
        return ERR_RANGE;
    }
    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) {
        return ERR_IO;
    }
    e = fill(filter, syscalls, n);
    if (e == ERR_OK && seccomp_load(filter) == 0) {
        return ERR_OK; /* filter is kept: free() may trim the heap, by calls not allowed any
                          more */
    }
    seccomp_release(filter);
    return e == ERR_OK ? ERR_IO : e;
}
