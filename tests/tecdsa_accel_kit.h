/* tecdsa_accel_kit.h - for the tests of the accelerator: five parties that give one another
 * their messages, and somebody who may change them on the way. */
#ifndef TESTS_TECDSA_ACCEL_KIT_H
#define TESTS_TECDSA_ACCEL_KIT_H

#include "tecdsa_kit.h"

#include "crypto/tecdsa/tecdsa_accel_steps.h"

#define ACCEL_PARTIES TECDSA_ACCEL_PARTIES

struct accel_world;

/* A message of a round, before it comes to a party. */
typedef void accel_meddle(struct accel_world *w, unsigned from, unsigned to, uint8_t *message,
                          size_t n);
/* A party whose own message of its round is ready. */
typedef void accel_lie(struct accel_world *w, struct tecdsa_accel *a);

struct accel_world {
    struct tecdsa_kit *kit;
    struct tecdsa_accel_of of[ACCEL_PARTIES]; /* as each is told it */
    struct tecdsa_accel_epoch epoch[ACCEL_PARTIES];
    struct tecdsa_accel a[ACCEL_PARTIES];
    size_t room;
    uint8_t *message[ACCEL_PARTIES][ACCEL_PARTIES]; /* [from][to] */
    size_t n[ACCEL_PARTIES][ACCEL_PARTIES];         /* 0: none is on its way */
    enum err said[ACCEL_PARTIES][ACCEL_PARTIES];    /* to its last message */
    enum err worked[ACCEL_PARTIES];                 /* how its work ended first */
    unsigned dead;                                  /* a mask */
    unsigned liar;
    accel_lie *lie;
    bool lied[TECDSA_ACCEL_ROUNDS];
    accel_meddle *meddle;
    unsigned watched; /* whose bytes are counted */
    size_t bytes;
};

static inline struct accel_world *accel_world_new(uint64_t number)
{
    struct accel_world *w = calloc(1, sizeof *w);

    if (w == NULL) {
        abort();
    }
    w->kit = tecdsa_kit_new(ACCEL_PARTIES, number);
    w->room = tecdsa_accel_message_len(TECDSA_ACCEL_SHOW, TECDSA_ACCEL_RECORDS_MAX);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
            w->message[i][j] = malloc(w->room);
            if (w->message[i][j] == NULL) {
                abort();
            }
        }
    }
    return w;
}

static inline void accel_world_free(struct accel_world *w)
{
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
            free(w->message[i][j]);
        }
    }
    free(w->kit);
    free(w);
}

/* A test with a world of its own, in the variable w of its file. */
static inline int accel_up(void **state)
{
    struct accel_world **const w = *state;

    *w = accel_world_new(7);
    return 0;
}

static inline int accel_down(void **state)
{
    struct accel_world **const w = *state;

    accel_world_free(*w);
    return 0;
}

#define ACCEL_CASE(f) cmocka_unit_test_prestate_setup_teardown(f, accel_up, accel_down, &w)

/* The header of another batch: triples in turn. */
static inline void accel_header(struct accel_world *w, unsigned records)
{
    w->of[0].counter++;
    w->of[0].records = records;
    for (unsigned b = 0; b < records; b++) {
        w->of[0].triple[b] = (uint8_t)(b % TECDSA_ACCEL_TRIPLES);
    }
    for (unsigned i = 1; i < ACCEL_PARTIES; i++) {
        w->of[i] = w->of[0];
    }
}

/* What runs on a work stack. */
struct accel_call {
    struct accel_world *w;
    unsigned i, from;
    bool more;
};

static inline enum err accel_begin_call(void *arg)
{
    struct accel_call *const c = arg;
    uint8_t seed[TECDSA_SEED_LEN];

    tecdsa_noise(&c->w->kit->noise, seed, sizeof seed);
    CT_SECRET(seed, sizeof seed);
    return tecdsa_accel_begin(&c->w->a[c->i], &c->w->kit->signer[c->i], &c->w->epoch[c->i],
                              &c->w->of[c->i], seed);
}

static inline enum err accel_work_call(void *arg)
{
    struct accel_call *const c = arg;

    return tecdsa_accel_work(&c->w->a[c->i], &c->more);
}

static inline enum err accel_accept_call(void *arg)
{
    struct accel_call *const c = arg;

    return tecdsa_accel_accept(
        &c->w->a[c->i], c->from,
        (struct view){c->w->message[c->from][c->i], c->w->n[c->from][c->i]});
}

static inline enum err accel_begin_one(struct accel_world *w, unsigned i)
{
    struct accel_call c = {w, i, 0, false};

    memset(w->n, 0, sizeof w->n);
    memset(w->lied, 0, sizeof w->lied);
    w->worked[i] = ERR_OK;
    return tecdsa_on_stack(accel_begin_call, &c);
}

static inline void accel_begin(struct accel_world *w, unsigned records)
{
    accel_header(w, records);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        if (accel_begin_one(w, i) != ERR_OK) {
            abort();
        }
    }
}

/* All that party i can do now: there is never more of a message that is made, or of a batch
 * that is over. */
static inline void accel_work(struct accel_world *w, unsigned i)
{
    const struct tecdsa_accel *const a = &w->a[i];
    struct accel_call c = {w, i, 0, false};
    enum err e;

    do {
        e = tecdsa_on_stack(accel_work_call, &c);
        if (c.more && (e != ERR_OK || a->ready ||
                       (a->fate != TECDSA_ACCEL_LIVE && a->fate != TECDSA_ACCEL_BLAME))) {
            abort();
        }
    } while (e == ERR_OK && c.more);
    w->worked[i] = w->worked[i] == ERR_OK ? e : w->worked[i];
    if (w->lie != NULL && i == w->liar && w->a[i].ready && !w->lied[w->a[i].round]) {
        w->lied[w->a[i].round] = true;
        w->lie(w, &w->a[i]);
    }
}

static inline void accel_send(struct accel_world *w, unsigned i, unsigned j)
{
    struct writer out = wr_init(w->message[i][j], w->room);
    struct view message;

    if (w->n[i][j] != 0 || (w->dead >> i & 1) == 1 ||
        tecdsa_accel_send(&w->a[i], j, &out) != ERR_OK) {
        return;
    }
    if (wr_finish(&out, &message) != ERR_OK) {
        abort();
    }
    w->n[i][j] = message.n;
    w->bytes += i == w->watched ? message.n : 0;
    if (w->meddle != NULL) {
        w->meddle(w, i, j, w->message[i][j], message.n);
    }
}

/* Whether it went, or was refused for good. */
static inline bool accel_deliver(struct accel_world *w, unsigned i, unsigned j)
{
    struct accel_call c = {w, j, i, false};

    if (w->n[i][j] == 0 || (w->dead >> j & 1) == 1) {
        return false;
    }
    w->said[i][j] = tecdsa_on_stack(accel_accept_call, &c);
    if (w->said[i][j] == ERR_STATE) {
        return false;
    }
    w->n[i][j] = 0;
    return true;
}

/* Whether anything moved. */
static inline bool accel_step(struct accel_world *w)
{
    bool moved = false;

    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        if ((w->dead >> i & 1) == 0) {
            accel_work(w, i);
        }
    }
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
            accel_send(w, i, j);
        }
    }
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
            moved = accel_deliver(w, i, j) || moved;
        }
    }
    return moved;
}

/* Until nothing moves. */
static inline void accel_run(struct accel_world *w)
{
    while (accel_step(w)) {
    }
}

/* Until party 0's own message of a round is ready. */
static inline void accel_run_to(struct accel_world *w, enum tecdsa_accel_round round)
{
    for (;;) {
        for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
            accel_work(w, i);
        }
        if (w->a[0].round == round || !accel_step(w)) {
            return;
        }
    }
}

/* The three members' shares of record b, into the kit's; its triple. */
static inline enum err accel_take(struct accel_world *w, unsigned b)
{
    w->kit->of.s = tecdsa_accel_triple(w->of[0].triple[b - 1]);
    TECDSA_EACH(w->kit, i)
    {
        TRY(tecdsa_accel_take(&w->a[i], b, &w->kit->record[i]));
    }
    return ERR_OK;
}

static inline enum err accel_sign(struct accel_world *w, unsigned b, unsigned number)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    tecdsa_digest(number, digest);
    TRY(accel_take(w, b));
    return tecdsa_kit_sign(w->kit, digest, sig);
}

/* A whole honest batch, signed with. */
static inline enum err accel_batch(struct accel_world *w, unsigned records)
{
    accel_begin(w, records);
    accel_run(w);
    for (unsigned b = 1; b <= records; b++) {
        TRY(accel_sign(w, b, b));
    }
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        tecdsa_accel_end(&w->a[i]);
    }
    return ERR_OK;
}

/* Whether nothing is left of a batch but its fate. */
static inline bool accel_is_over(const struct tecdsa_accel *a, enum tecdsa_accel_fate fate)
{
    const size_t from = offsetof(struct tecdsa_accel, signer);

    return a->fate == fate && tecdsa_erased((const uint8_t *)a + from, sizeof *a - from);
}

#endif
