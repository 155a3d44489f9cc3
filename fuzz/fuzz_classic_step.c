/* Five cores and stamps of their shared P-384 key: the bytes are a script of what each lists
 * and answers, of when cores come and go, and of time. Every job ends once, nothing is signed
 * (no answer here fits any other), and no presignature is ever named in two questions. */
#include "host/coord/classic_step.h"
#include "wire/presign_call.h"

#include <stdlib.h>
#include <string.h>

#define CORES 5
#define JOBS 40
#define IDS 256
#define QUESTIONS 64 /* of a core, that are kept; more are lost */
#define MS INT64_C(1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct question {
    size_t n;
    uint8_t bytes[FRAME_HEADER_LEN + FRAME_BODY_MAX];
};

static struct coord_counters counters;
static struct classic_step step;
static struct plan plan = {.threshold = 3, .total = CORES};
static struct quorum_roster roster = {.plan = &plan};
static uint8_t public_key[P384_PUBLIC_LEN] = {4};
static struct coord_job jobs[JOBS];
static unsigned ended[JOBS], submitted;
static uint64_t named[IDS]; /* in which question */
static struct question questions[CORES][QUESTIONS];
static size_t n_questions[CORES];
static int64_t now_ns;

static const uint8_t activation[ACTIVATION_HASH_LEN] = {0xac};

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void job_done(struct coord_job *job)
{
    must(++ended[job - jobs] == 1 && job->err != ERR_OK);
}

static enum err to_sign(const struct coord_job *job, uint8_t *digest)
{
    memset(digest, job->stamp.serial[0], P384_DIGEST_LEN);
    return ERR_OK;
}

static void submit(uint8_t how)
{
    struct coord_job *const job = &jobs[submitted];

    if (submitted == JOBS) {
        return;
    }
    *job = (struct coord_job){
        .deadline_ns = now_ns + 4 * MS * (how + 1),
        .key = KEY_CLASSIC,
        .policy = 1,
        .hash_alg = HASH_SHA256,
        .rule = {3, 100, 1000, false},
        .to_sign = to_sign,
        .done = job_done,
    };
    memcpy(job->activation, activation, sizeof activation);
    submitted++;
    atomic_fetch_add(&counters.queue_depth, 1);
    classic_step_submit(&step, job, now_ns);
}

/* ---- questions ---- */

static void look_at_r2(const struct frame_header *h, struct view body)
{
    struct reader r = rd_init(body);
    struct r2_head head;

    must(r2_head_decode(&r, &head) == ERR_OK);
    for (unsigned i = 0; i < head.n; i++) {
        const uint64_t question = h->request_id >> 4;
        struct r2_stamp stamp;

        must(r2_stamp_decode(&r, &head, &stamp) == ERR_OK);
        must(named[stamp.presign.p[0]] == 0 || named[stamp.presign.p[0]] == question);
        named[stamp.presign.p[0]] = question;
    }
    must(rd_finish(&r) == ERR_OK);
}

static struct view body_of(const struct question *q, struct frame_header *h)
{
    must(frame_header_decode((struct view){q->bytes, FRAME_HEADER_LEN}, h) == ERR_OK);
    return (struct view){q->bytes + FRAME_HEADER_LEN, q->n - FRAME_HEADER_LEN};
}

static void turn(void)
{
    static uint8_t out[FRAME_HEADER_LEN + FRAME_BODY_MAX];

    classic_step_pump(&step, now_ns);
    for (unsigned i = 0; i < CORES; i++) {
        struct writer w = wr_init(out, sizeof out);
        struct frame_header h;
        struct view v;

        while (classic_step_pull(&step, i, &w)) {
            struct question *const q = &questions[i][n_questions[i] % QUESTIONS];

            must(wr_finish(&w, &v) == ERR_OK);
            memcpy(q->bytes, v.p, v.n);
            q->n = v.n;
            n_questions[i] += n_questions[i] < QUESTIONS - 1;
            v = body_of(q, &h);
            if (h.type == FRAME_R2) {
                look_at_r2(&h, v);
            }
            w = wr_init(out, sizeof out);
        }
    }
}

/* ---- answers ---- */

static void write_r1s(unsigned party, struct view body, struct writer *w)
{
    static const uint8_t macs[R1_MACS_LEN];
    struct r1_ask ask;

    must(r1_ask_decode(body, &ask) == ERR_OK);
    wr_u8(w, (uint8_t)(ask.sid0.n / SID0_LEN));
    for (size_t i = 0; i < ask.sid0.n; i += SID0_LEN) {
        struct r1_body b = {.key = KEY_CLASSIC, .index = (uint8_t)(party + 1)};

        memcpy(b.sid0, ask.sid0.p + i, SID0_LEN);
        b.lo_ns = now_ns;
        b.hi_ns = now_ns + 2 * MS;
        b.part[0] = (uint8_t)(party + 1);
        r1_body_encode(w, &b);
        wr_bytes(w, macs, sizeof macs);
    }
}

/* from: the first number that it lists, and id: so many that a byte tells. */
static void write_list(unsigned party, uint8_t from, uint8_t n, struct writer *w)
{
    static const uint8_t triples[] = {0x07, 0x0b, 0x13, 0x15, 0x1c, 0x0e, 0x19, 0x0d};
    const size_t mark = presign_list_begin(w);

    for (unsigned i = 0; i < n % 32U; i++) {
        struct presign_listed row = {.number = from + 1U + i};
        const uint8_t id = (uint8_t)(from + i);

        row.triple = triples[id % sizeof triples];
        row.id[0] = id;
        row.r[0] = n == 255; /* another r than others say */
        if ((row.triple >> party & 1) != 0 || n > 250) {
            presign_listed_encode(w, &row);
        }
    }
    presign_list_end(w, mark, from + 40U);
}

static void write_results(struct view body, uint8_t how, struct writer *w)
{
    struct reader r = rd_init(body);
    uint8_t answer[PRESIGN_ANSWER_LEN];
    struct r2_head head;

    must(r2_head_decode(&r, &head) == ERR_OK);
    memset(answer, how, sizeof answer);
    wr_u8(w, head.n);
    for (unsigned i = 0; i < head.n; i++) {
        const struct r2_result result = {how % 8 == 7 ? ERR_STALE : ERR_OK,
                                         {answer, sizeof answer}};

        r2_result_encode(w, &result);
    }
}

/* The oldest question of a core is answered, somehow. */
static void answer(unsigned party, uint8_t how, uint8_t more)
{
    static uint8_t out[FRAME_BODY_LONG_MAX];
    struct writer w = wr_init(out, sizeof out);
    struct frame_header h;
    struct view body;
    struct view v;

    if (n_questions[party] == 0) {
        return;
    }
    body = body_of(&questions[party][0], &h);
    h.type |= FRAME_ANSWER;
    if (how % 16 == 15) {
        h.type = FRAME_ERROR;
        wr_u16le(&w, (uint16_t)(more % 16 << 8 | more % 7));
    } else if (h.type == (FRAME_R1 | FRAME_ANSWER)) {
        write_r1s(party, body, &w);
    } else if (h.type == (FRAME_R2 | FRAME_ANSWER)) {
        write_results(body, more, &w);
    } else {
        write_list(party, (uint8_t)(how * 8), more, &w);
    }
    must(wr_finish(&w, &v) == ERR_OK);
    if (how % 16 == 14 && v.n > 0) {
        out[more % v.n] ^= 1;
    }
    v.n -= how % 16 == 13 ? more % (v.n + 1) : 0;
    h.body_len = (uint32_t)v.n;
    n_questions[party]--;
    for (size_t i = 0; i < n_questions[party]; i++) {
        questions[party][i].n = questions[party][i + 1].n;
        memcpy(questions[party][i].bytes, questions[party][i + 1].bytes,
               questions[party][i + 1].n);
    }
    must(classic_step_take(&step, party, &h, v, now_ns) == ERR_OK);
}

/* ---- a script ---- */

static void begin(void)
{
    const struct classic_step_setup setup = {
        .roster = &roster, .counters = &counters, .chance = 5};

    roster.classic_key = public_key;
    memset(&counters, 0, sizeof counters);
    memset(ended, 0, sizeof ended);
    memset(named, 0, sizeof named);
    memset(n_questions, 0, sizeof n_questions);
    submitted = 0;
    now_ns = 1000 * MS;
    classic_step_init(&step, &setup);
    for (unsigned i = 0; i < CORES; i++) {
        classic_step_up(&step, i, activation, 200 * MS);
    }
}

static void act(uint8_t op, uint8_t how, uint8_t more)
{
    const unsigned party = op % CORES;

    switch (op / 32) {
    case 0:
        submit(how);
        break;
    case 1:
        now_ns += MS / 8 * (how + 1) * (more > 250 ? 20000 : 1);
        break;
    case 2:
        if (how % 4 == 0) {
            n_questions[party] = 0;
            classic_step_up(&step, party, how % 8 == 0 ? NULL : activation, 200 * MS);
        } else if (how % 4 == 1) {
            classic_step_silent(&step, party);
        }
        break;
    case 3: /* all of them, as the first would */
        for (unsigned i = 0; i < CORES; i++) {
            answer(i, how, more);
        }
        break;
    default:
        answer(party, how, more);
        break;
    }
    turn();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    turn();
    for (size_t i = 0; i + 3 <= size; i += 3) {
        act(data[i], data[i + 1], data[i + 2]);
    }
    classic_step_end(&step, ERR_QUORUM);
    for (unsigned i = 0; i < submitted; i++) {
        must(ended[i] == 1);
    }
    must(atomic_load(&counters.queue_depth) == 0);
    for (unsigned i = 0; i < CORES; i++) {
        must(step.cores[i].pending == 0);
    }
    return 0;
}
