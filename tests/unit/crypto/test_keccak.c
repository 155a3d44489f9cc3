#include "testing.h"

#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/keccak/keccak.h"
#include "crypto/keccak/sponge.h"
#include "crypto/keccak/sponge_x4.h"

#include <stdio.h>
#include <string.h>

static const struct keccak_path *paths[3];
static size_t path_count;

static int find_paths(void **state)
{
    (void)state;
    paths[path_count++] = &keccak_portable;
    if (keccak_avx2() != NULL) {
        paths[path_count++] = keccak_avx2();
    } else {
        printf("SKIP the AVX2 path: this processor has none\n");
    }
    if (keccak_avx512() != NULL) {
        paths[path_count++] = keccak_avx512();
    } else {
        printf("SKIP the AVX-512 path: this processor has none\n");
    }
    return 0;
}

/* The round constants from the LFSR of FIPS 202 3.2.5, alg. 5. */
static uint64_t iota_of(unsigned round)
{
    uint64_t c = 0;

    for (unsigned j = 0; j <= 6; j++) {
        unsigned r = 1;

        for (unsigned t = 0; t < 7 * round + j; t++) {
            r <<= 1;
            r ^= (r >> 8) * 0x171;
        }
        c |= (uint64_t)(r & 1) << ((1u << j) - 1);
    }
    return c;
}

/* Keccak-p straight from the definitions in FIPS 202 3.2, with no table. */
static void permute_plainly(uint64_t a[25])
{
    for (unsigned round = 0; round < 24; round++) {
        uint64_t c[5];
        uint64_t b[25];
        unsigned x = 1;
        unsigned y = 0;

        for (unsigned i = 0; i < 5; i++) {
            c[i] = a[i] ^ a[i + 5] ^ a[i + 10] ^ a[i + 15] ^ a[i + 20];
        }
        for (unsigned i = 0; i < 25; i++) {
            const uint64_t next = c[(i + 1) % 5];

            a[i] ^= c[(i + 4) % 5] ^ (next << 1 | next >> 63);
        }
        for (unsigned t = 0; t < 24; t++) { /* rho, alg. 2 */
            const unsigned by = (t + 1) * (t + 2) / 2 % 64;
            const unsigned next = (2 * x + 3 * y) % 5;
            uint64_t *lane = &a[x + 5 * y];

            *lane = by == 0 ? *lane : *lane << by | *lane >> (64 - by);
            x = y;
            y = next;
        }
        for (x = 0; x < 5; x++) { /* pi, alg. 3 */
            for (y = 0; y < 5; y++) {
                b[x + 5 * y] = a[(x + 3 * y) % 5 + 5 * x];
            }
        }
        for (x = 0; x < 5; x++) {
            for (y = 0; y < 5; y++) {
                a[x + 5 * y] =
                    b[x + 5 * y] ^ (~b[(x + 1) % 5 + 5 * y] & b[(x + 2) % 5 + 5 * y]);
            }
        }
        a[0] ^= iota_of(round);
    }
}

static void permutation_follows_the_definition(void **state)
{
    (void)state;
    for (size_t p = 0; p < path_count; p++) {
        struct keccak_state s = {{0}};
        struct keccak_state want = {{0}};

        for (int n = 0; n < 20; n++) {
            paths[p]->permute(&s);
            permute_plainly(want.lane);
            assert_memory_equal(&s, &want, sizeof s);
        }
    }
}

static void four_at_once_are_four_alone(void **state)
{
    (void)state;
    for (size_t p = 0; p < path_count; p++) {
        struct keccak_state_x4 four;
        struct keccak_state one[4];

        for (size_t i = 0; i < 25; i++) {
            for (size_t n = 0; n < 4; n++) {
                one[n].lane[i] = 0x9e3779b97f4a7c15 * (4 * i + n + 1);
                four.lane[i][n] = one[n].lane[i];
            }
        }
        paths[p]->permute_x4(&four);
        for (size_t n = 0; n < 4; n++) {
            keccak_portable.permute(&one[n]);
            for (size_t i = 0; i < 25; i++) {
                assert_true(four.lane[i][n] == one[n].lane[i]);
            }
        }
    }
}

static void check_hex(const uint8_t *got, size_t n, const char *want)
{
    char text[129];

    hex_write((struct view){got, n}, text);
    assert_string_equal(text, want);
}

/* Digests of the empty message, as NIST's examples give them. */
static void empty_message(void **state)
{
    static const struct {
        enum sponge_kind kind;
        size_t n;
        const char *want;
    } rows[] = {
        {SPONGE_SHA3_256, 32,
         "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
        {SPONGE_SHA3_384, 48,
         "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd"
         "1e0"
         "58d5f004"},
        {SPONGE_SHA3_512, 64,
         "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e"
         "940"
         "2c3ac558f500199d95b6d3e301758586281dcd26"},
        {SPONGE_SHAKE128, 32,
         "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"},
        {SPONGE_SHAKE256, 32,
         "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"},
    };

    (void)state;
    for (size_t p = 0; p < path_count; p++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct sponge s;
            uint8_t out[64];

            sponge_init(&s, paths[p], rows[i].kind);
            sponge_squeeze(&s, out, rows[i].n);
            check_hex(out, rows[i].n, rows[i].want);
        }
    }
}

static void digests_agree_with_the_other_implementation(void **state)
{
    static const struct {
        enum sponge_kind kind;
        enum hash_alg alg;
    } rows[] = {{SPONGE_SHA3_256, HASH_SHA3_256},
                {SPONGE_SHA3_384, HASH_SHA3_384},
                {SPONGE_SHA3_512, HASH_SHA3_512}};
    uint8_t message[420];

    (void)state;
    for (size_t i = 0; i < sizeof message; i++) {
        message[i] = (uint8_t)(7 * i + i / 251);
    }
    for (size_t p = 0; p < path_count; p++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            for (size_t n = 0; n <= sizeof message; n++) {
                struct sponge s;
                uint8_t got[HASH_MAX];
                uint8_t want[HASH_MAX];

                sponge_init(&s, paths[p], rows[i].kind);
                sponge_absorb(&s, message, n / 3);
                sponge_absorb(&s, message + n / 3, n - n / 3);
                sponge_squeeze(&s, got, hash_len(rows[i].alg));
                hash_once(rows[i].alg, (struct view){message, n}, want);
                assert_memory_equal(got, want, hash_len(rows[i].alg));
            }
        }
    }
}

static void shake_in_pieces(void **state)
{
    uint8_t message[300];
    uint8_t want[500];
    struct shake256 other;

    (void)state;
    memset(message, 0xa3, sizeof message);
    shake256_init(&other);
    shake256_update(&other, message, sizeof message);
    shake256_final(&other, want, sizeof want);
    for (size_t p = 0; p < path_count; p++) {
        for (size_t step = 1; step < 290; step += 17) {
            struct sponge s;
            uint8_t got[500];

            sponge_init(&s, paths[p], SPONGE_SHAKE256);
            for (size_t at = 0; at < sizeof message; at += step) {
                const size_t left = sizeof message - at;

                sponge_absorb(&s, message + at, left < step ? left : step);
            }
            for (size_t at = 0; at < sizeof got; at += step) {
                const size_t left = sizeof got - at;

                sponge_squeeze(&s, got + at, left < step ? left : step);
            }
            assert_memory_equal(got, want, sizeof got);
        }
    }
}

static void four_streams_are_four_sponges(void **state)
{
    static const enum sponge_kind kinds[] = {SPONGE_SHAKE128, SPONGE_SHAKE256};
    uint8_t in[4][SHAKE128_RATE];

    (void)state;
    for (size_t i = 0; i < sizeof in; i++) {
        in[i / SHAKE128_RATE][i % SHAKE128_RATE] = (uint8_t)(11 * i + i / 256);
    }
    for (size_t p = 0; p < path_count; p++) {
        for (size_t n = 0; n < 2 * (size_t)SHAKE256_RATE; n++) {
            const enum sponge_kind kind = kinds[n / SHAKE256_RATE];
            const size_t len = n % SHAKE256_RATE;
            const uint8_t *const from[4] = {in[0], in[1], in[2], in[3]};
            uint8_t got[4][2 * SHAKE128_RATE];
            uint8_t *to[4] = {got[0], got[1], got[2], got[3]};
            struct sponge_x4 four;

            sponge_x4_start(&four, paths[p], kind, from, len);
            sponge_x4_squeeze(&four, to);
            for (size_t j = 0; j < 4; j++) {
                to[j] += four.rate;
            }
            sponge_x4_squeeze(&four, to);
            for (size_t j = 0; j < 4; j++) {
                struct sponge one;
                uint8_t want[2 * SHAKE128_RATE];

                sponge_init(&one, &keccak_portable, kind);
                sponge_absorb(&one, in[j], len);
                sponge_squeeze(&one, want, 2 * (size_t)four.rate);
                assert_memory_equal(got[j], want, 2 * (size_t)four.rate);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permutation_follows_the_definition),
        cmocka_unit_test(four_at_once_are_four_alone),
        cmocka_unit_test(empty_message),
        cmocka_unit_test(digests_agree_with_the_other_implementation),
        cmocka_unit_test(shake_in_pieces),
        cmocka_unit_test(four_streams_are_four_sponges),
    };

    return cmocka_run_group_tests(tests, find_paths, NULL);
}
