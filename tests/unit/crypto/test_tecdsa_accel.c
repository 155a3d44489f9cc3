/* The accelerator among honest parties: what its records are, who holds anything of them, what
 * is dropped, what an end leaves, and when it is off. */
#include "tecdsa_accel_kit.h"
#include "testing.h"

static struct accel_world *w;

static void assert_all_over(enum tecdsa_accel_fate fate)
{
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        assert_true(accel_is_over(&w->a[i], fate));
        assert_false(w->epoch[i].live);
    }
}

static void end_all(void)
{
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        tecdsa_accel_end(&w->a[i]);
    }
}

static void all_ten_triples_sign(void **state)
{
    (void)state;
    assert_int_equal(accel_batch(w, TECDSA_ACCEL_TRIPLES), ERR_OK);
    assert_all_over(TECDSA_ACCEL_DONE);
    assert_int_equal(accel_batch(w, 1), ERR_OK);
}

/* x of any three shares; u = k phi and v = x phi of all three parts; r is that of k G. */
static void records_have_the_relations(void **state)
{
    struct tecdsa_scalar sum[3];
    struct tecdsa_scalar x = {{0}};
    struct tecdsa_scalar t;
    struct tecdsa_scalar r;
    struct tecdsa_point point;

    (void)state;
    for (unsigned i = 0; i < TECDSA_T; i++) {
        tecdsa_lagrange(7, i, &t);
        tecdsa_scalar_mul(&t, &w->kit->share[i].x, &t);
        tecdsa_scalar_add(&x, &t, &x);
    }
    accel_begin(w, 2 * TECDSA_ACCEL_TRIPLES);
    accel_run(w);
    for (unsigned b = 1; b <= 2 * TECDSA_ACCEL_TRIPLES; b++) {
        memset(sum, 0, sizeof sum);
        assert_int_equal(accel_take(w, b), ERR_OK);
        TECDSA_EACH(w->kit, i)
        {
            tecdsa_scalar_add(&sum[0], &w->kit->record[i].phi, &sum[0]);
            tecdsa_scalar_add(&sum[1], &w->kit->record[i].u, &sum[1]);
            tecdsa_scalar_add(&sum[2], &w->kit->record[i].v, &sum[2]);
            assert_int_equal(tecdsa_scalar_decode(w->kit->record[i].r, &r), ERR_OK);
        }
        tecdsa_scalar_mul(&x, &sum[0], &t);
        assert_true(tecdsa_scalar_equal(&t, &sum[2]) != 0);
        tecdsa_scalar_invert(&sum[0], &t);
        tecdsa_scalar_mul(&t, &sum[1], &t);
        tecdsa_point_mul_g(&t, &point);
        tecdsa_point_x(&point, &t);
        assert_true(tecdsa_scalar_equal(&t, &r) != 0);
    }
    end_all();
}

static bool holds(const void *all, size_t n, const void *part, size_t length)
{
    return memmem(all, n, part, length) != NULL;
}

/* What a party held of each record on the way, and what is left of it after. */
static void a_record_is_its_triples_alone(void **state)
{
    static struct tecdsa_scalar phi[ACCEL_PARTIES][TECDSA_ACCEL_TRIPLES + 1];
    static struct tecdsa_scalar v[ACCEL_PARTIES][TECDSA_ACCEL_TRIPLES + 1];
    struct tecdsa_presignature out;

    (void)state;
    accel_begin(w, TECDSA_ACCEL_TRIPLES);
    accel_run_to(w, TECDSA_ACCEL_FINISH);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        for (unsigned b = 0; b <= TECDSA_ACCEL_TRIPLES; b++) {
            phi[i][b] = w->a[i].value[1 + b / 3][b % 3][TECDSA_ACCEL_PHI];
            v[i][b] = w->a[i].own[b].v;
            assert_true(holds(&w->a[i], sizeof w->a[i], &phi[i][b], sizeof phi[i][b]));
        }
    }
    accel_run(w);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        for (unsigned b = 0; b <= TECDSA_ACCEL_TRIPLES; b++) {
            const bool member =
                b > 0 && (tecdsa_accel_triple(w->of[0].triple[b - 1]) >> i & 1) == 1;

            assert_false(holds(&w->a[i], sizeof w->a[i], &phi[i][b], sizeof phi[i][b]));
            assert_false(holds(&w->a[i], sizeof w->a[i], &v[i][b], sizeof v[i][b]));
            assert_true(w->a[i].u.made[b].there == member);
            assert_true(member || tecdsa_erased(&w->a[i].u.made[b], sizeof w->a[i].u.made[b]));
            if (b > 0 && !member) {
                assert_int_equal(tecdsa_accel_take(&w->a[i], b, &out), ERR_STATE);
                assert_true(tecdsa_erased(&out, sizeof out));
            }
        }
        assert_true(tecdsa_erased(w->a[i].value, sizeof w->a[i].value));
        assert_true(tecdsa_erased(w->a[i].own, sizeof w->a[i].own));
        assert_true(tecdsa_erased(w->a[i].seed, sizeof w->a[i].seed));
    }
    end_all();
}

static void a_record_is_taken_once(void **state)
{
    struct tecdsa_presignature out;

    (void)state;
    accel_begin(w, 2);
    assert_int_equal(tecdsa_accel_take(&w->a[0], 1, &out), ERR_STATE);
    accel_run(w);
    assert_int_equal(tecdsa_accel_take(&w->a[0], 0, &out), ERR_RANGE);
    assert_int_equal(tecdsa_accel_take(&w->a[0], 3, &out), ERR_RANGE);
    assert_int_equal(tecdsa_accel_take(&w->a[0], 1, &out), ERR_OK);
    assert_int_equal(out.s, 7);
    assert_int_equal(tecdsa_accel_take(&w->a[0], 1, &out), ERR_STATE);
    assert_true(tecdsa_erased(&out, sizeof out));
    assert_int_equal(tecdsa_accel_take(&w->a[0], 2, &out), ERR_OK);
    end_all();
    assert_int_equal(tecdsa_accel_take(&w->a[0], 2, &out), ERR_RANGE);
}

/* Members of one triple who are shown two messages: no mix of their answers is a signature. */
static void split_view_of_a_record_gives_no_signature(void **state)
{
    uint8_t digest[2][P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct tecdsa_answer none;

    (void)state;
    tecdsa_digest(1, digest[0]);
    tecdsa_digest(2, digest[1]);
    for (unsigned mix = 1; mix < 7; mix++) {
        accel_begin(w, 1);
        accel_run(w);
        assert_int_equal(accel_take(w, 1), ERR_OK);
        for (unsigned i = 0; i < TECDSA_T; i++) {
            assert_int_equal(tecdsa_kit_answer(w->kit, i, i, digest[mix >> i & 1]), ERR_OK);
            assert_int_equal(tecdsa_online_answer(&w->kit->record[i], w->kit->record[i].id,
                                                  digest[~mix >> i & 1], &none),
                             ERR_STATE);
        }
        for (unsigned d = 0; d < 2; d++) {
            assert_int_equal(tecdsa_online_combine(w->kit->key.public_key, w->kit->record[0].r,
                                                   digest[d], w->kit->answer, sig),
                             ERR_SIGNATURE);
        }
        end_all();
    }
}

static void batches_begin_only_where_they_may(void **state)
{
    static struct tecdsa_kit *small;
    struct tecdsa_accel *const a = &w->a[0];
    const uint8_t *const seed = w->kit->signer[0].pair[3].zero_seed;
    struct tecdsa_accel_of *const of = &w->of[0];

    (void)state;
    accel_header(w, 1);
    of->records = 0;
    assert_int_equal(accel_begin_one(w, 0), ERR_RANGE);
    of->records = TECDSA_ACCEL_RECORDS_MAX + 1;
    assert_int_equal(accel_begin_one(w, 0), ERR_RANGE);
    of->records = 1;
    of->triple[0] = TECDSA_ACCEL_TRIPLES;
    assert_int_equal(accel_begin_one(w, 0), ERR_RANGE);
    of->triple[0] = 0;
    w->kit->signer[0].pair[3].zero_seed = NULL;
    assert_int_equal(accel_begin_one(w, 0), ERR_STATE);
    w->kit->signer[0].pair[3].zero_seed = seed;
    of->counter--;
    assert_int_equal(accel_begin_one(w, 0), ERR_STALE);
    of->counter++;
    assert_true(accel_is_over(a, TECDSA_ACCEL_NONE));
    assert_int_equal(accel_begin_one(w, 0), ERR_OK);
    of->counter++;
    assert_true(w->epoch[0].live); /* of another struct: one batch a core */
    assert_int_equal(accel_begin_one(w, 0), ERR_STATE);
    w->epoch[0].live = false;
    of->counter--;
    assert_int_equal(accel_begin_one(w, 0), ERR_STALE); /* its counter is burnt */
    small = tecdsa_kit_new(4, 2);
    assert_int_equal(tecdsa_accel_begin(a, &small->signer[0], &w->epoch[0], of, seed),
                     ERR_RANGE);
    free(small);
}

/* What is over ends nothing that is under way. */
static void an_end_is_of_one_batch(void **state)
{
    static struct tecdsa_accel next;
    const uint8_t seed[TECDSA_SEED_LEN] = {1};

    (void)state;
    accel_begin(w, 1);
    accel_run(w);
    accel_header(w, 1);
    assert_int_equal(
        tecdsa_accel_begin(&next, &w->kit->signer[0], &w->epoch[0], &w->of[0], seed), ERR_OK);
    tecdsa_accel_end(&w->a[0]);
    assert_true(w->epoch[0].live);
    tecdsa_accel_end(&next);
    assert_false(w->epoch[0].live);
    assert_int_equal(w->epoch[0].late, 0);
    end_all();
}

static void it_is_off_after_two_late_ends_or_by_order(void **state)
{
    struct tecdsa_accel_epoch epoch = {0};

    (void)state;
    assert_int_equal(tecdsa_accel_epoch_check(&epoch, 0), ERR_STALE);
    assert_int_equal(tecdsa_accel_epoch_check(&epoch, 1), ERR_OK);
    tecdsa_accel_epoch_begin(&epoch, 1);
    assert_int_equal(tecdsa_accel_epoch_check(&epoch, 2), ERR_STATE);
    tecdsa_accel_epoch_end(&epoch, false);
    assert_int_equal(tecdsa_accel_epoch_check(&epoch, 1), ERR_STALE);
    epoch.switched_off = true;
    assert_int_equal(tecdsa_accel_epoch_check(&epoch, 2), ERR_POLICY);
    epoch.switched_off = false;
    for (unsigned n = 0; n < TECDSA_ACCEL_LATE_MAX; n++) {
        assert_int_equal(tecdsa_accel_epoch_check(&epoch, 2 + n), ERR_OK);
        tecdsa_accel_epoch_begin(&epoch, 2 + n);
        tecdsa_accel_epoch_end(&epoch, true);
    }
    assert_int_equal(tecdsa_accel_epoch_check(&epoch, 9), ERR_POLICY);
}

/* docs/wire.md 10: with a key_id and nonces of zeros. */
static void names_are_those_of_the_document(void **state)
{
    static const uint8_t header[] = {0xb9, 0x04, 0x51, 0x75, 0xd7, 0xe5, 0x27, 0xec};
    static const uint8_t bsid[] = {0xd5, 0x1e, 0x29, 0xe2, 0x49, 0xd3, 0x64, 0x11};
    static const uint8_t id[] = {0x2f, 0x63, 0x2e, 0x60, 0xc9, 0x12, 0x71, 0xa3};
    struct tecdsa_accel_of of = {
        .incarnation = {1, 2, 3, 4, 5}, .counter = 7, .records = 3, .triple = {0, 9, 4}};
    struct tecdsa_presignature out;

    (void)state;
    memset(w->kit->key.key_id, 0, sizeof w->kit->key.key_id);
    for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
        w->of[i] = of;
        assert_int_equal(accel_begin_one(w, i), ERR_OK);
        memset(w->a[i].from[i].nonce, 0, TECDSA_NONCE_LEN);
    }
    accel_run(w);
    assert_memory_equal(w->a[0].header_id, header, sizeof header);
    assert_memory_equal(w->a[0].bsid, bsid, sizeof bsid);
    assert_int_equal(tecdsa_accel_take(&w->a[2], 2, &out), ERR_OK);
    assert_memory_equal(out.id, id, sizeof id);
    end_all();
}

/* docs/wire.md 10: of 1 and of 255 records. */
static void lengths_are_those_of_the_document(void **state)
{
    static const struct {
        enum tecdsa_accel_round round;
        size_t one, most;
    } rows[] = {
        {TECDSA_ACCEL_HELLO, 32, 32},        {TECDSA_ACCEL_DEAL, 1088, 33728},
        {TECDSA_ACCEL_COINS, 112, 112},      {TECDSA_ACCEL_TEST, 1920, 1920},
        {TECDSA_ACCEL_PRODUCTS, 482, 61696}, {TECDSA_ACCEL_ECHO, 48, 48},
        {TECDSA_ACCEL_OPEN, 241, 12433},     {TECDSA_ACCEL_ZERO, 48, 48},
        {TECDSA_ACCEL_FINISH, 48, 48},       {TECDSA_ACCEL_STOP, 0, 0},
        {TECDSA_ACCEL_SHOW, 4000, 167200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tecdsa_accel_message_len(rows[i].round, 1), 50 + rows[i].one);
        assert_int_equal(tecdsa_accel_message_len(rows[i].round, 255), 50 + rows[i].most);
    }
    assert_int_equal(tecdsa_accel_message_len(TECDSA_ACCEL_RECORDS, 1), 0);
    assert_int_equal(tecdsa_accel_message_len(TECDSA_ACCEL_ROUNDS, 1), 0);
}

static void half_goes_to_the_preferred_triple(void **state)
{
    uint8_t triple[TECDSA_ACCEL_RECORDS_MAX];
    unsigned masks = 0;

    (void)state;
    for (unsigned preferred = 0; preferred < TECDSA_ACCEL_TRIPLES; preferred++) {
        unsigned count[TECDSA_ACCEL_TRIPLES] = {0};

        tecdsa_accel_spread(preferred, 180, triple);
        for (unsigned b = 0; b < 180; b++) {
            count[triple[b]]++;
        }
        for (unsigned t = 0; t < TECDSA_ACCEL_TRIPLES; t++) {
            assert_int_equal(count[t], t == preferred ? 90 : 10);
        }
        assert_int_equal(__builtin_popcount(tecdsa_accel_triple(preferred)), TECDSA_T);
        masks |= tecdsa_accel_triple(preferred);
        for (unsigned t = 0; t < preferred; t++) {
            assert_int_not_equal(tecdsa_accel_triple(t), tecdsa_accel_triple(preferred));
        }
    }
    assert_int_equal(masks, 31);
    assert_int_equal(tecdsa_accel_triple(TECDSA_ACCEL_TRIPLES), 0);
}

/* Gives party 0 a message of party 1's, changed, and sees that nothing else changes. */
static void assert_dropped(const uint8_t *message, size_t n, enum err want)
{
    static struct tecdsa_accel before;

    before = w->a[0];
    assert_int_equal(tecdsa_accel_accept(&w->a[0], 1, (struct view){message, n}), want);
    assert_memory_equal(&before, &w->a[0], sizeof before);
}

static unsigned dropped_in;

/* Another length, round, sender, batch: dropped, in every round, and then the right one goes.
 */
static void drop_all(uint8_t *message, size_t n, enum tecdsa_accel_round round)
{
    const uint8_t bits[3] = {1, 0, 3}; /* of the batch, the round, the sender */

    assert_dropped(message, 0, ERR_TRUNCATED);
    assert_dropped(message, TECDSA_ACCEL_HEAD_LEN - 1, ERR_TRUNCATED);
    assert_dropped(message, n - 1, ERR_LENGTH);
    assert_dropped(message, n + 1, ERR_LENGTH);
    for (unsigned at = 0; at < 3; at++) {
        uint8_t *const byte = message + (at == 0 ? 0 : TECDSA_HASH_LEN + at - 1);
        const uint8_t was = *byte;

        if (at != 1) {
            *byte ^= bits[at];
            assert_dropped(message, n, ERR_STALE);
        } else if (round > 0) {
            *byte = (uint8_t)(round - 1);
            assert_dropped(message, n, ERR_STALE);
        }
        if (at == 1 && round < TECDSA_ACCEL_FINISH) {
            *byte = (uint8_t)(round + 1); /* it comes too early */
            assert_dropped(message, n, ERR_STATE);
        }
        *byte = was;
    }
    message[TECDSA_HASH_LEN] = TECDSA_ACCEL_ROUNDS;
    assert_dropped(message, n, ERR_STALE);
    message[TECDSA_HASH_LEN] = TECDSA_ACCEL_RECORDS;
    assert_dropped(message, n, ERR_STALE);
    message[TECDSA_HASH_LEN] = (uint8_t)round;
    assert_int_equal(tecdsa_accel_accept(&w->a[0], 0, (struct view){message, n}), ERR_STATE);
    assert_int_equal(tecdsa_accel_accept(&w->a[0], 9, (struct view){message, n}), ERR_STATE);
    dropped_in++;
}

/* Party 1's next message, on its way to party 0 in a round. */
static void hold_message(accel_meddle *meddle)
{
    w->meddle = meddle;
    accel_begin(w, 2);
    accel_run(w);
    w->meddle = NULL;
}

static void drop_then_pass(struct accel_world *world, unsigned from, unsigned to,
                           uint8_t *message, size_t n)
{
    if (from == 1 && to == 0 && world->a[0].ready) {
        drop_all(message, n, (enum tecdsa_accel_round)message[TECDSA_HASH_LEN]);
    }
}

static void what_is_not_of_the_batch_is_dropped(void **state)
{
    (void)state;
    dropped_in = 0;
    hold_message(drop_then_pass);
    assert_int_equal(dropped_in, TECDSA_ACCEL_FINISH + 1);
    for (unsigned b = 1; b <= 2; b++) {
        assert_int_equal(accel_sign(w, b, b), ERR_OK);
    }
    end_all();
}

/* To and from the four others, once the own message is made, and while it lasts. */
static void messages_are_of_peers(void **state)
{
    struct tecdsa_accel *const a = w->a;
    struct writer out = wr_init(w->message[0][1], w->room);
    struct view hello;

    (void)state;
    accel_begin(w, 1);
    a[0].ready = a[1].ready = false;
    assert_int_equal(tecdsa_accel_send(&a[0], 1, &out), ERR_STATE);
    a[0].ready = true;
    assert_int_equal(tecdsa_accel_send(&a[0], 0, &out), ERR_STATE);
    assert_int_equal(tecdsa_accel_send(&a[0], ACCEL_PARTIES, &out), ERR_STATE);
    assert_int_equal(out.len, 0);
    assert_int_equal(tecdsa_accel_send(&a[0], 1, &out), ERR_OK);
    hello = (struct view){out.p, out.len};
    assert_int_equal(tecdsa_accel_send(&a[0], 1, &out), ERR_STATE); /* once */
    assert_int_equal(out.len, hello.n);
    assert_int_equal(tecdsa_accel_accept(&a[1], 0, hello), ERR_STATE);
    a[1].ready = true;
    assert_int_equal(tecdsa_accel_accept(&a[1], 0, hello), ERR_OK);
    tecdsa_accel_end(&a[0]);
    tecdsa_accel_end(&a[2]);
    assert_int_equal(tecdsa_accel_send(&a[0], 2, &out), ERR_STATE);
    assert_int_equal(tecdsa_accel_accept(&a[2], 0, hello), ERR_STATE);
    end_all();
}

/* Each message comes twice: the second time nothing changes. */
static void repeat(struct accel_world *world, unsigned from, unsigned to, uint8_t *message,
                   size_t n)
{
    struct tecdsa_accel *const a = &world->a[to];
    const enum err e = tecdsa_accel_accept(a, from, (struct view){message, n});

    if (e == ERR_OK) {
        assert_int_equal(tecdsa_accel_accept(a, from, (struct view){message, n}), ERR_STATE);
        a->accepted &= ~(1U << from); /* the kit gives it once more */
    }
}

static void a_message_counts_once(void **state)
{
    (void)state;
    hold_message(repeat);
    assert_int_equal(accel_sign(w, 1, 1), ERR_OK);
    end_all();
}

/* Every scalar of a message replaced by n, and its points by what is none. */
static void spoil(struct accel_world *world, unsigned from, unsigned to, uint8_t *message,
                  size_t n)
{
    const enum tecdsa_accel_round round = (enum tecdsa_accel_round)message[TECDSA_HASH_LEN];
    const size_t at = round == TECDSA_ACCEL_DEAL       ? n - TECDSA_SCALAR_LEN
                      : round == TECDSA_ACCEL_PRODUCTS ? n - sizeof(struct tecdsa_accel_product)
                      : round == TECDSA_ACCEL_OPEN     ? n - TECDSA_POINT_LONG
                                                       : TECDSA_ACCEL_HEAD_LEN;
    const bool point = round == TECDSA_ACCEL_PRODUCTS || round == TECDSA_ACCEL_OPEN;
    uint8_t was[TECDSA_POINT_LONG];

    if (from != 1 || to != 0 || !world->a[0].ready ||
        (round != TECDSA_ACCEL_DEAL && round != TECDSA_ACCEL_TEST && !point &&
         round != TECDSA_ACCEL_ZERO)) {
        return;
    }
    if (!point) {
        memcpy(was, message + at, TECDSA_SCALAR_LEN);
        memset(message + at, 0xff, TECDSA_SCALAR_LEN);
        assert_dropped(message, n, ERR_RANGE);
        memcpy(message + at, was, TECDSA_SCALAR_LEN);
        return;
    }
    memcpy(was, message + at, sizeof was);
    memset(message + at, 0, TECDSA_POINT_LONG);
    assert_dropped(message, n, ERR_ENCODING); /* infinity */
    memcpy(message + at, was, sizeof was);
    message[at + 1 + TECDSA_SCALAR_LEN] ^= 1;
    assert_dropped(message, n, ERR_RANGE); /* off the curve, or no coordinate */
    memcpy(message + at, was, sizeof was);
    memset(message + at + 1, 0xff, TECDSA_SCALAR_LEN);
    assert_dropped(message, n, ERR_RANGE);
    memcpy(message + at, was, sizeof was);
    if (round == TECDSA_ACCEL_OPEN) { /* an s of each record, and the sum of phi */
        for (size_t s = TECDSA_ACCEL_HEAD_LEN; s < at; s += TECDSA_SCALAR_LEN) {
            memcpy(was, message + s, TECDSA_SCALAR_LEN);
            memset(message + s, 0xff, TECDSA_SCALAR_LEN);
            assert_dropped(message, n, ERR_RANGE);
            memcpy(message + s, was, TECDSA_SCALAR_LEN);
        }
    }
    if (round == TECDSA_ACCEL_PRODUCTS) {
        for (unsigned k = 0; k < 3; k++) {
            uint8_t *const scalar = message + n - (size_t)(k + 1) * TECDSA_SCALAR_LEN;

            memcpy(was, scalar, TECDSA_SCALAR_LEN);
            memset(scalar, 0xff, TECDSA_SCALAR_LEN);
            assert_dropped(message, n, ERR_RANGE);
            memcpy(scalar, was, TECDSA_SCALAR_LEN);
        }
    }
}

static void what_is_no_scalar_or_point_is_dropped(void **state)
{
    (void)state;
    hold_message(spoil);
    assert_int_equal(accel_sign(w, 1, 1), ERR_OK);
    end_all();
}

/* A party dies in each round, or its frames are lost: nobody is to blame, nothing is left, and
 * the next batch goes. */
static void a_party_that_dies_ends_the_batch(void **state)
{
    (void)state;
    for (unsigned round = 0; round <= TECDSA_ACCEL_FINISH; round++) {
        accel_begin(w, 2);
        accel_run_to(w, (enum tecdsa_accel_round)round);
        memset(&w->a[4], 0, sizeof w->a[4]);
        memset(&w->epoch[4], 0, sizeof w->epoch[4]);
        w->dead = 1U << 4;
        accel_run(w);
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(w->a[i].fate, TECDSA_ACCEL_LIVE);
            tecdsa_accel_end(&w->a[i]);
            assert_true(accel_is_over(&w->a[i], TECDSA_ACCEL_LOST));
            assert_int_equal(w->a[i].culprit, TECDSA_ACCEL_NOBODY);
            assert_int_equal(w->epoch[i].late, 0);
        }
        w->dead = 0;
        for (unsigned i = 0; i < ACCEL_PARTIES; i++) {
            w->of[i].incarnation[4]++; /* it came back as another */
        }
        w->of[0].incarnation[4] = w->of[1].incarnation[4];
    }
    assert_int_equal(accel_batch(w, 1), ERR_OK);
}

/* 10^4 if QUORATE_LONG is 1. */
static void many_records_sign(void **state)
{
    const char *const value = getenv("QUORATE_LONG");
    const bool all = value != NULL && strcmp(value, "1") == 0;
    const unsigned records = all ? TECDSA_ACCEL_RECORDS_MAX : 64;

    (void)state;
    for (unsigned n = 0; n < (all ? 40 : 1); n++) {
        assert_int_equal(accel_batch(w, records), ERR_OK);
    }
    print_message("%u records signed%s\n", records * (all ? 40 : 1),
                  all ? "" : "; 10,200 with QUORATE_LONG=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ACCEL_CASE(all_ten_triples_sign),
        ACCEL_CASE(records_have_the_relations),
        ACCEL_CASE(a_record_is_its_triples_alone),
        ACCEL_CASE(a_record_is_taken_once),
        ACCEL_CASE(split_view_of_a_record_gives_no_signature),
        ACCEL_CASE(batches_begin_only_where_they_may),
        ACCEL_CASE(an_end_is_of_one_batch),
        ACCEL_CASE(it_is_off_after_two_late_ends_or_by_order),
        ACCEL_CASE(names_are_those_of_the_document),
        ACCEL_CASE(lengths_are_those_of_the_document),
        ACCEL_CASE(half_goes_to_the_preferred_triple),
        ACCEL_CASE(what_is_not_of_the_batch_is_dropped),
        ACCEL_CASE(messages_are_of_peers),
        ACCEL_CASE(a_message_counts_once),
        ACCEL_CASE(what_is_no_scalar_or_point_is_dropped),
        ACCEL_CASE(a_party_that_dies_ends_the_batch),
        ACCEL_CASE(many_records_sign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
