#include "member_kit.h"

#include "enclave/core/core_quorum.h"
#include "wire/csr_ask.h"

#include <stdlib.h>
#include <string.h>

static const struct view none = {NULL, 0};

static bool all_are(const struct member_kit *k, enum ceremony_state state)
{
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        if (k->nodes[i].said.state != state) {
            return false;
        }
    }
    return true;
}

/* Nothing of a key is left, nor of what would have become one. */
static void has_no_secret(const struct member_node *n)
{
    const struct core_member *const m = n->core.member;

    assert_false(n->core.has_pq);
    assert_int_equal(n->core.index, 0);
    assert_true(member_kit_is_zero(n->core.epoch_id, EPOCH_ID_LEN));
    assert_true(member_kit_is_zero(n->core.public.pq, sizeof n->core.public.pq));
    assert_true(member_kit_is_zero(&m->share, sizeof m->share));
    assert_true(member_kit_is_zero(&m->classic_share, sizeof m->classic_share));
    assert_true(member_kit_is_zero(&m->party, sizeof m->party));
    assert_true(member_kit_is_zero(&m->ceremony.secrets, sizeof m->ceremony.secrets));
    assert_true(member_kit_is_zero(&m->ceremony.share, sizeof m->ceremony.share));
    assert_true(
        member_kit_is_zero(&m->ceremony.classic_share, sizeof m->ceremony.classic_share));
    assert_true(member_kit_is_zero(m->ceremony.channels, sizeof m->ceremony.channels));
    assert_true(member_kit_is_zero(&m->drbg, sizeof m->drbg));
    assert_true(member_kit_is_zero(m->stack, sizeof m->stack));
}

/* ---- before any ---- */

static void a_member_waits_for_its_ceremony(void **state)
{
    struct member_kit *const k = member_kit_new();
    const struct hello h = member_kit_hello(k, 2);
    const uint8_t zero[4] = {0};

    (void)state;
    assert_int_equal(k->nodes[2].core.state, CORE_WAITING_CEREMONY);
    assert_int_equal(h.index, 0);
    assert_true(member_kit_is_zero(h.epoch_id, sizeof h.epoch_id));
    assert_int_equal(h.n_keys, 1);
    assert_int_equal(h.keys[0].key, KEY_CLASSIC);
    assert_int_equal(h.keys[0].threshold, 1);
    assert_int_equal(h.keys[0].total, MEMBER_TOTAL);
    assert_int_equal(h.n_policies, 2);
    assert_int_equal(member_kit_call(k, 2, FRAME_CEREMONY_STEP, none), ERR_STATE);
    assert_int_equal(member_kit_call(k, 2, FRAME_CEREMONY_RECORD, (struct view){zero, 4}),
                     ERR_STATE);
    assert_int_equal(member_kit_activate(k, 2, KEY_CLASSIC), ERR_QUORUM);
    assert_int_equal(member_kit_activate(k, 2, KEY_PQ), ERR_QUORUM);
    assert_int_equal(member_kit_r1(k, 2), ERR_STATE);
    core_tick(&k->nodes[2].core);
    member_kit_free(k);
}

/* ---- a whole one ---- */

static void holds(struct view record, const struct member_kit *k)
{
    struct ceremony_record *const r = malloc(sizeof *r);
    struct ceremony_scratch *const scratch =
        aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    struct ceremony_finding findings[CEREMONY_CHECKS];
    uint8_t id[CEREMONY_HASH_LEN];

    assert_true(r != NULL && scratch != NULL);
    assert_int_equal(ceremony_record_decode(record, r), ERR_OK);
    assert_true(ceremony_record_verify(r, scratch, findings));
    ceremony_record_id(record, id);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = &k->nodes[i].core;

        assert_memory_equal(k->nodes[i].said.id, id, sizeof id);
        assert_memory_equal(c->epoch_id, r->known.epoch_id, EPOCH_ID_LEN);
        assert_memory_equal(c->public.pq, r->pk.p, r->pk.n);
    }
    free(scratch);
    free(r);
}

static void forget(struct view block)
{
    void *p;

    memcpy(&p, &block.p, sizeof p);
    free(p);
}

static void all_are_members_now(struct member_kit *k)
{
    const struct view first = member_kit_record(k, 0);

    assert_true(all_are(k, CEREMONY_FINISHED));
    holds(first, k);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = &k->nodes[i].core;
        const struct view record = member_kit_record(k, i);
        const struct hello h = member_kit_hello(k, i);

        assert_true(view_equal(record, first));
        assert_int_equal(h.index, i + 1);
        assert_int_equal(h.n_keys, 2);
        assert_int_equal(h.keys[0].threshold, 1);
        assert_int_equal(h.keys[1].key, KEY_PQ);
        assert_int_equal(h.keys[1].threshold, MEMBER_THRESHOLD);
        assert_int_equal(h.keys[1].total, MEMBER_TOTAL);
        assert_int_equal(c->state, CORE_WAITING);
        assert_int_equal(
            member_kit_audited(c, AUDIT_CEREMONY_END, CEREMONY_NO_REASON, CEREMONY_NOBODY), 1);
        forget(record);
    }
    forget(first);
}

static void leaves_only_its_share(const struct core_member *m)
{
    assert_false(member_kit_is_zero(&m->share, sizeof m->share));
    assert_true(member_kit_is_zero(&m->ceremony.share, sizeof m->ceremony.share));
    assert_true(
        member_kit_is_zero(&m->ceremony.classic_share, sizeof m->ceremony.classic_share));
    assert_true(member_kit_is_zero(&m->ceremony.secrets, sizeof m->ceremony.secrets));
    assert_true(member_kit_is_zero(m->ceremony.channels, sizeof m->ceremony.channels));
    assert_true(member_kit_is_zero(&m->drbg, sizeof m->drbg));
    assert_true(member_kit_is_zero(m->stack, sizeof m->stack));
}

/* The last ceremony's key is in use at node 0. */
static void nothing_ends_a_key_in_use(struct member_kit *k)
{
    struct member_node *const n = &k->nodes[0];
    const struct ceremony *const c = &n->core.member->ceremony;
    struct view record;

    assert_int_equal(member_kit_activate(k, 0, KEY_CLASSIC), ERR_OK);
    assert_false(n->core.member->in_use);
    assert_false(member_kit_is_zero(c->store, sizeof c->store));
    assert_int_equal(member_kit_activate(k, 0, KEY_PQ), ERR_OK);
    assert_true(n->core.member->in_use);
    assert_int_equal(n->core.state, CORE_SERVING);
    assert_true(member_kit_is_zero(c->store, sizeof c->store));
    assert_true(member_kit_is_zero(&c->scratch, sizeof c->scratch));
    assert_int_equal(member_kit_begin(k, 0, 9), ERR_STATE);
    assert_int_equal(member_kit_call(k, 0, FRAME_CEREMONY_STEP, k->encoded), ERR_STATE);
    assert_int_equal(member_kit_call(k, 0, FRAME_CEREMONY_STEP, none), ERR_OK);
    record = member_kit_record(k, 0);
    holds(record, k);
    forget(record);
    assert_true(n->core.has_pq);
}

static struct sign_batch *ask(struct core *c, uint8_t type, struct view body, struct writer *w)
{
    const struct core_call call = {.head = {type, (uint32_t)body.n, 1}, .body = body};

    return core_step(c, &call, w);
}

/* Nor one that asked for a certificate, with either of its keys. */
static void nothing_ends_a_key_with_a_request(struct member_kit *k)
{
    struct core *const c = &k->nodes[1].core;
    struct csr_ask csr = {.key = KEY_CLASSIC, .subject = 1, .attempt = 1, .t = 1};
    struct r1_ask r1 = {.key = KEY_CLASSIC, .sid0 = {csr.sid0, sizeof csr.sid0}};
    uint8_t reply[FRAME_HEADER_LEN + 1 + R1_BODY_LEN];
    uint8_t body[512];
    struct writer in = wr_init(body, sizeof body);
    struct writer out = wr_init(reply, sizeof reply);
    struct sign_batch *b;

    memcpy(r1.epoch_id, c->epoch_id, EPOCH_ID_LEN);
    memcpy(csr.epoch_id, c->epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&in, &r1);
    assert_null(ask(c, FRAME_R1, (struct view){body, in.len}, &out));
    assert_int_equal(out.len, sizeof reply);
    csr.signers[0] = c->index;
    csr.r1s = (struct view){reply + FRAME_HEADER_LEN + 1, R1_BODY_LEN};
    in = wr_init(body, sizeof body);
    csr_ask_encode(&in, &csr);
    assert_false(c->member->in_use);
    b = ask(c, FRAME_SIGN_CSR, (struct view){body, in.len}, &out);
    assert_non_null(b);
    assert_true(c->member->in_use);
    b->jobs[0].err = ERR_STATE; /* nobody signs it */
    core_finish(c, b, NULL);
    assert_int_equal(member_kit_begin(k, 1, 9), ERR_STATE);
    assert_true(c->has_pq);
}

static void five_make_a_key(void **state)
{
    struct member_kit *const k = member_kit_new();

    (void)state;
    member_kit_begin_all(k, 1);
    assert_true(all_are(k, CEREMONY_RUNNING));
    assert_int_equal(k->nodes[3].core.state, CORE_CEREMONY);
    assert_int_equal(
        member_kit_audited(&k->nodes[3].core, AUDIT_CEREMONY_BEGIN, 3, MEMBER_TOTAL), 1);
    member_kit_run(k, SIZE_MAX / 2);
    print_message("%zu steps, %zu of them said more\n", k->steps, k->slices);
    all_are_members_now(k);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        leaves_only_its_share(k->nodes[i].core.member);
    }
    nothing_ends_a_key_in_use(k);
    nothing_ends_a_key_with_a_request(k);
    member_kit_free(k);
}

/* ---- again ---- */

/* In the middle, and once more after the end, as long as nobody uses the key. */
static void a_new_one_starts_afresh(void **state)
{
    struct member_kit *const k = member_kit_new();
    uint8_t epoch[EPOCH_ID_LEN];

    (void)state;
    k->answer_room = 215000; /* hardly more than the longest message: many slices */
    member_kit_begin_all(k, 1);
    member_kit_run(k, 40);
    assert_true(all_are(k, CEREMONY_RUNNING));
    member_kit_begin_all(k, 2);
    member_kit_run(k, SIZE_MAX / 2);
    assert_true(k->slices > 0);
    all_are_members_now(k);
    memcpy(epoch, k->nodes[0].core.epoch_id, sizeof epoch);
    assert_int_equal(member_kit_activate(k, 0, KEY_CLASSIC), ERR_OK);
    assert_true(k->nodes[0].core.certs[0].active);

    /* A worker is at a batch of the key that is to go. */
    struct core *const c = &k->nodes[0].core;
    struct pq_place *const place = core_quorum_fill(c);

    assert_non_null(place);
    assert_int_equal(member_kit_begin(k, 0, 3), ERR_NOSPACE);
    assert_int_equal(c->index, 0);
    core_quorum_filled(c, place, ERR_BUG);
    core_tick(c);
    has_no_secret(&k->nodes[0]);
    assert_int_equal(c->state, CORE_WAITING_CEREMONY);
    assert_int_equal(member_kit_r1(k, 1), ERR_OK);
    member_kit_begin_all(k, 3);
    assert_int_equal(k->nodes[1].core.counts.r1_expired, 1);
    assert_false(c->certs[0].active);
    member_kit_free(k);
}

/* What was said under a nonce would be genuine again under the same one. */
static void a_nonce_serves_once(void **state)
{
    struct member_kit *const k = member_kit_new();
    struct core_member *const m = k->nodes[0].core.member;

    (void)state;
    member_kit_begin_all(k, 1);
    assert_int_equal(member_kit_begin(k, 0, 1), ERR_STALE);
    assert_int_equal(m->ceremony.state, CEREMONY_RUNNING); /* the first one is as it was */
    member_kit_begin_all(k, 2);
    k->plan.nodes[0].listen.n--; /* whatever the plan */
    member_kit_plan(k);
    assert_int_equal(member_kit_begin(k, 0, 1), ERR_STALE);
    assert_int_equal(member_kit_begin(k, 0, 3), ERR_OK);
    m->n_nonces = LIMIT_CEREMONIES;
    assert_int_equal(member_kit_begin(k, 0, 4), ERR_STALE);
    member_kit_free(k);
}

/* ---- refusals ---- */

static void a_plan_of_something_else_is_refused(void **state)
{
    struct member_kit *const k = member_kit_new();
    const struct plan good = k->plan;

    (void)state;
    member_kit_begin_all(k, 1);
    member_kit_run(k, 10);

    k->plan.threshold--;
    member_kit_plan(k);
    assert_int_equal(member_kit_begin(k, 0, 2), ERR_POLICY);
    k->plan = good;
    k->plan.total--;
    member_kit_plan(k);
    assert_int_equal(member_kit_begin(k, 0, 2), ERR_POLICY);
    k->plan = good;
    k->plan.n_policies--;
    member_kit_plan(k);
    assert_int_equal(member_kit_begin(k, 0, 2), ERR_POLICY);
    for (int what = 0; what < 5; what++) {
        struct hello_policy *const p = &k->plan.policies[1];

        k->plan = good;
        p->number = (uint8_t)(p->number + (what == 0));
        p->key = what == 1 ? KEY_CLASSIC : p->key;
        p->digits = (uint8_t)(p->digits - (what == 2));
        p->max_accuracy_ms += what == 3;
        p->oid.n -= what == 4;
        member_kit_plan(k);
        assert_int_equal(member_kit_begin(k, 0, 2), ERR_POLICY);
    }
    for (int what = 0; what < 3; what++) {
        struct plan_node *const n = &k->plan.nodes[0];

        k->plan = good;
        if (what == 0) { /* another point of the curve */
            memcpy(n->identity, k->nodes[0].classic.public_key, sizeof n->identity);
        }
        n->signing_key[0] ^= what == 1;
        n->boot_nonce[0] ^= what == 2;
        member_kit_plan(k);
        assert_int_equal(member_kit_begin(k, 0, 2), ERR_MISMATCH);
    }
    k->plan = good;
    member_kit_plan(k);
    k->encoded.n--;
    assert_int_equal(member_kit_begin(k, 0, 2), ERR_TRUNCATED);

    /* None of it has touched what was under way. */
    member_kit_plan(k);
    member_kit_run(k, SIZE_MAX / 2);
    all_are_members_now(k);
    member_kit_free(k);
}

static void messages_wait_until_others_are_fetched(void **state)
{
    struct member_kit *const k = member_kit_new();
    struct member_node *const n = &k->nodes[0];

    (void)state;
    k->answer_room = FRAME_HEADER_LEN + CEREMONY_ANSWER_HEAD + 3000; /* two messages of four */
    member_kit_begin_all(k, 1);
    assert_int_equal(n->said.more, 1);
    assert_true(n->in_len > 0);
    assert_int_equal(
        member_kit_call(k, 0, FRAME_CEREMONY_STEP, (struct view){n->inbox, n->in_len}),
        ERR_STATE);
    k->nodes[3].in_len = 0;
    assert_int_equal(member_kit_begin(k, 0, 2), ERR_OK); /* they are forgotten */
    assert_int_equal(n->said.more, 1);
    assert_true(member_kit_step(k, 0));
    assert_int_equal(n->said.more, 0);
    assert_in_range(k->nodes[3].in_len, 1, 1500); /* one message, not one of each ceremony */
    assert_int_equal(
        member_kit_call(k, 0, FRAME_CEREMONY_STEP, (struct view){n->inbox, n->in_len}), ERR_OK);
    member_kit_free(k);
}

/* Whatever comes: it is counted, and the ceremony goes on. */
static void hostile_bytes_change_nothing(void **state)
{
    struct member_kit *const k = member_kit_new();
    static uint8_t junk[4096];
    struct member_node *const n = &k->nodes[0];

    (void)state;
    member_kit_begin_all(k, 1);
    for (size_t i = 0; i < sizeof junk; i++) {
        junk[i] = (uint8_t)(i * 7 + 1);
    }
    assert_int_equal(member_kit_call(k, 0, FRAME_CEREMONY_STEP, (struct view){junk, 3}),
                     ERR_TRUNCATED);
    assert_int_equal(
        member_kit_call(k, 0, FRAME_CEREMONY_STEP, (struct view){n->inbox, n->in_len - 1}),
        ERR_TRUNCATED);
    assert_int_equal(n->core.member->ceremony.dropped, 0);
    /* Nor is one that stands before such bytes taken. */
    assert_true(
        member_kit_is_zero(n->core.member->ceremony.known.msg[CEREMONY_PQ1_HELLO],
                           sizeof n->core.member->ceremony.known.msg[CEREMONY_PQ1_HELLO]));
    assert_true(n->core.counts.bad_frames >= 2);
    for (size_t at = 0; at < n->in_len; at += 97) { /* not genuine, or not even a message */
        n->inbox[at] ^= 1;
        (void)member_kit_call(k, 0, FRAME_CEREMONY_STEP, (struct view){n->inbox, n->in_len});
        n->inbox[at] ^= 1;
        if (n->core.member->ceremony.state != CEREMONY_RUNNING) {
            break;
        }
    }
    assert_int_equal(member_kit_call(k, 0, FRAME_CEREMONY_BEGIN, (struct view){junk, 32}),
                     ERR_TRUNCATED);
    assert_int_equal(member_kit_call(k, 0, FRAME_CEREMONY_BEGIN, (struct view){junk, 4096}),
                     ERR_VERSION);
    assert_int_equal(member_kit_call(k, 0, FRAME_CEREMONY_RECORD, (struct view){junk, 3}),
                     ERR_TRUNCATED);
    member_kit_free(k);
}

/* ---- ends ---- */

static void silence_ends_it_for_all(void **state)
{
    struct member_kit *const k = member_kit_new();

    (void)state;
    k->nodes[4].deaf = true;
    member_kit_begin_all(k, 1);
    member_kit_run(k, SIZE_MAX / 2);
    assert_true(all_are(k, CEREMONY_RUNNING));
    for (int i = 0; i < 40; i++) {
        member_kit_wait(k, SECOND);
        for (size_t j = 0; j < MEMBER_TOTAL; j++) {
            assert_int_equal(member_kit_call(k, j, FRAME_CEREMONY_STEP, none), ERR_OK);
            k->nodes[j].said.more = 1; /* fetched below */
        }
        member_kit_run(k, SIZE_MAX / 2);
    }
    assert_true(all_are(k, CEREMONY_ABORTED));
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct core *const c = &k->nodes[i].core;

        has_no_secret(&k->nodes[i]);
        assert_int_equal(c->state, CORE_WAITING_CEREMONY);
        assert_int_equal(k->nodes[i].said.reason, CEREMONY_MISSING);
        assert_true(i == 4 || k->nodes[i].said.accused == 4);
        assert_true(i == 4 ||
                    member_kit_audited(c, AUDIT_CEREMONY_END, CEREMONY_MISSING, 4) == 1);
    }
    k->nodes[4].deaf = false;
    member_kit_begin_all(k, 2);
    member_kit_run(k, SIZE_MAX / 2);
    all_are_members_now(k);
    member_kit_free(k);
}

/* Where two nodes saw different messages, someone else has as long as ever to show whose fault
 * it is. */
static void a_dispute_ends_too(void **state)
{
    struct member_kit *const k = member_kit_new();
    struct member_node *const n = &k->nodes[0];
    struct ceremony *const c = &n->core.member->ceremony;

    (void)state;
    member_kit_begin_all(k, 1);
    c->state = CEREMONY_DISPUTED;
    c->disputed = 3;
    core_tick(&n->core);
    assert_int_equal(n->core.state, CORE_CEREMONY);
    member_kit_wait(k, 40 * SECOND);
    assert_int_equal(c->state, CEREMONY_ABORTED);
    assert_int_equal(member_kit_audited(&n->core, AUDIT_CEREMONY_END, CEREMONY_MISSING, 3), 1);
    has_no_secret(n);
    c->end.proven = true;
    n->said.more = 1;
    assert_true(member_kit_step(k, 0));
    assert_int_equal(n->said.proven, 1);

    assert_int_equal(member_kit_begin(k, 0, 2), ERR_OK); /* the next one's end is audited too */
    c->state = CEREMONY_DISPUTED;
    c->disputed = 2;
    false_clock_go(&n->clock, 40 * SECOND); /* a call sees it before a tick does */
    assert_int_equal(member_kit_call(k, 0, FRAME_CEREMONY_STEP, none), ERR_OK);
    assert_int_equal(member_kit_audited(&n->core, AUDIT_CEREMONY_END, CEREMONY_MISSING, 2), 1);
    member_kit_free(k);
}

static void a_stack_that_was_too_short_is_noticed(void **state)
{
    struct member_kit *const k = member_kit_new();
    struct member_node *const n = &k->nodes[0];

    (void)state;
    member_kit_begin_all(k, 1);
    n->core.member->out_len = 0;
    n->core.member->stack[0] = 1;
    assert_int_equal(
        member_kit_call(k, 0, FRAME_CEREMONY_STEP, (struct view){n->inbox, n->in_len}),
        ERR_BUG);
    assert_true(n->core.failed);
    member_kit_free(k);
}

/* Until nothing moves; nodes 1 and 2 have no entropy once they have sent their TEST. */
static void run_dry(struct member_kit *k)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < MEMBER_TOTAL; i++) {
            struct member_node *const n = &k->nodes[i];

            n->no_entropy = (i == 1 || i == 2) &&
                            n->core.member->ceremony.known.msg[CEREMONY_TEST][i].whole.n > 0;
            moved = member_kit_step(k, i) || moved;
        }
    }
}

/* No entropy when the key is there: the next turn takes it, if it is not given up before. */
static void a_core_without_entropy_has_no_key_yet(void **state)
{
    struct member_kit *const k = member_kit_new();
    struct core *const late = &k->nodes[1].core;

    (void)state;
    k->nodes[1].no_entropy = true;
    assert_int_equal(member_kit_begin(k, 1, 1), ERR_IO);
    assert_int_equal(late->member->ceremony.state, CEREMONY_IDLE);
    k->nodes[1].no_entropy = false;
    assert_int_equal(member_kit_begin(k, 1, 4), ERR_OK);
    k->nodes[1].no_entropy = true;
    assert_int_equal(member_kit_begin(k, 1, 5), ERR_IO);
    has_no_secret(&k->nodes[1]);
    k->nodes[1].no_entropy = false;
    k->plan.classic = PLAN_CLASSIC_SHARED;
    member_kit_plan(k);
    member_kit_begin_all(k, 2);
    run_dry(k);
    assert_int_equal(late->member->ceremony.state, CEREMONY_FINISHED);
    assert_false(late->has_pq);
    core_tick(late);
    assert_int_equal(late->index, 0);
    assert_int_equal(
        member_kit_audited(late, AUDIT_CEREMONY_END, CEREMONY_NO_REASON, CEREMONY_NOBODY), 0);
    k->nodes[1].no_entropy = false;
    core_tick(late);
    assert_int_equal(late->index, 2);
    assert_int_equal(
        member_kit_audited(late, AUDIT_CEREMONY_END, CEREMONY_NO_REASON, CEREMONY_NOBODY), 1);
    leaves_only_its_share(late->member);
    assert_false(
        member_kit_is_zero(&late->member->classic_share, sizeof late->member->classic_share));
    assert_memory_equal(&late->member->classic, &late->member->ceremony.classic,
                        sizeof late->member->classic);
    k->nodes[1].said.more = 1; /* what it could not say before */
    member_kit_run(k, SIZE_MAX / 2);
    assert_int_equal(k->nodes[2].core.member->ceremony.state, CEREMONY_FINISHED);
    assert_false(
        member_kit_is_zero(&k->nodes[2].core.member->share, sizeof(struct tmldsa_share)));
    assert_int_equal(member_kit_begin(k, 2, 3), ERR_IO);
    has_no_secret(&k->nodes[2]);

    /* A peer has failed after all, and nobody has used the key. */
    assert_true(k->nodes[3].core.has_pq);
    assert_int_equal(member_kit_abort(k, 4, 3), ERR_OK);
    has_no_secret(&k->nodes[3]);
    assert_int_equal(k->nodes[3].core.state, CORE_WAITING_CEREMONY);
    assert_int_equal(
        member_kit_audited(&k->nodes[3].core, AUDIT_CEREMONY_END, CEREMONY_OWN_FAULT, 4), 1);
    member_kit_free(k);
}

static void a_draining_core_begins_nothing(void **state)
{
    struct member_kit *const k = member_kit_new();

    (void)state;
    member_kit_begin_all(k, 1);
    core_drain(&k->nodes[0].core);
    assert_int_equal(member_kit_begin(k, 0, 2), ERR_STATE);
    assert_int_equal(member_kit_call(k, 0, FRAME_CEREMONY_STEP,
                                     (struct view){k->nodes[0].inbox, k->nodes[0].in_len}),
                     ERR_STATE);
    member_kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_waits_for_its_ceremony),
        cmocka_unit_test(five_make_a_key),
        cmocka_unit_test(a_new_one_starts_afresh),
        cmocka_unit_test(a_nonce_serves_once),
        cmocka_unit_test(a_plan_of_something_else_is_refused),
        cmocka_unit_test(messages_wait_until_others_are_fetched),
        cmocka_unit_test(hostile_bytes_change_nothing),
        cmocka_unit_test(silence_ends_it_for_all),
        cmocka_unit_test(a_dispute_ends_too),
        cmocka_unit_test(a_stack_that_was_too_short_is_noticed),
        cmocka_unit_test(a_core_without_entropy_has_no_key_yet),
        cmocka_unit_test(a_draining_core_begins_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
