#include "rt_server.h"
#include "testing.h"

#include "crypto/hash.h"

#include <string.h>

#define MIDP UINT64_C(1800000000)

static struct rt_keys keys;
static uint8_t request_bytes[RT_REQUEST_LEN];
static const struct view request = {request_bytes, sizeof request_bytes};

static enum err take(struct view reply, struct rt_time *t)
{
    static const struct rt_time zero;
    const enum err e = rt_reply_parse(reply, request, keys.long_term.public_key, NULL, t);

    assert_true(e == ERR_OK || memcmp(t, &zero, sizeof *t) == 0);
    return e;
}

static enum err say(const struct rt_reply *reply)
{
    uint8_t out[RT_SAID_MAX];
    struct rt_time t;

    return take(rt_reply_make(&keys, request, reply, out), &t);
}

static void requests_are_padded_and_name_the_server(void **state)
{
    uint8_t text[1 + ED25519_PUBLIC_LEN] = {0xff};
    uint8_t whole[HASH_MAX];
    struct rt_message m;
    struct view v;
    uint32_t type = 7;

    (void)state;
    assert_int_equal(rt_packet_parse(request, &v), ERR_OK);
    assert_int_equal(rt_message_parse(v, &m), ERR_OK);
    assert_int_equal(m.n, 5);
    assert_int_equal(rt_message_find(&m, RT_VER, 8, &v), ERR_OK);
    assert_memory_equal(v.p, "\1\0\0\0\x0c\0\0\x80", 8);
    assert_int_equal(rt_message_u32(&m, RT_TYPE, &type), ERR_OK);
    assert_int_equal(type, 0);
    assert_int_equal(rt_message_find(&m, RT_SRV, RT_HASH_LEN, &v), ERR_OK);
    memcpy(text + 1, keys.long_term.public_key, ED25519_PUBLIC_LEN);
    hash_once(HASH_SHA512, (struct view){text, sizeof text}, whole);
    assert_memory_equal(v.p, whole, RT_HASH_LEN);
    assert_int_equal(rt_message_any(&m, RT_ZZZZ, &v), ERR_OK);
    for (size_t i = 0; i < v.n; i++) {
        assert_int_equal(v.p[i], 0);
    }
}

static void good_replies_are_taken(void **state)
{
    struct rt_reply r = rt_reply_good(MIDP);
    uint8_t out[RT_SAID_MAX];
    struct rt_time t;

    (void)state;
    assert_int_equal(take(rt_reply_make(&keys, request, &r, out), &t), ERR_OK);
    assert_true(t.midp_s == (int64_t)MIDP && t.radi_s == 3 && t.version == RT_VERSION_1 &&
                t.spelling == RT_SPELLING_TIME);
    r.spelling = "Roughtime";
    r.version = RT_VERSION_DRAFT;
    r.radi = RT_RADI_MAX;
    assert_int_equal(take(rt_reply_make(&keys, request, &r, out), &t), ERR_OK);
    assert_true(t.radi_s == RT_RADI_MAX && t.version == RT_VERSION_DRAFT &&
                t.spelling == RT_SPELLING_LOWER);
    r.from = MIDP;
    r.to = MIDP;
    assert_int_equal(say(&r), ERR_OK);
    r.versions_n = RT_VERSIONS_MAX;
    assert_int_equal(say(&r), ERR_OK);
}

static void paths_lead_to_the_root(void **state)
{
    struct rt_reply r = rt_reply_good(MIDP);

    (void)state;
    for (r.path_n = 0; r.path_n <= 4; r.path_n++) {
        for (r.index = 0; r.index < 1U << r.path_n; r.index++) {
            for (int swapped = 0; swapped <= 1; swapped++) {
                r.swapped = swapped != 0;
                assert_int_equal(say(&r), ERR_OK);
            }
        }
        assert_int_equal(say(&r), ERR_MISMATCH); /* a bit that has no hash */
    }
    r = rt_reply_good(MIDP);
    r.other_request = true;
    assert_int_equal(say(&r), ERR_MISMATCH);
    r.path_n = 3;
    assert_int_equal(say(&r), ERR_MISMATCH);
    r = rt_reply_good(MIDP);
    r.longer = RT_PATH;
    assert_int_equal(say(&r), ERR_LENGTH);
}

static void long_paths_are_taken_up_to_their_limit(void **state)
{
    struct rt_reply r = rt_reply_good(MIDP);

    (void)state;
    r.path_n = RT_PATH_MAX;
    r.index = 0x80000001;
    assert_int_equal(say(&r), ERR_OK);
    r.path_n++;
    assert_int_equal(say(&r), ERR_LENGTH);
}

static void false_replies_are_refused(void **state)
{
    static const uint32_t tags[] = {RT_SIG,  RT_NONC, RT_TYPE, RT_PATH, RT_SREP, RT_CERT,
                                    RT_INDX, RT_VER,  RT_RADI, RT_MIDP, RT_VERS, RT_ROOT,
                                    RT_DELE, RT_PUBK, RT_MINT, RT_MAXT};
    const struct {
        struct rt_reply reply;
        enum err want;
    } cases[] = {
        {{.type = 0}, ERR_TYPE},
        {{.type = 1, .other_nonce = true}, ERR_MISMATCH},
        {{.type = 1, .other_root = true}, ERR_SIGNATURE},
        {{.type = 1, .other_online = true}, ERR_SIGNATURE},
    };
    struct rt_reply r;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        r = rt_reply_good(MIDP);
        r.type = cases[i].reply.type;
        r.other_nonce = cases[i].reply.other_nonce;
        r.other_root = cases[i].reply.other_root;
        r.other_online = cases[i].reply.other_online;
        assert_int_equal(say(&r), cases[i].want);
    }
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        r = rt_reply_good(MIDP);
        r.without = tags[i];
        assert_int_equal(say(&r), ERR_TAG);
        if (tags[i] != RT_SREP && tags[i] != RT_CERT && tags[i] != RT_DELE &&
            tags[i] != RT_VERS && tags[i] != RT_PATH) {
            r = rt_reply_good(MIDP);
            r.longer = tags[i];
            assert_int_equal(say(&r), ERR_LENGTH);
        }
    }
}

static void what_is_signed_has_to_make_sense(void **state)
{
    struct rt_reply r = rt_reply_good(MIDP);

    (void)state;
    r.from = MIDP + 1;
    assert_int_equal(say(&r), ERR_TIME);
    r = rt_reply_good(MIDP);
    r.to = MIDP - 1;
    assert_int_equal(say(&r), ERR_TIME);
    r = rt_reply_good(MIDP);
    r.radi = 0;
    assert_int_equal(say(&r), ERR_RANGE);
    r.radi = RT_RADI_MAX + 1;
    assert_int_equal(say(&r), ERR_RANGE);
    r = rt_reply_good(RT_MIDP_MAX);
    assert_int_equal(say(&r), ERR_OK);
    r = rt_reply_good(RT_MIDP_MAX + 1);
    assert_int_equal(say(&r), ERR_RANGE);
    r = rt_reply_good(MIDP);
    r.version = 0x8000000b; /* not offered */
    r.versions[0] = r.version;
    assert_int_equal(say(&r), ERR_VERSION);
    r = rt_reply_good(MIDP);
    r.versions[0] = 2; /* not in its list */
    assert_int_equal(say(&r), ERR_VERSION);
    r.versions_n = RT_VERSIONS_MAX + 1;
    assert_int_equal(say(&r), ERR_LENGTH);
    r = rt_reply_good(MIDP);
    r.longer = RT_VERS; /* more than is verified */
    r.longer_n = 120;
    assert_int_equal(say(&r), ERR_NOSPACE);
}

static void what_is_no_message_is_called_so(void **state)
{
    static const uint32_t tags[] = {RT_SREP, RT_CERT, RT_DELE};
    uint8_t packet[RT_PACKET_HEADER_LEN + 4] = {0};
    struct writer w = wr_init(packet, sizeof packet);
    struct rt_time t;

    (void)state;
    assert_int_equal(take((struct view){packet, sizeof packet}, &t), ERR_TAG);
    rt_packet_begin(&w, 4);
    assert_int_equal(take((struct view){packet, sizeof packet}, &t), ERR_ENCODING);
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        struct rt_reply r = rt_reply_good(MIDP);

        r.broken = tags[i];
        assert_int_equal(say(&r), ERR_ENCODING);
    }
}

/* Neither another spelling, nor the hyphens of the time before the standard. */
static void contexts_are_the_two_that_are_known(void **state)
{
    struct rt_reply r = rt_reply_good(MIDP);

    (void)state;
    r.spelling = "ROUGHTIME";
    assert_int_equal(say(&r), ERR_SIGNATURE);
}

static void no_byte_of_a_reply_may_change(void **state)
{
    struct rt_reply r = rt_reply_good(MIDP);
    uint8_t out[RT_SAID_MAX];
    struct rt_time t;
    struct view v;

    (void)state;
    r.path_n = 2;
    v = rt_reply_make(&keys, request, &r, out);
    for (size_t i = 0; i < v.n; i += 3) {
        out[i] ^= 1;
        assert_int_not_equal(take(v, &t), ERR_OK);
        out[i] ^= 1;
        assert_int_not_equal(take((struct view){v.p, i}, &t), ERR_OK);
    }
    assert_int_equal(take(v, &t), ERR_OK);
}

static void nonces_are_a_chain(void **state)
{
    uint8_t text[3 + RT_NONCE_LEN] = {1, 2, 3};
    uint8_t whole[HASH_MAX];
    uint8_t nonce[RT_NONCE_LEN];

    (void)state;
    memset(text + 3, 9, RT_NONCE_LEN);
    rt_chain_nonce((struct view){text, 3}, text + 3, nonce);
    hash_once(HASH_SHA512, (struct view){text, sizeof text}, whole);
    assert_memory_equal(nonce, whole, sizeof nonce);
    rt_chain_nonce((struct view){NULL, 0}, text + 3, nonce);
    hash_once(HASH_SHA512, (struct view){text + 3, RT_NONCE_LEN}, whole);
    assert_memory_equal(nonce, whole, sizeof nonce);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_padded_and_name_the_server),
        cmocka_unit_test(good_replies_are_taken),
        cmocka_unit_test(paths_lead_to_the_root),
        cmocka_unit_test(long_paths_are_taken_up_to_their_limit),
        cmocka_unit_test(false_replies_are_refused),
        cmocka_unit_test(what_is_signed_has_to_make_sense),
        cmocka_unit_test(what_is_no_message_is_called_so),
        cmocka_unit_test(contexts_are_the_two_that_are_known),
        cmocka_unit_test(no_byte_of_a_reply_may_change),
        cmocka_unit_test(nonces_are_a_chain),
    };
    uint8_t nonce[RT_NONCE_LEN] = {4};
    int failed;

    rt_keys_make(&keys, 1);
    rt_request_write(nonce, keys.long_term.public_key, request_bytes);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    rt_keys_free(&keys);
    return failed;
}
