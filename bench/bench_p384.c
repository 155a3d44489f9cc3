/* bench_p384 [--seconds S] [--raw] - P-384 signatures and verifications a second: bare nettle,
 * ours, OpenSSL; by one process and by as many at once as there are CPUs. The ratios compare
 * figures of one run: rounds of each kind take turns, so that a machine that slows down slows
 * all of them.
 * --raw prints one number alone: bare nettle signatures a second by two processes at once. */
#include "bench_kit.h"

#include "crypto/p384.h"

#define ERR_STATE openssl_err_state
#include <openssl/ec.h>
#include <openssl/evp.h>
#undef ERR_STATE

#include <getopt.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 5
#define WORKERS_LIMIT 64
#define CHUNK 32 /* operations between two looks at the clock */

static const uint8_t seed[DRBG_SEED_LEN] = {0x42};

/* Each kind sets itself up, then runs CHUNK operations a call. */
struct kind {
    const char *name;
    void (*setup)(void);
    void (*chunk)(void);
};

static uint8_t digest[P384_DIGEST_LEN];

/* Bare nettle, with the cheapest source of nonces that gives another one each time. */
static struct ecc_scalar raw_key;
static struct dsa_signature raw_sig;

static void count_up(void *ctx, size_t n, uint8_t *out)
{
    static uint64_t counter;

    (void)ctx;
    counter++;
    memset(out, 0x5a, n);
    memcpy(out + 8, &counter, sizeof counter);
}

static void raw_setup(void)
{
    ecc_scalar_init(&raw_key, nettle_get_secp_384r1());
    ecc_scalar_random(&raw_key, NULL, count_up);
    dsa_signature_init(&raw_sig);
}

static void raw_chunk(void)
{
    for (int i = 0; i < CHUNK; i++) {
        digest[0]++;
        ecdsa_sign(&raw_key, NULL, count_up, sizeof digest, digest, &raw_sig);
    }
}

static struct p384_signer *signer;
static struct p384_key key;
static uint8_t sig[P384_SIG_LEN];

static void ours_setup(void)
{
    void *memory = aligned_alloc(4096, p384_signer_size());

    if (!memory || p384_signer_init(memory, seed, &signer) != ERR_OK ||
        p384_key_generate(signer, &key) != ERR_OK ||
        p384_sign(signer, &key, digest, sig) != ERR_OK) {
        die("signer");
    }
}

static void ours_chunk(void)
{
    for (int i = 0; i < CHUNK; i++) {
        digest[0]++;
        if (p384_sign(signer, &key, digest, sig) != ERR_OK) {
            die("p384_sign");
        }
    }
}

static void verify_chunk(void)
{
    for (int i = 0; i < CHUNK; i++) {
        if (p384_verify(key.public_key, digest, sig) != ERR_OK) {
            die("p384_verify");
        }
    }
}

static EVP_PKEY_CTX *openssl_ctx;

static void openssl_setup(void)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-384");

    openssl_ctx = pkey ? EVP_PKEY_CTX_new(pkey, NULL) : NULL;
    if (!openssl_ctx || EVP_PKEY_sign_init(openssl_ctx) != 1) {
        die("OpenSSL key");
    }
}

static void openssl_chunk(void)
{
    for (int i = 0; i < CHUNK; i++) {
        uint8_t der[128];
        size_t n = sizeof der;

        digest[0]++;
        if (EVP_PKEY_sign(openssl_ctx, der, &n, digest, sizeof digest) != 1) {
            die("EVP_PKEY_sign");
        }
    }
}

/* In a child: sets up, waits for the others, works for so many seconds; gives operations/s. */
static double work(const struct kind *k, const int ready[2], const int go[2], double seconds)
{
    char c = 0;
    double start;
    double elapsed;
    uint64_t done = 0;

    (void)close(go[1]);
    k->setup();
    k->chunk();
    if (write(ready[1], &c, 1) != 1 || read(go[0], &c, 1) != 0) {
        die("pipe");
    }
    start = now_s();
    do {
        k->chunk();
        done += CHUNK;
        elapsed = now_s() - start;
    } while (elapsed < seconds);
    return (double)done / elapsed;
}

/* Operations a second of n processes that work at the same time. */
static double rate(const struct kind *k, size_t n, double seconds)
{
    double *each = mmap(NULL, WORKERS_LIMIT * sizeof *each, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid[WORKERS_LIMIT];
    int ready[2];
    int go[2];
    double sum = 0;

    if (each == MAP_FAILED || pipe(ready) != 0 || pipe(go) != 0) {
        die("pipe");
    }
    for (size_t i = 0; i < n; i++) {
        pid[i] = fork();
        if (pid[i] < 0) {
            die("fork");
        }
        if (pid[i] == 0) {
            each[i] = work(k, ready, go, seconds);
            _exit(0);
        }
    }
    for (size_t i = 0; i < n; i++) {
        char c;

        if (read(ready[0], &c, 1) != 1) {
            die("pipe");
        }
    }
    (void)close(go[1]); /* starts all at once */
    for (size_t i = 0; i < n; i++) {
        int status;

        if (waitpid(pid[i], &status, 0) != pid[i] || status != 0) {
            die("a worker failed");
        }
        sum += each[i];
    }
    (void)close(go[0]);
    (void)close(ready[0]);
    (void)close(ready[1]);
    (void)munmap(each, WORKERS_LIMIT * sizeof *each);
    return sum;
}

enum { RAW, OURS, VERIFY, OPENSSL, KINDS };
static const struct kind kinds[KINDS] = {
    [RAW] = {"nettle ecdsa_sign, bare", raw_setup, raw_chunk},
    [OURS] = {"p384_sign", ours_setup, ours_chunk},
    [VERIFY] = {"p384_verify", ours_setup, verify_chunk},
    [OPENSSL] = {"OpenSSL EVP_PKEY_sign", openssl_setup, openssl_chunk},
};

/* seconds: of each kind, spread over the rounds. */
static void compare(size_t workers, double seconds)
{
    double sum[KINDS] = {0};

    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < KINDS; i++) {
            sum[i] += rate(&kinds[i], workers, seconds / ROUNDS) / ROUNDS;
        }
    }
    printf("%zu process%s                    /s        us   to bare\n", workers,
           workers == 1 ? "  " : "es");
    for (int i = 0; i < KINDS; i++) {
        printf("%-24s %10.0f %9.1f %9.3f\n", kinds[i].name, sum[i],
               1e6 * (double)workers / sum[i], sum[i] / sum[RAW]);
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seconds", required_argument, NULL, 's'},
                                            {"raw", no_argument, NULL, 'r'},
                                            {NULL, 0, NULL, 0}};
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    double seconds = 2;
    bool raw = false;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 's') {
            seconds = strtod(optarg, NULL);
        } else if (c == 'r') {
            raw = true;
        } else {
            return 2;
        }
    }
    if (!(seconds > 0 && seconds <= 3600)) {
        die("--seconds takes 0 to 3600");
    }
    if (raw) {
        printf("%.0f\n", rate(&kinds[RAW], 2, seconds));
        return 0;
    }
    compare(1, seconds);
    if (cpus > 1) {
        compare(cpus < WORKERS_LIMIT ? (size_t)cpus : WORKERS_LIMIT, seconds);
    }
    return 0;
}
