/* Golden bytes of the rounds of a threshold pq stamp, docs/wire.md 3.3 and 3.4. */
#include "testing.h"

#include "wire/quorum_msg.h"

#include <string.h>

static uint8_t bytes[1024];

static struct view encoded(const struct r3 *m)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    r3_encode(&w, m);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static const uint8_t sig[QUORUM_SIG_LEN] = {0x51};
static const uint8_t w1[] = {1, 2, 3};
static const uint8_t w2[] = {4, 5, 6};

static struct r3 sample(void)
{
    struct r3 m = {.n = 2,
                   .reveals = {{2, {w1, sizeof w1}, {sig, sizeof sig}},
                               {5, {w2, sizeof w2}, {sig, sizeof sig}}}};

    m.x[0] = 0xaa;
    return m;
}

static void an_r3_has_these_bytes(void **state)
{
    const struct r3 m = sample();
    const struct view v = encoded(&m);

    (void)state;
    assert_int_equal(v.n, STAMP_X_LEN + 1 + 2 * (QUORUM_WORD_HEAD + 3));
    assert_int_equal(v.p[0], 0xaa);
    assert_memory_equal(v.p + 48, "\x02\x02\x51", 3);
    assert_memory_equal(v.p + 50 + 64, "\x03\x00\x00\x00\x01\x02\x03\x05\x51", 9);
}

static void reads_back_and_nothing_else(void **state)
{
    static uint8_t longer[sizeof bytes + 1];
    const struct r3 m = sample();
    const struct view v = encoded(&m);
    struct r3 out;

    (void)state;
    assert_int_equal(r3_decode(v, 3, &out), ERR_OK);
    assert_int_equal(out.n, 2);
    assert_int_equal(out.reveals[1].index, 5);
    assert_true(view_equal(out.reveals[1].body, (struct view){w2, sizeof w2}));
    for (size_t n = 0; n < v.n; n++) {
        assert_int_equal(r3_decode((struct view){v.p, n}, 3, &out), ERR_TRUNCATED);
        assert_int_equal(out.n, 0);
    }
    memcpy(longer, v.p, v.n);
    assert_int_equal(r3_decode((struct view){longer, v.n + 1}, 3, &out), ERR_TRAILING);
    assert_int_equal(r3_decode(v, 2, &out), ERR_RANGE);
    assert_int_equal(r3_decode(v, 4, &out), ERR_LENGTH);
}

static void order_and_counts_are_checked(void **state)
{
    struct r3 m = sample();
    struct r3 out;

    (void)state;
    m.reveals[1].index = 2;
    assert_int_equal(r3_decode(encoded(&m), 3, &out), ERR_RANGE);
    m.reveals[1].index = 7;
    assert_int_equal(r3_decode(encoded(&m), 3, &out), ERR_RANGE);
    m.reveals[0].index = 0;
    assert_int_equal(r3_decode(encoded(&m), 3, &out), ERR_RANGE);
    m = sample();
    m.n = 0; /* gives a session back */
    assert_int_equal(r3_decode(encoded(&m), 3, &out), ERR_OK);
    assert_int_equal(encoded(&m).n, 49);
    m = sample();
    encoded(&m);
    bytes[48] = 6;
    assert_int_equal(r3_decode((struct view){bytes, sizeof bytes}, 3, &out), ERR_RANGE);
}

static void an_offer_follows_a_body_where_several_sign(void **state)
{
    struct r1_offer o = {{1}, {2}, {3}};
    struct r1_offer out;
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    (void)state;
    assert_int_equal(r1_len(KEY_CLASSIC, 1), 146);
    assert_int_equal(r1_len(KEY_CLASSIC, 3), 146 + 96); /* no offer: six MACs */
    assert_int_equal(r1_len(KEY_PQ, 1), 146);
    assert_int_equal(r1_len(KEY_PQ, 3), 275);
    r1_offer_encode(&w, &o);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    assert_int_equal(v.n, R1_OFFER_LEN);
    assert_memory_equal(v.p, "\x01\x01\x00", 3);
    assert_int_equal(v.p[17], 2);
    assert_int_equal(v.p[65], 3);
    assert_int_equal(r1_offer_decode(v, &out), ERR_OK);
    assert_memory_equal(&out, &o, sizeof o);
    assert_int_equal(r1_offer_decode((struct view){v.p, v.n - 1}, &out), ERR_LENGTH);
    bytes[0] = 2;
    assert_int_equal(r1_offer_decode(v, &out), ERR_RANGE);
    bytes[0] = 0;
    assert_int_equal(r1_offer_decode(v, &out), ERR_RANGE);
}

static void a_signature_covers_round_session_and_sender(void **state)
{
    uint8_t out[4][QUORUM_SIGNED_LEN];
    uint8_t x[STAMP_X_LEN] = {0};
    struct quorum_word word = {2, {w1, sizeof w1}, {sig, sizeof sig}};

    (void)state;
    quorum_word_signed(QUORUM_REVEAL, x, &word, out[0]);
    quorum_word_signed(QUORUM_RESPOND, x, &word, out[1]);
    assert_memory_equal(out[0], "quorate-pq-v1\x02", 14);
    assert_memory_equal(out[1], "quorate-pq-v1\x03", 14);
    word.index = 3;
    quorum_word_signed(QUORUM_REVEAL, x, &word, out[1]);
    x[9] = 1;
    quorum_word_signed(QUORUM_REVEAL, x, &word, out[2]);
    word.body = (struct view){w2, sizeof w2};
    quorum_word_signed(QUORUM_REVEAL, x, &word, out[3]);
    for (size_t i = 0; i < 3; i++) {
        assert_memory_not_equal(out[i], out[i + 1], QUORUM_SIGNED_LEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_r3_has_these_bytes),
        cmocka_unit_test(reads_back_and_nothing_else),
        cmocka_unit_test(order_and_counts_are_checked),
        cmocka_unit_test(an_offer_follows_a_body_where_several_sign),
        cmocka_unit_test(a_signature_covers_round_session_and_sender),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
