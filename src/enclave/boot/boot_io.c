#include "enclave/boot/boot_io.h"

#include "base/scratch_stack.h"
#include "base/secret.h"
#include "base/version.h"
#include "enclave/boot/boot_memory.h"
#include "enclave/core/core_presign.h"
#include "enclave/core/core_quorum.h"
#include "enclave/events/log_io.h"
#include "enclave/selftest/self_test.h"
#include "os/endpoint.h"
#include "os/harden.h"
#include "os/locked_memory.h"
#include "os/promptness.h"
#include "os/sandbox.h"
#include "os/stop_signal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BACKLOG 64
#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define N_FIELDS(f) (sizeof(f) / sizeof(f)[0])

static const char USAGE[] =
    "usage: quorate-core --listen URI [--listen URI ...] --clock kernel|trust-system|nts\n"
    "         [--time-listen URI --leap-table SECOND:OFFSET[,...]@EXPIRES]\n"
    "         [--tsm-listen URI]\n"
    "         --policy N,classic|pq,OID,DIGITS,MIN_MS,MAX_MS[,ordering] [--policy ...]\n"
    "         [--member] [--idle-ms N] [--allow-unlocked] [--allow-untrusted-time]\n"
    "URI: unix:PATH, tcp:ADDR:PORT or vsock:CID:PORT. See quorate-core(1).\n";
static const char *const CLOCK_NAMES[] = {
    [CLOCK_KERNEL] = "kernel", [CLOCK_TRUST_SYSTEM] = "trust_system", [CLOCK_NTS] = "nts"};

/* What is under way while it boots. */
struct boot {
    struct locked_memory pages;
    struct boot_memory *m;
    struct boot_layout at;      /* in pages */
    struct boot_pq *pq;         /* NULL: no policy uses KEY_PQ, or a member's does */
    struct core_member *member; /* NULL: it signs alone */
    struct tsm_desk *desk;      /* NULL: it has no evidence */
    struct p384_signer *audit_signer;
    struct worker_setup workers;
    int listeners[LIMIT_LISTENERS];
    int signal_fd;
    const char *step; /* what is being done, for the log when it fails */
    int system_error; /* errno as it was then; 0: none */
};

static const int SYSCALLS[] = {
    SYS_read,          SYS_write,           SYS_close,    SYS_accept4, /* sockets */
    SYS_epoll_wait,    SYS_epoll_ctl,       SYS_poll,     SYS_futex,   /* loop, log, workers */
    SYS_clock_gettime, SYS_clock_adjtime,   SYS_adjtimex, SYS_getrandom,
    SYS_exit_group,    SYS_restart_syscall, /* the end; a stop and continue in epoll_wait */
};

const int *boot_syscalls(size_t *n)
{
    *n = N_FIELDS(SYSCALLS);
    return SYSCALLS;
}

/* Threads, or the main one. */
static size_t n_workers(const struct boot *b)
{
    return b->workers.n > 0 ? b->workers.n : 1;
}

static void place_member(struct boot *b)
{
    uint8_t *const p = b->pages.p;

    b->member = (struct core_member *)(void *)(p + b->at.member);
    core_areas_init(&b->m->areas, p + b->at.areas, LIMIT_AREAS);
    b->workers.party = &b->member->party;
    b->workers.pq_workers = (struct pq_worker *)(void *)(p + b->at.pq_workers);
    for (size_t i = 0; i < n_workers(b); i++) {
        pq_worker_init(&b->workers.pq_workers[i]);
    }
}

static enum err map_memory(struct boot *b, const struct boot_args *a)
{
    if (a->member && core_member_size() == 0) {
        return ERR_BUG; /* built for numbers that have no parameters */
    }
    b->at = boot_layout(a, n_workers(b));
    TRY(locked_memory_map(b->at.whole, a->allow_unlocked, &b->pages));
    b->m = (struct boot_memory *)(void *)b->pages.p;
    if (b->at.member != 0) {
        place_member(b);
    }
    if (b->at.desk != 0) {
        b->desk = (struct tsm_desk *)(void *)(b->pages.p + b->at.desk);
    }
    if (b->at.pq != 0) {
        b->pq = (struct boot_pq *)(void *)(b->pages.p + b->at.pq);
        b->workers.pq_key = &b->pq->key;
        b->workers.pq_signers = b->pq->signers;
    }
    return ERR_OK;
}

/* What is not secret for long, as on stacks, may not reach swap space either. */
static enum err lock_rest(struct boot *b, const struct boot_args *a)
{
    const enum err e = harden_lock_all();

    b->pages.locked = b->pages.locked && e == ERR_OK;
    return a->allow_unlocked ? ERR_OK : e;
}

static enum err make_signer(uint8_t *memory, struct p384_signer **out)
{
    uint8_t seed[DRBG_SEED_LEN];
    enum err e = entropy_os.fill(entropy_os.self, seed, sizeof seed);

    if (e == ERR_OK) {
        e = p384_signer_init(memory, seed, out);
    }
    wipe(seed, sizeof seed);
    return e;
}

static enum err make_signers(struct boot *b)
{
    for (size_t i = 0; i < n_workers(b); i++) {
        TRY(make_signer(b->pages.p + b->at.signers + i * p384_signer_size(),
                        &b->workers.signers[i]));
    }
    return ERR_OK;
}

/* Before the core: it is told of it. */
static enum err make_member(struct boot *b)
{
    struct presign_meeting meeting;
    struct core_member_setup setup = {.entropy = &entropy_os,
                                      .identity = &b->m->identity,
                                      .work = &b->m->channel_work,
                                      .meeting = &meeting};

    if (b->member == NULL) {
        return ERR_OK;
    }
    TRY(presign_io_init(&b->m->presign, &b->m->pool, &clock_os, &meeting));
    TRY(make_signer(b->pages.p + b->at.presign_signer, &setup.presign_signer));
    TRY(make_signer(b->pages.p + b->at.member_signer, &setup.signer));
    (void)core_member_init((uint8_t *)b->member, &setup);
    return ERR_OK;
}

/* A member makes no pq key of its own, but its ceremony and sessions rest on the same
 * arithmetic. There is room for the test where its pool will be. */
static enum err test_pq(struct core_member *m)
{
    size_t n = 0;
    uint8_t *const spare = core_member_spare(m, &n);
    struct boot_pq *const room = (struct boot_pq *)(void *)spare;
    enum err e = ERR_BUG;

    if (n >= sizeof *room + sizeof room->signers[0]) {
        e = self_test_pq_run(&self_test_pq_known, &room->signers[0], &room->work);
        scratch_stack_wipe(room->signers[0].stack, sizeof room->signers[0].stack);
    }
    wipe(spare, n);
    return e;
}

/* The same for KEY_PQ. */
static enum err make_pq_key(struct boot_pq *pq, struct core_public *keys)
{
    uint8_t xi[MLDSA_SEED_LEN];
    enum err e = self_test_pq_run(&self_test_pq_known, &pq->signers[0], &pq->work);

    if (e == ERR_OK) {
        e = entropy_os.fill(entropy_os.self, xi, sizeof xi);
    }
    if (e == ERR_OK) {
        e = pq_key_make(&pq->signers[0], &pq->work.key_scratch, xi, &pq->key);
    }
    wipe(xi, sizeof xi);
    TRY(e);
    TRY(self_test_pq_pair(&pq->signers[0], &pq->key, &pq->work));
    memcpy(keys->pq, pq->key.public_key, sizeof keys->pq);
    return ERR_OK;
}

static enum err make_identity(struct boot_memory *m, struct p384_signer *s,
                              struct core_public *keys)
{
    uint8_t seed[ED25519_SEED_LEN];
    enum err e = self_test_channel_run(&self_test_channel_known, s, &m->channel_work);

    if (e == ERR_OK) {
        e = entropy_os.fill(entropy_os.self, seed, sizeof seed);
    }
    if (e == ERR_OK) {
        e = identity_make(s, &m->channel_work.stack, seed, &m->identity);
    }
    wipe(seed, sizeof seed);
    memcpy(keys->identity, m->identity.key.public_key, sizeof keys->identity);
    memcpy(keys->signing_key, m->identity.signing_key.public_key, sizeof keys->signing_key);
    return e;
}

/* Proves the arithmetic, makes each key, proves the key. */
static enum err make_keys(struct boot *b, struct core_public *keys)
{
    struct p384_signer *const s = b->workers.signers[0];

    TRY(self_test_run(&self_test_known, s));
    TRY(p384_key_generate(s, &b->m->key));
    TRY(self_test_pair(s, &b->m->key));
    memcpy(keys->classic, b->m->key.public_key, sizeof keys->classic);
    TRY(make_identity(b->m, s, keys));
    if (b->member != NULL) {
        TRY(test_pq(b->member));
    }
    if (b->pq != NULL) {
        TRY(make_pq_key(b->pq, keys));
    }
    TRY(p384_key_generate(b->audit_signer, &b->m->audit_key));
    TRY(self_test_pair(b->audit_signer, &b->m->audit_key));
    memcpy(keys->audit, b->m->audit_key.public_key, sizeof keys->audit);
    return ERR_OK;
}

/* The port matters where the kernel chose it. */
static void log_listener(size_t number, int fd)
{
    struct sockaddr_storage at = {0};
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_vm vm;
    socklen_t len = sizeof at;
    struct log_field f[] = {
        {"number", NULL, (int64_t)number}, {"family", "unix", 0}, {"port", NULL, 0}};

    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        return;
    }
    memcpy(&in, &at, sizeof in);
    memcpy(&in6, &at, sizeof in6);
    memcpy(&vm, &at, sizeof vm);
    if (at.ss_family == AF_INET || at.ss_family == AF_INET6) {
        f[1].name = "tcp";
        f[2].number = ntohs(at.ss_family == AF_INET ? in.sin_port : in6.sin6_port);
    } else if (at.ss_family == AF_VSOCK) {
        f[1].name = "vsock";
        f[2].number = vm.svm_port;
    }
    log_event("listening", f, at.ss_family == AF_UNIX ? 2 : 3);
}

static enum err open_listeners(struct boot *b)
{
    const struct boot_args *const a = &b->m->args;

    for (size_t i = 0; i < a->n_listen; i++) {
        struct endpoint e;

        TRY(endpoint_parse(a->listen[i], &e));
        TRY(endpoint_listen(&e, BACKLOG, &b->listeners[i]));
        log_listener(i, b->listeners[i]);
    }
    return ERR_OK;
}

static enum err enter_sandbox(const struct boot_memory *m)
{
    return (m->core.flags & HELLO_FLAG_NO_SANDBOX) != 0
               ? ERR_OK
               : sandbox_enter(SYSCALLS, N_FIELDS(SYSCALLS));
}

static uint8_t boot_flags(const struct boot *b)
{
    const char *why;
    uint8_t flags = 0;

#if defined(QUORATE_SIMULATED)
    flags |= HELLO_FLAG_SIMULATED;
#endif
    flags |= b->pages.locked ? 0 : HELLO_FLAG_UNLOCKED;
    flags |= sandbox_supported(&why) ? 0 : HELLO_FLAG_NO_SANDBOX;
    return flags;
}

/* Up to the key: from here on the core has a voice. */
static enum err begin(struct boot *b, const struct boot_args *a)
{
    struct core_setup setup = {.args = &b->m->args,
                               .entropy = &entropy_os,
                               .clock = &clock_os,
                               .member = b->member,
                               .desk = b->desk,
                               .own_key = &b->m->key,
                               .audit_key = &b->m->audit_key,
                               .flags = boot_flags(b)};
    struct core_public keys = {0};
    enum err e;

    b->m->args = *a;
    b->step = "entropy";
    TRY(make_signer(b->pages.p + b->at.audit_signer, &b->audit_signer));
    setup.audit_signer = b->audit_signer;
    TRY(core_init(&b->m->core, &setup));
    TRY(make_signers(b));
    TRY(make_member(b));
    b->step = "self_test";
    e = make_keys(b, &keys);
    return core_start(&b->m->core, e, &keys);
}

static enum err go_live(struct boot *b)
{
    struct boot_memory *const m = b->m;
    const struct core_io_setup setup = {.core = &m->core,
                                        .pool = &m->pool,
                                        .clock = &clock_os,
                                        .listeners = b->listeners,
                                        .n_listeners = m->args.n_listen,
                                        .time_listener = m->args.time_listener,
                                        .tsm_listener = m->args.tsm_listener,
                                        .desk = b->desk,
                                        .areas = b->member != NULL ? &m->areas : NULL,
                                        .signal_fd = b->signal_fd,
                                        .idle_ms = m->args.idle_ms};

    b->step = "workers";
    TRY(worker_pool_start(&m->pool, &b->workers));
    if (b->member != NULL && b->member->presign != NULL) {
        TRY(presign_io_start(&m->presign, &b->member->presign->desk));
    }
    promptness_ask(); /* whoever asks for our state waits on this thread, not on those */
    b->step = "listen";
    TRY(open_listeners(b));
    TRY(core_io_init(&m->io, &setup));
    b->step = "sandbox";
    return enter_sandbox(m);
}

static void log_ready(const struct boot *b)
{
    const struct core *const c = &b->m->core;
    const struct log_field f[] = {
        {"listeners", NULL, (int64_t)b->m->args.n_listen},
        {"workers", NULL, (int64_t)b->workers.n},
        {"policies", NULL, (int64_t)b->m->args.n_policies},
        {"clock", CLOCK_NAMES[b->m->args.clock], 0},
        {"counter", b->m->args.clock == CLOCK_NTS ? "monotonic_raw" : "kernel", 0},
        {"locked", NULL, (c->flags & HELLO_FLAG_UNLOCKED) == 0},
        {"sandbox", NULL, (c->flags & HELLO_FLAG_NO_SANDBOX) == 0},
        {"member", NULL, c->member != NULL},
        {"audit_signed", NULL, c->audit.chained},
    };

    log_event("ready", f, N_FIELDS(f));
}

/* Keys and states of random numbers. Workers wait; but one that is at a batch goes with the
 * process, and so does what it works on. */
static void forget(struct boot *b)
{
    const size_t signers = n_workers(b) * p384_signer_size();

    wipe(&b->m->key, sizeof b->m->key);
    wipe(&b->m->identity, sizeof b->m->identity);
    wipe(&b->m->core.drbg, sizeof b->m->core.drbg);
    wipe(&b->m->audit_key, sizeof b->m->audit_key);
    p384_signer_wipe(b->audit_signer);
    if (b->pq != NULL) {
        wipe(&b->pq->key, sizeof b->pq->key);
    }
    if (b->m->core.jobs.busy == 0) {
        wipe(b->pages.p + b->at.signers, signers);
    }
    presign_io_end(&b->m->presign);
    if (b->member != NULL && core_presign_end(&b->m->core) && core_quorum_end(&b->m->core)) {
        core_member_wipe(b->member);
        wipe(b->pages.p + b->at.member_signer, p384_signer_size());
        wipe(b->pages.p + b->at.presign_signer, p384_signer_size());
    }
}

static enum err run(struct boot *b, const struct boot_args *a)
{
    enum err e;

    b->step = "signals";
    TRY(stop_signal_open(&b->signal_fd));
    b->step = "harden";
    TRY(harden_process());
    b->step = "memory";
    b->workers.n = worker_count();
    TRY(map_memory(b, a));
    TRY(lock_rest(b, a));
    b->workers.jobs = &b->m->core.jobs;
    b->workers.key = &b->m->key;
    b->workers.entropy = &entropy_os;
    b->m->io.core = &b->m->core;
    e = begin(b, a);
    if (e == ERR_OK) {
        e = go_live(b);
    }
    b->system_error = e == ERR_IO ? errno : 0;
    core_io_log(&b->m->io);
    if (e == ERR_OK) {
        log_ready(b);
        b->step = "loop";
        e = core_io_run(&b->m->io);
    }
    forget(b);
    return e;
}

/* What went wrong with the command line, and at which argument. */
static int refuse_usage(enum err e, int where)
{
    const struct log_field f[] = {{"err", err_name(e), 0}, {"argument", NULL, where}};

    (void)!write(STDERR_FILENO, USAGE, sizeof USAGE - 1);
    log_event("usage", f, N_FIELDS(f)); /* last: whoever started it keeps that line */
    return EXIT_USAGE;
}

static int say(const char *text)
{
    return write(STDOUT_FILENO, text, strlen(text)) < 0 ? EXIT_FAILED : 0;
}

int boot_run(int argc, char *const *argv)
{
    struct boot b = {.step = ""};
    char version[VERSION_LINE_MAX];
    struct boot_args args;
    int where = 0;
    enum err e = boot_args_parse(argc, argv, &args, &where);

    if (e == ERR_OK) {
        where = argc;
        e = boot_args_check_ordering(&args, MEMBER_THRESHOLD, MEMBER_TOTAL);
    }
    if (e != ERR_OK) {
        return refuse_usage(e, where);
    }
    if (args.help || args.version) {
        return say(args.help ? USAGE : version_line("quorate-core", version));
    }
    e = run(&b, &args);
    if (e != ERR_OK) {
        const struct log_field f[] = {
            {"step", b.step, 0}, {"err", err_name(e), 0}, {"errno", NULL, b.system_error}};

        log_event("failed", f, N_FIELDS(f));
        return EXIT_FAILED;
    }
    log_event("stopped", NULL, 0);
    return 0;
}
