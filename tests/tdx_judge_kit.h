/* tdx_judge_kit.h - one quote, spoiled and judged. */
#ifndef TESTS_TDX_JUDGE_KIT_H
#define TESTS_TDX_JUDGE_KIT_H

#include "tdx_kit.h"
#include "tdx_policy_kit.h"

static struct tdx_kit k;
static struct tdx_kit_made made;
static struct tdx_scratch scratch;
static struct tdx_claims claims;
static int64_t at_s;

/* A quote as it should be, for a test to spoil. */
static inline void fresh(bool v5)
{
    tdx_kit_fresh(v5, &k);
    at_s = TDX_KIT_AT_S;
}

/* Judges what was made, by a policy that an unspoiled body satisfies. */
static inline enum attest_fault judge_made(const char *from, const char *to)
{
    static const struct tdx_claims zero;
    static char text[TDX_KIT_TEXT_MAX];
    static char changed[TDX_KIT_TEXT_MAX];
    static struct tdx_kit good;
    static struct tdx_kit_made ideal;
    struct tdx_policy policy;
    struct tdx_quote q;

    if (ideal.ev.quote.n == 0) {
        tdx_kit_fresh(false, &good);
        tdx_kit_make(&good, &ideal);
    }
    assert_int_equal(tdx_quote_parse(ideal.ev.quote, &q), ATTEST_OK);
    tdx_kit_policy(tdx_kit_replace(tdx_kit_text(&q.td, text), from, to, changed), &policy);
    const enum attest_fault f =
        tdx_judge(&made.ev, &policy, q.td.report_data, &(struct tdx_roots){&made.root, 1}, at_s,
                  &scratch, &claims);

    if (f != ATTEST_OK) {
        assert_memory_equal(&claims, &zero, sizeof zero);
    }
    return f;
}

static inline enum attest_fault judge_policy(const char *from, const char *to)
{
    tdx_kit_make(&k, &made);
    return judge_made(from, to);
}

static inline enum attest_fault judge(void)
{
    return judge_policy("version", "version");
}

#endif
