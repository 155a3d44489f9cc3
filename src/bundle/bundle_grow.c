#include "bundle/bundle_grow.h"

#include <string.h>

enum err bundle_add_order(struct bundle *b, struct view order)
{
    for (size_t i = 0; i < b->n_orders; i++) {
        if (view_equal(b->orders[i], order)) {
            return ERR_OK;
        }
    }
    if (b->n_orders == BUNDLE_ORDERS_MAX) {
        return ERR_NOSPACE;
    }
    b->orders[b->n_orders++] = order;
    return ERR_OK;
}

static bool is_before(const struct bundle_evidence *a, const struct bundle_evidence *b)
{
    return a->index < b->index || (a->index == b->index && a->incarnation < b->incarnation);
}

enum err bundle_add_evidence(struct bundle *b, const struct bundle_evidence *e)
{
    size_t at = 0;

    while (at < b->n_evidence && is_before(&b->evidence[at], e)) {
        at++;
    }
    if (at == b->n_evidence || is_before(e, &b->evidence[at])) {
        if (b->n_evidence == BUNDLE_EVIDENCE_MAX) {
            return ERR_NOSPACE;
        }
        memmove(&b->evidence[at + 1], &b->evidence[at],
                (b->n_evidence - at) * sizeof b->evidence[0]);
        b->n_evidence++;
    }
    b->evidence[at] = *e;
    return ERR_OK;
}

static void take_earlier(struct bundle *b, const struct bundle *old)
{
    memcpy(b->earlier, old->earlier, old->n_earlier * sizeof old->earlier[0]);
    b->n_earlier = old->n_earlier;
    b->before = old->before;
}

/* The evidence of the old one, and what b has of processes that came again. */
static enum err add_to_old_evidence(struct bundle *b, const struct bundle *old)
{
    struct bundle_evidence now[BUNDLE_EVIDENCE_MAX];
    const size_t n = b->n_evidence;
    enum err e = ERR_OK;

    memcpy(now, b->evidence, sizeof now);
    memcpy(b->evidence, old->evidence, sizeof b->evidence);
    b->n_evidence = old->n_evidence;
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        e = now[i].incarnation > 1 ? bundle_add_evidence(b, &now[i]) : ERR_OK;
    }
    return e;
}

static enum err show_again(struct bundle *b, const struct bundle *old)
{
    TRY(add_to_old_evidence(b, old));
    for (size_t i = 0; i < old->n_orders; i++) {
        TRY(bundle_add_order(b, old->orders[i]));
    }
    memcpy(b->retirements, old->retirements, sizeof b->retirements);
    b->n_retirements = old->n_retirements;
    take_earlier(b, old);
    return ERR_OK;
}

enum err bundle_take_over(struct bundle *b, uint64_t number, struct view file)
{
    struct bundle old; /* some kilobytes */
    struct epoch_doc last;

    if (bundle_decode(file, &old) != ERR_OK ||
        epoch_doc_decode(old.document, &last) != ERR_OK) {
        return ERR_OK;
    }
    if (view_equal(old.record, b->record)) {
        return show_again(b, &old);
    }
    if (number < 2 || old.n_earlier == BUNDLE_EARLIER_MAX) {
        return ERR_OK;
    }
    take_earlier(b, &old);
    if (last.number + 1 == number) {
        b->earlier[b->n_earlier++] = old.document;
        b->before = bundle_alone(file, &old);
    }
    return ERR_OK;
}

enum err bundle_set_before(struct bundle *b, struct view file)
{
    struct bundle old;

    TRY(bundle_decode(file, &old));
    if (b->n_earlier == 0 || !view_equal(b->earlier[b->n_earlier - 1], old.document)) {
        return ERR_MISMATCH;
    }
    b->before = bundle_alone(file, &old);
    return ERR_OK;
}
