/* What is said to be recorded is there, exactly once, whatever happens to the process or the
 * disk. */
#include "journal_fixture.h"

#include "os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define NUMBERS_MAX 200000
#define CHILD_SKIPS 77

static struct folder tmp;
static uint8_t said[NUMBERS_MAX]; /* by the child: 1 recorded, 2 refused */
static uint8_t seen[NUMBERS_MAX]; /* how often it stands in the journal */

static int setup(void **state)
{
    (void)state;
    folder_make(&tmp);
    memset(said, 0, sizeof said);
    memset(seen, 0, sizeof seen);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(&tmp);
    return 0;
}

static void tally_all(void)
{
    char out[FIXTURE_PATH];

    memset(seen, 0, sizeof seen);
    (void)snprintf(out, sizeof out, "%s/exported", tmp.dir);
    (void)folder_tally(tmp.dir, seen, sizeof seen);
    (void)folder_tally(out, seen, sizeof seen);
}

/* ---- kill -9 ---- */

struct report {
    uint64_t number;
    uint64_t err;
};

#define IN_FLIGHT 64

struct child_slot {
    struct journal_entry entry;
    struct report report;
    int pipe;
    sem_t *free_slots;
};

static void child_done(struct journal_entry *e)
{
    struct child_slot *slot = e->user;

    slot->report.err = (uint64_t)e->err;
    if (write(slot->pipe, &slot->report, sizeof slot->report) != sizeof slot->report) {
        _exit(1);
    }
    (void)sem_post(slot->free_slots);
}

/* Appends from number first until it is killed. done() runs in order, so slots come free in
 * order. */
static void child_append(uint64_t first, int out)
{
    static struct child_slot slots[IN_FLIGHT];
    struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    sem_t free_slots;

    cfg.sync = JOURNAL_SYNC_FULL;
    cfg.segment_rows = 700;
    cfg.max_rows = 3000;
    if (journal_open(&cfg, &j) != ERR_OK || sem_init(&free_slots, 0, IN_FLIGHT) != 0) {
        _exit(1);
    }
    for (uint64_t i = first; i < NUMBERS_MAX; i++) {
        struct child_slot *slot = &slots[i % IN_FLIGHT];

        (void)sem_wait(&free_slots);
        entry_fill(&slot->entry, i, (int64_t)time(NULL) * 1000);
        slot->report.number = i;
        slot->pipe = out;
        slot->free_slots = &free_slots;
        slot->entry.done = child_done;
        slot->entry.user = slot;
        journal_append(j, &slot->entry);
    }
    _exit(1); /* it should have been killed */
}

/* Runs a child that appends from first, and kills it after so many reports; the number after
 * the last heard of. */
static uint64_t kill_after(uint64_t first, unsigned reports)
{
    int fds[2];
    struct report r;
    uint64_t next = first;
    int status = 0;

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        child_append(first, fds[1]);
    }
    (void)close(fds[1]);
    while (read(fds[0], &r, sizeof r) == (ssize_t)sizeof r) {
        assert_true(r.number < NUMBERS_MAX);
        said[r.number] = r.err == ERR_OK ? 1 : 2;
        next = r.number + 1;
        if (reports > 0 && --reports == 0) {
            assert_int_equal(kill(pid, SIGKILL), 0);
        }
    }
    (void)close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    return next + IN_FLIGHT;
}

static void kill_loses_nothing_and_doubles_nothing(void **state)
{
    static const unsigned reports[] = {1, 37, 699, 701, 1500, 90, 2801, 5};
    uint64_t next = 0;
    uint64_t recorded = 0;

    (void)state;
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        next = kill_after(next, reports[i]);
        tally_all();
        for (uint64_t k = 0; k < next; k++) {
            assert_true(said[k] != 2);
            assert_true(seen[k] <= 1);
            assert_true(said[k] == 0 || seen[k] == 1);
        }
    }
    for (uint64_t k = 0; k < next; k++) {
        recorded += said[k] == 1;
    }
    assert_true(recorded >= 1 + 37 + 699 + 701 + 1500 + 90 + 2801 + 5);
}

/* ---- a disk that is full ---- */

/* Runs body in a child with its own idea of files, and gives its exit code. */
static int in_child(int (*body)(void))
{
    int status = 0;
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(body());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#define BATCH 100

/* As one list; of a failed one all must be refused alike: ERR_BUG where not. */
static enum err append_batch(struct journal *j, uint64_t first)
{
    static struct journal_entry e[BATCH];
    enum err all = ERR_OK;
    sem_t sem;

    (void)sem_init(&sem, 0, 0);
    for (size_t k = 0; k < BATCH; k++) {
        entry_fill(&e[k], first + k, 1000);
        e[k].done = entry_done;
        e[k].user = &sem;
        journal_append(j, &e[k]);
    }
    for (size_t k = 0; k < BATCH; k++) {
        (void)sem_wait(&sem);
    }
    for (size_t k = 0; k < BATCH; k++) {
        said[first + k] = e[k].err == ERR_OK ? 1 : 2;
        all = e[k].err == ERR_OK ? all : ERR_IO;
        if (e[k].err != ERR_OK && e[k].err != ERR_IO) {
            return ERR_BUG;
        }
    }
    (void)sem_destroy(&sem);
    return all;
}

/* Appends batches from *next until one fails. */
static bool append_until_full(struct journal *j, uint64_t *next)
{
    for (int i = 0; i < 200; i++) {
        const enum err e = append_batch(j, *next);

        *next += BATCH;
        if (e != ERR_OK) {
            return e == ERR_IO && !journal_healthy(j);
        }
    }
    return false;
}

/* It recovers by itself, within seconds and without a restart. */
static bool append_until_well(struct journal *j, uint64_t *next)
{
    const time_t until = time(NULL) + 20;

    while (time(NULL) < until) {
        const enum err e = append_one(j, *next, 1000);

        said[*next] = e == ERR_OK ? 1 : 2;
        (*next)++;
        if (e == ERR_OK) {
            return journal_healthy(j);
        }
        (void)sched_yield();
        if (*next >= NUMBERS_MAX - 1000) {
            (*next)--; /* the number of a refused one is free */
        }
    }
    return false;
}

static bool said_is_so(uint64_t next)
{
    tally_all();
    for (uint64_t k = 0; k < next; k++) {
        if (seen[k] != (said[k] == 1 ? 1 : 0)) {
            (void)fprintf(stderr, "number %llu: said %d, seen %d\n", (unsigned long long)k,
                          said[k], seen[k]);
            return false;
        }
    }
    return true;
}

/* What the process says on stderr goes here. */
static int words = -1;

static bool listen_to_words(void)
{
    words = memfd_create("words", MFD_CLOEXEC);
    return words >= 0 && dup2(words, STDERR_FILENO) == STDERR_FILENO;
}

static size_t lines_with(const char *event)
{
    static char text[1048576];
    const ssize_t n = pread(words, text, sizeof text - 1, 0);
    size_t found = 0;

    text[n > 0 ? n : 0] = '\0';
    for (const char *at = text; (at = strstr(at, event)) != NULL; at++) {
        found++;
    }
    return found;
}

/* Appends entries one by one until for some tries of a commit none went: TRIES_MS is three
 * times RETRY_MS of journal.c, and more. Gives how many went. */
#define TRIES_MS 400
static size_t append_to_the_brim(struct journal *j, uint64_t *next)
{
    const int64_t tries_ns = (int64_t)TRIES_MS * 1000000;
    int64_t until = clock_os.monotonic_ns(clock_os.self) + tries_ns;
    size_t went = 0;

    while (clock_os.monotonic_ns(clock_os.self) < until) {
        if (append_one(j, *next, 1000) == ERR_OK) {
            said[(*next)++] = 1;
            went++;
            until = clock_os.monotonic_ns(clock_os.self) + tries_ns;
        }
    }
    return went;
}

/* While it stays full that is told once, and once that it is over, with what it cost. At the
 * brink a smaller commit still goes, which ends a failure: so it is filled to the brim first.
 */
static int full_is_said_once(void (*fill)(void), void (*relieve)(void))
{
    const struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    size_t told = 0;
    uint64_t next = 0;

    if (!listen_to_words() || journal_open(&cfg, &j) != ERR_OK) {
        return 1;
    }
    for (size_t round = 1; round <= 2; round++) {
        const size_t before = told;

        fill();
        if (!append_until_full(j, &next)) {
            return 2;
        }
        (void)append_to_the_brim(j, &next);
        told = lines_with("journal_failed time");
        if (told <= before || append_to_the_brim(j, &next) != 0 ||
            lines_with("journal_failed time") != told ||
            lines_with("journal_recovered time") != told - 1) {
            return 3;
        }
        relieve();
        if (!append_until_well(j, &next)) {
            return 4;
        }
    }
    journal_close(j);
    return lines_with("journal_failed time") == told &&
                   lines_with("journal_recovered time") == told &&
                   lines_with("commits=1 ") <= told - 2
               ? 0
               : 5;
}

/* fill() makes the disk full for good; relieve() gives it space. */
static int full_and_well_again(void (*fill)(void), void (*relieve)(void))
{
    const struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    uint64_t next = 0;

    for (int round = 0; round < 3; round++) {
        if (round == 0 && journal_open(&cfg, &j) != ERR_OK) {
            return 1;
        }
        fill();
        if (!append_until_full(j, &next)) {
            return 2;
        }
        relieve();
        if (!append_until_well(j, &next)) {
            return 3;
        }
    }
    journal_close(j);
    return said_is_so(next) ? 0 : 4;
}

static void set_file_limit(rlim_t soft)
{
    struct rlimit l;

    (void)getrlimit(RLIMIT_FSIZE, &l);
    l.rlim_cur = soft;
    (void)setrlimit(RLIMIT_FSIZE, &l);
}

static void limit_files(void)
{
    set_file_limit(200000);
}

static void free_files(void)
{
    set_file_limit(RLIM_INFINITY);
}

static int child_limited(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    return full_and_well_again(limit_files, free_files);
}

static void a_failing_disk_is_said_and_survived(void **state)
{
    (void)state;
    assert_int_equal(in_child(child_limited), 0);
}

static char ballast[FIXTURE_PATH];

/* Writes zeros until 64 KiB are left. */
static void fill_disk(void)
{
    static const char zeros[4096];
    const int fd = open(ballast, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    while (write(fd, zeros, sizeof zeros) > 0) {
    }
    const off_t at = lseek(fd, 0, SEEK_CUR);

    assert_int_equal(ftruncate(fd, at > 65536 ? at - 65536 : 0), 0);
    (void)close(fd);
}

static void relieve_disk(void)
{
    (void)unlink(ballast);
}

static bool write_line(const char *path, const char *line)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const bool good = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);

    if (fd >= 0) {
        (void)close(fd);
    }
    return good;
}

/* Mounts a disk of 4 MiB that only this process sees. */
static bool mount_small_disk(void)
{
    const unsigned uid = (unsigned)getuid();
    const unsigned gid = (unsigned)getgid();
    char line[64];

    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return false;
    }
    (void)snprintf(line, sizeof line, "0 %u 1", uid);
    if (!write_line("/proc/self/setgroups", "deny") ||
        !write_line("/proc/self/uid_map", line)) {
        return false;
    }
    (void)snprintf(line, sizeof line, "0 %u 1", gid);
    return write_line("/proc/self/gid_map", line) &&
           mount("none", tmp.dir, "tmpfs", 0, "size=4m") == 0;
}

static int child_full(void)
{
    if (!mount_small_disk()) {
        return CHILD_SKIPS;
    }
    (void)snprintf(ballast, sizeof ballast, "%s/ballast", tmp.dir);
    return full_and_well_again(fill_disk, relieve_disk);
}

static int child_full_once(void)
{
    if (!mount_small_disk()) {
        return CHILD_SKIPS;
    }
    (void)snprintf(ballast, sizeof ballast, "%s/ballast", tmp.dir);
    return full_is_said_once(fill_disk, relieve_disk);
}

static void on_a_small_disk(int (*body)(void))
{
    const int code = in_child(body);

    if (code == CHILD_SKIPS) {
        (void)printf("SKIP no user namespace to mount a small disk in\n");
        skip();
    }
    assert_int_equal(code, 0);
}

static void a_full_disk_is_said_and_survived(void **state)
{
    (void)state;
    on_a_small_disk(child_full);
}

static void a_full_disk_is_said_once(void **state)
{
    (void)state;
    on_a_small_disk(child_full_once);
}

/* Without any entry the journal finds out by itself that the disk is well again: readiness
 * depends on it. */
static int child_probes(void)
{
    const struct journal_config cfg = folder_config(&tmp);
    const time_t until = time(NULL) + 20;
    struct journal *j = NULL;
    uint64_t next = 0;

    (void)signal(SIGXFSZ, SIG_IGN);
    if (journal_open(&cfg, &j) != ERR_OK) {
        return 1;
    }
    limit_files();
    if (!append_until_full(j, &next)) {
        return 2;
    }
    free_files();
    while (!journal_healthy(j)) {
        if (time(NULL) > until) {
            return 3;
        }
        (void)usleep(1000);
    }
    journal_close(j);
    return said_is_so(next) ? 0 : 4;
}

static void it_finds_out_alone_that_the_disk_is_well(void **state)
{
    (void)state;
    assert_int_equal(in_child(child_probes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kill_loses_nothing_and_doubles_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_failing_disk_is_said_and_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_said_and_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_said_once, setup, teardown),
        cmocka_unit_test_setup_teardown(it_finds_out_alone_that_the_disk_is_well, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
