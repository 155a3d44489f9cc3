#include "host/ceremony/retire_command_io.h"

#include "bundle/bundle.h"

#include "base/hex.h"
#include "host/ceremony/command_io.h"
#include "host/ceremony/order_file.h"
#include "host/ceremony/retire_io.h"
#include "host/config/config.h"
#include "host/coord/ended_list.h"
#include "host/coord/roster.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MODE 0644

static const char usage_text[] =
    "Usage: quorate ceremony retire --record FILE|--config FILE --order FILE [--key PEM ...]\n"
    "             [--reason REASON] [--next HEX] [--out FILE [--core URI ...]] [--json]\n"
    "\n"
    "Ends an epoch: its cores erase their shares, for ever, and sign that they have.\n"
    "  --record FILE    the record of the epoch's ceremony\n"
    "  --config FILE    quorate.conf(5), in its place; the bundle gets the statements, too, "
    "and\n"
    "                   a node that is kept to have ended is not waited for\n"
    "  --order FILE     the order: signatures are added to it; made if it is not there\n"
    "  --key PEM        an operator's private key; once for each who signs\n"
    "  --reason REASON  of a new order: superseded, key-compromise or cessation (the preset)\n"
    "  --next HEX       of a new order that is superseded: id of the epoch that follows\n"
    "  --out FILE       has it carried out: into which file the nodes' statements go\n"
    "  --core URI       where the nodes listen, in their order (as the plan has it)\n"
    "  --json           print one JSON object\n"
    "Exit: 0 done; 1 a node has not retired; 2 usage or a file.\n";

struct retiring {
    struct retire_args args;
    struct config config;
    struct roster *roster; /* of the epoch */
    struct retire_order order;
    struct retire_result result;
    char uris[PLAN_NODES_MAX][RUN_URI_MAX];
    bool gone[PLAN_NODES_MAX]; /* its process has ended, and its share with it */
    uint8_t record[CEREMONY_RECORD_MAX];
};

static int usage(FILE *to, int status)
{
    (void)fputs(usage_text, to);
    return status;
}

static enum err say(enum err e, const char *which, const char *what)
{
    (void)fprintf(stderr, "quorate ceremony: %s: %s\n", which, what);
    return e;
}

static const char *io_text(enum err e)
{
    return errno != 0 ? strerrordesc_np(errno) : err_name(e);
}

/* ---- options ---- */

static bool add(const char **list, size_t *n, size_t max)
{
    if (*n == max) {
        (void)say(ERR_NOSPACE, optarg, "one too many");
        return false;
    }
    list[(*n)++] = optarg;
    return true;
}

static bool take_option(int c, struct retire_args *a)
{
    const char **const texts[] = {['r'] = &a->record, ['g'] = &a->config, ['d'] = &a->order,
                                  ['e'] = &a->reason, ['n'] = &a->next,   ['o'] = &a->out};

    switch (c) {
    case 'k':
        return add(a->keys, &a->n_keys, PLAN_OPERATORS_MAX);
    case 'c':
        return add(a->cores, &a->n_cores, PLAN_NODES_MAX);
    case 'j':
        a->json = true;
        return true;
    case 'h':
        a->help = true;
        return true;
    case '?':
        return false;
    default:
        *texts[c] = optarg;
        return true;
    }
}

static bool read_args(int argc, char **argv, struct retire_args *a)
{
    static const struct option known[] = {
        {"record", required_argument, NULL, 'r'},
        {"config", required_argument, NULL, 'g'},
        {"order", required_argument, NULL, 'd'},
        {"reason", required_argument, NULL, 'e'},
        {"next", required_argument, NULL, 'n'},
        {"out", required_argument, NULL, 'o'},
        {"key", required_argument, NULL, 'k'},
        {"core", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (!take_option(c, a)) {
            return false;
        }
    }
    return a->help || (optind == argc && (a->record == NULL) != (a->config == NULL) &&
                       a->order != NULL && (a->n_cores == 0 || a->out != NULL));
}

/* ---- the epoch ---- */

static enum err read_epoch(struct retiring *r)
{
    char error[CONFIG_ERROR_MAX];
    char why[ROSTER_WHY_MAX];
    struct view in;

    if (r->args.config != NULL) {
        if (config_load(r->args.config, &r->config, error) != ERR_OK) {
            return say(ERR_ENCODING, r->args.config, error);
        }
        r->args.record = r->config.front.ceremony;
    }
    errno = 0;
    enum err e = small_file_read(r->args.record, r->record, sizeof r->record, &in);

    if (e != ERR_OK) {
        return say(e, r->args.record, io_text(e));
    }
    e = roster_new(in, &r->roster, why);
    return e == ERR_OK ? e : say(e, r->args.record, why);
}

/* ---- the order ---- */

static enum err reason_of(const char *text, uint8_t *out)
{
    static const struct {
        const char *name;
        uint8_t reason;
    } names[] = {{"superseded", RETIRE_SUPERSEDED},
                 {"key-compromise", RETIRE_KEY_COMPROMISE},
                 {"cessation", RETIRE_CESSATION}};

    *out = RETIRE_CESSATION;
    for (size_t i = 0; text != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i].name) == 0) {
            *out = names[i].reason;
            return ERR_OK;
        }
    }
    return text == NULL ? ERR_OK : say(ERR_RANGE, text, "no reason");
}

static enum err draft(struct retiring *r)
{
    struct retire_order *const o = &r->order;
    size_t n = 0;

    TRY(reason_of(r->args.reason, &o->reason));
    memcpy(o->epoch_id, r->roster->quorum.epoch_id, sizeof o->epoch_id);
    if ((o->reason == RETIRE_SUPERSEDED) != (r->args.next != NULL)) {
        return say(ERR_RANGE, "--next", "of superseded, and of no other reason");
    }
    if (r->args.next != NULL &&
        (hex_parse(r->args.next, o->next, sizeof o->next, &n) != ERR_OK ||
         n != sizeof o->next)) {
        return say(ERR_ENCODING, "--next", "no id of an epoch");
    }
    return ERR_OK;
}

static enum err read_order(struct retiring *r)
{
    uint8_t bytes[RETIRE_ORDER_MAX];
    struct view in;

    errno = 0;
    const enum err e = small_file_read(r->args.order, bytes, sizeof bytes, &in);

    if (e == ERR_IO && errno == ENOENT) {
        return draft(r);
    }
    if (e != ERR_OK) {
        return say(e, r->args.order, io_text(e));
    }
    if (retire_order_decode(in, &r->order) != ERR_OK ||
        memcmp(r->order.epoch_id, r->roster->quorum.epoch_id, EPOCH_ID_LEN) != 0) {
        return say(ERR_ENCODING, r->args.order, "no order to retire this epoch");
    }
    return r->args.reason == NULL && r->args.next == NULL
               ? ERR_OK
               : say(ERR_RANGE, r->args.order,
                     "is there: --reason and --next are of a new one");
}

static enum err sign(struct retiring *r, const char *path)
{
    static uint8_t pem[COMMAND_KEY_MAX];
    uint8_t body[RETIRE_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);
    struct view key;

    errno = 0;
    enum err e = small_file_read(path, pem, sizeof pem, &key);

    if (e != ERR_OK) {
        return say(e, path, io_text(e));
    }
    retire_body_encode(&w, &r->order);
    e = order_sign(&(struct order_signed){{body, w.len}, r->order.signatures, &r->order.n},
                   &r->roster->record.plan, key);
    explicit_bzero(pem, sizeof pem);
    if (e != ERR_OK) {
        return say(e, path,
                   e == ERR_MISMATCH ? "no operator of the plan" : "no P-384 key in PEM");
    }
    return ERR_OK;
}

/* *bytes: the whole, as it stands in the file now. */
static enum err make_order(struct retiring *r, uint8_t space[RETIRE_ORDER_MAX],
                           struct view *bytes)
{
    struct writer w = wr_init(space, RETIRE_ORDER_MAX);

    if (r->roster->record.plan.orders_needed == 0) {
        return say(ERR_POLICY, r->args.record, "its plan lets nobody order anything");
    }
    TRY(read_order(r));
    for (size_t i = 0; i < r->args.n_keys; i++) {
        TRY(sign(r, r->args.keys[i]));
    }
    retire_order_encode(&w, &r->order);
    TRY(wr_finish(&w, bytes));
    errno = 0;
    const enum err e = file_replace(r->args.order, *bytes, FILE_MODE);

    return e == ERR_OK ? e : say(e, r->args.order, io_text(e));
}

/* ---- statements ---- */

/* What a node said before holds, also when it cannot be asked again: of the file as it is. */
static void keep_earlier(struct retiring *r)
{
    const struct plan *const p = &r->roster->record.plan;
    const size_t head = sizeof RETIRE_FILE_MAGIC - 1;
    uint8_t bytes[RETIRE_FILE_MAX];
    struct retired s;
    struct view in;

    if (small_file_read(r->args.out, bytes, sizeof bytes, &in) != ERR_OK || in.n < head ||
        memcmp(in.p, RETIRE_FILE_MAGIC, head) != 0) {
        return;
    }
    for (size_t at = head; in.n - at >= RETIRED_LEN; at += RETIRED_LEN) {
        if (retired_decode((struct view){in.p + at, RETIRED_LEN}, &s) == ERR_OK &&
            retired_judge(&s, p, r->roster->quorum.epoch_id) == ERR_OK &&
            r->result.err[s.place] != ERR_OK) {
            r->result.err[s.place] = ERR_OK;
            r->result.said[s.place] = s;
            r->result.n++;
        }
    }
}

static enum err write_statements(const struct retiring *r)
{
    uint8_t bytes[RETIRE_FILE_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    retire_file_encode(&w, &r->result);
    TRY(wr_finish(&w, &v));
    errno = 0;
    const enum err e = file_replace(r->args.out, v, FILE_MODE);

    return e == ERR_OK ? e : say(e, r->args.out, io_text(e));
}

/* Whether the statement of a node is one that the bundle can vouch for: by a key of the plan,
 * or of an order that is in it. */
static bool is_known(const struct bundle *b, const struct retired *s)
{
    struct reenrol_order o;
    bool known = s->incarnation == 1;

    for (size_t i = 0; i < b->n_orders && !known; i++) {
        known = reenrol_order_decode(b->orders[i], &o) == ERR_OK &&
                retired_judge_ordered(s, &o) == ERR_OK;
    }
    return known;
}

/* Of statements that are there, those of nodes that say nothing now: to the front. */
static size_t keep_silent(const struct retiring *r, struct view *list, size_t n)
{
    struct retired s;
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (retired_decode(list[i], &s) == ERR_OK && r->result.err[s.place] != ERR_OK) {
            list[kept++] = list[i];
        }
    }
    return kept;
}

/* Part 8 of the bundle of this epoch, if there is one. */
static enum err add_to_bundle(const struct retiring *r)
{
    static uint8_t before[BUNDLE_MAX];
    static uint8_t after[BUNDLE_MAX];
    static uint8_t said[PLAN_NODES_MAX][RETIRED_LEN];
    static struct bundle b;
    struct writer w = wr_init(after, sizeof after);
    const char *const path = r->config.front.bundle;
    struct view v;

    if (path[0] == '\0' || small_file_read(path, before, sizeof before, &v) != ERR_OK) {
        return ERR_OK;
    }
    TRY(bundle_decode(v, &b));
    if (!view_equal(b.record, (struct view){r->roster->bytes, r->roster->n_bytes})) {
        return ERR_OK;
    }
    b.n_retirements = keep_silent(r, b.retirements, b.n_retirements);
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        struct writer one = wr_init(said[i], RETIRED_LEN);

        if (r->result.err[i] == ERR_OK && is_known(&b, &r->result.said[i])) {
            retired_encode(&one, &r->result.said[i]);
            b.retirements[b.n_retirements++] = (struct view){said[i], one.len};
        }
    }
    bundle_encode(&w, &b);
    TRY(wr_finish(&w, &v));
    return file_replace(path, v, FILE_MODE);
}

static bool has_ended(struct view list, const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    uint8_t nonce[PLAN_NONCE_LEN];
    struct reader r = rd_init(list);

    while (ended_list_next(&r, nonce)) {
        if (memcmp(nonce, boot_nonce, sizeof nonce) == 0) {
            return true;
        }
    }
    return false;
}

/* Who came to that place by an order has its share, too: all of them have to have ended. */
static bool is_gone(const struct retiring *r, struct view list, uint8_t node)
{
    bool gone = has_ended(list, r->roster->record.plan.nodes[node].boot_nonce);
    uint8_t bytes[REENROL_ORDER_MAX];
    struct reader in = rd_init(list);
    struct reenrol_order o;
    struct view order;

    while (gone && ended_list_next_order(&in, bytes, &order)) {
        if (reenrol_order_decode(order, &o) == ERR_OK && o.node == node &&
            memcmp(o.epoch_id, r->roster->quorum.epoch_id, sizeof o.epoch_id) == 0) {
            gone = has_ended(list, o.boot_nonce);
        }
    }
    return gone;
}

/* Of those that have not retired; gives how many. */
static unsigned find_gone(struct retiring *r)
{
    static uint8_t space[ENDED_LIST_MAX];
    const char *const path = r->config.front.ended;
    struct view list;
    unsigned n = 0;

    if (path[0] == '\0' || small_file_read(path, space, sizeof space, &list) != ERR_OK) {
        return 0;
    }
    for (uint8_t i = 0; i < r->roster->record.plan.total; i++) {
        r->gone[i] = r->result.err[i] != ERR_OK && is_gone(r, list, i);
        n += r->gone[i] ? 1 : 0;
    }
    return n;
}

static int report(const struct retiring *r, unsigned gone)
{
    const struct retire_result *const s = &r->result;
    const unsigned total = r->roster->record.plan.total;

    for (unsigned i = 0; i < total; i++) {
        if (r->gone[i]) {
            (void)fprintf(stderr,
                          "quorate ceremony: node %u has ended before, and its share with it: "
                          "there is no statement of it\n",
                          i + 1);
        } else if (s->err[i] != ERR_OK) {
            (void)fprintf(stderr, "quorate ceremony: node %u has not retired: %s\n", i + 1,
                          err_name(s->err[i]));
        }
    }
    if (r->args.json) {
        (void)printf("{\"event\":\"retire\",\"nodes\":%u,\"retired\":%u,\"statements\":%u,"
                     "\"ended\":%u}\n",
                     total, s->n, s->n - s->by_orders, gone);
    } else {
        (void)printf("%u of %u nodes have erased their shares; statements of %u: %s\n", s->n,
                     total, s->n - s->by_orders, r->args.out);
    }
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_USAGE;
}

static int carry_out(struct retiring *r, struct view order)
{
    const struct plan *const p = &r->roster->record.plan;
    struct retire_job job = {.plan = p, .epoch_id = r->roster->quorum.epoch_id, .order = order};

    for (size_t i = 0; i < p->total; i++) {
        job.uris[i] = i < r->args.n_cores ? r->args.cores[i] : r->uris[i];
        if (!command_uri(r->args.record, p->nodes[i].listen, r->uris[i])) {
            (void)say(ERR_NOSPACE, r->args.record, "the place of a node is too long");
            return COMMAND_USAGE;
        }
    }
    retire_run(&job, &r->result);
    keep_earlier(r);
    if (write_statements(r) != ERR_OK) {
        return COMMAND_USAGE;
    }
    if (add_to_bundle(r) != ERR_OK) {
        (void)say(ERR_IO, r->config.front.bundle, "the statements cannot be added");
    }
    const unsigned gone = find_gone(r);
    const int status = report(r, gone);

    return status != COMMAND_DONE           ? status
           : r->result.n + gone == p->total ? COMMAND_DONE
                                            : COMMAND_BLAMED;
}

static int run(struct retiring *r)
{
    uint8_t space[RETIRE_ORDER_MAX];
    struct view order;

    if (read_epoch(r) != ERR_OK || make_order(r, space, &order) != ERR_OK) {
        return COMMAND_USAGE;
    }
    if (r->args.out != NULL) {
        return carry_out(r, order);
    }
    (void)printf("signed by %zu of %u operators: %s\n", r->order.n,
                 r->roster->record.plan.orders_needed, r->args.order);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_USAGE;
}

int command_retire_epoch(const struct retire_args *args)
{
    struct retiring *const r = calloc(1, sizeof *r);

    if (r == NULL) {
        return COMMAND_USAGE;
    }
    r->args = *args;
    const int status = run(r);

    roster_free(r->roster);
    free(r);
    return status;
}

int command_retire(int argc, char **argv)
{
    struct retire_args args = {.record = NULL};

    if (!read_args(argc, argv, &args)) {
        return usage(stderr, COMMAND_USAGE);
    }
    return args.help ? usage(stdout, COMMAND_DONE) : command_retire_epoch(&args);
}
