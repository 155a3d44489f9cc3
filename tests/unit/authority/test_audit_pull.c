/* What a supervisor keeps of a core that lies about its starts. */
#include "testing.h"

#include "host/authority/audit_pull_io.h"
#include "os/clock.h"

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWERS_MAX 8
#define WAIT_MS 30000
#define TURN_MS 20

static char folder[] = "/tmp/quorate-audit-XXXXXX";
static struct audit_pulls pulls;
static int listener = -1;
static int peer = -1;
static unsigned answers;
static bool stays; /* the same start each time, an entry more */
static char path[PATH_MAX], dir[PATH_MAX];

static int64_t real_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

/* What the questions are told: a turn of run() takes no longer than its poll, however long this
 * program stands still. */
static int64_t turn_ms;
static int64_t now(void)
{
    return turn_ms;
}

/* A core that is another one with each answer, or goes on. */
static void answer(uint64_t request_id)
{
    static uint8_t bytes[4096];
    static struct audit_log_page page;
    struct writer w = wr_init(bytes, sizeof bytes);
    const size_t mark = frame_begin(&w, FRAME_AUDIT_LOG | FRAME_ANSWER, request_id);

    answers++;
    memset(page.boot_nonce, stays ? 0x5a : (int)answers, sizeof page.boot_nonce);
    page.first_seq = 1;
    page.n = 1;
    page.entries[0].seq = stays ? answers : 1;
    page.entries[0].event = AUDIT_BOOT;
    page.head.seq = page.entries[0].seq + 1;
    audit_log_page_encode(&w, &page);
    frame_end(&w, mark);
    assert_int_equal(write(peer, bytes, w.len), w.len);
}

static void serve(void)
{
    uint8_t ask[64];
    struct frame_header h;
    ssize_t n;

    if (peer < 0) {
        peer = accept(listener, NULL, NULL);
        return;
    }
    n = read(peer, ask, sizeof ask);
    if (n <= 0) {
        (void)close(peer);
        peer = -1;
        return;
    }
    assert_true(n >= FRAME_HEADER_LEN);
    assert_int_equal(frame_header_decode((struct view){ask, FRAME_HEADER_LEN}, &h), ERR_OK);
    answer(h.request_id);
}

static void listen_there(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    assert_true(strlen(path) < sizeof a.sun_path);
    memcpy(a.sun_path, path, strlen(path) + 1);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(listener, 4), 0);
}

/* No question is under way, and none is due for half of the time between two. */
static bool rests(void)
{
    return pulls.of[0].link.fd < 0 &&
           audit_pulls_next_ms(&pulls) > now() + AUDIT_PULL_EVERY_MS / 2;
}

/* Until so many answers, or it rests. */
static void run(unsigned most)
{
    const int64_t end = real_ms() + WAIT_MS;

    while (answers < most && real_ms() < end && (answers < 2 || !rests())) {
        struct pollfd fds[PLAN_NODES_MAX + 1];
        const size_t n = audit_pulls_fds(&pulls, fds);

        fds[n] = (struct pollfd){.fd = peer >= 0 ? peer : listener, .events = POLLIN};
        (void)poll(fds, n + 1, TURN_MS);
        turn_ms += TURN_MS;
        if (fds[n].revents != 0) {
            serve();
        }
        audit_pulls_step(&pulls, now());
    }
}

static unsigned files(bool unlink_them)
{
    DIR *const d = opendir(dir);
    unsigned n = 0;

    assert_non_null(d);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            n++;
            assert_true(!unlink_them || unlinkat(dirfd(d), e->d_name, 0) == 0);
        }
    }
    (void)closedir(d);
    return n;
}

static int make(void **state)
{
    static char uri[PATH_MAX];

    (void)state;
    memcpy(folder, "/tmp/quorate-audit-XXXXXX", sizeof folder);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/sock", folder);
    (void)snprintf(uri, sizeof uri, "unix:%s/sock", folder);
    (void)snprintf(dir, sizeof dir, "%s/audit", folder);
    answers = 0;
    turn_ms = real_ms();
    stays = false;
    listen_there();
    audit_pulls_open(&pulls, dir);
    audit_pulls_add(&pulls, 0, uri);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    (void)files(true);
    (void)close(listener);
    if (peer >= 0) {
        (void)close(peer);
        peer = -1;
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static void a_core_that_is_another_each_time_fills_no_folder(void **state)
{
    (void)state;
    run(ANSWERS_MAX);
    assert_in_range(answers, 2, 3);
    assert_in_range(files(false), 2, 3);
    pulls.of[0].files = AUDIT_PULL_FILES_MAX;
    assert_true(rests());
    audit_pulls_started(&pulls, 0); /* it is asked at once */
    assert_true(audit_pulls_next_ms(&pulls) <= now());
    run(answers + 1);
    audit_pulls_close(&pulls);
    assert_in_range(files(false), 2, 3); /* no more of them */
}

/* Of a file of that start, by its number: its bytes. */
static size_t length(unsigned part)
{
    char name[PATH_MAX + 128];
    struct stat st;
    int n = snprintf(name, sizeof name, "%s/core-1-", dir);

    for (size_t i = 0; i < BOOT_NONCE_LEN; i++) {
        n += snprintf(name + n, sizeof name - (size_t)n, "5a");
    }
    if (part > 1) {
        n += snprintf(name + n, sizeof name - (size_t)n, "-%u", part);
    }
    (void)snprintf(name + n, sizeof name - (size_t)n, ".log");
    assert_int_equal(stat(name, &st), 0);
    return (size_t)st.st_size;
}

static void a_log_that_is_full_goes_on_in_the_next_file(void **state)
{
    struct audit_pull *const u = &pulls.of[0];
    size_t first;

    (void)state;
    stays = true;
    run(2);
    assert_int_equal(files(false), 1);
    first = u->len;
    u->len = AUDIT_FILE_MAX - 1; /* as if it had so many pages */
    run(4);
    assert_int_equal(files(false), 2);
    assert_int_equal(u->part, 2);
    assert_false(u->full);
    assert_int_equal(length(1), first); /* what did not fit is not in part there */
    assert_int_equal(length(2), u->len);
    assert_true(u->len > sizeof AUDIT_FILE_MAGIC);
    u->len = AUDIT_FILE_MAX;
    u->files = AUDIT_PULL_FILES_MAX; /* no more of them */
    run(5);
    audit_pulls_close(&pulls);
    assert_int_equal(files(false), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_core_that_is_another_each_time_fills_no_folder, make,
                                        drop),
        cmocka_unit_test_setup_teardown(a_log_that_is_full_goes_on_in_the_next_file, make,
                                        drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
