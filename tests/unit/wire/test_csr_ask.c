/* Golden bytes of SIGN_CSR, docs/wire.md 3.5. */
#include "parser_cases.h"
#include "testing.h"

#include "wire/csr_ask.h"
#include "wire/frame.h"

static uint8_t r1s[3 * R1_MAX_LEN];
static uint8_t presign[STAMP_PRESIGN_LEN] = {0x1d};
static uint8_t bytes[1024];

/* Of the signers 2, 3 and 5, or of signer 1 alone. */
static struct csr_ask sample(uint8_t key, uint8_t t)
{
    struct csr_ask a = {.key = key, .subject = 1, .attempt = 2, .t = t, .signers = {1}};
    struct writer w = wr_init(r1s, sizeof r1s);

    memset(a.epoch_id, 0xe0, sizeof a.epoch_id);
    memset(a.sid0, 0x5d, sizeof a.sid0);
    if (t == 3) {
        memcpy(a.signers, "\x02\x03\x05", 3);
    }
    for (size_t i = 0; i < t; i++) {
        struct r1_body b = {.key = key, .index = a.signers[i], .lo_ns = 5, .hi_ns = 6};
        const struct r1_offer o = {{7}, {8}, {9}};

        memcpy(b.epoch_id, a.epoch_id, sizeof b.epoch_id);
        memcpy(b.sid0, a.sid0, sizeof b.sid0);
        r1_body_encode(&w, &b);
        if (stamp_has_offers(key, t)) {
            r1_offer_encode(&w, &o);
        } else if (stamp_is_presigned(key, t)) {
            static const uint8_t macs[R1_MACS_LEN] = {9};

            wr_bytes(&w, macs, sizeof macs);
        }
    }
    a.r1s = (struct view){r1s, w.len};
    if (stamp_is_presigned(key, t)) {
        a.presign = (struct view){presign, sizeof presign};
    }
    return a;
}

static struct view encoded(const struct csr_ask *a)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    csr_ask_encode(&w, a);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode(struct view in)
{
    struct csr_ask a;

    return csr_ask_decode(in, &a);
}

static void it_has_these_bytes(void **state)
{
    struct csr_ask a = sample(KEY_PQ, 3);
    struct view v = encoded(&a);

    (void)state;
    assert_int_equal(FRAME_SIGN_CSR, 0x13);
    assert_int_equal(v.n, 48 + 4 + 3 + 32 + 3 * 275);
    assert_memory_equal(v.p + 47, "\xe0\x02\x01\x02\x03\x02\x03\x05\x5d", 9);
    assert_memory_equal(v.p + 87, a.r1s.p, a.r1s.n);
    a = sample(KEY_CLASSIC, 1);
    v = encoded(&a);
    assert_int_equal(v.n, 48 + 4 + 1 + 32 + 146);
    assert_memory_equal(v.p + 47, "\xe0\x01\x01\x02\x01\x01\x5d", 7);
    a = sample(KEY_CLASSIC, 3);
    v = encoded(&a);
    assert_int_equal(v.n, 48 + 4 + 3 + 32 + 3 * 242 + 48);
    assert_memory_equal(v.p + 47, "\xe0\x01\x01\x02\x03\x02\x03\x05\x5d", 9);
    assert_memory_equal(v.p + 87 + 726, presign, sizeof presign);
}

static void reads_back_and_nothing_else(void **state)
{
    (void)state;
    for (uint8_t key = KEY_CLASSIC; key <= KEY_PQ; key++) {
        const struct csr_ask a = sample(key, 3);
        const struct view v = encoded(&a);
        struct csr_ask out;

        assert_int_equal(csr_ask_decode(v, &out), ERR_OK);
        assert_int_equal(out.attempt, 2);
        assert_memory_equal(out.signers, "\x02\x03\x05\x00\x00\x00", 6);
        assert_true(view_equal(out.r1s, a.r1s));
        assert_true(view_equal(out.presign, a.presign));
        refuses_every_prefix_of(decode, v);
        refuses_a_byte_after(decode, v);
        survives_every_flip_of(decode, v);
    }
}

static void ranges_are_checked(void **state)
{
    struct csr_ask a = sample(KEY_CLASSIC, 1);
    const struct view v = encoded(&a);

    (void)state;
    assert_int_equal(parse_with(decode, v, 48, 0), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 48, 3), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 50, 0), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 50, CSR_ATTEMPTS_MAX), ERR_OK);
    assert_int_equal(parse_with(decode, v, 50, CSR_ATTEMPTS_MAX + 1), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 51, 0), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, 51, STAMP_T_MAX + 1), ERR_RANGE);
}

static void assert_x(uint8_t key, uint8_t t, const char *hex)
{
    const struct csr_ask a = sample(key, t);
    uint8_t want[STAMP_X_LEN];
    uint8_t x[STAMP_X_LEN];

    assert_int_equal(hex_bytes(hex, want, sizeof want).n, sizeof want);
    assert_int_equal(csr_ask_x(&a, x), ERR_OK);
    assert_memory_equal(x, want, sizeof x);
}

static void session_ids_are_these(void **state)
{
    (void)state;
    assert_x(KEY_CLASSIC, 1,
             "9d690ba670f26e4f8b34aec645b58c361e15f94df10f1894fc9ec69986ba1a5f"
             "e56924b919cace63f41328a7e4502122");
    assert_x(KEY_PQ, 3,
             "578ddad21fc1477833a871939588555f231a8a88433b8bb2b8a0fca34e9cd127"
             "855171fc962dfe184cae5abe17a31a42");
    assert_x(KEY_CLASSIC, 3,
             "bcbbee9ea2865180cc66b0fc40101e5fb66fefdbe2c9d945d06fd9991e5ac9eb"
             "10c7d044078a860b21537788b5466025");
}

static void every_field_changes_the_session(void **state)
{
    struct csr_ask a = sample(KEY_PQ, 3);
    uint8_t first[STAMP_X_LEN];
    uint8_t x[STAMP_X_LEN];

    (void)state;
    assert_int_equal(csr_ask_x(&a, first), ERR_OK);
    a.attempt++;
    assert_int_equal(csr_ask_x(&a, x), ERR_OK);
    assert_memory_not_equal(first, x, sizeof x);
    a.attempt--;
    a.subject++;
    assert_int_equal(csr_ask_x(&a, x), ERR_OK);
    assert_memory_not_equal(first, x, sizeof x);
    a.subject--;
    r1s[R1_MAX_LEN - 1] ^= 1;
    assert_int_equal(csr_ask_x(&a, x), ERR_OK);
    assert_memory_not_equal(first, x, sizeof x);
}

static void the_presignature_changes_the_session(void **state)
{
    const struct csr_ask a = sample(KEY_CLASSIC, 3);
    uint8_t first[STAMP_X_LEN];
    uint8_t x[STAMP_X_LEN];

    (void)state;
    assert_int_equal(csr_ask_x(&a, first), ERR_OK);
    presign[STAMP_PRESIGN_LEN - 1] ^= 1;
    assert_int_equal(csr_ask_x(&a, x), ERR_OK);
    presign[STAMP_PRESIGN_LEN - 1] ^= 1;
    assert_memory_not_equal(first, x, sizeof x);
}

static void an_r1_of_another_session_is_refused(void **state)
{
    static const size_t places[] = {0, EPOCH_ID_LEN, EPOCH_ID_LEN + 1,
                                    EPOCH_ID_LEN + 1 + SID0_LEN};
    struct csr_ask a = sample(KEY_PQ, 3);
    uint8_t x[STAMP_X_LEN];

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        r1s[R1_MAX_LEN + places[i]] ^= 0x40;
        assert_int_equal(csr_ask_x(&a, x), ERR_MISMATCH);
        r1s[R1_MAX_LEN + places[i]] ^= 0x40;
    }
    r1s[R1_MAX_LEN + EPOCH_ID_LEN + 1 + SID0_LEN] = 2; /* the same signer twice */
    a.signers[1] = 2;
    assert_int_equal(csr_ask_x(&a, x), ERR_MISMATCH);
    a = sample(KEY_PQ, 3);
    a.r1s.n--;
    assert_int_equal(csr_ask_x(&a, x), ERR_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_these_bytes),
        cmocka_unit_test(reads_back_and_nothing_else),
        cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(session_ids_are_these),
        cmocka_unit_test(every_field_changes_the_session),
        cmocka_unit_test(the_presignature_changes_the_session),
        cmocka_unit_test(an_r1_of_another_session_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
