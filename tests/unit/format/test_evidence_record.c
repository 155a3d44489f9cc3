#include "parser_cases.h"

#include "format/der.h"
#include "format/evidence_record.h"

#define V16(b) b b b b b b b b b b b b b b b b
#define V64(b) "0440" V16(b) V16(b) V16(b) V16(b)
#define SHA512_OID "0609608648016503040203"
#define SHA384_OID "0609608648016503040202"
#define HEAD "020101300d300b" SHA512_OID
#define ATS_ALG "a00b" SHA512_OID
#define STAMP "300f06092a864886f70d010702a0020500" /* id-signedData around a NULL */
#define ALONE "3036" HEAD "30223020301e" ATS_ALG STAMP

static struct view time_stamp(uint8_t *buf, size_t cap)
{
    return hex_bytes(STAMP, buf, cap);
}

static enum err parse(struct view in)
{
    const struct evidence_record zero = {0};
    struct evidence_record er;
    const enum err e = evidence_record_parse(in, &er);

    if (e != ERR_OK) {
        assert_memory_equal(&er, &zero, sizeof er);
    } else {
        assert_int_equal(er_path_check(&er.path), ERR_OK);
        assert_int_equal(er.time_stamp.p[0], 0x30);
    }
    return e;
}

/* A record around the parts of an ArchiveTimeStamp, each in hex. */
static enum err parse_parts(const char *head, const char *parts)
{
    uint8_t body[2048];
    uint8_t ats[2048];
    uint8_t out[4096];
    struct writer w = wr_init(out, sizeof out);
    const struct view h = hex_bytes(head, body, sizeof body);
    const struct view p = hex_bytes(parts, ats, sizeof ats);
    struct view whole;
    size_t marks[4];

    marks[0] = der_begin(&w, DER_SEQUENCE);
    wr_view(&w, h);
    for (size_t i = 1; i < 4; i++) {
        marks[i] = der_begin(&w, DER_SEQUENCE);
    }
    wr_view(&w, p);
    for (size_t i = 4; i > 0; i--) {
        der_end(&w, marks[i - 1]);
    }
    assert_int_equal(wr_finish(&w, &whole), ERR_OK);
    return parse_copy(parse, whole.p, whole.n);
}

static void writes_golden_bytes(void **state)
{
    uint8_t stamp[64];
    uint8_t out[256];
    uint8_t golden[256];
    struct writer w = wr_init(out, sizeof out);
    struct view got;
    struct evidence_record er;

    (void)state;
    assert_int_equal(
        evidence_record_write(&w, &(struct er_path){0}, time_stamp(stamp, sizeof stamp)),
        ERR_OK);
    assert_int_equal(wr_finish(&w, &got), ERR_OK);
    assert_true(view_equal(got, hex_bytes(ALONE, golden, sizeof golden)));
    assert_int_equal(evidence_record_parse(got, &er), ERR_OK);
    assert_true(er.has_digest_alg);
    assert_int_equal(er.path.n_first, 0);
    assert_true(view_equal(er.time_stamp, time_stamp(stamp, sizeof stamp)));
}

static void round_trips_every_depth(void **state)
{
    static uint8_t values[2 + ER_LATER_MAX][ER_HASH_LEN];
    static uint8_t out[4096];
    uint8_t stamp[64];
    struct er_path path = {.n_first = 2};

    (void)state;
    for (size_t i = 0; i < 2 + ER_LATER_MAX; i++) {
        memset(values[i], (int)i + 1, ER_HASH_LEN);
    }
    path.first[0] = (struct view){values[0], ER_HASH_LEN};
    path.first[1] = (struct view){values[1], ER_HASH_LEN};
    for (size_t n = 0; n <= ER_LATER_MAX; n++) {
        struct writer w = wr_init(out, sizeof out);
        struct view got;
        struct evidence_record er;

        path.n_later = n;
        if (n > 0) {
            path.later[n - 1] = (struct view){values[n + 1], ER_HASH_LEN};
        }
        assert_int_equal(evidence_record_write(&w, &path, time_stamp(stamp, sizeof stamp)),
                         ERR_OK);
        assert_int_equal(wr_finish(&w, &got), ERR_OK);
        assert_int_equal(evidence_record_parse(got, &er), ERR_OK);
        assert_int_equal(er.path.n_later, n);
        assert_true(view_equal(er.path.first[1], path.first[1]));
        assert_true(n == 0 || view_equal(er.path.later[n - 1], path.later[n - 1]));
        if (n == 2) {
            refuses_every_prefix_of(parse, got);
            refuses_a_byte_after(parse, got);
            (void)survives_every_flip_of(parse, got);
        }
    }
}

static void refuses_to_write(void **state)
{
    uint8_t a[ER_HASH_LEN] = {1};
    uint8_t b[ER_HASH_LEN] = {2};
    uint8_t out[1024];
    struct writer w = wr_init(out, sizeof out);
    struct er_path path = {.n_first = 2, .first = {{b, 64}, {a, 64}}};
    const struct view none = {NULL, 0};

    (void)state;
    assert_int_equal(evidence_record_write(&w, &path, none), ERR_RANGE); /* descending */
    path.first[0] = path.first[1];
    assert_int_equal(evidence_record_write(&w, &path, none), ERR_EVIDENCE);
    path.first[0].n = 32;
    assert_int_equal(evidence_record_write(&w, &path, none), ERR_LENGTH);
    path = (struct er_path){.n_first = 1, .n_later = 1, .first = {{a, 64}}, .later = {{b, 64}}};
    assert_int_equal(evidence_record_write(&w, &path, none), ERR_RANGE);
    assert_int_equal(w.len, 0);
}

static void refuses_each_form_by_name(void **state)
{
    static const struct {
        const char *head, *parts;
        enum err want;
    } rows[] = {
        {HEAD, ATS_ALG STAMP, ERR_OK},
        {HEAD, STAMP, ERR_OK}, /* digestAlgorithm absent */
        {"020102300d300b" SHA512_OID, STAMP, ERR_VERSION},
        {"020101300d300b" SHA384_OID, STAMP, ERR_BAD_ALG},
        {"020101300f300d" SHA512_OID "0500", STAMP, ERR_BAD_ALG},
        {"020101301a300b" SHA512_OID "300b" SHA512_OID, STAMP, ERR_BAD_ALG},
        {HEAD "a000", STAMP, ERR_EXTENSION},
        {HEAD "a100", STAMP, ERR_EXTENSION},
        {HEAD, "a00b" SHA384_OID STAMP, ERR_MISMATCH},
        {HEAD, ATS_ALG "a100" STAMP, ERR_EXTENSION},
        {HEAD, ATS_ALG "a200" STAMP, ERR_RANGE},
        {HEAD, ATS_ALG "a2023000" STAMP, ERR_RANGE},
        {HEAD, ATS_ALG "a2443042" V64("11") STAMP, ERR_RANGE}, /* one value alone */
        {HEAD,
         ATS_ALG "a2818b308184" V64("11") V64("22") "3002"
                                                    "0400" STAMP,
         ERR_LENGTH},
        {HEAD, ATS_ALG "a28187308184" V64("11") V64("22") STAMP, ERR_OK},
        {HEAD, ATS_ALG "a28187308184" V64("22") V64("11") STAMP, ERR_OK},
        {HEAD, ATS_ALG "a28187308184" V64("11") V64("11") STAMP, ERR_EVIDENCE},
        {HEAD, ATS_ALG "a281883042" V64("11") "3042" V64("22") STAMP, ERR_OK},
        {HEAD, ATS_ALG "a281cb3042" V64("11") "308184" V64("22") V64("33") STAMP, ERR_RANGE},
        {HEAD, ATS_ALG "a281c93081c6" V64("11") V64("22") V64("33") STAMP, ERR_RANGE},
        {HEAD, ATS_ALG "a28189308184" V64("11") V64("22") "3000" STAMP, ERR_RANGE},
        {HEAD, ATS_ALG "300f06092a864886f70d010701a0020500", ERR_TYPE},
        {HEAD, ATS_ALG STAMP "0500", ERR_TRAILING},
        {HEAD, ATS_ALG, ERR_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("row %zu\n", i);
        assert_int_equal(parse_parts(rows[i].head, rows[i].parts), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_golden_bytes),
        cmocka_unit_test(round_trips_every_depth),
        cmocka_unit_test(refuses_to_write),
        cmocka_unit_test(refuses_each_form_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
