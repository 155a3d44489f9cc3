/* Tokens: by RS256 and nothing else, of the issuer that is expected, at their time. */
#include "maa_kit.h"

#define PAYLOAD \
    "{\"iss\":\"" MAA_KIT_ISSUER "\",\"iat\":1000,\"nbf\":1001,\"exp\":2000,\"a\":1}"
#define AT_S 1500

static const struct view issuer = {(const uint8_t *)MAA_KIT_ISSUER, sizeof MAA_KIT_ISSUER - 1};

static struct maa_keys keys;
static char token[MAA_KIT_MAX];
static char keys_text[AZURE_KIT_TEXT_MAX];

static int setup(void **state)
{
    (void)state;
    maa_kit_keys_of(maa_kit_keys(azure_kit_ak_pem, keys_text), &keys);
    return 0;
}

static enum attest_fault verify_at(struct view v, struct view iss, int64_t at_s)
{
    static const struct maa_token zero;
    static struct maa_token t;
    uint8_t *const copy = malloc(v.n > 0 ? v.n : 1);

    assert_non_null(copy);
    memcpy(copy, v.p, v.n);
    const enum attest_fault f =
        maa_token_verify((struct view){copy, v.n}, &keys, iss, at_s, &t);

    free(copy);
    if (f != ATTEST_OK) {
        assert_memory_equal(&t, &zero, sizeof t);
    } else {
        assert_true(t.issued_s == 1000 && t.from_s == 1001 && t.until_s == 2000);
        assert_int_equal(t.claims.type, JSON_TYPE_OBJECT);
    }
    return f;
}

static enum attest_fault of(const char *header, const char *payload)
{
    return verify_at(maa_kit_token(header, payload, azure_kit_ak_pem, RSA_2048_LEN, token),
                     issuer, AT_S);
}

static void good_tokens_are_read(void **state)
{
    (void)state;
    assert_int_equal(of(maa_kit_header, PAYLOAD), ATTEST_OK);
    assert_int_equal(of("{\"kid\":\"one\",\"alg\":\"RS256\"}", PAYLOAD), ATTEST_OK);
    assert_int_equal(of("{\"kid\":\"o\\u006ee\",\"alg\":\"RS256\"}", PAYLOAD), ATTEST_OK);
}

/* No other algorithm, whatever the key. */
static void algorithms_are_one(void **state)
{
    static const char *const bad[] = {"none",  "None",  "HS256", "RS384",  "RS512",
                                      "PS256", "ES256", "rs256", "RS256 ", ""};
    char header[128];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)snprintf(header, sizeof header, "{\"alg\":\"%s\",\"kid\":\"one\"}", bad[i]);
        assert_int_equal(of(header, PAYLOAD), ATTEST_MAA_ALGORITHM);
        assert_int_equal(
            verify_at(maa_kit_token(header, PAYLOAD, azure_kit_ak_pem, 0, token), issuer, AT_S),
            ATTEST_MAA_ALGORITHM);
    }
    assert_int_equal(of("{\"kid\":\"one\"}", PAYLOAD), ATTEST_MAA_ALGORITHM);
    assert_int_equal(of("{\"kid\":\"one\",\"alg\":256}", PAYLOAD), ATTEST_MAA_ALGORITHM);
    /* a signature by PSS is none */
    struct view v = maa_kit_token(maa_kit_header, PAYLOAD, azure_kit_ak_pem, 0, token);
    uint8_t sig[RSA_2048_LEN];

    azure_kit_sign(azure_kit_ak_pem, (struct view){v.p, v.n - 1}, 32, sig);
    azure_kit_base64url((struct view){sig, sizeof sig}, token + v.n);
    v.n += strlen(token + v.n);
    assert_int_equal(verify_at(v, issuer, AT_S), ATTEST_MAA_SIGNATURE);
}

static void headers_are_checked(void **state)
{
    (void)state;
    assert_int_equal(of("[]", PAYLOAD), ATTEST_MAA_HEADER);
    assert_int_equal(of("", PAYLOAD), ATTEST_MAA_HEADER);
    assert_int_equal(of("{\"alg\":\"RS256\",\"kid\":\"one\",\"alg\":\"RS256\"}", PAYLOAD),
                     ATTEST_MAA_HEADER);
    assert_int_equal(of("{\"alg\":\"RS256\",\"kid\":\"one\",\"crit\":[]}", PAYLOAD),
                     ATTEST_MAA_HEADER);
    assert_int_equal(of("{\"alg\":\"RS256\",\"kid\":\"one\",\"typ\":\"JOSE\"}", PAYLOAD),
                     ATTEST_MAA_HEADER);
    assert_int_equal(of("{\"alg\":\"RS256\",\"kid\":\"two\"}", PAYLOAD), ATTEST_MAA_KID);
    assert_int_equal(of("{\"alg\":\"RS256\",\"kid\":7}", PAYLOAD), ATTEST_MAA_KID);
    assert_int_equal(of("{\"alg\":\"RS256\"}", PAYLOAD), ATTEST_MAA_KID);
}

static void claims_are_checked(void **state)
{
    static const struct {
        const char *payload;
        enum attest_fault f;
    } cases[] = {
        {"[]", ATTEST_MAA_CLAIMS},
        {"{", ATTEST_MAA_CLAIMS},
        {"{\"iat\":1000,\"nbf\":1001,\"exp\":2000}", ATTEST_MAA_CLAIMS},
        {"{\"iss\":\"" MAA_KIT_ISSUER "\",\"nbf\":1001,\"exp\":2000}", ATTEST_MAA_CLAIMS},
        {"{\"iss\":\"" MAA_KIT_ISSUER "\",\"iat\":1000,\"exp\":2000}", ATTEST_MAA_CLAIMS},
        {"{\"iss\":\"" MAA_KIT_ISSUER "\",\"iat\":1000,\"nbf\":1001}", ATTEST_MAA_CLAIMS},
        {"{\"iss\":\"" MAA_KIT_ISSUER "\",\"iat\":\"1000\",\"nbf\":1001,\"exp\":2000}",
         ATTEST_MAA_CLAIMS},
        {"{\"iss\":\"" MAA_KIT_ISSUER "\",\"iat\":1000,\"nbf\":1001,\"exp\":2e3}",
         ATTEST_MAA_CLAIMS},
        {"{\"iss\":\"" MAA_KIT_ISSUER "/\",\"iat\":1000,\"nbf\":1001,\"exp\":2000}",
         ATTEST_MAA_ISSUER},
        {"{\"iss\":\"https://maa.exampl\",\"iat\":1000,\"nbf\":1001,\"exp\":2000}",
         ATTEST_MAA_ISSUER},
        {"{\"iss\":[],\"iat\":1000,\"nbf\":1001,\"exp\":2000}", ATTEST_MAA_ISSUER},
        {"{\"iss\":\"" MAA_KIT_ISSUER "\",\"iat\":1501,\"nbf\":1001,\"exp\":2000}",
         ATTEST_MAA_TIME},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum attest_fault f = of(maa_kit_header, cases[i].payload);

        if (f != cases[i].f) {
            fail_msg("%s: %s", cases[i].payload, attest_fault_name(f));
        }
    }
    const struct view v =
        maa_kit_token(maa_kit_header, PAYLOAD, azure_kit_ak_pem, RSA_2048_LEN, token);

    assert_int_equal(verify_at(v, issuer, 1000), ATTEST_MAA_TIME);
    assert_int_equal(verify_at(v, issuer, 1001), ATTEST_OK);
    assert_int_equal(verify_at(v, issuer, 1999), ATTEST_OK);
    assert_int_equal(verify_at(v, issuer, 2000), ATTEST_MAA_TIME);
    assert_int_equal(verify_at(v, (struct view){NULL, 0}, AT_S), ATTEST_MAA_ISSUER);
    assert_int_equal(
        verify_at(maa_kit_token(maa_kit_header,
                                "{\"iss\":\"\",\"iat\":1000,\"nbf\":1001,\"exp\":2000}",
                                azure_kit_ak_pem, RSA_2048_LEN, token),
                  (struct view){NULL, 0}, AT_S),
        ATTEST_MAA_ISSUER);
}

static void signatures_are_verified(void **state)
{
    struct view v =
        maa_kit_token(maa_kit_header, PAYLOAD, azure_kit_other_pem, RSA_2048_LEN, token);

    (void)state;
    assert_int_equal(verify_at(v, issuer, AT_S), ATTEST_MAA_SIGNATURE);
    v = maa_kit_token(maa_kit_header, PAYLOAD, azure_kit_ak_pem, 0, token);
    assert_int_equal(verify_at(v, issuer, AT_S), ATTEST_MAA_SIGNATURE);
    v = maa_kit_token(maa_kit_header, PAYLOAD, azure_kit_ak_pem, 255, token);
    assert_int_equal(verify_at(v, issuer, AT_S), ATTEST_MAA_SIGNATURE);
    v = maa_kit_token(maa_kit_header, PAYLOAD, azure_kit_ak_pem, RSA_2048_LEN, token);
    for (size_t i = 0; i < v.n; i++) {
        const char was = token[i];

        token[i] = was == 'A' ? 'B' : 'A';
        assert_int_not_equal(verify_at(v, issuer, AT_S), ATTEST_OK);
        token[i] = was;
    }
    for (size_t n = 0; n < v.n; n++) {
        assert_int_not_equal(verify_at((struct view){v.p, n}, issuer, AT_S), ATTEST_OK);
    }
}

/* Without its last byte it is none, and would be one where memory behind it has that byte: as
 * compilers fill variables with zeros, or 0xaa. */
static void signatures_are_whole(void **state)
{
    static const struct {
        const char *claim, *end; /* in base64url: of 256 bytes the last one */
    } cases[] = {{"18", "AA"}, {"565", "qg"}};
    char payload[128];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(payload, sizeof payload, "%.*s%s}", (int)sizeof PAYLOAD - 3, PAYLOAD,
                       cases[i].claim);
        const struct view v =
            maa_kit_token(maa_kit_header, payload, azure_kit_ak_pem, RSA_2048_LEN, token);

        assert_memory_equal(v.p + v.n - 2, cases[i].end, 2);
        assert_int_equal(verify_at(v, issuer, AT_S), ATTEST_OK);
        assert_int_equal(verify_at(maa_kit_token(maa_kit_header, payload, azure_kit_ak_pem,
                                                 RSA_2048_LEN - 1, token),
                                   issuer, AT_S),
                         ATTEST_MAA_SIGNATURE);
    }
}

/* Signed as it stands, and no base64url. */
static void payloads_are_of_digits(void **state)
{
    uint8_t sig[RSA_2048_LEN];
    size_t n = 0;

    (void)state;
    azure_kit_base64url(
        (struct view){(const uint8_t *)maa_kit_header, sizeof maa_kit_header - 1}, token);
    n = strlen(token);
    memcpy(token + n, ".+", 2);
    n += 2;
    azure_kit_sign(azure_kit_ak_pem, (struct view){(const uint8_t *)token, n}, 0, sig);
    token[n++] = '.';
    azure_kit_base64url((struct view){sig, sizeof sig}, token + n);
    n += strlen(token + n);
    assert_int_equal(verify_at((struct view){(const uint8_t *)token, n}, issuer, AT_S),
                     ATTEST_MAA_FORM);
}

static void forms_are_strict(void **state)
{
    static char payload[MAA_KIT_MAX];
    struct view v =
        maa_kit_token(maa_kit_header, PAYLOAD, azure_kit_ak_pem, RSA_2048_LEN, token);
    char longer[MAA_HEADER_MAX + 64] = "{\"kid\":\"one\",\"alg\":\"RS256\",\"x\":\"";

    (void)state;
    token[v.n] = '\n';
    assert_int_equal(verify_at((struct view){v.p, v.n + 1}, issuer, AT_S),
                     ATTEST_MAA_SIGNATURE);
    token[v.n] = '.';
    assert_int_equal(verify_at((struct view){v.p, v.n + 1}, issuer, AT_S),
                     ATTEST_MAA_SIGNATURE);
    token[0] = '+';
    assert_int_equal(verify_at(v, issuer, AT_S), ATTEST_MAA_FORM);
    assert_int_equal(verify_at((struct view){(const uint8_t *)"..", 2}, issuer, AT_S),
                     ATTEST_MAA_HEADER);
    assert_int_equal(verify_at((struct view){(const uint8_t *)".", 1}, issuer, AT_S),
                     ATTEST_MAA_FORM);
    memset(longer + strlen(longer), 'x', MAA_HEADER_MAX - 2 - strlen(longer));
    memcpy(longer + MAA_HEADER_MAX - 2, "\"}", 3);
    assert_int_equal(of(longer, PAYLOAD), ATTEST_OK);
    memcpy(longer + MAA_HEADER_MAX - 2, "x\"}", 4);
    assert_int_equal(of(longer, PAYLOAD), ATTEST_MAA_FORM);
    memset(payload, ' ', MAA_CLAIMS_MAX);
    memcpy(payload, PAYLOAD, sizeof PAYLOAD - 1);
    payload[MAA_CLAIMS_MAX - 400] = '\0'; /* so that all of it fits */
    assert_int_equal(of(maa_kit_header, payload), ATTEST_OK);
    payload[MAA_CLAIMS_MAX - 400] = ' ';
    payload[MAA_CLAIMS_MAX] = '\0';
    assert_int_equal(of("{\"alg\":\"RS256\",\"kid\":\"one\"}", payload), ATTEST_MAA_FORM);
    memset(payload, ' ', MAA_CLAIMS_MAX + 1);
    payload[MAA_CLAIMS_MAX + 1] = '\0';
    assert_int_equal(of("{}", payload), ATTEST_MAA_FORM);
}

/* ---- key sets ---- */

static enum attest_fault set_of(const char *text)
{
    static const struct maa_keys zero;
    struct maa_keys k;
    const enum attest_fault f =
        maa_keys_parse((struct view){(const uint8_t *)text, strlen(text)}, &k);

    if (f != ATTEST_OK) {
        assert_memory_equal(&k, &zero, sizeof zero);
    }
    return f;
}

static void sets_are_read(void **state)
{
    static char text[2 * AZURE_KIT_TEXT_MAX];
    uint8_t modulus[RSA_2048_LEN];
    char n[2 * RSA_2048_LEN];
    size_t len = 0;

    (void)state;
    assert_int_equal(keys.n, 1);
    azure_kit_modulus(azure_kit_ak_pem, modulus);
    assert_memory_equal(keys.keys[0].modulus, modulus, sizeof modulus);
    assert_int_equal(set_of("{\"keys\":[]}"), ATTEST_MAA_KEYS);
    assert_int_equal(set_of("{\"keys\":{}}"), ATTEST_MAA_KEYS);
    assert_int_equal(set_of("[]"), ATTEST_MAA_KEYS);
    assert_int_equal(set_of("{\"keys\":[{\"kid\":\"a\",\"kty\":\"EC\"}]}"), ATTEST_MAA_KEYS);
    static const char *const useless[] = {"\"n\":\"AA\"",    "\"x5c\":7",
                                          "\"x5c\":[]",      "\"x5c\":[7]",
                                          "\"x5c\":[\"!\"]", "\"x5c\":[\"MAA=\"]"};

    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
        (void)snprintf(text, sizeof text,
                       "{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"e\":\"AQAB\",%s}]}",
                       useless[i]);
        assert_int_equal(set_of(text), ATTEST_MAA_KEYS);
    }
    azure_kit_base64url((struct view){modulus, sizeof modulus}, n);
    (void)snprintf(
        text, sizeof text,
        "{\"keys\":{\"a\":{\"kid\":\"a\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}}}", n);
    assert_int_equal(set_of(text), ATTEST_MAA_KEYS); /* an object in the place of the list */
    for (int wanted = 1; wanted <= MAA_KEYS_MAX + 1; wanted++) {
        len = (size_t)snprintf(text, sizeof text, "{\"keys\":[");
        for (int i = 0; i < wanted; i++) {
            len += (size_t)snprintf(
                text + len, sizeof text - len,
                "%s{\"kid\":\"%d\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}",
                i == 0 ? "" : ",", i, n);
        }
        (void)snprintf(text + len, sizeof text - len, "]}");
        assert_int_equal(set_of(text), wanted <= MAA_KEYS_MAX ? ATTEST_OK : ATTEST_MAA_KEYS);
    }
    static const char *const firsts[] = {
        "{\"kid\":\"one\",\"kty\":\"EC\"}", /* the name of a key that is of no use is free */
        "{\"kid\":\"\"}", "{\"kid\":7}", "{\"kty\":\"RSA\"}", "7"};

    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        (void)snprintf(text, sizeof text, "{\"keys\":[%s,%s", firsts[i],
                       strchr(keys_text, '[') + 1);
        assert_int_equal(set_of(text), i == 0 ? ATTEST_OK : ATTEST_MAA_KEYS);
    }
    (void)snprintf(
        text, sizeof text,
        "{\"keys\":[{\"kid\":\"one\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"},%s", n,
        strchr(keys_text, '[') + 1);
    assert_int_equal(set_of(text), ATTEST_MAA_KEYS); /* two of one name */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_tokens_are_read),    cmocka_unit_test(algorithms_are_one),
        cmocka_unit_test(headers_are_checked),     cmocka_unit_test(claims_are_checked),
        cmocka_unit_test(signatures_are_verified), cmocka_unit_test(forms_are_strict),
        cmocka_unit_test(sets_are_read),           cmocka_unit_test(signatures_are_whole),
        cmocka_unit_test(payloads_are_of_digits),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
