/* From the command line to the exit code: refusals, transports, draining. */
#include "members.h"

#include "base/build.h"
#include "enclave/boot/boot_memory.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRIES 20 /* of a scene that has to be over within the life of an R1 */

static struct core_process core;
static struct core_session session;
static struct core_rounds rounds;
static struct core_reply reply;

static const struct view none = {NULL, 0};

/* One verified stamp over a connection to uri. */
static void stamp_over(const char *uri)
{
    const int fd = core_connect(uri);

    core_hello(fd, &session);
    assert_int_equal(core_activate(fd, &session, 1), ERR_OK);
    assert_int_equal(core_stamp(fd, &session, KEY_CLASSIC, 3, &rounds), 3);
    (void)close(fd);
}

static void expect_refused(const char *const *args, int code, const char *log)
{
    assert_false(core_process_start(&core, args));
    assert_int_equal(core_process_wait(&core), code);
    assert_non_null(strstr(core.log, log));
    core_process_clean(&core);
}

static void test_refused_command_lines(void **state)
{
    static const char *const unknown[] = {"--verbose", NULL};
    static const char *const no_policy[] = {"--clock", "kernel", NULL};
    static const char *const untrusted[] = {"--clock", "trust-system", "--policy", CORE_POLICY,
                                            NULL};
    static const char *const bad_uri[] = {"--listen", "tcp:nowhere", "--clock", "kernel",
                                          "--policy", CORE_POLICY,   NULL};

    (void)state;
    expect_refused(unknown, 2, "usage err=tag argument=3");
    expect_refused(no_policy, 2, "usage err=truncated argument=5");
    expect_refused(untrusted, 2, "usage err=time");
    expect_refused(bad_uri, 1, "failed step=listen err=encoding");
}

static void test_production_refuses_trust_system(void **state)
{
    (void)state;
#if defined(QUORATE_SIMULATED)
    print_message("SKIP refusals of a production build: this is none\n");
    skip();
#else
    expect_refused(core_usual, 2, "usage err=time");
#endif
}

/* As a user that may lock so much. */
static rlim_t lockable;
static void without_locked_memory(const char *dir)
{
    const struct rlimit most = {lockable, lockable};

    if (setrlimit(RLIMIT_MEMLOCK, &most) != 0 ||
        (geteuid() == 0 && (chown(dir, 65534, 65534) != 0 || setuid(65534) != 0))) {
        _exit(125);
    }
}

/* It does not start; if it may do without, it says so to everybody. */
static void expect_unlocked(const char *const *args, const char *const *allowed)
{
    static const struct core_child child = {without_locked_memory, NULL};
    int fd;

    assert_false(core_process_start_as(&core, args, &child));
    assert_int_equal(core_process_wait(&core), 1);
    assert_non_null(strstr(core.log, "failed step=memory err=nospace"));
    core_process_clean(&core);

    assert_true(core_process_start_as(&core, allowed, &child));
    assert_true(core_process_logs(&core, "event=unlocked"));
    assert_non_null(strstr(core.log, "locked=0"));
    fd = core_connect(core.uri);
    core_hello(fd, &session);
    assert_int_equal(session.hello.flags & HELLO_FLAG_UNLOCKED, HELLO_FLAG_UNLOCKED);
    (void)close(fd);
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

static void test_memory_that_cannot_be_locked(void **state)
{
    static const char *const args[] = {"--clock", "kernel", "--policy", CORE_POLICY, NULL};
    static const char *const allowed[] = {"--clock",   "kernel",           "--policy",
                                          CORE_POLICY, "--allow-unlocked", NULL};
    static const char *const member[] = {"--clock",  "kernel",          "--policy", CORE_POLICY,
                                         "--policy", MEMBERS_PQ_POLICY, "--member", NULL};
    static const char *const member_allowed[] = {
        "--clock",         "kernel",   "--policy",         CORE_POLICY, "--policy",
        MEMBERS_PQ_POLICY, "--member", "--allow-unlocked", NULL};
    const struct boot_args as_member = {.member = true};
    const size_t workers = worker_count();
    struct rlimit limit;

    (void)state;
    if (BUILD_ASAN) {
        print_message(
            "SKIP locked memory: AddressSanitizer locks nothing and says that it did\n");
        skip();
    }
    lockable = 0;
    expect_unlocked(args, allowed);
    expect_unlocked(member, member_allowed);
    /* Room for the pages of secrets, and not for stacks. */
    lockable = boot_layout(&as_member, workers > 0 ? workers : 1).whole + 65536;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_max < lockable) {
        print_message("SKIP stacks that cannot be locked: RLIMIT_MEMLOCK may not be raised\n");
    } else {
        expect_unlocked(member, member_allowed);
    }
}

static void on_one_cpu(const char *dir)
{
    cpu_set_t all;
    cpu_set_t one;
    size_t cpu = 0;

    (void)dir;
    if (sched_getaffinity(0, sizeof all, &all) != 0) {
        _exit(125);
    }
    while (!CPU_ISSET(cpu, &all)) {
        cpu++;
    }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) {
        _exit(125);
    }
}

static void test_one_cpu_has_no_workers(void **state)
{
    static const struct core_child child = {on_one_cpu, NULL};

    (void)state;
    if (!core_can_serve()) {
        skip();
    }
    assert_true(core_process_start_as(&core, core_usual, &child));
    assert_non_null(strstr(core.log, "workers=0"));
    for (int i = 0; i < 20; i++) {
        stamp_over(core.uri);
    }
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

/* The port that the kernel chose, from the log. */
static unsigned port_of(const char *family)
{
    char want[64];
    const char *at;

    (void)snprintf(want, sizeof want, "family=%s port=", family);
    at = strstr(core.log, want);
    assert_non_null(at);
    return (unsigned)strtoul(at + strlen(want), NULL, 10);
}

static void test_tcp(void **state)
{
    static const char *const args[] = {"--listen",
                                       "tcp:127.0.0.1:0",
                                       "--listen",
                                       "tcp:[::1]:0",
                                       "--clock",
                                       "trust-system",
                                       "--policy",
                                       CORE_POLICY,
                                       "--allow-untrusted-time",
                                       "--allow-unlocked",
                                       NULL};
    char uri[64];

    (void)state;
    if (!core_can_serve()) {
        skip();
    }
    assert_true(core_process_start(&core, args));
    (void)snprintf(uri, sizeof uri, "tcp:127.0.0.1:%u", port_of("tcp"));
    stamp_over(uri);
    stamp_over(core.uri); /* the unix socket of the same core */
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

static void test_vsock(void **state)
{
    static const char *const args[] = {"--listen",
                                       "vsock:any:4294967295",
                                       "--clock",
                                       "trust-system",
                                       "--policy",
                                       CORE_POLICY,
                                       "--allow-untrusted-time",
                                       "--allow-unlocked",
                                       NULL};
    const char *why = "";
    char uri[64];

    (void)state;
    if (!core_can_serve()) {
        skip();
    }
    if (!endpoint_vsock_loopback(&why)) {
        print_message("SKIP vsock: %s\n", why);
        skip();
    }
    assert_true(core_process_start(&core, args));
    (void)snprintf(uri, sizeof uri, "vsock:1:%u", port_of("vsock"));
    stamp_over(uri);
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

static void test_two_cores_on_one_socket(void **state)
{
    static struct core_process second;
    char socket_path[128];

    (void)state;
    if (!core_can_serve()) {
        skip();
    }
    assert_true(core_process_start(&core, core_usual));
    (void)snprintf(socket_path, sizeof socket_path, "%s", core.uri);
    {
        const char *const args[] = {"--listen",
                                    socket_path,
                                    "--clock",
                                    "trust-system",
                                    "--policy",
                                    CORE_POLICY,
                                    "--allow-untrusted-time",
                                    "--allow-unlocked",
                                    NULL};

        assert_false(core_process_start(&second, args));
    }
    assert_int_equal(core_process_wait(&second), 1);
    assert_non_null(strstr(second.log, "failed step=listen err=io"));
    core_process_clean(&second);
    stamp_over(core.uri);
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

/* Counts the answer to the R2 below. False: its R1 was over before. */
static bool take_answer(size_t *answers)
{
    enum err errs[STAMP_BATCH_MAX] = {ERR_OK};

    if (reply.head.request_id == 77) {
        const size_t good = core_check_answer(&session, &rounds, &reply, errs);

        assert_true(errs[0] == ERR_STALE || good == STAMP_BATCH_MAX);
        ++*answers;
    }
    return errs[0] != ERR_STALE;
}

static bool term_answers(void)
{
    static uint8_t buf[FRAME_BODY_MAX];
    struct endpoint at;
    size_t answers = 0;
    bool in_time = true;
    int late;
    int fd;

    assert_true(core_process_start(&core, core_usual));
    fd = core_connect(core.uri);
    core_hello(fd, &session);
    assert_int_equal(core_activate(fd, &session, 1), ERR_OK);
    assert_int_equal(core_r1(fd, &session, STAMP_BATCH_MAX, &rounds), ERR_OK);
    core_send(fd, FRAME_R2, 77, core_r2_body(&rounds, buf, sizeof buf));
    core_send(fd, FRAME_STATE, 78, none); /* answered: the frame before it was read */
    assert_true(core_receive(fd, &reply));
    in_time = take_answer(&answers);
    assert_int_equal(kill(core.pid, SIGTERM), 0);
    while (core_receive(fd, &reply)) {
        in_time = take_answer(&answers) && in_time;
    }
    assert_int_equal(answers, 1);
    assert_int_equal(core_process_wait(&core), 0);
    assert_true(core_process_logs(&core, "stopped"));
    assert_non_null(strstr(core.log, "from=serving to=draining"));
    assert_non_null(strstr(core.log, "from=draining to=retired"));
    assert_int_equal(endpoint_parse(core.uri, &at), ERR_OK);
    assert_int_equal(endpoint_connect(&at, &late), ERR_IO);
    (void)close(fd);
    core_process_clean(&core);
    return in_time;
}

/* Every R2 that was asked before the signal is answered after it, and verifies. A machine that
 * has other work may be late with it: then another core is asked. */
static void test_term_answers_what_is_under_way(void **state)
{
    bool in_time = false;

    (void)state;
    if (!core_can_serve()) {
        skip();
    }
    for (size_t i = 0; i < TRIES && !in_time; i++) {
        in_time = term_answers();
    }
    assert_true(in_time);
}

static void test_int_and_several_signals(void **state)
{
    (void)state;
    if (!core_can_serve()) {
        skip();
    }
    assert_true(core_process_start(&core, core_usual));
    stamp_over(core.uri);
    assert_int_equal(kill(core.pid, SIGINT), 0);
    assert_int_equal(kill(core.pid, SIGTERM), 0);
    assert_int_equal(core_process_wait(&core), 0);
    core_process_clean(&core);
}

/* Audit pages over the wire, as a monitor pulls them: numbered without gaps, and called
 * unsigned. */
static void test_audit_pull(void **state)
{
    static struct audit_page page;
    struct audit_ask ask = {.from_seq = 1, .max = 3};
    uint8_t body[16];
    uint64_t next = 1;
    int fd;

    (void)state;
    if (!core_can_serve()) {
        skip();
    }
    assert_true(core_process_start(&core, core_usual));
    assert_non_null(strstr(core.log, "audit_signed=1"));
    stamp_over(core.uri);
    fd = core_connect(core.uri);
    do {
        struct writer w = wr_init(body, sizeof body);

        ask.from_seq = next;
        audit_ask_encode(&w, &ask);
        assert_int_equal(core_ask(fd, FRAME_AUDIT, (struct view){body, w.len}, &reply), ERR_OK);
        assert_int_equal(
            audit_page_decode((struct view){reply.body, reply.head.body_len}, &page), ERR_OK);
        assert_int_equal(page.is_signed, 0);
        for (size_t i = 0; i < page.n; i++) {
            assert_int_equal(page.entries[i].seq, next);
            next++;
        }
    } while (next <= page.last_seq);
    assert_true(next > 6); /* boot, self-test, and the states on the way to serving */
    (void)close(fd);
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

/* The log of a core that runs: HELLO names its key, which signed the head of all of it. */
static void test_audit_log(void **state)
{
    static struct audit_log_page page;
    static struct hello hello;
    const struct audit_ask ask = {.from_seq = 1, .max = WIRE_AUDIT_MAX};
    struct audit_chain chain;
    uint8_t body[16];
    uint8_t digest[P384_DIGEST_LEN];
    struct writer w = wr_init(body, sizeof body);
    int fd;

    (void)state;
    if (!core_can_serve()) {
        skip();
    }
    assert_true(core_process_start(&core, core_usual));
    fd = core_connect(core.uri);
    assert_int_equal(core_ask(fd, FRAME_HELLO, (struct view){NULL, 0}, &reply), ERR_OK);
    assert_int_equal(hello_decode((struct view){reply.body, reply.head.body_len}, &hello),
                     ERR_OK);
    audit_ask_encode(&w, &ask);
    assert_int_equal(core_ask(fd, FRAME_AUDIT_LOG, (struct view){body, w.len}, &reply), ERR_OK);
    assert_int_equal(
        audit_log_page_decode((struct view){reply.body, reply.head.body_len}, &page), ERR_OK);
    assert_memory_equal(page.audit_key, hello.audit_key, sizeof page.audit_key);
    assert_memory_equal(page.boot_nonce, hello.boot_nonce, sizeof page.boot_nonce);
    assert_int_equal(page.n, page.head.seq);
    assert_int_equal(page.entries[0].event, AUDIT_BOOT);
    audit_chain_begin(&chain, page.boot_nonce, page.audit_key);
    for (size_t i = 0; i < page.n; i++) {
        audit_chain_add(&chain, &page.entries[i]);
    }
    assert_memory_equal(chain.hash, page.head.hash, sizeof chain.hash);
    audit_chain_digest(&chain, digest);
    assert_int_equal(p384_verify(page.audit_key, digest, page.head.signature), ERR_OK);
    (void)close(fd);
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_command_lines),
        cmocka_unit_test(test_production_refuses_trust_system),
        cmocka_unit_test(test_memory_that_cannot_be_locked),
        cmocka_unit_test(test_one_cpu_has_no_workers),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_vsock),
        cmocka_unit_test(test_two_cores_on_one_socket),
        cmocka_unit_test(test_term_answers_what_is_under_way),
        cmocka_unit_test(test_int_and_several_signals),
        cmocka_unit_test(test_audit_pull),
        cmocka_unit_test(test_audit_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
