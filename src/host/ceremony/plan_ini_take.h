/* plan_ini_take.h - the sections and keys of a plan in INI form, as they come; plan_ini.c makes
 * the plan of them. What is wrong goes to plan_ini_fail(); the first of it stays. */
#ifndef HOST_CEREMONY_PLAN_INI_TAKE_H
#define HOST_CEREMONY_PLAN_INI_TAKE_H

#include "host/ceremony/plan_ini.h"

/* Bits of what was seen. */
#define PLAN_INI_PREVIOUS 0x04U /* of [epoch] */
#define PLAN_INI_MACHINE 0x30U  /* of [node]: provider and platform */

/* One [node NAME], [operator NAME] or [policy NUMBER]. */
struct plan_ini_item {
    char name[PLAN_NAME_MAX + 1];
    unsigned seen;
};

struct plan_ini_taken {
    struct ini_file ini;
    struct plan plan;
    const struct plan_ini_policy *policy;
    struct plan_ini_item ceremony, epoch, nodes[PLAN_NODES_MAX], operators[PLAN_OPERATORS_MAX],
        policies[WIRE_POLICIES_MAX];
    size_t n_nodes;
    char listen[PLAN_NODES_MAX][PLAN_LISTEN_MAX + 1];
    char providers[PLAN_NODES_MAX][PLAN_PROVIDER_MAX + 1];
    uint8_t platforms[PLAN_NODES_MAX][PLAN_PLATFORMS_MAX][PLAN_PLATFORM_LEN];
    uint8_t oids[WIRE_POLICIES_MAX][WIRE_POLICY_OID_MAX];
};

void plan_ini_fail(struct plan_ini_taken *p, enum err e, const char *what, const char *key);

/* For struct ini_file, whose user is a struct plan_ini_taken. */
bool plan_ini_knows_section(const char *text);
void plan_ini_take(struct ini_file *ini, const char *section, const char *key,
                   const char *value);

/* At the end: whether each section has what it must have. */
void plan_ini_check_keys(struct plan_ini_taken *p);

#endif
