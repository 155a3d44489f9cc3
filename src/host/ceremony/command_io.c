#include "host/ceremony/command_io.h"

#include "host/ceremony/blame_io.h"
#include "host/ceremony/reenrol_io.h"
#include "host/ceremony/retire_command_io.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int command_usage(FILE *to, int status)
{
    (void)fputs(usage_text, to);
    return status;
}

int command_say(int status, const char *which, const char *what)
{
    (void)fprintf(stderr, "quorate ceremony: %s: %s\n", which, what);
    return status;
}

/* Of which there may be several. */
static bool take_file(int c, struct command_ask *o)
{
    size_t *const n = c == 'k' ? &o->n_keys : &o->n_orders;

    if (*n == (c == 'k' ? PLAN_OPERATORS_MAX : PLAN_NODES_MAX)) {
        (void)command_say(0, optarg, "one too many");
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
            (void)command_say(0, optarg, "a core too many");
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
        (void)command_say(0, argv[optind], "not understood");
        return false;
    }
    return true;
}

/* ---- which one ---- */

static int ask_order(const struct command_ask *o)
{
    const bool renews = o->renew != NULL && (o->place != 0 || o->n_cores + o->n_orders > 0);

    return o->n_orders > 1 || o->n_cores > 1 || (o->n_orders == 0 && o->out == NULL) || renews
               ? command_usage(stderr, COMMAND_USAGE)
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
        return command_usage(stderr, COMMAND_USAGE);
    }
    if (blames) {
        return command_blame(o);
    }
    if (orders) {
        return ask_order(o);
    }
    if (reenrols) {
        return o->n_orders == 0 ? command_usage(stderr, COMMAND_USAGE) : command_reenrol(o);
    }
    return o->n_orders != 1 ? command_usage(stderr, COMMAND_USAGE) : command_renew(o);
}

int command_ceremony(int argc, char **argv)
{
    struct command_ask o = {.json = false};

    if (strcmp(argv[0], "retire") == 0) {
        return command_retire(argc, argv);
    }
    if (!read_options(argc, argv, &o)) {
        return command_usage(stderr, COMMAND_USAGE);
    }
    if (o.help) {
        return command_usage(stdout, COMMAND_DONE);
    }
    const int status = command_of_record(argv[0], &o);

    if (status >= 0) {
        return status;
    }
    if (o.record != NULL || o.config != NULL || o.chain != NULL || o.n_orders > 0 ||
        (o.n_keys > 0 && strcmp(argv[0], "plan") != 0) || o.place != 0 || o.attempt != 0 ||
        o.renew != NULL || o.platform != NULL) {
        return command_usage(stderr, COMMAND_USAGE);
    }
    if (strcmp(argv[0], "plan") == 0) {
        return command_plan(&o);
    }
    return strcmp(argv[0], "run") == 0 ? command_run(&o) : command_usage(stderr, COMMAND_USAGE);
}
