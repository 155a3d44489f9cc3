/* bench_mlkem [--seconds S] [--set ML-KEM-768] - ML-KEM keys, encapsulations and decapsulations
 * in a second of CPU time, by each path, and the elliptic-curve key agreements of OpenSSL in
 * the same run: rounds take turns. The last columns compare one side's work of an exchange: a
 * key and an encapsulation or decapsulation are to be held against a key and a derivation. */
#include "bench_kit.h"

#include "crypto/mlkem/mlkem.h"

#define ERR_STATE openssl_err_state
#include <openssl/ec.h>
#include <openssl/evp.h>
#undef ERR_STATE

#include <getopt.h>
#include <string.h>

#define ROUNDS 5
#define CHUNK 16 /* operations between two looks at the clock */
#define PATHS 2

static struct mlkem_decaps_key decaps_key;
static struct mlkem_encaps_key encaps_key;
static struct mlkem_key_scratch key_scratch;
static struct mlkem_scratch scratch;
static struct mlkem_seed seed;
static struct mlkem_message m;
static struct mlkem_shared_key shared;
static uint8_t ek[MLKEM_EK_MAX], c[MLKEM_C_MAX];
static const struct mlkem_path *path;
static const struct mlkem_params *params;

static void keygen_once(void)
{
    seed.d[0]++;
    mlkem_keygen(path, params, &seed, &key_scratch, &decaps_key, ek);
}

static void encaps_once(void)
{
    m.m[0]++;
    mlkem_encaps(&encaps_key, &m, &scratch, c, &shared);
}

static void read_and_encaps_once(void)
{
    must(mlkem_encaps_key_parse(path, params, (struct view){ek, params->ek_len}, &key_scratch,
                                &encaps_key));
    encaps_once();
}

static void decaps_once(void)
{
    must(mlkem_decaps(&decaps_key, (struct view){c, params->c_len}, &scratch, &shared));
}

enum { KEYGEN, ENCAPS, READ_ENCAPS, DECAPS, KINDS };
static const struct {
    const char *name;
    void (*once)(void);
} kinds[KINDS] = {
    [KEYGEN] = {"make a key", keygen_once},
    [ENCAPS] = {"encapsulate", encaps_once},
    [READ_ENCAPS] = {"read the key, encapsulate", read_and_encaps_once},
    [DECAPS] = {"decapsulate", decaps_once},
};

/* What OpenSSL does on a curve. */
struct curve {
    const char *name;
    const char *group; /* NULL: X25519 */
    EVP_PKEY *own, *peer;
};
enum { X25519, P384, CURVES };
static struct curve curves[CURVES] = {
    [X25519] = {"X25519", NULL, NULL, NULL},
    [P384] = {"P-384", "P-384", NULL, NULL},
};
static struct curve *curve;

static EVP_PKEY *make_ec_key(void)
{
    EVP_PKEY *key = curve->group != NULL ? EVP_EC_gen(curve->group)
                                         : EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

    if (key == NULL) {
        die("OpenSSL key");
    }
    return key;
}

static void ec_key_once(void)
{
    EVP_PKEY_free(make_ec_key());
}

static void ec_derive_once(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(curve->own, NULL);
    uint8_t out[64];
    size_t n = sizeof out;

    if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
        EVP_PKEY_derive_set_peer_ex(ctx, curve->peer, 0) != 1 ||
        EVP_PKEY_derive(ctx, out, &n) != 1) {
        die("EVP_PKEY_derive");
    }
    EVP_PKEY_CTX_free(ctx);
}

static double rate(void (*once)(void), double seconds)
{
    const double start = cpu_s();
    double spent;
    unsigned n = 0;

    do {
        for (int i = 0; i < CHUNK; i++, n++) {
            once();
        }
        spent = cpu_s() - start;
    } while (spent < seconds);
    return (double)n / spent;
}

struct figures {
    double kem[PATHS][KINDS];
    double ec[CURVES][2]; /* keys, derivations */
};

static void measure(struct figures *f, double seconds)
{
    const struct mlkem_path *const paths[PATHS] = {&mlkem_portable, mlkem_avx2()};

    for (int p = 0; p < PATHS && paths[p] != NULL; p++) {
        path = paths[p];
        keygen_once();
        read_and_encaps_once();
        for (int k = 0; k < KINDS; k++) {
            f->kem[p][k] += rate(kinds[k].once, seconds) / ROUNDS;
        }
    }
    for (int i = 0; i < CURVES; i++) {
        curve = &curves[i];
        f->ec[i][0] += rate(ec_key_once, seconds) / ROUNDS;
        f->ec[i][1] += rate(ec_derive_once, seconds) / ROUNDS;
    }
}

static void print_row(const char *who, const char *what, double per_s,
                      const double base[CURVES])
{
    printf("  %-9s %-26s %9.0f %8.1f", who, what, per_s, 1e6 / per_s);
    for (int i = 0; i < CURVES && base != NULL; i++) {
        printf(" %10.2f", per_s / base[i]);
    }
    printf("\n");
}

/* Rate of doing both. */
static double both(double a, double b)
{
    return 1 / (1 / a + 1 / b);
}

static void print(const struct figures *f)
{
    double exchange[CURVES];

    printf("%-38s        /s       us", params->name);
    for (int i = 0; i < CURVES; i++) {
        exchange[i] = both(f->ec[i][0], f->ec[i][1]);
        printf("  to %-6s", curves[i].name);
    }
    printf("\n");
    for (int p = 0; p < PATHS && f->kem[p][0] > 0; p++) {
        const char *who = p == 0 ? mlkem_portable.name : mlkem_avx2()->name;
        const double *kem = f->kem[p];

        for (int k = 0; k < KINDS; k++) {
            print_row(who, kinds[k].name, kem[k], NULL);
        }
        print_row(who, "make a key and decapsulate", both(kem[KEYGEN], kem[DECAPS]), exchange);
        print_row(who, "read the key, encapsulate", kem[READ_ENCAPS], exchange);
    }
    for (int i = 0; i < CURVES; i++) {
        print_row(curves[i].name, "make a key", f->ec[i][0], NULL);
        print_row(curves[i].name, "derive", f->ec[i][1], NULL);
        print_row(curves[i].name, "make a key and derive", exchange[i], NULL);
    }
}

/* seconds: of each figure, spread over the rounds. */
static void compare(double seconds)
{
    struct figures f = {0};

    for (int round = 0; round < ROUNDS; round++) {
        measure(&f, seconds / ROUNDS);
    }
    print(&f);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seconds", required_argument, NULL, 's'},
                                            {"set", required_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    static const struct mlkem_params *const sets[] = {&mlkem_512, &mlkem_768, &mlkem_1024};
    const char *only = mlkem_768.name;
    double seconds = 1;
    int opt;

    while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (opt == 's') {
            seconds = strtod(optarg, NULL);
        } else if (opt == 'p') {
            only = optarg;
        } else {
            return 2;
        }
    }
    if (!(seconds > 0 && seconds <= 3600)) {
        die("--seconds takes 0 to 3600");
    }
    for (int i = 0; i < CURVES; i++) {
        curve = &curves[i];
        curve->own = make_ec_key();
        curve->peer = make_ec_key();
    }
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (strcmp(only, sets[i]->name) == 0) {
            params = sets[i];
            compare(seconds);
        }
    }
    for (int i = 0; i < CURVES; i++) {
        EVP_PKEY_free(curves[i].own);
        EVP_PKEY_free(curves[i].peer);
    }
    return params != NULL ? 0 : 2;
}
