/* A message of a peer of the accelerator, put out of true. Byte 0: the round; bytes 1, 2: where
 * the rest stands in place of what the peer sent; byte 3: how many bytes its end is short of.
 */
#include "../tests/tecdsa_accel_kit.h"
#include "promise.h"

#define LIAR 3u
#define RECORDS 2u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct accel_world *w;
static struct tecdsa_accel before[TECDSA_ACCEL_ROUNDS]; /* all but one message has come */
static uint8_t sent[TECDSA_ACCEL_ROUNDS][16384];
static size_t lengths[TECDSA_ACCEL_ROUNDS];

static void misreport(struct accel_world *world, struct tecdsa_accel *a)
{
    (void)world;
    if (a->round == TECDSA_ACCEL_TEST) {
        a->from[a->party].test[1][0][TECDSA_SCALAR_LEN - 1] ^= 1;
    }
}

/* One round of all; party 0 before and with the message of party 1. */
static void step(void)
{
    const enum tecdsa_accel_round *const round = &w->a[0].round;

    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        accel_work(w, i);
    }
    if (w->a[0].fate != TECDSA_ACCEL_LIVE && w->a[0].fate != TECDSA_ACCEL_BLAME) {
        return;
    }
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        for (unsigned j = 0; j < ACCEL_PARTIES; j++) {
            accel_send(w, i, j);
        }
    }
    lengths[*round] = w->n[1][0];
    promise(lengths[*round] <= sizeof sent[0]);
    memcpy(sent[*round], w->message[1][0], lengths[*round]);
    for (unsigned i = ACCEL_PARTIES; i-- > 0;) {
        for (unsigned j = ACCEL_PARTIES; j-- > 0;) {
            if (i != 1 || j != 0) {
                (void)accel_deliver(w, i, j);
            }
        }
    }
    before[*round] = w->a[0];
    (void)accel_deliver(w, 1, 0);
}

static void prepare(void)
{
    w = accel_world_new(1);
    accel_begin(w, RECORDS);
    while (w->a[0].fate == TECDSA_ACCEL_LIVE) {
        step();
    }
    promise(w->a[0].fate == TECDSA_ACCEL_DONE);
    w->liar = LIAR;
    w->lie = misreport;
    accel_begin(w, RECORDS);
    do {
        step();
    } while (w->a[0].fate == TECDSA_ACCEL_LIVE && w->a[0].round < TECDSA_ACCEL_TEST);
    while (w->a[0].fate == TECDSA_ACCEL_LIVE || w->a[0].fate == TECDSA_ACCEL_BLAME) {
        step();
    }
    promise(w->a[0].culprit == LIAR);
}

/* What may differ of a message that is taken: nothing that a commitment or an echo fixes. */
static bool may_change(enum tecdsa_accel_round round, size_t at)
{
    const size_t own = TECDSA_ACCEL_HEAD_LEN + TECDSA_HASH_LEN; /* of DEAL: to party 0 */

    switch (round) {
    case TECDSA_ACCEL_DEAL:
        return at < own || (at >= own + TECDSA_HASH_LEN &&
                            at < own + (size_t)ACCEL_PARTIES * TECDSA_HASH_LEN);
    case TECDSA_ACCEL_HELLO:
    case TECDSA_ACCEL_TEST:
    case TECDSA_ACCEL_PRODUCTS:
    case TECDSA_ACCEL_OPEN:
    case TECDSA_ACCEL_ZERO:
        return at >= TECDSA_ACCEL_HEAD_LEN;
    case TECDSA_ACCEL_COINS:
    case TECDSA_ACCEL_ECHO:
    case TECDSA_ACCEL_FINISH:
    case TECDSA_ACCEL_RECORDS:
    case TECDSA_ACCEL_STOP:
    case TECDSA_ACCEL_SHOW:
    case TECDSA_ACCEL_ROUNDS:
        return false;
    }
    return false;
}

/* The tests see one changed number, whichever it is. */
static void check_work(enum tecdsa_accel_round round)
{
    struct accel_call c = {w, 0, 0, false};
    const enum err e = tecdsa_on_stack(accel_work_call, &c);

    if (round == TECDSA_ACCEL_TEST) {
        promise(e == ERR_OK && w->a[0].fate == TECDSA_ACCEL_BLAME);
    } else if (round == TECDSA_ACCEL_OPEN || round == TECDSA_ACCEL_ZERO) {
        promise(e == ERR_MISMATCH && accel_is_over(&w->a[0], TECDSA_ACCEL_LATE));
        promise(w->epoch[0].late == 1);
    }
}

static void check_result(enum tecdsa_accel_round round, enum err e, const uint8_t *message)
{
    bool changed = false;

    for (size_t i = 0; e == ERR_OK && i < lengths[round]; i++) {
        if (message[i] != sent[round][i]) {
            changed = true;
            promise(may_change(round, i));
        }
    }
    if (e == ERR_OK && changed) {
        check_work(round);
    } else if (e == ERR_MISMATCH) {
        const bool late = round >= TECDSA_ACCEL_PRODUCTS && round <= TECDSA_ACCEL_FINISH;

        promise(accel_is_over(&w->a[0], late ? TECDSA_ACCEL_LATE : TECDSA_ACCEL_EARLY));
    } else if (e != ERR_OK) {
        promise(e == ERR_STALE || e == ERR_STATE || e == ERR_LENGTH || e == ERR_ENCODING ||
                e == ERR_RANGE || e == ERR_TRUNCATED);
        promise(memcmp(&w->a[0], &before[round], sizeof before[round]) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tecdsa_accel_epoch live = {.last_counter = 2, .live = true};
    static uint8_t message[sizeof sent[0]];
    struct accel_call c = {w, 0, 1, false};
    enum tecdsa_accel_round round;
    size_t at;
    enum err e;

    if (w == NULL) {
        prepare();
        c.w = w;
    }
    if (size < 4) {
        return 0;
    }
    round = (enum tecdsa_accel_round)(data[0] % TECDSA_ACCEL_ROUNDS);
    if (round == TECDSA_ACCEL_RECORDS) {
        return 0;
    }
    at = (data[1] + 256u * data[2]) % lengths[round];
    memcpy(message, sent[round], lengths[round]);
    for (size_t i = 4; i < size && at + i - 4 < lengths[round]; i++) {
        message[at + i - 4] = data[i];
    }
    w->a[0] = before[round];
    w->epoch[0] = live;
    memcpy(w->message[1][0], message, lengths[round]);
    w->n[1][0] = data[3] == 255 ? TECDSA_ACCEL_HEAD_LEN
                                : lengths[round] - data[3] % (lengths[round] + 1);
    e = tecdsa_on_stack(accel_accept_call, &c);
    if (e == ERR_OK && w->a[0].fate == TECDSA_ACCEL_BLAME && round == TECDSA_ACCEL_TEST) {
        promise(message[TECDSA_HASH_LEN] == TECDSA_ACCEL_STOP &&
                w->n[1][0] == TECDSA_ACCEL_HEAD_LEN);
        return 0;
    }
    promise(e != ERR_OK || w->n[1][0] == lengths[round]);
    check_result(round, e, message);
    return 0;
}
