/* The children of a supervisor: cores, front, and the command that enrols them. */
#include "host/authority/cluster_running.h"
#include "host/authority/cluster_status.h"
#include "host/authority/process_io.h"
#include "os/event_log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A child has ended; that matters as long as there is no key. */
static void note_failing(struct cluster_running *r, const struct failing_end *end)
{
    if (r->state.phase == CLUSTER_ENROLLING) {
        failing_note(&r->failing, end);
    }
}

/* Keeps that a core with a share has ended. */
static void keep_ended(struct cluster_running *r, uint8_t i)
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
static void start_core(struct cluster_running *r, uint8_t i)
{
    char name[16];

    if (r->unkept[i]) {
        keep_ended(r, i);
    }
    if (r->unkept[i] && r->seen[i].known) {
        cluster_push(r, CLUSTER_CORE_ENDED, i); /* the pause, and once more */
        return;
    }
    r->unkept[i] = false;
    cluster_core_name(i, name);
    core_watch_start(&r->seen[i], cluster_now_ms());
    /* Of one that ended before there was a key it is told what it says. */
    struct child_log *const log =
        r->state.phase == CLUSTER_ENROLLING && r->state.cores[i].fails > 0 ? &r->logs[i] : NULL;

    if (child_log_start(log, r->core_program, r->core_args[i].argv, &r->cores[i]) == ERR_OK) {
        process_log_started(EVENT_CORE_STARTED, name, r->cores[i]);
        time_clients_want(&r->time, i, true, cluster_now_ms());
        tsm_clients_want(&r->tsm, i, true, cluster_now_ms());
        audit_pulls_started(&r->audits, i);
    } else {
        note_failing(r, &(struct failing_end){name, r->state.cores[i].fails + 1,
                                              "could not be started", strerrordesc_np(errno)});
        cluster_push(r, CLUSTER_CORE_ENDED, i);
    }
}

static void start_front(struct cluster_running *r)
{
    static char option[] = "--config";
    char path[PATH_MAX];
    char *argv[] = {r->front_program, option, path, NULL};

    (void)snprintf(path, sizeof path, "%s",
                   r->job->front_config_path != NULL ? r->job->front_config_path
                                                     : r->job->config_path);
    front_watch_start(&r->watch, cluster_now_ms());
    if (child_log_start(NULL, r->front_program, argv, &r->front) == ERR_OK) {
        process_log_started(EVENT_FRONT_STARTED, "", r->front);
    } else {
        cluster_push(r, CLUSTER_FRONT_ENDED, 0);
    }
}

/* A process of its own: quorate-authority authority enrol. */
static void start_enrol(struct cluster_running *r)
{
    static char authority[] = "authority";
    static char enrol[] = "enrol";
    static char option[] = "--config";
    static char once[] = "--once";
    char path[PATH_MAX];
    char *argv[] = {
        r->own_program, authority, enrol, option, path, r->job->must_start ? once : NULL, NULL};

    (void)snprintf(path, sizeof path, "%s", r->job->config_path);
    if (child_log_start(&r->enrol_log, r->own_program, argv, &r->enrol) == ERR_OK) {
        process_log_started(EVENT_ENROLL_STARTED, "", r->enrol);
    } else {
        cluster_push(r, CLUSTER_NOT_ENROLLED, 0);
    }
}

struct child_end {
    int status;
    char how[24];
};

/* Whether a child has ended; then it is logged. */
static bool reap(const struct cluster_running *r, pid_t *pid, enum event ev, const char *name,
                 struct child_end *out)
{
    if (*pid <= 0 || !process_ended(*pid, &out->status)) {
        return false;
    }
    process_status_text(out->status, out->how);
    process_log_ended(
        ev, &(struct process_end){name, *pid, out->how,
                                  out->status == 0 || r->state.phase == CLUSTER_ENDING});
    *pid = -1;
    return true;
}

void cluster_reap(struct cluster_running *r)
{
    struct child_end end;

    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        char name[16];

        cluster_core_name(i, name);
        child_log_step(&r->logs[i]);
        if (reap(r, &r->cores[i], EVENT_CORE_ENDED, name, &end)) {
            child_log_close(&r->logs[i]);
            note_failing(r, &(struct failing_end){name, r->state.cores[i].fails + 1, end.how,
                                                  r->logs[i].said});
            core_watch_stop(&r->seen[i]);
            time_clients_want(&r->time, i, false, cluster_now_ms());
            tsm_clients_want(&r->tsm, i, false, cluster_now_ms());
            cluster_push(r, CLUSTER_CORE_ENDED, i);
        }
    }
    child_log_step(&r->enrol_log);
    if (reap(r, &r->enrol, EVENT_ENROLL_ENDED, "", &end)) {
        child_log_close(&r->enrol_log);
        (void)!ended_trim(&r->ended); /* else at the next epoch */
        cluster_push(r, end.status == 0 ? CLUSTER_ENROLLED : CLUSTER_NOT_ENROLLED, 0);
        if (end.status != 0) {
            note_failing(r, &(struct failing_end){"enrol", r->state.enrol.fails + 1, end.how,
                                                  r->enrol_log.said});
        }
    }
    if (reap(r, &r->front, EVENT_FRONT_ENDED, "", &end)) {
        front_watch_stop(&r->watch);
        cluster_push(r, CLUSTER_FRONT_ENDED, 0);
    }
}

void cluster_tell(pid_t pid, int sig)
{
    if (pid > 0) {
        (void)kill(pid, sig);
    }
}

/* It may have a command of its own under way: its process group. */
static void end_enrol(struct cluster_running *r)
{
    int status = 0;

    if (r->enrol > 0) {
        (void)kill(-r->enrol, SIGKILL);
        while (!process_ended(r->enrol, &status)) {
            (void)poll(NULL, 0, 1);
        }
        r->enrol = -1;
        child_log_close(&r->enrol_log);
    }
}

static void tell_cores(const struct cluster_running *r, uint8_t mask, int sig)
{
    for (uint8_t i = 0; i < r->state.rule.total; i++) {
        if ((mask >> i & 1) != 0) {
            cluster_tell(r->cores[i], sig);
        }
    }
}

void cluster_carry_out(struct cluster_running *r, const struct cluster_todo *todo)
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
    cluster_tell(todo->stop_front ? r->front : -1, SIGTERM);
    cluster_tell(todo->kill_front ? r->front : -1, SIGKILL);
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
