#include "host/front/client_addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct client_addr from_v6(const uint8_t bytes[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct client_addr a = {0};

    if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        a.family = 4;
        memcpy(a.bytes, bytes + sizeof mapped, 4);
    } else {
        a.family = 6;
        memcpy(a.bytes, bytes, 16);
    }
    return a;
}

struct client_addr client_addr_of(const struct sockaddr *peer)
{
    struct client_addr a = {0};

    if (peer->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, peer, sizeof v4);
        a.family = 4;
        memcpy(a.bytes, &v4.sin_addr, 4);
    } else if (peer->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, peer, sizeof v6);
        a = from_v6(v6.sin6_addr.s6_addr);
    }
    return a;
}

/* Reads an address alone; IPv6 may stand in brackets, and a port may follow brackets or IPv4,
 * as proxies write them. */
static bool read_addr(struct view text, struct client_addr *out)
{
    char copy[CLIENT_ADDR_TEXT_MAX + 8] = {0};
    char *start = copy;
    uint8_t bytes[16] = {0};

    if (text.n >= sizeof copy) {
        return false;
    }
    memcpy(copy, text.p, text.n);
    if (copy[0] == '[') {
        char *end = strchr(copy, ']');

        if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
            return false;
        }
        *end = '\0';
        start++;
    } else if (strchr(copy, ':') == strrchr(copy, ':') && strchr(copy, '.') != NULL) {
        copy[strcspn(copy, ":")] = '\0';
    }
    if (inet_pton(AF_INET, start, bytes) == 1) {
        *out = (struct client_addr){.family = 4};
        memcpy(out->bytes, bytes, 4);
        return true;
    }
    if (inet_pton(AF_INET6, start, bytes) == 1) {
        *out = from_v6(bytes);
        return true;
    }
    return false;
}

/* ADDR or ADDR/BITS. */
static enum err read_net(struct view text, struct client_nets *out)
{
    const uint8_t *slash = memchr(text.p, '/', text.n);
    const size_t n = slash != NULL ? (size_t)(slash - text.p) : text.n;
    struct client_addr a;
    unsigned bits = 0;

    if (!read_addr((struct view){text.p, n}, &a)) {
        return ERR_ENCODING;
    }
    const unsigned most = a.family == 4 ? 32 : 128;

    for (size_t i = n + 1; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || i > n + 3) {
            return ERR_ENCODING;
        }
        bits = bits * 10 + text.p[i] - (unsigned)'0';
    }
    if (slash == NULL) {
        bits = most;
    }
    if (bits > most || (slash != NULL && n + 1 == text.n)) {
        return ERR_ENCODING;
    }
    if (out->n == CLIENT_NETS_MAX) {
        return ERR_NOSPACE;
    }
    out->at[out->n].addr = a;
    out->at[out->n].bits = (uint8_t)bits;
    out->n++;
    return ERR_OK;
}

enum err client_nets_parse(const char *text, struct client_nets *out)
{
    *out = (struct client_nets){0};
    while (*text != '\0') {
        const size_t n = strcspn(text, " ");
        const enum err e = read_net((struct view){(const uint8_t *)text, n}, out);

        if (e != ERR_OK) {
            *out = (struct client_nets){0};
            return e;
        }
        text += n;
        text += *text == ' ' ? 1 : 0;
    }
    return ERR_OK;
}

static bool in_net(const struct client_addr *a, const struct client_addr *net, unsigned bits)
{
    const size_t whole = bits / 8;

    if (a->family != net->family || memcmp(a->bytes, net->bytes, whole) != 0) {
        return false;
    }
    return bits % 8 == 0 || ((a->bytes[whole] ^ net->bytes[whole]) >> (8 - bits % 8)) == 0;
}

static bool is_trusted(const struct client_addr *a, const struct client_nets *trusted)
{
    for (size_t i = 0; i < trusted->n; i++) {
        if (in_net(a, &trusted->at[i].addr, trusted->at[i].bits)) {
            return true;
        }
    }
    return false;
}

/* Takes the last element of a comma-separated list off; false: nothing is left. */
static bool take_last(struct view *list, struct view *last)
{
    size_t from = list->n;
    size_t to = list->n;

    if (list->n == 0) {
        return false;
    }
    while (from > 0 && list->p[from - 1] != ',') {
        from--;
    }
    list->n = from > 0 ? from - 1 : 0;
    while (from < to && (list->p[from] == ' ' || list->p[from] == '\t')) {
        from++;
    }
    while (to > from && (list->p[to - 1] == ' ' || list->p[to - 1] == '\t')) {
        to--;
    }
    *last = (struct view){list->p + from, to - from};
    return true;
}

struct client_addr client_addr_behind(struct client_addr peer, struct view forwarded_for,
                                      const struct client_nets *trusted)
{
    struct client_addr a = peer;
    struct client_addr before;
    struct view last;

    while (is_trusted(&a, trusted) && take_last(&forwarded_for, &last) &&
           read_addr(last, &before)) {
        a = before;
    }
    return a;
}

struct rate_key client_addr_key(const struct client_addr *a)
{
    struct rate_key k = {.family = a->family};

    memcpy(k.bytes, a->bytes, a->family == 4 ? 4 : sizeof k.bytes);
    return k;
}

void client_addr_text(const struct client_addr *a, char out[CLIENT_ADDR_TEXT_MAX])
{
    if (a->family == 0 || inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->bytes, out,
                                    CLIENT_ADDR_TEXT_MAX) == NULL) {
        (void)snprintf(out, CLIENT_ADDR_TEXT_MAX, "local");
    }
}
