#include "client/verify/verify.h"

#include "client/verify/verify_steps.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool required;
} rows[STEP_COUNT] = {
    [STEP_STATUS] = {"status", false},
    [STEP_SHAPE] = {"shape", true},
    [STEP_ENCODING] = {"encoding", true},
    [STEP_TST_INFO] = {"TSTInfo", true},
    [STEP_SIGNED_ATTRS] = {"signed attributes", true},
    [STEP_MESSAGE_DIGEST] = {"message digest", true},
    [STEP_SIGNER] = {"signer certificate", true},
    [STEP_ALGORITHMS] = {"algorithms", true},
    [STEP_SIGNATURE] = {"signature", true},
    [STEP_EXTENDED_KEY_USAGE] = {"extended key usage", true},
    [STEP_KEY_USAGE] = {"key usage", true},
    [STEP_CHAIN] = {"chain", true},
    [STEP_REVOCATION] = {"revocation", false},
    [STEP_IMPRINT] = {"imprint", true},
    [STEP_NONCE] = {"nonce", false},
    [STEP_POLICY] = {"policy", false},
    [STEP_AUTHORITY] = {"authority", true},
};

const char *verify_step_name(enum verify_step_id id)
{
    return (unsigned)id < STEP_COUNT ? rows[id].name : "unknown";
}

const char *verify_result_name(enum verify_result r)
{
    switch (r) {
    case RESULT_NOT_CHECKED:
        return "NOT CHECKED";
    case RESULT_PASS:
        return "PASS";
    case RESULT_FAIL:
        return "FAIL";
    }
    return "unknown";
}

const char *verify_verdict_name(enum verdict v)
{
    switch (v) {
    case VERDICT_COULD_NOT_TELL:
        return "COULD NOT TELL";
    case VERDICT_GENUINE:
        return "GENUINE";
    case VERDICT_NOT_GENUINE:
        return "NOT GENUINE";
    case VERDICT_INCOMPLETE:
        return "INCOMPLETE";
    }
    return "unknown";
}

void verify_note(struct verify_run *run, enum verify_step_id id, enum verify_result result,
                 const char *format, ...)
{
    struct verify_step *s = &run->report->steps[id];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(s->reason, sizeof s->reason, format, ap);
    va_end(ap);
    s->result = result;
}

enum verify_step_id verify_decisive(const struct verify_report *r)
{
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        if (r->steps[i].result == RESULT_FAIL) {
            return (enum verify_step_id)i;
        }
    }
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        if (r->steps[i].required && r->steps[i].result != RESULT_PASS) {
            return (enum verify_step_id)i;
        }
    }
    return STEP_COUNT;
}

static enum verdict judge(const struct verify_report *r)
{
    const enum verify_step_id id = verify_decisive(r);

    if (id == STEP_COUNT) {
        return VERDICT_GENUINE;
    }
    return r->steps[id].result == RESULT_FAIL ? VERDICT_NOT_GENUINE : VERDICT_COULD_NOT_TELL;
}

static void begin(struct verify_report *out)
{
    *out = (struct verify_report){0};
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        out->steps[i].required = rows[i].required;
        (void)snprintf(out->steps[i].reason, sizeof out->steps[i].reason,
                       "needs what an earlier step did not give");
    }
}

enum err verify_token(struct view in, const struct verify_expect *expect,
                      const struct verify_options *options, struct verify_report *out)
{
    struct verify_run run = {.expect = expect, .options = options, .report = out};

    begin(out);
    enum err e = token_open(in, &out->token);

    if (e != ERR_OK) {
        verify_note(&run, STEP_SHAPE, RESULT_NOT_CHECKED, "too big to be read");
        return e;
    }
    run.helpers = sk_X509_new_null();
    if (run.helpers == NULL) {
        return ERR_NOSPACE;
    }
    verify_structure(&run);
    verify_find_signer(&run);
    verify_algorithms(&run);
    verify_signature(&run);
    verify_certificate(&run);
    e = verify_expected(&run);
    if (e == ERR_OK) {
        out->verdict = judge(out);
    }
    sk_X509_pop_free(run.helpers, X509_free);
    ERR_clear_error();
    return e;
}

void verify_free(struct verify_report *r)
{
    token_close(&r->token);
    free(r->signer_room);
    r->signer_room = NULL;
    r->signer_der = (struct view){NULL, 0};
}
