#include "enclave/core/core_conn.h"

#include <assert.h>
#include <string.h>

void core_conn_init(struct core_conn *n, uint32_t lane, struct core_areas *areas,
                    int64_t now_ns)
{
    /* The buffers are left as they are: nothing is read that was not received. */
    n->lane = lane;
    n->timed = false;
    n->areas = areas;
    n->area = NULL;
    n->waits = false;
    n->n_kept = 0;
    n->n_long = 0;
    n->long_at = 0;
    n->in_at = 0;
    n->in_len = 0;
    n->out_at = 0;
    n->out_len = 0;
    n->batches = 0;
    n->aside = 0;
    n->ended = false;
    n->closing = false;
    n->spoke = false;
    n->heard_ns = now_ns;
    n->partial_ns = 0;
    n->stall_ns = 0;
    n->stall_progress = 0;
}

void core_conn_close(struct core_conn *n)
{
    if (n->area != NULL) {
        core_areas_give_back(n->areas, n->area);
        n->area = NULL;
    }
    while (n->n_kept > 0) {
        core_areas_give_back(n->areas, n->kept[--n->n_kept]);
    }
    while (n->n_long > 0) {
        core_areas_give_back(n->areas, n->longs[--n->n_long].area);
    }
}

uint8_t *core_conn_receive(struct core_conn *n, size_t *room)
{
    if (n->area != NULL) {
        *room = n->closing || n->ended ? 0 : n->area_need - n->area_len;
        return n->area + n->area_len;
    }
    if (n->in_at > 0 && n->in_len == sizeof n->in) {
        n->in_len -= n->in_at;
        memmove(n->in, n->in + n->in_at, n->in_len);
        n->in_at = 0;
    }
    *room = n->closing || n->ended ? 0 : sizeof n->in - n->in_len;
    return n->in + n->in_len;
}

void core_conn_received(struct core_conn *n, size_t bytes)
{
    if (n->area != NULL) {
        n->area_len += bytes;
    } else {
        n->in_len += bytes;
    }
}

void core_conn_ended(struct core_conn *n)
{
    n->ended = true;
}

/* How long the answer to what comes next can be: R2 names its key after epoch_id. */
static size_t next_answer_max(const struct core_conn *n)
{
    const uint8_t *const next = n->in + n->in_at;
    const size_t key_at = FRAME_HEADER_LEN + EPOCH_ID_LEN;
    const size_t here = n->in_len - n->in_at;
    struct frame_header h;

    if (here < FRAME_HEADER_LEN ||
        frame_header_decode((struct view){next, FRAME_HEADER_LEN}, &h) != ERR_OK) {
        return LIMIT_ANSWER;
    }
    if (h.type == FRAME_EVIDENCE) {
        return LIMIT_ANSWER_EVIDENCE;
    }
    return h.type == FRAME_R2 && here > key_at && next[key_at] != KEY_CLASSIC
               ? LIMIT_ANSWER_R2_PQ
               : LIMIT_ANSWER;
}

/* Room for one more answer, with that of every batch under way set aside. */
static bool has_room(struct core_conn *n)
{
    const size_t need = n->aside + next_answer_max(n);

    if (n->batches == LIMIT_CONNECTION_BATCHES) {
        return false;
    }
    if (n->out_at > 0 && sizeof n->out - n->out_len < need) {
        n->out_len -= n->out_at;
        memmove(n->out, n->out + n->out_at, n->out_len);
        n->out_at = 0;
    }
    return sizeof n->out - n->out_len >= need;
}

/* What is set aside of out for a batch's answer. */
static size_t answer_max(const struct sign_batch *b)
{
    if (b->is_long) {
        return 0;
    }
    if (b->csr) {
        return LIMIT_ANSWER;
    }
    return b->pq != NULL ? LIMIT_ANSWER_R2_PQ : LIMIT_ANSWER_R2;
}

/* What was received of the next frame. */
static struct view next_bytes(const struct core_conn *n)
{
    return n->area != NULL ? (struct view){n->area, n->area_len}
                           : (struct view){n->in + n->in_at, n->in_len - n->in_at};
}

static size_t areas_held(const struct core_conn *n)
{
    return n->n_kept + n->n_long + (n->area != NULL);
}

/* Moves what is here of a frame that is too long for in to an area. ERR_NOSPACE: none for us.
 * ERR_RANGE: this core takes no such frames. */
static enum err take_area(struct core_conn *n, size_t frame_len)
{
    const struct view got = next_bytes(n);
    const size_t part = got.n < frame_len ? got.n : frame_len;

    if (n->areas == NULL) {
        return ERR_RANGE;
    }
    n->area = core_areas_lend(n->areas, areas_held(n));
    n->waits = n->area == NULL;
    if (n->waits) {
        return ERR_NOSPACE;
    }
    memcpy(n->area, got.p, part);
    n->area_len = part;
    n->area_need = frame_len;
    n->in_at += part;
    return ERR_OK;
}

/* Reads the next header; its frame then has room. ERR_TRUNCATED: no whole header. */
static enum err next_header(struct core_conn *n, struct frame_header *h)
{
    const struct view got = next_bytes(n);

    if (got.n < FRAME_HEADER_LEN) {
        return ERR_TRUNCATED;
    }
    TRY(frame_header_decode((struct view){got.p, FRAME_HEADER_LEN}, h));
    return n->area == NULL && h->body_len > FRAME_BODY_MAX
               ? take_area(n, FRAME_HEADER_LEN + (size_t)h->body_len)
               : ERR_OK;
}

/* The next whole frame, if there is one. It stays where it is. */
static bool next_frame(struct core_conn *n, struct core *c, int64_t now_ns,
                       struct core_call *call)
{
    enum err e = next_header(n, &call->head);
    struct view got;

    if (e == ERR_NOSPACE) {
        n->partial_ns = 0; /* it is us who do not read */
        return false;
    }
    if (e != ERR_OK && e != ERR_TRUNCATED) { /* the stream cannot be followed any more */
        core_bad_frame(c, e);
        n->closing = true;
        return false;
    }
    got = next_bytes(n);
    if (e != ERR_OK || got.n - FRAME_HEADER_LEN < call->head.body_len) {
        if (got.n > 0 && n->partial_ns == 0) {
            n->partial_ns = now_ns;
        }
        n->closing = n->ended; /* the rest of it will not come */
        return false;
    }
    call->body = (struct view){got.p + FRAME_HEADER_LEN, call->head.body_len};
    call->lane = n->lane;
    call->timed = n->timed;
    n->partial_ns = 0;
    return true;
}

/* ---- long answers ---- */

/* Whether the answer may be longer than out has room for. An R2 names its signers after
 * epoch_id, key and activation; SIGN_CSR after epoch_id and three bytes, of which the first is
 * the key. */
static bool is_long(const struct core_call *call)
{
    const size_t t_at =
        EPOCH_ID_LEN + (call->head.type == FRAME_R2 ? 1 + ACTIVATION_HASH_LEN : 3);

    if (call->head.type == FRAME_R2 || call->head.type == FRAME_SIGN_CSR) {
        return call->body.n > t_at && call->body.p[EPOCH_ID_LEN] == KEY_PQ &&
               call->body.p[t_at] > 1;
    }
    return call->head.type == FRAME_PRESIGN_LIST || call->head.type == FRAME_REENROL_STEP ||
           frame_body_max(call->head.type | FRAME_ANSWER) > FRAME_BODY_MAX;
}

/* Where the answer to call goes: NULL: to out. ERR_NOSPACE: an area is needed, and there is
 * none for us. */
static enum err answer_area(struct core_conn *n, const struct core_call *call, uint8_t **area)
{
    *area = n->area;
    if (n->area != NULL || n->areas == NULL || !is_long(call)) {
        return ERR_OK;
    }
    *area = core_areas_lend(n->areas, areas_held(n));
    n->waits = *area == NULL;
    return n->waits ? ERR_NOSPACE : ERR_OK;
}

/* More waits to be sent, of which so many bytes stand in out: if nothing did before, the peer's
 * time begins now. */
static void appended(struct core_conn *n, size_t in_out, size_t bytes, int64_t now_ns)
{
    n->out_len += in_out;
    if (bytes > 0 && n->stall_ns == 0) {
        n->stall_ns = now_ns;
        n->stall_progress = 0;
    }
}

/* An answer of so many bytes stands in the second half of area. A short one goes to out. */
static void answered(struct core_conn *n, uint8_t *area, size_t len, int64_t now_ns)
{
    const bool fits = len <= LIMIT_ANSWER && sizeof n->out - n->out_len >= n->aside + len;

    if (fits) {
        memcpy(n->out + n->out_len, area + LIMIT_FRAME_LONG, len);
        core_areas_give_back(n->areas, area);
    } else {
        n->longs[n->n_long++] = (struct core_long){area, len};
    }
    appended(n, fits ? len : 0, len, now_ns);
}

/* Where an answer of that area is written. */
static struct writer long_writer(uint8_t *area)
{
    return wr_init(area + LIMIT_FRAME_LONG, LIMIT_FRAME_LONG);
}

/* The frame of call has an answer, or a batch that makes one. */
static void carried_out(struct core_conn *n, const struct core_call *call, int64_t now_ns)
{
    if (n->area == NULL) {
        n->in_at += FRAME_HEADER_LEN + call->head.body_len;
    }
    n->area = NULL; /* it goes with the answer */
    n->spoke = true;
    n->heard_ns = now_ns;
    if (n->in_at == n->in_len) {
        n->in_at = 0;
        n->in_len = 0;
    }
}

/* Whether an answer is the last one of its connection: the frame did not have the form that its
 * type has. */
static bool says_malformed(struct view answer)
{
    struct frame_header h;
    enum err e = ERR_OK;

    return frame_header_decode(answer, &h) == ERR_OK && h.type == FRAME_ERROR &&
           frame_error_decode((struct view){answer.p + FRAME_HEADER_LEN, h.body_len}, &e) ==
               ERR_OK &&
           err_class(e) == err_class(ERR_TRUNCATED);
}

bool core_conn_work(struct core_conn *n, struct core *c, int64_t now_ns,
                    struct sign_batch **batch)
{
    struct core_call call;
    struct writer w;
    uint8_t *area;

    *batch = NULL;
    if (n->closing || !has_room(n)) {
        n->partial_ns = 0; /* it is us who do not read */
        return false;
    }
    if (!next_frame(n, c, now_ns, &call) || answer_area(n, &call, &area) != ERR_OK) {
        return false;
    }
    w = area != NULL
            ? long_writer(area)
            : wr_init(n->out + n->out_len,
                      call.head.type == FRAME_EVIDENCE ? LIMIT_ANSWER_EVIDENCE : LIMIT_ANSWER);
    *batch = core_step(c, &call, &w);
    assert(!w.full);
    n->closing = says_malformed((struct view){w.p, w.len});
    carried_out(n, &call, now_ns);
    if (*batch != NULL) {
        n->batches++;
        (*batch)->is_long = area != NULL;
        n->aside += answer_max(*batch);
    }
    if (area != NULL && *batch != NULL) {
        n->kept[n->n_kept++] = area;
    } else if (area != NULL) {
        answered(n, area, w.len, now_ns);
    } else {
        appended(n, w.len, w.len, now_ns);
    }
    return true;
}

void core_conn_finish(struct core_conn *n, struct core *c, struct sign_batch *b, int64_t now_ns)
{
    uint8_t *const area = b->is_long ? n->kept[--n->n_kept] : NULL;
    struct writer w = area != NULL ? long_writer(area)
                                   : wr_init(n->out + n->out_len, sizeof n->out - n->out_len);

    n->aside -= answer_max(b);
    core_finish(c, b, &w);
    assert(!w.full); /* core_conn_work() set the room aside */
    n->batches--;
    n->heard_ns = now_ns;
    if (area != NULL) {
        answered(n, area, w.len, now_ns);
    } else {
        appended(n, w.len, w.len, now_ns);
    }
}

/* ---- sending ---- */

/* A long answer is under way, or what stands in out is sent and one is next. */
static bool sends_long(const struct core_conn *n)
{
    return n->n_long > 0 && (n->long_at > 0 || n->out_at == n->out_len);
}

struct view core_conn_send(const struct core_conn *n)
{
    if (sends_long(n)) {
        return (struct view){n->longs[0].area + LIMIT_FRAME_LONG + n->long_at,
                             n->longs[0].len - n->long_at};
    }
    return (struct view){n->out + n->out_at, n->out_len - n->out_at};
}

/* Of the long answer. True: all of it is sent. */
static bool sent_long(struct core_conn *n, size_t bytes)
{
    n->long_at += bytes;
    if (n->long_at < n->longs[0].len) {
        return false;
    }
    core_areas_give_back(n->areas, n->longs[0].area);
    n->n_long--;
    n->long_at = 0;
    memmove(n->longs, n->longs + 1, n->n_long * sizeof n->longs[0]);
    return true;
}

/* Of what stands in out. True: all, or as much as a peer must take in its time. */
static bool sent_short(struct core_conn *n, size_t bytes)
{
    n->out_at += bytes;
    n->stall_progress += bytes;
    if (n->out_at == n->out_len) {
        n->out_at = 0;
        n->out_len = 0;
        return true;
    }
    return n->stall_progress >= LIMIT_STALL_PROGRESS;
}

void core_conn_sent(struct core_conn *n, size_t bytes, int64_t now_ns)
{
    if (sends_long(n) ? sent_long(n, bytes) : sent_short(n, bytes)) {
        n->stall_ns = core_conn_send(n).n > 0 ? now_ns : 0;
        n->stall_progress = 0;
    }
}

bool core_conn_wants(const struct core_conn *n, bool readable, bool sent)
{
    if (n->closing) {
        return false;
    }
    return (readable && !n->ended && n->in_len - n->in_at < sizeof n->in) ||
           (sent && n->in_at < n->in_len && n->partial_ns == 0);
}

bool core_conn_can_go_on(const struct core_conn *n)
{
    return n->waits && core_areas_has_for(n->areas, areas_held(n));
}

bool core_conn_over(const struct core_conn *n)
{
    return n->closing && n->batches == 0 && core_conn_send(n).n == 0;
}

int64_t core_conn_patience(const struct core_conn *n, bool crowded, int64_t idle_ns)
{
    return crowded && !n->spoke && idle_ns > LIMIT_SILENT_NS ? LIMIT_SILENT_NS : idle_ns;
}

bool core_conn_expired(const struct core_conn *n, int64_t now_ns, int64_t idle_ns)
{
    const int64_t stall = idle_ns < LIMIT_STALL_NS ? idle_ns : LIMIT_STALL_NS;

    if (n->stall_ns != 0) {
        return now_ns - n->stall_ns > stall;
    }
    if (n->partial_ns != 0) {
        return now_ns - n->partial_ns > stall;
    }
    return n->batches == 0 && !n->waits && now_ns - n->heard_ns > idle_ns;
}
