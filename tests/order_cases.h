/* order_cases.h - what every order of operators has in common, to be tested of each kind:
 * signatures in order, and as many as the plan says. */
#ifndef TESTS_ORDER_CASES_H
#define TESTS_ORDER_CASES_H

#include "parser_cases.h"
#include "testing.h"

#include "wire/plan.h"

/* Two signatures of operators 0 and 1 follow body_len bytes of v. */
static inline void order_cases_refuse_signatures(enum err (*decode)(struct view in),
                                                 struct view v, size_t body_len)
{
    assert_int_equal(parse_with(decode, v, 0, 'Q'), ERR_TAG);
    assert_int_equal(parse_with(decode, v, body_len, PLAN_OPERATORS_MAX + 1), ERR_RANGE);
    assert_int_equal(parse_with(decode, v, body_len + 1, 1), ERR_ENCODING); /* 1, then 1 */
}

/* judge: an order that these operators, a mask, signed. */
static inline void order_cases_count_operators(struct plan *p, enum err (*judge)(unsigned mask))
{
    p->orders_needed = 1;
    assert_int_equal(judge(0), ERR_QUORUM);
    assert_int_equal(judge(1), ERR_OK);
    p->orders_needed = 2;
    assert_int_equal(judge(1), ERR_QUORUM);
    assert_int_equal(judge(3), ERR_OK);
    p->orders_needed = 0;
    assert_int_equal(judge(3), ERR_POLICY);
    p->orders_needed = 1;
}

#endif
