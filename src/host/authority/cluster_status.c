#include "host/authority/cluster_status.h"

#include <stdio.h>
#include <string.h>

#define LINE_MAX 256

void cluster_core_name(uint8_t i, char out[16])
{
    (void)snprintf(out, 16, "core-%u", i + 1U);
}

void cluster_status_child(struct writer *w, const char *name, pid_t pid, const char *what)
{
    char line[LINE_MAX];

    (void)snprintf(line, sizeof line, "%s pid %d %s\n", name, pid > 0 ? (int)pid : 0, what);
    wr_bytes(w, line, strlen(line));
}

void cluster_status_cores(struct writer *w, const struct cluster *c, const pid_t *cores)
{
    static const char *const phases[] = {
        [CLUSTER_ENROLLING] = "enrolling", [CLUSTER_SERVING] = "serving",
        [CLUSTER_HALTED] = "HALTED",       [CLUSTER_LEFT] = "retired",
        [CLUSTER_ENDING] = "ending",
    };
    char line[LINE_MAX];

    (void)snprintf(line, sizeof line, "%s shares %u of %u threshold %u\n", phases[c->phase],
                   cluster_shares(c), c->rule.total, c->rule.threshold);
    wr_bytes(w, line, strlen(line));
    for (uint8_t i = 0; i < c->rule.total; i++) {
        char name[16];

        cluster_core_name(i, name);
        cluster_status_child(w, name, cores[i],
                             c->cores[i].in_epoch            ? "share"
                             : c->phase == CLUSTER_ENROLLING ? "enrolling"
                             : c->phase == CLUSTER_LEFT      ? "retired"
                                                             : "outside");
    }
}

void cluster_log_shares(const struct cluster *c, enum event_level level, enum event ev,
                        const char *why)
{
    const struct event_field fields[] = {
        {.key = "shares", .kind = EVENT_NUMBER, .number = cluster_shares(c)},
        {.key = "threshold", .kind = EVENT_NUMBER, .number = c->rule.threshold},
        {.key = "total", .kind = EVENT_NUMBER, .number = c->rule.total},
        {.key = "why", .kind = EVENT_TEXT, .text = why},
    };

    event_log(level, ev, fields, why[0] != '\0' ? 4 : 3);
}
