#include "host/authority/enrol_io.h"

#include "base/secret.h"
#include "host/authority/certify_io.h"
#include "host/authority/cluster.h"
#include "host/authority/cluster_chains.h"
#include "host/authority/dev_policy_io.h"
#include "host/authority/epoch_show_io.h"
#include "host/authority/files_io.h"
#include "host/authority/requests_io.h"
#include "host/ceremony/command_io.h"
#include "host/ceremony/order_file.h"
#include "host/ceremony/reenrol_config_io.h"
#include "host/coord/roster.h"
#include "host/csr/csr_alone.h"
#include "host/csr/csr_classic.h"
#include "host/csr/csr_quorum.h"
#include "host/link/core_ask_io.h"
#include "os/clock.h"
#include "os/entropy.h"
#include "os/event_log.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ASK_AGAIN_MS 20
#define CHAIN_MODE 0644
#define OPERATOR_MODE 0600
#define ACTIVATE_MAX 1024 /* bytes of a body: issuer and serial number are capped below it */
#define REQUESTS_MAX ((PLAN_NODES_MAX + 1) * CSR_PEM_MAX)

struct enrol {
    struct csr_scratch csr;
    const struct config *config;
    struct roster *roster;
    struct epoch_show *show;         /* of an attested epoch; NULL: none */
    char draft[CONFIG_TEXT_MAX + 8]; /* its bundle, as the certify command sees it */
    struct writer requests;          /* into pem */
    size_t core_of[PLAN_NODES_MAX];  /* which core has a place */
    struct certify certify;
    struct core_ask ask;
    struct cluster_chains chains;
    struct core_keys keys[PLAN_NODES_MAX];
    uint8_t total, threshold;
    char cores[PLAN_NODES_MAX][CONFIG_TEXT_MAX]; /* as the configuration has them */
    char uris[PLAN_NODES_MAX][CONFIG_TEXT_MAX];  /* by place in the plan, once there is one */
    uint8_t pem[REQUESTS_MAX];
};

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

static enum err say(enum err e, const char *what)
{
    const struct event_field fields[] = {
        {.key = "err", .kind = EVENT_ERR, .number = e},
        {.key = "why", .kind = EVENT_TEXT, .text = what},
    };

    event_log(EVENT_ERROR, EVENT_CERTIFY_FAILED, fields, 2);
    return e;
}

static enum err ask(struct enrol *n, size_t core, uint8_t type, struct view body,
                    struct view *answer)
{
    n->ask.uri = n->uris[core];
    n->ask.wait_ms = ENROL_ANSWER_MS;
    return core_ask(&n->ask, type, body, answer);
}

/* ---- the cores, and their key ---- */

static enum err wait_for_cores(struct enrol *n)
{
    const int64_t until = now_ms() + ENROL_CORES_UP_MS;
    struct view answer;

    memcpy(n->uris, n->cores, sizeof n->uris);
    for (size_t i = 0; i < n->total;) {
        if (ask(n, i, FRAME_HELLO, (struct view){NULL, 0}, &answer) == ERR_OK) {
            i++;
        } else if (now_ms() >= until) {
            return say(ERR_DEADLINE, "not all cores answer");
        } else {
            (void)poll(NULL, 0, ASK_AGAIN_MS);
        }
    }
    return ERR_OK;
}

/* The path of a file in the plan's folder. ERR_NOSPACE: too long a path. */
static enum err beside_plan(const char *plan, const char *name, char path[CONFIG_TEXT_MAX])
{
    const char *const slash = strrchr(plan, '/');
    const int n = snprintf(path, CONFIG_TEXT_MAX, "%.*s%s",
                           slash != NULL ? (int)(slash - plan) + 1 : 0, plan, name);

    return n > 0 && n < CONFIG_TEXT_MAX ? ERR_OK : ERR_NOSPACE;
}

/* Beside the plan: the one operator of a plan that nobody compares, made with it. */
static enum err make_operator(const char *plan, char path[CONFIG_TEXT_MAX])
{
    uint8_t text[ORDER_PEM_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view pem = {NULL, 0};
    enum err e = beside_plan(plan, "operator.pem", path);

    if (e == ERR_OK) {
        e = order_new_key(&w);
    }
    if (e == ERR_OK) {
        e = wr_finish(&w, &pem);
    }
    if (e == ERR_OK) {
        e = file_replace(path, pem, OPERATOR_MODE);
    }
    wipe(text, sizeof text);
    return e;
}

/* Of cores on simulated silicon: policy and recipe of the programs beside this one, beside the
 * plan. */
static enum err make_policy(const char *plan, char path[CONFIG_TEXT_MAX])
{
    char program[PATH_MAX];
    char recipe[CONFIG_TEXT_MAX];

    TRY(program_beside("quorate-core", program, sizeof program));
    char *const last = strrchr(program, '/');

    if (last == NULL) {
        return ERR_NOSPACE;
    }
    *last = '\0';
    TRY(beside_plan(plan, "recipe.txt", recipe));
    TRY(dev_recipe_write(program, recipe));
    TRY(beside_plan(plan, "policy.txt", path));
    return dev_policy_write(program, path);
}

static enum err make_key(struct enrol *n)
{
    const char *const plan = n->config->authority.plan;
    struct command_ask draft = {
        .out = plan,
        .n_cores = n->total,
        .threshold = n->threshold,
        .classic = config_items(n->config->front.chain) == 1 ? "threshold" : "node",
    };
    const struct command_ask run = {.plan = plan, .out = n->config->front.ceremony};
    char operator_key[CONFIG_TEXT_MAX], policy[CONFIG_TEXT_MAX];

    if (n->config->authority.evidence == CONFIG_EVIDENCE_SIM) {
        TRY(make_policy(plan, policy));
        draft.policy = policy;
        /* The bundle in place is of the epoch before: this one follows it. */
        draft.previous =
            access(n->config->front.bundle, F_OK) == 0 ? n->config->front.bundle : NULL;
    }
    TRY(make_operator(plan, operator_key));
    draft.keys[draft.n_keys++] = operator_key;
    for (size_t i = 0; i < n->total; i++) {
        draft.cores[i] = n->cores[i];
    }
    return command_plan(&draft) == COMMAND_DONE && command_run(&run) == COMMAND_DONE
               ? ERR_OK
               : ERR_QUORUM;
}

/* Asks a core who it is, and gives it the place in the plan that it says it has. */
static enum err find_place(struct enrol *n, size_t core)
{
    struct core_keys keys;
    struct view answer;

    memcpy(n->uris[0], n->cores[core], sizeof n->uris[0]);
    TRY(ask(n, 0, FRAME_HELLO, (struct view){NULL, 0}, &answer));
    TRY(core_keys_take_member(answer, n->roster, &keys));
    if (n->keys[keys.index - 1].index != 0) {
        return ERR_MISMATCH;
    }
    n->keys[keys.index - 1] = keys;
    n->core_of[keys.index - 1] = core;
    return ERR_OK;
}

/* What the record says of the epoch, and each core of itself: they must agree. ERR_MISMATCH,
 * ERR_IO: they do not, or there is no record. */
static enum err read_epoch(struct enrol *n)
{
    static uint8_t record[CEREMONY_RECORD_MAX];
    char why[ROSTER_WHY_MAX];
    struct view in;

    roster_free(n->roster);
    n->roster = NULL;
    memset(n->keys, 0, sizeof n->keys);
    TRY(small_file_read(n->config->front.ceremony, record, sizeof record, &in));
    TRY(roster_new(in, &n->roster, why));
    if (n->roster->record.plan.total != n->total ||
        n->roster->record.plan.threshold != n->threshold) {
        return ERR_MISMATCH;
    }
    for (size_t i = 0; i < n->total; i++) {
        TRY(find_place(n, i));
    }
    for (size_t i = 0; i < n->total; i++) {
        memcpy(n->uris[i], n->cores[n->core_of[i]], sizeof n->uris[i]);
        if (n->keys[i].classic_threshold != n->keys[0].classic_threshold) {
            return ERR_MISMATCH;
        }
    }
    return ERR_OK;
}

/* The key of the cores that run, made here or by people; made already when this was begun
 * before. */
static enum err find_key(struct enrol *n)
{
    enum err e = read_epoch(n);

    if (e != ERR_OK && n->config->authority.plan[0] != '\0') {
        TRY(make_key(n));
        e = read_epoch(n);
        return e == ERR_OK ? e : say(e, "a core says something else than the record");
    }
    if (e != ERR_OK) {
        event_log(EVENT_INFO, EVENT_CEREMONY_AWAITED, NULL, 0);
    }
    while (e != ERR_OK) {
        (void)poll(NULL, 0, ENROL_LOOK_MS);
        e = read_epoch(n);
    }
    return e;
}

/* ---- certificate requests ---- */

/* One attempt. *signed_: the core was asked to sign, so that the next one has another number.
 */
static enum err request_alone(struct enrol *n, size_t core, uint8_t attempt, bool *signed_)
{
    const struct csr_key key = {
        .key = KEY_CLASSIC,
        .epoch_id = n->keys[core].epoch_id,
        .public_key = {n->keys[core].classic, sizeof n->keys[core].classic},
    };
    uint8_t body[CSR_ALONE_ASK_MAX];
    uint8_t sid0[SID0_LEN];
    struct csr_alone a;
    struct view answer;

    TRY(entropy_os.fill(entropy_os.self, sid0, sizeof sid0));
    csr_alone_begin(&a, &key, n->keys[core].index, attempt, sid0);
    while (!a.done) {
        struct writer w = wr_init(body, sizeof body);
        const enum frame_type type = csr_alone_ask(&a, &w);
        struct view written;

        *signed_ = *signed_ || type == FRAME_SIGN_CSR;
        TRY(wr_finish(&w, &written));
        TRY(ask(n, core, (uint8_t)type, written, &answer));
        TRY(csr_alone_take(&a, answer, &n->csr, &n->requests));
    }
    return ERR_OK;
}

/* Whatever an attempt fails of, the next one may give a request: an R1 grew old on the way, or
 * the core's time client has no answers yet, which is no attempt. */
static enum err request_of(struct enrol *n, size_t core)
{
    const int64_t until = now_ms() + ENROL_TIME_MS;
    uint8_t attempt = 1;
    enum err e = ERR_STATE;

    for (unsigned i = 0; i < ENROL_SESSIONS_MAX && attempt <= CSR_ATTEMPTS_MAX;) {
        bool signed_ = false;

        e = request_alone(n, core, attempt, &signed_);
        if (e == ERR_OK) {
            return e;
        }
        attempt = (uint8_t)(attempt + (signed_ ? 1 : 0));
        i += e != ERR_TIME || signed_ || now_ms() >= until ? 1 : 0;
        (void)poll(NULL, 0, ASK_AGAIN_MS);
    }
    return say(e, "a core signs no certificate request");
}

static enum err ask_party(void *user, unsigned party, enum frame_type type, struct view body,
                          struct view *answer)
{
    return ask(user, party, (uint8_t)type, body, answer);
}

static void rest(void *user, unsigned ms)
{
    (void)user;
    (void)poll(NULL, 0, (int)ms);
}

static enum err request_together(struct enrol *n)
{
    struct csr_quorum q = {
        .roster = &n->roster->quorum,
        .public_key = n->roster->record.pk,
        .entropy = &entropy_os,
        .ask = ask_party,
        .pause = rest,
        .user = n,
    };
    const enum err e = csr_quorum_sign(&q, &n->requests);

    return e == ERR_OK ? e : say(e, "the cores together sign no certificate request");
}

/* Whether the cores have one classic key together. */
static bool is_shared(const struct enrol *n)
{
    return n->keys[0].classic_threshold > 1;
}

static enum err request_shared(struct enrol *n)
{
    struct csr_classic q = {
        .roster = &n->roster->quorum,
        .entropy = &entropy_os,
        .ask = ask_party,
        .pause = rest,
        .user = n,
    };
    const enum err e = csr_classic_sign(&q, &n->requests);

    return e == ERR_OK ? e : say(e, "three cores sign no request of the shared P-384 key");
}

static enum err make_requests(struct enrol *n)
{
    n->requests = wr_init(n->pem, sizeof n->pem);
    if (is_shared(n)) {
        TRY(request_shared(n));
    }
    for (size_t i = 0; i < n->total && !is_shared(n); i++) {
        TRY(request_of(n, i));
    }
    TRY(request_together(n));
    const enum err e = requests_keep(n->config->authority.requests, &n->keys[0],
                                     (struct view){n->pem, n->requests.len});

    return e == ERR_OK ? e : say(e, "the file of requests cannot be written");
}

/* ---- what the epoch shows ---- */

static int64_t tell_time(void *user)
{
    (void)user;
    return now_ms();
}

/* What lies in its place, and the orders of this epoch, which may be more than stand there. */
static enum err follow(struct enrol *n)
{
    static struct reenrol_earlier earlier;

    reenrol_read_earlier(n->config, n->roster->quorum.epoch_id, &earlier);
    return epoch_show_follow(n->show, n->config->front.bundle, earlier.orders, earlier.n);
}

static enum err gather_evidence(struct enrol *n)
{
    const struct view record = {n->roster->bytes, n->roster->n_bytes};
    const struct epoch_show_asker asker = {ask_party, rest, tell_time, n};
    const char *const path = n->config->front.bundle;

    if (!plan_is_attested(&n->roster->record.plan) || path[0] == '\0') {
        return ERR_OK;
    }
    enum err e = epoch_show_new(record, &asker, &n->show);

    if (e == ERR_OK && n->config->front.recipe[0] != '\0') {
        e = epoch_show_recipe(n->show, n->config->front.recipe);
    }
    if (e == ERR_OK) {
        e = follow(n);
    }
    if (e == ERR_OK) {
        (void)snprintf(n->draft, sizeof n->draft, "%s.draft", path);
        n->keys[0].bundle = n->draft;
        e = epoch_show_draft(n->show, n->draft);
    }
    return e == ERR_OK ? e : say(e, "the nodes do not show what they run on");
}

static enum err write_bundle(struct enrol *n)
{
    enum bundle_check check = BUNDLE_CHECK_AGAIN;

    if (n->show == NULL) {
        return ERR_OK;
    }
    enum err e = follow(n); /* who certifies may have taken days */

    if (e == ERR_OK) {
        e = epoch_show_write(n->show, n->config->front.bundle, &n->chains.classic[0],
                             &n->chains.pq, &check);
    }
    (void)unlink(n->draft);
    return e == ERR_OK         ? e
           : e == ERR_EVIDENCE ? say(e, bundle_check_name(check))
                               : say(e, "the bundle cannot be written");
}

/* ---- certificates ---- */

static enum err run_command(struct enrol *n, struct view *out, char why[64])
{
    const struct config_authority *conf = &n->config->authority;
    bool done = false;

    (void)snprintf(why, 64, "the certify command cannot be started");
    TRY(certify_start(&n->certify, conf->certify, &n->keys[0],
                      (struct view){n->pem, n->requests.len},
                      now_ms() + conf->certify_timeout_s * 1000));
    while (!done) {
        struct pollfd fds[2] = {{.fd = n->certify.in_fd, .events = POLLOUT},
                                {.fd = n->certify.out_fd, .events = POLLIN}};

        (void)poll(fds, 2, ASK_AGAIN_MS);
        TRY(certify_step(&n->certify, now_ms(), &done, out, why));
    }
    return ERR_OK;
}

static enum err write_chains(const struct enrol *n)
{
    char path[CONFIG_TEXT_MAX];

    for (size_t i = 0; i < n->chains.n; i++) {
        config_item(n->config->front.chain, i, path);
        TRY(file_replace(path, n->chains.classic[i].pem_chain, CHAIN_MODE));
    }
    return file_replace(n->config->front.chain_pq, n->chains.pq.pem_chain, CHAIN_MODE);
}

static enum err certify(struct enrol *n)
{
    char why[TSA_CHAIN_WHY_MAX];
    struct view pem;

    enum err e = run_command(n, &pem, why);

    if (e == ERR_OK) {
        e = cluster_chains_parse(pem, n->keys, is_shared(n) ? 1 : n->total, (int64_t)time(NULL),
                                 &n->chains, why);
    }
    if (e != ERR_OK) {
        return say(e, why);
    }
    e = write_chains(n);
    return e == ERR_OK ? e : say(e, "a chain file cannot be written");
}

static enum err activate(struct enrol *n, size_t core, const struct tsa_chain *chain)
{
    uint8_t body[ACTIVATE_MAX];
    uint8_t theirs[ACTIVATION_HASH_LEN];
    struct writer w = wr_init(body, sizeof body);
    struct activation a = chain->activation;
    struct view written;
    struct view answer;

    memcpy(a.epoch_id, n->keys[core].epoch_id, sizeof a.epoch_id);
    activation_encode(&w, &a);
    TRY(wr_finish(&w, &written));
    TRY(ask(n, core, FRAME_ACTIVATE, written, &answer));
    TRY(activation_answer_decode(answer, theirs));
    return memcmp(theirs, chain->activation_hash, sizeof theirs) == 0 ? ERR_OK : ERR_MISMATCH;
}

static enum err activate_all(struct enrol *n)
{
    for (size_t i = 0; i < n->total; i++) {
        enum err e = activate(n, i, &n->chains.classic[is_shared(n) ? 0 : i]);

        if (e == ERR_OK) {
            e = activate(n, i, &n->chains.pq);
        }
        if (e != ERR_OK) {
            return say(e, "a core does not take its certificates");
        }
    }
    return ERR_OK;
}

/* A CA that cannot be reached is no reason to throw the requests away. */
static enum err certify_at_last(struct enrol *n, bool once)
{
    int64_t pause_ms = n->config->authority.restart_backoff_ms;
    enum err e = certify(n);

    while (e != ERR_OK && !once) {
        (void)poll(NULL, 0, (int)pause_ms);
        pause_ms =
            2 * pause_ms < CLUSTER_BACKOFF_MS_MAX ? 2 * pause_ms : CLUSTER_BACKOFF_MS_MAX;
        e = certify(n);
    }
    return e;
}

/* One chain file is for a key that all have together. */
static enum err check_files(const struct enrol *n)
{
    return config_items(n->config->front.chain) == (is_shared(n) ? 1 : n->total)
               ? ERR_OK
               : say(ERR_MISMATCH, "a shared P-384 key has one chain in [front], keys of their "
                                   "own have as many as there are cores");
}

static enum err run(struct enrol *n, bool once)
{
    requests_drop(n->config->authority.requests); /* those of cores before */
    TRY(wait_for_cores(n));
    TRY(find_key(n));
    TRY(check_files(n));
    TRY(gather_evidence(n));
    TRY(make_requests(n));
    TRY(certify_at_last(n, once));
    requests_drop(n->config->authority.requests);
    TRY(write_bundle(n));
    return activate_all(n);
}

enum err enrol(const struct config *config, bool once)
{
    struct enrol *n = aligned_alloc(64, (sizeof *n + 63) / 64 * 64);

    if (n == NULL) {
        return ERR_NOSPACE;
    }
    memset(n, 0, sizeof *n);
    certify_init(&n->certify);
    n->config = config;
    n->total = (uint8_t)config_items(config->front.core);
    n->threshold = (uint8_t)config->authority.threshold;
    for (size_t i = 0; i < n->total; i++) {
        config_item(config->front.core, i, n->cores[i]);
    }
    const enum err e = run(n, once);

    epoch_show_free(n->show);
    roster_free(n->roster);
    free(n);
    return e;
}
