#include "testing.h"

#include "base/hex.h"
#include "wire/stamp.h"

#include <string.h>

#define MS INT64_C(1000000)
#define NOON INT64_C(1795262400000) /* ms; 2026-11-21T12:00:00Z */

/* One stamp with T signers, whose spans the test sets. */
struct session {
    struct r2_head head;
    struct r2_stamp stamp;
    struct r1_body bodies[STAMP_T_MAX];
    uint8_t bytes[STAMP_T_MAX * R1_PROVEN_LEN];
    uint8_t digest[32];
    uint8_t presign[STAMP_PRESIGN_LEN];
};

/* Where several sign, each R1 has MACs, and the stamp names a presignature. */
static void pack(struct session *s)
{
    static const uint8_t macs[R1_MACS_LEN] = {0x70};
    const size_t each = r1_len(s->head.key, s->head.t);
    struct writer w = wr_init(s->bytes, sizeof s->bytes);

    for (size_t i = 0; i < s->head.t; i++) {
        r1_body_encode(&w, &s->bodies[i]);
        wr_bytes(&w, macs, each - R1_BODY_LEN);
    }
    if (each != R1_BODY_LEN) {
        s->stamp.presign = (struct view){s->presign, sizeof s->presign};
    }
    assert_int_equal(wr_finish(&w, &s->stamp.bodies), ERR_OK);
}

static void setup(struct session *s, size_t t)
{
    memset(s, 0, sizeof *s);
    s->head.key = KEY_CLASSIC;
    s->head.t = (uint8_t)t;
    s->head.n = 1;
    memset(s->head.epoch_id, 0xe0, sizeof s->head.epoch_id);
    s->stamp.hash_alg = HASH_SHA256;
    s->stamp.policy = 1;
    s->stamp.hashed_message = (struct view){s->digest, sizeof s->digest};
    memset(s->stamp.sid0, 0x5d, sizeof s->stamp.sid0);
    memset(s->presign, 0x1d, sizeof s->presign);
    for (size_t i = 0; i < t; i++) {
        struct r1_body *b = &s->bodies[i];

        s->head.signers[i] = (uint8_t)(i + 1);
        memcpy(b->epoch_id, s->head.epoch_id, sizeof b->epoch_id);
        memcpy(b->sid0, s->stamp.sid0, sizeof b->sid0);
        b->key = KEY_CLASSIC;
        b->index = (uint8_t)(i + 1);
        b->lo_ns = (NOON - 100) * MS;
        b->hi_ns = (NOON + 100) * MS;
        memset(b->part, (int)(0x10 + i), sizeof b->part);
    }
    pack(s);
}

static const struct stamp_policy exact = {3, 100, 1000, false};

static void takes_the_lower_median(void **state)
{
    struct session s;
    struct stamp st;

    (void)state;
    setup(&s, 3);
    s.bodies[0].lo_ns += 40 * MS; /* middle: noon + 20 */
    s.bodies[2].hi_ns -= 60 * MS; /* middle: noon - 30 */
    pack(&s);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &st), ERR_OK);
    assert_true(st.gen_time_ms == NOON);
    assert_int_equal(st.accuracy_ms, 100 + R1_LIFE_MS);
    setup(&s, 2);
    s.bodies[0].lo_ns += 40 * MS;
    pack(&s);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &st), ERR_OK);
    assert_true(st.gen_time_ms == NOON); /* of two, the earlier */
}

static void rounds_down_and_covers_every_span(void **state)
{
    struct session s;
    struct stamp st;

    (void)state;
    setup(&s, 1);
    s.bodies[0].hi_ns += 1; /* middle is noon + half a ns; above is 100 ms and 1 ns */
    pack(&s);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &st), ERR_OK);
    assert_true(st.gen_time_ms == NOON);
    assert_int_equal(st.accuracy_ms, 101 + R1_LIFE_MS);
}

static void rounds_to_the_unit_of_the_policy(void **state)
{
    static const struct {
        uint8_t digits;
        int64_t shift_ms, want_ms;
    } rows[] = {
        {3, 456, 456}, {2, 454, 450}, {2, 455, 460},  {1, 449, 400},
        {1, 450, 500}, {0, 499, 0},   {0, 500, 1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct stamp_policy p = {rows[i].digits, 0, 2000, false};
        struct session s;
        struct stamp st;
        int64_t off;

        setup(&s, 1);
        s.bodies[0].lo_ns += rows[i].shift_ms * MS;
        s.bodies[0].hi_ns += rows[i].shift_ms * MS;
        pack(&s);
        assert_int_equal(stamp_derive(&s.head, &s.stamp, &p, &st), ERR_OK);
        assert_true(st.gen_time_ms == NOON + rows[i].want_ms);
        off = rows[i].want_ms - rows[i].shift_ms;
        off = off < 0 ? -off : off;
        assert_int_equal(st.accuracy_ms, 100 + off + R1_LIFE_MS);
    }
}

static void keeps_accuracy_inside_the_policy(void **state)
{
    struct stamp_policy p = {3, 800, 1000, false};
    struct session s;
    struct stamp st;
    struct stamp zero = {0};

    (void)state;
    setup(&s, 1);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &p, &st), ERR_OK);
    assert_int_equal(st.accuracy_ms, 800);
    p = (struct stamp_policy){3, 100, 100 + R1_LIFE_MS, false};
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &p, &st), ERR_OK);
    p.max_accuracy_ms--;
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &p, &st), ERR_TIME);
    assert_memory_equal(&st, &zero, sizeof st);
}

static void serial_depends_on_every_part(void **state)
{
    struct session s;
    struct stamp a;
    struct stamp b;

    (void)state;
    setup(&s, 3);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &a), ERR_OK);
    assert_true((a.serial[0] & 0x80) == 0);
    for (size_t i = 0; i < 3; i++) {
        s.bodies[i].part[31] ^= 1;
        pack(&s);
        assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &b), ERR_OK);
        assert_memory_not_equal(a.serial, b.serial, sizeof a.serial);
        s.bodies[i].part[31] ^= 1;
    }
}

static void x_depends_on_every_field(void **state)
{
    struct session s;
    struct stamp a;
    struct stamp b;

    (void)state;
    setup(&s, 3);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &a), ERR_OK);
    s.digest[0] ^= 1;
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &b), ERR_OK);
    assert_memory_not_equal(a.x, b.x, sizeof a.x);
    assert_memory_equal(a.serial, b.serial, sizeof a.serial);
    s.digest[0] ^= 1;
    s.stamp.nonce = (struct view){s.digest, 1};
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &b), ERR_OK);
    assert_memory_not_equal(a.x, b.x, sizeof a.x);
    s.stamp.nonce.n = 0;
    s.stamp.policy++;
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &b), ERR_OK);
    assert_memory_not_equal(a.x, b.x, sizeof a.x);
    s.stamp.policy--;
    s.head.activation[0] ^= 1;
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &b), ERR_OK);
    assert_memory_not_equal(a.x, b.x, sizeof a.x);
    s.head.activation[0] ^= 1;
    s.presign[STAMP_PRESIGN_LEN - 1] ^= 1;
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &b), ERR_OK);
    assert_memory_not_equal(a.x, b.x, sizeof a.x);
    s.presign[STAMP_PRESIGN_LEN - 1] ^= 1;
    s.bytes[3 * R1_PROVEN_LEN - 1] ^= 1; /* a MAC */
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &b), ERR_OK);
    assert_memory_not_equal(a.x, b.x, sizeof a.x);
}

/* docs/wire.md 3.6. */
static void x_of_a_presigned_stamp_has_these_bytes(void **state)
{
    static const char want[] =
        "6005a0cc4b5806796c0330d572aa1e51cb755782a9ce8df7317ff7dbac0ad5bf"
        "53418d97f8f2e6ec8865fbf022484ef0";
    uint8_t bytes[STAMP_X_LEN];
    struct session s;
    struct stamp st;
    size_t n = 0;

    (void)state;
    setup(&s, 3);
    assert_int_equal(hex_parse(want, bytes, sizeof bytes, &n), ERR_OK);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &st), ERR_OK);
    assert_memory_equal(st.x, bytes, sizeof bytes);
}

static void who_signs_alone_needs_no_x(void **state)
{
    static const uint8_t none[STAMP_X_LEN];
    struct session s;
    struct stamp st;

    (void)state;
    setup(&s, 1);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &st), ERR_OK);
    assert_memory_equal(st.x, none, sizeof none);
}

static void refuses_bodies_of_another_session(void **state)
{
    struct session s;
    struct stamp st;

    (void)state;
    for (int what = 0; what < 6; what++) {
        setup(&s, 3);
        switch (what) {
        case 0:
            s.bodies[1].epoch_id[47] ^= 1;
            break;
        case 1:
            s.bodies[1].key = KEY_PQ;
            break;
        case 2:
            s.bodies[1].sid0[0] ^= 1;
            break;
        case 3:
            s.bodies[1].index = 3;
            break;
        case 4: /* not ascending */
            s.head.signers[0] = 2;
            s.bodies[0].index = 2;
            break;
        default: /* index 0 is nobody */
            s.head.signers[0] = 0;
            s.bodies[0].index = 0;
            break;
        }
        pack(&s);
        assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &st), ERR_MISMATCH);
    }
    setup(&s, 1);
    s.bodies[0].lo_ns = s.bodies[0].hi_ns + 1;
    pack(&s);
    assert_int_equal(stamp_derive(&s.head, &s.stamp, &exact, &st), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_lower_median),
        cmocka_unit_test(rounds_down_and_covers_every_span),
        cmocka_unit_test(rounds_to_the_unit_of_the_policy),
        cmocka_unit_test(keeps_accuracy_inside_the_policy),
        cmocka_unit_test(serial_depends_on_every_part),
        cmocka_unit_test(x_depends_on_every_field),
        cmocka_unit_test(x_of_a_presigned_stamp_has_these_bytes),
        cmocka_unit_test(who_signs_alone_needs_no_x),
        cmocka_unit_test(refuses_bodies_of_another_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
