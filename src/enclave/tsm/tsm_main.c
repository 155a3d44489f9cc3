/* quorate-tsm: reads its command line and what it names, opens the machine's attestation
 * device, shuts itself in, and gives its core evidence. It holds no share and no key of ours.
 */
#include "base/version.h"
#include "enclave/events/log_io.h"
#include "enclave/tsm/tsm_io.h"
#include "os/harden.h"
#include "os/sandbox.h"
#include "os/stop_signal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define N_FIELDS(f) (sizeof(f) / sizeof(f)[0])
#define SYSCALLS_MAX 32

static const char USAGE[] =
    "usage: quorate-tsm --core unix:PATH --provider configfs [--root DIR] [--certificates "
    "FILE]\n"
    "         [--collateral DIR]\n"
    "       quorate-tsm --core unix:PATH --provider sev-guest [--device FILE] [--vmpl N]\n"
    "         [--certificates FILE]\n"
    "       quorate-tsm --core unix:PATH --provider tdx-guest [--device FILE] [--root DIR]\n"
    "         [--collateral DIR]\n"
    "       quorate-tsm --core unix:PATH --provider azure [--device FILE] [--certificates "
    "FILE]\n"
    "       quorate-tsm --core unix:PATH --provider sim --programs DIR --chip N [--guest HEX]\n"
    "See quorate-tsm(1).\n";

/* The socket, pauses, the alarm that ends a report, and malloc. */
static const int always[] = {
    SYS_read,          SYS_write,      SYS_close,    SYS_socket, SYS_connect,
    SYS_poll,          SYS_sendto,     SYS_recvfrom, SYS_alarm,  SYS_clock_nanosleep,
    SYS_clock_gettime, SYS_brk,        SYS_mmap,     SYS_munmap, SYS_mremap,
    SYS_madvise,       SYS_exit_group, SYS_getpid,   SYS_futex,  SYS_restart_syscall,
};
/* The report folder, and that of collateral: files are opened anew for every report. */
static const int folder[] = {SYS_openat, SYS_rmdir};
static const int device[] = {SYS_ioctl};

static struct tsm tsm = {.signal_fd = -1, .core_fd = -1};

static int say(int fd, const char *text, int code)
{
    (void)!write(fd, text, strlen(text));
    return code;
}

static int refuse(const char *what, enum err e, const char *fault, int argument)
{
    const struct log_field f[] = {
        {"err", err_name(e), 0},
        {argument > 0 ? "argument" : "fault", fault, argument},
    };

    log_event(what, f, argument > 0 || fault ? 2 : 1);
    return argument >= 0 ? say(STDERR_FILENO, USAGE, EXIT_USAGE) : EXIT_FAILED;
}

static size_t append(int *out, size_t n, const int *calls, size_t n_calls)
{
    memcpy(out + n, calls, n_calls * sizeof *calls);
    return n + n_calls;
}

static enum err shut_in(enum tsm_way way)
{
    const char *why;
    int calls[SYSCALLS_MAX];
    size_t n = append(calls, 0, always, N_FIELDS(always));

    if (way == TSM_WAY_CONFIGFS || way == TSM_WAY_TDX_GUEST) {
        n = append(calls, n, folder, N_FIELDS(folder));
    }
    if (way == TSM_WAY_SEV_GUEST || way == TSM_WAY_TDX_GUEST) {
        n = append(calls, n, device, N_FIELDS(device));
    }
    return sandbox_supported(&why) ? sandbox_enter(calls, n) : ERR_OK;
}

static enum err start(struct tsm *t, const char **fault)
{
    TRY(harden_process());
    TRY(stop_signal_open(&t->signal_fd));
    TRY(tsm_source_open(&t->args, &t->source, fault));
    return shut_in(t->args.way);
}

static void tell_ready(const struct tsm *t)
{
    const char *why;
    const struct log_field f[] = {
        {"provider", tsm_way_name(t->args.way), 0},
        {"assurance", t->source.provider->simulated ? "simulated" : "hardware", 0},
        {"sandbox", NULL, sandbox_supported(&why)}};

    log_event("ready", f, N_FIELDS(f));
}

int main(int argc, char **argv)
{
    struct tsm *const t = &tsm;
    char version[VERSION_LINE_MAX];
    const char *fault = NULL;
    int where = 0;
    enum err e = tsm_args_parse(argc, argv, &t->args, &where);

    if (e != ERR_OK) {
        return refuse("arguments_refused", e, NULL, where);
    }
    if (t->args.help || t->args.version) {
        return say(STDOUT_FILENO, t->args.help ? USAGE : version_line("quorate-tsm", version),
                   EXIT_SUCCESS);
    }
    e = start(t, &fault);
    if (e == ERR_OK) {
        tell_ready(t);
        e = tsm_io_run(t);
    }
    tsm_io_end(t);
    if (e != ERR_OK) {
        return refuse("failed", e, fault, -1);
    }
    const struct log_field f[] = {{"made", NULL, (int64_t)t->made},
                                  {"refused", NULL, (int64_t)t->refused}};

    log_event("stopped", f, N_FIELDS(f));
    return EXIT_SUCCESS;
}
