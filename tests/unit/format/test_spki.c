#include "parser_cases.h"

#include "format/spki.h"

static const uint8_t p384[] = {0x30, 0x18, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48,
                               0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
                               0x00, 0x22, 0x03, 0x04, 0x00, 0x04, 0x01, 0x02};

static enum err parse(struct view in)
{
    static const struct spki zero;
    struct spki s;
    const enum err e = spki_parse(in, &s);

    if (e != ERR_OK) {
        assert_memory_equal(&s, &zero, sizeof s);
    }
    return e;
}

static void reads_a_key(void **state)
{
    const struct view in = {p384, sizeof p384};
    const struct mldsa_params *params = &mldsa_65;
    struct spki s;

    (void)state;
    assert_int_equal(spki_parse(in, &s), ERR_OK);
    assert_true(oid_find(s.alg.oid) == OID_EC_PUBLIC_KEY && s.alg.params.n == 7);
    assert_true(view_equal(s.key, (struct view){p384 + 23, 3}));
    assert_int_equal(spki_ml_dsa(&s, &params), ERR_BAD_ALG);
    assert_null(params);
}

static void refuses_the_rest(void **state)
{
    uint8_t bytes[sizeof p384 + 2] = {0};
    const struct view longer = {bytes, sizeof bytes};

    (void)state;
    refuses_a_byte_after(parse, (struct view){p384, sizeof p384});
    for (size_t n = 0; n < sizeof p384; n++) {
        assert_int_not_equal(parse((struct view){p384, n}), ERR_OK);
    }
    memcpy(bytes, p384, sizeof p384);
    bytes[1] = 0x1a; /* another element */
    bytes[sizeof p384] = DER_NULL;
    assert_int_equal(parse(longer), ERR_TRAILING);
    bytes[1] = 0x18;
    bytes[22] = 1; /* unused bits */
    assert_int_equal(parse((struct view){bytes, sizeof p384}), ERR_ENCODING);
    bytes[22] = 0;
    bytes[20] = DER_OCTETS;
    assert_int_equal(parse((struct view){bytes, sizeof p384}), ERR_TAG);
    bytes[20] = DER_BIT_STRING;
    bytes[21] = 3;
    bytes[1]--;
    assert_int_equal(parse((struct view){bytes, sizeof p384 - 1}), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_key),
        cmocka_unit_test(refuses_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
