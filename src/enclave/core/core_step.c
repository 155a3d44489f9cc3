#include "enclave/core/core_step.h"

#include "base/secret.h"
#include "enclave/core/core_answer.h"
#include "enclave/core/core_audit_log.h"
#include "enclave/core/core_ceremony.h"
#include "enclave/core/core_csr.h"
#include "enclave/core/core_epoch.h"
#include "enclave/core/core_evidence.h"
#include "enclave/core/core_mesh.h"
#include "enclave/core/core_parts.h"
#include "enclave/core/core_presign.h"
#include "enclave/core/core_quorum.h"
#include "enclave/core/core_reenrol.h"
#include "enclave/core/core_retirement.h"
#include "enclave/core/core_rounds.h"
#include "enclave/core/core_time.h"
#include "enclave/core/core_time_status.h"

#include <string.h>

/* ---- states ---- */

int64_t core_audit_time(const struct core *c)
{
    return c->now.err == ERR_OK ? c->now.lo_ns + (c->now.hi_ns - c->now.lo_ns) / 2 : 0;
}

void core_audit(struct core *c, enum audit_event event, uint64_t a, uint64_t b)
{
    audit_ring_add(&c->audit, core_audit_time(c), event, a, b);
}

void core_audit_data(struct core *c, enum audit_event event, uint64_t a, uint64_t b,
                     struct view data)
{
    audit_ring_add_data(&c->audit, core_audit_time(c), event, a, b, data);
}

static const struct stamp_cert *cert_of(const struct core *c, uint8_t key)
{
    return &c->certs[key - 1];
}

bool core_key_active(const struct core *c, uint8_t key)
{
    return (!core_key_takes(key, KEY_CLASSIC) || cert_of(c, KEY_CLASSIC)->active) &&
           (!core_key_takes(key, KEY_PQ) || cert_of(c, KEY_PQ)->active);
}

bool core_is_active(const struct core *c)
{
    for (size_t i = 0; i < c->args->n_policies; i++) {
        if (!core_key_active(c, c->args->policies[i].key)) {
            return false;
        }
    }
    return true;
}

static enum core_state wanted_state(const struct core *c)
{
    if (c->failed) {
        return CORE_FAILED;
    }
    if (!c->started) {
        return CORE_SELF_TEST;
    }
    if (c->retired || c->draining) {
        return c->retired ? CORE_RETIRED : CORE_DRAINING;
    }
    if (!c->timed) {
        return CORE_TIME_SYNC;
    }
    if (!core_is_active(c)) {
        return core_ceremony_state(c, CORE_WAITING);
    }
    return c->now.err == ERR_OK && core_time_permits(c) ? CORE_SERVING : CORE_TIME_DRIFT;
}

static void move_to(struct core *c, enum core_state next)
{
    if (next != c->state) {
        core_audit(c, AUDIT_STATE, c->state, next);
        c->state = next;
    }
}

void core_move_state(struct core *c)
{
    const enum core_state next = wanted_state(c);

    if (c->state == CORE_SELF_TEST && c->started && !c->draining) {
        move_to(c, CORE_TIME_SYNC);
    }
    move_to(c, next);
}

/* Every R1, batch and session. Gives how many batches. */
static size_t void_all(struct core *c)
{
    c->counts.r1_expired += r1_table_void(&c->r1);
    return core_quorum_void(c) + core_presign_void(c);
}

void core_look_at_clock(struct core *c)
{
    const struct own_time before = c->now;
    int64_t still_ns;

    own_clock_read(&c->clock, &c->now);
    still_ns = before.mono_ns == 0 ? 0 : c->now.mono_ns - before.mono_ns;
    if (still_ns > LIMIT_STILL_NS) {
        core_audit(c, AUDIT_STOOD_STILL, (uint64_t)still_ns / 1000000, void_all(c));
    }
    if (c->now.stepped) {
        (void)void_all(c);
    } else if (c->now.tainted) { /* no clock event between R1 and R2 */
        c->counts.r1_expired += r1_table_void(&c->r1);
    }
    if (c->args->clock == CLOCK_NTS) {
        core_time_audit(c, &before);
    } else if (c->now.stepped || c->now.err != before.err) {
        core_audit(c, AUDIT_CLOCK, c->now.err, c->now.bound_us);
    }
    c->timed = c->timed || c->now.err == ERR_OK;
    core_move_state(c);
}

void core_expire(struct core *c)
{
    c->counts.r1_expired += r1_table_expire(&c->r1, c->now.mono_ns);
}

enum err core_init(struct core *c, const struct core_setup *setup)
{
    uint8_t seed[DRBG_SEED_LEN];

    wipe(c, offsetof(struct core, r1));
    TRY(setup->entropy->fill(setup->entropy->self, seed, sizeof seed));
    c->args = setup->args;
    c->member = setup->member;
    c->desk = setup->desk;
    c->audit_key.signer = setup->audit_signer;
    c->audit_key.key = setup->audit_key;
    c->own_key = setup->own_key;
    c->has_pq = c->member == NULL && boot_args_use(setup->args, KEY_PQ);
    c->entropy = setup->entropy;
    c->flags = setup->flags;
    core_ceremony_init(c);
    drbg_init(&c->drbg, (struct view){seed, sizeof seed}, (struct view){NULL, 0});
    wipe(seed, sizeof seed);
    own_clock_init(&c->clock, setup->clock, setup->args);
    r1_table_init(&c->r1);
    jobs_init(&c->jobs);
    audit_ring_init(&c->audit);
    c->state = CORE_BOOTING;
    own_clock_read(&c->clock, &c->now);
    core_audit(c, AUDIT_BOOT, 0, 0);
    if ((c->flags & HELLO_FLAG_UNLOCKED) != 0) {
        core_audit(c, AUDIT_UNLOCKED, 0, 0);
    }
    core_move_state(c);
    return ERR_OK;
}

enum err core_random(struct core *c, uint8_t *out, size_t n)
{
    uint8_t fresh[DRBG_SEED_LEN];
    const struct view v = {fresh, sizeof fresh};
    enum err e = c->entropy->fill(c->entropy->self, fresh, sizeof fresh);

    if (e == ERR_OK && ++c->drbg_requests >= LIMIT_DRBG_REQUESTS) {
        drbg_reseed(&c->drbg, v);
        c->drbg_requests = 0;
    }
    if (e == ERR_OK) {
        e = drbg_generate(&c->drbg, v, out, n);
    }
    wipe(fresh, sizeof fresh);
    return e;
}

enum err core_start(struct core *c, enum err self_test, const struct core_public *keys)
{
    enum err e = self_test;

    core_audit(c, AUDIT_SELF_TEST, self_test, 0);
    if (e == ERR_OK) {
        e = core_epoch_start(c, keys);
    }
    if (e == ERR_OK) {
        c->started = true;
    } else {
        c->failed = true;
    }
    core_look_at_clock(c);
    return e;
}

void core_tick(struct core *c)
{
    core_look_at_clock(c);
    core_expire(c);
    core_quorum_tick(c);
    core_presign_tick(c);
    core_ceremony_tick(c);
    core_reenrol_tick(c);
    audit_ring_flush(&c->audit, c->now.mono_ns, core_audit_time(c));
}

void core_drain(struct core *c)
{
    c->draining = true;
    core_move_state(c);
}

bool core_drained(const struct core *c)
{
    return c->draining && c->r1.open == 0 && c->jobs.busy == 0 && core_quorum_drained(c);
}

void core_retire(struct core *c)
{
    c->retired = true;
    core_move_state(c);
    audit_ring_close(&c->audit);
}

/* ---- refusals ---- */

void core_refused(struct core *c, enum err e)
{
    if (e == ERR_STALE) {
        c->counts.refused_stale++;
    } else if (e == ERR_TIME) {
        c->counts.refused_time++;
    } else {
        c->counts.refused_other++;
    }
    audit_ring_count(&c->audit, c->now.mono_ns, core_audit_time(c), AUDIT_REFUSED, e);
}

void core_bad_frame(struct core *c, enum err e)
{
    c->counts.bad_frames++;
    audit_ring_count(&c->audit, c->now.mono_ns, core_audit_time(c), AUDIT_BAD_FRAME, e);
}

/* ---- ACTIVATE ---- */

bool core_is_ours(const struct core *c, const uint8_t epoch_id[EPOCH_ID_LEN], uint8_t key)
{
    return c->index != 0 && memcmp(epoch_id, c->epoch_id, EPOCH_ID_LEN) == 0 &&
           (!core_key_takes(key, KEY_PQ) || c->has_pq) &&
           (key != KEY_DUAL || core_threshold(c, key) == 1);
}

static enum err activate(struct core *c, const struct activation *a)
{
    struct stamp_cert *const cert = &c->certs[a->key - 1];
    uint8_t hash[ACTIVATION_HASH_LEN];

    if (!core_is_ours(c, a->epoch_id, a->key)) {
        return ERR_QUORUM;
    }
    if (cert->active) { /* once an epoch and key; the same again is no harm */
        activation_hash(a, hash);
        return memcmp(hash, cert->activation, ACTIVATION_HASH_LEN) == 0 ? ERR_OK : ERR_STALE;
    }
    if (c->draining) {
        return ERR_STATE;
    }
    c->counts.r1_expired += r1_table_void_key(&c->r1, a->key); /* they were for SIGN_CSR */
    if (a->key == KEY_PQ || core_threshold(c, a->key) > 1) {
        core_ceremony_use(c);
    }
    stamp_cert_set(cert, a);
    core_audit_data(c, AUDIT_ACTIVATED, a->key, 0,
                    (struct view){cert->activation, ACTIVATION_HASH_LEN});
    core_move_state(c);
    return ERR_OK;
}

/* ---- dispatch ---- */

void core_finish(struct core *c, struct sign_batch *b, struct writer *w)
{
    uint8_t unused[1];
    struct writer nobody = wr_init(unused, 0);
    struct writer *const out = w != NULL ? w : &nobody;

    if (b->answer != NULL) {
        core_quorum_finish(c, b, out);
    } else if (b->is_order) {
        core_mesh_finish(c, b, out);
    } else if (b->csr) {
        core_csr_finish(c, b, out);
    } else {
        core_rounds_finish(c, b, out);
    }
}

static enum err answer_activate(struct core *c, struct view body, struct writer *w)
{
    struct activation a;

    TRY(activation_decode(body, &a));
    core_look_at_clock(c);
    TRY(activate(c, &a));
    wr_bytes(w, cert_of(c, a.key)->activation, ACTIVATION_HASH_LEN);
    return ERR_OK;
}

static enum err answer_audit(struct core *c, struct view body, struct writer *w)
{
    struct audit_ask ask;

    TRY(audit_ask_decode(body, &ask));
    core_answer_audit(c, &ask, w);
    return ERR_OK;
}

/* The answer's body to w; or *batch. */
static enum err dispatch(struct core *c, const struct core_call *call, struct writer *w,
                         struct sign_batch **batch)
{
    switch (call->head.type) {
    case FRAME_ACTIVATE:
        return answer_activate(c, call->body, w);
    case FRAME_R1:
        return core_rounds_r1(c, call, w);
    case FRAME_R2:
        return core_rounds_r2(c, call, w, batch);
    case FRAME_R3:
        return core_quorum_r3(c, call, batch);
    case FRAME_SIGN_CSR:
        return core_csr_sign(c, call, w, batch);
    case FRAME_CEREMONY_BEGIN:
    case FRAME_CEREMONY_STEP:
    case FRAME_CEREMONY_RECORD:
        return core_ceremony_call(c, call, w);
    case FRAME_REENROL_ORDER:
    case FRAME_REENROL_STEP:
        return core_reenrol_call(c, call, w);
    case FRAME_MESH_PUT:
    case FRAME_MESH_GET:
    case FRAME_PRESIGN_ORDER:
    case FRAME_PRESIGN_LIST:
    case FRAME_PRESIGN_STATUS:
        return core_mesh_call(c, call, w, batch);
    case FRAME_AUDIT:
        return answer_audit(c, call->body, w);
    case FRAME_AUDIT_LOG:
        return core_audit_log(c, call, w);
    case FRAME_EVIDENCE:
        return core_evidence(c, call, w);
    case FRAME_RETIRE:
        return core_retirement_call(c, call, w);
    case FRAME_TIME_SAMPLE:
        return core_time_sample(c, call);
    case FRAME_TIME_PROBE:
        return core_time_probe(c, call, w);
    case FRAME_HELLO:
    case FRAME_STATE:
    case FRAME_STATS:
    case FRAME_TIME_STATUS:
        break;
    default:
        return ERR_TYPE;
    }
    if (call->body.n != 0) {
        return ERR_TRAILING;
    }
    if (call->head.type == FRAME_HELLO) {
        core_answer_hello(c, w);
    } else if (call->head.type == FRAME_STATE) {
        core_look_at_clock(c);
        core_answer_state(c, w);
    } else if (call->head.type == FRAME_TIME_STATUS) {
        core_look_at_clock(c);
        core_answer_time_status(c, w);
    } else {
        core_answer_stats(c, w);
    }
    return ERR_OK;
}

struct sign_batch *core_step(struct core *c, const struct core_call *call, struct writer *w)
{
    const struct writer before = *w;
    struct sign_batch *batch = NULL;
    const size_t mark =
        frame_begin(w, (uint8_t)(call->head.type | FRAME_ANSWER), call->head.request_id);
    const enum err e = dispatch(c, call, w, &batch);

    if (e == ERR_OK && batch == NULL) {
        frame_end(w, mark);
        return NULL;
    }
    *w = before; /* an error or a batch: nothing of the answer stands */
    if (e != ERR_OK) {
        if (err_class(e) == 0x01 || e == ERR_TYPE) {
            core_bad_frame(c, e);
        } else {
            core_refused(c, e);
        }
        frame_write_error(w, call->head.request_id, e);
        return NULL;
    }
    if (batch->n_jobs == 0) {
        core_finish(c, batch, w);
        return NULL;
    }
    return batch;
}
