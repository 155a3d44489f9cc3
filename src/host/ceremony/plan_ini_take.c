#include "host/ceremony/plan_ini_take.h"

#include "base/hex.h"
#include "format/der.h"
#include "host/ceremony/plan_policy.h"
#include "host/ceremony/platform_list.h"

#include <stdio.h>
#include <string.h>

#define KEYS_MAX 7

enum section { CEREMONY, EPOCH, NODE, OPERATOR, POLICY, SECTIONS };

/* In the order of the takers below. */
static const struct {
    const char *name;
    const char *keys[KEYS_MAX];
    unsigned required; /* bit i: key i must be there */
} sections[SECTIONS] = {
    [CEREMONY] = {"ceremony",
                  {"threshold", "level", "assurance", "orders_needed", "repetitions_warn",
                   "repetitions_refuse", "classic"},
                  0x05},
    [EPOCH] = {"epoch", {"number", "policy", "previous"}, 0x03},
    [NODE] = {"node",
              {"listen", "identity", "signing_key", "boot_nonce", "provider", "platform"},
              0x0f},
    [OPERATOR] = {"operator", {"key"}, 0x01},
    [POLICY] = {"policy",
                {"key", "oid", "digits", "min_accuracy_ms", "max_accuracy_ms", "ordering"},
                0x03},
};

void plan_ini_fail(struct plan_ini_taken *p, enum err e, const char *what, const char *key)
{
    ini_fail(&p->ini, e, what, key);
}

/* ---- sections ---- */

/* There is one of it, without a name. */
static bool is_alone(enum section s)
{
    return s == CEREMONY || s == EPOCH;
}

/* Which section that is, and what stands behind its kind. False: none that we know. */
static bool read_section(const char *text, enum section *kind, const char **name)
{
    for (int s = 0; s < SECTIONS; s++) {
        const size_t n = strlen(sections[s].name);

        if (strncmp(text, sections[s].name, n) == 0 &&
            text[n] == (is_alone((enum section)s) ? '\0' : ' ')) {
            *kind = (enum section)s;
            *name = is_alone((enum section)s) ? "" : text + n + 1;
            return true;
        }
    }
    return false;
}

bool plan_ini_knows_section(const char *text)
{
    enum section kind = CEREMONY;
    const char *name = NULL;

    return read_section(text, &kind, &name);
}

static struct plan_ini_item *items_of(struct plan_ini_taken *p, enum section kind, size_t **n,
                                      size_t *most)
{
    switch (kind) {
    case NODE:
        *n = &p->n_nodes;
        *most = PLAN_NODES_MAX;
        return p->nodes;
    case OPERATOR:
        *n = &p->plan.n_operators;
        *most = PLAN_OPERATORS_MAX;
        return p->operators;
    case POLICY:
        *n = &p->plan.n_policies;
        *most = WIRE_POLICIES_MAX;
        return p->policies;
    case CEREMONY:
    case EPOCH:
    case SECTIONS:
        break;
    }
    return NULL;
}

static bool name_valid(const char *name, size_t most)
{
    const size_t n = strlen(name);

    return n > 0 && n <= most &&
           n == strspn(name,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
}

/* The item of that name, a new one if need be; NULL: it was said why not. */
static struct plan_ini_item *find_item(struct plan_ini_taken *p, enum section kind,
                                       const char *name, size_t *at)
{
    size_t *n = NULL;
    size_t most = 0;
    struct plan_ini_item *items = items_of(p, kind, &n, &most);

    for (*at = 0; *at < *n; (*at)++) {
        if (strcmp(items[*at].name, name) == 0) {
            return &items[*at];
        }
    }
    if (!name_valid(name, PLAN_NAME_MAX)) {
        plan_ini_fail(p, ERR_ENCODING, "not a name of letters, digits, '-', '_', '.'", name);
        return NULL;
    }
    if (*n == most) {
        plan_ini_fail(p, ERR_NOSPACE, "one too many", sections[kind].name);
        return NULL;
    }
    (*n)++;
    (void)snprintf(items[*at].name, sizeof items[*at].name, "%s", name);
    return &items[*at];
}

/* ---- values ---- */

static uint64_t take_number(struct plan_ini_taken *p, const char *key, const char *value,
                            uint64_t least, uint64_t most)
{
    uint64_t n = 0;

    if (*value == '\0') {
        plan_ini_fail(p, ERR_ENCODING, "not a number", key);
    }
    for (const char *at = value; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            plan_ini_fail(p, ERR_ENCODING, "not a number", key);
            return 0;
        }
        n = n <= most ? n * 10 + (uint64_t)(*at - '0') : n;
    }
    if (n < least || n > most) {
        plan_ini_fail(p, ERR_RANGE, "out of range", key);
        return 0;
    }
    return n;
}

static void take_hex(struct plan_ini_taken *p, const char *key, const char *value, uint8_t *out,
                     size_t len)
{
    size_t n = 0;

    if (hex_parse(value, out, len, &n) != ERR_OK || n != len) {
        char what[48];

        (void)snprintf(what, sizeof what, "not %zu bytes in hexadecimal", len);
        plan_ini_fail(p, ERR_ENCODING, what, key);
    }
}

static void take_point(struct plan_ini_taken *p, const char *key, const char *value,
                       uint8_t *out)
{
    take_hex(p, key, value, out, P384_PUBLIC_LEN);
    if (p->ini.err == ERR_OK && p384_check_public(out) != ERR_OK) {
        plan_ini_fail(p, ERR_RANGE, "no P-384 public key (04 X Y)", key);
    }
}

static void take_classic(struct plan_ini_taken *p, const char *key, const char *value)
{
    p->plan.classic = strcmp(value, "threshold") == 0 ? PLAN_CLASSIC_SHARED : PLAN_CLASSIC_NODE;
    if (p->plan.classic == PLAN_CLASSIC_NODE && strcmp(value, "node") != 0) {
        plan_ini_fail(p, ERR_ENCODING, "not one of node|threshold", key);
    }
}

static void take_ceremony(struct plan_ini_taken *p, size_t at, const char *key,
                          const char *value)
{
    struct plan *plan = &p->plan;

    switch (at) {
    case 0:
        plan->threshold = (uint8_t)take_number(p, key, value, 2, PLAN_NODES_MAX);
        break;
    case 1:
        plan->level = (uint8_t)take_number(p, key, value, PLAN_LEVEL_65, PLAN_LEVEL_65);
        break;
    case 2:
        plan->assurance = strcmp(value, "attested") == 0 ? PLAN_ATTESTED : PLAN_SIMULATED;
        if (plan->assurance != PLAN_ATTESTED && strcmp(value, "simulated") != 0) {
            plan_ini_fail(p, ERR_ENCODING, "not one of simulated|attested", key);
        }
        break;
    case 3:
        plan->orders_needed = (uint8_t)take_number(p, key, value, 0, PLAN_OPERATORS_MAX);
        break;
    case 4:
        plan->repetitions_warn = take_number(p, key, value, 0, PLAN_REPETITIONS_MAX);
        break;
    case 6:
        take_classic(p, key, value);
        break;
    default:
        plan->repetitions_refuse = take_number(p, key, value, 0, PLAN_REPETITIONS_MAX);
        break;
    }
}

static void take_epoch_policy(struct plan_ini_taken *p, const char *key, const char *value)
{
    struct view *const policy = &p->plan.policy;
    char why[PLAN_POLICY_WHY_MAX];

    if (p->policy == NULL || p->policy->read(p->policy->user, value, policy) != ERR_OK) {
        plan_ini_fail(p, ERR_IO, "cannot be read", key);
    } else if (policy->n == 0 || policy->n > PLAN_POLICY_MAX) {
        plan_ini_fail(p, ERR_NOSPACE, "is empty or too long", key);
    } else {
        const enum err e = plan_policy_check(*policy, why);

        if (e != ERR_OK) {
            plan_ini_fail(p, e, why, key);
        }
    }
}

static void take_epoch(struct plan_ini_taken *p, size_t at, const char *key, const char *value)
{
    struct plan *plan = &p->plan;

    switch (at) {
    case 0:
        plan->number = take_number(p, key, value, 1, UINT32_MAX);
        break;
    case 1:
        take_epoch_policy(p, key, value);
        break;
    default:
        take_hex(p, key, value, plan->previous, sizeof plan->previous);
        break;
    }
}

static void take_listen(struct plan_ini_taken *p, size_t i, const char *key, const char *value)
{
    const size_t n = strlen(value);

    if (n == 0 || n > PLAN_LISTEN_MAX) {
        plan_ini_fail(p, n == 0 ? ERR_ENCODING : ERR_NOSPACE, n == 0 ? "empty" : "too long",
                      key);
        return;
    }
    for (const char *at = value; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~') {
            plan_ini_fail(p, ERR_ENCODING, "not visible ASCII", key);
            return;
        }
    }
    memcpy(p->listen[i], value, n + 1);
}

static void take_provider(struct plan_ini_taken *p, size_t i, const char *key,
                          const char *value)
{
    if (!name_valid(value, PLAN_PROVIDER_MAX)) {
        plan_ini_fail(p, ERR_ENCODING, "not a name of letters, digits, '-', '_', '.'", key);
        return;
    }
    memcpy(p->providers[i], value, strlen(value) + 1);
}

static void take_platforms(struct plan_ini_taken *p, size_t i, const char *key,
                           const char *value)
{
    size_t n = 0;
    const enum err e = platform_list_read(value, p->platforms[i], &n);

    if (e != ERR_OK) {
        plan_ini_fail(p, e, e == ERR_NOSPACE ? "one too many" : "not 64 bytes in hexadecimal",
                      key);
    }
    p->plan.nodes[i].platforms.n = n * PLAN_PLATFORM_LEN;
}

static void take_node(struct plan_ini_taken *p, size_t i, size_t at, const char *key,
                      const char *value)
{
    struct plan_node *node = &p->plan.nodes[i];

    switch (at) {
    case 0:
        take_listen(p, i, key, value);
        break;
    case 1:
        take_point(p, key, value, node->identity);
        break;
    case 2:
        take_hex(p, key, value, node->signing_key, sizeof node->signing_key);
        break;
    case 4:
        take_provider(p, i, key, value);
        break;
    case 5:
        take_platforms(p, i, key, value);
        break;
    default:
        take_hex(p, key, value, node->boot_nonce, sizeof node->boot_nonce);
        break;
    }
}

static void take_policy_key(struct plan_ini_taken *p, struct hello_policy *policy,
                            const char *key, const char *value)
{
    policy->key = strcmp(value, "pq") == 0 ? KEY_PQ : KEY_CLASSIC;
    if (policy->key == KEY_CLASSIC && strcmp(value, "classic") != 0) {
        plan_ini_fail(p, ERR_ENCODING, "not one of classic|pq", key);
    }
}

static void take_policy(struct plan_ini_taken *p, size_t i, size_t at, const char *key,
                        const char *value)
{
    struct hello_policy *policy = &p->plan.policies[i];
    enum err e = ERR_OK;

    policy->number = (uint8_t)take_number(p, "policy", p->policies[i].name, 1, UINT8_MAX);
    switch (at) {
    case 0:
        take_policy_key(p, policy, key, value);
        break;
    case 1:
        e = der_oid_from_text(value, p->oids[i], sizeof p->oids[i], &policy->oid.n);
        if (e != ERR_OK) {
            plan_ini_fail(p, e == ERR_NOSPACE ? e : ERR_ENCODING, "not an OID", key);
        }
        break;
    case 2:
        policy->digits = (uint8_t)take_number(p, key, value, 0, 3);
        break;
    case 3:
        policy->min_accuracy_ms = (uint32_t)take_number(p, key, value, 1, UINT32_MAX);
        break;
    case 4:
        policy->max_accuracy_ms = (uint32_t)take_number(p, key, value, 1, UINT32_MAX);
        break;
    default:
        policy->ordering = strcmp(value, "yes") == 0;
        if (!policy->ordering && strcmp(value, "no") != 0) {
            plan_ini_fail(p, ERR_ENCODING, "not one of yes|no", key);
        }
        break;
    }
}

static bool find_key(enum section kind, const char *key, size_t *at)
{
    for (*at = 0; *at < KEYS_MAX && sections[kind].keys[*at] != NULL; (*at)++) {
        if (strcmp(sections[kind].keys[*at], key) == 0) {
            return true;
        }
    }
    return false;
}

void plan_ini_take(struct ini_file *ini, const char *section, const char *key,
                   const char *value)
{
    struct plan_ini_taken *p = ini->user;
    struct plan_ini_item *item = &p->ceremony;
    enum section kind = CEREMONY;
    const char *name = NULL;
    size_t i = 0;
    size_t at = 0;

    if (!read_section(section, &kind, &name)) {
        plan_ini_fail(p, ERR_TYPE, "unknown section", section);
        return;
    }
    if (!find_key(kind, key, &at)) {
        plan_ini_fail(p, ERR_TYPE, "unknown key", key);
        return;
    }
    if (kind == EPOCH) {
        item = &p->epoch;
    } else if (kind != CEREMONY) {
        item = find_item(p, kind, name, &i);
    }
    if (item == NULL) {
        return;
    }
    if ((item->seen >> at & 1) != 0) {
        plan_ini_fail(p, ERR_STATE, "set twice", key);
        return;
    }
    item->seen |= 1U << at;
    switch (kind) {
    case NODE:
        take_node(p, i, at, key, value);
        break;
    case OPERATOR:
        take_point(p, key, value, p->plan.operators[i]);
        break;
    case POLICY:
        take_policy(p, i, at, key, value);
        break;
    case EPOCH:
        take_epoch(p, at, key, value);
        break;
    case CEREMONY:
    case SECTIONS:
        take_ceremony(p, at, key, value);
        break;
    }
}

/* ---- what is missing ---- */

static void check_keys(struct plan_ini_taken *p, enum section kind,
                       const struct plan_ini_item *item)
{
    const unsigned machine = kind == NODE && p->epoch.seen != 0 ? PLAN_INI_MACHINE : 0;
    const unsigned required = sections[kind].required | machine;

    for (size_t i = 0; i < KEYS_MAX; i++) {
        if ((required >> i & 1) != 0 && (item->seen >> i & 1) == 0) {
            char key[PLAN_NAME_MAX + 48];

            (void)snprintf(key, sizeof key, "[%s%s%s] %s", sections[kind].name,
                           is_alone(kind) ? "" : " ", item->name, sections[kind].keys[i]);
            plan_ini_fail(p, ERR_STATE, "missing", key);
        }
    }
}

void plan_ini_check_keys(struct plan_ini_taken *p)
{
    check_keys(p, CEREMONY, &p->ceremony);
    if (p->epoch.seen != 0) {
        check_keys(p, EPOCH, &p->epoch);
    }
    for (size_t i = 0; i < p->n_nodes; i++) {
        check_keys(p, NODE, &p->nodes[i]);
    }
    for (size_t i = 0; i < p->plan.n_operators; i++) {
        check_keys(p, OPERATOR, &p->operators[i]);
    }
    for (size_t i = 0; i < p->plan.n_policies; i++) {
        check_keys(p, POLICY, &p->policies[i]);
    }
}
