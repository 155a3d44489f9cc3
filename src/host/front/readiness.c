#include "host/front/readiness.h"

static const struct config_policy *default_policy(const struct serving *s, size_t *at)
{
    for (size_t i = 0; i < s->config.n_policies; i++) {
        if (s->config.policies[i].is_default) {
            *at = i;
            return &s->config.policies[i];
        }
    }
    return NULL;
}

static const char *name_time(const struct coord_core_view *core)
{
    if (!core->connected) {
        return "unknown";
    }
    return core->clock == CLOCK_TRUST_SYSTEM ? "untrusted (trust-system)" : "kernel";
}

static const char *find_reason(const struct readiness *r, const struct serving *s)
{
    if (s->chain == NULL) {
        return "no certificate";
    }
    if (!r->certificate) {
        return "the certificate is not valid now";
    }
    if (!r->key_live) {
        return s->state == ERR_QUORUM ? "no core answers"
                                      : "the core does not serve under our certificate";
    }
    if (!r->clock) {
        return "the clock is not known well enough";
    }
    return r->journal ? "" : "the journal cannot be written";
}

struct readiness readiness_judge(const struct serving *s, const struct coord_core_view *core,
                                 bool journal_healthy, int64_t now_s)
{
    const struct core_status *status = &core->status;
    size_t at = 0;
    const struct config_policy *policy = default_policy(s, &at);
    struct readiness r = {.journal = journal_healthy, .error_bound_us = -1};

    r.certificate =
        s->chain != NULL && now_s >= s->chain->not_before_s && now_s <= s->chain->not_after_s;
    r.key_live = s->state == ERR_OK && core->connected && core->age_ms >= 0 &&
                 core->age_ms <= READINESS_AGE_MAX_MS && status->state == CORE_SERVING &&
                 policy != NULL && s->core_has_policy[at];
    if (core->connected && status->time_valid == 1) {
        r.error_bound_us = (status->hi_ns - status->lo_ns) / 2000;
        r.clock =
            policy != NULL && r.error_bound_us / 1000 + R1_LIFE_MS <= policy->max_accuracy_ms;
    }
    r.time = name_time(core);
    r.reason = find_reason(&r, s);
    r.ready = r.reason[0] == '\0';
    return r;
}
