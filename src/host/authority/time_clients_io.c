#include "host/authority/time_clients_io.h"

#include "host/authority/core_args.h"
#include "host/authority/files_io.h"
#include "os/small_file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DATE_MAX 24

/* ---- the leap table ---- */

static void date_of(int64_t posix_s, char out[DATE_MAX])
{
    const time_t t = (time_t)posix_s;
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || strftime(out, DATE_MAX, "%Y-%m-%d", &tm) == 0) {
        (void)snprintf(out, DATE_MAX, "unknown");
    }
}

static bool has_expired(const struct time_clients *t)
{
    return (int64_t)time(NULL) >= t->leap_expires_s;
}

static void log_leap(struct time_clients *t, enum err e)
{
    const bool expired = has_expired(t);
    char until[DATE_MAX];

    date_of(t->leap_expires_s, until);
    const struct event_field fields[] = {
        {.key = "file", .kind = EVENT_TEXT, .text = t->leap_path},
        {.key = "err", .kind = EVENT_ERR, .number = e},
        {.key = "until", .kind = EVENT_TEXT, .text = until},
        {.key = "why",
         .kind = EVENT_TEXT,
         .text = "it has expired: the end of a month is passed only if the servers say that no "
                 "leap second is there"},
    };

    if (e != ERR_OK) {
        event_log(EVENT_ERROR, EVENT_LEAP_TABLE, fields, 2);
    } else {
        event_log(expired ? EVENT_WARN : EVENT_INFO, EVENT_LEAP_TABLE, fields, expired ? 4 : 3);
        t->told_expired = expired;
    }
}

static enum err read_leap(struct time_clients *t)
{
    static uint8_t text[LEAP_FILE_MAX];
    struct view in;
    enum err e = small_file_read(t->leap_path, text, sizeof text, &in);

    if (e == ERR_OK) {
        e = leap_file_parse(in, t->leap, &t->leap_expires_s);
    }
    log_leap(t, e);
    return e == ERR_OK ? ERR_OK : ERR_STATE;
}

/* ---- command lines ---- */

static void make_args(struct time_clients *t, struct config *c, size_t i)
{
    static char core[] = "--core";
    static char ca[] = "--ca";
    static char leap_table[] = "--leap-table";
    static char poll[] = "--poll";
    static char source[] = "--source";
    static char roughtime[] = "--roughtime";
    const size_t n_sources = config_items(c->time.server);
    const size_t n_fences = config_items(c->time.roughtime);
    char **argv = t->argv[i];
    size_t n = 0;

    core_args_time_endpoint(c, i, t->cores[i]);
    argv[n++] = t->program;
    argv[n++] = core;
    argv[n++] = t->cores[i];
    argv[n++] = ca;
    argv[n++] = c->time.ca;
    argv[n++] = leap_table;
    argv[n++] = t->leap;
    argv[n++] = poll;
    argv[n++] = t->poll;
    assert(n_sources <= TIME_SOURCES_MAX &&
           n_fences <= CONFIG_FENCES_MAX); /* config_time_fault() */
    for (size_t s = 0; s < n_sources; s++) {
        argv[n++] = source;
        argv[n++] = t->sources[s];
    }
    for (size_t f = 0; f < n_fences; f++) {
        argv[n++] = roughtime;
        argv[n++] = t->fences[f];
    }
    argv[n] = NULL;
}

enum err time_clients_open(struct time_clients *t, struct config *c, size_t cores)
{
    *t = (struct time_clients){.n = 0};
    if (c->authority.clock != CONFIG_CLOCK_NTS) {
        return ERR_OK;
    }
    TRY(program_find(c->time.timed_program, "quorate-timed", t->program));
    t->leap_path = c->time.leap_table;
    TRY(read_leap(t));
    (void)snprintf(t->poll, sizeof t->poll, "%d", (int)c->time.poll);
    for (size_t s = 0; s < config_items(c->time.server); s++) {
        config_item(c->time.server, s, t->sources[s]);
    }
    for (size_t f = 0; f < config_items(c->time.roughtime); f++) {
        config_item(c->time.roughtime, f, t->fences[f]);
    }
    for (size_t i = 0; i < cores; i++) {
        make_args(t, c, i);
        t->helpers[i] = (struct helper){.program = t->program,
                                        .argv = t->argv[i],
                                        .started = EVENT_TIME_CLIENT_STARTED,
                                        .ended = EVENT_TIME_CLIENT_ENDED,
                                        .does = "asks",
                                        .pid = -1};
        (void)snprintf(t->helpers[i].name, HELPER_NAME_MAX, "time-%u", (unsigned)i + 1U);
        time_client_init(&t->helpers[i].state, c->authority.restart_backoff_ms);
    }
    t->n = cores;
    return ERR_OK;
}

/* ---- processes ---- */

void time_clients_want(struct time_clients *t, size_t i, bool wanted, int64_t now_ms)
{
    if (i < t->n) {
        time_client_want(&t->helpers[i].state, wanted, now_ms);
    }
}

bool time_clients_step(struct time_clients *t, int64_t now_ms)
{
    bool changed = t->n > 0 && !t->told_expired && has_expired(t);

    if (changed) {
        log_leap(t, ERR_OK);
    }
    for (size_t i = 0; i < t->n; i++) {
        changed = helper_step(&t->helpers[i], now_ms) || changed;
    }
    return changed;
}

int64_t time_clients_next_ms(const struct time_clients *t)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < t->n; i++) {
        const int64_t own = time_client_next_ms(&t->helpers[i].state);

        next = own < next ? own : next;
    }
    return next;
}

bool time_clients_run(const struct time_clients *t)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->helpers[i].state.runs) {
            return true;
        }
    }
    return false;
}

void time_clients_status(const struct time_clients *t, struct writer *w)
{
    char line[96];
    char until[DATE_MAX];

    for (size_t i = 0; i < t->n; i++) {
        helper_status(&t->helpers[i], w);
    }
    if (t->n > 0) {
        date_of(t->leap_expires_s, until);
        (void)snprintf(line, sizeof line, "leap table %s %s\n",
                       has_expired(t) ? "expired" : "good until", until);
        wr_bytes(w, line, strlen(line));
    }
}
