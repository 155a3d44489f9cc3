/* What has to be gone is gone from all memory of a real core: after a ceremony that ended badly
 * or began anew, after a key's end, after SIGTERM; in a fork; after the machine stood still.
 *
 * The cores are children of this program that run quorate-core's own main function, without its
 * system-call filter, on clocks that the test can push, and fork when the test wants it. */
#include "core_secrets.h"
#include "leak_scan.h"
#include "members_sign.h"

#include "enclave/boot/boot_io.h"
#include "os/sandbox.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
#define TRIES 40
#define WAIT_MS 20000
#define STARTS 200 /* of a ceremony that a worker's batch keeps from beginning */

/* What the test tells the cores, and hears. */
static struct control {
    _Atomic int64_t all_ns;    /* by how much their clocks are pushed, all of them at once */
    _Atomic int64_t system_ns; /* and the system's alone besides */
    _Atomic pid_t fork_in;     /* this core is to fork; 0: none is */
    _Atomic pid_t forked;
    _Atomic bool go_on; /* the fork may run */
} * control;
static bool is_core;

/* ---- in the cores ---- */

/* Instead of os/sandbox.c, with which a core cannot fork. */
bool sandbox_supported(const char **why)
{
    *why = "a test of forks";
    return false;
}

enum err sandbox_enter(const int *syscalls, size_t n)
{
    (void)syscalls;
    (void)n;
    return ERR_STATE;
}

static void nap(int ms)
{
    (void)poll(NULL, 0, ms);
}

static void fork_here(void)
{
    pid_t child;

    control->fork_in = 0;
    child = fork();
    if (child != 0) {
        control->forked = child;
        return;
    }
    while (!control->go_on) {
        nap(1);
    }
}

/* Before libc's, for the whole program. */
int clock_gettime(clockid_t id, struct timespec *t)
{
    const int e = (int)syscall(SYS_clock_gettime, id, t);
    int64_t ns = (int64_t)t->tv_sec * NS_PER_S + t->tv_nsec;

    if (!is_core || e != 0) {
        return e;
    }
    if (control->fork_in == getpid()) {
        fork_here();
    }
    ns += control->all_ns + (id == CLOCK_REALTIME ? control->system_ns : 0);
    t->tv_sec = ns / NS_PER_S;
    t->tv_nsec = ns % NS_PER_S;
    return 0;
}

/* Stays after its end, to be looked at. */
static int run_core(int argc, char *const *argv)
{
    int code;

    is_core = true;
    code = boot_run(argc, argv);
    while (code == 0) {
        nap(1000);
    }
    return code;
}

/* ---- what the test knows ---- */

static struct core_pages pages[MEMBERS];
static struct secret_set old; /* of what is to be gone */

static size_t found_in(size_t i, struct leak_report *r)
{
    static struct process_memory now; /* its mappings may be others by now */
    const char *why = "";

    *r = (struct leak_report){0};
    assert_true(process_memory_open(&now, pages[i].process.pid, &why));
    leak_scan_process(&old, &now, 0, NULL, r);
    process_memory_close(&now);
    return r->leaks;
}

static void expect_there(void)
{
    struct leak_report r;

    for (size_t i = 0; i < MEMBERS; i++) {
        assert_true(found_in(i, &r) > 0);
    }
}

static void expect_gone(const char *after)
{
    struct leak_report r;

    for (size_t i = 0; i < MEMBERS; i++) {
        if (found_in(i, &r) > 0) {
            fail_msg("after %s core %zu still has %zu pieces, the first: %s", after, i + 1,
                     r.leaks, r.first);
        }
    }
    print_message("%zu secrets are gone after %s\n", old.n, after);
}

static void begin_old(void)
{
    secret_set_free(&old);
    secret_set_init(&old);
}

/* What a ceremony leaves to the key is not to go with it. */
static void take_but_key(void *set, const char *name, uint32_t owners, struct view v)
{
    if (strstr(name, "ceremony sigma") == NULL) {
        core_secrets_to_set(set, name, owners, v);
    }
}

static void take_but_identity(void *set, const char *name, uint32_t owners, struct view v)
{
    if (strstr(name, "classic key") == NULL && strstr(name, "identity key") == NULL &&
        strstr(name, "signing key") == NULL && strstr(name, "audit key") == NULL) {
        core_secrets_to_set(set, name, owners, v);
    }
}

static void take_seeds(void *set, const char *name, uint32_t owners, struct view v)
{
    if (strstr(name, "batch seed") != NULL) {
        core_secrets_to_set(set, name, owners, v);
    }
}

/* One round of the host's; secrets are taken on the way. */
static bool step_all(secret_taker *take)
{
    bool moved = false;

    for (size_t i = 0; i < MEMBERS; i++) {
        moved = members_step(i) || moved;
        core_secrets_take_ceremony(&pages[i], take, &old);
    }
    return moved;
}

static uint8_t round_of(size_t i)
{
    return core_pages_member(&pages[i])->ceremony.round;
}

static void run_until(enum ceremony_round round)
{
    bool there = false;

    while (!there) {
        assert_true(step_all(core_secrets_to_set));
        there = true;
        for (size_t i = 0; i < MEMBERS; i++) {
            there = there && round_of(i) >= round;
        }
    }
}

static void begin_all(uint8_t nonce)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        members[i].in_len = 0;
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        members_begin(i, nonce);
    }
}

static void expect_state(enum ceremony_state state)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(members[i].state, state);
    }
}

/* ---- erasure ---- */

static void ceremony_that_ends_badly(void **state)
{
    (void)state;
    begin_old();
    begin_all(1);
    run_until(CEREMONY_T_COMMIT);
    expect_there();
    control->all_ns += 60 * NS_PER_S; /* nobody sent anything for so long */
    for (size_t i = 0; i < MEMBERS;
         i++) { /* each hears of it by itself, and has a word to say */
        members[i].more = true;
    }
    members_run();
    expect_state(CEREMONY_ABORTED);
    expect_gone("an aborted ceremony");
}

static void ceremony_that_begins_anew(void **state)
{
    (void)state;
    begin_old();
    begin_all(2);
    run_until(CEREMONY_TEST);
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_read(&pages[i]);
        core_secrets_take_ceremony(&pages[i], core_secrets_to_set, &old);
    }
    expect_there();
    begin_all(3);
    expect_gone("a new BEGIN");
}

static void ceremony_that_is_finished(void **state)
{
    (void)state;
    begin_old();
    while (step_all(take_but_key)) {
    }
    expect_state(CEREMONY_FINISHED);
    expect_gone("a finished ceremony");
}

/* Of the key, its pool and states: before it is used, another ceremony may take its place. */
static void key_that_is_left(void **state)
{
    static uint8_t bytes[PLAN_NONCE_LEN + PLAN_MAX];
    struct ceremony_begin_ask a = {.nonce = {4}, .plan = members_plan};
    struct writer w = wr_init(bytes, sizeof bytes);

    (void)state;
    begin_old();
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_read(&pages[i]);
        assert_true(core_secrets_are_genuine(&pages[i]));
        core_secrets_take_steady(&pages[i], take_but_identity, &old);
        core_secrets_take_small(&pages[i], &old);
    }
    expect_there();
    ceremony_begin_ask_encode(&w, &a);
    for (size_t i = 0; i < MEMBERS; i++) {
        enum err e = ERR_NOSPACE;

        for (size_t k = 0; k < STARTS && e == ERR_NOSPACE; k++) { /* a worker is at a batch */
            e = members_ask(i, FRAME_CEREMONY_BEGIN, (struct view){bytes, w.len});
            nap(e == ERR_OK ? 0 : 10);
        }
        assert_int_equal(e, ERR_OK);
    }
    expect_gone("the end of a key");
}

/* ---- forks and pauses ---- */

static void sign_some(void)
{
    static uint8_t number = 1;
    bool found = false;

    for (uint8_t i = 0; i < TRIES && !found; i++) {
        found = members_sign(number++);
    }
    assert_true(found);
}

static void make_key(void)
{
    begin_all(5);
    members_run();
    expect_state(CEREMONY_FINISHED);
    for (size_t i = 0; i < MEMBERS; i++) {
        core_hello(members[i].fd, &members[i].session);
    }
    members_activate();
    sign_some();
}

static pid_t fork_core(size_t i)
{
    const int64_t end = members_now_ms() + WAIT_MS;

    control->forked = 0;
    control->go_on = false;
    control->fork_in = members[i].process.pid;
    while (control->forked == 0 && members_now_ms() < end) {
        nap(1);
    }
    assert_true(control->forked > 0);
    return control->forked;
}

/* It is a child of the core, which does not wait for it. */
static void expect_ended(pid_t pid)
{
    const int64_t end = members_now_ms() + WAIT_MS;

    while (process_status(pid, "VmSize") >= 0 && members_now_ms() < end) {
        nap(1);
    }
    assert_int_equal(process_status(pid, "VmSize"), -1);
}

/* Nothing of the parent is in it; it answers nobody, and ends. */
static void fork_has_nothing(void **state)
{
    struct core_reply *const r = &members[0].session.hello_reply;
    struct pollfd answer = {.fd = members[0].fd, .events = POLLIN};
    static struct process_memory m;
    struct leak_report found = {0};
    const char *why = "";
    pid_t child;

    (void)state;
    make_key();
    begin_old();
    core_pages_read(&pages[0]);
    core_secrets_take(&pages[0], core_secrets_to_set, &old);
    core_secrets_take_w(&pages[0], core_secrets_to_set, &old);
    child = fork_core(0);
    assert_true(process_memory_open(&m, child, &why));
    assert_non_null(process_memory_secret(&m));
    leak_scan_process(&old, &m, 0, NULL, &found);
    process_memory_close(&m);
    if (found.leaks > 0) {
        fail_msg("the fork has %zu pieces, the first: %s", found.leaks, found.first);
    }

    /* The parent stands still: only the fork could answer. */
    assert_int_equal(kill(members[0].process.pid, SIGSTOP), 0);
    core_send(members[0].fd, FRAME_STATE, 7, (struct view){NULL, 0});
    control->go_on = true;
    expect_ended(child);
    assert_int_equal(poll(&answer, 1, 0), 0);
    assert_int_equal(kill(members[0].process.pid, SIGCONT), 0);
    assert_true(core_receive(members[0].fd, r));
    assert_int_equal(r->head.type, FRAME_STATE | FRAME_ANSWER);
    sign_some();
    print_message("%zu secrets are not in a fork\n", old.n);
}

/* Longer than R1s live, by the core's own clock. */
static void stopped_core_forgets_its_promises(void **state)
{
    int64_t from;

    (void)state;
    members_r1_all(200);
    from = members_now_ms();
    assert_int_equal(kill(members[1].process.pid, SIGSTOP), 0);
    while (members_now_ms() <= from + R1_LIFE_MS) {
        nap(10);
    }
    assert_int_equal(kill(members[1].process.pid, SIGCONT), 0);
    assert_int_equal(members_r2(1), ERR_STALE);
    sign_some();
}

/* Waits until each says so in its log. */
static void expect_logged(const char *text)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        members[i].process.log_len = 0;
        memset(members[i].process.log, 0, sizeof members[i].process.log);
        assert_true(core_process_logs(&members[i].process, text));
    }
}

/* All that waited in logs is read. */
static void skip_logs(void)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        struct core_process *const p = &members[i].process;

        while (read(p->log_fd, p->log, sizeof p->log) > 0) {
        }
    }
}

static void take_batches(void)
{
    begin_old();
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_read(&pages[i]);
        core_secrets_take_steady(&pages[i], take_seeds, &old);
    }
    expect_there();
}

static void suspended_machine_has_new_pools(void **state)
{
    (void)state;
    take_batches();
    members_r1_all(201);
    skip_logs();
    control->all_ns += 2 * LIMIT_STILL_NS;
    assert_int_equal(members_r2(0), ERR_STALE);
    expect_logged("event=stood_still ms=1");
    sign_some(); /* and whatever a worker was at is over */
    expect_gone("a pause of the machine");
}

/* As where a copy of a machine is put right by its time daemon. */
static void clock_that_jumps_has_new_pools(void **state)
{
    (void)state;
    take_batches();
    members_r1_all(202);
    skip_logs();
    control->system_ns += 3 * NS_PER_S;
    assert_int_equal(members_r2(0), ERR_TIME);
    expect_logged("event=clock err=time");
    control->all_ns += 2 * LIMIT_STILL_NS; /* it is steady again */
    sign_some();
    expect_gone("a step of the clock");
}

/* ---- the end ---- */

static void ended_core_has_nothing(void **state)
{
    (void)state;
    begin_old();
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_read(&pages[i]);
        core_secrets_take(&pages[i], core_secrets_to_set, &old);
        core_secrets_take_small(&pages[i], &old);
    }
    expect_there();
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(kill(members[i].process.pid, SIGTERM), 0);
    }
    expect_logged("stopped");
    expect_gone("SIGTERM");
}

static int start_all(void **state)
{
    static const struct core_child child = {NULL, run_core};
    const char *why = "";

    (void)state;
    control =
        mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(control != MAP_FAILED);
    members_start(&child);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!core_pages_open(&pages[i], members[i].process.pid, &why)) {
            fail_msg("core %zu: %s", i + 1, why);
        }
    }
    members_make_plan(PLAN_CLASSIC_NODE);
    return 0;
}

static int stop_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_close(&pages[i]);
        (void)kill(members[i].process.pid, SIGKILL);
        (void)core_process_wait(&members[i].process);
        (void)close(members[i].fd);
        core_process_clean(&members[i].process);
    }
    secret_set_free(&old);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ceremony_that_ends_badly),
        cmocka_unit_test(ceremony_that_begins_anew),
        cmocka_unit_test(ceremony_that_is_finished),
        cmocka_unit_test(key_that_is_left),
        cmocka_unit_test(fork_has_nothing),
        cmocka_unit_test(stopped_core_forgets_its_promises),
        cmocka_unit_test(suspended_machine_has_new_pools),
        cmocka_unit_test(clock_that_jumps_has_new_pools),
        cmocka_unit_test(ended_core_has_nothing),
    };

    if (!core_can_serve() || !core_pages_can_be_read()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, start_all, stop_all);
}
