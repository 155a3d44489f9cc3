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

static bool fits(const struct held_chain *h, enum core_key key,
                 const struct coord_core_view *core)
{
    return h != NULL && serving_chain_fits(&h->chain, key, core);
}

static const char *chain_path(const struct install *in, enum core_key key)
{
    return key == KEY_PQ ? in->config.front.chain_pq : in->config.front.chain;
}

static enum err read_chain(const struct install *in, enum core_key key, struct tsa_chain *out,
                           char *why)
{
    static uint8_t pem[TSA_CHAIN_PEM_MAX]; /* the main thread's */
    struct view text;
    const enum err e = small_file_read(chain_path(in, key), pem, sizeof pem, &text);

    if (e != ERR_OK) {
        (void)snprintf(why, TSA_CHAIN_WHY_MAX, "%s",
                       e == ERR_NOSPACE ? "too long" : strerrordesc_np(errno));
        return e;
    }
    return tsa_chain_parse(text, key, in->front->clock.real_s(), out, why);
}

/* Says once why the file is not taken. */
static void refuse(struct install *in, enum core_key key, const char *why)
{
    char *refused = in->refused[key - 1];

    if (strcmp(refused, why) != 0) {
        (void)snprintf(refused, TSA_CHAIN_WHY_MAX, "%s", why);
        log_text(EVENT_WARN, EVENT_CERTIFICATE_REFUSED, chain_path(in, key), why);
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
static void load_chain(struct install *in, enum core_key key,
                       const struct coord_core_view *core)
{
    struct held_chain **held = &in->chains[key - 1];
    struct held_chain *h = held_chain_new();
    char why[TSA_CHAIN_WHY_MAX];

    if (h == NULL) {
        refuse(in, key, "out of memory");
    } else if (read_chain(in, key, &h->chain, why) != ERR_OK) {
        refuse(in, key, why);
    } else if (fits(*held, key, core) && !fits(h, key, core)) {
        refuse(in, key, "not the certificate that the core was activated with");
    } else if (*held == NULL || memcmp((*held)->chain.activation_hash, h->chain.activation_hash,
                                       ACTIVATION_HASH_LEN) != 0) {
        held_chain_put(*held);
        *held = h;
        in->refused[key - 1][0] = '\0';
        log_loaded(chain_path(in, key), &h->chain);
        return;
    }
    held_chain_put(h);
}

static void load_chains(struct install *in, bool again, const struct coord_core_view *core)
{
    static const enum core_key keys[WIRE_KEYS_MAX] = {KEY_CLASSIC, KEY_PQ};

    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        if (config_uses_key(&in->config, keys[i]) &&
            (again || (core->connected && !fits(in->chains[i], keys[i], core)))) {
            load_chain(in, keys[i], core);
        }
    }
}

/* ---- the snapshot ---- */

static void log_policies(const struct serving *s, const struct coord_core_view *core)
{
    for (size_t i = 0; i < s->config.n_policies && core->connected; i++) {
        if (!s->core_has_policy[i]) {
            log_text(EVENT_WARN, EVENT_CONFIG_REFUSED, s->config.policies[i].name,
                     "the core does not have this policy as it is configured");
        }
    }
}

enum err install_refresh(struct install *in, bool again)
{
    struct coord_core_view core;

    coord_look(in->front->coord, 0, &core);
    load_chains(in, again, &core);
    struct serving *s = serving_new(&in->config, in->chains, &core, in->front->metrics);

    if (s == NULL) {
        return ERR_NOSPACE;
    }
    log_policies(s, &core);
    if (s->pair != ERR_OK) {
        refuse(in, KEY_PQ, s->pair_why);
    }
    serving_swap(&in->front->slot, s);
    return ERR_OK;
}

bool install_is_stale(const struct install *in)
{
    struct serving *s = serving_get(&in->front->slot);
    bool stale = false;

    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        stale = stale || (s->legs[i].used && s->legs[i].state != ERR_OK);
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

enum err install_check(const struct config *c, char error[CONFIG_ERROR_MAX])
{
    struct endpoint core;
    struct client_nets nets;
    enum err e;

    error[0] = '\0';
    TRY(check_addresses(c->front.listen, "listen", error));
    TRY(check_addresses(c->front.admin, "admin", error));
    e = endpoint_parse(c->front.core, &core);
    if (e != ERR_OK) {
        (void)snprintf(error, CONFIG_ERROR_MAX, "[front] core: no endpoint: %.120s",
                       c->front.core);
        return e;
    }
    e = client_nets_parse(c->front.trusted_proxies, &nets);
    if (e != ERR_OK) {
        (void)snprintf(error, CONFIG_ERROR_MAX, "[front] trusted_proxies: %s",
                       e == ERR_NOSPACE ? "too many" : "no list of addresses or networks");
    }
    return e;
}

enum err install_reload(struct install *in, const char *path)
{
    static struct config next; /* the main thread's */
    char error[CONFIG_ERROR_MAX];
    enum err e = config_load(path, &next, error);

    if (e == ERR_OK) {
        e = install_check(&next, error);
    }
    if (e != ERR_OK) {
        log_text(EVENT_ERROR, EVENT_CONFIG_REFUSED, path, error);
        return ERR_OK;
    }
    if (next.front.tls_certificate[0] != '\0' && in->config.front.tls_certificate[0] != '\0') {
        e = tls_load(next.front.tls_certificate, next.front.tls_key);
        if (e != ERR_OK) {
            log_text(EVENT_ERROR, EVENT_CERTIFICATE_REFUSED, next.front.tls_certificate,
                     e == ERR_MISMATCH ? "tls_key is not its key" : "cannot be read");
            return ERR_OK;
        }
    }
    in->config = next;
    TRY(install_refresh(in, true));
    log_text(
        EVENT_INFO, EVENT_CONFIG_RELOADED, path,
        "but for addresses, core, journal, threads, connections and log: these need a restart");
    return ERR_OK;
}
