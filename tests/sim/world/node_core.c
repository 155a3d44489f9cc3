/* A node is a core: struct core, driven by frames as core_io.c drives it, with its queue of
 * jobs and one worker thread, whose time the world gives it. */
#include "sim_events.h"
#include "sim_node.h"
#include "sim_rng.h"

#include "enclave/core/core_quorum.h"
#include "enclave/quorum/pq_worker.h"

struct sim_node {
    struct core core;
    struct pq_party party;
    struct pq_worker worker;
    const struct sim_fixture *f;
    unsigned place;
    size_t pool;
    struct sim_rng rng;
    struct entropy_source entropy;
    uint8_t *room, *out;
    size_t out_max;
};

static enum err fill_entropy(void *self, uint8_t *out, size_t n)
{
    struct sim_node *const node = self;

    sim_bytes(&node->rng, out, n);
    return ERR_OK;
}

struct sim_node *sim_node_new(const struct sim_fixture *f, unsigned place, size_t pool)
{
    const struct tmldsa_params *const p = f->math->params;
    struct sim_node *const n = aligned_alloc(4096, (sizeof *n + 4095) / 4096 * 4096);

    sim_must(n != NULL);
    memset(n, 0, sizeof *n);
    n->f = f;
    n->place = place;
    n->pool = pool;
    n->entropy = (struct entropy_source){fill_entropy, n};
    n->room = malloc(pq_party_room(p, pool));
    n->out_max = LIMIT_FRAME_LONG;
    n->out = malloc(n->out_max);
    pq_worker_init(&n->worker);
    return n;
}

void sim_node_free(struct sim_node *n)
{
    free(n->room);
    free(n->out);
    free(n);
}

/* Whatever place of the pool is empty is for the worker. */
static void fill(struct sim_node *n)
{
    struct pq_place *place;

    while ((place = core_quorum_fill(&n->core)) != NULL) {
        jobs_submit_commit(&n->core.jobs, place);
    }
}

/* As the ceremony and the activation leave it. */
static void join(struct sim_node *n)
{
    const struct sim_fixture *const f = n->f;
    struct core *const c = &n->core;
    uint8_t node_key[TMLDSA_NODE_KEY_LEN];
    const struct pq_party_setup setup = {.key = &f->math->key,
                                         .share = &f->math->share[n->place],
                                         .identity = &f->identities[n->place].key,
                                         .stack = f->identities[n->place].stack,
                                         .plan = &f->plan,
                                         .epoch_id = f->epoch_id,
                                         .node_key = node_key,
                                         .pool = n->pool,
                                         .room = n->room};

    sim_bytes(&n->rng, node_key, sizeof node_key);
    memcpy(c->epoch_id, f->epoch_id, EPOCH_ID_LEN);
    c->index = (uint8_t)(n->place + 1);
    c->total = SIM_NODES;
    c->has_pq = true;
    c->threshold[KEY_PQ - 1] = SIM_THRESHOLD;
    c->certs[KEY_PQ - 1] = f->certs[KEY_PQ - 1];
    pq_party_init(&n->party, &setup);
    core_quorum_begin(c, &n->party);
}

void sim_node_start(struct sim_node *n, const struct clock_source *clock, uint64_t seed,
                    bool has_share)
{
    const struct core_public keys = {.classic = {4}};
    const struct core_setup setup = {
        .args = &n->f->args, .entropy = &n->entropy, .clock = clock};

    n->rng.state = seed;
    tmldsa_must(core_init(&n->core, &setup), "core");
    n->core.has_pq = false; /* not before a ceremony */
    tmldsa_must(core_start(&n->core, ERR_OK, &keys), "core");
    if (has_share) {
        join(n);
        core_tick(&n->core);
        sim_must(n->core.state == CORE_SERVING);
        fill(n);
    }
}

bool sim_node_take(struct sim_node *n, uint32_t lane, const struct frame_header *h,
                   struct view body, struct sim_answer *answer)
{
    const struct core_call call = {.head = *h, .body = body, .lane = lane};
    struct writer w = wr_init(n->out, n->out_max);
    struct sign_batch *const b = core_step(&n->core, &call, &w);

    if (b != NULL) {
        jobs_submit(&n->core.jobs, b);
        fill(n);
        return false;
    }
    fill(n);
    answer->lane = lane;
    tmldsa_must(wr_finish(&w, &answer->frame), "answer");
    return true;
}

bool sim_node_has_work(const struct sim_node *n)
{
    return n->core.jobs.waiting > 0 || n->core.jobs.n_commits > 0;
}

/* An R3 is answered. */
static void finish(struct sim_node *n, struct sign_batch *b, struct sim_answer *answer)
{
    struct writer w = wr_init(n->out, n->out_max);

    answer->lane = b->lane;
    pq_worker_answer(&n->worker, &n->party, b->answer);
    b->jobs[0].err = ERR_OK;
    sim_must(jobs_finish(&n->core.jobs, b) && jobs_collect(&n->core.jobs) == b);
    core_finish(&n->core, b, &w);
    tmldsa_must(wr_finish(&w, &answer->frame), "answer");
}

bool sim_node_work(struct sim_node *n, struct sim_answer *answer)
{
    struct jobs *const q = &n->core.jobs;
    struct sign_batch *b;
    const bool answers = jobs_take(q, &b) != NULL;
    struct pq_place *const place = answers ? NULL : jobs_take_commit(q);
    struct commit_done done;

    if (answers) {
        finish(n, b, answer);
    } else if (place != NULL) {
        jobs_finish_commit(q, place, pq_worker_commit(&n->worker, &n->party, place));
        sim_must(jobs_collect_commit(q, &done));
        core_quorum_filled(&n->core, done.place, done.err);
    }
    fill(n);
    return answers;
}

void sim_node_tick(struct sim_node *n)
{
    core_tick(&n->core);
    fill(n);
}
