/* The observer. It believes no node: it derives from the frames, from true time and from the
 * clocks what an honest node may have done, and compares. */
#include "sim_check.h"

#include "sim_world.h"

#define NEAR_NS SECOND /* how far a peer's span may be from the own */

const char *const sim_rule_names[RULE_COUNT] = {
    "none",
    "a token has T signers that took part in it",
    "no two tokens have one serial number",
    "a token verifies under the epoch's key",
    "genTime is within accuracy of when a signer saw the imprint",
    "no token once more than N - T shares are gone",
    "a batch is shown in one session and answered with once",
    "the own body of an R2 is an R1 that the node gave",
    "one R1 serves one R2",
    "an R1 serves within its life, and not over a clock event",
    "genTime and accuracy cover the node's own clock",
    "the peers' R1s are theirs, and their spans are near",
    "an R2 is of this epoch, key, activation, and of T members with this node",
    "RESPOND comes once, after what the signers revealed",
    "an honest node answers with whole frames of its epoch",
    "nobody honest is named as a liar",
    "every job ends once, by its deadline",
    "with T able nodes a job is served within 2 s of healing"};

void sim_check_begin(struct sim_check *c)
{
    c->broken = RULE_NONE;
    c->node = SIM_NODES;
    c->halted = false;
    c->n_accepts = 0;
    c->n_tokens = 0;
    c->derived_print = 0;
    memset(c->n_r1, 0, sizeof c->n_r1);
}

void sim_check_break(struct sim_world *w, enum sim_rule rule, unsigned node)
{
    struct sim_check *const c = &w->check;

    if (c->broken == RULE_NONE) {
        c->broken = rule;
        c->node = node;
        c->at_ns = w->now_ns;
        SIM_TRACE(w, "!! node %u: broken: %s", node + 1, sim_rule_names[rule]);
    }
}

static void expect(struct sim_world *w, bool holds, enum sim_rule rule, unsigned node)
{
    if (!holds) {
        sim_check_break(w, rule, node);
    }
}

/* ---- R1 ---- */

static size_t kept(const struct sim_check *c, unsigned node)
{
    return c->n_r1[node] < SIM_R1_KEPT ? c->n_r1[node] : SIM_R1_KEPT;
}

struct sim_r1 *sim_check_find(struct sim_check *c, unsigned node, const uint8_t *r1)
{
    for (size_t i = kept(c, node); i-- > 0;) {
        if (memcmp(c->r1s[node][i].bytes, r1, R1_MAX_LEN) == 0) {
            return &c->r1s[node][i];
        }
    }
    return NULL;
}

const struct sim_r1 *sim_check_other(const struct sim_check *c, unsigned node,
                                     const uint8_t *sid0)
{
    const size_t at = EPOCH_ID_LEN + 1;

    for (unsigned i = 0; i < SIM_NODES; i++) {
        for (size_t k = kept(c, i); i != node && k-- > 0;) {
            if (memcmp(c->r1s[i][k].bytes + at, sid0, SID0_LEN) == 0) {
                return &c->r1s[i][k];
            }
        }
    }
    return NULL;
}

static void check_honest_r1(struct sim_world *w, unsigned node, struct view r1)
{
    struct r1_body b = {0};

    expect(w,
           r1_body_decode((struct view){r1.p, R1_BODY_LEN}, &b) == ERR_OK &&
               memcmp(b.epoch_id, w->f->epoch_id, EPOCH_ID_LEN) == 0 && b.key == KEY_PQ &&
               b.index == node + 1 && w->boxes[node].has_share,
           RULE_FRAME, node);
    expect(w,
           !sim_clock_is_right(w, node) ||
               (b.lo_ns <= sim_true_ns(w) && sim_true_ns(w) <= b.hi_ns),
           RULE_TIME, node);
}

void sim_check_r1(struct sim_world *w, unsigned node, struct view r1)
{
    struct sim_check *const c = &w->check;
    struct sim_r1 *const at = &c->r1s[node][c->n_r1[node] % SIM_R1_KEPT];

    if (sim_is_honest(w, node)) {
        check_honest_r1(w, node, r1);
    } else if (sim_check_find(c, node, r1.p) != NULL) {
        return; /* a replay */
    }
    c->n_r1[node]++;
    memcpy(at->bytes, r1.p, R1_MAX_LEN);
    at->at_ns = w->now_ns;
    at->steps = w->boxes[node].steps;
    at->used = false;
}

/* ---- R2 ---- */

/* An R2 as it stands in its frame. */
struct question {
    struct r2_head h;
    struct r2_stamp s;
    size_t own; /* place of the node among the signers; h.t: it is none of them */
};

static bool read_question(struct view body, unsigned node, struct question *q)
{
    struct reader r = rd_init(body);

    if (r2_head_decode(&r, &q->h) != ERR_OK || q->h.key != KEY_PQ || q->h.t < 2 ||
        r2_stamp_decode(&r, &q->h, &q->s) != ERR_OK || rd_finish(&r) != ERR_OK) {
        return false;
    }
    for (q->own = 0; q->own < q->h.t && q->h.signers[q->own] != node + 1; q->own++) {
    }
    return true;
}

static const uint8_t *r1_at(const struct question *q, size_t at)
{
    return q->s.bodies.p + at * R1_MAX_LEN;
}

/* Judgement 5, from the epoch's own facts. */
static bool head_is_right(const struct sim_world *w, const struct question *q)
{
    bool right =
        q->h.t == SIM_THRESHOLD && q->own < q->h.t && q->h.n == 1 &&
        memcmp(q->h.epoch_id, w->f->epoch_id, EPOCH_ID_LEN) == 0 &&
        memcmp(q->h.activation, sim_fixture_activation(w->f), ACTIVATION_HASH_LEN) == 0 &&
        sim_fixture_policy(w->f, q->s.policy) != NULL;

    for (size_t i = 0; i < q->h.t; i++) {
        right = right && q->h.signers[i] >= 1 && q->h.signers[i] <= SIM_NODES &&
                (i == 0 || q->h.signers[i] > q->h.signers[i - 1]);
    }
    return right;
}

/* Judgements 1 and 2. */
static void check_own_r1(struct sim_world *w, unsigned node, const struct sim_r1 *own)
{
    expect(w, own != NULL, RULE_OWN_R1, node);
    if (own != NULL) {
        expect(w, !own->used, RULE_R1_ONCE, node);
        expect(w,
               w->now_ns - own->at_ns <= R1_LIFE_MS * MS && own->steps == w->boxes[node].steps,
               RULE_R1_AGE, node);
    }
}

/* Judgement 3 as architecture.md has it, and I3 against true time. */
static void check_time(struct sim_world *w, unsigned node, const struct stamp *st,
                       uint8_t digits)
{
    const struct sim_box *const b = &w->boxes[node];
    const int64_t g = st->gen_time_ms * MS;
    const int64_t a = st->accuracy_ms * MS;
    const int64_t half = stamp_unit_ms(digits) * MS / 2;
    const int64_t own = sim_true_ns(w) + b->offset_ns;
    const int64_t lo = own - (int64_t)b->bound_us * 1000;
    const int64_t hi = own + (int64_t)b->bound_us * 1000;

    expect(w,
           g <= hi + half && g >= lo - R1_LIFE_MS * MS - (hi - lo) - half && g - a <= lo &&
               hi <= g + a,
           RULE_OWN_CLOCK, node);
    expect(w,
           !sim_clock_is_right(w, node) || (g - sim_true_ns(w) <= a && sim_true_ns(w) - g <= a),
           RULE_TIME, node);
}

/* Judgement 4: what each peer said, in its own words, and no span far away. */
static void check_peers(struct sim_world *w, unsigned node, const struct question *q)
{
    const struct sim_box *const box = &w->boxes[node];
    const int64_t own = sim_true_ns(w) + box->offset_ns;
    const int64_t reach = NEAR_NS + (int64_t)box->bound_us * 1000;

    for (size_t i = 0; i < q->h.t; i++) {
        struct r1_body b = {0};

        if (i != q->own) {
            expect(w,
                   sim_check_find(&w->check, q->h.signers[i] - 1U, r1_at(q, i)) != NULL &&
                       r1_body_decode((struct view){r1_at(q, i), R1_BODY_LEN}, &b) == ERR_OK &&
                       b.hi_ns >= own - reach && b.lo_ns <= own + reach,
                   RULE_PEERS, node);
        }
    }
}

uint64_t sim_check_print(struct view v)
{
    uint64_t h = 0xcbf29ce484222325;

    for (size_t i = 0; i < v.n; i += 8) {
        uint64_t word = 0;

        memcpy(&word, v.p + i, v.n - i < 8 ? v.n - i : 8);
        h = (h ^ word) * 0x9fb21c651e98df25;
        h ^= h >> 32;
    }
    return h;
}

/* The REVEAL in an answer to R2; what it refuses with. */
static enum err read_reveal(struct view answer, struct quorum_word *word)
{
    struct reader r =
        rd_init((struct view){answer.p + FRAME_HEADER_LEN, answer.n - FRAME_HEADER_LEN});
    uint16_t code = 0;
    uint8_t n = 0;

    TRY(rd_u8(&r, &n));
    TRY(rd_u16le(&r, &code));
    TRY((enum err)code);
    TRY(quorum_word_decode(&r, answer.n, word));
    return rd_finish(&r);
}

static void check_batch(struct sim_world *w, unsigned node, const struct sim_accept *a)
{
    for (size_t i = 0; i < w->check.n_accepts; i++) {
        const struct sim_accept *const b = &w->check.accepts[i];

        expect(w, b == a || b->node != node || memcmp(a->batch, b->batch, R1_BATCH_ID_LEN) != 0,
               RULE_BATCH, node);
    }
}

/* The node has shown w: everything that had to hold for that. */
static void check_accept(struct sim_world *w, unsigned node, const struct question *q,
                         const struct sim_r1 *own, struct sim_accept *a)
{
    const struct boot_policy *const policy = sim_fixture_policy(w->f, q->s.policy);

    if (!sim_is_honest(w, node)) {
        return;
    }
    expect(w, head_is_right(w, q), RULE_HEAD, node);
    check_own_r1(w, node, own);
    if (w->check.broken == RULE_NONE) {
        check_peers(w, node, q);
        check_batch(w, node, a);
        check_time(w, node, &a->stamp, policy->rule.digits);
        expect(w, w->boxes[node].has_share, RULE_HALTED, node);
    }
}

/* What follows from an R2. */
static bool derive(struct sim_check *c, const struct question *q,
                   const struct stamp_policy *rule, struct view body)
{
    const uint64_t print = sim_check_print(body);
    bool good = true;

    if (print != c->derived_print) {
        good = stamp_derive(&q->h, &q->s, rule, &c->derived) == ERR_OK;
        c->derived_print = good ? print : 0;
    }
    return good;
}

static struct sim_accept *note_accept(struct sim_world *w, unsigned node, struct view body,
                                      const struct question *q, const struct quorum_word *word)
{
    const struct boot_policy *const policy = sim_fixture_policy(w->f, q->s.policy);
    struct sim_accept *const a = &w->check.accepts[w->check.n_accepts];

    sim_must(w->check.n_accepts < SIM_ACCEPTS_MAX);
    *a = (struct sim_accept){.node = node, .t = q->h.t, .reveal = sim_check_print(word->body)};
    if (q->own == q->h.t || policy == NULL || !derive(&w->check, q, &policy->rule, body)) {
        sim_check_break(w, RULE_HEAD, node); /* nothing that anybody may sign */
        return NULL;
    }
    w->check.n_accepts++;
    a->stamp = w->check.derived;
    memcpy(a->x, a->stamp.x, STAMP_X_LEN);
    memcpy(a->signers, q->h.signers, STAMP_T_MAX);
    memcpy(a->batch, r1_at(q, q->own) + R1_BODY_LEN + 1, R1_BATCH_ID_LEN);
    return a;
}

static const struct sim_accept *check_r2(struct sim_world *w, unsigned node, struct view body,
                                         struct view answer)
{
    struct sim_accept *accept = NULL;
    struct sim_r1 *own = NULL;
    struct quorum_word word;
    struct question q;

    w->check.said[node] = read_reveal(answer, &word);
    if (!read_question(body, node, &q)) { /* one signer, or a key that is none: refused */
        expect(w, w->check.said[node] != ERR_OK, RULE_FRAME, node);
        return NULL;
    }
    if (q.own < q.h.t) {
        own = sim_check_find(&w->check, node, r1_at(&q, q.own));
    }
    if (w->check.said[node] == ERR_OK) {
        accept = note_accept(w, node, body, &q, &word);
        if (accept != NULL) {
            check_accept(w, node, &q, own, accept);
        }
    } else {
        w->totals.refused++;
    }
    if (own != NULL) {
        own->used = true; /* whatever the answer was */
    }
    return accept;
}

/* ---- R3 ---- */

static struct sim_accept *find_accept(struct sim_check *c, unsigned node, const uint8_t *x)
{
    for (size_t i = 0; i < c->n_accepts; i++) {
        if (c->accepts[i].node == node && memcmp(c->accepts[i].x, x, STAMP_X_LEN) == 0) {
            return &c->accepts[i];
        }
    }
    return NULL;
}

/* A node took an R3 to answer it: of a session of its own, with what the others revealed there.
 */
static void check_r3(struct sim_world *w, unsigned node, struct view body)
{
    const struct sim_accept *a;
    struct r3 m;

    if (!sim_is_honest(w, node)) {
        return;
    }
    if (r3_decode(body, tmldsa_pack_batch_len(w->f->math->params), &m) != ERR_OK) {
        sim_check_break(w, RULE_FRAME, node);
        return;
    }
    a = find_accept(&w->check, node, m.x);
    expect(w, a != NULL && !a->responded && m.n + 1U == SIM_THRESHOLD, RULE_ORDER, node);
    for (size_t i = 0; i < m.n; i++) {
        const unsigned from = m.reveals[i].index - 1U;
        const struct sim_accept *const b = find_accept(&w->check, from, m.x);

        expect(w, b != NULL && from != node, RULE_ORDER, node);
        if (b != NULL && sim_is_honest(w, from)) {
            expect(w, b->reveal == sim_check_print(m.reveals[i].body), RULE_ORDER, node);
        }
    }
}

void sim_check_respond(struct sim_world *w, unsigned node, const uint8_t x[STAMP_X_LEN],
                       struct view answer)
{
    struct sim_accept *const a = find_accept(&w->check, node, x);
    struct reader r =
        rd_init((struct view){answer.p + FRAME_HEADER_LEN, answer.n - FRAME_HEADER_LEN});
    uint16_t code = ERR_BUG;

    if (rd_u16le(&r, &code) != ERR_OK || code != ERR_OK) {
        return;
    }
    expect(w, a != NULL && !a->responded, RULE_ORDER, node);
    if (a != NULL) {
        a->responded = true;
    }
}

const struct sim_accept *sim_check_answer(struct sim_world *w, unsigned node,
                                          struct view question, struct view answer)
{
    const struct view body = {question.p + FRAME_HEADER_LEN, question.n - FRAME_HEADER_LEN};
    const struct view head = {answer.p, FRAME_HEADER_LEN};
    struct frame_header h;

    if (answer.n == 0) {
        check_r3(w, node, body);
        return NULL;
    }
    if (frame_header_decode(head, &h) != ERR_OK || h.body_len != answer.n - FRAME_HEADER_LEN) {
        sim_check_break(w, RULE_FRAME, node);
        return NULL;
    }
    return h.type == (FRAME_R2 | FRAME_ANSWER) ? check_r2(w, node, body, answer) : NULL;
}

/* ---- tokens ---- */

void sim_check_token(struct sim_world *w, const struct stamp *stamp, const uint8_t *mu,
                     struct view signature)
{
    struct sim_check *const c = &w->check;
    unsigned signers = 0;

    for (size_t i = 0; i < c->n_accepts; i++) {
        const struct sim_accept *const a = &c->accepts[i];

        if (memcmp(a->x, stamp->x, STAMP_X_LEN) == 0 && a->responded) {
            signers |= 1U << a->node;
            expect(w, memcmp(&a->stamp, stamp, sizeof *stamp) == 0, RULE_SIGNERS, a->node);
        }
    }
    expect(w, tmldsa_alloc_is_quorum(w->f->math->params, signers), RULE_SIGNERS, SIM_NODES);
    expect(w,
           mldsa_verify_mu(&w->f->math->key.key, mu, signature,
                           &w->f->scratch->blame.combine.verify) == ERR_OK,
           RULE_VERIFIES, SIM_NODES);
    for (size_t i = 0; i < c->n_tokens; i++) {
        expect(w, memcmp(c->serials[i], stamp->serial, STAMP_SERIAL_LEN) != 0, RULE_SERIAL,
               SIM_NODES);
    }
    sim_must(c->n_tokens < SIM_TOKENS_MAX);
    memcpy(c->serials[c->n_tokens++], stamp->serial, STAMP_SERIAL_LEN);
}
