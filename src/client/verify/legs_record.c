#include "client/verify/legs_steps.h"
#include "format/oid.h"

#include <inttypes.h>
#include <stdlib.h>

/* What an archive time-stamp must be beyond a genuine token; NULL: it is that. token-notes 4.3
 */
static const char *archive_flaw(const struct verify_report *r)
{
    const struct token *t = &r->token;

    if (oid_find(t->cms.signer.signature_alg.oid) != OID_ML_DSA_65) {
        return "the archive time-stamp is not an ML-DSA-65 token";
    }
    if (t->cms.signer.unsigned_attrs.n > 0) {
        return "the archive time-stamp has unsigned attributes";
    }
    if (oid_find(t->tst.hash_oid) != OID_SHA512 || t->tst.hash_params.n > 0) {
        return "the imprint of the archive time-stamp is not by SHA-512";
    }
    if (r->steps[STEP_IMPRINT].result != RESULT_PASS) {
        return "the root of the tree is not the imprint of the archive time-stamp";
    }
    return NULL;
}

enum err legs_record(struct legs_run *run)
{
    struct legs_report *r = run->report;
    const struct record *record = &r->record;
    const struct verify_expect expect = {.digest = {record->root, sizeof record->root}};
    struct verify_options o = run->options->verify;

    if (record->err != ERR_OK) {
        legs_note(run, LEG_PQ, record->err == ERR_EXTENSION ? LEG_NOT_CHECKED : LEG_NOT_GENUINE,
                  "%s", record->reason);
        legs_note(run, LEG_BINDING, LEG_NOT_CHECKED, "there is no record that can be used");
        return ERR_OK;
    }
    o.strict = true;
    TRY(verify_token(record->er.time_stamp, &expect, &o, &r->pq));
    r->has_pq = true;

    const char *flaw = archive_flaw(&r->pq);

    if (flaw != NULL) {
        legs_note(run, LEG_PQ, LEG_NOT_GENUINE, "%s", flaw);
    } else {
        legs_note_report(run, LEG_PQ, &r->pq);
    }
    return ERR_OK;
}

enum err legs_same_authority(struct legs_run *run, const char **reason)
{
    const struct legs_report *r = run->report;
    bool simulated = false;

    if (r->token.signer_der.n == 0 || r->pq.signer_der.n == 0) {
        *reason = "the certificates are not at hand: give them with --untrusted";
        return ERR_STATE;
    }
    TRY(authority_same(r->token.signer_der, r->pq.signer_der, &simulated, reason));
    if (oid_is_simulated_policy(r->token.token.tst.policy) !=
        oid_is_simulated_policy(r->pq.token.tst.policy)) {
        *reason = "one policy is of a simulated authority, the other is not";
        return ERR_EVIDENCE;
    }
    if (simulated && !run->options->verify.allow_simulated) {
        *reason = "a simulated authority; --allow-simulated takes it";
        return ERR_EVIDENCE;
    }
    return ERR_OK;
}

/* Whether t_pq is where it must be; notes the binding if not. */
static bool in_window(struct legs_run *run, int64_t *delta_ms)
{
    const struct legs_report *r = run->report;
    const enum record_place place =
        record_place(&r->token.token.tst, &r->pq.token.tst, r->window_s, delta_ms);
    const int64_t ms = *delta_ms < 0 ? -*delta_ms : *delta_ms;
    const int64_t s = ms / 1000;
    const int64_t rest = ms % 1000;

    switch (place) {
    case RECORD_IN_WINDOW:
        return true;
    case RECORD_EARLY:
        legs_note(run, LEG_BINDING, LEG_NOT_GENUINE,
                  "the record is %" PRId64 ".%03" PRId64 " s earlier than the token", s, rest);
        return false;
    case RECORD_LATE:
        legs_note(run, LEG_BINDING, LEG_NOT_GENUINE,
                  "the record came %" PRId64 ".%03" PRId64
                  " s after the time in the token, the window is %" PRIu32
                  " s: it protects from its own time on",
                  s, rest, r->window_s);
        return false;
    }
    return false;
}

void legs_bind_record(struct legs_run *run)
{
    const struct legs_report *r = run->report;
    const char *reason = "";
    int64_t delta_ms = 0;

    if (!r->has_pq || r->pq.token.tst_err != ERR_OK || r->token.token.tst_err != ERR_OK) {
        legs_note(run, LEG_BINDING, LEG_NOT_CHECKED, "there is no record that can be used");
        return;
    }
    if (!r->hybrid_policy) {
        legs_note(run, LEG_BINDING, LEG_NOT_CHECKED,
                  "the policy promises no record: an archive record, good from its own time "
                  "on");
        return;
    }
    if (!authority_is_evidence(&run->options->policies, r->pq.token.tst.policy)) {
        legs_note(run, LEG_BINDING, LEG_NOT_GENUINE,
                  "the policy of the archive time-stamp is not one of archive time-stamps");
        return;
    }
    const enum err e = legs_same_authority(run, &reason);

    if (e == ERR_EVIDENCE) {
        legs_note(run, LEG_BINDING, LEG_NOT_GENUINE, "%s", reason);
        return;
    }
    if (!in_window(run, &delta_ms)) {
        return;
    }
    if (e != ERR_OK) {
        legs_note(run, LEG_BINDING, LEG_NOT_CHECKED, "%s", reason);
        return;
    }
    legs_note(run, LEG_BINDING, LEG_GENUINE,
              "%s; record %s%" PRId64 " ms after the token, window %" PRIu32 " s", reason,
              delta_ms < 0 ? "minus " : "", delta_ms < 0 ? -delta_ms : delta_ms, r->window_s);
}
