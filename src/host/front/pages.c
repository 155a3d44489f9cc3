#include "host/front/pages.h"

#include "base/version.h"
#include "host/front/jout.h"

#include <string.h>

#define TYPE_JSON "application/json"
#define TYPE_PEM "application/x-pem-file"
#define TYPE_CHAIN "application/pem-certificate-chain"
/* Short, since a core that starts anew has a new certificate. */
#define CACHE_CERTIFICATES "public, max-age=60"

/* Of the last sample: servers that answer, whatever of their answer was made. */
static int reachable(const struct time_status *s)
{
    int n = 0;

    for (size_t i = 0; i < s->n_sources; i++) {
        n += s->rows[i].state != TIME_SOURCE_STARTING &&
             s->rows[i].state != TIME_SOURCE_UNREACHABLE;
    }
    return n;
}

/* Null where the core says nothing of it (all is zero then), has no such servers, or no peers.
 */
static void put_sources(const struct page_facts *f, struct jout *j)
{
    static const struct time_status none;
    const size_t at = (size_t)(f->core - f->cores.at);
    const struct time_status *const s = at < f->times.n ? &f->times.at[at].status : &none;

    if (s->clock == CLOCK_NTS) {
        jout_int(j, "nts_sources_reachable", reachable(s));
    } else {
        jout_null(j, "nts_sources_reachable");
    }
    if (s->total > 0) {
        jout_text(j, "trihard_status", (s->flags & TIME_STATUS_PERMIT) != 0 ? "ok" : "apart");
    } else {
        jout_null(j, "trihard_status");
    }
}

static void put_health(const struct page_facts *f, struct writer *w)
{
    struct jout j = jout_begin(w);

    jout_text(&j, "status", f->readiness.ready ? "ok" : "degraded");
    jout_text(&j, "service", "quorate");
    jout_text(&j, "version", quorate_version);
    jout_text(&j, "node_id", f->front->node_id);
    jout_bool(&j, "attested", f->serving->attested);
    jout_bool(&j, "time_synced", f->core->connected && f->core->status.kernel_sync == 1);
    put_sources(f, &j);
    jout_bool(&j, "quorum_available", f->readiness.key_live);
    jout_int(&j, "uptime_seconds", f->uptime_s);
    jout_text(&j, "time", f->readiness.time);
    if (f->cores.epoch.together) {
        jout_text(&j, "classic_leg", cores_classic_leg(&f->cores));
    }
    jout_bool(&j, "simulated", f->serving->simulated);
    jout_end(&j);
    wr_u8(w, '\n');
}

static void put_ready(const struct page_facts *f, struct writer *w)
{
    struct jout j = jout_begin(w);

    jout_bool(&j, "ready", f->readiness.ready);
    jout_text(&j, "reason", f->readiness.reason);
    jout_text(&j, "degraded", f->readiness.degraded);
    jout_bool(&j, "key_live", f->readiness.key_live);
    jout_bool(&j, "certificate_valid", f->readiness.certificate);
    jout_bool(&j, "clock_in_bound", f->readiness.clock);
    jout_bool(&j, "journal_healthy", f->readiness.journal);
    jout_bool(&j, "memory_locked", f->readiness.memory_locked);
    jout_text(&j, "time", f->readiness.time);
    jout_text(&j, "time_reason", f->readiness.time_reason);
    if (f->cores.epoch.together) {
        jout_text(&j, "classic_leg", cores_classic_leg(&f->cores));
    }
    jout_bool(&j, "simulated", f->serving->simulated);
    jout_end(&j);
    wr_u8(w, '\n');
}

static struct page put_text(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
    return (struct page){.status = 200, .type = "text/plain; charset=utf-8"};
}

/* The CA of several cores' chains is most likely one: it is given once. */
static void put_chain(const struct serving_leg *leg, size_t at, struct writer *w,
                      enum http_endpoint endpoint)
{
    const struct tsa_chain *c = &leg->held[at]->chain;

    if (endpoint != ENDPOINT_CA_PEM) {
        wr_view(w, endpoint == ENDPOINT_TSA_PEM ? c->pem_leaf : c->pem_chain);
    } else if (at == 0 || !view_equal(c->pem_ca, leg->held[at - 1]->chain.pem_ca)) {
        wr_view(w, c->pem_ca);
    }
}

static struct page put_pem(const struct serving *s, struct writer *w, const char *type,
                           enum http_endpoint endpoint)
{
    const size_t before = w->len;

    /* The classic chains first: OpenSSL reads no further than it understands. */
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        for (size_t k = 0; s->legs[i].used && k < s->legs[i].n; k++) {
            put_chain(&s->legs[i], k, w, endpoint);
        }
    }
    if (w->len == before) {
        struct page p = put_text(w, "no certificate yet\n");

        p.status = 503;
        return p;
    }
    return (struct page){.status = 200, .type = type, .cache_control = CACHE_CERTIFICATES};
}

static struct page write_endpoint(const struct page_facts *f, enum http_endpoint endpoint,
                                  struct writer *w)
{
    switch (endpoint) {
    case ENDPOINT_STAMP:
        page_write_human(f, w);
        return (struct page){.status = 200, .type = "text/html; charset=utf-8"};
    case ENDPOINT_CERTCHAIN:
        return put_pem(f->serving, w, TYPE_CHAIN, endpoint);
    case ENDPOINT_CA_PEM:
    case ENDPOINT_TSA_PEM:
        return put_pem(f->serving, w, TYPE_PEM, endpoint);
    case ENDPOINT_HEALTH:
        put_health(f, w);
        return (struct page){.status = 200, .type = TYPE_JSON};
    case ENDPOINT_HEALTHZ:
        return put_text(w, "ok\n");
    case ENDPOINT_PING:
        return put_text(w, "pong\n");
    case ENDPOINT_READYZ:
        put_ready(f, w);
        return (struct page){.status = f->readiness.ready ? 200 : 503, .type = TYPE_JSON};
    case ENDPOINT_OPENAPI:
        page_write_openapi(w);
        return (struct page){.status = 200, .type = TYPE_JSON};
    case ENDPOINT_METRICS:
        page_write_metrics(f, w);
        return (struct page){.status = 200, .type = "text/plain; version=0.0.4; charset=utf-8"};
    case ENDPOINT_STATUS:
        page_write_status(f, w);
        return (struct page){.status = 200, .type = TYPE_JSON};
    case ENDPOINT_TIME_JSON:
        page_write_time_json(f, w);
        return (struct page){.status = 200, .type = TYPE_JSON};
    case ENDPOINT_TIME_SVG:
        page_write_time_svg(f, w);
        return (struct page){.status = 200, .type = "image/svg+xml"};
    case ENDPOINT_NONE:
    case ENDPOINT_EVIDENCE:
    case ENDPOINT_BUNDLE:
    case ENDPOINT_COUNT:
        break;
    }
    return (struct page){.status = 500, .type = TYPE_JSON};
}

struct page page_write(struct front *front, const struct serving *s,
                       enum http_endpoint endpoint, struct writer *w)
{
    struct page_facts f = {.front = front, .serving = s};

    f.now_s = front->clock.real_s();
    f.now_ns = front->clock.monotonic_ns();
    f.uptime_s = (f.now_ns - front->started_ns) / 1000000000;
    cores_look(s->stage->coord, &f.cores);
    time_history_look(s->stage->times, f.now_ns, &f.times);
    f.core = cores_main(&f.cores);
    f.readiness =
        readiness_judge(s, &f.cores, &f.times, journal_healthy(front->journal), f.now_s);
    return write_endpoint(&f, endpoint, w);
}
