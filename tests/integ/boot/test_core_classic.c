/* Five real cores share a P-384 key, make presignatures over a host that carries packets, and
 * three of them sign: a request for a certificate, then stamps. Each record answers once. */
#include "members_mesh.h"
#include "openssl_evp.h"

#include "wire/mesh_msg.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ACT 0x07U /* members 0, 1 and 2 */
#define DEAD 4
#define BATCH \
    80 /* records, eight of each triple: on a busy machine an R1 may be over before its R2 */

static struct presign_listed record;
static struct members_ask_of ask;

/* ---- OpenSSL's word for it ---- */

static EVP_PKEY *public_key(struct view point)
{
    char group[] = "P-384";
    uint8_t bytes[P384_PUBLIC_LEN];
    OSSL_PARAM params[3];
    EVP_PKEY_CTX *const ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;

    memcpy(bytes, point.p, point.n);
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes, point.n);
    params[2] = OSSL_PARAM_construct_end();
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static bool openssl_verifies(const uint8_t sig[P384_SIG_LEN], const uint8_t *digest)
{
    EVP_PKEY *const key = public_key(members[0].session.hello.keys[0].public_key);
    EVP_PKEY_CTX *const ctx = EVP_PKEY_CTX_new(key, NULL);
    ECDSA_SIG *const rs = ECDSA_SIG_new();
    unsigned char *der = NULL;
    int n;
    int good;

    assert_int_equal(ECDSA_SIG_set0(rs, BN_bin2bn(sig, P384_SIG_LEN / 2, NULL),
                                    BN_bin2bn(sig + P384_SIG_LEN / 2, P384_SIG_LEN / 2, NULL)),
                     1);
    n = i2d_ECDSA_SIG(rs, &der);
    assert_true(n > 0);
    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    good = EVP_PKEY_verify(ctx, der, (size_t)n, digest, P384_DIGEST_LEN);
    OPENSSL_free(der);
    ECDSA_SIG_free(rs);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good == 1;
}

static void assert_signed(const struct members_ask_of *a)
{
    uint8_t sig[P384_SIG_LEN];

    assert_int_equal(members_classic_combine(a, sig), ERR_OK);
    assert_true(openssl_verifies(sig, a->digest));
}

/* ---- a host that has patience: what an R1 promised may be over before its R2 comes ---- */

static bool is_listed(size_t i)
{
    struct presign_list l;
    struct presign_listed row;

    members_list(i, &l);
    for (size_t at = 0; at < l.n; at++) {
        presign_list_row(&l, at, &row);
        if (memcmp(row.id, record.id, sizeof row.id) == 0) {
            return true;
        }
    }
    return false;
}

/* Rounds 1 and 2 of one signer, with that record. */
static enum err ask_one(uint8_t who, size_t at)
{
    enum err e = ERR_STALE;

    for (size_t tries = 0; tries < 100 && e == ERR_STALE; tries++) {
        members_classic_r1(&ask, who, &record);
        e = members_classic_r2(&ask, at);
        if (e == ERR_STALE && !is_listed(ask.head.signers[at] - 1U)) {
            return e; /* it is the record that is gone */
        }
    }
    return e;
}

/* ---- tests ---- */

static int start_all(void **state)
{
    static const struct core_child usual = {NULL, NULL};

    (void)state;
    members_start(&usual);
    return 0;
}

/* One of them was killed. */
static int stop_all(void **state)
{
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        if (members[i].fd >= 0) {
            (void)close(members[i].fd);
            bad |= core_process_stop(&members[i].process);
        }
        core_process_clean(&members[i].process);
    }
    return bad;
}

static void the_key_of_a_ceremony_is_the_classic_key(void **state)
{
    const struct hello *const first = &members[0].session.hello;

    (void)state;
    assert_int_equal(members_ask(0, FRAME_PRESIGN_STATUS, (struct view){NULL, 0}), ERR_STATE);
    members_make_plan(PLAN_CLASSIC_SHARED);
    for (size_t i = 0; i < MEMBERS; i++) {
        members_begin(i, 1);
    }
    members_run();
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct hello_key *const key = &members[i].session.hello.keys[0];

        assert_int_equal(members[i].state, CEREMONY_FINISHED);
        core_hello(members[i].fd, &members[i].session);
        assert_int_equal(key->key, KEY_CLASSIC);
        assert_int_equal(key->threshold, MEMBERS_T);
        assert_int_equal(key->total, MEMBERS);
        assert_true(view_equal(key->public_key, first->keys[0].public_key));
    }
}

static void five_cores_make_presignatures(void **state)
{
    const int64_t before = members_now_ms();
    const struct presign_order another = {
        .kind = PRESIGN_ORDER_BATCH, .counter = 2, .records = 1};
    int64_t seeded;

    (void)state;
    members_carry_seeds();
    seeded = members_now_ms();
    members_order_batch(BATCH);
    assert_int_equal(members_order(0, &another), ERR_STATE); /* one at a time */
    members_carry_batch();
    print_message("channels of five: %lld ms; a batch of %d: %lld ms\n",
                  (long long)(seeded - before), BATCH, (long long)(members_now_ms() - seeded));
}

static void three_of_them_ask_for_a_certificate(void **state)
{
    (void)state;
    members_classic_sign(&ask, ACT, members_classic_csr);
    assert_signed(&ask);
    for (size_t i = 0; i < MEMBERS; i++) {
        for (uint8_t key = KEY_CLASSIC; key <= KEY_PQ; key++) {
            assert_int_equal(core_activate_key(members[i].fd, &members[i].session, key, key),
                             ERR_OK);
        }
    }
}

static void three_of_them_stamp(void **state)
{
    (void)state;
    members_classic_sign(&ask, ACT, members_classic_r2);
    assert_signed(&ask);
    assert_false(is_listed(0));
}

static void a_record_answers_one_connection(void **state)
{
    const uint8_t who = 0x0b;
    const int first = members[0].fd;
    const int other = core_connect(members[0].process.uri);

    (void)state;
    assert_true(members_find(0, who, &record));
    assert_int_equal(ask_one(ACT, 0), ERR_QUORUM); /* of others: it stays */
    assert_int_equal(ask_one(who, 0), ERR_OK);
    members[0].fd = other;
    assert_int_equal(ask_one(who, 0), ERR_STALE);
    members[0].fd = first;
    (void)close(other);
}

static void one_connection_fetches_packets(void **state)
{
    const int first = members[0].fd;
    uint8_t bytes[4];
    struct writer w = wr_init(bytes, sizeof bytes);

    (void)state;
    mesh_get_encode(&w, MESH_GET_LEAST);
    assert_int_equal(members_ask(0, FRAME_MESH_GET, (struct view){bytes, w.len}), ERR_OK);
    members[0].fd = core_connect(members[0].process.uri);
    assert_int_equal(members_ask(0, FRAME_MESH_GET, (struct view){bytes, w.len}), ERR_STATE);
    (void)close(members[0].fd);
    members[0].fd = first;
}

/* What the dead one held is gone, and nobody else can stand in for it. */
static void records_of_a_dead_core_sign_nothing(void **state)
{
    const uint8_t who = 0x13;
    uint8_t sig[P384_SIG_LEN];

    (void)state;
    assert_true(members_find(DEAD, who, &record));
    members_classic_r1(&ask, who, &record);
    assert_int_equal(kill(members[DEAD].process.pid, SIGKILL), 0);
    assert_int_equal(core_process_wait(&members[DEAD].process), 128 + SIGKILL);
    (void)close(members[DEAD].fd);
    members[DEAD].fd = -1;
    for (size_t at = 0; at < 2; at++) { /* in time or not: it does not help */
        const enum err e = members_classic_r2(&ask, at);

        assert_true(e == ERR_OK || e == ERR_STALE);
    }
    ask.answers[2] = ask.answers[1];
    assert_int_equal(members_classic_combine(&ask, sig), ERR_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_of_a_ceremony_is_the_classic_key),
        cmocka_unit_test(five_cores_make_presignatures),
        cmocka_unit_test(three_of_them_ask_for_a_certificate),
        cmocka_unit_test(three_of_them_stamp),
        cmocka_unit_test(a_record_answers_one_connection),
        cmocka_unit_test(one_connection_fetches_packets),
        cmocka_unit_test(records_of_a_dead_core_sign_nothing),
    };

    if (!core_can_serve()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, start_all, stop_all);
}
