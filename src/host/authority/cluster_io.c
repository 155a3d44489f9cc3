#include "host/authority/cluster_io.h"

#include "host/authority/cluster_running.h"
#include "host/authority/cluster_status.h"
#include "host/authority/files_io.h"
#include "host/authority/process_io.h"
#include "os/clock.h"
#include "os/event_log.h"
#include "os/file_replace.h"
#include "os/notify.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS_MAX 60000
#define STATUS_MODE 0644
#define BACK_EVERY_MS 250 /* while a core stands outside: whether it was re-enrolled */

int64_t cluster_now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

void cluster_push(struct cluster_running *r, enum cluster_event ev, uint8_t core)
{
    if (r->n_pending < CLUSTER_PENDING_MAX) {
        r->pending[r->n_pending++] = (struct cluster_pending){ev, core};
    }
}

/* ---- what is said ---- */

static void write_status(const struct cluster_running *r)
{
    uint8_t text[CLUSTER_STATUS_MAX];
    struct writer w = wr_init(text, sizeof text);
    const char *const path = r->job->config->authority.status;
    struct view all;

    cluster_status_cores(&w, &r->state, r->cores);
    failing_write(&w, &r->failing);
    if (!r->job->alone) {
        cluster_status_child(&w, "front", r->front, r->watch.address);
    }
    mesh_child_status(&r->mesh, &w);
    time_clients_status(&r->time, &w);
    tsm_clients_status(&r->tsm, &w);
    core_sets_status(&r->sets, &w);
    if (path[0] != '\0' &&
        (wr_finish(&w, &all) != ERR_OK || file_replace(path, all, STATUS_MODE) != ERR_OK)) {
        event_log(EVENT_WARN, EVENT_INTERNAL, NULL, 0);
    }
}

static void say(struct cluster_running *r, const struct cluster_todo *todo)
{
    if (todo->say_ready) {
        notify("READY=1");
        cluster_log_shares(&r->state, EVENT_INFO, EVENT_READY, "");
        if (r->job->ready != NULL) {
            r->job->ready(r->job->user, r->watch.address);
        }
    }
    if (todo->say_key) {
        cluster_log_shares(&r->state, EVENT_INFO, EVENT_EPOCH_TAKEN, "");
    }
    if (todo->say_lost) {
        cluster_log_shares(
            &r->state, EVENT_WARN, EVENT_SHARE_LOST,
            "a core has ended, and its share with it: the one in its place waits for "
            "another key, or an order");
    }
    if (todo->say_halted) {
        cluster_log_shares(
            &r->state, EVENT_ERROR, EVENT_HALTED,
            "too few shares are left, for ever: another key is needed (SIGUSR1)");
        if (r->job->halted != NULL) {
            r->job->halted(r->job->user);
        }
    }
}

/* ---- the loop ---- */

static void take_signals(struct cluster_running *r)
{
    for (int sig = process_next_signal(r->signals); sig != 0;
         sig = process_next_signal(r->signals)) {
        switch (sig) {
        case SIGCHLD:
            break; /* every round looks at its children */
        case SIGHUP:
            cluster_tell(r->front, SIGHUP);
            break;
        case SIGUSR1:
            cluster_push(r, CLUSTER_RENEW, 0);
            r->failing = (struct failing){.times = 0};
            if (r->state.phase == CLUSTER_LEFT) {
                core_sets_renew(&r->sets);
            }
            break;
        case SIGUSR2:
            if (!core_sets_reload(&r->sets, cluster_now_ms())) {
                cluster_push(r, CLUSTER_LET_GO, 0);
            }
            write_status(r); /* a set that did not run is none any more: nothing else changes */
            break;
        default:
            notify("STOPPING=1");
            event_log(EVENT_INFO, EVENT_STOPPING, NULL, 0);
            cluster_push(r, CLUSTER_STOP, 0);
        }
    }
}

/* Runs, with no share: it may be given one. */
static bool is_outside(const struct cluster_running *r, uint8_t i)
{
    return r->state.phase == CLUSTER_SERVING && r->cores[i] > 0 && r->seen[i].known &&
           !r->state.cores[i].in_epoch;
}

static void look_who_is_back(struct cluster_running *r)
{
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        if (is_outside(r, i) &&
            ended_has_order(r->job->config->front.ended, r->seen[i].boot_nonce)) {
            cluster_push(r, CLUSTER_CORE_BACK, i);
        }
    }
}

static int poll_timeout(const struct cluster_running *r)
{
    const int64_t now = cluster_now_ms();
    const int64_t due[] = {cluster_next_ms(&r->state),     front_watch_next_ms(&r->watch),
                           time_clients_next_ms(&r->time), tsm_clients_next_ms(&r->tsm),
                           mesh_child_next_ms(&r->mesh),   audit_pulls_next_ms(&r->audits),
                           core_sets_next_ms(&r->sets)};
    int64_t next = now + POLL_MS_MAX;

    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        const int64_t own = core_watch_next_ms(&r->seen[i]);

        next = own < next ? own : next;
        next = is_outside(r, i) && now + BACK_EVERY_MS < next ? now + BACK_EVERY_MS : next;
    }
    for (size_t i = 0; i < sizeof due / sizeof due[0]; i++) {
        next = due[i] < next ? due[i] : next;
    }
    return r->n_pending > 0 || next <= now ? 0 : (int)(next - now);
}

static bool is_nothing(const struct cluster_todo *todo)
{
    static const struct cluster_todo nothing;

    return memcmp(todo, &nothing, sizeof nothing) == 0;
}

/* Who hears of something finds it in the status: that is written first. */
static void take_pending(struct cluster_running *r)
{
    struct cluster_pending now[CLUSTER_PENDING_MAX];
    struct cluster_todo todo[CLUSTER_PENDING_MAX];
    const size_t n = r->n_pending;
    bool changed = false;

    memcpy(now, r->pending, n * sizeof now[0]);
    r->n_pending = 0; /* what cannot be started is an event of the next round */
    for (size_t i = 0; i < n; i++) {
        todo[i] = cluster_step(&r->state, now[i].ev, now[i].core, cluster_now_ms());
        cluster_carry_out(r, &todo[i]);
        if (todo[i].say_key) { /* it is what they were started for */
            r->failing = (struct failing){.times = 0};
        }
        changed = changed || now[i].ev != CLUSTER_TICK || !is_nothing(&todo[i]);
    }
    changed = time_clients_step(&r->time, cluster_now_ms()) || changed;
    changed = tsm_clients_step(&r->tsm, cluster_now_ms()) || changed;
    mesh_child_want(&r->mesh,
                    r->state.phase == CLUSTER_ENROLLING || r->state.phase == CLUSTER_SERVING,
                    cluster_now_ms());
    changed = mesh_child_step(&r->mesh, cluster_now_ms()) || changed;
    if (r->state.phase == CLUSTER_ENDING && !r->state.again && r->front <= 0) {
        core_sets_end(&r->sets, cluster_now_ms()); /* as the own cores: after the front */
    }
    changed = core_sets_step(&r->sets, cluster_now_ms()) || changed;
    if (changed) {
        write_status(r);
    }
    for (size_t i = 0; i < n; i++) {
        say(r, &todo[i]);
    }
}

static enum err one_round(struct cluster_running *r)
{
    struct pollfd fds[3 + 3 * PLAN_NODES_MAX + CORE_SETS_CHILDREN];
    size_t n = 1;

    fds[0] = (struct pollfd){.fd = r->signals, .events = POLLIN};
    n += front_watch_fds(&r->watch, fds + n);
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        n += core_watch_fds(&r->seen[i], fds + n);
        n += child_log_fds(&r->logs[i], fds + n);
    }
    n += child_log_fds(&r->enrol_log, fds + n);
    n += core_sets_fds(&r->sets, fds + n);
    n += audit_pulls_fds(&r->audits, fds + n);
    if (poll(fds, n, poll_timeout(r)) < 0) {
        return ERR_IO; /* every signal that has a handler is blocked: no EINTR */
    }
    take_signals(r);
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        core_watch_step(&r->seen[i], cluster_now_ms());
    }
    audit_pulls_step(&r->audits, cluster_now_ms());
    look_who_is_back(r);
    cluster_reap(r);
    if (front_watch_step(&r->watch, cluster_now_ms())) {
        cluster_push(r, CLUSTER_FRONT_READY, 0);
    }
    cluster_push(r, CLUSTER_TICK, 0);
    take_pending(r);
    return ERR_OK;
}

/* Cores end with their supervisor: those of an earlier run are gone. */
static enum err open_ended(struct cluster_running *r)
{
    const struct config_front *front = &r->job->config->front;
    enum err e = ended_open(&r->ended, front->ended);

    if (e == ERR_OK) {
        e = ended_note_record(&r->ended, front->ceremony);
    }
    if (e != ERR_OK) {
        const struct event_field fields[] = {
            {.key = "file", .kind = EVENT_TEXT, .text = front->ended},
            {.key = "why",
             .kind = EVENT_TEXT,
             .text = e == ERR_STATE ? "another supervisor runs these cores"
                                    : "it cannot be kept who ended"},
        };

        event_log(EVENT_ERROR, EVENT_CONFIG_REFUSED, fields, 2);
    }
    return e;
}

static enum err open_running(struct cluster_running *r)
{
    struct config *c = r->job->config;
    const struct cluster_rule rule = {
        .threshold = (uint8_t)c->authority.threshold,
        .patient = !r->job->must_start,
        .alone = r->job->alone,
        .total = (uint8_t)config_items(c->front.core),
        .backoff_ms = c->authority.restart_backoff_ms,
        .front_drain_ms = c->front.drain_timeout_s * 1000,
    };

    TRY(program_beside("quorate-authority", r->own_program, sizeof r->own_program));
    TRY(program_find(c->authority.core_program, "quorate-core", r->core_program));
    TRY(program_find(c->authority.front_program, "quorate-front", r->front_program));
    TRY(time_clients_open(&r->time, c, rule.total));
    TRY(tsm_clients_open(&r->tsm, c, r->core_program, rule.total));
    TRY(mesh_child_open(&r->mesh, c, r->job->config_path));
    audit_pulls_open(&r->audits, c->authority.audit_dir);
    for (size_t i = 0; i < rule.total; i++) {
        TRY(core_args_make(c, r->core_program, i, r->time.leap, &r->core_args[i]));
        core_watch_init(&r->seen[i], r->core_args[i].listen);
        audit_pulls_add(&r->audits, i, r->core_args[i].listen);
    }
    core_sets_open(&r->sets, r->job->sets, c->authority.restart_backoff_ms);
    front_watch_init(&r->watch, c->front.address_file,
                     r->job->must_start && c->front.tls_certificate[0] == '\0');
    cluster_init(&r->state, &rule, cluster_now_ms());
    TRY(open_ended(r));
    return process_signals(&r->signals);
}

enum err cluster_run(const struct cluster_job *job)
{
    struct cluster_running *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return ERR_NOSPACE;
    }
    r->job = job;
    r->signals = r->front = r->enrol = r->ended.fd = -1;
    child_log_init(&r->enrol_log);
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        r->cores[i] = -1;
        child_log_init(&r->logs[i]);
    }
    enum err e = open_running(r);

    while (e == ERR_OK &&
           !(r->over && !time_clients_run(&r->time) && !tsm_clients_run(&r->tsm) &&
             !r->mesh.state.runs && !core_sets_running(&r->sets))) {
        e = one_round(r);
    }
    if (e == ERR_OK && r->state.failed) {
        e = ERR_STATE;
    }
    event_log(EVENT_INFO, EVENT_STOPPED, NULL, 0);
    ended_close(&r->ended);
    audit_pulls_close(&r->audits);
    if (r->signals >= 0) {
        (void)close(r->signals);
    }
    free(r);
    return e;
}
