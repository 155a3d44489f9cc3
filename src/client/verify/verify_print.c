#include "client/verify/verify_print.h"

#include "client/token/token_facts.h"
#include "client/verify/exit_code.h"

#include <string.h>

void verify_print_verdict(const struct verify_report *r, char *out, size_t cap)
{
    const enum verify_step_id id = verify_decisive(r);
    const char *name = verify_verdict_name(r->verdict);
    char time[TIME_TEXT_LEN];
    char accuracy[TIME_TEXT_LEN];

    if (r->verdict != VERDICT_GENUINE && id < STEP_COUNT) {
        (void)snprintf(out, cap, "%s: %s: %s", name, verify_step_name(id), r->steps[id].reason);
        return;
    }
    if (r->verdict != VERDICT_GENUINE) {
        (void)snprintf(out, cap, "%s", name);
        return;
    }
    token_facts_time(&r->token.tst.gen_time, time);
    token_facts_accuracy(&r->token.tst, accuracy);
    (void)snprintf(out, cap, "%s%s: %s, accuracy %s, by %s", name,
                   r->simulated ? " (simulated: time untrusted)" : "", time, accuracy,
                   r->signer);
}

void verify_print_steps(const struct verify_report *r, const char *prefix, FILE *out)
{
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        (void)fprintf(out, "%-11s  %s%s: %s\n", verify_result_name(r->steps[i].result), prefix,
                      verify_step_name((enum verify_step_id)i), r->steps[i].reason);
    }
}

void verify_print_text(const struct verify_report *r, FILE *out)
{
    char verdict[2 * VERIFY_REASON_MAX];

    verify_print_steps(r, "", out);
    if (r->token.tst_err == ERR_OK) {
        token_facts_print(&r->token.tst, out);
    }
    if (r->signer[0] != '\0') {
        (void)fprintf(out, "  signer:   %s\n  issuer:   %s\n", r->signer, r->issuer);
    }
    verify_print_verdict(r, verdict, sizeof verdict);
    (void)fprintf(out, "%s\n", verdict);
}

json_t *verify_print_json(const struct verify_report *r)
{
    json_t *steps = json_array();

    for (unsigned i = 0; i < STEP_COUNT; i++) {
        (void)json_array_append_new(
            steps,
            json_pack("{s:s, s:s, s:b, s:s}", "step", verify_step_name((enum verify_step_id)i),
                      "result", verify_result_name(r->steps[i].result), "required",
                      (int)r->steps[i].required, "reason", r->steps[i].reason));
    }
    return json_pack("{s:s, s:i, s:b, s:o, s:s*, s:s*, s:s*, s:o*}", "verdict",
                     verify_verdict_name(r->verdict), "exit_code",
                     exit_code_of_verdict(r->verdict), "simulated", (int)r->simulated, "steps",
                     steps, "signer", r->signer[0] != '\0' ? r->signer : NULL, "issuer",
                     r->issuer[0] != '\0' ? r->issuer : NULL, "signature_algorithm",
                     r->signature_alg[0] != '\0' ? r->signature_alg : NULL, "token",
                     r->token.tst_err == ERR_OK ? token_facts_json(&r->token.tst) : NULL);
}
