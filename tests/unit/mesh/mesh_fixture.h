/* mesh_fixture.h - two or five meshes for each test, what they say to one another, and hosts
 * that lose or keep packets. */
#ifndef TESTS_MESH_FIXTURE_H
#define TESTS_MESH_FIXTURE_H

#include "mesh_kit.h"
#include "testing.h"

static struct mesh_kit *kit;

static inline int begin(unsigned nodes)
{
    kit = mesh_kit_new(nodes);
    return kit->failed == ERR_OK ? 0 : -1;
}

static inline int five(void **state)
{
    (void)state;
    return begin(5);
}

static inline int two(void **state)
{
    (void)state;
    return begin(2);
}

static inline int end(void **state)
{
    const enum err failed = kit->failed;

    (void)state;
    mesh_kit_free(kit);
    return failed == ERR_OK ? 0 : -1;
}

/* ---- a host that loses ---- */

#define LOST_ANY UINT32_MAX

/* The packets of one kind from one node that are lost, from a number on. */
struct lost {
    unsigned from;      /* LOST_ANY */
    uint8_t kind, type; /* of a handshake: its message; 0: any */
    unsigned first, n;
    unsigned seen;
};

static inline bool lose(struct mesh_kit *k, unsigned from, unsigned to, uint8_t *packet,
                        size_t n)
{
    struct lost *const l = k->arg;

    (void)to;
    if ((from != l->from && l->from != LOST_ANY) || packet[0] != l->kind ||
        (l->type != 0 && (n < 2 || packet[1] != l->type))) {
        return true;
    }
    l->seen++;
    return l->seen <= l->first || l->seen > l->first + l->n;
}

/* ---- what is said ---- */

static unsigned got;
static uint8_t got_mark;

static inline void count_got(struct mesh_kit *k, unsigned to, const struct mesh_message *in)
{
    (void)k;
    (void)to;
    got++;
    got_mark = in->body.n > 0 ? in->body.p[0] : 0;
}

static inline enum err say(unsigned from, unsigned to, uint8_t mark)
{
    const struct pq1_about about = {.type = MESH_PRESIGN, .round = 1, .session = {mark}};

    return mesh_send(kit->m[from], to, &about, (struct view){&mark, 1}, kit->now_ns);
}

static inline void reach(unsigned from, unsigned to, uint8_t mark)
{
    got = 0;
    got_mark = 0;
    kit->got = count_got;
    assert_int_equal(say(from, to, mark), ERR_OK);
    mesh_kit_settle(kit);
    assert_int_equal(got, 1);
    assert_int_equal(got_mark, mark);
}

static inline void everybody_reaches_everybody(void)
{
    for (unsigned i = 0; i < kit->nodes; i++) {
        for (unsigned j = 0; j < kit->nodes; j++) {
            if (i != j) {
                reach(i, j, (uint8_t)(10 * i + j + 1));
            }
        }
    }
}

/* ---- a host that keeps ---- */

/* What one holds back and brings later, or again. */
struct kept {
    unsigned from;
    uint8_t kind;
    size_t n, most;
    bool drops; /* else it arrives now, too */
    uint8_t bytes[64][256];
    size_t len[64];
};

static inline bool keep(struct mesh_kit *k, unsigned from, unsigned to, uint8_t *packet,
                        size_t n)
{
    struct kept *const h = k->arg;

    (void)to;
    if (from == h->from && packet[0] == h->kind && h->n < h->most && n <= sizeof h->bytes[0]) {
        memcpy(h->bytes[h->n], packet, n);
        h->len[h->n++] = n;
        return !h->drops;
    }
    return true;
}

/* ---- a host that alters ---- */

/* One bit of the first message of a handshake that a node sends. */
struct altered {
    unsigned from;
    uint8_t type; /* 0: any */
    size_t at;
    bool done;
};

static inline bool alter(struct mesh_kit *k, unsigned from, unsigned to, uint8_t *packet,
                         size_t n)
{
    struct altered *const a = k->arg;

    (void)to;
    if (from == a->from && packet[0] == MESH_HANDSHAKE && !a->done && a->at < n &&
        (a->type == 0 || packet[1] == a->type)) {
        packet[a->at] ^= 0x10;
        a->done = true;
    }
    return true;
}

#define MESH_TEST(nodes, test) cmocka_unit_test_setup_teardown(test, nodes, end)

#endif
