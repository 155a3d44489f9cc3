/* bench_tecdsa [--sessions 20] [--batches 4] - threshold ECDSA over P-384, three parties in one
 * thread, and five with the accelerator: CPU of each step, and bytes, beside what the design
 * estimated; scalars beside OpenSSL's BN. */
#include "../tests/tecdsa_accel_kit.h"
#include "bench_kit.h"

#define ERR_STATE openssl_err_state
#include <openssl/bn.h>
#undef ERR_STATE

#define PRODUCTS 200000

static void bench_scalars(void)
{
    uint64_t number = 1;
    const struct tecdsa_scalar b = tecdsa_noise_scalar(&number);
    struct tecdsa_scalar a = tecdsa_noise_scalar(&number);
    struct tecdsa_factor factor;
    uint8_t bytes[TECDSA_SCALAR_LEN];
    uint8_t other[TECDSA_SCALAR_LEN];
    BN_CTX *bn = BN_CTX_new();
    BIGNUM *x;
    BIGNUM *y;
    BIGNUM *order = NULL;
    double ours;
    double theirs;

    tecdsa_scalar_encode(&a, bytes);
    x = BN_bin2bn(bytes, sizeof bytes, NULL);
    tecdsa_scalar_encode(&b, bytes);
    y = BN_bin2bn(bytes, sizeof bytes, NULL);
    if (bn == NULL || x == NULL || y == NULL ||
        BN_hex2bn(&order, "ffffffffffffffffffffffffffffffffffffffffffffffff"
                          "c7634d81f4372ddf581a0db248b0a77aecec196accc52973") == 0) {
        die("BN");
    }
    tecdsa_scalar_factor(&b, &factor);
    ours = cpu_s();
    for (int i = 0; i < PRODUCTS; i++) {
        tecdsa_scalar_times(&a, &factor, &a);
    }
    ours = cpu_s() - ours;
    theirs = cpu_s();
    for (int i = 0; i < PRODUCTS; i++) {
        if (BN_mod_mul(x, x, y, order, bn) != 1) {
            die("BN_mod_mul");
        }
    }
    theirs = cpu_s() - theirs;
    tecdsa_scalar_encode(&a, bytes);
    if (BN_bn2binpad(x, other, sizeof other) != (int)sizeof other ||
        memcmp(bytes, other, sizeof other) != 0) {
        die("two products differ");
    }
    printf("product mod n       %.3f us, BN_mod_mul %.3f us (%.1f times)\n",
           ours / PRODUCTS * 1e6, theirs / PRODUCTS * 1e6, theirs / ours);
    BN_free(x);
    BN_free(y);
    BN_free(order);
    BN_CTX_free(bn);
}

static struct tecdsa_kit *kit;
static double since_s;

/* CPU since the last call, in ms. */
static double lap(void)
{
    const double now = cpu_s();
    const double took = now - since_s;

    since_s = now;
    return took * 1e3;
}

static struct setup {
    struct tecdsa_ot_bob bob;
    struct tecdsa_ot_alice alice;
    struct tecdsa_ot_first first;
    struct tecdsa_ot_choices choices;
    struct tecdsa_ot_challenge challenge;
    struct tecdsa_ot_response response;
    struct tecdsa_ot_opening opening;
    struct tecdsa_setup_bob b;
    struct tecdsa_setup_alice a;
} setup;

static enum err set_up(void *unused)
{
    const struct tecdsa_setup_of of = {
        .key_id = kit->key.key_id, .epoch_id = kit->key.key_id, .bob = 0, .alice = 1};
    const uint8_t seed[2][TECDSA_SEED_LEN] = {{1}, {2}};

    (void)unused;
    tecdsa_ot_start(&of, seed[0], &setup.bob, &setup.first);
    TRY(tecdsa_ot_choose(&of, seed[1], &setup.first, &setup.alice, &setup.choices));
    TRY(tecdsa_ot_ask(&setup.bob, &setup.choices, &setup.challenge));
    TRY(tecdsa_ot_respond(&setup.alice, &setup.challenge, &setup.response));
    TRY(tecdsa_ot_open(&setup.bob, &setup.response, &setup.opening, &setup.b));
    return tecdsa_ot_finish(&setup.alice, &setup.opening, &setup.a);
}

static void bench_setup(void)
{
    double took;

    (void)lap();
    must(tecdsa_on_stack(set_up, NULL));
    took = lap();
    printf("setup               %.0f ms CPU an ordered pair, %.1f s all 20 of five parties; "
           "%zu bytes\n",
           took, took * 20 / 1e3,
           sizeof setup.first + sizeof setup.choices + sizeof setup.challenge +
               sizeof setup.response + sizeof setup.opening);
    printf("memory              setup %zu + %zu, session %zu, scratch %zu, record %zu bytes\n",
           sizeof setup.a, sizeof setup.b, sizeof(struct tecdsa_presign),
           sizeof(struct tecdsa_presign_scratch), sizeof(struct tecdsa_presignature));
}

static void bench_sessions(unsigned sessions)
{
    static enum err (*const steps[])(void *) = {tecdsa_kit_round_1, tecdsa_kit_accept_1,
                                                tecdsa_kit_round_2, tecdsa_kit_accept_2,
                                                tecdsa_kit_finish};
    static const char *const names[] = {"begin, extend", "accept 1", "multiply", "accept 2",
                                        "finish"};
    double spent[5] = {0};
    double all = 0;
    double online = 0;
    double combine = 0;

    kit->of.s = 7;
    for (unsigned n = 0; n < sessions; n++) {
        uint8_t digest[P384_DIGEST_LEN] = {(uint8_t)n, 1};
        uint8_t sig[P384_SIG_LEN];

        (void)lap();
        for (int i = 0; i < 5; i++) {
            must(tecdsa_on_stack(steps[i], kit));
            spent[i] += lap();
        }
        for (unsigned i = 0; i < TECDSA_T; i++) {
            must(tecdsa_kit_answer(kit, i, i, digest));
        }
        online += lap();
        must(tecdsa_online_combine(kit->key.public_key, kit->record[0].r, digest, kit->answer,
                                   sig));
        combine += lap();
    }
    for (int i = 0; i < 5; i++) {
        all += spent[i];
        printf("%-19s %.2f ms CPU a party\n", names[i], spent[i] / sessions / TECDSA_T);
    }
    printf("presignature        %.1f ms CPU of three parties (at most 45), %.1f ms a party "
           "(estimated 20)\n",
           all / sessions, all / sessions / TECDSA_T);
    printf("presignature        %zu bytes from each party (estimated 304,136)\n",
           2 * (sizeof(struct tecdsa_round_1) + sizeof(struct tecdsa_round_2)));
    printf("online              %.3f ms CPU of three answers, %.3f ms to combine and verify "
           "(at most 2 in all), %zu bytes an answer\n",
           online / sessions, combine / sessions, sizeof(struct tecdsa_answer));
}

/* Of five parties. */
static void bench_accel(unsigned batches)
{
    static const char *const names[] = {"begin, take", "deal", "coins", "test",   "products",
                                        "echo",        "open", "zero",  "finish", "records"};
    struct accel_world *w = accel_world_new(1);
    const double records = (double)batches * TECDSA_ACCEL_RECORDS_MAX;
    double spent[TECDSA_ACCEL_RECORDS + 1] = {0};
    double all = 0;

    for (unsigned n = 0; n < batches; n++) {
        (void)lap();
        accel_begin(w, TECDSA_ACCEL_RECORDS_MAX);
        spent[0] += lap();
        for (unsigned round = 1; round <= TECDSA_ACCEL_RECORDS; round++) {
            accel_run_to(w, (enum tecdsa_accel_round)round);
            spent[round] += lap();
        }
        for (unsigned b = 1; b <= TECDSA_ACCEL_RECORDS_MAX; b++) {
            must(accel_take(w, b));
        }
        for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
            tecdsa_accel_end(&w->a[i]);
        }
        spent[0] += lap();
    }
    for (unsigned round = 0; round <= TECDSA_ACCEL_RECORDS; round++) {
        all += spent[round];
        printf("  %-18s%.3f ms CPU a record of five parties\n", names[round],
               spent[round] / records);
    }
    printf("accelerator         %.2f ms CPU of five parties a presignature (at most 2), "
           "%.2f ms a party (estimated 0.16)\n",
           all / records, all / records / ACCEL_PARTIES);
    printf(
        "accelerator         %.0f bytes a presignature to each peer (estimated 420), %.0f in "
        "all from a party; %zu bytes of memory\n",
        (double)w->bytes / records / (ACCEL_PARTIES - 1), (double)w->bytes / records,
        sizeof w->a[0]);
    accel_world_free(w);
}

int main(int argc, char **argv)
{
    unsigned sessions = 20;
    unsigned batches = 4;

    two_counts(argc, argv, &sessions, &batches);
    kit = tecdsa_kit_new(TECDSA_T, 1);
    bench_scalars();
    bench_setup();
    bench_sessions(sessions);
    bench_accel(batches);
    free(kit);
    return 0;
}
