#include "enclave/presign/presign_standing.h"

#include "base/mask.h"

#include <string.h>

#define MINUTE_NS INT64_C(60000000000)

static bool has(unsigned mask, unsigned node)
{
    return (mask >> node & 1) != 0;
}

/* Three nodes, this one among them. */
static bool is_own(const struct presign_standing *s, unsigned triple)
{
    return triple < 1U << TECDSA_PARTIES_MAX && mask_count(triple) == TECDSA_T &&
           has(triple, s->own);
}

/* Drops times that are over span_ns old, and, where there is no room, the first; adds one. */
static void note(int64_t *times, size_t *n, size_t most, int64_t span_ns, int64_t now_ns)
{
    size_t old = 0;

    while (old < *n && now_ns - times[old] >= span_ns) {
        old++;
    }
    if (*n - old == most) {
        old++;
    }
    *n -= old;
    memmove(times, times + old, *n * sizeof times[0]);
    times[(*n)++] = now_ns;
}

/* ---- pairs ---- */

void presign_standing_failed(struct presign_standing *s, unsigned peer, int64_t now_ns)
{
    static const int64_t wait_ns[PRESIGN_FAILURES_MAX] = {
        MINUTE_NS, 10 * MINUTE_NS, 60 * MINUTE_NS, 360 * MINUTE_NS, INT64_MAX};
    struct presign_with *with = NULL;

    if (peer >= TECDSA_PARTIES_MAX || peer == s->own) {
        return;
    }
    with = &s->with[peer];
    note(with->failed_ns, &with->n, PRESIGN_FAILURES_MAX, PRESIGN_DAY_NS, now_ns);
    if (with->n == PRESIGN_FAILURES_MAX) {
        with->dead = true;
    } else {
        with->wait_until_ns = now_ns + wait_ns[with->n - 1];
    }
}

bool presign_standing_renew(struct presign_standing *s, unsigned peer, int64_t now_ns)
{
    if (s->renewing || peer >= TECDSA_PARTIES_MAX || peer == s->own || s->with[peer].dead ||
        now_ns < s->with[peer].wait_until_ns) {
        return false;
    }
    s->renewing = true;
    return true;
}

void presign_standing_renewed(struct presign_standing *s)
{
    s->renewing = false;
}

void presign_standing_order(struct presign_standing *s, unsigned peer)
{
    struct presign_with *with = NULL;

    if (peer >= TECDSA_PARTIES_MAX) {
        return;
    }
    with = &s->with[peer];
    with->dead = false; /* the next failure of this day makes it so again */
    with->out = false;
    with->wait_until_ns = 0;
    for (unsigned t = 0; t < 1U << TECDSA_PARTIES_MAX; t++) {
        s->triples[t].bad = s->triples[t].bad && !has(t, peer);
    }
}

/* ---- triples ---- */

/* Whether these nodes being bad would explain all that failed. */
static bool explains(const struct presign_standing *s, unsigned bad)
{
    for (unsigned t = 0; t < 1U << TECDSA_PARTIES_MAX; t++) {
        if (s->triples[t].bad && (t & bad) == 0) {
            return false;
        }
    }
    return true;
}

static void leave_out(struct presign_with *with, int64_t now_ns)
{
    if (!with->out) {
        with->out = true;
        with->out_ns = now_ns;
    }
}

/* Who is bad whichever of the explanations holds; of none, more are bad than the key is for,
 * and nothing follows. */
static void find_out(struct presign_standing *s, int64_t now_ns)
{
    unsigned sure = ~0U;
    bool any = false;

    for (unsigned bad = 0; bad < 1U << TECDSA_PARTIES_MAX; bad++) {
        if (!has(bad, s->own) && mask_count(bad) < TECDSA_T && explains(s, bad)) {
            sure &= bad;
            any = true;
        }
    }
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX && any; i++) {
        if (has(sure, i)) {
            leave_out(&s->with[i], now_ns);
        }
    }
}

void presign_standing_triple(struct presign_standing *s, unsigned triple, int64_t now_ns)
{
    if (!is_own(s, triple)) {
        return;
    }
    s->triples[triple].bad = true;
    s->triples[triple].rests_until_ns = now_ns + PRESIGN_REST_NS;
    find_out(s, now_ns);
}

void presign_standing_proven(struct presign_standing *s, unsigned node, int64_t now_ns)
{
    if (node < TECDSA_PARTIES_MAX && node != s->own) {
        leave_out(&s->with[node], now_ns);
    }
}

static bool was_counted(const struct presign_standing *s, const uint8_t id[TECDSA_HASH_LEN])
{
    for (size_t i = 0; i < s->n_counted && i < PRESIGN_WRONG_KEPT; i++) {
        if (memcmp(s->counted[i], id, TECDSA_HASH_LEN) == 0) {
            return true;
        }
    }
    return false;
}

enum err presign_standing_wrong(struct presign_standing *s, unsigned triple,
                                const uint8_t id[TECDSA_HASH_LEN], int64_t now_ns)
{
    struct presign_triple *t = NULL;

    if (!is_own(s, triple)) {
        return ERR_RANGE;
    }
    if (was_counted(s, id)) {
        return ERR_STALE;
    }
    memcpy(s->counted[s->n_counted++ % PRESIGN_WRONG_KEPT], id, TECDSA_HASH_LEN);
    t = &s->triples[triple];
    note(t->wrong_ns, &t->n, PRESIGN_WRONG_MAX, PRESIGN_REST_NS, now_ns);
    if (t->n == PRESIGN_WRONG_MAX) {
        t->rests_until_ns = now_ns + PRESIGN_REST_NS;
    }
    return ERR_OK;
}

bool presign_standing_usable(const struct presign_standing *s, unsigned triple, int64_t now_ns)
{
    if (!is_own(s, triple) || now_ns < s->triples[triple].rests_until_ns) {
        return false;
    }
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) {
        if (has(triple, i) && (s->with[i].dead || s->with[i].out)) {
            return false;
        }
    }
    return true;
}

/* ---- what is told of it ---- */

bool presign_standing_shows(const struct presign_standing *s, unsigned peer, int64_t now_ns)
{
    const struct presign_with *const with = &s->with[peer];

    return with->n == 0 || now_ns - with->failed_ns[with->n - 1] >= PRESIGN_SHOWN_NS;
}

static bool just_rests(const struct presign_triple *t, int64_t now_ns)
{
    return now_ns < t->rests_until_ns &&
           now_ns - (t->rests_until_ns - PRESIGN_REST_NS) < PRESIGN_SHOWN_NS;
}

static bool is_just_out(const struct presign_with *with, int64_t now_ns)
{
    return with->out && now_ns - with->out_ns < PRESIGN_SHOWN_NS;
}

bool presign_standing_hides(const struct presign_standing *s, int64_t now_ns)
{
    bool any = false;

    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) {
        any = any || !presign_standing_shows(s, i, now_ns) || is_just_out(&s->with[i], now_ns);
    }
    for (unsigned t = 0; t < 1U << TECDSA_PARTIES_MAX && !any; t++) {
        any = just_rests(&s->triples[t], now_ns);
    }
    return any;
}

bool presign_standing_shows_usable(const struct presign_standing *s, unsigned triple,
                                   int64_t now_ns)
{
    const struct presign_triple *const t = &s->triples[is_own(s, triple) ? triple : 0];

    if (presign_standing_usable(s, triple, now_ns)) {
        return true;
    }
    if (!is_own(s, triple) || (now_ns < t->rests_until_ns && !just_rests(t, now_ns))) {
        return false;
    }
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) {
        const struct presign_with *const with = &s->with[i];

        if (has(triple, i) && ((with->dead && presign_standing_shows(s, i, now_ns)) ||
                               (with->out && !is_just_out(with, now_ns)))) {
            return false;
        }
    }
    return true;
}
