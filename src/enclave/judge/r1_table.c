#include "enclave/judge/r1_table.h"

#include "base/secret.h"

#include <string.h>

/* Where r1_id stands in a body: after epoch_id, key, sid0 and index. */
#define R1_ID_AT (EPOCH_ID_LEN + 1 + SID0_LEN + 1)

/* The id is random and ours, so its first bits spread evenly; a lookup with a foreign id walks
 * one short chain. */
static size_t bucket_of(const uint8_t *r1)
{
    return (r1[R1_ID_AT] | (size_t)r1[R1_ID_AT + 1] << 8) % R1_BUCKETS;
}

void r1_table_init(struct r1_table *t)
{
    wipe(t, sizeof *t);
    t->oldest_ns = INT64_MAX;
    for (size_t i = 0; i < R1_BUCKETS; i++) {
        t->buckets[i] = R1_NONE;
    }
    for (size_t i = 0; i < LIMIT_R1_OPEN; i++) {
        t->records[i].next = (uint16_t)(i + 1 < LIMIT_R1_OPEN ? i + 1 : R1_NONE);
    }
}

enum err r1_table_open(struct r1_table *t, uint32_t lane, int64_t now_ns, struct view r1)
{
    const uint16_t at = t->free;
    uint16_t *const head = &t->buckets[bucket_of(r1.p)];
    struct r1_record *r;

    if (at == R1_NONE) {
        return ERR_NOSPACE;
    }
    r = &t->records[at];
    t->free = r->next;
    r->next = *head;
    *head = at;
    r->open = true;
    r->lane = (uint8_t)lane;
    r->opened_ns = now_ns;
    r->n = (uint16_t)r1.n;
    memcpy(r->r1, r1.p, r1.n);
    t->oldest_ns = now_ns < t->oldest_ns ? now_ns : t->oldest_ns;
    t->open++;
    t->open_of[lane]++;
    return ERR_OK;
}

/* Takes the record out of its chain, which link points into, and erases it. */
static void drop(struct r1_table *t, uint16_t *link)
{
    const uint16_t at = *link;
    struct r1_record *const r = &t->records[at];

    *link = r->next;
    t->open_of[r->lane]--;
    wipe(r, sizeof *r);
    r->next = t->free;
    t->free = at;
    t->open--;
}

enum err r1_table_use(struct r1_table *t, struct view r1, int64_t *opened_ns)
{
    uint16_t *link;

    *opened_ns = 0;
    if (r1.n < R1_BODY_LEN) {
        return ERR_STALE;
    }
    for (link = &t->buckets[bucket_of(r1.p)]; *link != R1_NONE;
         link = &t->records[*link].next) {
        const struct r1_record *const r = &t->records[*link];

        if (view_equal((struct view){r->r1, r->n}, r1)) {
            *opened_ns = r->opened_ns;
            drop(t, link);
            return ERR_OK;
        }
    }
    return ERR_STALE;
}

/* The link in its chain that points to a record. */
static uint16_t *link_to(struct r1_table *t, size_t at)
{
    uint16_t *link = &t->buckets[bucket_of(t->records[at].r1)];

    while (*link != at) {
        link = &t->records[*link].next;
    }
    return link;
}

size_t r1_table_expire(struct r1_table *t, int64_t now_ns)
{
    int64_t oldest = INT64_MAX;
    size_t gone = 0;

    if (t->open == 0 || now_ns - t->oldest_ns <= R1_LIFE_NS) {
        return 0;
    }
    for (size_t i = 0; i < LIMIT_R1_OPEN; i++) {
        const struct r1_record *const r = &t->records[i];

        if (r->open && now_ns - r->opened_ns > R1_LIFE_NS) {
            drop(t, link_to(t, i));
            gone++;
        } else if (r->open && r->opened_ns < oldest) {
            oldest = r->opened_ns;
        }
    }
    t->oldest_ns = oldest;
    return gone;
}

size_t r1_table_void_key(struct r1_table *t, uint8_t key)
{
    size_t gone = 0;

    for (size_t i = 0; i < LIMIT_R1_OPEN; i++) {
        if (t->records[i].open && t->records[i].r1[EPOCH_ID_LEN] == key) {
            drop(t, link_to(t, i));
            gone++;
        }
    }
    return gone;
}

size_t r1_table_void(struct r1_table *t)
{
    const size_t gone = t->open;

    r1_table_init(t);
    return gone;
}
