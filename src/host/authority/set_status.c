#include "host/authority/set_status.h"

#include <stdio.h>
#include <string.h>

/* How often a text stands there. */
static unsigned count(struct view in, const char *text)
{
    const size_t len = strlen(text);
    unsigned n = 0;

    for (size_t i = 0; i + len <= in.n; i++) {
        n += memcmp(in.p + i, text, len) == 0;
    }
    return n;
}

static bool begins(struct view in, const char *text)
{
    const size_t len = strlen(text);

    return in.n >= len && memcmp(in.p, text, len) == 0;
}

void set_status_line(struct view status, char out[SET_STATUS_LINE_MAX])
{
    const uint8_t *const end = status.n > 0 ? memchr(status.p, '\n', status.n) : NULL;
    const size_t n = end != NULL ? (size_t)(end - status.p) : 0;

    (void)snprintf(out, SET_STATUS_LINE_MAX, "%.*s", (int)n,
                   n > 0 ? (const char *)status.p : "");
}

bool set_status_serves(struct view status)
{
    return begins(status, "serving ") && memchr(status.p, '\n', status.n) != NULL;
}

bool set_status_is_gone(struct view status, unsigned set)
{
    char name[32];

    if (set > 1) {
        (void)snprintf(name, sizeof name, "\ncores-%u pid ", set);
        return status.n > 0 && count(status, name) == 0;
    }
    const unsigned cores = count(status, "\ncore-");

    return begins(status, "retired ") && cores > 0 &&
           count(status, " pid 0 retired\n") == cores;
}
