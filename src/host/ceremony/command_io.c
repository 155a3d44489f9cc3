#include "host/ceremony/command_io.h"

#include "base/hex.h"
#include "host/ceremony/blame_io.h"
#include "host/ceremony/order_file.h"
#include "host/ceremony/plan_epoch_io.h"
#include "host/ceremony/plan_ini.h"
#include "host/ceremony/policy_file_io.h"
#include "host/ceremony/reenrol_io.h"
#include "host/ceremony/relay_text.h"
#include "host/ceremony/retire_command_io.h"
#include "host/ceremony/run_io.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_MODE 0644

static const char usage_text[] =
    "Usage: quorate ceremony plan --core URI ... --threshold T [--classic KIND]\n"
    "             [--policy FILE [--previous BUNDLE]] [--key PEM ...] [--out FILE]\n"
    "       quorate ceremony run --plan FILE [--out FILE] [--json]\n"
    "       quorate ceremony blame --record FILE [--chain FILE] [--json] PROOF\n"
    "       quorate ceremony order --record FILE --place N --attempt N --key PEM ...\n"
    "             [--core URI] [--platform HEX] --out FILE\n"
    "       quorate ceremony order --record FILE --renew A,B --attempt N --key PEM ... --out "
    "FILE\n"
    "       quorate ceremony order --record FILE --order FILE --key PEM ... [--out FILE]\n"
    "       quorate ceremony reenrol --record FILE --order FILE ... [--core URI ...] [--json]\n"
    "       quorate ceremony renew --record FILE --order FILE [--core URI ...] [--json]\n"
    "       quorate ceremony retire ...: see quorate ceremony retire --help\n"
    "\n"
    "plan   writes a draft of a plan: the cores that run at these places, in this order, as "
    "what\n"
    "       they say they are. People compare it, and add operators, before anybody uses it\n"
    "  --core URI       a core; once for each\n"
    "  --threshold T    how many of them sign together\n"
    "  --classic KIND   whose the P-384 key is. threshold: one key of all, of which three "
    "sign;\n"
    "                   for a threshold of 3, and its preset. node: each core's own\n"
    "  --policy FILE    what the evidence of each node must satisfy; each core is asked for "
    "its machine\n"
    "  --previous BUNDLE  of the epoch that it follows; of the first there is none\n"
    "  --key PEM        an operator's private key; once for each of those who sign orders "
    "together\n"
    "  --out FILE       into which file (standard output)\n"
    "run    has the cores of a plan make their key together, and writes the record of it\n"
    "  --plan FILE      the plan; unix sockets in it are relative to its folder\n"
    "  --out FILE       the record (ceremony.qcr beside the plan)\n"
    "  --json           print one JSON object\n"
    "blame  says, offline, whether PROOF, what a front kept of a lie, proves it, and of whom\n"
    "  --record FILE    the record of the ceremony\n"
    "  --chain FILE     certificate chain of the key, in PEM; a wrong response needs it\n"
    "  --json           print one JSON object\n"
    "order  has operators of the plan order that a fresh process gets the place of a lost "
    "node,\n"
    "       or that two nodes whose checks failed too often try once more\n"
    "  --renew A,B      which two, from 1\n"
    "  --place N        of which node, from 1\n"
    "  --attempt N      above that of every order of this epoch (of these two), from 1\n"
    "  --core URI       where the process listens (where the lost one did)\n"
    "  --platform HEX   on which of its machines the plan lets it run, if there are several\n"
    "  --key PEM        an operator's private key; once for each who signs\n"
    "  --order FILE     adds signatures to an order that was compared with what the process "
    "says\n"
    "  --config FILE    quorate.conf(5), in the place of --record\n"
    "reenrol  has it done: the process gets the lost node's shares from three others\n"
    "  --order FILE     earlier orders of this epoch, and last the one to be carried out\n"
    "  --core URI       where the nodes listen, in their order (as the plan has it)\n"
    "  --config FILE    quorate.conf(5), in the place of --record: it has the earlier orders, "
    "too; "
    "the process is\n"
    "                   activated, and fronts are told\n"
    "renew  brings an order that two nodes try once more to both\n"
    "Exit: 0 done, or the lie is proven; 1 a node is at fault, the record is not genuine, or "
    "PROOF proves\n"
    "nothing; 2 usage, plan or file; 3 no key was made, and nobody is proven to be at fault: "
    "try again.\n";

static int usage(FILE *to, int status)
{
    (void)fputs(usage_text, to);
    return status;
}

static int say(int status, const char *which, const char *what)
{
    (void)fprintf(stderr, "quorate ceremony: %s: %s\n", which, what);
    return status;
}

/* Of which there may be several. */
static bool take_file(int c, struct command_ask *o)
{
    size_t *const n = c == 'k' ? &o->n_keys : &o->n_orders;

    if (*n == (c == 'k' ? PLAN_OPERATORS_MAX : PLAN_NODES_MAX)) {
        (void)say(0, optarg, "one too many");
        return false;
    }
    (c == 'k' ? o->keys : o->orders)[(*n)++] = optarg;
    return true;
}

static bool take_option(int c, struct command_ask *o)
{
    switch (c) {
    case 'p':
        o->plan = optarg;
        return true;
    case 'o':
        o->out = optarg;
        return true;
    case 'c':
        if (o->n_cores == PLAN_NODES_MAX) {
            (void)say(0, optarg, "a core too many");
            return false;
        }
        o->cores[o->n_cores++] = optarg;
        return true;
    case 't':
        o->threshold = strtoul(optarg, NULL, 10);
        return true;
    case 's':
        o->classic = optarg;
        return true;
    case 'y':
        o->policy = optarg;
        return true;
    case 'v':
        o->previous = optarg;
        return true;
    case 'r':
        o->record = optarg;
        return true;
    case 'a':
        o->chain = optarg;
        return true;
    case 'f':
        o->config = optarg;
        return true;
    case 'l':
        o->place = strtoul(optarg, NULL, 10);
        return true;
    case 'n':
        o->attempt = strtoul(optarg, NULL, 10);
        return true;
    case 'w':
        o->renew = optarg;
        return true;
    case 'm':
        o->platform = optarg;
        return true;
    case 'k':
    case 'd':
        return take_file(c, o);
    case 'j':
        o->json = true;
        return true;
    case 'h':
        o->help = true;
        return true;
    default:
        return false;
    }
}

static bool read_options(int argc, char **argv, struct command_ask *out)
{
    static const struct option known[] = {
        {"plan", required_argument, NULL, 'p'},
        {"out", required_argument, NULL, 'o'},
        {"core", required_argument, NULL, 'c'},
        {"record", required_argument, NULL, 'r'},
        {"chain", required_argument, NULL, 'a'},
        {"config", required_argument, NULL, 'f'},
        {"place", required_argument, NULL, 'l'},
        {"attempt", required_argument, NULL, 'n'},
        {"renew", required_argument, NULL, 'w'},
        {"platform", required_argument, NULL, 'm'},
        {"key", required_argument, NULL, 'k'},
        {"order", required_argument, NULL, 'd'},
        {"json", no_argument, NULL, 'j'},
        {"threshold", required_argument, NULL, 't'},
        {"classic", required_argument, NULL, 's'},
        {"policy", required_argument, NULL, 'y'},
        {"previous", required_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (!take_option(c, out)) {
            return false;
        }
    }
    if (optind < argc && strcmp(argv[0], "blame") == 0) {
        out->proof = argv[optind++];
    }
    if (optind < argc) {
        (void)say(0, argv[optind], "not understood");
        return false;
    }
    return true;
}

/* ---- quorate ceremony plan ---- */

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
            (void)say(0, o->cores[i], e != ERR_OK ? err_name(e) : "it has other policies");
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
               : say(COMMAND_USAGE, path, strerrordesc_np(errno));
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
        (void)say(0, path, "no P-384 key in PEM");
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
        return usage(stderr, COMMAND_USAGE);
    }
    for (size_t i = 0; i < o->n_keys; i++) {
        if (add_operator(o->keys[i], &p) != ERR_OK) {
            return COMMAND_USAGE;
        }
    }
    if (draft(o, hellos, names, &p) != ERR_OK) {
        return COMMAND_NO_KEY;
    }
    if (o->policy != NULL) {
        const int status = plan_epoch_draft(o, policy, &p);

        if (status != COMMAND_DONE) {
            return status;
        }
    }
    plan_ini_print(&p, o->policy != NULL ? policy : NULL, &w);
    if (wr_finish(&w, &printed) != ERR_OK ||
        plan_ini_parse(printed, "the draft", &from, &again, error) != ERR_OK) {
        return say(COMMAND_USAGE, "plan", error);
    }
    return write_out(o->out, printed);
}

/* ---- quorate ceremony run ---- */

bool command_uri(const char *beside, struct view listen, char out[RUN_URI_MAX])
{
    static const char unix_path[] = "unix:";
    const char *slash = strrchr(beside, '/');
    const size_t head = sizeof unix_path - 1;
    const bool relative = listen.n > head && memcmp(listen.p, unix_path, head) == 0 &&
                          listen.p[head] != '/' && slash != NULL;
    const int n =
        relative ? snprintf(out, RUN_URI_MAX, "unix:%.*s/%.*s", (int)(slash - beside), beside,
                            (int)(listen.n - head), (const char *)listen.p + head)
                 : snprintf(out, RUN_URI_MAX, "%.*s", (int)listen.n, (const char *)listen.p);

    return n > 0 && n < RUN_URI_MAX;
}

/* What a run works with; the result says the rest. */
struct runner {
    struct command_ask options;
    struct plan plan;
    uint8_t plan_bytes[PLAN_MAX];
    struct run_job job;
    char record[PATH_MAX];
};

/* Labels, to the cores; here it is where each of them is asked. */
static bool is_elsewhere(const struct runner *r, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(r->job.uris[i], r->job.uris[j]) == 0) {
            return false;
        }
    }
    return true;
}

static enum err load(struct runner *r)
{
    static uint8_t text[PLAN_INI_MAX];
    const char *path = r->options.plan;
    char beside[PATH_MAX];
    const struct plan_ini_policy policy = {policy_file_read, beside};
    struct writer w = wr_init(r->plan_bytes, sizeof r->plan_bytes);
    char error[INI_ERROR_MAX];
    struct view in;

    errno = 0;
    if (small_file_read(path, text, sizeof text, &in) != ERR_OK) {
        (void)say(0, path, errno != 0 ? strerrordesc_np(errno) : "too long");
        return ERR_IO;
    }
    (void)snprintf(beside, sizeof beside, "%s", path);
    if (plan_ini_parse(in, path, &policy, &w, error) != ERR_OK) {
        (void)fprintf(stderr, "quorate ceremony: %s\n", error);
        return ERR_ENCODING;
    }
    r->job.plan = (struct view){r->plan_bytes, w.len};
    TRY(plan_decode(r->job.plan, &r->plan));
    for (size_t i = 0; i < r->plan.total; i++) {
        if (!command_uri(path, r->plan.nodes[i].listen, r->job.uris[i])) {
            (void)say(0, path, "the place of a node is too long");
            return ERR_NOSPACE;
        }
        if (!is_elsewhere(r, i)) {
            (void)say(0, path, "two nodes listen at one place");
            return ERR_ENCODING;
        }
    }
    return ERR_OK;
}

static bool name_record(struct runner *r)
{
    const char *slash = strrchr(r->options.plan, '/');
    const int n =
        r->options.out != NULL
            ? snprintf(r->record, sizeof r->record, "%s", r->options.out)
            : snprintf(r->record, sizeof r->record, "%.*sceremony.qcr",
                       slash != NULL ? (int)(slash - r->options.plan) + 1 : 0, r->options.plan);

    r->job.record = r->record;
    return n > 0 && (size_t)n < sizeof r->record;
}

static void failed(void *user, unsigned attempt, const struct relay_end *end)
{
    const struct runner *r = user;
    char text[RELAY_TEXT_MAX];

    relay_end_text(end, &r->plan, text);
    (void)fprintf(stderr, "quorate ceremony: attempt %u: %s\n", attempt, text);
}

static void print_done(const struct runner *r, const struct run_result *result)
{
    char id[2 * CEREMONY_HASH_LEN + 1];
    char epoch_id[2 * EPOCH_ID_LEN + 1];
    const double seconds = (double)result->took_ms / 1000;

    hex_write((struct view){result->id, sizeof result->id}, id);
    hex_write((struct view){result->epoch_id, sizeof result->epoch_id}, epoch_id);
    if (r->options.json) {
        (void)printf("{\"event\":\"ceremony\",\"threshold\":%u,\"total\":%u,\"attempts\":%u,"
                     "\"seconds\":%.1f,\"id\":\"%s\",\"epoch_id\":\"%s\",\"bytes\":%zu}\n",
                     r->plan.threshold, r->plan.total, result->attempts, seconds, id, epoch_id,
                     result->record_len);
        return;
    }
    (void)printf("key made by %u cores, of which any %u sign (%.1f s, attempt %u)\n"
                 "epoch  %s\n"
                 "record %s, verified\n"
                 "id     %s\n",
                 r->plan.total, r->plan.threshold, seconds, result->attempts, epoch_id,
                 r->record, id);
}

static int print_failed(const struct runner *r, const struct run_result *result, enum err e)
{
    static const char *const checks[CEREMONY_CHECKS] = {
        [CEREMONY_CHECK_SIGNATURES] = "signatures",
        [CEREMONY_CHECK_ECHO] = "echo",
        [CEREMONY_CHECK_RHO] = "rho",
        [CEREMONY_CHECK_T] = "t",
        [CEREMONY_CHECK_KEY] = "key",
        [CEREMONY_CHECK_CLASSIC] = "classic",
        [CEREMONY_CHECK_DONE] = "done",
        [CEREMONY_CHECK_TEST] = "test",
    };

    if (e == ERR_QUORUM) { /* failed() has said how */
        return relay_end_blames(&result->end) ? COMMAND_BLAMED : COMMAND_NO_KEY;
    }
    if (e == ERR_SIGNATURE) {
        return say(COMMAND_BLAMED, "the record is not genuine", checks[result->check]);
    }
    if (e == ERR_MISMATCH) {
        return say(COMMAND_BLAMED, "the record", "it is of another plan or attempt");
    }
    return say(COMMAND_USAGE, r->record,
               e == ERR_IO && errno != 0 ? strerrordesc_np(errno) : err_name(e));
}

int command_run(const struct command_ask *o)
{
    static struct runner r;
    struct run_result result;

    if (o->plan == NULL || o->n_cores > 0 || o->threshold > 0 || o->classic != NULL) {
        return usage(stderr, COMMAND_USAGE);
    }
    r.options = *o;
    r.job.failed = failed;
    r.job.user = &r;
    if (load(&r) != ERR_OK) {
        return COMMAND_USAGE;
    }
    if (!name_record(&r)) {
        return say(COMMAND_USAGE, o->plan, "its path is too long");
    }
    errno = 0;
    const enum err e = run_ceremony(&r.job, &result);

    if (e != ERR_OK) {
        return print_failed(&r, &result, e);
    }
    print_done(&r, &result);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_USAGE;
}

static int ask_order(const struct command_ask *o)
{
    const bool renews = o->renew != NULL && (o->place != 0 || o->n_cores + o->n_orders > 0);

    return o->n_orders > 1 || o->n_cores > 1 || (o->n_orders == 0 && o->out == NULL) || renews
               ? usage(stderr, COMMAND_USAGE)
               : command_order(o);
}

/* The verbs that are about an epoch that there is; -1: another. */
static int command_of_record(const char *verb, const struct command_ask *o)
{
    const bool blames = strcmp(verb, "blame") == 0;
    const bool orders = strcmp(verb, "order") == 0;
    const bool reenrols = strcmp(verb, "reenrol") == 0;

    if (!blames && !orders && !reenrols && strcmp(verb, "renew") != 0) {
        return -1;
    }
    if ((o->record == NULL) == (o->config == NULL) || o->plan != NULL || o->threshold != 0 ||
        (o->renew != NULL && !orders) ||
        (blames ? o->proof == NULL || o->config != NULL || o->n_orders + o->n_keys > 0
                : o->chain != NULL)) {
        return usage(stderr, COMMAND_USAGE);
    }
    if (blames) {
        return command_blame(o);
    }
    if (orders) {
        return ask_order(o);
    }
    if (reenrols) {
        return o->n_orders == 0 ? usage(stderr, COMMAND_USAGE) : command_reenrol(o);
    }
    return o->n_orders != 1 ? usage(stderr, COMMAND_USAGE) : command_renew(o);
}

int command_ceremony(int argc, char **argv)
{
    struct command_ask o = {.json = false};

    if (strcmp(argv[0], "retire") == 0) {
        return command_retire(argc, argv);
    }
    if (!read_options(argc, argv, &o)) {
        return usage(stderr, COMMAND_USAGE);
    }
    if (o.help) {
        return usage(stdout, COMMAND_DONE);
    }
    const int status = command_of_record(argv[0], &o);

    if (status >= 0) {
        return status;
    }
    if (o.record != NULL || o.config != NULL || o.chain != NULL || o.n_orders > 0 ||
        (o.n_keys > 0 && strcmp(argv[0], "plan") != 0) || o.place != 0 || o.attempt != 0 ||
        o.renew != NULL || o.platform != NULL) {
        return usage(stderr, COMMAND_USAGE);
    }
    if (strcmp(argv[0], "plan") == 0) {
        return command_plan(&o);
    }
    return strcmp(argv[0], "run") == 0 ? command_run(&o) : usage(stderr, COMMAND_USAGE);
}
