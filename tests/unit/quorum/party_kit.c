#include "party_kit.h"

#include "testing.h"

static void make_node(struct party_kit *k, unsigned i, size_t pool)
{
    struct party_node *const node = &k->nodes[i];
    struct plan_node *const listed = &k->plan.nodes[i];
    uint8_t seed[ED25519_SEED_LEN];

    noise_bytes(&k->noise, seed, sizeof seed);
    noise_bytes(&k->noise, listed->boot_nonce, sizeof listed->boot_nonce);
    node->stack = aligned_alloc(4096, (sizeof *node->stack + 4095) / 4096 * 4096);
    work_stack_init(node->stack);
    assert_int_equal(ed25519_key_make(node->stack, seed, &node->identity), ERR_OK);
    memcpy(listed->signing_key, node->identity.public_key, ED25519_PUBLIC_LEN);
    node->room = malloc(pq_party_room(k->math->params, pool));
}

struct party_kit *party_kit_new(const struct mldsa_params *set, unsigned t, unsigned n,
                                size_t pool)
{
    static const uint8_t seed[32] = {1, 2, 3};
    struct party_kit *k = calloc(1, sizeof *k);

    k->math = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(set, t, n), 1, seed);
    k->plan.threshold = (uint8_t)t;
    k->plan.total = (uint8_t)n;
    k->plan.repetitions_refuse = PLAN_REPETITIONS_MAX;
    k->noise = t * 10 + n;
    k->now_ns = 1000 * MS;
    memset(k->epoch_id, 0x5a, sizeof k->epoch_id);
    for (unsigned i = 0; i < n; i++) {
        make_node(k, i, pool);
    }
    for (unsigned i = 0; i < n; i++) {
        struct party_node *const node = &k->nodes[i];
        const struct pq_party_setup setup = {.key = &k->math->key,
                                             .share = &k->math->share[i],
                                             .identity = &node->identity,
                                             .stack = node->stack,
                                             .plan = &k->plan,
                                             .epoch_id = k->epoch_id,
                                             .node_key = seed,
                                             .pool = pool,
                                             .room = node->room};

        pq_party_init(&node->party, &setup);
    }
    return k;
}

void party_kit_free(struct party_kit *k)
{
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        free(k->nodes[i].room);
        free(k->nodes[i].stack);
    }
    tmldsa_kit_free(k->math);
    free(k);
}

void party_kit_fill(struct party_kit *k)
{
    uint8_t rng[TMLDSA_NODE_RNG_LEN];
    struct pq_place *place;

    for (unsigned i = 0; i < k->plan.total; i++) {
        struct pq_party *const p = &k->nodes[i].party;

        noise_bytes(&k->noise, rng, sizeof rng);
        while ((place = pq_party_fill(p, rng)) != NULL) {
            pq_party_filled(
                p, place,
                tmldsa_commit(&k->math->key, i, &k->math->commit_scratch, &place->batch));
            noise_bytes(&k->noise, rng, sizeof rng);
        }
    }
}

void party_round_1(struct party_kit *k, unsigned act, struct party_run *run)
{
    struct writer w = wr_init(run->r1s, sizeof run->r1s);

    memset(&run->head, 0, sizeof run->head);
    memcpy(run->head.epoch_id, k->epoch_id, EPOCH_ID_LEN);
    run->head.key = KEY_PQ;
    run->head.n = 1;
    for (unsigned i = 0; i < k->plan.total; i++) {
        struct r1_body b = {.key = KEY_PQ, .index = (uint8_t)(i + 1)};
        struct r1_offer offer;
        uint8_t *const at = run->r1s + run->head.t * (size_t)R1_MAX_LEN;

        if ((act >> i & 1) == 0) {
            continue;
        }
        run->head.signers[run->head.t++] = b.index;
        memcpy(b.epoch_id, k->epoch_id, EPOCH_ID_LEN);
        noise_bytes(&k->noise, b.r1_id, sizeof b.r1_id);
        assert_int_equal(pq_party_offer(&k->nodes[i].party, 0, k->now_ns, &offer), ERR_OK);
        r1_body_encode(&w, &b);
        r1_offer_encode(&w, &offer);
        assert_int_equal(pq_party_prove(&k->nodes[i].party, at), ERR_OK);
    }
    noise_bytes(&k->noise, run->x, sizeof run->x);
    noise_bytes(&k->noise, run->mu, sizeof run->mu);
}

enum err party_round_2(struct party_kit *k, struct party_run *run, size_t at)
{
    const struct pq_question q = {
        &run->head, {run->r1s, run->head.t * (size_t)R1_MAX_LEN}, run->x, run->mu};

    return pq_party_open(&k->nodes[run->head.signers[at] - 1].party, k->now_ns, &q,
                         run->sig[at], &run->reveals[at]);
}

void party_r3(const struct party_kit *k, const struct party_run *run, size_t at, struct r3 *m)
{
    (void)k;
    *m = (struct r3){0};
    memcpy(m->x, run->x, STAMP_X_LEN);
    for (size_t i = 0; i < run->head.t; i++) {
        if (i != at) {
            m->reveals[m->n++] = run->reveals[i];
        }
    }
}

enum err party_round_3(struct party_kit *k, struct party_run *run, size_t at)
{
    const unsigned place = run->head.signers[at] - 1U;
    struct pq_party *const p = &k->nodes[place].party;
    struct pq_answer *a;
    struct quorum_word word;
    uint8_t sig[QUORUM_SIG_LEN];
    struct r3 m;
    enum err e;

    party_r3(k, run, at, &m);
    e = pq_party_take(p, &m, &a);
    if (e != ERR_OK) {
        return e;
    }
    pq_answer_make(p, &k->math->respond_scratch, a);
    e = pq_party_answered(p, a, sig, &word);
    if (e == ERR_OK) {
        uint8_t signed_part[QUORUM_SIGNED_LEN];

        quorum_word_signed(QUORUM_RESPOND, run->x, &word, signed_part);
        assert_int_equal(ed25519_verify(NULL, k->plan.nodes[place].signing_key,
                                        (struct view){signed_part, sizeof signed_part},
                                        word.signature.p),
                         ERR_OK);
        memcpy(k->math->response_room[place], word.body.p, word.body.n);
        k->math->response_bytes[place] =
            (struct view){k->math->response_room[place], word.body.n};
    }
    pq_party_release(p, a);
    return e;
}

/* What the coordinator does with three responses. */
static bool combine(struct party_kit *k, const struct party_run *run)
{
    struct tmldsa_session *const s = &k->math->session;

    s->act = 0;
    memcpy(s->id, run->x, sizeof s->id);
    memcpy(s->mu, run->mu, sizeof s->mu);
    for (size_t i = 0; i < run->head.t; i++) {
        s->act |= (uint8_t)(1U << (run->head.signers[i] - 1U));
    }
    tmldsa_finish(k->math);
    return k->math->outcome.found;
}

bool party_sign(struct party_kit *k, unsigned act)
{
    struct party_run run;
    uint8_t *w[STAMP_T_MAX];
    const size_t len = tmldsa_pack_batch_len(k->math->params);
    bool found;

    party_round_1(k, act, &run);
    for (size_t i = 0; i < run.head.t; i++) {
        assert_int_equal(party_round_2(k, &run, i), ERR_OK);
        /* The host's copy: the loan ends when the batch does. */
        w[i] = malloc(len);
        memcpy(w[i], run.reveals[i].body.p, len);
        run.reveals[i].body.p = w[i];
        k->math->session.w[run.head.signers[i] - 1][0] = run.reveals[i].body;
    }
    for (size_t i = 0; i < run.head.t; i++) {
        assert_int_equal(party_round_3(k, &run, i), ERR_OK);
    }
    found = combine(k, &run);
    for (size_t i = 0; i < run.head.t; i++) {
        free(w[i]);
    }
    return found;
}
