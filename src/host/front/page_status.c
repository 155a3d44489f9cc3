#include "host/front/json_out.h"
#include "host/front/pages.h"

static const char *state_name(uint8_t state)
{
    static const char *const names[] = {
        [0] = "none",
        [CORE_BOOTING] = "booting",
        [CORE_SELF_TEST] = "self_test",
        [CORE_TIME_SYNC] = "time_sync",
        [CORE_WAITING] = "waiting",
        [CORE_SERVING] = "serving",
        [CORE_TIME_DRIFT] = "time_drift",
        [CORE_DRAINING] = "draining",
        [CORE_RETIRED] = "retired",
        [CORE_FAILED] = "failed",
    };

    return state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

static void put_core(const struct coord_core_view *c, struct json *j)
{
    json_array(j, "cores");
    json_item(j);
    json_bool(j, "connected", c->connected);
    json_text(j, "last_err", err_name(c->last_err));
    json_text(j, "state", state_name(c->status.state));
    json_text(j, "reason", err_name((enum err)c->status.reason));
    json_int(j, "age_ms", c->age_ms);
    json_int(j, "index", c->index);
    json_int(j, "threshold", c->threshold);
    json_int(j, "total", c->total);
    json_hex(j, "epoch_id", (struct view){c->status.epoch_id, EPOCH_ID_LEN});
    json_hex(j, "boot_id", (struct view){c->status.boot_id, BOOT_ID_LEN});
    json_hex(j, "activation",
             (struct view){c->status.activation[KEY_CLASSIC - 1], ACTIVATION_HASH_LEN});
    json_bool(j, "time_valid", c->status.time_valid == 1);
    json_bool(j, "kernel_synchronised", c->status.kernel_sync == 1);
    json_int(j, "kernel_bound_us", c->status.kernel_bound_us);
    json_bool(j, "simulated_build", (c->flags & HELLO_FLAG_SIMULATED) != 0);
    json_bool(j, "memory_locked", (c->flags & HELLO_FLAG_UNLOCKED) == 0);
    json_bool(j, "sandboxed", (c->flags & HELLO_FLAG_NO_SANDBOX) == 0);
    json_int(j, "round_trip_us", (int64_t)c->round_trip_us);
    json_end(j);
    json_array_end(j);
}

static void put_certificate(const struct serving *s, struct json *j)
{
    if (s->chain == NULL) {
        json_null(j, "certificate");
        return;
    }
    const struct activation *a = &s->chain->activation;

    json_object(j, "certificate");
    json_hex(j, "sha256", (struct view){a->cert_hash, CERT_HASH_LEN});
    json_hex(j, "serial_number", a->serial);
    json_int(j, "not_before", s->chain->not_before_s);
    json_int(j, "not_after", s->chain->not_after_s);
    json_int(j, "certificates", (int64_t)s->chain->n);
    json_hex(j, "activation", (struct view){s->chain->activation_hash, ACTIVATION_HASH_LEN});
    json_text(j, "state", s->state == ERR_OK ? "serving" : err_name(s->state));
    json_end(j);
}

static void put_policies(const struct serving *s, struct json *j)
{
    json_array(j, "policies");
    for (size_t i = 0; i < s->config.n_policies; i++) {
        const struct config_policy *p = &s->config.policies[i];

        json_item(j);
        json_text(j, "name", p->name);
        json_text(j, "oid", p->oid.text);
        json_int(j, "number", p->number);
        json_int(j, "digits", p->digits);
        json_int(j, "min_accuracy_ms", p->min_accuracy_ms);
        json_int(j, "max_accuracy_ms", p->max_accuracy_ms);
        json_bool(j, "default", p->is_default);
        json_bool(j, "served_by_core", s->core_has_policy[i]);
        json_end(j);
    }
    json_array_end(j);
}

static void put_work(const struct page_facts *f, struct json *j)
{
    const struct coord_counters *c = coord_counters(f->front->coord);
    const struct journal_counters *l = journal_counters(f->front->journal);

    json_object(j, "coord");
    json_int(j, "submitted", (int64_t)c->submitted);
    json_int(j, "signed", (int64_t)c->signed_);
    json_int(j, "refused", (int64_t)c->refused);
    json_int(j, "deadline", (int64_t)c->deadline);
    json_int(j, "reconnects", (int64_t)c->reconnects);
    json_int(j, "frames_bad", (int64_t)c->frames_bad);
    json_int(j, "queue_depth", (int64_t)c->queue_depth);
    json_end(j);
    json_object(j, "journal");
    json_bool(j, "healthy", f->readiness.journal);
    json_int(j, "appended", (int64_t)l->appended);
    json_int(j, "commits", (int64_t)l->commits);
    json_int(j, "failed", (int64_t)l->failed);
    json_int(j, "queue_depth", (int64_t)l->queue_depth);
    json_int(j, "rows", (int64_t)l->rows);
    json_int(j, "segments", (int64_t)l->segments);
    json_int(j, "exported", (int64_t)l->exported);
    json_end(j);
    json_object(j, "front");
    json_int(j, "active_requests", (int64_t)atomic_load(&f->front->active));
    json_int(j, "request_objects", (int64_t)atomic_load(&f->front->pool.n));
    json_bool(j, "draining", atomic_load(&f->front->draining));
    json_end(j);
}

void page_write_status(const struct page_facts *f, struct writer *w)
{
    struct json j = json_begin(w);

    json_text(&j, "service", "quorate");
    json_text(&j, "version", QUORATE_VERSION);
    json_text(&j, "node_id", f->front->node_id);
    json_int(&j, "uptime_seconds", f->uptime_s);
    json_bool(&j, "ready", f->readiness.ready);
    json_text(&j, "reason", f->readiness.reason);
    json_text(&j, "time", f->readiness.time);
    if (f->readiness.error_bound_us >= 0) {
        json_int(&j, "error_bound_us", f->readiness.error_bound_us);
    } else {
        json_null(&j, "error_bound_us");
    }
    json_bool(&j, "simulated", f->serving->simulated);
    put_core(&f->core, &j);
    put_certificate(f->serving, &j);
    put_policies(f->serving, &j);
    put_work(f, &j);
    json_end(&j);
    wr_u8(w, '\n');
}
