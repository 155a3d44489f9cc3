#include "host/front/stages_io.h"

#include "host/front/evidence.h"
#include "host/front/stage_io.h"
#include "os/event_log.h"

#include <stdlib.h>

static void log_change(enum event_level level, enum event ev, const char *why)
{
    const struct event_field field = {.key = "why", .kind = EVENT_TEXT, .text = why};

    event_log(level, ev, &field, 1);
}

static enum err make(struct stages *s, const struct config *c, struct install **out)
{
    struct install *const in = calloc(1, sizeof *in);

    *out = NULL;
    if (in == NULL) {
        return ERR_NOSPACE;
    }
    in->front = s->front;
    in->config = *c;
    const enum err e = stage_start(s->front, &c->front, s->news, &in->stage);

    if (e != ERR_OK) {
        free(in);
        return e;
    }
    *out = in;
    return ERR_OK;
}

/* No snapshot holds its stage any more. */
static void drop(struct install *in)
{
    if (in != NULL) {
        stage_stop(in->stage);
        install_wipe(in);
        stage_free(in->stage);
        free(in);
    }
}

enum err stages_open(struct stages *s, struct front *front, const struct config *c, int news)
{
    s->front = front;
    s->news = news;
    TRY(make(s, c, &s->now));
    front->stage = s->now->stage;
    return install_refresh(s->now, true);
}

enum err stages_reload(struct stages *s, const char *path)
{
    bool others = false;

    TRY(install_reload(s->now, path, &s->read, &others));
    drop(s->next); /* another was wished for, or none */
    s->next = NULL;
    if (!others) {
        return ERR_OK;
    }
    log_change(EVENT_INFO, EVENT_CONFIG_RELOADED,
               "other cores: they take over when they serve");
    s->waits_for = ERR_OK;
    return make(s, &s->read, &s->next);
}

/* Requests go to the next set from here on. */
static void take_over(struct stages *s, struct serving *snapshot)
{
    s->leaving[s->n_leaving++] = s->now;
    atomic_store(&s->front->leaving,
                 (unsigned)s->n_leaving); /* before who takes over is seen */
    s->now = s->next;
    s->next = NULL;
    s->front->stage = s->now->stage;
    serving_swap(&s->front->slot, snapshot);
    log_change(EVENT_INFO, EVENT_CORES_TAKEN, "requests go to other cores");
}

/* Once for each reason. */
static void log_waiting(struct stages *s, enum err e)
{
    const struct event_field fields[] = {
        {.key = "err", .kind = EVENT_ERR, .number = e},
        {.key = "why", .kind = EVENT_TEXT, .text = "other cores do not serve yet"},
    };

    if (s->waits_for != e) {
        s->waits_for = e;
        event_log(EVENT_INFO, EVENT_CORES_AWAITED, fields, 2);
    }
}

static enum err look_at_next(struct stages *s)
{
    struct serving *const snapshot = install_make(s->next, false);

    if (snapshot == NULL) {
        return ERR_NOSPACE;
    }
    const enum err e =
        s->n_leaving < STAGES_LEAVING_MAX ? install_serves(s->next, snapshot) : ERR_NOSPACE;

    if (e == ERR_OK) {
        take_over(s, snapshot);
    } else {
        serving_put(snapshot);
        log_waiting(s, e);
    }
    return ERR_OK;
}

enum err stages_refresh(struct stages *s)
{
    return install_refresh(s->now, false);
}

void stages_tick(struct stages *s)
{
    evidence_tick(s->now->stage->evidence);
    for (size_t i = 0; i < s->n_leaving; i++) {
        evidence_tick(s->leaving[i]->stage->evidence);
    }
}

static void free_leaving(struct stages *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_leaving; i++) {
        struct install *const in = s->leaving[i];

        if (atomic_load_explicit(&in->stage->held, memory_order_acquire) == 0) {
            drop(in);
            log_change(EVENT_INFO, EVENT_CORES_LEFT, "no request is left of other cores");
        } else {
            s->leaving[n++] = in;
        }
    }
    s->n_leaving = n;
    atomic_store(&s->front->leaving, (unsigned)n);
}

void stages_look(struct stages *s)
{
    const int64_t now_ns = s->front->clock.monotonic_ns();

    install_hear(s->now);
    if (s->next != NULL && now_ns >= s->look_next_ns) {
        s->look_next_ns = now_ns + STAGES_NEXT_MS * INT64_C(1000000);
        if (look_at_next(s) != ERR_OK) {
            event_log(EVENT_ERROR, EVENT_INTERNAL, NULL, 0);
        }
    }
    free_leaving(s);
}

void stages_stop(struct stages *s)
{
    drop(s->next);
    s->next = NULL;
    for (size_t i = 0; i < s->n_leaving; i++) {
        stage_stop(s->leaving[i]->stage);
    }
    if (s->now != NULL) {
        stage_stop(s->now->stage);
    }
}

void stages_free(struct stages *s)
{
    for (size_t i = 0; i < s->n_leaving; i++) {
        drop(s->leaving[i]);
    }
    drop(s->now);
}
