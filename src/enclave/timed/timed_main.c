/* quorate-timed: reads its command line and the roots that it names, shuts itself in, and asks
 * time servers for its core. It holds no key but those of NTS. */
#include "base/version.h"
#include "enclave/events/log_io.h"
#include "enclave/timed/timed_io.h"
#include "os/harden.h"
#include "os/sandbox.h"
#include "os/small_file.h"
#include "os/stop_signal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define N_FIELDS(f) (sizeof(f) / sizeof(f)[0])

static const char USAGE[] =
    "usage: quorate-timed --core URI --ca FILE --leap-table TEXT [--poll LOG2] [--allow-few]\n"
    "         --source NAME,HOST:PORT,OPERATOR,JURISDICTION[,smeared] [--source ...]\n"
    "         [--roughtime ADDR:PORT,KEY ...]\n"
    "See quorate-timed(1).\n";

/* Sockets, time, and what OpenSSL and malloc need; no file is opened any more. */
static const int SYSCALLS[] = {
    SYS_read,          SYS_write,     SYS_close,      SYS_socket,     SYS_connect,
    SYS_sendto,        SYS_recvfrom,  SYS_setsockopt, SYS_poll,       SYS_futex,
    SYS_clock_gettime, SYS_getrandom, SYS_getpid,     SYS_brk,        SYS_mmap,
    SYS_munmap,        SYS_mremap,    SYS_madvise,    SYS_exit_group, SYS_restart_syscall,
};

static struct timed timed;

static int say(int fd, const char *text, int code)
{
    (void)!write(fd, text, strlen(text));
    return code;
}

static int refuse(const char *what, enum err e, int argument)
{
    const struct log_field f[] = {{"err", err_name(e), 0}, {"argument", NULL, argument}};

    log_event(what, f, argument > 0 ? 2 : 1);
    return argument > 0 ? say(STDERR_FILENO, USAGE, EXIT_USAGE) : EXIT_FAILED;
}

static enum err read_roots(struct timed *t)
{
    uint8_t *const text = malloc(KE_CA_MAX);
    struct view ca = {NULL, 0};
    enum err e = ERR_NOSPACE;

    if (text != NULL) {
        e = small_file_read(t->args.ca, text, KE_CA_MAX, &ca);
    }
    if (e == ERR_OK) {
        e = ke_context_new(ca, &t->tls);
    }
    free(text);
    return e;
}

/* Only if there are any: that process has no filter of system calls. */
static enum err start_names(struct timed *t)
{
    t->names.fd = -1;
    for (size_t i = 0; i < t->args.n_sources; i++) {
        if (t->args.sources[i].host[0] != '\0') {
            return names_start(&t->names);
        }
    }
    return ERR_OK;
}

static enum err start(struct timed *t)
{
    const char *why;

    TRY(harden_process());
    TRY(stop_signal_open(&t->signal_fd));
    TRY(start_names(t));
    TRY(read_roots(t));
    /* Reads a file, which OpenSSL's look at dates would else do. There is one thread. */
    tzset(); /* NOLINT(concurrency-mt-unsafe) */
    timed_io_init(t);
    return sandbox_supported(&why) ? sandbox_enter(SYSCALLS, N_FIELDS(SYSCALLS)) : ERR_OK;
}

int main(int argc, char **argv)
{
    struct timed *const t = &timed;
    char version[VERSION_LINE_MAX];
    const char *why;
    int where = 0;
    enum err e = timed_args_parse(argc, argv, &t->args, &where);

    if (e != ERR_OK) {
        return refuse("arguments_refused", e, where);
    }
    if (t->args.help || t->args.version) {
        return say(STDOUT_FILENO, t->args.help ? USAGE : version_line("quorate-timed", version),
                   EXIT_SUCCESS);
    }
    e = start(t);
    if (e == ERR_OK) {
        const struct log_field f[] = {{"sources", NULL, (int64_t)t->args.n_sources},
                                      {"quota", NULL, (int64_t)nts_quota(t->args.n_sources)},
                                      {"sandbox", NULL, sandbox_supported(&why)}};

        log_event("ready", f, N_FIELDS(f));
        e = timed_io_run(t);
    }
    timed_io_end(t);
    ke_context_free(t->tls);
    if (e != ERR_OK) {
        return refuse("failed", e, 0);
    }
    log_event("stopped", NULL, 0);
    return EXIT_SUCCESS;
}
