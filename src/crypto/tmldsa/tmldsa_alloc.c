#include "crypto/tmldsa/tmldsa_alloc.h"

#include <assert.h>
#include <string.h>

/* For the signers 0 to T-1, one row each; 0 ends a row. The same division as the reference's,
 * so that known answers agree. */
struct division {
    uint8_t t, n;
    uint8_t row[TMLDSA_PARTIES_MAX][TMLDSA_LOAD_MAX];
};
static const struct division divisions[] = {
    {2, 3, {{3, 5}, {6}}},
    {2, 4, {{11, 13}, {7, 14}}},
    {3, 4, {{3, 9}, {6, 10}, {5, 12}}},
    {2, 5, {{23, 27, 29}, {15, 30}}},
    {3, 5, {{11, 13, 19, 25}, {7, 14, 22, 26}, {21, 28}}},
    {4, 5, {{3, 9, 17}, {6, 10, 18}, {5, 12, 20}, {24}}},
    {2, 6, {{47, 55, 61}, {31, 59, 62}}},
    {3, 6, {{23, 27, 39, 43, 57}, {30, 46, 51, 54, 58}, {15, 29, 45, 53, 60}}},
    {4,
     6,
     {{7, 13, 19, 35, 49}, {22, 26, 38, 42, 50}, {21, 28, 37, 44, 52}, {11, 14, 25, 41, 56}}},
    {5, 6, {{3, 5, 33}, {6, 10, 34}, {12, 20, 36}, {9, 24, 40}, {17, 18, 48}}},
};

unsigned tmldsa_alloc_size(unsigned mask)
{
    unsigned size = 0;

    for (; mask != 0; mask &= mask - 1) {
        size++;
    }
    return size;
}

/* Subsets that have all of these members, of those that contain with. */
static struct tmldsa_masks subsets_with(const struct tmldsa_params *p, unsigned with)
{
    struct tmldsa_masks out = {0};

    for (unsigned mask = 1; mask < 1u << p->n; mask++) {
        if (tmldsa_alloc_size(mask) == (unsigned)(p->n - p->t + 1) && (mask & with) == with) {
            out.mask[out.n++] = (uint8_t)mask;
        }
    }
    return out;
}

struct tmldsa_masks tmldsa_alloc_all(const struct tmldsa_params *p)
{
    return subsets_with(p, 0);
}

struct tmldsa_masks tmldsa_alloc_held(const struct tmldsa_params *p, unsigned party)
{
    return subsets_with(p, 1u << party);
}

unsigned tmldsa_alloc_find(const struct tmldsa_masks *masks, unsigned mask)
{
    unsigned i = 0;

    while (i < masks->n && masks->mask[i] != mask) {
        i++;
    }
    return i;
}

bool tmldsa_alloc_is_quorum(const struct tmldsa_params *p, unsigned act)
{
    return act < 1u << p->n && tmldsa_alloc_size(act) == p->t;
}

/* Signer number j's row when 0 to T-1 sign. */
static void canonical_row(const struct tmldsa_params *p, unsigned j,
                          uint8_t row[TMLDSA_LOAD_MAX])
{
    memset(row, 0, TMLDSA_LOAD_MAX);
    if (p->t == p->n) {
        row[0] = (uint8_t)(1u << j);
        return;
    }
    for (unsigned i = 0; i < sizeof divisions / sizeof divisions[0]; i++) {
        if (divisions[i].t == p->t && divisions[i].n == p->n) {
            memcpy(row, divisions[i].row[j], TMLDSA_LOAD_MAX);
        }
    }
    assert(row[0] != 0);
}

static void insert(struct tmldsa_masks *masks, uint8_t mask)
{
    unsigned i = masks->n++;

    for (; i > 0 && masks->mask[i - 1] > mask; i--) {
        masks->mask[i] = masks->mask[i - 1];
    }
    masks->mask[i] = mask;
}

struct tmldsa_masks tmldsa_alloc_duty(const struct tmldsa_params *p, unsigned act,
                                      unsigned party)
{
    uint8_t to[TMLDSA_PARTIES_MAX] = {0}; /* signers ascending, then the others ascending */
    uint8_t row[TMLDSA_LOAD_MAX];
    struct tmldsa_masks out = {0};
    unsigned signers = 0;
    unsigned others = p->t;
    unsigned at = 0;

    assert(tmldsa_alloc_is_quorum(p, act) && (act >> party & 1) == 1);
    for (uint8_t i = 0; i < p->n; i++) {
        if ((act >> i & 1) == 1) {
            at = i == party ? signers : at;
            to[signers++] = i;
        } else {
            to[others++] = i;
        }
    }
    canonical_row(p, at, row);
    for (unsigned i = 0; i < TMLDSA_LOAD_MAX && row[i] != 0; i++) {
        unsigned mask = 0;

        for (unsigned b = 0; b < p->n; b++) {
            mask |= ((unsigned)row[i] >> b & 1) << to[b];
        }
        insert(&out, (uint8_t)mask);
    }
    return out;
}
