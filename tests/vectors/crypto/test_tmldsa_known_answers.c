/* What the reference implementation of threshold ML-DSA (Threshold-ML-DSA/Threshold-ML-DSA,
 * HEAD fca21f8) gives for (3,5) of ML-DSA-65 with fixed seeds: w with all its bits, a SHAKE256
 * stream, and Gaussians by the C library. */
#include "testing.h"
#include "tmldsa_kit.h"

#include "base/hex.h"
#include "crypto/hash.h"

#include <math.h>
#include <string.h>

#define K 62
#define TRIES 2

/* The seed of the reference has 64 bytes; in these answers byte i of it is its first byte plus
 * i. SHAKE256("H" || seed || LE16(repetition)). */
static void reference_stream(const struct keccak_path *keccak,
                             const uint8_t seed[TMLDSA_SEED_LEN], unsigned repetition,
                             uint64_t *u, size_t n)
{
    const uint8_t tail[2] = {(uint8_t)repetition, (uint8_t)(repetition >> 8)};
    uint8_t rho_prime[64];
    struct sponge s;

    for (unsigned i = 0; i < sizeof rho_prime; i++) {
        rho_prime[i] = (uint8_t)(seed[0] + i);
    }
    sponge_init(&s, keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, "H", 1);
    sponge_absorb(&s, rho_prime, sizeof rho_prime);
    sponge_absorb(&s, tail, sizeof tail);
    sponge_squeeze(&s, u, n * sizeof *u);
}

static void reference_gaussians(const uint64_t *u, double *g, size_t n)
{
    for (size_t i = 0; i < n; i += 2) {
        const double m = sqrt(-2 * log((double)u[i] * 0x1p-64));
        const double angle = 2 * M_PI * ((double)u[i + 1] * 0x1p-64);

        g[i] = m * cos(angle);
        g[i + 1] = m * sin(angle);
    }
}

static void is_hash(struct view of, const char *want)
{
    uint8_t digest[HASH_MAX];
    char text[65];

    hash_once(HASH_SHA256, of, digest);
    hex_write((struct view){digest, 32}, text);
    assert_string_equal(text, want);
}

static const uint8_t dealer_seed[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                        11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                        22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static struct tmldsa_params params;
static struct tmldsa_path path;

static struct tmldsa_kit *reference_kit(const struct tmldsa_path *of)
{
    params = *tmldsa_params_find(&mldsa_65, 3, 5);
    params.drop = 0;
    path = *of;
    path.stream = reference_stream;
    path.gaussians = reference_gaussians;
    return tmldsa_kit_new(&path, &params, 1, dealer_seed);
}

static void key_is_the_dealers(void **state)
{
    struct tmldsa_kit *kit = reference_kit(&tmldsa_portable);
    char text[2 * 32 + 1];

    (void)state;
    hex_write((struct view){kit->rho, 32}, text);
    assert_string_equal(text,
                        "48683d91978e31eb3dddb8b0473482d2b88a5f625949fd8f58a561e696bd4c27");
    is_hash((struct view){kit->pk, 1952},
            "7217609f49b9385ba4a5a8d3ea8b4babdb30a15b4dcc56da38629b988085e4c3");
    hex_write((struct view){kit->key.id, 16}, text);
    assert_string_equal(text, "a756e83ad8971fa8a57d4b79e609096b");
    tmldsa_kit_free(kit);
}

static void y_is_the_references(void **state)
{
    static const int32_t y1[] = {18612, 78624, -32202, -11489, -62001, -21996, -29262, 99017};
    static const int32_t y2[] = {-9386, 30685, -6622, -5469, -6691, 10525, 4516, 2341};
    const uint8_t seed[TMLDSA_SEED_LEN] = {0};
    static struct tmldsa_sample_scratch scratch;
    static struct tmldsa_point y;
    struct mldsa_poly rounded;

    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        const struct tmldsa_path *of = wide ? tmldsa_avx2() : &tmldsa_portable;

        if (of == NULL) {
            continue;
        }
        tmldsa_kit_free(reference_kit(of));
        tmldsa_sample(&path, &params, seed, 0, &scratch, &y);
        path.round(tmldsa_point_poly(&y, 0), &rounded);
        assert_memory_equal(rounded.coeff, y1, sizeof y1);
        path.round(tmldsa_point_poly(&y, 5), &rounded);
        assert_memory_equal(rounded.coeff, y2, sizeof y2);
        path.round(tmldsa_point_poly(&y, 10), &rounded);
        assert_int_equal(rounded.coeff[255], 10790);
    }
}

/* Of signers 0, 2 and 4. */
struct try_answer {
    const char *w[3];
    const char *accepted[3];
};
static const struct try_answer tries[TRIES] = {
    {{"0f6ccacfc1fb5fcc1110a1ab018653a764447831fc468863e94dc2733a8e31e5",
      "34e11ffacc5da20d6d0013d235a19ee11f90ed0e35377ccd7c085e17113385da",
      "62919e05115688cf94aab09be58ae8d8158e04d21c58a8379b02fa216a7d17da"},
     {"0 2 6 10 12 15 23 28 31 33 37 38 42 50 52 55 59",
      "6 11 12 13 21 23 24 27 29 34 40 46 50 52 54 55 57 61",
      "1 7 14 15 21 25 29 33 43 46 48 50 58"}},
    {{"126a670238193dfd556d8750ae1a0faeeae49a01f200b9373ce889ad24224e13",
      "d01f9f439c0b2b6970c39b7b0a0af79190f634cf43f4c4348c8bfe81d315f715",
      "9adf817226875f820005068c79b7879a2bd99374a364adcf88143e3f4da5854c"},
     {"2 11 12 13 14 15 18 22 23 25 27 30 31 34 35 39 41 46 54 56 58 60 61",
      "2 3 5 8 9 11 13 18 20 27 28 30 31 34 35 41 42 47 53 61",
      "3 17 20 21 22 25 28 32 37 39 41 44 46 59"}},
};
static const unsigned signers[3] = {0, 2, 4};

static void is_accepted(const struct tmldsa_response *response, const char *want)
{
    char text[4 * K] = "";
    size_t at = 0;

    for (unsigned i = 0; i < K; i++) {
        if (tmldsa_response_has(response, i)) {
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%u", at > 0 ? " " : "", i);
        }
    }
    assert_string_equal(text, want);
}

/* Of "message", with an empty context. */
static const uint8_t mu[MLDSA_MU_LEN] = {
    0x9e, 0x6d, 0xd4, 0xb2, 0xfc, 0xd2, 0xb2, 0x4e, 0x55, 0xca, 0xb7, 0xef, 0x52,
    0x72, 0x06, 0x59, 0x86, 0x21, 0x00, 0x27, 0xea, 0xc7, 0x75, 0x9d, 0x01, 0x83,
    0x35, 0x4e, 0xb7, 0x54, 0xe7, 0xc7, 0x35, 0xc2, 0x61, 0x9e, 0xd1, 0xff, 0x6d,
    0x02, 0x63, 0x1e, 0xb7, 0x33, 0x88, 0x65, 0x4f, 0xee, 0x53, 0xdb, 0xfc, 0x34,
    0xa3, 0x56, 0x6f, 0x3b, 0x47, 0xe5, 0x6e, 0x33, 0xe3, 0xa3, 0x96, 0xe8};

static void run_try(struct tmldsa_kit *kit, unsigned n)
{
    unsigned culprit;

    kit->session.act = 0x15;
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t seed[1][TMLDSA_SEED_LEN] = {{(uint8_t)(16 * signers[i] + 100 * n)}};

        tmldsa_round_1(kit, signers[i], seed);
        tmldsa_round_2(kit, signers[i]);
        is_hash(kit->session.w[signers[i]][0], tries[n].w[i]);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(tmldsa_round_3(kit, signers[i], &culprit), ERR_OK);
    }
    tmldsa_finish(kit);
    for (unsigned i = 0; i < 3; i++) {
        is_accepted(&kit->response[signers[i]], tries[n].accepted[i]);
    }
}

static void sessions_are_the_references(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        const struct tmldsa_path *of = wide ? tmldsa_avx2() : &tmldsa_portable;
        struct tmldsa_kit *kit;
        char text[2 * 16 + 1];

        if (of == NULL) {
            printf("SKIP the AVX2 path: this processor has none\n");
            continue;
        }
        kit = reference_kit(of);
        tmldsa_must(mldsa_mu(of->ring, kit->key.key.tr, (struct view){NULL, 0},
                             (struct view){(const uint8_t *)"message", 7}, kit->session.mu),
                    "mu");
        assert_memory_equal(kit->session.mu, mu, sizeof mu);
        run_try(kit, 0);
        assert_false(kit->outcome.found);
        run_try(kit, 1);
        assert_true(kit->outcome.found);
        assert_int_equal(kit->outcome.index, 41);
        is_hash((struct view){kit->sig, mldsa_65.sig_len},
                "2713c3741ed3e3809a7b42b82beb416c71a1dee33e74b9f7102c2f31fc763eec");
        hex_write((struct view){kit->sig, 16}, text);
        assert_string_equal(text, "5434b92221aa42235c5df6e34df10759");
        tmldsa_kit_free(kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_is_the_dealers),
        cmocka_unit_test(y_is_the_references),
        cmocka_unit_test(sessions_are_the_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
