/* bench_timing: whether the time of what masks secrets depends on them, in the manner of dudect
 * (Reparaz, Balasch, Verbauwhede 2017). Each operation runs with one of two secrets, which a
 * coin chooses; of the faster nine tenths of each, Welch's t. Below 4.5 is no sign of a
 * difference, and the last line, an operation that leaks, shows that a difference would be
 * seen. valgrind's test (tests/ct/ct_tecdsa.c) is the one that decides. --samples N: of each
 * operation. */
#include "../tests/tecdsa_kit.h"
#include "bench_kit.h"

#include <math.h>
#include <string.h>

#define SELECTS 200 /* in one sample */

static struct {
    uint64_t noise;
    struct tecdsa_setup_bob bob;
    struct tecdsa_setup_alice alice, choice[2]; /* alice: that of the sample */
    struct tecdsa_ote_message extension;
    struct tecdsa_ote_scratch scratch;
    struct tecdsa_rows rows;
    struct tecdsa_gadget gadget;
    struct tecdsa_rvole_message product;
    struct tecdsa_rvole_scratch product_scratch;
    uint8_t beta[TECDSA_BETA_LEN], bits[2][TECDSA_BETA_LEN];
    struct tecdsa_ot_alice choosing;
    struct tecdsa_ot_challenge challenge;
    struct tecdsa_ot_response response;
    struct tecdsa_point point[2], picked;
    uint8_t id[TECDSA_HASH_LEN], nonce[TECDSA_NONCE_LEN];
} x;

/* ---- the operations; set: before the clock ---- */

static void set_choices(unsigned secret)
{
    memcpy(&x.alice, &x.choice[secret], sizeof x.alice);
}

static void check_extension(void)
{
    must(tecdsa_ote_check(&x.alice, &(struct tecdsa_ote_of){x.id, x.nonce}, &x.extension,
                          &x.scratch, &x.rows));
}

static void set_beta(unsigned secret)
{
    memcpy(x.beta, x.bits[secret], sizeof x.beta);
}

/* Its check fails, whatever beta is: nobody made this product. */
static void receive_product(void)
{
    struct tecdsa_scalar d[TECDSA_RVOLE_INPUTS];

    if (tecdsa_rvole_receive(&(struct tecdsa_rvole_of){x.id, x.id, 0, 1, &x.gadget}, &x.rows,
                             x.beta, &x.product, &x.product_scratch, d) != ERR_MISMATCH) {
        die("a product that nobody made");
    }
}

static void set_choosing(unsigned secret)
{
    x.choosing.step = 1; /* the points are chosen */
    memcpy(&x.choosing.setup, &x.choice[secret], sizeof x.choosing.setup);
}

static void respond(void)
{
    must(tecdsa_ot_respond(&x.choosing, &x.challenge, &x.response));
}

static void set_mask(unsigned secret)
{
    memset(x.beta, secret == 0 ? 0 : 0xff, sizeof x.beta);
}

static void select_point(void)
{
    for (unsigned i = 0; i < SELECTS; i++) {
        uint64_t mask;

        memcpy(&mask, x.beta + i % 8 * sizeof mask, sizeof mask);
        tecdsa_point_select(mask, &x.point[0], &x.point[1], &x.picked);
    }
}

/* What must be seen: it ends at the first byte that is not 0. */
static void look_for_a_bit(void)
{
    static volatile unsigned seen;

    for (unsigned i = 0; i < SELECTS; i++) {
        for (unsigned k = 0; k < sizeof x.beta && x.beta[k] == 0; k++) {
            seen++;
        }
    }
}

static const struct operation {
    const char *name;
    void (*set)(unsigned secret);
    void (*run)(void);
    unsigned each; /* of this share of the samples */
} operations[] = {
    {"check of the extension, delta 0 or any", set_choices, check_extension, 8},
    {"product of the receiver, beta 0 or any", set_beta, receive_product, 16},
    {"response of a base transfer, delta 0 or any", set_choosing, respond, 4},
    {"selection of a point", set_mask, select_point, 1},
    {"a loop that leaks", set_mask, look_for_a_bit, 1},
};

/* ---- statistics ---- */

static int compare(const void *a, const void *b)
{
    const double p = *(const double *)a;
    const double q = *(const double *)b;

    return (p > q) - (p < q);
}

/* Mean of the faster nine tenths, and the variance of that mean. */
static double mean(double *v, unsigned n, double *variance)
{
    const unsigned kept = n - n / 10;
    double sum = 0;
    double squares = 0;

    qsort(v, n, sizeof *v, compare);
    for (unsigned i = 0; i < kept; i++) {
        sum += v[i];
    }
    for (unsigned i = 0; i < kept; i++) {
        squares += (v[i] - sum / kept) * (v[i] - sum / kept);
    }
    *variance = squares / (kept - 1.0) / kept;
    return sum / kept;
}

static double t_of(const struct operation *op, unsigned samples, double *us)
{
    double *const time[2] = {calloc(samples, sizeof **time), calloc(samples, sizeof **time)};
    unsigned n[2] = {0};
    double variance[2];
    double means[2];

    if (time[0] == NULL || time[1] == NULL) {
        die("memory");
    }
    for (unsigned i = 0; i < samples; i++) {
        uint8_t coin;
        double before;

        tecdsa_noise(&x.noise, &coin, 1);
        op->set(coin & 1);
        before = clock_s(CLOCK_THREAD_CPUTIME_ID);
        op->run();
        time[coin & 1][n[coin & 1]++] = (clock_s(CLOCK_THREAD_CPUTIME_ID) - before) * 1e6;
    }
    for (unsigned k = 0; k < 2; k++) {
        means[k] = mean(time[k], n[k], &variance[k]);
        free(time[k]);
    }
    *us = means[0];
    return fabs(means[0] - means[1]) / sqrt(variance[0] + variance[1]);
}

/* ---- what they work on ---- */

static void choose(struct tecdsa_setup_alice *a)
{
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        memcpy(a->k[c], x.bob.k[a->delta[c / 8] >> (c % 8) & 1][c], sizeof a->k[c]);
    }
}

static enum err prepare(void *unused)
{
    struct tecdsa_scalar k = tecdsa_noise_scalar(&x.noise);
    uint8_t columns[TECDSA_COLUMN_LEN];

    (void)unused;
    tecdsa_deal_setup(&x.noise, 0, 1, &x.bob, &x.choice[1]);
    x.choice[0] = x.choice[1];
    memset(x.choice[0].delta, 0, sizeof x.choice[0].delta);
    choose(&x.choice[0]);
    tecdsa_noise(&x.noise, columns, sizeof columns);
    tecdsa_ote_extend(&x.bob, &(struct tecdsa_ote_of){x.id, x.nonce}, columns, &x.scratch,
                      &x.rows, &x.extension);
    tecdsa_gadget_init(&x.gadget);
    tecdsa_noise(&x.noise, x.bits[1], sizeof x.bits[1]);
    for (unsigned j = 0; j < TECDSA_XI; j++) {
        for (unsigned c = 0; c < TECDSA_RVOLE_WIDTH; c++) {
            const struct tecdsa_scalar a = tecdsa_noise_scalar(&x.noise);

            tecdsa_scalar_encode(&a, x.product.a[j][c]);
        }
    }
    tecdsa_noise(&x.noise, &x.challenge, sizeof x.challenge);
    tecdsa_point_mul_g(&k, &x.point[0]);
    tecdsa_point_add(&x.point[0], &x.point[0], &x.point[1]);
    return ERR_OK;
}

int main(int argc, char **argv)
{
    unsigned samples = 40000;

    if (argc == 3 && strcmp(argv[1], "--samples") == 0) {
        samples = (unsigned)strtoul(argv[2], NULL, 10);
    }
    if ((argc != 1 && argc != 3) || samples < 1000) {
        die("--samples N, 1000 at least");
    }
    must(tecdsa_on_stack(prepare, NULL));
    printf("%-46s %8s %8s %8s\n", "operation", "samples", "us", "t");
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const struct operation *const op = &operations[i];
        double us;
        const double t = t_of(op, samples / op->each, &us);

        printf("%-46s %8u %8.1f %8.1f\n", op->name, samples / op->each, us, t);
    }
    return 0;
}
