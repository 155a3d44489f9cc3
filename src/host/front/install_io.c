#include "host/front/install_io.h"

#include "host/front/listener_io.h"
#include "host/front/tls_io.h"
#include "os/endpoint.h"
#include "os/event_log.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void log_text(enum event_level level, enum event ev, const char *file, const char *why)
{
    const struct event_field fields[] = {
        {.key = "file", .kind = EVENT_TEXT, .text = file},
        {.key = "why", .kind = EVENT_TEXT, .text = why},
    };

    event_log(level, ev, fields, sizeof fields / sizeof fields[0]);
}

/* ---- the chain ---- */

/* One file, and whose chain it has. */
struct chain_file {
    enum core_key key;
    size_t at; /* among those of its key */
    char path[CONFIG_TEXT_MAX];
};

static size_t count_files(const struct install *in, enum core_key key)
{
    return key == KEY_PQ ? 1 : config_items(in->config.front.chain);
}

static bool fits(const struct install *in, const struct chain_file *f,
                 const struct held_chain *h)
{
    return h != NULL && serving_chain_fits(&h->chain, f->key, &in->cores) > 0;
}

static enum err read_chain(const struct install *in, const struct chain_file *f,
                           struct tsa_chain *out, char *why)
{
    static uint8_t pem[TSA_CHAIN_PEM_MAX]; /* the main thread's */
    struct view text;
    const enum err e = small_file_read(f->path, pem, sizeof pem, &text);

    if (e != ERR_OK) {
        (void)snprintf(why, TSA_CHAIN_WHY_MAX, "%s",
                       e == ERR_NOSPACE ? "too long" : strerrordesc_np(errno));
        return e;
    }
    return tsa_chain_parse(text, f->key, in->front->clock.real_s(), out, why);
}

/* Says once why the file is not taken. */
static void refuse(struct install *in, const struct chain_file *f, const char *why)
{
    char *refused = in->refused[f->key - 1][f->at];

    if (strcmp(refused, why) != 0) {
        (void)snprintf(refused, TSA_CHAIN_WHY_MAX, "%s", why);
        log_text(EVENT_WARN, EVENT_CERTIFICATE_REFUSED, f->path, why);
    }
}

static void log_loaded(const char *path, const struct tsa_chain *c)
{
    const struct event_field fields[] = {
        {.key = "file", .kind = EVENT_TEXT, .text = path},
        {.key = "sha256", .kind = EVENT_HEX, .hex = {c->activation.cert_hash, CERT_HASH_LEN}},
        {.key = "serial", .kind = EVENT_HEX, .hex = c->activation.serial},
        {.key = "not_after", .kind = EVENT_NUMBER, .number = c->not_after_s},
    };

    event_log(EVENT_INFO, EVENT_CERTIFICATE_LOADED, fields, sizeof fields / sizeof fields[0]);
}

/* Takes the file's chain over, if it is good, and not worse than the one we hold. */
static void load_chain(struct install *in, const struct chain_file *f)
{
    struct held_chain **held = &in->chains[f->key - 1][f->at];
    struct held_chain *h = held_chain_new();
    char why[TSA_CHAIN_WHY_MAX];

    if (h == NULL) {
        refuse(in, f, "out of memory");
    } else if (read_chain(in, f, &h->chain, why) != ERR_OK) {
        refuse(in, f, why);
    } else if (fits(in, f, *held) && !fits(in, f, h)) {
        refuse(in, f, "not the certificate that the core was activated with");
    } else if (*held == NULL || memcmp((*held)->chain.activation_hash, h->chain.activation_hash,
                                       ACTIVATION_HASH_LEN) != 0) {
        held_chain_put(*held);
        *held = h;
        in->refused[f->key - 1][f->at][0] = '\0';
        log_loaded(f->path, &h->chain);
        return;
    }
    held_chain_put(h);
}

/* What a configuration of fewer files has no place for is dropped. */
static void drop_chains(struct install *in, enum core_key key, size_t from)
{
    for (size_t i = from; i < COORD_CORES_MAX; i++) {
        held_chain_put(in->chains[key - 1][i]);
        in->chains[key - 1][i] = NULL;
    }
}

static void load_chains(struct install *in, bool again)
{
    static const enum core_key keys[WIRE_KEYS_MAX] = {KEY_CLASSIC, KEY_PQ};
    bool any = false;

    for (size_t i = 0; i < in->cores.epoch.n; i++) {
        any = any || in->cores.at[i].connected;
    }
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        struct chain_file f = {.key = keys[i]};

        for (; config_uses_key(&in->config, f.key) && f.at < count_files(in, f.key); f.at++) {
            if (again || (any && !fits(in, &f, in->chains[i][f.at]))) {
                config_item(f.key == KEY_PQ ? in->config.front.chain_pq
                                            : in->config.front.chain,
                            f.at, f.path);
                load_chain(in, &f);
            }
        }
        drop_chains(in, keys[i], f.at);
    }
}

static struct chain_file pq_file(const struct install *in)
{
    struct chain_file f = {.key = KEY_PQ};

    memcpy(f.path, in->config.front.chain_pq, sizeof f.path);
    return f;
}

void install_wipe(struct install *in)
{
    drop_chains(in, KEY_CLASSIC, 0);
    drop_chains(in, KEY_PQ, 0);
}

/* ---- the snapshot ---- */

static void log_policies(const struct install *in, const struct serving *s)
{
    for (size_t i = 0; i < s->config.n_policies && cores_fits(cores_main(&in->cores)); i++) {
        if (!s->core_has_policy[i]) {
            log_text(EVENT_WARN, EVENT_CONFIG_REFUSED, s->config.policies[i].name,
                     "the core does not have this policy as it is configured");
        }
    }
}

static void list_chains(const struct install *in, struct serving_chains *out)
{
    *out = (struct serving_chains){0};
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        for (size_t k = 0; k < COORD_CORES_MAX; k++) {
            if (in->chains[i][k] != NULL) {
                out->at[i][out->n[i]++] = in->chains[i][k];
            }
        }
    }
}

void install_hear(struct install *in)
{
    if (in->config.front.ended[0] != '\0') {
        epoch_hear(&in->epoch, in->config.front.ended, in->stage->coord);
    }
}

struct serving *install_make(struct install *in, bool again)
{
    struct serving_chains chains;

    if (in->config.front.ceremony[0] != '\0') {
        epoch_refresh(&in->epoch, in->config.front.ceremony, in->stage->coord);
        install_hear(in);
    }
    cores_look(in->stage->coord, &in->cores);
    load_chains(in, again);
    list_chains(in, &chains);
    struct serving *s = serving_new(&in->config, &chains, &in->cores, in->front->metrics);

    if (s == NULL) {
        return NULL;
    }
    serving_set_stage(s, in->stage, &in->stage->held);
    return s;
}

enum err install_refresh(struct install *in, bool again)
{
    struct serving *const s = install_make(in, again);

    if (s == NULL) {
        return ERR_NOSPACE;
    }
    log_policies(in, s);
    if (s->pair != ERR_OK) {
        const struct chain_file f = pq_file(in);

        refuse(in, &f, s->pair_why);
    }
    serving_swap(&in->front->slot, s);
    return ERR_OK;
}

enum err install_serves(const struct install *in, const struct serving *s)
{
    const int64_t now_s = in->front->clock.real_s();

    for (size_t i = 0; i < s->config.n_policies; i++) {
        TRY(serving_check(s, &s->config.policies[i], now_s));
    }
    return cores_have_stock(&in->cores.epoch.shared, s->config.presign.target) ? ERR_OK
                                                                               : ERR_BUSY;
}

/* Whether a core serves under a certificate that we do not hold, or is none of this epoch. */
static bool is_core_stale(const struct serving *s, const struct coord_core_view *core)
{
    return (core->connected && core->fault != COORD_FITS) ||
           (cores_answers(core) &&
            serving_leg_chain(&s->legs[KEY_CLASSIC - 1],
                              core->status.activation[KEY_CLASSIC - 1]) == NULL);
}

bool install_is_stale(struct install *in)
{
    struct serving *s = serving_get(&in->front->slot);
    bool stale = false;

    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        stale = stale || (s->legs[i].used && s->legs[i].state != ERR_OK);
    }
    if (in->cores.epoch.together) {
        cores_look(in->stage->coord, &in->cores);
        stale = stale || !in->cores.epoch.has_roster || in->cores.epoch.halted;
        for (size_t i = 0; i < in->cores.epoch.n; i++) {
            stale = stale || is_core_stale(s, &in->cores.at[i]);
        }
    }
    serving_put(s);
    return stale;
}

/* ---- the configuration ---- */

static enum err check_addresses(const char *list, const char *key, char *error)
{
    char address[CONFIG_TEXT_MAX];

    while (*list != '\0') {
        const size_t n = strcspn(list, " ");

        (void)snprintf(address, sizeof address, "%.*s", (int)n, list);
        const enum err e = listener_check(address);

        if (e != ERR_OK) {
            (void)snprintf(error, CONFIG_ERROR_MAX, "[front] %s: no address: %.120s", key,
                           address);
            return e;
        }
        list += n;
        list += *list == ' ' ? 1 : 0;
    }
    return ERR_OK;
}

static enum err check_cores(const char *lines, char *error)
{
    for (size_t i = 0; i < config_items(lines); i++) {
        char uri[CONFIG_TEXT_MAX];
        struct endpoint core;
        enum err e;

        config_item(lines, i, uri);
        e = endpoint_parse(uri, &core);
        if (e != ERR_OK) {
            (void)snprintf(error, CONFIG_ERROR_MAX, "[front] core: no endpoint: %.120s", uri);
            return e;
        }
    }
    return ERR_OK;
}

enum err install_check(const struct config *c, char error[CONFIG_ERROR_MAX])
{
    struct client_nets nets;
    enum err e;

    error[0] = '\0';
    TRY(check_addresses(c->front.listen, "listen", error));
    TRY(check_addresses(c->front.admin, "admin", error));
    TRY(check_cores(c->front.core, error));
    e = client_nets_parse(c->front.trusted_proxies, &nets);
    if (e != ERR_OK) {
        (void)snprintf(error, CONFIG_ERROR_MAX, "[front] trusted_proxies: %s",
                       e == ERR_NOSPACE ? "too many" : "no list of addresses or networks");
    }
    return e;
}

static bool same_cores(const struct config_front *a, const struct config_front *b)
{
    return strcmp(a->core, b->core) == 0 && strcmp(a->ceremony, b->ceremony) == 0;
}

enum err install_reload(struct install *in, const char *path, struct config *next, bool *others)
{
    char error[CONFIG_ERROR_MAX];
    enum err e = config_load(path, next, error);

    *others = false;
    if (e == ERR_OK) {
        e = install_check(next, error);
    }
    if (e != ERR_OK) {
        log_text(EVENT_ERROR, EVENT_CONFIG_REFUSED, path, error);
        return ERR_OK;
    }
    if (next->front.tls_certificate[0] != '\0' && in->config.front.tls_certificate[0] != '\0') {
        e = tls_load(next->front.tls_certificate, next->front.tls_key);
        if (e != ERR_OK) {
            log_text(EVENT_ERROR, EVENT_CERTIFICATE_REFUSED, next->front.tls_certificate,
                     e == ERR_MISMATCH ? "tls_key is not its key" : "cannot be read");
            return ERR_OK;
        }
    }
    if (!same_cores(&next->front, &in->config.front)) {
        *others = true;
        return ERR_OK;
    }
    in->config = *next;
    TRY(install_refresh(in, true));
    log_text(EVENT_INFO, EVENT_CONFIG_RELOADED, path,
             "but for addresses, journal, threads, connections and log: these need a restart");
    return ERR_OK;
}
