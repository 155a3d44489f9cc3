#include "testing.h"

#include "host/front/sigstore_req.h"

#include <string.h>

#define HASH32 "\"artifactHash\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\""
#define ALG "\"hashAlgorithm\":\"sha256\""

static enum err parse(const char *text, struct sigstore_req *out)
{
    return sigstore_req_parse((struct view){(const uint8_t *)text, strlen(text)}, out);
}

static void reads_all(void **state)
{
    static const uint8_t oid[] = {0x2a, 0x03, 0x04};
    struct sigstore_req s;

    (void)state;
    assert_int_equal(parse("{" HASH32 "," ALG ",\"nonce\":300,\"certificates\":true,"
                           "\"tsaPolicyOID\":\"1.2.3.4\"}",
                           &s),
                     ERR_OK);
    assert_int_equal(s.req.imprint.alg, HASH_SHA256);
    assert_int_equal(s.req.imprint.digest.n, 32);
    assert_int_equal(s.req.imprint.digest.p[31], 31);
    assert_int_equal(s.req.nonce.n, 2);
    assert_memory_equal(s.req.nonce.p, "\x01\x2c", 2);
    assert_true(s.req.cert_req);
    assert_int_equal(s.req.policy.n, 3);
    assert_memory_equal(s.req.policy.p, oid, 3);
    assert_int_equal(parse("{" HASH32 "," ALG "}", &s), ERR_OK);
    assert_true(s.req.nonce.n == 0 && s.req.policy.n == 0 && !s.req.cert_req);
    assert_int_equal(parse("{" HASH32 "," ALG ",\"tsaPolicyOID\":\"\"}", &s), ERR_OK);
    assert_true(s.req.policy.n == 0);
}

/* Nonces beyond 64 bits, which sigstore's clients send and jansson cannot hold. */
static void reads_long_nonces(void **state)
{
    static const uint8_t two_64[] = {1, 0, 0, 0, 0, 0, 0, 0, 0};
    char text[512] = "{" HASH32 "," ALG ",\"nonce\" : 18446744073709551616 }";
    struct sigstore_req s;

    (void)state;
    assert_int_equal(parse(text, &s), ERR_OK);
    assert_int_equal(s.req.nonce.n, sizeof two_64);
    assert_memory_equal(s.req.nonce.p, two_64, sizeof two_64);
    assert_int_equal(parse("{\"nonce\":9223372036854775808," HASH32 "," ALG "}", &s), ERR_OK);
    assert_int_equal(s.req.nonce.n, 9);
    assert_memory_equal(s.req.nonce.p, "\0\x80\0\0\0\0\0\0\0", 9);
    for (size_t digits = 153; digits <= 155; digits++) {
        const size_t at = strlen("{" HASH32 "," ALG ",\"nonce\":");

        (void)strcpy(text, "{" HASH32 "," ALG ",\"nonce\":");
        memset(text + at, '9', digits);
        (void)strcpy(text + at + digits, "}");
        assert_int_equal(parse(text, &s), digits <= 154 ? ERR_OK : ERR_RANGE);
    }
    /* No integer, and no nonce of the outermost object. */
    assert_int_equal(parse("{\"nonce\":92233720368547758080.0," HASH32 "," ALG "}", &s),
                     ERR_ENCODING);
    assert_int_equal(parse("{\"nonce\":92233720368547758080x," HASH32 "," ALG "}", &s),
                     ERR_ENCODING);
    assert_int_equal(parse("{\"a\":{\"nonce\":92233720368547758080}," HASH32 "," ALG "}", &s),
                     ERR_ENCODING);
    assert_int_equal(
        parse("{\"nonce\":92233720368547758080,\"nonce\":1," HASH32 "," ALG "}", &s),
        ERR_ENCODING);
}

/* DER wants the shortest two's complement. */
static void encodes_nonces(void **state)
{
    static const struct {
        const char *text;
        const char *bytes;
        size_t n;
    } rows[] = {
        {"0", "\x00", 1},
        {"127", "\x7f", 1},
        {"128", "\x00\x80", 2},
        {"-1", "\xff", 1},
        {"-128", "\x80", 1},
        {"-129", "\xff\x7f", 2},
        {"9223372036854775807", "\x7f\xff\xff\xff\xff\xff\xff\xff", 8},
        {"-9223372036854775808", "\x80\0\0\0\0\0\0\0", 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256] = "{" HASH32 "," ALG ",\"nonce\":";
        struct sigstore_req s;

        strcat(text, rows[i].text);
        strcat(text, "}");
        assert_int_equal(parse(text, &s), ERR_OK);
        assert_int_equal(s.req.nonce.n, rows[i].n);
        assert_memory_equal(s.req.nonce.p, rows[i].bytes, rows[i].n);
    }
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        enum err want;
    } rows[] = {
        {"", ERR_ENCODING},
        {"[]", ERR_ENCODING},
        {"{}", ERR_ENCODING},
        {"{" HASH32 "}", ERR_ENCODING},
        {"{" ALG "}", ERR_ENCODING},
        {"{" HASH32 "," ALG "} x", ERR_ENCODING},
        {"{" HASH32 "," ALG "," ALG "}", ERR_ENCODING},
        {"{" HASH32 "," ALG ",\"other\":1}", ERR_ENCODING},
        {"{" HASH32 "," ALG ",\"nonce\":1.5}", ERR_ENCODING},
        {"{" HASH32 "," ALG ",\"nonce\":\"1\"}", ERR_ENCODING},
        {"{" HASH32 "," ALG ",\"certificates\":1}", ERR_ENCODING},
        {"{" HASH32 "," ALG ",\"tsaPolicyOID\":\"x\"}", ERR_ENCODING},
        {"{" HASH32 "," ALG ",\"tsaPolicyOID\":\"1.2.99999999999999999999999\"}", ERR_ENCODING},
        {"{" HASH32 "," ALG ",\"tsaPolicyOID\":7}", ERR_ENCODING},
        {"{" HASH32 ",\"hashAlgorithm\":\"md5\"}", ERR_BAD_ALG},
        {"{" HASH32 ",\"hashAlgorithm\":7}", ERR_ENCODING},
        {"{" HASH32 ",\"hashAlgorithm\":\"sha512\"}", ERR_LENGTH},
        {"{\"artifactHash\":\"!\"," ALG "}", ERR_ENCODING},
        {"{\"artifactHash\":\"\"," ALG "}", ERR_LENGTH},
        {"{\"artifactHash\":\"AAAA\"," ALG "}", ERR_LENGTH},
        {"{" HASH32 "," ALG
         ",\"tsaPolicyOID\":\"1.2.268435455.268435455.268435455.268435455.268435455.268435455."
         "268435455.268435455.268435455\"}",
         ERR_POLICY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sigstore_req s;
        const struct sigstore_req zero = {0};
        const enum err e = parse(rows[i].text, &s);

        if (e != rows[i].want) {
            fail_msg("row %zu: %s", i, err_name(e));
        }
        assert_memory_equal(&s, &zero, sizeof s);
    }
}

/* Long, and as deep as it can be. */
static void knows_its_limits(void **state)
{
    static char text[SIGSTORE_REQ_MAX + 2];
    struct sigstore_req s;

    (void)state;
    memset(text, '[', SIGSTORE_REQ_MAX);
    assert_int_equal(parse(text, &s), ERR_ENCODING);
    memset(text, ' ', SIGSTORE_REQ_MAX);
    memcpy(text, "{" HASH32 "," ALG "}", strlen("{" HASH32 "," ALG "}"));
    assert_int_equal(parse(text, &s), ERR_OK);
    text[SIGSTORE_REQ_MAX] = ' ';
    assert_int_equal(parse(text, &s), ERR_NOSPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all),         cmocka_unit_test(encodes_nonces),
        cmocka_unit_test(reads_long_nonces), cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(knows_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
