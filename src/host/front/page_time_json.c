#include "base/version.h"
#include "host/front/jout.h"
#include "host/front/pages.h"

#include <stdio.h>

#define NAME_LEN (TIME_NAME_MAX + 1)

/* A name of the wire as text. */
static const char *text_of(struct view v, char out[NAME_LEN])
{
    (void)snprintf(out, NAME_LEN, "%.*s", (int)v.n, (const char *)v.p);
    return out;
}

static void put_age(struct jout *j, const char *name, uint32_t ms)
{
    if (ms == TIME_AGE_NEVER) {
        jout_null(j, name);
    } else {
        jout_int(j, name, ms);
    }
}

static void put_sources(const struct time_status *s, struct jout *j)
{
    jout_array(j, "servers");
    for (size_t i = 0; i < s->n_sources; i++) {
        const struct time_source *const row = &s->rows[i];
        char text[NAME_LEN];

        jout_item(j);
        jout_text(j, "name", text_of(row->name, text));
        jout_text(j, "state", time_source_state_name((enum time_source_state)row->state));
        jout_int(j, "offset_ns", row->offset_ns);
        jout_int(j, "half_width_ns", row->half_width_ns);
        jout_int(j, "delay_ns", row->delay_ns);
        jout_int(j, "age_ms", row->age_ms);
        jout_int(j, "reach", row->reach);
        jout_text(j, "kiss",
                  row->kiss[0] == 0 ? ""
                                    : text_of((struct view){row->kiss, TIME_KISS_LEN}, text));
        jout_end(j);
    }
    jout_array_end(j);
}

static void put_span(const struct time_status *s, struct jout *j)
{
    const bool valid = (s->flags & TIME_STATUS_VALID) != 0;

    jout_bool(j, "valid", valid);
    if (valid) {
        jout_int(j, "lo_ns", s->lo_ns);
        jout_int(j, "hi_ns", s->hi_ns);
        jout_int(j, "offset_ns", s->offset_ns);
    } else {
        jout_null(j, "lo_ns");
        jout_null(j, "hi_ns");
        jout_null(j, "offset_ns");
    }
    if ((s->flags & TIME_STATUS_SPAN) != 0) {
        jout_int(j, "half_width_ns", s->half_width_ns);
    } else {
        jout_null(j, "half_width_ns");
    }
    jout_int(j, "bound_ns", s->bound_ns);
    jout_int(j, "given_ns", s->given_ns);
}

/* Of a clock of its own: samples, counter, leap seconds. */
static void put_model(const struct time_status *s, int64_t now_s, struct jout *j)
{
    jout_int(j, "sources", s->sources);
    jout_int(j, "quota", s->quota);
    jout_int(j, "agreeing", s->agreeing);
    put_age(j, "heard_age_ms", s->heard_ms);
    put_age(j, "sample_age_ms", s->sample_ms);
    if ((s->flags & TIME_STATUS_HOLDOVER) != 0) {
        jout_int(j, "holdover_since", now_s - s->sample_ms / 1000);
    } else {
        jout_null(j, "holdover_since");
    }
    jout_int(j, "rate_ppb", (s->rate_lo_ppb + s->rate_hi_ppb) / 2);
    jout_int(j, "rate_bound_ppb", (s->rate_hi_ppb - s->rate_lo_ppb + 1) / 2);
    jout_bool(j, "fenced", (s->flags & TIME_STATUS_FENCED) != 0);
    jout_text(j, "leap", time_leap_name((enum time_leap)s->leap));
    jout_text(j, "leap_of_table", time_leap_name((enum time_leap)s->change));
    jout_int(j, "leap_table_expires", s->leap_expires_s);
    jout_bool(j, "leap_table_expired", (s->flags & TIME_STATUS_EXPIRED) != 0);
    jout_int(j, "adjusted", (int64_t)(s->adjusted & INT64_MAX));
    jout_int(j, "events", (int64_t)(s->events & INT64_MAX));
}

static void put_peers(const struct time_status *s, struct jout *j)
{
    jout_bool(j, "permitted", (s->flags & TIME_STATUS_PERMIT) != 0);
    jout_int(j, "index", s->index);
    jout_int(j, "threshold", s->threshold);
    jout_int(j, "total", s->total);
    jout_array(j, "peers");
    for (int i = 0; i < s->total; i++) {
        if ((s->peers >> i & 1) != 0) {
            jout_item_int(j, i + 1);
        }
    }
    jout_array_end(j);
}

static void put_node(const struct time_view *v, size_t at, int64_t now_s, struct jout *j)
{
    const struct time_status *const s = &v->status;

    jout_item(j);
    jout_int(j, "node", (int64_t)at + 1);
    jout_bool(j, "known", v->known);
    jout_text(j, "last_err", err_name(v->err));
    jout_int(j, "age_ms", v->age_ms);
    jout_int(j, "bad_answers", (int64_t)(v->bad & INT64_MAX));
    if (v->known) {
        jout_text(j, "clock", time_status_label(s));
        jout_text(j, "state", page_state_name(s->state));
        jout_text(j, "reason", time_reason_name((enum time_reason)s->reason));
        jout_text(j, "err", err_name((enum err)s->err));
        put_span(s, j);
        put_model(s, now_s, j);
        put_peers(s, j);
        put_sources(s, j);
    }
    jout_end(j);
}

void page_write_time_json(const struct page_facts *f, struct writer *w)
{
    struct jout j = jout_begin(w);

    jout_text(&j, "service", "quorate");
    jout_text(&j, "version", quorate_version);
    jout_text(&j, "node_id", f->front->node_id);
    jout_bool(&j, "ready", f->readiness.ready);
    jout_text(&j, "reason", f->readiness.reason);
    jout_text(&j, "degraded", f->readiness.degraded);
    jout_bool(&j, "simulated", f->serving->simulated);
    page_put_reenrolled(&f->cores.epoch, &j);
    jout_array(&j, "nodes");
    for (size_t i = 0; i < f->times.n; i++) {
        put_node(&f->times.at[i], i, f->now_s, &j);
    }
    jout_array_end(&j);
    jout_end(&j);
    wr_u8(w, '\n');
}
