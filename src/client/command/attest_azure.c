#include "attest/tpm_public.h"
#include "client/command/attest_command.h"
#include "client/command/options.h"
#include "client/evidence/evidence_azure.h"
#include "client/kit/diag.h"
#include "client/verify/exit_code.h"

#include <string.h>

bool attest_azure_is(struct view file)
{
    return file.n >= 4 && memcmp(file.p, "HCLA", 4) == 0;
}

static int cannot_read(const char *path, enum attest_fault f)
{
    diag("%s: nothing that can be read (%s)", path, attest_fault_name(f));
    return EXIT_CODE_COULD_NOT_TELL;
}

int attest_azure_show(const struct attest_args *a, struct view hcl)
{
    struct evidence_rows rows = {.n = 0};
    struct hcl_report h;
    struct hcl_runtime runtime;
    struct snp_report r;
    uint8_t data[SNP_REPORT_DATA_LEN];
    enum attest_fault f = hcl_report_parse(hcl, &h);

    if (f == ATTEST_OK) {
        f = hcl_runtime_parse(h.runtime, &runtime);
    }
    if (f != ATTEST_OK) {
        return cannot_read(a->report, f);
    }
    evidence_rows_add(&rows, "hcl_report", "%s",
                      h.kind == HCL_SNP ? "SEV-SNP" : "TDREPORT of TDX");
    hcl_report_data(&h, data);
    evidence_rows_add_hex(&rows, "runtime_data", data, sizeof data);
    evidence_azure_runtime(&runtime, &rows);
    if (h.kind == HCL_SNP) {
        f = snp_report_parse(h.hardware, &r);
        if (f != ATTEST_OK) {
            return cannot_read(a->report, f);
        }
        evidence_rows_report(&r, r.line, &rows);
    }
    return exit_code_of(attest_command_print(a, NULL, NULL, &rows));
}

/* ---- verify ---- */

struct parts {
    struct attest_chain chain;
    uint8_t quote[TPM_QUOTE_MAX], ak_public[TPM_PUBLIC_MAX], ak_cert[AK_CERT_MAX];
    uint8_t extra_data[TPM_EXTRA_DATA_MAX];
    struct view expected;
    struct azure_policy policy;
    struct azure_evidence ev;
};

/* Adds a whole file; before it its length, where len is. */
static enum err add_file(const char *path, bool len, struct writer *w)
{
    struct file_bytes f;

    TRY(options_file(path, &f));
    const bool fits = f.n <= TPM_QUOTE_MAX;

    if (fits && len) {
        wr_u16be(w, (uint16_t)f.n);
    }
    if (fits) {
        wr_bytes(w, f.p, f.n);
    } else {
        diag("%s: longer than %d bytes", path, TPM_QUOTE_MAX);
    }
    file_free(&f);
    return fits ? ERR_OK : ERR_LENGTH;
}

/* TPMS_ATTEST, TPMT_SIGNATURE and values, as the tools of TPMs write them. */
static enum err read_quote(const struct attest_args *a, struct parts *p)
{
    struct writer w = wr_init(p->quote, sizeof p->quote);

    TRY(add_file(a->quote, true, &w));
    TRY(add_file(a->quote_signature, false, &w));
    TRY(add_file(a->pcrs, false, &w));
    const enum err e = wr_finish(&w, &p->ev.quote);

    if (e != ERR_OK) {
        diag("quote, signature and PCRs are longer than %d bytes", TPM_QUOTE_MAX);
    }
    return e;
}

static enum err read_expected(const struct attest_args *a, struct parts *p)
{
    struct options_digest d;

    TRY(options_digest(a->extra_data ? a->extra_data : a->report_data, &d));
    if (a->extra_data) {
        memcpy(p->extra_data, d.bytes, d.value.n);
        p->expected = (struct view){p->extra_data, d.value.n};
        return ERR_OK;
    }
    if (d.value.n != SNP_REPORT_DATA_LEN) {
        diag("--report-data is %d bytes, not %zu", SNP_REPORT_DATA_LEN, d.value.n);
        return ERR_LENGTH;
    }
    azure_extra_data(d.bytes, p->extra_data);
    p->expected = (struct view){p->extra_data, AZURE_EXTRA_DATA_LEN};
    return ERR_OK;
}

static enum err read_policy(const char *path, struct azure_policy *out)
{
    struct file_bytes f;
    unsigned at = 0;

    TRY(options_file(path, &f));
    const enum attest_fault fault = azure_policy_parse((struct view){f.p, f.n}, out, &at);

    file_free(&f);
    return attest_command_policy(path, at, fault);
}

static enum err read_parts(const struct attest_args *a, struct parts *p)
{
    struct writer w = wr_init(p->ak_public, sizeof p->ak_public);

    TRY(read_policy(a->policy, &p->policy));
    TRY(read_expected(a, p));
    TRY(read_quote(a, p));
    TRY(attest_command_chain(a, &p->chain));
    p->ev.vek = p->chain.ev.vek;
    p->ev.ask = p->chain.ev.ask;
    p->ev.ark = p->chain.ev.ark;
    p->ev.crl = p->chain.ev.crl;
    if (a->ak_public) {
        TRY(add_file(a->ak_public, false, &w));
        TRY(wr_finish(&w, &p->ev.ak_public));
    }
    return a->ak_cert ? attest_command_part(a->ak_cert, "CERTIFICATE", p->ak_cert,
                                            sizeof p->ak_cert, &p->ev.ak_cert)
                      : ERR_OK;
}

/* What the token says, under the keys and the issuer of the policy. */
static enum err judge_token(const struct attest_args *a, const struct azure_policy *policy,
                            const struct azure_claims *claims, struct evidence_rows *rows,
                            enum attest_fault *fault)
{
    static struct maa_token token;
    struct maa_keys keys;
    struct maa_rows answers = {.n = 0};
    struct file_bytes text;
    struct file_bytes set;
    const struct view issuer = {policy->maa_issuer, policy->maa_issuer_len};

    TRY(options_file(a->token, &text));
    const enum err e = options_file(a->keys, &set);

    if (e != ERR_OK) {
        file_free(&text);
        return e;
    }
    while (text.n > 0 && text.p[text.n - 1] == '\n') {
        text.n--;
    }
    *fault = maa_keys_parse((struct view){set.p, set.n}, &keys);
    if (*fault == ATTEST_OK) {
        *fault =
            maa_token_verify((struct view){text.p, text.n}, &keys, issuer, a->at_s, &token);
    }
    if (*fault == ATTEST_OK) {
        *fault = maa_compare(&token, claims, &answers);
    }
    evidence_azure_token(&answers, rows);
    file_free(&text);
    file_free(&set);
    return ERR_OK;
}

static int judge(const struct attest_args *a, const struct parts *p)
{
    static struct azure_claims claims;
    struct evidence_rows rows = {.n = 0};
    enum attest_fault f =
        azure_judge(&p->ev, &p->policy, p->expected, &snp_roots_compiled, a->at_s, &claims);

    if (f != ATTEST_OK) {
        return attest_command_verdict(a, f, &rows);
    }
    evidence_rows_claims(&claims.paravisor, &rows);
    evidence_azure_claims(&claims, &rows);
    evidence_azure_runtime(&claims.runtime, &rows);
    evidence_rows_report(&claims.paravisor.report, claims.paravisor.vek.line, &rows);
    if (a->token && judge_token(a, &p->policy, &claims, &rows, &f) != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    return attest_command_verdict(a, f, &rows);
}

int attest_azure_verify(const struct attest_args *a, struct view hcl)
{
    static struct parts p;

    if (!a->quote || !a->quote_signature || !a->pcrs || !a->extra_data == !a->report_data ||
        !a->token != !a->keys) {
        diag(
            "a guest of Azure takes --quote, --quote-signature and --pcrs, one of --extra-data "
            "and --report-data, and --token with --keys");
        return EXIT_CODE_COULD_NOT_TELL;
    }
    if (read_parts(a, &p) != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    p.ev.hcl = hcl;
    return judge(a, &p);
}
