#include "testing.h"

#include "base/hex.h"
#include "wire/frame.h"
#include "wire/stamp.h"

#include <stdlib.h>
#include <string.h>

/* Every decoder of frame bodies, behind one type, so that each gets the same cruelty. */
static enum err dec_hello(struct view b)
{
    static struct hello h;

    return hello_decode(b, &h);
}

static enum err dec_status(struct view b)
{
    struct core_status s;

    return core_status_decode(b, &s);
}

static enum err dec_activation(struct view b)
{
    struct activation a;

    return activation_decode(b, &a);
}

static enum err dec_stats(struct view b)
{
    static struct core_stats s;

    return core_stats_decode(b, &s);
}

static enum err dec_audit_ask(struct view b)
{
    struct audit_ask a;

    return audit_ask_decode(b, &a);
}

static enum err dec_audit_page(struct view b)
{
    static struct audit_page p;

    return audit_page_decode(b, &p);
}

static enum err dec_r1_ask(struct view b)
{
    struct r1_ask a;

    return r1_ask_decode(b, &a);
}

static enum err dec_r1_answer(struct view b)
{
    struct view bodies;

    return r1_answer_decode(b, R1_BODY_LEN, &bodies);
}

static enum err dec_r2(struct view b)
{
    struct reader r = rd_init(b);
    struct r2_head h;
    struct r2_stamp s;

    TRY(r2_head_decode(&r, &h));
    for (size_t i = 0; i < h.n; i++) {
        TRY(r2_stamp_decode(&r, &h, &s));
    }
    return rd_finish(&r);
}

static enum err dec_r2_answer(struct view b)
{
    struct reader r = rd_init(b);
    struct r2_result res;
    uint8_t n = 0;

    TRY(rd_u8(&r, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(r2_result_decode(&r, &res));
    }
    return rd_finish(&r);
}

static void enc_hello(struct writer *w)
{
    static const uint8_t key[97] = {4};
    static const uint8_t oid[] = {0x2b, 0x06, 0x01};
    struct hello h = {
        .index = 1,
        .clock = CLOCK_KERNEL,
        .r1_life_ms = R1_LIFE_MS,
        .n_keys = 1,
        .keys = {{KEY_CLASSIC, 1, 1, {key, sizeof key}}},
        .n_policies = 1,
        .policies = {{1, KEY_CLASSIC, 3, false, 100, 1000, {oid, sizeof oid}}},
    };

    memset(h.boot_nonce, 0xb0, sizeof h.boot_nonce);
    memset(h.identity, 0x1d, sizeof h.identity);
    memset(h.signing_key, 0x2e, sizeof h.signing_key);
    memset(h.audit_key, 0xad, sizeof h.audit_key);
    hello_encode(w, &h);
}

static void enc_status(struct writer *w)
{
    const struct core_status s = {
        .state = CORE_SERVING, .time_valid = 1, .lo_ns = 5, .hi_ns = 6};

    core_status_encode(w, &s);
}

static void enc_activation(struct writer *w)
{
    static const uint8_t serial[] = {0x12, 0x34};
    static const uint8_t issuer[] = {0x30, 0x00};
    const struct activation a = {.key = KEY_CLASSIC,
                                 .serial = {serial, sizeof serial},
                                 .issuer = {issuer, sizeof issuer}};

    activation_encode(w, &a);
}

static void enc_stats(struct writer *w)
{
    const struct core_stats s = {.n = 2, .rows = {{STAT_STAMPS_SIGNED, 7}, {STAT_R1_OPEN, 1}}};

    core_stats_encode(w, &s);
}

static void enc_audit_ask(struct writer *w)
{
    const struct audit_ask a = {1, WIRE_AUDIT_MAX};

    audit_ask_encode(w, &a);
}

static void enc_audit_page(struct writer *w)
{
    static struct audit_page p = {.first_seq = 1, .last_seq = 2, .n = 2};

    p.entries[0] = (struct audit_entry){.seq = 1, .time_ns = 10, .event = AUDIT_BOOT};
    p.entries[1] = (struct audit_entry){
        .seq = 2, .time_ns = 11, .event = AUDIT_STATE, .a = CORE_BOOTING, .b = CORE_SELF_TEST};
    audit_page_encode(w, &p);
}

static const uint8_t sids[2 * SID0_LEN] = {1};

static void enc_r1_ask(struct writer *w)
{
    const struct r1_ask a = {.key = KEY_CLASSIC, .sid0 = {sids, sizeof sids}};

    r1_ask_encode(w, &a);
}

static void enc_r1_answer(struct writer *w)
{
    const struct r1_body b = {.key = KEY_CLASSIC, .index = 1, .lo_ns = 1, .hi_ns = 2};

    wr_u8(w, 2);
    r1_body_encode(w, &b);
    r1_body_encode(w, &b);
}

static void enc_r2(struct writer *w)
{
    static const uint8_t body[R1_BODY_LEN];
    static const uint8_t digest[48];
    const struct r2_head h = {.key = KEY_CLASSIC, .t = 1, .signers = {1}, .n = 2};
    const struct r2_stamp s = {.bodies = {body, sizeof body},
                               .hash_alg = HASH_SHA384,
                               .policy = 1,
                               .hashed_message = {digest, sizeof digest},
                               .nonce = {digest, 8}};

    r2_head_encode(w, &h);
    r2_stamp_encode(w, &s);
    r2_stamp_encode(w, &s);
}

/* A stamp of a presignature. */
static void enc_r2_presigned(struct writer *w)
{
    static const uint8_t r1s[3 * R1_PROVEN_LEN];
    static const uint8_t id[STAMP_PRESIGN_LEN];
    static const uint8_t digest[48];
    const struct r2_head h = {.key = KEY_CLASSIC, .t = 3, .signers = {1, 2, 5}, .n = 2};
    const struct r2_stamp s = {.bodies = {r1s, sizeof r1s},
                               .hash_alg = HASH_SHA384,
                               .policy = 1,
                               .hashed_message = {digest, sizeof digest},
                               .presign = {id, sizeof id}};

    r2_head_encode(w, &h);
    r2_stamp_encode(w, &s);
    r2_stamp_encode(w, &s);
}

static void enc_r2_answer(struct writer *w)
{
    static const uint8_t sig[96];
    const struct r2_result good = {ERR_OK, {sig, sizeof sig}};
    const struct r2_result bad = {ERR_TIME, {NULL, 0}};

    wr_u8(w, 2);
    r2_result_encode(w, &good);
    r2_result_encode(w, &bad);
}

/* What signers of one threshold stamp show one another is longer than all else. */
static void bodies_have_a_cap_by_type(void **state)
{
    static const uint8_t longer[] = {FRAME_R3,
                                     FRAME_R3 | FRAME_ANSWER,
                                     FRAME_R2 | FRAME_ANSWER,
                                     FRAME_SIGN_CSR | FRAME_ANSWER,
                                     FRAME_CEREMONY_STEP,
                                     FRAME_CEREMONY_STEP | FRAME_ANSWER,
                                     FRAME_REENROL_ORDER,
                                     FRAME_CEREMONY_BEGIN | FRAME_ANSWER,
                                     FRAME_MESH_PUT,
                                     FRAME_MESH_GET | FRAME_ANSWER};
    uint8_t bytes[FRAME_HEADER_LEN];

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        const bool is_long = memchr(longer, (int)type, sizeof longer) != NULL;
        const uint32_t max = is_long ? FRAME_BODY_LONG_MAX : FRAME_BODY_MAX;

        assert_int_equal(frame_body_max((uint8_t)type), max);
        for (uint32_t more = 0; more < 2; more++) {
            struct writer w = wr_init(bytes, sizeof bytes);
            struct frame_header h;

            (void)frame_begin(&w, (uint8_t)type, 1);
            wr_patch_u32le(&w, 4, max + more);
            assert_int_equal(frame_header_decode((struct view){bytes, sizeof bytes}, &h),
                             more == 0 ? ERR_OK : ERR_RANGE);
        }
    }
}

/* docs/wire.md 2.1, from the index on. */
static void hello_has_its_golden_bytes(void **state)
{
    static uint8_t buf[512];
    struct writer w = wr_init(buf, sizeof buf);
    uint8_t want[500] = {0};
    const uint8_t head[] = {1, 1, 0, 0xfa, 0};
    const uint8_t key[] = {1, 1, 1, 1, 97, 0, 4};
    const uint8_t policy[] = {1, 1, 1, 3, 100, 0, 0, 0, 0xe8, 3, 0, 0, 3, 0x2b, 0x06, 0x01};
    struct view out;

    (void)state;
    memcpy(want + 64, head, sizeof head);
    memset(want + 69, 0xb0, 32);
    memset(want + 101, 0x1d, 97);
    memset(want + 198, 0x2e, 32);
    memcpy(want + 230, key, sizeof key);
    memcpy(want + 231 + 5 + 97, policy, sizeof policy);
    memset(want + 349, 0xad, 97);
    enc_hello(&w);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, 446);
    assert_memory_equal(out.p, want, out.n);
}

static const struct {
    const char *name;
    void (*encode)(struct writer *w);
    enum err (*decode)(struct view body);
} codecs[] = {
    {"hello", enc_hello, dec_hello},
    {"status", enc_status, dec_status},
    {"activation", enc_activation, dec_activation},
    {"stats", enc_stats, dec_stats},
    {"audit_ask", enc_audit_ask, dec_audit_ask},
    {"audit_page", enc_audit_page, dec_audit_page},
    {"r1_ask", enc_r1_ask, dec_r1_ask},
    {"r1_answer", enc_r1_answer, dec_r1_answer},
    {"r2", enc_r2, dec_r2},
    {"r2_presigned", enc_r2_presigned, dec_r2},
    {"r2_answer", enc_r2_answer, dec_r2_answer},
};

/* The whole is read; no prefix of it is, nor one byte more. */
static void bodies_are_read_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        static uint8_t buf[FRAME_BODY_MAX];
        struct writer w = wr_init(buf, sizeof buf - 1);
        struct view body;

        codecs[i].encode(&w);
        assert_int_equal(wr_finish(&w, &body), ERR_OK);
        assert_int_equal(codecs[i].decode(body), ERR_OK);
        for (size_t n = 0; n < body.n; n++) {
            uint8_t *cut = malloc(n + 1); /* its own block, so that a read past n is seen */

            assert_non_null(cut);
            memcpy(cut, body.p, n);
            assert_true(codecs[i].decode((struct view){cut, n}) != ERR_OK);
            free(cut);
        }
        buf[body.n] = 0;
        assert_int_equal(codecs[i].decode((struct view){buf, body.n + 1}), ERR_TRAILING);
    }
}

static void header_round_trips_and_refuses(void **state)
{
    static const struct {
        size_t at;
        uint8_t to;
        enum err want;
    } rows[] = {
        {0, 0x50, ERR_TAG}, {1, 2, ERR_VERSION}, {3, 1, ERR_ENCODING}, {6, 2, ERR_RANGE}};
    uint8_t buf[64];
    struct writer w = wr_init(buf, sizeof buf);
    struct frame_header h;
    enum err e = ERR_OK;
    struct view out;

    (void)state;
    frame_write_error(&w, 0x1122334455667788, ERR_STALE);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, FRAME_HEADER_LEN + 2);
    assert_int_equal(frame_header_decode(out, &h), ERR_OK);
    assert_int_equal(h.type, FRAME_ERROR);
    assert_int_equal(h.body_len, 2);
    assert_true(h.request_id == 0x1122334455667788);
    assert_int_equal(frame_error_decode((struct view){buf + FRAME_HEADER_LEN, 2}, &e), ERR_OK);
    assert_int_equal(e, ERR_STALE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bad[FRAME_HEADER_LEN];

        memcpy(bad, buf, sizeof bad);
        bad[rows[i].at] = rows[i].to;
        assert_int_equal(frame_header_decode((struct view){bad, sizeof bad}, &h), rows[i].want);
    }
    assert_int_equal(frame_header_decode((struct view){buf, 15}, &h), ERR_TRUNCATED);
}

static void unknown_error_codes_become_our_bug(void **state)
{
    const uint8_t unknown[] = {0xfe, 0xca};
    const uint8_t none[] = {0, 0};
    enum err e = ERR_OK;

    (void)state;
    assert_int_equal(frame_error_decode((struct view){unknown, 2}, &e), ERR_OK);
    assert_int_equal(e, ERR_BUG);
    assert_int_equal(frame_error_decode((struct view){none, 2}, &e), ERR_OK);
    assert_int_equal(e, ERR_BUG);
}

/* The bytes that docs/wire.md shows. */
static void golden_bytes_hold(void **state)
{
    uint8_t buf[256];
    char text[513];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;
    size_t mark = frame_begin(&w, FRAME_AUDIT, 7);

    (void)state;
    enc_audit_ask(&w);
    frame_end(&w, mark);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    hex_write(out, text);
    assert_string_equal(text, "510121000a0000000700000000000000"
                              "01000000000000000001");
}

/* docs/wire.md 2.3 and 3.2: both keys sign one stamp. */
static void dual_golden_bytes_hold(void **state)
{
    static const uint8_t signature[STAMP_SIGNATURE_DUAL] = {0x99};
    struct r2_head head = {.key = KEY_DUAL, .t = 1, .signers = {1}, .n = 1};
    const struct r2_result result = {ERR_OK, {signature, sizeof signature}};
    uint8_t activations[2][ACTIVATION_HASH_LEN];
    uint8_t buf[8192];
    char text[2 * (EPOCH_ID_LEN + ACTIVATION_HASH_LEN + 4) + 1];
    struct writer w = wr_init(buf, sizeof buf);
    struct reader r;
    struct view out;

    (void)state;
    memset(head.epoch_id, 0xe0, sizeof head.epoch_id);
    memset(activations[0], 1, sizeof activations[0]);
    memset(activations[1], 2, sizeof activations[1]);
    activation_dual(activations[0], activations[1], head.activation);
    r2_head_encode(&w, &head);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    hex_write(out, text);
    assert_memory_equal(text, "e0e0e0e0", 8);
    assert_string_equal(text + 2 * EPOCH_ID_LEN,
                        "03"
                        "92aafb15d4db962a9a56a9097b843904aa5945c24893f30543fcb4666e6a9d37037e1e"
                        "b0e952b7fd1c0ef6835f98fc16"
                        "010101");
    w = wr_init(buf, sizeof buf);
    r2_result_encode(&w, &result);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, 4 + 3405);
    hex_write((struct view){out.p, 5}, text);
    assert_string_equal(text, "00004d0d99");
    /* one core alone, as few as of KEY_PQ */
    for (uint8_t t = 1; t <= 2; t++) {
        for (uint8_t n = 16; n <= 17; n++) {
            struct r2_head got;

            head.t = t;
            head.n = n;
            head.signers[1] = 2;
            w = wr_init(buf, sizeof buf);
            r2_head_encode(&w, &head);
            assert_int_equal(wr_finish(&w, &out), ERR_OK);
            r = rd_init(out);
            assert_int_equal(r2_head_decode(&r, &got), t == 1 && n == 16 ? ERR_OK : ERR_RANGE);
        }
    }
}

/* It is no key: nobody lists it or activates it. */
static void dual_is_no_key(void **state)
{
    const uint8_t byte = 1;
    uint8_t buf[1024];

    (void)state;
    for (uint8_t key = 0; key <= 4; key++) {
        const bool is_key = key == KEY_CLASSIC || key == KEY_PQ;
        const struct activation a = {.key = key, .serial = {&byte, 1}, .issuer = {&byte, 1}};
        const struct hello_policy p = {
            .number = 1, .key = key, .max_accuracy_ms = 1, .oid = {&byte, 1}};
        const struct r1_ask ask = {.key = key, .sid0 = {buf, SID0_LEN}};
        struct hello h = {.index = 1, .n_keys = 1};
        struct writer w = wr_init(buf, sizeof buf);
        struct activation a_got;
        struct hello h_got;
        struct hello_policy p_got;
        struct r1_ask ask_got;
        struct reader r;

        activation_encode(&w, &a);
        assert_int_equal(activation_decode((struct view){buf, w.len}, &a_got),
                         is_key ? ERR_OK : ERR_RANGE);
        h.keys[0] = (struct hello_key){key, 1, 1, {&byte, 1}};
        w = wr_init(buf, sizeof buf);
        hello_encode(&w, &h);
        assert_int_equal(hello_decode((struct view){buf, w.len}, &h_got),
                         is_key ? ERR_OK : ERR_RANGE);
        w = wr_init(buf, sizeof buf);
        hello_policy_encode(&w, &p);
        r = rd_init((struct view){buf, w.len});
        assert_int_equal(hello_policy_decode(&r, &p_got),
                         is_key || key == KEY_DUAL ? ERR_OK : ERR_RANGE);
        memset(buf, 0, sizeof buf);
        w = wr_init(buf + SID0_LEN, sizeof buf - SID0_LEN);
        r1_ask_encode(&w, &ask);
        assert_int_equal(r1_ask_decode((struct view){w.p, w.len}, &ask_got),
                         is_key || key == KEY_DUAL ? ERR_OK : ERR_RANGE);
    }
}

/* One bit beside the digits; no other is any. */
static void ordering_is_a_bit_of_a_policy(void **state)
{
    static const uint8_t oid[] = {0x2b};
    static const struct {
        uint8_t byte;
        enum err e;
    } cases[] = {
        {0x03, ERR_OK}, {0x83, ERR_OK}, {0x80, ERR_OK}, {0x84, ERR_RANGE}, {0x43, ERR_RANGE}};
    const struct hello_policy p = {.number = 1,
                                   .key = KEY_PQ,
                                   .digits = 3,
                                   .ordering = true,
                                   .max_accuracy_ms = 1,
                                   .oid = {oid, 1}};
    uint8_t buf[64];
    struct writer w = wr_init(buf, sizeof buf);

    (void)state;
    hello_policy_encode(&w, &p);
    assert_int_equal(buf[2], 0x83);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reader r = rd_init((struct view){buf, w.len});
        struct hello_policy got;

        buf[2] = cases[i].byte;
        assert_int_equal(hello_policy_decode(&r, &got), cases[i].e);
        if (cases[i].e == ERR_OK) {
            assert_true(got.ordering == (buf[2] >= 0x80));
            assert_int_equal(got.digits, buf[2] & 0x7f);
        }
    }
}

static void activation_hash_covers_each_field(void **state)
{
    uint8_t serial[] = {1, 2};
    uint8_t issuer[] = {0x30, 0};
    struct activation a = {.key = KEY_CLASSIC, .serial = {serial, 2}, .issuer = {issuer, 2}};
    uint8_t first[ACTIVATION_HASH_LEN];
    uint8_t other[ACTIVATION_HASH_LEN];

    (void)state;
    activation_hash(&a, first);
    a.cert_hash[31] = 1;
    activation_hash(&a, other);
    assert_memory_not_equal(first, other, sizeof first);
    a.cert_hash[31] = 0;
    serial[1] = 3;
    activation_hash(&a, other);
    assert_memory_not_equal(first, other, sizeof first);
    serial[1] = 2;
    issuer[1] = 1;
    activation_hash(&a, other);
    assert_memory_not_equal(first, other, sizeof first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_have_a_cap_by_type),
        cmocka_unit_test(hello_has_its_golden_bytes),
        cmocka_unit_test(bodies_are_read_exactly),
        cmocka_unit_test(header_round_trips_and_refuses),
        cmocka_unit_test(unknown_error_codes_become_our_bug),
        cmocka_unit_test(golden_bytes_hold),
        cmocka_unit_test(dual_golden_bytes_hold),
        cmocka_unit_test(dual_is_no_key),
        cmocka_unit_test(ordering_is_a_bit_of_a_policy),
        cmocka_unit_test(activation_hash_covers_each_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
