/* What it costs to judge evidence of SEV-SNP: cold, with the whole chain and a revocation list;
 * warm, with a key that is known; of TDX, with all that Intel says; and to refuse 64 KiB of
 * what means harm, wherever it may stand. Each beside a bare verification of ECDSA P-384 in the
 * same run. bench_attest [ROUNDS]
 */
#include "../tests/azure_guest_kit.h"
#include "../tests/azure_policy_kit.h"
#include "../tests/snp_chain_kit.h"
#include "../tests/snp_policy_kit.h"
#include "../tests/tdx_kit.h"
#include "../tests/tdx_policy_kit.h"
#include "bench_kit.h"

#include "attest/maa_token.h"
#include "attest/snp_judge.h"
#include "attest/snp_launch.h"
#include "attest/snp_table.h"

#define ROUNDS 200
#define HOSTILE_LEN 65536

static struct snp_kit_key key;
static struct snp_root root;
static struct snp_roots roots = {&root, 1};
static struct snp_evidence ev;
static struct snp_policy policy;
static struct snp_vek vek;
static uint8_t report[SNP_REPORT_LEN];
static uint8_t report_data[SNP_REPORT_DATA_LEN];
static uint8_t certs[4][SNP_KIT_DER_MAX];
static struct snp_claims claims;

static void expect(enum attest_fault f, enum attest_fault wanted)
{
    if (f != wanted) {
        die(attest_fault_name(f));
    }
}

static void prepare(void)
{
    const struct snp_kit_cert ark = snp_kit_ark();
    const struct snp_kit_cert ask = snp_kit_ask("SEV-Milan");
    const struct snp_kit_crl crl = snp_kit_list();
    struct snp_issuer issuer;

    snp_kit_key_init(&key, 7);
    const struct snp_kit_cert leaf =
        snp_kit_vek(SNP_LINE_MILAN, SNP_SIGNER_VCEK, "SEV-Milan", key.key.public_key);

    snp_kit_fill(report_data, sizeof report_data, 0x40);
    snp_kit_report(5, SNP_LINE_MILAN, report);
    snp_kit_sign(&key, report);
    snp_kit_policy_of(snp_kit_policy, &policy);
    root = snp_kit_root(SNP_LINE_MILAN);
    ev = (struct snp_evidence){.report = {report, sizeof report},
                               .vek = snp_kit_cert(&leaf, certs[0]),
                               .ask = snp_kit_cert(&ask, certs[1]),
                               .ark = snp_kit_cert(&ark, certs[2]),
                               .crl = snp_kit_crl(&crl, certs[3])};
    expect(snp_issuer_verify(ev.ark, ev.ask, ev.crl, &roots, SNP_KIT_AT_S, &issuer), ATTEST_OK);
    expect(snp_vek_verify(ev.vek, &issuer, SNP_KIT_AT_S, &vek), ATTEST_OK);
}

/* ---- what is timed ---- */

static void bare(void)
{
    static uint8_t digest[P384_DIGEST_LEN];
    static uint8_t sig[P384_SIG_LEN];

    if (sig[0] == 0 && sig[1] == 0) {
        must(p384_sign(key.signer, &key.key, digest, sig));
    }
    must(p384_verify(key.key.public_key, digest, sig));
}

static void cold(void)
{
    expect(snp_judge(&ev, &policy, report_data, &roots, SNP_KIT_AT_S, &claims), ATTEST_OK);
}

static void warm(void)
{
    expect(snp_judge_report(ev.report, &vek, &policy, report_data, SNP_KIT_AT_S, &claims),
           ATTEST_OK);
}

static uint8_t hostile[HOSTILE_LEN];

static void long_report(void)
{
    expect(snp_judge_report((struct view){hostile, sizeof hostile}, &vek, &policy, report_data,
                            SNP_KIT_AT_S, &claims),
           ATTEST_REPORT_SIZE);
}

/* In the place of each certificate and of the list, behind good ones. */
static void judge_with(struct view *part, struct view bad, enum attest_fault wanted)
{
    const struct view good = *part;

    *part = bad;
    expect(snp_judge(&ev, &policy, report_data, &roots, SNP_KIT_AT_S, &claims), wanted);
    *part = good;
}

static void long_ark(void)
{
    judge_with(&ev.ark, (struct view){hostile, sizeof hostile}, ATTEST_ARK_PARSE);
}

static void long_ask(void)
{
    judge_with(&ev.ask, (struct view){hostile, sizeof hostile}, ATTEST_ASK_PARSE);
}

static void long_crl(void)
{
    judge_with(&ev.crl, (struct view){hostile, sizeof hostile}, ATTEST_CRL_PARSE);
}

static void long_vek(void)
{
    judge_with(&ev.vek, (struct view){hostile, sizeof hostile}, ATTEST_VEK_PARSE);
}

static void long_table(void)
{
    struct snp_table t;

    expect(snp_table_parse((struct view){hostile, sizeof hostile}, &t), ATTEST_TABLE_SIZE);
}

static void long_policy(void)
{
    static struct snp_policy p;
    unsigned at = 0;

    expect(snp_policy_parse((struct view){hostile, sizeof hostile}, &p, &at),
           ATTEST_POLICY_SIZE);
}

/* As long as it may be, and wrong in its last line. */
static void full_policy(void)
{
    static char text[POLICY_TEXT_MAX];
    static struct snp_policy p;
    unsigned at = 0;

    if (text[0] == '\0') {
        memset(text, '\n', sizeof text);
        memcpy(text, snp_kit_policy, sizeof snp_kit_policy - 1);
        text[sizeof text - 1] = 'x';
    }
    expect(snp_policy_parse((struct view){(const uint8_t *)text, sizeof text}, &p, &at),
           ATTEST_POLICY_SYNTAX);
}

/* Good in its form, of another issuer's key: RSA has to tell. */
static void forged_vek(void)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    static struct view v;

    if (v.n == 0) {
        memcpy(der, ev.vek.p, ev.vek.n);
        v = (struct view){der, ev.vek.n};
        der[v.n - 1] ^= 1;
    }
    judge_with(&ev.vek, v, ATTEST_VEK_SIGNATURE);
}

static void firmware(void)
{
    struct ovmf o;

    expect(ovmf_parse((struct view){hostile, sizeof hostile}, &o), ATTEST_FIRMWARE_TABLE);
}

/* A guest of Azure: the chain, then the JSON, the quote and its PCRs. */
static struct azure_kit_guest guest;
static struct azure_policy azure_policy;

static void judge_azure(struct view hcl, struct view quote, enum attest_fault wanted)
{
    static struct azure_claims out;
    static char text[SNP_KIT_TEXT_MAX];
    static const struct view asked = {(const uint8_t *)AZURE_KIT_VALUE,
                                      sizeof AZURE_KIT_VALUE - 1};

    if (text[0] == '\0') {
        azure_kit_guest_init(&guest);
        azure_kit_policy_of(azure_kit_policy(text), &azure_policy);
    }
    struct azure_evidence whole = guest.ev;

    whole.hcl = hcl.n > 0 ? hcl : whole.hcl;
    whole.quote = quote.n > 0 ? quote : whole.quote;
    expect(azure_judge(&whole, &azure_policy, asked, &(struct snp_roots){&guest.chip.root, 1},
                       SNP_KIT_AT_S, &out),
           wanted);
}

static void azure_cold(void)
{
    judge_azure((struct view){NULL, 0}, (struct view){NULL, 0}, ATTEST_OK);
}

static void long_hcl(void)
{
    judge_azure((struct view){hostile, sizeof hostile}, (struct view){NULL, 0},
                ATTEST_HCL_SIZE);
}

static void long_quote(void)
{
    struct tpm_quote q;

    expect(tpm_quote_parse((struct view){hostile, sizeof hostile}, &q), ATTEST_QUOTE_SIZE);
}

static void long_token(void)
{
    static struct maa_token t;
    static const struct maa_keys none;

    expect(maa_token_verify((struct view){hostile, sizeof hostile}, &none,
                            (struct view){NULL, 0}, 0, &t),
           ATTEST_MAA_FORM);
}

static void long_key_set(void)
{
    static struct maa_keys k;

    expect(maa_keys_parse((struct view){hostile, sizeof hostile}, &k), ATTEST_MAA_KEYS);
}

/* ---- quotes of TDX ---- */

static struct tdx_kit tdx;
static struct tdx_kit_made tdx_made;
static struct tdx_policy tdx_policy;
static struct tdx_quote tdx_parsed;

static void prepare_tdx(void)
{
    static char text[TDX_KIT_TEXT_MAX];

    tdx_kit_fresh(true, &tdx);
    tdx_kit_make(&tdx, &tdx_made);
    expect(tdx_quote_parse(tdx_made.ev.quote, &tdx_parsed), ATTEST_OK);
    tdx_kit_policy(tdx_kit_text(&tdx_parsed.td, text), &tdx_policy);
}

static void judge_tdx(enum attest_fault wanted)
{
    static struct tdx_scratch scratch;
    static struct tdx_claims c;

    expect(tdx_judge(&tdx_made.ev, &tdx_policy, tdx_parsed.td.report_data,
                     &(struct tdx_roots){&tdx_made.root, 1}, TDX_KIT_AT_S, &scratch, &c),
           wanted);
}

static void tdx_all(void)
{
    judge_tdx(ATTEST_OK);
}

/* By itself, since all before it is a good quote's. */
static void long_tcb_info(void)
{
    struct tdx_tcb_info info;

    expect(tdx_tcb_info_parse((struct view){hostile, sizeof hostile}, &info),
           ATTEST_TDX_TCB_JSON);
}

static void long_td_quote(void)
{
    struct tdx_quote q;

    expect(tdx_quote_parse((struct view){hostile, sizeof hostile}, &q), ATTEST_TDX_QUOTE_SIZE);
}

/* JSON of 64 KiB that is wrong in its last byte: names, escapes, numbers. */
static void long_json(void)
{
    static char text[HOSTILE_LEN];
    struct json_value v;

    if (text[0] == '\0') {
        static const char piece[] = "{\"a\":[1,\"\\u0041\"],\"b\":{\"c\":-1.5e3}},";

        memset(text, '[', sizeof text);
        for (size_t at = 1; at + sizeof piece < sizeof text; at += sizeof piece - 1) {
            memcpy(text + at, piece, sizeof piece - 1);
        }
    }
    if (json_parse((struct view){(const uint8_t *)text, sizeof text}, &v) == ERR_OK) {
        die("64 KiB of JSON are taken");
    }
}

/* Milliseconds of CPU that one call takes. */
static double cost_ms(void (*work)(void), int rounds)
{
    work();
    const double start = cpu_s();

    for (int i = 0; i < rounds; i++) {
        work();
    }
    return (cpu_s() - start) * 1e3 / rounds;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *what;
        void (*work)(void);
        double limit_ms;
    } rows[] = {
        {"judge cold: chain, list, report", cold, 5},
        {"judge warm: report alone", warm, 1.5},
        {"judge a quote of TDX: all of it", tdx_all, 10},
        {"refuse 64 KiB as a quote of TDX", long_td_quote, 1},
        {"refuse 64 KiB as TCB info", long_tcb_info, 1},
        {"refuse 64 KiB of JSON in its last byte", long_json, 1},
        {"refuse 64 KiB as a report", long_report, 1},
        {"refuse 64 KiB as a root", long_ark, 1},
        {"refuse 64 KiB as an issuer, after the root", long_ask, 1},
        {"refuse 64 KiB as a list, after both", long_crl, 1},
        {"refuse 64 KiB as a key, after the chain", long_vek, 1},
        {"refuse 64 KiB as a table", long_table, 1},
        {"refuse 64 KiB as a policy", long_policy, 1},
        {"refuse 64 KiB as firmware", firmware, 1},
        {"refuse the longest policy in its last line", full_policy, 1},
        {"refuse a forged key, after the chain", forged_vek, 5},
        {"judge a guest of Azure cold, with its quote", azure_cold, 6},
        {"refuse 64 KiB as a paravisor's blob", long_hcl, 1},
        {"refuse 64 KiB as a quote", long_quote, 1},
        {"refuse 64 KiB as a token", long_token, 1},
        {"refuse 64 KiB as a key set", long_key_set, 1},
    };
    const int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : ROUNDS;

    if (rounds < 1) {
        die("usage: bench_attest [ROUNDS]");
    }
    prepare();
    prepare_tdx();
    memset(hostile, 0x30, sizeof hostile);
    memcpy(hostile, ev.vek.p, ev.vek.n);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double before_ms = cost_ms(bare, rounds); /* beside each: a machine slows down */
        const double ms = cost_ms(rows[i].work, rounds);

        printf("%-44s %8.4f ms, %6.3f of a P-384 verification (%.4f ms), limit %.1f ms%s\n",
               rows[i].what, ms, ms / before_ms, before_ms, rows[i].limit_ms,
               ms > rows[i].limit_ms ? " EXCEEDED" : "");
    }
    snp_kit_key_free(&key);
    return 0;
}
