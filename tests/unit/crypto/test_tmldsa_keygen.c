/* A key without a dealer: all parties of a ceremony in one process, and what becomes of those
 * who lie. */
#include "testing.h"
#include "tmldsa_kit.h"

#include "crypto/hash.h"

/* What the parties drew, and what came of it. */
struct run {
    struct tmldsa_ceremony c;
    struct tmldsa_rho_opening rho[TMLDSA_PARTIES_MAX];
    struct tmldsa_seed_opening seeds[TMLDSA_SUBSETS_MAX][TMLDSA_PARTIES_MAX]; /* of members */
    struct tmldsa_masks all;
    struct tmldsa_matrix matrix;
};
static struct run run;
static struct tmldsa_keygen_scratch scratch;
static uint8_t t_again[TMLDSA_T_MAX];

static void draw(const struct tmldsa_path *path, const struct tmldsa_params *p, uint64_t number)
{
    run.c.path = path;
    run.c.params = p;
    run.all = tmldsa_alloc_all(p);
    noise_bytes(&number, run.c.id, sizeof run.c.id);
    noise_bytes(&number, (uint8_t *)run.rho, sizeof run.rho);
    noise_bytes(&number, (uint8_t *)run.seeds, sizeof run.seeds);
}

/* Every member of every subset checks every opening, and all derive the same. */
static void derive(struct tmldsa_kit *kit)
{
    for (unsigned party = 0; party < run.c.params->n; party++) {
        uint8_t commitment[TMLDSA_HASH_LEN];

        tmldsa_keygen_commit_rho(&run.c, party, &run.rho[party], commitment);
        assert_int_equal(tmldsa_keygen_check_rho(&run.c, party, &run.rho[party], commitment),
                         ERR_OK);
    }
    tmldsa_keygen_rho(&run.c, run.rho, kit->rho);
    tmldsa_matrix_make(kit->path, kit->params, kit->rho, &scratch, &run.matrix);
    for (unsigned i = 0; i < run.all.n; i++) {
        uint8_t *t = kit->t + i * tmldsa_pack_t_len(kit->params);
        uint8_t commitment[TMLDSA_HASH_LEN];

        tmldsa_keygen_sigma(&run.c, run.rho, run.all.mask[i], run.seeds[i], kit->sigma[i]);
        tmldsa_keygen_t(&run.matrix, kit->sigma[i], &scratch, t);
        tmldsa_keygen_commit_t(&run.c, run.all.mask[i], t, commitment);
        assert_int_equal(tmldsa_keygen_check_t(&run.c, run.all.mask[i],
                                               (struct view){t, tmldsa_pack_t_len(kit->params)},
                                               commitment),
                         ERR_OK);
        assert_int_equal(tmldsa_keygen_check_sigma(&run.matrix, kit->sigma[i], t, &scratch),
                         ERR_OK);
    }
}

static struct tmldsa_kit *ceremony(const struct tmldsa_params *p, uint64_t number)
{
    const uint8_t unused[32] = {0};
    struct tmldsa_kit *kit = tmldsa_kit_new(tmldsa_best(), p, 1, unused);

    draw(tmldsa_best(), p, number);
    derive(kit);
    tmldsa_kit_load(kit);
    return kit;
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static void scratch_is_erased(void **state)
{
    struct tmldsa_kit *kit = ceremony(tmldsa_params_find(&mldsa_44, 2, 3), 8);
    struct tmldsa_testimony said[2] = {{{0}, {{0}, {0}}, {0}}, {{0}, {{0}, {0}}, {0}}};

    (void)state;
    assert_true(is_zero(&kit->share_scratch, sizeof kit->share_scratch));
    memset(&scratch, 1, sizeof scratch);
    tmldsa_keygen_t(&run.matrix, kit->sigma[0], &scratch, t_again);
    assert_true(is_zero(&scratch, sizeof scratch));
    assert_int_equal(tmldsa_keygen_check_sigma(&run.matrix, kit->sigma[0], kit->t, &scratch),
                     ERR_OK);
    assert_true(is_zero(&scratch, sizeof scratch));
    assert_int_equal(tmldsa_keygen_judge(&run.c, run.rho, 3, said, &run.matrix, &scratch), 3);
    assert_true(is_zero(&scratch, sizeof scratch));
    tmldsa_kit_free(kit);
}

static void every_set_gives_a_key(void **state)
{
    (void)state;
    FOR_EACH_SET(set)
    {
        for (unsigned n = 2; n <= TMLDSA_PARTIES_MAX; n++) {
            for (unsigned t = 2; t <= n; t++) {
                tmldsa_kit_free(ceremony(tmldsa_params_find(set, t, n), n * 10 + t));
            }
        }
    }
}

static void the_key_signs(void **state)
{
    struct tmldsa_kit *kit = ceremony(tmldsa_params_find(&mldsa_44, 3, 5), 1);
    int tries = 0;

    (void)state;
    do {
        tmldsa_run(kit, 0x16);
    } while (!kit->outcome.found && ++tries < 40);
    assert_true(kit->outcome.found);
    tmldsa_kit_free(kit);
}

static void paths_agree(void **state)
{
    struct tmldsa_kit *kit = ceremony(tmldsa_params_find(&mldsa_65, 2, 3), 2);
    static struct tmldsa_matrix matrix;
    uint8_t rho[TMLDSA_RHO_LEN];
    uint8_t sigma[TMLDSA_SIGMA_LEN];

    (void)state;
    run.c.path = &tmldsa_portable;
    tmldsa_keygen_rho(&run.c, run.rho, rho);
    assert_memory_equal(rho, kit->rho, sizeof rho);
    tmldsa_keygen_sigma(&run.c, run.rho, run.all.mask[1], run.seeds[1], sigma);
    assert_memory_equal(sigma, kit->sigma[1], sizeof sigma);
    tmldsa_matrix_make(&tmldsa_portable, kit->params, rho, &scratch, &matrix);
    tmldsa_keygen_t(&matrix, sigma, &scratch, t_again);
    assert_memory_equal(t_again, kit->t + tmldsa_pack_t_len(kit->params),
                        tmldsa_pack_t_len(kit->params));
    tmldsa_kit_free(kit);
}

/* A s1 + s2 of a subset, from FIPS 204's own ring code: with one subset of all parties' sum the
 * public key would be mldsa_keygen()'s. */
static void t_is_that_of_the_standard(void **state)
{
    static struct mldsa_kit plain;
    static struct tmldsa_matrix matrix;
    const struct tmldsa_params *p = tmldsa_params_find(&mldsa_65, 3, 5);
    uint8_t xi[MLDSA_SEED_LEN] = {9};
    const uint8_t sizes[2] = {6, 5};
    uint8_t expanded[96];
    struct shake256 h;

    (void)state;
    mldsa_keygen(&mldsa_portable, &mldsa_65, xi, &plain.key_scratch, &plain.private_key,
                 plain.pk, NULL);
    shake256_init(&h); /* rho, rho' */
    shake256_update(&h, xi, sizeof xi);
    shake256_update(&h, sizes, sizeof sizes);
    shake256_final(&h, expanded, sizeof expanded);
    tmldsa_matrix_make(tmldsa_best(), p, expanded, &scratch, &matrix);
    tmldsa_keygen_t(&matrix, expanded + 32, &scratch, t_again);
    for (unsigned i = 0; i < mldsa_65.k; i++) {
        struct mldsa_poly t;
        struct mldsa_poly t1;

        assert_int_equal(tmldsa_unpack_t(t_again + (size_t)i * TMLDSA_T_POLY_LEN, &t), 0);
        mldsa_t1_decode(plain.pk + 32 + (size_t)i * MLDSA_T1_LEN, &t1);
        for (unsigned j = 0; j < MLDSA_N; j++) {
            assert_int_equal((t.coeff[j] + 4095) >> 13, t1.coeff[j]);
        }
    }
}

/* ---- the hashes, byte by byte ---- */

static void field(struct shake256 *h, const void *p, uint8_t n)
{
    const uint8_t length[4] = {n, 0, 0, 0};

    shake256_update(h, length, sizeof length);
    shake256_update(h, p, n);
}

static void start(struct shake256 *h, const char *tag)
{
    shake256_init(h);
    shake256_update(h, "TMLDSA-DKG-v1\0", 14);
    shake256_update(h, tag, strlen(tag) + 1);
    field(h, run.c.id, 48);
}

static void hashes_are_those_of_the_header(void **state)
{
    const uint8_t party = 2;
    const uint8_t subset = 0x16; /* 1 2 4 */
    uint8_t ours[TMLDSA_SIGMA_LEN];
    uint8_t want[TMLDSA_SIGMA_LEN];
    struct view fields[2] = {{(const uint8_t *)"abc", 3}, {NULL, 0}};
    struct shake256 h;

    (void)state;
    draw(tmldsa_best(), tmldsa_params_find(&mldsa_65, 3, 5), 3);
    start(&h, "rho");
    field(&h, &party, 1);
    field(&h, run.rho[2].rho, 32);
    field(&h, run.rho[2].salt, 32);
    shake256_final(&h, want, 48);
    tmldsa_keygen_commit_rho(&run.c, party, &run.rho[2], ours);
    assert_memory_equal(ours, want, 48);

    start(&h, "seed");
    field(&h, &party, 1);
    field(&h, &subset, 1);
    field(&h, run.seeds[0][0].seed, 64);
    field(&h, run.seeds[0][0].salt, 32);
    shake256_final(&h, want, 48);
    tmldsa_keygen_commit_seed(&run.c, party, subset, &run.seeds[0][0], ours);
    assert_memory_equal(ours, want, 48);

    start(&h, "seed-final");
    for (unsigned i = 0; i < 5; i++) {
        field(&h, run.rho[i].rho, 32);
    }
    field(&h, &subset, 1);
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t member = (uint8_t[]){1, 2, 4}[i];

        field(&h, &member, 1);
        field(&h, run.seeds[0][i].seed, 64);
    }
    shake256_final(&h, want, 64);
    tmldsa_keygen_sigma(&run.c, run.rho, subset, run.seeds[0], ours);
    assert_memory_equal(ours, want, 64);

    start(&h, "echo1");
    field(&h, "abc", 3);
    field(&h, "", 0);
    shake256_final(&h, want, 48);
    tmldsa_keygen_hash(&run.c, "echo1", fields, 2, ours);
    assert_memory_equal(ours, want, 48);
}

/* rho of each party enters each subset's secret, also of parties that are not in it (F8). */
static void every_rho_enters_every_secret(void **state)
{
    uint8_t first[TMLDSA_SIGMA_LEN];
    uint8_t other[TMLDSA_SIGMA_LEN];

    (void)state;
    draw(tmldsa_best(), tmldsa_params_find(&mldsa_65, 3, 5), 4);
    tmldsa_keygen_sigma(&run.c, run.rho, 0x16, run.seeds[0], first);
    for (unsigned i = 0; i < 5; i++) {
        run.rho[i].rho[31] ^= 1;
        tmldsa_keygen_sigma(&run.c, run.rho, 0x16, run.seeds[0], other);
        assert_memory_not_equal(first, other, sizeof first);
        run.rho[i].rho[31] ^= 1;
    }
    for (unsigned i = 0; i < 3; i++) {
        run.seeds[0][i].seed[63] ^= 1;
        tmldsa_keygen_sigma(&run.c, run.rho, 0x16, run.seeds[0], other);
        assert_memory_not_equal(first, other, sizeof first);
        run.seeds[0][i].seed[63] ^= 1;
    }
}

/* ---- liars ---- */

static void a_wrong_opening_shows(void **state)
{
    uint8_t commitment[TMLDSA_HASH_LEN];
    struct tmldsa_seed_opening seed;
    struct tmldsa_rho_opening rho;

    (void)state;
    draw(tmldsa_best(), tmldsa_params_find(&mldsa_65, 3, 5), 5);
    seed = run.seeds[0][0];
    rho = run.rho[3];
    tmldsa_keygen_commit_seed(&run.c, 1, 7, &seed, commitment);
    assert_int_equal(tmldsa_keygen_check_seed(&run.c, 1, 7, &seed, commitment), ERR_OK);
    assert_int_equal(tmldsa_keygen_check_seed(&run.c, 2, 7, &seed, commitment), ERR_MISMATCH);
    assert_int_equal(tmldsa_keygen_check_seed(&run.c, 1, 11, &seed, commitment), ERR_MISMATCH);
    seed.seed[0] ^= 1;
    assert_int_equal(tmldsa_keygen_check_seed(&run.c, 1, 7, &seed, commitment), ERR_MISMATCH);
    seed.seed[0] ^= 1;
    seed.salt[0] ^= 1;
    assert_int_equal(tmldsa_keygen_check_seed(&run.c, 1, 7, &seed, commitment), ERR_MISMATCH);
    tmldsa_keygen_commit_rho(&run.c, 3, &rho, commitment);
    assert_int_equal(tmldsa_keygen_check_rho(&run.c, 3, &rho, commitment), ERR_OK);
    assert_int_equal(tmldsa_keygen_check_rho(&run.c, 4, &rho, commitment), ERR_MISMATCH);
    rho.rho[9] ^= 1;
    assert_int_equal(tmldsa_keygen_check_rho(&run.c, 3, &rho, commitment), ERR_MISMATCH);
    run.c.id[0] ^= 1; /* another ceremony */
    assert_int_equal(tmldsa_keygen_check_rho(&run.c, 3, &run.rho[3], commitment), ERR_MISMATCH);
}

static void a_wrong_t_shows(void **state)
{
    struct tmldsa_kit *kit = ceremony(tmldsa_params_find(&mldsa_44, 3, 5), 6);
    const size_t len = tmldsa_pack_t_len(kit->params);
    uint8_t commitment[TMLDSA_HASH_LEN];
    uint8_t *t = kit->t;

    (void)state;
    tmldsa_keygen_commit_t(&run.c, 7, t, commitment);
    assert_int_equal(tmldsa_keygen_check_t(&run.c, 11, (struct view){t, len}, commitment),
                     ERR_MISMATCH);
    assert_int_equal(tmldsa_keygen_check_t(&run.c, 7, (struct view){t, len - 1}, commitment),
                     ERR_LENGTH);
    t[100] ^= 1;
    assert_int_equal(tmldsa_keygen_check_t(&run.c, 7, (struct view){t, len}, commitment),
                     ERR_MISMATCH);
    assert_int_equal(tmldsa_keygen_check_sigma(&run.matrix, kit->sigma[0], t, &scratch),
                     ERR_MISMATCH);
    t[100] ^= 1;
    kit->sigma[0][5] ^= 1; /* a helper's wrong seed */
    assert_int_equal(tmldsa_keygen_check_sigma(&run.matrix, kit->sigma[0], t, &scratch),
                     ERR_MISMATCH);
    memset(t + len - 3, 0xff, 3); /* q or more */
    assert_int_equal(tmldsa_keygen_check_t(&run.c, 7, (struct view){t, len}, commitment),
                     ERR_RANGE);
    memset(kit->pk, 0xaa, sizeof kit->pk);
    assert_int_equal(tmldsa_keygen_public(kit->params, kit->rho, kit->t, &scratch, kit->pk),
                     ERR_RANGE);
    assert_int_equal(kit->pk[0], 0xaa);
    tmldsa_kit_free(kit);
}

/* Testimonies of the members of the first subset, {0, 1, 2}, all true. */
static void testify(const struct tmldsa_kit *kit, struct tmldsa_testimony out[3])
{
    for (unsigned j = 0; j < 3; j++) {
        out[j].opening = run.seeds[0][j];
        tmldsa_keygen_commit_seed(&run.c, j, 7, &out[j].opening, out[j].seed_commitment);
        tmldsa_keygen_commit_t(&run.c, 7, kit->t, out[j].t_commitment);
    }
}

static unsigned judge(const struct tmldsa_testimony said[3])
{
    return tmldsa_keygen_judge(&run.c, run.rho, 7, said, &run.matrix, &scratch);
}

static void the_judge_names_the_liar(void **state)
{
    struct tmldsa_kit *kit = ceremony(tmldsa_params_find(&mldsa_44, 3, 5), 7);
    struct tmldsa_testimony said[3];

    (void)state;
    testify(kit, said);
    assert_int_equal(judge(said), 0);
    for (unsigned liar = 0; liar < 3; liar++) {
        testify(kit, said);
        said[liar].t_commitment[3] ^= 1;
        assert_int_equal(judge(said), 1u << liar);
        testify(kit, said);
        said[liar].opening.seed[3] ^= 1; /* then nothing is known of the t of the others */
        said[(liar + 1) % 3].t_commitment[3] ^= 1;
        assert_int_equal(judge(said), 1u << liar);
    }
    testify(kit, said);
    said[0].t_commitment[0] ^= 1;
    said[2].t_commitment[0] ^= 1;
    assert_int_equal(judge(said), 5);
    tmldsa_kit_free(kit);
}

/* The same secret in all subsets adds up to twice the length that is expected. */
static void sums_that_are_too_long_start_anew(void **state)
{
    static struct tmldsa_share share;
    static struct tmldsa_share_scratch share_scratch;
    uint8_t sigma[TMLDSA_HELD_MAX][TMLDSA_SIGMA_LEN] = {{0}};

    (void)state;
    assert_int_equal(tmldsa_share_load(tmldsa_best(), tmldsa_params_find(&mldsa_65, 3, 5), 0,
                                       (const uint8_t(*)[TMLDSA_SIGMA_LEN])sigma,
                                       &share_scratch, &share),
                     ERR_RANGE);
    assert_true(is_zero(&share, sizeof share));
    assert_true(is_zero(&share_scratch, sizeof share_scratch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scratch_is_erased),
        cmocka_unit_test(every_set_gives_a_key),
        cmocka_unit_test(the_key_signs),
        cmocka_unit_test(paths_agree),
        cmocka_unit_test(t_is_that_of_the_standard),
        cmocka_unit_test(hashes_are_those_of_the_header),
        cmocka_unit_test(every_rho_enters_every_secret),
        cmocka_unit_test(a_wrong_opening_shows),
        cmocka_unit_test(a_wrong_t_shows),
        cmocka_unit_test(the_judge_names_the_liar),
        cmocka_unit_test(sums_that_are_too_long_start_anew),
    };
    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
