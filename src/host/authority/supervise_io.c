#include "host/authority/supervise_io.h"

#include "host/authority/audit_pull_io.h"
#include "host/authority/certification_io.h"
#include "host/authority/core_args.h"
#include "host/authority/files_io.h"
#include "host/authority/front_watch_io.h"
#include "host/authority/process_io.h"
#include "host/authority/time_clients_io.h"
#include "host/authority/tsm_clients_io.h"
#include "os/clock.h"
#include "os/event_log.h"
#include "os/notify.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PENDING_MAX 16 /* events of one round of the loop; each source gives at most two */
#define POLL_MS_MAX 60000

struct supervisor {
    const struct supervise_job *job;
    struct supervise state;
    struct certification cert;
    struct front_watch watch;
    struct core_args core_args;
    struct time_clients time;
    struct audit_pulls audits;
    struct tsm_clients tsm;
    char core_program[PATH_MAX], front_program[PATH_MAX];
    pid_t core, front; /* -1: does not run */
    int signals;
    enum sup_event pending[PENDING_MAX];
    size_t n_pending;
    bool over; /* core and front have ended; one beside them may still run */
};

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

static void push(struct supervisor *s, enum sup_event ev)
{
    if (s->n_pending < PENDING_MAX) {
        s->pending[s->n_pending++] = ev;
    }
}

/* ---- children ---- */

static void start_core(struct supervisor *s)
{
    const struct process_fds fds = {.in = -1, .out = -1};

    if (process_start(s->core_program, s->core_args.argv, &fds, &s->core) == ERR_OK) {
        process_log_started(EVENT_CORE_STARTED, "", s->core);
        time_clients_want(&s->time, 0, true, now_ms());
        tsm_clients_want(&s->tsm, 0, true, now_ms());
        audit_pulls_started(&s->audits, 0);
    } else {
        process_log_ended(EVENT_CORE_ENDED,
                          &(struct process_end){"", 0, "could not be started", false});
        push(s, SUP_CORE_ENDED);
    }
}

static void start_front(struct supervisor *s)
{
    static char option[] = "--config";
    const struct process_fds fds = {.in = -1, .out = -1};
    char path[PATH_MAX];
    char *argv[] = {s->front_program, option, path, NULL};

    (void)snprintf(path, sizeof path, "%s", s->job->config_path);
    front_watch_start(&s->watch, now_ms());
    if (process_start(s->front_program, argv, &fds, &s->front) == ERR_OK) {
        process_log_started(EVENT_FRONT_STARTED, "", s->front);
    } else {
        process_log_ended(EVENT_FRONT_ENDED,
                          &(struct process_end){"", 0, "could not be started", false});
        push(s, SUP_FRONT_ENDED);
    }
}

static void reap(struct supervisor *s)
{
    char how[24];
    int status = 0;

    if (s->core > 0 && process_ended(s->core, &status)) {
        process_status_text(status, how);
        process_log_ended(EVENT_CORE_ENDED,
                          &(struct process_end){"", s->core, how, s->state.stopping});
        s->core = -1;
        time_clients_want(&s->time, 0, false, now_ms());
        tsm_clients_want(&s->tsm, 0, false, now_ms());
        push(s, SUP_CORE_ENDED);
    }
    if (s->front > 0 && process_ended(s->front, &status)) {
        process_status_text(status, how);
        process_log_ended(EVENT_FRONT_ENDED,
                          &(struct process_end){"", s->front, how, s->state.stopping});
        s->front = -1;
        front_watch_stop(&s->watch);
        push(s, SUP_FRONT_ENDED);
    }
}

static void tell(pid_t pid, int sig)
{
    if (pid > 0) {
        (void)kill(pid, sig);
    }
}

/* ---- actions ---- */

static void say_ready(struct supervisor *s)
{
    notify("READY=1");
    event_log(EVENT_INFO, EVENT_READY, NULL, 0);
    if (s->job->ready != NULL) {
        s->job->ready(s->job->user, s->watch.address);
    }
}

static void carry_out(struct supervisor *s, unsigned actions)
{
    static const enum sup_action steps[] = {SUP_ASK_HELLO, SUP_CERTIFY, SUP_ACTIVATE};
    enum sup_event ev = SUP_TICK;

    if ((actions & SUP_START_CORE) != 0) {
        start_core(s);
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if ((actions & steps[i]) != 0 &&
            !certification_start(&s->cert, steps[i], now_ms(), &ev)) {
            push(s, ev);
        }
    }
    if ((actions & SUP_START_FRONT) != 0) {
        start_front(s);
    }
    if ((actions & SUP_READY) != 0) {
        say_ready(s);
    }
    if ((actions & SUP_END_CERTIFY) != 0) {
        certification_end(&s->cert);
    }
    tell((actions & SUP_TERM_FRONT) != 0 ? s->front : -1, SIGTERM);
    tell((actions & SUP_KILL_FRONT) != 0 ? s->front : -1, SIGKILL);
    if ((actions & SUP_TERM_CORE) != 0 && s->state.stopping) {
        audit_pulls_last(&s->audits);
    }
    tell((actions & SUP_TERM_CORE) != 0 ? s->core : -1, SIGTERM);
    tell((actions & SUP_KILL_CORE) != 0 ? s->core : -1, SIGKILL);
    s->over = s->over || (actions & SUP_EXIT) != 0;
}

/* ---- the loop ---- */

static void take_signals(struct supervisor *s)
{
    for (int sig = process_next_signal(s->signals); sig != 0;
         sig = process_next_signal(s->signals)) {
        switch (sig) {
        case SIGCHLD: /* every round looks at its children */
        case SIGUSR1: /* of clusters: to begin anew, other cores */
        case SIGUSR2:
            break;
        case SIGHUP:
            tell(s->front, SIGHUP);
            break;
        default:
            if (!s->state.stopping) {
                notify("STOPPING=1");
                event_log(EVENT_INFO, EVENT_STOPPING, NULL, 0);
            }
            push(s, SUP_STOP);
        }
    }
}

static int poll_timeout(const struct supervisor *s)
{
    const int64_t now = now_ms();
    int64_t next = sup_next_ms(&s->state);
    const int64_t others[] = {certification_next_ms(&s->cert), front_watch_next_ms(&s->watch),
                              time_clients_next_ms(&s->time),  tsm_clients_next_ms(&s->tsm),
                              audit_pulls_next_ms(&s->audits), now + POLL_MS_MAX};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        next = others[i] < next ? others[i] : next;
    }
    return next <= now ? 0 : (int)(next - now);
}

static enum err one_round(struct supervisor *s)
{
    struct pollfd fds[2 + CERTIFICATION_FDS + PLAN_NODES_MAX];
    enum sup_event ev = SUP_TICK;
    size_t n = 1;

    fds[0] = (struct pollfd){.fd = s->signals, .events = POLLIN};
    n += certification_fds(&s->cert, fds + n);
    n += front_watch_fds(&s->watch, fds + n);
    n += audit_pulls_fds(&s->audits, fds + n);
    if (poll(fds, n, poll_timeout(s)) < 0) {
        return ERR_IO; /* every signal that has a handler is blocked: no EINTR */
    }
    s->n_pending = 0;
    take_signals(s);
    reap(s);
    if (certification_step(&s->cert, now_ms(), &ev)) {
        push(s, ev);
    }
    if (front_watch_step(&s->watch, now_ms())) {
        push(s, SUP_FRONT_READY);
    }
    audit_pulls_step(&s->audits, now_ms());
    push(s, SUP_TICK);
    for (size_t i = 0; i < s->n_pending; i++) {
        carry_out(s, sup_step(&s->state, s->pending[i], now_ms()));
    }
    (void)time_clients_step(&s->time, now_ms());
    (void)tsm_clients_step(&s->tsm, now_ms());
    return ERR_OK;
}

static enum err open_supervisor(struct supervisor *s, const struct supervise_job *job)
{
    const struct sup_rule rule = {
        .backoff_ms = job->config->authority.restart_backoff_ms,
        .front_drain_ms = job->config->front.drain_timeout_s * 1000,
        .must_start = job->must_start,
    };

    s->job = job;
    s->core = -1;
    s->front = -1;
    certification_init(&s->cert, job->config);
    front_watch_init(&s->watch, job->config->front.address_file,
                     job->probe && job->config->front.tls_certificate[0] == '\0');
    TRY(program_find(job->config->authority.core_program, "quorate-core", s->core_program));
    TRY(program_find(job->config->authority.front_program, "quorate-front", s->front_program));
    TRY(time_clients_open(&s->time, job->config, 1));
    TRY(tsm_clients_open(&s->tsm, job->config, s->core_program, 1));
    TRY(core_args_make(job->config, s->core_program, 0, s->time.leap, &s->core_args));
    audit_pulls_open(&s->audits, job->config->authority.audit_dir);
    audit_pulls_add(&s->audits, 0, s->core_args.listen);
    TRY(process_signals(&s->signals));
    sup_init(&s->state, &rule, now_ms());
    return ERR_OK;
}

enum err supervise_run(const struct supervise_job *job)
{
    struct supervisor *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return ERR_NOSPACE;
    }
    s->signals = -1;
    enum err e = open_supervisor(s, job);

    while (e == ERR_OK &&
           !(s->over && !time_clients_run(&s->time) && !tsm_clients_run(&s->tsm))) {
        e = one_round(s);
    }
    if (e == ERR_OK && s->state.failed) {
        e = ERR_STATE;
    }
    event_log(EVENT_INFO, EVENT_STOPPED, NULL, 0);
    audit_pulls_close(&s->audits);
    if (s->signals >= 0) {
        (void)close(s->signals);
    }
    free(s);
    return e;
}
