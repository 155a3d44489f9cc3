#include "host/coord/coord_answer.h"

#include <string.h>

#define NS_PER_MS INT64_C(1000000)
#define ROUND_TRIP_SMOOTHING 8 /* a new one counts for one part in so many */

/* What a caller of coord_submit() is told. */
static enum err narrow(enum err e)
{
    return e == ERR_QUORUM || e == ERR_TIME || e == ERR_STALE || e == ERR_STATE ||
                   e == ERR_NOSPACE
               ? e
               : ERR_BUG;
}

/* ---- HELLO and STATE ---- */

static void keep_policies(struct coord_core_view *k, const struct hello *h)
{
    k->n_policies = h->n_policies;
    for (size_t i = 0; i < h->n_policies; i++) {
        k->policies[i] = h->policies[i];
        k->policies[i].oid.p = k->oids[i];
        memcpy(k->oids[i], h->policies[i].oid.p, h->policies[i].oid.n);
    }
}

static void keep_keys(struct coord_core_view *k, const struct hello *h)
{
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        k->keys[i].len = 0;
    }
    for (size_t i = 0; i < h->n_keys; i++) { /* hello_decode() knows each key */
        struct coord_key *key = &k->keys[h->keys[i].key - 1];

        key->len = h->keys[i].public_key.n;
        key->threshold = h->keys[i].threshold;
        key->total = h->keys[i].total;
        memcpy(key->bytes, h->keys[i].public_key.p, key->len);
    }
}

static bool signs_alone(const struct hello *h)
{
    for (size_t i = 0; i < h->n_keys; i++) {
        if (h->keys[i].threshold != 1) {
            return false;
        }
    }
    return h->index != 0;
}

static enum err take_hello(struct coord_step *s, struct view body, int64_t now_ns)
{
    struct coord_core_view *k = &s->known;
    struct hello h;

    TRY(hello_decode(body, &h));
    if (h.r1_life_ms <= COORD_R1_MARGIN_MS || (s->hooks.back == NULL && !signs_alone(&h))) {
        return ERR_RANGE;
    }
    s->greeted++;
    k->clock = h.clock;
    k->flags = h.flags;
    k->index = h.index;
    keep_keys(k, &h);
    keep_policies(k, &h);
    memcpy(s->boot_id, h.boot_id, BOOT_ID_LEN);
    memcpy(s->epoch_id, h.epoch_id, EPOCH_ID_LEN);
    memcpy(s->identity, h.identity, IDENTITY_LEN);
    for (size_t i = 0; i < STAMP_KEYS; i++) {
        coord_stock_init(&s->stocks[i], h.r1_life_ms);
        s->r1_after_ns[i] = 0;
    }
    coord_step_ask(s, FRAME_STATE, now_ns);
    return ERR_OK;
}

static enum err take_status(struct coord_step *s, struct view body, int64_t now_ns)
{
    struct core_status *old = &s->known.status;
    struct core_status st;

    TRY(core_status_decode(body, &st));
    if (memcmp(st.boot_id, s->boot_id, BOOT_ID_LEN) != 0) {
        return ERR_MISMATCH;
    }
    if (memcmp(st.epoch_id, s->epoch_id, EPOCH_ID_LEN) != 0) {
        return ERR_STALE; /* a ceremony ended: it is to be greeted anew */
    }
    s->changed = s->changed || s->phase != COORD_UP || st.state != old->state ||
                 st.reason != old->reason ||
                 memcmp(st.activation, old->activation, sizeof st.activation) != 0;
    s->up_ns = s->phase == COORD_UP ? s->up_ns : now_ns;
    s->phase = COORD_UP;
    s->status_ns = now_ns;
    s->known.connected = true;
    s->known.last_err = (enum err)st.reason;
    *old = st;
    s->poll_ns =
        now_ns + (st.state == CORE_SERVING ? COORD_POLL_SERVING_MS : COORD_POLL_MS) * NS_PER_MS;
    return ERR_OK;
}

/* The state may have changed: do not wait for the next look. */
static void poll_now(struct coord_step *s, int64_t now_ns)
{
    s->poll_ns = s->poll_ns == INT64_MAX ? s->poll_ns : now_ns;
}

/* ---- R1 ---- */

static enum err check_r1(const struct coord_step *s, const struct coord_request *q, size_t at,
                         struct view body)
{
    struct r1_body b;
    uint8_t sid0[SID0_LEN];

    TRY(r1_body_decode(body, &b));
    coord_step_sid0(s, q->first_sid + at, sid0);
    if (memcmp(b.epoch_id, s->epoch_id, EPOCH_ID_LEN) != 0 || b.key != q->key ||
        b.index != s->known.index || memcmp(b.sid0, sid0, SID0_LEN) != 0) {
        return ERR_MISMATCH;
    }
    return ERR_OK;
}

static enum err take_r1(struct coord_step *s, const struct coord_request *q, struct view body)
{
    struct coord_stock *stock = &s->stocks[q->key - 1];
    struct reader r;
    struct view bodies;

    TRY(r1_answer_decode(body, R1_BODY_LEN, &bodies));
    if (bodies.n != q->n * R1_BODY_LEN) {
        return ERR_MISMATCH;
    }
    r = rd_init(bodies);
    for (size_t i = 0; i < q->n; i++) {
        struct coord_r1 r1 = {.asked_ns = q->asked_ns};
        struct view one;

        TRY(rd_take(&r, R1_BODY_LEN, &one));
        TRY(check_r1(s, q, i, one));
        memcpy(r1.body, one.p, R1_BODY_LEN);
        stock->asked--;
        coord_stock_add(stock, &r1);
    }
    return ERR_OK;
}

/* No R1: those who wait for one are told why. A full core may have room soon: they wait. */
static void refuse_r1(struct coord_step *s, const struct coord_request *q, enum err e,
                      int64_t now_ns)
{
    const size_t line = q->key - 1U;
    struct coord_line all = s->lines[line];
    struct coord_job *job = NULL;

    s->stocks[line].asked -= q->n;
    if (e == ERR_NOSPACE || e == ERR_RATE) {
        s->r1_after_ns[line] = now_ns + COORD_R1_PAUSE_MS * NS_PER_MS;
        return;
    }
    s->lines[line] = (struct coord_line){0};
    poll_now(s, now_ns);
    while ((job = coord_line_pop(&all)) != NULL) {
        coord_step_finish(s, job, narrow(e));
    }
}

/* ---- R2 ---- */

/* One stamp was refused. A stale R1 is worth another try: a clock event at the core voids all
 * of them, so what else is in stock is not used either. Under a policy with ordering it says
 * that its genTime was given already, and a later R1 has a later one. */
static void refuse_stamp(struct coord_step *s, struct coord_job *job, enum err e,
                         int64_t now_ns)
{
    if (job == NULL) {
        return;
    }
    if (e == ERR_STALE && (job->tries == 0 || job->rule.ordering)) {
        job->tries = 1;
        coord_stock_drop(&s->stocks[job->key - 1]);
        coord_line_push_front(&s->lines[job->key - 1], job);
        return;
    }
    if (e == ERR_STALE || e == ERR_STATE || e == ERR_TIME || e == ERR_QUORUM) {
        poll_now(s, now_ns);
    }
    coord_step_finish(s, job, narrow(e));
}

static enum err check_signature(const struct coord_request *q, const struct r2_result *r)
{
    if (r->err != ERR_OK) {
        return ERR_OK;
    }
    return r->signature.n == stamp_signature_len(q->key) ? ERR_OK : ERR_LENGTH;
}

/* The job of that stamp, which is ours no more; NULL: its deadline has passed. */
static struct coord_job *take_job(struct coord_request *q, size_t at)
{
    struct coord_job *job = q->jobs[at];

    q->jobs[at] = NULL;
    return job;
}

/* One stamp was signed: derives what the core has signed. */
static void accept_stamp(struct coord_step *s, struct coord_request *q, size_t at,
                         struct view signature)
{
    struct coord_job *job = q->jobs[at];
    struct r2_stamp stamp;
    enum err e = ERR_OK;

    if (job == NULL) {
        return;
    }
    coord_step_stamp(q, at, &stamp);
    (void)take_job(q, at);
    e = stamp_derive(&q->head, &stamp, &job->rule, &job->stamp);
    if (e == ERR_OK) {
        memcpy(job->signature, signature.p, signature.n);
        job->signature_len = signature.n;
    }
    if (job->rule.ordering) {
        coord_stock_drop(&s->stocks[job->key - 1]); /* no R1 of before may serve the next */
    }
    coord_step_finish(s, job, e == ERR_OK ? ERR_OK : narrow(e));
}

static enum err decode_results(const struct coord_request *q, struct view body,
                               struct r2_result results[STAMP_BATCH_MAX])
{
    struct reader r = rd_init(body);
    uint8_t n = 0;

    TRY(rd_u8(&r, &n));
    if (n != q->n) {
        return ERR_MISMATCH;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(r2_result_decode(&r, &results[i]));
        TRY(check_signature(q, &results[i]));
    }
    return rd_finish(&r);
}

static enum err take_r2(struct coord_step *s, struct coord_request *q, struct view body,
                        int64_t now_ns)
{
    struct r2_result results[STAMP_BATCH_MAX];
    const int64_t trip = now_ns - q->asked_ns;

    TRY(decode_results(q, body, results));
    s->round_trip_ns += (trip - s->round_trip_ns) / ROUND_TRIP_SMOOTHING;
    for (size_t i = 0; i < q->n; i++) {
        if (results[i].err == ERR_OK) {
            accept_stamp(s, q, i, results[i].signature);
        } else {
            refuse_stamp(s, take_job(q, i), results[i].err, now_ns);
        }
    }
    return ERR_OK;
}

static void refuse_r2(struct coord_step *s, struct coord_request *q, enum err e, int64_t now_ns)
{
    for (size_t i = 0; i < q->n; i++) {
        refuse_stamp(s, take_job(q, i), e, now_ns);
    }
}

/* ---- any answer ---- */

static struct coord_request *find(struct coord_step *s, uint64_t id)
{
    for (size_t i = 0; id != 0 && i < COORD_REQUESTS_MAX; i++) {
        if (s->requests[i].id == id) {
            return &s->requests[i];
        }
    }
    return NULL;
}

/* A body that is empty is not absent. */
static void take_time(struct coord_step *s, const struct coord_request *q, struct view body)
{
    if (s->hooks.time != NULL) {
        s->hooks.time(s->hooks.user, (uint8_t)q->n, body);
    }
}

static enum err take_error(struct coord_step *s, struct coord_request *q, struct view body,
                           int64_t now_ns)
{
    enum err e = ERR_BUG;

    TRY(frame_error_decode(body, &e));
    if (q->type == FRAME_R1) {
        refuse_r1(s, q, e, now_ns);
    } else if (q->type == FRAME_R2) {
        refuse_r2(s, q, e, now_ns);
    } else if (q->type == FRAME_TIME_PROBE) {
        take_time(s, q, (struct view){NULL, 0});
    } else {
        return e;
    }
    return ERR_OK;
}

static enum err dispatch(struct coord_step *s, struct coord_request *q,
                         const struct frame_header *h, struct view body, int64_t now_ns)
{
    if (h->type == FRAME_ERROR) {
        return take_error(s, q, body, now_ns);
    }
    if (h->type != (q->type | FRAME_ANSWER)) {
        return ERR_TYPE;
    }
    if (q->type == FRAME_R2) {
        return take_r2(s, q, body, now_ns);
    }
    if (q->type == FRAME_R1) {
        return take_r1(s, q, body);
    }
    if (q->type == FRAME_TIME_PROBE) {
        take_time(s, q, body);
        return ERR_OK;
    }
    return q->type == FRAME_HELLO ? take_hello(s, body, now_ns) : take_status(s, body, now_ns);
}

enum err coord_answer_take(struct coord_step *s, const struct frame_header *h, struct view body,
                           int64_t now_ns)
{
    struct coord_request *q = find(s, h->request_id);

    if (q == NULL) {
        return ERR_MISMATCH;
    }
    s->r1_frames -= q->type == FRAME_R1;
    s->r2_frames -= q->type == FRAME_R2;
    TRY(dispatch(s, q, h, body, now_ns));
    q->id = 0;
    return ERR_OK;
}
