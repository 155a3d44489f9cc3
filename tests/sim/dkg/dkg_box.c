/* A node: a whole core that signs with others, and its worker. */
#include "dkg_world.h"

#include "base/secret.h"
#include "enclave/core/core_quorum.h"

static enum err fill_entropy(void *self, uint8_t *out, size_t n)
{
    struct dkg_box *const b = self;

    sim_bytes(&b->rng, out, n);
    return ERR_OK;
}

/* What another life left in the memory of the last one. */
static void clean(struct dkg_box *b)
{
    if (b->core.member != NULL) {
        core_member_wipe(b->core.member);
        memset(b->memory, 0, sizeof(struct core_member));
    }
}

void dkg_box_start(struct dkg_world *w, unsigned node)
{
    struct dkg_box *const b = &w->boxes[node];
    const struct identity *const id = &w->identities[node][b->life];
    const struct core_member_setup member = {
        .entropy = &b->entropy, .signer = w->signer, .identity = id, .work = w->work};
    struct core_setup setup = {
        .args = &w->args, .entropy = &b->entropy, .clock = &b->clock.source};
    struct core_public keys = {0};

    clean(b);
    b->rng.state = sim_next(&w->rng);
    b->entropy = (struct entropy_source){fill_entropy, b};
    b->down = false;
    b->n_held = 0;
    memset(&b->seen, 0, sizeof b->seen);
    memset(&b->liar, 0, sizeof b->liar);
    memcpy(keys.identity, id->key.public_key, sizeof keys.identity);
    memcpy(keys.signing_key, id->signing_key.public_key, sizeof keys.signing_key);
    memcpy(keys.classic, w->classic[node].public_key, sizeof keys.classic);
    setup.member = core_member_init(b->memory, &member);
    sim_must(core_init(&b->core, &setup) == ERR_OK &&
             core_start(&b->core, ERR_OK, &keys) == ERR_OK);
}

/* What a worker makes of it. */
static void work_off(struct dkg_world *w, unsigned node, struct sign_batch *b,
                     struct writer *out)
{
    struct dkg_box *const box = &w->boxes[node];
    struct jobs *const q = &box->core.jobs;
    struct sign_job *job;

    jobs_submit(q, b);
    while ((job = jobs_take(q, &b)) != NULL) {
        job->err = ERR_OK;
        if (b->answer != NULL) {
            pq_worker_answer(&box->worker, &box->core.member->party, b->answer);
        } else {
            job->err =
                p384_sign(w->signer, &w->classic[node], job->digest, jobs_signature(b, job));
        }
        (void)jobs_finish(q, b);
    }
    b = jobs_collect(q);
    sim_must(b != NULL && b->next == NULL);
    core_finish(&box->core, b, out);
}

struct view dkg_box_call(struct dkg_world *w, unsigned node, uint8_t type, uint64_t request_id,
                         struct view body)
{
    const struct core_call call = {.head = {type, (uint32_t)body.n, request_id}, .body = body};
    struct writer out = wr_init(w->answer_room, LIMIT_FRAME_LONG);
    struct sign_batch *b;
    struct view answer = {NULL, 0};

    dkg_plant_enter(node);
    b = core_step(&w->boxes[node].core, &call, &out);
    if (b != NULL) {
        work_off(w, node, b, &out);
    }
    dkg_plant_leave();
    if (wr_finish(&out, &answer) != ERR_OK) {
        dkg_break(w, DKG_RULE_FRAME, node);
    }
    w->totals.frames++;
    if (dkg_is_honest(w, node)) {
        dkg_check_node(w, node, answer);
    }
    return answer;
}

enum err dkg_box_ask(struct dkg_world *w, unsigned node, uint8_t type, struct view body,
                     struct view *answer)
{
    const struct view frame = dkg_box_call(w, node, type, 1, body);
    struct frame_header h;
    enum err e = ERR_OK;

    *answer = (struct view){NULL, 0};
    TRY(frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h));
    *answer = (struct view){frame.p + FRAME_HEADER_LEN, frame.n - FRAME_HEADER_LEN};
    if (h.type == FRAME_ERROR) {
        TRY(frame_error_decode(*answer, &e));
    }
    return e;
}

void dkg_box_work(struct dkg_world *w, unsigned node)
{
    struct dkg_box *const b = &w->boxes[node];
    struct pq_place *const place = core_quorum_fill(&b->core);

    if (place != NULL) {
        core_quorum_filled(&b->core, place,
                           pq_worker_commit(&b->worker, &b->core.member->party, place));
    }
}

/* Clocks are right here: what wrong ones do is the other simulation's. */
void dkg_box_go(struct dkg_world *w, int64_t to_ns)
{
    for (unsigned i = 0; i < DKG_NODES; i++) {
        struct false_clock *const c = &w->boxes[i].clock;

        c->mono_ns += to_ns - w->now_ns;
        c->kernel.now_ns += to_ns - w->now_ns;
    }
    w->now_ns = to_ns;
}
