/* A core whose classic key five share, from the end of its ceremony on, and a host that says
 * anything on two connections: raw bytes, frames, honest and altered rounds, requests for the
 * certificate, orders, packets, a node that comes again, questions for evidence and for the
 * log, time that goes on or jumps, slices of the thread that makes presignatures. Held at every
 * step: each frame has one answer, which decodes; a record answers once, to one digest, while
 * it is not void; one R1 serves once and not too late; boxes and queues stay within their caps.
 */
#include "core_answers.h"
#include "presign_asks.h"

#include "wire/presign_word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define R1S_MAX 8 /* R1s that the host remembers */
#define ASKED 256 /* more than wait at a time */
#define BODY_MAX 4096
#define FLIP_LEN 3                        /* where, and what */
#define OURS UINT64_C(0x5a3c96e100000000) /* requests of ours: raw bytes have other numbers */

/* What the host knows. */
static struct {
    size_t n;
    struct {
        uint8_t bytes[R1_PROVEN_LEN];
        int64_t given_ns;
        bool used;
    } r1s[R1S_MAX];
    size_t next_r1;
    uint64_t n_asked;
    struct {
        size_t n;
        uint8_t body[BODY_MAX];
    } asked[ASKED];
    size_t carried_out[CONNS], answered[CONNS];
    uint32_t attempt; /* of the last node that came again */
} host;

/* What became of each dealt record. */
static struct {
    bool there, answered, is_void;
    int64_t since_ns;
} fate[DEALT];

/* ---- what leaves the core ---- */

static void remember_r1s(struct view body)
{
    const size_t all = (body.n - 1) / R1_PROVEN_LEN;
    struct view r1s;

    if (r1_answer_decode(body, R1_PROVEN_LEN, &r1s) != ERR_OK) {
        promise(body.n > 1 && (body.n - 1) % R1_MAX_LEN == 0); /* of the pq key */
        return;
    }
    for (size_t i = 0; i < all; i++) {
        const size_t at = host.next_r1++ % R1S_MAX;

        memcpy(host.r1s[at].bytes, r1s.p + i * R1_PROVEN_LEN, R1_PROVEN_LEN);
        host.r1s[at].given_ns = world.mono_ns;
        host.r1s[at].used = false;
        host.n = host.n < R1S_MAX ? host.n + 1 : R1S_MAX;
    }
}

/* It was given, is not old, and serves now. */
static void use_r1(struct view r1)
{
    for (size_t i = 0; i < host.n; i++) {
        if (memcmp(host.r1s[i].bytes, r1.p, R1_PROVEN_LEN) == 0) {
            promise(!host.r1s[i].used);
            promise(world.mono_ns - host.r1s[i].given_ns <= R1_LIFE_MS * MS);
            host.r1s[i].used = true;
            return;
        }
    }
}

struct expected {
    struct tecdsa_presignature record;
    const uint8_t *id, *digest;
    struct tecdsa_answer answer;
};

static enum err expect(void *arg)
{
    struct expected *const e = arg;

    return tecdsa_online_answer(&e->record, e->id, e->digest, &e->answer);
}

/* A record's one answer, to that digest if it is given. */
static void use_record(const uint8_t *id, const uint8_t *digest, const uint8_t *sum)
{
    struct expected e = {.id = id, .digest = digest};
    size_t i = 0;

    while (i < DEALT && memcmp(dealt[i][0].id, id, TECDSA_HASH_LEN) != 0) {
        i++;
    }
    promise(i < DEALT && fate[i].there && !fate[i].answered && !fate[i].is_void);
    promise(world.mono_ns - fate[i].since_ns < PRESIGN_AGE_NS);
    fate[i].answered = true;
    if (digest != NULL) {
        memcpy(&e.record, &dealt[i][0], sizeof e.record);
        promise(work_stack_run_gmp(&work.stack, expect, &e) == ERR_OK);
        promise(memcmp(&e.answer, sum, sizeof e.answer) == 0);
    }
}

static void check_stamp(const struct r2_head *h, const struct r2_stamp *s,
                        const struct r2_result *res)
{
    uint8_t digest[SIGN_DIGEST_LEN];
    struct stamp st;
    int64_t off;

    promise(h->signers[0] == core.index && h->t == TECDSA_T && s->policy == 1);
    promise(res->signature.n == PRESIGN_ANSWER_LEN && core.state == CORE_SERVING);
    use_r1((struct view){s->bodies.p, R1_PROVEN_LEN});
    promise(stamp_derive(h, s, &args.policies[0].rule, &st) == ERR_OK);
    off = st.gen_time_ms * MS - world.kernel.now_ns;
    promise((off < 0 ? -off : off) <= st.accuracy_ms * MS);
    promise(stamping_digest(&st, s, &args.policies[0], core.certs, KEY_CLASSIC, digest) ==
            ERR_OK);
    use_record(s->presign.p, digest, res->signature.p);
}

/* Against what was asked under that number. */
static void check_r2(uint64_t request_id, struct view body)
{
    const size_t at = request_id % ASKED;
    struct reader asked = rd_init((struct view){host.asked[at].body, host.asked[at].n});
    struct reader r = rd_init(body);
    struct r2_result res;
    struct r2_stamp s;
    struct r2_head h;
    uint8_t n = 0;

    if (r2_head_decode(&asked, &h) != ERR_OK || !stamp_is_presigned(h.key, h.t)) {
        return; /* of another key, or one signer: nothing is signed so */
    }
    promise(rd_u8(&r, &n) == ERR_OK && n == h.n);
    while (n-- > 0) {
        promise(r2_stamp_decode(&asked, &h, &s) == ERR_OK);
        promise(r2_result_decode(&r, &res) == ERR_OK);
        if (res.err == ERR_OK) {
            check_stamp(&h, &s, &res);
        }
    }
    promise(rd_finish(&r) == ERR_OK);
}

static void check_csr(uint64_t request_id, struct view body)
{
    const size_t at = request_id % ASKED;
    struct csr_ask a;

    promise(csr_ask_decode((struct view){host.asked[at].body, host.asked[at].n}, &a) == ERR_OK);
    promise(!core.certs[a.key - 1].active && a.attempt == core.csr_attempts[a.key - 1]);
    if (a.key == KEY_CLASSIC) {
        promise(body.n == PRESIGN_SUM_LEN);
        use_r1((struct view){a.r1s.p, R1_PROVEN_LEN});
        use_record(a.presign.p, NULL, body.p);
    }
}

static void check_answer(const struct frame_header *h, struct view body)
{
    const bool ours = (h->request_id & ~UINT64_C(0xffffffff)) == OURS;
    enum err e;

    if (h->type == FRAME_ERROR) {
        promise(frame_error_decode(body, &e) == ERR_OK && e != ERR_BUG);
        return;
    }
    promise((h->type & FRAME_ANSWER) != 0);
    promise(core_answer_decodes(h->type & ~FRAME_ANSWER, body));
    if (h->type == (FRAME_R1 | FRAME_ANSWER)) {
        remember_r1s(body);
    } else if (ours && h->type == (FRAME_R2 | FRAME_ANSWER)) {
        check_r2(h->request_id, body);
    } else if (ours && h->type == (FRAME_SIGN_CSR | FRAME_ANSWER)) {
        check_csr(h->request_id, body);
    }
}

static void read_answers(size_t at)
{
    struct core_conn *const n = conns[at];
    struct view out;

    for (out = core_conn_send(n); out.n > 0; out = core_conn_send(n)) {
        struct reader r = rd_init(out);
        struct frame_header h;
        struct view part;

        while (r.n > 0) {
            promise(rd_take(&r, FRAME_HEADER_LEN, &part) == ERR_OK);
            promise(frame_header_decode(part, &h) == ERR_OK);
            promise(rd_take(&r, h.body_len, &part) == ERR_OK);
            host.answered[at]++;
            check_answer(&h, part);
        }
        core_conn_sent(n, out.n, world.mono_ns);
    }
}

/* ---- the core goes on ---- */

/* Batches that are done. whom: of that connection nobody waits any more. */
static void collect(size_t whom)
{
    struct sign_batch *b = jobs_collect(&core.jobs);

    while (b != NULL) {
        struct sign_batch *const next = b->next;
        const size_t at = b->lane;

        promise(at < CONNS);
        if (at == whom) {
            core_finish(&core, b, NULL);
            conns[at]->batches--;
        } else {
            core_conn_finish(conns[at], &core, b, world.mono_ns);
            read_answers(at);
        }
        b = next;
    }
}

static void work_at(size_t at)
{
    struct core_conn *const n = conns[at];
    struct sign_batch *b;

    while (core_conn_work(n, &core, world.mono_ns, &b)) {
        host.carried_out[at]++;
        if (b != NULL && !b->is_order) { /* of the pq key: nobody makes it here */
            for (size_t i = 0; i < b->n_jobs; i++) {
                b->jobs[i].err = ERR_STATE;
            }
            core_conn_finish(n, &core, b, world.mono_ns);
        }
        read_answers(at);
    }
}

/* Those that waited for an area, too. */
static void work_all(void)
{
    for (size_t at = 0; at < CONNS; at++) {
        work_at(at);
    }
}

static void slice(void)
{
    before.used = true;
    presign_desk_slice(core.presign.desk);
    collect(CONNS);
    work_all();
}

/* The connection ends, whatever is under way, and a new one begins. */
static void reconnect(size_t at)
{
    struct core_conn *const n = conns[at];

    core_conn_close(n);
    (void)jobs_cancel(&core.jobs, (uint32_t)at);
    if (n->batches > 0) {
        before.used = true;
        presign_desk_slice(core.presign.desk); /* its orders are carried out all the same */
    }
    collect(at);
    promise(n->batches == 0);
    core_conn_init(n, (uint32_t)at, &areas, world.mono_ns);
    host.carried_out[at] = host.answered[at] = 0;
    work_all();
}

static void feed(size_t at, struct view in)
{
    while (in.n > 0) {
        size_t space;
        uint8_t *const to = core_conn_receive(conns[at], &space);
        const size_t n = in.n < space ? in.n : space;

        if (n == 0 || conns[at]->closing) {
            reconnect(at); /* the stream cannot be followed, or too much is under way */
            return;
        }
        memcpy(to, in.p, n);
        core_conn_received(conns[at], n);
        in = (struct view){in.p + n, in.n - n};
        work_at(at);
    }
}

static void send_frame(size_t at, uint8_t type, struct view body)
{
    static uint8_t bytes[LIMIT_FRAME_LONG];
    struct writer w = wr_init(bytes, sizeof bytes);
    const uint64_t number = ++host.n_asked % ASKED;
    const size_t mark = frame_begin(&w, type, OURS | number);

    wr_view(&w, body);
    frame_end(&w, mark);
    promise(!w.full);
    host.asked[number].n = body.n < BODY_MAX ? body.n : BODY_MAX;
    if (body.n > 0) {
        memcpy(host.asked[number].body, body.p, host.asked[number].n);
    }
    feed(at, (struct view){bytes, w.len});
}

/* ---- what the host does ---- */

/* One of its kind. how: of its bytes one is changed; else nothing. */
static void send_body(size_t at, uint8_t type, const struct writer *w, struct view how)
{
    promise(!w->full);
    if (w->len > 0 && how.n >= FLIP_LEN) {
        w->p[((size_t)how.p[0] << 8 | how.p[1]) % w->len] ^= how.p[2];
    }
    send_frame(at, type, (struct view){w->p, w->len});
}

static const uint8_t *own_r1(size_t i)
{
    return host.r1s[i % host.n].bytes;
}

/* What signs, with R1s that are remembered. */
static void ask_to_sign(size_t at, uint8_t type, uint8_t a, struct view how)
{
    uint8_t body[BODY_MAX];
    struct writer w = wr_init(body, sizeof body);

    if (host.n == 0) {
        return;
    }
    if (type == FRAME_R2) {
        const uint8_t *own[R2_STAMPS] = {own_r1(a / 8), own_r1(a / 8 + 1)};

        r2_body(&w, a, own);
    } else {
        csr_body(&w, a, own_r1(a / 16));
    }
    send_body(at, type, &w, how);
}

static void ask(size_t at, uint8_t type, uint8_t a, struct view some)
{
    uint8_t body[BODY_MAX];
    struct writer w = wr_init(body, sizeof body);

    if (type == FRAME_R1) {
        r1_body(&w, a);
    } else if (type == FRAME_ACTIVATE) {
        activation_body(&w, a % 4 == 3 ? KEY_PQ : KEY_CLASSIC, a / 4 % 2);
    } else if (type == FRAME_REENROL_ORDER) {
        host.attempt += a / NODES % 2;
        reenrol_body(&w, a, host.attempt);
    } else if (type == FRAME_PRESIGN_ORDER) {
        order_body(&w, a, some);
    } else if (type == FRAME_MESH_PUT) {
        packets_body(&w, a, some);
    } else {
        type = question_body(&w, a);
    }
    send_body(at, type, &w, (struct view){NULL, 0});
}

/* What slices would have made. */
static void record_comes(size_t i)
{
    struct tecdsa_presignature copy;

    if (!fate[i].there) {
        memcpy(&copy, &dealt[i][0], sizeof copy);
        fate[i].there = presign_pool_add(core.presign.pool, &copy, world.mono_ns) == ERR_OK;
        fate[i].since_ns = world.mono_ns;
    }
}

/* Of all, or of those with a node: none of them is to be answered any more. */
static void records_go(unsigned mask)
{
    for (size_t i = 0; i < DEALT; i++) {
        fate[i].is_void = fate[i].is_void || (fate[i].there && (dealt[i][0].s & mask) != 0);
    }
}

/* What quorate-tsm says to the next wish. */
static void show(uint8_t a)
{
    uint8_t report_data[TSM_REPORT_DATA_LEN];
    uint64_t id = 0;

    if (tsm_desk_next(&tsm, world.mono_ns, &id, report_data)) {
        promise(tsm_desk_put(&tsm, world.mono_ns, id + (a == 255), a % 4 == 0 ? ERR_IO : ERR_OK,
                             (struct view){report_data, 1U + a % sizeof report_data}) ==
                (a == 255 ? ERR_MISMATCH : ERR_OK));
    }
    (void)tsm_desk_tick(&tsm, world.mono_ns);
}

/* Long: it stood still. Set: the other clock, too. */
static void go(int64_t mono, int64_t real)
{
    world.mono_ns += mono;
    world.kernel.now_ns += real;
    if (mono > LIMIT_STILL_NS || real - mono > 1000 * MS) {
        records_go(0x1f);
    }
}

/* ---- the script ---- */

/* What the host says by itself: frames of the script's own bytes, and changed ones. */
static void say(size_t at, uint8_t op, uint8_t a, struct view some, struct reader *r)
{
    static const uint8_t types[] = {
        FRAME_R1,           FRAME_R2,       FRAME_SIGN_CSR, FRAME_PRESIGN_ORDER,
        FRAME_REENROL_STEP, FRAME_MESH_PUT, FRAME_AUDIT,    FRAME_EVIDENCE};

    some.n = op == 4 && some.n > FLIP_LEN ? FLIP_LEN : some.n;
    if (op == 0) {
        feed(at, some);
    } else if (op == 1) {
        send_frame(at, types[a % sizeof types], some);
    } else if (op == 4) {
        ask_to_sign(at, a % 8 == 0 ? FRAME_SIGN_CSR : FRAME_R2, a, some);
    } else {
        ask(at, FRAME_MESH_PUT, a, some);
    }
    (void)rd_take(r, some.n, &some);
}

/* What comes from elsewhere. */
static void happen(size_t at, uint8_t op, uint8_t a)
{
    if (op == 7) {
        record_comes(a % DEALT);
    } else if (op == 11) {
        show(a);
    } else if (op == 12) {
        go(a * MS, a * MS);
    } else if (op == 13) { /* long, or the clock is set, or records grow old */
        go(a * (100 * MS) + (a == 254 ? PRESIGN_AGE_NS : 0),
           a == 255 ? 3600000 * MS : a * (100 * MS));
    } else if (op == 14) {
        core_tick(&core);
        if (a % 2 == 0) {
            slice();
        }
    } else {
        reconnect(at);
    }
}

static void act_for(size_t at, uint8_t op, uint8_t a, struct view some, struct reader *r)
{
    const struct view none = {NULL, 0};

    switch (op) {
    case 0:
    case 1:
    case 4:
    case 9:
        say(at, op, a, some, r);
        break;
    case 2:
        ask(at, FRAME_R1, a, none);
        break;
    case 3:
    case 5:
        ask_to_sign(at, op == 3 ? FRAME_R2 : FRAME_SIGN_CSR, a, none);
        break;
    case 6:
        ask(at, FRAME_ACTIVATE, a, none);
        break;
    case 8:
        ask(at, FRAME_PRESIGN_ORDER, a, (struct view){some.p, some.n < 8 ? some.n : 8});
        break;
    case 10:
        ask(at, 0, a, none);
        break;
    default:
        if (op == 11 && a % 8 == 0) {
            ask(at, FRAME_REENROL_ORDER, a / 8, none);
        } else {
            happen(at, op, a);
        }
        break;
    }
}

/* What every step leaves. */
static void check(const uint32_t incarnation[PLAN_NODES_MAX])
{
    const struct presign_desk *const d = core.presign.desk;

    for (size_t at = 0; at < CONNS; at++) {
        promise(host.answered[at] + conns[at]->batches == host.carried_out[at]);
    }
    for (unsigned i = 0; i < NODES; i++) {
        if (member->roster.incarnation[i] != incarnation[i]) {
            records_go(1U << i);
        }
        promise(mesh_box_bytes(&d->in, i) <= MESH_LANE_BYTES);
        promise(mesh_box_bytes(&member->presign->mesh.outbox, i) <= MESH_LANE_BYTES);
    }
    promise(core.r1.open <= LIMIT_R1_OPEN && core.jobs.busy <= LIMIT_BATCHES);
    promise(d->out_len <= PRESIGN_OUT_MAX && d->n_orders <= PRESIGN_ORDERS_MAX);
    promise(core.counts.jobs_busy == conns[0]->batches + conns[1]->batches);
    promise(core.state != CORE_FAILED && d->running);
    promise(core.counts.stamps_signed <= core.presign.pool->counts.used);
}

/* Nothing is left behind. */
static void end(void)
{
    for (size_t at = 0; at < CONNS; at++) {
        reconnect(at);
    }
    promise(core.jobs.busy == 0 && core.counts.jobs_busy == 0);
    promise(presign_desk_stop(core.presign.desk));
    collect(CONNS);
    for (unsigned kind = TSM_CEREMONY; kind <= TSM_EPOCH; kind++) {
        tsm_desk_forget_all(&tsm, kind);
    }
    tsm_desk_lost(&tsm);
    reenrol_wipe(&member->reenrol);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    uint32_t incarnation[PLAN_NODES_MAX];
    uint8_t op = 0;
    uint8_t a = 0;

    begin_core();
    memset(&host, 0, sizeof host);
    memset(fate, 0, sizeof fate);
    while (rd_u8(&r, &op) == ERR_OK && rd_u8(&r, &a) == ERR_OK) {
        memcpy(incarnation, member->roster.incarnation, sizeof incarnation);
        act_for(op / 16 % CONNS, op % 16, a, (struct view){r.p, a < r.n ? a : r.n}, &r);
        check(incarnation);
    }
    end();
    return 0;
}
