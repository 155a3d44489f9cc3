#include "attest/maa_compare.h"

#include "attest/rsa_jwk.h"
#include "base/hex.h"

#include <assert.h>
#include <string.h>

#define HEX_MAX SNP_REPORT_DATA_LEN

static void add(struct maa_rows *out, const char *claim, enum maa_answer answer)
{
    assert(out->n < MAA_ROWS_MAX);
    out->rows[out->n++] = (struct maa_row){claim, answer};
}

static enum maa_answer answer_of(bool same)
{
    return same ? MAA_AGREES : MAA_DISAGREES;
}

/* n: at most HEX_MAX. */
static bool is_hex(const struct json_value *v, const uint8_t *p, size_t n)
{
    char digits[2 * HEX_MAX + 1] = {0};
    uint8_t bytes[HEX_MAX] = {0};
    struct view text;
    size_t len = 0;

    if (json_plain(v, &text) != ERR_OK || text.n != 2 * n) {
        return false;
    }
    memcpy(digits, text.p, text.n);
    return hex_parse(digits, bytes, sizeof bytes, &len) == ERR_OK && memcmp(bytes, p, n) == 0;
}

static void compare_bytes(const struct json_value *tee, const struct snp_report *r,
                          struct maa_rows *out)
{
    const struct {
        const char *claim;
        const uint8_t *p;
        size_t n;
    } rows[] = {
        {"x-ms-sevsnpvm-reportdata", r->report_data, sizeof r->report_data},
        {"x-ms-sevsnpvm-launchmeasurement", r->measurement, sizeof r->measurement},
        {"x-ms-sevsnpvm-hostdata", r->host_data, sizeof r->host_data},
        {"x-ms-sevsnpvm-idkeydigest", r->id_key_digest, sizeof r->id_key_digest},
        {"x-ms-sevsnpvm-authorkeydigest", r->author_key_digest, sizeof r->author_key_digest},
        {"x-ms-sevsnpvm-familyId", r->family_id, sizeof r->family_id},
        {"x-ms-sevsnpvm-imageId", r->image_id, sizeof r->image_id},
        {"x-ms-sevsnpvm-reportid", r->report_id, sizeof r->report_id},
    };
    struct json_value v;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        add(out, rows[i].claim,
            json_find(tee, rows[i].claim, &v) ? answer_of(is_hex(&v, rows[i].p, rows[i].n))
                                              : MAA_ABSENT);
    }
}

static void compare_numbers(const struct json_value *tee, const struct snp_claims *c,
                            struct maa_rows *out)
{
    const struct {
        const char *claim;
        uint32_t number;
    } rows[] = {
        {"x-ms-sevsnpvm-bootloader-svn", c->reported.bootloader},
        {"x-ms-sevsnpvm-tee-svn", c->reported.tee},
        {"x-ms-sevsnpvm-snpfw-svn", c->reported.snp},
        {"x-ms-sevsnpvm-microcode-svn", c->reported.microcode},
        {"x-ms-sevsnpvm-guestsvn", c->report.guest_svn},
        {"x-ms-sevsnpvm-vmpl", c->report.vmpl},
    };
    struct json_value v;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t n = 0;

        add(out, rows[i].claim,
            json_find(tee, rows[i].claim, &v)
                ? answer_of(json_u64(&v, UINT32_MAX, &n) == ERR_OK && n == rows[i].number)
                : MAA_ABSENT);
    }
}

static enum maa_answer compare_flag(const struct json_value *object, const char *claim, bool is)
{
    struct json_value v;
    bool said = false;

    if (!json_find(object, claim, &v)) {
        return MAA_ABSENT;
    }
    return answer_of(json_bool(&v, &said) == ERR_OK && said == is);
}

static void compare_flags(const struct json_value *root, const struct json_value *tee,
                          const struct azure_claims *c, struct maa_rows *out)
{
    const uint64_t policy = c->paravisor.report.policy;

    add(out, "x-ms-sevsnpvm-is-debuggable",
        compare_flag(tee, "x-ms-sevsnpvm-is-debuggable", (policy & SNP_POLICY_DEBUG) != 0));
    add(out, "x-ms-sevsnpvm-migration-allowed",
        compare_flag(tee, "x-ms-sevsnpvm-migration-allowed",
                     (policy & SNP_POLICY_MIGRATE_MA) != 0));
    add(out, "x-ms-sevsnpvm-smt-allowed",
        compare_flag(tee, "x-ms-sevsnpvm-smt-allowed", (policy & SNP_POLICY_SMT) != 0));
    add(out, "secureboot", compare_flag(root, "secureboot", c->runtime.secure_boot));
}

/* The key of the vTPM, where the token repeats what the paravisor says. */
static enum maa_answer compare_ak(const struct json_value *tee, const uint8_t ak[RSA_2048_LEN])
{
    struct json_value runtime;
    struct json_value keys;
    struct json_value name;
    struct json_value key;
    struct json_value kid;
    uint8_t modulus[RSA_2048_LEN] = {0};
    enum maa_answer answer = MAA_ABSENT;

    if (!json_find(tee, "x-ms-runtime", &runtime) || !json_find(&runtime, "keys", &keys)) {
        return MAA_ABSENT;
    }
    for (struct json_items it = json_items(&keys); json_next(&it, &name, &key);) {
        if (!json_find(&key, "kid", &kid) || !json_string_is(&kid, "HCLAkPub")) {
            continue;
        }
        if (!rsa_jwk_read(&key, modulus) || memcmp(modulus, ak, sizeof modulus) != 0) {
            return MAA_DISAGREES;
        }
        answer = MAA_AGREES;
    }
    return answer;
}

/* Of a guest of Azure what the hardware said stands one level below. */
static bool find_tee(const struct json_value *root, struct json_value *tee)
{
    static const char type[] = "x-ms-attestation-type";
    struct json_value v;

    *tee = *root;
    if (json_find(root, type, &v) && json_string_is(&v, "azurevm") &&
        !json_find(root, "x-ms-isolation-tee", tee)) {
        return false;
    }
    return json_find(tee, type, &v) && json_string_is(&v, "sevsnpvm");
}

enum attest_fault maa_compare(const struct maa_token *token, const struct azure_claims *claims,
                              struct maa_rows *out)
{
    struct json_value tee;

    memset(out, 0, sizeof *out);
    if (!find_tee(&token->claims, &tee)) {
        return ATTEST_MAA_TYPE;
    }
    compare_bytes(&tee, &claims->paravisor.report, out);
    compare_numbers(&tee, &claims->paravisor, out);
    compare_flags(&token->claims, &tee, claims, out);
    add(out, "x-ms-runtime", compare_ak(&tee, claims->runtime.ak));
    for (size_t i = 0; i < out->n; i++) {
        /* The first two are what all hangs on. */
        if (out->rows[i].answer == MAA_DISAGREES ||
            (i < 2 && out->rows[i].answer == MAA_ABSENT)) {
            return ATTEST_MAA_DISAGREES;
        }
    }
    return ATTEST_OK;
}
