/* Presignatures and signatures of three of five: all triples, OpenSSL's opinion of them, and
 * what becomes of sessions in which somebody lies. */
#include "openssl_evp.h"
#include "tecdsa_kit.h"
#include "testing.h"

#define S 0x07u /* parties 0, 1, 2 */

static struct tecdsa_kit *kit;
static EVP_PKEY *theirs;

static bool openssl_verifies(const uint8_t digest[P384_DIGEST_LEN],
                             const uint8_t sig[P384_SIG_LEN])
{
    ECDSA_SIG *rs = ECDSA_SIG_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, theirs, NULL);
    uint8_t *der = NULL;
    int n;
    bool good;

    assert_true(rs != NULL && ctx != NULL);
    assert_int_equal(
        ECDSA_SIG_set0(rs, BN_bin2bn(sig, 48, NULL), BN_bin2bn(sig + 48, 48, NULL)), 1);
    n = i2d_ECDSA_SIG(rs, &der);
    assert_true(n > 0 && EVP_PKEY_verify_init(ctx) == 1);
    good = EVP_PKEY_verify(ctx, der, (size_t)n, digest, P384_DIGEST_LEN) == 1;
    ECDSA_SIG_free(rs);
    EVP_PKEY_CTX_free(ctx);
    OPENSSL_free(der);
    return good;
}

/* Nothing is left of a session but why it ended. */
static void assert_over(unsigned i, enum tecdsa_fate fate, unsigned culprit)
{
    struct tecdsa_presign *const p = &kit->p[i];

    assert_int_equal(p->fate, fate);
    assert_int_equal(p->culprit, culprit);
    assert_true(tecdsa_erased(&p->signer, sizeof *p - offsetof(struct tecdsa_presign, signer)));
    for (unsigned j = 0; j < 5; j++) {
        assert_int_equal(tecdsa_presign_extend(p, j, &kit->scratch, &kit->m1[i][j]), ERR_STATE);
        assert_int_equal(tecdsa_presign_accept_1(p, j, &kit->m1[j][i], &kit->scratch),
                         ERR_STATE);
        assert_int_equal(tecdsa_presign_multiply(p, j, &kit->scratch, &kit->m2[i][j]),
                         ERR_STATE);
        assert_int_equal(
            tecdsa_presign_accept_2(p, j, kit->sid2[j], &kit->m2[j][i], &kit->scratch),
            ERR_STATE);
    }
    tecdsa_presign_end(p); /* it ended before */
    assert_int_equal(p->fate, fate == TECDSA_LIVE ? TECDSA_BENIGN : fate);
    assert_int_equal(p->culprit, culprit);
}

/* Setups of i with j are erased, and those with k are not. */
static void assert_pair_is_cut(unsigned i, unsigned j, unsigned k)
{
    assert_true(tecdsa_erased(&kit->bob[i][j], sizeof kit->bob[i][j]));
    assert_true(tecdsa_erased(&kit->alice[i][j], sizeof kit->alice[i][j]));
    assert_true(kit->bob[i][k].ready && kit->alice[i][k].ready);
}

static void run_to_round_1(void)
{
    kit->of.s = S;
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_round_1, kit), ERR_OK);
}

static void run_to_round_2(void)
{
    run_to_round_1();
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_1, kit), ERR_OK);
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_round_2, kit), ERR_OK);
}

static enum err accept_1(unsigned to, unsigned from)
{
    return tecdsa_presign_accept_1(&kit->p[to], from, &kit->m1[from][to], &kit->scratch);
}

static enum err accept_2(unsigned to, unsigned from)
{
    return tecdsa_presign_accept_2(&kit->p[to], from, kit->sid2[from], &kit->m2[from][to],
                                   &kit->scratch);
}

static void all_ten_triples_sign(void **state)
{
    unsigned triples = 0;

    (void)state;
    for (unsigned s = 0; s < 32; s++) {
        uint8_t digest[P384_DIGEST_LEN];
        uint8_t sig[P384_SIG_LEN];

        if (__builtin_popcount(s) != TECDSA_T) {
            continue;
        }
        assert_int_equal(tecdsa_kit_presign(kit, s), ERR_OK);
        TECDSA_EACH(kit, i)
        {
            assert_over(i, TECDSA_DONE, 0);
        }
        tecdsa_digest(s, digest);
        assert_int_equal(tecdsa_kit_sign(kit, digest, sig), ERR_OK);
        assert_int_equal(p384_verify(kit->key.public_key, digest, sig), ERR_OK);
        assert_true(openssl_verifies(digest, sig));
        digest[0] ^= 1;
        assert_false(openssl_verifies(digest, sig));
        triples++;
    }
    assert_int_equal(triples, 10);
    assert_true(tecdsa_erased(&kit->scratch, sizeof kit->scratch));
}

/* N of 4 and of 6: the lowest and the highest parties. */
static void other_numbers_of_parties_sign(void **state)
{
    (void)state;
    for (unsigned n = 4; n <= 6; n += 2) {
        struct tecdsa_kit *other = tecdsa_kit_new(n, n);
        const unsigned triples[] = {0x07, 0x07u << (n - 3)};

        for (unsigned i = 0; i < 2; i++) {
            uint8_t digest[P384_DIGEST_LEN];
            uint8_t sig[P384_SIG_LEN];

            tecdsa_digest(n, digest);
            assert_int_equal(tecdsa_kit_presign(other, triples[i]), ERR_OK);
            assert_int_equal(tecdsa_kit_sign(other, digest, sig), ERR_OK);
            assert_int_equal(p384_verify(other->key.public_key, digest, sig), ERR_OK);
        }
        free(other);
    }
}

/* The setup of 0 as Bob and 1 as Alice, by transfers, in place of the dealt one. */
static enum err transfer(void *unused)
{
    static struct tecdsa_ot_bob b;
    static struct tecdsa_ot_alice a;
    static struct tecdsa_ot_first first;
    static struct tecdsa_ot_choices choices;
    static struct tecdsa_ot_challenge challenge;
    static struct tecdsa_ot_response response;
    static struct tecdsa_ot_opening opening;
    const struct tecdsa_setup_of of = {
        .key_id = kit->key.key_id, .epoch_id = kit->c.id, .bob = 0, .alice = 1};
    const uint8_t seed[2][TECDSA_SEED_LEN] = {{1}, {2}};

    (void)unused;
    tecdsa_ot_start(&of, seed[0], &b, &first);
    TRY(tecdsa_ot_choose(&of, seed[1], &first, &a, &choices));
    TRY(tecdsa_ot_ask(&b, &choices, &challenge));
    TRY(tecdsa_ot_respond(&a, &challenge, &response));
    TRY(tecdsa_ot_open(&b, &response, &opening, &kit->bob[0][1]));
    return tecdsa_ot_finish(&a, &opening, &kit->alice[1][0]);
}

static void a_setup_by_transfers_serves(void **state)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    (void)state;
    assert_int_equal(tecdsa_on_stack(transfer, NULL), ERR_OK);
    for (unsigned i = 0; i < 2; i++) {
        tecdsa_digest(i, digest);
        assert_int_equal(tecdsa_kit_presign(kit, S), ERR_OK);
        assert_int_equal(tecdsa_kit_sign(kit, digest, sig), ERR_OK);
        assert_true(openssl_verifies(digest, sig));
    }
}

/* sum u = k phi and sum v = x phi, with k of R = k G. */
static void records_have_the_relations(void **state)
{
    struct tecdsa_scalar k = {{0}};
    struct tecdsa_scalar sum[3] = {{{0}}, {{0}}, {{0}}}; /* phi, u, v */
    struct tecdsa_scalar x = {{0}};
    struct tecdsa_scalar r;
    struct tecdsa_point point;
    uint8_t bytes[TECDSA_SCALAR_LEN];

    (void)state;
    run_to_round_2();
    TECDSA_EACH(kit, i)
    {
        tecdsa_scalar_add(&k, &kit->p[i].r, &k);
        tecdsa_scalar_add(&x, &kit->p[i].sk, &x); /* zeta cancels out */
    }
    tecdsa_point_mul_g(&x, &point);
    assert_true(tecdsa_point_equal(&point, &kit->key.pk) != 0);
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_2, kit), ERR_OK);
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_finish, kit), ERR_OK);
    TECDSA_EACH(kit, i)
    {
        tecdsa_scalar_add(&sum[0], &kit->record[i].phi, &sum[0]);
        tecdsa_scalar_add(&sum[1], &kit->record[i].u, &sum[1]);
        tecdsa_scalar_add(&sum[2], &kit->record[i].v, &sum[2]);
        assert_memory_equal(kit->record[i].id, kit->record[0].id, TECDSA_HASH_LEN);
        assert_memory_equal(kit->record[i].r, kit->record[0].r, TECDSA_SCALAR_LEN);
        assert_int_equal(kit->record[i].s, S);
    }
    tecdsa_point_mul_g(&k, &point);
    tecdsa_point_x(&point, &r);
    tecdsa_scalar_encode(&r, bytes);
    assert_memory_equal(bytes, kit->record[0].r, sizeof bytes);
    tecdsa_scalar_mul(&k, &sum[0], &k);
    tecdsa_scalar_mul(&x, &sum[0], &x);
    assert_true(tecdsa_scalar_equal(&k, &sum[1]) != 0);
    assert_true(tecdsa_scalar_equal(&x, &sum[2]) != 0);
}

static enum err begin(unsigned party, unsigned s, uint64_t counter)
{
    const uint8_t seed[TECDSA_SEED_LEN] = {1};
    struct tecdsa_presign_of of = kit->of;

    of.s = s;
    of.counter = counter;
    return tecdsa_presign_begin(&kit->p[party], &kit->signer[party], &of, seed);
}

static void sessions_begin_only_where_they_may(void **state)
{
    const uint64_t next = kit->of.counter + 1;

    (void)state;
    assert_int_equal(begin(0, 0x03, next), ERR_RANGE); /* two */
    assert_int_equal(begin(0, 0x0f, next), ERR_RANGE); /* four */
    assert_int_equal(begin(0, 0x0e, next), ERR_RANGE); /* without me */
    assert_int_equal(begin(0, 0x23, next), ERR_RANGE); /* a sixth party */
    assert_true(tecdsa_erased(&kit->p[0], sizeof kit->p[0]));
    assert_int_equal(begin(0, S, kit->of.counter), ERR_STALE); /* a counter replayed */
    assert_int_equal(begin(0, S, next), ERR_OK);
    assert_int_equal(begin(0, S, next), ERR_STALE);
    kit->of.counter = next;
}

/* None, of another peer, the other end's, another's with that peer, one that is not ready. */
static void sessions_begin_with_ones_own_setups(void **state)
{
    struct tecdsa_setup_bob *const bobs[] = {NULL, &kit->bob[0][1], &kit->bob[2][0],
                                             &kit->bob[1][2], &kit->bob[0][2]};
    struct tecdsa_setup_alice *const alices[] = {NULL, &kit->alice[0][1], &kit->alice[2][0],
                                                 &kit->alice[1][2], &kit->alice[0][2]};
    struct tecdsa_pair *const pair = &kit->signer[0].pair[2];
    const uint64_t next = kit->of.counter + 1;

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        pair->bob = bobs[i < 5 ? i : 4];
        pair->alice = alices[i < 5 ? 4 : i - 5];
        kit->bob[0][2].ready = i != 4;
        kit->alice[0][2].ready = i != 9;
        assert_int_equal(begin(0, S, next), ERR_STATE);
    }
    kit->alice[0][2].ready = true;
    pair->zero_seed = NULL;
    assert_int_equal(begin(0, S, next), ERR_STATE);
    pair->zero_seed = kit->zero_seed[0][2];
    assert_int_equal(begin(0, S, next), ERR_OK);
    kit->of.counter = next;
}

/* Memory that is zero is no session. */
static void what_did_not_begin_does_nothing(void **state)
{
    (void)state;
    run_to_round_2();
    memset(&kit->p[0], 0, sizeof kit->p[0]);
    assert_over(0, TECDSA_LIVE, 0);
    assert_int_equal(tecdsa_presign_finish(&kit->p[0], &kit->record[0]), ERR_STATE);
}

/* One direction of a setup that is another than the session began with, or gone: it ends. */
static void a_setup_that_changes_ends_a_session(void **state)
{
    (void)state;
    for (unsigned what = 0; what < 4; what++) {
        uint8_t *const id = what % 2 == 0 ? kit->bob[0][1].id : kit->alice[0][1].id;
        bool *const ready = what % 2 == 0 ? &kit->bob[0][1].ready : &kit->alice[0][1].ready;

        run_to_round_1();
        *id ^= what < 2;
        *ready = what < 2;
        assert_int_equal(accept_1(0, 2), ERR_STALE);
        assert_over(0, TECDSA_BENIGN, 0);
        *id ^= what < 2;
        *ready = true;
        run_to_round_2(); /* and one that has heard all */
        assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_2, kit), ERR_OK);
        *id ^= 1;
        assert_int_equal(tecdsa_presign_finish(&kit->p[0], &kit->record[0]), ERR_STALE);
        assert_true(tecdsa_erased(&kit->record[0], sizeof kit->record[0]));
        *id ^= 1;
    }
}

static enum err multiply(unsigned from, unsigned to)
{
    return tecdsa_presign_multiply(&kit->p[from], to, &kit->scratch, &kit->m2[from][to]);
}

/* Whichever of both peers has not spoken yet. */
static void rounds_wait_for_both_peers(void **state)
{
    (void)state;
    for (unsigned early = 1; early <= 2; early++) {
        const unsigned late = 3 - early;

        run_to_round_2();
        tecdsa_presign_end(&kit->p[0]);
        assert_int_equal(begin(0, S, ++kit->of.counter), ERR_OK);
        for (unsigned i = 1; i <= 2; i++) {
            assert_int_equal(begin(i, S, kit->of.counter), ERR_OK);
        }
        TECDSA_EACH_PAIR(kit, i, j)
        {
            assert_int_equal(
                tecdsa_presign_extend(&kit->p[i], j, &kit->scratch, &kit->m1[i][j]), ERR_OK);
        }
        assert_int_equal(accept_1(0, early), ERR_OK);
        assert_int_equal(multiply(0, early), ERR_STATE);
        assert_int_equal(accept_2(0, early), ERR_STATE);
        assert_int_equal(accept_1(0, late), ERR_OK);
        for (unsigned i = 1; i <= 2; i++) {
            assert_int_equal(accept_1(i, 0), ERR_OK);
            assert_int_equal(accept_1(i, 3 - i), ERR_OK);
            assert_int_equal(multiply(i, 0), ERR_OK);
            memcpy(kit->sid2[i], kit->p[i].sid2, TECDSA_HASH_LEN);
        }
        assert_int_equal(multiply(0, early), ERR_OK);
        assert_int_equal(accept_2(0, early), ERR_OK);
        assert_int_equal(multiply(0, late), ERR_OK); /* it has not heard from late */
        assert_int_equal(tecdsa_presign_finish(&kit->p[0], &kit->record[0]), ERR_STATE);
        tecdsa_presign_end(&kit->p[0]);
    }
}

/* Nor without what it owes to one of them. */
static void a_record_takes_both_products(void **state)
{
    (void)state;
    for (unsigned owed = 1; owed <= 2; owed++) {
        run_to_round_1();
        assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_1, kit), ERR_OK);
        for (unsigned i = 1; i <= 2; i++) {
            assert_int_equal(multiply(i, 0), ERR_OK);
            memcpy(kit->sid2[i], kit->p[i].sid2, TECDSA_HASH_LEN);
            assert_int_equal(accept_2(0, i), ERR_OK);
        }
        assert_int_equal(multiply(0, 3 - owed), ERR_OK);
        assert_int_equal(tecdsa_presign_finish(&kit->p[0], &kit->record[0]), ERR_STATE);
        assert_int_equal(multiply(0, owed), ERR_OK);
        assert_int_equal(tecdsa_presign_finish(&kit->p[0], &kit->record[0]), ERR_OK);
    }
}

/* One cheat of one column, named in B13: by what Bob sends wrong; it is always caught here. The
 * one that is caught half of the time is in test_tecdsa_rvole. */
static void a_failed_extension_ends_the_setup(void **state)
{
    (void)state;
    run_to_round_1();
    kit->m1[1][0].extension.t[17][3] ^= 1;
    assert_int_equal(accept_1(0, 1), ERR_MISMATCH);
    assert_over(0, TECDSA_SETUP, 1);
    assert_pair_is_cut(0, 1, 2);
    /* Another session of the pair ends with it. */
    assert_int_equal(begin(0, S, kit->of.counter + 1), ERR_STATE);
    tecdsa_kit_setup(kit, 0, 1);
}

static void another_session_of_a_cut_pair_ends(void **state)
{
    struct tecdsa_presign *other = malloc(sizeof *other);

    (void)state;
    assert_non_null(other);
    run_to_round_1();
    *other = kit->p[0];
    kit->of.s = S;
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_round_1, kit), ERR_OK);
    kit->m1[1][0].extension.x[0] ^= 1;
    assert_int_equal(accept_1(0, 1), ERR_MISMATCH);
    tecdsa_kit_setup(kit, 0, 1); /* renewed: it is another setup */
    kit->p[0] = *other;
    assert_int_equal(tecdsa_presign_extend(&kit->p[0], 2, &kit->scratch, &kit->m1[0][2]),
                     ERR_STALE);
    assert_over(0, TECDSA_BENIGN, 0);
    free(other);
}

/* Frames of another session, of another sender, or twice: nothing happens. */
static void what_is_not_of_the_session_is_dropped(void **state)
{
    static struct tecdsa_round_1 old;

    (void)state;
    run_to_round_1();
    old = kit->m1[1][0];
    run_to_round_1();
    assert_int_equal(tecdsa_presign_accept_1(&kit->p[0], 1, &old, &kit->scratch),
                     ERR_STALE); /* replayed */
    assert_int_equal(tecdsa_presign_accept_1(&kit->p[0], 2, &kit->m1[1][0], &kit->scratch),
                     ERR_STALE);
    assert_int_equal(tecdsa_presign_accept_1(&kit->p[0], 3, &kit->m1[1][0], &kit->scratch),
                     ERR_STATE);
    assert_int_equal(tecdsa_presign_multiply(&kit->p[0], 1, &kit->scratch, &kit->m2[0][1]),
                     ERR_STATE); /* too early */
    assert_int_equal(accept_2(0, 1), ERR_STATE);
    assert_int_equal(tecdsa_presign_finish(&kit->p[0], &kit->record[0]), ERR_STATE);
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_1, kit), ERR_OK);
    assert_int_equal(accept_1(0, 1), ERR_STATE); /* twice */
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_round_2, kit), ERR_OK);
    assert_int_equal(tecdsa_presign_multiply(&kit->p[0], 1, &kit->scratch, &kit->m2[0][1]),
                     ERR_STATE);                 /* one product for one session */
    assert_int_equal(accept_2(0, 3), ERR_STATE); /* none of the three */
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_2, kit), ERR_OK);
    assert_int_equal(accept_2(0, 1), ERR_STATE);
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_finish, kit), ERR_OK);
}

/* F5: party 2 shows two bodies. The honest ones end without blame, and keep their setups. */
static void different_bodies_are_benign(void **state)
{
    (void)state;
    run_to_round_1();
    kit->m1[2][1].body.commitment[0] ^= 1;
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_1, kit), ERR_OK);
    assert_memory_not_equal(kit->p[0].sid2, kit->p[1].sid2, TECDSA_HASH_LEN);
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_round_2, kit), ERR_OK);
    assert_int_equal(accept_2(0, 1), ERR_STALE);
    assert_over(0, TECDSA_BENIGN, 0);
    assert_int_equal(accept_2(1, 0), ERR_STALE);
    assert_over(1, TECDSA_BENIGN, 0);
    assert_true(kit->bob[0][1].ready && kit->alice[0][1].ready);
    assert_true(kit->bob[1][0].ready && kit->alice[1][0].ready);
}

/* Changes one thing of what party 1 sends to party 0 in round 2. */
struct lie {
    size_t at;
    enum err e;
};

static void every_lie_of_round_2_cuts_the_pair(void **state)
{
    static const struct lie lies[] = {
        {offsetof(struct tecdsa_round_2, product) + 100, ERR_MISMATCH},
        {offsetof(struct tecdsa_round_2, product.eta) + 47, ERR_MISMATCH},
        {offsetof(struct tecdsa_round_2, product.mu), ERR_MISMATCH},
        {offsetof(struct tecdsa_round_2, gu), ERR_MISMATCH}, /* minus Gu */
        {offsetof(struct tecdsa_round_2, gv), ERR_MISMATCH},
        {offsetof(struct tecdsa_round_2, pk), ERR_MISMATCH},
        {offsetof(struct tecdsa_round_2, r), ERR_MISMATCH}, /* the commitment does not open */
        {offsetof(struct tecdsa_round_2, salt), ERR_MISMATCH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        run_to_round_2();
        ((uint8_t *)&kit->m2[1][0])[lies[i].at] ^= 1;
        assert_int_equal(accept_2(0, 1), lies[i].e);
        assert_over(0, TECDSA_SESSION, 1);
        assert_pair_is_cut(0, 1, 2);
        tecdsa_kit_setup(kit, 0, 1);
    }
}

static void what_is_no_point_or_scalar_cuts_the_pair(void **state)
{
    static const size_t places[] = {
        offsetof(struct tecdsa_round_2, gu),      offsetof(struct tecdsa_round_2, gv),
        offsetof(struct tecdsa_round_2, pk),      offsetof(struct tecdsa_round_2, psi),
        offsetof(struct tecdsa_round_2, product), offsetof(struct tecdsa_round_2, product.eta)};

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        run_to_round_2();
        memset((uint8_t *)&kit->m2[1][0] + places[i], i < 3 ? 0 : 0xff, /* infinity; over n */
               i < 3 ? TECDSA_POINT_LEN : TECDSA_SCALAR_LEN);
        assert_int_equal(accept_2(0, 1), i < 3 ? ERR_ENCODING : ERR_RANGE);
        assert_over(0, TECDSA_SESSION, 1);
        tecdsa_kit_setup(kit, 0, 1);
    }
}

/* Party 1 commits to an R that is no point, and opens that. */
static void an_r_that_is_no_point_cuts_the_pair(void **state)
{
    struct tecdsa_presign *const liar = &kit->p[1];
    const uint8_t number = 1;
    struct tecdsa_hash h;

    (void)state;
    run_to_round_1();
    memset(liar->r_bytes, 0, sizeof liar->r_bytes);
    tecdsa_hash_start(&h, "R");
    tecdsa_hash_field(&h, liar->body.sid1, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, &number, 1);
    tecdsa_hash_field(&h, liar->r_bytes, TECDSA_POINT_LEN);
    tecdsa_hash_field(&h, liar->salt, TECDSA_SALT_LEN);
    tecdsa_hash_finish(&h, liar->body.commitment, TECDSA_HASH_LEN);
    kit->m1[1][0].body = kit->m1[1][2].body = liar->body;
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_1, kit), ERR_OK);
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_round_2, kit), ERR_OK);
    assert_int_equal(accept_2(0, 1), ERR_ENCODING);
    assert_over(0, TECDSA_SESSION, 1);
    tecdsa_kit_setup(kit, 0, 1);
}

/* A share that is not of the key passes every check of a pair, and not the sum. */
static void a_wrong_share_ends_the_triple(void **state)
{
    struct tecdsa_share wrong = kit->share[1];
    const struct tecdsa_scalar one = {{1}};

    (void)state;
    tecdsa_scalar_add(&wrong.x, &one, &wrong.x);
    kit->signer[1].share = &wrong;
    run_to_round_2();
    kit->signer[1].share = &kit->share[1];
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_2, kit), ERR_OK);
    assert_int_equal(tecdsa_presign_finish(&kit->p[0], &kit->record[0]), ERR_MISMATCH);
    assert_over(0, TECDSA_TRIPLE, 0);
    assert_true(kit->bob[0][1].ready && kit->bob[0][2].ready);
    assert_true(tecdsa_erased(&kit->record[0], sizeof kit->record[0]));
}

/* A wrong psi is nobody's check: it spoils the signature, and that is seen. */
static void a_wrong_psi_gives_no_signature(void **state)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    (void)state;
    tecdsa_digest(1, digest);
    run_to_round_2();
    kit->m2[1][0].psi[47] ^= 1;
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_accept_2, kit), ERR_OK);
    assert_int_equal(tecdsa_on_stack(tecdsa_kit_finish, kit), ERR_OK);
    assert_int_equal(tecdsa_kit_sign(kit, digest, sig), ERR_SIGNATURE);
    assert_true(tecdsa_erased(sig, sizeof sig));
}

static void take_key(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    char group[] = "P-384";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, kit->key.public_key,
                                          P384_PUBLIC_LEN),
        OSSL_PARAM_construct_end(),
    };

    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &theirs, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        abort();
    }
    EVP_PKEY_CTX_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ten_triples_sign),
        cmocka_unit_test(other_numbers_of_parties_sign),
        cmocka_unit_test(a_setup_by_transfers_serves),
        cmocka_unit_test(records_have_the_relations),
        cmocka_unit_test(sessions_begin_only_where_they_may),
        cmocka_unit_test(sessions_begin_with_ones_own_setups),
        cmocka_unit_test(what_did_not_begin_does_nothing),
        cmocka_unit_test(a_setup_that_changes_ends_a_session),
        cmocka_unit_test(rounds_wait_for_both_peers),
        cmocka_unit_test(a_record_takes_both_products),
        cmocka_unit_test(a_failed_extension_ends_the_setup),
        cmocka_unit_test(another_session_of_a_cut_pair_ends),
        cmocka_unit_test(what_is_not_of_the_session_is_dropped),
        cmocka_unit_test(different_bodies_are_benign),
        cmocka_unit_test(every_lie_of_round_2_cuts_the_pair),
        cmocka_unit_test(what_is_no_point_or_scalar_cuts_the_pair),
        cmocka_unit_test(an_r_that_is_no_point_cuts_the_pair),
        cmocka_unit_test(a_wrong_share_ends_the_triple),
        cmocka_unit_test(a_wrong_psi_gives_no_signature),
    };
    int result;

    kit = tecdsa_kit_new(5, 1);
    take_key();
    result = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(theirs);
    free(kit);
    return result;
}
