/* The coordinator against a real quorate-core: activation, load from many threads, and kill -9
 * of the core under that load. */
#include "testing.h"

#include "crypto/p384.h"
#include "format/signed_attrs.h"
#include "format/tst_info.h"
#include "host/coord/coord.h"
#include "os/endpoint.h"
#include "wire/frame.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define STAMPS_MAX 100000
#define VERIFY_EVERY 16
#define KILL_AFTER 125 /* stamps of one of THREADS clients */

static const uint8_t policy_oid[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81,
                                     0xfd, 0x59, 0x98, 0x59, 0x01, 0x5b};
static char dir[128];
static char uri[160];
static sem_t changed;
static struct activation act; /* what the running core is activated with */

/* ---- the core ---- */

static pid_t core_start(void)
{
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
        (void)execl(QUORATE_BIN "/quorate-core", "quorate-core", "--listen", uri, "--clock",
                    "trust-system", "--allow-untrusted-time", "--allow-unlocked", "--policy",
                    "1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000", (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void core_kill(pid_t pid)
{
    int status = 0;

    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

static void exchange(int fd, struct view ask, uint8_t *answer, size_t n)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    size_t got = 0;

    assert_int_equal(poll(&p, 1, 10000), 1);
    assert_int_equal(write(fd, ask.p, ask.n), (ssize_t)ask.n);
    p.events = POLLIN;
    while (got < n) {
        assert_int_equal(poll(&p, 1, 10000), 1);
        const ssize_t r = read(fd, answer + got, n - got);

        assert_true(r > 0);
        got += (size_t)r;
    }
}

/* Tells the core of an invented certificate, as the supervisor does of a real one. */
static void core_activate(const uint8_t epoch_id[EPOCH_ID_LEN])
{
    static const uint8_t issuer[] = {0x30, 0x00};
    static const uint8_t serial[] = {0x01, 0x02, 0x03};
    uint8_t ask[1024];
    uint8_t answer[FRAME_HEADER_LEN + ACTIVATION_HASH_LEN];
    uint8_t want[ACTIVATION_HASH_LEN];
    struct writer w = wr_init(ask, sizeof ask);
    const size_t mark = frame_begin(&w, FRAME_ACTIVATE, 1);
    struct endpoint e;
    struct view done;
    int fd = -1;

    memcpy(act.epoch_id, epoch_id, EPOCH_ID_LEN);
    act.key = KEY_CLASSIC;
    memset(act.cert_hash, 0x5a, sizeof act.cert_hash);
    act.serial = (struct view){serial, sizeof serial};
    act.issuer = (struct view){issuer, sizeof issuer};
    activation_encode(&w, &act);
    frame_end(&w, mark);
    assert_int_equal(wr_finish(&w, &done), ERR_OK);
    assert_int_equal(endpoint_parse(uri, &e), ERR_OK);
    assert_int_equal(endpoint_connect(&e, &fd), ERR_OK);
    exchange(fd, done, answer, sizeof answer);
    (void)close(fd);
    assert_int_equal(answer[2], FRAME_ACTIVATE | FRAME_ANSWER);
    activation_hash(&act, want);
    assert_memory_equal(answer + FRAME_HEADER_LEN, want, sizeof want);
}

/* ---- the coordinator ---- */

static void on_change(void *user)
{
    (void)sem_post(user);
}

static void wait_for(sem_t *sem)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    assert_int_equal(sem_timedwait(sem, &until), 0);
}

/* Until the core is in this state; state 0: until it is gone. */
static void wait_state(struct coord *c, uint8_t state, struct coord_core_view *v)
{
    for (;;) {
        coord_look(c, 0, v);
        if (v->connected ? v->status.state == state : state == 0) {
            return;
        }
        wait_for(&changed);
    }
}

static int64_t monotonic_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct client {
    pthread_t thread;
    struct coord *c;
    const struct coord_core_view *core;
    uint8_t activation[ACTIVATION_HASH_LEN];
    uint32_t number;
    atomic_bool *stop; /* set: stop at the next refusal */
    size_t stamps;     /* to be got */
    size_t good, refused;
    int64_t *trip_us; /* of each good one */
    uint8_t (*serials)[STAMP_SERIAL_LEN];
};

static void post_done(struct coord_job *job)
{
    (void)sem_post(job->user);
}

static void job_fill(struct coord_job *j, const struct client *k, size_t i)
{
    memset(j, 0, sizeof *j);
    j->deadline_ns = monotonic_ns() + INT64_C(20000000000);
    j->key = KEY_CLASSIC;
    j->policy = 1;
    j->hash_alg = (uint8_t)(HASH_SHA256 + i % 3);
    memcpy(j->hashed_message, &i, sizeof i);
    j->nonce_len = 8;
    j->nonce[0] = 0x7f;
    j->nonce[1] = (uint8_t)k->number;
    j->rule = (struct stamp_policy){3, 100, 1000, false};
    memcpy(j->epoch_id, k->core->status.epoch_id, EPOCH_ID_LEN);
    memcpy(j->activation, k->activation, ACTIVATION_HASH_LEN);
    j->done = post_done;
}

/* The host writes the same bytes as the core did, and the core's key has signed them. */
static bool signature_is_genuine(const struct coord_job *j, const struct coord_core_view *core)
{
    uint8_t bytes[SIGNED_ATTRS_MAX];
    uint8_t digest[48];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct tst_info info = {
        .policy = {policy_oid, sizeof policy_oid},
        .hash_alg = (enum hash_alg)j->hash_alg,
        .hashed_message = {j->hashed_message, hash_len((enum hash_alg)j->hash_alg)},
        .gen_time_ms = j->stamp.gen_time_ms,
        .accuracy_ms = j->stamp.accuracy_ms,
        .nonce = {j->nonce, j->nonce_len},
    };
    struct ess_cert_id_v2 id = {.issuer = act.issuer, .serial = act.serial};
    struct view done;

    memcpy(info.serial_number, j->stamp.serial, sizeof info.serial_number);
    memcpy(id.cert_hash, act.cert_hash, sizeof id.cert_hash);
    tst_info_write(&w, &info);
    if (wr_finish(&w, &done) != ERR_OK) {
        return false;
    }
    hash_once(HASH_SHA384, done, digest);
    w = wr_init(bytes, sizeof bytes);
    signed_attrs_write(&w, SIGN_ECDSA_P384_SHA384, (struct view){digest, sizeof digest}, &id);
    if (wr_finish(&w, &done) != ERR_OK) {
        return false;
    }
    hash_once(HASH_SHA384, done, digest);
    return j->signature_len == P384_SIG_LEN &&
           p384_verify(core->keys[0].bytes, digest, j->signature) == ERR_OK;
}

/* Whom the first client kills, among its stamps: however long the others are not looked after,
 * they cannot have got all of theirs before. 0: nobody. */
static pid_t victim;

static void *ask_on(void *self)
{
    struct client *k = self;
    sem_t sem;

    (void)sem_init(&sem, 0, 0);
    while (k->good < k->stamps) {
        struct coord_job j;
        const int64_t begin_ns = monotonic_ns();

        job_fill(&j, k, k->good);
        j.user = &sem;
        coord_submit(k->c, &j);
        (void)sem_wait(&sem);
        if (j.err != ERR_OK) {
            k->refused++;
            if (k->stop == NULL) {
                (void)fprintf(stderr, "refused: %s\n", err_name(j.err));
            }
            if (k->stop == NULL || atomic_load(k->stop)) {
                break;
            }
            continue;
        }
        if (k->good % VERIFY_EVERY == 0 && !signature_is_genuine(&j, k->core)) {
            break;
        }
        k->trip_us[k->good] = (monotonic_ns() - begin_ns) / 1000;
        memcpy(k->serials[k->good], j.stamp.serial, STAMP_SERIAL_LEN);
        k->good++;
        if (victim != 0 && k->number == 0 && k->good == KILL_AFTER) {
            (void)kill(victim, SIGKILL);
        }
    }
    (void)sem_destroy(&sem);
    return NULL;
}

/* ---- results ---- */

static uint8_t all_serials[STAMPS_MAX][STAMP_SERIAL_LEN];
static int64_t all_trips[STAMPS_MAX];
static size_t n_all;

static int serial_order(const void *a, const void *b)
{
    return memcmp(a, b, STAMP_SERIAL_LEN);
}

static int trip_order(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void clients_start(struct client *k, size_t n, struct coord *c,
                          const struct coord_core_view *core, size_t stamps, atomic_bool *stop)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(n_all + (i + 1) * stamps <= STAMPS_MAX);
        k[i] = (struct client){.c = c,
                               .core = core,
                               .number = (uint32_t)i,
                               .stop = stop,
                               .stamps = stamps,
                               .trip_us = all_trips + n_all + i * stamps,
                               .serials = all_serials + n_all + i * stamps};
        activation_hash(&act, k[i].activation);
        assert_int_equal(pthread_create(&k[i].thread, NULL, ask_on, &k[i]), 0);
    }
}

/* Joins them, and moves what they got together. */
static size_t clients_join(struct client *k, size_t n)
{
    size_t good = 0;

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pthread_join(k[i].thread, NULL), 0);
        memmove(all_serials + n_all + good, k[i].serials, k[i].good * STAMP_SERIAL_LEN);
        memmove(all_trips + n_all + good, k[i].trip_us, k[i].good * sizeof all_trips[0]);
        good += k[i].good;
    }
    n_all += good;
    return good;
}

static void print_trips(const char *what, size_t n, int64_t begin_ns)
{
    int64_t *t = all_trips + n_all - n;
    const double seconds = (double)(monotonic_ns() - begin_ns) / 1e9;

    qsort(t, n, sizeof *t, trip_order);
    (void)printf("%s: %zu stamps, %.0f/s, p50 %lld us, p99 %lld us, longest %lld us\n", what, n,
                 (double)n / seconds, (long long)t[n / 2], (long long)t[n * 99 / 100],
                 (long long)t[n - 1]);
}

static void measure(struct coord *c, const struct coord_core_view *core, size_t threads,
                    size_t each)
{
    struct client clients[32];
    char what[32];
    const int64_t begin_ns = monotonic_ns();

    (void)snprintf(what, sizeof what, "%zu at once", threads);
    clients_start(clients, threads, c, core, each, NULL);
    assert_int_equal(clients_join(clients, threads), threads * each);
    print_trips(what, threads * each, begin_ns);
}

static void serials_are_unique(void)
{
    qsort(all_serials, n_all, STAMP_SERIAL_LEN, serial_order);
    for (size_t i = 1; i < n_all; i++) {
        assert_true(memcmp(all_serials[i - 1], all_serials[i], STAMP_SERIAL_LEN) != 0);
    }
}

static void stamps_and_survives_its_core(void **state)
{
    const char *uris[] = {uri};
    struct client clients[THREADS];
    struct coord_core_view core;
    struct coord_core_view gone;
    struct coord *c = NULL;
    atomic_bool stop;
    const struct coord_options o = {
        .cores = uris, .n = 1, .on_change = on_change, .user = &changed};
    pid_t pid = core_start();

    (void)state;
    atomic_init(&stop, false);
    assert_int_equal(coord_new(&o, &c), ERR_OK);
    wait_state(c, CORE_WAITING, &core);
    core_activate(core.status.epoch_id);
    wait_state(c, CORE_SERVING, &core);
    measure(c, &core, 1, 500);
    measure(c, &core, THREADS, 500);
    measure(c, &core, 32, 200);

    /* Killed under load: whoever waits is refused at once. */
    victim = pid;
    clients_start(clients, THREADS, c, &core, 4000, &stop);
    wait_state(c, 0, &gone);
    core_kill(pid); /* it is dead, and is buried */
    atomic_store(&stop, true);
    const int64_t begin_ns = monotonic_ns();

    assert_true(clients_join(clients, THREADS) < THREADS * 4000);
    victim = 0;
    assert_true(monotonic_ns() - begin_ns < INT64_C(5000000000));
    assert_int_equal(atomic_load(&coord_counters(c)->queue_depth), 0);

    /* Its successor has another key and epoch, and is taken over. */
    memcpy(gone.keys[0].bytes, core.keys[0].bytes, P384_PUBLIC_LEN);
    pid = core_start();
    wait_state(c, CORE_WAITING, &core);
    assert_true(memcmp(gone.keys[0].bytes, core.keys[0].bytes, P384_PUBLIC_LEN) != 0);
    core_activate(core.status.epoch_id);
    wait_state(c, CORE_SERVING, &core);
    measure(c, &core, THREADS, 200);
    serials_are_unique();
    assert_int_equal(atomic_load(&coord_counters(c)->frames_bad), 0);
    assert_int_equal(atomic_load(&coord_counters(c)->deadline), 0);
    coord_free(c);
    core_kill(pid);
}

static int setup(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    (void)snprintf(dir, sizeof dir, "%s/quorate-integ-XXXXXX",
                   base != NULL && strlen(base) < 64 ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(uri, sizeof uri, "unix:%s/core.sock", dir);
    return sem_init(&changed, 0, 0);
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(uri + strlen("unix:"));
    (void)rmdir(dir);
    return sem_destroy(&changed);
}

int main(void)
{
#if defined(QUORATE_SIMULATED)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stamps_and_survives_its_core, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
#else
    (void)setup;
    (void)teardown;
    (void)stamps_and_survives_its_core;
    (void)printf("SKIP this build refuses the clock that the test needs\n");
    return 77;
#endif
}
