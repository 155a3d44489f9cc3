#include "host/coord/classic_pool.h"

#include "base/mask.h"

#include <string.h>

void classic_pool_init(struct classic_pool *p, unsigned nodes)
{
    memset(p, 0, sizeof *p);
    for (unsigned s = 0; s < 1U << nodes; s++) {
        if (mask_count(s) == TECDSA_T) {
            p->shelves[p->n_triples++].s = (uint8_t)s;
        }
    }
}

unsigned classic_pool_find(const struct classic_pool *p, unsigned s)
{
    unsigned t = 0;

    while (t < p->n_triples && p->shelves[t].s != s) {
        t++;
    }
    return t;
}

static bool is_whole(const struct classic_shelf *shelf, const struct classic_record *r)
{
    return r->listed == shelf->s && !r->odd;
}

static void drop(struct classic_shelf *shelf, unsigned at)
{
    shelf->whole -= is_whole(shelf, &shelf->at[at]);
    shelf->n--;
    memmove(&shelf->at[at], &shelf->at[at + 1], (shelf->n - at) * sizeof shelf->at[0]);
}

static bool was_taken(const struct classic_pool *p, const uint8_t *id)
{
    const unsigned n = p->n_taken < CLASSIC_TAKEN_MAX ? p->n_taken : CLASSIC_TAKEN_MAX;

    for (unsigned i = 0; i < n; i++) {
        if (memcmp(p->taken[i], id, CLASSIC_TAKEN_LEN) == 0) {
            return true;
        }
    }
    return false;
}

/* The record of that id; NULL: there is none. */
static struct classic_record *find(struct classic_shelf *shelf, const uint8_t *id)
{
    for (unsigned i = 0; i < shelf->n; i++) {
        if (memcmp(shelf->at[i].id, id, TECDSA_HASH_LEN) == 0) {
            return &shelf->at[i];
        }
    }
    return NULL;
}

/* A place for one more; NULL: the shelf is full of what is of use. */
static struct classic_record *add(struct classic_shelf *shelf)
{
    for (unsigned i = 0; shelf->n == CLASSIC_PER_TRIPLE_MAX && i < shelf->n; i++) {
        if (!is_whole(shelf, &shelf->at[i])) {
            drop(shelf, i);
        }
    }
    return shelf->n < CLASSIC_PER_TRIPLE_MAX ? &shelf->at[shelf->n++] : NULL;
}

bool classic_pool_list(struct classic_pool *p, unsigned party, unsigned s,
                       const uint8_t id[TECDSA_HASH_LEN], const uint8_t r[TECDSA_SCALAR_LEN],
                       int64_t now_ns)
{
    const unsigned t = classic_pool_find(p, s);
    struct classic_shelf *const shelf = &p->shelves[t < p->n_triples ? t : 0];
    struct classic_record *record;

    if (t == p->n_triples || (s >> party & 1) == 0) {
        return false;
    }
    if (was_taken(p, id)) {
        return true;
    }
    record = find(shelf, id);
    if (record == NULL) {
        record = add(shelf);
        if (record == NULL) {
            return true;
        }
        *record = (struct classic_record){.since_ns = now_ns};
        memcpy(record->id, id, sizeof record->id);
        memcpy(record->r, r, sizeof record->r);
    }
    shelf->whole -= is_whole(shelf, record);
    record->odd = record->odd || memcmp(record->r, r, sizeof record->r) != 0;
    record->listed |= (uint8_t)(1U << party);
    shelf->whole += is_whole(shelf, record);
    return !record->odd;
}

void classic_pool_forget(struct classic_pool *p, unsigned party)
{
    for (unsigned t = 0; t < p->n_triples; t++) {
        struct classic_shelf *const shelf = &p->shelves[t];

        for (unsigned i = shelf->n; i-- > 0;) {
            struct classic_record *const record = &shelf->at[i];

            shelf->whole -= is_whole(shelf, record);
            record->listed &= (uint8_t) ~(1U << party);
            shelf->whole += is_whole(shelf, record);
            if (record->listed == 0) {
                drop(shelf, i);
            }
        }
    }
}

void classic_pool_expire(struct classic_pool *p, int64_t now_ns)
{
    for (unsigned t = 0; t < p->n_triples; t++) {
        struct classic_shelf *const shelf = &p->shelves[t];

        while (shelf->n > 0 && now_ns - shelf->at[0].since_ns >= CLASSIC_AGE_NS) {
            drop(shelf, 0);
        }
    }
}

unsigned classic_pool_stock(const struct classic_pool *p, unsigned t)
{
    return p->shelves[t].whole;
}

const struct classic_record *classic_pool_pick(const struct classic_pool *p, unsigned t,
                                               uint64_t chance)
{
    const struct classic_shelf *const shelf = &p->shelves[t];
    unsigned left;

    if (shelf->whole == 0) {
        return NULL;
    }
    left = (unsigned)(chance % (shelf->whole < CLASSIC_PICK ? shelf->whole : CLASSIC_PICK));
    for (unsigned i = 0; i < shelf->n; i++) {
        if (is_whole(shelf, &shelf->at[i]) && left-- == 0) {
            return &shelf->at[i];
        }
    }
    return NULL;
}

void classic_pool_take(struct classic_pool *p, unsigned t, const struct classic_record *picked,
                       struct classic_record *out)
{
    *out = *picked;
    drop(&p->shelves[t], (unsigned)(picked - p->shelves[t].at));
}

void classic_pool_taken(struct classic_pool *p, const uint8_t id[TECDSA_HASH_LEN])
{
    memcpy(p->taken[p->n_taken++ % CLASSIC_TAKEN_MAX], id, CLASSIC_TAKEN_LEN);
}
