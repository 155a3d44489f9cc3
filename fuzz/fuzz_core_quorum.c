/* A core that signs the pq key with one other, as a host and that other say anything. The input
 * is a script: raw bytes, frames, honest and altered rounds, words that the other really
 * signed, time that goes on or jumps, workers that are slow, connections that end. Held at
 * every step: what leaves the core is frames that decode; one R1 serves one R2, one batch is
 * shown in one session, one session is answered once; areas come back. */
#include "../tests/tmldsa_kit.h"
#include "core_world.h"
#include "promise.h"

#include "enclave/core/core_conn.h"
#include "enclave/core/core_quorum.h"
#include "enclave/quorum/pq_worker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define POOL 2
#define ROUNDS_MAX 4 /* R1s that the host remembers */
#define R2S_MAX 256  /* more than wait at a time */
#define SHOWN_MAX 64 /* batches that were revealed, and sessions that were answered */

static struct tmldsa_kit *kit;
static struct plan plan;
static struct ed25519_key identities[2];
static struct work_stack stack;
static struct pq_worker worker;
static struct pq_party party;
static uint8_t *pool_room;
static uint8_t *honest_w; /* of the batch that the other really has, its number 1 */
static struct tmldsa_commitment honest;

static struct core core;
static struct core_conn conn;
static struct core_areas areas;
static uint8_t room_of_areas[2 * LIMIT_AREA_LEN];
static struct boot_args args;

/* What the host knows. */
static struct {
    size_t n;
    uint8_t r1s[ROUNDS_MAX][R1_MAX_LEN];
    uint64_t peer_number; /* of the other's next batch */
    uint8_t asked[STAMP_X_LEN];
    /* The R1s of ours that R2s were asked with, by the number of the request: R2s may wait. */
    uint64_t n_asked;
    uint8_t used[R2S_MAX][R1_MAX_LEN];
    size_t n_shown, n_served;
    uint8_t shown[SHOWN_MAX][R1_BATCH_ID_LEN];
    uint8_t served[SHOWN_MAX][R1_ID_LEN];
} host;

/* (2,2) of ML-DSA-44, whose batches are small. */
static void prepare(void)
{
    static const uint8_t seed[32] = {1};

    kit = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(&mldsa_44, 2, 2), 1, seed);
    pool_room = malloc(pq_party_room(kit->params, POOL));
    promise(pool_room != NULL);
    work_stack_init(&stack);
    pq_worker_init(&worker);
    plan.threshold = 2;
    plan.total = 2;
    plan.repetitions_warn = 1;
    plan.repetitions_refuse = PLAN_REPETITIONS_MAX;
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t own[ED25519_SEED_LEN] = {(uint8_t)(9 + i)};

        promise(ed25519_key_make(&stack, own, &identities[i]) == ERR_OK);
        memcpy(plan.nodes[i].signing_key, identities[i].public_key, ED25519_PUBLIC_LEN);
        memset(plan.nodes[i].boot_nonce, (int)(0x70 + i), PLAN_NONCE_LEN);
    }
    batch_id_make(plan.nodes[1].boot_nonce, 1, kit->batch[1][0].commitment.batch_id);
    promise(tmldsa_commit(&kit->key, 1, &kit->commit_scratch, &kit->batch[1][0]) == ERR_OK);
    honest = kit->batch[1][0].commitment;
    honest_w = kit->batch[1][0].w;
}

static void join(void)
{
    static const uint8_t node_key[TMLDSA_NODE_KEY_LEN] = {7};
    static const struct activation cert = {.serial = {node_key, 1}, .issuer = {node_key, 2}};
    const struct pq_party_setup setup = {.key = &kit->key,
                                         .share = &kit->share[0],
                                         .identity = &identities[0],
                                         .stack = &stack,
                                         .plan = &plan,
                                         .epoch_id = core.epoch_id,
                                         .node_key = node_key,
                                         .pool = POOL,
                                         .room = pool_room};

    core.index = 1;
    core.total = 2;
    core.threshold[KEY_PQ - 1] = 2;
    pq_party_init(&party, &setup);
    core_quorum_begin(&core, &party);
    stamp_cert_set(&core.certs[KEY_CLASSIC - 1], &cert);
    stamp_cert_set(&core.certs[KEY_PQ - 1], &cert);
    core_tick(&core);
    promise(core.state == CORE_SERVING);
}

static void begin(void)
{
    static const struct core_public keys = {.classic = {4}};
    const struct core_setup setup = {
        .args = &args, .entropy = &entropy, .clock = &clock_source};

    if (kit == NULL) {
        prepare();
    }
    args = (struct boot_args){.clock = CLOCK_TRUST_SYSTEM, .n_policies = 2, .idle_ms = 30000};
    promise(boot_policy_parse("1,classic,1.2.3,3,100,1000", &args.policies[0]) == ERR_OK);
    promise(boot_policy_parse("2,pq,1.2.4,3,100,1000", &args.policies[1]) == ERR_OK);
    world.mono_ns = 1000000 * MS;
    world.kernel =
        (struct kernel_time){.now_ns = INT64_C(1790000000000000000), .synchronised = true};
    world.random = 0;
    memset(&host, 0, sizeof host);
    host.peer_number = 1;
    promise(core_init(&core, &setup) == ERR_OK);
    promise(core_start(&core, ERR_OK, &keys) == ERR_OK);
    join();
    core_areas_init(&areas, room_of_areas, 2);
    core_conn_init(&conn, 0, &areas, world.mono_ns);
}

/* ---- what leaves the core ---- */

static void remember_r1s(struct view body)
{
    struct view r1s;

    if (body.n > 1 && (body.n - 1) % R1_MAX_LEN != 0) { /* classic ones */
        promise((body.n - 1) % R1_BODY_LEN == 0);
        return;
    }
    promise(r1_answer_decode(body, R1_MAX_LEN, &r1s) == ERR_OK);
    host.n = r1s.n / R1_MAX_LEN < ROUNDS_MAX ? r1s.n / R1_MAX_LEN : ROUNDS_MAX;
    memcpy(host.r1s, r1s.p, host.n * R1_MAX_LEN);
}

/* Whether a name is new in a list; it is then in it. */
static bool is_new(uint8_t (*list)[R1_ID_LEN], size_t *n, const uint8_t *name)
{
    for (size_t i = 0; i < *n; i++) {
        if (memcmp(list[i], name, R1_ID_LEN) == 0) {
            return false;
        }
    }
    if (*n < SHOWN_MAX) {
        memcpy(list[(*n)++], name, R1_ID_LEN);
    }
    return true;
}

static void check_word(struct reader *r, size_t max, bool is_reveal)
{
    struct quorum_word word;
    uint16_t code = 0;

    promise(rd_u16le(r, &code) == ERR_OK);
    if (code != ERR_OK) {
        promise(err_known(code) && rd_finish(r) == ERR_OK);
        return;
    }
    promise(quorum_word_decode(r, max, &word) == ERR_OK && rd_finish(r) == ERR_OK);
    promise(word.index == 1 && (!is_reveal || word.body.n == max));
}

static void check_r2(uint64_t request_id, struct view body)
{
    const uint8_t *const used = host.used[request_id % R2S_MAX];
    const size_t id_at = EPOCH_ID_LEN + 1 + SID0_LEN + 1;
    struct reader r = rd_init(body);
    struct reader look;
    uint16_t code = 0;
    uint8_t n = 0;

    promise(rd_u8(&r, &n) == ERR_OK && n > 0);
    if (n > 1 || body.n < 3) {
        return; /* of R2s that one signer is meant to sign */
    }
    look = r;
    promise(rd_u16le(&look, &code) == ERR_OK);
    if (code == ERR_OK) {
        check_word(&r, tmldsa_pack_batch_len(kit->params), true);
        promise(is_new(host.served, &host.n_served, used + id_at));
        promise(is_new(host.shown, &host.n_shown, used + R1_BODY_LEN + 1));
    }
}

static void check_answer(const struct frame_header *h, struct view body)
{
    static struct core_stats stats;
    struct reader r = rd_init(body);
    enum err e;

    switch (h->type) {
    case FRAME_STATS | FRAME_ANSWER:
        promise(core_stats_decode(body, &stats) == ERR_OK && stats.n == 20);
        break;
    case FRAME_R1 | FRAME_ANSWER:
        remember_r1s(body);
        break;
    case FRAME_R2 | FRAME_ANSWER:
        check_r2(h->request_id, body);
        break;
    case FRAME_R3 | FRAME_ANSWER:
        check_word(&r, tmldsa_respond_max(kit->params, 1), false);
        break;
    case FRAME_ERROR:
        promise(frame_error_decode(body, &e) == ERR_OK && e != ERR_BUG);
        break;
    default:
        promise((h->type & FRAME_ANSWER) != 0);
    }
}

static void read_answers(void)
{
    struct view out;

    for (out = core_conn_send(&conn); out.n > 0; out = core_conn_send(&conn)) {
        struct reader r = rd_init(out);
        struct frame_header h;
        struct view part;

        while (r.n > 0) {
            promise(rd_take(&r, FRAME_HEADER_LEN, &part) == ERR_OK);
            promise(frame_header_decode(part, &h) == ERR_OK);
            promise(rd_take(&r, h.body_len, &part) == ERR_OK);
            check_answer(&h, part);
        }
        core_conn_sent(&conn, out.n, world.mono_ns);
    }
}

/* ---- workers ---- */

/* One piece. False: there is none. */
static bool work_one(void)
{
    struct sign_batch *b;
    struct sign_job *job = jobs_take(&core.jobs, &b);
    struct pq_place *place;

    if (job != NULL) {
        promise(b->answer != NULL); /* no key of this core's own signs here */
        pq_worker_answer(&worker, &party, b->answer);
        job->err = ERR_OK;
        promise(jobs_finish(&core.jobs, b));
    } else if ((place = core_quorum_fill(&core)) != NULL) {
        core_quorum_filled(&core, place, pq_worker_commit(&worker, &party, place));
        return true;
    }
    b = jobs_collect(&core.jobs);
    if (b == NULL) {
        return false;
    }
    core_conn_finish(&conn, &core, b, world.mono_ns);
    return true;
}

static void work(void)
{
    struct sign_batch *b;

    while (core_conn_work(&conn, &core, world.mono_ns, &b)) {
        if (b != NULL && b->answer == NULL) { /* classic, or of one signer */
            for (size_t i = 0; i < b->n_jobs; i++) {
                b->jobs[i].err = ERR_STATE;
            }
            core_conn_finish(&conn, &core, b, world.mono_ns);
        } else if (b != NULL) {
            jobs_submit(&core.jobs, b);
        }
        read_answers();
    }
}

/* The connection ends, whatever is under way, and a new one begins. */
static void reconnect(void)
{
    struct sign_batch *b;

    core_conn_close(&conn);
    promise(!areas.lent[0] && !areas.lent[1]);
    (void)jobs_cancel(&core.jobs, 0);
    while ((b = jobs_collect(&core.jobs)) != NULL) {
        while (b != NULL) {
            struct sign_batch *const next = b->next;

            core_finish(&core, b, NULL);
            b = next;
        }
    }
    core_conn_init(&conn, 0, &areas, world.mono_ns);
}

static void feed(struct view in)
{
    while (in.n > 0) {
        size_t space;
        uint8_t *const to = core_conn_receive(&conn, &space);
        const size_t n = in.n < space ? in.n : space;

        if (n == 0) {
            reconnect(); /* the stream cannot be followed, or nothing is read */
            return;
        }
        memcpy(to, in.p, n);
        core_conn_received(&conn, n);
        in = (struct view){in.p + n, in.n - n};
        work();
    }
}

static void send_frame(uint8_t type, struct view body)
{
    static uint8_t bytes[LIMIT_FRAME_LONG];
    struct writer w = wr_init(bytes, sizeof bytes);
    const size_t mark = frame_begin(&w, type, host.n_asked);

    wr_view(&w, body);
    frame_end(&w, mark);
    feed((struct view){bytes, w.len});
}

/* ---- what host and peer do ---- */

static void ask_r1(uint8_t n)
{
    static uint8_t sid0[4 * SID0_LEN];
    struct r1_ask ask = {.key = n % 8 == 7 ? KEY_CLASSIC : KEY_PQ,
                         .sid0 = {sid0, (size_t)(1 + n % 4) * SID0_LEN}};
    uint8_t body[EPOCH_ID_LEN + 2 + sizeof sid0];
    struct writer w = wr_init(body, sizeof body);

    memcpy(ask.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &ask);
    send_frame(FRAME_R1, (struct view){body, w.len});
}

/* The other's R1 beside ours, proven by it; a: what is wrong with it. */
static void peer_r1(const uint8_t own[R1_MAX_LEN], uint8_t a, uint8_t r1[R1_MAX_LEN])
{
    struct writer w = wr_init(r1 + R1_BODY_LEN, R1_OFFER_LEN);
    uint8_t signed_part[R1_SIGNED_LEN];
    struct r1_offer offer = {.com = {a}};

    memcpy(r1, own, R1_BODY_LEN);
    r1[EPOCH_ID_LEN + 1 + SID0_LEN] = 2;
    if (a % 2 == 0) {
        memcpy(offer.batch_id, honest.batch_id, R1_BATCH_ID_LEN);
        memcpy(offer.com, honest.com, R1_COM_LEN);
    } else {
        batch_id_make(plan.nodes[1].boot_nonce, ++host.peer_number, offer.batch_id);
    }
    r1_offer_encode(&w, &offer);
    r1[a % R1_BODY_LEN] ^= (uint8_t)(a > 200 ? a : 0);
    r1_offer_signed(r1, signed_part);
    promise(ed25519_sign(&stack, &identities[1], (struct view){signed_part, sizeof signed_part},
                         r1 + R1_MAX_LEN - R1_PROOF_LEN) == ERR_OK);
}

/* R2 with an R1 that is remembered; then one byte of it is changed, or none. */
static void ask_r2(uint8_t a, uint8_t flip)
{
    static const uint8_t imprint[HASH_MAX] = {9};
    struct r2_head h = {.key = KEY_PQ, .t = 2, .signers = {1, 2}, .n = 1};
    uint8_t bodies[2 * R1_MAX_LEN] = {0};
    uint8_t body[2048];
    struct writer w = wr_init(body, sizeof body);
    struct r2_stamp stamp = {.bodies = {bodies, sizeof bodies},
                             .hash_alg = HASH_SHA256,
                             .policy = 2,
                             .hashed_message = {imprint, 32}};
    struct stamp st;

    if (host.n == 0) {
        return;
    }
    memcpy(bodies, host.r1s[a % host.n], R1_MAX_LEN);
    peer_r1(bodies, a, bodies + R1_MAX_LEN);
    memcpy(host.used[++host.n_asked % R2S_MAX], bodies, R1_MAX_LEN);
    memcpy(h.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    memcpy(h.activation, core.certs[KEY_PQ - 1].activation, ACTIVATION_HASH_LEN);
    memcpy(stamp.sid0, bodies + EPOCH_ID_LEN + 1, SID0_LEN);
    r2_head_encode(&w, &h);
    r2_stamp_encode(&w, &stamp);
    promise(!w.full);
    if (flip != 0) {
        body[(size_t)a * 7 % w.len] ^= flip;
    } else if (stamp_derive(&h, &stamp, &args.policies[1].rule, &st) == ERR_OK) {
        memcpy(host.asked, st.x, STAMP_X_LEN);
    }
    send_frame(FRAME_R2, (struct view){body, w.len});
}

/* R3 of the latest session with what the other revealed. Its own word, or the host's. */
static void ask_r3(uint8_t a, uint8_t flip)
{
    static uint8_t body[FRAME_BODY_LONG_MAX];
    static uint8_t reveal[FRAME_BODY_LONG_MAX];
    const size_t len = tmldsa_pack_batch_len(kit->params);
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    uint8_t sig[QUORUM_SIG_LEN];
    struct writer w = wr_init(body, sizeof body);
    struct r3 m = {.n = 1};

    memcpy(reveal, honest_w, len);
    reveal[(size_t)a * 31 % len] ^= flip;
    memcpy(m.x, host.asked, STAMP_X_LEN);
    m.reveals[0] = (struct quorum_word){2, {reveal, len}, {sig, sizeof sig}};
    quorum_word_signed(QUORUM_REVEAL, m.x, &m.reveals[0], signed_part);
    promise(ed25519_sign(&stack, &identities[1], (struct view){signed_part, sizeof signed_part},
                         sig) == ERR_OK);
    sig[0] ^= (uint8_t)(a == 255);
    r3_encode(&w, &m);
    promise(!w.full);
    send_frame(FRAME_R3, (struct view){body, w.len});
}

static void go(int64_t mono, int64_t real)
{
    world.mono_ns += mono;
    world.kernel.now_ns += real;
    world.kernel.bound_us += 1;
}

/* One line of the script. False: it has ended. */
static bool act(struct reader *r)
{
    static const uint8_t types[] = {FRAME_R1, FRAME_R2, FRAME_R3, FRAME_STATS};
    struct view some;
    uint8_t op;
    uint8_t a;

    if (rd_u8(r, &op) != ERR_OK || rd_u8(r, &a) != ERR_OK) {
        return false;
    }
    some = (struct view){r->p, a < r->n ? a : r->n};
    switch (op % 12) {
    case 0:
        feed(some);
        (void)rd_take(r, some.n, &some);
        break;
    case 1:
        send_frame(types[(op >> 4) % 4], some);
        (void)rd_take(r, some.n, &some);
        break;
    case 2:
        ask_r1(a);
        break;
    case 3:
        ask_r2(a, 0);
        break;
    case 4:
        ask_r2(a, op | 1U);
        break;
    case 5:
        ask_r3(a, 0);
        break;
    case 6:
        ask_r3(a, op);
        break;
    case 7:
        go(a * MS, a * MS);
        break;
    case 8: /* long, or the clock is set */
        go(a * (100 * MS), a % 8 == 0 ? 3600000 * MS : a * (100 * MS));
        break;
    case 9:
        core_tick(&core);
        break;
    case 10:
        (void)work_one();
        break;
    default:
        reconnect();
        break;
    }
    work();
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});

    begin();
    while (act(&r)) {
        promise(core.r1.open <= LIMIT_R1_OPEN);
        promise(party.counts.answered <= party.counts.opened);
        promise(party.counts.opened <= party.counts.offered);
    }
    reconnect();
    promise(core.jobs.busy == 0 && core.counts.jobs_busy == 0);
    promise(!pq_party_answering(&party));
    promise(core_quorum_end(&core));
    return 0;
}
