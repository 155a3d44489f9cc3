#include "client/command/attest_command.h"
#include "client/command/options.h"
#include "client/evidence/evidence_rows_tdx.h"
#include "client/kit/diag.h"
#include "client/verify/exit_code.h"

#include <stdio.h>

#define FILES TDX_COLLATERAL_PARTS
#define PATH_LEN_MAX 4096

bool attest_tdx_is(struct view file)
{
    return file.n > 5 && file.n != SNP_REPORT_LEN && (file.p[0] == 4 || file.p[0] == 5) &&
           file.p[1] == 0 && file.p[4] == TDX_TEE_TYPE;
}

int attest_tdx_show(const struct attest_args *a, struct view quote)
{
    struct evidence_rows rows = {.n = 0};
    struct tdx_quote q;
    const enum attest_fault f = tdx_quote_parse(quote, &q);

    if (f != ATTEST_OK) {
        diag("%s: no quote that can be read (%s)", a->report, attest_fault_name(f));
        return EXIT_CODE_COULD_NOT_TELL;
    }
    evidence_rows_quote(q.version, &q.td, q.trailing.n, &rows);
    return exit_code_of(attest_command_print(a, NULL, NULL, &rows));
}

static enum err read_policy(const char *path, struct tdx_policy *out)
{
    struct file_bytes f;
    unsigned at = 0;

    TRY(options_file(path, &f));
    const enum attest_fault fault = tdx_policy_parse((struct view){f.p, f.n}, out, &at);

    file_free(&f);
    return attest_command_policy(path, at, fault);
}

/* Reads all six; what was read is the caller's to free, whatever this says. */
static enum err read_files(const char *folder, struct file_bytes files[FILES])
{
    for (size_t i = 0; i < FILES; i++) {
        char path[PATH_LEN_MAX];
        const int n = snprintf(path, sizeof path, "%s/%s", folder, tdx_collateral_files[i]);

        if (n < 0 || (size_t)n >= sizeof path) {
            diag("%s: too long", folder);
            return ERR_NOSPACE;
        }
        TRY(options_file(path, &files[i]));
    }
    return ERR_OK;
}

static struct view view_of(const struct file_bytes *f)
{
    return (struct view){f->p, f->n};
}

static int judge(const struct attest_args *a, struct view quote,
                 const struct file_bytes files[FILES], const struct tdx_policy *policy,
                 const uint8_t report_data[TDX_REPORT_DATA_LEN])
{
    static struct tdx_scratch scratch;
    static struct tdx_claims claims;
    struct evidence_rows rows = {.n = 0};
    const struct view parts[FILES] = {view_of(&files[0]), view_of(&files[1]),
                                      view_of(&files[2]), view_of(&files[3]),
                                      view_of(&files[4]), view_of(&files[5])};
    const struct tdx_evidence ev = {quote, tdx_collateral_of(parts)};
    const enum attest_fault f =
        tdx_judge(&ev, policy, report_data, &tdx_roots_compiled, a->at_s, &scratch, &claims);

    if (f == ATTEST_OK) {
        evidence_rows_tdx(&claims, &rows);
        evidence_rows_quote(claims.version, &claims.td, claims.trailing, &rows);
    }
    return attest_command_verdict(a, f, &rows);
}

int attest_tdx_verify(const struct attest_args *a, struct view quote)
{
    static struct tdx_policy policy;
    uint8_t report_data[TDX_REPORT_DATA_LEN];
    struct file_bytes files[FILES] = {{NULL, 0}};
    int code = EXIT_CODE_COULD_NOT_TELL;

    if (read_policy(a->policy, &policy) == ERR_OK &&
        attest_command_report_data(a->report_data, report_data) == ERR_OK &&
        read_files(a->collateral, files) == ERR_OK) {
        code = judge(a, quote, files, &policy, report_data);
    }
    for (size_t i = 0; i < FILES; i++) {
        file_free(&files[i]);
    }
    return code;
}
