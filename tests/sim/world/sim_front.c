/* The honest coordinator: quorum_step, with the connections that coord_link_io would give it.
 */
#include "sim_world.h"

#include "enclave/judge/stamping.h"

#include <stdlib.h>

#define PUMP_AGAIN_NS 1000

static void on_blame(void *user, unsigned party, const struct quorum_run *run)
{
    struct sim_world *const w = user;

    (void)run;
    SIM_TRACE(w, "      node %u is named as a liar", party + 1);
    w->totals.blames++;
    if (sim_is_honest(w, party)) {
        sim_check_break(w, RULE_BLAME, party);
    }
}

void sim_front_begin(struct sim_world *w)
{
    struct quorum_step_setup setup = {.counters = &w->counters,
                                      .scratch = w->f->scratch,
                                      .room = w->run_room,
                                      .on_blame = on_blame,
                                      .user = w};

    sim_bytes(&w->rng, setup.sid_prefix, sizeof setup.sid_prefix);
    quorum_step_init(&w->step, &w->f->roster, &setup);
    w->pump_ns = INT64_MAX;
    w->n_jobs = 0;
    for (unsigned i = 0; i < SIM_NODES; i++) {
        w->links[i] = (struct sim_link){.up = true, .number = 1};
        quorum_step_up(&w->step, i, true, w->now_ns);
    }
}

/* ---- jobs ---- */

static enum err to_sign(const struct coord_job *job, uint8_t *mu)
{
    const struct sim_job *const j = job->user;
    const struct sim_fixture *const f = j->world->f;
    const struct r2_stamp fields = {
        .hash_alg = job->hash_alg,
        .policy = job->policy,
        .hashed_message = {job->hashed_message, hash_len((enum hash_alg)job->hash_alg)},
        .nonce = {job->nonce, job->nonce_len}};

    return stamping_digest(&job->stamp, &fields, sim_fixture_policy(f, job->policy), f->certs,
                           KEY_PQ, mu);
}

static void done(struct coord_job *job)
{
    struct sim_job *const j = job->user;
    struct sim_world *const w = j->world;

    SIM_TRACE(w, "   job %u ends: %s", (unsigned)(j - w->jobs), err_name(job->err));
    j->done_ns = w->now_ns;
    if (j->done++ > 0 || w->now_ns > job->deadline_ns) {
        sim_check_break(w, RULE_DONE, SIM_NODES);
    }
    if (job->err == ERR_OK) {
        w->totals.tokens++;
        if (w->check.halted) {
            sim_check_break(w, RULE_HALTED, SIM_NODES);
        }
        tmldsa_must(to_sign(job, j->mu), "mu"); /* another session's may have been made since */
        sim_check_token(w, &job->stamp, j->mu,
                        (struct view){job->signature, job->signature_len});
    }
}

size_t sim_front_job(struct sim_world *w, uint8_t policy, int64_t within_ns)
{
    struct sim_job *const j = &w->jobs[w->n_jobs];
    struct coord_job *const job = &j->job;

    sim_must(w->n_jobs < SIM_JOBS_MAX);
    *j = (struct sim_job){.world = w};
    job->key = KEY_PQ;
    job->policy = policy;
    job->hash_alg = HASH_SHA512;
    job->rule = sim_fixture_policy(w->f, policy)->rule;
    job->deadline_ns = within_ns; /* since it is submitted */
    job->to_sign = to_sign;
    job->done = done;
    job->user = j;
    memcpy(job->epoch_id, w->f->epoch_id, EPOCH_ID_LEN);
    memcpy(job->activation, sim_fixture_activation(w->f), ACTIVATION_HASH_LEN);
    sim_bytes(&w->rng, job->hashed_message, HASH_MAX);
    return w->n_jobs++;
}

/* Wakes the coordinator when it wants to be. */
static void see_to_pump(struct sim_world *w)
{
    int64_t next = quorum_step_next(&w->step);

    next = next <= w->now_ns ? w->now_ns + PUMP_AGAIN_NS : next;
    if (next < w->pump_ns) {
        w->pump_ns = next;
        sim_at(w, next, SIM_PUMP, 0, next);
    }
}

void sim_front_submit(struct sim_world *w, size_t job)
{
    struct coord_job *const j = &w->jobs[job].job;

    j->deadline_ns += w->now_ns;
    w->totals.jobs++;
    SIM_TRACE(w, "   job %u is submitted", (unsigned)job);
    atomic_fetch_add(&w->counters.queue_depth, 1);
    quorum_step_submit(&w->step, j, w->now_ns);
    sim_front_pull(w);
}

/* ---- links ---- */

void sim_front_pull(struct sim_world *w)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct writer out = wr_init(w->ask_room, w->ask_max);
        struct view frame;

        while (w->links[i].up && w->step.cores[i].up && quorum_step_pull(&w->step, i, &out)) {
            tmldsa_must(wr_finish(&out, &frame), "question");
            sim_net_to_node(w, SIM_LANE_FRONT, i, frame);
            out = wr_init(w->ask_room, w->ask_max);
        }
    }
    see_to_pump(w);
}

void sim_front_connect(struct sim_world *w, unsigned node, bool up)
{
    struct sim_link *const l = &w->links[node];

    if (l->up != up) {
        SIM_TRACE(w, "      connection to node %u: %s", node + 1, up ? "up" : "lost");
        l->up = up;
        l->number++;
        if (sim_shares(w) < SIM_THRESHOLD) {
            w->check.halted = true;
        }
        /* HELLO says of which epoch a core is. */
        quorum_step_up(&w->step, node, up && w->boxes[node].has_share, w->now_ns);
        if (!up) {
            sim_at(w, w->now_ns + sim_in(&w->rng, MS, 20 * MS), SIM_RECONNECT, node, 0);
        }
    }
    sim_front_pull(w);
}

static bool is_whole(const struct sim_event *e, struct frame_header *h)
{
    return frame_header_decode((struct view){e->bytes, FRAME_HEADER_LEN}, h) == ERR_OK &&
           h->body_len == e->n - FRAME_HEADER_LEN;
}

void sim_front_take(struct sim_world *w, const struct sim_event *e)
{
    const struct view body = {e->bytes + FRAME_HEADER_LEN, e->n - FRAME_HEADER_LEN};
    struct frame_header h;

    if (!w->links[e->node].up || e->arg != w->links[e->node].number ||
        !w->step.cores[e->node].up) {
        return;
    }
    if (!is_whole(e, &h) ||
        ((h.request_id & QUORUM_ID_BIT) != 0 &&
         quorum_step_take(&w->step, e->node, &h, body, w->now_ns) != ERR_OK)) {
        sim_front_connect(w, e->node, false);
        return;
    }
    sim_front_pull(w);
}

void sim_front_poll(struct sim_world *w)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        if (w->links[i].up && (w->cut >> i & 1) == 0 && !w->boxes[i].is_down) {
            quorum_step_heard(&w->step, i);
        }
    }
    sim_front_pump(w);
}

void sim_front_pump(struct sim_world *w)
{
    quorum_step_pump(&w->step, w->now_ns);
    sim_front_pull(w);
}
