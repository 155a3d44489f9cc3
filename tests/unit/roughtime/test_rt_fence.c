#include "rt_server.h"
#include "testing.h"

#include "enclave/roughtime/rt_fence.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define NOW (1000 * NS_PER_S)
#define MIDP INT64_C(1800000000)
#define TAI_NS ((MIDP + 37) * NS_PER_S)

static struct rt_keys keys[3];
static struct leap_table leap;

static void start(struct rt_fence *f, size_t n)
{
    rt_fence_init(f);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(rt_fence_add(f, keys[i].long_term.public_key), ERR_OK);
    }
}

static void ask(struct rt_fence *f, size_t which, int64_t now_ns)
{
    const uint8_t random[RT_NONCE_LEN] = {(uint8_t)which};

    assert_int_equal(rt_fence_due(f, now_ns), which);
    rt_fence_ask(f, which, now_ns, random);
    assert_int_equal(rt_fence_due(f, now_ns), RT_NONE);
}

static enum err answer(struct rt_fence *f, int64_t now_ns, int64_t midp_s)
{
    const struct rt_reply r = rt_reply_good((uint64_t)midp_s);
    uint8_t out[RT_SAID_MAX];
    struct rt_time t;
    const struct view v =
        rt_reply_make(&keys[f->asked], (struct view){f->request, RT_REQUEST_LEN}, &r, out);

    return rt_fence_take(f, now_ns, v, &leap, &t);
}

static void without_servers_it_says_nothing(void **state)
{
    const uint8_t packet[4] = {0};
    struct rt_fence f;
    struct rt_time t;

    (void)state;
    start(&f, 0);
    for (size_t i = 0; i < RT_SERVERS_MAX; i++) {
        assert_int_equal(rt_fence_add(&f, keys[0].long_term.public_key), ERR_OK);
    }
    assert_int_equal(rt_fence_add(&f, keys[0].long_term.public_key), ERR_NOSPACE);
    start(&f, 0);
    assert_true(rt_fence_due(&f, NOW) == RT_NONE && rt_fence_when(&f) == INT64_MAX);
    assert_int_equal(rt_fence_take(&f, NOW, (struct view){packet, 4}, &leap, &t), ERR_STATE);
    assert_false(rt_fence_contradicts(&f, NOW, 0, 0));
}

static void servers_are_asked_in_turn_and_in_a_chain(void **state)
{
    const uint8_t random[RT_NONCE_LEN] = {1};
    uint8_t nonce[RT_NONCE_LEN];
    struct rt_fence f;
    struct rt_message m;
    struct view v;

    (void)state;
    start(&f, 2);
    assert_true(rt_fence_when(&f) == 0);
    ask(&f, 0, NOW);
    assert_true(rt_fence_when(&f) == NOW + RT_WAIT_NS);
    assert_int_equal(answer(&f, NOW, MIDP), ERR_OK);
    ask(&f, 1, NOW + 1);
    rt_chain_nonce((struct view){f.chain, f.chain_n}, random, nonce);
    assert_true(f.chain_n > 0);
    assert_int_equal(rt_packet_parse((struct view){f.request, RT_REQUEST_LEN}, &v), ERR_OK);
    assert_int_equal(rt_message_parse(v, &m), ERR_OK);
    assert_int_equal(rt_message_find(&m, RT_NONC, RT_NONCE_LEN, &v), ERR_OK);
    assert_memory_equal(v.p, nonce, RT_NONCE_LEN);
    assert_int_equal(answer(&f, NOW + 2, MIDP), ERR_OK);
    assert_true(rt_fence_when(&f) == NOW + RT_POLL_NS);
    assert_int_equal(rt_fence_due(&f, NOW + RT_POLL_NS - 1), RT_NONE);
    assert_int_equal(rt_fence_due(&f, NOW + RT_POLL_NS), 0);
}

static void silence_is_asked_again_ever_later(void **state)
{
    int64_t now_ns = NOW;
    struct rt_fence f;

    (void)state;
    start(&f, 1);
    for (int i = 0; i < 7; i++) {
        const int64_t wait_ns = RT_AGAIN_NS << (i < 4 ? i : 4);

        ask(&f, 0, now_ns);
        assert_int_equal(rt_fence_due(&f, now_ns + RT_WAIT_NS - 1), RT_NONE);
        assert_true(f.asked == 0);
        assert_int_equal(rt_fence_due(&f, now_ns + RT_WAIT_NS), RT_NONE);
        assert_true(f.asked == RT_NONE && rt_fence_when(&f) == now_ns + wait_ns);
        now_ns += wait_ns;
    }
    ask(&f, 0, now_ns);
    assert_int_equal(answer(&f, now_ns, MIDP), ERR_OK);
    now_ns += RT_POLL_NS;
    ask(&f, 0, now_ns); /* all is forgotten */
    (void)rt_fence_due(&f, now_ns + RT_WAIT_NS);
    assert_true(rt_fence_when(&f) == now_ns + RT_AGAIN_NS);
}

static void what_is_not_genuine_changes_nothing(void **state)
{
    const struct rt_reply r = rt_reply_good((uint64_t)MIDP);
    uint8_t out[RT_SAID_MAX];
    struct rt_reply large = rt_reply_good((uint64_t)MIDP);
    struct rt_fence f;
    struct rt_fence before;
    struct rt_time t;
    struct view v;

    (void)state;
    start(&f, 1);
    ask(&f, 0, NOW);
    before = f;
    v = rt_reply_make(&keys[1], (struct view){f.request, RT_REQUEST_LEN}, &r, out);
    assert_int_equal(rt_fence_take(&f, NOW, v, &leap, &t), ERR_SIGNATURE);
    assert_int_equal(answer(&f, NOW, 1), ERR_RANGE); /* before the leap table */
    large.path_n = RT_PATH_MAX; /* genuine, and longer than what was asked */
    v = rt_reply_make(&keys[0], (struct view){f.request, RT_REQUEST_LEN}, &large, out);
    assert_true(v.n > RT_REPLY_MAX);
    assert_int_equal(rt_fence_take(&f, NOW, v, &leap, &t), ERR_TRAILING);
    assert_memory_equal(&f, &before, sizeof f);
    assert_int_equal(answer(&f, NOW, MIDP), ERR_OK);
    assert_int_equal(rt_fence_take(&f, NOW, v, &leap, &t), ERR_STATE);
}

/* RADI 3 and a second for leap seconds: 4 s either way, and the time that it took. */
static void it_contradicts_what_lies_outside(void **state)
{
    const int64_t wide_ns = 4 * NS_PER_S;
    const int64_t took_ns = NS_PER_S;
    struct rt_fence f;

    (void)state;
    start(&f, 1);
    ask(&f, 0, NOW);
    assert_false(rt_fence_contradicts(&f, NOW, 0, 1)); /* has not answered */
    assert_int_equal(answer(&f, NOW + took_ns, MIDP), ERR_OK);
    assert_false(rt_fence_contradicts(&f, NOW + took_ns, TAI_NS, TAI_NS));
    assert_false(rt_fence_contradicts(&f, NOW + took_ns, 0, TAI_NS - wide_ns));
    assert_true(rt_fence_contradicts(&f, NOW + took_ns, 0, TAI_NS - wide_ns - 1));
    assert_false(
        rt_fence_contradicts(&f, NOW + took_ns, TAI_NS + wide_ns + took_ns, INT64_MAX));
    assert_true(
        rt_fence_contradicts(&f, NOW + took_ns, TAI_NS + wide_ns + took_ns + 1, INT64_MAX));
    /* later it is later */
    assert_true(rt_fence_contradicts(&f, NOW + took_ns + RT_LIFE_NS, TAI_NS, TAI_NS));
    assert_false(rt_fence_contradicts(&f, NOW + took_ns + RT_LIFE_NS, TAI_NS + RT_LIFE_NS,
                                      TAI_NS + RT_LIFE_NS));
    /* and an old answer says nothing */
    assert_false(rt_fence_contradicts(&f, NOW + took_ns + RT_LIFE_NS + 1, TAI_NS, TAI_NS));
}

static void more_than_half_have_to(void **state)
{
    struct rt_fence f;

    (void)state;
    start(&f, 3);
    ask(&f, 0, NOW);
    assert_int_equal(answer(&f, NOW, MIDP + 3600), ERR_OK);
    assert_true(rt_fence_contradicts(&f, NOW, TAI_NS, TAI_NS)); /* it alone answered */
    ask(&f, 1, NOW);
    assert_false(f.contradicted);
    assert_int_equal(answer(&f, NOW, MIDP), ERR_OK);
    assert_true(f.contradicted); /* one of them lied, and signed it */
    assert_false(rt_fence_contradicts(&f, NOW, TAI_NS, TAI_NS));
    ask(&f, 2, NOW);
    assert_int_equal(answer(&f, NOW, MIDP), ERR_OK);
    assert_false(rt_fence_contradicts(&f, NOW, TAI_NS, TAI_NS));
    assert_true(
        rt_fence_contradicts(&f, NOW, TAI_NS + 3600 * NS_PER_S, TAI_NS + 3600 * NS_PER_S));
}

static void replies_in_their_order_are_no_contradiction(void **state)
{
    struct rt_fence f;

    (void)state;
    start(&f, 3);
    ask(&f, 0, NOW);
    assert_int_equal(answer(&f, NOW, MIDP), ERR_OK);
    ask(&f, 1, NOW);
    assert_int_equal(answer(&f, NOW, MIDP - 6), ERR_OK); /* 3 s less here, 3 s more there */
    assert_false(f.contradicted);
    ask(&f, 2, NOW);
    assert_int_equal(answer(&f, NOW, MIDP - 7), ERR_OK);
    assert_true(f.contradicted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_servers_it_says_nothing),
        cmocka_unit_test(servers_are_asked_in_turn_and_in_a_chain),
        cmocka_unit_test(silence_is_asked_again_ever_later),
        cmocka_unit_test(what_is_not_genuine_changes_nothing),
        cmocka_unit_test(it_contradicts_what_lies_outside),
        cmocka_unit_test(more_than_half_have_to),
        cmocka_unit_test(replies_in_their_order_are_no_contradiction),
    };
    int failed;

    if (leap_table_parse("1483228800:37@4102444800", &leap) != ERR_OK) {
        return 1;
    }
    for (uint8_t i = 0; i < 3; i++) {
        rt_keys_make(&keys[i], i);
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < 3; i++) {
        rt_keys_free(&keys[i]);
    }
    return failed;
}
