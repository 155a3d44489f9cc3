/* The coordinator's side of a core's frames: the bytes are a script of what a core says to a
 * coordinator with jobs under way. Every job ends once; nothing is signed without an answer. */
#include "host/coord/coord_step.h"

#include <stdlib.h>
#include <string.h>

#define JOBS 80
#define MS INT64_C(1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct coord_counters counters;
static struct coord_step step;
static struct coord_job jobs[JOBS];
static unsigned ended[JOBS];
static int64_t now_ns;

static const uint8_t boot[EPOCH_ID_LEN] = {0x42};

static void job_done(struct coord_job *job)
{
    if (++ended[job - jobs] != 1 || (job->err == ERR_OK && job->signature_len != 96)) {
        abort();
    }
}

static void submit_all(void)
{
    memset(ended, 0, sizeof ended);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct coord_job){
            .deadline_ns = now_ns + (int64_t)(i + 1) * 40 * MS,
            .key = KEY_CLASSIC,
            .policy = 1,
            .hash_alg = HASH_SHA256,
            .rule = {3, 100, 1000},
            .done = job_done,
        };
        memcpy(jobs[i].epoch_id, boot, EPOCH_ID_LEN);
        atomic_fetch_add(&counters.queue_depth, 1);
        coord_step_submit(&step, &jobs[i]);
    }
}

static void pump(void)
{
    if (coord_step_pump(&step, now_ns) != ERR_OK) {
        coord_step_close(&step, ERR_DEADLINE);
    }
    coord_step_sent(&step, coord_step_send(&step).n);
    if (coord_step_next(&step) <= now_ns) {
        abort(); /* it would spin */
    }
}

/* The core says this body to request number at, as this type. */
static void say(size_t at, uint8_t type, struct view body)
{
    static uint8_t out[FRAME_HEADER_LEN + FRAME_BODY_MAX];
    struct writer w = wr_init(out, sizeof out);
    const size_t mark = frame_begin(&w, type, step.requests[at % COORD_REQUESTS_MAX].id);
    struct view done;
    size_t used = 0;

    wr_view(&w, body);
    frame_end(&w, mark);
    if (wr_finish(&w, &done) != ERR_OK || step.phase == COORD_DOWN) {
        return;
    }
    if (coord_step_take(&step, done, now_ns, &used) != ERR_OK) {
        coord_step_close(&step, ERR_RANGE);
    } else if (used != done.n) {
        abort();
    }
}

static size_t request_of(enum frame_type type)
{
    for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
        if (step.requests[i].id != 0 && step.requests[i].type == type) {
            return i;
        }
    }
    return COORD_REQUESTS_MAX;
}

static void greet(void)
{
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);
    struct hello h = {.index = 1, .clock = CLOCK_KERNEL, .r1_life_ms = 250};
    struct core_status s = {.state = CORE_SERVING, .time_valid = 1};

    coord_step_open(&step, now_ns);
    memcpy(h.boot_id, boot, BOOT_ID_LEN);
    memcpy(h.epoch_id, boot, EPOCH_ID_LEN);
    hello_encode(&w, &h);
    say(request_of(FRAME_HELLO), FRAME_HELLO | FRAME_ANSWER, (struct view){body, w.len});
    w = wr_init(body, sizeof body);
    memcpy(s.boot_id, boot, BOOT_ID_LEN);
    memcpy(s.epoch_id, boot, EPOCH_ID_LEN);
    core_status_encode(&w, &s);
    say(request_of(FRAME_STATE), FRAME_STATE | FRAME_ANSWER, (struct view){body, w.len});
}

/* An honest R1, so that the script gets as far as R2. */
static void honest_r1(void)
{
    static uint8_t body[1 + STAMP_BATCH_MAX * R1_BODY_LEN];
    const size_t at = request_of(FRAME_R1);
    struct writer w = wr_init(body, sizeof body);
    struct r1_body b = {.key = KEY_CLASSIC, .index = 1, .lo_ns = now_ns, .hi_ns = now_ns + 1};

    if (at == COORD_REQUESTS_MAX) {
        return;
    }
    memcpy(b.epoch_id, boot, EPOCH_ID_LEN);
    wr_u8(&w, (uint8_t)step.requests[at].n);
    for (size_t i = 0; i < step.requests[at].n; i++) {
        coord_step_sid0(&step, step.requests[at].first_sid + i, b.sid0);
        b.part[0] = (uint8_t)i;
        r1_body_encode(&w, &b);
    }
    say(at, FRAME_R1 | FRAME_ANSWER, (struct view){body, w.len});
}

/* One line of the script: op, where, length (2), body. */
static enum err run_line(struct reader *r)
{
    static const uint8_t types[] = {FRAME_HELLO, FRAME_STATE, FRAME_R1, FRAME_R2, FRAME_ERROR};
    uint8_t op = 0;
    uint8_t where = 0;
    uint16_t len = 0;
    struct view body;

    TRY(rd_u8(r, &op));
    TRY(rd_u8(r, &where));
    if (op % 8 == 0) {
        now_ns += where * MS;
    } else if (op % 8 == 1) {
        honest_r1();
    } else if (op % 8 == 2) { /* an answer of the right type to the first of its kind */
        TRY(rd_u16le(r, &len));
        TRY(rd_take(r, len < r->n ? len : r->n, &body));
        say(request_of(where % 2 ? FRAME_R2 : FRAME_R1),
            where % 2 ? FRAME_R2 | FRAME_ANSWER : FRAME_R1 | FRAME_ANSWER, body);
    } else {
        TRY(rd_u16le(r, &len));
        TRY(rd_take(r, len < r->n ? len : r->n, &body));
        say(where, (uint8_t)(types[op % 5] | FRAME_ANSWER), body);
    }
    return ERR_OK;
}

/* Bytes as they come, without a header of ours. */
static void raw(struct view in)
{
    size_t used = 0;

    if (step.phase != COORD_DOWN && coord_step_take(&step, in, now_ns, &used) != ERR_OK) {
        coord_step_close(&step, ERR_RANGE);
    }
    if (used > in.n) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t prefix[COORD_SID_PREFIX_LEN];
    struct reader r = rd_init((struct view){data, size});
    uint8_t kind = 0;

    memset(&counters, 0, sizeof counters);
    now_ns = 1000 * MS;
    coord_step_init(&step, &counters, prefix);
    greet();
    submit_all();
    pump();
    if (rd_u8(&r, &kind) == ERR_OK && kind % 8 == 0) {
        raw((struct view){r.p, r.n});
    }
    while (r.n > 0 && kind % 8 != 0 && run_line(&r) == ERR_OK) {
        pump();
    }
    coord_step_close(&step, ERR_IO);
    for (size_t i = 0; i < JOBS; i++) {
        if (ended[i] != 1) {
            abort();
        }
    }
    if (atomic_load(&counters.queue_depth) != 0) {
        abort();
    }
    return 0;
}
