#include "client/verify/legs_print.h"

#include "client/token/token_facts.h"
#include "client/verify/exit_code.h"
#include "client/verify/verify_print.h"

/* What a genuine token is worth. */
static const char *kind_text(const struct legs_report *r)
{
    if (r->quantum_safe) {
        return " quantum-safe";
    }
    return r->profile == PROFILE_PQ ? " pq only" : " classic only";
}

static void print_genuine(const struct legs_report *r, char *out, size_t cap)
{
    const struct tst_info_view *token = &r->token.token.tst;
    const struct tst_info_view *proof = r->quantum_safe ? &r->pq.token.tst : token;
    const struct verify_report *by = r->quantum_safe ? &r->pq : &r->token;
    char time[TIME_TEXT_LEN];
    char proven[TIME_TEXT_LEN];
    char accuracy[TIME_TEXT_LEN];
    char more[2 * TIME_TEXT_LEN] = "";

    token_facts_time(&proof->gen_time, time);
    token_facts_accuracy(proof, accuracy);
    token_facts_time(&r->proven, proven);
    if (r->proven_by_pq && r->quantum_safe) {
        token_facts_time(&token->gen_time, proven);
        (void)snprintf(more, sizeof more, "; the token itself says %s", proven);
    } else if (r->proven_by_pq) {
        (void)snprintf(more, sizeof more, "; protected since %s", proven);
    }
    (void)snprintf(out, cap, "%s%s%s: %s, accuracy %s, by %s%s",
                   verify_verdict_name(r->verdict), kind_text(r),
                   r->token.simulated ? " (simulated: time untrusted)" : "", time, accuracy,
                   by->signer, more);
}

void legs_print_verdict(const struct legs_report *r, char *out, size_t cap)
{
    const char *name = verify_verdict_name(r->verdict);

    if (r->verdict == VERDICT_GENUINE) {
        print_genuine(r, out, cap);
    } else if (r->decisive == LEG_COUNT) {
        (void)snprintf(out, cap, "%s", name);
    } else {
        const bool alone = r->profile == PROFILE_CLASSIC || r->profile == PROFILE_PQ;
        const bool own = alone && r->leg[r->decisive].result != LEG_ABSENT;

        (void)snprintf(out, cap, "%s: %s%s%s", name, own ? "" : leg_name(r->decisive),
                       own ? "" : ": ", r->leg[r->decisive].reason);
    }
}

void legs_print_text(const struct legs_report *r, FILE *out)
{
    char verdict[2 * VERIFY_REASON_MAX];
    char time[TIME_TEXT_LEN];

    verify_print_steps(&r->token, "", out);
    if (r->has_pq) {
        verify_print_steps(&r->pq, "pq ", out);
    }
    for (unsigned i = 0; i < LEG_COUNT; i++) {
        (void)fprintf(out, "%-11s  %s: %s\n", leg_result_name(r->leg[i].result),
                      leg_name((enum leg)i), r->leg[i].reason);
    }
    if (r->token.token.tst_err == ERR_OK) {
        token_facts_print(&r->token.token.tst, out);
    }
    if (r->token.signer[0] != '\0') {
        (void)fprintf(out, "  signer:   %s\n  issuer:   %s\n", r->token.signer,
                      r->token.issuer);
    }
    if (r->has_pq && r->pq.signer[0] != '\0') {
        (void)fprintf(out, "  pq signer: %s\n  pq issuer: %s\n", r->pq.signer, r->pq.issuer);
    }
    if (r->profile == PROFILE_RECORD && r->has_pq && r->pq.token.tst_err == ERR_OK) {
        token_facts_time(&r->pq.token.tst.gen_time, time);
        (void)fprintf(out, "  record:   %s, window %u s\n", time, (unsigned)r->window_s);
    }
    legs_print_verdict(r, verdict, sizeof verdict);
    (void)fprintf(out, "%s\n", verdict);
}

static json_t *legs_json(const struct legs_report *r)
{
    json_t *all = json_object();

    for (unsigned i = 0; i < LEG_COUNT; i++) {
        (void)json_object_set_new(all, leg_name((enum leg)i),
                                  json_pack("{s:s, s:s}", "result",
                                            leg_result_name(r->leg[i].result), "reason",
                                            r->leg[i].reason));
    }
    return all;
}

json_t *legs_print_json(const struct legs_report *r)
{
    json_t *j = verify_print_json(&r->token);
    char time[TIME_TEXT_LEN] = "";

    if (j == NULL) {
        return NULL;
    }
    if (r->verdict == VERDICT_GENUINE) {
        token_facts_time(&r->proven, time);
    }
    json_t *own = json_pack(
        "{s:s, s:i, s:b, s:s*, s:I, s:b, s:o, s:o*}", "verdict",
        verify_verdict_name(r->verdict), "exit_code", exit_code_of_verdict(r->verdict),
        "quantum_safe", (int)r->quantum_safe, "proven_time", time[0] != '\0' ? time : NULL,
        "window_s", (json_int_t)r->window_s, "pq_required", (int)r->pq_required, "legs",
        legs_json(r), "pq", r->has_pq ? verify_print_json(&r->pq) : NULL);

    if (own == NULL || json_object_update(j, own) != 0) {
        json_decref(own);
        json_decref(j);
        return NULL;
    }
    json_decref(own);
    return j;
}
