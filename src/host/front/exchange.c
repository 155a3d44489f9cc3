#include "host/front/exchange.h"

#include "host/front/client_addr.h"
#include "host/front/file_answer.h"
#include "host/front/pages.h"
#include "host/front/stamp_flow.h"
#include "host/front/tsp_fail.h"
#include "host/front/tsp_view.h"
#include "os/event_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* con_cls of a request that has no struct request. */
static char answered;

struct answer {
    unsigned status;
    const char *type;
    struct view body;
    enum MHD_ResponseMemoryMode memory;
    const char *allow, *accept_post, *cache_control, *disposition;
    unsigned retry_after_s; /* 0: none */
    bool close;
};

static enum MHD_Result add(struct MHD_Response *resp, const char *name, const char *value)
{
    return value == NULL ? MHD_YES : MHD_add_response_header(resp, name, value);
}

/* The clock of the connection: how long its peer takes. */
static struct watched *watch_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

/* The peer has so long to take it as it has to send a request. */
static enum MHD_Result send_answer(struct front *front, struct MHD_Connection *connection,
                                   const struct answer *a)
{
    /* The library wants a pointer to what may change; with MHD_RESPMEM_PERSISTENT and
     * _MUST_COPY it does not. */
    union {
        const uint8_t *given;
        void *wanted;
    } body = {a->body.p};
    struct MHD_Response *resp =
        MHD_create_response_from_buffer(a->body.n, body.wanted, a->memory);
    char seconds[16];
    enum MHD_Result good = MHD_YES;

    if (resp == NULL) {
        if (a->memory == MHD_RESPMEM_MUST_FREE) {
            free(body.wanted);
        }
        return MHD_NO;
    }
    good &= add(resp, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
    good &= add(resp, MHD_HTTP_HEADER_CACHE_CONTROL,
                a->cache_control != NULL ? a->cache_control : "no-store");
    good &= add(resp, MHD_HTTP_HEADER_ALLOW, a->allow);
    good &= add(resp, "Accept-Post", a->accept_post);
    good &= add(resp, MHD_HTTP_HEADER_CONTENT_DISPOSITION, a->disposition);
    if (a->retry_after_s > 0) {
        (void)snprintf(seconds, sizeof seconds, "%u", a->retry_after_s);
        good &= add(resp, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    if (a->close || atomic_load_explicit(&front->draining, memory_order_relaxed)) {
        good &= add(resp, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    if (good == MHD_YES) {
        good = MHD_queue_response(connection, a->status, resp);
        watched_start(watch_of(connection), front->clock.monotonic_ns());
    }
    MHD_destroy_response(resp);
    return good;
}

/* ---- refusals by HTTP status ---- */

/* At most EXCHANGE_LOGS_PER_S lines a second, so that no sender can fill the disk through the
 * log. */
static bool may_log(struct front *front)
{
    const uint_fast64_t second = (uint_fast64_t)front->clock.real_s();
    uint_fast64_t seen = atomic_load_explicit(&front->log_budget, memory_order_relaxed);
    uint_fast64_t next;

    do {
        const uint_fast64_t lines = seen >> 16 == second ? (seen & 0xffff) : 0;

        if (lines >= EXCHANGE_LOGS_PER_S) {
            return false;
        }
        next = second << 16 | (lines + 1);
    } while (!atomic_compare_exchange_weak(&front->log_budget, &seen, next));
    return true;
}

static void log_refused(struct front *front, struct MHD_Connection *connection, unsigned status,
                        const char *reason)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char peer[CLIENT_ADDR_TEXT_MAX];

    if (!event_log_wants(EVENT_INFO) || !may_log(front)) {
        return;
    }
    const struct client_addr addr = info != NULL && info->client_addr != NULL
                                        ? client_addr_of(info->client_addr)
                                        : (struct client_addr){0};
    client_addr_text(&addr, peer);
    const struct event_field fields[] = {
        {.key = "status", .kind = EVENT_NUMBER, .number = status},
        {.key = "reason", .kind = EVENT_TEXT, .text = reason},
        {.key = "peer", .kind = EVENT_TEXT, .text = peer},
    };

    event_log(EVENT_INFO, EVENT_REQUEST_REFUSED, fields, sizeof fields / sizeof fields[0]);
}

static enum MHD_Result send_refusal(struct front *front, struct MHD_Connection *connection,
                                    const struct http_route *route,
                                    const struct http_verdict *v)
{
    char body[256];
    const int n =
        snprintf(body, sizeof body, "{\"status\":%u,\"error\":\"%s\"}\n", v->status, v->reason);
    const struct answer a = {
        .status = v->status,
        .type = "application/json",
        .body = {(const uint8_t *)body, (size_t)n},
        .memory = MHD_RESPMEM_MUST_COPY,
        .allow = v->allow,
        .accept_post = v->accept_post ? http_accept_post(route) : NULL,
        .retry_after_s = v->retry_after_s,
        .close = v->close,
    };

    if (v->status >= MHD_HTTP_BAD_REQUEST) { /* ask again is no refusal */
        log_refused(front, connection, v->status, v->reason);
    }
    return send_answer(front, connection, &a);
}

/* ---- the answer to a stamp request ---- */

static void log_outcome(const struct request *r)
{
    const enum event_level level = r->err == ERR_OK ? EVENT_DEBUG : EVENT_INFO;
    const struct event_field fields[] = {
        {.key = "request", .kind = EVENT_NUMBER, .number = (int64_t)r->id},
        {.key = "err", .kind = EVENT_ERR, .number = r->err},
        {.key = "us",
         .kind = EVENT_NUMBER,
         .number = (r->front->clock.monotonic_ns() - r->begun_ns) / 1000},
        {.key = "serial", .kind = EVENT_HEX, .hex = {r->job.stamp.serial, STAMP_SERIAL_LEN}},
    };

    if (event_log_wants(level) && (r->err == ERR_OK || may_log(r->front))) {
        event_log(level, r->err == ERR_OK ? EVENT_REQUEST_GRANTED : EVENT_REQUEST_REJECTED,
                  fields, r->err == ERR_OK ? 4 : 3);
    }
}

static void count_outcome(const struct request *r)
{
    struct metrics *m = r->front->metrics;

    if (r->err == ERR_OK) {
        const size_t at = (size_t)(r->policy - r->serving->config.policies);

        metrics_count_granted(m, r->serving->policy_slot[at], (enum hash_alg)r->job.hash_alg);
    } else {
        metrics_count_rejected(m, tsp_fail_of(r->err)->fail_info);
    }
    metrics_observe(m, METRIC_REQUEST_SECONDS, r->front->clock.monotonic_ns() - r->begun_ns);
}

/* The JSON view, in memory of its own. */
static struct view make_view(const struct request *r)
{
    const size_t max = tsp_view_max(r->token.n);
    uint8_t *space = malloc(max);
    const struct tsp_view v = {.err = r->err,
                               .job = &r->job,
                               .policy = r->policy,
                               .archive = r->evidence.archive,
                               .token = r->token};
    struct view out = {0};

    if (space != NULL) {
        struct writer w = wr_init(space, max);

        tsp_view_write(&v, &w);
        if (wr_finish(&w, &out) != ERR_OK) {
            free(space);
        }
    }
    return out;
}

static enum MHD_Result answer_stamp(struct request *r)
{
    struct MHD_Connection *connection = r->connection;
    struct answer a = {.status = MHD_HTTP_OK};

    stamp_flow_compose(r);
    count_outcome(r);
    log_outcome(r);
    if (r->json_view) {
        a.type = "application/json";
        a.body = make_view(r);
        a.memory = MHD_RESPMEM_MUST_FREE;
    } else {
        a.type = "application/timestamp-reply";
        a.body = stamp_flow_reply(r);
        a.memory = MHD_RESPMEM_PERSISTENT; /* r lives until exchange_completed() */
        a.disposition =
            r->verdict.body == HTTP_BODY_DATA ? "attachment; filename=\"timestamp.tsr\"" : NULL;
    }
    metrics_count_http(r->front->metrics, r->route, r->method, a.status);
    return a.body.n > 0 ? send_answer(r->front, connection, &a) : MHD_NO;
}

static void suspend(struct request *r)
{
    MHD_suspend_connection(r->connection);
}

static void resume(struct request *r)
{
    MHD_resume_connection(r->connection);
}

/* ---- the body ---- */

static enum MHD_Result take_body(struct request *r, struct view bytes)
{
    struct http_verdict *v = &r->verdict;

    r->body_total += (int64_t)bytes.n;
    if (v->status != 0) {
        /* Read on, so that the sender gets to read the refusal; but not for ever. */
        return r->body_total <= EXCHANGE_DISCARD_MAX + v->body_max ? MHD_YES : MHD_NO;
    }
    if (v->body == HTTP_BODY_DATA && r->body_total <= v->body_max) {
        hash_update(&r->hash, bytes.p, bytes.n);
    } else if (v->body == HTTP_BODY_DATA ||
               request_add_body(r, bytes, (size_t)v->body_max) != ERR_OK) {
        v->status = MHD_HTTP_CONTENT_TOO_LARGE;
        v->reason = "the body is too large";
    }
    return MHD_YES;
}

static enum MHD_Result answer_page(struct request *r)
{
    uint8_t *space = malloc(PAGE_MAX);

    if (space == NULL) {
        return MHD_NO;
    }
    struct writer w = wr_init(space, PAGE_MAX);
    const struct page page = page_write(r->front, r->serving, r->route->endpoint, &w);
    struct answer a = {.status = page.status,
                       .type = page.type,
                       .cache_control = page.cache_control,
                       .memory = MHD_RESPMEM_MUST_FREE};

    if (wr_finish(&w, &a.body) != ERR_OK) {
        free(space);
        return MHD_NO;
    }
    metrics_count_http(r->front->metrics, r->route, r->method, a.status);
    return send_answer(r->front, r->connection, &a);
}

/* Of /evidence and /bundle. */
static enum MHD_Result answer_file(struct request *r)
{
    struct file_answer f;

    file_answer_make(r->front, r->serving, r->route->endpoint,
                     MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, "nonce"),
                     &f);
    metrics_count_http(r->front->metrics, r->route, r->method, f.status);
    if (f.reason != NULL) {
        const struct http_verdict v = {
            .status = f.status, .reason = f.reason, .retry_after_s = f.retry_after_s};

        return send_refusal(r->front, r->connection, r->route, &v);
    }
    const struct answer a = {.status = f.status,
                             .type = f.type,
                             .disposition = f.disposition,
                             .body = {f.file, f.n},
                             .memory = MHD_RESPMEM_MUST_FREE};

    return send_answer(r->front, r->connection, &a);
}

/* The last byte is there, or the work is done. */
static enum MHD_Result proceed(struct request *r)
{
    watched_stop(watch_of(r->connection));
    if (r->verdict.status != 0) {
        metrics_count_http(r->front->metrics, r->route, r->method, r->verdict.status);
        return send_refusal(r->front, r->connection, r->route, &r->verdict);
    }
    if (r->verdict.body == HTTP_BODY_NONE) {
        return r->route->file ? answer_file(r) : answer_page(r);
    }
    if (request_is_done(r)) {
        return answer_stamp(r);
    }
    return stamp_flow_begin(r, suspend) ? MHD_YES : answer_stamp(r);
}

/* ---- the head ---- */

static enum MHD_Result see_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                  size_t name_n, const char *value, size_t value_n)
{
    (void)kind;
    http_head_add(cls, (struct view){(const uint8_t *)name, name_n},
                  (struct view){(const uint8_t *)value, value != NULL ? value_n : 0});
    return MHD_YES;
}

static struct view text_view(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

/* Seconds to wait; 0: go on. Probes are never limited: a load balancer must be heard. */
static unsigned limit_rate(const struct listener *l, const struct serving *s,
                           struct MHD_Connection *connection, const struct http_route *route,
                           const struct http_head *head)
{
    const struct config_front *c = &s->config.front;
    const union MHD_ConnectionInfo *info;

    if (c->rate_per_s == 0 || l->admin || (route != NULL && http_route_is_probe(route))) {
        return 0;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL) {
        return 0;
    }
    const struct client_addr peer = client_addr_of(info->client_addr);
    const struct client_addr who =
        client_addr_behind(peer, head->forwarded_for, &s->trusted_proxies);
    const struct rate_key key = client_addr_key(&who);

    if (who.family == 0) {
        return 0;
    }
    return rate_limit_take(l->front->rate, &key, (uint32_t)c->rate_per_s,
                           (uint32_t)c->rate_burst, l->front->clock.monotonic_ns());
}

static enum http_method name_method(const char *method)
{
    return strcmp(method, "POST") == 0   ? METHOD_POST
           : strcmp(method, "GET") == 0  ? METHOD_GET
           : strcmp(method, "HEAD") == 0 ? METHOD_HEAD
                                         : METHOD_OTHER;
}

/* Whether the answer waits until the request is read: the connection then lives on, and a
 * sender that is busy sending gets to read a refusal. Not with a body in doubt or too long, or
 * that the sender holds back until we ask for it. */
static bool reads_on(const struct http_head *head, const struct http_verdict *v)
{
    return v->status == 0 ||
           (!v->close && head->expect.n == 0 && v->content_length <= EXCHANGE_DISCARD_MAX);
}

/* Takes the reference to s. */
static enum MHD_Result take_request(const struct listener *l, struct serving *s,
                                    struct MHD_Connection *connection,
                                    const struct http_route *route, enum http_method method,
                                    const struct http_verdict *v, void **con_cls)
{
    struct front *front = l->front;
    struct request *r = request_take(&front->pool, front, s);

    if (r == NULL) {
        const struct http_verdict busy = {
            .status = MHD_HTTP_SERVICE_UNAVAILABLE,
            .reason = "too busy",
            .close = true,
            .retry_after_s = 1,
        };

        serving_put(s);
        metrics_count_http(front->metrics, route, method, busy.status);
        return send_refusal(front, connection, route, &busy);
    }
    const char *format =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "format");

    r->connection = connection;
    r->resume = resume;
    r->route = route;
    r->method = method;
    r->verdict = *v;
    r->json_view = v->wants_json || (format != NULL && strcmp(format, "json") == 0);
    watched_start(watch_of(connection), front->clock.monotonic_ns());
    if (v->body ==
        HTTP_BODY_DATA) { /* may well take long; the library ends it when nothing comes */
        watched_stop(watch_of(connection));
        hash_init(&r->hash, HASH_SHA256);
    }
    *con_cls = r;
    return MHD_YES;
}

/* RFC 9112 3.2.2: a server takes the absolute form, too. */
static const char *path_of(const char *url)
{
    const char *after = strncmp(url, "http://", 7) == 0    ? url + 7
                        : strncmp(url, "https://", 8) == 0 ? url + 8
                                                           : NULL;

    if (after == NULL) {
        return url;
    }
    after += strcspn(after, "/");
    return *after == '/' ? after : "/";
}

static enum MHD_Result begin(const struct listener *l, struct MHD_Connection *connection,
                             const char *url, const char *method, const char *version,
                             void **con_cls)
{
    struct front *front = l->front;
    struct serving *s = serving_get(&front->slot);
    struct http_head head = {.method = text_view(method), .version = text_view(version)};
    const struct http_route *route =
        http_route_find(path_of(url), !l->admin, l->admin || s->config.front.admin_on_main);

    (void)atomic_fetch_add_explicit(&front->active, 1, memory_order_relaxed);
    watched_stop(watch_of(connection));
    *con_cls = &answered;
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, see_header, &head);
    struct http_verdict v = http_judge(&head, route, &s->limits);
    const unsigned wait_s = v.close ? 0 : limit_rate(l, s, connection, route, &head);

    if (wait_s > 0) {
        metrics_count_rate_limited(front->metrics);
        v.status = MHD_HTTP_TOO_MANY_REQUESTS;
        v.reason = "too many requests from this address";
        v.retry_after_s = wait_s;
    }
    if (reads_on(&head, &v)) {
        return take_request(l, s, connection, route, name_method(method), &v, con_cls);
    }
    metrics_count_http(front->metrics, route, name_method(method), v.status);
    serving_put(s);
    return send_refusal(front, connection, route, &v);
}

/* NOLINTNEXTLINE(readability-function-size): the library's signature */
enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_n, void **con_cls)
{
    if (*con_cls == NULL) {
        return begin(cls, connection, url, method, version, con_cls);
    }
    if (*con_cls == &answered) {
        *upload_n = 0; /* refused already; the library closes */
        return MHD_YES;
    }
    struct request *r = *con_cls;

    if (*upload_n > 0) {
        const enum MHD_Result result =
            take_body(r, (struct view){(const uint8_t *)upload, *upload_n});

        *upload_n = 0;
        return result;
    }
    return proceed(r);
}

void exchange_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                        enum MHD_RequestTerminationCode code)
{
    const struct listener *l = cls;

    (void)code;
    watched_start(watch_of(connection), l->front->clock.monotonic_ns());
    if (*con_cls == NULL) {
        return;
    }
    if (*con_cls != &answered) {
        request_release(&l->front->pool, *con_cls);
    }
    *con_cls = NULL;
    (void)atomic_fetch_sub_explicit(&l->front->active, 1, memory_order_relaxed);
}
