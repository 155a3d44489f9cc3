#include "mldsa_kit.h"
#include "testing.h"
#include "vector_file.h"

#include <string.h>

/* Keys and signatures from seeds: leancrypto's cases in which signing takes many attempts or
 * fails a check in a rare way, and the first 40 of Bouncy Castle. */

#define LINE_ROOM 16384

static struct mldsa_kit kit;
static const uint8_t no_rnd[MLDSA_SEED_LEN];

struct answer {
    uint8_t xi[MLDSA_SEED_LEN];
    uint8_t pk[MLDSA_PK_MAX];
    uint8_t sk[MLDSA_SK_MAX];
    uint8_t sig[MLDSA_SIG_MAX];
    uint8_t message[8192];
    uint8_t ctx[MLDSA_CTX_MAX];
    size_t message_len, ctx_len;
    bool internal; /* nothing stands before the message in mu */
};
static struct answer answer;

static void check_answer(const struct mldsa_path *path)
{
    const struct view sig = {kit.sig, mldsa_65.sig_len};
    struct sponge s;
    uint8_t mu[MLDSA_MU_LEN];

    mldsa_keygen(path, &mldsa_65, answer.xi, &kit.key_scratch, &kit.private_key, kit.pk,
                 kit.sk);
    assert_memory_equal(kit.pk, answer.pk, mldsa_65.pk_len);
    assert_memory_equal(kit.sk, answer.sk, mldsa_65.sk_len);
    if (answer.internal) {
        sponge_init(&s, path->keccak, SPONGE_SHAKE256);
        sponge_absorb(&s, kit.private_key.tr, MLDSA_TR_LEN);
        sponge_absorb(&s, answer.message, answer.message_len);
        sponge_squeeze(&s, mu, sizeof mu);
    } else {
        assert_int_equal(mldsa_mu(path, kit.private_key.tr,
                                  (struct view){answer.ctx, answer.ctx_len},
                                  (struct view){answer.message, answer.message_len}, mu),
                         ERR_OK);
    }
    assert_int_equal(mldsa_sign_mu(&kit.private_key, mu, no_rnd, &kit.sign_scratch, kit.sig),
                     ERR_OK);
    assert_memory_equal(kit.sig, answer.sig, mldsa_65.sig_len);
    assert_int_equal(mldsa_public_key_parse(path, &mldsa_65,
                                            (struct view){kit.pk, mldsa_65.pk_len},
                                            &kit.key_scratch, &kit.public_key),
                     ERR_OK);
    assert_int_equal(mldsa_verify_mu(&kit.public_key, mu, sig, &kit.verify_scratch), ERR_OK);
}

static void rejection_corner_cases(void **state)
{
    json_t *root = vector_file("01-mldsa/dilithium_pure_rejection_vectors_65.json");
    const json_t *test;
    size_t i;

    (void)state;
    json_array_foreach(root, i, test)
    {
        memset(&answer, 0, sizeof answer);
        (void)vector_bytes(test, "seed", answer.xi, sizeof answer.xi);
        (void)vector_bytes(test, "pk", answer.pk, sizeof answer.pk);
        (void)vector_bytes(test, "sk", answer.sk, sizeof answer.sk);
        (void)vector_bytes(test, "sig", answer.sig, sizeof answer.sig);
        answer.message_len = vector_bytes(test, "msg", answer.message, sizeof answer.message);
        FOR_EACH_PATH(path)
        {
            check_answer(path);
        }
    }
    print_message("%zu cases\n", json_array_size(root));
    assert_int_equal(json_array_size(root), 7);
    json_decref(root);
}

static size_t hex_in(const char *text, uint8_t *out, size_t cap)
{
    size_t n = 0;

    assert_int_equal(hex_parse(text, out, cap, &n), ERR_OK);
    return n;
}

/* One line "name = value" of the .rsp file; true if it ends a case. */
static bool read_line(char *line)
{
    char *value = strstr(line, " = ");

    if (value == NULL) {
        return false;
    }
    *value = '\0';
    value += 3;
    value[strcspn(value, "\r\n")] = '\0';
    if (strcmp(line, "count") == 0) {
        memset(&answer, 0, sizeof answer);
    } else if (strcmp(line, "seed") == 0) {
        (void)hex_in(value, answer.xi, sizeof answer.xi);
    } else if (strcmp(line, "pk") == 0) {
        (void)hex_in(value, answer.pk, sizeof answer.pk);
    } else if (strcmp(line, "sk") == 0) {
        (void)hex_in(value, answer.sk, sizeof answer.sk);
    } else if (strcmp(line, "sm") == 0) {
        (void)hex_in(value, answer.sig, sizeof answer.sig);
    } else if (strcmp(line, "msg") == 0) {
        answer.message_len = hex_in(value, answer.message, sizeof answer.message);
    } else if (strcmp(line, "context") == 0) {
        answer.internal = strcmp(value, "none") == 0;
        if (!answer.internal && strcmp(value, "zero_length") != 0) {
            answer.ctx_len = hex_in(value, answer.ctx, sizeof answer.ctx);
        }
        return true;
    }
    return false;
}

static void bouncy_castle(void **state)
{
    static char line[LINE_ROOM];
    const char *path_name = QUORATE_VECTORS "/01-mldsa/bc_mldsa65_first40.rsp";
    FILE *f = fopen(path_name, "r");
    size_t n = 0;

    (void)state;
    if (f == NULL) {
        printf("SKIP no vectors %s\n", path_name);
        skip();
    }
    while (fgets(line, sizeof line, f) != NULL) {
        if (read_line(line)) {
            FOR_EACH_PATH(path)
            {
                check_answer(path);
            }
            n++;
        }
    }
    assert_int_equal(fclose(f), 0);
    print_message("%zu cases\n", n);
    assert_int_equal(n, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejection_corner_cases),
        cmocka_unit_test(bouncy_castle),
    };

    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
