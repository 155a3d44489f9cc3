/* Five real cores make a key, over their sockets; this program is the host between them. */
#include "core_process.h"

#include "base/build.h"
#include "crypto/tmldsa/tmldsa_combine.h"
#include "wire/ceremony_call.h"
#include "wire/ceremony_record.h"
#include "wire/quorum_msg.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NODES 5
#define THRESHOLD 3
#define INBOX 2097152
#define RESIDENT_KB 65536
#define PQ_POLICY "2,pq,1.3.6.1.4.1.32473.3161.1.96,3,100,1000"
#define LONG_REPLY (FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX)

static const char *const arguments[] = {
    "--clock", "trust-system", "--allow-untrusted-time", "--policy", CORE_POLICY, "--policy",
    PQ_POLICY, "--member",     "--allow-unlocked",       NULL};

struct node {
    size_t in_len;
    struct core_process process;
    struct core_session session;
    int fd;
    bool more;
    uint8_t state, id[CEREMONY_HASH_LEN];
    uint8_t inbox[INBOX];
};

static struct node nodes[NODES];
static uint8_t reply[LONG_REPLY];
static struct view body; /* of the latest answer */
static uint8_t plan_bytes[PLAN_MAX];
static struct view plan;
static size_t moved_bytes;

/* ---- frames of any length ---- */

static void receive(int fd, uint8_t *to, size_t n)
{
    size_t got = 0;

    while (got < n) {
        const ssize_t r = read(fd, to + got, n - got);

        assert_true(r > 0);
        got += (size_t)r;
    }
}

static enum err ask(size_t i, uint8_t type, struct view ask_body)
{
    struct frame_header h;
    enum err e = ERR_OK;

    core_send(nodes[i].fd, type, 7, ask_body);
    receive(nodes[i].fd, reply, FRAME_HEADER_LEN);
    assert_int_equal(frame_header_decode((struct view){reply, FRAME_HEADER_LEN}, &h), ERR_OK);
    receive(nodes[i].fd, reply, h.body_len);
    body = (struct view){reply, h.body_len};
    if (h.type == FRAME_ERROR) {
        assert_int_equal(frame_error_decode(body, &e), ERR_OK);
        return e;
    }
    assert_int_equal(h.type, type | FRAME_ANSWER);
    return ERR_OK;
}

/* ---- the host's part ---- */

static void make_plan(void)
{
    static const char *const names[NODES] = {"n1", "n2", "n3", "n4", "n5"};
    struct writer w = wr_init(plan_bytes, sizeof plan_bytes);
    const struct hello *const first = &nodes[0].session.hello;
    struct plan p = {.threshold = THRESHOLD,
                     .total = NODES,
                     .level = PLAN_LEVEL_65,
                     .assurance = PLAN_SIMULATED,
                     .repetitions_warn = PLAN_REPETITIONS_MAX / 2,
                     .repetitions_refuse = PLAN_REPETITIONS_MAX,
                     .n_policies = first->n_policies};

    for (size_t i = 0; i < NODES; i++) {
        const struct hello *const h = &nodes[i].session.hello;

        p.nodes[i].name = (struct view){(const uint8_t *)names[i], 2};
        p.nodes[i].listen = p.nodes[i].name;
        memcpy(p.nodes[i].identity, h->identity, sizeof p.nodes[i].identity);
        memcpy(p.nodes[i].signing_key, h->signing_key, sizeof p.nodes[i].signing_key);
        memcpy(p.nodes[i].boot_nonce, h->boot_nonce, sizeof p.nodes[i].boot_nonce);
    }
    for (size_t i = 0; i < first->n_policies; i++) {
        p.policies[i] = first->policies[i];
    }
    plan_encode(&w, &p);
    assert_int_equal(wr_finish(&w, &plan), ERR_OK);
}

static void take_answer(size_t i)
{
    struct ceremony_answer a;
    struct ceremony_msg m;
    struct reader r;

    assert_int_equal(ceremony_answer_decode(body, &a), ERR_OK);
    nodes[i].state = a.state;
    nodes[i].more = a.more != 0;
    memcpy(nodes[i].id, a.id, sizeof a.id);
    r = rd_init(a.messages);
    while (r.n > 0) {
        assert_int_equal(ceremony_msg_decode(&r, &m), ERR_OK);
        for (uint8_t to = 0; to < NODES; to++) {
            struct node *const n = &nodes[to];

            if (to != m.sender && (m.to == to || m.to == CEREMONY_TO_ALL)) {
                assert_true(n->in_len + m.whole.n <= sizeof n->inbox);
                memcpy(n->inbox + n->in_len, m.whole.p, m.whole.n);
                n->in_len += m.whole.n;
                moved_bytes += m.whole.n;
            }
        }
    }
}

static void begin(size_t i, uint8_t nonce)
{
    static uint8_t bytes[PLAN_NONCE_LEN + PLAN_MAX];
    struct ceremony_begin_ask a = {.plan = plan};
    struct writer w = wr_init(bytes, sizeof bytes);

    memset(a.nonce, nonce, sizeof a.nonce);
    ceremony_begin_ask_encode(&w, &a);
    assert_int_equal(ask(i, FRAME_CEREMONY_BEGIN, (struct view){bytes, w.len}), ERR_OK);
    take_answer(i);
}

static bool step(size_t i)
{
    struct node *const n = &nodes[i];
    struct reader r = rd_init((struct view){n->inbox, n->in_len});
    struct ceremony_msg m;
    size_t part = 0;

    if (!n->more && n->in_len == 0) {
        return false;
    }
    while (!n->more && r.n > 0 && ceremony_msg_decode(&r, &m) == ERR_OK &&
           part + m.whole.n <= FRAME_BODY_LONG_MAX) {
        part += m.whole.n;
    }
    assert_int_equal(ask(i, FRAME_CEREMONY_STEP, (struct view){n->inbox, part}), ERR_OK);
    n->in_len -= part;
    memmove(n->inbox, n->inbox + part, n->in_len);
    take_answer(i);
    return true;
}

static struct view record_of(size_t i)
{
    struct ceremony_page p = {.total = 1};
    uint8_t *const whole = malloc(CEREMONY_RECORD_MAX);
    uint8_t at[4];
    size_t n = 0;

    assert_non_null(whole);
    while (n < p.total) {
        struct writer w = wr_init(at, sizeof at);

        ceremony_page_ask_encode(&w, (uint32_t)n);
        assert_int_equal(ask(i, FRAME_CEREMONY_RECORD, (struct view){at, sizeof at}), ERR_OK);
        assert_int_equal(ceremony_page_decode(body, &p), ERR_OK);
        assert_true(p.bytes.n > 0 && n + p.bytes.n <= p.total);
        memcpy(whole + n, p.bytes.p, p.bytes.n);
        n += p.bytes.n;
    }
    return (struct view){whole, n};
}

static void verify(struct view record)
{
    struct ceremony_record *const r = malloc(sizeof *r);
    struct ceremony_scratch *const scratch =
        aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    struct ceremony_finding findings[CEREMONY_CHECKS];

    assert_true(r != NULL && scratch != NULL);
    assert_int_equal(ceremony_record_decode(record, r), ERR_OK);
    assert_true(ceremony_record_verify(r, scratch, findings));
    for (size_t i = 0; i < NODES; i++) {
        struct core_session *const s = &nodes[i].session;

        core_hello(nodes[i].fd, s);
        assert_int_equal(s->hello.index, i + 1);
        assert_int_equal(s->hello.n_keys, 2);
        assert_int_equal(s->hello.keys[1].threshold, THRESHOLD);
        assert_memory_equal(s->hello.keys[1].public_key.p, r->pk.p, r->pk.n);
        assert_memory_equal(s->hello.epoch_id, r->known.epoch_id, EPOCH_ID_LEN);
    }
    free(scratch);
    free(r);
}

/* ---- tests ---- */

static int start_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < NODES; i++) {
        assert_true(core_process_start(&nodes[i].process, arguments));
        nodes[i].fd = core_connect(nodes[i].process.uri);
        core_hello(nodes[i].fd, &nodes[i].session);
        assert_int_equal(nodes[i].session.hello.index, 0);
    }
    return 0;
}

static int stop_all(void **state)
{
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < NODES; i++) {
        (void)close(nodes[i].fd);
        bad |= core_process_stop(&nodes[i].process);
        core_process_clean(&nodes[i].process);
    }
    return bad;
}

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void run_all(void)
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (size_t i = 0; i < NODES; i++) {
            moved = step(i) || moved;
        }
    }
}

/* What record_of() gave. */
static void free_record(struct view record)
{
    union {
        const uint8_t *read;
        void *own;
    } p = {.read = record.p};

    free(p.own);
}

static void five_processes_make_a_key(void **state)
{
    const int64_t before = now_ms();
    struct view first;

    (void)state;
    make_plan();
    for (size_t i = 0; i < NODES; i++) {
        begin(i, 1); /* and is begun again below */
    }
    for (size_t i = 0; i < NODES; i++) {
        (void)step(i);
    }
    for (size_t i = 0; i < NODES; i++) { /* what it still sent is of no use, and no harm */
        begin(i, 2);
    }
    run_all();
    print_message("a ceremony of five: %lld ms, %zu bytes relayed\n",
                  (long long)(now_ms() - before), moved_bytes);
    first = record_of(0);
    verify(first);
    for (size_t i = 0; i < NODES; i++) {
        const struct view other = record_of(i);

        assert_int_equal(nodes[i].state, CEREMONY_FINISHED);
        assert_memory_equal(nodes[i].id, nodes[0].id, CEREMONY_HASH_LEN);
        assert_true(view_equal(first, other));
        free_record(other);
    }
    free_record(first);
}

/* Of the most that was ever resident. */
static long resident_kb(pid_t pid)
{
    char path[64];
    char line[256];
    long kb = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    (void)fclose(f);
    return kb;
}

/* While a pool fills, it may have nothing to offer. */
static void ask_offer(size_t i, struct view r1)
{
    const int64_t end = now_ms() + 20000;
    enum err e = ERR_NOSPACE;

    do {
        struct pollfd nothing = {.fd = -1};

        e = ask(i, FRAME_R1, r1);
        (void)poll(&nothing, 1, e == ERR_OK ? 0 : 20);
    } while (e == ERR_NOSPACE && now_ms() < end);
    assert_int_equal(e, ERR_OK);
}

/* Pools fill by themselves; an R1 of the pq key then has an offer. */
static void pools_fill_within_their_memory(void **state)
{
    struct r1_ask r1 = {.key = KEY_PQ, .sid0 = {plan_bytes, SID0_LEN}};
    uint8_t bytes[128];

    (void)state;
    for (size_t i = 0; i < NODES; i++) {
        struct writer w = wr_init(bytes, sizeof bytes);

        memcpy(r1.epoch_id, nodes[i].session.hello.epoch_id, EPOCH_ID_LEN);
        r1_ask_encode(&w, &r1);
        ask_offer(i, (struct view){bytes, w.len});
        assert_int_equal(body.n, 1 + r1_len(KEY_PQ, THRESHOLD));
        print_message("node %zu: %ld kB resident at most\n", i + 1,
                      resident_kb(nodes[i].process.pid));
        assert_true(BUILD_ASAN || resident_kb(nodes[i].process.pid) <= RESIDENT_KB);
    }
}

static void a_key_in_use_stays(void **state)
{
    static uint8_t bytes[PLAN_NONCE_LEN + PLAN_MAX];
    struct ceremony_begin_ask a = {.plan = plan};
    struct writer w = wr_init(bytes, sizeof bytes);

    (void)state;
    ceremony_begin_ask_encode(&w, &a);
    assert_int_equal(core_activate_key(nodes[0].fd, &nodes[0].session, KEY_PQ, 1), ERR_OK);
    assert_int_equal(ask(0, FRAME_CEREMONY_BEGIN, (struct view){bytes, w.len}), ERR_STATE);
    assert_true(core_process_logs(&nodes[0].process, "event=ceremony_end reason=0"));
    assert_true(core_process_logs(&nodes[0].process, "from=ceremony to=waiting"));
}

/* ---- a signature ---- */

#define TRIES 40 /* each gives one about every second time */

/* What the host knows of one session of the first THRESHOLD nodes. */
static struct {
    struct mldsa_key_scratch key_scratch;
    struct tmldsa_combine_scratch combine;
    struct tmldsa_public_key key;
    struct tmldsa_session session;
    struct tmldsa_response responses[TMLDSA_PARTIES_MAX];
    struct r2_head head;
    struct r2_stamp stamp;
    uint8_t r1s[THRESHOLD * R1_MAX_LEN];
    struct quorum_word reveals[THRESHOLD];
    uint8_t kept[2][THRESHOLD][FRAME_BODY_LONG_MAX]; /* answers to R2 and R3 */
    uint8_t r3[FRAME_BODY_LONG_MAX];
    uint8_t signature[STAMP_SIGNATURE_PQ];
} host;

static void ask_r1(size_t i)
{
    struct tmldsa_commitment *const c = &host.session.commitment[i][0];
    struct r1_ask r1 = {.key = KEY_PQ, .sid0 = {host.stamp.sid0, SID0_LEN}};
    uint8_t bytes[128];
    struct writer w = wr_init(bytes, sizeof bytes);
    uint8_t *const to = host.r1s + i * R1_MAX_LEN;
    struct view got;

    memcpy(r1.epoch_id, host.head.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &r1);
    ask_offer(i, (struct view){bytes, w.len});
    assert_int_equal(r1_answer_decode(body, R1_MAX_LEN, &got), ERR_OK);
    assert_int_equal(got.n, R1_MAX_LEN);
    memcpy(to, got.p, R1_MAX_LEN);
    memcpy(c->batch_id, to + R1_BODY_LEN + 1, R1_BATCH_ID_LEN);
    memcpy(c->com, to + R1_BODY_LEN + 1 + R1_BATCH_ID_LEN, R1_COM_LEN);
}

/* The word that the answer in body ends with, kept. */
static struct quorum_word keep_word(size_t round, size_t i, size_t skip)
{
    struct reader r;
    struct quorum_word word;
    uint16_t code = 0;

    memcpy(host.kept[round][i], body.p, body.n);
    r = rd_init((struct view){host.kept[round][i] + skip, body.n - skip});
    assert_int_equal(rd_u16le(&r, &code), ERR_OK);
    assert_int_equal(code, ERR_OK);
    assert_int_equal(quorum_word_decode(&r, FRAME_BODY_LONG_MAX, &word), ERR_OK);
    assert_int_equal(word.index, i + 1);
    return word;
}

static void ask_r2(size_t i)
{
    uint8_t bytes[2048];
    struct writer w = wr_init(bytes, sizeof bytes);

    r2_head_encode(&w, &host.head);
    r2_stamp_encode(&w, &host.stamp);
    assert_int_equal(ask(i, FRAME_R2, (struct view){bytes, w.len}), ERR_OK);
    host.reveals[i] = keep_word(0, i, 1);
    host.session.w[i][0] = host.reveals[i].body;
}

static void ask_r3(size_t i)
{
    struct writer w = wr_init(host.r3, sizeof host.r3);
    struct r3 m = {.n = 0};

    memcpy(m.x, host.session.id, STAMP_X_LEN);
    for (size_t k = 0; k < THRESHOLD; k++) {
        if (k != i) {
            m.reveals[m.n++] = host.reveals[k];
        }
    }
    r3_encode(&w, &m);
    assert_int_equal(ask(i, FRAME_R3, (struct view){host.r3, w.len}), ERR_OK);
    assert_int_equal(tmldsa_response_parse(&host.key, 1, keep_word(1, i, 0).body, &host.combine,
                                           &host.responses[i]),
                     ERR_OK);
}

/* Whether a signature came of it; combining has verified it then. */
static bool sign(uint8_t number)
{
    static const uint8_t imprint[32] = {9};
    struct boot_policy policy;
    struct tmldsa_outcome outcome;
    struct stamp st;

    memset(host.stamp.sid0, number, SID0_LEN);
    for (size_t i = 0; i < THRESHOLD; i++) {
        ask_r1(i);
    }
    host.stamp.bodies = (struct view){host.r1s, sizeof host.r1s};
    host.stamp.hash_alg = HASH_SHA256;
    host.stamp.policy = 2;
    host.stamp.hashed_message = (struct view){imprint, sizeof imprint};
    assert_int_equal(boot_policy_parse(PQ_POLICY, &policy), ERR_OK);
    assert_int_equal(stamp_derive(&host.head, &host.stamp, &policy.rule, &st), ERR_OK);
    assert_int_equal(stamping_digest(&st, &host.stamp, &policy, nodes[0].session.certs, KEY_PQ,
                                     host.session.mu),
                     ERR_OK);
    memcpy(host.session.id, st.x, STAMP_X_LEN);
    for (size_t i = 0; i < THRESHOLD; i++) {
        ask_r2(i);
    }
    for (size_t i = 0; i < THRESHOLD; i++) {
        ask_r3(i);
    }
    assert_int_equal(tmldsa_combine(&host.key, &host.session, host.responses, &host.combine,
                                    host.signature, &outcome),
                     ERR_OK);
    return outcome.found;
}

/* The key of the ceremony makes a plain signature for a stamp, in processes and over sockets.
 */
static void the_key_signs(void **state)
{
    const struct core_session *const first = &nodes[0].session;
    uint8_t tries = 0;
    bool found = false;

    (void)state;
    for (size_t i = 0; i < THRESHOLD; i++) {
        const uint8_t salt = (uint8_t)(10 + i);

        assert_int_equal(core_activate_key(nodes[i].fd, &nodes[i].session, KEY_CLASSIC, salt),
                         ERR_OK);
        assert_int_equal(core_activate_key(nodes[i].fd, &nodes[i].session, KEY_PQ, 1), ERR_OK);
    }
    assert_int_equal(
        tmldsa_public_key_parse(tmldsa_best(), tmldsa_params_find(&mldsa_65, THRESHOLD, NODES),
                                first->hello.keys[1].public_key, &host.key_scratch, &host.key),
        ERR_OK);
    host.session.act = (1U << THRESHOLD) - 1;
    host.session.batches = 1;
    host.head = (struct r2_head){.key = KEY_PQ, .t = THRESHOLD, .signers = {1, 2, 3}, .n = 1};
    memcpy(host.head.epoch_id, first->hello.epoch_id, EPOCH_ID_LEN);
    memcpy(host.head.activation, first->certs[KEY_PQ - 1].activation, ACTIVATION_HASH_LEN);
    while (!found && tries < TRIES) {
        found = sign(++tries);
    }
    assert_true(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_processes_make_a_key),
        cmocka_unit_test(pools_fill_within_their_memory),
        cmocka_unit_test(a_key_in_use_stays),
        cmocka_unit_test(the_key_signs),
    };

    if (!core_can_serve()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, start_all, stop_all);
}
