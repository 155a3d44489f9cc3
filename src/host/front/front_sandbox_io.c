#include "host/front/front_sandbox_io.h"

#include "os/event_log.h"
#include "os/sandbox.h"

#include <sys/syscall.h>

/* Threads are still to be started when the filter comes, hence clone; execve is missing. */
static const int allowed[] = {
    /* sockets and loops */
    SYS_socket,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_connect,
    SYS_shutdown,
    SYS_setsockopt,
    SYS_getsockopt,
    SYS_getsockname,
    SYS_getpeername,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_writev,
    SYS_readv,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_wait,
    SYS_epoll_pwait,
    SYS_poll,
    SYS_ppoll,
    SYS_eventfd2,
    SYS_signalfd4,
    SYS_ioctl,
    /* files: configuration, certificates, journal, address file */
    SYS_openat,
    SYS_close,
    SYS_read,
    SYS_write,
    SYS_pread64,
    SYS_pwrite64,
    SYS_lseek,
    SYS_fcntl,
    SYS_flock,
    SYS_fsync,
    SYS_fdatasync,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_stat,
    SYS_fstat,
    SYS_lstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_access,
    SYS_readlink,
    SYS_getcwd,
    SYS_getdents64,
    SYS_mkdir,
    SYS_unlink,
    SYS_unlinkat,
    SYS_rename,
    SYS_renameat,
    SYS_renameat2,
    SYS_fchmod,
    SYS_fchown,
    SYS_umask,
    /* memory and threads */
    SYS_brk,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_futex,
    SYS_clone,
    SYS_clone3,
    SYS_rseq,
    SYS_set_robust_list,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_prctl, /* names of threads */
    /* time, identity, signals, the end */
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_getrandom,
    SYS_getpid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_uname,
    SYS_getrusage,
    SYS_sysinfo,
    SYS_prlimit64,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_tgkill,
    SYS_restart_syscall,
    SYS_exit,
    SYS_exit_group,
};

enum err front_sandbox_enter(void)
{
    const char *why;
    const bool has = sandbox_supported(&why);
    const struct event_field fields[] = {
        {.key = "sandbox", .kind = EVENT_TEXT, .text = has ? "on" : "off"},
        {.key = "why", .kind = EVENT_TEXT, .text = why},
    };

    if (has) {
        const enum err e = sandbox_enter(allowed, sizeof allowed / sizeof allowed[0]);

        if (e != ERR_OK) {
            return e;
        }
    }
    event_log(has ? EVENT_INFO : EVENT_WARN, EVENT_SANDBOX, fields, has ? 1 : 2);
    return ERR_OK;
}
