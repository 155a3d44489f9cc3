#include "client/verify/legs_steps.h"
#include "format/multiple_signatures.h"
#include "format/oid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void legs_note(struct legs_run *run, enum leg leg, enum leg_result result, const char *format,
               ...)
{
    struct leg_report *l = &run->report->leg[leg];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(l->reason, sizeof l->reason, format, ap);
    va_end(ap);
    l->result = result;
}

void legs_note_report(struct legs_run *run, enum leg leg, const struct verify_report *r)
{
    const enum verify_step_id id = verify_decisive(r);

    if (id == STEP_COUNT) {
        legs_note(run, leg, LEG_GENUINE, "%s by %s", r->signature_alg, r->signer);
        return;
    }
    legs_note(run, leg, r->steps[id].result == RESULT_FAIL ? LEG_NOT_GENUINE : LEG_NOT_CHECKED,
              "%s: %s", verify_step_name(id), r->steps[id].reason);
}

bool legs_is_ml_dsa(const struct signer_info *s)
{
    const enum oid_id id = oid_find(s->signature_alg.oid);

    return id == OID_ML_DSA_44 || id == OID_ML_DSA_65 || id == OID_ML_DSA_87;
}

static bool is_dual(const struct signed_data *sd)
{
    struct reader r = rd_init(sd->signer_infos);
    struct signer_info first;
    struct signer_info second;

    return sd->n_signers == 2 && cms_parse_signer(&r, &first) == ERR_OK &&
           cms_parse_signer(&r, &second) == ERR_OK &&
           legs_is_ml_dsa(&first) != legs_is_ml_dsa(&second);
}

/* Of a token with one SignerInfo: whether there must have been another. */
static bool was_one_of_two(const struct token *t)
{
    struct view link;

    return (t->tst_err == ERR_OK && authority_is_dual(t->tst.policy)) ||
           (multiple_signatures_find(t->cms.signer.signed_attrs, &link) != ERR_EXTENSION &&
            t->attrs_err == ERR_OK);
}

static enum token_profile profile_of(const struct token *t, bool has_record)
{
    if (t->cms_err != ERR_OK || t->cms.n_signers == 0) {
        return PROFILE_CLASSIC;
    }
    if (is_dual(&t->cms)) {
        return PROFILE_DUAL;
    }
    if (has_record) {
        return PROFILE_RECORD;
    }
    if (was_one_of_two(t)) {
        return PROFILE_DUAL_ONE;
    }
    return legs_is_ml_dsa(&t->cms.signer) ? PROFILE_PQ : PROFILE_CLASSIC;
}

/* The token by itself. The classic leg of a hybrid one must hold when the record was made: a
 * few seconds later, and proven. */
static enum err judge_token(struct legs_run *run)
{
    struct legs_report *r = run->report;
    struct verify_options o = run->options->verify;
    const bool pq_alone = run->peek.cms_err == ERR_OK && legs_is_ml_dsa(&run->peek.cms.signer);
    const enum leg own = pq_alone ? LEG_PQ : LEG_CLASSIC;

    if (r->hybrid_policy && r->leg[LEG_PQ].result == LEG_GENUINE && !o.has_at) {
        o.has_at = true;
        o.at_s = r->pq.token.tst.gen_time.s;
        o.at_name = "the time of the record";
    }
    TRY(verify_token(run->in, run->expect, &o, &r->token));
    if (own == LEG_PQ && r->record.present) {
        legs_note(run, LEG_PQ, LEG_NOT_GENUINE, "a record on a token of ML-DSA");
        return ERR_OK;
    }
    legs_note_report(run, own, &r->token);
    if (r->leg[own].result == LEG_GENUINE && run->expect->policy.n == 0 &&
        authority_is_evidence(&run->options->policies, r->token.token.tst.policy)) {
        legs_note(run, own, LEG_NOT_GENUINE,
                  "the policy is one of archive time-stamps: it stamps no document");
    }
    return ERR_OK;
}

static enum err judge_parts(struct legs_run *run)
{
    struct legs_report *r = run->report;

    if (r->profile == PROFILE_DUAL) {
        return legs_dual(run);
    }
    if (r->profile == PROFILE_RECORD) {
        TRY(legs_record(run));
    }
    TRY(judge_token(run));
    if (r->profile == PROFILE_RECORD) {
        legs_bind_record(run);
    }
    return ERR_OK;
}

static void conclude(struct legs_run *run)
{
    const struct legs_options *o = run->options;
    struct legs_report *r = run->report;
    const struct legs_facts facts = {
        .profile = r->profile,
        .hybrid_policy = r->hybrid_policy,
        .leg = {r->leg[LEG_CLASSIC].result, r->leg[LEG_PQ].result, r->leg[LEG_BINDING].result},
        .require_classic = o->require_classic,
        .require_pq = r->pq_required,
    };

    r->verdict = legs_verdict(&facts, &r->decisive, &r->quantum_safe);
    r->proven_by_pq = r->profile == PROFILE_RECORD && r->leg[LEG_PQ].result == LEG_GENUINE;
    r->proven = r->proven_by_pq ? r->pq.token.tst.gen_time : r->token.token.tst.gen_time;
}

static void begin(struct legs_run *run)
{
    const struct legs_options *o = run->options;

    *run->report = (struct legs_report){
        .window_s = o->window_s,
        .pq_required = o->require_pq || (o->has_pq_since && o->now_s >= o->pq_since_s),
        .decisive = LEG_CLASSIC,
        .record = {.reason = ""},
    };
    legs_note(run, LEG_CLASSIC, LEG_ABSENT, "there is no such signature");
    legs_note(run, LEG_PQ, LEG_ABSENT, "neither a record nor a signature of ML-DSA");
    legs_note(run, LEG_BINDING, LEG_ABSENT, "there is nothing to bind");
}

enum err legs_judge(struct view in, const struct verify_expect *expect,
                    const struct legs_options *options, struct legs_report *out)
{
    struct legs_run run = {.in = in, .expect = expect, .options = options, .report = out};

    begin(&run);
    enum err e = token_open(in, &run.peek);

    if (e == ERR_OK) {
        e = record_open(in, &run.peek, &out->record);
    }
    if (e == ERR_OK) {
        out->profile = profile_of(&run.peek, out->record.present);
        out->hybrid_policy = run.peek.tst_err == ERR_OK &&
                             authority_is_hybrid(&options->policies, run.peek.tst.policy);
        e = judge_parts(&run);
    }
    if (e == ERR_OK) {
        conclude(&run);
    }
    token_close(&run.peek);
    return e;
}

void legs_free(struct legs_report *r)
{
    verify_free(&r->token);
    verify_free(&r->pq);
    record_close(&r->record);
    free(r->room);
    r->room = NULL;
}
