#include "enclave/core/core_answer.h"

#include "enclave/core/core_presign.h"

#include <string.h>

enum err core_standing(const struct core *c)
{
    switch (c->state) {
    case CORE_SERVING:
        return ERR_OK;
    case CORE_TIME_SYNC:
    case CORE_TIME_DRIFT:
        return c->now.err == ERR_OK ? ERR_TIME : c->now.err;
    case CORE_BOOTING:
    case CORE_SELF_TEST:
    case CORE_WAITING:
    case CORE_WAITING_CEREMONY:
    case CORE_CEREMONY:
    case CORE_DRAINING:
    case CORE_RETIRED:
    case CORE_FAILED:
        return ERR_STATE;
    }
    return ERR_BUG;
}

static struct hello_key hello_key(const struct core *c, uint8_t key, struct view public_key)
{
    return (struct hello_key){key, c->threshold[key - 1], c->total, public_key};
}

void core_answer_hello(const struct core *c, struct writer *w)
{
    struct hello h = {.index = c->index,
                      .clock = c->args->clock,
                      .flags = c->flags,
                      .r1_life_ms = R1_LIFE_MS,
                      .n_keys = c->has_pq ? 2 : 1,
                      .n_policies = c->args->n_policies};

    memcpy(h.boot_id, c->boot_id, BOOT_ID_LEN);
    memcpy(h.epoch_id, c->epoch_id, EPOCH_ID_LEN);
    memcpy(h.boot_nonce, c->boot_nonce, BOOT_NONCE_LEN);
    memcpy(h.identity, c->public.identity, IDENTITY_LEN);
    memcpy(h.signing_key, c->public.signing_key, SIGNING_KEY_LEN);
    memcpy(h.audit_key, c->public.audit, AUDIT_KEY_LEN);
    h.keys[0] = hello_key(c, KEY_CLASSIC, (struct view){c->public.classic, P384_PUBLIC_LEN});
    h.keys[1] = hello_key(c, KEY_PQ, (struct view){c->public.pq, PQ_PUBLIC_LEN});
    for (size_t i = 0; i < c->args->n_policies; i++) {
        const struct boot_policy *const p = &c->args->policies[i];

        h.policies[i] = (struct hello_policy){.number = p->number,
                                              .key = p->key,
                                              .digits = p->rule.digits,
                                              .ordering = p->rule.ordering,
                                              .min_accuracy_ms = p->rule.min_accuracy_ms,
                                              .max_accuracy_ms = p->rule.max_accuracy_ms,
                                              .oid = {p->oid, p->oid_len}};
    }
    hello_encode(w, &h);
}

void core_answer_state(const struct core *c, struct writer *w)
{
    struct core_status s = {.state = (uint8_t)c->state,
                            .reason = (uint16_t)core_standing(c),
                            .time_valid = c->now.err == ERR_OK,
                            .kernel_sync = c->now.synchronised,
                            .lo_ns = c->now.lo_ns,
                            .hi_ns = c->now.hi_ns,
                            .kernel_bound_us = c->now.bound_us};

    memcpy(s.boot_id, c->boot_id, BOOT_ID_LEN);
    memcpy(s.epoch_id, c->epoch_id, EPOCH_ID_LEN);
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        memcpy(s.activation[i], c->certs[i].activation, ACTIVATION_HASH_LEN);
    }
    core_status_encode(w, &s);
}

static void add_quorum_rows(const struct core *c, struct core_stats *s)
{
    const struct pq_counts *const n = &c->quorum.party->counts;
    const struct core_stat rows[] = {
        {STAT_PQ_OFFERED, n->offered},
        {STAT_PQ_OPENED, n->opened},
        {STAT_PQ_ANSWERED, n->answered},
        {STAT_PQ_EXPIRED, n->expired},
        {STAT_PQ_REFUSED, n->refused},
        {STAT_PQ_REPETITIONS, n->repetitions},
        {STAT_PQ_READY, pq_party_ready(c->quorum.party)},
    };

    memcpy(s->rows + s->n, rows, sizeof rows);
    s->n += sizeof rows / sizeof rows[0];
}

static void add_presign_rows(const struct core *c, struct core_stats *s)
{
    struct presign_counts n;
    const size_t ready = core_presign_counts(c, &n);
    const struct core_stat rows[] = {
        {STAT_PRESIGN_MADE, n.made},       {STAT_PRESIGN_USED, n.used},
        {STAT_PRESIGN_EXPIRED, n.expired}, {STAT_PRESIGN_VOIDED, n.voided},
        {STAT_PRESIGN_READY, ready},
    };

    memcpy(s->rows + s->n, rows, sizeof rows);
    s->n += sizeof rows / sizeof rows[0];
}

void core_answer_stats(const struct core *c, struct writer *w)
{
    const struct core_counts *const n = &c->counts;
    struct core_stats s = {
        .n = 13,
        .rows = {{STAT_STAMPS_SIGNED, n->stamps_signed},
                 {STAT_R1_OPENED, n->r1_opened},
                 {STAT_R1_OPEN, c->r1.open},
                 {STAT_R1_EXPIRED, n->r1_expired},
                 {STAT_R2_REFUSED_STALE, n->refused_stale},
                 {STAT_R2_REFUSED_TIME, n->refused_time},
                 {STAT_R2_REFUSED_OTHER, n->refused_other},
                 {STAT_CONNECTIONS, n->connections},
                 {STAT_CONNECTIONS_REFUSED, n->connections_refused},
                 {STAT_CONNECTIONS_TIMED_OUT, n->connections_timed_out},
                 {STAT_BAD_FRAMES, n->bad_frames},
                 {STAT_JOBS_BUSY, n->jobs_busy},
                 {STAT_AUDIT_OVERWRITTEN, audit_ring_lost(&c->audit)}},
    };

    if (c->quorum.party != NULL) {
        add_quorum_rows(c, &s);
    }
    if (c->presign.pool != NULL) {
        add_presign_rows(c, &s);
    }
    core_stats_encode(w, &s);
}

void core_answer_audit(struct core *c, const struct audit_ask *ask, struct writer *w)
{
    audit_ring_page(&c->audit, ask->from_seq, ask->max, &c->page);
    audit_page_encode(w, &c->page);
}
