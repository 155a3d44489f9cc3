#include "host/coord/classic_promise.h"

#include <string.h>

unsigned classic_party(unsigned s, unsigned place)
{
    unsigned party = 0;

    while ((s >> party & 1) == 0 || place-- > 0) {
        party++;
    }
    return party;
}

unsigned classic_place(unsigned s, unsigned party)
{
    unsigned place = 0;

    if ((s >> party & 1) == 0) {
        return TECDSA_T;
    }
    for (unsigned i = 0; i < party; i++) {
        place += s >> i & 1;
    }
    return place;
}

void classic_ask_encode(const struct classic_ask *a, const uint8_t epoch_id[EPOCH_ID_LEN],
                        struct writer *w)
{
    uint8_t sid0[STAMP_BATCH_MAX * SID0_LEN];
    struct r1_ask ask = {.key = KEY_CLASSIC, .sid0 = {sid0, a->n * SID0_LEN}};

    for (size_t i = 0; i < a->n; i++) {
        memcpy(sid0 + i * SID0_LEN, a->promises[i].sid0, SID0_LEN);
    }
    memcpy(ask.epoch_id, epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(w, &ask);
}

enum err classic_ask_take(struct classic_ask *a, const uint8_t epoch_id[EPOCH_ID_LEN],
                          unsigned place, unsigned party, struct view body)
{
    struct reader r;
    struct view r1s;

    TRY(r1_answer_decode(body, R1_PROVEN_LEN, &r1s));
    if (r1s.n != a->n * R1_PROVEN_LEN) {
        return ERR_MISMATCH;
    }
    r = rd_init(r1s);
    for (size_t i = 0; i < a->n; i++) {
        struct classic_promise *const p = &a->promises[i];
        struct r1_body b;
        struct view one;

        TRY(rd_take(&r, R1_PROVEN_LEN, &one));
        TRY(r1_body_decode((struct view){one.p, R1_BODY_LEN}, &b));
        if (memcmp(b.epoch_id, epoch_id, EPOCH_ID_LEN) != 0 || b.key != KEY_CLASSIC ||
            b.index != party + 1 || memcmp(b.sid0, p->sid0, SID0_LEN) != 0) {
            return ERR_MISMATCH;
        }
        memcpy(p->r1s + (size_t)place * R1_PROVEN_LEN, one.p, R1_PROVEN_LEN);
    }
    a->answered |= 1U << place;
    return ERR_OK;
}

void classic_promises_add(struct classic_promises *p, const struct classic_ask *a)
{
    for (size_t i = 0; i < a->n && p->n < CLASSIC_PROMISES_MAX; i++) {
        p->at[p->n++] = a->promises[i];
    }
}

static void drop(struct classic_promises *p, size_t at)
{
    p->n--;
    memmove(&p->at[at], &p->at[at + 1], (p->n - at) * sizeof p->at[0]);
}

void classic_promises_expire(struct classic_promises *p, int64_t now_ns)
{
    /* Two questions may have been answered out of order: each one is looked at. */
    for (size_t i = p->n; i-- > 0;) {
        if (now_ns - p->at[i].asked_ns > p->life_ns) {
            drop(p, i);
        }
    }
}

void classic_promises_drop(struct classic_promises *p, unsigned t)
{
    for (size_t i = p->n; i-- > 0;) {
        if (p->at[i].t == t) {
            drop(p, i);
        }
    }
}

size_t classic_promises_count(const struct classic_promises *p, unsigned t)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        n += p->at[i].t == t;
    }
    return n;
}

const struct classic_promise *classic_promises_first(const struct classic_promises *p,
                                                     unsigned t)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->at[i].t == t) {
            return &p->at[i];
        }
    }
    return NULL;
}

void classic_promises_take(struct classic_promises *p, unsigned t)
{
    const struct classic_promise *const first = classic_promises_first(p, t);

    if (first != NULL) {
        drop(p, (size_t)(first - p->at));
    }
}
