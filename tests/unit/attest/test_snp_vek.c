/* Keys of chips and of providers, made here: what their certificates must and must not say, and
 * how they fit a report. */
#include "snp_chain_kit.h"

static struct snp_kit_key vek;
static struct snp_issuer issuer[SNP_LINE_COUNT][2]; /* by line; 1: issues VLEKs */

static const char *const asks[SNP_LINE_COUNT][2] = {{"", ""},
                                                    {"SEV-Milan", "SEV-VLEK-Milan"},
                                                    {"SEV-Genoa", "SEV-VLEK-Genoa"},
                                                    {"SEV-Turin", "SEV-VLEK-Turin"}};

static int setup(void **state)
{
    static uint8_t a[SNP_KIT_DER_MAX];
    static uint8_t b[SNP_KIT_DER_MAX];
    const struct snp_kit_cert ark = snp_kit_ark();
    const struct view root = snp_kit_cert(&ark, a);

    (void)state;
    snp_kit_key_init(&vek, 7);
    for (int line = SNP_LINE_MILAN; line <= SNP_LINE_TURIN; line++) {
        const struct snp_root pin = snp_kit_root((enum snp_line)line);

        for (int kind = 0; kind < 2; kind++) {
            const struct snp_kit_cert ask = snp_kit_ask(asks[line][kind]);

            assert_int_equal(snp_issuer_verify(root, snp_kit_cert(&ask, b),
                                               (struct view){NULL, 0},
                                               &(struct snp_roots){&pin, 1}, SNP_KIT_AT_S,
                                               &issuer[line][kind]),
                             ATTEST_OK);
        }
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    snp_kit_key_free(&vek);
    return 0;
}

static struct snp_kit_cert good(enum snp_line line, enum snp_signer signer)
{
    return snp_kit_vek(line, signer, asks[line][signer], vek.key.public_key);
}

static enum attest_fault verify_at(const struct snp_kit_cert *c, enum snp_line line,
                                   enum snp_signer signer, int64_t at_s, struct snp_vek *out)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    static const struct snp_vek zero;
    const enum attest_fault f =
        snp_vek_verify(snp_kit_cert(c, der), &issuer[line][signer], at_s, out);

    if (f != ATTEST_OK) {
        assert_memory_equal(out, &zero, sizeof zero);
    }
    return f;
}

/* Of its own line and kind, now. */
static enum attest_fault verify(const struct snp_kit_cert *c, enum snp_line line,
                                enum snp_signer signer)
{
    struct snp_vek out;

    return verify_at(c, line, signer, SNP_KIT_AT_S, &out);
}

static enum attest_fault milan(const struct snp_kit_cert *c)
{
    return verify(c, SNP_LINE_MILAN, SNP_SIGNER_VCEK);
}

static void good_keys_pass(void **state)
{
    (void)state;
    for (int line = SNP_LINE_MILAN; line <= SNP_LINE_TURIN; line++) {
        const bool turin = line == SNP_LINE_TURIN;

        for (int signer = SNP_SIGNER_VCEK; signer <= SNP_SIGNER_VLEK; signer++) {
            const struct snp_kit_cert c = good((enum snp_line)line, (enum snp_signer)signer);
            uint8_t chip[SNP_CHIP_ID_LEN] = {0};
            struct snp_vek out;

            assert_int_equal(
                verify_at(&c, (enum snp_line)line, (enum snp_signer)signer, SNP_KIT_AT_S, &out),
                ATTEST_OK);
            assert_int_equal(out.line, line);
            assert_int_equal(out.signer, signer);
            assert_int_equal(out.assurance, ATTEST_ASSURANCE_SIMULATED);
            assert_memory_equal(out.public_key, vek.key.public_key, P384_PUBLIC_LEN);
            assert_true(snp_tcb_equal(&out.tcb, turin ? &(struct snp_tcb){1, 2, 1, 4, 82}
                                                      : &(struct snp_tcb){0, 4, 0, 27, 222}));
            if (signer == SNP_SIGNER_VCEK) {
                snp_kit_fill(chip, turin ? SNP_CHIP_ID_TURIN_LEN : SNP_CHIP_ID_LEN, 0x91);
            }
            assert_memory_equal(out.hwid, chip, sizeof chip);
            assert_int_equal(out.csp_id_len, signer == SNP_SIGNER_VLEK ? 7 : 0);
            assert_memory_equal(out.csp_id, "example", out.csp_id_len);
            assert_true(out.from_s == c.from_s && out.until_s == c.until_s);
            assert_false(out.crl_checked);
        }
    }
}

static void keys_are_p384(void **state)
{
    uint8_t off_curve[P384_PUBLIC_LEN];
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);

    (void)state;
    c.point = NULL;
    c.rsa = SNP_KIT_RSA_ASK;
    c.modulus_len = RSA_PSS_4096_LEN;
    assert_int_equal(milan(&c), ATTEST_VEK_KEY);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    c.wrong_curve = true;
    assert_int_equal(milan(&c), ATTEST_VEK_KEY);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    c.long_point = true;
    assert_int_equal(milan(&c), ATTEST_VEK_KEY);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    c.wrong_key_alg = true;
    assert_int_equal(milan(&c), ATTEST_VEK_KEY);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    memcpy(off_curve, c.point, sizeof off_curve);
    off_curve[9] ^= 4;
    c.point = off_curve;
    assert_int_equal(milan(&c), ATTEST_VEK_KEY);
}

static void names_say_the_kind(void **state)
{
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);

    (void)state;
    c.subject = "SEV-VCEK2";
    assert_int_equal(milan(&c), ATTEST_VEK_SIGNER);
    c.subject = "SEV-VCEK";
    c.more_subject = "SEV-VCEK";
    assert_int_equal(milan(&c), ATTEST_VEK_SIGNER);
    /* a key of the other kind under the same issuer's name */
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VLEK);
    c.issuer = "SEV-Milan";
    assert_int_equal(milan(&c), ATTEST_VEK_KIND);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    c.issuer = "SEV-VLEK-Milan";
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_VEK_KIND);
    assert_int_equal(milan(&c), ATTEST_VEK_ISSUER);
}

static void set(struct snp_kit_cert *c, const char *tail, const void *value, size_t n)
{
    struct snp_kit_ext *x = snp_kit_ext_find(c, tail);

    memcpy(x->value, value, n);
    x->n = n;
}

static void products_are_lines(void **state)
{
    static const char *const bad[] = {
        "\x16\x05Venic",       "\x16\x08Milan-b0", "\x16\x06Milan-",   "\x16\x07MilanB0",
        "\x16\x0bMilan-B0000", "\x0c\x08Milan-B0", "\x16\x09Milan-B0", "\x16\x07Milan-B0"};
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        set(&c, "2", bad[i], strlen(bad[i]));
        assert_int_equal(milan(&c), ATTEST_VEK_PRODUCT);
    }
    set(&c, "2", "\x16\x0aMilan-B000", 12);
    assert_int_equal(milan(&c), ATTEST_OK);
    snp_kit_ext_drop(&c, "2");
    assert_int_equal(milan(&c), ATTEST_VEK_PRODUCT);
    c = good(SNP_LINE_GENOA, SNP_SIGNER_VCEK);
    c.issuer = "SEV-Milan";
    assert_int_equal(milan(&c), ATTEST_VEK_LINE);
}

static void struct_versions_are_of_the_line(void **state)
{
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);

    (void)state;
    set(&c, "1", "\x02\x01\x01", 3);
    assert_int_equal(milan(&c), ATTEST_VEK_STRUCT_VERSION);
    set(&c, "1", "\x02\x01\x02", 3);
    assert_int_equal(milan(&c), ATTEST_VEK_STRUCT_VERSION);
    set(&c, "1", "\x02\x02\x00\x00", 4);
    assert_int_equal(milan(&c), ATTEST_VEK_STRUCT_VERSION);
    snp_kit_ext_drop(&c, "1");
    assert_int_equal(milan(&c), ATTEST_VEK_STRUCT_VERSION);
    c = good(SNP_LINE_TURIN, SNP_SIGNER_VCEK);
    set(&c, "1", "\x02\x01\x00", 3);
    assert_int_equal(verify(&c, SNP_LINE_TURIN, SNP_SIGNER_VCEK), ATTEST_VEK_STRUCT_VERSION);
}

static void patch_levels_are_those_of_the_line(void **state)
{
    static const char *const needed[] = {"3.1", "3.2", "3.3", "3.8", "3.9"};
    struct snp_kit_cert c;

    (void)state;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        c = good(SNP_LINE_TURIN, SNP_SIGNER_VCEK);
        snp_kit_ext_drop(&c, needed[i]);
        assert_int_equal(verify(&c, SNP_LINE_TURIN, SNP_SIGNER_VCEK), ATTEST_VEK_SPL);
        c = good(SNP_LINE_TURIN, SNP_SIGNER_VCEK);
        set(&c, needed[i], "\x02\x02\x01\x00", 4); /* 256 */
        assert_int_equal(verify(&c, SNP_LINE_TURIN, SNP_SIGNER_VCEK), ATTEST_VEK_SPL);
        set(&c, needed[i], "\x02\x01\xff", 3); /* -1 */
        assert_int_equal(verify(&c, SNP_LINE_TURIN, SNP_SIGNER_VCEK), ATTEST_VEK_SPL);
        set(&c, needed[i], "\x02\x01\x01\x00", 4); /* a byte more */
        assert_int_equal(verify(&c, SNP_LINE_TURIN, SNP_SIGNER_VCEK), ATTEST_VEK_SPL);
        set(&c, needed[i], "", 0);
        assert_int_equal(verify(&c, SNP_LINE_TURIN, SNP_SIGNER_VCEK), ATTEST_VEK_PARSE);
    }
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    snp_kit_ext_drop(&c, "3.4"); /* a Turin has none, and nobody needs it */
    snp_kit_ext_drop(&c, "3.5");
    assert_int_equal(milan(&c), ATTEST_OK);
    snp_kit_spl(&c, "6", 1);
    assert_int_equal(milan(&c), ATTEST_VEK_SPL);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    snp_kit_spl(&c, "9", 1);
    assert_int_equal(milan(&c), ATTEST_VEK_SPL);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    snp_kit_spl(&c, "8", 1); /* twice */
    assert_int_equal(milan(&c), ATTEST_VEK_PARSE);
}

static void chips_are_of_vceks(void **state)
{
    uint8_t tagged[66 + 1] = {0x04, 0x40};
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    struct snp_vek out;

    (void)state;
    snp_kit_fill(tagged + 2, 64, 0x91);
    set(&c, "4", tagged, sizeof tagged); /* a byte more */
    assert_int_equal(milan(&c), ATTEST_VEK_HWID);
    set(&c, "4", tagged, sizeof tagged - 1);
    assert_int_equal(verify_at(&c, SNP_LINE_MILAN, SNP_SIGNER_VCEK, SNP_KIT_AT_S, &out),
                     ATTEST_OK);
    assert_memory_equal(out.hwid, tagged + 2, SNP_CHIP_ID_LEN);
    for (size_t n = 1; n < sizeof tagged - 1; n++) {
        set(&c, "4", tagged, n);
        assert_int_equal(milan(&c), n == SNP_CHIP_ID_LEN ? ATTEST_OK : ATTEST_VEK_HWID);
    }
    set(&c, "4", "\x04\x08\1\2\3\4\5\6\7\x08", 10); /* a Turin's */
    assert_int_equal(milan(&c), ATTEST_VEK_HWID);
    snp_kit_ext_drop(&c, "4");
    assert_int_equal(milan(&c), ATTEST_VEK_HWID);
    c = good(SNP_LINE_TURIN, SNP_SIGNER_VCEK);
    set(&c, "4", tagged + 2, 64);
    assert_int_equal(verify(&c, SNP_LINE_TURIN, SNP_SIGNER_VCEK), ATTEST_VEK_HWID);
    set(&c, "4", "\x04\x08\1\2\3\4\5\6\7\x08", 10);
    assert_int_equal(verify(&c, SNP_LINE_TURIN, SNP_SIGNER_VCEK), ATTEST_OK);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VLEK);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.4", false, tagged + 2, 64);
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_VEK_HWID);
}

static void providers_are_of_vleks(void **state)
{
    uint8_t text[2 + SNP_CSP_ID_MAX + 1] = {0x16, SNP_CSP_ID_MAX};
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VLEK);

    (void)state;
    memset(text + 2, 'a', sizeof text - 2);
    set(&c, "5", text, sizeof text - 1);
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_OK);
    text[1]++;
    set(&c, "5", text, sizeof text);
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_VEK_CSP_ID);
    set(&c, "5", "\x16\x00", 2);
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_VEK_CSP_ID);
    set(&c, "5", "\x0c\x01z", 3);
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_VEK_CSP_ID);
    snp_kit_ext_drop(&c, "5");
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_VEK_CSP_ID);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.5", false, "\x16\x01z", 3);
    assert_int_equal(milan(&c), ATTEST_VEK_CSP_ID);
}

static void serials_and_cas(void **state)
{
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VLEK);

    (void)state;
    c.serial[0] = 0;
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_VEK_SERIAL);
    c.serial[0] = 0x80;
    assert_int_equal(verify(&c, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_VEK_SERIAL);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    c.serial[0] = 0xff;
    assert_int_equal(milan(&c), ATTEST_VEK_SERIAL);
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    snp_kit_ext_add(&c, "2.5.29.19", true, "\x30\x03\x01\x01\xff", 5);
    assert_int_equal(milan(&c), ATTEST_VEK_CA);
    /* Others under the arc, and near it, are not ours to read. */
    c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.6", false, "x", 1);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.7", false, "", 0);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.3.10", false, "x", 1);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.3.8.1", false, "x", 1);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.1.2.1", false, "x", 1);
    snp_kit_ext_add(&c, "1.3.6.1.4.1.3704.2.2", false, "x", 1);
    assert_int_equal(milan(&c), ATTEST_OK);
}

static void signatures_are_of_the_issuer(void **state)
{
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);

    (void)state;
    c.pss = SNP_KIT_PSS_DEFAULT;
    assert_int_equal(milan(&c), ATTEST_OK);
    c.pss = SNP_KIT_PSS_SALT_32;
    assert_int_equal(milan(&c), ATTEST_VEK_ALGORITHM);
    c.pss = SNP_KIT_PSS;
    c.signed_by = SNP_KIT_RSA_ARK;
    assert_int_equal(milan(&c), ATTEST_VEK_SIGNATURE);
}

static void times_are_within_the_chain(void **state)
{
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    const struct snp_issuer *i = &issuer[SNP_LINE_MILAN][0];
    struct snp_vek out;

    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        if (wide == 1) { /* longer than its issuer */
            c.from_s = i->from_s - 1000;
            c.until_s = i->until_s + 1000;
        }
        const int64_t from_s = wide == 1 ? i->from_s : c.from_s;
        const int64_t until_s = wide == 1 ? i->until_s : c.until_s;

        for (int k = -1; k <= 1; k++) {
            assert_int_equal(verify_at(&c, SNP_LINE_MILAN, SNP_SIGNER_VCEK, from_s + k, &out),
                             k < 0 ? ATTEST_VEK_TIME : ATTEST_OK);
            assert_int_equal(verify_at(&c, SNP_LINE_MILAN, SNP_SIGNER_VCEK, until_s + k, &out),
                             k > 0 ? ATTEST_VEK_TIME : ATTEST_OK);
        }
    }
}

static enum attest_fault match(const uint8_t raw[SNP_REPORT_LEN], enum snp_line line,
                               enum snp_signer signer)
{
    const struct snp_kit_cert c = good(line, signer);
    struct snp_report r;
    struct snp_vek out;

    assert_int_equal(verify_at(&c, line, signer, SNP_KIT_AT_S, &out), ATTEST_OK);
    assert_int_equal(snp_report_parse((struct view){raw, SNP_REPORT_LEN}, &r), ATTEST_OK);
    return snp_vek_check_report(&out, &r);
}

static void reports_fit_their_key(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];

    (void)state;
    for (int line = SNP_LINE_MILAN; line <= SNP_LINE_TURIN; line++) {
        snp_kit_report(5, (enum snp_line)line, raw);
        assert_int_equal(match(raw, (enum snp_line)line, SNP_SIGNER_VCEK), ATTEST_OK);
        for (size_t i = 0; i < SNP_TCB_LEN; i++) { /* newer or older, in any part */
            raw[AT_REPORTED_TCB + i] ^= 1;
            assert_int_not_equal(match(raw, (enum snp_line)line, SNP_SIGNER_VCEK), ATTEST_OK);
            raw[AT_REPORTED_TCB + i] ^= 1;
        }
    }
    snp_kit_report(3, SNP_LINE_MILAN, raw);
    assert_int_equal(match(raw, SNP_LINE_GENOA, SNP_SIGNER_VCEK), ATTEST_REPORT_LINE);
    assert_int_equal(match(raw, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_MATCH_SIGNER);
    raw[AT_REPORTED_TCB + 7]++;
    assert_int_equal(match(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK), ATTEST_MATCH_TCB);
    snp_kit_report(3, SNP_LINE_MILAN, raw);
    for (size_t i = 0; i < SNP_CHIP_ID_LEN; i++) {
        raw[AT_CHIP_ID + i] ^= 1;
        assert_int_equal(match(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK), ATTEST_MATCH_CHIP);
        raw[AT_CHIP_ID + i] ^= 1;
    }
    raw[AT_KEY_INFO] = 3; /* masked */
    memset(raw + AT_CHIP_ID, 0, SNP_CHIP_ID_LEN);
    assert_int_equal(match(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK), ATTEST_OK);
    raw[AT_KEY_INFO] = 1 | SNP_SIGNER_VLEK << 2;
    assert_int_equal(match(raw, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_OK);
    raw[AT_CHIP_ID] = 5; /* which a VLEK has no say of */
    assert_int_equal(match(raw, SNP_LINE_MILAN, SNP_SIGNER_VLEK), ATTEST_OK);
    raw[AT_CHIP_ID] = 0;
    assert_int_equal(match(raw, SNP_LINE_MILAN, SNP_SIGNER_VCEK), ATTEST_MATCH_SIGNER);
}

static void lengths_are_capped(void **state)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    struct snp_kit_cert c = good(SNP_LINE_MILAN, SNP_SIGNER_VCEK);

    (void)state;
    c.pad = SNP_CERT_MAX - snp_kit_cert(&c, der).n - 40;
    assert_int_equal(milan(&c), ATTEST_OK);
    c.pad += 64;
    assert_int_equal(milan(&c), ATTEST_VEK_PARSE);
}

static void parts_of_a_certificate_are_refused(void **state)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    const struct snp_kit_cert c = good(SNP_LINE_TURIN, SNP_SIGNER_VCEK);
    const struct view whole = snp_kit_cert(&c, der);
    static const struct snp_vek zero;
    struct snp_vek out;

    (void)state;
    assert_int_equal(snp_vek_parse(whole, &out), ATTEST_OK);
    assert_int_equal(out.assurance, ATTEST_ASSURANCE_NONE);
    for (size_t n = 0; n < whole.n; n++) {
        assert_int_equal(snp_vek_parse((struct view){der, n}, &out), ATTEST_VEK_PARSE);
    }
    for (size_t i = 4; i < whole.n; i++) { /* whatever was read before it failed */
        der[i] ^= 0x10;
        if (snp_vek_parse(whole, &out) != ATTEST_OK) {
            assert_memory_equal(&out, &zero, sizeof zero);
        }
        der[i] ^= 0x10;
    }
    assert_int_equal(snp_vek_parse((struct view){der, whole.n + 1}, &out), ATTEST_VEK_PARSE);
    assert_int_equal(snp_vek_parse((struct view){der, SNP_CERT_MAX + 1}, &out),
                     ATTEST_VEK_PARSE);
    /* Each flipped bit of what is signed; a sixteenth of them, over all bytes. */
    for (size_t i = 4; i < 600 && i < whole.n; i++) {
        der[i] ^= (uint8_t)(1U << i % 8);
        assert_int_not_equal(snp_vek_verify((struct view){der, whole.n},
                                            &issuer[SNP_LINE_TURIN][0], SNP_KIT_AT_S, &out),
                             ATTEST_OK);
        der[i] ^= (uint8_t)(1U << i % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_keys_pass),
        cmocka_unit_test(keys_are_p384),
        cmocka_unit_test(names_say_the_kind),
        cmocka_unit_test(products_are_lines),
        cmocka_unit_test(struct_versions_are_of_the_line),
        cmocka_unit_test(patch_levels_are_those_of_the_line),
        cmocka_unit_test(chips_are_of_vceks),
        cmocka_unit_test(providers_are_of_vleks),
        cmocka_unit_test(serials_and_cas),
        cmocka_unit_test(signatures_are_of_the_issuer),
        cmocka_unit_test(times_are_within_the_chain),
        cmocka_unit_test(reports_fit_their_key),
        cmocka_unit_test(lengths_are_capped),
        cmocka_unit_test(parts_of_a_certificate_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
