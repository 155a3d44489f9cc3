/* pq1_scene.h - an attested channel between two ends, message by message, for who stands in
 * between. Alice has index 0 and machine 0xa0, bob index 4 and machine 0xb0. */
#ifndef TESTS_PQ1_SCENE_H
#define TESTS_PQ1_SCENE_H

#include "pq1_machine.h"

#include <string.h>

#define ALICE 0xa0
#define BOB 0xb0
#define MALLORY 0xe0

struct said {
    uint8_t bytes[PQ1_HELLO_LEN + MACHINE_BLOCK_MAX];
    size_t n;
};

struct scene {
    struct end both[2];
    struct machine_judge judges[2];
    struct pq1_judge judge[2];
    struct said said[2][3]; /* by who said it: Hello, KEM, Finished */
};

static inline struct pq1_setup attested_setup(struct scene *s, size_t own)
{
    struct pq1_setup setup = setup_of(s->both, own);

    setup.judge = &s->judge[own];
    return setup;
}

static inline void set_up(struct scene *s)
{
    memset(s, 0, sizeof *s);
    end_new(&s->both[0], 1);
    end_new(&s->both[1], 2);
    s->judges[0] = (struct machine_judge){4, BOB, 0};
    s->judges[1] = (struct machine_judge){0, ALICE, 0};
    for (size_t i = 0; i < 2; i++) {
        s->judge[i] = (struct pq1_judge){machine_judge, &s->judges[i]};
    }
    for (size_t i = 0; i < 2; i++) {
        const struct pq1_setup setup = attested_setup(s, i);

        assert_int_equal(pq1_init(&s->both[i].c, &setup), ERR_OK);
    }
}

static inline struct view view_of(const struct said *m)
{
    return (struct view){m->bytes, m->n};
}

static inline struct writer writer_of(struct said *m)
{
    return wr_init(m->bytes, sizeof m->bytes);
}

static inline void begin(struct scene *s, size_t i)
{
    struct writer w = writer_of(&s->said[i][0]);

    assert_int_equal(pq1_begin(&s->both[i].c, &s->both[i].tools, &w), ERR_OK);
    s->said[i][0].n = w.len;
}

/* An end takes what it is told; what it says goes to said[to][which]. */
static inline enum err take(struct scene *s, size_t to, struct view message, size_t which)
{
    struct writer w = writer_of(&s->said[to][which]);
    const enum err e = pq1_take(&s->both[to].c, &s->both[to].tools, NOW, message, &w);

    s->said[to][which].n = w.len;
    return e;
}

/* An end's own machine gives what it wants. */
static inline void attest(struct scene *s, size_t i, uint8_t machine)
{
    struct writer w = writer_of(&s->said[i][1]);
    uint8_t wanted[REPORT_DATA_LEN];
    uint8_t block[MACHINE_BLOCK_MAX];
    size_t n = 0;

    assert_true(pq1_wants_evidence(&s->both[i].c, wanted));
    n = machine_block(machine, 0, wanted, block);
    assert_int_equal(pq1_give_evidence(&s->both[i].c, (struct view){block, n}, &w), ERR_OK);
    s->said[i][1].n = w.len;
}

/* As far as the KEMs of both. */
static inline void talk_to_kem(struct scene *s)
{
    begin(s, 0);
    begin(s, 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(take(s, i, view_of(&s->said[1 - i][0]), 1), ERR_OK);
        assert_int_equal(s->said[i][1].n, 0);
        attest(s, i, i == 0 ? ALICE : BOB);
    }
}

static inline void talk_to_finished(struct scene *s)
{
    talk_to_kem(s);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(take(s, i, view_of(&s->said[1 - i][1]), 2), ERR_OK);
        assert_int_equal(s->said[i][2].n, PQ1_FINISHED_LEN);
    }
}

static inline void talk(struct scene *s)
{
    talk_to_finished(s);
    for (size_t i = 0; i < 2; i++) {
        struct said none;
        struct writer w = wr_init(none.bytes, 0);

        assert_int_equal(
            pq1_take(&s->both[i].c, &s->both[i].tools, NOW, view_of(&s->said[1 - i][2]), &w),
            ERR_OK);
    }
}

/* An end refuses the KEM, with all that was being made. */
static inline void refuses(struct scene *s, size_t end, struct view kem, enum err want)
{
    assert_int_equal(take(s, end, kem, 2), want);
    assert_int_equal(s->said[end][2].n, 0);
    assert_int_equal(s->both[end].c.step, PQ1_STEP_NONE);
    assert_nothing_made(s->both);
    assert_false(pq1_is_verified(&s->both[end].c));
}

#endif
