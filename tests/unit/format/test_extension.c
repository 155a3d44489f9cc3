#include "parser_cases.h"

#include "format/extension.h"

static enum err parse(struct view in)
{
    struct reader r = rd_init(in);
    struct extension ext;
    const struct extension zero = {0};
    const enum err e = extension_next(&r, &ext);

    if (e != ERR_OK) {
        assert_memory_equal(&ext, &zero, sizeof ext);
        return e;
    }
    return rd_finish(&r);
}

static void reads_each_form(void **state)
{
    static const struct {
        const char *hex;
        enum err want;
    } rows[] = {
        {"300606022a030400", ERR_OK},
        {"300906022a030101ff0400", ERR_OK},
        {"300906022a030101000400", ERR_OK},
        {"300906022a030101010400", ERR_ENCODING},
        {"300606022a830400", ERR_ENCODING},
        {"300406022a03", ERR_TRUNCATED},
        {"300606022a030500", ERR_TAG},
        {"300806022a0304000500", ERR_TRAILING},
        {"3000", ERR_TRUNCATED},
        {"", ERR_TRUNCATED},
        {"310606022a030400", ERR_TAG},
    };
    uint8_t buf[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view in = hex_bytes(rows[i].hex, buf, sizeof buf);

        assert_int_equal(parse_copy(parse, in.p, in.n), rows[i].want);
    }
}

static void prefixes_and_flips(void **state)
{
    uint8_t buf[32];
    const struct view good = hex_bytes("300b06022a030101ff04020500", buf, sizeof buf);

    (void)state;
    refuses_every_prefix_of(parse, good);
    refuses_a_byte_after(parse, good);
    (void)survives_every_flip_of(parse, good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(prefixes_and_flips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
