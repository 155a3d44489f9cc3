/* The whole path of verify and inspect on arbitrary bytes, hybrid and dual tokens among them.
 * The first byte chooses options; every certificate of the token, and of the archive time-stamp
 * in its record, is an anchor, so that a good signature gets as far as the chain. */
#include "client/inspect/inspect.h"
#include "client/stamp/stamp.h"
#include "client/trust/trust.h"
#include "client/verify/legs_print.h"
#include "client/verify/verify.h"
#include "client/verify/verify_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ANCHORS_MAX 4

static const uint8_t nonce_body[] = {0x40, 1, 2, 3, 4, 5, 6, 7};
static const uint8_t digest_bytes[32];

static enum err give_digest(void *self, const struct digest_alg *alg, uint8_t *out)
{
    (void)self;
    memset(out, 0, alg->len);
    return ERR_OK;
}

static void add_certificates(struct trust *trust, const struct token *t)
{
    struct view cert;

    for (size_t i = 0; i < t->cms.n_certificates && i < ANCHORS_MAX; i++) {
        if (cms_certificate(&t->cms, i, &cert) == ERR_OK) {
            (void)trust_add(trust, TRUST_ANCHOR, cert); /* what is none is not trusted */
        }
    }
}

static void add_anchors(struct trust *trust, struct view in)
{
    struct token t;
    struct token archive;
    struct record record;

    if (token_open(in, &t) == ERR_OK && t.cms_err == ERR_OK) {
        add_certificates(trust, &t);
    }
    if (record_open(in, &t, &record) == ERR_OK && record.er.time_stamp.n > 0) {
        if (token_open(record.er.time_stamp, &archive) == ERR_OK) {
            add_certificates(trust, &archive);
        }
        token_close(&archive);
    }
    record_close(&record);
    token_close(&t);
}

/* What the header of verify promises. */
static void check_promises(const struct verify_report *r, bool simulated_allowed)
{
    unsigned failed = 0;
    unsigned open = 0;

    for (unsigned i = 0; i < STEP_COUNT; i++) {
        failed += r->steps[i].result == RESULT_FAIL;
        open += r->steps[i].required && r->steps[i].result != RESULT_PASS;
        if (strnlen(r->steps[i].reason, VERIFY_REASON_MAX) == VERIFY_REASON_MAX) {
            abort();
        }
        for (const char *p = r->steps[i].reason; *p != '\0'; p++) {
            if (*p < 0x20 || *p > 0x7e) {
                abort();
            }
        }
    }
    if ((r->verdict == VERDICT_GENUINE) != (failed == 0 && open == 0) ||
        (r->verdict == VERDICT_NOT_GENUINE) != (failed > 0) ||
        (r->verdict == VERDICT_GENUINE && r->simulated && !simulated_allowed)) {
        abort();
    }
}

/* What the header of legs promises. */
static void check_legs(const struct legs_report *r, const struct legs_options *o)
{
    bool all = true;

    for (unsigned i = 0; i < LEG_COUNT; i++) {
        const enum leg_result leg = r->leg[i].result;

        all = all && leg == LEG_GENUINE;
        if (r->verdict == VERDICT_GENUINE &&
            (leg == LEG_NOT_GENUINE || (r->hybrid_policy && leg != LEG_GENUINE))) {
            abort();
        }
        for (const char *p = r->leg[i].reason; *p != '\0'; p++) {
            if (*p < 0x20 || *p > 0x7e) {
                abort();
            }
        }
    }
    if (r->quantum_safe != all ||
        (r->verdict == VERDICT_GENUINE && o->require_pq && !all && r->profile != PROFILE_PQ) ||
        (all && r->profile == PROFILE_RECORD && !r->hybrid_policy)) {
        abort();
    }
}

static void judge_legs(struct view in, const struct verify_expect *expect,
                       const struct legs_options *o, FILE *nowhere)
{
    char line[2 * VERIFY_REASON_MAX];
    struct legs_report report;

    if (legs_judge(in, expect, o, &report) == ERR_OK) {
        json_t *j = legs_print_json(&report);

        check_legs(&report, o);
        legs_print_text(&report, nowhere);
        legs_print_verdict(&report, line, sizeof line);
        (void)stamp_outcome_of_legs(&report, o->require_pq);
        if (j == NULL) {
            abort();
        }
        json_decref(j);
    }
    legs_free(&report);
}

static void inspect(struct view in, FILE *nowhere)
{
    json_t *j = NULL;
    const enum err as_text = inspect_print(in, nowhere);
    const enum err as_json = inspect_json(in, &j);

    if ((as_text == ERR_OK) != (as_json == ERR_OK) || (as_json == ERR_OK) != (j != NULL)) {
        abort();
    }
    json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    struct trust *trust = NULL;
    struct verify_report report;

    if (nowhere == NULL) {
        nowhere = fopen("/dev/null", "w");
    }
    if (size == 0 || nowhere == NULL || trust_new(&trust) != ERR_OK) {
        return 0;
    }
    const uint8_t flags = data[0];
    const struct view in = {data + 1, size - 1};
    const struct tsp_req query = {
        .imprint = {HASH_SHA256, {digest_bytes, sizeof digest_bytes}},
        .nonce = {nonce_body, sizeof nonce_body},
    };
    const struct verify_expect expect = {
        .digest_data = (flags & 1) != 0 ? give_digest : NULL,
        .query = (flags & 2) != 0 ? &query : NULL,
    };
    const struct verify_options options = {
        .trust = trust,
        .has_at = (flags & 4) != 0,
        .at_s = 1795226400,
        .strict = (flags & 8) != 0,
        .allow_simulated = (flags & 16) != 0,
        .allow_sha1 = (flags & 32) != 0,
    };

    const struct legs_options legs = {
        .verify = options,
        .window_s = LEGS_WINDOW_S,
        .require_classic = (flags & 64) != 0,
        .require_pq = (flags & 128) != 0,
    };

    add_anchors(trust, in);
    if (verify_token(in, &expect, &options, &report) == ERR_OK) {
        json_t *j = verify_print_json(&report);

        check_promises(&report, options.allow_simulated);
        verify_print_text(&report, nowhere);
        (void)stamp_outcome_of_report(&report, true);
        if (j == NULL) {
            abort();
        }
        json_decref(j);
    }
    verify_free(&report);
    judge_legs(in, &expect, &legs, nowhere);
    trust_free(trust);
    inspect(in, nowhere);
    return 0;
}
