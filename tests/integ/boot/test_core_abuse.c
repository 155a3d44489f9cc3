/* Peers that idle, stall, babble or flood: none of them stops another, or makes the core grow.
 */
#include "core_process.h"

#include "base/build.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 30000 /* of a machine that has other work */
#define FLOOD_FRAMES 100000
#define RSS_MAX_KB 16384
/* The kernel counts pages on each CPU apart, and sums them up now and then. */
#define RSS_MORE_KB (BUILD_ASAN ? 1024 : 512)

static struct core_process core;
static struct core_session session;
static struct core_rounds rounds;
static struct core_reply reply;

static const struct view none = {NULL, 0};

/* Who is at work here is not to be taken for idle when this program stands still for a while.
 */
static int start(void **state)
{
    static const char *const args[] = {"--clock",  "trust-system",     "--allow-untrusted-time",
                                       "--policy", CORE_POLICY,        "--idle-ms",
                                       "3000",     "--allow-unlocked", NULL};

    (void)state;
    return core_process_start(&core, args) ? 0 : -1;
}

static int stop(void **state)
{
    const int code = core_process_stop(&core);

    (void)state;
    core_process_clean(&core);
    return code;
}

static int64_t now_ms(void)
{
    struct timespec t;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* R1s. What a connection leaves open counts for whoever has its place next, so a fresh one may
 * be refused for as long as an R1 lives, and no longer. */
static void r1_soon(int fd, size_t n)
{
    const int64_t until_ms = now_ms() + R1_LIFE_MS + PATIENCE_MS;
    enum err e = core_r1(fd, &session, n, &rounds);

    while (e == ERR_NOSPACE && now_ms() < until_ms) {
        e = core_r1(fd, &session, n, &rounds);
    }
    assert_int_equal(e, ERR_OK);
}

/* A client that does its work: one stamp, verified. */
static void stamp_once(int fd)
{
    core_hello(fd, &session);
    assert_int_equal(core_activate(fd, &session, 1), ERR_OK);
    assert_int_equal(core_stamp(fd, &session, KEY_CLASSIC, 1, &rounds), 1);
}

static void stamp_anew(void)
{
    const int fd = core_connect(core.uri);

    stamp_once(fd);
    (void)close(fd);
}

static uint64_t stat_now(enum stat_id id)
{
    static struct core_stats s;
    const int fd = core_connect(core.uri);
    uint64_t value = UINT64_MAX;

    assert_int_equal(core_ask(fd, FRAME_STATS, none, &reply), ERR_OK);
    assert_int_equal(core_stats_decode((struct view){reply.body, reply.head.body_len}, &s),
                     ERR_OK);
    for (size_t i = 0; i < s.n; i++) {
        value = s.rows[i].id == id ? s.rows[i].value : value;
    }
    (void)close(fd);
    return value;
}

/* Until the other end closes; what it sends is read and thrown away. False: it keeps silent. */
static bool ends(int fd)
{
    static uint8_t junk[65536];

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t n;

        if (poll(&p, 1, PATIENCE_MS) != 1) {
            return false;
        }
        n = read(fd, junk, sizeof junk);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            return true;
        }
    }
}

static void test_idle_peers_block_nobody(void **state)
{
    int idle[4];
    int partial[4];
    const uint8_t half[] = {FRAME_MAGIC, FRAME_VERSION, FRAME_R2, 0, 0, 1};
    const uint64_t before = stat_now(STAT_CONNECTIONS_TIMED_OUT);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        idle[i] = core_connect(core.uri);
        partial[i] = core_connect(core.uri);
        assert_int_equal(send(partial[i], half, sizeof half, 0), sizeof half);
    }
    for (int i = 0; i < 20; i++) {
        stamp_anew();
    }
    for (size_t i = 0; i < 4; i++) { /* and their time comes */
        assert_true(ends(idle[i]));
        assert_true(ends(partial[i]));
        (void)close(idle[i]);
        (void)close(partial[i]);
    }
    assert_int_equal(stat_now(STAT_CONNECTIONS_TIMED_OUT), before + 8);
}

static void test_a_peer_that_reads_nothing(void **state)
{
    uint8_t frame[FRAME_HEADER_LEN];
    struct writer w = wr_init(frame, sizeof frame);
    const int fd = core_connect_raw(core.uri);
    size_t sent = 0;

    (void)state;
    frame_end(&w, frame_begin(&w, FRAME_HELLO, 1));
    while (sent < 1000000) { /* questions until nobody takes them any more */
        const ssize_t n = send(fd, frame, sizeof frame, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0) {
            break;
        }
        sent += (size_t)n;
    }
    assert_true(errno == EAGAIN || errno == EPIPE || errno == ECONNRESET);
    assert_true(sent < 1000000);
    for (int i = 0; i < 20; i++) {
        stamp_anew();
    }
    assert_true(ends(fd)); /* after what was answered before comes the end */
    (void)close(fd);
}

/* A new connection that says something at once. False: it was closed, perhaps before that. */
static bool is_served(const char *uri)
{
    uint8_t frame[FRAME_HEADER_LEN];
    struct writer w = wr_init(frame, sizeof frame);
    const int fd = core_connect(uri);
    bool answered;

    frame_end(&w, frame_begin(&w, FRAME_STATE, 1));
    answered = send(fd, frame, sizeof frame, MSG_NOSIGNAL) == (ssize_t)sizeof frame &&
               core_receive(fd, &reply);
    (void)close(fd);
    return answered;
}

static void test_more_connections_than_places(void **state)
{
    int fd[LIMIT_CONNECTIONS];
    bool answered = false;
    uint64_t refused;
    int one_more;

    (void)state;
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        fd[i] = core_connect(core.uri);
        assert_int_equal(core_ask(fd[i], FRAME_STATE, none, &reply), ERR_OK);
    }
    one_more = core_connect(core.uri);
    assert_true(ends(one_more));
    (void)close(one_more);
    assert_int_equal(core_ask(fd[0], FRAME_STATE, none, &reply), ERR_OK);
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        (void)close(fd[i]);
    }
    /* The kernel may hand over the new ones before the ends of the old. */
    for (int i = 0; i < 100 && !answered; i++) {
        answered = is_served(core.uri);
    }
    assert_true(answered);
    refused = stat_now(STAT_CONNECTIONS_REFUSED);
    assert_in_range(refused, 1, 101);
}

/* Whoever takes every place and says nothing is soon closed, however long a peer may be idle.
 */
static void test_silent_peers_give_way(void **state)
{
    static const char *const args[] = {"--clock",  "trust-system",     "--allow-untrusted-time",
                                       "--policy", CORE_POLICY,        "--idle-ms",
                                       "600000",   "--allow-unlocked", NULL};
    struct core_process patient;
    int silent[LIMIT_CONNECTIONS];
    int speaker;
    bool answered = false;

    (void)state;
    assert_true(core_process_start(&patient, args));
    speaker = core_connect(patient.uri);
    assert_int_equal(core_ask(speaker, FRAME_STATE, none, &reply), ERR_OK);
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        silent[i] = core_connect(patient.uri);
    }
    for (const int64_t end = now_ms() + PATIENCE_MS; !answered && now_ms() < end;) {
        answered = is_served(patient.uri);
    }
    assert_true(answered);
    assert_int_equal(core_ask(speaker, FRAME_STATE, none, &reply), ERR_OK);
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        (void)close(silent[i]);
    }
    (void)close(speaker);
    assert_int_equal(core_process_stop(&patient), 0);
    core_process_clean(&patient);
}

/* Numbers without chance: the same in every run. */
static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static long rss_kb(void)
{
    char path[64];
    char line[256];
    long kb = -1;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)core.pid);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    (void)fclose(f);
    return kb;
}

/* A frame with a random body; now and then its header is random as well. */
static size_t babble(uint64_t *x, uint8_t *out, size_t cap)
{
    static const uint8_t types[] = {FRAME_HELLO, FRAME_STATE, FRAME_ACTIVATE, FRAME_R1,
                                    FRAME_R2,    FRAME_STATS, FRAME_AUDIT,    0x7f};
    struct writer w = wr_init(out, cap);
    const size_t n = next_random(x) % 400;
    const size_t mark = frame_begin(&w, types[next_random(x) % sizeof types], next_random(x));

    for (size_t i = 0; i < n; i++) {
        wr_u8(&w, (uint8_t)next_random(x));
    }
    frame_end(&w, mark);
    if (next_random(x) % 1000 == 0) {
        out[next_random(x) % 8] ^= (uint8_t)(1 + next_random(x) % 255);
    }
    return w.len;
}

/* Sends all of it, reading away what comes meanwhile. False: the core has closed. */
static bool push(int fd, const uint8_t *p, size_t n)
{
    static uint8_t junk[65536];

    while (n > 0) {
        struct pollfd f = {.fd = fd, .events = POLLIN | POLLOUT};
        ssize_t got;

        assert_true(poll(&f, 1, PATIENCE_MS) == 1);
        got = (f.revents & POLLOUT) != 0 ? send(fd, p, n, MSG_NOSIGNAL) : 0;
        if (got < 0 && errno != EAGAIN) {
            return false;
        }
        p += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
        if ((f.revents & POLLIN) != 0 && read(fd, junk, sizeof junk) == 0) {
            return false;
        }
    }
    return true;
}

static void test_random_frames(void **state)
{
    uint8_t frame[512];
    uint64_t x = UINT64_C(0x9e3779b97f4a7c15);
    int fd = core_connect_raw(core.uri);
    long before;
    long after;
    unsigned closed = 0;

    (void)state;
    stamp_anew();
    before = rss_kb();
    for (int i = 0; i < FLOOD_FRAMES; i++) {
        const size_t n = babble(&x, frame, sizeof frame);

        if (!push(fd, frame, n)) {
            (void)close(fd);
            fd = core_connect_raw(core.uri);
            closed++;
        }
        if (i % 10000 == 0) {
            stamp_anew();
        }
    }
    (void)close(fd);
    stamp_anew();
    after = rss_kb();
    print_message("%d random frames, %u connections closed for them, %llu bad frames, "
                  "VmRSS %ld kB before, %ld kB after\n",
                  FLOOD_FRAMES, closed, (unsigned long long)stat_now(STAT_BAD_FRAMES), before,
                  after);
    assert_true(closed > 100); /* a malformed frame is the last of its connection */
    assert_true(stat_now(STAT_BAD_FRAMES) >= closed);
    assert_true(after <= before + RSS_MORE_KB);
    assert_in_range(after, 1, BUILD_ASAN ? 8 * RSS_MAX_KB : RSS_MAX_KB);
}

static void test_peers_that_leave_their_work_behind(void **state)
{
    static uint8_t buf[FRAME_BODY_MAX];
    int64_t until_ms;

    (void)state;
    for (int i = 0; i < 12; i++) { /* a full R2, and gone before its answer */
        const int fd = core_connect(core.uri);

        core_hello(fd, &session);
        r1_soon(fd, STAMP_BATCH_MAX);
        core_send(fd, FRAME_R2, 1, core_r2_body(&rounds, buf, sizeof buf));
        (void)close(fd);
        stamp_anew();
    }
    until_ms = now_ms() + PATIENCE_MS;
    while (stat_now(STAT_JOBS_BUSY) > 0 && now_ms() < until_ms) {
        stamp_anew();
    }
    assert_int_equal(stat_now(STAT_JOBS_BUSY), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_peers_block_nobody),
        cmocka_unit_test(test_a_peer_that_reads_nothing),
        cmocka_unit_test(test_more_connections_than_places),
        cmocka_unit_test(test_silent_peers_give_way),
        cmocka_unit_test(test_random_frames),
        cmocka_unit_test(test_peers_that_leave_their_work_behind),
    };

    if (!core_can_serve()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, start, stop);
}
