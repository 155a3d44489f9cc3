/* cluster_running.h - a supervisor of several cores as it runs: what cluster_io.c and
 * cluster_children_io.c share. */
#ifndef HOST_AUTHORITY_CLUSTER_RUNNING_H
#define HOST_AUTHORITY_CLUSTER_RUNNING_H

#include "host/authority/audit_pull_io.h"
#include "host/authority/child_log_io.h"
#include "host/authority/cluster.h"
#include "host/authority/cluster_io.h"
#include "host/authority/core_args.h"
#include "host/authority/core_sets_io.h"
#include "host/authority/core_watch_io.h"
#include "host/authority/ended_io.h"
#include "host/authority/front_watch_io.h"
#include "host/authority/mesh_child_io.h"
#include "host/authority/time_clients_io.h"
#include "host/authority/tsm_clients_io.h"

#include <limits.h>
#include <sys/types.h>

/* Events of one round of the loop: two of each child, and signals. */
#define CLUSTER_PENDING_MAX 32

struct cluster_pending {
    enum cluster_event ev;
    uint8_t core;
};

struct cluster_running {
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
    struct child_log logs[PLAN_NODES_MAX], enrol_log;
    struct failing failing;      /* whoever has ended most often since there was no key */
    bool unkept[PLAN_NODES_MAX]; /* it has ended with a share, and that is not on disk */
    char own_program[PATH_MAX], core_program[PATH_MAX], front_program[PATH_MAX];
    pid_t cores[PLAN_NODES_MAX], front, enrol; /* -1: does not run */
    int signals;
    struct cluster_pending pending[CLUSTER_PENDING_MAX];
    size_t n_pending;
    bool over; /* cores and front have ended; a time client or the mesh may still run */
};

int64_t cluster_now_ms(void);

/* An event of the next round. */
void cluster_push(struct cluster_running *r, enum cluster_event ev, uint8_t core);

/* ---- cluster_children_io.c ---- */

/* Logs each child that has ended, and makes events of them. */
void cluster_reap(struct cluster_running *r);

/* Where it runs. */
void cluster_tell(pid_t pid, int sig);

/* Starts children, and tells them to end. */
void cluster_carry_out(struct cluster_running *r, const struct cluster_todo *todo);

#endif
