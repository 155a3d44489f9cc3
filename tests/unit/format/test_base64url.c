/* Base 64 as tokens have it (RFC 4648 5 and 10, RFC 7515 A.1): one text for the same bytes. */
#include "testing.h"

#include "format/base64url.h"

#include <string.h>

static enum err decode(const char *text, size_t cap, struct view *out)
{
    static uint8_t buf[64];

    return base64url_decode((struct view){(const uint8_t *)text, strlen(text)}, buf, cap, out);
}

static void texts_are_decoded(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"Zg", "f"},
        {"Zm8", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg", "foob"},
        {"Zm9vYmE", "fooba"},
        {"Zm9vYmFy", "foobar"},
        {"_-8", "\xff\xef"},
        {"-_-_", "\xfb\xff\xbf"},
        {"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
         "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}"},
    };
    struct view out;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(decode(cases[i][0], 64, &out), ERR_OK);
        assert_int_equal(out.n, strlen(cases[i][1]));
        if (out.n > 0) {
            assert_memory_equal(out.p, cases[i][1], out.n);
        }
    }
}

static void others_are_refused(void **state)
{
    static const char *const bad[] = {
        "Z",   "A",    "Zm9vA", "Zg==", "Zm8=",   "Zm9vY", "Zh",
        "Zm9", "Zm9+", "Zm9/",  "Zm 9", "Zm9v\n", "Zm9.",  "\xc3\xa4zz"};
    struct view out;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(decode(bad[i], 64, &out), ERR_ENCODING);
        assert_int_equal(out.n, 0);
    }
    assert_int_equal(decode("Zm9v", 2, &out), ERR_NOSPACE);
    assert_int_equal(out.n, 0);
    assert_int_equal(decode("Zm9v", 3, &out), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_decoded),
        cmocka_unit_test(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
