#include "client/command/command.h"
#include "client/command/options.h"
#include "client/evidence/evidence_files.h"
#include "client/evidence/evidence_rows.h"
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
    "\n"
    "REPORT is an attestation report of AMD SEV-SNP, 1184 bytes; - is standard input.\n"
    "show says what it holds and verifies nothing. verify says whether it is genuine and\n"
    "satisfies a policy, offline, under AMD's roots.\n"
    "\n"
    "      --policy FILE      what the report must say (quorate-attest(1))\n"
    "      --report-data HEX  the 64 bytes that it must carry\n"
    "      --vek FILE         the VCEK or VLEK that signed it, DER or PEM\n"
    "      --chain FILE       who issued that and the root, PEM in this order, as AMD serves "
    "it\n"
    "      --crl FILE         the root's revocation list, DER or PEM\n"
    "      --at TIME          judged at this time; else now\n"
    "      --json             as JSON\n"
    "\n"
    "exit code: 0 accepted or shown, 1 refused, 2 could not tell\n";

enum { OPT_POLICY = 256, OPT_REPORT_DATA, OPT_VEK, OPT_CHAIN, OPT_CRL, OPT_AT, OPT_JSON };

static const struct option long_options[] = {
    {"policy", required_argument, NULL, OPT_POLICY},
    {"report-data", required_argument, NULL, OPT_REPORT_DATA},
    {"vek", required_argument, NULL, OPT_VEK},
    {"chain", required_argument, NULL, OPT_CHAIN},
    {"crl", required_argument, NULL, OPT_CRL},
    {"at", required_argument, NULL, OPT_AT},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct attest_args {
    const char *policy, *report_data, *vek, *chain, *crl, *report;
    int64_t at_s;
    bool has_at, json, help;
};

static enum err take_option(int c, const char *value, struct attest_args *a)
{
    const struct {
        int option;
        const char **to;
    } texts[] = {{OPT_POLICY, &a->policy},
                 {OPT_REPORT_DATA, &a->report_data},
                 {OPT_VEK, &a->vek},
                 {OPT_CHAIN, &a->chain},
                 {OPT_CRL, &a->crl}};

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
    return ERR_OK;
}

/* Reads REPORT. What Azure's vTPM gives has more behind it: cut it off before. */
static enum err read_report(const char *path, uint8_t out[SNP_REPORT_LEN])
{
    struct file_bytes f;

    TRY(options_file(path, &f));
    const bool fits = f.n == SNP_REPORT_LEN;

    if (fits) {
        memcpy(out, f.p, SNP_REPORT_LEN);
    } else {
        diag("%s: a report has %d bytes, not %zu", path, SNP_REPORT_LEN, f.n);
    }
    file_free(&f);
    return fits ? ERR_OK : ERR_LENGTH;
}

/* Prints a verdict, or none for show, and the rows. */
static enum err print(const struct attest_args *a, const char *verdict, const char *fault,
                      const struct evidence_rows *rows)
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

static int show(const struct attest_args *a)
{
    struct evidence_rows rows = {.n = 0};
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_report r;

    if (read_report(a->report, raw) != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    const enum attest_fault f = snp_report_parse((struct view){raw, sizeof raw}, &r);

    if (f != ATTEST_OK) {
        diag("%s: no report that can be read (%s)", a->report, attest_fault_name(f));
        return EXIT_CODE_COULD_NOT_TELL;
    }
    evidence_rows_report(&r, r.line, &rows);
    return exit_code_of(print(a, NULL, NULL, &rows));
}

/* ---- verify ---- */

struct parts {
    uint8_t report[SNP_REPORT_LEN];
    uint8_t ark[SNP_CERT_MAX], ask[SNP_CERT_MAX], vek[SNP_CERT_MAX], crl[SNP_CRL_MAX];
    uint8_t report_data[SNP_REPORT_DATA_LEN];
    struct snp_policy policy;
    struct snp_evidence ev;
};

/* Element index of a file into one of the buffers. */
static enum err read_part(const char *path, const char *label, size_t index, uint8_t *out,
                          size_t cap, struct view *der)
{
    struct file_bytes f;

    TRY(options_file(path, &f));
    const enum err e = evidence_files_der((struct view){f.p, f.n}, label, index, out, cap, der);

    file_free(&f);
    if (e != ERR_OK) {
        diag("%s: no %s number %zu that can be read (%s)", path, label, index + 1, err_name(e));
    }
    return e;
}

static enum err read_policy(const char *path, struct snp_policy *out)
{
    struct file_bytes f;
    unsigned at = 0;

    TRY(options_file(path, &f));
    const enum attest_fault fault = snp_policy_parse((struct view){f.p, f.n}, out, &at);

    file_free(&f);
    if (fault != ATTEST_OK) {
        diag("%s:%u: %s", path, at, attest_fault_name(fault));
        return attest_fault_err(fault);
    }
    return ERR_OK;
}

static enum err read_report_data(const char *text, uint8_t out[SNP_REPORT_DATA_LEN])
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

static enum err read_parts(const struct attest_args *a, struct parts *p)
{
    static const char cert[] = "CERTIFICATE";

    TRY(read_report(a->report, p->report));
    p->ev.report = (struct view){p->report, sizeof p->report};
    TRY(read_policy(a->policy, &p->policy));
    TRY(read_report_data(a->report_data, p->report_data));
    TRY(read_part(a->vek, cert, 0, p->vek, sizeof p->vek, &p->ev.vek));
    TRY(read_part(a->chain, cert, 0, p->ask, sizeof p->ask, &p->ev.ask));
    TRY(read_part(a->chain, cert, 1, p->ark, sizeof p->ark, &p->ev.ark));
    return a->crl ? read_part(a->crl, "X509 CRL", 0, p->crl, sizeof p->crl, &p->ev.crl)
                  : ERR_OK;
}

static int verify(const struct attest_args *a)
{
    static struct parts p;
    static struct snp_claims claims;
    struct evidence_rows rows = {.n = 0};

    if (read_parts(a, &p) != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    const enum attest_fault f = snp_judge(&p.ev, &p.policy, p.report_data, &snp_roots_compiled,
                                          a->has_at ? a->at_s : (int64_t)time(NULL), &claims);

    if (f == ATTEST_OK) {
        evidence_rows_claims(&claims, &rows);
        evidence_rows_report(&claims.report, claims.vek.line, &rows);
    }
    const enum err e = print(a, f == ATTEST_OK ? "ACCEPTED" : "REFUSED",
                             f == ATTEST_OK ? NULL : attest_fault_name(f), &rows);

    if (e != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    return f == ATTEST_OK ? EXIT_CODE_GENUINE : EXIT_CODE_NOT_GENUINE;
}

static int run_verify(const struct attest_args *a)
{
    if (!a->policy || !a->report_data || !a->vek || !a->chain) {
        diag("--policy, --report-data, --vek and --chain are needed");
        return command_usage_error(&command_attest);
    }
    return verify(a);
}

static int run_show(const struct attest_args *a)
{
    if (a->policy || a->report_data || a->vek || a->chain || a->crl || a->has_at) {
        diag("show takes --json alone");
        return command_usage_error(&command_attest);
    }
    return show(a);
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
    return is_verify ? run_verify(&a) : run_show(&a);
}

const struct command command_attest = {
    .name = "attest",
    .summary = "say whether an attestation report is genuine (attest verify)",
    .usage = usage,
    .run = run,
};
