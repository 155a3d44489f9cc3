#include "host/config/config.h"

#include "host/config/config_table.h"
#include "wire/plan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What is known of a file while it is read. */
struct parse {
    struct ini_file ini;
    const char *dir;
    struct config *c;
    /* Rows set, by their place in the section; of CONFIG_POLICY: in the policy of that index.
     */
    uint64_t seen[CONFIG_SECTION_COUNT];
    uint64_t seen_policy[CONFIG_POLICIES_MAX];
};

static void fail(struct parse *p, enum err e, const char *what, const char *key)
{
    ini_fail(&p->ini, e, what, key);
}

static bool knows_section(const char *name)
{
    for (int s = 0; s < CONFIG_SECTION_COUNT; s++) {
        const char *known = config_section_name((enum config_section)s);
        const size_t n = strlen(known);

        if (strncmp(name, known, n) == 0 && name[n] == (s == CONFIG_POLICY ? ' ' : '\0')) {
            return true;
        }
    }
    return false;
}

/* Row number at of the section, from 0; NULL: it has fewer. */
static const struct config_row *row_of(enum config_section s, size_t at)
{
    assert(at <= 64); /* a set of them is one 64-bit word */
    for (size_t i = 0; i < CONFIG_ROWS; i++) {
        if (config_rows[i].section == s && at-- == 0) {
            return &config_rows[i];
        }
    }
    return NULL;
}

static const struct config_row *find_row(enum config_section s, const char *key, size_t *at)
{
    const struct config_row *row = row_of(s, 0);

    for (*at = 0; row != NULL && strcmp(row->key, key) != 0; row = row_of(s, *at)) {
        (*at)++;
    }
    return row;
}

static void *section_of(struct config *c, enum config_section s, size_t policy)
{
    switch (s) {
    case CONFIG_FRONT:
        return &c->front;
    case CONFIG_JOURNAL:
        return &c->journal;
    case CONFIG_POLICY:
        return &c->policies[policy];
    case CONFIG_TIME:
        return &c->time;
    case CONFIG_PRESIGN:
        return &c->presign;
    case CONFIG_AUTHORITY:
    case CONFIG_SECTION_COUNT:
        break;
    }
    return &c->authority;
}

static bool name_valid(const char *name)
{
    const size_t n = strlen(name);

    return n > 0 && n < CONFIG_NAME_MAX &&
           n == strspn(name,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
}

/* The policy of that name, a new one if need be. */
static enum err find_policy(struct parse *p, const char *name, size_t *at)
{
    struct config *c = p->c;

    for (size_t i = 0; i < c->n_policies; i++) {
        if (strcmp(c->policies[i].name, name) == 0) {
            *at = i;
            return ERR_OK;
        }
    }
    if (!name_valid(name)) {
        fail(p, ERR_ENCODING, "not a policy name of letters, digits, '-', '_', '.'", name);
    } else if (c->n_policies == CONFIG_POLICIES_MAX) {
        fail(p, ERR_NOSPACE, "too many policies", name);
    } else {
        *at = c->n_policies++;
        (void)snprintf(c->policies[*at].name, CONFIG_NAME_MAX, "%s", name);
    }
    return p->ini.err;
}

static enum err find_section(struct parse *p, const char *section, enum config_section *s,
                             size_t *policy)
{
    static const char prefix[] = "policy ";

    for (int i = 0; i < CONFIG_SECTION_COUNT; i++) {
        if (i != CONFIG_POLICY &&
            strcmp(section, config_section_name((enum config_section)i)) == 0) {
            *s = (enum config_section)i;
            return ERR_OK;
        }
    }
    *s = CONFIG_POLICY;
    if (strncmp(section, prefix, sizeof prefix - 1) == 0) {
        return find_policy(p, section + sizeof prefix - 1, policy);
    }
    fail(p, ERR_TYPE, "unknown section", section);
    return p->ini.err;
}

static const char *why(enum err e, const struct config_row *row)
{
    if (e == ERR_RANGE) {
        return "out of range";
    }
    if (e == ERR_NOSPACE) {
        return "too long";
    }
    switch (row->type) {
    case CONFIG_NUMBER:
        return "not a number";
    case CONFIG_BOOL:
        return "not yes or no";
    case CONFIG_CHOICE:
        return row->choices;
    case CONFIG_OID:
        return "not an OID";
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_ENDPOINT:
    case CONFIG_PATHS:
    case CONFIG_ENDPOINTS:
    case CONFIG_TEXTS:
    case CONFIG_LIST:
        break;
    }
    return err_name(e);
}

static void take(struct ini_file *ini, const char *section, const char *key, const char *value)
{
    struct parse *p = ini->user;
    enum config_section s = CONFIG_FRONT;
    size_t policy = 0;
    size_t at = 0;

    if (find_section(p, section, &s, &policy) != ERR_OK) {
        return;
    }
    const struct config_row *row = find_row(s, key, &at);

    if (row == NULL) {
        fail(p, ERR_TYPE, "unknown key", key);
        return;
    }
    uint64_t *seen = s == CONFIG_POLICY ? &p->seen_policy[policy] : &p->seen[s];
    const bool again = (*seen >> at & 1) != 0;

    if (again && !config_type_adds(row->type)) {
        fail(p, ERR_STATE, "set twice", key);
        return;
    }
    *seen |= (uint64_t)1 << at;
    const enum err e =
        config_value_parse(row, value, p->dir, again, section_of(p->c, s, policy));

    if (e == ERR_ENCODING && row->type == CONFIG_CHOICE) {
        char what[80];

        (void)snprintf(what, sizeof what, "not one of %s", row->choices);
        fail(p, e, what, key);
    } else if (e != ERR_OK) {
        fail(p, e, why(e, row), key);
    }
}

/* Presets where nothing was set. */
static void preset(struct parse *p, enum config_section s, size_t policy, uint64_t seen)
{
    void *section = section_of(p->c, s, policy);

    const struct config_row *row = row_of(s, 0);

    for (size_t i = 0; row != NULL && p->ini.err == ERR_OK; row = row_of(s, ++i)) {
        if ((seen >> i & 1) != 0) {
            continue;
        }
        if (row->preset == NULL) {
            char key[80];

            (void)snprintf(key, sizeof key, "[%s%s%s] %s", config_section_name(s),
                           s == CONFIG_POLICY ? " " : "",
                           s == CONFIG_POLICY ? p->c->policies[policy].name : "", row->key);
            fail(p, ERR_STATE, "missing", key);
        } else if (config_value_parse(row, row->preset, p->dir, false, section) != ERR_OK) {
            fail(p, ERR_BUG, "preset", row->key);
        }
    }
}

static void check_policy(struct parse *p, size_t at)
{
    const struct config_policy *a = &p->c->policies[at];

    if (a->min_accuracy_ms > a->max_accuracy_ms) {
        fail(p, ERR_STATE, "min_accuracy_ms is over max_accuracy_ms", a->name);
    }
    for (size_t i = 0; i < at; i++) {
        const struct config_policy *b = &p->c->policies[i];

        if (a->number == b->number) {
            fail(p, ERR_STATE, "two policies have its number", a->name);
        }
        if (strcmp(a->oid.text, b->oid.text) == 0) {
            fail(p, ERR_STATE, "two policies have its oid", a->name);
        }
    }
    const char *fault = config_policy_fault(p->c, a);

    if (fault != NULL) {
        fail(p, ERR_STATE, fault, a->name);
    }
}

static void check_time(struct parse *p)
{
    char which[CONFIG_TEXT_MAX];
    const char *fault = config_time_fault(p->c, which);

    if (fault != NULL) {
        fail(p, ERR_STATE, fault, which);
    }
}

static void check_evidence(struct parse *p)
{
    const char *fault = config_evidence_fault(p->c);

    if (fault != NULL) {
        fail(p, ERR_STATE, fault, "[authority] evidence");
    }
}

/* What no row can say by itself. */
static void check_together(struct parse *p)
{
    struct config *c = p->c;
    size_t defaults = 0;

    if ((c->front.tls_certificate[0] == '\0') != (c->front.tls_key[0] == '\0')) {
        fail(p, ERR_STATE, "needs tls_certificate and tls_key, or neither", "[front]");
    }
    if (c->front.listen[0] == '\0' || c->front.core[0] == '\0' || c->front.chain[0] == '\0') {
        fail(p, ERR_STATE, "listen, core and chain may not be empty", "[front]");
    }
    if (config_items(c->front.core) > PLAN_NODES_MAX ||
        config_items(c->front.chain) > PLAN_NODES_MAX) {
        fail(p, ERR_NOSPACE, "core and chain stand on too many lines", "[front]");
    }
    if (c->front.ceremony[0] == '\0' &&
        (config_items(c->front.core) > 1 || config_items(c->front.chain) > 1)) {
        fail(p, ERR_STATE, "several cores need their ceremony", "[front]");
    }
    if (c->journal.dir[0] == '\0') {
        fail(p, ERR_STATE, "dir may not be empty", "[journal]");
    }
    if (c->n_policies == 0) {
        fail(p, ERR_STATE, "none is configured", "[policy NAME]");
    }
    if (c->n_policies == 1) {
        c->policies[0].is_default = true;
    }
    for (size_t i = 0; i < c->n_policies; i++) {
        check_policy(p, i);
        defaults += c->policies[i].is_default ? 1 : 0;
    }
    if (c->n_policies > 0 && defaults != 1) {
        fail(p, ERR_STATE, "exactly one must have default = yes", "[policy NAME]");
    }
    check_time(p);
    check_evidence(p);
}

enum err config_parse(struct view in, const char *name, const char *dir, struct config *out,
                      char error[CONFIG_ERROR_MAX])
{
    struct parse p = {
        .ini = {.name = name, .error = error, .knows_section = knows_section, .take = take},
        .dir = dir,
        .c = out,
    };

    *out = (struct config){0};
    error[0] = '\0';
    p.ini.user = &p;
    if (in.n > CONFIG_FILE_MAX) {
        fail(&p, ERR_NOSPACE, "too long", "file");
    } else if (ini_read(&p.ini, in) == ERR_OK) {
        preset(&p, CONFIG_FRONT, 0, p.seen[CONFIG_FRONT]);
        preset(&p, CONFIG_JOURNAL, 0, p.seen[CONFIG_JOURNAL]);
        preset(&p, CONFIG_AUTHORITY, 0, p.seen[CONFIG_AUTHORITY]);
        preset(&p, CONFIG_TIME, 0, p.seen[CONFIG_TIME]);
        preset(&p, CONFIG_PRESIGN, 0, p.seen[CONFIG_PRESIGN]);
        for (size_t i = 0; i < out->n_policies; i++) {
            preset(&p, CONFIG_POLICY, i, p.seen_policy[i]);
        }
        check_together(&p);
    }
    if (p.ini.err != ERR_OK) {
        *out = (struct config){0};
    }
    return p.ini.err;
}
