#include "base/version.h"
#include "host/front/jout.h"
#include "host/front/pages.h"

const char *page_state_name(uint8_t state)
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
        [CORE_WAITING_CEREMONY] = "waiting_ceremony",
        [CORE_CEREMONY] = "ceremony",
    };

    return state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

static void put_core(const struct coord_core_view *c, struct jout *j)
{
    jout_item(j);
    jout_bool(j, "connected", c->connected);
    jout_bool(j, "answers", cores_answers(c));
    jout_bool(j, "silent", c->silent);
    jout_bool(j, "banned", c->banned);
    jout_bool(j, "behind", c->behind);
    jout_int(j, "window_sessions", c->sessions);
    jout_int(j, "window_signed", c->signed_);
    jout_text(j, "left_out", coord_fault_text((enum coord_fault)c->fault));
    jout_text(j, "last_err", err_name(c->last_err));
    jout_text(j, "state", page_state_name(c->status.state));
    jout_text(j, "reason", err_name((enum err)c->status.reason));
    jout_int(j, "age_ms", c->age_ms);
    jout_int(j, "index", c->index);
    jout_int(j, "threshold", c->keys[KEY_CLASSIC - 1].threshold);
    jout_int(j, "total", c->keys[KEY_CLASSIC - 1].total);
    jout_int(j, "threshold_pq", c->keys[KEY_PQ - 1].threshold);
    jout_int(j, "total_pq", c->keys[KEY_PQ - 1].total);
    jout_hex(j, "epoch_id", (struct view){c->status.epoch_id, EPOCH_ID_LEN});
    jout_hex(j, "boot_id", (struct view){c->status.boot_id, BOOT_ID_LEN});
    jout_hex(j, "activation",
             (struct view){c->status.activation[KEY_CLASSIC - 1], ACTIVATION_HASH_LEN});
    jout_hex(j, "activation_pq",
             (struct view){c->status.activation[KEY_PQ - 1], ACTIVATION_HASH_LEN});
    jout_bool(j, "time_valid", c->status.time_valid == 1);
    jout_bool(j, "kernel_synchronised", c->status.kernel_sync == 1);
    jout_int(j, "kernel_bound_us", c->status.kernel_bound_us);
    jout_bool(j, "simulated_build", (c->flags & HELLO_FLAG_SIMULATED) != 0);
    jout_bool(j, "memory_locked", (c->flags & HELLO_FLAG_UNLOCKED) == 0);
    jout_bool(j, "sandboxed", (c->flags & HELLO_FLAG_NO_SANDBOX) == 0);
    jout_int(j, "round_trip_us", (int64_t)c->round_trip_us);
    jout_end(j);
}

/* Of the classic key that the cores share, by triple. */
static void put_presignatures(const struct coord_shared_view *s, struct jout *j)
{
    int64_t stock = 0;

    jout_object(j, "presignatures");
    jout_int(j, "answering", s->answering);
    jout_int(j, "pairs", s->pairs);
    jout_int(j, "set_up", s->set_up);
    jout_int(j, "usable", s->usable);
    jout_array(j, "triples");
    for (size_t i = 0; i < s->n; i++) {
        const struct coord_triple_view *const t = &s->triples[i];
        char nodes[COORD_TRIPLE_TEXT];

        stock += t->stock;
        jout_item(j);
        jout_text(j, "nodes", coord_triple_text(t->s, nodes));
        jout_int(j, "stock", t->stock);
        jout_bool(j, "answers", t->answers);
        jout_bool(j, "set_up", t->set_up);
        jout_bool(j, "rests", t->rests);
        jout_bool(j, "usable", t->usable);
        jout_end(j);
    }
    jout_array_end(j);
    jout_int(j, "stock", stock);
    jout_end(j);
}

void page_put_reenrolled(const struct coord_epoch_view *e, struct jout *j)
{
    jout_array(j, "reenrolled");
    for (int i = 0; i < PLAN_NODES_MAX; i++) {
        if ((e->reenrolled >> i & 1) != 0) {
            jout_item_int(j, i + 1);
        }
    }
    jout_array_end(j);
}

static void put_cores(const struct cores_view *v, struct jout *j)
{
    const struct coord_epoch_view *const e = &v->epoch;

    jout_array(j, "cores");
    for (size_t i = 0; i < e->n; i++) {
        put_core(&v->at[i], j);
    }
    jout_array_end(j);
    if (!e->together) {
        return;
    }
    jout_object(j, "epoch");
    jout_bool(j, "ceremony", e->has_roster);
    jout_hex(j, "epoch_id", (struct view){e->epoch_id, EPOCH_ID_LEN});
    jout_int(j, "threshold", e->threshold);
    jout_int(j, "total", e->total);
    jout_int(j, "answering", e->answering);
    jout_int(j, "quorum", e->quorum);
    jout_int(j, "ended", e->ended);
    page_put_reenrolled(e, j);
    jout_bool(j, "halted", e->halted);
    jout_text(j, "classic_leg", cores_classic_leg(v));
    jout_end(j);
    if (e->shared.is_shared) {
        put_presignatures(&e->shared, j);
    }
}

static void put_certificate(const struct serving_leg *leg, const char *name, struct jout *j)
{
    if (leg->chain == NULL) {
        jout_null(j, name);
        return;
    }
    const struct activation *a = &leg->chain->activation;

    jout_object(j, name);
    jout_hex(j, "sha256", (struct view){a->cert_hash, CERT_HASH_LEN});
    jout_hex(j, "serial_number", a->serial);
    jout_int(j, "not_before", leg->chain->not_before_s);
    jout_int(j, "not_after", leg->chain->not_after_s);
    jout_int(j, "certificates", (int64_t)leg->chain->n);
    jout_hex(j, "activation", (struct view){leg->chain->activation_hash, ACTIVATION_HASH_LEN});
    jout_text(j, "state", leg->state == ERR_OK ? "serving" : err_name(leg->state));
    jout_end(j);
}

static void put_policies(const struct serving *s, struct jout *j)
{
    jout_array(j, "policies");
    for (size_t i = 0; i < s->config.n_policies; i++) {
        const struct config_policy *p = &s->config.policies[i];

        jout_item(j);
        jout_text(j, "name", p->name);
        jout_text(j, "oid", p->oid.text);
        jout_int(j, "number", p->number);
        jout_text(j, "profile", config_profile_name(p));
        jout_bool(j, "evidence", p->evidence);
        jout_int(j, "digits", p->digits);
        jout_int(j, "min_accuracy_ms", p->min_accuracy_ms);
        jout_int(j, "max_accuracy_ms", p->max_accuracy_ms);
        jout_bool(j, "ordering", p->ordering);
        jout_bool(j, "default", p->is_default);
        jout_bool(j, "served_by_core", s->core_has_policy[i]);
        jout_end(j);
    }
    jout_array_end(j);
}

static void put_work(const struct page_facts *f, struct jout *j)
{
    const struct coord_counters *c = coord_counters(f->serving->stage->coord);
    const struct journal_counters *l = journal_counters(f->front->journal);

    jout_object(j, "coord");
    jout_int(j, "submitted", (int64_t)c->submitted);
    jout_int(j, "signed", (int64_t)c->signed_);
    jout_int(j, "refused", (int64_t)c->refused);
    jout_int(j, "moved", (int64_t)c->moved);
    jout_int(j, "sessions", (int64_t)c->sessions);
    jout_int(j, "hedges", (int64_t)c->hedges);
    jout_int(j, "late_signed", (int64_t)c->late_signed);
    jout_int(j, "sampled", (int64_t)c->sampled);
    jout_int(j, "lies", (int64_t)c->lies);
    jout_int(j, "presignatures_used", (int64_t)c->presign_used);
    jout_int(j, "presignatures_wasted", (int64_t)c->presign_wasted);
    jout_int(j, "presignatures_wrong", (int64_t)c->presign_wrong);
    jout_int(j, "deadline", (int64_t)c->deadline);
    jout_int(j, "reconnects", (int64_t)c->reconnects);
    jout_int(j, "frames_bad", (int64_t)c->frames_bad);
    jout_int(j, "queue_depth", (int64_t)c->queue_depth);
    jout_end(j);
    const struct evidence_counters *e = evidence_counters(f->serving->stage->evidence);

    jout_object(j, "evidence");
    jout_int(j, "batches", (int64_t)e->stamps);
    jout_int(j, "tokens", (int64_t)e->tokens);
    jout_int(j, "failed", (int64_t)e->failed);
    jout_int(j, "waiting", (int64_t)e->waiting);
    jout_end(j);
    jout_object(j, "journal");
    jout_bool(j, "healthy", f->readiness.journal);
    jout_int(j, "appended", (int64_t)l->appended);
    jout_int(j, "commits", (int64_t)l->commits);
    jout_int(j, "failed", (int64_t)l->failed);
    jout_int(j, "queue_depth", (int64_t)l->queue_depth);
    jout_int(j, "rows", (int64_t)l->rows);
    jout_int(j, "segments", (int64_t)l->segments);
    jout_int(j, "exported", (int64_t)l->exported);
    jout_end(j);
    jout_object(j, "front");
    jout_int(j, "active_requests", (int64_t)atomic_load(&f->front->active));
    jout_int(j, "request_objects", (int64_t)atomic_load(&f->front->pool.n));
    jout_bool(j, "draining", atomic_load(&f->front->draining));
    jout_int(j, "leaving", (int64_t)atomic_load(&f->front->leaving));
    jout_end(j);
}

void page_write_status(const struct page_facts *f, struct writer *w)
{
    struct jout j = jout_begin(w);

    jout_text(&j, "service", "quorate");
    jout_text(&j, "version", quorate_version);
    jout_text(&j, "node_id", f->front->node_id);
    jout_int(&j, "uptime_seconds", f->uptime_s);
    jout_bool(&j, "ready", f->readiness.ready);
    jout_text(&j, "reason", f->readiness.reason);
    jout_text(&j, "degraded", f->readiness.degraded);
    jout_text(&j, "time", f->readiness.time);
    if (f->readiness.error_bound_us >= 0) {
        jout_int(&j, "error_bound_us", f->readiness.error_bound_us);
    } else {
        jout_null(&j, "error_bound_us");
    }
    jout_bool(&j, "simulated", f->serving->simulated);
    put_cores(&f->cores, &j);
    put_certificate(&f->serving->legs[KEY_CLASSIC - 1], "certificate", &j);
    put_certificate(&f->serving->legs[KEY_PQ - 1], "certificate_pq", &j);
    put_policies(f->serving, &j);
    put_work(f, &j);
    jout_end(&j);
    wr_u8(w, '\n');
}
