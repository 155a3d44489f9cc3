/* quorate ceremony plan */
#include "host/ceremony/command_io.h"
#include "host/ceremony/order_file.h"
#include "host/ceremony/plan_epoch_io.h"
#include "host/ceremony/plan_ini.h"
#include "host/ceremony/policy_file_io.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PLAN_MODE 0644

static bool same_policies(const struct run_hello *a, const struct run_hello *b)
{
    uint8_t space[2][WIRE_POLICIES_MAX * 64];
    struct writer w[2] = {wr_init(space[0], sizeof space[0]),
                          wr_init(space[1], sizeof space[1])};

    for (size_t i = 0; i < a->n_policies && a->n_policies == b->n_policies; i++) {
        hello_policy_encode(&w[0], &a->policies[i]);
        hello_policy_encode(&w[1], &b->policies[i]);
    }
    return a->n_policies == b->n_policies &&
           view_equal((struct view){w[0].p, w[0].len}, (struct view){w[1].p, w[1].len});
}

/* Preset where three sign: presigning is sound for no others. */
static bool is_shared(const struct command_ask *o)
{
    return o->classic == NULL ? o->threshold == PLAN_CLASSIC_THRESHOLD
                              : strcmp(o->classic, "threshold") == 0;
}

static bool classic_valid(const struct command_ask *o)
{
    return o->classic == NULL || strcmp(o->classic, "node") == 0 ||
           (is_shared(o) && o->threshold == PLAN_CLASSIC_THRESHOLD);
}

/* ERR_QUORUM: it was said what is wrong with a core. */
static enum err draft(const struct command_ask *o, struct run_hello *hellos, char names[][16],
                      struct plan *p)
{
    p->threshold = (uint8_t)o->threshold;
    p->total = (uint8_t)o->n_cores;
    p->level = PLAN_LEVEL_65;
    p->assurance = PLAN_SIMULATED;
    p->repetitions_warn = PLAN_INI_WARN;
    p->repetitions_refuse = PLAN_REPETITIONS_MAX;
    p->classic = is_shared(o) ? PLAN_CLASSIC_SHARED : PLAN_CLASSIC_NODE;
    for (size_t i = 0; i < o->n_cores; i++) {
        const enum err e = run_ask_hello(o->cores[i], &hellos[i]);

        if (e != ERR_OK || !same_policies(&hellos[0], &hellos[i])) {
            (void)command_say(0, o->cores[i],
                              e != ERR_OK ? err_name(e) : "it has other policies");
            return ERR_QUORUM;
        }
        const int n = snprintf(names[i], 16, "core-%zu", i + 1);

        p->nodes[i] = hellos[i].node;
        p->nodes[i].name = (struct view){(const uint8_t *)names[i], (size_t)n};
        p->nodes[i].listen = (struct view){(const uint8_t *)o->cores[i], strlen(o->cores[i])};
    }
    p->n_policies = hellos[0].n_policies;
    memcpy(p->policies, hellos[0].policies, sizeof p->policies);
    return ERR_OK;
}

static int write_out(const char *path, struct view text)
{
    errno = 0;
    if (path == NULL) {
        return fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0
                   ? COMMAND_DONE
                   : COMMAND_USAGE;
    }
    return file_replace(path, text, PLAN_MODE) == ERR_OK
               ? COMMAND_DONE
               : command_say(COMMAND_USAGE, path, strerrordesc_np(errno));
}

/* In ascending order, as a plan has them. ERR_QUORUM: it was said what is wrong with a key. */
static enum err add_operator(const char *path, struct plan *p)
{
    static uint8_t pem[COMMAND_KEY_MAX];
    uint8_t key[P384_PUBLIC_LEN];
    size_t at = p->n_operators;
    struct view in;
    enum err e = small_file_read(path, pem, sizeof pem, &in);

    if (e == ERR_OK) {
        e = order_public(in, key);
    }
    explicit_bzero(pem, sizeof pem);
    if (e != ERR_OK) {
        (void)command_say(0, path, "no P-384 key in PEM");
        return ERR_QUORUM;
    }
    for (; at > 0 && memcmp(p->operators[at - 1], key, sizeof key) > 0; at--) {
        memcpy(p->operators[at], p->operators[at - 1], sizeof key);
    }
    memcpy(p->operators[at], key, sizeof key);
    p->n_operators++;
    p->orders_needed++;
    return ERR_OK;
}

int command_plan(const struct command_ask *o)
{
    static struct run_hello hellos[PLAN_NODES_MAX];
    static uint8_t text[PLAN_INI_MAX];
    uint8_t bytes[PLAN_MAX];
    char names[PLAN_NODES_MAX][16];
    char error[INI_ERROR_MAX];
    char policy[PATH_MAX];
    const struct plan_ini_policy from = {policy_file_read, policy};
    struct writer w = wr_init(text, sizeof text);
    struct writer again = wr_init(bytes, sizeof bytes);
    struct plan p = {0};
    struct view printed;

    if (o->n_cores == 0 || o->threshold < 2 || o->threshold > o->n_cores || o->json ||
        o->plan != NULL || !classic_valid(o) || (o->previous != NULL && o->policy == NULL)) {
        return command_usage(stderr, COMMAND_USAGE);
    }
    for (size_t i = 0; i < o->n_keys; i++) {
        if (add_operator(o->keys[i], &p) != ERR_OK) {
            return COMMAND_USAGE;
        }
    }
    int status = o->policy != NULL ? plan_epoch_policy(o, policy, &p) : COMMAND_DONE;

    if (status != COMMAND_DONE) {
        return status;
    }
    if (draft(o, hellos, names, &p) != ERR_OK) {
        return COMMAND_NO_KEY;
    }
    status = o->policy != NULL ? plan_epoch_draft(o, &p) : COMMAND_DONE;
    if (status != COMMAND_DONE) {
        return status;
    }
    plan_ini_print(&p, o->policy != NULL ? policy : NULL, &w);
    if (wr_finish(&w, &printed) != ERR_OK ||
        plan_ini_parse(printed, "the draft", &from, &again, error) != ERR_OK) {
        return command_say(COMMAND_USAGE, "plan", error);
    }
    return write_out(o->out, printed);
}
