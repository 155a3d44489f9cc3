/* quorate ceremony run */
#include "base/hex.h"
#include "host/ceremony/command_io.h"
#include "host/ceremony/plan_ini.h"
#include "host/ceremony/policy_file_io.h"
#include "host/ceremony/relay_text.h"
#include "os/small_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

bool command_uri(const char *beside, struct view listen, char out[RUN_URI_MAX])
{
    static const char unix_path[] = "unix:";
    const char *slash = strrchr(beside, '/');
    const size_t head = sizeof unix_path - 1;
    const bool relative = listen.n > head && memcmp(listen.p, unix_path, head) == 0 &&
                          listen.p[head] != '/' && slash != NULL;
    const int n =
        relative ? snprintf(out, RUN_URI_MAX, "unix:%.*s/%.*s", (int)(slash - beside), beside,
                            (int)(listen.n - head), (const char *)listen.p + head)
                 : snprintf(out, RUN_URI_MAX, "%.*s", (int)listen.n, (const char *)listen.p);

    return n > 0 && n < RUN_URI_MAX;
}

/* What a run works with; the result says the rest. */
struct runner {
    struct command_ask options;
    struct plan plan;
    uint8_t plan_bytes[PLAN_MAX];
    struct run_job job;
    char record[PATH_MAX];
};

/* Labels, to the cores; here it is where each of them is asked. */
static bool is_elsewhere(const struct runner *r, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(r->job.uris[i], r->job.uris[j]) == 0) {
            return false;
        }
    }
    return true;
}

static enum err load(struct runner *r)
{
    static uint8_t text[PLAN_INI_MAX];
    const char *path = r->options.plan;
    char beside[PATH_MAX];
    const struct plan_ini_policy policy = {policy_file_read, beside};
    struct writer w = wr_init(r->plan_bytes, sizeof r->plan_bytes);
    char error[INI_ERROR_MAX];
    struct view in;

    errno = 0;
    if (small_file_read(path, text, sizeof text, &in) != ERR_OK) {
        (void)command_say(0, path, errno != 0 ? strerrordesc_np(errno) : "too long");
        return ERR_IO;
    }
    (void)snprintf(beside, sizeof beside, "%s", path);
    if (plan_ini_parse(in, path, &policy, &w, error) != ERR_OK) {
        (void)fprintf(stderr, "quorate ceremony: %s\n", error);
        return ERR_ENCODING;
    }
    r->job.plan = (struct view){r->plan_bytes, w.len};
    TRY(plan_decode(r->job.plan, &r->plan));
    for (size_t i = 0; i < r->plan.total; i++) {
        if (!command_uri(path, r->plan.nodes[i].listen, r->job.uris[i])) {
            (void)command_say(0, path, "the place of a node is too long");
            return ERR_NOSPACE;
        }
        if (!is_elsewhere(r, i)) {
            (void)command_say(0, path, "two nodes listen at one place");
            return ERR_ENCODING;
        }
    }
    return ERR_OK;
}

static bool name_record(struct runner *r)
{
    const char *slash = strrchr(r->options.plan, '/');
    const int n =
        r->options.out != NULL
            ? snprintf(r->record, sizeof r->record, "%s", r->options.out)
            : snprintf(r->record, sizeof r->record, "%.*sceremony.qcr",
                       slash != NULL ? (int)(slash - r->options.plan) + 1 : 0, r->options.plan);

    r->job.record = r->record;
    return n > 0 && (size_t)n < sizeof r->record;
}

static void failed(void *user, unsigned attempt, const struct relay_end *end)
{
    const struct runner *r = user;
    char text[RELAY_TEXT_MAX];

    relay_end_text(end, &r->plan, text);
    (void)fprintf(stderr, "quorate ceremony: attempt %u: %s\n", attempt, text);
}

static void print_done(const struct runner *r, const struct run_result *result)
{
    char id[2 * CEREMONY_HASH_LEN + 1];
    char epoch_id[2 * EPOCH_ID_LEN + 1];
    const double seconds = (double)result->took_ms / 1000;

    hex_write((struct view){result->id, sizeof result->id}, id);
    hex_write((struct view){result->epoch_id, sizeof result->epoch_id}, epoch_id);
    if (r->options.json) {
        (void)printf("{\"event\":\"ceremony\",\"threshold\":%u,\"total\":%u,\"attempts\":%u,"
                     "\"seconds\":%.1f,\"id\":\"%s\",\"epoch_id\":\"%s\",\"bytes\":%zu}\n",
                     r->plan.threshold, r->plan.total, result->attempts, seconds, id, epoch_id,
                     result->record_len);
        return;
    }
    (void)printf("key made by %u cores, of which any %u sign (%.1f s, attempt %u)\n"
                 "epoch  %s\n"
                 "record %s, verified\n"
                 "id     %s\n",
                 r->plan.total, r->plan.threshold, seconds, result->attempts, epoch_id,
                 r->record, id);
}

static int print_failed(const struct runner *r, const struct run_result *result, enum err e)
{
    static const char *const checks[CEREMONY_CHECKS] = {
        [CEREMONY_CHECK_SIGNATURES] = "signatures",
        [CEREMONY_CHECK_ECHO] = "echo",
        [CEREMONY_CHECK_RHO] = "rho",
        [CEREMONY_CHECK_T] = "t",
        [CEREMONY_CHECK_KEY] = "key",
        [CEREMONY_CHECK_CLASSIC] = "classic",
        [CEREMONY_CHECK_DONE] = "done",
        [CEREMONY_CHECK_TEST] = "test",
    };

    if (e == ERR_QUORUM) { /* failed() has said how */
        return relay_end_blames(&result->end) ? COMMAND_BLAMED : COMMAND_NO_KEY;
    }
    if (e == ERR_SIGNATURE) {
        return command_say(COMMAND_BLAMED, "the record is not genuine", checks[result->check]);
    }
    if (e == ERR_MISMATCH) {
        return command_say(COMMAND_BLAMED, "the record", "it is of another plan or attempt");
    }
    return command_say(COMMAND_USAGE, r->record,
                       e == ERR_IO && errno != 0 ? strerrordesc_np(errno) : err_name(e));
}

int command_run(const struct command_ask *o)
{
    static struct runner r;
    struct run_result result;

    if (o->plan == NULL || o->n_cores > 0 || o->threshold > 0 || o->classic != NULL) {
        return command_usage(stderr, COMMAND_USAGE);
    }
    r.options = *o;
    r.job.failed = failed;
    r.job.user = &r;
    if (load(&r) != ERR_OK) {
        return COMMAND_USAGE;
    }
    if (!name_record(&r)) {
        return command_say(COMMAND_USAGE, o->plan, "its path is too long");
    }
    errno = 0;
    const enum err e = run_ceremony(&r.job, &result);

    if (e != ERR_OK) {
        return print_failed(&r, &result, e);
    }
    print_done(&r, &result);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_USAGE;
}
