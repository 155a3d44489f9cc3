/* A node is a whole core: frames go through core_step(), and what a worker would do is done
 * when the world says so. */
#include "sim_events.h"
#include "sim_node.h"
#include "sim_rng.h"

#include "enclave/core/core_quorum.h"

struct sim_node {
    const struct sim_fixture *f;
    unsigned place;
    size_t pool;
    struct sim_rng rng;
    struct entropy_source entropy;
    struct pq_place *making; /* a worker has it */
    uint8_t *room, *out;
    size_t out_max;
    struct pq_party party;
    struct core core;
};

static enum err draw(void *self, uint8_t *out, size_t n)
{
    sim_bytes(self, out, n);
    return ERR_OK;
}

struct sim_node *sim_node_new(const struct sim_fixture *f, unsigned place, size_t pool)
{
    const struct tmldsa_params *const p = f->math->params;
    struct sim_node *const n = calloc(1, sizeof *n);

    sim_must(n != NULL);
    n->f = f;
    n->place = place;
    n->pool = pool;
    n->entropy = (struct entropy_source){draw, &n->rng};
    n->room = malloc(pq_party_room(p, pool));
    n->out_max = LIMIT_FRAME_LONG;
    n->out = malloc(n->out_max);
    sim_must(n->room != NULL && n->out != NULL);
    return n;
}

void sim_node_free(struct sim_node *n)
{
    free(n->room);
    free(n->out);
    free(n);
}

/* A worker takes the next place to be filled. */
static void begin_batch(struct sim_node *n)
{
    if (n->making == NULL) {
        n->making = core_quorum_fill(&n->core);
    }
}

/* What a ceremony and the activation leave. */
static void join(struct sim_node *n)
{
    const struct sim_fixture *const f = n->f;
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
    pq_party_init(&n->party, &setup);
    memcpy(n->core.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(n->core.certs, f->certs, sizeof n->core.certs);
    n->core.has_pq = true;
    n->core.index = (uint8_t)(n->place + 1);
    n->core.total = SIM_NODES;
    n->core.threshold[KEY_PQ - 1] = SIM_THRESHOLD;
    core_quorum_begin(&n->core, &n->party);
}

void sim_node_start(struct sim_node *n, const struct clock_source *clock, uint64_t seed,
                    bool has_share)
{
    static const struct core_public keys;
    const struct core_setup setup = {
        .args = &n->f->args, .entropy = &n->entropy, .clock = clock};

    n->rng.state = seed;
    n->making = NULL;
    tmldsa_must(core_init(&n->core, &setup), "core_init");
    n->core.has_pq = false; /* not before a ceremony */
    tmldsa_must(core_start(&n->core, ERR_OK, &keys), "core_start");
    if (has_share) {
        join(n);
    }
    core_tick(&n->core);
    begin_batch(n);
}

bool sim_node_take(struct sim_node *n, uint32_t lane, const struct frame_header *h,
                   struct view body, struct sim_answer *answer)
{
    const struct core_call call = {.head = *h, .body = body, .lane = lane};
    struct writer w = wr_init(n->out, n->out_max);
    struct sign_batch *const b = core_step(&n->core, &call, &w);

    begin_batch(n);
    if (b != NULL) {
        sim_must(b->answer != NULL); /* no key signs alone */
        jobs_submit(&n->core.jobs, b);
        return false;
    }
    answer->lane = lane;
    tmldsa_must(wr_finish(&w, &answer->frame), "answer");
    return true;
}

bool sim_node_has_work(const struct sim_node *n)
{
    return n->core.jobs.waiting > 0 || n->making != NULL;
}

static void finish_answer(struct sim_node *n, struct sign_job *job, struct sign_batch *b,
                          struct sim_answer *answer)
{
    struct writer w = wr_init(n->out, n->out_max);

    pq_answer_make(&n->party, &n->f->math->respond_scratch, b->answer);
    job->err = ERR_OK;
    sim_must(jobs_finish(&n->core.jobs, b) && jobs_collect(&n->core.jobs) == b);
    answer->lane = b->lane;
    memcpy(answer->x, b->answer->place->session.id, STAMP_X_LEN);
    core_finish(&n->core, b, &w);
    tmldsa_must(wr_finish(&w, &answer->frame), "answer");
}

bool sim_node_work(struct sim_node *n, struct sim_answer *answer)
{
    struct sign_batch *b;
    struct sign_job *const job = jobs_take(&n->core.jobs, &b);

    if (job != NULL) { /* batches in idle time */
        finish_answer(n, job, b, answer);
    } else if (n->making != NULL) {
        core_quorum_filled(&n->core, n->making,
                           tmldsa_commit(&n->f->math->key, n->place,
                                         &n->f->math->commit_scratch, &n->making->batch));
        n->making = NULL;
    }
    begin_batch(n);
    return job != NULL;
}

void sim_node_tick(struct sim_node *n)
{
    core_tick(&n->core);
    begin_batch(n);
}
