#include "testing.h"

#include "base/hex.h"
#include "format/multiple_signatures.h"
#include "format/oid.h"

#include <string.h>

#define SHA384 "300b0609608648016503040202"
#define SHA512 "300b0609608648016503040203"
#define ECDSA "300a06082a8648ce3d040303"
#define H4 "040411223344"

#define LINK "302e" SHA512 ECDSA "3013" SHA384 H4
#define TYPE "060b2a864886f70d0109100233"

static struct view bytes_of(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;

    assert_int_equal(hex_parse(hex, out, cap, &n), ERR_OK);
    return (struct view){out, n};
}

static void bodies_are_read(void **state)
{
    static const struct {
        const char *hex;
        enum err e;
    } rows[] = {
        {LINK "00", ERR_TRAILING},
        {"3030" SHA512 ECDSA "3015" SHA384 H4 "0500", ERR_TRAILING},
        {"3030" SHA512 ECDSA "3013" SHA384 H4 "0500", ERR_TAG},
        {"3034" SHA512 ECDSA "3013" SHA384 H4 "30020400"
         "0500",
         ERR_TRAILING},
        {"3028" SHA512 ECDSA "300d" SHA384, ERR_TRUNCATED},
        {"3019" SHA512 ECDSA, ERR_TRUNCATED},
        {"302e" SHA512 ECDSA, ERR_TRUNCATED},
        {"3021" ECDSA "3013" SHA384 H4, ERR_TAG},
        {"0500", ERR_TAG},
        {"", ERR_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[256];
        struct multiple_signatures m;
        const enum err e =
            multiple_signatures_parse(bytes_of(rows[i].hex, buf, sizeof buf), &m);

        if (e != rows[i].e) {
            fail_msg("row %zu: %s", i, err_name(e));
        }
        assert_int_equal(m.hash.n + m.cert.n + m.sign_alg.oid.n, 0);
    }
}

static void what_is_written_is_read(void **state)
{
    static const uint8_t hash[] = {0x11, 0x22, 0x33, 0x44};
    static const uint8_t cert[] = {0x30, 0x02, 0x04, 0x00};
    const struct multiple_signatures in = {
        .body_hash_alg = {.oid = oid_body(OID_SHA512)},
        .sign_alg = {.oid = oid_body(OID_ECDSA_SHA384)},
        .hash_alg = {.oid = oid_body(OID_SHA384)},
        .hash = {hash, sizeof hash},
        .cert = {cert, sizeof cert},
    };
    struct multiple_signatures out;
    uint8_t buf[256];
    uint8_t want[256];
    struct writer w = wr_init(buf, sizeof buf);
    struct view der;

    (void)state;
    multiple_signatures_write(&w, &in);
    assert_int_equal(wr_finish(&w, &der), ERR_OK);
    assert_true(view_equal(
        der, bytes_of("3032" SHA512 ECDSA "3013" SHA384 H4 "30020400", want, sizeof want)));
    assert_int_equal(multiple_signatures_parse(der, &out), ERR_OK);
    assert_true(view_equal(out.hash, in.hash));
    assert_true(view_equal(out.cert, in.cert));
    assert_true(view_equal(out.body_hash_alg.oid, in.body_hash_alg.oid));
    assert_true(view_equal(out.sign_alg.oid, in.sign_alg.oid));
    assert_true(view_equal(out.hash_alg.oid, in.hash_alg.oid));
}

/* An attribute with these values. */
static void attribute(struct writer *w, const char *values)
{
    uint8_t buf[512];
    const size_t attr = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(OID_MULTIPLE_SIGNATURES));
    der_write(w, DER_SET, bytes_of(values, buf, sizeof buf));
    der_end(w, attr);
}

#define OTHER_ATTR "300906032a03043102050a"

static void it_is_found_once(void **state)
{
    static const struct {
        const char *values[2];
        enum err e;
    } rows[] = {
        {{LINK, NULL}, ERR_OK},    {{NULL, NULL}, ERR_EXTENSION},
        {{LINK, LINK}, ERR_RANGE}, {{LINK LINK, NULL}, ERR_RANGE},
        {{"", NULL}, ERR_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[512];
        struct writer w = wr_init(buf, sizeof buf);
        const size_t set = der_begin(&w, DER_CONTEXT_0);
        struct view attrs;
        struct view value;

        for (size_t k = 0; k < 2 && rows[i].values[k] != NULL; k++) {
            attribute(&w, rows[i].values[k]);
        }
        der_end(&w, set);
        assert_int_equal(wr_finish(&w, &attrs), ERR_OK);
        assert_int_equal(multiple_signatures_find(attrs, &value), rows[i].e);
        assert_int_equal(value.n > 0, rows[i].e == ERR_OK);
    }
}

/* RFC 5752 4.4.1: the hash has no bytes, the lengths around it are those of that, and the order
 * is that of the shorter attribute. */
static void the_blank_has_no_hash(void **state)
{
    static const char other[] =
        "303b06032a030431340432"
        "0000000000000000000000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000";
    uint8_t buf[512];
    uint8_t out[512];
    uint8_t want[512];
    struct writer w = wr_init(buf, sizeof buf);
    const size_t set = der_begin(&w, DER_CONTEXT_0);
    struct view attrs;
    struct view blank;
    uint8_t other_bytes[128];

    (void)state;
    wr_view(&w, bytes_of(other, other_bytes, sizeof other_bytes)); /* 61 bytes */
    attribute(&w, LINK);                                           /* 65 bytes, blanked 61 */
    der_end(&w, set);
    assert_int_equal(wr_finish(&w, &attrs), ERR_OK);
    w = wr_init(out, sizeof out);
    assert_int_equal(multiple_signatures_blank(&w, attrs), ERR_OK);
    assert_int_equal(wr_finish(&w, &blank), ERR_OK);
    assert_int_equal(blank.n, attrs.n - 4);
    assert_int_equal(blank.p[0], 0x31);
    /* equal lengths now, and 06 03 stands before 06 0b */
    assert_true(
        view_equal(blank, bytes_of("317a"
                                   "303b06032a030431340432"
                                   "00000000000000000000000000000000000000000000000000"
                                   "00000000000000000000000000000000000000000000000000"
                                   "303b" TYPE "312c302a" SHA512 ECDSA "300f" SHA384 "0400",
                                   want, sizeof want)));
}

static void nothing_is_blanked_without_it(void **state)
{
    static const uint8_t attrs[] = {0xa0, 0x00};
    uint8_t out[16];
    struct writer w = wr_init(out, sizeof out);

    (void)state;
    assert_int_equal(multiple_signatures_blank(&w, (struct view){attrs, sizeof attrs}),
                     ERR_EXTENSION);
    assert_int_equal(w.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_read),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(it_is_found_once),
        cmocka_unit_test(the_blank_has_no_hash),
        cmocka_unit_test(nothing_is_blanked_without_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
