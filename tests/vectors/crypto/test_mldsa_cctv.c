#include "mldsa_kit.h"
#include "testing.h"
#include "vector_file.h"

#include "crypto/mldsa/mldsa_round.h"

#include <string.h>

/* C2SP's CCTV: hashes over many keys and signatures, and over the rounding of every residue. */

#define TEXT_ROOM 16384

static struct mldsa_kit kit;
static const uint8_t no_rnd[MLDSA_SEED_LEN];
static char text[TEXT_ROOM];

static int read_text(void **state)
{
    const char *name = QUORATE_VECTORS "/01-mldsa/cctv_mldsa_accumulated.md";
    FILE *f = fopen(name, "r");

    if (f == NULL) {
        printf("SKIP no vectors %s\n", name);
        exit(77);
    }
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    assert_int_equal(fclose(f), 0);
    return mldsa_find_paths(state);
}

/* The 32 bytes whose hex stands behind a marker that stands behind another. */
static void expected(const char *first, const char *second, uint8_t out[32])
{
    const char *at = strstr(text, first);
    char hex[65] = {0};
    size_t n;

    assert_non_null(at);
    at = strstr(at, second);
    assert_non_null(at);
    memcpy(hex, at + strlen(second), 64);
    assert_int_equal(hex_parse(hex, out, 32, &n), ERR_OK);
    assert_int_equal(n, 32);
}

static void accumulate(const struct mldsa_path *path, const struct mldsa_params *params,
                       unsigned count, uint8_t out[32])
{
    const struct view empty = {NULL, 0};
    struct sponge seeds;
    struct sponge all;

    sponge_init(&seeds, path->keccak, SPONGE_SHAKE128);
    sponge_init(&all, path->keccak, SPONGE_SHAKE128);
    for (unsigned i = 0; i < count; i++) {
        uint8_t xi[MLDSA_SEED_LEN];

        sponge_squeeze(&seeds, xi, sizeof xi);
        mldsa_keygen(path, params, xi, &kit.key_scratch, &kit.private_key, kit.pk, NULL);
        sponge_absorb(&all, kit.pk, params->pk_len);
        assert_int_equal(
            mldsa_sign(&kit.private_key, empty, empty, no_rnd, &kit.sign_scratch, kit.sig),
            ERR_OK);
        sponge_absorb(&all, kit.sig, params->sig_len);
        assert_int_equal(mldsa_public_key_parse(path, params,
                                                (struct view){kit.pk, params->pk_len},
                                                &kit.key_scratch, &kit.public_key),
                         ERR_OK);
        assert_int_equal(mldsa_verify(&kit.public_key, empty, empty,
                                      (struct view){kit.sig, params->sig_len},
                                      &kit.verify_scratch),
                         ERR_OK);
    }
    sponge_squeeze(&all, out, 32);
}

static void check_accumulated(const struct mldsa_path *path, const struct mldsa_params *params,
                              unsigned count, const char *marker)
{
    char heading[32];
    uint8_t want[32];
    uint8_t got[32];

    (void)snprintf(heading, sizeof heading, "### %s\n", params->name);
    expected(heading, marker, want);
    accumulate(path, params, count, got);
    assert_memory_equal(got, want, sizeof want);
}

static void a_hundred_of_each(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            check_accumulated(path, params, 100, "- 100 iterations: `");
        }
    }
}

/* Seconds where the compiler made the code fast; all paths and sets only in a long run. */
static void ten_thousand(void **state)
{
    (void)state;
    if (!mldsa_fast() && !mldsa_long()) {
        print_message("10 000 iterations: in a release build or with QUORATE_LONG=1\n");
        return;
    }
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            if (mldsa_long() || path == mldsa_best() || params == &mldsa_65) {
                check_accumulated(path, params, 10000, "- 10 000 iterations: `");
            }
        }
    }
}

/* One number and the end of its line. */
static size_t write_line(int32_t v, char *out)
{
    char digits[12];
    uint32_t left = (uint32_t)abs(v);
    size_t n = 0;
    size_t len = 0;

    do {
        digits[n++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (v < 0) {
        out[len++] = '-';
    }
    while (n > 0) {
        out[len++] = digits[--n];
    }
    out[len++] = '\n';
    return len;
}

/* The 12 lines of one residue. */
static size_t write_lines(int32_t r, char *out)
{
    static const int32_t gammas[2] = {(MLDSA_Q - 1) / 88, (MLDSA_Q - 1) / 32};
    const int32_t centered = r > MLDSA_Q / 2 ? r - MLDSA_Q : r;
    int32_t low;
    size_t n = 0;

    n += write_line(centered, out + n);
    n += write_line(abs(centered), out + n);
    n += write_line(mldsa_power2round(r, &low), out + n);
    n += write_line(mldsa_canonical(low), out + n);
    for (size_t g = 0; g < 2; g++) {
        n += write_line(mldsa_decompose(r, gammas[g], &low), out + n);
        n += write_line(mldsa_use_hint(r, gammas[g], 1), out + n);
        n += write_line(low, out + n);
        n += write_line(abs(low), out + n);
    }
    return n;
}

static void every_residue(void **state)
{
    struct sponge s;
    uint8_t want[32];
    uint8_t got[32];
    static const char example[] =
        "-2370417\n2370417\n734\n8377489\n32\n31\n-84848\n84848\n11\n12\n248464\n248464\n";
    char lines[12 * 12];

    (void)state;
    (void)write_lines(6010000, lines); /* the file's example */
    assert_memory_equal(lines, example, sizeof example - 1);
    if (!mldsa_fast() && !mldsa_long()) {
        print_message("every residue: in a release build or with QUORATE_LONG=1\n");
        return;
    }
    sponge_init(&s, mldsa_best()->keccak, SPONGE_SHAKE128);
    for (int32_t r = 0; r < MLDSA_Q; r++) {
        sponge_absorb(&s, lines, write_lines(r, lines));
    }
    sponge_squeeze(&s, got, sizeof got);
    expected("Decompose(r) can be tested", "```\n", want);
    assert_memory_equal(got, want, sizeof want);
}

/* The benchmark's messages, signed with the key of a seed of zeros: how often signing must
 * start again is like the average of all messages. */
static void benchmark_messages(void **state)
{
    json_t *root = vector_file("01-mldsa/cctv_bench_ML-DSA-65.json");
    const struct view empty = {NULL, 0};
    const json_t *one;
    size_t i;

    (void)state;
    FOR_EACH_PATH(path)
    {
        mldsa_keygen(path, &mldsa_65, no_rnd, &kit.key_scratch, &kit.private_key, kit.pk, NULL);
        assert_int_equal(mldsa_public_key_parse(path, &mldsa_65,
                                                (struct view){kit.pk, mldsa_65.pk_len},
                                                &kit.key_scratch, &kit.public_key),
                         ERR_OK);
        json_array_foreach(root, i, one)
        {
            const char *message = json_string_value(one);
            const struct view m = {(const uint8_t *)message, strlen(message)};

            assert_int_equal(
                mldsa_sign(&kit.private_key, empty, m, no_rnd, &kit.sign_scratch, kit.sig),
                ERR_OK);
            assert_int_equal(mldsa_verify(&kit.public_key, empty, m,
                                          (struct view){kit.sig, mldsa_65.sig_len},
                                          &kit.verify_scratch),
                             ERR_OK);
        }
    }
    assert_int_equal(json_array_size(root), 147);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_of_each),
        cmocka_unit_test(ten_thousand),
        cmocka_unit_test(every_residue),
        cmocka_unit_test(benchmark_messages),
    };

    return cmocka_run_group_tests(tests, read_text, NULL);
}
