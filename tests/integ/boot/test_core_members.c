/* Five real cores make a key, over their sockets; this program is the host between them. */
#include "members_sign.h"

#include "base/build.h"
#include "wire/ceremony_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESIDENT_KB 65536
#define TRIES 40 /* each gives a signature about every second time */

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
        assert_int_equal(members_ask(i, FRAME_CEREMONY_RECORD, (struct view){at, sizeof at}),
                         ERR_OK);
        assert_int_equal(ceremony_page_decode(members_body, &p), ERR_OK);
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
    for (size_t i = 0; i < MEMBERS; i++) {
        struct core_session *const s = &members[i].session;

        core_hello(members[i].fd, s);
        assert_int_equal(s->hello.index, i + 1);
        assert_int_equal(s->hello.n_keys, 2);
        assert_int_equal(s->hello.keys[1].threshold, MEMBERS_T);
        assert_memory_equal(s->hello.keys[1].public_key.p, r->pk.p, r->pk.n);
        assert_memory_equal(s->hello.epoch_id, r->known.epoch_id, EPOCH_ID_LEN);
    }
    free(scratch);
    free(r);
}

/* ---- tests ---- */

static int start_all(void **state)
{
    static const struct core_child usual = {NULL, NULL};

    (void)state;
    members_start(&usual);
    return 0;
}

static int stop_all(void **state)
{
    (void)state;
    return members_stop();
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
    const int64_t before = members_now_ms();
    struct view first;

    (void)state;
    members_make_plan(PLAN_CLASSIC_NODE);
    for (size_t i = 0; i < MEMBERS; i++) {
        members_begin(i, 1); /* and is begun again below */
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        (void)members_step(i);
    }
    for (size_t i = 0; i < MEMBERS; i++) { /* what it still sent is of no use, and no harm */
        members_begin(i, 2);
    }
    members_run();
    print_message("a ceremony of five: %lld ms, %zu bytes relayed\n",
                  (long long)(members_now_ms() - before), members_moved);
    first = record_of(0);
    verify(first);
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct view other = record_of(i);

        assert_int_equal(members[i].state, CEREMONY_FINISHED);
        assert_memory_equal(members[i].id, members[0].id, CEREMONY_HASH_LEN);
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

/* Pools fill by themselves; an R1 of the pq key then has an offer. */
static void pools_fill_within_their_memory(void **state)
{
    struct r1_ask r1 = {.key = KEY_PQ, .sid0 = {members_plan.p, SID0_LEN}};
    uint8_t bytes[128];

    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        struct writer w = wr_init(bytes, sizeof bytes);

        memcpy(r1.epoch_id, members[i].session.hello.epoch_id, EPOCH_ID_LEN);
        r1_ask_encode(&w, &r1);
        members_offer(i, (struct view){bytes, w.len});
        assert_int_equal(members_body.n, 1 + r1_len(KEY_PQ, MEMBERS_T));
        print_message("node %zu: %ld kB resident at most\n", i + 1,
                      resident_kb(members[i].process.pid));
        assert_true(BUILD_ASAN || resident_kb(members[i].process.pid) <= RESIDENT_KB);
    }
}

static void a_key_in_use_stays(void **state)
{
    static uint8_t bytes[PLAN_NONCE_LEN + PLAN_MAX];
    struct ceremony_begin_ask a = {.plan = members_plan};
    struct writer w = wr_init(bytes, sizeof bytes);

    (void)state;
    ceremony_begin_ask_encode(&w, &a);
    assert_int_equal(core_activate_key(members[0].fd, &members[0].session, KEY_PQ, 1), ERR_OK);
    assert_int_equal(members_ask(0, FRAME_CEREMONY_BEGIN, (struct view){bytes, w.len}),
                     ERR_STATE);
    assert_true(core_process_logs(&members[0].process, "event=ceremony_end reason=0"));
    assert_true(core_process_logs(&members[0].process, "from=ceremony to=waiting"));
}

/* The key of the ceremony makes a plain signature for a stamp, in processes and over sockets.
 */
static void the_key_signs(void **state)
{
    uint8_t tries = 0;
    bool found = false;

    (void)state;
    members_activate();
    while (!found && tries < TRIES) {
        found = members_sign(++tries);
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
