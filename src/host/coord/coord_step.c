#include "host/coord/coord_step.h"

#include "host/coord/coord_answer.h"
#include "host/coord/quorum_step.h"

#include <assert.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)
#define NEVER INT64_MAX

void coord_step_init(struct coord_step *s, struct coord_counters *counters,
                     const uint8_t sid_prefix[COORD_SID_PREFIX_LEN])
{
    memset(s, 0, sizeof *s);
    s->counters = counters;
    s->known.last_err = ERR_QUORUM;
    s->poll_ns = NEVER;
    s->sweep_ns = NEVER;
    memcpy(s->sid_prefix, sid_prefix, COORD_SID_PREFIX_LEN);
}

/* Whether another core may do what this one does not. */
static bool is_of_this_core(enum err e)
{
    return e == ERR_QUORUM || e == ERR_STALE || e == ERR_STATE || e == ERR_TIME ||
           e == ERR_NOSPACE;
}

void coord_step_finish(struct coord_step *s, struct coord_job *job, enum err e)
{
    s->n_jobs--;
    if (s->hooks.back != NULL && is_of_this_core(e)) {
        s->hooks.back(s->hooks.user, job, e);
    } else {
        coord_job_finish(s->counters, job, e);
    }
}

/* ---- frames out ---- */

static struct coord_request *free_request(struct coord_step *s)
{
    for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
        if (s->requests[i].id == 0) {
            return &s->requests[i];
        }
    }
    return NULL;
}

/* A place among the requests and room for a frame; NULL: not now. */
static struct coord_request *begin(struct coord_step *s, enum frame_type type, int64_t now_ns,
                                   struct writer *w, size_t *mark)
{
    struct coord_request *q = free_request(s);

    if (s->out_at > 0) {
        memmove(s->out, s->out + s->out_at, s->out_len - s->out_at);
        s->out_len -= s->out_at;
        s->out_at = 0;
    }
    if (q == NULL || COORD_OUT_MAX - s->out_len < COORD_FRAME_MAX) {
        return NULL;
    }
    q->id = ++s->next_id;
    q->type = (uint8_t)type;
    q->key = 0;
    q->n = 0;
    q->asked_ns = now_ns;
    *w = wr_init(s->out + s->out_len, COORD_OUT_MAX - s->out_len);
    *mark = frame_begin(w, q->type, q->id);
    return q;
}

static void end(struct coord_step *s, struct writer *w, size_t mark)
{
    struct view frame;
    enum err e = ERR_OK;

    frame_end(w, mark);
    e = wr_finish(w, &frame);
    assert(e == ERR_OK && frame.n <= COORD_FRAME_MAX);
    (void)e;
    s->out_len += frame.n;
}

void coord_step_ask(struct coord_step *s, enum frame_type type, int64_t now_ns)
{
    struct writer w;
    size_t mark = 0;

    if (begin(s, type, now_ns, &w, &mark) != NULL) {
        end(s, &w, mark);
    }
}

bool coord_step_time(struct coord_step *s, const struct time_probe *p, int64_t now_ns)
{
    struct writer w;
    size_t mark = 0;
    struct coord_request *const q = begin(s, FRAME_TIME_PROBE, now_ns, &w, &mark);

    if (q == NULL) {
        return false;
    }
    q->n = p->step;
    time_probe_encode(&w, p);
    end(s, &w, mark);
    return true;
}

static void ask_state(struct coord_step *s, int64_t now_ns)
{
    struct writer w;
    size_t mark = 0;

    if (begin(s, FRAME_STATE, now_ns, &w, &mark) == NULL) {
        s->poll_ns = now_ns + COORD_POLL_MS * NS_PER_MS;
        return;
    }
    end(s, &w, mark);
    s->poll_ns = NEVER; /* until it is answered */
}

void coord_step_sid0(const struct coord_step *s, uint64_t number, uint8_t out[SID0_LEN])
{
    struct writer w = wr_init(out, SID0_LEN);

    wr_bytes(&w, s->sid_prefix, COORD_SID_PREFIX_LEN);
    wr_u64le(&w, number);
}

/* Asks for n R1s. False: not now. */
static bool ask_r1(struct coord_step *s, size_t line, size_t n, int64_t now_ns)
{
    uint8_t sid0[STAMP_BATCH_MAX * SID0_LEN];
    struct r1_ask ask = {.key = (uint8_t)(line + 1), .sid0 = {sid0, n * SID0_LEN}};
    struct writer w;
    size_t mark = 0;
    struct coord_request *q = begin(s, FRAME_R1, now_ns, &w, &mark);

    if (q == NULL) {
        return false;
    }
    q->key = ask.key;
    q->n = n;
    q->first_sid = s->next_sid;
    for (size_t i = 0; i < n; i++) {
        coord_step_sid0(s, s->next_sid++, sid0 + i * SID0_LEN);
    }
    memcpy(ask.epoch_id, s->epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &ask);
    end(s, &w, mark);
    s->r1_frames++;
    s->stocks[line].asked += n;
    return true;
}

/* Whether what comes next is of a policy with ordering: each takes a later genTime than the one
 * before, so an R1 of its own, asked for when that one is done. */
static bool is_ordered(const struct coord_step *s, size_t line)
{
    return s->lines[line].first != NULL && s->lines[line].first->rule.ordering;
}

/* R1s to be asked for now. */
static size_t want_r1(struct coord_step *s, size_t line, int64_t now_ns)
{
    struct coord_stock *const stock = &s->stocks[line];

    if (is_ordered(s, line)) {
        return coord_stock_fresh(stock, now_ns) + stock->asked == 0;
    }
    return coord_stock_want(stock, s->lines[line].n, now_ns);
}

static void ask_ahead(struct coord_step *s, size_t line, int64_t now_ns)
{
    while (s->r1_frames < COORD_R1_FRAMES_MAX && now_ns >= s->r1_after_ns[line]) {
        const size_t n = want_r1(s, line, now_ns);

        if (n == 0) {
            return;
        }
        if (!ask_r1(s, line, n, now_ns)) {
            s->r1_after_ns[line] = now_ns + COORD_R1_PAUSE_MS * NS_PER_MS;
            return;
        }
    }
}

static bool goes_with(const struct coord_job *job, const struct coord_job *first)
{
    return memcmp(job->epoch_id, first->epoch_id, EPOCH_ID_LEN) == 0 &&
           memcmp(job->activation, first->activation, ACTIVATION_HASH_LEN) == 0;
}

/* R2 frames that may be begun now for this line. The core takes few that KEY_PQ signs at once.
 */
static size_t frame_places(const struct coord_step *s, size_t line)
{
    size_t left = COORD_R2_FRAMES_MAX - s->r2_frames;
    size_t pq = 0;

    for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
        const struct coord_request *const q = &s->requests[i];

        pq += q->id != 0 && q->type == FRAME_R2 && core_key_takes(q->key, KEY_PQ);
    }
    if (core_key_takes((uint8_t)(line + 1), KEY_PQ) && left > COORD_R2_PQ_FRAMES_MAX - pq) {
        left = COORD_R2_PQ_FRAMES_MAX - pq;
    }
    return left;
}

unsigned coord_step_full(const struct coord_step *s)
{
    unsigned full = 0;

    for (size_t i = 0; i < STAMP_KEYS; i++) {
        full |= s->phase == COORD_UP && frame_places(s, i) == 0 ? 1U << i : 0;
    }
    return full;
}

/* How many stamps the next frame of this line has: what waits, shared among the places that are
 * left, so that answers flow and no signing worker idles. */
static size_t frame_share(const struct coord_step *s, size_t line)
{
    const size_t places = frame_places(s, line);
    const size_t n = (s->lines[line].n + places - 1) / places;
    const size_t most = is_ordered(s, line) ? 1 : stamp_batch_max((uint8_t)(line + 1));

    return n < most ? n : most;
}

/* The first job that waits and is still wanted; NULL: none. */
static struct coord_job *first_wanted(struct coord_step *s, size_t line)
{
    struct coord_job *job = s->lines[line].first;

    while (job != NULL && job->ready != NULL && !job->asked) {
        job->asked = true;
        if (job->ready(job)) {
            break;
        }
        coord_step_finish(s, coord_line_pop(&s->lines[line]), ERR_DEADLINE);
        job = s->lines[line].first;
    }
    return job;
}

/* Takes jobs that can go into one frame, each with an R1. */
static void fill(struct coord_step *s, struct coord_request *q, size_t line, int64_t now_ns)
{
    const size_t share = frame_share(s, line);

    while (q->n < share && s->lines[line].first != NULL &&
           (q->n == 0 || goes_with(s->lines[line].first, q->jobs[0])) &&
           coord_stock_fresh(&s->stocks[line], now_ns) > 0) {
        if (first_wanted(s, line) == NULL ||
            !coord_stock_take(&s->stocks[line], now_ns, &q->r1[q->n])) {
            return;
        }
        q->jobs[q->n++] = coord_line_pop(&s->lines[line]);
    }
}

void coord_step_stamp(const struct coord_request *q, size_t at, struct r2_stamp *out)
{
    const struct coord_job *job = q->jobs[at];
    const uint8_t *body = q->r1[at].body;

    *out = (struct r2_stamp){
        .bodies = {body, R1_BODY_LEN},
        .hash_alg = job->hash_alg,
        .policy = job->policy,
        .hashed_message = {job->hashed_message, hash_len((enum hash_alg)job->hash_alg)},
        .nonce = {job->nonce, job->nonce_len},
    };
    memcpy(out->sid0, body + EPOCH_ID_LEN + 1, SID0_LEN); /* epoch_id, key, sid0 */
}

/* Sends one R2 frame of this line. False: not now. */
static bool send_r2(struct coord_step *s, size_t line, int64_t now_ns)
{
    struct writer w;
    size_t mark = 0;
    struct coord_request *q = begin(s, FRAME_R2, now_ns, &w, &mark);

    if (q == NULL) {
        return false;
    }
    fill(s, q, line, now_ns);
    if (q->n == 0) {
        q->id = 0; /* every R1 was too old; nothing was put into out */
        return false;
    }
    q->key = (uint8_t)(line + 1);
    q->head = (struct r2_head){
        .key = q->key, .t = 1, .signers = {s->known.index}, .n = (uint8_t)q->n};
    memcpy(q->head.epoch_id, s->epoch_id, EPOCH_ID_LEN);
    memcpy(q->head.activation, q->jobs[0]->activation, ACTIVATION_HASH_LEN);
    r2_head_encode(&w, &q->head);
    for (size_t i = 0; i < q->n; i++) {
        struct r2_stamp stamp;

        coord_step_stamp(q, i, &stamp);
        r2_stamp_encode(&w, &stamp);
    }
    end(s, &w, mark);
    s->r2_frames++;
    return true;
}

/* Whether a job of a policy with ordering is at the core. */
static bool order_waits(const struct coord_step *s, size_t line)
{
    bool waits = false;

    for (size_t i = 0; i < COORD_REQUESTS_MAX && is_ordered(s, line); i++) {
        const struct coord_request *const q = &s->requests[i];

        waits = waits || (q->id != 0 && q->type == FRAME_R2 && q->key == line + 1 &&
                          q->jobs[0] != NULL && q->jobs[0]->rule.ordering);
    }
    return waits;
}

static void send_line(struct coord_step *s, size_t line, int64_t now_ns)
{
    while (s->lines[line].n > 0 && frame_places(s, line) > 0 && !order_waits(s, line) &&
           coord_stock_fresh(&s->stocks[line], now_ns) > 0) {
        if (!send_r2(s, line, now_ns)) {
            return;
        }
    }
}

/* ---- deadlines ---- */

static void sweep(struct coord_step *s, int64_t now_ns)
{
    const int64_t soonest = now_ns + COORD_SWEEP_MS * NS_PER_MS;
    struct coord_line late = {0};
    struct coord_job *job = NULL;
    int64_t next = NEVER;

    for (size_t i = 0; i < STAMP_KEYS; i++) {
        coord_line_expire(&s->lines[i], now_ns, &late, &next);
    }
    for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
        struct coord_request *q = &s->requests[i];

        for (size_t k = 0; q->id != 0 && q->type == FRAME_R2 && k < q->n; k++) {
            if (q->jobs[k] != NULL && q->jobs[k]->deadline_ns <= now_ns) {
                coord_line_push(&late, q->jobs[k]);
                q->jobs[k] = NULL;
            } else if (q->jobs[k] != NULL && q->jobs[k]->deadline_ns < next) {
                next = q->jobs[k]->deadline_ns;
            }
        }
    }
    s->sweep_ns = next < soonest ? soonest : next;
    while ((job = coord_line_pop(&late)) != NULL) {
        coord_step_finish(s, job, ERR_DEADLINE);
    }
}

int64_t coord_step_oldest(const struct coord_step *s)
{
    int64_t oldest = NEVER;

    for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
        if (s->requests[i].id != 0 && s->requests[i].asked_ns < oldest) {
            oldest = s->requests[i].asked_ns;
        }
    }
    return oldest;
}

static int64_t answer_due(const struct coord_step *s)
{
    const int64_t oldest = coord_step_oldest(s);

    return oldest == NEVER ? NEVER : oldest + COORD_ANSWER_MS * NS_PER_MS;
}

/* ---- the calls ---- */

void coord_step_open(struct coord_step *s, int64_t now_ns)
{
    assert(s->phase == COORD_DOWN);
    s->phase = COORD_GREETING;
    s->heard_ns = now_ns;
    coord_step_ask(s, FRAME_HELLO, now_ns);
}

/* All that is under way or waits, in one line; what is asked stays asked. */
static void take_all_jobs(struct coord_step *s, struct coord_line *all)
{
    struct coord_job *job = NULL;

    for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
        struct coord_request *q = &s->requests[i];

        for (size_t k = 0; q->id != 0 && q->type == FRAME_R2 && k < q->n; k++) {
            if (q->jobs[k] != NULL) {
                coord_line_push(all, q->jobs[k]);
                q->jobs[k] = NULL;
            }
        }
    }
    for (size_t i = 0; i < STAMP_KEYS; i++) {
        while ((job = coord_line_pop(&s->lines[i])) != NULL) {
            coord_line_push(all, job);
        }
    }
}

void coord_step_abandon(struct coord_step *s)
{
    struct coord_line all = {0};
    struct coord_job *job = NULL;

    take_all_jobs(s, &all);
    while ((job = coord_line_pop(&all)) != NULL) {
        coord_step_finish(s, job, ERR_QUORUM);
    }
}

void coord_step_close(struct coord_step *s, enum err why)
{
    s->changed = s->changed || s->phase == COORD_UP || s->known.last_err != why;
    s->phase = COORD_DOWN;
    s->known.connected = false;
    s->known.last_err = why;
    s->r1_frames = 0;
    s->r2_frames = 0;
    s->out_at = 0;
    s->out_len = 0;
    s->poll_ns = NEVER;
    s->sweep_ns = NEVER;
    coord_step_abandon(s);
    for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
        s->requests[i].id = 0;
    }
}

void coord_step_probe(struct coord_step *s, int64_t now_ns)
{
    if (s->phase == COORD_UP && s->poll_ns != NEVER && s->poll_ns > now_ns) {
        s->poll_ns = now_ns;
    }
}

size_t coord_step_jobs(const struct coord_step *s)
{
    return s->n_jobs;
}

void coord_step_submit(struct coord_step *s, struct coord_job *job)
{
    assert(job->key >= 1 && job->key <= STAMP_KEYS && job->nonce_len <= STAMP_NONCE_MAX &&
           hash_len((enum hash_alg)job->hash_alg) > 0);
    s->n_jobs++;
    if (s->phase != COORD_UP || memcmp(job->epoch_id, s->epoch_id, EPOCH_ID_LEN) != 0) {
        coord_step_finish(s, job, ERR_QUORUM);
        return;
    }
    coord_line_push(&s->lines[job->key - 1], job);
    s->sweep_ns = job->deadline_ns < s->sweep_ns ? job->deadline_ns : s->sweep_ns;
}

static enum err take_frame(struct coord_step *s, const struct frame_header *h, struct view body,
                           int64_t now_ns)
{
    if ((h->request_id & QUORUM_ID_BIT) != 0 && s->hooks.quorum != NULL) {
        return s->hooks.quorum(s->hooks.user, h, body, now_ns);
    }
    return coord_answer_take(s, h, body, now_ns);
}

enum err coord_step_take(struct coord_step *s, struct view in, int64_t now_ns, size_t *used)
{
    enum err e = ERR_OK;

    *used = 0;
    while (e == ERR_OK && in.n - *used >= FRAME_HEADER_LEN) {
        struct frame_header h;
        struct reader r = rd_init((struct view){in.p + *used, in.n - *used});
        struct view head;
        struct view body;

        TRY(rd_take(&r, FRAME_HEADER_LEN, &head));
        e = frame_header_decode(head, &h);
        if (e == ERR_OK) {
            if (rd_take(&r, h.body_len, &body) != ERR_OK) {
                return ERR_OK; /* the rest is to come */
            }
            *used += FRAME_HEADER_LEN + h.body_len;
            s->heard_ns = now_ns;
            e = take_frame(s, &h, body, now_ns);
        }
    }
    if (e != ERR_OK && e != ERR_STALE) {
        atomic_fetch_add(&s->counters->frames_bad, 1);
    }
    return e;
}

enum err coord_step_pump(struct coord_step *s, int64_t now_ns)
{
    s->pumped_ns = now_ns;
    if (now_ns >= s->sweep_ns) {
        sweep(s, now_ns);
    }
    if (s->phase != COORD_DOWN && now_ns >= answer_due(s)) {
        return ERR_DEADLINE;
    }
    if (s->phase != COORD_UP) {
        return ERR_OK;
    }
    if (now_ns >= s->poll_ns) {
        ask_state(s, now_ns);
    }
    for (size_t i = 0; i < STAMP_KEYS; i++) {
        send_line(s, i, now_ns);
        ask_ahead(s, i, now_ns);
    }
    return ERR_OK;
}

int64_t coord_step_next(const struct coord_step *s)
{
    int64_t next = answer_due(s);

    next = s->poll_ns < next ? s->poll_ns : next;
    next = s->sweep_ns < next ? s->sweep_ns : next;
    for (size_t i = 0; i < STAMP_KEYS; i++) {
        if (s->lines[i].n > 0 && s->r1_after_ns[i] > s->pumped_ns && s->r1_after_ns[i] < next) {
            next = s->r1_after_ns[i];
        }
    }
    return next;
}

struct view coord_step_send(const struct coord_step *s)
{
    return (struct view){s->out + s->out_at, s->out_len - s->out_at};
}

void coord_step_sent(struct coord_step *s, size_t n)
{
    assert(n <= s->out_len - s->out_at);
    s->out_at += n;
    if (s->out_at == s->out_len) {
        s->out_at = 0;
        s->out_len = 0;
    }
}
