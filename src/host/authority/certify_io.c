#include "host/authority/certify_io.h"

#include "host/authority/process_io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WHY_MAX 64

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
}

void certify_init(struct certify *c)
{
    memset(c, 0, sizeof *c);
    c->pid = -1;
    c->in_fd = -1;
    c->out_fd = -1;
}

void certify_end(struct certify *c)
{
    if (c->pid > 0 && !c->ended) {
        (void)kill(-c->pid, SIGKILL); /* its process group: what the shell started, too */
        (void)waitpid(c->pid, NULL, 0);
    }
    close_fd(&c->in_fd);
    close_fd(&c->out_fd);
    c->pid = -1;
}

static enum err run_shell(struct certify *c, const char *command, const struct core_keys *keys,
                          const int in[2], const int out[2])
{
    static char sh[] = "sh";
    static char option[] = "-c";
    char text[1024];
    struct core_keys_env env;
    const struct process_fds fds = {.in = in[0], .out = out[1], .env = env.list};
    const int n = snprintf(text, sizeof text, "%s", command);
    char *argv[] = {sh, option, text, NULL};

    if (n < 0 || (size_t)n >= sizeof text) {
        return ERR_NOSPACE;
    }
    core_keys_env(keys, &env);
    TRY(process_start("/bin/sh", argv, &fds, &c->pid));
    if (fcntl(in[1], F_SETFL, O_NONBLOCK) != 0 || fcntl(out[0], F_SETFL, O_NONBLOCK) != 0) {
        return ERR_IO;
    }
    return ERR_OK;
}

enum err certify_start(struct certify *c, const char *command, const struct core_keys *keys,
                       struct view requests, int64_t until_ms)
{
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};

    (void)signal(SIGPIPE, SIG_IGN); /* of a command that reads nothing; it has its own again */
    certify_init(c);
    c->requests = requests;
    c->until_ms = until_ms;
    enum err e = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0
                     ? run_shell(c, command, keys, in, out)
                     : ERR_IO;

    c->in_fd = in[1];
    c->out_fd = out[0];
    close_fd(&in[0]);
    close_fd(&out[1]);
    if (e != ERR_OK) {
        certify_end(c);
    }
    return e;
}

/* A command that does not read its input to the end is no failure: what it answers counts. */
static void feed(struct certify *c)
{
    const ssize_t n =
        write(c->in_fd, c->requests.p + c->requests_at, c->requests.n - c->requests_at);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    c->requests_at += n > 0 ? (size_t)n : 0;
    if (n < 0 || c->requests_at == c->requests.n) {
        close_fd(&c->in_fd);
    }
}

static enum err drain(struct certify *c)
{
    while (c->out_fd >= 0) {
        const ssize_t n = read(c->out_fd, c->out + c->out_len, sizeof c->out - c->out_len);

        if (n < 0) {
            return errno == EAGAIN || errno == EINTR ? ERR_OK : ERR_IO;
        }
        if (n == 0) {
            close_fd(&c->out_fd);
            return ERR_OK;
        }
        c->out_len += (size_t)n;
        if (c->out_len > CORE_CHAINS_PEM_MAX) {
            return ERR_NOSPACE;
        }
    }
    return ERR_OK;
}

static enum err go_on(struct certify *c, int64_t now_ms, bool *done, char why[WHY_MAX])
{
    char status[24];

    if (c->in_fd >= 0) {
        feed(c);
    }
    (void)snprintf(why, WHY_MAX, "the certify command wrote too much");
    TRY(drain(c));
    if (!c->ended) {
        c->ended = process_ended(c->pid, &c->status);
    }
    if (c->ended && c->out_fd < 0) {
        process_status_text(c->status, status);
        (void)snprintf(why, WHY_MAX, "the certify command ended with %s", status);
        *done = WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0;
        return *done ? ERR_OK : ERR_IO;
    }
    (void)snprintf(why, WHY_MAX, "the certify command took too long");
    return now_ms >= c->until_ms ? ERR_DEADLINE : ERR_OK;
}

enum err certify_step(struct certify *c, int64_t now_ms, bool *done, struct view *out,
                      char why[WHY_MAX])
{
    *done = false;
    *out = (struct view){NULL, 0};
    const enum err e = go_on(c, now_ms, done, why);

    if (*done) {
        *out = (struct view){c->out, c->out_len};
    }
    if (*done || e != ERR_OK) {
        certify_end(c);
    }
    return e;
}
