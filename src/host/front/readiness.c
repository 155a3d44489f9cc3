#include "host/front/readiness.h"

static const struct config_policy *default_policy(const struct serving *s)
{
    for (size_t i = 0; i < s->config.n_policies; i++) {
        if (s->config.policies[i].is_default) {
            return &s->config.policies[i];
        }
    }
    return NULL;
}

static const char *name_time(const struct serving *s, const struct cores_view *cores)
{
    if (!cores_fits(cores_main(cores))) {
        return "unknown";
    }
    if (!s->time_trusted) {
        return "untrusted (trust-system)";
    }
    return cores_main(cores)->clock == CLOCK_NTS ? "nts" : "kernel";
}

/* Whether tokens of the default policy need the leg. One that degrades does without the pq key.
 */
static bool needs(const struct serving *s, const struct config_policy *policy,
                  enum core_key key)
{
    if (policy == NULL) {
        return s->legs[key - 1].used;
    }
    return core_key_takes((uint8_t)config_policy_key(policy), key) ||
           (policy->profile == CONFIG_PROFILE_HYBRID &&
            policy->pq_failure == CONFIG_PQ_REQUIRE);
}

/* What is wrong with a leg that is needed; NULL: nothing. */
static const char *leg_fault(const struct serving_leg *leg, int64_t now_s)
{
    if (leg->chain == NULL) {
        return "no certificate";
    }
    if (!serving_leg_valid(leg, now_s)) {
        return "the certificate is not valid now";
    }
    return leg->state == ERR_OK       ? NULL
           : leg->state == ERR_QUORUM ? "no core answers"
                                      : "the core does not serve under our certificate";
}

static const char *find_reason(const struct readiness *r, const char *fault)
{
    if (fault != NULL) {
        return fault;
    }
    if (!r->key_live) {
        return "the core does not serve under our certificate";
    }
    if (!r->clock) {
        return "the clock is not known well enough";
    }
    return r->journal ? "" : "the journal cannot be written";
}

/* The default policy, and the evidence policy that it cannot do without. */
static bool core_knows(const struct serving *s, const struct config_policy *policy)
{
    const struct config_policy *all = s->config.policies;
    const struct config_policy *evidence =
        needs(s, policy, KEY_PQ) ? config_evidence(&s->config, policy) : NULL;

    return s->core_has_policy[policy - all] &&
           (evidence == NULL || s->core_has_policy[evidence - all]);
}

/* What is wrong with several cores as a whole; NULL: nothing. */
static const char *epoch_fault(const struct coord_epoch_view *e)
{
    if (!e->together) {
        return NULL;
    }
    if (e->halted) {
        return "halted: too many cores of this epoch are gone for ever";
    }
    if (!e->has_roster) {
        return "no ceremony yet";
    }
    return e->answering < e->threshold ? "too few cores answer" : NULL;
}

/* Whether those are there who would sign. */
static bool is_live(const struct cores_view *cores, bool needs_classic, bool needs_pq)
{
    const struct coord_core_view *const core = &cores->at[0];
    const struct coord_epoch_view *const e = &cores->epoch;

    if (e->together) {
        return epoch_fault(e) == NULL && (!needs_pq || e->quorum >= e->threshold) &&
               (!needs_classic || !e->shared.is_shared || e->shared.answering >= e->threshold);
    }
    return core->connected && core->age_ms >= 0 && core->age_ms <= READINESS_AGE_MAX_MS &&
           core->status.state == CORE_SERVING;
}

static bool is_locked(const struct cores_view *cores)
{
    for (size_t i = 0; i < cores->epoch.n; i++) {
        if (cores->at[i].connected && (cores->at[i].flags & HELLO_FLAG_UNLOCKED) != 0) {
            return false;
        }
    }
    return true;
}

/* ---- where the time is why ---- */

static bool waits_for_time(const struct coord_core_view *core)
{
    return cores_fits(core) && !core->silent && !core->banned &&
           (core->status.state == CORE_TIME_SYNC || core->status.state == CORE_TIME_DRIFT);
}

/* The first of the cores whose time does not hold; epoch.n: there is none, or tokens would not
 * be granted even if theirs did. */
static size_t find_timeless(const struct cores_view *cores)
{
    const struct coord_epoch_view *const e = &cores->epoch;
    size_t first = e->n;
    size_t n = 0;

    for (size_t i = e->n; i-- > 0;) {
        if (waits_for_time(&cores->at[i])) {
            first = i;
            n++;
        }
    }
    if (e->together && (!e->has_roster || e->halted || e->answering >= e->threshold ||
                        e->answering + n < e->threshold)) {
        return e->n;
    }
    return first;
}

static enum time_reason reason_at(const struct time_views *times, size_t at)
{
    return at < times->n && times->at[at].known ? (enum time_reason)times->at[at].status.reason
                                                : TIME_HOLDS;
}

static const char *time_fault(enum time_reason why)
{
    switch (why) {
    case TIME_NO_SAMPLE:
        return "time: no sample of the time client";
    case TIME_UNSTEADY:
        return "time: too soon after a clock event";
    case TIME_WIDE:
        return "time: the bound serves no policy";
    case TIME_LEAP:
        return "time: a leap second is near, or may be";
    case TIME_LEAP_MISSED:
        return "time: the leap table has expired";
    case TIME_BELOW_GIVEN:
        return "time: below what was given out before";
    case TIME_OUTSIDE:
        return "time: outside of the leap table";
    case TIME_FENCED:
        return "time: the roughtime fence disagrees";
    case TIME_UNSYNCHRONISED:
        return "time: the kernel's clock is not synchronised";
    case TIME_UNREADABLE:
        return "time: the clock cannot be read";
    case TIME_PEERS:
        return "time: too few cores' clocks agree";
    case TIME_HOLDS:
        break;
    }
    return "time: not known well enough";
}

/* Who goes next may take with it what the others cannot make up for in time. */
static const char *find_degraded(const struct coord_shared_view *shared, int64_t target)
{
    if (!shared->is_shared) {
        return "";
    }
    if (coord_triples_of(shared->usable, shared->n) != COORD_TRIPLES_ENOUGH) {
        return shared->usable == 0 ? "no three cores make presignatures"
                                   : "only one three of cores makes presignatures";
    }
    for (size_t i = 0; i < shared->n; i++) {
        const struct coord_triple_view *const t = &shared->triples[i];

        if (t->answers && (int64_t)t->stock * READINESS_LOW_PART < target) {
            return "presignatures low";
        }
    }
    return shared->set_up < shared->pairs ? "pairs of cores are not set up" : "";
}

struct readiness readiness_judge(const struct serving *s, const struct cores_view *cores,
                                 const struct time_views *times, bool journal_healthy,
                                 int64_t now_s)
{
    static const enum core_key keys[WIRE_KEYS_MAX] = {KEY_CLASSIC, KEY_PQ};
    const struct config_policy *policy = default_policy(s);
    struct readiness r = {
        .journal = journal_healthy, .certificate = true, .memory_locked = is_locked(cores)};
    const size_t timeless = find_timeless(cores);
    const size_t main =
        timeless < cores->epoch.n ? timeless : (size_t)(cores_main(cores) - cores->at);
    const char *fault = timeless < cores->epoch.n ? time_fault(reason_at(times, timeless))
                                                  : epoch_fault(&cores->epoch);

    r.key_live = is_live(cores, needs(s, policy, KEY_CLASSIC), needs(s, policy, KEY_PQ)) &&
                 policy != NULL && core_knows(s, policy);
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        const struct serving_leg *leg = &s->legs[i];

        if (needs(s, policy, keys[i])) {
            fault = fault != NULL ? fault : leg_fault(leg, now_s);
            r.certificate = r.certificate && serving_leg_valid(leg, now_s);
            r.key_live = r.key_live && leg->state == ERR_OK;
        }
    }
    if (needs(s, policy, KEY_CLASSIC) && needs(s, policy, KEY_PQ) && s->pair != ERR_OK) {
        fault = fault != NULL ? fault : "the certificates of both keys do not name one another";
        r.certificate = false;
    }
    r.error_bound_us = cores_bound_us(cores);
    r.clock = r.error_bound_us >= 0 && policy != NULL &&
              r.error_bound_us / 1000 + R1_LIFE_MS <= policy->max_accuracy_ms;
    r.time = name_time(s, cores);
    r.time_reason = main < times->n && times->at[main].known
                        ? time_reason_name(reason_at(times, main))
                        : "unknown";
    r.reason = find_reason(&r, fault);
    r.degraded = find_degraded(&cores->epoch.shared, s->config.presign.target);
    r.ready = r.reason[0] == '\0';
    return r;
}
