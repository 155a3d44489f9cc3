#include "members.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define LONG_REPLY (FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX)

const char *const members_arguments[] = {
    "--clock",   "trust-system", "--allow-untrusted-time", "--policy",
    CORE_POLICY, "--policy",     MEMBERS_PQ_POLICY,        "--member",
    "--idle-ms", "3600000",      "--allow-unlocked",       NULL,
};

struct member_process members[MEMBERS];
struct view members_body;
struct view members_plan;
size_t members_moved;

static uint8_t reply[LONG_REPLY];
static uint8_t plan_bytes[PLAN_MAX];

int64_t members_now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- processes ---- */

void members_start(const struct core_child *child)
{
    const struct core_child *const children[MEMBERS] = {child, child, child, child, child};

    members_start_each(children);
}

void members_start_each(const struct core_child *const children[MEMBERS])
{
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_true(core_process_start_as(&members[i].process, members_arguments, children[i]));
        members[i].fd = core_connect(members[i].process.uri);
        core_hello(members[i].fd, &members[i].session);
        assert_int_equal(members[i].session.hello.index, 0);
    }
}

int members_stop(void)
{
    int bad = 0;

    for (size_t i = 0; i < MEMBERS; i++) {
        (void)close(members[i].fd);
        bad |= core_process_stop(&members[i].process);
        core_process_clean(&members[i].process);
    }
    return bad;
}

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

enum err members_ask(size_t i, uint8_t type, struct view ask_body)
{
    struct frame_header h;
    enum err e = ERR_OK;

    core_send(members[i].fd, type, 7, ask_body);
    receive(members[i].fd, reply, FRAME_HEADER_LEN);
    assert_int_equal(frame_header_decode((struct view){reply, FRAME_HEADER_LEN}, &h), ERR_OK);
    receive(members[i].fd, reply, h.body_len);
    members_body = (struct view){reply, h.body_len};
    if (h.type == FRAME_ERROR) {
        assert_int_equal(frame_error_decode(members_body, &e), ERR_OK);
        return e;
    }
    assert_int_equal(h.type, type | FRAME_ANSWER);
    return ERR_OK;
}

/* ---- the host's part ---- */

void members_make_plan(uint8_t classic)
{
    members_make_plan_for(classic, NULL);
}

void members_make_plan_for(uint8_t classic, const uint8_t operator_key[P384_PUBLIC_LEN])
{
    static const char *const names[MEMBERS] = {"n1", "n2", "n3", "n4", "n5"};
    struct writer w = wr_init(plan_bytes, sizeof plan_bytes);
    const struct hello *const first = &members[0].session.hello;
    struct plan p = {.threshold = MEMBERS_T,
                     .total = MEMBERS,
                     .level = PLAN_LEVEL_65,
                     .assurance = PLAN_SIMULATED,
                     .classic = classic,
                     .repetitions_warn = PLAN_REPETITIONS_MAX / 2,
                     .repetitions_refuse = PLAN_REPETITIONS_MAX,
                     .n_policies = first->n_policies};

    for (size_t i = 0; i < MEMBERS; i++) {
        const struct hello *const h = &members[i].session.hello;

        p.nodes[i].name = (struct view){(const uint8_t *)names[i], 2};
        p.nodes[i].listen = p.nodes[i].name;
        memcpy(p.nodes[i].identity, h->identity, sizeof p.nodes[i].identity);
        memcpy(p.nodes[i].signing_key, h->signing_key, sizeof p.nodes[i].signing_key);
        memcpy(p.nodes[i].boot_nonce, h->boot_nonce, sizeof p.nodes[i].boot_nonce);
    }
    for (size_t i = 0; i < first->n_policies; i++) {
        p.policies[i] = first->policies[i];
    }
    if (operator_key != NULL) {
        memcpy(p.operators[0], operator_key, P384_PUBLIC_LEN);
        p.n_operators = p.orders_needed = 1;
    }
    plan_encode(&w, &p);
    assert_int_equal(wr_finish(&w, &members_plan), ERR_OK);
}

static void take_answer(size_t i)
{
    struct ceremony_answer a;
    struct ceremony_msg m;
    struct reader r;

    assert_int_equal(ceremony_answer_decode(members_body, &a), ERR_OK);
    members[i].state = a.state;
    members[i].more = a.more != 0;
    memcpy(members[i].id, a.id, sizeof a.id);
    r = rd_init(a.messages);
    while (r.n > 0) {
        assert_int_equal(ceremony_msg_decode(&r, &m), ERR_OK);
        for (uint8_t to = 0; to < MEMBERS; to++) {
            struct member_process *const n = &members[to];

            if (to != m.sender && (m.to == to || m.to == CEREMONY_TO_ALL)) {
                assert_true(n->in_len + m.whole.n <= sizeof n->inbox);
                memcpy(n->inbox + n->in_len, m.whole.p, m.whole.n);
                n->in_len += m.whole.n;
                members_moved += m.whole.n;
            }
        }
    }
}

void members_begin(size_t i, uint8_t nonce)
{
    static uint8_t bytes[PLAN_NONCE_LEN + PLAN_MAX];
    struct ceremony_begin_ask a = {.plan = members_plan};
    struct writer w = wr_init(bytes, sizeof bytes);

    memset(a.nonce, nonce, sizeof a.nonce);
    ceremony_begin_ask_encode(&w, &a);
    assert_int_equal(members_ask(i, FRAME_CEREMONY_BEGIN, (struct view){bytes, w.len}), ERR_OK);
    take_answer(i);
}

bool members_step(size_t i)
{
    struct member_process *const n = &members[i];
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
    assert_int_equal(members_ask(i, FRAME_CEREMONY_STEP, (struct view){n->inbox, part}),
                     ERR_OK);
    n->in_len -= part;
    memmove(n->inbox, n->inbox + part, n->in_len);
    take_answer(i);
    return true;
}

void members_run_watched(void (*look)(size_t i))
{
    bool moved = true;

    while (moved) {
        moved = false;
        for (size_t i = 0; i < MEMBERS; i++) {
            moved = members_step(i) || moved;
            look(i);
        }
    }
}

static void look_away(size_t i)
{
    (void)i;
}

void members_run(void)
{
    members_run_watched(look_away);
}
