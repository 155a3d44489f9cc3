#include "enclave/presign/presign_pool.h"

#include "base/mask.h"
#include "base/secret.h"

#include <string.h>

static bool has(unsigned mask, unsigned node)
{
    return (mask >> node & 1) != 0;
}

/* ---- what there is room for ---- */

size_t presign_pool_slots(unsigned nodes, unsigned per_triple)
{
    if (nodes < TECDSA_T || nodes > TECDSA_PARTIES_MAX) {
        return 0;
    }
    return (size_t)(nodes - 1) * (nodes - 2) / 2 * per_triple;
}

enum err presign_pool_init(struct presign_pool *p, unsigned own, unsigned nodes,
                           unsigned per_triple, struct presign_slot *slots)
{
    memset(p, 0, sizeof *p);
    if (nodes < TECDSA_T || nodes > TECDSA_PARTIES_MAX || own >= nodes || per_triple == 0 ||
        per_triple > PRESIGN_PER_TRIPLE_MAX) {
        return ERR_RANGE;
    }
    p->own = own;
    r1_macs_init(&p->macs, own);
    p->per_triple = per_triple;
    p->slots = slots;
    for (unsigned s = 0; s < 1U << nodes; s++) {
        if (mask_count(s) == TECDSA_T && has(s, own)) {
            p->triples[p->n_triples++] = (uint8_t)s;
        }
    }
    return ERR_OK;
}

/* The place of a triple among the own ones; n_triples: not of this node. */
static unsigned row_of(const struct presign_pool *p, unsigned s)
{
    unsigned row = 0;

    while (row < p->n_triples && p->triples[row] != s) {
        row++;
    }
    return row;
}

/* ---- one slot ---- */

/* made_ns is set and the record fresh, or all of it is zero. */
static bool is_kept(const struct presign_slot *slot)
{
    return atomic_load(&slot->record.state) == TECDSA_PRESIGNATURE_FRESH && slot->made_ns != 0;
}

/* Where the number of a place is held that comes after, or before, that one. */
static uint32_t *after_of(struct presign_pool *p, uint32_t place)
{
    return place == 0 ? &p->first : &p->slots[place - 1].after;
}

static uint32_t *before_of(struct presign_pool *p, uint32_t place)
{
    return place == 0 ? &p->last : &p->slots[place - 1].before;
}

/* The bucket of an id. Ids are hashes, and public. */
static unsigned bucket_of(const uint8_t id[TECDSA_HASH_LEN])
{
    return (id[8] | (unsigned)id[9] << 8) % PRESIGN_BUCKETS;
}

/* Out of its bucket. */
static void unhash(struct presign_pool *p, const struct presign_slot *slot)
{
    const uint32_t place = (uint32_t)(slot - p->slots) + 1;
    uint32_t *from = &p->buckets[bucket_of(slot->record.id)];

    while (*from != 0 && *from != place) {
        from = &p->slots[*from - 1].beside;
    }
    *from = slot->beside;
}

/* One that is kept, as the last. */
static void link(struct presign_pool *p, struct presign_slot *slot)
{
    uint32_t *const bucket = &p->buckets[bucket_of(slot->record.id)];
    const uint32_t place = (uint32_t)(slot - p->slots) + 1;
    const unsigned row = (place - 1) / p->per_triple;

    p->kept[row]++;
    p->next[row] = (uint16_t)(place % p->per_triple);

    slot->number = ++p->last_number;
    slot->before = p->last;
    *after_of(p, p->last) = place;
    p->last = place;
    slot->beside = *bucket;
    *bucket = place;
}

static void erase(struct presign_pool *p, struct presign_slot *slot)
{
    if (slot->number != 0) {
        *after_of(p, slot->before) = slot->after;
        *before_of(p, slot->after) = slot->before;
        unhash(p, slot);
        p->kept[(size_t)(slot - p->slots) / p->per_triple]--;
    }
    wipe(slot, sizeof *slot);
}

/* Who asks may have read the clock before who made it; where a clock fell nothing is known. */
static bool is_old(const struct presign_slot *slot, int64_t now_ns)
{
    return slot->made_ns - now_ns > PRESIGN_AHEAD_NS ||
           now_ns - slot->made_ns >= PRESIGN_AGE_NS;
}

static struct presign_slot *at(const struct presign_pool *p, uint32_t place)
{
    return place == 0 ? NULL : &p->slots[place - 1];
}

static struct presign_slot *find(const struct presign_pool *p,
                                 const uint8_t id[TECDSA_HASH_LEN])
{
    struct presign_slot *slot = at(p, p->buckets[bucket_of(id)]);

    while (slot != NULL && memcmp(slot->record.id, id, TECDSA_HASH_LEN) != 0) {
        slot = at(p, slot->beside);
    }
    return slot;
}

const struct tecdsa_presignature *presign_pool_look(const struct presign_pool *p,
                                                    const uint8_t id[TECDSA_HASH_LEN])
{
    const struct presign_slot *const slot = find(p, id);

    return slot == NULL ? NULL : &slot->record;
}

unsigned presign_pool_triple(const struct presign_pool *p, const uint8_t id[TECDSA_HASH_LEN])
{
    const struct tecdsa_presignature *const record = presign_pool_look(p, id);

    return record == NULL ? 0 : record->s;
}

const struct presign_slot *presign_pool_above(const struct presign_pool *p, uint64_t number)
{
    const struct presign_slot *slot = at(p, p->last);
    const struct presign_slot *found = NULL;

    for (; slot != NULL && slot->number > number; slot = at(p, slot->before)) {
        found = slot;
    }
    return found;
}

const struct presign_slot *presign_pool_next(const struct presign_pool *p,
                                             const struct presign_slot *slot)
{
    return at(p, slot->after);
}

/* ---- in and out ---- */

struct tecdsa_presignature *presign_pool_place(struct presign_pool *p, unsigned s)
{
    const unsigned row = row_of(p, s);

    for (unsigned i = 0; row < p->n_triples && i < p->per_triple; i++) {
        const unsigned at = (p->next[row] + i) % p->per_triple;
        struct presign_slot *const slot = &p->slots[(size_t)row * p->per_triple + at];

        if (p->kept[row] == p->per_triple) {
            break;
        }
        if (!is_kept(slot)) {
            return &slot->record;
        }
    }
    return NULL;
}

static struct presign_slot *slot_of(struct presign_pool *p,
                                    const struct tecdsa_presignature *record)
{
    const unsigned row = row_of(p, record->s);

    for (unsigned i = 0; row < p->n_triples && i < p->per_triple; i++) {
        struct presign_slot *const slot = &p->slots[(size_t)row * p->per_triple + i];

        if (&slot->record == record) {
            return slot;
        }
    }
    return NULL;
}

enum err presign_pool_keep(struct presign_pool *p, struct tecdsa_presignature *record,
                           int64_t now_ns)
{
    struct presign_slot *const slot = slot_of(p, record);

    if (slot != NULL && is_kept(slot)) {
        return ERR_STATE;
    }
    if (slot == NULL || now_ns <= 0 ||
        atomic_load(&record->state) != TECDSA_PRESIGNATURE_FRESH ||
        find(p, record->id) != NULL) {
        wipe(record, sizeof *record);
        return ERR_STATE;
    }
    slot->made_ns = now_ns;
    link(p, slot);
    p->counts.made++;
    return ERR_OK;
}

enum err presign_pool_add(struct presign_pool *p, struct tecdsa_presignature *record,
                          int64_t now_ns)
{
    struct tecdsa_presignature *const place = presign_pool_place(p, record->s);

    if (place == NULL) {
        wipe(record, sizeof *record);
        return ERR_NOSPACE;
    }
    memcpy(place, record, sizeof *place);
    wipe(record, sizeof *record);
    return presign_pool_keep(p, place, now_ns);
}

struct answer_call {
    struct tecdsa_presignature *record;
    const uint8_t *id, *digest;
    struct tecdsa_answer *out;
};

static enum err answer(void *arg)
{
    const struct answer_call *const call = arg;

    return tecdsa_online_answer(call->record, call->id, call->digest, call->out);
}

enum err presign_pool_answer(struct presign_pool *p, struct work_stack *stack,
                             const uint8_t id[TECDSA_HASH_LEN],
                             const uint8_t digest[P384_DIGEST_LEN], int64_t now_ns,
                             struct tecdsa_answer *out)
{
    struct presign_slot *const slot = find(p, id);
    struct answer_call call = {.id = id, .digest = digest, .out = out};
    enum err e = ERR_STALE;

    memset(out, 0, sizeof *out);
    if (slot == NULL) {
        return e;
    }
    if (is_old(slot, now_ns)) {
        p->counts.expired++;
    } else {
        p->counts.used++;
        call.record = &slot->record;
        e = work_stack_run_gmp(stack, answer, &call);
    }
    erase(p, slot); /* whatever came of it */
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

unsigned presign_pool_count(const struct presign_pool *p, unsigned s)
{
    const unsigned row = row_of(p, s);

    return row < p->n_triples ? p->kept[row] : 0;
}

/* ---- what goes ---- */

void presign_pool_tick(struct presign_pool *p, int64_t now_ns)
{
    struct presign_slot *slot = at(p, p->first);

    while (slot != NULL && is_old(slot, now_ns)) {
        erase(p, slot);
        p->counts.expired++;
        slot = at(p, p->first);
    }
}

void presign_pool_lose(struct presign_pool *p, unsigned node)
{
    for (unsigned i = 0; i < p->n_triples; i++) {
        struct presign_slot *const slots = &p->slots[(size_t)i * p->per_triple];

        for (unsigned j = 0; j < p->per_triple && has(p->triples[i], node); j++) {
            p->counts.voided += is_kept(&slots[j]) ? 1 : 0;
            erase(p, &slots[j]);
        }
    }
}

void presign_pool_void(struct presign_pool *p, unsigned node)
{
    r1_macs_forget(&p->macs, node);
    presign_pool_lose(p, node);
}
