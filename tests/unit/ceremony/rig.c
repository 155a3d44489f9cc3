#include "rig.h"

#include "testing.h"

#include "base/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP_NS INT64_C(1000000)

static bool in_branch; /* a process of rig_run_branches() */

static enum err draw(void *self, uint8_t *out, size_t n)
{
    sponge_squeeze(self, out, n);
    return ERR_OK;
}

uint64_t rig_random(struct rig *r)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 7;
    r->random ^= r->random << 17;
    return r->random;
}

static void make_node(struct rig *r, size_t i, uint64_t seed)
{
    struct rig_node *n = &r->nodes[i];
    const struct tmldsa_params *params =
        tmldsa_params_find(&mldsa_65, r->kit.plan.threshold, r->kit.plan.total);
    const size_t room = (ceremony_test_room(params) + 63) / 64 * 64;
    uint8_t drbg_seed[DRBG_SEED_LEN];

    memset(n, 0, sizeof *n);
    sponge_init(&n->stream, mldsa_best()->keccak, SPONGE_SHAKE256);
    sponge_absorb(&n->stream, &seed, sizeof seed);
    sponge_absorb(&n->stream, &i, sizeof i);
    sponge_squeeze(&n->stream, drbg_seed, sizeof drbg_seed);
    drbg_init(&n->drbg, (struct view){drbg_seed, sizeof drbg_seed}, (struct view){NULL, 0});
    pq1_work_init(&n->work);
    n->entropy = (struct entropy_source){draw, &n->stream};
    n->tools = (struct ceremony_tools){.entropy = &n->entropy,
                                       .drbg = &n->drbg,
                                       .signer = r->kit.signer,
                                       .identity = &r->kit.keys[i],
                                       .work = &n->work,
                                       .room = aligned_alloc(64, room)};
    assert_non_null(n->tools.room);
}

void rig_make(struct rig *r, uint8_t t, uint8_t n, uint64_t seed)
{
    if (in_branch) {
        _exit(1); /* it failed, and cmocka goes on to the next test */
    }
    memset(r, 0, sizeof *r);
    assert_int_equal(plan_kit_make(&r->kit, t, n), ERR_OK);
    r->nodes = aligned_alloc(64, (n * sizeof *r->nodes + 63) / 64 * 64);
    r->out = malloc(CEREMONY_OUT_MAX);
    assert_true(r->nodes != NULL && r->out != NULL);
    r->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    r->bad = CEREMONY_NOBODY;
    r->victim = CEREMONY_TO_ALL;
    for (size_t i = 0; i < n; i++) {
        make_node(r, i, seed);
    }
}

void rig_share_classic(struct rig *r)
{
    r->kit.plan.classic = PLAN_CLASSIC_SHARED;
    assert_int_equal(plan_kit_encode(&r->kit), ERR_OK);
}

static void forget(struct rig *r, size_t i)
{
    free((void *)(uintptr_t)r->queue[i].whole.p);
    r->queue[i] = r->queue[--r->queued];
}

void rig_free(struct rig *r)
{
    while (r->queued > 0) {
        forget(r, 0);
    }
    for (size_t i = 0; i < r->kit.plan.total; i++) {
        ceremony_wipe(&r->nodes[i].c, &r->nodes[i].tools);
        free(r->nodes[i].tools.room);
    }
    free(r->lie);
    free(r->nodes);
    free(r->out);
    plan_kit_free(&r->kit);
}

/* ---- the network ---- */

static void enqueue(struct rig *r, uint8_t to, struct view whole, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        uint8_t *copy = malloc(whole.n + 1);

        assert_true(copy != NULL && r->queued < RIG_QUEUE);
        memcpy(copy, whole.p, whole.n);
        r->queue[r->queued++] = (struct rig_packet){to, {copy, whole.n}};
        r->bytes += whole.n;
    }
}

/* The others get the same bytes; after the last the node is heard of no more. */
static void keep_lie(struct rig *r, const uint8_t *bytes, size_t n)
{
    if (r->lie == NULL) {
        r->lie = malloc(n);
        assert_non_null(r->lie);
        memcpy(r->lie, bytes, n);
        r->lie_len = n;
    }
    r->nodes[r->bad].dead = r->touched + 1U == r->kit.plan.total;
}

/* Who meets it, of those that are told one by one. */
static uint8_t victim_of(const struct rig *r)
{
    return (uint8_t)((r->bad + 1U + r->round % (r->kit.plan.total - 1U)) % r->kit.plan.total);
}

static void await_branch(const struct rig *r, size_t i, pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0) {
        fail_msg("%s: node %u, round %u", r->branches[i].name, r->bad, r->round);
    }
}

/* Sanitizers make a ceremony ten times as long: there each node and round meets one branch of
 * several, or each second of them the only one. */
static bool is_left_out(const struct rig *r, size_t i)
{
    const size_t n = r->n_branches > 1 ? r->n_branches : 2;

    return BUILD_ASAN != 0 && (r->bad + (size_t)r->round) % n != i;
}

/* The fault that does nothing itself: the others begin where it is called. */
static unsigned branch(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    for (size_t i = 0; i < r->n_branches && r->round < CEREMONY_ROUNDS; i++) {
        const struct rig_branch *const b = &r->branches[i];

        if ((r->left[i] >> r->round & 1) == 0 || (b->to_one && to != victim_of(r))) {
            continue;
        }
        r->left[i] &= (uint16_t) ~(1U << r->round);
        if (is_left_out(r, i)) {
            continue;
        }
        (void)fflush(NULL);
        const pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            in_branch = true;
            r->branches = b;
            r->fault = b->fault;
            r->victim = b->to_one ? to : CEREMONY_TO_ALL;
            r->touched = 0;
            r->random += i; /* another order of what is delivered */
            return r->fault(r, to, bytes, n, cap);
        }
        await_branch(r, i, pid);
    }
    return 1;
}

static void post_one(struct rig *r, uint8_t to, const struct ceremony_msg *m)
{
    const size_t cap = m->whole.n + 256;
    uint8_t *bytes = malloc(cap);
    size_t n = m->whole.n;
    unsigned times = 1;

    assert_non_null(bytes);
    memcpy(bytes, m->whole.p, n);
    if (r->fault == branch && m->sender == r->bad) {
        r->round = m->round;
    }
    if (r->fault != NULL && m->sender == r->bad && m->round == r->round &&
        (r->victim == CEREMONY_TO_ALL || r->victim == to)) {
        if (r->lie == NULL) {
            times = r->fault(r, to, bytes, &n, cap);
        } else {
            n = r->lie_len;
            memcpy(bytes, r->lie, n);
        }
        r->touched++;
        if (r->once) {
            keep_lie(r, bytes, n);
        }
    }
    enqueue(r, to, (struct view){bytes, n}, times);
    free(bytes);
}

/* What a node has written, to whom it says. */
static void post(struct rig *r, struct writer *w)
{
    struct ceremony_msg m;
    struct reader reader;
    struct view all;

    assert_int_equal(wr_finish(w, &all), ERR_OK);
    reader = rd_init(all);
    while (reader.n > 0) {
        assert_int_equal(ceremony_msg_decode(&reader, &m), ERR_OK);
        for (uint8_t to = 0; to < r->kit.plan.total; to++) {
            if (to != m.sender && (m.to == to || m.to == CEREMONY_TO_ALL)) {
                post_one(r, to, &m);
            }
        }
    }
}

static void deliver(struct rig *r, size_t i)
{
    struct rig_node *n = &r->nodes[r->queue[i].to];
    struct writer w = wr_init(r->out, CEREMONY_OUT_MAX);

    r->now_ns += STEP_NS / 100;
    if (!n->dead) {
        const enum err e = ceremony_step(&n->c, &n->tools, r->queue[i].whole, r->now_ns, &w);

        assert_true(e == ERR_OK || e == ERR_RANGE || e == ERR_TRUNCATED);
        r->delivered++;
        forget(r, i);
        post(r, &w);
    } else {
        forget(r, i);
    }
}

static void tick(struct rig *r)
{
    r->now_ns += 250 * STEP_NS;
    for (size_t i = 0; i < r->kit.plan.total; i++) {
        struct writer w = wr_init(r->out, CEREMONY_OUT_MAX);

        if (!r->nodes[i].dead) {
            ceremony_tick(&r->nodes[i].c, &r->nodes[i].tools, r->now_ns, &w);
            post(r, &w);
        }
    }
}

/* Who has evidence by now goes on. */
static void poll(struct rig *r)
{
    for (size_t i = 0; i < r->kit.plan.total; i++) {
        struct writer w = wr_init(r->out, CEREMONY_OUT_MAX);

        if (!r->nodes[i].dead && ceremony_awaits_evidence(&r->nodes[i].c)) {
            ceremony_poll(&r->nodes[i].c, &r->nodes[i].tools, r->now_ns, &w);
            post(r, &w);
        }
    }
}

void rig_begin(struct rig *r)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {1};

    for (size_t i = 0; i < r->kit.plan.total; i++) {
        struct writer w = wr_init(r->out, CEREMONY_OUT_MAX);

        assert_int_equal(ceremony_begin(&r->nodes[i].c, &r->nodes[i].tools, r->kit.encoded,
                                        nonce, r->now_ns, &w),
                         ERR_OK);
        post(r, &w);
    }
}

static bool moves(const struct rig *r)
{
    for (size_t i = 0; i < r->kit.plan.total; i++) {
        const enum ceremony_state s = r->nodes[i].c.state;

        if (!r->nodes[i].dead && (s == CEREMONY_RUNNING || s == CEREMONY_DISPUTED)) {
            return true;
        }
    }
    return false;
}

void rig_settle(struct rig *r)
{
    for (unsigned idle = 0; idle < 120;) {
        if (r->queued > 0) {
            deliver(r, rig_random(r) % r->queued);
        } else if (!moves(r)) {
            return;
        } else {
            tick(r);
            poll(r);
            idle++;
        }
    }
    fail_msg("a ceremony that neither ends nor aborts");
}

void rig_run(struct rig *r)
{
    rig_begin(r);
    rig_settle(r);
}

void rig_run_branches(struct rig *r, const struct rig_branch *branches, size_t n)
{
    assert_true(n <= RIG_BRANCHES_MAX);
    r->branches = branches;
    r->n_branches = n;
    r->fault = branch;
    for (size_t i = 0; i < n; i++) {
        r->left[i] = (1U << CEREMONY_ROUNDS) - (1U << CEREMONY_PQ1_HELLO);
    }
    rig_run(r);
    if (in_branch) {
        r->branches->check(r);
        _exit(0);
    }
    assert_true(rig_all(r, CEREMONY_FINISHED));
    rig_check_secrets(r);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(r->left[i], 0);
    }
}

/* ---- what a bad node does ---- */

void rig_sign(struct rig *r, uint8_t *bytes, size_t *n, struct ceremony_msg *m,
              const uint8_t *body, size_t body_len)
{
    uint8_t signature[P384_SIG_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    struct writer w = wr_init(bytes, *n + 256);
    struct view whole;

    m->body = (struct view){body, body_len};
    ceremony_msg_digest(r->nodes[m->sender].c.known.epoch_id, m, digest);
    assert_int_equal(p384_sign(r->kit.signer, &r->kit.keys[m->sender], digest, signature),
                     ERR_OK);
    ceremony_msg_lower(signature);
    m->signature = (struct view){signature, sizeof signature};
    ceremony_msg_encode(&w, m);
    assert_int_equal(wr_finish(&w, &whole), ERR_OK);
    *n = whole.n;
}

size_t rig_open(const struct ceremony *c, const struct ceremony_secrets *secrets, uint8_t to,
                uint8_t body[CEREMONY_OPEN_MAX])
{
    const struct ceremony_msg shape = {.round = CEREMONY_OPEN, .sender = c->own, .to = to};
    struct writer w = wr_init(body, CEREMONY_OPEN_MAX);
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_body_masks(&c->plan, &shape, masks);

    for (size_t i = 0; i < n; i++) {
        size_t held = 0;

        while (c->held.mask[held] != masks[i]) {
            held++;
        }
        wr_u8(&w, masks[i]);
        wr_bytes(&w, &secrets->seeds[held][c->own], sizeof secrets->seeds[held][c->own]);
    }
    return w.len;
}

unsigned rig_resign(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    struct reader reader = rd_init((struct view){bytes, *n});
    struct ceremony_msg m;
    uint8_t *body = malloc(cap);
    size_t len = 0;

    (void)to;
    assert_non_null(body);
    assert_int_equal(ceremony_msg_decode(&reader, &m), ERR_OK);
    len = m.body.n;
    if (len > 0) {
        memcpy(body, m.body.p, len);
        body[len - 1 - r->at % len] ^= 1;
    } else {
        body[len++] = 0;
    }
    rig_sign(r, bytes, n, &m, body, len);
    free(body);
    return 1;
}

/* ---- what must hold ---- */

bool rig_all(const struct rig *r, enum ceremony_state state)
{
    for (uint8_t i = 0; i < r->kit.plan.total; i++) {
        if (i != r->bad && !r->nodes[i].dead && r->nodes[i].c.state != state) {
            return false;
        }
    }
    return true;
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

void rig_check_secrets(const struct rig *r)
{
    const struct ceremony *first = NULL;

    for (size_t i = 0; i < r->kit.plan.total; i++) {
        const struct ceremony *c = &r->nodes[i].c;

        if (r->nodes[i].dead) {
            continue;
        }
        assert_true(is_zero(&c->secrets, sizeof c->secrets));
        assert_true(is_zero(c->channels, sizeof c->channels));
        assert_true(is_zero(&c->test, sizeof c->test));
        if (c->state != CEREMONY_FINISHED) {
            assert_true(is_zero(&c->share, sizeof c->share));
            assert_true(is_zero(&c->classic_share, sizeof c->classic_share));
            continue;
        }
        first = first == NULL ? c : first;
        assert_memory_equal(c->id, first->id, sizeof c->id);
        assert_true(view_equal(c->record_bytes, first->record_bytes));
    }
}

void rig_check_ended(const struct rig *r, bool proven)
{
    assert_true(r->touched > 0);
    assert_true(rig_all(r, CEREMONY_ABORTED));
    rig_check_secrets(r);
    for (uint8_t i = 0; i < r->kit.plan.total; i++) {
        const struct ceremony_end *end = &r->nodes[i].c.end;

        if (i == r->bad) {
            continue;
        }
        /* What is between two nodes is the word of one of them, and the bad one has a word
         * too. */
        assert_true(end->accused == r->bad || (!proven && end->told_by == r->bad));
        assert_int_equal(end->proven, proven);
    }
}
