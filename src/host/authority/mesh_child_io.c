#include "host/authority/mesh_child_io.h"

#include "host/authority/files_io.h"
#include "host/authority/process_io.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum err mesh_child_open(struct mesh_child *m, const struct config *config,
                         const char *config_path)
{
    const int n = snprintf(m->config, sizeof m->config, "%s", config_path);

    m->pid = -1;
    time_client_init(&m->state, config->authority.restart_backoff_ms);
    TRY(program_find(config->presign.mesh_program, "quorate-mesh", m->program));
    return n < (int)sizeof m->config ? ERR_OK : ERR_NOSPACE;
}

void mesh_child_want(struct mesh_child *m, bool wanted, int64_t now_ms)
{
    time_client_want(&m->state, wanted, now_ms);
}

static void start(struct mesh_child *m, int64_t now_ms)
{
    static char option[] = "--config";
    char *argv[] = {m->program, option, m->config, NULL};
    const struct process_fds fds = {.in = -1, .out = -1};

    if (process_start(m->program, argv, &fds, &m->pid) == ERR_OK) {
        process_log_started(EVENT_MESH_STARTED, "", m->pid);
        return;
    }
    process_log_ended(EVENT_MESH_ENDED,
                      &(struct process_end){"", 0, "could not be started", false});
    m->pid = -1;
    time_client_ended(&m->state, now_ms);
}

static bool reap(struct mesh_child *m, int64_t now_ms)
{
    char how[24];
    int status = 0;

    if (m->pid <= 0 || !process_ended(m->pid, &status)) {
        return false;
    }
    process_status_text(status, how);
    process_log_ended(EVENT_MESH_ENDED, &(struct process_end){"", m->pid, how, m->state.told});
    m->pid = -1;
    time_client_ended(&m->state, now_ms);
    return true;
}

bool mesh_child_step(struct mesh_child *m, int64_t now_ms)
{
    const bool ended = reap(m, now_ms);
    const enum time_client_do what = time_client_step(&m->state, now_ms);

    if (what == TIME_CLIENT_START) {
        start(m, now_ms);
    } else if (what != TIME_CLIENT_REST && m->pid > 0) {
        (void)kill(m->pid, what == TIME_CLIENT_KILL ? SIGKILL : SIGTERM);
    }
    return ended || what != TIME_CLIENT_REST;
}

int64_t mesh_child_next_ms(const struct mesh_child *m)
{
    return time_client_next_ms(&m->state);
}

void mesh_child_status(const struct mesh_child *m, struct writer *w)
{
    char line[48];

    (void)snprintf(line, sizeof line, "mesh pid %d %s\n", m->pid > 0 ? (int)m->pid : 0,
                   m->pid > 0 ? "carries" : "ended");
    wr_bytes(w, line, strlen(line));
}
