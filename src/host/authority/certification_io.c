#include "host/authority/certification_io.h"

#include "host/authority/requests_io.h"
#include "os/entropy.h"
#include "os/event_log.h"
#include "os/file_replace.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define CHAIN_MODE 0644

void certification_init(struct certification *c, const struct config *config)
{
    memset(c, 0, sizeof *c);
    c->config = config;
    core_link_init(&c->link, c->link_out, sizeof c->link_out, c->link_in, sizeof c->link_in);
    certify_init(&c->command);
}

void certification_end(struct certification *c)
{
    core_link_close(&c->link);
    certify_end(&c->command);
}

static void log_failed(const char *why, enum err e)
{
    const struct event_field fields[] = {
        {.key = "err", .kind = EVENT_ERR, .number = e},
        {.key = "why", .kind = EVENT_TEXT, .text = why},
    };

    event_log(EVENT_ERROR, EVENT_CERTIFY_FAILED, fields, 2);
}

static enum err ask(struct certification *c, uint8_t type, struct view body, int64_t now_ms)
{
    c->link_until_ms = now_ms + CERTIFICATION_ANSWER_MS;
    return core_link_ask(&c->link, c->config->front.core, type, body);
}

static const struct tsa_chain *activating_chain(const struct certification *c)
{
    return c->activating == KEY_PQ ? &c->chains.pq : &c->chains.classic;
}

static enum err ask_activate(struct certification *c, enum core_key key, int64_t now_ms)
{
    uint8_t body[CERTIFICATION_QUESTION_MAX - FRAME_HEADER_LEN];
    struct writer w = wr_init(body, sizeof body);
    struct activation a;
    struct view written;

    c->activating = key;
    a = activating_chain(c)->activation;
    memcpy(a.epoch_id, c->keys.epoch_id, sizeof a.epoch_id);
    activation_encode(&w, &a);
    TRY(wr_finish(&w, &written));
    return ask(c, FRAME_ACTIVATE, written, now_ms);
}

/* ---- requests: made once an epoch, so that a command that fails costs no attempt ---- */

static enum err ask_request(struct certification *c, int64_t now_ms)
{
    uint8_t body[CSR_ALONE_ASK_MAX];
    struct writer w = wr_init(body, sizeof body);
    const enum frame_type type = csr_alone_ask(&c->csr, &w);
    struct view written;

    if (type == FRAME_SIGN_CSR) {
        c->attempts[c->csr.key.key - 1]++;
    }
    TRY(wr_finish(&w, &written));
    return ask(c, (uint8_t)type, written, now_ms);
}

static enum err begin_request(struct certification *c, uint8_t key, int64_t now_ms)
{
    const struct core_keys *const keys = &c->keys;
    const struct csr_key k = {
        .key = key,
        .epoch_id = keys->epoch_id,
        .public_key = key == KEY_PQ ? (struct view){keys->pq, sizeof keys->pq}
                                    : (struct view){keys->classic, sizeof keys->classic},
    };
    uint8_t sid0[SID0_LEN];

    if (c->attempts[key - 1] == CSR_ATTEMPTS_MAX) {
        return ERR_STATE; /* the core would refuse, too: it has to be started anew */
    }
    TRY(entropy_os.fill(entropy_os.self, sid0, sizeof sid0));
    csr_alone_begin(&c->csr, &k, keys->index, (uint8_t)(c->attempts[key - 1] + 1), sid0);
    return ask_request(c, now_ms);
}

static enum err begin_command(struct certification *c, int64_t now_ms)
{
    const struct config_authority *conf = &c->config->authority;
    const struct view requests = {c->requests, c->pem.len};
    const enum err e = certify_start(&c->command, conf->certify, &c->keys, requests,
                                     now_ms + conf->certify_timeout_s * 1000);

    if (e != ERR_OK) {
        log_failed("the certify command cannot be started", e);
    }
    return e;
}

static enum err begin_certify(struct certification *c, int64_t now_ms)
{
    enum err e;

    if (c->has_requests) {
        return begin_command(c, now_ms);
    }
    c->pem = wr_init(c->requests, sizeof c->requests);
    e = begin_request(c, KEY_CLASSIC, now_ms);
    if (e != ERR_OK) {
        log_failed("the core cannot be asked for a certificate request", e);
    }
    return e;
}

/* For a CA outside; the command is given them all the same. */
static void keep_requests(const struct certification *c)
{
    const struct view requests = {c->requests, c->pem.len};

    if (requests_keep(c->config->authority.requests, &c->keys, requests) != ERR_OK) {
        log_failed("the file of requests cannot be written", ERR_IO);
    }
}

/* *more: another question is under way. */
static enum err take_request(struct certification *c, struct view answer, int64_t now_ms,
                             bool *more)
{
    static struct csr_scratch scratch;

    TRY(csr_alone_take(&c->csr, answer, &scratch, &c->pem));
    if (!c->csr.done) {
        *more = true;
        return ask_request(c, now_ms);
    }
    if (c->csr.key.key == KEY_CLASSIC && c->keys.has_pq) {
        *more = true;
        return begin_request(c, KEY_PQ, now_ms);
    }
    c->has_requests = true;
    keep_requests(c);
    return ERR_OK;
}

bool certification_start(struct certification *c, enum sup_action what, int64_t now_ms,
                         enum sup_event *ev)
{
    if (what == SUP_ASK_HELLO) {
        *ev = SUP_CORE_SILENT;
        return ask(c, FRAME_HELLO, (struct view){NULL, 0}, now_ms) == ERR_OK;
    }
    if (what == SUP_ACTIVATE) {
        *ev = SUP_CORE_SILENT;
        return ask_activate(c, KEY_CLASSIC, now_ms) == ERR_OK;
    }
    *ev = SUP_CERTIFY_FAILED;
    return begin_certify(c, now_ms) == ERR_OK;
}

/* ---- answers of the core ---- */

static void log_certified(const struct tsa_chain *chain)
{
    const struct event_field fields[] = {
        {.key = "key",
         .kind = EVENT_TEXT,
         .text = chain->activation.key == KEY_PQ ? "pq" : "classic"},
        {.key = "certificate",
         .kind = EVENT_HEX,
         .hex = {chain->activation.cert_hash, CERT_HASH_LEN}},
    };

    event_log(EVENT_INFO, EVENT_CORE_CERTIFIED, fields, sizeof fields / sizeof fields[0]);
}

/* *more: another activation is under way. */
static enum err take_activated(struct certification *c, struct view answer, int64_t now_ms,
                               bool *more)
{
    const struct tsa_chain *chain = activating_chain(c);
    uint8_t theirs[ACTIVATION_HASH_LEN];

    TRY(activation_answer_decode(answer, theirs));
    if (memcmp(chain->activation_hash, theirs, sizeof theirs) != 0) {
        return ERR_MISMATCH;
    }
    log_certified(chain);
    *more = c->chains.has_pq && c->activating == KEY_CLASSIC;
    return *more ? ask_activate(c, KEY_PQ, now_ms) : ERR_OK;
}

/* A core of another epoch has other keys. */
static enum err take_hello(struct certification *c, struct view answer)
{
    uint8_t before[EPOCH_ID_LEN];

    memcpy(before, c->keys.epoch_id, sizeof before);
    TRY(core_keys_take(answer, &c->keys));
    if (memcmp(before, c->keys.epoch_id, sizeof before) != 0) {
        memset(c->attempts, 0, sizeof c->attempts);
        c->has_requests = false;
        c->told_no_time = false;
        requests_drop(c->config->authority.requests);
    }
    return ERR_OK;
}

/* Whether the core has answered or not: *more: it is waited for on. */
static enum err take_answer(struct certification *c, bool done, struct view answer,
                            int64_t now_ms, bool *more)
{
    if (!done) {
        *more = now_ms < c->link_until_ms;
        if (!*more) {
            core_link_close(&c->link);
        }
        return *more ? ERR_OK : ERR_DEADLINE;
    }
    if (c->link.type == FRAME_HELLO) {
        return take_hello(c, answer);
    }
    if (c->link.type == FRAME_ACTIVATE) {
        return take_activated(c, answer, now_ms, more);
    }
    return take_request(c, answer, now_ms, more);
}

/* The link's work is over. True: *ev happened. */
static bool link_over(struct certification *c, uint8_t asked, enum err e, int64_t now_ms,
                      enum sup_event *ev)
{
    if (asked == FRAME_HELLO) {
        *ev = e == ERR_OK ? SUP_CORE_HELLO : SUP_CORE_SILENT;
        return true;
    }
    if (asked == FRAME_ACTIVATE) {
        *ev = e == ERR_OK ? SUP_ACTIVATED : SUP_CORE_SILENT;
        if (e != ERR_OK) {
            log_failed("the core does not take the certificate", e);
        }
        return true;
    }
    *ev = e == ERR_TIME ? SUP_CORE_NO_TIME : SUP_CERTIFY_FAILED;
    if (e == ERR_TIME && c->told_no_time) {
        return true;
    }
    c->told_no_time = e == ERR_TIME;
    if (e != ERR_OK) {
        log_failed("the core signs no certificate request", e);
        return true;
    }
    return begin_command(c, now_ms) != ERR_OK;
}

static bool step_link(struct certification *c, int64_t now_ms, enum sup_event *ev)
{
    const uint8_t asked = c->link.type;
    struct view answer;
    bool done = false;
    bool more = false;
    enum err e = core_link_step(&c->link, &done, &answer);

    if (e == ERR_OK) {
        e = take_answer(c, done, answer, now_ms, &more);
    }
    if (e == ERR_STALE && asked == FRAME_SIGN_CSR) { /* its R1 grew old on the way */
        e = begin_request(c, c->csr.key.key, now_ms);
        more = true;
    }
    return e == ERR_OK && more ? false : link_over(c, asked, e, now_ms, ev);
}

/* ---- the command ---- */

static enum err write_chain(const char *path, const struct tsa_chain *chain, char *why)
{
    (void)snprintf(why, TSA_CHAIN_WHY_MAX, "the chain file cannot be written");
    return file_replace(path, chain->pem_chain, CHAIN_MODE);
}

/* Nothing is written before everything is checked. */
static enum err use_chains(struct certification *c, struct view pem, char *why)
{
    const struct config_front *front = &c->config->front;

    TRY(core_chains_parse(pem, &c->keys, (int64_t)time(NULL), &c->chains, why));
    if (c->chains.has_pq) {
        TRY(write_chain(front->chain_pq, &c->chains.pq, why));
    }
    return write_chain(front->chain, &c->chains.classic, why);
}

static enum err take_chains(struct certification *c, struct view pem)
{
    char why[TSA_CHAIN_WHY_MAX];
    const enum err e = use_chains(c, pem, why);

    if (e != ERR_OK) {
        log_failed(why, e);
    } else {
        requests_drop(c->config->authority.requests);
    }
    return e;
}

static bool step_command(struct certification *c, int64_t now_ms, enum sup_event *ev)
{
    char why[64];
    struct view pem;
    bool done = false;
    enum err e = certify_step(&c->command, now_ms, &done, &pem, why);

    if (e == ERR_OK && !done) {
        return false;
    }
    if (e == ERR_OK) {
        e = take_chains(c, pem);
    } else {
        log_failed(why, e);
    }
    *ev = e == ERR_OK ? SUP_CERTIFIED : SUP_CERTIFY_FAILED;
    return true;
}

bool certification_step(struct certification *c, int64_t now_ms, enum sup_event *ev)
{
    if (c->link.fd >= 0) {
        return step_link(c, now_ms, ev);
    }
    if (c->command.pid > 0) {
        return step_command(c, now_ms, ev);
    }
    return false;
}

size_t certification_fds(const struct certification *c, struct pollfd *fds)
{
    size_t n = 0;

    if (c->link.fd >= 0) {
        fds[n++] = (struct pollfd){.fd = c->link.fd, .events = core_link_events(&c->link)};
    }
    if (c->command.pid > 0 && c->command.in_fd >= 0) {
        fds[n++] = (struct pollfd){.fd = c->command.in_fd, .events = POLLOUT};
    }
    if (c->command.pid > 0 && c->command.out_fd >= 0) {
        fds[n++] = (struct pollfd){.fd = c->command.out_fd, .events = POLLIN};
    }
    return n;
}

int64_t certification_next_ms(const struct certification *c)
{
    if (c->link.fd >= 0) {
        return c->link_until_ms;
    }
    return c->command.pid > 0 ? c->command.until_ms : INT64_MAX;
}
