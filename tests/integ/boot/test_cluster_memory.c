/* Five cores, a quorate-tsm of each, a front and a supervisor, as `quorate dev up` runs them:
 * what is secret of each core is in no frame, no file, no log, and no other process; and all of
 * it would be found. */
#include "core_secrets.h"
#include "leak_scan.h"
#include "members.h"
#include "traffic_recorder.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_S 120
#define STAMPS_BEFORE 3
#define STAMPS_UNDER_WATCH 10
#define ANSWER_MAX 65536
#define WORKERS 2 /* connections that stamp */

static char dir[64];
static char authority[128]; /* program */
static char dev[96], tmp[96], traffic[96], taken[96], log_path[96];
static pid_t supervisor;
static pid_t front;
static pid_t shows[MEMBERS]; /* quorate-tsm beside each core */
static unsigned port;
static struct core_pages cores[MEMBERS];
static struct secret_set set;

/* ---- what is started ---- */

static void copy_program(const char *from, const char *name)
{
    static uint8_t bytes[65536];
    char to[128];
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;
    int out;

    (void)snprintf(to, sizeof to, "%s/bin/%s", dir, name);
    out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    assert_true(in >= 0 && out >= 0);
    while ((n = read(in, bytes, sizeof bytes)) > 0) {
        assert_int_equal(write(out, bytes, (size_t)n), n);
    }
    (void)close(in);
    (void)close(out);
}

static void make_folder(char *path, size_t cap, const char *name)
{
    (void)snprintf(path, cap, "%s/%s", dir, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void make_place(void)
{
    char bin[96];

    (void)snprintf(dir, sizeof dir, "/tmp/quorate-memory-XXXXXX");
    assert_non_null(mkdtemp(dir));
    make_folder(bin, sizeof bin, "bin");
    make_folder(tmp, sizeof tmp, "tmp");
    make_folder(traffic, sizeof traffic, "traffic");
    make_folder(taken, sizeof taken, "taken");
    (void)snprintf(dev, sizeof dev, "%s/dev", dir);
    (void)snprintf(log_path, sizeof log_path, "%s/tmp/log", dir);
    (void)snprintf(authority, sizeof authority, "%s/quorate-authority", bin);
    copy_program(QUORATE_BIN "/quorate-authority", "quorate-authority");
    copy_program(QUORATE_BIN "/quorate-front", "quorate-front");
    copy_program(QUORATE_BIN "/quorate-mesh", "quorate-mesh");
    copy_program(QUORATE_BIN "/quorate-timed", "quorate-timed");
    copy_program(QUORATE_BIN "/quorate-tsm", "quorate-tsm");
    copy_program("/proc/self/exe", "quorate-core");
}

static void become_supervisor(int out)
{
    const int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);

    if (log < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || setenv("TMPDIR", tmp, 1) != 0 ||
        setenv("HOME", tmp, 1) != 0 || setenv(RECORDER_TRAFFIC, traffic, 1) != 0 ||
        setenv(RECORDER_SECRETS, taken, 1) != 0 || chdir(tmp) != 0) {
        _exit(126);
    }
    (void)execl(authority, authority, "dev", "up", "--dir", dev, "--listen", "127.0.0.1:0",
                "--nodes", "5", "--threshold", "3", (char *)NULL);
    _exit(127);
}

/* Until it says where it serves. */
static void await_ready(int fd)
{
    static char text[4096];
    const int64_t until = members_now_ms() + INT64_C(1000) * WAIT_S;
    const char *at = NULL;
    size_t len = 0;

    while (at == NULL && members_now_ms() < until && len + 1 < sizeof text) {
        struct pollfd f = {.fd = fd, .events = POLLIN};
        const ssize_t n = poll(&f, 1, 1000) == 1 ? read(fd, text + len, 1) : 0;

        len += n > 0 ? 1 : 0;
        at = n > 0 && text[len - 1] == '\n' ? strstr(text, "ready http://127.0.0.1:") : NULL;
        if (n < 0 || (n == 0 && (f.revents & POLLHUP) != 0)) {
            break;
        }
    }
    if (at == NULL) {
        fail_msg("the authority did not become ready: %s", text);
    }
    port = (unsigned)strtoul(at + strlen("ready http://127.0.0.1:"), NULL, 10);
}

/* The processes, by what the supervisor says. */
static void find_processes(void)
{
    char command[300];
    char line[256];
    FILE *f;

    (void)snprintf(command, sizeof command, "%s dev status --dir %s", authority, dev);
    f = popen(command, "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        unsigned node = 0;
        long pid = 0;
        const char *why = "";

        if (sscanf(line, "core-%u pid %ld", &node, &pid) == 2) {
            assert_in_range(node, 1, MEMBERS);
            if (!core_pages_open(&cores[node - 1], (pid_t)pid, &why)) {
                fail_msg("core %u: %s", node, why);
            }
        } else if (sscanf(line, "tsm-%u pid %ld", &node, &pid) == 2) {
            assert_in_range(node, 1, MEMBERS);
            shows[node - 1] = (pid_t)pid;
        } else if (sscanf(line, "front pid %ld", &pid) == 1) {
            front = (pid_t)pid;
        }
    }
    assert_int_equal(pclose(f), 0);
    assert_true(front > 0);
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_non_null(cores[i].copy);
        assert_true(shows[i] > 0);
    }
}

static int start_all(void **state)
{
    int out[2];

    (void)state;
    make_place();
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    supervisor = fork();
    assert_true(supervisor >= 0);
    if (supervisor == 0) {
        become_supervisor(out[1]);
    }
    (void)close(out[1]);
    await_ready(out[0]);
    find_processes();
    secret_set_init(&set);
    return 0;
}

static int stop_all(void **state)
{
    char command[128];
    int status = 0;

    (void)state;
    if (supervisor > 0) {
        (void)kill(supervisor, SIGTERM);
        (void)alarm(WAIT_S);
        (void)waitpid(supervisor, &status, 0);
        (void)alarm(0);
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_close(&cores[i]);
    }
    secret_set_free(&set);
    (void)snprintf(command, sizeof command, "rm -rf %s", dir);
    return dir[0] == '/' && system(command) == 0 ? status : -1;
}

/* ---- stamps ---- */

static const uint8_t QUERY[] = {
    0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20, 1,    2,    3,    4,    5,    6,
    7,    8,    9,    10,   11,   12,   13,   14,   15,   16,   17,   18,   19,   20,   21,
    22,   23,   24,   25,   26,   27,   28,   29,   30,   31,   32,   0x01, 0x01, 0xff};

/* Whether one request was granted: RFC 3161 PKIStatus 0. */
static bool stamp(void)
{
    static const uint8_t granted[] = {0x30, 0x03, 0x02, 0x01, 0x00};
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const struct timeval limit = {.tv_sec = WAIT_S};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint8_t *const answer = secret_room(malloc(ANSWER_MAX));
    char head[256];
    size_t len = 0;
    ssize_t n = 1;
    bool ok = false;

    const int head_len =
        snprintf(head, sizeof head,
                 "POST /tsr HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                 "Content-Type: application/timestamp-query\r\n"
                 "Content-Length: %zu\r\n\r\n",
                 sizeof QUERY);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 &&
        send(fd, head, (size_t)head_len, MSG_NOSIGNAL) == head_len &&
        send(fd, QUERY, sizeof QUERY, MSG_NOSIGNAL) == (ssize_t)sizeof QUERY) {
        while (n > 0 && len < ANSWER_MAX) {
            n = read(fd, answer + len, ANSWER_MAX - len);
            len += n > 0 ? (size_t)n : 0;
        }
        ok = memmem(answer, len, granted, sizeof granted) != NULL;
    }
    (void)close(fd);
    free(answer);
    return ok;
}

static _Atomic bool stop_stamping;
static _Atomic size_t stamped;

static void *keep_stamping(void *arg)
{
    (void)arg;
    while (!stop_stamping) {
        stamped += stamp();
    }
    return NULL;
}

/* ---- what is looked at ---- */

static void expect_none(const struct leak_report *r)
{
    if (r->leaks > 0) {
        fail_msg("%zu leaks, the first: %s", r->leaks, r->first);
    }
}

static struct leak_report look_at_process(pid_t pid)
{
    static struct process_memory m;
    struct leak_report r = {0};
    const char *why = "";

    if (!process_memory_open(&m, pid, &why)) {
        fail_msg("process %ld: %s", (long)pid, why);
    }
    leak_scan_process(&set, &m, 0, NULL, &r);
    process_memory_close(&m);
    leak_scan_open_files(&set, pid, &r);
    return r;
}

static struct leak_report look_at_core(size_t i)
{
    struct leak_report r = {0};

    leak_scan_process(&set, &cores[i].process, 1U << core_pages_member(&cores[i])->ceremony.own,
                      cores[i].region, &r);
    leak_scan_open_files(&set, cores[i].process.pid, &r);
    return r;
}

static struct leak_report look_at_folder(const char *path)
{
    struct leak_report r = {0};

    leak_scan_folder(&set, path, &r);
    return r;
}

static uint64_t look_at_memory(void)
{
    struct leak_report r = look_at_process(front);
    uint64_t sum = r.bytes;

    expect_none(&r);
    r = look_at_process(supervisor);
    expect_none(&r);
    sum += r.bytes;
    for (size_t i = 0; i < MEMBERS; i++) {
        r = look_at_core(i);
        expect_none(&r);
        sum += r.bytes;
        r = look_at_process(shows[i]);
        expect_none(&r);
        sum += r.bytes;
    }
    return sum;
}

static void look_everywhere(void)
{
    const uint64_t memory = look_at_memory();
    const struct leak_report frames = look_at_folder(traffic);
    const struct leak_report files = look_at_folder(dev);
    const struct leak_report logs = look_at_folder(tmp); /* and temporary files */

    expect_none(&frames);
    expect_none(&files);
    expect_none(&logs);
    assert_true(frames.bytes > 10000000 && files.bytes > 10000 && logs.bytes > 1000);
    print_message("%zu secrets: none in %llu bytes of memory, %llu of frames, %llu of files, "
                  "%llu of logs\n",
                  set.n, (unsigned long long)memory, (unsigned long long)frames.bytes,
                  (unsigned long long)files.bytes, (unsigned long long)logs.bytes);
}

static void take_from_all(void (*from)(const struct core_pages *p, secret_taker *take,
                                       void *self))
{
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_read(&cores[i]);
        from(&cores[i], core_secrets_to_set, &set);
    }
}

/* ---- tests ---- */

static void nothing_leaks(void **state)
{
    pthread_t threads[WORKERS];
    uint64_t during = 0;

    (void)state;
    recorder_secrets(taken, &set);
    assert_true(set.n > 1000); /* of channels and openings */
    for (int i = 0; i < STAMPS_BEFORE; i++) {
        assert_true(stamp());
    }
    take_from_all(core_secrets_take);
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_true(core_secrets_are_genuine(&cores[i]));
        core_secrets_take_small(&cores[i], &set);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, keep_stamping, NULL), 0);
    }
    while (stamped < STAMPS_UNDER_WATCH) {
        take_from_all(core_secrets_take_steady);
        during += look_at_memory();
    }
    stop_stamping = true;
    for (size_t i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    print_message("%llu bytes of memory looked at during %zu stamps\n",
                  (unsigned long long)during, (size_t)stamped);
    take_from_all(core_secrets_take);
    for (size_t i = 0; i < MEMBERS; i++) { /* nobody asks to see any of it now */
        core_secrets_take_w(&cores[i], core_secrets_sparse_to_set, &set);
    }
    look_everywhere();
}

static void nothing_is_swapped_or_dumped(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        const pid_t pid = cores[i].process.pid;

        assert_true(cores[i].region->locked && cores[i].region->not_dumped);
        assert_int_equal(process_core_limit(pid), 0);
        assert_int_equal(process_status(pid, "VmSwap"), 0);
        assert_true(process_status(pid, "VmLck") > 0);
    }
}

/* ---- what a leak would look like: each place, another secret ---- */

static const struct core_member *member(size_t i)
{
    return core_pages_member(&cores[i]);
}

/* in: a core; MEMBERS: the process pid. */
static void plant_in_memory(size_t in, pid_t pid, const uint8_t *secret, size_t n,
                            const char *where)
{
    static struct process_memory m;
    const char *why = "";
    const struct region *stack = NULL;
    struct leak_report r;
    uint8_t before[64];

    assert_true(process_memory_open(&m, pid, &why));
    for (size_t i = 0; i < m.n; i++) {
        stack = strcmp(m.regions[i].name, "[stack]") == 0 ? &m.regions[i] : stack;
    }
    assert_non_null(stack);
    assert_int_equal(process_memory_read(&m, stack->lo + 5, before, n), n);
    assert_true(process_memory_write(&m, stack->lo + 5, secret, n));
    r = in < MEMBERS ? look_at_core(in) : look_at_process(pid);
    assert_true(process_memory_write(&m, stack->lo + 5, before, n));
    process_memory_close(&m);
    if (r.leaks == 0) {
        fail_msg("a leak to the memory of %s is not found", where);
    }
}

static void plant_in_file(const char *folder, const char *name, const uint8_t *secret, size_t n)
{
    char path[160];
    struct leak_report r;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "ae");
    assert_non_null(f);
    assert_int_equal(fwrite("say ", 1, 4, f), 4);
    assert_int_equal(fwrite(secret, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    r = look_at_folder(folder);
    if (r.leaks == 0) {
        fail_msg("a leak to %s is not found", path);
    }
}

/* What no core gives out comes to another one in a frame: it is in the traffic then, and in
 * that core. */
static void plant_in_frame(size_t to, const uint8_t *secret, size_t n)
{
    char uri[128];
    static struct core_reply reply;
    struct leak_report r;
    int fd;

    (void)snprintf(uri, sizeof uri, "unix:%s/core-%zu.sock", dev, to + 1);
    fd = core_connect(uri);
    assert_int_equal(core_ask(fd, FRAME_STATE, (struct view){secret, n}, &reply), ERR_TRAILING);
    r = look_at_folder(traffic);
    if (r.leaks == 0) {
        fail_msg("a leak to a frame is not found");
    }
    r = look_at_core(to);
    if (r.leaks == 0) {
        fail_msg("a leak to another core is not found");
    }
    (void)close(fd);
}

static void planted_leaks_are_found(void **state)
{
    const struct boot_memory *const b = core_pages_boot(&cores[2]);
    size_t alone = 0; /* a subset of core 0 that core 1 is not in */

    (void)state;
    while ((member(0)->share.held.mask[alone] >> member(1)->ceremony.own & 1) != 0) {
        alone++;
    }
    plant_in_memory(MEMBERS, front, member(1)->share.sigma[2] + 7, 23, "the front");
    plant_in_memory(MEMBERS, supervisor, b->identity.key.d + 3, 23, "the supervisor");
    plant_in_memory(3, cores[3].process.pid, member(3)->party.places[9].batch.seed + 1, 23,
                    "the owner, outside its locked pages");
    plant_in_memory(4, cores[4].process.pid, b->identity.signing_key.seed + 2, 23,
                    "another core");
    plant_in_file(dev, "journal.txt", (const uint8_t *)&member(2)->share.s2_hat[1][3].coeff[9],
                  23);
    plant_in_file(tmp, "log", b->key.d + 9, 23);
    plant_in_file(tmp, "swap.tmp", b->core.drbg.v + 13, 23);
    plant_in_frame(1, member(0)->share.sigma[alone] + 15, 23);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaks),
        cmocka_unit_test(nothing_is_swapped_or_dumped),
        cmocka_unit_test(planted_leaks_are_found),
    };

    if (recorder_is_core(argv[0])) {
        return recorder_run(argc, argv);
    }
    if (!core_can_serve() || !core_pages_can_be_read()) {
        return 77;
    }
    if (access(QUORATE_BIN "/quorate-authority", X_OK) != 0 ||
        access(QUORATE_BIN "/quorate-front", X_OK) != 0) {
        (void)printf("SKIP quorate-authority or quorate-front is not built\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, start_all, stop_all);
}
