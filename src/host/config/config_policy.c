#include "host/config/config.h"

#include <string.h>

const char *config_profile_name(const struct config_policy *p)
{
    static const char *const names[] = {"classic", "pq", "hybrid", "dual"};

    return names[p->profile];
}

enum core_key config_policy_key(const struct config_policy *p)
{
    switch ((enum config_profile)p->profile) {
    case CONFIG_PROFILE_PQ:
        return KEY_PQ;
    case CONFIG_PROFILE_DUAL:
        return KEY_DUAL;
    case CONFIG_PROFILE_CLASSIC:
    case CONFIG_PROFILE_HYBRID:
        break;
    }
    return KEY_CLASSIC;
}

bool config_uses_key(const struct config *c, enum core_key key)
{
    for (size_t i = 0; i < c->n_policies; i++) {
        const struct config_policy *p = &c->policies[i];

        if (core_key_takes((uint8_t)config_policy_key(p), key) ||
            p->profile == CONFIG_PROFILE_HYBRID) {
            return true;
        }
    }
    return false;
}

const struct config_policy *config_evidence(const struct config *c,
                                            const struct config_policy *p)
{
    for (size_t i = 0; i < c->n_policies && p->profile == CONFIG_PROFILE_HYBRID; i++) {
        const struct config_policy *e = &c->policies[i];

        if (e->evidence && e->digits == p->digits) {
            return e;
        }
    }
    return NULL;
}

const struct config_policy *config_degraded(const struct config *c,
                                            const struct config_policy *p)
{
    for (size_t i = 0; i < c->n_policies && p->pq_failure == CONFIG_PQ_DEGRADE; i++) {
        if (strcmp(c->policies[i].name, p->degrade_policy) == 0) {
            return &c->policies[i];
        }
    }
    return NULL;
}

static const char *evidence_fault(const struct config *c, const struct config_policy *p)
{
    if (p->profile != CONFIG_PROFILE_PQ) {
        return "evidence = yes needs profile = pq";
    }
    if (p->is_default) {
        return "an evidence policy cannot be the default: nobody may ask for it";
    }
    for (const struct config_policy *e = c->policies; e < p; e++) {
        if (e->evidence && e->digits == p->digits) {
            return "another evidence policy has as many digits";
        }
    }
    return NULL;
}

static const char *hybrid_fault(const struct config *c, const struct config_policy *p)
{
    const struct config_policy *d = config_degraded(c, p);

    if (config_evidence(c, p) == NULL) {
        return "profile = hybrid needs a policy with evidence = yes and as many digits";
    }
    if (p->pq_failure == CONFIG_PQ_DEGRADE &&
        (d == NULL || d->profile != CONFIG_PROFILE_CLASSIC)) {
        return "pq_failure = degrade needs degrade_policy, the name of a classic policy";
    }
    return NULL;
}

const char *config_policy_fault(const struct config *c, const struct config_policy *p)
{
    const char *fault = NULL;

    if (p->profile != CONFIG_PROFILE_CLASSIC && c->front.chain_pq[0] == '\0') {
        return "its profile needs chain_pq in [front]";
    }
    if (p->profile == CONFIG_PROFILE_DUAL && c->front.ceremony[0] != '\0') {
        return "profile = dual needs a single core, which has both keys";
    }
    if (p->ordering && (p->evidence || (c->front.ceremony[0] != '\0' &&
                                        config_policy_key(p) == KEY_CLASSIC))) {
        return "ordering needs a key that all cores sign with, and no evidence policy";
    }
    if (p->evidence) {
        fault = evidence_fault(c, p);
    } else if (p->profile == CONFIG_PROFILE_HYBRID) {
        fault = hybrid_fault(c, p);
    }
    if (fault == NULL && p->pq_failure == CONFIG_PQ_DEGRADE &&
        p->profile != CONFIG_PROFILE_HYBRID) {
        fault = "pq_failure = degrade needs profile = hybrid";
    }
    if (fault == NULL && p->degrade_policy[0] != '\0' && p->pq_failure != CONFIG_PQ_DEGRADE) {
        fault = "degrade_policy needs pq_failure = degrade";
    }
    return fault;
}
