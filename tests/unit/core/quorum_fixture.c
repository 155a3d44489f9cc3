#include "quorum_fixture.h"

#include "wire/time_call.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 60000 /* sanitizers on a busy machine */

static const char *const POLICIES[] = {"1,classic,1.3.6.1.4.1.32473.3161.1.95,3,100,1000",
                                       "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000"};

static struct tmldsa_kit *math; /* made once */

/* ---- cores ---- */

static void *room_for(size_t n)
{
    void *const p = aligned_alloc(4096, (n + 4095) / 4096 * 4096);

    assert_non_null(p);
    memset(p, 0, n);
    return p;
}

static void make_member(struct quorum_fixture *f, unsigned i, size_t pool)
{
    struct member *const m = room_for(sizeof *m);
    uint8_t seed[ED25519_SEED_LEN];

    f->members[i] = m;
    m->fd = -1;
    m->stack = room_for(sizeof *m->stack);
    m->worker = room_for(sizeof *m->worker);
    m->room = room_for(pq_party_room(f->math->params, pool));
    work_stack_init(m->stack);
    pq_worker_init(m->worker);
    noise_bytes(&f->noise, seed, sizeof seed);
    assert_int_equal(ed25519_key_make(m->stack, seed, &m->identity), ERR_OK);
    noise_bytes(&f->noise, f->plan.nodes[i].boot_nonce, PLAN_NONCE_LEN);
    memcpy(f->plan.nodes[i].signing_key, m->identity.public_key, ED25519_PUBLIC_LEN);
}

static void boot(struct quorum_fixture *f, unsigned i)
{
    struct member *const m = f->members[i];
    struct core_public keys = {.classic = {4}};
    const struct core_setup setup = {
        .args = &m->args, .entropy = &m->entropy.source, .clock = &m->clock.source};

    memcpy(keys.pq, f->math->pk, PQ_PUBLIC_LEN);
    m->args = (struct boot_args){.clock = CLOCK_KERNEL, .n_policies = 2, .idle_ms = 30000};
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(boot_policy_parse(POLICIES[k], &m->args.policies[k]), ERR_OK);
    }
    false_clock_init(&m->clock);
    false_entropy_init(&m->entropy);
    m->entropy.next = (uint8_t)(50 * i);
    assert_int_equal(core_init(&m->core, &setup), ERR_OK);
    assert_int_equal(core_start(&m->core, ERR_OK, &keys), ERR_OK);
}

/* As a ceremony leaves it. */
static void join(struct quorum_fixture *f, unsigned i, size_t pool)
{
    static const uint8_t node_key[TMLDSA_NODE_KEY_LEN] = {7};
    struct member *const m = f->members[i];
    const struct pq_party_setup setup = {.key = &f->math->key,
                                         .share = &f->math->share[i],
                                         .identity = &m->identity,
                                         .stack = m->stack,
                                         .plan = &f->plan,
                                         .epoch_id = f->epoch_id,
                                         .node_key = node_key,
                                         .pool = pool,
                                         .room = m->room};

    memcpy(m->core.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    m->core.index = (uint8_t)(i + 1);
    m->core.total = NODES;
    m->core.threshold[KEY_PQ - 1] = SIGNERS;
    pq_party_init(&m->party, &setup);
    core_quorum_begin(&m->core, &m->party);
}

static void activate(struct member *m, uint8_t key, uint8_t salt)
{
    static const uint8_t issuer[] = {0x30, 0x00};
    const uint8_t serial[] = {1, salt};
    struct activation a = {
        .key = key, .serial = {serial, sizeof serial}, .issuer = {issuer, sizeof issuer}};
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);

    memcpy(a.epoch_id, m->core.epoch_id, EPOCH_ID_LEN);
    memset(a.cert_hash, salt, sizeof a.cert_hash);
    activation_encode(&w, &a);
    assert_int_equal(member_call(m, FRAME_ACTIVATE, (struct view){body, w.len}), ERR_OK);
}

struct quorum_fixture *quorum_fixture_waiting(size_t pool)
{
    static const uint8_t seed[32] = {1, 2, 3};
    struct quorum_fixture *const f = calloc(1, sizeof *f);

    if (math == NULL) {
        math = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(&mldsa_65, SIGNERS, NODES), 1,
                              seed);
    }
    f->math = math;
    f->noise = 3;
    f->plan.threshold = SIGNERS;
    f->plan.total = NODES;
    f->plan.repetitions_warn = PLAN_REPETITIONS_MAX / 2;
    f->plan.repetitions_refuse = PLAN_REPETITIONS_MAX;
    memset(f->epoch_id, 0x5a, sizeof f->epoch_id);
    for (unsigned i = 0; i < NODES; i++) {
        make_member(f, i, pool);
    }
    for (unsigned i = 0; i < NODES; i++) {
        boot(f, i);
        join(f, i, pool);
        assert_int_equal(f->members[i]->core.state, CORE_WAITING);
    }
    for (size_t i = 0; i < SIGNERS; i++) {
        f->session.w[i] = malloc(tmldsa_pack_batch_len(f->math->params));
    }
    quorum_fixture_fill(f);
    return f;
}

void quorum_fixture_activate(struct quorum_fixture *f)
{
    for (unsigned i = 0; i < NODES; i++) {
        activate(f->members[i], KEY_CLASSIC, (uint8_t)(10 + i)); /* each its own */
        activate(f->members[i], KEY_PQ, 2);
        assert_int_equal(f->members[i]->core.state, CORE_SERVING);
    }
}

struct quorum_fixture *quorum_fixture_new(size_t pool)
{
    struct quorum_fixture *const f = quorum_fixture_waiting(pool);

    quorum_fixture_activate(f);
    return f;
}

void quorum_fixture_free(struct quorum_fixture *f)
{
    for (unsigned i = 0; i < NODES; i++) {
        free(f->members[i]->stack);
        free(f->members[i]->worker);
        free(f->members[i]->room);
        free(f->members[i]);
    }
    for (size_t i = 0; i < SIGNERS; i++) {
        free(f->session.w[i]);
    }
    free(f);
}

void quorum_fixture_fill(struct quorum_fixture *f)
{
    for (unsigned i = 0; i < NODES; i++) {
        struct member *const m = f->members[i];
        struct pq_place *place;

        while ((place = core_quorum_fill(&m->core)) != NULL) {
            core_quorum_filled(&m->core, place, pq_worker_commit(m->worker, &m->party, place));
        }
    }
}

void quorum_fixture_go(struct quorum_fixture *f, int64_t ns)
{
    for (unsigned i = 0; i < NODES; i++) {
        false_clock_go(&f->members[i]->clock, ns);
    }
}

void quorum_fixture_renew(struct quorum_fixture *f)
{
    quorum_fixture_go(f, (R1_LIFE_MS + 1) * MS);
    for (unsigned i = 0; i < NODES; i++) {
        core_tick(&f->members[i]->core);
    }
    quorum_fixture_fill(f);
}

/* ---- frames ---- */

/* head and body are those of the reply. */
static enum err read_reply(struct member *m, uint8_t type)
{
    enum err e = ERR_OK;

    assert_int_equal(m->head.request_id, m->request_id);
    if (m->head.type == FRAME_ERROR) {
        assert_int_equal(frame_error_decode(m->body, &e), ERR_OK);
        return e;
    }
    assert_int_equal(m->head.type, type | FRAME_ANSWER);
    return ERR_OK;
}

static enum err take_reply(struct member *m, uint8_t type, const struct writer *w)
{
    assert_false(w->full);
    assert_int_equal(frame_header_decode((struct view){m->reply, FRAME_HEADER_LEN}, &m->head),
                     ERR_OK);
    assert_int_equal(m->head.body_len, w->len - FRAME_HEADER_LEN);
    m->body = (struct view){m->reply + FRAME_HEADER_LEN, m->head.body_len};
    return read_reply(m, type);
}

static void write_all(int fd, const uint8_t *from, size_t n)
{
    while (n > 0) {
        const ssize_t put = write(fd, from, n);

        assert_true(put > 0);
        from += put;
        n -= (size_t)put;
    }
}

static void read_all(int fd, uint8_t *to, size_t n)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    while (n > 0) {
        ssize_t got;

        assert_int_equal(poll(&p, 1, WAIT_MS), 1);
        got = read(fd, to, n);
        assert_true(got > 0);
        to += got;
        n -= (size_t)got;
    }
}

void member_send(struct member *m, uint8_t type, struct view body)
{
    static uint8_t frame[LIMIT_FRAME_LONG];
    struct writer w = wr_init(frame, sizeof frame);
    const size_t mark = frame_begin(&w, type, ++m->request_id);

    wr_view(&w, body);
    frame_end(&w, mark);
    assert_false(w.full);
    write_all(m->fd, frame, w.len);
}

void member_receive(struct member *m)
{
    read_all(m->fd, m->reply, FRAME_HEADER_LEN);
    assert_int_equal(frame_header_decode((struct view){m->reply, FRAME_HEADER_LEN}, &m->head),
                     ERR_OK);
    m->body = (struct view){m->reply + FRAME_HEADER_LEN, m->head.body_len};
    read_all(m->fd, m->reply + FRAME_HEADER_LEN, m->body.n);
}

enum err member_call(struct member *m, uint8_t type, struct view body)
{
    struct writer w = wr_init(m->reply, sizeof m->reply);
    const struct core_call call = {.head = {type, (uint32_t)body.n, m->request_id + 1},
                                   .body = body};

    if (m->fd >= 0) {
        member_send(m, type, body);
        member_receive(m);
        return read_reply(m, type);
    }
    m->request_id++;
    m->batch = core_step(&m->core, &call, &w);
    return m->batch != NULL ? ERR_OK : take_reply(m, type, &w);
}

void member_finish(struct member *m, bool nobody)
{
    struct jobs *const q = &m->core.jobs;
    struct writer w = wr_init(m->reply, sizeof m->reply);
    struct sign_job *job;
    struct sign_batch *b;

    jobs_submit(q, m->batch);
    job = jobs_take(q, &b);
    assert_ptr_equal(b, m->batch);
    pq_worker_answer(m->worker, &m->party, b->answer);
    job->err = ERR_OK;
    assert_true(jobs_finish(q, b));
    assert_ptr_equal(jobs_collect(q), b);
    m->batch = NULL;
    core_finish(&m->core, b, nobody ? NULL : &w);
    if (!nobody) {
        assert_int_equal(take_reply(m, FRAME_R3, &w), ERR_OK);
    }
}

size_t member_audited(const struct member *m, enum audit_event event, uint64_t a, uint64_t b)
{
    const struct audit_ring *const r = &m->core.audit;
    size_t n = 0;

    for (uint64_t i = audit_ring_lost(r) + 1; i <= r->last_seq; i++) {
        const struct audit_entry *const e = &r->entries[i % LIMIT_AUDIT_RING];

        n += e->event == event && e->a == a && e->b == b;
    }
    return n;
}

uint64_t member_stat(struct member *m, enum stat_id id)
{
    static struct core_stats s;

    assert_int_equal(member_call(m, FRAME_STATS, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(core_stats_decode(m->body, &s), ERR_OK);
    for (size_t i = 0; i < s.n; i++) {
        if (s.rows[i].id == id) {
            return s.rows[i].value;
        }
    }
    fail_msg("no row %d", (int)id);
    return 0;
}

/* ---- rounds ---- */

struct member *session_member(struct quorum_fixture *f, size_t at)
{
    return f->members[f->session.head.signers[at] - 1];
}

static uint8_t *r1_of(struct quorum_fixture *f, size_t at)
{
    return f->session.r1s + at * R1_MAX_LEN;
}

enum err session_r1_again(struct quorum_fixture *f, size_t at)
{
    struct session *const s = &f->session;
    struct r1_ask ask = {.key = KEY_PQ, .sid0 = {s->sid0, SID0_LEN}};
    uint8_t body[256];
    struct writer w = wr_init(body, sizeof body);
    struct view r1;

    memcpy(ask.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &ask);
    TRY(member_call(session_member(f, at), FRAME_R1, (struct view){body, w.len}));
    assert_int_equal(r1_answer_decode(session_member(f, at)->body, R1_MAX_LEN, &r1), ERR_OK);
    assert_int_equal(r1.n, R1_MAX_LEN);
    memcpy(r1_of(f, at), r1.p, R1_MAX_LEN);
    return ERR_OK;
}

enum err session_r1(struct quorum_fixture *f, unsigned act)
{
    struct session *const s = &f->session;

    s->act = act;
    s->head = (struct r2_head){.key = KEY_PQ, .n = 1};
    memcpy(s->head.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(s->head.activation, f->members[0]->core.certs[KEY_PQ - 1].activation,
           ACTIVATION_HASH_LEN);
    for (unsigned i = 0; i < NODES; i++) {
        if ((act >> i & 1) != 0) {
            s->head.signers[s->head.t++] = (uint8_t)(i + 1);
        }
    }
    noise_bytes(&f->noise, s->sid0, SID0_LEN);
    noise_bytes(&f->noise, s->imprint, sizeof s->imprint);
    for (size_t i = 0; i < s->head.t; i++) {
        TRY(session_r1_again(f, i));
    }
    return ERR_OK;
}

void session_sign_r1(struct quorum_fixture *f, size_t at)
{
    uint8_t signed_part[R1_SIGNED_LEN];
    struct member *const m = session_member(f, at);

    r1_offer_signed(r1_of(f, at), signed_part);
    assert_int_equal(ed25519_sign(m->stack, &m->identity,
                                  (struct view){signed_part, sizeof signed_part},
                                  r1_of(f, at) + R1_MAX_LEN - R1_PROOF_LEN),
                     ERR_OK);
}

static void fix_stamp(struct quorum_fixture *f)
{
    struct session *const s = &f->session;

    s->stamp = (struct r2_stamp){.bodies = {s->r1s, s->head.t * (size_t)R1_MAX_LEN},
                                 .hash_alg = HASH_SHA256,
                                 .policy = 2,
                                 .hashed_message = {s->imprint, 32},
                                 .nonce = {s->imprint, 8}};
    memcpy(s->stamp.sid0, s->sid0, SID0_LEN);
}

void session_fix(struct quorum_fixture *f)
{
    struct session *const s = &f->session;
    struct tmldsa_session *const t = &f->math->session;
    const struct member *const m = f->members[0];
    const struct boot_policy *const p = &m->args.policies[1];

    fix_stamp(f);
    assert_int_equal(stamp_derive(&s->head, &s->stamp, &p->rule, &s->st), ERR_OK);
    assert_int_equal(stamping_digest(&s->st, &s->stamp, p, m->core.certs, KEY_PQ, s->mu),
                     ERR_OK);
    t->act = (uint8_t)s->act;
    memcpy(t->id, s->st.x, STAMP_X_LEN);
    memcpy(t->mu, s->mu, MLDSA_MU_LEN);
    for (size_t i = 0; i < s->head.t; i++) {
        struct tmldsa_commitment *const c = &t->commitment[s->head.signers[i] - 1][0];

        memcpy(c->batch_id, r1_of(f, i) + R1_BODY_LEN + 1, R1_BATCH_ID_LEN);
        memcpy(c->com, r1_of(f, i) + R1_BODY_LEN + 1 + R1_BATCH_ID_LEN, R1_COM_LEN);
    }
}

/* err(2) and a word that is its signer's. */
static enum err read_word(struct quorum_fixture *f, size_t at, enum quorum_round round,
                          struct reader *r, struct quorum_word *word)
{
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    uint16_t code = 0;

    assert_int_equal(rd_u16le(r, &code), ERR_OK);
    if (code == ERR_OK) {
        assert_int_equal(quorum_word_decode(r, FRAME_BODY_LONG_MAX, word), ERR_OK);
        assert_int_equal(word->index, f->session.head.signers[at]);
        quorum_word_signed(round, f->session.st.x, word, signed_part);
        assert_int_equal(ed25519_verify(NULL, session_member(f, at)->identity.public_key,
                                        (struct view){signed_part, sizeof signed_part},
                                        word->signature.p),
                         ERR_OK);
    }
    assert_int_equal(rd_finish(r), ERR_OK);
    return (enum err)code;
}

enum err session_r2(struct quorum_fixture *f, size_t at)
{
    struct session *const s = &f->session;
    struct member *const m = session_member(f, at);
    uint8_t body[4096];
    struct writer w = wr_init(body, sizeof body);
    struct quorum_word word;
    struct reader r;
    uint8_t n = 0;
    enum err e;

    fix_stamp(f);
    r2_head_encode(&w, &s->head);
    r2_stamp_encode(&w, &s->stamp);
    assert_false(w.full);
    TRY(member_call(m, FRAME_R2, (struct view){body, w.len}));
    assert_null(m->batch);
    r = rd_init(m->body);
    assert_int_equal(rd_u8(&r, &n), ERR_OK);
    assert_int_equal(n, 1);
    e = read_word(f, at, QUORUM_REVEAL, &r, &word);
    if (e == ERR_OK) {
        assert_int_equal(word.body.n, tmldsa_pack_batch_len(f->math->params));
        memcpy(s->w[at], word.body.p, word.body.n);
        memcpy(s->sigs[at], word.signature.p, QUORUM_SIG_LEN);
        s->reveals[at] = (struct quorum_word){
            word.index, {s->w[at], word.body.n}, {s->sigs[at], QUORUM_SIG_LEN}};
        f->math->session.w[word.index - 1][0] = s->reveals[at].body;
    }
    return e;
}

struct view session_r3_body(struct quorum_fixture *f, size_t at)
{
    static uint8_t body[FRAME_BODY_LONG_MAX];
    const struct session *const s = &f->session;
    struct writer w = wr_init(body, sizeof body);
    struct r3 m = {.n = 0};

    memcpy(m.x, s->st.x, STAMP_X_LEN);
    for (size_t i = 0; i < s->head.t; i++) {
        if (i != at) {
            m.reveals[m.n++] = s->reveals[i];
        }
    }
    r3_encode(&w, &m);
    assert_false(w.full);
    return (struct view){body, w.len};
}

enum err session_respond(struct quorum_fixture *f, size_t at)
{
    const unsigned place = f->session.head.signers[at] - 1U;
    struct reader r = rd_init(session_member(f, at)->body);
    struct quorum_word word;
    const enum err e = read_word(f, at, QUORUM_RESPOND, &r, &word);

    if (e == ERR_OK) {
        memcpy(f->math->response_room[place], word.body.p, word.body.n);
        f->math->response_bytes[place] =
            (struct view){f->math->response_room[place], word.body.n};
    }
    return e;
}

enum err session_r3(struct quorum_fixture *f, size_t at)
{
    struct member *const m = session_member(f, at);

    TRY(member_call(m, FRAME_R3, session_r3_body(f, at)));
    if (m->fd < 0) {
        assert_non_null(m->batch);
        member_finish(m, false);
    }
    return session_respond(f, at);
}

bool session_run(struct quorum_fixture *f, unsigned act)
{
    assert_int_equal(session_r1(f, act), ERR_OK);
    session_fix(f);
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(session_r2(f, i), ERR_OK);
    }
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(session_r3(f, i), ERR_OK);
    }
    tmldsa_finish(f->math);
    return f->math->outcome.found;
}

/* ---- a clock that comes in samples ---- */

void member_sample(struct member *m, int64_t off_ns)
{
    static uint64_t seq;
    const int64_t tai_ns = m->clock.kernel.now_ns + 37 * SECOND + off_ns;
    const struct time_report r = {.sample = {.seq = ++seq,
                                             .counter_ns = m->clock.counter_ns,
                                             .since_ns = m->clock.counter_ns,
                                             .lo_ns = tai_ns - MS,
                                             .hi_ns = tai_ns + MS,
                                             .sources = 4,
                                             .quota = 3,
                                             .agreeing = 4}};
    uint8_t body[128];
    struct writer bw = wr_init(body, sizeof body);
    struct writer w = wr_init(m->reply, sizeof m->reply);
    struct core_call call = {.head = {FRAME_TIME_SAMPLE, 0, 1}, .timed = true};

    time_report_encode(&bw, &r);
    call.body = (struct view){body, bw.len};
    assert_null(core_step(&m->core, &call, &w));
    assert_int_equal(m->reply[2], FRAME_TIME_SAMPLE | FRAME_ANSWER);
}

struct quorum_fixture *quorum_fixture_nts(int64_t off_ns)
{
    struct quorum_fixture *const f = quorum_fixture_waiting(2);

    for (unsigned i = 0; i < NODES; i++) {
        struct member *const m = f->members[i];

        m->args.clock = CLOCK_NTS;
        assert_int_equal(leap_table_parse("1483228800:37@4102444800", &m->args.leaps), ERR_OK);
        own_clock_init(&m->core.clock, &m->clock.source, &m->args);
        core_tick(&m->core);
        member_sample(m, i == NODES - 1 ? off_ns : 0);
        activate(m, KEY_CLASSIC, (uint8_t)(10 + i));
        activate(m, KEY_PQ, 2);
    }
    return f;
}
