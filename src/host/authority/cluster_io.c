#include "host/authority/cluster_io.h"

#include "host/authority/audit_pull_io.h"
#include "host/authority/cluster.h"
#include "host/authority/cluster_status.h"
#include "host/authority/core_args.h"
#include "host/authority/core_sets_io.h"
#include "host/authority/core_watch_io.h"
#include "host/authority/ended_io.h"
#include "host/authority/files_io.h"
#include "host/authority/front_watch_io.h"
#include "host/authority/mesh_child_io.h"
#include "host/authority/process_io.h"
#include "host/authority/time_clients_io.h"
#include "host/authority/tsm_clients_io.h"
#include "os/clock.h"
#include "os/event_log.h"
#include "os/file_replace.h"
#include "os/notify.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PENDING_MAX 32 /* events of one round of the loop: two of each child, and signals */
#define POLL_MS_MAX 60000
#define STATUS_MODE 0644
#define BACK_EVERY_MS 250 /* while a core stands outside: whether it was re-enrolled */

struct pending {
    enum cluster_event ev;
    uint8_t core;
};

struct running {
    const struct cluster_job *job;
    struct cluster state;
    struct front_watch watch;
    struct core_args core_args[PLAN_NODES_MAX];
    struct core_watch seen[PLAN_NODES_MAX];
    struct time_clients time;
    struct tsm_clients tsm;
    struct mesh_child mesh;
    struct core_sets_run sets; /* of other epochs */
    struct ended_file ended;
    struct audit_pulls audits;
    bool unkept[PLAN_NODES_MAX]; /* it has ended with a share, and that is not on disk */
    char own_program[PATH_MAX], core_program[PATH_MAX], front_program[PATH_MAX];
    pid_t cores[PLAN_NODES_MAX], front, enrol; /* -1: does not run */
    int signals;
    struct pending pending[PENDING_MAX];
    size_t n_pending;
    bool over; /* cores and front have ended; a time client or the mesh may still run */
};

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

static void push(struct running *r, enum cluster_event ev, uint8_t core)
{
    if (r->n_pending < PENDING_MAX) {
        r->pending[r->n_pending++] = (struct pending){ev, core};
    }
}

/* ---- children ---- */

static void start(struct running *r, const char *program, char *const argv[], pid_t *pid)
{
    const struct process_fds fds = {.in = -1, .out = -1};

    (void)r;
    if (process_start(program, argv, &fds, pid) != ERR_OK) {
        *pid = -1;
    }
}

/* Keeps that a core with a share has ended. */
static void keep_ended(struct running *r, uint8_t i)
{
    char name[16];

    cluster_core_name(i, name);
    if (!r->seen[i].known || ended_note(&r->ended, name, r->seen[i].boot_nonce) != ERR_OK) {
        const struct event_field fields[] = {
            {.key = "file", .kind = EVENT_TEXT, .text = r->job->config->front.ended},
            {.key = "why", .kind = EVENT_TEXT, .text = "that a core has ended is not kept"},
            {.key = "name", .kind = EVENT_TEXT, .text = name},
        };

        event_log(EVENT_ERROR, EVENT_INTERNAL, fields, 3);
        return;
    }
    r->unkept[i] = false;
}

/* Not before it is kept that the one before has ended: a front that starts in between must not
 * take the new one for a core that it may wait for. */
static void start_core(struct running *r, uint8_t i)
{
    char name[16];

    if (r->unkept[i]) {
        keep_ended(r, i);
    }
    if (r->unkept[i] && r->seen[i].known) {
        push(r, CLUSTER_CORE_ENDED, i); /* the pause, and once more */
        return;
    }
    r->unkept[i] = false;
    cluster_core_name(i, name);
    core_watch_start(&r->seen[i], now_ms());
    start(r, r->core_program, r->core_args[i].argv, &r->cores[i]);
    if (r->cores[i] > 0) {
        process_log_started(EVENT_CORE_STARTED, name, r->cores[i]);
        time_clients_want(&r->time, i, true, now_ms());
        tsm_clients_want(&r->tsm, i, true, now_ms());
        audit_pulls_started(&r->audits, i);
    } else {
        push(r, CLUSTER_CORE_ENDED, i);
    }
}

static void start_front(struct running *r)
{
    static char option[] = "--config";
    char path[PATH_MAX];
    char *argv[] = {r->front_program, option, path, NULL};

    (void)snprintf(path, sizeof path, "%s",
                   r->job->front_config_path != NULL ? r->job->front_config_path
                                                     : r->job->config_path);
    front_watch_start(&r->watch, now_ms());
    start(r, r->front_program, argv, &r->front);
    if (r->front > 0) {
        process_log_started(EVENT_FRONT_STARTED, "", r->front);
    } else {
        push(r, CLUSTER_FRONT_ENDED, 0);
    }
}

/* A process of its own: quorate-authority authority enrol. */
static void start_enrol(struct running *r)
{
    static char authority[] = "authority";
    static char enrol[] = "enrol";
    static char option[] = "--config";
    static char once[] = "--once";
    char path[PATH_MAX];
    char *argv[] = {
        r->own_program, authority, enrol, option, path, r->job->must_start ? once : NULL, NULL};

    (void)snprintf(path, sizeof path, "%s", r->job->config_path);
    start(r, r->own_program, argv, &r->enrol);
    if (r->enrol > 0) {
        process_log_started(EVENT_ENROLL_STARTED, "", r->enrol);
    } else {
        push(r, CLUSTER_NOT_ENROLLED, 0);
    }
}

/* Whether a child has ended; then it is logged. */
static bool reap(struct running *r, pid_t *pid, enum event ev, const char *name, int *status)
{
    char how[24];

    if (*pid <= 0 || !process_ended(*pid, status)) {
        return false;
    }
    process_status_text(*status, how);
    process_log_ended(ev,
                      &(struct process_end){name, *pid, how,
                                            *status == 0 || r->state.phase == CLUSTER_ENDING});
    *pid = -1;
    return true;
}

static void reap_all(struct running *r)
{
    int status = 0;

    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        char name[16];

        cluster_core_name(i, name);
        if (reap(r, &r->cores[i], EVENT_CORE_ENDED, name, &status)) {
            core_watch_stop(&r->seen[i]);
            time_clients_want(&r->time, i, false, now_ms());
            tsm_clients_want(&r->tsm, i, false, now_ms());
            push(r, CLUSTER_CORE_ENDED, i);
        }
    }
    if (reap(r, &r->enrol, EVENT_ENROLL_ENDED, "", &status)) {
        (void)!ended_trim(&r->ended); /* else at the next epoch */
        push(r, status == 0 ? CLUSTER_ENROLLED : CLUSTER_NOT_ENROLLED, 0);
    }
    if (reap(r, &r->front, EVENT_FRONT_ENDED, "", &status)) {
        front_watch_stop(&r->watch);
        push(r, CLUSTER_FRONT_ENDED, 0);
    }
}

static void tell(pid_t pid, int sig)
{
    if (pid > 0) {
        (void)kill(pid, sig);
    }
}

/* It may have a command of its own under way: its process group. */
static void end_enrol(struct running *r)
{
    int status = 0;

    if (r->enrol > 0) {
        (void)kill(-r->enrol, SIGKILL);
        while (!process_ended(r->enrol, &status)) {
            (void)poll(NULL, 0, 1);
        }
        r->enrol = -1;
    }
}

/* ---- what is said ---- */

static void write_status(const struct running *r)
{
    uint8_t text[CLUSTER_STATUS_MAX];
    struct writer w = wr_init(text, sizeof text);
    const char *const path = r->job->config->authority.status;
    struct view all;

    cluster_status_cores(&w, &r->state, r->cores);
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

static void say(struct running *r, const struct cluster_todo *todo)
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

static void tell_cores(const struct running *r, uint8_t mask, int sig)
{
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        if ((mask >> i & 1) != 0) {
            tell(r->cores[i], sig);
        }
    }
}

static void carry_out(struct running *r, const struct cluster_todo *todo)
{
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        if ((todo->note_ended >> i & 1) != 0) {
            r->unkept[i] = true;
            keep_ended(r, i);
        }
    }
    if (todo->end_enrol) {
        end_enrol(r);
    }
    tell(todo->stop_front ? r->front : -1, SIGTERM);
    tell(todo->kill_front ? r->front : -1, SIGKILL);
    if (todo->stop_cores != 0) {
        audit_pulls_last(&r->audits);
    }
    tell_cores(r, todo->stop_cores, SIGTERM);
    tell_cores(r, todo->kill_cores, SIGKILL);
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        if ((todo->start_cores >> i & 1) != 0) {
            start_core(r, i);
        }
    }
    if (todo->enrol) {
        start_enrol(r);
    }
    if (todo->start_front) {
        start_front(r);
    }
    r->over = r->over || todo->exit;
}

static void take_signals(struct running *r)
{
    for (int sig = process_next_signal(r->signals); sig != 0;
         sig = process_next_signal(r->signals)) {
        switch (sig) {
        case SIGCHLD:
            break; /* every round looks at its children */
        case SIGHUP:
            tell(r->front, SIGHUP);
            break;
        case SIGUSR1:
            push(r, CLUSTER_RENEW, 0);
            if (r->state.phase == CLUSTER_LEFT) {
                core_sets_renew(&r->sets);
            }
            break;
        case SIGUSR2:
            if (!core_sets_reload(&r->sets, now_ms())) {
                push(r, CLUSTER_LET_GO, 0);
            }
            break;
        default:
            notify("STOPPING=1");
            event_log(EVENT_INFO, EVENT_STOPPING, NULL, 0);
            push(r, CLUSTER_STOP, 0);
        }
    }
}

/* Runs, with no share: it may be given one. */
static bool is_outside(const struct running *r, uint8_t i)
{
    return r->state.phase == CLUSTER_SERVING && r->cores[i] > 0 && r->seen[i].known &&
           !r->state.cores[i].in_epoch;
}

static void look_who_is_back(struct running *r)
{
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        if (is_outside(r, i) &&
            ended_has_order(r->job->config->front.ended, r->seen[i].boot_nonce)) {
            push(r, CLUSTER_CORE_BACK, i);
        }
    }
}

static int poll_timeout(const struct running *r)
{
    const int64_t now = now_ms();
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
static void take_pending(struct running *r)
{
    struct pending now[PENDING_MAX];
    struct cluster_todo todo[PENDING_MAX];
    const size_t n = r->n_pending;
    bool changed = false;

    memcpy(now, r->pending, n * sizeof now[0]);
    r->n_pending = 0; /* what cannot be started is an event of the next round */
    for (size_t i = 0; i < n; i++) {
        todo[i] = cluster_step(&r->state, now[i].ev, now[i].core, now_ms());
        carry_out(r, &todo[i]);
        changed = changed || now[i].ev != CLUSTER_TICK || !is_nothing(&todo[i]);
    }
    changed = time_clients_step(&r->time, now_ms()) || changed;
    changed = tsm_clients_step(&r->tsm, now_ms()) || changed;
    mesh_child_want(&r->mesh,
                    r->state.phase == CLUSTER_ENROLLING || r->state.phase == CLUSTER_SERVING,
                    now_ms());
    changed = mesh_child_step(&r->mesh, now_ms()) || changed;
    if (r->state.phase == CLUSTER_ENDING && !r->state.again && r->front <= 0) {
        core_sets_end(&r->sets, now_ms()); /* as the own cores: after the front */
    }
    changed = core_sets_step(&r->sets, now_ms()) || changed;
    if (changed) {
        write_status(r);
    }
    for (size_t i = 0; i < n; i++) {
        say(r, &todo[i]);
    }
}

static enum err one_round(struct running *r)
{
    struct pollfd fds[2 + 2 * PLAN_NODES_MAX];
    size_t n = 1;

    fds[0] = (struct pollfd){.fd = r->signals, .events = POLLIN};
    n += front_watch_fds(&r->watch, fds + n);
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        n += core_watch_fds(&r->seen[i], fds + n);
    }
    n += audit_pulls_fds(&r->audits, fds + n);
    if (poll(fds, n, poll_timeout(r)) < 0) {
        return ERR_IO; /* every signal that has a handler is blocked: no EINTR */
    }
    take_signals(r);
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        core_watch_step(&r->seen[i], now_ms());
    }
    audit_pulls_step(&r->audits, now_ms());
    look_who_is_back(r);
    reap_all(r);
    if (front_watch_step(&r->watch, now_ms())) {
        push(r, CLUSTER_FRONT_READY, 0);
    }
    push(r, CLUSTER_TICK, 0);
    take_pending(r);
    return ERR_OK;
}

/* Cores end with their supervisor: those of an earlier run are gone. */
static enum err open_ended(struct running *r)
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

static enum err open_running(struct running *r)
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
    cluster_init(&r->state, &rule, now_ms());
    TRY(open_ended(r));
    return process_signals(&r->signals);
}

enum err cluster_run(const struct cluster_job *job)
{
    struct running *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return ERR_NOSPACE;
    }
    r->job = job;
    r->signals = r->front = r->enrol = r->ended.fd = -1;
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        r->cores[i] = -1;
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
