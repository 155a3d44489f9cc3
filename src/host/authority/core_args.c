#include "host/authority/core_args.h"

#include <inttypes.h>
#include <stdio.h>

static const char *key_name(enum core_key key)
{
    return key == KEY_PQ ? "pq" : key == KEY_DUAL ? "dual" : "classic";
}

static void policy_text(const struct config_policy *p, char out[CORE_ARG_POLICY_MAX])
{
    (void)snprintf(out, CORE_ARG_POLICY_MAX,
                   "%" PRId64 ",%s,%s,%" PRId64 ",%" PRId64 ",%" PRId64, p->number,
                   key_name(config_policy_key(p)), p->oid.text, p->digits, p->min_accuracy_ms,
                   p->max_accuracy_ms);
}

enum err core_args_make(struct config *c, char *program, size_t at, struct core_args *out)
{
    static char listen[] = "--listen";
    static char clock[] = "--clock";
    static char kernel[] = "kernel";
    static char trust_system[] = "trust-system";
    static char untrusted[] = "--allow-untrusted-time";
    static char unlocked[] = "--allow-unlocked";
    static char policy[] = "--policy";
    static char member[] = "--member";
    size_t n = 0;

    *out = (struct core_args){.argv = {NULL}};
    if (c->n_policies == 0) {
        return ERR_STATE;
    }
    config_item(c->authority.core_listen[0] != '\0' ? c->authority.core_listen : c->front.core,
                at, out->listen);
    out->argv[n++] = program;
    out->argv[n++] = listen;
    out->argv[n++] = out->listen;
    out->argv[n++] = clock;
    if (c->authority.clock == CONFIG_CLOCK_TRUST_SYSTEM) {
        out->argv[n++] = trust_system;
        out->argv[n++] = untrusted; /* naming that clock in the file is the explicit option */
    } else {
        out->argv[n++] = kernel;
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
