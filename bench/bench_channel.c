/* What it takes to make an attested PQ/1 channel between two processes over TCP on loopback:
 * from the first Hello until both have verified the other, evidence of simulated silicon made
 * and judged meanwhile, as a ceremony does. Beside a channel without evidence in the same run.
 * bench_channel [ROUNDS] */
#include "../tests/evidence_kit.h"
#include "bench_kit.h"

#include "enclave/channel/pq1.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 40
#define LIMIT_MS 40.0

/* One end, in its process. */
static struct {
    struct pq1 c;
    struct pq1_tools tools;
    struct drbg drbg;
    struct p384_key identity;
    struct silicon *chip;
    struct evidence_policy policy;
    int fd;
} end;

static void say(const void *p, size_t n)
{
    const uint8_t *const from = p;

    for (size_t at = 0; at < n;) {
        const ssize_t did = send(end.fd, from + at, n - at, MSG_NOSIGNAL);

        if (did <= 0) {
            die("send");
        }
        at += (size_t)did;
    }
}

static void hear(void *p, size_t n)
{
    if (recv(end.fd, p, n, MSG_WAITALL) != (ssize_t)n) {
        die("recv");
    }
}

static void put(const struct writer *w)
{
    const uint32_t n = (uint32_t)w->len;

    if (w->full) {
        die("no room");
    }
    say(&n, sizeof n);
    say(w->p, n);
}

static struct view get(void)
{
    static uint8_t bytes[PQ1_ATTESTED_MAX];
    uint32_t n = 0;

    hear(&n, sizeof n);
    if (n > sizeof bytes) {
        die("too long");
    }
    hear(bytes, n);
    return (struct view){bytes, n};
}

static enum err judge(void *self, uint8_t peer, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    struct evidence_claims claims;

    (void)self;
    (void)peer;
    (void)incarnation;
    return attest_fault_err(evidence_judge(block, &end.policy, report_data, &snp_roots_compiled,
                                           EVIDENCE_KIT_AT_S, &claims));
}

/* Own Hello, the other's; KEMs; Finished. */
static void make_channel(bool attested)
{
    static uint8_t out[PQ1_ATTESTED_MAX];
    static uint8_t room[EVIDENCE_MAX];
    struct writer w = wr_init(out, sizeof out);
    uint8_t wanted[REPORT_DATA_LEN];
    struct view block;

    must(pq1_begin(&end.c, &end.tools, &w));
    put(&w);
    w = wr_init(out, sizeof out);
    must(pq1_take(&end.c, &end.tools, 0, get(), &w));
    if (attested) {
        if (!pq1_wants_evidence(&end.c, wanted)) {
            die("no evidence is wanted");
        }
        must(evidence_kit_show(end.chip, wanted, room, &block));
        must(pq1_give_evidence(&end.c, block, &w));
    }
    put(&w);
    w = wr_init(out, sizeof out);
    must(pq1_take(&end.c, &end.tools, 0, get(), &w));
    put(&w);
    w = wr_init(out, 0);
    must(pq1_take(&end.c, &end.tools, 0, get(), &w));
    if (!pq1_is_verified(&end.c)) {
        die("not verified");
    }
}

/* Each round anew: both say that they are there, and at the end that they have it.
 * Milliseconds. */
static double one_round(const struct pq1_setup *setup)
{
    char there = 'x';

    must(pq1_init(&end.c, setup));
    say(&there, 1);
    hear(&there, 1);
    const double start = now_s();

    make_channel(setup->judge != NULL);
    say(&there, 1);
    hear(&there, 1);
    return (now_s() - start) * 1e3;
}

static void prepare(unsigned who, struct pq1_setup *setup)
{
    const uint8_t seed[DRBG_SEED_LEN] = {(uint8_t)(who + 1)};
    void *const memory = aligned_alloc(4096, p384_signer_size());
    struct pq1_work *const work = aligned_alloc(64, sizeof *work);
    unsigned line = 0;

    if (memory == NULL || work == NULL) {
        die("no memory");
    }
    pq1_work_init(work);
    drbg_init(&end.drbg, (struct view){seed, sizeof seed}, (struct view){NULL, 0});
    must(p384_signer_init(memory, seed, &end.tools.signer));
    must(p384_key_generate(end.tools.signer, &end.identity));
    end.tools.drbg = &end.drbg;
    end.tools.identity = &end.identity;
    end.tools.work = work;
    must(evidence_kit_chip(who, &end.chip));
    must(attest_fault_err(evidence_policy_parse(evidence_kit_policy(), &end.policy, &line)));
    *setup = (struct pq1_setup){.epoch_id = {0xe0},
                                .own = {.index = (uint8_t)who, .incarnation = 1},
                                .peer = {.index = (uint8_t)(1 - who), .incarnation = 1}};
    memcpy(setup->own.identity, end.identity.public_key, P384_PUBLIC_LEN);
    say(setup->own.identity, P384_PUBLIC_LEN);
    hear(setup->peer.identity, P384_PUBLIC_LEN);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double run(struct pq1_setup *setup, bool attested, int rounds, double *slowest)
{
    static const struct pq1_judge by = {judge, NULL};
    double *const ms = calloc((size_t)rounds, sizeof *ms);

    if (ms == NULL) {
        die("no memory");
    }
    setup->judge = attested ? &by : NULL;
    for (int i = -2; i < rounds; i++) { /* two that do not count */
        const double one = one_round(setup);

        ms[i < 0 ? 0 : i] = one;
    }
    qsort(ms, (size_t)rounds, sizeof *ms, by_size);
    const double median = ms[rounds / 2];

    *slowest = ms[rounds - 1];
    free(ms);
    return median;
}

static int loopback(struct sockaddr_in *at)
{
    socklen_t len = sizeof *at;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *at =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (const struct sockaddr *)at, sizeof *at) != 0 ||
        listen(fd, 1) != 0 || getsockname(fd, (struct sockaddr *)at, &len) != 0) {
        die("loopback");
    }
    return fd;
}

int main(int argc, char **argv)
{
    const int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : ROUNDS;
    struct sockaddr_in at;
    struct pq1_setup setup;
    double slowest = 0, bare_slowest = 0;
    int status = 0;

    if (rounds < 1) {
        die("usage: bench_channel [ROUNDS]");
    }
    const int listener = loopback(&at);
    const pid_t other = fork();

    if (other < 0) {
        die("fork");
    }
    if (other == 0) {
        end.fd = socket(AF_INET, SOCK_STREAM, 0);
        if (end.fd < 0 || connect(end.fd, (const struct sockaddr *)&at, sizeof at) != 0) {
            die("connect");
        }
    } else {
        end.fd = accept(listener, NULL, NULL);
    }
    if (setsockopt(end.fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) != 0) {
        die("TCP_NODELAY"); /* small messages wait for no acknowledgement */
    }
    prepare(other == 0 ? 1 : 0, &setup);
    const double bare = run(&setup, false, rounds, &bare_slowest);
    const double attested = run(&setup, true, rounds, &slowest);

    if (other == 0) {
        return 0;
    }
    printf(
        "attested PQ/1 channel, two processes, loopback %8.3f ms (slowest %.3f), %.2f of one "
        "without evidence (%.3f ms), limit %.0f ms%s\n",
        attested, slowest, attested / bare, bare, LIMIT_MS,
        attested > LIMIT_MS ? " EXCEEDED" : "");
    return waitpid(other, &status, 0) == other && status == 0 ? 0 : 1;
}
