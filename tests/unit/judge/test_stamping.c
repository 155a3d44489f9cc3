/* The digest that is signed, against one made by a second implementation of the DER. */
#include "testing.h"

#include "enclave/judge/stamping.h"

#include <string.h>

#define SERIAL_OF(x)                                               \
    {                                                              \
        x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x \
    }

static const struct boot_policy policy = {
    .number = 1, .key = KEY_CLASSIC, .oid_len = 2, .oid = {0x2a, 3}, .rule = {3, 100, 1000}};

static struct stamp_cert certs[WIRE_KEYS_MAX];
static uint8_t imprint[HASH_MAX];

static void make_cert(struct view issuer, struct view serial)
{
    struct activation a = {.key = KEY_CLASSIC, .issuer = issuer, .serial = serial};

    memset(a.cert_hash, 0x22, sizeof a.cert_hash);
    stamp_cert_set(&certs[0], &a);
    stamp_cert_set(&certs[1], &a);
}

/* version 1; policy 1.2.3; SHA-256 of 32 bytes 01; serial 20 bytes 07; 20260921141320.123Z;
 * accuracy 250 ms; nonce 00 80 01 02; issuer CN=CA; certificate serial 1122, hash 32 bytes 22.
 */
static void test_known_digest(void **state)
{
    static const uint8_t issuer[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                                     0x55, 0x04, 0x03, 0x0c, 0x02, 0x43, 0x41};
    static const uint8_t serial[] = {0x11, 0x22};
    static const uint8_t nonce[] = {0x00, 0x80, 1, 2};
    static const uint8_t want[] = {0xab, 0xa0, 0x65, 0xd9, 0x11, 0x7b, 0x12, 0x0d, 0xf3, 0x0b,
                                   0x20, 0x24, 0x66, 0x8f, 0x3f, 0xc5, 0x7a, 0xe8, 0x47, 0x43,
                                   0xfc, 0x5e, 0x97, 0xc5, 0xf3, 0x9d, 0x6e, 0xab, 0xc6, 0xbd,
                                   0x69, 0x13, 0x1f, 0xe7, 0x8e, 0x18, 0xe3, 0x5f, 0x0b, 0x81,
                                   0x38, 0xc4, 0x91, 0x95, 0x6e, 0x6d, 0xd9, 0xd6};
    const struct stamp st = {
        .serial = SERIAL_OF(7), .gen_time_ms = INT64_C(1790000000123), .accuracy_ms = 250};
    struct r2_stamp s = {.hash_alg = HASH_SHA256,
                         .policy = 1,
                         .hashed_message = {imprint, 32},
                         .nonce = {nonce, sizeof nonce}};
    uint8_t digest[SIGN_DIGEST_LEN];

    (void)state;
    memset(imprint, 1, sizeof imprint);
    make_cert((struct view){issuer, sizeof issuer}, (struct view){serial, sizeof serial});
    assert_int_equal(stamping_digest(&st, &s, &policy, certs, KEY_CLASSIC, digest), ERR_OK);
    assert_memory_equal(digest, want, sizeof want);
    s.nonce.n = 0;
    assert_int_equal(stamping_digest(&st, &s, &policy, certs, KEY_CLASSIC, digest), ERR_OK);
    assert_memory_not_equal(digest, want, sizeof want);
}

static void test_largest_fields_fit(void **state)
{
    static uint8_t issuer[CERT_ISSUER_MAX];
    static uint8_t serial[CERT_SERIAL_MAX];
    static uint8_t nonce[STAMP_NONCE_MAX];
    const struct stamp st = {
        .serial = SERIAL_OF(0x7f), .gen_time_ms = INT64_C(9223372035999), .accuracy_ms = 59999};
    const struct r2_stamp s = {.hash_alg = HASH_SHA512,
                               .policy = 1,
                               .hashed_message = {imprint, HASH_MAX},
                               .nonce = {nonce, sizeof nonce}};
    struct boot_policy p = policy;
    uint8_t digest[SIGN_DIGEST_LEN];

    (void)state;
    memset(nonce, 1, sizeof nonce);
    memset(serial, 1, sizeof serial);
    memset(p.oid, 1, sizeof p.oid);
    p.oid_len = WIRE_POLICY_OID_MAX;
    make_cert((struct view){issuer, sizeof issuer}, (struct view){serial, sizeof serial});
    for (uint8_t key = KEY_CLASSIC; key <= KEY_DUAL; key++) {
        p.key = key;
        assert_int_equal(
            stamping_digest(&st, &s, &p, certs, key == KEY_PQ ? KEY_PQ : KEY_CLASSIC, digest),
            ERR_OK);
    }
    assert_int_equal(stamping_digest(&st, &s, &p, certs, KEY_PQ, digest), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_digest),
        cmocka_unit_test(test_largest_fields_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
