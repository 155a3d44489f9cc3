#include "host/authority/core_args.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *key_name(enum core_key key)
{
    return key == KEY_PQ ? "pq" : key == KEY_DUAL ? "dual" : "classic";
}

static void policy_text(const struct config_policy *p, char out[CORE_ARG_POLICY_MAX])
{
    (void)snprintf(out, CORE_ARG_POLICY_MAX,
                   "%" PRId64 ",%s,%s,%" PRId64 ",%" PRId64 ",%" PRId64 "%s", p->number,
                   key_name(config_policy_key(p)), p->oid.text, p->digits, p->min_accuracy_ms,
                   p->max_accuracy_ms, p->ordering ? ",ordering" : "");
}

static void listen_of(const struct config *c, size_t at, char out[CONFIG_TEXT_MAX])
{
    config_item(c->authority.core_listen[0] != '\0' ? c->authority.core_listen : c->front.core,
                at, out);
}

/* Short enough: config_time_fault(), config_evidence_fault(). */
static void endpoint_beside(const struct config *c, size_t at, const char *suffix,
                            char out[CONFIG_TEXT_MAX])
{
    char listen[CONFIG_TEXT_MAX];

    listen_of(c, at, listen);
    (void)snprintf(out, CONFIG_TEXT_MAX, "%.*s%s", CONFIG_TEXT_MAX - 1 - (int)strlen(suffix),
                   listen, suffix);
}

void core_args_time_endpoint(const struct config *c, size_t at, char out[CONFIG_TEXT_MAX])
{
    endpoint_beside(c, at, CONFIG_TIME_SUFFIX, out);
}

void core_args_tsm_endpoint(const struct config *c, size_t at, char out[CONFIG_TEXT_MAX])
{
    endpoint_beside(c, at, CONFIG_TSM_SUFFIX, out);
}

/* The clock's words; gives how many there are then. */
static size_t clock_args(const struct config *c, char *leap, size_t n, struct core_args *out)
{
    static char clock[] = "--clock";
    static char kernel[] = "kernel";
    static char trust_system[] = "trust-system";
    static char untrusted[] = "--allow-untrusted-time";
    static char nts[] = "nts";
    static char time_listen[] = "--time-listen";
    static char leap_table[] = "--leap-table";

    out->argv[n++] = clock;
    switch ((enum config_clock)c->authority.clock) {
    case CONFIG_CLOCK_TRUST_SYSTEM:
        out->argv[n++] = trust_system;
        out->argv[n++] = untrusted; /* naming that clock in the file is the explicit option */
        break;
    case CONFIG_CLOCK_NTS:
        out->argv[n++] = nts;
        out->argv[n++] = time_listen;
        out->argv[n++] = out->time_listen;
        out->argv[n++] = leap_table;
        out->argv[n++] = leap;
        break;
    case CONFIG_CLOCK_KERNEL:
        out->argv[n++] = kernel;
        break;
    }
    return n;
}

enum err core_args_make(struct config *c, char *program, size_t at, char *leap,
                        struct core_args *out)
{
    static char listen[] = "--listen";
    static char unlocked[] = "--allow-unlocked";
    static char policy[] = "--policy";
    static char member[] = "--member";
    static char tsm_listen[] = "--tsm-listen";
    size_t n = 0;

    *out = (struct core_args){.argv = {NULL}};
    if (c->n_policies == 0) {
        return ERR_STATE;
    }
    listen_of(c, at, out->listen);
    core_args_time_endpoint(c, at, out->time_listen);
    core_args_tsm_endpoint(c, at, out->tsm_listen);
    out->argv[n++] = program;
    out->argv[n++] = listen;
    out->argv[n++] = out->listen;
    n = clock_args(c, leap, n, out);
    if (c->authority.evidence != CONFIG_EVIDENCE_NONE) {
        out->argv[n++] = tsm_listen;
        out->argv[n++] = out->tsm_listen;
    }
    if (c->front.ceremony[0] != '\0') {
        out->argv[n++] = member;
    }
    if (c->authority.allow_unlocked) {
        out->argv[n++] = unlocked;
    }
    for (size_t i = 0; i < c->n_policies; i++) {
        policy_text(&c->policies[i], out->policies[i]);
        out->argv[n++] = policy;
        out->argv[n++] = out->policies[i];
    }
    return ERR_OK;
}
