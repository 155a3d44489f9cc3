#include "enclave/judge/judge_plan.h"

#include <string.h>

static bool is_policy(const struct hello_policy *p, const struct boot_policy *own)
{
    return p->number == own->number && p->key == own->key && p->digits == own->rule.digits &&
           p->ordering == own->rule.ordering &&
           p->min_accuracy_ms == own->rule.min_accuracy_ms &&
           p->max_accuracy_ms == own->rule.max_accuracy_ms &&
           view_equal(p->oid, (struct view){own->oid, own->oid_len});
}

/* Numbers are unique in the boot record, and in a plan. */
static bool has_policy(const struct boot_args *a, const struct hello_policy *p)
{
    size_t i = 0;

    while (i < a->n_policies && !is_policy(p, &a->policies[i])) {
        i++;
    }
    return i < a->n_policies;
}

static bool is_node(const struct plan_own *own, const struct plan_node *n)
{
    return memcmp(n->identity, own->identity, sizeof n->identity) == 0 &&
           memcmp(n->signing_key, own->signing_key, sizeof n->signing_key) == 0 &&
           memcmp(n->boot_nonce, own->boot_nonce, sizeof n->boot_nonce) == 0;
}

enum err judge_plan(const struct plan_own *own, struct view bytes)
{
    struct plan p;
    size_t at = 0;

    TRY(plan_decode(bytes, &p));
    if (plan_is_attested(&p) && !own->attests) {
        return ERR_POLICY;
    }
    if (p.threshold != own->threshold || p.total != own->total ||
        p.n_policies != own->args->n_policies) {
        return ERR_POLICY;
    }
    for (size_t i = 0; i < p.n_policies; i++) {
        if (!has_policy(own->args, &p.policies[i])) {
            return ERR_POLICY;
        }
    }
    while (at < p.total && !is_node(own, &p.nodes[at])) {
        at++;
    }
    return at < p.total ? ERR_OK : ERR_MISMATCH;
}
