#include "host/authority/process_io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NOT_STARTED 127

static void signal_set(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGCHLD);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGHUP);
    (void)sigaddset(set, SIGUSR1);
    (void)sigaddset(set, SIGUSR2);
}

/* In the child, between fork and exec; ends with exec or with a message to the parent: errno.
 */
static void become(const char *program, char *const argv[], const struct process_fds *fds,
                   pid_t parent, int report)
{
    const struct sigaction preset = {.sa_handler = SIG_DFL};
    sigset_t none;
    const int in = fds->in >= 0 ? fds->in : open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int out = fds->out >= 0 ? fds->out : STDERR_FILENO;

    (void)sigemptyset(&none);
    /* NOLINTBEGIN(concurrency-mt-unsafe): one thread, and exec is near */
    (void)unsetenv("NOTIFY_SOCKET"); /* the service manager hears of us, not of children */
    for (char *const *at = fds->env; at != NULL && *at != NULL; at++) {
        (void)putenv(*at);
    }
    /* NOLINTEND(concurrency-mt-unsafe) */
    if (setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
        dup2(in, STDIN_FILENO) >= 0 && (fds->log <= 0 || dup2(fds->log, STDERR_FILENO) >= 0) &&
        dup2(out, STDOUT_FILENO) >= 0 && sigaction(SIGPIPE, &preset, NULL) == 0 &&
        pthread_sigmask(SIG_SETMASK, &none, NULL) == 0) {
        (void)execvp(program, argv);
    }
    const int why = errno;
    const ssize_t told = write(report, &why, sizeof why);

    _exit(told == (ssize_t)sizeof why ? EXIT_NOT_STARTED : EXIT_NOT_STARTED - 1);
}

enum err process_start(const char *program, char *const argv[], const struct process_fds *fds,
                       pid_t *pid)
{
    const pid_t parent = getpid();
    int report[2];
    int why = 0;
    ssize_t n = 0;

    *pid = -1;
    /* The write end closes at exec: an empty pipe says that the program runs. */
    if (pipe2(report, O_CLOEXEC) != 0) {
        return ERR_IO;
    }
    const pid_t child = fork();

    if (child == 0) {
        become(program, argv, fds, parent, report[1]);
    }
    (void)close(report[1]);
    if (child < 0) {
        (void)close(report[0]);
        return ERR_IO;
    }
    do {
        n = read(report[0], &why, sizeof why);
    } while (n < 0 && errno == EINTR);
    (void)close(report[0]);
    if (n != 0) {
        (void)waitpid(child, NULL, 0);
        errno = n == (ssize_t)sizeof why ? why : EIO;
        return ERR_IO;
    }
    *pid = child;
    return ERR_OK;
}

enum err process_signals(int *fd)
{
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigset_t set;

    signal_set(&set);
    *fd = -1;
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 ||
        sigaction(SIGPIPE, &ignored, NULL) != 0) {
        return ERR_IO;
    }
    *fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return *fd < 0 ? ERR_IO : ERR_OK;
}

int process_next_signal(int fd)
{
    struct signalfd_siginfo got;

    if (read(fd, &got, sizeof got) != (ssize_t)sizeof got) {
        return 0;
    }
    return (int)got.ssi_signo;
}

bool process_ended(pid_t pid, int *status)
{
    pid_t got = 0;

    do {
        got = waitpid(pid, status, WNOHANG);
    } while (got < 0 && errno == EINTR);
    return got == pid;
}

void process_log_started(enum event ev, const char *name, pid_t pid)
{
    const struct event_field fields[] = {
        {.key = "pid", .kind = EVENT_NUMBER, .number = pid},
        {.key = "name", .kind = EVENT_TEXT, .text = name},
    };

    event_log(EVENT_INFO, ev, fields, name[0] != '\0' ? 2 : 1);
}

void process_log_ended(enum event ev, const struct process_end *end)
{
    const struct event_field fields[] = {
        {.key = "pid", .kind = EVENT_NUMBER, .number = end->pid},
        {.key = "how", .kind = EVENT_TEXT, .text = end->how},
        {.key = "name", .kind = EVENT_TEXT, .text = end->name},
    };

    event_log(end->expected ? EVENT_INFO : EVENT_ERROR, ev, fields,
              end->name[0] != '\0' ? 3 : 2);
}

void process_status_text(int status, char out[24])
{
    if (WIFSIGNALED(status)) {
        (void)snprintf(out, 24, "signal %d", WTERMSIG(status));
    } else {
        (void)snprintf(out, 24, "exit %d", WIFEXITED(status) ? WEXITSTATUS(status) : status);
    }
}
