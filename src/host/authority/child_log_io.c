#include "host/authority/child_log_io.h"

#include "host/authority/process_io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define READS_MAX 16 /* at a time: others want to be looked after, too */

void child_log_init(struct child_log *l)
{
    memset(l, 0, sizeof *l);
    l->fd = -1;
}

/* The end that the child writes to; 0: there is none. */
static int open_pipe(struct child_log *l)
{
    int ends[2];

    child_log_close(l); /* of the child before */
    child_log_init(l);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return 0;
    }
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return 0;
    }
    l->fd = ends[0];
    return ends[1];
}

enum err child_log_start(struct child_log *l, const char *program, char *const argv[],
                         pid_t *pid)
{
    const struct process_fds fds = {.in = -1, .out = -1, .log = l != NULL ? open_pipe(l) : 0};
    const enum err e = process_start(program, argv, &fds, pid);
    const int why = errno;

    if (fds.log > 0) {
        (void)close(fds.log);
    }
    errno = why;
    return e;
}

size_t child_log_fds(const struct child_log *l, struct pollfd *fds)
{
    if (l->fd < 0) {
        return 0;
    }
    fds[0] = (struct pollfd){.fd = l->fd, .events = POLLIN};
    return 1;
}

static void pass_on(const uint8_t *p, size_t n)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (n > 0 && poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0) {
        (void)!write(STDERR_FILENO, p, n);
    }
}

/* Whole lines; all of it where no line ends. */
static void take_lines(struct child_log *l)
{
    const uint8_t *const feed = memrchr(l->text, '\n', l->n);
    const size_t whole = feed != NULL             ? (size_t)(feed - l->text) + 1
                         : l->n == sizeof l->text ? l->n
                                                  : 0;

    (void)failing_last_line((struct view){l->text, whole}, l->said);
    pass_on(l->text, whole);
    memmove(l->text, l->text + whole, l->n - whole);
    l->n -= whole;
}

void child_log_step(struct child_log *l)
{
    for (unsigned i = 0; i < READS_MAX && l->fd >= 0; i++) {
        const ssize_t n = read(l->fd, l->text + l->n, sizeof l->text - l->n);

        if (n > 0) {
            l->n += (size_t)n;
            take_lines(l);
        } else if (n == 0 || errno != EINTR) {
            if (n == 0 || errno != EAGAIN) {
                (void)close(l->fd);
                l->fd = -1;
            }
            return;
        }
    }
}

void child_log_close(struct child_log *l)
{
    child_log_step(l);
    if (l->n > 0 && l->n < sizeof l->text) { /* a line that was cut */
        l->text[l->n++] = '\n';
        take_lines(l);
    }
    if (l->fd >= 0) { /* a child of its own has it still */
        (void)close(l->fd);
        l->fd = -1;
    }
}
