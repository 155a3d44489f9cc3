#include "client/status/time_ask.h"

#include <stdio.h>
#include <string.h>

static enum err join(struct time_ask *a, const char *scheme, const char *base)
{
    size_t n = strlen(base);

    while (n > 0 && base[n - 1] == '/') {
        n--;
    }
    const int len = snprintf(a->url, sizeof a->url, "%s%.*s/time.json", scheme, (int)n, base);

    return n < sizeof a->url && len > 0 && (size_t)len < sizeof a->url ? ERR_OK : ERR_RANGE;
}

enum err time_ask_open(struct time_ask *a, const char *url, const char *admin,
                       const struct http_options *http)
{
    static const char unix_scheme[] = "unix:";
    const size_t n = sizeof unix_scheme - 1;

    *a = (struct time_ask){0};
    if (url != NULL && admin != NULL) {
        return ERR_TYPE;
    }
    if (admin != NULL && strncmp(admin, unix_scheme, n) == 0) {
        a->unix_path = admin + n;
        TRY(join(a, "http://", "localhost"));
    } else if (admin != NULL) {
        TRY(join(a, "http://", admin));
    } else {
        TRY(join(a, "", url != NULL ? url : TIME_ASK_URL));
    }
    return http_new(http, &a->http);
}

void time_ask_close(struct time_ask *a)
{
    http_free(a->http);
    a->http = NULL;
}

enum err time_ask_once(struct time_ask *a, struct http_reply *reply, struct time_facts *facts,
                       const char **why)
{
    enum err e = http_get(a->http, a->url, a->unix_path, reply);

    *facts = (struct time_facts){0};
    *why = reply->problem;
    if (e != ERR_OK) {
        return e;
    }
    if (reply->status != 200) {
        *why = reply->status == 404
                   ? "it does not show its status here: ask its admin address (--admin)"
                   : "another HTTP status than 200";
        return ERR_STATE;
    }
    *why = "its answer is no status of an authority";
    return time_facts_parse((struct view){reply->body, reply->body_len}, facts);
}
