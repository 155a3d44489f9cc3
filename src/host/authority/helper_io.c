#include "host/authority/helper_io.h"

#include "host/authority/process_io.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void start(struct helper *h, int64_t now_ms)
{
    const struct process_fds fds = {.in = -1, .out = -1};

    if (process_start(h->program, h->argv, &fds, &h->pid) == ERR_OK) {
        process_log_started(h->started, h->name, h->pid);
        return;
    }
    process_log_ended(h->ended,
                      &(struct process_end){h->name, 0, "could not be started", false});
    h->pid = -1;
    time_client_ended(&h->state, now_ms);
}

static bool reap(struct helper *h, int64_t now_ms)
{
    char how[24];
    int status = 0;

    if (h->pid <= 0 || !process_ended(h->pid, &status)) {
        return false;
    }
    process_status_text(status, how);
    process_log_ended(h->ended, &(struct process_end){h->name, h->pid, how, h->state.told});
    h->pid = -1;
    time_client_ended(&h->state, now_ms);
    return true;
}

bool helper_step(struct helper *h, int64_t now_ms)
{
    const bool ended = reap(h, now_ms);
    const enum time_client_do what = time_client_step(&h->state, now_ms);

    if (what == TIME_CLIENT_START) {
        start(h, now_ms);
    } else if (what != TIME_CLIENT_REST && h->pid > 0) {
        (void)kill(h->pid, what == TIME_CLIENT_KILL ? SIGKILL : SIGTERM);
    }
    return ended || what != TIME_CLIENT_REST;
}

void helper_status(const struct helper *h, struct writer *w)
{
    char line[96];

    (void)snprintf(line, sizeof line, "%s pid %d %s\n", h->name, h->pid > 0 ? (int)h->pid : 0,
                   h->pid > 0 ? h->does : "ended");
    wr_bytes(w, line, strlen(line));
}
