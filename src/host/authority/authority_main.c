/* quorate-authority: `quorate dev`, `quorate authority`, `quorate csr`, and of `quorate
 * ceremony` what speaks to cores. Runs core and front, has the core's key certified and
 * activates the certificate. */
#include "base/version.h"
#include "host/authority/cluster_io.h"
#include "host/authority/dev_io.h"
#include "host/authority/dev_next_io.h"
#include "host/authority/enrol_io.h"
#include "host/authority/requests_io.h"
#include "host/authority/supervise_io.h"
#include "host/ceremony/command_io.h"
#include "os/event_log.h"
#include "os/small_file.h"
#include "wire/plan.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_USAGE 2

static const char usage_text[] =
    "Usage: quorate dev up [--dir DIR] [--listen ADDR:PORT] [--nodes N --threshold T] "
    "[--clock CLOCK --time FILE] [--evidence KIND] [--json]\n"
    "       quorate dev status|renew [--dir DIR]\n"
    "       quorate dev next [--dir DIR] [--cancel] [--json]\n"
    "       quorate authority run|cores|status --config FILE\n"
    "       quorate ceremony plan|run ...: see quorate ceremony run --help\n"
    "       quorate csr --config FILE: see quorate csr --help\n"
    "\n"
    "dev up         an authority for development, with a test CA; prints \"ready URL\"\n"
    "  --dir DIR            where it keeps its files (quorate-dev)\n"
    "  --listen ADDR:PORT   where it serves (127.0.0.1:3161); port 0: a free one\n"
    "  --nodes N            cores that make keys together, 2 to 6 (1: one signs alone)\n"
    "  --threshold T        how many of them sign, 2 to N; with 3 both keys, else ML-DSA-65 "
    "alone\n"
    "  --evidence KIND      simulated: cores of which 3 sign show what they run on first, "
    "unless none\n"
    "                       is said; software plays their processors, and says so\n"
    "  --clock CLOCK        trust-system: the machine's; nts: of time servers\n"
    "  --time FILE          which: the section [time] of quorate.conf(5)\n"
    "  --json               print one JSON object instead\n"
    "dev status     what each process of a cluster is doing\n"
    "dev renew      new cores and a new key, after HALTED or before\n"
    "dev next       another epoch beside the one that serves: its cores start and make a key,\n"
    "               requests go over to them, those of the one before retire, and end\n"
    "  --cancel             end the other cores, if they have not taken over\n"
    "authority run  runs quorate-core, or several, and quorate-front and has the keys "
    "certified\n"
    "  --config FILE        quorate.conf(5)\n"
    "authority cores    the same without a front, which another supervisor runs\n"
    "authority status   what each process of several cores is doing\n"
    "Exit: 0 told to stop, 1 failed, 2 usage.\n";

static int usage(FILE *to, int status)
{
    (void)fputs(usage_text, to);
    return status;
}

struct options {
    const char *dir, *listen, *config, *clock, *time, *evidence;
    unsigned long nodes, threshold;
    bool json, help, once, cancel;
};

/* False: no option. */
static bool take_option(int c, const char *value, struct options *out)
{
    switch (c) {
    case 'e':
        out->evidence = value;
        return true;
    case 'd':
        out->dir = value;
        return true;
    case 'l':
        out->listen = value;
        return true;
    case 'c':
        out->config = value;
        return true;
    case 'k':
        out->clock = value;
        return true;
    case 'i':
        out->time = value;
        return true;
    case 'j':
        out->json = true;
        return true;
    case 'h':
        out->help = true;
        return true;
    case 'o':
        out->once = true;
        return true;
    case 'x':
        out->cancel = true;
        return true;
    case 'n':
        out->nodes = strtoul(value, NULL, 10);
        return true;
    case 't':
        out->threshold = strtoul(value, NULL, 10);
        return true;
    default:
        return false;
    }
}

/* False: it was said what is wrong. */
static bool read_options(int argc, char **argv, struct options *out)
{
    static const struct option known[] = {
        {"dir", required_argument, NULL, 'd'},
        {"listen", required_argument, NULL, 'l'},
        {"clock", required_argument, NULL, 'k'},
        {"time", required_argument, NULL, 'i'},
        {"evidence", required_argument, NULL, 'e'},
        {"config", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {"once", no_argument, NULL, 'o'},
        {"cancel", no_argument, NULL, 'x'},
        {"nodes", required_argument, NULL, 'n'},
        {"threshold", required_argument, NULL, 't'},
        {NULL, 0, NULL, 0},
    };
    int c = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (!take_option(c, optarg, out)) {
            return false;
        }
    }
    if (optind < argc) {
        (void)fprintf(stderr, "quorate: %s: not understood\n", argv[optind]);
        return false;
    }
    return true;
}

static int status_of(enum err e)
{
    return e == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

#if defined(QUORATE_SIMULATED)
static bool quorum_valid(const struct options *o)
{
    return (o->nodes == 1 && o->threshold == 1) ||
           (o->threshold >= 2 && o->threshold <= o->nodes && o->nodes <= PLAN_NODES_MAX);
}

/* Preset where three sign. */
static bool wants_evidence(const struct options *o)
{
    return o->evidence == NULL ? o->threshold == PLAN_CLASSIC_THRESHOLD
                               : strcmp(o->evidence, "simulated") == 0;
}

/* Evidence is of a plan with a policy, and its bundle of two keys that nodes share. */
static bool evidence_valid(const struct options *o)
{
    return wants_evidence(o) ? o->threshold == PLAN_CLASSIC_THRESHOLD
                             : o->evidence == NULL || strcmp(o->evidence, "none") == 0;
}

static int dev(const char *what, const struct options *o)
{
    const struct dev_options up = {
        .dir = o->dir != NULL ? o->dir : DEV_DIR,
        .listen = o->listen != NULL ? o->listen : DEV_LISTEN,
        .json = o->json,
        .nodes = (uint8_t)o->nodes,
        .threshold = (uint8_t)o->threshold,
        .evidence = wants_evidence(o),
        .nts = o->clock != NULL && strcmp(o->clock, "nts") == 0,
        .time = o->time,
    };

    const struct dev_next_options next = {up.dir, o->json, o->cancel};
    const bool is_next = strcmp(what, "next") == 0;

    if (o->config != NULL || o->nodes > UINT8_MAX || o->threshold > UINT8_MAX ||
        (o->cancel && !is_next)) {
        return usage(stderr, EXIT_USAGE);
    }
    if (is_next) {
        return status_of(dev_next(&next));
    }
    if (strcmp(what, "certify") == 0) {
        return status_of(dev_certify(up.dir));
    }
    if (strcmp(what, "status") == 0) {
        return status_of(dev_status(up.dir));
    }
    if (strcmp(what, "renew") == 0) {
        return status_of(dev_renew(up.dir));
    }
    event_log_open("quorate-authority", EVENT_AS_TEXT, EVENT_INFO);
    if (strcmp(what, "up") != 0 || !quorum_valid(o) || !evidence_valid(o) ||
        (o->time != NULL && !up.nts) ||
        (o->clock != NULL && !up.nts && strcmp(o->clock, "trust-system") != 0)) {
        return usage(stderr, EXIT_USAGE);
    }
    return status_of(dev_up(&up));
}
#else
static int dev(const char *what, const struct options *o)
{
    (void)what;
    (void)o;
    (void)fputs("quorate dev: this is a production build: it has no test CA and believes no "
                "clock that nobody vouches for. Build with -DQUORATE_SIMULATED=ON for "
                "development.\n",
                stderr);
    return EXIT_FAILURE;
}
#endif

/* One chain for several cores: they share the key. */
static bool is_shared(const struct config *c)
{
    return config_items(c->front.chain) == 1 &&
           c->authority.threshold == PLAN_CLASSIC_THRESHOLD;
}

/* Whether the configuration can be run; if not, it was said why. */
static bool can_run(const struct config *c, const char *file)
{
    const char *why = NULL;

#if !defined(QUORATE_SIMULATED)
    if (c->authority.clock == CONFIG_CLOCK_TRUST_SYSTEM) {
        why = "clock = trust-system is untrusted time: a production build refuses it";
    }
    if (c->authority.evidence == CONFIG_EVIDENCE_SIM) {
        why = "evidence = sim is simulated silicon: a production build refuses it";
    }
#endif
    if (c->authority.certify[0] == '\0') {
        why = "certify is needed";
    }
    if (c->front.ceremony[0] != '\0') {
        const size_t cores = config_items(c->front.core);

        if (c->front.ended[0] == '\0') {
            why = "several cores need ended in [front]";
        } else if (c->authority.core_listen[0] != '\0') {
            why = "core_listen is of one core";
        } else if (cores < 2 || (config_items(c->front.chain) != cores && !is_shared(c))) {
            why = "several cores need a core and a chain each in [front], or one chain of a "
                  "shared key of which three sign";
        } else if (c->authority.threshold < 2 || (size_t)c->authority.threshold > cores) {
            why = "threshold must be from 2 to the number of cores";
        }
    }
    if (why != NULL) {
        (void)fprintf(stderr, "quorate authority: %s: [authority] %s\n", file, why);
    }
    return why == NULL;
}

static int status(const struct config *c)
{
    static uint8_t text[CLUSTER_STATUS_MAX];
    struct view in;

    if (c->authority.status[0] == '\0' ||
        small_file_read(c->authority.status, text, sizeof text, &in) != ERR_OK) {
        (void)fputs("quorate authority: there is no status file\n", stderr);
        return EXIT_FAILURE;
    }
    return fwrite(in.p, 1, in.n, stdout) == in.n && fflush(stdout) == 0 ? EXIT_SUCCESS
                                                                        : EXIT_FAILURE;
}

/* alone: without the front, which another supervisor runs. */
static enum err supervise(struct config *c, const char *path, bool alone)
{
    const struct supervise_job one = {.config = c, .config_path = path};
    const struct cluster_job several = {.config = c, .config_path = path, .alone = alone};

    return c->front.ceremony[0] != '\0' ? cluster_run(&several) : supervise_run(&one);
}

/* run, status, and what the supervisor of several cores starts: enrol, cores. */
static int authority(const char *what, const struct options *o)
{
    static struct config config;
    char error[CONFIG_ERROR_MAX];

    if (o->config == NULL || o->dir != NULL || o->listen != NULL || o->json || o->nodes != 1 ||
        o->threshold != 1 || o->clock != NULL || o->time != NULL || o->evidence != NULL ||
        o->cancel) {
        return usage(stderr, EXIT_USAGE);
    }
    if (config_load(o->config, &config, error) != ERR_OK) {
        (void)fprintf(stderr, "quorate authority: %s\n", error);
        return EXIT_FAILURE;
    }
    if (strcmp(what, "status") == 0) {
        return status(&config);
    }
    if (!can_run(&config, o->config)) {
        return EXIT_FAILURE;
    }
    event_log_open("quorate-authority",
                   config.front.log_format == CONFIG_LOG_JSON ? EVENT_AS_JSON : EVENT_AS_TEXT,
                   (enum event_level)config.front.log_level);
    if (strcmp(what, "enrol") == 0) {
        return status_of(enrol(&config, o->once));
    }
    const bool alone = strcmp(what, "cores") == 0 && config.front.ceremony[0] != '\0';

    return alone || strcmp(what, "run") == 0 ? status_of(supervise(&config, o->config, alone))
                                             : usage(stderr, EXIT_USAGE);
}

int main(int argc, char **argv)
{
    struct options o = {.nodes = 1, .threshold = 1};

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)printf("quorate-authority %s\n", quorate_version);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return usage(stdout, EXIT_SUCCESS);
    }
    if (argc >= 2 && strcmp(argv[1], "csr") == 0) {
        return requests_command(argc - 1, argv + 1);
    }
    if (argc < 3) {
        return usage(stderr, EXIT_USAGE);
    }
    if (strcmp(argv[2], "--help") == 0 && strcmp(argv[1], "ceremony") != 0) {
        return usage(stdout, EXIT_SUCCESS);
    }
    if (strcmp(argv[1], "ceremony") == 0) {
        return command_ceremony(argc - 2, argv + 2);
    }
    if (!read_options(argc - 2, argv + 2, &o)) {
        return usage(stderr, EXIT_USAGE);
    }
    if (o.help) {
        return usage(stdout, EXIT_SUCCESS);
    }
    if (strcmp(argv[1], "dev") == 0) {
        return dev(argv[2], &o);
    }
    if (strcmp(argv[1], "authority") == 0) {
        return authority(argv[2], &o);
    }
    return usage(stderr, EXIT_USAGE);
}
