#include "member_kit.h"

#include "enclave/core/core_presign.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"n1", "n2", "n3", "n4", "n5", "n6"};

static enum err draw(void *self, uint8_t *out, size_t n)
{
    struct member_node *const node = self;

    return node->no_entropy ? ERR_IO
                            : drbg_generate(&node->stream, (struct view){NULL, 0}, out, n);
}

static void *zeroed(size_t align, size_t n)
{
    void *const p = aligned_alloc(align, (n + align - 1) / align * align);

    assert_non_null(p);
    memset(p, 0, n);
    return p;
}

static void ordered(void *self, void *token, enum err e)
{
    struct member_node *const n = self;
    struct sign_batch *const b = token;

    b->jobs[0].err = e;
    assert_true(jobs_finish(&n->core.jobs, b));
}

static int64_t monotonic_ns(void *self)
{
    const struct member_node *const n = self;

    return n->clock.source.monotonic_ns(n->clock.source.self);
}

static struct presign_meeting meeting_of(struct member_node *n)
{
    struct presign_meeting m = presign_meeting_alone();

    m.ordered = ordered;
    m.monotonic_ns = monotonic_ns;
    m.self = n;
    return m;
}

static void start(struct member_kit *k, size_t i)
{
    struct member_node *const n = &k->nodes[i];
    const uint8_t seed[DRBG_SEED_LEN] = {(uint8_t)(i + 1), (uint8_t)k->fresh};
    struct core_public keys = {0};
    struct core_member_setup member = {.entropy = &n->entropy, .identity = &n->identity};
    const struct presign_meeting meeting = meeting_of(n);
    struct core_setup setup = {.args = &k->args,
                               .entropy = &n->entropy,
                               .clock = &n->clock.source,
                               .own_key = &n->classic};

    false_clock_init(&n->clock);
    drbg_init(&n->stream, (struct view){seed, sizeof seed}, (struct view){NULL, 0});
    n->entropy = (struct entropy_source){draw, n};
    n->signer_pages = aligned_alloc(4096, p384_signer_size());
    assert_non_null(n->signer_pages);
    assert_int_equal(p384_signer_init(n->signer_pages, seed, &n->signer), ERR_OK);
    pq1_work_init(&n->work);
    assert_int_equal(p384_key_generate(n->signer, &n->classic), ERR_OK);
    assert_int_equal(identity_make(n->signer, &n->work.stack, seed, &n->identity), ERR_OK);
    member.signer = n->signer;
    member.work = &n->work;
    if (k->presigns) {
        n->presign_pages = aligned_alloc(4096, p384_signer_size());
        assert_non_null(n->presign_pages);
        assert_int_equal(p384_signer_init(n->presign_pages, seed, &member.presign_signer),
                         ERR_OK);
        member.meeting = &meeting;
    }
    n->memory = zeroed(64, core_member_size());
    setup.member = core_member_init(n->memory, &member);
    memcpy(keys.identity, n->identity.key.public_key, sizeof keys.identity);
    memcpy(keys.signing_key, n->identity.signing_key.public_key, sizeof keys.signing_key);
    memcpy(keys.classic, n->classic.public_key, sizeof keys.classic);
    assert_int_equal(core_init(&n->core, &setup), ERR_OK);
    assert_int_equal(core_start(&n->core, ERR_OK, &keys), ERR_OK);
}

/* ---- the plan, as a host makes it ---- */

struct hello member_kit_hello(struct member_kit *k, size_t node)
{
    struct hello h;

    assert_int_equal(member_kit_call(k, node, FRAME_HELLO, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(hello_decode(k->body, &h), ERR_OK);
    return h;
}

static void take_hello(struct member_kit *k, size_t i)
{
    struct plan_node *const node = &k->plan.nodes[i];
    const struct hello h = member_kit_hello(k, i);

    node->name = (struct view){(const uint8_t *)names[i], 2};
    node->listen = (struct view){(const uint8_t *)names[i], 2};
    memcpy(node->identity, h.identity, sizeof node->identity);
    memcpy(node->signing_key, h.signing_key, sizeof node->signing_key);
    memcpy(node->boot_nonce, h.boot_nonce, sizeof node->boot_nonce);
}

void member_kit_plan(struct member_kit *k)
{
    struct writer w = wr_init(k->plan_bytes, sizeof k->plan_bytes);

    plan_encode(&w, &k->plan);
    assert_int_equal(wr_finish(&w, &k->encoded), ERR_OK);
}

static void make_plan(struct member_kit *k)
{
    k->plan = (struct plan){.threshold = MEMBER_THRESHOLD,
                            .total = MEMBER_TOTAL,
                            .level = PLAN_LEVEL_65,
                            .assurance = PLAN_SIMULATED,
                            .repetitions_warn = PLAN_REPETITIONS_MAX / 2,
                            .repetitions_refuse = PLAN_REPETITIONS_MAX,
                            .n_policies = k->args.n_policies};
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        take_hello(k, i);
    }
    for (size_t i = 0; i < k->args.n_policies; i++) {
        const struct boot_policy *const p = &k->args.policies[i];

        k->plan.policies[i] = (struct hello_policy){p->number,
                                                    p->key,
                                                    p->rule.digits,
                                                    p->rule.ordering,
                                                    p->rule.min_accuracy_ms,
                                                    p->rule.max_accuracy_ms,
                                                    {p->oid, p->oid_len}};
    }
    member_kit_plan(k);
}

static struct member_kit *new_kit(bool presigns)
{
    struct member_kit *const k = zeroed(64, sizeof *k);

    k->presigns = presigns;
    k->args = (struct boot_args){
        .clock = CLOCK_TRUST_SYSTEM, .n_policies = 2, .idle_ms = 30000, .member = true};
    assert_int_equal(boot_policy_parse("1,classic,1.2.3,3,100,1000", &k->args.policies[0]),
                     ERR_OK);
    assert_int_equal(boot_policy_parse("2,pq,1.2.4,3,100,1000", &k->args.policies[1]), ERR_OK);
    k->answer_room = LIMIT_FRAME_LONG;
    k->reply = zeroed(64, LIMIT_FRAME_LONG);
    k->nodes = zeroed(64, (MEMBER_TOTAL + 1) * sizeof *k->nodes);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        start(k, i);
    }
    make_plan(k);
    return k;
}

struct member_kit *member_kit_new(void)
{
    return new_kit(false);
}

struct member_kit *member_kit_new_presigning(void)
{
    return new_kit(true);
}

static void stop(struct member_node *n)
{
    assert_true(core_presign_end(&n->core));
    core_member_wipe(n->core.member);
    free(n->presign_pages);
    n->presign_pages = NULL;
    p384_signer_wipe(n->signer);
    free(n->signer_pages);
    free(n->memory);
    n->memory = NULL;
}

void member_kit_fresh(struct member_kit *k)
{
    if (k->nodes[MEMBER_TOTAL].memory != NULL) {
        stop(&k->nodes[MEMBER_TOTAL]);
    }
    k->fresh++;
    start(k, MEMBER_TOTAL);
}

void member_kit_free(struct member_kit *k)
{
    for (size_t i = 0; i <= MEMBER_TOTAL && k->nodes[i].memory != NULL; i++) {
        stop(&k->nodes[i]);
    }
    free(k->nodes);
    free(k->reply);
    free(k);
}

/* ---- the operator ---- */

void member_kit_operator(struct member_kit *k)
{
    const uint8_t d[P384_SCALAR_LEN] = {7};

    assert_int_equal(p384_key_from_scalar(k->nodes[0].signer, d, &k->operator_key), ERR_OK);
    memcpy(k->plan.operators[0], k->operator_key.public_key, P384_PUBLIC_LEN);
    k->plan.n_operators = k->plan.orders_needed = 1;
}

void member_kit_sign_order(struct member_kit *k, const uint8_t digest[P384_DIGEST_LEN],
                           uint8_t signature[P384_SIG_LEN])
{
    assert_int_equal(p384_sign(k->nodes[0].signer, &k->operator_key, digest, signature),
                     ERR_OK);
}

bool member_kit_is_zero(const void *p, size_t n)
{
    const uint8_t *const bytes = p;
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

/* ---- frames ---- */

enum err member_kit_call(struct member_kit *k, size_t node, uint8_t type, struct view body)
{
    struct writer w = wr_init(k->reply, k->answer_room);
    struct core_call call = {.head = {type, (uint32_t)body.n, 7}, .body = body};
    enum err e = ERR_OK;

    if (core_step(&k->nodes[node].core, &call, &w) != NULL) {
        return ERR_BUG;
    }
    assert_false(w.full);
    if (k->watch != NULL) {
        k->watch(k->user, body);
        k->watch(k->user, (struct view){k->reply, w.len});
    }
    assert_int_equal(frame_header_decode((struct view){k->reply, w.len}, &k->head), ERR_OK);
    assert_int_equal(k->head.body_len, w.len - FRAME_HEADER_LEN);
    k->body = (struct view){k->reply + FRAME_HEADER_LEN, k->head.body_len};
    if (k->head.type == FRAME_ERROR) {
        assert_int_equal(frame_error_decode(k->body, &e), ERR_OK);
        return e;
    }
    assert_int_equal(k->head.type, type | FRAME_ANSWER);
    return ERR_OK;
}

static void post(struct member_kit *k, const struct ceremony_msg *m)
{
    for (uint8_t to = 0; to < MEMBER_TOTAL; to++) {
        struct member_node *const n = &k->nodes[to];

        if (to != m->sender && (m->to == to || m->to == CEREMONY_TO_ALL) && !n->deaf) {
            assert_true(n->in_len + m->whole.n <= sizeof n->inbox);
            memcpy(n->inbox + n->in_len, m->whole.p, m->whole.n);
            n->in_len += m->whole.n;
        }
    }
}

static void take_answer(struct member_kit *k, size_t node)
{
    struct ceremony_answer *const a = &k->nodes[node].said;
    struct ceremony_msg m;
    struct reader r;

    assert_int_equal(ceremony_answer_decode(k->body, a), ERR_OK);
    r = rd_init(a->messages);
    while (r.n > 0) {
        assert_int_equal(ceremony_msg_decode(&r, &m), ERR_OK);
        post(k, &m);
    }
    a->messages = (struct view){NULL, 0};
    k->slices += a->more;
}

enum err member_kit_begin(struct member_kit *k, size_t node, uint8_t nonce)
{
    struct ceremony_begin_ask ask = {.plan = k->encoded};
    uint8_t body[PLAN_NONCE_LEN + PLAN_MAX];
    struct writer w = wr_init(body, sizeof body);

    memset(ask.nonce, nonce, sizeof ask.nonce);
    ceremony_begin_ask_encode(&w, &ask);
    TRY(member_kit_call(k, node, FRAME_CEREMONY_BEGIN, (struct view){body, w.len}));
    take_answer(k, node);
    return ERR_OK;
}

void member_kit_begin_all(struct member_kit *k, uint8_t nonce)
{
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        k->nodes[i].in_len = 0;
    }
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        assert_int_equal(member_kit_begin(k, i, nonce), ERR_OK);
    }
}

/* As many whole messages as one frame takes. */
static size_t next_part(const struct member_node *n)
{
    struct reader r = rd_init((struct view){n->inbox, n->in_len});
    struct ceremony_msg m;
    size_t part = 0;

    while (r.n > 0 && ceremony_msg_decode(&r, &m) == ERR_OK &&
           part + m.whole.n <= FRAME_BODY_LONG_MAX) {
        part += m.whole.n;
    }
    return part;
}

bool member_kit_step(struct member_kit *k, size_t node)
{
    struct member_node *const n = &k->nodes[node];
    const size_t part = n->said.more != 0 ? 0 : next_part(n);
    enum err e = ERR_OK;

    if (n->said.more == 0 && n->in_len == 0) {
        return false;
    }
    k->steps++;
    e = member_kit_call(k, node, FRAME_CEREMONY_STEP, (struct view){n->inbox, part});
    n->in_len -= part;
    memmove(n->inbox, n->inbox + part, n->in_len);
    if (e == ERR_OK) {
        take_answer(k, node);
    } else {
        assert_true(e == ERR_IO && n->no_entropy);
    }
    return true;
}

void member_kit_run(struct member_kit *k, size_t steps)
{
    const size_t end = k->steps + steps;
    bool moved = true;

    while (moved && k->steps < end) {
        moved = false;
        for (size_t i = 0; i < MEMBER_TOTAL && k->steps < end; i++) {
            moved = member_kit_step(k, i) || moved;
        }
    }
}

void member_kit_wait(struct member_kit *k, int64_t ns)
{
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        false_clock_go(&k->nodes[i].clock, ns);
        core_tick(&k->nodes[i].core);
    }
}

enum err member_kit_activate(struct member_kit *k, size_t node, uint8_t key)
{
    static const uint8_t name[] = {0x30, 0x00};
    struct activation a = {.key = key, .serial = {name, 2}, .issuer = {name, 2}};
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);

    memcpy(a.epoch_id, k->nodes[node].core.epoch_id, EPOCH_ID_LEN);
    activation_encode(&w, &a);
    return member_kit_call(k, node, FRAME_ACTIVATE, (struct view){body, w.len});
}

enum err member_kit_r1(struct member_kit *k, size_t node)
{
    static const uint8_t sid0[SID0_LEN];
    struct r1_ask ask = {.key = KEY_CLASSIC, .sid0 = {sid0, sizeof sid0}};
    uint8_t body[128];
    struct writer w = wr_init(body, sizeof body);

    memcpy(ask.epoch_id, k->nodes[node].core.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &ask);
    return member_kit_call(k, node, FRAME_R1, (struct view){body, w.len});
}

enum err member_kit_abort(struct member_kit *k, uint8_t from, size_t to)
{
    const struct member_node *const n = &k->nodes[from];
    const struct ceremony_abort end = {CEREMONY_OWN_FAULT, from};
    uint8_t body[2];
    uint8_t signature[P384_SIG_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t whole[CEREMONY_HEADER_LEN + sizeof body + sizeof signature];
    struct writer w = wr_init(body, sizeof body);
    struct ceremony_msg m = {.round = CEREMONY_ABORT,
                             .sender = from,
                             .to = CEREMONY_TO_ALL,
                             .body = {body, sizeof body},
                             .signature = {signature, sizeof signature}};

    ceremony_abort_encode(&w, &end);
    ceremony_msg_digest(n->core.member->ceremony.known.epoch_id, &m, digest);
    assert_int_equal(p384_sign(n->signer, &n->identity.key, digest, signature), ERR_OK);
    ceremony_msg_lower(signature);
    w = wr_init(whole, sizeof whole);
    ceremony_msg_encode(&w, &m);
    return member_kit_call(k, to, FRAME_CEREMONY_STEP, (struct view){whole, w.len});
}

size_t member_kit_audited(const struct core *c, enum audit_event event, uint64_t a, uint64_t b)
{
    size_t n = 0;

    for (uint64_t i = audit_ring_lost(&c->audit) + 1; i <= c->audit.last_seq; i++) {
        const struct audit_entry *const e = &c->audit.entries[i % LIMIT_AUDIT_RING];

        n += e->event == event && e->a == a && e->b == b;
    }
    return n;
}

struct view member_kit_record(struct member_kit *k, size_t node)
{
    uint8_t *const whole = malloc(CEREMONY_RECORD_MAX);
    struct ceremony_page p = {.total = 1};
    uint8_t ask[4];
    size_t n = 0;

    assert_non_null(whole);
    while (n < p.total) {
        struct writer w = wr_init(ask, sizeof ask);

        ceremony_page_ask_encode(&w, (uint32_t)n);
        assert_int_equal(
            member_kit_call(k, node, FRAME_CEREMONY_RECORD, (struct view){ask, sizeof ask}),
            ERR_OK);
        assert_int_equal(ceremony_page_decode(k->body, &p), ERR_OK);
        assert_true(p.bytes.n > 0 && p.total <= CEREMONY_RECORD_MAX &&
                    k->body.n <= LIMIT_ANSWER);
        memcpy(whole + n, p.bytes.p, p.bytes.n);
        n += p.bytes.n;
    }
    return (struct view){whole, n};
}
