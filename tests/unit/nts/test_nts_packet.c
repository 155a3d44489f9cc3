#include "nts_server.h"
#include "testing.h"

#include <string.h>

static const struct nts_ask ask = {0x0123456789abcdef, "the identifier of this request!"};
static const struct ntp_header good = {.version = 4, .mode = 4, .stratum = 1, .transmit = 77};
static const uint8_t nonce[NTS_NONCE_LEN] = "fifteen letters";

static struct view request(struct nts_server *s, size_t cookie_len, size_t placeholders,
                           uint8_t out[NTS_REQUEST_MAX])
{
    uint8_t cookie[NTS_COOKIE_MAX];
    struct view v;

    memset(cookie, 0x5a, sizeof cookie);
    assert_int_equal(nts_request_write(&ask, (struct view){cookie, cookie_len}, placeholders,
                                       &s->c2s, nonce, out, &v),
                     ERR_OK);
    return v;
}

static void request_has_all_parts_and_no_time(void **state)
{
    uint8_t out[NTS_REQUEST_MAX];
    struct nts_server s;

    (void)state;
    nts_server_init(&s);
    nts_server_read(&s, request(&s, 100, 0, out));
    assert_true(s.cookie_n == 100 && s.placeholders == 0);
    assert_int_equal(request(&s, 100, 0, out).n, 228); /* as chrony's */
    for (size_t len = 1; len <= NTS_COOKIE_MAX; len++) {
        const size_t fits = nts_placeholders(len, 7);
        const struct view v = request(&s, len, fits, out);

        assert_true(v.n <= NTS_REQUEST_MAX);
        nts_server_read(&s, v);
        assert_int_equal(s.placeholders, fits);
        assert_true(fits == 7 || len > 124);
    }
}

static void request_refuses_what_does_not_fit(void **state)
{
    uint8_t out[NTS_REQUEST_MAX];
    const uint8_t cookie[NTS_COOKIE_MAX + 1] = {1};
    struct nts_server s;
    struct view v;

    (void)state;
    nts_server_init(&s);
    assert_int_equal(
        nts_request_write(&ask, (struct view){cookie, 0}, 0, &s.c2s, nonce, out, &v),
        ERR_RANGE);
    assert_int_equal(nts_request_write(&ask, (struct view){cookie, sizeof cookie}, 0, &s.c2s,
                                       nonce, out, &v),
                     ERR_RANGE);
    for (size_t len = 150; len <= NTS_COOKIE_MAX; len += 50) {
        assert_int_equal(nts_request_write(&ask, (struct view){cookie, len},
                                           nts_placeholders(len, 7) + 1, &s.c2s, nonce, out,
                                           &v),
                         ERR_NOSPACE);
        assert_int_equal(v.n, 0);
    }
}

static enum err answer(struct nts_server *s, struct ntp_header h, enum reply_fault fault,
                       struct nts_reply *reply)
{
    static uint8_t plain[NTS_REPLY_MAX];
    static const struct nts_reply zero;
    uint8_t out[NTS_REPLY_MAX];
    const struct view v = nts_server_reply(s, h, fault, out);
    const enum err e = nts_reply_parse(v, &ask, &s->s2c, plain, reply);

    assert_true(e == ERR_OK || memcmp(reply, &zero, sizeof zero) == 0);
    return e;
}

static void each_fault_has_its_result(void **state)
{
    static const struct {
        enum reply_fault fault;
        enum err want;
    } cases[] = {
        {REPLY_GOOD, ERR_OK},
        {REPLY_OTHER_UNIQ_ID, ERR_MISMATCH},
        {REPLY_OTHER_ORIGIN, ERR_MISMATCH},
        {REPLY_BAD_TAG, ERR_SIGNATURE},
        {REPLY_NO_AUTHENTICATOR, ERR_SIGNATURE},
        {REPLY_NAK, ERR_STALE},
        {REPLY_TWO_UNIQ_IDS, ERR_ENCODING},
        {REPLY_COOKIES_IN_CLEAR, ERR_OK},
        {REPLY_FIELD_AFTER, ERR_OK},
        {REPLY_OTHER_INSIDE, ERR_OK},
        {REPLY_BAD_INSIDE, ERR_TRUNCATED},
    };
    struct ntp_header h = good;
    struct nts_reply reply;
    uint8_t out[NTS_REQUEST_MAX];
    struct nts_server s;

    (void)state;
    nts_server_init(&s);
    nts_server_read(&s, request(&s, 100, 2, out));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(answer(&s, good, cases[i].fault, &reply), cases[i].want);
        if (cases[i].want == ERR_OK) { /* cookies that were encrypted, and no others */
            assert_int_equal(reply.n_cookies, 3);
            assert_true(reply.cookies[2].n == 100 && reply.cookies[2].p[99] == s.serial);
            assert_true(reply.header.transmit == 77);
        }
    }
    s.placeholders = NTS_COOKIES_MAX; /* one more than is kept */
    assert_int_equal(answer(&s, good, REPLY_GOOD, &reply), ERR_OK);
    assert_int_equal(reply.n_cookies, NTS_COOKIES_MAX);
    memcpy(h.ref_id, "NTSN", 4); /* a NAK is a kiss code */
    assert_int_equal(answer(&s, h, REPLY_NO_AUTHENTICATOR, &reply), ERR_SIGNATURE);
    h.version = 3;
    assert_int_equal(answer(&s, h, REPLY_GOOD, &reply), ERR_VERSION);
    h = good;
    h.mode = 5;
    assert_int_equal(answer(&s, h, REPLY_GOOD, &reply), ERR_TYPE);
}

static void no_prefix_and_no_changed_byte_passes(void **state)
{
    uint8_t out[NTS_REPLY_MAX];
    uint8_t in[NTS_REPLY_MAX];
    uint8_t plain[NTS_REPLY_MAX];
    struct nts_reply reply;
    struct nts_server s;
    struct view v;

    (void)state;
    nts_server_init(&s);
    nts_server_read(&s, request(&s, 100, 0, in));
    v = nts_server_reply(&s, good, REPLY_GOOD, out);
    for (size_t n = 0; n < v.n; n++) {
        assert_int_not_equal(
            nts_reply_parse((struct view){out, n}, &ask, &s.s2c, plain, &reply), ERR_OK);
        if (n < NTP_HEADER_LEN) {
            assert_int_equal(
                nts_reply_parse((struct view){out, n}, &ask, &s.s2c, plain, &reply),
                ERR_TRUNCATED);
        }
        memcpy(in, out, v.n);
        in[n] ^= 0x40;
        assert_int_not_equal(
            nts_reply_parse((struct view){in, v.n}, &ask, &s.s2c, plain, &reply), ERR_OK);
    }
    assert_int_equal(nts_reply_parse(v, &ask, &s.s2c, plain, &reply), ERR_OK);
}

/* Nonce and ciphertext say how long they are: more than the field has. */
static void lengths_inside_the_authenticator_are_held_to(void **state)
{
    enum { AUTHENTICATOR = NTP_HEADER_LEN + 4 + NTS_UNIQ_ID_LEN + 4 };
    uint8_t in[NTS_REQUEST_MAX];
    uint8_t out[NTS_REPLY_MAX];
    uint8_t plain[NTS_REPLY_MAX];
    struct nts_reply reply;
    struct nts_server s;
    struct view v;

    (void)state;
    nts_server_init(&s);
    nts_server_read(&s, request(&s, 100, 0, in));
    v = nts_server_reply(&s, good, REPLY_GOOD, out);
    out[AUTHENTICATOR] = 1; /* of the nonce: 272 */
    assert_int_equal(nts_reply_parse(v, &ask, &s.s2c, plain, &reply), ERR_TRUNCATED);
    out[AUTHENTICATOR + 2] = 0; /* and no ciphertext */
    out[AUTHENTICATOR + 3] = 0;
    assert_int_equal(nts_reply_parse(v, &ask, &s.s2c, plain, &reply), ERR_TRUNCATED);
    out[AUTHENTICATOR] = 0;
    assert_int_equal(nts_reply_parse(v, &ask, &s.s2c, plain, &reply), ERR_SIGNATURE);
    out[AUTHENTICATOR + 2] = 1;
    assert_int_equal(nts_reply_parse(v, &ask, &s.s2c, plain, &reply), ERR_TRUNCATED);
}

static void placeholders_are_as_long_as_their_field(void **state)
{
    (void)state;
    assert_int_equal(nts_placeholders(4, 1000), 68); /* of 16 bytes, as the smallest is */
    assert_int_equal(nts_placeholders(4, 3), 3);
    assert_int_equal(nts_placeholders(13, 1000), 54);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_has_all_parts_and_no_time),
        cmocka_unit_test(request_refuses_what_does_not_fit),
        cmocka_unit_test(each_fault_has_its_result),
        cmocka_unit_test(lengths_inside_the_authenticator_are_held_to),
        cmocka_unit_test(placeholders_are_as_long_as_their_field),
        cmocka_unit_test(no_prefix_and_no_changed_byte_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
