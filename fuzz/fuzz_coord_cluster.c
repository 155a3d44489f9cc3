/* Three cores behind one coordinator: the bytes are a script of what each says, and of when
 * connections come and go, while jobs of both keys are under way. Every job ends once, and
 * nothing is signed without an answer. */
#include "host/coord/coord_cluster.h"

#include <stdlib.h>
#include <string.h>

#define CORES 3
#define JOBS 40
#define MS INT64_C(1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct coord_counters counters;
static struct coord_cluster cluster;
static struct coord_member members[CORES];
static struct plan plan;
static struct tmldsa_public_key key;
static struct quorum_roster roster;
static struct quorum_scratch *scratch;
static uint8_t *room;
static struct coord_job jobs[JOBS];
static unsigned ended[JOBS], submitted;
static bool connected[CORES];
static uint64_t session_ids[CORES]; /* of the last question of each */
static int64_t now_ns;

static const uint8_t epoch[EPOCH_ID_LEN] = {0x42};

static void job_done(struct coord_job *job)
{
    if (++ended[job - jobs] != 1 ||
        (job->err == ERR_OK && job->signature_len != stamp_signature_len(job->key))) {
        abort();
    }
}

static enum err to_sign(const struct coord_job *job, uint8_t *mu)
{
    memset(mu, job->stamp.x[0], MLDSA_MU_LEN);
    return ERR_OK;
}

static void submit(uint8_t how)
{
    struct coord_job *job = &jobs[submitted];

    if (submitted == JOBS) {
        return;
    }
    *job = (struct coord_job){
        .deadline_ns = now_ns + how * MS,
        .key = how % 2 ? KEY_PQ : KEY_CLASSIC,
        .policy = 1,
        .hash_alg = HASH_SHA256,
        .rule = {3, 100, 1000},
        .to_sign = to_sign,
        .done = job_done,
    };
    memcpy(job->epoch_id, epoch, EPOCH_ID_LEN);
    submitted++;
    atomic_fetch_add(&counters.queue_depth, 1);
    coord_cluster_submit(&cluster, job, now_ns);
}

static void drop(size_t at)
{
    if (connected[at]) {
        connected[at] = false;
        coord_cluster_close(&cluster, at, ERR_IO, now_ns);
    }
}

/* One turn of the thread; what is sent is dropped, but for ids of sessions. */
static void turn(void)
{
    static uint8_t out[FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX];

    coord_cluster_tick(&cluster, now_ns);
    for (size_t i = 0; i < CORES; i++) {
        struct writer w = wr_init(out, sizeof out);
        struct frame_header h;

        if (!connected[i]) {
            continue;
        }
        if (coord_cluster_pump(&cluster, i, now_ns) != ERR_OK) {
            drop(i);
            continue;
        }
        coord_step_sent(&members[i].step, coord_step_send(&members[i].step).n);
        while (coord_cluster_pull(&cluster, i, &w)) {
            if (w.full ||
                frame_header_decode((struct view){out, FRAME_HEADER_LEN}, &h) != ERR_OK) {
                abort();
            }
            session_ids[i] = h.request_id;
            w = wr_init(out, sizeof out);
        }
    }
}

static void say(size_t at, uint64_t id, uint8_t type, struct view body)
{
    static uint8_t out[FRAME_HEADER_LEN + FRAME_BODY_MAX];
    struct writer w = wr_init(out, sizeof out);
    const size_t mark = frame_begin(&w, type, id);
    struct view done;
    size_t used = 0;

    wr_view(&w, body);
    frame_end(&w, mark);
    if (wr_finish(&w, &done) != ERR_OK || !connected[at]) {
        return;
    }
    if (coord_cluster_take(&cluster, at, done, now_ns, &used) != ERR_OK) {
        drop(at);
    } else if (used != done.n) {
        abort();
    }
}

static uint64_t id_of(size_t at, enum frame_type type)
{
    for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
        const struct coord_request *q = &members[at].step.requests[i];

        if (q->id != 0 && q->type == type) {
            return q->id;
        }
    }
    return 0;
}

/* boot 0 is the one of the plan. */
static void greet(size_t at, uint8_t boot)
{
    static const uint8_t public_key[97] = {4};
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);
    struct hello h = {.index = (uint8_t)(at + 1),
                      .clock = CLOCK_KERNEL,
                      .r1_life_ms = 250,
                      .n_keys = 1,
                      .keys = {{KEY_CLASSIC, 1, CORES, {public_key, sizeof public_key}}}};
    struct core_status s = {.state = CORE_SERVING, .time_valid = 1};

    if (connected[at]) {
        return;
    }
    connected[at] = true;
    coord_cluster_open(&cluster, at, now_ns);
    h.boot_id[0] = boot;
    h.identity[0] = (uint8_t)(boot * 16 + at);
    memcpy(h.epoch_id, epoch, EPOCH_ID_LEN);
    hello_encode(&w, &h);
    say(at, id_of(at, FRAME_HELLO), FRAME_HELLO | FRAME_ANSWER, (struct view){body, w.len});
    w = wr_init(body, sizeof body);
    s.boot_id[0] = boot;
    memcpy(s.epoch_id, epoch, EPOCH_ID_LEN);
    s.activation[KEY_PQ - 1][0] = 1;
    core_status_encode(&w, &s);
    say(at, id_of(at, FRAME_STATE), FRAME_STATE | FRAME_ANSWER, (struct view){body, w.len});
}

/* One line of the script: op, core and argument, for some a length (2) and a body. */
static enum err run_line(struct reader *r)
{
    static const uint8_t types[] = {FRAME_R1,    FRAME_R2,    FRAME_R3,
                                    FRAME_STATE, FRAME_HELLO, FRAME_ERROR};
    uint8_t op = 0;
    uint8_t where = 0;
    uint16_t len = 0;
    struct view body;

    TRY(rd_u8(r, &op));
    TRY(rd_u8(r, &where));
    const size_t at = where % CORES;

    switch (op % 8) {
    case 0:
        now_ns += where * MS;
        return ERR_OK;
    case 1:
        drop(at);
        return ERR_OK;
    case 2:
        greet(at, where / CORES % 4 == 3);
        return ERR_OK;
    case 3:
        submit(where);
        return ERR_OK;
    case 4:
        coord_cluster_ended(&cluster, plan.nodes[at].boot_nonce, now_ns);
        return ERR_OK;
    default:
        break;
    }
    const uint8_t type = types[op / 8 % 6];

    TRY(rd_u16le(r, &len));
    TRY(rd_take(r, len < r->n ? len : r->n, &body));
    say(at, op % 8 == 7 ? session_ids[at] : id_of(at, (enum frame_type)type),
        (uint8_t)(type | FRAME_ANSWER), body);
    return ERR_OK;
}

static void begin(void)
{
    struct coord_cluster_setup setup = {
        .members = members, .n = CORES, .together = true, .counters = &counters};

    if (room == NULL) {
        key.params = tmldsa_params_find(&mldsa_44, 2, CORES);
        key.path = tmldsa_best();
        room = malloc(QUORUM_RUNS_MAX * quorum_run_room(key.params));
        scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    }
    memset(&counters, 0, sizeof counters);
    memset(members, 0, sizeof members);
    memset(ended, 0, sizeof ended);
    memset(connected, 0, sizeof connected);
    memset(session_ids, 0, sizeof session_ids);
    submitted = 0;
    now_ns = 1000 * MS;
    plan.threshold = 2;
    plan.total = CORES;
    for (size_t i = 0; i < CORES; i++) {
        plan.nodes[i].identity[0] = (uint8_t)i;
    }
    roster = (struct quorum_roster){.plan = &plan, .key = &key};
    memcpy(roster.epoch_id, epoch, EPOCH_ID_LEN);
    coord_cluster_init(&cluster, &setup);
    const struct quorum_step_setup q = {
        .counters = &counters, .scratch = scratch, .room = room};

    coord_cluster_epoch(&cluster, &roster, &q, now_ns);
    for (size_t i = 0; i < CORES; i++) {
        greet(i, 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    bool was_halted = false;

    begin();
    submit(200);
    submit(201);
    do {
        turn();
        if (was_halted && !cluster.halted) {
            abort(); /* for ever */
        }
        was_halted = cluster.halted;
    } while (r.n > 0 && run_line(&r) == ERR_OK);
    for (size_t i = 0; i < CORES; i++) {
        drop(i);
    }
    now_ns += QUORUM_BACK_NS; /* so long jobs wait for cores that may be back */
    turn();
    for (size_t i = 0; i < submitted; i++) {
        if (ended[i] != 1) {
            abort();
        }
    }
    if (atomic_load(&counters.queue_depth) != 0) {
        abort();
    }
    return 0;
}
