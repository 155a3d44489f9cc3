#include "host/authority/certification_io.h"

#include "base/hex.h"
#include "host/authority/files_io.h"
#include "os/event_log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define CHAIN_MODE 0644

void certification_init(struct certification *c, const struct config *config)
{
    memset(c, 0, sizeof *c);
    c->config = config;
    core_link_init(&c->link);
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

static struct activation activation_of(const struct certification *c)
{
    struct activation a = c->chain.activation;

    memcpy(a.epoch_id, c->epoch_id, sizeof a.epoch_id);
    return a;
}

static enum err ask_activate(struct certification *c, int64_t now_ms)
{
    uint8_t body[CORE_LINK_QUESTION_MAX - FRAME_HEADER_LEN];
    struct writer w = wr_init(body, sizeof body);
    const struct activation a = activation_of(c);
    struct view written;

    activation_encode(&w, &a);
    TRY(wr_finish(&w, &written));
    return ask(c, FRAME_ACTIVATE, written, now_ms);
}

bool certification_start(struct certification *c, enum sup_action what, int64_t now_ms,
                         enum sup_event *ev)
{
    const struct config_authority *conf = &c->config->authority;
    enum err e = ERR_BUG;

    if (what == SUP_ASK_HELLO) {
        *ev = SUP_CORE_SILENT;
        return ask(c, FRAME_HELLO, (struct view){NULL, 0}, now_ms) == ERR_OK;
    }
    if (what == SUP_ACTIVATE) {
        *ev = SUP_CORE_SILENT;
        return ask_activate(c, now_ms) == ERR_OK;
    }
    *ev = SUP_CERTIFY_FAILED;
    e = certify_start(&c->command, conf->certify, c->public_key,
                      now_ms + conf->certify_timeout_s * 1000);
    if (e != ERR_OK) {
        log_failed("the certify command cannot be started", e);
    }
    return e == ERR_OK;
}

/* ---- answers of the core ---- */

static enum err take_hello(struct certification *c, struct view answer)
{
    struct hello h;

    TRY(hello_decode(answer, &h));
    for (size_t i = 0; i < h.n_keys; i++) {
        if (h.keys[i].key == KEY_CLASSIC && h.keys[i].public_key.n == sizeof c->public_key) {
            memcpy(c->public_key, h.keys[i].public_key.p, sizeof c->public_key);
            memcpy(c->epoch_id, h.epoch_id, sizeof c->epoch_id);
            return ERR_OK;
        }
    }
    return ERR_STATE;
}

static enum err take_activated(struct certification *c, struct view answer)
{
    const struct view ours = {c->chain.activation_hash, ACTIVATION_HASH_LEN};
    uint8_t theirs[ACTIVATION_HASH_LEN];

    TRY(activation_answer_decode(answer, theirs));
    if (!view_equal(ours, (struct view){theirs, sizeof theirs})) {
        return ERR_MISMATCH;
    }
    const struct event_field field = {.key = "certificate",
                                      .kind = EVENT_HEX,
                                      .hex = {c->chain.activation.cert_hash, CERT_HASH_LEN}};

    event_log(EVENT_INFO, EVENT_CORE_CERTIFIED, &field, 1);
    return ERR_OK;
}

static bool step_link(struct certification *c, int64_t now_ms, enum sup_event *ev)
{
    const bool hello = c->link.type == FRAME_HELLO;
    struct view answer;
    bool done = false;
    enum err e = core_link_step(&c->link, &done, &answer);

    if (e == ERR_OK && done) {
        e = hello ? take_hello(c, answer) : take_activated(c, answer);
        *ev = hello ? SUP_CORE_HELLO : SUP_ACTIVATED;
    } else if (e == ERR_OK) {
        if (now_ms < c->link_until_ms) {
            return false;
        }
        e = ERR_DEADLINE;
        core_link_close(&c->link);
    }
    if (e != ERR_OK) {
        *ev = SUP_CORE_SILENT;
    }
    if (e != ERR_OK && !hello) {
        log_failed("the core does not take the certificate", e);
    }
    return true;
}

/* ---- the command ---- */

static enum err check_chain(struct certification *c, struct view pem, char *why)
{
    const struct view key = {c->public_key, sizeof c->public_key};

    TRY(tsa_chain_parse(pem, KEY_CLASSIC, (int64_t)time(NULL), &c->chain, why));
    if (!view_equal(key, c->chain.public_key)) {
        (void)snprintf(why, TSA_CHAIN_WHY_MAX, "certificate 1: not for the core's key");
        return ERR_MISMATCH;
    }
    if (!c->chain.has_root) {
        (void)snprintf(why, TSA_CHAIN_WHY_MAX, "the last certificate is no self-signed root");
        return ERR_EVIDENCE;
    }
    return ERR_OK;
}

static enum err take_chain(struct certification *c, struct view pem)
{
    char why[TSA_CHAIN_WHY_MAX];
    enum err e = check_chain(c, pem, why);

    if (e == ERR_OK) {
        (void)snprintf(why, sizeof why, "the chain file cannot be written");
        e = file_replace(c->config->front.chain, c->chain.pem_chain, CHAIN_MODE);
    }
    if (e != ERR_OK) {
        log_failed(why, e);
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
        e = take_chain(c, pem);
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
