#include "base/version.h"
#include "format/tsp_resp.h"
#include "host/front/pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Prometheus text format 0.0.4. Names as their writers of guides have it: one prefix, base
 * units. */

static void head(struct writer *w, const char *name, const char *type, const char *help)
{
    page_put(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_one(struct writer *w, const char *name, const char *type, const char *help,
                    uint64_t v)
{
    head(w, name, type, help);
    page_put(w, "%s %" PRIu64 "\n", name, v);
}

/* Seconds with nine digits after the point, from ns. */
static void put_seconds(struct writer *w, const char *name, int64_t ns)
{
    page_put(w, "%s %s%" PRId64 ".%09" PRId64 "\n", name, ns < 0 ? "-" : "",
             (ns < 0 ? -ns : ns) / 1000000000, (ns < 0 ? -ns : ns) % 1000000000);
}

/* The answers of one path to one method. */
static void put_statuses(const uint64_t counts[METRICS_STATUSES], const char *path,
                         const char *method, struct writer *w)
{
    for (size_t c = 0; c < METRICS_STATUSES; c++) {
        if (counts[c] > 0) {
            page_put(
                w,
                "quorate_http_requests_total{path=\"%s\",method=\"%s\",code=\"%u\"} %" PRIu64
                "\n",
                path, method, metrics_status(c), counts[c]);
        }
    }
}

static void put_http(const struct metrics_sums *sums, struct writer *w)
{
    static const char *const methods[METHOD_COUNT] = {"GET", "HEAD", "POST", "other"};

    head(w, "quorate_http_requests_total", "counter", "HTTP requests answered.");
    for (size_t r = 0; r <= HTTP_ROUTES; r++) {
        for (size_t m = 0; m < METHOD_COUNT; m++) {
            put_statuses(sums->http[r][m], r < HTTP_ROUTES ? http_route_at(r)->path : "other",
                         methods[m], w);
        }
    }
}

/* The configured OID of a policy number; "other" once no policy has it any more. */
static const char *policy_oid(const struct serving *s, uint8_t number)
{
    for (size_t i = 0; i < s->config.n_policies; i++) {
        if (s->config.policies[i].number == number) {
            return s->config.policies[i].oid.text;
        }
    }
    return "other";
}

static void put_tokens(const struct page_facts *f, const struct metrics_sums *sums,
                       struct writer *w)
{
    uint64_t rejected = 0;

    for (size_t i = 0; i < METRICS_FAILS; i++) {
        rejected += sums->rejected[i];
    }
    head(w, "quorate_tokens_total", "counter", "Answers to requests for a stamp.");
    for (unsigned p = 0; p < METRICS_POLICIES; p++) {
        for (unsigned a = 0; a < METRICS_ALGS; a++) {
            if (sums->granted[p][a] > 0) {
                page_put(w,
                         "quorate_tokens_total{status=\"granted\",policy=\"%s\",alg=\"%s\"} "
                         "%" PRIu64 "\n",
                         policy_oid(f->serving, metrics_policy_number(f->front->metrics, p)),
                         hash_name((enum hash_alg)a), sums->granted[p][a]);
            }
        }
    }
    page_put(w, "quorate_tokens_total{status=\"rejection\",policy=\"\",alg=\"\"} %" PRIu64 "\n",
             rejected);
    head(w, "quorate_reject_total", "counter", "Rejections by PKIFailureInfo.");
    for (unsigned bit = 0; bit < METRICS_FAILS; bit++) {
        const char *name = tsp_resp_fail_name(bit);

        if (strcmp(name, "unknown") != 0) {
            page_put(w, "quorate_reject_total{fail_info=\"%s\"} %" PRIu64 "\n", name,
                     sums->rejected[bit]);
        }
    }
    put_one(w, "quorate_rate_limited_total", "counter", "Requests refused with 429.",
            sums->rate_limited);
}

static void put_evidence(const struct page_facts *f, const struct metrics_sums *sums,
                         struct writer *w)
{
    const struct evidence_counters *c = evidence_counters(f->serving->stage->evidence);
    static const char sizes[] = "quorate_evidence_batch_tokens";
    uint64_t count = 0;

    put_one(w, "quorate_evidence_failed_total", "counter",
            "Batches of hybrid tokens without a pq signature.", c->failed);
    put_one(w, "quorate_degraded_total", "counter",
            "Requests under a hybrid policy that got a classic token.", sums->degraded);
    head(w, sizes, "histogram", "Tokens of a batch that one pq signature covers.");
    for (size_t i = 0; i < EVIDENCE_SIZES; i++) {
        count += c->sizes[i];
        page_put(w, "%s_bucket{le=\"%zu\"} %" PRIu64 "\n", sizes, (size_t)1 << i, count);
    }
    page_put(w, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", sizes, count);
    page_put(w, "%s_sum %" PRIu64 "\n", sizes, (uint64_t)c->tokens);
    page_put(w, "%s_count %" PRIu64 "\n", sizes, (uint64_t)c->stamps);
}

static void put_histogram(const struct metrics_sums *sums, enum metric_histogram h,
                          const char *name, const char *help, struct writer *w)
{
    uint64_t count = 0;

    head(w, name, "histogram", help);
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        const int64_t us = metrics_bound_ns(i) / 1000;

        count += sums->buckets[h][i];
        page_put(w, "%s_bucket{le=\"%" PRId64 ".%06" PRId64 "\"} %" PRIu64 "\n", name,
                 us / 1000000, us % 1000000, count);
    }
    count += sums->buckets[h][METRICS_BUCKETS];
    page_put(w, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, count);
    page_put(w, "%s_sum %" PRIu64 ".%09" PRIu64 "\n", name, sums->sum_ns[h] / 1000000000,
             sums->sum_ns[h] % 1000000000);
    page_put(w, "%s_count %" PRIu64 "\n", name, count);
}

static void put_clock(const struct page_facts *f, struct writer *w)
{
    const struct core_status *s = &f->core->status;

    put_one(w, "quorate_ready", "gauge", "Whether tokens would be granted now.",
            f->readiness.ready ? 1 : 0);
    put_one(w, "quorate_core_connected", "gauge", "Whether the core answers.",
            f->core->connected ? 1 : 0);
    put_one(w, "quorate_clock_synchronised", "gauge", "Whether the core's kernel says so.",
            f->core->connected && s->kernel_sync == 1 ? 1 : 0);
    put_one(w, "quorate_clock_trusted", "gauge", "0: the core runs with trust-system.",
            f->serving->time_trusted ? 1 : 0);
    if (f->readiness.error_bound_us >= 0) {
        head(w, "quorate_clock_error_bound_seconds", "gauge",
             "Bound of the core's clock error.");
        put_seconds(w, "quorate_clock_error_bound_seconds", f->readiness.error_bound_us * 1000);
        head(w, "quorate_clock_kernel_bound_seconds", "gauge", "The kernel's own bound.");
        put_seconds(w, "quorate_clock_kernel_bound_seconds",
                    (int64_t)s->kernel_bound_us * 1000);
    }
}

/* One line for each core, labelled with its place in the configuration, from 1. */
static void put_for_each(const struct page_facts *f, struct writer *w, const char *name,
                         const char *help, bool (*what)(const struct coord_core_view *core))
{
    head(w, name, "gauge", help);
    for (size_t i = 0; i < f->cores.epoch.n; i++) {
        page_put(w, "%s{core=\"%zu\"} %d\n", name, i + 1, what(&f->cores.at[i]) ? 1 : 0);
    }
}

static bool is_left_out(const struct coord_core_view *core)
{
    return core->connected && core->fault != COORD_FITS;
}

static bool is_silent(const struct coord_core_view *core)
{
    return core->silent;
}

static bool is_banned(const struct coord_core_view *core)
{
    return core->banned;
}

static bool is_behind(const struct coord_core_view *core)
{
    return core->behind;
}

/* Half of the sessions of honest cores give a signature. */
static void put_sessions(const struct page_facts *f, struct writer *w)
{
    static const char all[] = "quorate_cluster_core_window_sessions";
    static const char good[] = "quorate_cluster_core_window_signed";

    head(w, all, "gauge", "The last thousand or so sessions in which the core answered.");
    for (size_t i = 0; i < f->cores.epoch.n; i++) {
        page_put(w, "%s{core=\"%zu\"} %" PRIu32 "\n", all, i + 1, f->cores.at[i].sessions);
    }
    head(w, good, "gauge", "Those of them that gave a signature.");
    for (size_t i = 0; i < f->cores.epoch.n; i++) {
        page_put(w, "%s{core=\"%zu\"} %" PRIu32 "\n", good, i + 1, f->cores.at[i].signed_);
    }
    put_for_each(f, w, "quorate_cluster_core_behind",
                 "Whether too few of its sessions sign: it is asked after the others.",
                 is_behind);
}

static void put_cluster(const struct page_facts *f, struct writer *w)
{
    static const char trip[] = "quorate_cluster_core_round_trip_seconds";
    const struct coord_epoch_view *const e = &f->cores.epoch;
    const struct coord_counters *c = coord_counters(f->serving->stage->coord);

    if (!e->together) {
        return;
    }
    put_one(w, "quorate_epoch_halted", "gauge", "1: too many cores are gone for ever.",
            e->halted);
    put_one(w, "quorate_epoch_threshold", "gauge", "Cores that sign together.", e->threshold);
    put_one(w, "quorate_epoch_total", "gauge", "Cores of the ceremony.", e->total);
    put_one(w, "quorate_epoch_answering", "gauge", "Cores that serve and answer.",
            e->answering);
    put_one(w, "quorate_epoch_ended", "gauge", "Cores known to be gone for ever.", e->ended);
    put_one(w, "quorate_coord_sessions_total", "counter", "Sessions of the pq key.",
            c->sessions);
    put_one(w, "quorate_coord_moved_total", "counter",
            "Stamps that another core was asked for.", c->moved);
    put_one(w, "quorate_coord_hedges_total", "counter",
            "Sessions begun beside one that was late.", c->hedges);
    put_one(w, "quorate_coord_late_signed_total", "counter",
            "Late sessions that signed first all the same.", c->late_signed);
    put_one(w, "quorate_coord_sampled_total", "counter",
            "Sessions of which every response was looked at, drawn by chance.", c->sampled);
    put_one(w, "quorate_coord_lies_total", "counter", "Lies of cores that were proved.",
            c->lies);
    put_for_each(f, w, "quorate_cluster_core_answers", "Whether the core serves and answers.",
                 cores_answers);
    put_for_each(f, w, "quorate_cluster_core_silent", "Whether it is connected, and mute.",
                 is_silent);
    put_for_each(f, w, "quorate_cluster_core_banned", "Whether it lied.", is_banned);
    put_for_each(f, w, "quorate_cluster_core_left_out", "Whether it is of another epoch.",
                 is_left_out);
    put_sessions(f, w);
    head(w, trip, "gauge", "From R2 to its answer, smoothed.");
    for (size_t i = 0; i < e->n; i++) {
        const uint64_t us = f->cores.at[i].round_trip_us;

        page_put(w, "%s{core=\"%zu\"} %" PRIu64 ".%06" PRIu64 "\n", trip, i + 1, us / 1000000,
                 us % 1000000);
    }
}

/* Of the classic key that several cores share. */
static void put_presignatures(const struct page_facts *f, struct writer *w)
{
    static const char stock[] = "quorate_presignatures";
    static const char rests[] = "quorate_presignature_triple_rests";
    static const char refused[] = "quorate_presignature_refused_total";
    const struct coord_shared_view *const s = &f->cores.epoch.shared;
    const struct coord_counters *c = coord_counters(f->serving->stage->coord);
    char nodes[COORD_TRIPLE_TEXT];

    if (!s->is_shared) {
        return;
    }
    head(w, stock, "gauge", "Presignatures of the classic key in stock, by their three cores.");
    for (size_t i = 0; i < s->n; i++) {
        page_put(w, "%s{triple=\"%s\"} %" PRIu16 "\n", stock,
                 coord_triple_text(s->triples[i].s, nodes), s->triples[i].stock);
    }
    head(w, rests, "gauge",
         "1: signatures of them were wrong, or checks failed, and none are made.");
    for (size_t i = 0; i < s->n; i++) {
        page_put(w, "%s{triple=\"%s\"} %d\n", rests, coord_triple_text(s->triples[i].s, nodes),
                 s->triples[i].rests ? 1 : 0);
    }
    put_one(
        w, "quorate_presignature_triples_usable", "gauge",
        "Triples that answer, do not rest, and have presignatures or can make them. Below 2: "
        "alarm; 0: page.",
        s->usable);
    put_one(w, "quorate_presignature_pairs", "gauge", "Pairs of the cores that answer.",
            s->pairs);
    put_one(w, "quorate_presignature_pairs_set_up", "gauge",
            "Of these, those that can make presignatures without the other cores.", s->set_up);
    put_one(w, "quorate_presignatures_low", "gauge",
            "1: three cores that answer have few, or a pair is not set up.",
            f->readiness.degraded[0] != '\0' ? 1 : 0);
    put_one(w, "quorate_presignatures_used_total", "counter",
            "Presignatures of which a signature was made.", c->presign_used);
    put_one(w, "quorate_presignatures_wasted_total", "counter",
            "Presignatures that a core was asked for, and that gave none.", c->presign_wasted);
    put_one(w, "quorate_presignatures_wrong_total", "counter",
            "Of these, those whose answers made no signature.", c->presign_wrong);
    put_one(w, "quorate_presignature_waited_total", "counter",
            "Stamps that found no presignature at once.", c->presign_waited);
    head(w, refused, "counter", "Stamps that found none in time, and why.");
    page_put(w, "%s{reason=\"none\"} %" PRIu64 "\n", refused, (uint64_t)c->presign_none);
    page_put(w, "%s{reason=\"held\"} %" PRIu64 "\n", refused, (uint64_t)c->presign_held);
}

/* ---- what each core says of its time ---- */

static void put_time_seconds(const struct page_facts *f, struct writer *w, const char *name,
                             const char *help, uint8_t flag,
                             int64_t (*what)(const struct time_status *s))
{
    char labelled[80];

    head(w, name, "gauge", help);
    for (size_t i = 0; i < f->times.n; i++) {
        const struct time_view *const v = &f->times.at[i];

        if (v->known && (v->status.flags & flag) != 0) {
            (void)snprintf(labelled, sizeof labelled, "%s{core=\"%zu\"}", name, i + 1);
            put_seconds(w, labelled, what(&v->status));
        }
    }
}

static void put_time_counts(const struct page_facts *f, struct writer *w, const char *name,
                            const char *type, const char *help,
                            uint64_t (*what)(const struct time_status *s))
{
    head(w, name, type, help);
    for (size_t i = 0; i < f->times.n; i++) {
        if (f->times.at[i].known) {
            page_put(w, "%s{core=\"%zu\"} %" PRIu64 "\n", name, i + 1,
                     what(&f->times.at[i].status));
        }
    }
}

static int64_t offset_of(const struct time_status *s)
{
    return s->offset_ns;
}

static int64_t half_width_of(const struct time_status *s)
{
    return s->half_width_ns;
}

static uint64_t agreeing_of(const struct time_status *s)
{
    return s->agreeing;
}

static uint64_t sources_of(const struct time_status *s)
{
    return s->sources;
}

static uint64_t holdover_of(const struct time_status *s)
{
    return (s->flags & TIME_STATUS_HOLDOVER) != 0;
}

static uint64_t adjusted_of(const struct time_status *s)
{
    return s->adjusted;
}

static uint64_t events_of(const struct time_status *s)
{
    return s->events;
}

static void put_times(const struct page_facts *f, struct writer *w)
{
    head(w, "quorate_time_known", "gauge", "Whether the core says what its time is.");
    for (size_t i = 0; i < f->times.n; i++) {
        page_put(w, "quorate_time_known{core=\"%zu\"} %d\n", i + 1,
                 f->times.at[i].known ? 1 : 0);
    }
    head(w, "quorate_time_state", "gauge",
         "1: the core's state, and why its time holds or not.");
    for (size_t i = 0; i < f->times.n; i++) {
        const struct time_view *const v = &f->times.at[i];

        if (v->known) {
            page_put(
                w,
                "quorate_time_state{core=\"%zu\",state=\"%s\",reason=\"%s\",clock=\"%s\"} 1\n",
                i + 1, page_state_name(v->status.state),
                time_reason_name((enum time_reason)v->status.reason),
                time_status_label(&v->status));
        }
    }
    put_time_seconds(f, w, "quorate_time_offset_seconds",
                     "Middle of the core's span less its machine's clock.", TIME_STATUS_VALID,
                     offset_of);
    put_time_seconds(f, w, "quorate_time_half_width_seconds", "Half of the core's span.",
                     TIME_STATUS_SPAN, half_width_of);
    put_time_counts(f, w, "quorate_time_sources_agreeing", "gauge",
                    "Time servers that agree, of the last sample.", agreeing_of);
    put_time_counts(f, w, "quorate_time_sources", "gauge", "Time servers that were asked.",
                    sources_of);
    put_time_counts(f, w, "quorate_time_holdover", "gauge", "1: no sample came for over 30 s.",
                    holdover_of);
    put_time_counts(f, w, "quorate_time_adjusted_total", "counter", "Samples taken.",
                    adjusted_of);
    put_time_counts(f, w, "quorate_time_events_total", "counter",
                    "What voided all that the core knew of the time.", events_of);
}

static void put_certificates(const struct page_facts *f, struct writer *w)
{
    static const char *const keys[WIRE_KEYS_MAX] = {"classic", "pq"};

    head(w, "quorate_certificate_remaining_seconds", "gauge",
         "How long the certificate is still valid.");
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        const struct serving_leg *leg = &f->serving->legs[i];

        if (leg->used && leg->chain != NULL) {
            page_put(w, "quorate_certificate_remaining_seconds{key=\"%s\"} %" PRId64 "\n",
                     keys[i], leg->not_after_s - f->now_s);
        }
    }
}

static void put_work(const struct page_facts *f, struct writer *w)
{
    const struct coord_counters *c = coord_counters(f->serving->stage->coord);
    const struct journal_counters *l = journal_counters(f->front->journal);

    put_one(w, "quorate_key_signatures_total", "counter", "Signatures obtained from the core.",
            c->signed_);
    put_one(w, "quorate_coord_refused_total", "counter", "Stamps that the core refused.",
            c->refused);
    put_one(w, "quorate_coord_deadline_total", "counter", "Stamps that came too late.",
            c->deadline);
    put_one(w, "quorate_coord_reconnects_total", "counter", "Connections made to the core.",
            c->reconnects);
    put_one(w, "quorate_coord_bad_frames_total", "counter",
            "Frames of the core that were refused.", c->frames_bad);
    head(w, "quorate_queue_depth", "gauge", "Requests waiting for a stamp or a commit.");
    page_put(w, "quorate_queue_depth{queue=\"coord\"} %" PRIu64 "\n", (uint64_t)c->queue_depth);
    page_put(w, "quorate_queue_depth{queue=\"evidence\"} %" PRIu64 "\n",
             (uint64_t)evidence_counters(f->serving->stage->evidence)->waiting);
    page_put(w, "quorate_queue_depth{queue=\"journal\"} %" PRIu64 "\n",
             (uint64_t)l->queue_depth);
    put_one(w, "quorate_journal_appended_total", "counter", "Tokens recorded.", l->appended);
    put_one(w, "quorate_journal_commits_total", "counter", "Commits of the journal.",
            l->commits);
    put_one(w, "quorate_journal_failed_total", "counter", "Tokens that could not be recorded.",
            l->failed);
    put_one(w, "quorate_journal_rows", "gauge", "Rows kept.", l->rows);
    put_one(w, "quorate_journal_segments", "gauge", "Segments kept.", l->segments);
    put_one(w, "quorate_journal_exported_total", "counter", "Segments exported.", l->exported);
    put_one(w, "quorate_requests_active", "gauge", "Requests not answered yet.",
            atomic_load(&f->front->active));
}

static void put_process(const struct page_facts *f, struct writer *w)
{
    struct rusage use = {0};

    (void)getrusage(RUSAGE_SELF, &use);
    head(w, "process_cpu_seconds_total", "counter", "User and system CPU time.");
    put_seconds(w, "process_cpu_seconds_total",
                ((int64_t)use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000000 +
                    ((int64_t)use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1000);
    put_one(w, "process_max_resident_memory_bytes", "gauge", "Largest resident set so far.",
            (uint64_t)use.ru_maxrss * 1024);
    put_one(w, "process_start_time_seconds", "gauge", "Start, since 1970.",
            (uint64_t)(f->now_s - f->uptime_s));
}

void page_write_metrics(const struct page_facts *f, struct writer *w)
{
    struct metrics_sums sums;

    metrics_sum(f->front->metrics, &sums);
    head(w, "quorate_build_info", "gauge", "What runs here.");
    page_put(w, "quorate_build_info{version=\"%s\"} 1\n", quorate_version);
    put_http(&sums, w);
    put_tokens(f, &sums, w);
    put_histogram(&sums, METRIC_REQUEST_SECONDS, "quorate_request_seconds",
                  "From the last byte of a request to its answer.", w);
    put_histogram(&sums, METRIC_SIGN_SECONDS, "quorate_sign_seconds",
                  "From the last byte of a request to its signature.", w);
    put_histogram(&sums, METRIC_JOURNAL_SECONDS, "quorate_journal_seconds",
                  "From the signature to the commit.", w);
    put_histogram(&sums, METRIC_EVIDENCE_SECONDS, "quorate_evidence_seconds",
                  "From the classic signature of a hybrid token to its pq signature.", w);
    put_evidence(f, &sums, w);
    put_clock(f, w);
    put_times(f, w);
    put_cluster(f, w);
    put_presignatures(f, w);
    put_certificates(f, w);
    put_work(f, w);
    put_process(f, w);
}
