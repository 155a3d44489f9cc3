#include "client/verify/legs.h"

const char *leg_name(enum leg leg)
{
    switch (leg) {
    case LEG_CLASSIC:
        return "classic";
    case LEG_PQ:
        return "pq";
    case LEG_BINDING:
        return "binding";
    case LEG_COUNT:
        break;
    }
    return "unknown";
}

const char *leg_result_name(enum leg_result r)
{
    switch (r) {
    case LEG_NOT_CHECKED:
        return "NOT CHECKED";
    case LEG_GENUINE:
        return "GENUINE";
    case LEG_NOT_GENUINE:
        return "NOT GENUINE";
    case LEG_ABSENT:
        return "ABSENT";
    }
    return "unknown";
}

/* Which legs the token itself promises. */
static bool promises(const struct legs_facts *f, enum leg leg)
{
    const bool both =
        f->hybrid_policy || f->profile == PROFILE_DUAL || f->profile == PROFILE_DUAL_ONE;

    switch (leg) {
    case LEG_CLASSIC:
        return both || f->profile != PROFILE_PQ;
    case LEG_PQ:
        return both || f->profile == PROFILE_PQ;
    case LEG_BINDING:
    case LEG_COUNT:
        break;
    }
    return both;
}

static enum leg first_with(const struct legs_facts *f, enum leg_result r)
{
    unsigned i = 0;

    while (i < LEG_COUNT && f->leg[i] != r) {
        i++;
    }
    return (enum leg)i;
}

/* The first promised leg with that result. */
static enum leg promised_with(const struct legs_facts *f, enum leg_result r)
{
    unsigned i = 0;

    while (i < LEG_COUNT && (f->leg[i] != r || !promises(f, (enum leg)i))) {
        i++;
    }
    return (enum leg)i;
}

/* What --require asks for beyond what the token promises. A leg that is not there is not
 * genuine; one that could not be checked leaves it open. */
static enum verdict judge_required(const struct legs_facts *f, enum leg *decisive)
{
    *decisive = LEG_CLASSIC;
    if (f->require_classic && f->leg[LEG_CLASSIC] == LEG_ABSENT) {
        return VERDICT_NOT_GENUINE;
    }
    *decisive = LEG_PQ;
    if (f->require_pq && f->leg[LEG_PQ] == LEG_ABSENT) {
        return VERDICT_NOT_GENUINE;
    }
    if (f->require_pq && f->profile == PROFILE_RECORD && !f->hybrid_policy) {
        *decisive = LEG_BINDING; /* an archive record says nothing of genTime */
        return VERDICT_NOT_GENUINE;
    }
    *decisive = first_with(f, LEG_NOT_CHECKED);
    if (f->require_pq && *decisive != LEG_COUNT) {
        return VERDICT_COULD_NOT_TELL;
    }
    *decisive = LEG_COUNT;
    return VERDICT_GENUINE;
}

enum verdict legs_verdict(const struct legs_facts *f, enum leg *decisive, bool *quantum_safe)
{
    *quantum_safe = f->leg[LEG_CLASSIC] == LEG_GENUINE && f->leg[LEG_PQ] == LEG_GENUINE &&
                    f->leg[LEG_BINDING] == LEG_GENUINE;
    *decisive = first_with(f, LEG_NOT_GENUINE);
    if (*decisive != LEG_COUNT) {
        return VERDICT_NOT_GENUINE;
    }
    const enum verdict required = judge_required(f, decisive);

    if (required != VERDICT_GENUINE) {
        return required;
    }
    *decisive = promised_with(f, LEG_NOT_CHECKED);
    if (*decisive != LEG_COUNT) {
        return VERDICT_COULD_NOT_TELL;
    }
    *decisive = promised_with(f, LEG_ABSENT);
    if (*decisive != LEG_COUNT) {
        return VERDICT_INCOMPLETE;
    }
    if (f->require_pq && !*quantum_safe && f->profile != PROFILE_PQ) {
        *decisive = LEG_BINDING; /* whatever else may come: pq alone is not both */
        return VERDICT_COULD_NOT_TELL;
    }
    return VERDICT_GENUINE;
}
