#include "client/command/attest_command.h"
#include "client/command/command.h"
#include "client/command/options.h"
#include "client/evidence/evidence_files.h"
#include "client/kit/diag.h"
#include "client/verify/exit_code.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char usage[] =
    "usage: quorate attest show [--json] REPORT\n"
    "       quorate attest verify --policy FILE --report-data HEX --vek FILE --chain FILE\n"
    "                             [--crl FILE] [--at TIME] [--json] REPORT\n"
    "       quorate attest verify --policy FILE --report-data HEX --collateral FOLDER\n"
    "                             [--at TIME] [--json] REPORT\n"
    "\n"
    "REPORT is an attestation report of AMD SEV-SNP, 1184 bytes, a quote of Intel TDX, or "
    "what\n"
    "a guest of Azure reads from its vTPM at 0x01400001; - is standard input.\n"
    "show says what it holds and verifies nothing. verify says whether it is genuine and\n"
    "satisfies a policy, offline, under the roots of AMD or Intel.\n"
    "\n"
    "      --policy FILE      what the report must say (quorate-attest(1))\n"
    "      --report-data HEX  the 64 bytes that it must carry\n"
    "      --vek FILE         the VCEK or VLEK that signed it, DER or PEM\n"
    "      --chain FILE       who issued that and the root, PEM in this order, as AMD serves "
    "it\n"
    "      --crl FILE         the root's revocation list, DER or PEM\n"
    "      --at TIME          judged at this time; else now\n"
    "  of a quote\n"
    "      --collateral FOLDER\n"
    "                         what Intel says of its platform (quorate-attest(1))\n"
    "  of a guest of Azure also\n"
    "      --quote FILE --quote-signature FILE --pcrs FILE\n"
    "                         TPMS_ATTEST, TPMT_SIGNATURE, the values of the PCRs quoted\n"
    "      --extra-data HEX   what the quote must carry; else SHA-256 of --report-data\n"
    "      --ak-public FILE   TPM2B_PUBLIC of the key that quotes\n"
    "      --ak-certificate FILE\n"
    "                         its certificate, DER or PEM\n"
    "      --token FILE --keys FILE\n"
    "                         a token of Azure's attestation service, and its JWK set\n"
    "      --json             as JSON\n"
    "\n"
    "exit code: 0 accepted or shown, 1 refused, 2 could not tell\n";

enum {
    OPT_POLICY = 256,
    OPT_REPORT_DATA,
    OPT_VEK,
    OPT_CHAIN,
    OPT_CRL,
    OPT_AT,
    OPT_JSON,
    OPT_EXTRA_DATA,
    OPT_QUOTE,
    OPT_QUOTE_SIGNATURE,
    OPT_PCRS,
    OPT_AK_PUBLIC,
    OPT_AK_CERT,
    OPT_TOKEN,
    OPT_KEYS,
    OPT_COLLATERAL
};

static const struct option long_options[] = {
    {"policy", required_argument, NULL, OPT_POLICY},
    {"report-data", required_argument, NULL, OPT_REPORT_DATA},
    {"vek", required_argument, NULL, OPT_VEK},
    {"chain", required_argument, NULL, OPT_CHAIN},
    {"crl", required_argument, NULL, OPT_CRL},
    {"at", required_argument, NULL, OPT_AT},
    {"json", no_argument, NULL, OPT_JSON},
    {"extra-data", required_argument, NULL, OPT_EXTRA_DATA},
    {"quote", required_argument, NULL, OPT_QUOTE},
    {"quote-signature", required_argument, NULL, OPT_QUOTE_SIGNATURE},
    {"pcrs", required_argument, NULL, OPT_PCRS},
    {"ak-public", required_argument, NULL, OPT_AK_PUBLIC},
    {"ak-certificate", required_argument, NULL, OPT_AK_CERT},
    {"token", required_argument, NULL, OPT_TOKEN},
    {"keys", required_argument, NULL, OPT_KEYS},
    {"collateral", required_argument, NULL, OPT_COLLATERAL},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static enum err take_option(int c, const char *value, struct attest_args *a)
{
    const struct {
        int option;
        const char **to;
    } texts[] = {{OPT_POLICY, &a->policy},   {OPT_REPORT_DATA, &a->report_data},
                 {OPT_VEK, &a->vek},         {OPT_CHAIN, &a->chain},
                 {OPT_CRL, &a->crl},         {OPT_EXTRA_DATA, &a->extra_data},
                 {OPT_QUOTE, &a->quote},     {OPT_QUOTE_SIGNATURE, &a->quote_signature},
                 {OPT_PCRS, &a->pcrs},       {OPT_AK_PUBLIC, &a->ak_public},
                 {OPT_AK_CERT, &a->ak_cert}, {OPT_TOKEN, &a->token},
                 {OPT_KEYS, &a->keys},       {OPT_COLLATERAL, &a->collateral}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (c == texts[i].option) {
            *texts[i].to = value;
            return ERR_OK;
        }
    }
    if (c == OPT_AT) {
        a->has_at = true;
        return options_time(value, &a->at_s);
    }
    return options_flag(c, (const struct options_flag[]){{OPT_JSON, &a->json, true},
                                                         {'h', &a->help, true},
                                                         {0, NULL, false}});
}

static enum err read_args(int argc, char **argv, struct attest_args *a)
{
    int c = 0;

    *a = (struct attest_args){.policy = NULL};
    while ((c = options_next(argc, argv, "h", long_options)) != -1) {
        TRY(take_option(c, optarg, a));
    }
    if (a->help) {
        return ERR_OK;
    }
    if (optind + 1 != argc) {
        diag("one REPORT, please");
        return ERR_TYPE;
    }
    a->report = argv[optind];
    a->at_s = a->has_at ? a->at_s : (int64_t)time(NULL);
    return ERR_OK;
}

static bool is_report(const struct attest_args *a, struct view file)
{
    if (file.n != SNP_REPORT_LEN) {
        diag("%s: a report has %d bytes, not %zu", a->report, SNP_REPORT_LEN, file.n);
    }
    return file.n == SNP_REPORT_LEN;
}

enum err attest_command_print(const struct attest_args *a, const char *verdict,
                              const char *fault, const struct evidence_rows *rows)
{
    if (!a->json) {
        if (verdict) {
            (void)printf("%s%s%s\n", verdict, fault ? ": " : "", fault ? fault : "");
        }
        evidence_rows_print(rows, stdout);
        return ERR_OK;
    }
    json_t *const j = json_object();

    if ((verdict && json_object_set_new(j, "verdict", json_string(verdict)) != 0) ||
        (fault && json_object_set_new(j, "fault", json_string(fault)) != 0) ||
        evidence_rows_json(rows, j) != ERR_OK) {
        json_decref(j);
        return ERR_NOSPACE;
    }
    return options_print_json(j);
}

int attest_command_verdict(const struct attest_args *a, enum attest_fault f,
                           const struct evidence_rows *rows)
{
    const enum err e = attest_command_print(a, f == ATTEST_OK ? "ACCEPTED" : "REFUSED",
                                            f == ATTEST_OK ? NULL : attest_fault_name(f), rows);

    if (e != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    return f == ATTEST_OK ? EXIT_CODE_GENUINE : EXIT_CODE_NOT_GENUINE;
}

static int show(const struct attest_args *a, struct view file)
{
    struct evidence_rows rows = {.n = 0};
    struct snp_report r;

    if (!is_report(a, file)) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    const enum attest_fault f = snp_report_parse(file, &r);

    if (f != ATTEST_OK) {
        diag("%s: no report that can be read (%s)", a->report, attest_fault_name(f));
        return EXIT_CODE_COULD_NOT_TELL;
    }
    evidence_rows_report(&r, r.line, &rows);
    return exit_code_of(attest_command_print(a, NULL, NULL, &rows));
}

/* ---- verify ---- */

struct parts {
    struct attest_chain chain;
    uint8_t report_data[SNP_REPORT_DATA_LEN];
    struct snp_policy policy;
};

static enum err take_part(const char *path, const struct file_bytes *f, const char *label,
                          size_t index, uint8_t *out, size_t cap, struct view *der)
{
    const enum err e =
        evidence_files_der((struct view){f->p, f->n}, label, index, out, cap, der);

    if (e != ERR_OK) {
        diag("%s: no %s number %zu that can be read (%s)", path, label, index + 1, err_name(e));
    }
    return e;
}

enum err attest_command_part(const char *path, const char *label, uint8_t *out, size_t cap,
                             struct view *der)
{
    struct file_bytes f;

    TRY(options_file(path, &f));
    const enum err e = take_part(path, &f, label, 0, out, cap, der);

    file_free(&f);
    return e;
}

enum err attest_command_policy(const char *path, unsigned at, enum attest_fault f)
{
    if (f != ATTEST_OK) {
        diag("%s:%u: %s", path, at, attest_fault_name(f));
    }
    return attest_fault_err(f);
}

static enum err read_policy(const char *path, struct snp_policy *out)
{
    struct file_bytes f;
    unsigned at = 0;

    TRY(options_file(path, &f));
    const enum attest_fault fault = snp_policy_parse((struct view){f.p, f.n}, out, &at);

    file_free(&f);
    return attest_command_policy(path, at, fault);
}

enum err attest_command_report_data(const char *text, uint8_t out[SNP_REPORT_DATA_LEN])
{
    struct options_digest d;

    TRY(options_digest(text, &d));
    if (d.value.n != SNP_REPORT_DATA_LEN) {
        diag("--report-data is %d bytes, not %zu", SNP_REPORT_DATA_LEN, d.value.n);
        return ERR_LENGTH;
    }
    memcpy(out, d.bytes, SNP_REPORT_DATA_LEN);
    return ERR_OK;
}

static const char cert[] = "CERTIFICATE";

/* Both out of one reading: it may be a pipe. */
static enum err read_issuers(const char *path, struct attest_chain *out)
{
    struct snp_evidence *const ev = &out->ev;
    struct file_bytes f;

    TRY(options_file(path, &f));
    enum err e = take_part(path, &f, cert, 0, out->ask, sizeof out->ask, &ev->ask);

    if (e == ERR_OK) {
        e = take_part(path, &f, cert, 1, out->ark, sizeof out->ark, &ev->ark);
    }
    file_free(&f);
    return e;
}

enum err attest_command_chain(const struct attest_args *a, struct attest_chain *out)
{
    struct snp_evidence *const ev = &out->ev;

    TRY(attest_command_part(a->vek, cert, out->vek, sizeof out->vek, &ev->vek));
    TRY(read_issuers(a->chain, out));
    return a->crl ? attest_command_part(a->crl, "X509 CRL", out->crl, sizeof out->crl, &ev->crl)
                  : ERR_OK;
}

static enum err read_parts(const struct attest_args *a, struct parts *p)
{
    TRY(read_policy(a->policy, &p->policy));
    TRY(attest_command_report_data(a->report_data, p->report_data));
    return attest_command_chain(a, &p->chain);
}

static bool has_azure(const struct attest_args *a)
{
    return a->extra_data || a->quote || a->quote_signature || a->pcrs || a->ak_public ||
           a->ak_cert || a->token || a->keys;
}

static int verify(const struct attest_args *a, struct view file)
{
    static struct parts p;
    static struct snp_claims claims;
    struct evidence_rows rows = {.n = 0};

    if (!a->report_data || has_azure(a)) {
        diag("a report of SEV-SNP takes --report-data, and nothing of a guest of Azure");
        return EXIT_CODE_COULD_NOT_TELL;
    }
    if (!is_report(a, file) || read_parts(a, &p) != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    p.chain.ev.report = file;
    const enum attest_fault f =
        snp_judge(&p.chain.ev, &p.policy, p.report_data, &snp_roots_compiled, a->at_s, &claims);

    if (f == ATTEST_OK) {
        evidence_rows_claims(&claims, &rows);
        evidence_rows_report(&claims.report, claims.vek.line, &rows);
    }
    return attest_command_verdict(a, f, &rows);
}

static int run_verify(const struct attest_args *a, struct view file)
{
    if (a->collateral) {
        return attest_tdx_verify(a, file);
    }
    return attest_azure_is(file) ? attest_azure_verify(a, file) : verify(a, file);
}

static int run_show(const struct attest_args *a, struct view file)
{
    if (attest_tdx_is(file)) {
        return attest_tdx_show(a, file);
    }
    return attest_azure_is(file) ? attest_azure_show(a, file) : show(a, file);
}

/* On the file that is judged or shown. */
static int run_on(const struct attest_args *a,
                  int (*work)(const struct attest_args *a, struct view file))
{
    struct file_bytes f;

    if (options_file(a->report, &f) != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    const int code = work(a, (struct view){f.p, f.n});

    file_free(&f);
    return code;
}

/* What is needed, or must not be, whatever the report is. */
static bool is_usable(const struct attest_args *a, bool is_verify)
{
    const bool snp = a->vek || a->chain || a->crl || has_azure(a);

    if (!is_verify && (a->policy || a->report_data || snp || a->collateral || a->has_at)) {
        diag("show takes --json alone");
        return false;
    }
    if (is_verify && a->collateral && snp) {
        diag("--collateral is of a quote of TDX, and goes with no certificates or lists");
        return false;
    }
    if (is_verify && (!a->policy || (!a->report_data && (a->collateral || !a->extra_data)) ||
                      (!a->collateral && (!a->vek || !a->chain)))) {
        diag("--policy, --report-data, and --vek and --chain or --collateral are needed");
        return false;
    }
    return true;
}

static int run(int argc, char **argv)
{
    const bool is_verify = argc > 1 && strcmp(argv[1], "verify") == 0;
    struct attest_args a;

    diag_open("quorate attest");
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        return command_not_run(&command_attest, ERR_OK);
    }
    if (!is_verify && (argc < 2 || strcmp(argv[1], "show") != 0)) {
        diag("show or verify, please");
        return command_usage_error(&command_attest);
    }
    const enum err e = read_args(argc - 1, argv + 1, &a);

    if (e != ERR_OK || a.help) {
        return command_not_run(&command_attest, e);
    }
    if (!is_usable(&a, is_verify)) {
        return command_usage_error(&command_attest);
    }
    return run_on(&a, is_verify ? run_verify : run_show);
}

const struct command command_attest = {
    .name = "attest",
    .summary = "say whether an attestation report is genuine (attest verify)",
    .usage = usage,
    .run = run,
};
