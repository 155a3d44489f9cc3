/* Three nodes make presignatures: a good one, and what each way to fail does to the next. */
#include "tecdsa_kit.h"
#include "testing.h"

#include "enclave/presign/presign_session.h"

#define NODES 3
#define S 0x07U
#define NOW INT64_C(1000000000000)

static struct tecdsa_kit *kit;
static struct presign_session session[NODES];
static struct presign_tools tools[NODES];
static struct presign_standing standing[NODES];
static struct presign_pool pools[NODES];
static struct presign_slot slots[NODES][2];
static struct work_stack stack;
static struct tecdsa_round_1 room;
static struct ed25519_key keys[NODES];
/* One more than there are parties: whose number is none has signed all the same. */
static uint8_t public_keys[TECDSA_PARTIES_MAX + 1][ED25519_PUBLIC_LEN];
static struct presign_round_1 first[NODES][NODES]; /* [from][to] */
static struct tecdsa_round_2 second[NODES][NODES];

static void setup_one(unsigned i)
{
    uint8_t seed[ED25519_SEED_LEN] = {(uint8_t)(i + 1)};

    assert_int_equal(ed25519_key_make(&stack, seed, &keys[i]), ERR_OK);
    memcpy(public_keys[i], keys[i].public_key, ED25519_PUBLIC_LEN);
    tools[i] = (struct presign_tools){&stack, &kit->scratch, &room, &keys[i],
                                      (const uint8_t(*)[ED25519_PUBLIC_LEN])public_keys};
    memset(&standing[i], 0, sizeof standing[i]);
    standing[i].own = i;
    memset(slots[i], 0, sizeof slots[i]);
    assert_int_equal(presign_pool_init(&pools[i], i, NODES, 2, slots[i]), ERR_OK);
}

static int setup(void **state)
{
    (void)state;
    work_stack_init(&stack);
    kit = tecdsa_kit_new(NODES, 77);
    kit->of.s = S;
    for (unsigned i = 0; i < NODES; i++) {
        setup_one(i);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(kit);
    return 0;
}

static enum err begin_one(unsigned i)
{
    uint8_t seed[TECDSA_SEED_LEN];

    tecdsa_noise(&kit->noise, seed, sizeof seed);
    return presign_session_begin(&session[i], &tools[i], &standing[i], &kit->signer[i],
                                 &kit->of, seed, NOW);
}

/* All begin and write round 1. */
static void begin(void)
{
    kit->of.counter++;
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(begin_one(i), ERR_OK);
    }
    TECDSA_EACH_PAIR(kit, i, j)
    {
        assert_int_equal(presign_session_write_1(&session[i], &tools[i], j, &first[i][j]),
                         ERR_OK);
    }
}

static enum err take_1(unsigned from, unsigned to)
{
    return presign_session_take_1(&session[to], &tools[to], from, &first[from][to]);
}

static void until_round_2(void)
{
    begin();
    TECDSA_EACH_PAIR(kit, i, j)
    {
        assert_int_equal(take_1(i, j), ERR_OK);
    }
    TECDSA_EACH_PAIR(kit, i, j)
    {
        assert_int_equal(presign_session_write_2(&session[i], &tools[i], j, &second[i][j]),
                         ERR_OK);
        memcpy(kit->sid2[i], session[i].p.sid2, TECDSA_HASH_LEN);
    }
}

static enum err take_2(unsigned from, unsigned to)
{
    return presign_session_take_2(&session[to], &tools[to], from, kit->sid2[from],
                                  &second[from][to]);
}

/* The record goes into the pool. */
static enum err finish(unsigned i)
{
    struct tecdsa_presignature record;

    TRY(presign_session_finish(&session[i], &tools[i], &record));
    return presign_pool_add(&pools[i], &record, NOW);
}

static enum err sign(void *unused)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    (void)unused;
    tecdsa_digest(1, digest);
    return tecdsa_online_combine(kit->key.public_key, kit->record[0].r, digest, kit->answer,
                                 sig);
}

static void three_make_one_that_signs(void **state)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t id[TECDSA_HASH_LEN];

    (void)state;
    until_round_2();
    memcpy(id, session[0].p.sid2, sizeof id);
    TECDSA_EACH_PAIR(kit, i, j)
    {
        assert_int_equal(take_2(i, j), ERR_OK);
    }
    tecdsa_digest(1, digest);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(finish(i), ERR_OK);
        assert_int_equal(session[i].p.fate, TECDSA_DONE);
        assert_int_equal(presign_pool_count(&pools[i], S), 1);
        memcpy(kit->record[0].r, slots[i][0].record.r, TECDSA_SCALAR_LEN);
        assert_int_equal(
            presign_pool_answer(&pools[i], &stack, id, digest, NOW, &kit->answer[i]), ERR_OK);
        presign_session_settle(&session[i], &standing[i], NOW);
        assert_true(presign_standing_usable(&standing[i], S, NOW));
    }
    assert_int_equal(work_stack_run_gmp(&stack, sign, NULL), ERR_OK);
    assert_true(tecdsa_erased(&room, sizeof room));
}

/* A pool that is full takes no more; a triple that is not usable begins none. */
static void there_must_be_room_and_reason(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        until_round_2();
        TECDSA_EACH_PAIR(kit, i, j)
        {
            assert_int_equal(take_2(i, j), ERR_OK);
        }
        assert_int_equal(finish(0), n < 2 ? ERR_OK : ERR_NOSPACE);
    }
    assert_int_equal(presign_pool_count(&pools[0], S), 2);
    presign_standing_triple(&standing[1], S, NOW);
    kit->of.counter++;
    assert_int_equal(begin_one(1), ERR_POLICY);
}

/* Dropped: whoever made it, the peer did not. */
static void a_body_that_is_not_signed_changes_nothing(void **state)
{
    struct presign_round_1 good;

    (void)state;
    begin();
    good = first[1][0];
    first[1][0].said.signature[5] ^= 1;
    assert_int_equal(take_1(1, 0), ERR_SIGNATURE);
    first[1][0] = good;
    first[1][0].said.body.nonce[0] ^= 1;
    assert_int_equal(take_1(1, 0), ERR_SIGNATURE);
    first[1][0] = first[2][0]; /* another's, genuine */
    assert_int_equal(take_1(1, 0), ERR_SIGNATURE);
    first[1][0] = good;
    assert_int_equal(take_1(1, 0), ERR_OK);
    assert_int_equal(take_1(1, 0), ERR_STATE); /* twice */
}

/* docs/wire.md 13 */
static void sign_again(unsigned i, struct presign_said *said)
{
    uint8_t bytes[18 + sizeof said->body] = "quorate-presign-v1";

    memcpy(bytes + 18, &said->body, sizeof said->body);
    assert_int_equal(
        ed25519_sign(&stack, &keys[i], (struct view){bytes, sizeof bytes}, said->signature),
        ERR_OK);
}

/* What was dropped is not kept as its word either, whatever it signed. */
static void a_body_of_another_session_is_not_kept(void **state)
{
    struct presign_round_1 old;
    struct presign_round_1 good;

    (void)state;
    begin();
    old = first[1][0];
    begin();
    good = first[1][0];
    assert_int_equal(presign_session_write_2(&session[0], &tools[0], 1, &second[0][1]),
                     ERR_STATE); /* too early */
    first[1][0] = old;
    assert_int_equal(take_1(1, 0), ERR_STALE);
    assert_false(session[0].said_by[1]);
    assert_true(tecdsa_erased(&session[0].said[1], sizeof session[0].said[1]));
    first[1][0] = good;
    assert_int_equal(take_1(1, 0), ERR_OK);
    first[1][0].said.body.nonce[0] ^= 1;
    sign_again(1, &first[1][0].said);
    assert_int_equal(take_1(1, 0), ERR_STATE);
    assert_true(session[0].said_by[1]);
    assert_memory_equal(&session[0].said[1], &good.said, sizeof good.said);
}

/* Node 2 shows two bodies: the others end without blame, and can show what it signed. */
static void two_bodies_are_proof_and_cut_nobody(void **state)
{
    static struct presign_round_1 other[NODES];

    (void)state;
    begin();
    other[0] = first[2][0];
    assert_int_equal(begin_one(2), ERR_STALE); /* an honest one has one body for a counter */
    kit->signer[2].pair[0].last_counter = kit->signer[2].pair[1].last_counter = 0;
    assert_int_equal(begin_one(2), ERR_OK);
    assert_int_equal(presign_session_write_1(&session[2], &tools[2], 1, &first[2][1]), ERR_OK);
    first[2][0] = other[0];
    assert_int_equal(take_1(2, 0), ERR_OK);
    assert_int_equal(take_1(2, 1), ERR_OK);
    assert_int_equal(take_1(1, 0), ERR_OK);
    assert_int_equal(take_1(0, 1), ERR_OK);
    assert_int_equal(presign_session_write_2(&session[1], &tools[1], 0, &second[1][0]), ERR_OK);
    memcpy(kit->sid2[1], session[1].p.sid2, TECDSA_HASH_LEN);
    assert_true(presign_said_proves(&tools[0], &session[0].said[2], &session[1].said[2]));
    assert_false(presign_said_proves(&tools[0], &session[0].said[2], &session[0].said[2]));
    assert_false(presign_said_proves(&tools[0], &session[0].said[1], &session[1].said[2]));
    assert_int_equal(take_2(1, 0), ERR_STALE);
    assert_int_equal(session[0].p.fate, TECDSA_BENIGN);
    presign_session_settle(&session[0], &standing[0], NOW);
    assert_true(kit->bob[0][1].ready && kit->alice[0][1].ready);
    assert_true(presign_standing_renew(&standing[0], 1, NOW)); /* no wait */
}

/* A false word is none: neither signed nor of one session. */
static void only_signed_words_prove(void **state)
{
    struct presign_said a;
    struct presign_said b;

    (void)state;
    begin();
    a = session[1].said[1];
    b = a;
    b.body.nonce[0] ^= 1;
    assert_false(presign_said_proves(&tools[0], &a, &b));
    assert_false(presign_said_proves(&tools[0], &b, &a));
    begin();
    assert_false(presign_said_proves(&tools[0], &a, &session[1].said[1])); /* two sessions */
    b = a;
    b.body.nonce[0] ^= 1;
    sign_again(1, &b);
    assert_true(presign_said_proves(&tools[0], &a, &b));
    memcpy(public_keys[TECDSA_PARTIES_MAX], public_keys[1], ED25519_PUBLIC_LEN);
    a.body.party[0] = b.body.party[0] = TECDSA_PARTIES_MAX;
    sign_again(1, &a);
    sign_again(1, &b);
    assert_false(presign_said_proves(&tools[0], &a, &b));
}

/* The setups of the pair are gone, and it waits a minute. */
static void must_have_cut(unsigned node, unsigned peer, enum tecdsa_fate fate)
{
    assert_int_equal(session[node].p.fate, fate);
    assert_false(kit->bob[node][peer].ready || kit->alice[node][peer].ready);
    presign_session_settle(&session[node], &standing[node], NOW);
    assert_false(presign_standing_renew(&standing[node], peer, NOW));
    assert_true(presign_standing_renew(&standing[node], peer, NOW + INT64_C(60000000000)));
    assert_int_equal(finish(node), ERR_STATE);
    assert_int_equal(presign_pool_count(&pools[node], S), 0);
}

static void a_wrong_extension_cuts_the_pair(void **state)
{
    (void)state;
    begin();
    first[1][0].extension.t[3][0] ^= 1;
    assert_int_equal(take_1(1, 0), ERR_MISMATCH);
    must_have_cut(0, 1, TECDSA_SETUP);
    assert_int_equal(presign_session_write_1(&session[0], &tools[0], 2, &first[0][2]),
                     ERR_STATE); /* nobody hears anything of it any more */
}

static void a_wrong_product_cuts_the_pair(void **state)
{
    (void)state;
    until_round_2();
    second[2][0].salt[0] ^= 1;
    assert_int_equal(take_2(2, 0), ERR_MISMATCH);
    must_have_cut(0, 2, TECDSA_SESSION);
}

/* A share that is not the key's: nobody can say whose. */
static void shares_of_another_key_rest_the_triple(void **state)
{
    const struct tecdsa_scalar one = {{1}};

    (void)state;
    tecdsa_scalar_add(&kit->share[1].x, &one, &kit->share[1].x);
    until_round_2();
    assert_int_equal(take_2(1, 0), ERR_OK);
    assert_int_equal(take_2(2, 0), ERR_OK);
    assert_int_equal(finish(0), ERR_MISMATCH);
    presign_session_settle(&session[0], &standing[0], NOW);
    assert_false(presign_standing_usable(&standing[0], S, NOW));
    assert_true(kit->bob[0][1].ready && kit->bob[0][2].ready);
    assert_int_equal(presign_pool_count(&pools[0], S), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_make_one_that_signs, setup, teardown),
        cmocka_unit_test_setup_teardown(there_must_be_room_and_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_that_is_not_signed_changes_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_body_of_another_session_is_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(two_bodies_are_proof_and_cut_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(only_signed_words_prove, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_extension_cuts_the_pair, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_product_cuts_the_pair, setup, teardown),
        cmocka_unit_test_setup_teardown(shares_of_another_key_rest_the_triple, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
