/* classic_fixture.h - five cores that answer with real shares, in virtual time, and the machine
 * that asks them. */
#ifndef TESTS_CLASSIC_FIXTURE_H
#define TESTS_CLASSIC_FIXTURE_H

#include "presign_kit.h"
#include "testing.h"

#include "crypto/ed25519.h"
#include "host/coord/classic_step.h"
#include "wire/presign_call.h"

#define MS INT64_C(1000000)
#define NODES 5
#define SHARES_MAX 400
#define JOBS_MAX 300
#define ASKED_MAX 64
#define WALL_MS INT64_C(1795262400000)

static const struct stamp_policy shop_rule = {3, 100, 1000, false};
/* Policy 2: of clocks that are known to 3 ms. */
static const struct stamp_policy shop_narrow = {3, 1, R1_LIFE_MS + 3, false};

enum manner {
    HONEST,
    SILENT,
    WRONG_W,      /* an answer that is a scalar, and the wrong one */
    UNPROVEN_W,   /* the same, and it has not signed it */
    GARBAGE,      /* no answer */
    REFUSES_R2,   /* by ERROR */
    NO_TIME,      /* refuses R1: it does not know the time */
    LATE_CLOCK,   /* its spans meet nobody's */
    CLAIMS_STALE, /* of each stamp */
    OTHER_R,      /* lists records with another r */
    ENDLESS,      /* lists full pages of records that there are not */
};

struct shop_core {
    bool up;
    enum manner manner;
    unsigned n;     /* records that it ever had */
    unsigned first; /* of the present pool */
    struct tecdsa_presignature shares[SHARES_MAX];
    unsigned n_asked;
    size_t len[ASKED_MAX];
    uint8_t asked[ASKED_MAX][65536];
    struct ed25519_key signing_key;
    unsigned words; /* wrong signatures that it was shown */
    struct presign_word word;
    unsigned r1s, r2s, stamps, lists; /* answered */
    uint8_t set_up;                   /* mask of those that it says it has set up with */
    uint8_t says_rests;               /* triple that it says it makes nothing for; 0: none */
    unsigned says_nodes;              /* as it says; 0: as there are */
    int64_t wide_ns;                  /* half of its spans, if it is not 2 ms */
    int64_t off_ns;                   /* its clock is ahead by so much */
};

struct shop_job {
    struct coord_job job;
    struct shop *shop;
    unsigned done;
    int64_t ended_ns;
};

struct shop {
    int64_t now_ns;
    struct presign_kit dealer;
    struct plan plan;
    struct quorum_roster roster;
    struct coord_counters counters;
    struct classic_step *step, *other; /* other: a second front's */
    struct shop_core cores[NODES];
    unsigned odd, rests;
    unsigned few[3]; /* times that it was told, by enum coord_triples */
    struct shop_job jobs[JOBS_MAX];
};

/* ---- the cores ---- */

static inline void shop_digest(const struct stamp *stamp, uint8_t digest[P384_DIGEST_LEN])
{
    hash_once(HASH_SHA384, (struct view){stamp->serial, sizeof stamp->serial}, digest);
}

/* A presignature at the three of s. */
static inline void shop_deal(struct shop *w, unsigned s)
{
    struct tecdsa_presignature record[TECDSA_T];
    unsigned at = 0;

    presign_kit_deal(&w->dealer, s, record);
    for (unsigned i = 0; i < NODES; i++) {
        if ((s >> i & 1) != 0) {
            struct shop_core *const c = &w->cores[i];

            assert_true(c->n < SHARES_MAX);
            memcpy(&c->shares[c->n++], &record[at++], sizeof record[0]);
        }
    }
}

static inline void shop_deal_all(struct shop *w, unsigned each)
{
    for (unsigned s = 0; s < 1U << NODES; s++) {
        for (unsigned i = 0; __builtin_popcount(s) == TECDSA_T && i < each; i++) {
            shop_deal(w, s);
        }
    }
}

/* Its process ends: what it had is gone. */
static inline void shop_lose(struct shop *w, unsigned party)
{
    w->cores[party].first = w->cores[party].n;
}

static inline void write_r1s(struct shop *w, unsigned party, struct view body,
                             struct writer *out)
{
    struct r1_ask ask;

    assert_int_equal(r1_ask_decode(body, &ask), ERR_OK);
    wr_u8(out, (uint8_t)(ask.sid0.n / SID0_LEN));
    for (size_t i = 0; i < ask.sid0.n; i += SID0_LEN) {
        const int64_t shift =
            w->cores[party].manner == LATE_CLOCK ? 5000 * MS : w->cores[party].off_ns;
        const int64_t half = w->cores[party].wide_ns > 0 ? w->cores[party].wide_ns : 2 * MS;
        struct r1_body b = {.key = KEY_CLASSIC, .index = (uint8_t)(party + 1)};
        static const uint8_t macs[R1_MACS_LEN];

        memcpy(b.epoch_id, ask.epoch_id, EPOCH_ID_LEN);
        memcpy(b.sid0, ask.sid0.p + i, SID0_LEN);
        b.lo_ns = WALL_MS * MS + w->now_ns + shift - half;
        b.hi_ns = WALL_MS * MS + w->now_ns + shift + half;
        memcpy(b.part, ask.sid0.p + i, R1_PART_LEN);
        r1_body_encode(out, &b);
        wr_bytes(out, macs, sizeof macs);
    }
}

static inline struct tecdsa_presignature *shop_find(struct shop_core *c, const uint8_t *id)
{
    for (unsigned i = c->first; i < c->n; i++) {
        if (memcmp(c->shares[i].id, id, TECDSA_HASH_LEN) == 0 &&
            atomic_load(&c->shares[i].state) == TECDSA_PRESIGNATURE_FRESH) {
            return &c->shares[i];
        }
    }
    return NULL;
}

struct answer_call {
    struct tecdsa_presignature *share;
    uint8_t digest[P384_DIGEST_LEN];
    struct tecdsa_answer answer;
};

static inline enum err answer_on_stack(void *arg)
{
    struct answer_call *const a = arg;

    return tecdsa_online_answer(a->share, a->share->id, a->digest, &a->answer);
}

static inline struct work_stack *shop_stack(void)
{
    static struct work_stack stack;
    static bool is_ready;

    if (!is_ready) {
        work_stack_init(&stack);
        is_ready = true;
    }
    return &stack;
}

static inline void write_result(struct shop_core *c, const struct r2_head *h,
                                const struct r2_stamp *stamp, struct writer *out)
{
    uint8_t proven[PRESIGN_ANSWER_LEN];
    uint8_t signed_part[PRESIGN_WORD_SIGNED_LEN];
    struct presign_word word;

    struct answer_call a = {.share = shop_find(c, stamp->presign.p)};
    struct r2_result result = {.err = ERR_STALE};
    struct stamp token;

    assert_int_equal(
        stamp_derive(h, stamp, stamp->policy == 2 ? &shop_narrow : &shop_rule, &token), ERR_OK);
    if (a.share != NULL && c->manner != CLAIMS_STALE) {
        unsigned s = 0;
        uint8_t id[TECDSA_HASH_LEN];
        uint8_t r[TECDSA_SCALAR_LEN];

        memcpy(id, a.share->id, sizeof id);
        memcpy(r, a.share->r, sizeof r);
        for (unsigned i = 0; i < h->t; i++) {
            s |= 1U << (h->signers[i] - 1);
        }
        assert_int_equal(a.share->s, s);
        shop_digest(&token, a.digest);
        assert_int_equal(tecdsa_on_stack(answer_on_stack, &a), ERR_OK);
        a.answer.w[TECDSA_SCALAR_LEN - 1] ^= c->manner == WRONG_W || c->manner == UNPROVEN_W;
        word.triple = (uint8_t)s;
        memcpy(word.id, id, sizeof word.id);
        memcpy(word.r, r, sizeof word.r);
        memcpy(word.digest, a.digest, sizeof word.digest);
        memcpy(proven, &a.answer, sizeof a.answer);
        presign_word_signed(&word, h->epoch_id, proven, signed_part);
        assert_int_equal(ed25519_sign(shop_stack(), &c->signing_key,
                                      (struct view){signed_part, sizeof signed_part},
                                      proven + PRESIGN_SUM_LEN),
                         ERR_OK);
        proven[PRESIGN_SUM_LEN] ^= c->manner == UNPROVEN_W;
        result = (struct r2_result){ERR_OK, {proven, sizeof proven}};
    }
    r2_result_encode(out, &result);
    c->stamps++;
}

static inline void write_results(struct shop *w, unsigned party, struct view body,
                                 struct writer *out)
{
    struct shop_core *const c = &w->cores[party];
    struct reader r = rd_init(body);
    struct r2_head h;

    assert_int_equal(r2_head_decode(&r, &h), ERR_OK);
    wr_u8(out, h.n);
    for (unsigned i = 0; i < h.n; i++) {
        struct r2_stamp stamp;

        assert_int_equal(r2_stamp_decode(&r, &h, &stamp), ERR_OK);
        write_result(c, &h, &stamp, out);
    }
    assert_int_equal(rd_finish(&r), ERR_OK);
}

static inline void write_listed(struct shop_core *c, struct view body, struct writer *out)
{
    uint64_t since;
    uint64_t next;
    unsigned rows = 0;
    size_t mark;

    assert_int_equal(presign_since_decode(body, &since), ERR_OK);
    mark = presign_list_begin(out);
    next = since;
    for (unsigned i = c->first; i < c->n && rows < PRESIGN_LIST_MAX; i++) {
        struct presign_listed row = {.number = i - c->first + 1,
                                     .triple = (uint8_t)c->shares[i].s};

        if (row.number < since) {
            continue;
        }
        next = row.number + 1;
        if (atomic_load(&c->shares[i].state) == TECDSA_PRESIGNATURE_FRESH) {
            memcpy(row.id, c->shares[i].id, sizeof row.id);
            memcpy(row.r, c->shares[i].r, sizeof row.r);
            row.r[7] ^= c->manner == OTHER_R;
            presign_listed_encode(out, &row);
            rows++;
        }
    }
    if (next > c->n - c->first + 1) {
        next = c->n - c->first + 1;
    }
    presign_list_end(out, mark, next);
}

/* All of triples that it is of; the next page has others. */
static inline void write_made_up(struct shop *w, unsigned party, struct view body,
                                 struct writer *out)
{
    struct presign_listed row = {.triple = (uint8_t)(party < 2 ? 0x07 : 0x1c)};
    uint64_t since = 0;
    size_t mark;

    assert_int_equal(presign_since_decode(body, &since), ERR_OK);
    mark = presign_list_begin(out);
    for (unsigned i = 0; i < PRESIGN_LIST_MAX; i++) {
        row.number = since + i;
        memcpy(row.id, &row.number, sizeof row.number);
        row.id[sizeof row.id - 1] = (uint8_t)(party + 1);
        row.r[0] = 1;
        presign_listed_encode(out, &row);
    }
    presign_list_end(out, mark, since + PRESIGN_LIST_MAX);
    w->cores[party].lists++;
}

static inline void write_pairs_of(const struct shop_core *c, struct view body,
                                  struct writer *out)
{
    struct presign_status s = {.n_nodes = c->says_nodes != 0 ? c->says_nodes : NODES};

    assert_int_equal(body.n, 0);
    for (unsigned i = 0; i < s.n_nodes; i++) {
        s.nodes[i].setup = (c->set_up >> i & 1) != 0 ? PRESIGN_PAIR_DONE : PRESIGN_PAIR_RUNNING;
    }
    if (c->says_rests != 0) {
        s.n_triples = 1;
        s.triples[0].triple = c->says_rests;
    }
    presign_status_encode(out, &s);
}

static inline void answer_frame(struct shop *w, unsigned party, const struct frame_header *h,
                                struct view body, struct writer *out)
{
    struct shop_core *const c = &w->cores[party];
    const bool no_time = c->manner == NO_TIME && h->type == FRAME_R1;
    const bool refuses = no_time || (c->manner == REFUSES_R2 && h->type == FRAME_R2);
    const size_t mark = frame_begin(
        out, refuses ? FRAME_ERROR : (uint8_t)(h->type | FRAME_ANSWER), h->request_id);

    if (refuses) {
        wr_u16le(out, no_time ? ERR_TIME : ERR_SIGNATURE);
    } else if (h->type == FRAME_R1) {
        write_r1s(w, party, body, out);
        c->r1s++;
    } else if (h->type == FRAME_R2 && c->manner == GARBAGE) {
        wr_u8(out, 77);
    } else if (h->type == FRAME_R2) {
        write_results(w, party, body, out);
        c->r2s++;
    } else if (h->type == FRAME_PRESIGN_STATUS) {
        write_pairs_of(c, body, out);
    } else if (h->type == FRAME_PRESIGN_ORDER) {
        struct presign_order o;

        assert_int_equal(presign_order_decode(body, &o), ERR_OK);
        assert_int_equal(o.kind, PRESIGN_ORDER_WRONG);
        c->words++;
        c->word = o.word;
        presign_ordered_encode(out, ERR_OK);
    } else if (h->type == FRAME_PRESIGN_LIST && c->manner == ENDLESS) {
        write_made_up(w, party, body, out);
    } else {
        assert_int_equal(h->type, FRAME_PRESIGN_LIST);
        write_listed(c, body, out);
        c->lists++;
    }
    frame_end(out, mark);
}

/* The oldest question that the core has. False: it has none, or says nothing. */
static inline bool shop_answer(struct shop *w, struct classic_step *step, unsigned party)
{
    static uint8_t bytes[131072];
    struct shop_core *const c = &w->cores[party];
    struct writer out = wr_init(bytes, sizeof bytes);
    struct frame_header h;
    struct view v;

    if (c->n_asked == 0 || c->manner == SILENT) {
        return false;
    }
    assert_int_equal(frame_header_decode((struct view){c->asked[0], FRAME_HEADER_LEN}, &h),
                     ERR_OK);
    answer_frame(w, party, &h,
                 (struct view){c->asked[0] + FRAME_HEADER_LEN, c->len[0] - FRAME_HEADER_LEN},
                 &out);
    c->n_asked--;
    memmove(c->asked[0], c->asked[1], c->n_asked * sizeof c->asked[0]);
    memmove(&c->len[0], &c->len[1], c->n_asked * sizeof c->len[0]);
    assert_int_equal(wr_finish(&out, &v), ERR_OK);
    assert_int_equal(frame_header_decode((struct view){v.p, FRAME_HEADER_LEN}, &h), ERR_OK);
    assert_int_equal(
        classic_step_take(step, party, &h,
                          (struct view){v.p + FRAME_HEADER_LEN, v.n - FRAME_HEADER_LEN},
                          w->now_ns),
        ERR_OK);
    return true;
}

/* ---- turns ---- */

static inline void shop_pull(struct shop *w, struct classic_step *step, unsigned party)
{
    struct shop_core *const c = &w->cores[party];

    for (;;) {
        struct writer out;
        struct view v;

        assert_true(c->n_asked < ASKED_MAX);
        out = wr_init(c->asked[c->n_asked], sizeof c->asked[0]);
        if (!classic_step_pull(step, party, &out)) {
            return;
        }
        assert_int_equal(wr_finish(&out, &v), ERR_OK);
        c->len[c->n_asked++] = v.n;
    }
}

/* What the thread does once. False: nothing came of it. */
static inline bool shop_turn(struct shop *w, struct classic_step *step)
{
    bool any = false;

    classic_step_pump(step, w->now_ns);
    for (unsigned i = 0; i < NODES; i++) {
        shop_pull(w, step, i);
    }
    for (unsigned i = 0; i < NODES; i++) {
        any = shop_answer(w, step, i) || any;
    }
    return any || classic_step_next(step) <= w->now_ns;
}

static inline void shop_run_of(struct shop *w, struct classic_step *step, int64_t ms)
{
    const int64_t end_ns = w->now_ns + ms * MS;

    for (;;) {
        unsigned turns = 0;

        while (shop_turn(w, step)) {
            assert_true(++turns < 20000); /* it never spins */
        }
        const int64_t next = classic_step_next(step);

        assert_true(next > w->now_ns);
        if (next > end_ns) {
            w->now_ns = end_ns;
            return;
        }
        w->now_ns = next;
    }
}

static inline void shop_run(struct shop *w, int64_t ms)
{
    shop_run_of(w, w->step, ms);
}

/* ---- the shop ---- */

static inline void shop_odd(void *user, unsigned party, enum err e, int64_t rest_ns)
{
    struct shop *const w = user;

    (void)party;
    (void)e;
    assert_true(rest_ns > 0);
    w->odd++;
}

static inline void shop_rest(void *user, unsigned s)
{
    struct shop *const w = user;

    assert_int_equal(__builtin_popcount(s), TECDSA_T);
    w->rests++;
}

static inline void shop_few(void *user, enum coord_triples level)
{
    struct shop *const w = user;

    w->few[level]++;
}

static const uint8_t shop_activation[ACTIVATION_HASH_LEN] = {0xac};

static inline void shop_connect(struct shop *w, struct classic_step *step, unsigned party)
{
    w->cores[party].up = true;
    w->cores[party].n_asked = 0;
    classic_step_up(step, party, shop_activation, 200 * MS);
}

static inline void shop_drop(struct shop *w, unsigned party)
{
    w->cores[party].up = false;
    w->cores[party].n_asked = 0;
    classic_step_up(w->step, party, NULL, 0);
}

static inline struct classic_step *shop_front(struct shop *w, uint64_t chance)
{
    struct classic_step *const step = calloc(1, sizeof *step);
    const struct classic_step_setup setup = {.roster = &w->roster,
                                             .counters = &w->counters,
                                             .on_odd = shop_odd,
                                             .on_rest = shop_rest,
                                             .on_few = shop_few,
                                             .user = w,
                                             .chance = chance};

    assert_non_null(step);
    classic_step_init(step, &setup);
    return step;
}

/* Five cores that are up, with so many presignatures of each triple. */
static inline struct shop *shop_new(unsigned each)
{
    struct shop *const w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->now_ns = 1000 * MS;
    presign_kit_init(&w->dealer);
    w->plan.threshold = TECDSA_T;
    w->plan.total = NODES;
    w->roster = (struct quorum_roster){.plan = &w->plan, .classic_key = w->dealer.public_key};
    memset(w->roster.epoch_id, 0xe0, EPOCH_ID_LEN);
    w->step = shop_front(w, 1);
    shop_deal_all(w, each);
    for (unsigned i = 0; i < NODES; i++) {
        const uint8_t seed[ED25519_SEED_LEN] = {(uint8_t)(i + 1)};

        assert_int_equal(ed25519_key_make(shop_stack(), seed, &w->cores[i].signing_key),
                         ERR_OK);
        memcpy(w->plan.nodes[i].signing_key, w->cores[i].signing_key.public_key,
               PLAN_SIGNING_KEY_LEN);
        shop_connect(w, w->step, i);
    }
    shop_run(w, 20);
    return w;
}

static inline void shop_free(struct shop *w)
{
    classic_step_end(w->step, ERR_QUORUM);
    free(w->step);
    free(w->other);
    free(w);
}

static inline enum err shop_to_sign(const struct coord_job *job, uint8_t *digest)
{
    shop_digest(&job->stamp, digest);
    return ERR_OK;
}

static inline void shop_done(struct coord_job *job)
{
    struct shop_job *const j = job->user;

    j->done++;
    j->ended_ns = j->shop->now_ns;
}

static inline void shop_submit_to(struct shop *w, struct classic_step *step, unsigned i,
                                  int64_t within_ms)
{
    struct shop_job *const j = &w->jobs[i];

    memset(j, 0, sizeof *j);
    j->shop = w;
    j->job.deadline_ns = w->now_ns + within_ms * MS;
    j->job.key = KEY_CLASSIC;
    j->job.policy = 1;
    j->job.hash_alg = HASH_SHA256;
    memcpy(j->job.hashed_message, &i, sizeof i);
    j->job.nonce_len = (uint8_t)(i % 9);
    j->job.rule = shop_rule;
    memcpy(j->job.epoch_id, w->roster.epoch_id, EPOCH_ID_LEN);
    memcpy(j->job.activation, shop_activation, ACTIVATION_HASH_LEN);
    j->job.to_sign = shop_to_sign;
    j->job.done = shop_done;
    j->job.user = j;
    j->job.err = ERR_BUG;
    atomic_fetch_add(&w->counters.queue_depth, 1);
    classic_step_submit(step, &j->job, w->now_ns);
}

static inline void shop_submit(struct shop *w, unsigned i, int64_t within_ms)
{
    shop_submit_to(w, w->step, i, within_ms);
}

/* Whether the job has a signature of the key over what its stamp says. */
static inline bool shop_is_signed(const struct shop *w, unsigned i)
{
    const struct shop_job *const j = &w->jobs[i];
    uint8_t digest[P384_DIGEST_LEN];

    shop_digest(&j->job.stamp, digest);
    return j->done == 1 && j->job.err == ERR_OK && j->job.signature_len == P384_SIG_LEN &&
           p384_verify(w->dealer.public_key, digest, j->job.signature) == ERR_OK;
}

static inline unsigned shop_stock(const struct shop *w)
{
    unsigned n = 0;

    for (unsigned t = 0; t < w->step->triples.n; t++) {
        n += classic_pool_stock(&w->step->pool, t);
    }
    return n;
}

#endif
