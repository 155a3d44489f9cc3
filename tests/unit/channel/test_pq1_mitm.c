/* Somebody between two ends of an attested channel, who reads, keeps and changes what they say,
 * has machines of its own, and in some cases the identity key of an end. */
#include "pq1_scene.h"

static struct scene scene;

static int make(void **state)
{
    *state = &scene;
    set_up(&scene);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    pair_free(scene.both);
    return 0;
}

/* A KEM with another block in the place of its own. */
static struct view with_block(struct said *out, const struct said *kem, const uint8_t *block,
                              size_t n)
{
    memcpy(out->bytes, kem->bytes, PQ1_KEM_LEN);
    memcpy(&out->bytes[PQ1_KEM_LEN], block, n);
    out->n = PQ1_KEM_LEN + n;
    return view_of(out);
}

/* What bob's evidence must vouch for towards alice, and one thing changed. */
static struct report_binding binding_of_bob(const struct scene *s)
{
    struct report_binding b = {.purpose = REPORT_CHANNEL,
                               .role = REPORT_CORE,
                               .place = 5,
                               .incarnation = 8,
                               .epoch_id = {0xe0}};
    struct pq1_hello alice;

    assert_int_equal(pq1_hello_decode(view_of(&s->said[0][0]), &alice), ERR_OK);
    memcpy(b.identity, s->both[1].identity.public_key, P384_PUBLIC_LEN);
    b.peer = (struct view){s->both[0].identity.public_key, P384_PUBLIC_LEN};
    memcpy(b.nonce, alice.nonce, sizeof b.nonce);
    report_context_hellos(view_of(&s->said[1][0]), view_of(&s->said[0][0]), b.context);
    return b;
}

/* Alice is told bob's KEM with evidence that vouches for b, of a machine. */
static enum err alice_hears(struct scene *s, const struct report_binding *b, uint8_t machine)
{
    uint8_t report_data[REPORT_DATA_LEN];
    uint8_t block[MACHINE_BLOCK_MAX];
    struct said kem;
    size_t n = 0;

    report_data_make(b, report_data);
    n = machine_block(machine, 0, report_data, block);
    return take(s, 0, with_block(&kem, &s->said[1][1], block, n), 2);
}

/* ---- nobody in between ---- */

static void an_attested_channel_works(void **state)
{
    struct scene *const s = *state;

    talk(s);
    assert_pair_works(s->both);
    assert_int_equal(s->judges[0].asked, 1);
    assert_int_equal(s->judges[1].asked, 1);
    talk(s); /* renewed: with evidence that is new */
    assert_pair_works(s->both);
    assert_int_equal(s->judges[0].asked, 2);
}

/* The binding is what the page says; the cases below change it field by field. */
static void evidence_is_what_the_page_says(void **state)
{
    struct scene *const s = *state;
    struct report_binding b;

    talk_to_kem(s);
    b = binding_of_bob(s);
    assert_int_equal(alice_hears(s, &b, BOB), ERR_OK);
}

/* The peer's KEM may come while the own evidence is on its way: nobody waits for nobody. */
static void kems_may_cross(void **state)
{
    struct scene *const s = *state;
    struct said extra = {{0}, 0};
    struct writer w = writer_of(&extra);

    begin(s, 0);
    begin(s, 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(take(s, i, view_of(&s->said[1 - i][0]), 1), ERR_OK);
    }
    attest(s, 1, BOB);
    assert_int_equal(take(s, 0, view_of(&s->said[1][1]), 2), ERR_OK);
    assert_int_equal(s->said[0][2].n, 0);
    assert_int_equal(take(s, 0, view_of(&s->said[1][1]), 2), ERR_STATE); /* again */
    assert_int_equal(pq1_go_on(&s->both[0].c, &s->both[0].tools, &w), ERR_STATE);
    attest(s, 0, ALICE);
    assert_int_equal(take(s, 0, view_of(&s->said[1][1]), 2), ERR_STATE); /* and again */
    assert_int_equal(pq1_go_on(&s->both[0].c, &s->both[0].tools, &w), ERR_OK);
    assert_int_equal(w.len, PQ1_FINISHED_LEN);
    extra.n = w.len;
    assert_int_equal(take(s, 1, view_of(&s->said[0][1]), 2), ERR_OK);
    assert_int_equal(take(s, 1, view_of(&extra), 0), ERR_OK);
    assert_int_equal(take(s, 0, view_of(&s->said[1][2]), 0), ERR_OK);
    assert_pair_works(s->both);
}

/* ---- 1: evidence of another channel ---- */

static void mitm_01_evidence_of_another_channel(void **state)
{
    struct scene *const s = *state;
    struct said old;
    struct said kem;

    talk(s);
    old = s->said[1][1]; /* bob's, to the same alice, genuine */
    talk_to_kem(s);
    assert_int_equal(
        take(s, 0,
             with_block(&kem, &s->said[1][1], &old.bytes[PQ1_KEM_LEN], old.n - PQ1_KEM_LEN), 2),
        ERR_MISMATCH);
    assert_int_equal(s->both[0].c.step, PQ1_STEP_NONE);
}

/* ---- 2, 3: bob's identity key has leaked ---- */

/* Mallory is bob to alice, with bob's key and a machine of its own. */
static void mitm_02_leaked_key_on_another_machine(void **state)
{
    struct scene *const s = *state;

    begin(s, 0);
    begin(s, 1); /* with bob's key, wherever that is */
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(take(s, i, view_of(&s->said[1 - i][0]), 1), ERR_OK);
    }
    attest(s, 0, ALICE);
    attest(s, 1, MALLORY);
    refuses(s, 0, view_of(&s->said[1][1]), ERR_POLICY);
}

/* Mallory, with bob's key and a Hello of its own, has the real bob make evidence for alice's
 * nonce, by playing alice to him. */
static void mitm_03_leaked_key_and_evidence_of_the_real_bob(void **state)
{
    static struct scene real;
    struct scene *const s = *state;
    struct said kem;

    set_up(&real);
    begin(s, 0);
    begin(s, 1); /* Mallory with bob's key */
    assert_int_equal(take(s, 0, view_of(&s->said[1][0]), 1), ERR_OK);
    attest(s, 0, ALICE);
    assert_int_equal(take(s, 1, view_of(&s->said[0][0]), 1), ERR_OK);
    attest(s, 1, MALLORY);
    real.both[1].drbg = s->both[1].drbg; /* another Hello than Mallory's */
    begin(&real, 1);
    assert_int_equal(take(&real, 1, view_of(&s->said[0][0]), 1), ERR_OK);
    attest(&real, 1, BOB);
    refuses(s, 0,
            with_block(&kem, &s->said[1][1], &real.said[1][1].bytes[PQ1_KEM_LEN],
                       real.said[1][1].n - PQ1_KEM_LEN),
            ERR_MISMATCH);
    pair_free(real.both);
}

/* ---- 4: reflection ---- */

static void mitm_04_own_words_reflected(void **state)
{
    struct scene *const s = *state;
    struct said hello;

    begin(s, 0);
    assert_int_equal(take(s, 0, view_of(&s->said[0][0]), 1), ERR_MISMATCH);
    begin(s, 0);
    hello = s->said[0][0]; /* its own, with the names exchanged */
    hello.bytes[49] = 4;
    hello.bytes[50] = 0;
    memcpy(&hello.bytes[51], &s->said[0][0].bytes[55], 4);
    memcpy(&hello.bytes[55], &s->said[0][0].bytes[51], 4);
    assert_int_equal(take(s, 0, view_of(&hello), 1), ERR_MISMATCH);
    talk_to_kem(s);
    s->judges[0].machine = ALICE; /* even if it were of the right machine */
    refuses(s, 0, view_of(&s->said[0][1]), ERR_MISMATCH);
}

/* ---- 5: two handshakes spliced ---- */

static void mitm_05_splice_of_two_handshakes(void **state)
{
    struct scene *const s = *state;
    struct said first;

    talk_to_kem(s);
    first = s->said[1][1];
    talk_to_kem(s);
    refuses(s, 0, view_of(&first), ERR_MISMATCH);
}

/* ---- 6: of another use ---- */

static void mitm_06_evidence_of_another_purpose(void **state)
{
    struct scene *const s = *state;

    for (int purpose = REPORT_ASKED; purpose <= REPORT_TLS; purpose++) {
        struct report_binding b;

        talk_to_kem(s);
        b = binding_of_bob(s);
        b.purpose =
            (uint8_t)purpose; /* the nonce is alice's: anybody may have asked bob with it */
        assert_int_equal(alice_hears(s, &b, BOB), ERR_MISMATCH);
    }
    for (int role = REPORT_OPERATOR; role <= REPORT_REGISTRY; role++) {
        struct report_binding b;

        talk_to_kem(s);
        b = binding_of_bob(s);
        b.role = (uint8_t)role;
        assert_int_equal(alice_hears(s, &b, BOB), ERR_MISMATCH);
    }
}

/* ---- 7 to 12: of another epoch, moment, key, incarnation, place ---- */

static void mitm_07_evidence_of_another_epoch(void **state)
{
    struct scene *const s = *state;
    struct report_binding b;

    talk_to_kem(s);
    b = binding_of_bob(s);
    b.epoch_id[0] ^= 1;
    assert_int_equal(alice_hears(s, &b, BOB), ERR_MISMATCH);
}

/* All that bob said once, again, and in order. */
static void mitm_08_old_hello_and_evidence_replayed(void **state)
{
    struct scene *const s = *state;
    struct said old[2];

    talk(s);
    old[0] = s->said[1][0];
    old[1] = s->said[1][1];
    begin(s, 0);
    assert_int_equal(take(s, 0, view_of(&old[0]), 1), ERR_OK);
    attest(s, 0, ALICE);
    assert_int_equal(take(s, 0, view_of(&old[1]), 2), ERR_MISMATCH);
    assert_int_equal(s->both[0].c.step, PQ1_STEP_NONE);
    assert_true(pq1_is_verified(&s->both[0].c)); /* what is in use stays */
}

/* A Hello with another key, and bob's evidence, which is of his own. */
static void hear_swapped_key(struct scene *s, size_t at, size_t n, const uint8_t *other)
{
    struct said hello;

    begin(s, 0);
    begin(s, 1);
    hello = s->said[1][0];
    memcpy(&hello.bytes[at], other, n);
    assert_int_equal(take(s, 0, view_of(&hello), 1), ERR_OK);
    attest(s, 0, ALICE);
    assert_int_equal(take(s, 1, view_of(&s->said[0][0]), 1), ERR_OK);
    attest(s, 1, BOB);
    refuses(s, 0, view_of(&s->said[1][1]), ERR_MISMATCH);
}

static void mitm_09_another_mlkem_key(void **state)
{
    static struct scene other;
    struct scene *const s = *state;

    set_up(&other);
    begin(&other, 0);
    hear_swapped_key(s, 91, PQ1_EK_LEN, &other.said[0][0].bytes[91]);
    pair_free(other.both);
}

static void mitm_10_another_p384_key(void **state)
{
    struct scene *const s = *state;

    hear_swapped_key(s, 91 + PQ1_EK_LEN, P384_PUBLIC_LEN, s->both[0].identity.public_key);
}

static void mitm_11_another_incarnation(void **state)
{
    struct scene *const s = *state;
    struct report_binding b;

    talk_to_kem(s);
    b = binding_of_bob(s);
    b.incarnation = 7;
    assert_int_equal(alice_hears(s, &b, BOB), ERR_MISMATCH);
}

static void mitm_12_another_place(void **state)
{
    struct scene *const s = *state;
    struct report_binding b;

    talk_to_kem(s);
    b = binding_of_bob(s);
    b.place = 4;
    assert_int_equal(alice_hears(s, &b, BOB), ERR_MISMATCH);
}

/* ---- 13 to 15: of another node ---- */

static void mitm_13_machine_of_another_node(void **state)
{
    struct scene *const s = *state;
    struct report_binding b;

    talk_to_kem(s);
    b = binding_of_bob(s);
    assert_int_equal(alice_hears(s, &b, ALICE), ERR_POLICY);
}

static void mitm_14_evidence_of_both_exchanged(void **state)
{
    struct scene *const s = *state;
    struct said kem;

    talk_to_kem(s);
    s->judges[0].machine = ALICE; /* even if both were of one machine */
    refuses(s, 0,
            with_block(&kem, &s->said[1][1], &s->said[0][1].bytes[PQ1_KEM_LEN],
                       s->said[0][1].n - PQ1_KEM_LEN),
            ERR_MISMATCH);
}

static void mitm_15_identity_or_peer_of_another(void **state)
{
    struct scene *const s = *state;
    struct report_binding b;

    talk_to_kem(s);
    b = binding_of_bob(s);
    b.identity[96] ^= 1;
    assert_int_equal(alice_hears(s, &b, BOB), ERR_MISMATCH);
    talk_to_kem(s);
    b = binding_of_bob(s);
    b.peer.p = b.identity;
    assert_int_equal(alice_hears(s, &b, BOB), ERR_MISMATCH);
    talk_to_kem(s);
    b = binding_of_bob(s);
    b.peer.n = 0;
    assert_int_equal(alice_hears(s, &b, BOB), ERR_MISMATCH);
}

/* ---- 16, 17: the block as such ---- */

static void mitm_16_block_cut_or_extended(void **state)
{
    static uint8_t most[PQ1_ATTESTED_MAX + 1];
    struct scene *const s = *state;
    struct said kem;

    for (size_t n = 1; n < 20; n++) {
        talk_to_kem(s);
        kem = s->said[1][1];
        kem.n -= n;
        refuses(s, 0, view_of(&kem), ERR_TRUNCATED);
    }
    talk_to_kem(s);
    kem = s->said[1][1];
    kem.bytes[kem.n++] = 0;
    refuses(s, 0, view_of(&kem), ERR_TRAILING);
    talk_to_kem(s);
    memcpy(most, s->said[1][1].bytes, s->said[1][1].n);
    refuses(s, 0, (struct view){most, sizeof most}, ERR_LENGTH);
    talk_to_kem(s);
    kem = s->said[1][1];
    kem.bytes[PQ1_KEM_LEN + 10] ^= 1;
    refuses(s, 0, view_of(&kem), ERR_SIGNATURE);
}

/* Another block, as good as the one that bob sent: only he knows which it was. */
static void mitm_17_other_evidence_as_genuine(void **state)
{
    struct scene *const s = *state;
    uint8_t block[MACHINE_BLOCK_MAX];
    uint8_t wanted[REPORT_DATA_LEN];
    struct report_binding b;
    struct said kem;
    size_t n = 0;

    talk_to_kem(s);
    b = binding_of_bob(s);
    report_data_make(&b, wanted);
    n = machine_block(BOB, 1, wanted, block);
    assert_int_equal(take(s, 0, with_block(&kem, &s->said[1][1], block, n), 2), ERR_OK);
    assert_int_equal(take(s, 1, view_of(&s->said[0][1]), 2), ERR_OK);
    assert_int_equal(take(s, 0, view_of(&s->said[1][2]), 0), ERR_SIGNATURE);
    assert_int_equal(take(s, 1, view_of(&s->said[0][2]), 0), ERR_SIGNATURE);
    assert_nothing_made(s->both);
}

/* ---- 18 to 20: order ---- */

static void mitm_18_evidence_twice(void **state)
{
    struct scene *const s = *state;
    struct said again;
    struct writer w = writer_of(&again);
    uint8_t wanted[REPORT_DATA_LEN];
    const uint8_t block[4] = {0};

    begin(s, 0);
    assert_int_equal(pq1_give_evidence(&s->both[0].c, (struct view){block, 4}, &w), ERR_STATE);
    talk_to_kem(s);
    assert_false(pq1_wants_evidence(&s->both[0].c, wanted));
    assert_int_equal(pq1_give_evidence(&s->both[0].c, (struct view){block, 4}, &w), ERR_STATE);
    assert_int_equal(take(s, 0, view_of(&s->said[1][1]), 2), ERR_OK);
    again = s->said[1][1];
    assert_int_equal(take(s, 0, view_of(&again), 1), ERR_STATE);
    assert_int_equal(s->judges[0].asked, 1); /* nor is it judged again */
}

static void mitm_19_finished_before_evidence(void **state)
{
    struct scene *const s = *state;
    struct said old;
    struct said early;
    struct writer w = writer_of(&early);

    talk(s);
    old = s->said[1][2];
    begin(s, 0);
    assert_int_equal(take(s, 0, view_of(&old), 1), ERR_STATE);
    begin(s, 1);
    assert_int_equal(take(s, 0, view_of(&s->said[1][0]), 1), ERR_OK);
    assert_int_equal(take(s, 0, view_of(&old), 1), ERR_STATE); /* the own is not there */
    attest(s, 0, ALICE);
    assert_int_equal(take(s, 0, view_of(&old), 2), ERR_STATE); /* the peer's is not */
    assert_int_equal(pq1_go_on(&s->both[0].c, &s->both[0].tools, &w), ERR_STATE);
    assert_int_equal(s->both[0].c.step, PQ1_STEP_KEM);
}

static void mitm_20_no_evidence_or_empty(void **state)
{
    struct scene *const s = *state;
    struct said kem;
    struct writer w = writer_of(&kem);

    talk_to_kem(s);
    kem = s->said[1][1];
    kem.n = PQ1_KEM_LEN;
    refuses(s, 0, view_of(&kem), ERR_EVIDENCE);
    assert_int_equal(s->judges[0].asked, 0);
    begin(s, 0);
    begin(s, 1);
    assert_int_equal(take(s, 0, view_of(&s->said[1][0]), 1), ERR_OK);
    assert_int_equal(pq1_give_evidence(&s->both[0].c, (struct view){NULL, 0}, &w), ERR_LENGTH);
    assert_int_equal(s->both[0].c.step, PQ1_STEP_EVIDENCE);
}

/* ---- 21, 22: the other end has a plan without a policy ---- */

static void make_unattested(struct scene *s, size_t i)
{
    const struct pq1_setup setup = setup_of(s->both, i);

    assert_int_equal(pq1_init(&s->both[i].c, &setup), ERR_OK);
}

static void mitm_21_downgrade_of_the_other_end(void **state)
{
    struct scene *const s = *state;

    make_unattested(s, 1);
    begin(s, 0);
    begin(s, 1);
    assert_int_equal(take(s, 1, view_of(&s->said[0][0]), 1), ERR_OK);
    assert_int_equal(s->said[1][1].n, PQ1_KEM_LEN);
    assert_int_equal(take(s, 0, view_of(&s->said[1][0]), 1), ERR_OK);
    attest(s, 0, ALICE);
    refuses(s, 0, view_of(&s->said[1][1]), ERR_EVIDENCE);
    refuses(s, 1, view_of(&s->said[0][1]), ERR_LENGTH);
}

/* Evidence where none is wanted is no part of an unattested channel. */
static void mitm_22_evidence_on_an_unattested_channel(void **state)
{
    struct scene *const s = *state;
    uint8_t wanted[REPORT_DATA_LEN];
    struct said kem;

    make_unattested(s, 0);
    make_unattested(s, 1);
    begin(s, 0);
    begin(s, 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(take(s, i, view_of(&s->said[1 - i][0]), 1), ERR_OK);
        assert_false(pq1_wants_evidence(&s->both[i].c, wanted));
    }
    refuses(s, 0, with_block(&kem, &s->said[1][1], (const uint8_t *)"x", 1), ERR_LENGTH);
}

/* ---- 23: what both mean besides ---- */

/* Both ends name what the channel is for; evidence comes on top of it. */
static void mitm_23_another_context(void **state)
{
    struct scene *const s = *state;

    for (size_t other = 0; other < 2; other++) {
        for (size_t i = 0; i < 2; i++) {
            struct pq1_setup setup = attested_setup(s, i);
            const char *const mine = i == other ? "one" : "two";

            setup.own.context = (struct view){(const uint8_t *)"one", 3};
            setup.peer.context = (struct view){(const uint8_t *)mine, 3};
            assert_int_equal(pq1_init(&s->both[i].c, &setup), ERR_OK);
        }
        talk_to_finished(s);
        assert_int_equal(take(s, 0, view_of(&s->said[1][2]), 0), ERR_SIGNATURE);
        assert_int_equal(take(s, 1, view_of(&s->said[0][2]), 0), ERR_SIGNATURE);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_attested_channel_works),
        CASE(evidence_is_what_the_page_says),
        CASE(kems_may_cross),
        CASE(mitm_01_evidence_of_another_channel),
        CASE(mitm_02_leaked_key_on_another_machine),
        CASE(mitm_03_leaked_key_and_evidence_of_the_real_bob),
        CASE(mitm_04_own_words_reflected),
        CASE(mitm_05_splice_of_two_handshakes),
        CASE(mitm_06_evidence_of_another_purpose),
        CASE(mitm_07_evidence_of_another_epoch),
        CASE(mitm_08_old_hello_and_evidence_replayed),
        CASE(mitm_09_another_mlkem_key),
        CASE(mitm_10_another_p384_key),
        CASE(mitm_11_another_incarnation),
        CASE(mitm_12_another_place),
        CASE(mitm_13_machine_of_another_node),
        CASE(mitm_14_evidence_of_both_exchanged),
        CASE(mitm_15_identity_or_peer_of_another),
        CASE(mitm_16_block_cut_or_extended),
        CASE(mitm_17_other_evidence_as_genuine),
        CASE(mitm_18_evidence_twice),
        CASE(mitm_19_finished_before_evidence),
        CASE(mitm_20_no_evidence_or_empty),
        CASE(mitm_21_downgrade_of_the_other_end),
        CASE(mitm_22_evidence_on_an_unattested_channel),
        CASE(mitm_23_another_context),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
