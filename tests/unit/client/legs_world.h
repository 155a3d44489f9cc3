/* legs_world.h - an authority, its hybrid or dual token to be, and what is expected of it: for
 * tests of attacks. */
#ifndef TESTS_UNIT_CLIENT_LEGS_WORLD_H
#define TESTS_UNIT_CLIENT_LEGS_WORLD_H

#include "dual_make.h"
#include "hybrid_make.h"

#include "client/verify/legs.h"
#include "client/verify/legs_print.h"

#include <stdio.h>

struct world {
    struct hy_node *classic_root, *pq_root, *classic, *pq, *other_classic, *other_pq;
    struct hy_cert classic_cert, pq_cert;
    struct trust *trust;
    uint8_t digest[64];
    struct hy_stamp stamp, archive; /* of a hybrid token */
    size_t batch;
    struct dual_wish wish; /* of a dual token */
    struct hy_bytes token, record, whole;
    struct verify_expect expect;
    struct legs_options options;
    struct legs_report report;
};

static inline void issue(struct world *w)
{
    hy_issue(w->classic, &w->classic_cert, w->classic_root);
    hy_issue(w->pq, &w->pq_cert, w->pq_root);
}

static inline int make(void **state)
{
    static const struct hy_cert classic_ca = {.name = "classic root", .ca = true};
    static const struct hy_cert pq_ca = {.name = "pq root", .ca = true};
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->classic_root = hy_key(SIGN_ECDSA_P384_SHA384);
    w->pq_root = hy_key(SIGN_ML_DSA_65);
    w->classic = hy_key(SIGN_ECDSA_P384_SHA384);
    w->pq = hy_key(SIGN_ML_DSA_65);
    w->other_classic = hy_key(SIGN_ECDSA_P384_SHA384);
    w->other_pq = hy_key(SIGN_ML_DSA_65);
    hy_issue(w->classic_root, &classic_ca, NULL);
    hy_issue(w->pq_root, &pq_ca, NULL);
    w->classic_cert = (struct hy_cert){.name = "classic TSA", .other = w->pq};
    w->pq_cert = (struct hy_cert){.name = "pq TSA", .other = w->classic};
    issue(w);
    hy_issue(w->other_classic, &w->classic_cert, w->classic_root);
    hy_issue(w->other_pq, &w->pq_cert, w->pq_root);
    assert_int_equal(trust_new(&w->trust), ERR_OK);
    hy_trust(w->trust, TRUST_ANCHOR, w->classic_root);
    hy_trust(w->trust, TRUST_ANCHOR, w->pq_root);
    hash_once(HASH_SHA512, (struct view){(const uint8_t *)"abc", 3}, w->digest);
    w->stamp = (struct hy_stamp){
        .signer = w->classic,
        .policy = HY_HYBRID_POLICY,
        .imprint = {w->digest, sizeof w->digest},
        .time_ms = HY_NOW_MS,
        .response = true,
    };
    w->archive = (struct hy_stamp){
        .signer = w->pq, .policy = HY_EVIDENCE_POLICY, .time_ms = HY_NOW_MS + 40};
    w->batch = 3;
    w->expect.digest = w->stamp.imprint;
    w->options.verify.trust = w->trust;
    w->options.window_s = LEGS_WINDOW_S;
    *state = w;
    return 0;
}

static inline int drop(void **state)
{
    struct world *w = *state;

    legs_free(&w->report);
    trust_free(w->trust);
    hy_free(w->classic_root);
    hy_free(w->pq_root);
    hy_free(w->classic);
    hy_free(w->pq);
    hy_free(w->other_classic);
    hy_free(w->other_pq);
    free(w);
    return 0;
}

/* Makes the whole token from what is wished for. */
static inline void build(struct world *w)
{
    hy_token(&w->stamp, &w->token);
    hy_record(w->token.der, w->batch, &w->archive, &w->record);
    hy_attach(w->token.der, w->record.der, &w->whole);
}

static inline void judge(struct world *w, struct view token)
{
    legs_free(&w->report);
    assert_int_equal(legs_judge(token, &w->expect, &w->options, &w->report), ERR_OK);
}

struct expected {
    const char *legs;    /* classic, pq, binding: G genuine, N not, A absent, U not checked */
    enum verdict plain;  /* without options */
    enum verdict pq;     /* with require_pq */
    const char *because; /* stands in the reason of a leg */
};

static inline char letter(enum leg_result r)
{
    switch (r) {
    case LEG_GENUINE:
        return 'G';
    case LEG_NOT_GENUINE:
        return 'N';
    case LEG_ABSENT:
        return 'A';
    case LEG_NOT_CHECKED:
        break;
    }
    return 'U';
}

/* legs as in struct expected. */
static inline void legs_are(struct world *w, struct view token, const char *legs,
                            enum verdict v, const char *because)
{
    bool said = false;

    judge(w, token);
    for (unsigned i = 0; i < LEG_COUNT; i++) {
        said = said || strstr(w->report.leg[i].reason, because) != NULL;
        if (letter(w->report.leg[i].result) != legs[i]) {
            legs_print_text(&w->report, stderr);
            fail_msg("%s is not %c", leg_name((enum leg)i), legs[i]);
        }
    }
    if (w->report.verdict != v || !said) {
        legs_print_text(&w->report, stderr);
        fail_msg("%s, or not because of %s", verify_verdict_name(w->report.verdict), because);
    }
}

static inline void expect_of(struct world *w, struct view token, const struct expected *x)
{
    legs_are(w, token, x->legs, x->plain, x->because);
    assert_int_equal(w->report.quantum_safe, strcmp(x->legs, "GGG") == 0);
    w->options.require_pq = true;
    judge(w, token);
    w->options.require_pq = false;
    if (w->report.verdict != x->pq) {
        legs_print_text(&w->report, stderr);
        fail_msg("%s with require pq", verify_verdict_name(w->report.verdict));
    }
}

#define IS_GENUINE VERDICT_GENUINE, VERDICT_GENUINE
#define IS_REFUSED VERDICT_NOT_GENUINE, VERDICT_NOT_GENUINE
#define IS_OPEN VERDICT_COULD_NOT_TELL, VERDICT_COULD_NOT_TELL

static inline void whole_is(struct world *w, const char *legs, enum verdict plain,
                            enum verdict pq, const char *because)
{
    const struct expected x = {legs, plain, pq, because};

    build(w);
    expect_of(w, w->whole.der, &x);
}

#endif
