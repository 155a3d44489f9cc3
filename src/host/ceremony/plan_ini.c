#include "host/ceremony/plan_ini.h"

#include "host/ceremony/plan_ini_take.h"

#include <stdlib.h>
#include <string.h>

static void preset(struct plan_ini_taken *p)
{
    struct plan *plan = &p->plan;

    plan->level = PLAN_LEVEL_65;
    plan->repetitions_warn = PLAN_INI_WARN;
    plan->repetitions_refuse = PLAN_REPETITIONS_MAX;
    for (size_t i = 0; i < WIRE_POLICIES_MAX; i++) {
        plan->policies[i].digits = 3;
        plan->policies[i].min_accuracy_ms = 100;
        plan->policies[i].max_accuracy_ms = 1000;
    }
}

static int compare_points(const void *a, const void *b)
{
    return memcmp(a, b, P384_PUBLIC_LEN);
}

static int compare_policies(const void *a, const void *b)
{
    return (int)((const struct hello_policy *)a)->number -
           (int)((const struct hello_policy *)b)->number;
}

/* Views and order: what a file may have in any order ascends in a plan. */
static void complete(struct plan_ini_taken *p)
{
    struct plan *plan = &p->plan;

    for (size_t i = 0; i < p->n_nodes; i++) {
        struct plan_node *node = &plan->nodes[i];

        node->name = (struct view){(const uint8_t *)p->nodes[i].name, strlen(p->nodes[i].name)};
        node->listen = (struct view){(const uint8_t *)p->listen[i], strlen(p->listen[i])};
        node->provider =
            (struct view){(const uint8_t *)p->providers[i], strlen(p->providers[i])};
        node->platforms.p = p->platforms[i][0];
    }
    for (size_t i = 0; i < plan->n_policies; i++) {
        plan->policies[i].oid.p = p->oids[i];
    }
    qsort(plan->operators, plan->n_operators, P384_PUBLIC_LEN, compare_points);
    qsort(plan->policies, plan->n_policies, sizeof plan->policies[0], compare_policies);
}

static void check_attested(struct plan_ini_taken *p)
{
    const struct plan *plan = &p->plan;

    if (p->epoch.seen != 0) {
        if ((plan->number == 1) == ((p->epoch.seen & PLAN_INI_PREVIOUS) != 0)) {
            plan_ini_fail(p, ERR_STATE, "the first epoch has none, every other has one",
                          "previous");
        }
        return;
    }
    if (plan->assurance == PLAN_ATTESTED) {
        plan_ini_fail(p, ERR_STATE, "attested takes a policy: [epoch]", "assurance");
    }
    for (size_t i = 0; i < p->n_nodes; i++) {
        if ((p->nodes[i].seen & PLAN_INI_MACHINE) != 0) {
            plan_ini_fail(p, ERR_STATE, "provider and platform take a policy: [epoch]",
                          p->nodes[i].name);
        }
    }
}

/* What no key can say by itself. The last word has plan_decode(). */
static void check_together(struct plan_ini_taken *p)
{
    struct plan *plan = &p->plan;

    plan->total = (uint8_t)p->n_nodes;
    if (plan->total < plan->threshold) {
        plan_ini_fail(p, ERR_STATE, "is over the number of nodes", "threshold");
    }
    if (plan->classic == PLAN_CLASSIC_SHARED && plan->threshold != PLAN_CLASSIC_THRESHOLD) {
        plan_ini_fail(p, ERR_STATE, "threshold is for a threshold of 3 alone", "classic");
    }
    if (plan->orders_needed > plan->n_operators) {
        plan_ini_fail(p, ERR_STATE, "is over the number of operators", "orders_needed");
    }
    if (plan->repetitions_warn > plan->repetitions_refuse) {
        plan_ini_fail(p, ERR_STATE, "is over repetitions_refuse", "repetitions_warn");
    }
    for (size_t i = 0; i < plan->n_policies; i++) {
        if (plan->policies[i].min_accuracy_ms > plan->policies[i].max_accuracy_ms) {
            plan_ini_fail(p, ERR_STATE, "min_accuracy_ms is over max_accuracy_ms",
                          p->policies[i].name);
        }
    }
    check_attested(p);
}

static void write_plan(struct plan_ini_taken *p, struct writer *out)
{
    uint8_t bytes[PLAN_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct plan again;
    struct view all;

    plan_encode(&w, &p->plan);
    if (wr_finish(&w, &all) != ERR_OK) {
        plan_ini_fail(p, ERR_NOSPACE, "too long", "plan");
    } else if (plan_decode(all, &again) != ERR_OK) {
        plan_ini_fail(
            p, ERR_STATE,
            plan_is_attested(&p->plan)
                ? "two share a name, key, number or platform, or threshold nodes a provider"
                : "two nodes, operators or policies share a name, key or number",
            "plan");
    } else {
        wr_view(out, all);
    }
}

enum err plan_ini_parse(struct view in, const char *name, const struct plan_ini_policy *policy,
                        struct writer *plan, char error[INI_ERROR_MAX])
{
    struct plan_ini_taken p = {
        .policy = policy,
        .ini = {.name = name,
                .error = error,
                .knows_section = plan_ini_knows_section,
                .take = plan_ini_take},
    };

    p.ini.user = &p;
    error[0] = '\0';
    preset(&p);
    if (in.n > PLAN_INI_MAX) {
        plan_ini_fail(&p, ERR_NOSPACE, "too long", "file");
    } else if (ini_read(&p.ini, in) == ERR_OK) {
        plan_ini_check_keys(&p);
        check_together(&p);
        complete(&p);
    }
    if (p.ini.err == ERR_OK) {
        write_plan(&p, plan);
    }
    return p.ini.err;
}
