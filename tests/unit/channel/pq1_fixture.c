#include "pq1_fixture.h"

#include <stdlib.h>
#include <string.h>

void end_new(struct end *e, uint8_t seed)
{
    const uint8_t bytes[DRBG_SEED_LEN] = {seed, 1};
    void *memory = aligned_alloc(4096, p384_signer_size());

    memset(e, 0, sizeof *e);
    e->work = aligned_alloc(64, sizeof *e->work);
    assert_non_null(memory);
    assert_non_null(e->work);
    pq1_work_init(e->work);
    drbg_init(&e->drbg, (struct view){bytes, sizeof bytes}, (struct view){NULL, 0});
    assert_int_equal(p384_signer_init(memory, bytes, &e->signer), ERR_OK);
    assert_int_equal(p384_key_generate(e->signer, &e->identity), ERR_OK);
    e->tools = (struct pq1_tools){&e->drbg, e->signer, &e->identity, e->work};
}

void end_free(struct end *e)
{
    free(e->signer);
    free(e->work);
}

struct pq1_setup setup_of(const struct end *both, size_t own)
{
    struct pq1_setup s = {
        .epoch_id = {0xe0},
        .own = {.index = own == 0 ? 0 : 4, .incarnation = 7 + (uint32_t)own},
        .peer = {.index = own == 0 ? 4 : 0, .incarnation = 8 - (uint32_t)own}};

    memcpy(s.own.identity, both[own].identity.public_key, P384_PUBLIC_LEN);
    memcpy(s.peer.identity, both[1 - own].identity.public_key, P384_PUBLIC_LEN);
    return s;
}

void pair_new(struct end *both)
{
    for (size_t i = 0; i < 2; i++) {
        end_new(&both[i], (uint8_t)(i + 1));
    }
    for (size_t i = 0; i < 2; i++) {
        const struct pq1_setup s = setup_of(both, i);

        assert_int_equal(pq1_init(&both[i].c, &s), ERR_OK);
    }
}

void pair_free(struct end *both)
{
    end_free(&both[0]);
    end_free(&both[1]);
}

static void say(struct talk *t, size_t from, size_t which, const struct writer *w)
{
    assert_false(w->full);
    t->n[from][which] = w->len;
}

void pair_talk(struct end *both, struct talk *t, tamper_fn fn, void *arg)
{
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < 2; i++) {
        struct writer w = wr_init(t->bytes[i][0], PQ1_MESSAGE_MAX);

        assert_int_equal(pq1_begin(&both[i].c, &both[i].tools, &w), ERR_OK);
        say(t, i, 0, &w);
    }
    for (size_t which = 0; which < 3; which++) {
        for (size_t from = 0; from < 2; from++) {
            if (fn != NULL) {
                fn(t, from, which, arg);
            }
        }
        for (size_t from = 0; from < 2; from++) {
            struct end *const to = &both[1 - from];
            uint8_t none[1];
            struct writer w = which < 2
                                  ? wr_init(t->bytes[1 - from][which + 1], PQ1_MESSAGE_MAX)
                                  : wr_init(none, 0);

            t->took[from][which] =
                pq1_take(&to->c, &to->tools, NOW,
                         (struct view){t->bytes[from][which], t->n[from][which]}, &w);
            if (which < 2) {
                say(t, 1 - from, which + 1, &w);
            }
        }
    }
}

bool is_zero(const void *p, size_t n)
{
    const uint8_t *const b = p;

    for (size_t i = 0; i < n; i++) {
        if (b[i] != 0) {
            return false;
        }
    }
    return true;
}

static void carry(struct end *from, struct end *to, uint8_t mark)
{
    const struct pq1_about about = {.type = mark, .round = 3, .session = {mark, 1}};
    uint8_t text[100];
    uint8_t record[sizeof text + PQ1_RECORD_OVERHEAD];
    uint8_t plain[sizeof text];
    struct writer w = wr_init(record, sizeof record);
    struct pq1_about got;
    size_t n = 0;

    memset(text, mark, sizeof text);
    assert_int_equal(pq1_seal(&from->c, NOW, &about, (struct view){text, sizeof text}, &w),
                     ERR_OK);
    assert_int_equal(w.len, sizeof record);
    assert_int_equal(
        pq1_open(&to->c, NOW, (struct view){record, w.len}, &got, plain, sizeof plain, &n),
        ERR_OK);
    assert_int_equal(n, sizeof text);
    assert_memory_equal(plain, text, n);
    assert_memory_equal(&got, &about, sizeof got);
}

void assert_pair_works(struct end *both)
{
    assert_true(pq1_is_verified(&both[0].c));
    assert_true(pq1_is_verified(&both[1].c));
    for (uint8_t i = 0; i < 3; i++) {
        carry(&both[0], &both[1], i);
        carry(&both[1], &both[0], (uint8_t)(i + 50));
        carry(&both[1], &both[0], (uint8_t)(i + 70));
    }
}

void assert_nothing_made(struct end *both)
{
    for (size_t i = 0; i < 2; i++) {
        assert_false(pq1_is_verified(&both[i].c));
        if (both[i].c.step == PQ1_STEP_NONE) {
            assert_true(is_zero(&both[i].c.making, sizeof both[i].c.making));
        }
    }
}
