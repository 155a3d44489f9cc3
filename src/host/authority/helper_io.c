#include "host/authority/helper_io.h"

#include "host/authority/process_io.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void start(struct helper *h, int64_t now_ms)
{
    struct child_log *const log = h->state.fails > 0 ? h->log : NULL;

    if (child_log_start(log, h->program, h->argv, &h->pid) == ERR_OK) {
        process_log_started(h->started, h->name, h->pid);
        return;
    }
    (void)snprintf(h->how, sizeof h->how, "could not be started");
    process_log_ended(h->ended, &(struct process_end){h->name, 0, h->how, false});
    h->pid = -1;
    time_client_ended(&h->state, now_ms);
}

static bool reap(struct helper *h, int64_t now_ms)
{
    int status = 0;

    if (h->pid <= 0 || !process_ended(h->pid, &status)) {
        return false;
    }
    if (h->log != NULL) {
        child_log_close(h->log);
    }
    process_status_text(status, h->how);
    process_log_ended(h->ended, &(struct process_end){h->name, h->pid, h->how, h->state.told});
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
    if (h->log != NULL && h->state.wanted && h->state.fails > 0 && h->pid <= 0) {
        struct failing f = {.times = 0};

        failing_note(&f, &(struct failing_end){h->name, h->state.fails, h->how, h->log->said});
        failing_write(w, &f);
    }
}
