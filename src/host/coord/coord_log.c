#include "host/coord/coord_log.h"

void coord_log_core(enum event_level level, enum event ev, const struct coord_member *m,
                    const char *uri, const char *why)
{
    const struct coord_core_view *k = &m->step.known;
    const struct event_field fields[] = {
        {.key = "core", .kind = EVENT_TEXT, .text = uri},
        {.key = "state", .kind = EVENT_NUMBER, .number = k->connected ? k->status.state : 0},
        {.key = "index", .kind = EVENT_NUMBER, .number = k->index},
        {.key = "boot_id", .kind = EVENT_HEX, .hex = {m->step.boot_id, BOOT_ID_LEN}},
        {.key = "err", .kind = EVENT_ERR, .number = k->last_err},
        {.key = "why", .kind = EVENT_TEXT, .text = why},
    };
    const size_t n = sizeof fields / sizeof fields[0];

    event_log(level, ev, fields, why != NULL ? n : n - 1);
}

void coord_log_news(enum coord_news what, const struct coord_member *m, const char *uri)
{
    switch (what) {
    case COORD_NEWS_FAULT:
        if (m->fault != COORD_FITS) {
            coord_log_core(EVENT_WARN, EVENT_CORE_LEFT_OUT, m, uri,
                           coord_fault_text((enum coord_fault)m->fault));
        }
        return;
    case COORD_NEWS_SILENT:
        coord_log_core(EVENT_WARN, EVENT_CORE_SILENT, m, uri, NULL);
        return;
    case COORD_NEWS_BANNED:
        coord_log_core(EVENT_ERROR, EVENT_CORE_LEFT_OUT, m, uri,
                       "it lied, or answered oddly too often");
        return;
    case COORD_NEWS_HALTED:
        coord_log_epoch(EVENT_ERROR, EVENT_EPOCH_HALTED, m->cluster->roster);
        return;
    }
}

void coord_log_odd(const struct quorum_roster *roster, unsigned party, enum err e,
                   int64_t rest_ms)
{
    const struct plan_node *const node = &roster->plan->nodes[party];
    const struct event_field fields[] = {
        {.key = "index", .kind = EVENT_NUMBER, .number = party + 1},
        {.key = "identity", .kind = EVENT_HEX, .hex = {node->identity, sizeof node->identity}},
        {.key = "err", .kind = EVENT_ERR, .number = e},
        {.key = "rest_ms", .kind = EVENT_NUMBER, .number = rest_ms},
    };

    event_log(EVENT_WARN, EVENT_CORE_ODD, fields, sizeof fields / sizeof fields[0]);
}

void coord_log_ratio(const struct quorum_roster *roster, unsigned party,
                     enum quorum_ratio_news news)
{
    static const char *const texts[] = {
        [QUORUM_RATIO_TRIAL] = "few of its sessions sign: all nodes are compared",
        [QUORUM_RATIO_LOW] = "the fewest of its sessions sign: it is asked after the others",
        [QUORUM_RATIO_ANEW] = "few sessions of too many nodes sign: all are compared anew",
    };
    const struct plan_node *const node = &roster->plan->nodes[party];
    const struct event_field fields[] = {
        {.key = "index", .kind = EVENT_NUMBER, .number = party + 1},
        {.key = "identity", .kind = EVENT_HEX, .hex = {node->identity, sizeof node->identity}},
        {.key = "why", .kind = EVENT_TEXT, .text = texts[news]},
    };

    event_log(EVENT_WARN, EVENT_CORE_SPOILS, fields, sizeof fields / sizeof fields[0]);
}

void coord_log_triple(const struct quorum_roster *roster, unsigned s)
{
    char nodes[COORD_TRIPLE_TEXT];
    const struct event_field fields[] = {
        {.key = "epoch_id", .kind = EVENT_HEX, .hex = {roster->epoch_id, EPOCH_ID_LEN}},
        {.key = "triple", .kind = EVENT_TEXT, .text = coord_triple_text(s, nodes)},
        {.key = "why", .kind = EVENT_TEXT, .text = "three wrong signatures of it in an hour"},
    };

    event_log(EVENT_WARN, EVENT_TRIPLE_RESTS, fields, sizeof fields / sizeof fields[0]);
}

void coord_log_few(const struct quorum_roster *roster, enum coord_triples level)
{
    static const struct {
        enum event_level level;
        enum event ev;
        const char *why;
    } news[] = {
        [COORD_TRIPLES_ENOUGH] = {EVENT_INFO, EVENT_TRIPLES_ENOUGH, "two or more are usable"},
        [COORD_TRIPLES_ONE] = {EVENT_WARN, EVENT_TRIPLES_FEW, "one alone is usable"},
        [COORD_TRIPLES_NONE] = {EVENT_ERROR, EVENT_TRIPLES_NONE, "none is usable"},
    };
    const struct event_field fields[] = {
        {.key = "epoch_id", .kind = EVENT_HEX, .hex = {roster->epoch_id, EPOCH_ID_LEN}},
        {.key = "why", .kind = EVENT_TEXT, .text = news[level].why},
    };

    event_log(news[level].level, news[level].ev, fields, sizeof fields / sizeof fields[0]);
}

void coord_log_epoch(enum event_level level, enum event ev, const struct quorum_roster *roster)
{
    const struct event_field fields[] = {
        {.key = "epoch_id", .kind = EVENT_HEX, .hex = {roster->epoch_id, EPOCH_ID_LEN}},
        {.key = "threshold", .kind = EVENT_NUMBER, .number = roster->plan->threshold},
        {.key = "total", .kind = EVENT_NUMBER, .number = roster->plan->total},
    };

    event_log(level, ev, fields, sizeof fields / sizeof fields[0]);
}

void coord_log_order(const struct quorum_roster *roster, const struct reenrol_order *o)
{
    const struct event_field fields[] = {
        {.key = "epoch_id", .kind = EVENT_HEX, .hex = {roster->epoch_id, EPOCH_ID_LEN}},
        {.key = "index", .kind = EVENT_NUMBER, .number = o->node + 1},
        {.key = "incarnation", .kind = EVENT_NUMBER, .number = (int64_t)o->attempt + 1},
        {.key = "identity", .kind = EVENT_HEX, .hex = {o->identity, sizeof o->identity}},
    };

    event_log(EVENT_INFO, EVENT_ORDER_TAKEN, fields, sizeof fields / sizeof fields[0]);
}

void coord_log_lie(const struct quorum_run *run, unsigned party, const char *name,
                   enum err kept)
{
    const struct plan_node *const node = &run->roster->plan->nodes[party];
    const struct event_field fields[] = {
        {.key = "index", .kind = EVENT_NUMBER, .number = party + 1},
        {.key = "identity", .kind = EVENT_HEX, .hex = {node->identity, sizeof node->identity}},
        {.key = "round", .kind = EVENT_NUMBER, .number = run->phase == QUORUM_ASK_R2 ? 2 : 3},
        {.key = "x", .kind = EVENT_HEX, .hex = {run->session.id, STAMP_X_LEN}},
        {.key = "proof", .kind = EVENT_TEXT, .text = kept == ERR_OK ? name : ""},
        {.key = "kept", .kind = EVENT_ERR, .number = kept},
    };

    event_log(EVENT_ERROR, EVENT_CORE_LIED, fields, sizeof fields / sizeof fields[0]);
}
