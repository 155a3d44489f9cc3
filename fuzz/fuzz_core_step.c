/* A core and one peer that says anything. The input is a script: raw bytes, frames, honest and
 * altered rounds, time that goes on or jumps, answers that are read or not. Held at every step:
 * what leaves the core is frames that decode; nothing is signed but for an open R1 of ours,
 * once, and no certificate request but before the activation, its attempts ascending; |genTime
 * - time at which the imprint was first seen| <= accuracy. */
#include "core_world.h"

#include "enclave/core/core_conn.h"
#include "wire/csr_ask.h"
#include "wire/time_status.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 8 /* R1 bodies that the peer remembers */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct core core;
static struct core_conn conn;
static struct core_areas areas; /* one: a long frame that does not end takes it */
static uint8_t room_of_areas[LIMIT_AREA_LEN];
static struct boot_args args;
static uint8_t bodies[ROUNDS_MAX][R1_BODY_LEN];
static bool used[ROUNDS_MAX];
static size_t n_bodies;
static uint8_t key_asked; /* of the R1 bodies */

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void begin(void)
{
    static const struct core_public keys = {.classic = {4}};
    const struct core_setup setup = {
        .args = &args, .entropy = &entropy, .clock = &clock_source};

    args = (struct boot_args){.clock = CLOCK_TRUST_SYSTEM, .n_policies = 3, .idle_ms = 30000};
    check(boot_policy_parse("1,classic,1.2.3,3,100,1000", &args.policies[0]) == ERR_OK);
    check(boot_policy_parse("2,pq,1.2.4,0,100,1000", &args.policies[1]) == ERR_OK);
    check(boot_policy_parse("3,dual,1.2.5,3,100,1000", &args.policies[2]) == ERR_OK);
    world.mono_ns = 1000000 * MS;
    world.kernel =
        (struct kernel_time){.now_ns = INT64_C(1790000000000000000), .synchronised = true};
    world.random = 0;
    n_bodies = 0;
    memset(bodies, 0, sizeof bodies);
    key_asked = KEY_CLASSIC;
    check(core_init(&core, &setup) == ERR_OK);
    check(core_start(&core, ERR_OK, &keys) == ERR_OK);
    core_areas_init(&areas, room_of_areas, 1);
    core_conn_init(&conn, 0, &areas, world.mono_ns);
}

/* ---- what leaves the core ---- */

static void check_r2(struct view body)
{
    struct reader r = rd_init(body);
    struct r2_result res;
    uint8_t n;

    check(rd_u8(&r, &n) == ERR_OK && n > 0);
    while (n-- > 0) {
        check(r2_result_decode(&r, &res) == ERR_OK);
        check(res.err != ERR_OK || res.signature.n == STAMP_SIGNATURE_CLASSIC ||
              res.signature.n == STAMP_SIGNATURE_PQ || res.signature.n == STAMP_SIGNATURE_DUAL);
    }
    check(rd_finish(&r) == ERR_OK);
}

static void remember(struct view body)
{
    struct view all;

    check(r1_answer_decode(body, R1_BODY_LEN, &all) == ERR_OK);
    n_bodies = all.n / R1_BODY_LEN < ROUNDS_MAX ? all.n / R1_BODY_LEN : ROUNDS_MAX;
    memcpy(bodies, all.p, n_bodies * R1_BODY_LEN);
    memset(used, 0, sizeof used);
}

static void check_answer(const struct frame_header *h, struct view body)
{
    static union {
        struct hello hello;
        struct core_status status;
        struct core_stats stats;
        struct audit_page page;
        struct time_status time;
        uint8_t hash[ACTIVATION_HASH_LEN];
        enum err e;
    } u;

    switch (h->type) {
    case FRAME_HELLO | FRAME_ANSWER:
        check(hello_decode(body, &u.hello) == ERR_OK);
        break;
    case FRAME_STATE | FRAME_ANSWER:
        check(core_status_decode(body, &u.status) == ERR_OK);
        break;
    case FRAME_STATS | FRAME_ANSWER:
        check(core_stats_decode(body, &u.stats) == ERR_OK);
        break;
    case FRAME_AUDIT | FRAME_ANSWER:
        check(audit_page_decode(body, &u.page) == ERR_OK);
        break;
    case FRAME_TIME_STATUS | FRAME_ANSWER:
        check(time_status_decode(body, &u.time) == ERR_OK);
        break;
    case FRAME_ACTIVATE | FRAME_ANSWER:
        check(activation_answer_decode(body, u.hash) == ERR_OK);
        break;
    case FRAME_R1 | FRAME_ANSWER:
        remember(body);
        break;
    case FRAME_R2 | FRAME_ANSWER:
        check_r2(body);
        break;
    case FRAME_SIGN_CSR | FRAME_ANSWER:
        check(body.n == STAMP_SIGNATURE_CLASSIC || body.n == STAMP_SIGNATURE_PQ);
        break;
    case FRAME_ERROR:
        check(frame_error_decode(body, &u.e) == ERR_OK && u.e != ERR_BUG);
        break;
    default:
        abort();
    }
}

/* The peer reads all that waits. */
static void read_answers(void)
{
    struct view out;

    for (out = core_conn_send(&conn); out.n > 0; out = core_conn_send(&conn)) {
        struct reader r = rd_init(out);
        struct frame_header h;
        struct view part;

        while (r.n > 0) {
            check(rd_take(&r, FRAME_HEADER_LEN, &part) == ERR_OK);
            check(frame_header_decode(part, &h) == ERR_OK);
            check(rd_take(&r, h.body_len, &part) == ERR_OK);
            check_answer(&h, part);
        }
        core_conn_sent(&conn, out.n, world.mono_ns);
    }
}

/* ---- what the peer does ---- */

static void finish_batches(void)
{
    struct sign_batch *b;
    struct sign_job *job;

    for (job = jobs_take(&core.jobs, &b); job != NULL; job = jobs_take(&core.jobs, &b)) {
        job->err = ERR_OK;
        (void)jobs_finish(&core.jobs, b);
    }
    b = jobs_collect(&core.jobs);
    while (b != NULL) {
        struct sign_batch *const next = b->next;

        core_conn_finish(&conn, &core, b, world.mono_ns);
        b = next;
    }
}

static void work(void)
{
    struct sign_batch *b;

    while (core_conn_work(&conn, &core, world.mono_ns, &b)) {
        if (b != NULL) {
            check(b->n_jobs > 0 && b->n_jobs <= b->n * jobs_each(b->key));
            jobs_submit(&core.jobs, b);
        }
    }
}

/* New bytes; after a stream that could not be followed a new connection. */
static void feed(struct view in)
{
    size_t room;
    uint8_t *to;

    if (conn.closing) {
        finish_batches();
        read_answers();
        check(core_conn_over(&conn));
        core_conn_close(&conn);
        check(core_areas_has_for(&areas, areas.n - 1));
        core_conn_init(&conn, 0, &areas, world.mono_ns);
    }
    to = core_conn_receive(&conn, &room);
    in.n = in.n < room ? in.n : room;
    if (in.n > 0) {
        memcpy(to, in.p, in.n);
        core_conn_received(&conn, in.n);
    }
    work();
}

static void send_frame(uint8_t type, struct view body)
{
    static uint8_t bytes[LIMIT_READ_BUFFER];
    struct writer w = wr_init(bytes, sizeof bytes);
    const size_t mark = frame_begin(&w, type, 5);

    wr_view(&w, body);
    frame_end(&w, mark);
    feed((struct view){bytes, w.len});
}

static void activate(uint8_t key, uint8_t with)
{
    const uint8_t serial[] = {1, with};
    struct activation a = {.key = key, .serial = {serial, 2}, .issuer = {serial, 1}};
    uint8_t body[256];
    struct writer w = wr_init(body, sizeof body);

    memcpy(a.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    activation_encode(&w, &a);
    send_frame(FRAME_ACTIVATE, (struct view){body, w.len});
}

static void ask_r1(uint8_t n)
{
    static uint8_t sid0[STAMP_BATCH_MAX * SID0_LEN];
    struct r1_ask ask = {.key = (uint8_t)(1 + n % STAMP_KEYS),
                         .sid0 = {sid0, (size_t)(1 + n % STAMP_BATCH_MAX) * SID0_LEN}};
    uint8_t body[EPOCH_ID_LEN + 2 + sizeof sid0];
    struct writer w = wr_init(body, sizeof body);

    memcpy(ask.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &ask);
    key_asked = ask.key;
    send_frame(FRAME_R1, (struct view){body, w.len});
}

/* What a batch that was just made promises, against the R2 that made it. */
static void check_batch(const struct sign_batch *b, const struct r2_head *h,
                        const struct r2_stamp *stamps)
{
    check(b->n == h->n && b->key == h->key && (b->pq != NULL) == (h->key != KEY_CLASSIC));
    for (size_t i = 0; i < b->n; i++) {
        struct stamp st;
        int64_t off;

        if (b->errs[i] != ERR_OK) {
            continue;
        }
        check(!used[i] && stamps[i].policy == h->key); /* numbers are keys here */
        used[i] = true;
        check(stamp_derive(h, &stamps[i], &args.policies[stamps[i].policy - 1].rule, &st) ==
              ERR_OK);
        off = st.gen_time_ms * MS - world.kernel.now_ns;
        check((off < 0 ? -off : off) <= st.accuracy_ms * MS);
    }
}

/* R2 of all R1s that are remembered; then one byte of it is changed, or none. */
static void ask_r2(uint8_t policy, uint8_t at, uint8_t flip)
{
    static uint8_t body[FRAME_BODY_MAX];
    static const uint8_t imprint[HASH_MAX] = {9};
    struct r2_head h = {.key = key_asked, .t = 1, .signers = {1}, .n = (uint8_t)n_bodies};
    struct r2_stamp stamps[ROUNDS_MAX];
    struct writer w = wr_init(body, sizeof body);
    struct core_call call = {.head = {FRAME_R2, 0, 6}};
    uint8_t answer[LIMIT_ANSWER];
    struct writer out = wr_init(answer, sizeof answer);
    struct sign_batch *b;

    memcpy(h.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    if (key_asked == KEY_DUAL) {
        activation_dual(core.certs[0].activation, core.certs[1].activation, h.activation);
    } else {
        memcpy(h.activation, core.certs[key_asked - 1].activation, ACTIVATION_HASH_LEN);
    }
    r2_head_encode(&w, &h);
    for (size_t i = 0; i < n_bodies; i++) {
        stamps[i] = (struct r2_stamp){.bodies = {bodies[i], R1_BODY_LEN},
                                      .hash_alg = HASH_SHA256,
                                      .policy = policy,
                                      .hashed_message = {imprint, 32}};
        memcpy(stamps[i].sid0, bodies[i] + EPOCH_ID_LEN + 1, SID0_LEN);
        r2_stamp_encode(&w, &stamps[i]);
    }
    if (flip != 0) {
        body[(size_t)at * 7 % w.len] ^= flip;
        send_frame(FRAME_R2, (struct view){body, w.len});
        return;
    }
    call.head.body_len = (uint32_t)w.len;
    call.body = (struct view){body, w.len};
    b = core_step(&core, &call, &out);
    check(!out.full);
    if (b != NULL) {
        check_batch(b, &h, stamps);
        core_finish(&core, b, NULL);
    }
}

/* SIGN_CSR with the first R1 that is remembered; then one byte of it is changed, or none. */
static void ask_csr(uint8_t with)
{
    struct csr_ask a = {.key = key_asked,
                        .subject = 1,
                        .attempt = (uint8_t)(1 + with % CSR_ATTEMPTS_MAX),
                        .t = 1,
                        .signers = {1},
                        .r1s = {bodies[0], R1_BODY_LEN}};
    const uint8_t key = key_asked == KEY_PQ ? KEY_PQ : KEY_CLASSIC;
    const bool waited = core.state == CORE_WAITING && !core.certs[key - 1].active;
    const uint8_t last = core.csr_attempts[key - 1];
    uint8_t body[512];
    struct writer w = wr_init(body, sizeof body);
    struct core_call call = {.head = {FRAME_SIGN_CSR, 0, 6}};
    uint8_t answer[LIMIT_ANSWER];
    struct writer out = wr_init(answer, sizeof answer);
    struct sign_batch *b;

    memcpy(a.epoch_id, core.epoch_id, EPOCH_ID_LEN);
    memcpy(a.sid0, bodies[0] + EPOCH_ID_LEN + 1, SID0_LEN);
    csr_ask_encode(&w, &a);
    if (with >= 128) {
        body[(size_t)with * 7 % w.len] ^= with;
        send_frame(FRAME_SIGN_CSR, (struct view){body, w.len});
        return;
    }
    call.head.body_len = (uint32_t)w.len;
    call.body = (struct view){body, w.len};
    b = core_step(&core, &call, &out);
    check(!out.full);
    if (b != NULL) {
        check(b->csr && b->n_jobs == 1 && b->key == key_asked && waited);
        check(n_bodies > 0 && !used[0] && a.attempt > last);
        used[0] = true;
        core_finish(&core, b, NULL);
    }
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
        send_frame((uint8_t)(op >> 1), some);
        (void)rd_take(r, some.n, &some);
        break;
    case 2:
        ask_csr(a);
        break;
    case 3:
        activate(KEY_CLASSIC, a % 2);
        activate(KEY_PQ, (a >> 1) % 2);
        break;
    case 4:
        ask_r1(a);
        break;
    case 5:
        ask_r2(a % 4, 0, 0);
        break;
    case 6:
        ask_r2(a % 4, (uint8_t)(op ^ a), (uint8_t)(a | 1));
        break;
    case 7:
        go(a * MS, a * MS);
        break;
    case 8: /* the clock is set, now and then */
        go(MS, (a < 8 ? 3600000 : 1) * MS);
        break;
    case 9:
        core_tick(&core);
        check(core.state != CORE_FAILED);
        break;
    case 10:
        finish_batches();
        break;
    default:
        read_answers();
        work();
        break;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});

    begin();
    while (act(&r)) {
        check(core.r1.open <= LIMIT_R1_OPEN);
        check(core.counts.stamps_signed <= core.counts.r1_opened);
    }
    finish_batches();
    read_answers();
    work();
    finish_batches();
    check(core.counts.jobs_busy == 0);
    core_drain(&core);
    return 0;
}
