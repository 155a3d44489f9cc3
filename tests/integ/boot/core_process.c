#include "core_process.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_S 60 /* of a machine that has other work */

const char *const core_usual[] = {"--clock",  "trust-system", "--allow-untrusted-time",
                                  "--policy", CORE_POLICY,    "--allow-unlocked",
                                  NULL};

bool core_can_serve(void)
{
#if defined(QUORATE_SIMULATED)
    return true;
#else
    (void)printf("SKIP a production build refuses the trust-system clock\n");
    return false;
#endif
}

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the process ---- */

/* cmocka's: a core that crashes would go on with the tests. */
static void leave_handlers(void)
{
    static const int taken[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS};
    const struct sigaction preset = {.sa_handler = SIG_DFL};

    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        (void)sigaction(taken[i], &preset, NULL);
    }
}

static void run_child(struct core_process *p, const char *const *args,
                      const struct core_child *child, int log_fd)
{
    char *argv[CORE_ARGS_MAX + 4] = {NULL};
    char program[] = QUORATE_BIN "/quorate-core";
    char listen[] = "--listen";
    size_t n = 0;

    argv[n++] = program;
    argv[n++] = listen;
    argv[n++] = p->uri;
    for (size_t i = 0; args[i] != NULL && n + 1 < sizeof argv / sizeof argv[0]; i++) {
        argv[n++] = strdup(args[i]);
    }
    if (dup2(log_fd, STDERR_FILENO) < 0) {
        _exit(126);
    }
    if (child->prepare != NULL) {
        child->prepare(p->dir);
    }
    /* Whatever becomes of the test, nothing of it stays behind. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        _exit(126);
    }
    if (child->run != NULL) {
        leave_handlers();
        _exit(child->run((int)n, argv));
    }
    (void)execv(program, argv);
    _exit(127);
}

bool core_process_start(struct core_process *p, const char *const *args)
{
    static const struct core_child usual = {NULL, NULL};

    return core_process_start_as(p, args, &usual);
}

bool core_process_start_as(struct core_process *p, const char *const *args,
                           const struct core_child *child)
{
    int log[2];

    memset(p, 0, sizeof *p);
    p->log_fd = -1;
    (void)snprintf(p->dir, sizeof p->dir, "/tmp/quorate-core-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->uri, sizeof p->uri, "unix:%s/core.sock", p->dir);
    assert_int_equal(pipe2(log, O_CLOEXEC), 0);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        run_child(p, args, child, log[1]);
    }
    (void)close(log[1]);
    p->log_fd = log[0];
    (void)fcntl(p->log_fd, F_SETFL, O_NONBLOCK);
    return core_process_logs(p, "ready ");
}

bool core_process_logs(struct core_process *p, const char *text)
{
    const int64_t end = now_ms() + INT64_C(1000) * WAIT_S;

    while (strstr(p->log, text) == NULL) {
        struct pollfd f = {.fd = p->log_fd, .events = POLLIN};
        ssize_t n = 0;

        if (now_ms() > end || p->log_len + 1 >= sizeof p->log) {
            return false;
        }
        if (poll(&f, 1, 100) == 1) {
            n = read(p->log_fd, p->log + p->log_len, sizeof p->log - 1 - p->log_len);
            if (n == 0) {
                return false;
            }
            p->log_len += n > 0 ? (size_t)n : 0;
        }
    }
    return true;
}

int core_process_wait(struct core_process *p)
{
    int status = 0;

    (void)alarm(2 * WAIT_S); /* ends the test, should the core not end */
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    (void)alarm(0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int core_process_stop(struct core_process *p)
{
    assert_int_equal(kill(p->pid, SIGTERM), 0);
    return core_process_wait(p);
}

void core_process_clean(struct core_process *p)
{
    (void)close(p->log_fd);
    (void)unlink(p->uri + strlen("unix:"));
    (void)rmdir(p->dir);
}

/* ---- the client ---- */

int core_connect_raw(const char *uri)
{
    struct endpoint e;
    int fd = -1;

    assert_int_equal(endpoint_parse(uri, &e), ERR_OK);
    assert_int_equal(endpoint_connect(&e, &fd), ERR_OK);
    return fd;
}

int core_connect(const char *uri)
{
    const struct timeval limit = {.tv_sec = WAIT_S};
    const int fd = core_connect_raw(uri);
    struct pollfd f = {.fd = fd, .events = POLLOUT};

    assert_int_equal(poll(&f, 1, WAIT_S * 1000), 1);
    assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
    return fd;
}

void core_send(int fd, uint8_t type, uint64_t id, struct view body)
{
    static uint8_t bytes[FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    const size_t mark = frame_begin(&w, type, id);

    wr_view(&w, body);
    frame_end(&w, mark);
    assert_false(w.full);
    assert_int_equal(send(fd, bytes, w.len, MSG_NOSIGNAL), (ssize_t)w.len);
}

static bool read_all(int fd, uint8_t *out, size_t n)
{
    for (size_t done = 0; done < n;) {
        const ssize_t got = read(fd, out + done, n - done);

        if (got <= 0) {
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

bool core_receive(int fd, struct core_reply *r)
{
    uint8_t head[FRAME_HEADER_LEN] = {0};

    if (!read_all(fd, head, sizeof head)) {
        return false;
    }
    assert_int_equal(frame_header_decode((struct view){head, sizeof head}, &r->head), ERR_OK);
    assert_true(r->head.body_len <= sizeof r->body);
    return read_all(fd, r->body, r->head.body_len);
}

enum err core_ask(int fd, uint8_t type, struct view body, struct core_reply *r)
{
    static uint64_t id = 1000;
    enum err e = ERR_OK;

    id++;
    core_send(fd, type, id, body);
    if (!core_receive(fd, r)) {
        fail_msg("no answer to a frame of type %u", type);
        return ERR_IO;
    }
    assert_int_equal(r->head.request_id, id);
    if (r->head.type == FRAME_ERROR) {
        assert_int_equal(frame_error_decode((struct view){r->body, r->head.body_len}, &e),
                         ERR_OK);
        return e;
    }
    assert_int_equal(r->head.type, type | FRAME_ANSWER);
    return ERR_OK;
}

void core_hello(int fd, struct core_session *s)
{
    struct core_reply *const r = &s->hello_reply;

    assert_int_equal(core_ask(fd, FRAME_HELLO, (struct view){NULL, 0}, r), ERR_OK);
    assert_int_equal(hello_decode((struct view){r->body, r->head.body_len}, &s->hello), ERR_OK);
}

enum err core_activate(int fd, struct core_session *s, uint8_t salt)
{
    return core_activate_key(fd, s, KEY_CLASSIC, salt);
}

/* FIPS 204 alg. 6. */
static void take_tr(const struct core_session *s, uint8_t key, struct stamp_cert *cert)
{
    struct shake256 x;

    if (key == KEY_PQ) {
        shake256_init(&x);
        shake256_update(&x, s->hello.keys[1].public_key.p, s->hello.keys[1].public_key.n);
        shake256_final(&x, cert->tr, MLDSA_TR_LEN);
    }
}

enum err core_activate_key(int fd, struct core_session *s, uint8_t key, uint8_t salt)
{
    static const uint8_t issuer[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                                     0x55, 0x04, 0x03, 0x0c, 0x02, 'C',  'A'};
    const uint8_t serial[] = {0x01, salt};
    struct activation a = {
        .key = key, .serial = {serial, sizeof serial}, .issuer = {issuer, sizeof issuer}};
    uint8_t hash[ACTIVATION_HASH_LEN];
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);
    static struct core_reply r;

    memcpy(a.epoch_id, s->hello.epoch_id, EPOCH_ID_LEN);
    memset(a.cert_hash, salt, sizeof a.cert_hash);
    activation_encode(&w, &a);
    TRY(core_ask(fd, FRAME_ACTIVATE, (struct view){body, w.len}, &r));
    stamp_cert_set(&s->certs[key - 1], &a);
    take_tr(s, key, &s->certs[key - 1]);
    TRY(activation_answer_decode((struct view){r.body, r.head.body_len}, hash));
    assert_memory_equal(hash, s->certs[key - 1].activation, sizeof hash);
    return ERR_OK;
}

enum err core_r1(int fd, const struct core_session *s, size_t n, struct core_rounds *r)
{
    return core_r1_key(fd, s, KEY_CLASSIC, n, r);
}

enum err core_r1_key(int fd, const struct core_session *s, uint8_t key, size_t n,
                     struct core_rounds *r)
{
    struct r1_ask ask = {.key = key, .sid0 = {r->sid0[0], n * SID0_LEN}};
    uint8_t body[EPOCH_ID_LEN + 2 + STAMP_BATCH_MAX * SID0_LEN];
    struct writer w = wr_init(body, sizeof body);
    static struct core_reply reply;
    struct view bodies;

    memset(r, 0, sizeof *r);
    r->n = n;
    for (size_t i = 0; i < n; i++) {
        memset(r->sid0[i], (int)i + 1, SID0_LEN);
        memset(r->imprint[i], (int)i + 101, HASH_MAX);
    }
    memcpy(ask.epoch_id, s->hello.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &ask);
    TRY(core_ask(fd, FRAME_R1, (struct view){body, w.len}, &reply));
    assert_int_equal(
        r1_answer_decode((struct view){reply.body, reply.head.body_len}, R1_BODY_LEN, &bodies),
        ERR_OK);
    assert_int_equal(bodies.n, n * R1_BODY_LEN);
    memcpy(r->bodies, bodies.p, bodies.n);

    r->head = (struct r2_head){.key = key, .t = 1, .signers = {1}, .n = (uint8_t)n};
    memcpy(r->head.epoch_id, s->hello.epoch_id, EPOCH_ID_LEN);
    if (key == KEY_DUAL) {
        activation_dual(s->certs[0].activation, s->certs[1].activation, r->head.activation);
    } else {
        memcpy(r->head.activation, s->certs[key - 1].activation, ACTIVATION_HASH_LEN);
    }
    for (size_t i = 0; i < n; i++) {
        r->stamps[i] = (struct r2_stamp){.bodies = {r->bodies[i], R1_BODY_LEN},
                                         .hash_alg = HASH_SHA256,
                                         .policy = key,
                                         .hashed_message = {r->imprint[i], 32},
                                         .nonce = {r->imprint[i], i % 9}};
        memcpy(r->stamps[i].sid0, r->sid0[i], SID0_LEN);
    }
    return ERR_OK;
}

struct view core_r2_body(const struct core_rounds *r, uint8_t *buf, size_t cap)
{
    struct writer w = wr_init(buf, cap);
    struct view out;

    r2_head_encode(&w, &r->head);
    for (size_t i = 0; i < r->n; i++) {
        r2_stamp_encode(&w, &r->stamps[i]);
    }
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static bool is_genuine_pq(const struct core_session *s, const uint8_t *mu,
                          struct view signature)
{
    static struct mldsa_key_scratch scratch;
    static struct mldsa_public_key key;
    static struct mldsa_verify_scratch verify;

    assert_int_equal(mldsa_public_key_parse(mldsa_best(), &mldsa_65,
                                            s->hello.keys[1].public_key, &scratch, &key),
                     ERR_OK);
    return mldsa_verify_mu(&key, mu, signature, &verify) == ERR_OK;
}

static bool is_genuine(const struct core_session *s, const struct core_rounds *r, size_t at,
                       const struct r2_result *res)
{
    const struct hello_policy *const hp = &s->hello.policies[r->head.key - 1];
    struct boot_policy p = {.number = hp->number,
                            .key = hp->key,
                            .oid_len = (uint8_t)hp->oid.n,
                            .rule = {hp->digits, hp->min_accuracy_ms, hp->max_accuracy_ms}};
    struct reader rest = rd_init(res->signature);
    uint8_t digest[SIGN_DIGEST_LEN];
    bool genuine = true;
    struct view one;
    struct stamp st;

    memcpy(p.oid, hp->oid.p, hp->oid.n);
    assert_int_equal(stamp_derive(&r->head, &r->stamps[at], &p.rule, &st), ERR_OK);
    for (enum core_key key = KEY_CLASSIC; key <= KEY_PQ; key++) {
        if (!core_key_takes(p.key, key)) {
            continue;
        }
        assert_int_equal(stamping_digest(&st, &r->stamps[at], &p, s->certs, key, digest),
                         ERR_OK);
        assert_int_equal(rd_take(&rest, stamp_signature_len((uint8_t)key), &one), ERR_OK);
        genuine = genuine && (key == KEY_PQ ? is_genuine_pq(s, digest, one)
                                            : p384_verify(s->hello.keys[0].public_key.p, digest,
                                                          one.p) == ERR_OK);
    }
    return genuine && rest.n == 0;
}

size_t core_check_answer(const struct core_session *s, const struct core_rounds *r,
                         const struct core_reply *reply, enum err errs[STAMP_BATCH_MAX])
{
    struct reader rd = rd_init((struct view){reply->body, reply->head.body_len});
    struct r2_result res;
    size_t genuine = 0;
    uint8_t n = 0;

    assert_int_equal(reply->head.type, FRAME_R2 | FRAME_ANSWER);
    assert_int_equal(rd_u8(&rd, &n), ERR_OK);
    assert_int_equal(n, r->n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(r2_result_decode(&rd, &res), ERR_OK);
        errs[i] = res.err;
        genuine += res.err == ERR_OK && is_genuine(s, r, i, &res);
    }
    assert_int_equal(rd_finish(&rd), ERR_OK);
    return genuine;
}

size_t core_stamp(int fd, const struct core_session *s, uint8_t key, size_t n,
                  struct core_rounds *r)
{
    const int64_t end = now_ms() + INT64_C(1000) * WAIT_S;
    static uint8_t body[FRAME_BODY_MAX];
    static struct core_reply reply;
    enum err errs[STAMP_BATCH_MAX] = {ERR_STALE};
    size_t genuine = 0;

    while (errs[0] == ERR_STALE && now_ms() < end) {
        const enum err e = core_r1_key(fd, s, key, n, r);

        if (e != ERR_NOSPACE) {
            assert_int_equal(e, ERR_OK);
            assert_int_equal(core_ask(fd, FRAME_R2, core_r2_body(r, body, sizeof body), &reply),
                             ERR_OK);
            genuine = core_check_answer(s, r, &reply, errs);
        }
    }
    return genuine;
}
