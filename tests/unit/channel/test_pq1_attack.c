#include "pq1_fixture.h"

#include <string.h>

/* ---- each field ---- */

struct flip {
    size_t from, which, at;
    uint8_t mask;
};

static void flip_one(struct talk *t, size_t from, size_t which, void *arg)
{
    const struct flip *const f = arg;

    if (from == f->from && which == f->which) {
        t->bytes[from][which][f->at] ^= f->mask;
    }
}

/* One place or more in every field of every message; err: what the receiver says at once, or
 * ERR_OK where only the Finished shows it. */
static const struct {
    size_t which, at;
    enum err err;
} fields[] = {
    {0, 1, ERR_QUORUM},      {0, 48, ERR_QUORUM},     /* epoch_id */
    {0, 49, ERR_MISMATCH},   {0, 50, ERR_MISMATCH},   /* X, Y */
    {0, 51, ERR_STALE},      {0, 54, ERR_STALE},      /* inc_X */
    {0, 55, ERR_STALE},      {0, 58, ERR_STALE},      /* inc_Y */
    {0, 59, ERR_OK},         {0, 90, ERR_OK},         /* n_X */
    {0, 91, ERR_OK},         {0, 700, ERR_OK},        /* ek_X: t */
    {0, 1243, ERR_OK},       {0, 1274, ERR_OK},       /* ek_X: rho */
    {0, 1275, ERR_ENCODING},                          /* ec_X: 04 */
    {0, 1276, ERR_RANGE},    {0, 1371, ERR_RANGE},    /* ec_X: X, Y */
    {1, 1, ERR_OK},          {1, 500, ERR_OK},        /* ct: u */
    {1, 961, ERR_OK},        {1, 1088, ERR_OK},       /* ct: v */
    {2, 1, ERR_SIGNATURE},   {2, 48, ERR_SIGNATURE},  /* signature: r */
    {2, 49, ERR_SIGNATURE},  {2, 96, ERR_SIGNATURE},  /* signature: s */
    {2, 97, ERR_SIGNATURE},  {2, 144, ERR_SIGNATURE}, /* MAC */
};

static void no_field_can_be_changed(void **state)
{
    static struct end both[2];
    static struct talk t;

    (void)state;
    pair_new(both);
    for (size_t from = 0; from < 2; from++) {
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
            struct flip f = {from, fields[i].which, fields[i].at, 0x01};

            for (size_t j = 0; j < 2; j++) {
                const struct pq1_setup s = setup_of(both, j);

                assert_int_equal(pq1_init(&both[j].c, &s), ERR_OK);
            }
            pair_talk(both, &t, flip_one, &f);
            assert_int_equal(t.took[from][f.which], fields[i].err);
            assert_false(pq1_is_verified(&both[1 - from].c)); /* who got it */
            assert_true(is_zero(&both[1 - from].c.making, sizeof both[0].c.making));
            if (f.which < 2) {
                assert_nothing_made(both);
            }
        }
    }
    pair_free(both);
}

/* The type byte: another message than the awaited one, so nothing happens. */
static void a_message_of_another_type_changes_nothing(void **state)
{
    static struct end both[2];
    static struct talk t;

    (void)state;
    pair_new(both);
    for (size_t which = 0; which < 3; which++) {
        struct flip f = {0, which, 0, 0x08};

        pair_talk(both, &t, flip_one, &f);
        assert_int_equal(t.took[0][which], ERR_STATE);
        assert_int_equal(both[1].c.step, which + 1);
        assert_false(pq1_is_verified(&both[1].c));
    }
    pair_free(both);
}

/* Every prefix, and one byte too many. */
static void takes_messages_of_one_length_only(void **state)
{
    static struct end both[2];
    uint8_t hello[2][PQ1_HELLO_LEN + 1] = {0};

    (void)state;
    pair_new(both);
    for (size_t n = 0; n <= PQ1_HELLO_LEN + 1; n += n < 60 ? 1 : 41) {
        uint8_t out[PQ1_MESSAGE_MAX];

        for (size_t i = 0; i < 2; i++) {
            struct writer w = wr_init(hello[i], PQ1_HELLO_LEN);

            assert_int_equal(pq1_begin(&both[i].c, &both[i].tools, &w), ERR_OK);
        }
        struct writer w = wr_init(out, sizeof out);
        assert_int_equal(
            pq1_take(&both[0].c, &both[0].tools, NOW, (struct view){hello[1], n}, &w),
            n == 0               ? ERR_STATE
            : n == PQ1_HELLO_LEN ? ERR_OK
                                 : ERR_LENGTH);
    }
    pair_free(both);
}

/* ---- keys that are none ---- */

struct put {
    size_t at, n;
    const uint8_t *bytes;
};

/* arg: which. */
static void shorten(struct talk *t, size_t from, size_t which, void *arg)
{
    if (from == 0 && which == *(const size_t *)arg) {
        t->n[from][which]--;
    }
}

static void each_message_is_whole(void **state)
{
    static struct end both[2];
    static struct talk t;

    (void)state;
    pair_new(both);
    for (size_t which = 0; which < 3; which++) {
        pair_talk(both, &t, shorten, &which);
        assert_int_equal(t.took[0][which], ERR_LENGTH);
        assert_false(pq1_is_verified(&both[1].c));
    }
    pair_free(both);
}

static void put_bytes(struct talk *t, size_t from, size_t which, void *arg)
{
    const struct put *const p = arg;

    if (from == 1 && which == 0) {
        memcpy(t->bytes[1][0] + p->at, p->bytes, p->n);
    }
}

static void refuses_keys_that_are_none(void **state)
{
    static const uint8_t q[2] = {0x01, 0x0d};       /* 3329 in 12 bits */
    static const uint8_t highest[2] = {0xff, 0x0f}; /* 4095 */
    static const uint8_t infinity[P384_PUBLIC_LEN];
    static const uint8_t origin[P384_PUBLIC_LEN] = {0x04};
    static const uint8_t compressed[1] = {0x02};
    const struct {
        struct put put;
        enum err err;
    } rows[] = {
        {{91, 2, q}, ERR_RANGE},
        {{91, 2, highest}, ERR_RANGE},
        {{1275, P384_PUBLIC_LEN, infinity}, ERR_ENCODING},
        {{1275, P384_PUBLIC_LEN, origin}, ERR_RANGE},
        {{1275, 1, compressed}, ERR_ENCODING},
    };
    static struct end both[2];
    static struct talk t;

    (void)state;
    pair_new(both);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct put p = rows[i].put;

        pair_talk(both, &t, put_bytes, &p);
        assert_int_equal(t.took[1][0], rows[i].err);
        assert_nothing_made(both);
    }
    pair_free(both);
}

/* n_Y = n_X, in a Hello that is right otherwise. */
static void copy_nonce(struct talk *t, size_t from, size_t which, void *arg)
{
    (void)arg;
    if (from == 1 && which == 0) {
        memcpy(t->bytes[1][0] + 59, t->bytes[0][0] + 59, PQ1_NONCE_LEN);
    }
}

/* The own Hello comes back, as it is or under the peer's name. */
static void reflect(struct talk *t, size_t from, size_t which, void *arg)
{
    const bool renamed = arg != NULL;

    if (from == 1 && which == 0) {
        memcpy(t->bytes[1][0], t->bytes[0][0], PQ1_HELLO_LEN);
        if (renamed) {
            t->bytes[1][0][49] = 4;
            t->bytes[1][0][50] = 0;
            t->bytes[1][0][51] = 8;
            t->bytes[1][0][55] = 7;
        }
    }
}

/* So do the own KEM and the own Finished. */
static void reflect_finished(struct talk *t, size_t from, size_t which, void *arg)
{
    (void)arg;
    if (from == 1 && which == 2) {
        memcpy(t->bytes[1][2], t->bytes[0][2], PQ1_FINISHED_LEN);
    }
}

static void refuses_reflections(void **state)
{
    static struct end both[2];
    static struct talk t;
    int yes = 1;

    (void)state;
    pair_new(both);
    pair_talk(both, &t, copy_nonce, NULL);
    assert_int_equal(t.took[1][0], ERR_MISMATCH);
    assert_nothing_made(both);
    pair_talk(both, &t, reflect, NULL);
    assert_int_equal(t.took[1][0], ERR_MISMATCH);
    pair_talk(both, &t, reflect, &yes);
    assert_int_equal(t.took[1][0], ERR_MISMATCH);
    assert_nothing_made(both);
    pair_talk(both, &t, reflect_finished, NULL);
    assert_int_equal(t.took[1][2], ERR_SIGNATURE);
    assert_false(pq1_is_verified(&both[0].c));
    pair_free(both);
}

/* ---- others ---- */

/* Someone in the middle has keys of its own, the peer's name, and no identity key of the
 * roster. */
static void refuses_a_man_in_the_middle(void **state)
{
    static struct end both[2];
    static struct end mallory;
    static struct end half[2];
    static struct talk t;
    struct pq1_setup s;

    (void)state;
    pair_new(both);
    end_new(&mallory, 9);
    for (size_t side = 0; side < 2; side++) {
        half[side] = both[side];
        half[1 - side] = mallory;
        s = setup_of(both, 1 - side);
        memcpy(s.own.identity, mallory.identity.public_key, P384_PUBLIC_LEN);
        assert_int_equal(pq1_init(&half[1 - side].c, &s), ERR_OK);
        for (size_t i = 0; i < 2; i++) {
            half[i].tools = (struct pq1_tools){&half[i].drbg, half[i].signer, &half[i].identity,
                                               half[i].work};
        }
        pair_talk(half, &t, NULL, NULL);
        assert_int_equal(t.took[1 - side][2], ERR_SIGNATURE);
        assert_false(pq1_is_verified(&half[side].c));
    }
    pair_free(both);
    end_free(&mallory);
}

/* The same, with the signature of the true peer over another th, from a talk under way. */
static struct talk other;
static void splice_signature(struct talk *t, size_t from, size_t which, void *arg)
{
    (void)arg;
    if (from == 1 && which == 2) {
        memcpy(t->bytes[1][2] + 1, other.bytes[1][2] + 1, P384_SIG_LEN);
    }
}
static void splice_kem(struct talk *t, size_t from, size_t which, void *arg)
{
    (void)arg;
    if (from == 1 && which == 1) {
        memcpy(t->bytes[1][1], other.bytes[1][1], PQ1_KEM_LEN);
    }
}
/* All of the peer's messages of an earlier talk. */
static void replay(struct talk *t, size_t from, size_t which, void *arg)
{
    (void)arg;
    if (from == 1) {
        memcpy(t->bytes[1][which], other.bytes[1][which], PQ1_MESSAGE_MAX);
        t->n[1][which] = other.n[1][which];
    }
}

static void refuses_splices_and_replays(void **state)
{
    static struct end both[2];
    static struct talk t;
    static const tamper_fn tricks[] = {splice_signature, splice_kem, replay};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        pair_new(both);
        pair_talk(both, &other, NULL, NULL);
        for (size_t j = 0; j < 2; j++) {
            const struct pq1_setup s = setup_of(both, j);

            assert_int_equal(pq1_init(&both[j].c, &s), ERR_OK);
        }
        pair_talk(both, &t, tricks[i], NULL);
        assert_int_equal(t.took[1][0], ERR_OK);
        assert_int_equal(t.took[1][1], ERR_OK);
        assert_int_equal(t.took[1][2], ERR_SIGNATURE);
        assert_false(pq1_is_verified(&both[0].c));
        pair_free(both);
    }
}

/* One end has another epoch, incarnation, identity or evidence in its roster. */
static void ends_must_agree_on_the_roster(void **state)
{
    static struct end both[2];
    static struct end stranger;
    static struct talk t;
    static const uint8_t report[3] = {1, 2, 3};

    (void)state;
    pair_new(both);
    end_new(&stranger, 9);
    for (size_t row = 0; row < 6; row++) {
        struct pq1_setup s = setup_of(both, 1);
        const enum err want[6] = {ERR_QUORUM,    ERR_STALE,     ERR_STALE,
                                  ERR_SIGNATURE, ERR_SIGNATURE, ERR_SIGNATURE};

        s.epoch_id[47] = row == 0;
        s.own.incarnation += row == 1;
        s.peer.incarnation -= row == 2;
        if (row == 3) {
            memcpy(s.peer.identity, stranger.identity.public_key, P384_PUBLIC_LEN);
        }
        s.own.context = (struct view){report, row == 4 ? 3 : 0};
        s.peer.context = (struct view){report, row == 5 ? 3 : 0};
        assert_int_equal(pq1_init(&both[1].c, &s), ERR_OK);
        pair_talk(both, &t, NULL, NULL);
        assert_int_equal(t.took[1][row < 3 ? 0 : 2], want[row]);
        assert_nothing_made(both);
    }
    pair_free(both);
    end_free(&stranger);
}

static void refuses_a_pair_of_one(void **state)
{
    static struct end both[2];
    struct pq1_setup s;
    struct pq1 c;
    uint8_t out[PQ1_MESSAGE_MAX];
    struct writer w = wr_init(out, sizeof out);

    (void)state;
    pair_new(both);
    s = setup_of(both, 0);
    s.peer.index = s.own.index;
    assert_int_equal(pq1_init(&c, &s), ERR_RANGE);
    s = setup_of(both, 0);
    memcpy(s.peer.identity, s.own.identity, P384_PUBLIC_LEN);
    assert_int_equal(pq1_init(&c, &s), ERR_RANGE);
    s = setup_of(both, 0);
    s.own.identity[96] ^= 1;
    assert_int_equal(pq1_init(&c, &s), ERR_OK);
    assert_int_equal(pq1_begin(&c, &both[0].tools, &w), ERR_MISMATCH);
    assert_int_equal(c.step, PQ1_STEP_NONE);
    pair_free(both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_field_can_be_changed),
        cmocka_unit_test(a_message_of_another_type_changes_nothing),
        cmocka_unit_test(takes_messages_of_one_length_only),
        cmocka_unit_test(each_message_is_whole),
        cmocka_unit_test(refuses_keys_that_are_none),
        cmocka_unit_test(refuses_reflections),
        cmocka_unit_test(refuses_a_man_in_the_middle),
        cmocka_unit_test(refuses_splices_and_replays),
        cmocka_unit_test(ends_must_agree_on_the_roster),
        cmocka_unit_test(refuses_a_pair_of_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
