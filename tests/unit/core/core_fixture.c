#include "core_fixture.h"

#include <stdlib.h>
#include <string.h>

/* ---- entropy ---- */

static enum err fill(void *self, uint8_t *out, size_t n)
{
    struct false_entropy *const e = self;

    e->calls++;
    if (e->fail_at != 0 && e->calls >= e->fail_at) {
        memset(out, 0, n);
        return ERR_IO;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = e->next++;
    }
    return ERR_OK;
}

void false_entropy_init(struct false_entropy *e)
{
    *e = (struct false_entropy){0};
    e->source = (struct entropy_source){fill, e};
}

/* ---- the core ---- */

static struct core_fixture fixture;

static void make_key(struct core_fixture *f)
{
    static const uint8_t seed[DRBG_SEED_LEN] = {1, 2, 3};

    if (f->signer == NULL) {
        void *const pages = aligned_alloc(4096, p384_signer_size());

        assert_non_null(pages);
        assert_int_equal(p384_signer_init(pages, seed, &f->signer), ERR_OK);
        assert_int_equal(p384_key_generate(f->signer, &f->key), ERR_OK);
        assert_int_equal(p384_key_generate(f->signer, &f->audit_key), ERR_OK);
        memcpy(f->public.classic, f->key.public_key, P384_PUBLIC_LEN);
        memcpy(f->public.audit, f->audit_key.public_key, AUDIT_KEY_LEN);
        memset(f->public.identity, 0x1d, IDENTITY_LEN);
        memset(f->public.signing_key, 0x2e, SIGNING_KEY_LEN);
    }
}

static void make_pq_key(struct core_fixture *f)
{
    static const uint8_t xi[MLDSA_SEED_LEN] = {4, 5, 6};

    if (f->pq_key == NULL) {
        f->pq_key = aligned_alloc(32, sizeof *f->pq_key);
        f->pq_signer = aligned_alloc(32, sizeof *f->pq_signer);
        f->pq_work = aligned_alloc(32, sizeof *f->pq_work);
        assert_true(f->pq_key != NULL && f->pq_signer != NULL && f->pq_work != NULL);
        memset(f->pq_signer, 0, sizeof *f->pq_signer);
        assert_int_equal(pq_key_make(f->pq_signer, &f->pq_work->key_scratch, xi, f->pq_key),
                         ERR_OK);
        memcpy(f->public.pq, f->pq_key->public_key, PQ_PUBLIC_LEN);
    }
}

struct core_fixture *core_fixture_boot(uint8_t clock, const char *const *policies, size_t n)
{
    struct core_fixture *const f = &fixture;
    struct core_setup setup = {.args = &f->args,
                               .entropy = &f->entropy.source,
                               .clock = &f->clock.source,
                               .audit_key = &f->audit_key};

    make_key(f);
    setup.audit_signer = f->signer;
    false_clock_init(&f->clock);
    false_entropy_init(&f->entropy);
    f->args = (struct boot_args){.clock = clock, .n_policies = n, .idle_ms = 30000};
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(boot_policy_parse(policies[i], &f->args.policies[i]), ERR_OK);
    }
    if (boot_args_use(&f->args, KEY_PQ)) {
        make_pq_key(f);
    }
    f->batch = NULL;
    f->request_id = 0;
    assert_int_equal(core_init(&f->core, &setup), ERR_OK);
    return f;
}

struct core_fixture *core_fixture_new(void)
{
    static const char *const policy = "1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000";
    struct core_fixture *const f = core_fixture_boot(CLOCK_TRUST_SYSTEM, &policy, 1);

    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    return f;
}

struct core_fixture *core_fixture_serving(void)
{
    struct core_fixture *const f = core_fixture_new();

    assert_int_equal(core_fixture_activate(f, 1), ERR_OK);
    assert_int_equal(f->core.state, CORE_SERVING);
    return f;
}

struct core_fixture *core_fixture_both(void)
{
    static const char *const policies[] = {"1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000",
                                           "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000"};
    struct core_fixture *const f = core_fixture_boot(CLOCK_TRUST_SYSTEM, policies, 2);

    assert_int_equal(core_start(&f->core, ERR_OK, &f->public), ERR_OK);
    assert_int_equal(core_fixture_activate_key(f, KEY_CLASSIC, 1), ERR_OK);
    assert_int_equal(f->core.state, CORE_WAITING);
    assert_int_equal(core_fixture_activate_key(f, KEY_PQ, 2), ERR_OK);
    assert_int_equal(f->core.state, CORE_SERVING);
    return f;
}

/* Splits the reply, which is one whole frame of this request. */
static enum err take_reply(struct core_fixture *f, uint8_t type, const struct writer *w)
{
    enum err e = ERR_OK;

    assert_false(w->full);
    assert_true(w->len >= FRAME_HEADER_LEN);
    assert_int_equal(frame_header_decode((struct view){f->reply, w->len}, &f->head), ERR_OK);
    assert_int_equal(f->head.body_len, w->len - FRAME_HEADER_LEN);
    assert_int_equal(f->head.request_id, f->request_id);
    f->body = (struct view){f->reply + FRAME_HEADER_LEN, f->head.body_len};
    if (f->head.type == FRAME_ERROR) {
        assert_int_equal(frame_error_decode(f->body, &e), ERR_OK);
        return e;
    }
    assert_int_equal(f->head.type, type | FRAME_ANSWER);
    return ERR_OK;
}

enum err core_fixture_call(struct core_fixture *f, uint8_t type, struct view body)
{
    struct writer w = wr_init(f->reply, LIMIT_ANSWER);
    struct core_call call = {.head = {type, (uint32_t)body.n, ++f->request_id}, .body = body};

    f->batch = core_step(&f->core, &call, &w);
    if (f->batch != NULL) {
        assert_int_equal(w.len, 0);
        return ERR_OK;
    }
    return take_reply(f, type, &w);
}

static enum err sign(struct core_fixture *f, struct sign_batch *b, struct sign_job *job)
{
    static const uint8_t rnd[MLDSA_SEED_LEN] = {1};

    return jobs_key(b, job) == KEY_PQ
               ? pq_sign(f->pq_signer, f->pq_key, job->digest, rnd, jobs_signature(b, job))
               : p384_sign(f->signer, &f->key, job->digest, jobs_signature(b, job));
}

void core_fixture_finish(struct core_fixture *f)
{
    struct jobs *const q = &f->core.jobs;
    struct writer w =
        wr_init(f->reply, f->batch->pq != NULL ? LIMIT_ANSWER_R2_PQ : LIMIT_ANSWER_R2);
    const uint8_t type = f->batch->csr ? FRAME_SIGN_CSR : FRAME_R2;
    struct sign_batch *b;
    struct sign_job *job;

    jobs_submit(q, f->batch);
    for (job = jobs_take(q, &b); job != NULL; job = jobs_take(q, &b)) {
        job->err = sign(f, b, job);
        (void)jobs_finish(q, b);
    }
    assert_ptr_equal(jobs_collect(q), f->batch);
    core_finish(&f->core, f->batch, &w);
    f->batch = NULL;
    assert_int_equal(take_reply(f, type, &w), ERR_OK);
}

enum err core_fixture_activate(struct core_fixture *f, uint8_t salt)
{
    return core_fixture_activate_key(f, KEY_CLASSIC, salt);
}

enum err core_fixture_activate_key(struct core_fixture *f, uint8_t key, uint8_t salt)
{
    static const uint8_t issuer[] = {0x30, 0x00};
    const uint8_t serial[] = {1, salt};
    struct activation a = {
        .key = key, .serial = {serial, sizeof serial}, .issuer = {issuer, sizeof issuer}};
    uint8_t hash[ACTIVATION_HASH_LEN];
    uint8_t answer[ACTIVATION_HASH_LEN];
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);

    memcpy(a.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
    memset(a.cert_hash, salt, sizeof a.cert_hash);
    activation_encode(&w, &a);
    activation_hash(&a, hash);
    TRY(core_fixture_call(f, FRAME_ACTIVATE, (struct view){body, w.len}));
    assert_int_equal(activation_answer_decode(f->body, answer), ERR_OK);
    assert_memory_equal(answer, hash, sizeof hash);
    return ERR_OK;
}

enum core_state core_fixture_state(struct core_fixture *f, enum err *reason)
{
    struct core_status s;

    assert_int_equal(core_fixture_call(f, FRAME_STATE, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(core_status_decode(f->body, &s), ERR_OK);
    *reason = (enum err)s.reason;
    return (enum core_state)s.state;
}

uint64_t core_fixture_stat(struct core_fixture *f, enum stat_id id)
{
    static struct core_stats s;

    assert_int_equal(core_fixture_call(f, FRAME_STATS, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(core_stats_decode(f->body, &s), ERR_OK);
    for (size_t i = 0; i < s.n; i++) {
        if (s.rows[i].id == id) {
            return s.rows[i].value;
        }
    }
    fail_msg("no row %d", (int)id);
    return 0;
}

size_t core_fixture_audited(const struct core_fixture *f, enum audit_event event, uint64_t a,
                            int64_t b)
{
    size_t n = 0;

    for (uint64_t i = audit_ring_lost(&f->core.audit) + 1; i <= f->core.audit.last_seq; i++) {
        const struct audit_entry *const e = &f->core.audit.entries[i % LIMIT_AUDIT_RING];

        n += e->event == event && e->a == a && (b < 0 || e->b == (uint64_t)b);
    }
    return n;
}

/* ---- rounds ---- */

void core_fixture_activation(const struct core_fixture *f, uint8_t key,
                             uint8_t out[ACTIVATION_HASH_LEN])
{
    const struct stamp_cert *const c = f->core.certs;

    if (key == KEY_DUAL) {
        activation_dual(c[0].activation, c[1].activation, out);
    } else {
        memcpy(out, c[key - 1].activation, ACTIVATION_HASH_LEN);
    }
}

static void fill_stamps(struct core_fixture *f, uint8_t key, struct rounds *r)
{
    r->head = (struct r2_head){.key = key, .t = 1, .signers = {1}, .n = (uint8_t)r->n};
    memcpy(r->head.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
    core_fixture_activation(f, key, r->head.activation);
    for (size_t i = 0; i < r->n; i++) {
        r->stamps[i] = (struct r2_stamp){.bodies = {r->bodies[i], R1_BODY_LEN},
                                         .hash_alg = HASH_SHA256,
                                         .policy = key, /* by the number */
                                         .hashed_message = {r->imprint, 32},
                                         .nonce = {r->imprint, 8}};
        memcpy(r->stamps[i].sid0, r->sid0[i], SID0_LEN);
    }
}

enum err rounds_r1(struct core_fixture *f, size_t n, struct rounds *r)
{
    return rounds_r1_key(f, KEY_CLASSIC, n, r);
}

enum err rounds_r1_key(struct core_fixture *f, uint8_t key, size_t n, struct rounds *r)
{
    struct r1_ask ask = {.key = key, .sid0 = {r->sid0[0], n * SID0_LEN}};
    uint8_t body[EPOCH_ID_LEN + 2 + STAMP_BATCH_MAX * SID0_LEN];
    struct writer w = wr_init(body, sizeof body);
    struct view bodies;

    memset(r, 0, sizeof *r);
    r->n = n;
    memset(r->imprint, 0x5a, sizeof r->imprint);
    for (size_t i = 0; i < n; i++) {
        memset(r->sid0[i], (int)i + 1, SID0_LEN);
    }
    memcpy(ask.epoch_id, f->core.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &ask);
    TRY(core_fixture_call(f, FRAME_R1, (struct view){body, w.len}));
    assert_int_equal(r1_answer_decode(f->body, R1_BODY_LEN, &bodies), ERR_OK);
    assert_int_equal(bodies.n, n * R1_BODY_LEN);
    memcpy(r->bodies, bodies.p, bodies.n);
    fill_stamps(f, key, r);
    return ERR_OK;
}

struct view rounds_r2_body(const struct rounds *r, uint8_t *buf, size_t cap)
{
    struct writer w = wr_init(buf, cap);
    struct view out;

    r2_head_encode(&w, &r->head);
    for (size_t i = 0; i < r->n; i++) {
        r2_stamp_encode(&w, &r->stamps[i]);
    }
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static const struct boot_policy *policy_of(const struct core_fixture *f,
                                           const struct r2_stamp *s)
{
    for (size_t i = 0; i < f->args.n_policies; i++) {
        if (f->args.policies[i].number == s->policy) {
            return &f->args.policies[i];
        }
    }
    fail();
    return NULL;
}

static void check_pq(struct core_fixture *f, const uint8_t *mu, struct view signature)
{
    assert_int_equal(mldsa_public_key_parse(mldsa_best(), &mldsa_65,
                                            (struct view){f->public.pq, PQ_PUBLIC_LEN},
                                            &f->pq_work->key_scratch, &f->pq_work->public_key),
                     ERR_OK);
    assert_int_equal(
        mldsa_verify_mu(&f->pq_work->public_key, mu, signature, &f->pq_work->verify_scratch),
        ERR_OK);
}

/* Rebuilds what must have been signed by each key, and verifies. */
static void check_signature(struct core_fixture *f, const struct rounds *r, size_t at,
                            struct view signature)
{
    const struct boot_policy *p = policy_of(f, &r->stamps[at]);
    struct reader rest = rd_init(signature);
    uint8_t digest[SIGN_DIGEST_LEN];
    struct view one;
    struct stamp st;

    assert_int_equal(stamp_derive(&r->head, &r->stamps[at], &p->rule, &st), ERR_OK);
    if (p->key != KEY_PQ) {
        assert_int_equal(
            stamping_digest(&st, &r->stamps[at], p, f->core.certs, KEY_CLASSIC, digest),
            ERR_OK);
        assert_int_equal(rd_take(&rest, P384_SIG_LEN, &one), ERR_OK);
        assert_int_equal(p384_verify(f->key.public_key, digest, one.p), ERR_OK);
    }
    if (p->key != KEY_CLASSIC) {
        assert_int_equal(stamping_digest(&st, &r->stamps[at], p, f->core.certs, KEY_PQ, digest),
                         ERR_OK);
        assert_int_equal(rd_take(&rest, STAMP_SIGNATURE_PQ, &one), ERR_OK);
        check_pq(f, digest, one);
    }
    assert_int_equal(rd_finish(&rest), ERR_OK);
}

enum err rounds_r2(struct core_fixture *f, const struct rounds *r,
                   enum err errs[STAMP_BATCH_MAX])
{
    static uint8_t buf[FRAME_BODY_MAX];
    struct r2_result res;
    struct reader rd;
    uint8_t n = 0;

    TRY(core_fixture_call(f, FRAME_R2, rounds_r2_body(r, buf, sizeof buf)));
    if (f->batch != NULL) {
        core_fixture_finish(f);
    }
    rd = rd_init(f->body);
    assert_int_equal(rd_u8(&rd, &n), ERR_OK);
    assert_int_equal(n, r->n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(r2_result_decode(&rd, &res), ERR_OK);
        errs[i] = res.err;
        if (res.err == ERR_OK) {
            check_signature(f, r, i, res.signature);
        }
    }
    assert_int_equal(rd_finish(&rd), ERR_OK);
    return ERR_OK;
}

enum err rounds_r2_one(struct core_fixture *f, const struct rounds *r)
{
    enum err errs[STAMP_BATCH_MAX] = {ERR_OK};
    const enum err e = rounds_r2(f, r, errs);

    return e == ERR_OK ? errs[0] : e;
}
