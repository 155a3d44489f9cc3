#include "host/front/rate_limit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LOCKS 64 /* sets share locks */
#define MICRO UINT64_C(1000000)

/* Levels are in millionths of a request. */
struct entry {
    struct rate_key key; /* family 0: unused */
    uint32_t level_hi;   /* whole requests left */
    uint32_t level_lo;   /* and millionths */
    int64_t at_ns;       /* when that was */
};

struct rate_limit {
    size_t sets; /* a power of two */
    uint64_t seed;
    pthread_mutex_t locks[LOCKS];
    struct entry *entries; /* sets * RATE_WAYS */
};

struct rate_limit *rate_limit_new(size_t entries_max, uint64_t seed)
{
    struct rate_limit *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return NULL;
    }
    r->seed = seed;
    r->sets = 1;
    while (r->sets * RATE_WAYS < entries_max) {
        r->sets *= 2;
    }
    r->entries = calloc(r->sets, RATE_WAYS * sizeof *r->entries);
    if (r->entries == NULL) {
        free(r);
        return NULL;
    }
    for (size_t i = 0; i < LOCKS; i++) {
        (void)pthread_mutex_init(&r->locks[i], NULL); /* never fails with glibc */
    }
    return r;
}

void rate_limit_free(struct rate_limit *r)
{
    if (r != NULL) {
        free(r->entries);
        free(r);
    }
}

/* splitmix64's finish, keyed: an attacker who does not know seed cannot choose which addresses
 * collide. */
static uint64_t mix(uint64_t x, uint64_t seed)
{
    x ^= seed;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    x ^= seed << 32 | seed >> 32;
    x = (x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return x ^ x >> 32;
}

static size_t set_of(const struct rate_limit *r, const struct rate_key *key)
{
    uint64_t x;

    memcpy(&x, key->bytes, sizeof x);
    return (size_t)(mix(x + key->family, r->seed) & (r->sets - 1));
}

static bool same_key(const struct rate_key *a, const struct rate_key *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, RATE_KEY_LEN) == 0;
}

/* The client's entry, or the one that it takes over. */
static struct entry *find(struct entry *set, const struct rate_key *key, uint32_t burst,
                          int64_t now_ns)
{
    struct entry *oldest = set;

    for (size_t i = 0; i < RATE_WAYS; i++) {
        if (same_key(&set[i].key, key)) {
            return &set[i];
        }
        if (set[i].key.family == 0 || set[i].at_ns < oldest->at_ns) {
            oldest = &set[i];
        }
        if (oldest->key.family == 0) {
            break;
        }
    }
    *oldest = (struct entry){.key = *key, .level_hi = burst, .at_ns = now_ns};
    return oldest;
}

/* Gives back what the time since the last call is worth, up to burst; in millionths. */
static uint64_t refill(struct entry *e, uint32_t per_s, uint32_t burst, int64_t now_ns)
{
    const uint64_t full = (uint64_t)burst * MICRO;
    const uint64_t level = e->level_hi * MICRO + e->level_lo;
    const uint64_t passed_us = now_ns > e->at_ns ? (uint64_t)(now_ns - e->at_ns) / 1000 : 0;

    if (passed_us >= full / per_s) {
        e->at_ns = now_ns > e->at_ns ? now_ns : e->at_ns;
        return full;
    }
    e->at_ns += (int64_t)passed_us * 1000; /* what is less than 1 us counts the next time */
    const uint64_t sum = level + passed_us * per_s;

    return sum < full ? sum : full;
}

unsigned rate_limit_take(struct rate_limit *r, const struct rate_key *key, uint32_t per_s,
                         uint32_t burst, int64_t now_ns)
{
    const size_t set = set_of(r, key);
    pthread_mutex_t *lock = &r->locks[set % LOCKS];
    unsigned wait_s = 0;

    (void)pthread_mutex_lock(lock);
    struct entry *e = find(&r->entries[set * RATE_WAYS], key, burst, now_ns);
    uint64_t level = refill(e, per_s, burst, now_ns);

    if (level >= MICRO) {
        level -= MICRO;
    } else {
        wait_s = (unsigned)((MICRO - level) / MICRO / per_s) + 1;
    }
    e->level_hi = (uint32_t)(level / MICRO);
    e->level_lo = (uint32_t)(level % MICRO);
    (void)pthread_mutex_unlock(lock);
    return wait_s;
}
