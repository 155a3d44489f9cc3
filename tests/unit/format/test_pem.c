#include "parser_cases.h"

#include "format/pem.h"

static struct view text(const char *s)
{
    return (struct view){(const uint8_t *)s, strlen(s)};
}

/* RFC 4648 10. */
static void base64_vectors(void **state)
{
    static const struct {
        const char *plain, *coded;
    } rows[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[16];
        struct writer w = wr_init(buf, sizeof buf);
        struct view out;

        pem_write_base64(&w, text(rows[i].plain));
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        assert_true(view_equal(out, text(rows[i].coded)));
        assert_true(out.n == PEM_BASE64_LEN(strlen(rows[i].plain)));
        assert_int_equal(pem_parse_base64(text(rows[i].coded), buf, sizeof buf, &out), ERR_OK);
        assert_true(view_equal(out, text(rows[i].plain)));
    }
}

static void base64_refusals(void **state)
{
    static const struct {
        const char *coded;
        enum err want;
    } rows[] = {
        {"Zm9v\r\n Zm9v\t\n", ERR_OK}, {"Z", ERR_ENCODING},
        {"Zg", ERR_ENCODING},          {"Zg=", ERR_ENCODING},
        {"Zm8", ERR_ENCODING},         {"Zg==Zg==", ERR_ENCODING},
        {"Zg==x", ERR_ENCODING},       {"Zh==", ERR_ENCODING},
        {"Zm9=", ERR_ENCODING},        {"Z===", ERR_ENCODING},
        {"====", ERR_ENCODING},        {"Zg=v", ERR_ENCODING},
        {"Zm9-", ERR_ENCODING},        {"Zm_v", ERR_ENCODING},
        {"Zm9vZm9vZm9v", ERR_NOSPACE}, {"Zm 9v", ERR_OK},
        {"Zm9v=", ERR_ENCODING},       {"\x80m9v", ERR_ENCODING},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[6];
        struct view out = {buf, 1};

        assert_int_equal(pem_parse_base64(text(rows[i].coded), buf, sizeof buf, &out),
                         rows[i].want);
        assert_true(rows[i].want == ERR_OK || out.n == 0);
    }
}

static void round_trips_at_each_edge(void **state)
{
    static const size_t edges[] = {0, 1, 2, 3, 47, 48, 49, 95, 96, 97, 255, 256, 4096};
    static uint8_t bytes[4096];
    static uint8_t coded[8192];
    static uint8_t again[4096];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        struct writer w = wr_init(coded, sizeof coded);
        struct view out;
        struct view der;
        struct reader r;
        size_t line = 0;

        pem_write(&w, "CERTIFICATE", (struct view){bytes, edges[i]});
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        r = rd_init(out);
        assert_int_equal(pem_parse(&r, "CERTIFICATE", again, sizeof again, &der), ERR_OK);
        assert_true(view_equal(der, (struct view){bytes, edges[i]}));
        assert_int_equal(pem_parse(&r, "CERTIFICATE", again, sizeof again, &der), ERR_TRAILING);
        for (size_t k = 0; k < out.n; k++) {
            line = out.p[k] == '\n' ? 0 : line + 1;
            assert_true(line <= 64);
        }
    }
}

static void finds_the_blocks_of_a_label(void **state)
{
    static const char file[] =
        "subject=/CN=x\n"
        "-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----\n"
        "-----BEGIN CERTIFICATE-----\r\nZm9v\r\n-----END CERTIFICATE-----\r\n"
        "text between\n"
        "-----BEGIN CERTIFICATE----- \nZm9v\nYmFy\n-----END CERTIFICATE-----";
    struct reader r = rd_init(text(file));
    uint8_t buf[16];
    struct view der;

    (void)state;
    assert_int_equal(pem_parse(&r, "CERTIFICATE", buf, sizeof buf, &der), ERR_OK);
    assert_true(view_equal(der, text("foo")));
    assert_int_equal(pem_parse(&r, "CERTIFICATE", buf, sizeof buf, &der), ERR_OK);
    assert_true(view_equal(der, text("foobar")));
    assert_int_equal(pem_parse(&r, "CERTIFICATE", buf, sizeof buf, &der), ERR_TRAILING);
    assert_true(der.n == 0);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *file;
        enum err want;
    } rows[] = {
        {"", ERR_TRAILING},
        {"\n\n", ERR_TRAILING},
        {"-----BEGIN X-----\nZm9v\n-----END X-----\n", ERR_OK},
        {"-----BEGIN X-----\n-----END X-----\n", ERR_OK},
        {"-----BEGIN X-----", ERR_TRUNCATED},
        {"-----BEGIN X-----\nZm9v\n", ERR_TRUNCATED},
        {"-----BEGIN X-----\nZm9v\n-----END Y-----\n", ERR_TRUNCATED},
        {"-----BEGIN X-----\nZm9\n-----END X-----\n", ERR_ENCODING},
        {"-----BEGIN X-----\nProc-Type: 4\n\nZm9v\n-----END X-----\n", ERR_ENCODING},
        {"-----BEGIN X-----\n-----BEGIN X-----\nZm9v\n-----END X-----\n", ERR_ENCODING},
        {"-----BEGIN X-----\nZm9vZm9v\n-----END X-----\n", ERR_NOSPACE},
        {"-----BEGIN X----\nZm9v\n-----END X-----\n", ERR_TRAILING},
        {"-----BEGIN XY-----\nZm9v\n-----END XY-----\n", ERR_TRAILING},
        {" -----BEGIN X-----\nZm9v\n-----END X-----\n", ERR_TRAILING},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reader r = rd_init(text(rows[i].file));
        uint8_t buf[4];
        struct view der;

        assert_int_equal(pem_parse(&r, "X", buf, sizeof buf, &der), rows[i].want);
    }
}

static enum err parse(struct view in)
{
    struct reader r = rd_init(in);
    uint8_t buf[64];
    struct view der;

    return pem_parse(&r, "CERTIFICATE", buf, sizeof buf, &der);
}

static void prefixes_and_flips(void **state)
{
    const struct view good =
        text("-----BEGIN CERTIFICATE-----\nZm9vYmFyCg==\n-----END CERTIFICATE-----");

    (void)state;
    refuses_every_prefix_of(parse, good);
    (void)survives_every_flip_of(parse, good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_vectors),
        cmocka_unit_test(base64_refusals),
        cmocka_unit_test(round_trips_at_each_edge),
        cmocka_unit_test(finds_the_blocks_of_a_label),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(prefixes_and_flips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
