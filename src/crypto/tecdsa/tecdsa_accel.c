#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_accel_steps.h"

#include <string.h>

#define EVERYBODY ((1U << TECDSA_ACCEL_PARTIES) - 1)

_Static_assert(TECDSA_ACCEL_DEALINGS_MAX == TECDSA_ACCEL_DEALINGS(TECDSA_ACCEL_RECORDS_MAX) &&
                   sizeof(struct tecdsa_accel_product) == 241,
               "bytes alone");

static size_t no_body(unsigned records)
{
    (void)records;
    return 0;
}

static enum err make_stop(struct tecdsa_accel *a)
{
    a->ready = true;
    return ERR_OK;
}

static void write_stop(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)a;
    (void)to;
    (void)out;
}

static enum err read_stop(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    (void)a;
    (void)from;
    (void)in;
    return ERR_OK;
}

const struct tecdsa_accel_step tecdsa_accel_stop = {no_body, make_stop, write_stop, read_stop};

/* The dealings were shown: who dealt what its reports do not agree upon. Who reported what it
 * was not dealt is known before. */
static enum err make_verdict(struct tecdsa_accel *a)
{
    unsigned dealer = TECDSA_ACCEL_NOBODY;

    (void)tecdsa_accel_tests_hold(a, &dealer);
    return tecdsa_accel_fail(a, TECDSA_ACCEL_EARLY, dealer);
}

/* By round: what makes its message, after a look at what came in the round before. */
static const struct tecdsa_accel_step *step_of(enum tecdsa_accel_round round)
{
    static const struct tecdsa_accel_step records = {no_body, tecdsa_accel_make_records, NULL,
                                                     NULL};
    static const struct tecdsa_accel_step verdict = {no_body, make_verdict, NULL, NULL};
    static const struct tecdsa_accel_step *const steps[] = {
        [TECDSA_ACCEL_HELLO] = &tecdsa_accel_hello,
        [TECDSA_ACCEL_DEAL] = &tecdsa_accel_deal,
        [TECDSA_ACCEL_COINS] = &tecdsa_accel_coins,
        [TECDSA_ACCEL_TEST] = &tecdsa_accel_test,
        [TECDSA_ACCEL_PRODUCTS] = &tecdsa_accel_products,
        [TECDSA_ACCEL_ECHO] = &tecdsa_accel_echo,
        [TECDSA_ACCEL_OPEN] = &tecdsa_accel_open,
        [TECDSA_ACCEL_ZERO] = &tecdsa_accel_zero,
        [TECDSA_ACCEL_FINISH] = &tecdsa_accel_finish,
        [TECDSA_ACCEL_RECORDS] = &records,
        [TECDSA_ACCEL_STOP] = &tecdsa_accel_stop,
        [TECDSA_ACCEL_SHOW] = &tecdsa_accel_show,
        [TECDSA_ACCEL_ROUNDS] = &verdict,
    };

    return steps[round];
}

static bool under_way(const struct tecdsa_accel *a)
{
    return a->fate == TECDSA_ACCEL_LIVE || a->fate == TECDSA_ACCEL_BLAME;
}

static void end(struct tecdsa_accel *a, enum tecdsa_accel_fate fate, unsigned culprit)
{
    struct tecdsa_accel_epoch *const epoch = a->epoch;

    if (under_way(a)) {
        tecdsa_accel_epoch_end(epoch, fate == TECDSA_ACCEL_LATE);
    }
    wipe(a, sizeof *a);
    a->fate = fate;
    a->culprit = culprit;
}

enum err tecdsa_accel_fail(struct tecdsa_accel *a, enum tecdsa_accel_fate fate,
                           unsigned culprit)
{
    end(a, fate, culprit);
    return ERR_MISMATCH;
}

void tecdsa_accel_end(struct tecdsa_accel *a)
{
    if (a->fate == TECDSA_ACCEL_LIVE) {
        end(a, TECDSA_ACCEL_LOST, TECDSA_ACCEL_NOBODY);
    } else if (a->fate == TECDSA_ACCEL_BLAME) {
        end(a, TECDSA_ACCEL_EARLY, TECDSA_ACCEL_NOBODY);
    } else {
        end(a, a->fate, a->culprit);
    }
}

size_t tecdsa_accel_message_len(enum tecdsa_accel_round round, unsigned records)
{
    if (round >= TECDSA_ACCEL_ROUNDS || round == TECDSA_ACCEL_RECORDS) {
        return 0;
    }
    return TECDSA_ACCEL_HEAD_LEN + step_of(round)->body_len(records);
}

static enum err check_begin(const struct tecdsa_signer *signer,
                            const struct tecdsa_accel_epoch *epoch,
                            const struct tecdsa_accel_of *of)
{
    if (signer->key->n != TECDSA_ACCEL_PARTIES || of->records == 0 ||
        of->records > TECDSA_ACCEL_RECORDS_MAX) {
        return ERR_RANGE;
    }
    for (unsigned b = 0; b < of->records; b++) {
        if (of->triple[b] >= TECDSA_ACCEL_TRIPLES) {
            return ERR_RANGE;
        }
    }
    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        if (j != signer->share->party && signer->pair[j].zero_seed == NULL) {
            return ERR_STATE;
        }
    }
    return tecdsa_accel_epoch_check(epoch, of->counter);
}

/* H("b12-header", key_id, epoch_id, five incarnations, counter, records, triples). */
static void name_header(const struct tecdsa_key *key, const struct tecdsa_accel_of *of,
                        uint8_t id[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "b12-header");
    tecdsa_hash_field(&h, key->key_id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->epoch_id, TECDSA_HASH_LEN);
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        tecdsa_hash_number(&h, of->incarnation[i], 4);
    }
    tecdsa_hash_number(&h, of->counter, 8);
    tecdsa_hash_number(&h, of->records, 1);
    tecdsa_hash_field(&h, of->triple, of->records);
    tecdsa_hash_finish(&h, id, TECDSA_HASH_LEN);
}

enum err tecdsa_accel_begin(struct tecdsa_accel *a, const struct tecdsa_signer *signer,
                            struct tecdsa_accel_epoch *epoch, const struct tecdsa_accel_of *of,
                            const uint8_t seed[TECDSA_SEED_LEN])
{
    wipe(a, sizeof *a);
    TRY(check_begin(signer, epoch, of));
    tecdsa_accel_epoch_begin(epoch, of->counter);
    a->fate = TECDSA_ACCEL_LIVE;
    a->culprit = TECDSA_ACCEL_NOBODY;
    a->signer = signer;
    a->epoch = epoch;
    a->party = signer->share->party;
    a->records = of->records;
    memcpy(a->triple, of->triple, of->records);
    memcpy(a->seed, seed, TECDSA_SEED_LEN);
    name_header(signer->key, of, a->header_id);
    a->round = TECDSA_ACCEL_HELLO;
    return step_of(a->round)->make(a);
}

static bool others_are(const struct tecdsa_accel *a, unsigned mask)
{
    return (mask | 1U << a->party) == EVERYBODY;
}

static void enter_round(struct tecdsa_accel *a, enum tecdsa_accel_round round)
{
    a->round = round;
    a->ready = false;
    a->at = 0;
    a->sent = 0;
    a->accepted = 0;
}

/* A failed test, one's own or a peer's word of it: nobody who comes here sends PRODUCTS. */
static enum err blame(struct tecdsa_accel *a)
{
    a->fate = TECDSA_ACCEL_BLAME;
    enter_round(a, TECDSA_ACCEL_STOP);
    return step_of(a->round)->make(a);
}

enum err tecdsa_accel_work(struct tecdsa_accel *a, bool *more)
{
    unsigned dealer;

    *more = false;
    if (!under_way(a)) {
        return ERR_STATE;
    }
    if (a->ready) {
        if (!others_are(a, a->sent) || !others_are(a, a->accepted)) {
            return ERR_OK;
        }
        if (a->round == TECDSA_ACCEL_TEST && !tecdsa_accel_tests_hold(a, &dealer)) {
            return blame(a);
        }
        enter_round(a, a->round + 1);
    }
    TRY(step_of(a->round)->make(a));
    *more = under_way(a) && !a->ready;
    return ERR_OK;
}

static const uint8_t *id_of(const struct tecdsa_accel *a)
{
    return a->round == TECDSA_ACCEL_HELLO ? a->header_id : a->bsid;
}

static bool is_peer(const struct tecdsa_accel *a, unsigned party)
{
    return party < TECDSA_ACCEL_PARTIES && party != a->party;
}

enum err tecdsa_accel_send(struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    if (!under_way(a) || !a->ready || !is_peer(a, to) || (a->sent >> to & 1) == 1) {
        return ERR_STATE;
    }
    wr_bytes(out, id_of(a), TECDSA_HASH_LEN);
    wr_u8(out, (uint8_t)a->round);
    wr_u8(out, (uint8_t)a->party);
    step_of(a->round)->write(a, to, out);
    a->sent |= 1U << to;
    return ERR_OK;
}

/* The head: ours, of now. A message of a later round waits outside. */
static enum err check_head(const struct tecdsa_accel *a, unsigned from, struct reader *in,
                           enum tecdsa_accel_round *round)
{
    struct view id;
    uint8_t number;
    uint8_t party;

    TRY(rd_take(in, TECDSA_HASH_LEN, &id));
    TRY(rd_u8(in, &number));
    TRY(rd_u8(in, &party));
    *round = (enum tecdsa_accel_round)number;
    if (number >= TECDSA_ACCEL_ROUNDS || number == TECDSA_ACCEL_RECORDS || party != from ||
        *round < a->round) {
        return ERR_STALE;
    }
    if (*round != a->round && (*round != TECDSA_ACCEL_STOP || a->round != TECDSA_ACCEL_TEST)) {
        return *round >= TECDSA_ACCEL_STOP && a->round >= TECDSA_ACCEL_PRODUCTS &&
                       a->round < TECDSA_ACCEL_STOP
                   ? ERR_STALE
                   : ERR_STATE;
    }
    if (memcmp(id.p, id_of(a), TECDSA_HASH_LEN) != 0) {
        return ERR_STALE;
    }
    return in->n == step_of(*round)->body_len(a->records) ? ERR_OK : ERR_LENGTH;
}

enum err tecdsa_accel_accept(struct tecdsa_accel *a, unsigned from, struct view in)
{
    struct reader r = rd_init(in);
    enum tecdsa_accel_round round;

    if (!under_way(a) || !a->ready || !is_peer(a, from)) {
        return ERR_STATE;
    }
    TRY(check_head(a, from, &r, &round));
    if (round == TECDSA_ACCEL_STOP && a->round == TECDSA_ACCEL_TEST) {
        TRY(blame(a));
    }
    if ((a->accepted >> from & 1) == 1) {
        return ERR_STATE;
    }
    TRY(step_of(a->round)->read(a, from, &r));
    a->accepted |= 1U << from;
    return ERR_OK;
}

enum err tecdsa_accel_take(struct tecdsa_accel *a, unsigned b, struct tecdsa_presignature *out)
{
    struct tecdsa_hash h;

    wipe(out, sizeof *out);
    if (a->fate != TECDSA_ACCEL_DONE) {
        return ERR_STATE;
    }
    if (b == 0 || b > a->records) {
        return ERR_RANGE;
    }
    if (!a->u.made[b].there) {
        return ERR_STATE;
    }
    out->s = tecdsa_accel_triple(a->triple[b - 1]);
    tecdsa_hash_start(&h, "b12-id");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, b, 1);
    tecdsa_hash_number(&h, out->s, 1);
    tecdsa_hash_finish(&h, out->id, sizeof out->id);
    memcpy(out->r, a->u.made[b].r, sizeof out->r);
    out->phi = a->u.made[b].phi;
    out->u = a->u.made[b].u;
    out->v = a->u.made[b].v;
    wipe(&a->u.made[b], sizeof a->u.made[b]);
    atomic_store(&out->state, TECDSA_PRESIGNATURE_FRESH);
    return ERR_OK;
}
