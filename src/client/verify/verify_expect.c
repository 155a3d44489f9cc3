#include "client/verify/verify_steps.h"
#include "format/hash_oid.h"
#include "format/oid.h"

#include <stdio.h>

/* Compares with one digest; sources may be several, all must agree. */
static void compare(struct verify_run *run, struct view have, const char *what)
{
    const struct tst_info_view *tst = &run->report->token.tst;
    const struct verify_step *s = &run->report->steps[STEP_IMPRINT];

    if (s->result == RESULT_FAIL) {
        return;
    }
    if (view_equal(have, tst->hashed_message)) {
        verify_note(run, STEP_IMPRINT, RESULT_PASS, "is that of the %s", what);
    } else {
        verify_note(run, STEP_IMPRINT, RESULT_FAIL, "is not that of the %s", what);
    }
}

static enum err check_imprint(struct verify_run *run)
{
    const struct verify_expect *x = run->expect;
    const struct tst_info_view *tst = &run->report->token.tst;
    const struct digest_alg *md = digest_by_oid(tst->hash_oid);
    uint8_t have[DIGEST_MAX];

    if (x->digest_data == NULL && x->digest.n == 0 && x->query == NULL) {
        verify_note(run, STEP_IMPRINT, RESULT_NOT_CHECKED,
                    "nothing to compare with: give --data, --digest or --query");
        return ERR_OK;
    }
    if (md != NULL && tst->hashed_message.n != md->len) {
        verify_note(run, STEP_IMPRINT, RESULT_FAIL, "is not as long as %s", md->name);
        return ERR_OK;
    }
    if (x->digest.n > 0) {
        compare(run, x->digest, "digest given");
    }
    if (x->query != NULL && !view_equal(hash_oid_body(x->query->imprint.alg), tst->hash_oid)) {
        verify_note(run, STEP_IMPRINT, RESULT_FAIL, "is by another hash than the query's");
    } else if (x->query != NULL) {
        compare(run, x->query->imprint.digest, "query");
    }
    if (md == NULL) { /* MD5, say: that the bytes are equal proves nothing */
        if (run->report->steps[STEP_IMPRINT].result != RESULT_FAIL) {
            verify_note(run, STEP_IMPRINT, RESULT_NOT_CHECKED,
                        "by a hash that is not known here");
        }
        return ERR_OK;
    }
    if (x->digest_data == NULL) {
        return ERR_OK;
    }
    TRY(x->digest_data(x->self, md, have));
    compare(run, (struct view){have, md->len}, "data");
    return ERR_OK;
}

static void check_nonce(struct verify_run *run)
{
    const struct tst_info_view *tst = &run->report->token.tst;
    const struct tsp_req *query = run->expect->query;

    if (query == NULL) {
        verify_note(run, STEP_NONCE, RESULT_NOT_CHECKED, "no query to compare with");
    } else if (view_equal(query->nonce, tst->nonce)) {
        verify_note(run, STEP_NONCE, RESULT_PASS, "%s",
                    query->nonce.n > 0 ? "is that of the query" : "none in query and token");
    } else if (query->nonce.n == 0) {
        /* RFC 3161 2.4.2 asks for a nonce in the token only if there was one in the query. */
        verify_note(run, STEP_NONCE, RESULT_PASS, "the query has none");
    } else {
        verify_note(run, STEP_NONCE, RESULT_FAIL, "is not that of the query");
    }
}

static void check_policy(struct verify_run *run)
{
    const struct tst_info_view *tst = &run->report->token.tst;
    const struct tsp_req *query = run->expect->query;
    const struct view asked = query != NULL ? query->policy : (struct view){NULL, 0};
    char have[OID_TEXT_MAX];

    if (oid_to_text(tst->policy, have) != ERR_OK) { /* arcs over 64 bits are legal */
        (void)snprintf(have, sizeof have, "too long to be shown");
    }
    if (run->expect->policy.n == 0 && asked.n == 0) {
        verify_note(run, STEP_POLICY, RESULT_NOT_CHECKED, "is %s; none was asked for", have);
    } else if ((run->expect->policy.n == 0 || view_equal(run->expect->policy, tst->policy)) &&
               (asked.n == 0 || view_equal(asked, tst->policy))) {
        verify_note(run, STEP_POLICY, RESULT_PASS, "%s", have);
    } else {
        verify_note(run, STEP_POLICY, RESULT_FAIL, "is %s, another was asked for", have);
    }
}

static void check_authority(struct verify_run *run)
{
    const struct tst_info_view *tst = &run->report->token.tst;

    run->report->simulated = oid_is_simulated_policy(tst->policy);
    if (!run->report->simulated) {
        verify_note(run, STEP_AUTHORITY, RESULT_PASS, "not simulated");
    } else if (run->options->allow_simulated) {
        verify_note(run, STEP_AUTHORITY, RESULT_PASS,
                    "simulated: its time is untrusted; allowed by --allow-simulated");
    } else {
        verify_note(run, STEP_AUTHORITY, RESULT_FAIL,
                    "simulated: its time is untrusted; --allow-simulated takes it");
    }
}

enum err verify_expected(struct verify_run *run)
{
    if (run->report->token.tst_err != ERR_OK) {
        return ERR_OK;
    }
    check_nonce(run);
    check_policy(run);
    check_authority(run);
    return check_imprint(run);
}
