#include "base/hex.h"
#include "host/config/config.h"
#include "os/endpoint.h"
#include "wire/time_call.h"

#include <stdio.h>
#include <string.h>

#define FIELDS 4

enum field { NAME, ADDRESS, OPERATOR, JURISDICTION };

struct server {
    struct view field[FIELDS]; /* in the configuration */
};

/* The line, n bytes, as a server. NULL: nothing is wrong. */
static const char *read_server(const char *line, size_t n, struct server *out)
{
    static const char form[] = "is not NAME,HOST:PORT,OPERATOR,JURISDICTION";
    char place[CONFIG_TEXT_MAX];
    char host[ENDPOINT_HOST_MAX + 1];
    struct endpoint address;
    size_t at = 0;

    for (size_t i = 0; i < FIELDS; i++) {
        const size_t len = strcspn(line + at, ", \t\n");

        out->field[i] = (struct view){(const uint8_t *)line + at, len};
        at += len;
        if (len == 0 || (i + 1 < FIELDS && line[at] != ',')) {
            return form;
        }
        at += i + 1 < FIELDS ? 1 : 0;
    }
    if (n - at == 8 && strncmp(line + at, ",smeared", 8) == 0) {
        return "smears leap seconds: its time is wrong for a day around one";
    }
    (void)snprintf(place, sizeof place, "%.*s", (int)out->field[ADDRESS].n,
                   (const char *)out->field[ADDRESS].p);
    return at != n || out->field[NAME].n > TIME_NAME_MAX ||
                   endpoint_host(place, &address, host) != ERR_OK
               ? form
               : NULL;
}

/* How many of the first n servers say the same as server at. */
static size_t count(const struct server *servers, size_t n, size_t at, enum field f)
{
    size_t same = 0;

    for (size_t i = 0; i < n; i++) {
        same += view_equal(servers[i].field[f], servers[at].field[f]) ? 1 : 0;
    }
    return same;
}

/* As many as may lie without harm are as many as one operator may have. */
static const char *servers_fault(const struct config_time *t, char which[CONFIG_TEXT_MAX])
{
    struct server servers[TIME_SOURCES_MAX];
    const size_t n = config_items(t->server);
    const char *line = t->server;
    size_t jurisdictions = 0;

    (void)snprintf(which, CONFIG_TEXT_MAX, "[time] server");
    if (n < CONFIG_SERVERS_LEAST || n > TIME_SOURCES_MAX) {
        return "clock = nts needs 4 to 16 of them";
    }
    for (size_t i = 0; i < n; i++) {
        const size_t len = strcspn(line, "\n");
        const char *fault = read_server(line, len, &servers[i]);

        if (fault == NULL && count(servers, i, i, NAME) > 0) {
            fault = "has the name of another";
        }
        if (fault != NULL) {
            config_item(t->server, i, which);
            return fault;
        }
        jurisdictions += count(servers, i, i, JURISDICTION) == 0 ? 1 : 0;
        line += len + (line[len] == '\n' ? 1 : 0);
    }
    for (size_t i = 0; i < n; i++) {
        if (count(servers, n, i, OPERATOR) > (n - 1) / 3) {
            config_item(t->server, i, which);
            return "its operator has more of them than may be wrong";
        }
    }
    return jurisdictions < CONFIG_JURISDICTIONS_LEAST ? "all are of one jurisdiction" : NULL;
}

/* A Roughtime server is asked by a process that looks no name up for it. */
static bool is_fence(const char *item)
{
    uint8_t key[CONFIG_FENCE_KEY_LEN];
    char uri[CONFIG_TEXT_MAX + 4];
    const size_t len = strcspn(item, ",");
    struct endpoint at;
    size_t n = 0;

    (void)snprintf(uri, sizeof uri, "tcp:%.*s", (int)len, item);
    return item[len] == ',' && endpoint_parse(uri, &at) == ERR_OK &&
           hex_parse(item + len + 1, key, sizeof key, &n) == ERR_OK && n == sizeof key;
}

static const char *fences_fault(const struct config_time *t, char which[CONFIG_TEXT_MAX])
{
    const size_t n = config_items(t->roughtime);

    for (size_t i = 0; i < n; i++) {
        config_item(t->roughtime, i, which);
        if (!is_fence(which)) {
            return "is not ADDR:PORT,KEY, with 64 hexadecimal digits";
        }
    }
    (void)snprintf(which, CONFIG_TEXT_MAX, "[time] roughtime");
    return n > CONFIG_FENCES_MAX ? "at most 4 of them" : NULL;
}

/* Whether each core is at a unix socket, with room for that behind its path. */
static bool cores_have_room(const struct config *c, const char *suffix)
{
    const char *cores =
        c->authority.core_listen[0] != '\0' ? c->authority.core_listen : c->front.core;
    char core[CONFIG_TEXT_MAX];
    char own[CONFIG_TEXT_MAX + sizeof CONFIG_TIME_SUFFIX];
    struct endpoint place;

    for (size_t i = 0; i < config_items(cores); i++) {
        config_item(cores, i, core);
        (void)snprintf(own, sizeof own, "%s%s", core, suffix);
        if (strncmp(core, "unix:", 5) != 0 || endpoint_parse(own, &place) != ERR_OK) {
            return false;
        }
    }
    return true;
}

const char *config_evidence_fault(const struct config *c)
{
    return c->authority.evidence == CONFIG_EVIDENCE_NONE ||
                   cores_have_room(c, CONFIG_TSM_SUFFIX)
               ? NULL
               : "needs cores at unix sockets, of at most 103 bytes";
}

const char *config_time_fault(const struct config *c, char which[CONFIG_TEXT_MAX])
{
    if (c->authority.clock != CONFIG_CLOCK_NTS) {
        (void)snprintf(which, CONFIG_TEXT_MAX, "[time] server");
        return c->time.server[0] != '\0' ? "needs clock = nts in [authority]" : NULL;
    }
    const char *fault = servers_fault(&c->time, which);

    if (fault == NULL) {
        fault = fences_fault(&c->time, which);
    }
    if (fault == NULL && !cores_have_room(c, CONFIG_TIME_SUFFIX)) {
        (void)snprintf(which, CONFIG_TEXT_MAX, "[authority] clock");
        fault = "nts needs cores at unix sockets, of at most 102 bytes";
    }
    return fault;
}
