#include "plant.h"

#include "sim_level.h"

#include "enclave/judge/judge.h"
#include "enclave/quorum/pq_party.h"
#include "host/coord/quorum_slot.h"

#include <string.h>

const char *const plant_names[PLANT_COUNT] = {
    "none",     "judgement-1", "judgement-2", "judgement-3", "judgement-4", "judgement-5",
    "r1-twice", "batch-twice", "epoch",       "r1-unproven", "two-tokens"};

#define NOBODY UINT32_MAX

static enum plant planted;
static unsigned planted_in = NOBODY;
static unsigned driven = NOBODY;

void plant_in(enum plant what, unsigned node)
{
    planted = what;
    planted_in = node;
}

void plant_enter(unsigned node)
{
    driven = node;
}

void plant_leave(void)
{
    driven = NOBODY;
}

static bool has(enum plant what)
{
    return planted == what && driven == planted_in && driven != NOBODY;
}

/* Names as the linker makes them. */
enum err __real_r1_table_use(struct r1_table *t, struct view r1, int64_t *opened_ns);
enum err __wrap_r1_table_use(struct r1_table *t, struct view r1, int64_t *opened_ns);
size_t __real_r1_table_expire(struct r1_table *t, int64_t now_ns);
size_t __wrap_r1_table_expire(struct r1_table *t, int64_t now_ns);
size_t __real_r1_table_void(struct r1_table *t);
size_t __wrap_r1_table_void(struct r1_table *t);
enum err __real_judge_stamp(const struct judge *j, const struct r2_head *h,
                            const struct r2_stamp *s, const struct boot_policy **policy,
                            struct stamp *out);
enum err __wrap_judge_stamp(const struct judge *j, const struct r2_head *h,
                            const struct r2_stamp *s, const struct boot_policy **policy,
                            struct stamp *out);
enum err __wrap_ed25519_verify(struct work_stack *w,
                               const uint8_t public_key[ED25519_PUBLIC_LEN],
                               struct view message, const uint8_t sig[ED25519_SIG_LEN]);
void __real_tmldsa_batch_destroy(const struct tmldsa_params *params,
                                 struct tmldsa_batch *batch);
void __wrap_tmldsa_batch_destroy(const struct tmldsa_params *params,
                                 struct tmldsa_batch *batch);
void __real_pq_place_empty(struct pq_party *p, struct pq_place *place);
void __wrap_pq_place_empty(struct pq_party *p, struct pq_place *place);
void __real_quorum_slots_drop(struct quorum_slot *slots, struct quorum_core *cores,
                              const struct coord_job *job, int64_t now_ns);
void __wrap_quorum_slots_drop(struct quorum_slot *slots, struct quorum_core *cores,
                              const struct coord_job *job, int64_t now_ns);

/* ---- one R1, one R2 ---- */

enum err __wrap_r1_table_use(struct r1_table *t, struct view r1, int64_t *opened_ns)
{
    const enum err e = __real_r1_table_use(t, r1, opened_ns);

    if (e == ERR_OK && has(PLANT_R1_TWICE)) {
        return r1_table_open(t, 0, *opened_ns, r1);
    }
    if (has(PLANT_JUDGEMENT_2)) {
        *opened_ns = INT64_MAX;
    }
    if (e != ERR_OK && has(PLANT_JUDGEMENT_1)) {
        *opened_ns = INT64_MAX;
        return ERR_OK;
    }
    return e;
}

size_t __wrap_r1_table_expire(struct r1_table *t, int64_t now_ns)
{
    return has(PLANT_JUDGEMENT_2) ? 0 : __real_r1_table_expire(t, now_ns);
}

size_t __wrap_r1_table_void(struct r1_table *t)
{
    return has(PLANT_JUDGEMENT_2) ? 0 : __real_r1_table_void(t);
}

/* ---- the judgements of which nothing is left in between ---- */

/* What judge_stamp() says after the judgement that was left out. without: judgement 3 or 4. */
static enum err judge_rest(const struct judge *j, const struct r2_head *h,
                           const struct r2_stamp *s, enum plant without,
                           const struct boot_policy **policy, struct stamp *out)
{
    const struct boot_policy *p = NULL;
    struct stamp st;

    TRY(j->standing);
    for (size_t i = 0; i < j->n_policies; i++) {
        if (j->policies[i].number == s->policy && j->policies[i].key == j->key) {
            p = &j->policies[i];
        }
    }
    if (p == NULL) {
        return ERR_POLICY;
    }
    TRY(stamp_derive(h, s, &p->rule, &st));
    if (without == PLANT_JUDGEMENT_4 &&
        !judge_time(&st, stamp_unit_ms(p->rule.digits), j->now.lo_ns, j->now.hi_ns)) {
        return ERR_TIME;
    }
    *policy = p;
    *out = st;
    return ERR_OK;
}

enum err __wrap_judge_stamp(const struct judge *j, const struct r2_head *h,
                            const struct r2_stamp *s, const struct boot_policy **policy,
                            struct stamp *out)
{
    struct judge believer = *j;
    struct r2_head head = *h;
    enum err e;

    if (has(PLANT_EPOCH)) { /* whatever epoch it names, it is this one */
        memcpy(head.epoch_id, j->epoch_id, EPOCH_ID_LEN);
    }
    if (has(PLANT_JUDGEMENT_5)) {
        believer.epoch_id = h->epoch_id;
        believer.activation = h->activation;
        believer.threshold = h->t;
    }
    e = __real_judge_stamp(&believer, &head, s, policy, out);
    if (e == ERR_TIME && has(PLANT_JUDGEMENT_3)) {
        return judge_rest(j, h, s, PLANT_JUDGEMENT_3, policy, out);
    }
    if (e == ERR_MISMATCH && has(PLANT_JUDGEMENT_4)) {
        return judge_rest(j, h, s, PLANT_JUDGEMENT_4, policy, out);
    }
    return e;
}

/* ---- proofs ---- */

enum err __wrap_ed25519_verify(struct work_stack *w,
                               const uint8_t public_key[ED25519_PUBLIC_LEN],
                               struct view message, const uint8_t sig[ED25519_SIG_LEN])
{
    static const char label[] = "quorate-r1-v1";

    if (has(PLANT_R1_UNPROVEN) && message.n > sizeof label &&
        memcmp(message.p, label, sizeof label - 1) == 0) {
        return ERR_OK;
    }
    return sim_level_verify(w, public_key, message, sig);
}

/* ---- batches ---- */

void __wrap_tmldsa_batch_destroy(const struct tmldsa_params *params, struct tmldsa_batch *batch)
{
    if (has(PLANT_BATCH_TWICE) && batch->state == TMLDSA_BATCH_REVEALED) {
        batch->state = TMLDSA_BATCH_PUBLISHED;
        return;
    }
    __real_tmldsa_batch_destroy(params, batch);
}

void __wrap_pq_place_empty(struct pq_party *p, struct pq_place *place)
{
    if (has(PLANT_BATCH_TWICE) && place->batch.state == TMLDSA_BATCH_PUBLISHED &&
        place->state == PQ_ANSWERING) {
        place->state = PQ_READY;
        place->since_ns = PQ_NEVER;
        return;
    }
    __real_pq_place_empty(p, place);
}

/* ---- the coordinator ---- */

void __wrap_quorum_slots_drop(struct quorum_slot *slots, struct quorum_core *cores,
                              const struct coord_job *job, int64_t now_ns)
{
    for (size_t i = 0; planted == PLANT_TWO_TOKENS && i < QUORUM_RUNS_MAX; i++) {
        if (slots[i].busy && slots[i].run.job == job && slots[i].run.found) {
            quorum_slot_free(&slots[i], cores);
            return;
        }
    }
    __real_quorum_slots_drop(slots, cores, job, now_ns);
}
