/* pq_world.h - an ML-DSA authority (root, sub, tsa), its token to be, and what is expected of
 * it. */
#ifndef TESTS_UNIT_CLIENT_PQ_WORLD_H
#define TESTS_UNIT_CLIENT_PQ_WORLD_H

#include "pq_token.h"
#include "token_make.h"

#include "client/verify/verify.h"
#include "client/verify/verify_print.h"

struct world {
    struct pq_node *root, *sub, *tsa;
    struct trust *trust;
    struct pq_wish wish;
    struct pq_token token;
    struct verify_expect expect;
    struct verify_options options;
    struct verify_report report;
};

static const uint8_t digest[32] = {1, 2, 3};

static inline int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->root = pq_make(&(struct pq_cert){.name = "root", PQ_CA}, NULL);
    w->sub = pq_make(&(struct pq_cert){.name = "sub", PQ_CA}, w->root);
    w->tsa = pq_make(&(struct pq_cert){.name = "tsa", PQ_TSA}, w->sub);
    assert_int_equal(trust_new(&w->trust), ERR_OK);
    assert_int_equal(trust_add(w->trust, TRUST_ANCHOR, w->root->cert), ERR_OK);
    assert_int_equal(trust_add(w->trust, TRUST_UNTRUSTED, w->sub->cert), ERR_OK);
    w->wish = (struct pq_wish){.signer = w->tsa, .imprint = {digest, sizeof digest}};
    w->expect.digest = w->wish.imprint;
    w->options.trust = w->trust;
    *state = w;
    return 0;
}

static inline int drop(void **state)
{
    struct world *w = *state;

    verify_free(&w->report);
    trust_free(w->trust);
    free(w->root);
    free(w->sub);
    free(w->tsa);
    free(w);
    return 0;
}

/* Issues a token as wished and verifies it. */
static inline void judge(struct world *w)
{
    verify_free(&w->report);
    w->wish.certificates = w->tsa->cert;
    pq_token(&w->wish, &w->token);
    assert_int_equal(verify_token(w->token.der, &w->expect, &w->options, &w->report), ERR_OK);
}

#endif
