#include "testing.h"
#include "vector_file.h"

#include "base/hex.h"
#include "format/ber.h"
#include "format/cert_ids.h"
#include "format/cms_attrs.h"
#include "format/oid.h"
#include "format/tsp_req.h"
#include "format/tsp_resp.h"
#include "format/tst_info_parse.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Requests, responses and tokens of real authorities (03-rfc3161) against what openssl ts
 * prints of them (OPENSSL_FIELDS.json in that folder). */

#define FOLDER "03-rfc3161"

static uint8_t file_bytes[BER_SIZE_MAX];
static uint8_t der_bytes[BER_ROOM(BER_SIZE_MAX)];

static struct view read_file(const char *name)
{
    char path[1024];
    FILE *f = NULL;
    size_t n = 0;

    (void)snprintf(path, sizeof path, "%s/%s/%s", QUORATE_VECTORS, FOLDER, name);
    f = fopen(path, "rb");
    assert_non_null(f);
    n = fread(file_bytes, 1, sizeof file_bytes, f);
    assert_true(n < sizeof file_bytes);
    (void)fclose(f);
    return (struct view){file_bytes, n};
}

/* As BN_print: upper case, whole bytes, no zero byte in front, a minus sign and the magnitude.
 */
static void hex_of(struct view integer, char *out)
{
    const bool negative = (integer.p[0] & 0x80) != 0;
    uint8_t magnitude[64];
    size_t skip = 0;
    unsigned carry = 1;

    assert_true(integer.n <= sizeof magnitude);
    memcpy(magnitude, integer.p, integer.n);
    for (size_t i = integer.n; negative && i > 0; i--) {
        const unsigned sum = (uint8_t)~magnitude[i - 1] + carry;

        magnitude[i - 1] = (uint8_t)sum;
        carry = sum >> 8;
    }
    while (skip + 1 < integer.n && magnitude[skip] == 0) {
        skip++;
    }
    strcpy(out, negative ? "0x-" : "0x");
    out += strlen(out);
    hex_write((struct view){magnitude + skip, integer.n - skip}, out);
    for (char *c = out; *c != '\0'; c++) {
        *c = (char)toupper(*c);
    }
}

static void print_integer(struct view integer, char *out)
{
    if (integer.n == 0) {
        strcpy(out, "unspecified");
    } else {
        hex_of(integer, out);
    }
}

static void print_part(char *out, uint32_t part, const char *unit)
{
    const uint8_t be[] = {0, (uint8_t)(part >> 24), (uint8_t)(part >> 16), (uint8_t)(part >> 8),
                          (uint8_t)part};
    char hex[32] = "unspecified";

    if (part > 0) {
        hex_of((struct view){be, sizeof be}, hex);
    }
    (void)sprintf(out + strlen(out), "%s %s", hex, unit);
}

static void print_accuracy(const struct tst_info_view *t, char *out)
{
    out[0] = '\0';
    if (!t->has_accuracy) {
        strcpy(out, "unspecified");
        return;
    }
    print_part(out, t->accuracy_s, "seconds, ");
    print_part(out, t->accuracy_millis, "millis, ");
    print_part(out, t->accuracy_micros, "micros");
}

static void print_time(const struct gen_time *t, char *out, size_t cap)
{
    const time_t s = (time_t)t->s;
    char fraction[16] = "";
    struct tm tm;
    size_t n = 0;

    if (t->digits > 0) {
        (void)snprintf(fraction, sizeof fraction, ".%09u", (unsigned)t->ns);
        fraction[1 + t->digits] = '\0';
    }
    assert_non_null(gmtime_r(&s, &tm));
    n = strftime(out, cap, "%b %e %H:%M:%S", &tm);
    n += (size_t)snprintf(out + n, cap - n, "%s ", fraction);
    (void)strftime(out + n, cap - n, "%Y GMT", &tm);
}

static void check_query(struct view in, const json_t *row)
{
    struct tsp_req req;
    char text[2 * TSP_NONCE_MAX + 4];
    const enum err e = tsp_req_parse(in, &req);

    if (strcmp(vector_text(row, "hash"), "sha1") == 0) {
        assert_int_equal(e, ERR_BAD_ALG); /* read, and not served */
        return;
    }
    assert_int_equal(e, ERR_OK);
    assert_string_equal(vector_text(row, "hash"), hash_name(req.imprint.alg));
    print_integer(req.nonce, text);
    assert_string_equal(vector_text(row, "nonce"), text);
    assert_string_equal(vector_text(row, "policy"), "unspecified");
    assert_int_equal(req.policy.n, 0);
}

static void check_tst_info(const struct tst_info_view *t, const json_t *row)
{
    char text[512];

    (void)snprintf(text, sizeof text, "%u", t->version);
    assert_string_equal(vector_text(row, "version"), text);
    assert_int_equal(oid_to_text(t->policy, text), ERR_OK);
    assert_string_equal(vector_text(row, "policy"), text);
    assert_string_equal(vector_text(row, "hash"), oid_name(oid_find(t->hash_oid)));
    hex_of(t->serial_number, text);
    assert_string_equal(vector_text(row, "serial"), text);
    print_time(&t->gen_time, text, sizeof text);
    assert_string_equal(vector_text(row, "time"), text);
    print_accuracy(t, text);
    assert_string_equal(vector_text(row, "accuracy"), text);
    assert_string_equal(vector_text(row, "ordering"), t->ordering ? "yes" : "no");
    print_integer(t->nonce, text);
    assert_string_equal(vector_text(row, "nonce"), text);
    assert_int_equal(strcmp(vector_text(row, "tsa"), "unspecified") != 0, t->tsa.n > 0);
    if (t->tsa.n > 0) {
        assert_memory_equal(vector_text(row, "tsa"), "DirName:", 8);
        assert_int_equal(t->tsa.p[0], DER_CONTEXT_4);
    }
}

/* The response or token of a file, in DER. */
static struct view token_of(const char *name, struct tsp_resp *resp)
{
    struct view der;
    uint32_t flaws = 0;

    *resp = (struct tsp_resp){0};
    assert_int_equal(ber_to_der(read_file(name), der_bytes, sizeof der_bytes, &der, &flaws),
                     ERR_OK);
    if (tsp_resp_is_token(der)) {
        return der;
    }
    assert_int_equal(tsp_resp_parse(der, resp), ERR_OK);
    assert_int_equal(resp->flaws, 0);
    return resp->token;
}

static void check_reply(const char *name, const json_t *row)
{
    struct tsp_resp resp;
    const struct view token = token_of(name, &resp);
    struct signed_data sd;
    struct tst_info_view t;
    struct cms_attrs a;

    print_message("%s\n", name);
    assert_string_equal(vector_text(row, "status"),
                        resp.status == PKI_REJECTION ? "Rejected." : "Granted.");
    if (token.n == 0) {
        assert_string_equal(vector_text(row, "version"), "");
        return;
    }
    assert_int_equal(cms_parse(token, &sd), ERR_OK);
    assert_int_equal(oid_find(sd.content_type), OID_CT_TST_INFO);
    assert_int_equal(tst_info_parse(sd.content, &t), ERR_OK);
    check_tst_info(&t, row);
    assert_int_equal(cms_attrs_parse(sd.signer.signed_attrs, &a), ERR_OK);
}

static json_t *open_fields(void)
{
    return vector_file(FOLDER "/OPENSSL_FIELDS.json");
}

static void fields_are_what_openssl_prints(void **state)
{
    json_t *all = open_fields();
    size_t i = 0;
    json_t *row = NULL;
    size_t compared = 0;

    (void)state;
    json_array_foreach(all, i, row)
    {
        const char *kind = json_string_value(json_object_get(row, "kind"));

        if (kind == NULL) {
            continue;
        }
        if (strcmp(kind, "-query") == 0) {
            check_query(read_file(vector_text(row, "file")), row);
        } else {
            check_reply(vector_text(row, "file"), row);
        }
        compared++;
    }
    json_decref(all);
    print_message("%zu files compared\n", compared);
    assert_true(compared > 0);
}

/* What openssl ts cannot read, and what we say of it. */
static void what_openssl_does_not_read(void **state)
{
    static const struct {
        const char *file;
        enum err cms, tst_info, attrs;
        uint32_t ber_flaws, tst_flaws;
    } rows[] = {
        {"bc/BIN_ER.ers.0.0.tsr", ERR_OK, ERR_OK, ERR_OK, BER_FLAW_LENGTH, BER_FLAW_DEFAULT},
        {"bc/BIN_ER.ers.0.1.tsr", ERR_OK, ERR_OK, ERR_OK, BER_FLAW_LENGTH, BER_FLAW_DEFAULT},
        {"notary-cms/Sha1SignedData.p7s", ERR_OK, ERR_TRUNCATED, ERR_OK, 0, 0}, /* of id-data */
        {"notary-cms/TimeStampTokenWithInvalidSigningTime.p7s", ERR_OK, ERR_OK, ERR_TAG, 0, 0},
        {"notary/TimeStampTokenWithInvalidTSTInfo.p7s", ERR_OK, ERR_TAG, ERR_OK, 0, 0},
    };
    json_t *all = open_fields();
    struct view der;
    uint32_t flaws = 0;

    (void)state;
    json_decref(all);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct signed_data sd;
        struct tst_info_view t;
        struct cms_attrs a;

        print_message("%s\n", rows[i].file);
        assert_int_equal(
            ber_to_der(read_file(rows[i].file), der_bytes, sizeof der_bytes, &der, &flaws),
            ERR_OK);
        assert_int_equal(flaws, rows[i].ber_flaws);
        assert_int_equal(cms_parse(der, &sd), rows[i].cms);
        assert_int_equal(tst_info_parse(sd.content, &t), rows[i].tst_info);
        assert_int_equal(t.flaws, rows[i].tst_flaws);
        assert_int_equal(cms_attrs_parse(sd.signer.signed_attrs, &a), rows[i].attrs);
    }
    assert_int_equal(ber_to_der(read_file("notary/malformed.tsq"), der_bytes, sizeof der_bytes,
                                &der, &flaws),
                     ERR_TRUNCATED);
}

/* messageDigest is over what we take for the content, and a certificate that is there has the
 * hash of ESSCertIDv2: so these are the bytes that were meant. The rows are where either was
 * broken on purpose. */
static void digests_are_over_the_bytes_that_we_give(void **state)
{
    static const char *const broken[] = {
        "notary/SHA1TimeStampToken.p7s",
        "notary/TimeStampTokenWithMismatchCertHash.p7s",
        "notary/TimeStampTokenWithTSTInfoVersion2.p7s",
        "notary-cms/TimeStampTokenWithoutSignedAttributeDigest.p7s",
    };
    json_t *all = open_fields();
    size_t i = 0;
    json_t *row = NULL;
    size_t digests = 0;
    size_t certs = 0;

    (void)state;
    json_array_foreach(all, i, row)
    {
        const char *kind = json_string_value(json_object_get(row, "kind"));
        struct tsp_resp resp;
        struct signed_data sd;
        struct cms_attrs a;
        struct view token;
        struct view cert;
        uint8_t hash[HASH_MAX];
        enum hash_alg alg = HASH_NONE;
        bool found = false;
        bool skip = kind == NULL || strcmp(kind, "-query") == 0;

        for (size_t k = 0; k < sizeof broken / sizeof broken[0]; k++) {
            skip = skip || strcmp(vector_text(row, "file"), broken[k]) == 0;
        }
        if (skip || (token = token_of(vector_text(row, "file"), &resp)).n == 0) {
            continue;
        }
        assert_int_equal(cms_parse(token, &sd), ERR_OK);
        assert_int_equal(cms_attrs_parse(sd.signer.signed_attrs, &a), ERR_OK);
        alg = hash_by_name(oid_name(oid_find(sd.signer.digest_alg.oid)));
        if (alg != HASH_NONE && sd.n_signers > 0) {
            hash_once(alg, sd.content, hash);
            assert_true(view_equal(a.message_digest, (struct view){hash, hash_len(alg)}));
            digests++;
        }
        if (a.ess_v2.n_certs == 0 || a.ess_v2.hash.oid.n > 0 || sd.n_certificates == 0) {
            continue;
        }
        for (size_t c = 0; c < sd.n_certificates; c++) {
            assert_int_equal(cms_certificate(&sd, c, &cert), ERR_OK);
            hash_once(HASH_SHA256, cert, hash);
            found = found || view_equal(a.ess_v2.cert_hash, (struct view){hash, 32});
        }
        assert_true(found);
        certs++;
    }
    json_decref(all);
    print_message("%zu digests, %zu certificates\n", digests, certs);
    assert_true(digests > 0 && certs > 0);
}

/* The signer's certificate is found by sid, and is one of an authority. */
static void sids_name_a_certificate(void **state)
{
    json_t *all = open_fields();
    size_t i = 0;
    json_t *row = NULL;
    size_t matched = 0;

    (void)state;
    json_array_foreach(all, i, row)
    {
        const char *kind = json_string_value(json_object_get(row, "kind"));
        struct tsp_resp resp;
        struct signed_data sd;
        struct view token;
        struct view cert;
        struct cert_ids c;

        if (kind == NULL || strcmp(kind, "-query") == 0 ||
            (token = token_of(vector_text(row, "file"), &resp)).n == 0) {
            continue;
        }
        assert_int_equal(cms_parse(token, &sd), ERR_OK);
        for (size_t k = 0; k < sd.n_certificates && sd.n_signers > 0; k++) {
            assert_int_equal(cms_certificate(&sd, k, &cert), ERR_OK);
            assert_int_equal(cert_ids_parse(cert, &c), ERR_OK);
            if (view_equal(c.issuer, sd.signer.issuer) &&
                view_equal(c.serial, sd.signer.serial)) {
                assert_true(cert_ids_is_tsa(&c));
                matched++;
            }
        }
    }
    json_decref(all);
    print_message("%zu signers found\n", matched);
    assert_true(matched > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_what_openssl_prints),
        cmocka_unit_test(what_openssl_does_not_read),
        cmocka_unit_test(digests_are_over_the_bytes_that_we_give),
        cmocka_unit_test(sids_name_a_certificate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
