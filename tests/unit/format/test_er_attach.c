#include "parser_cases.h"
#include "sample_token.h"

#include "format/cms_parse.h"
#include "format/er_attach.h"
#include "format/oid.h"
#include "format/tsp_resp.h"

#include <stdio.h>

static uint8_t out_bytes[131072];
static uint8_t cut_bytes[131072];

static enum err parse(struct view in)
{
    struct er_detached d;
    const enum err e = er_detach(in, cut_bytes, sizeof cut_bytes, &d);

    if (e != ERR_OK) {
        assert_null(d.data_object.p);
        assert_int_equal(d.record.n, 0);
    } else {
        assert_true(d.data_object.n > 0);
    }
    return e;
}

static struct view attach(struct view in, struct view record)
{
    struct writer w = wr_init(out_bytes, sizeof out_bytes);
    struct view got;

    assert_int_equal(er_attach(&w, in, record), ERR_OK);
    assert_int_equal(wr_finish(&w, &got), ERR_OK);
    return got;
}

/* An OCTET STRING of n bytes in all, standing for a record. */
static struct view record_of(size_t n, uint8_t *buf)
{
    struct writer w = wr_init(buf, n);
    static const uint8_t zeros[70000];
    struct view got;
    size_t body = n - 2;

    while (der_len(body) > n) {
        body--;
    }
    der_write(&w, DER_OCTETS, (struct view){zeros, body});
    assert_int_equal(wr_finish(&w, &got), ERR_OK);
    return got;
}

static void round_trips_at_each_length_edge(void **state)
{
    static const size_t sizes[] = {2,   60,  80,   100,  105,  110,   120,   127,   128,
                                   129, 200, 255,  256,  260,  300,   1000,  4730,  10000,
                                   258, 512, 1024, 2048, 4096, 65000, 65535, 65536, 66000};
    static uint8_t buf[70000];
    struct sample s;

    (void)state;
    sample_make(&s);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct view record = record_of(sizes[i], buf);
        struct view whole = attach(s.token, record);
        struct signed_data sd;
        struct er_detached d;

        assert_int_equal(cms_parse(whole, &sd), ERR_OK);
        assert_int_equal(sd.signer.unsigned_attrs.p[0], DER_CONTEXT_1);
        assert_true(whole.n <= s.token.n + record.n + ER_ATTACH_ROOM);
        assert_int_equal(er_detach(whole, cut_bytes, whole.n, &d), ERR_OK);
        assert_true(view_equal(d.data_object, s.token));
        assert_true(view_equal(d.record, record));

        whole = attach(s.resp, record);
        assert_int_equal(er_detach(whole, cut_bytes, whole.n, &d), ERR_OK);
        assert_true(view_equal(d.data_object, s.token));
        assert_true(view_equal(d.record, record));
    }
}

static void without_a_record_gives_the_token(void **state)
{
    struct sample s;
    struct er_detached d;

    (void)state;
    sample_make(&s);
    assert_int_equal(er_detach(s.token, NULL, 0, &d), ERR_OK);
    assert_true(view_equal(d.data_object, s.token));
    assert_int_equal(d.record.n, 0);
    assert_int_equal(er_detach(s.resp, NULL, 0, &d), ERR_OK);
    assert_true(view_equal(d.data_object, s.token));
}

static void golden_attribute(void **state)
{
    static const uint8_t attr[] = {0xa1, 0x13, 0x30, 0x11, 0x06, 0x0b, 0x2a,
                                   0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09,
                                   0x10, 0x02, 0x31, 0x31, 0x02, 0x05, 0x00};
    static const uint8_t record[] = {0x05, 0x00};
    struct sample s;
    struct signed_data sd;

    (void)state;
    sample_make(&s);
    assert_int_equal(cms_parse(attach(s.token, (struct view){record, 2}), &sd), ERR_OK);
    assert_true(view_equal(sd.signer.unsigned_attrs, (struct view){attr, sizeof attr}));
}

/* The sample with these bytes for unsignedAttrs: made with a record, which is then exchanged.
 */
static enum err detach_with(const char *attrs_hex)
{
    static uint8_t record_buf[512];
    static uint8_t copy[131072];
    static uint8_t marker[512];
    struct view attrs = hex_bytes(attrs_hex, marker, sizeof marker);
    struct sample s;
    struct view whole;
    struct signed_data sd;
    size_t at = 0;

    sample_make(&s);
    /* 19 bytes stand around the content of the attribute's one value */
    assert_true(attrs.n >= 21 && attrs.n < 128);
    whole = attach(s.token, record_of(attrs.n - 19, record_buf));
    memcpy(copy, whole.p, whole.n);
    assert_int_equal(cms_parse((struct view){copy, whole.n}, &sd), ERR_OK);
    assert_int_equal(sd.signer.unsigned_attrs.n, attrs.n);
    at = (size_t)(sd.signer.unsigned_attrs.p - copy);
    memcpy(copy + at, attrs.p, attrs.n);
    return parse_copy(parse, copy, whole.n);
}

#define ER_OID "060b2a864886f70d0109100231"
#define OTHER_OID "060b2a864886f70d0109100232"

static void refuses_other_attributes(void **state)
{
    (void)state;
    assert_int_equal(detach_with("a1133011" ER_OID "31020500"), ERR_OK);
    assert_int_equal(detach_with("a1133011" OTHER_OID "31020500"), ERR_OK);
    assert_int_equal(detach_with("a1153013" ER_OID "310405000500"), ERR_LENGTH);
    assert_int_equal(detach_with("a120300f" ER_OID "3100300d" OTHER_OID), ERR_LENGTH);
    assert_int_equal(detach_with("a1263011" ER_OID "310205003011" ER_OID "31020500"),
                     ERR_EXTENSION);
    assert_int_equal(detach_with("a1143012" ER_OID "3181020500"), ERR_ENCODING);
    assert_int_equal(detach_with("a1153080" ER_OID "310205000000"), ERR_ENCODING);
    assert_int_equal(detach_with("a18112"
                                 "3010" ER_OID "310105"),
                     ERR_ENCODING);
}

/* Foreign attributes stay, in place, whether before or after the record. */
static void other_attributes_stay(void **state)
{
    static const uint8_t other[] = {0x05, 0x00};
    static const uint8_t record[] = {0x02, 0x01, 0x07};
    static uint8_t first[4096];
    struct sample s;
    struct view whole;
    struct view with_other;
    struct er_detached d;

    (void)state;
    sample_make(&s);
    whole = attach(s.token, (struct view){other, sizeof other});
    memcpy(first, whole.p, whole.n);
    first[whole.n - 5] = 0x32; /* id-aa-er-external: not ours */
    with_other = (struct view){first, whole.n};
    whole = attach(with_other, (struct view){record, sizeof record});
    assert_int_equal(er_detach(whole, cut_bytes, sizeof cut_bytes, &d), ERR_OK);
    assert_true(view_equal(d.data_object, with_other));
    assert_true(view_equal(d.record, (struct view){record, sizeof record}));
}

static void refuses_to_attach(void **state)
{
    static const uint8_t record[] = {0x05, 0x00};
    static uint8_t copy[8192];
    uint8_t small[64];
    struct writer w = wr_init(small, sizeof small);
    struct sample s;
    struct view whole;
    struct view rejection;

    (void)state;
    sample_make(&s);
    whole = attach(s.token, (struct view){record, 2});
    memcpy(copy, whole.p, whole.n);
    assert_int_equal(er_attach(&w, (struct view){copy, whole.n}, (struct view){record, 2}),
                     ERR_EXTENSION);
    assert_int_equal(w.len, 0);
    assert_int_equal(er_attach(&w, s.token, (struct view){record, 2}), ERR_OK);
    assert_int_equal(wr_finish(&w, &rejection), ERR_NOSPACE);
    w = wr_init(small, sizeof small);
    tsp_resp_write_rejection(&w, FAIL_BAD_ALG, "");
    assert_int_equal(wr_finish(&w, &rejection), ERR_OK);
    assert_int_equal(parse(rejection), ERR_TRUNCATED);
}

static void prefixes_and_flips(void **state)
{
    static const uint8_t record[] = {0x05, 0x00};
    static uint8_t copy[8192];
    struct sample s;
    struct view whole;

    (void)state;
    sample_make(&s);
    whole = attach(s.resp, (struct view){record, 2});
    memcpy(copy, whole.p, whole.n);
    refuses_every_prefix_of(parse, (struct view){copy, whole.n});
    refuses_a_byte_after(parse, (struct view){copy, whole.n});
    (void)survives_every_flip_of(parse, (struct view){copy, whole.n});
    whole = attach(s.token, (struct view){record, 2});
    memcpy(copy, whole.p, whole.n);
    refuses_every_prefix_of(parse, (struct view){copy, whole.n});
    refuses_a_byte_after(parse, (struct view){copy, whole.n});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips_at_each_length_edge),
        cmocka_unit_test(without_a_record_gives_the_token),
        cmocka_unit_test(golden_attribute),
        cmocka_unit_test(refuses_other_attributes),
        cmocka_unit_test(other_attributes_stay),
        cmocka_unit_test(refuses_to_attach),
        cmocka_unit_test(prefixes_and_flips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
