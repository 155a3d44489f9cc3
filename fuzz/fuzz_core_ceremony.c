/* A core that signs with others, and a host and peers that say anything: plans and messages,
 * whole or altered, signed by peers whose keys the input has. Held at every step: what leaves
 * the core is frames that decode; without a finished ceremony it has no key, and once one was
 * aborted nothing secret of it. */
#include "enclave/core/core_step.h"
#include "enclave/member/core_member.h"

#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)
#define PEERS (MEMBER_TOTAL - 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    int64_t mono_ns;
    struct kernel_time kernel;
    uint32_t random;
} world;

static struct boot_args args;
static struct identity identity;
static struct p384_signer *signer;
static struct p384_key peers[PEERS];
static struct pq1_work work;
static uint8_t *memory;
static struct core core;
static uint8_t answer[LIMIT_FRAME_LONG];
static uint8_t plan_bytes[PLAN_NONCE_LEN + PLAN_MAX];
static size_t plan_len;
static uint8_t bytes[FRAME_BODY_LONG_MAX];

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* ---- the world ---- */

static int64_t read_mono(void *self)
{
    (void)self;
    return world.mono_ns;
}

static enum err read_kernel(void *self, struct kernel_time *out)
{
    (void)self;
    *out = world.kernel;
    return ERR_OK;
}

static enum err fill(void *self, uint8_t *out, size_t n)
{
    (void)self;
    for (size_t i = 0; i < n; i++) {
        world.random = world.random * 1664525 + 1013904223;
        out[i] = (uint8_t)(world.random >> 24);
    }
    return ERR_OK;
}

static const struct clock_source clock_source = {read_mono, read_kernel, NULL, read_mono};
static const struct entropy_source entropy = {fill, NULL};

static void put_plan(void)
{
    static const uint8_t name[PLAN_NODES_MAX] = {'a', 'b', 'c', 'd', 'e', 'f'};
    struct plan p = {.threshold = MEMBER_THRESHOLD,
                     .total = MEMBER_TOTAL,
                     .level = PLAN_LEVEL_65,
                     .assurance = PLAN_SIMULATED,
                     .repetitions_refuse = PLAN_REPETITIONS_MAX,
                     .n_policies = 1};
    struct writer w = wr_init(plan_bytes, sizeof plan_bytes);

    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        struct plan_node *const n = &p.nodes[i];
        const bool own = i == 0;

        n->name = (struct view){&name[i], 1};
        n->listen = n->name;
        memcpy(n->identity, own ? core.public.identity : peers[i - 1].public_key,
               sizeof n->identity);
        memset(n->signing_key, (int)i, sizeof n->signing_key);
        memset(n->boot_nonce, (int)i, sizeof n->boot_nonce);
    }
    memcpy(p.nodes[0].signing_key, core.public.signing_key, SIGNING_KEY_LEN);
    memcpy(p.nodes[0].boot_nonce, core.boot_nonce, BOOT_NONCE_LEN);
    p.policies[0] = (struct hello_policy){args.policies[0].number,
                                          args.policies[0].key,
                                          args.policies[0].rule.digits,
                                          args.policies[0].rule.ordering,
                                          args.policies[0].rule.min_accuracy_ms,
                                          args.policies[0].rule.max_accuracy_ms,
                                          {args.policies[0].oid, args.policies[0].oid_len}};
    wr_bytes(&w, (const uint8_t[PLAN_NONCE_LEN]){1}, PLAN_NONCE_LEN);
    plan_encode(&w, &p);
    check(!w.full);
    plan_len = w.len;
}

/* Once for all runs: keys and memory. */
static void make_keys(void)
{
    static const uint8_t seed[DRBG_SEED_LEN] = {1};

    if (signer != NULL) {
        return;
    }
    check(p384_signer_init(aligned_alloc(4096, p384_signer_size()), seed, &signer) == ERR_OK);
    pq1_work_init(&work);
    check(identity_make(signer, &work.stack, seed, &identity) == ERR_OK);
    for (size_t i = 0; i < PEERS; i++) {
        check(p384_key_generate(signer, &peers[i]) == ERR_OK);
    }
    memory = aligned_alloc(64, core_member_size());
    check(memory != NULL);
    memset(memory, 0, core_member_size());
}

static void begin(void)
{
    const struct core_member_setup member = {
        .entropy = &entropy, .signer = signer, .identity = &identity, .work = &work};
    struct core_setup setup = {.args = &args, .entropy = &entropy, .clock = &clock_source};
    struct core_public keys = {.classic = {4}};

    world.mono_ns = 1000000 * MS;
    world.kernel =
        (struct kernel_time){.now_ns = INT64_C(1790000000000000000), .synchronised = true};
    world.random = 1;
    args = (struct boot_args){
        .clock = CLOCK_TRUST_SYSTEM, .n_policies = 1, .idle_ms = 30000, .member = true};
    check(boot_policy_parse("2,pq,1.2.4,0,100,1000", &args.policies[0]) == ERR_OK);
    memcpy(keys.identity, identity.key.public_key, sizeof keys.identity);
    memcpy(keys.signing_key, identity.signing_key.public_key, sizeof keys.signing_key);
    setup.member = core_member_init(memory, &member);
    check(core_init(&core, &setup) == ERR_OK);
    check(core_start(&core, ERR_OK, &keys) == ERR_OK);
    put_plan();
}

/* The member as it was: its memory is large, and most of it nobody touched. */
static void end(void)
{
    struct core_member *const m = core.member;

    if (m->ceremony.state != CEREMONY_IDLE) {
        ceremony_wipe(&m->ceremony, &m->tools);
    }
    m->out_at = m->out_len = m->n_nonces = 0;
    m->ended = m->in_use = m->leaving = false;
}

/* ---- frames ---- */

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *const b = p;

    return n == 0 || (b[0] == 0 && memcmp(b, b + 1, n - 1) == 0);
}

static void check_core(void)
{
    const struct ceremony *const c = &core.member->ceremony;

    check(core.state != CORE_FAILED);
    check(!core.has_pq && core.index == 0); /* nobody else is honest enough to finish */
    if (c->state == CEREMONY_ABORTED) {
        check(is_zero(&c->secrets, sizeof c->secrets) && is_zero(&c->share, sizeof c->share));
        check(core.state == CORE_WAITING_CEREMONY);
    }
}

static void call(uint8_t type, struct view body)
{
    struct core_call q = {.head = {type, (uint32_t)body.n, 3}, .body = body};
    struct writer w = wr_init(answer, sizeof answer);
    struct ceremony_answer a;
    struct frame_header h;
    struct view got;
    enum err e = ERR_OK;

    check(core_step(&core, &q, &w) == NULL && !w.full);
    check(frame_header_decode((struct view){answer, w.len}, &h) == ERR_OK);
    got = (struct view){answer + FRAME_HEADER_LEN, h.body_len};
    check(w.len == FRAME_HEADER_LEN + got.n);
    if (h.type == FRAME_ERROR) {
        check(frame_error_decode(got, &e) == ERR_OK && e != ERR_BUG);
    } else if (type == FRAME_CEREMONY_BEGIN || type == FRAME_CEREMONY_STEP) {
        check(ceremony_answer_decode(got, &a) == ERR_OK);
        check(a.state == core.member->ceremony.state && a.state != CEREMONY_IDLE);
    }
    check_core();
}

/* A message of a peer with a body out of the input; sealed with its own signature. */
static void say(uint8_t who, uint8_t round, uint8_t to, struct view body)
{
    struct ceremony_msg m = {.round = round,
                             .sender = (uint8_t)(1 + who % PEERS),
                             .to = to % 2 == 0 ? CEREMONY_TO_ALL : 0,
                             .body = body};
    uint8_t signature[P384_SIG_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    struct writer w = wr_init(bytes, sizeof bytes);

    ceremony_msg_digest(core.member->ceremony.known.epoch_id, &m, digest);
    check(p384_sign(signer, &peers[who % PEERS], digest, signature) == ERR_OK);
    ceremony_msg_lower(signature);
    m.signature = (struct view){signature, sizeof signature};
    ceremony_msg_encode(&w, &m);
    call(FRAME_CEREMONY_STEP, (struct view){bytes, w.len});
}

/* The same with a body of the length that its round has. */
static void say_whole(uint8_t who, uint8_t round, struct view some)
{
    static uint8_t body[CEREMONY_BODY_LEN];
    const struct plan *const p = &core.member->ceremony.plan;
    struct ceremony_msg m = {
        .round = round, .sender = (uint8_t)(1 + who % PEERS), .to = CEREMONY_TO_ALL};
    size_t n;

    if (core.member->ceremony.state == CEREMONY_IDLE || round < CEREMONY_COMMIT ||
        round >= CEREMONY_ROUNDS) {
        return;
    }
    n = ceremony_body_len(p, &m);
    check(n <= sizeof body);
    memset(body, 0, n);
    memcpy(body, some.p, some.n < n ? some.n : n);
    say(who, round, 0, (struct view){body, n});
}

static void begin_ceremony(uint8_t at, uint8_t flip)
{
    static uint8_t body[sizeof plan_bytes];

    memcpy(body, plan_bytes, plan_len);
    body[(size_t)at * 11 % plan_len] ^= flip;
    body[1] = flip == 0 ? at : body[1]; /* one that came before, or not */
    call(FRAME_CEREMONY_BEGIN, (struct view){body, plan_len});
}

static bool act(struct reader *r)
{
    struct view some;
    uint8_t op;
    uint8_t a;
    uint8_t b;

    if (rd_u8(r, &op) != ERR_OK || rd_u8(r, &a) != ERR_OK || rd_u8(r, &b) != ERR_OK ||
        rd_take(r, r->n < b ? r->n : b, &some) != ERR_OK) {
        return false;
    }
    switch (op % 8) {
    case 0:
        begin_ceremony(a, 0);
        break;
    case 1:
        begin_ceremony(a, (uint8_t)(b | 1));
        break;
    case 2:
        call((uint8_t)(FRAME_CEREMONY_BEGIN + a % 3), some);
        break;
    case 3:
        say((uint8_t)(op >> 3), a % 40, b, some);
        break;
    case 4:
        say_whole((uint8_t)(op >> 3), a % CEREMONY_ROUNDS, some);
        break;
    case 5:
        call(FRAME_CEREMONY_STEP, (struct view){NULL, 0});
        break;
    case 6:
        call(a % 2 == 0 ? FRAME_HELLO : FRAME_ACTIVATE, some);
        break;
    default:
        world.mono_ns += a * 100 * MS;
        world.kernel.now_ns += a * 100 * MS;
        core_tick(&core);
        check_core();
        break;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});

    make_keys();
    begin();
    for (int i = 0; i < 64 && act(&r); i++) {
    }
    end();
    return 0;
}
