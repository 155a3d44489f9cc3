#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_accel_steps.h"

#include <string.h>

/* HELLO */

static size_t hello_len(unsigned records)
{
    (void)records;
    return TECDSA_NONCE_LEN;
}

static enum err make_hello(struct tecdsa_accel *a)
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "b12-nonce");
    tecdsa_hash_field(&h, a->header_id, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, a->party, 1);
    tecdsa_hash_field(&h, a->seed, TECDSA_SEED_LEN);
    tecdsa_hash_finish(&h, a->from[a->party].nonce, TECDSA_NONCE_LEN);
    CT_PUBLIC(a->from[a->party].nonce, TECDSA_NONCE_LEN);
    a->ready = true;
    return ERR_OK;
}

static void write_hello(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)to;
    wr_bytes(out, a->from[a->party].nonce, TECDSA_NONCE_LEN);
}

static enum err read_hello(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    return rd_copy(in, a->from[from].nonce, TECDSA_NONCE_LEN);
}

const struct tecdsa_accel_step tecdsa_accel_hello = {hello_len, make_hello, write_hello,
                                                     read_hello};

/* DEAL */

#define COEFFICIENTS 5 /* of degree 4 */

/* Of one dealing: polynomials, the lowest coefficient first. Secret. */
struct polynomials {
    struct tecdsa_scalar a[TECDSA_ACCEL_KINDS][COEFFICIENTS];
};

static unsigned coefficients(unsigned kind)
{
    return kind < TECDSA_ACCEL_Z ? TECDSA_T : COEFFICIENTS;
}

/* z is 0 at 0; the two wide ones are there what their narrow partners are. */
static void draw(const struct tecdsa_accel *a, unsigned d, struct polynomials *p)
{
    struct tecdsa_hash h;
    uint8_t wide[TECDSA_WIDE_LEN];

    tecdsa_hash_start(&h, "b12-draw");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, a->party, 1);
    tecdsa_hash_field(&h, a->seed, TECDSA_SEED_LEN);
    tecdsa_hash_number(&h, d, 1);
    wipe(p, sizeof *p);
    for (unsigned kind = 0; kind < TECDSA_ACCEL_KINDS; kind++) {
        for (unsigned k = kind < TECDSA_ACCEL_Z ? 0 : 1; k < coefficients(kind); k++) {
            sponge_squeeze(&h.sponge, wide, sizeof wide);
            tecdsa_scalar_reduce(wide, &p->a[kind][k]);
        }
    }
    p->a[TECDSA_ACCEL_WIDE_V][0] = p->a[TECDSA_ACCEL_RHO_V][0];
    p->a[TECDSA_ACCEL_WIDE_Y][0] = p->a[TECDSA_ACCEL_RHO_Y][0];
    wipe(&h, sizeof h);
    wipe(wide, sizeof wide);
}

/* Of party j, at j + 1: a small factor in public. */
static void evaluate(const struct polynomials *p, unsigned kind, unsigned j,
                     struct tecdsa_scalar *out)
{
    struct tecdsa_scalar at;
    struct tecdsa_factor factor;
    struct tecdsa_scalar value;
    unsigned k = coefficients(kind) - 1;

    tecdsa_scalar_of_int(j + 1, &at);
    tecdsa_scalar_factor(&at, &factor);
    value = p->a[kind][k];
    while (k-- > 0) {
        tecdsa_scalar_times(&value, &factor, &value);
        tecdsa_scalar_add(&value, &p->a[kind][k], &value);
    }
    *out = value;
    wipe(&value, sizeof value);
}

static void deal_one(struct tecdsa_accel *a, unsigned d)
{
    struct polynomials p;
    struct tecdsa_scalar value;

    draw(a, d, &p);
    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        for (unsigned kind = 0; kind < TECDSA_ACCEL_KINDS; kind++) {
            evaluate(&p, kind, j, &value);
            tecdsa_scalar_encode(&value, a->u.dealt[j][d] + (size_t)kind * TECDSA_SCALAR_LEN);
            if (j == a->party) {
                a->value[d][j][kind] = value;
            }
        }
    }
    wipe(&p, sizeof p);
    wipe(&value, sizeof value);
}

void tecdsa_accel_commit_dealt(const struct tecdsa_accel *a,
                               const struct tecdsa_accel_dealt *dealt,
                               uint8_t commitment[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "b12-deal");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, dealt->dealer, 1);
    tecdsa_hash_number(&h, dealt->receiver, 1);
    tecdsa_hash_field(&h, dealt->p, dealt->n);
    tecdsa_hash_field(&h, dealt->salt, TECDSA_SALT_LEN);
    tecdsa_hash_finish(&h, commitment, TECDSA_HASH_LEN);
    CT_PUBLIC(commitment, TECDSA_HASH_LEN);
}

/* H("b12-coin", bsid, party, coin, salt). */
static void commit_coin(const struct tecdsa_accel *a, unsigned party, const uint8_t *coin,
                        const uint8_t *salt, uint8_t commitment[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "b12-coin");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, party, 1);
    tecdsa_hash_field(&h, coin, TECDSA_NONCE_LEN);
    tecdsa_hash_field(&h, salt, TECDSA_SALT_LEN);
    tecdsa_hash_finish(&h, commitment, TECDSA_HASH_LEN);
    CT_PUBLIC(commitment, TECDSA_HASH_LEN);
}

/* H("b12", header_id, five nonces); and the coin and salts, of the seed. */
static void name_batch(struct tecdsa_accel *a)
{
    struct tecdsa_hash h;
    struct tecdsa_accel_party *const own = &a->from[a->party];
    uint8_t drawn[TECDSA_NONCE_LEN + TECDSA_SALT_LEN];

    tecdsa_hash_start(&h, "b12");
    tecdsa_hash_field(&h, a->header_id, TECDSA_HASH_LEN);
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        tecdsa_hash_field(&h, a->from[i].nonce, TECDSA_NONCE_LEN);
    }
    tecdsa_hash_finish(&h, a->bsid, TECDSA_HASH_LEN);
    tecdsa_hash_start(&h, "b12-coins");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, a->party, 1);
    tecdsa_hash_field(&h, a->seed, TECDSA_SEED_LEN);
    sponge_squeeze(&h.sponge, drawn, sizeof drawn);
    tecdsa_hash_finish(&h, a->own_salt, sizeof a->own_salt);
    memcpy(own->coin, drawn, TECDSA_NONCE_LEN);
    memcpy(own->coin_salt, drawn + TECDSA_NONCE_LEN, TECDSA_SALT_LEN);
    memcpy(own->deal_salt, a->own_salt[a->party], TECDSA_SALT_LEN);
    wipe(drawn, sizeof drawn);
}

static size_t dealt_len(unsigned records)
{
    return TECDSA_ACCEL_DEALINGS(records) * TECDSA_ACCEL_DEALT_LEN;
}

static void commit_deal(struct tecdsa_accel *a)
{
    struct tecdsa_accel_party *const own = &a->from[a->party];

    commit_coin(a, a->party, own->coin, own->coin_salt, own->coin_commitment);
    for (unsigned j = 0; j < TECDSA_ACCEL_PARTIES; j++) {
        const struct tecdsa_accel_dealt dealt = {a->party, j, a->own_salt[j], a->u.dealt[j][0],
                                                 dealt_len(a->records)};

        tecdsa_accel_commit_dealt(a, &dealt, own->deal_commitment[j]);
    }
}

static enum err make_deal(struct tecdsa_accel *a)
{
    const unsigned dealings = TECDSA_ACCEL_DEALINGS(a->records);

    if (a->at == 0) {
        name_batch(a);
    }
    for (unsigned i = 0; i < TECDSA_ACCEL_SLICE && a->at < dealings; i++) {
        deal_one(a, a->at++);
    }
    if (a->at == dealings) {
        commit_deal(a);
        a->ready = true;
    }
    return ERR_OK;
}

static size_t deal_len(unsigned records)
{
    return (1 + (size_t)TECDSA_ACCEL_PARTIES) * TECDSA_HASH_LEN + TECDSA_SALT_LEN +
           dealt_len(records);
}

static void write_deal(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    const struct tecdsa_accel_party *const own = &a->from[a->party];

    wr_bytes(out, own->coin_commitment, TECDSA_HASH_LEN);
    wr_bytes(out, own->deal_commitment, sizeof own->deal_commitment);
    wr_bytes(out, a->own_salt[to], TECDSA_SALT_LEN);
    wr_bytes(out, a->u.dealt[to], dealt_len(a->records));
}

/* Every scalar below n, before one is kept. */
static enum err read_dealings(struct tecdsa_accel *a, unsigned dealer, const uint8_t *in)
{
    const size_t count = (size_t)TECDSA_ACCEL_DEALINGS(a->records) * TECDSA_ACCEL_KINDS;
    struct tecdsa_scalar value;
    enum err e = ERR_OK;

    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        e = tecdsa_scalar_decode(in + i * TECDSA_SCALAR_LEN, &value);
    }
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        e = tecdsa_scalar_decode(
            in + i * TECDSA_SCALAR_LEN,
            &a->value[i / TECDSA_ACCEL_KINDS][dealer][i % TECDSA_ACCEL_KINDS]);
    }
    wipe(&value, sizeof value);
    return e;
}

static enum err read_deal(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    struct tecdsa_accel_party *const peer = &a->from[from];
    uint8_t commitment[TECDSA_HASH_LEN];
    struct view coin;
    struct view deals;
    struct view salt;
    struct view dealt;

    TRY(rd_take(in, TECDSA_HASH_LEN, &coin));
    TRY(rd_take(in, sizeof peer->deal_commitment, &deals));
    TRY(rd_take(in, TECDSA_SALT_LEN, &salt));
    TRY(rd_take(in, dealt_len(a->records), &dealt));
    TRY(read_dealings(a, from, dealt.p));
    tecdsa_accel_commit_dealt(
        a, &(struct tecdsa_accel_dealt){from, a->party, salt.p, dealt.p, dealt.n}, commitment);
    memcpy(peer->coin_commitment, coin.p, TECDSA_HASH_LEN);
    memcpy(peer->deal_commitment, deals.p, sizeof peer->deal_commitment);
    memcpy(peer->deal_salt, salt.p, TECDSA_SALT_LEN);
    if (memcmp(commitment, peer->deal_commitment[a->party], sizeof commitment) != 0) {
        return tecdsa_accel_fail(a, TECDSA_ACCEL_EARLY, from);
    }
    return ERR_OK;
}

const struct tecdsa_accel_step tecdsa_accel_deal = {deal_len, make_deal, write_deal, read_deal};

/* COINS */

static size_t coins_len(unsigned records)
{
    (void)records;
    return TECDSA_HASH_LEN + TECDSA_NONCE_LEN + TECDSA_SALT_LEN;
}

/* H("b12-e1", bsid, then of each: the coin's commitment, those of its dealings). */
static enum err make_coins(struct tecdsa_accel *a)
{
    struct tecdsa_accel_party *const own = &a->from[a->party];
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "b12-e1");
    tecdsa_hash_field(&h, a->bsid, TECDSA_HASH_LEN);
    for (unsigned i = 0; i < TECDSA_ACCEL_PARTIES; i++) {
        tecdsa_hash_field(&h, a->from[i].coin_commitment, TECDSA_HASH_LEN);
        tecdsa_hash_field(&h, a->from[i].deal_commitment, sizeof a->from[i].deal_commitment);
    }
    tecdsa_hash_finish(&h, a->echo_1, TECDSA_HASH_LEN);
    CT_PUBLIC(own->coin, sizeof own->coin);
    CT_PUBLIC(own->coin_salt, sizeof own->coin_salt);
    a->ready = true;
    return ERR_OK;
}

static void write_coins(const struct tecdsa_accel *a, unsigned to, struct writer *out)
{
    (void)to;
    wr_bytes(out, a->echo_1, TECDSA_HASH_LEN);
    wr_bytes(out, a->from[a->party].coin, TECDSA_NONCE_LEN);
    wr_bytes(out, a->from[a->party].coin_salt, TECDSA_SALT_LEN);
}

static enum err read_coins(struct tecdsa_accel *a, unsigned from, struct reader *in)
{
    struct tecdsa_accel_party *const peer = &a->from[from];
    uint8_t commitment[TECDSA_HASH_LEN];
    struct view echo;

    TRY(rd_take(in, TECDSA_HASH_LEN, &echo));
    TRY(rd_copy(in, peer->coin, TECDSA_NONCE_LEN));
    TRY(rd_copy(in, peer->coin_salt, TECDSA_SALT_LEN));
    commit_coin(a, from, peer->coin, peer->coin_salt, commitment);
    if (memcmp(commitment, peer->coin_commitment, sizeof commitment) != 0) {
        return tecdsa_accel_fail(a, TECDSA_ACCEL_EARLY, from);
    }
    if (memcmp(echo.p, a->echo_1, TECDSA_HASH_LEN) != 0) { /* somebody showed two things */
        return tecdsa_accel_fail(a, TECDSA_ACCEL_EARLY, TECDSA_ACCEL_NOBODY);
    }
    return ERR_OK;
}

const struct tecdsa_accel_step tecdsa_accel_coins = {coins_len, make_coins, write_coins,
                                                     read_coins};
