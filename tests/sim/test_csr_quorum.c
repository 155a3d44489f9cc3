/* The certificate request of a key that five cores have together, three of whom sign: the
 * cores' step machines and the host's side of it in one process. */
#include "quorum_fixture.h"

#include "format/pem.h"
#include "host/csr/csr_quorum.h"

#include <stdlib.h>

#define POOL 2

static struct quorum_fixture *f;
static struct quorum_roster roster;
static struct csr_quorum q;
static struct csr_scratch *scratch;
static uint8_t text[CSR_PEM_MAX];
static struct writer pem;

static struct {
    unsigned dead;      /* parties that do not answer */
    unsigned liar;      /* its REVEALs are wrong, and signed; NODES: none */
    unsigned forger;    /* its answers are changed on their way; NODES: none */
    unsigned slow_r1s;  /* so many R1 answers come after their life */
    unsigned questions; /* SIGN_CSR frames */
    bool empty;         /* nobody makes batches */
} world;

/* A party that puts its name to another w. */
static void lie(struct member *m, uint8_t *body, size_t n)
{
    struct reader r = rd_init((struct view){body + 3, n - 3});
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct quorum_word word;
    uint8_t sig[QUORUM_SIG_LEN];

    body[3 + QUORUM_WORD_HEAD + 1000] ^= 1;
    assert_int_equal(quorum_word_decode(&r, n, &word), ERR_OK);
    for (size_t i = 0; i < POOL; i++) { /* of the session that is open now */
        if (m->party.places[i].state == PQ_OPEN) {
            quorum_word_signed(QUORUM_REVEAL, m->party.places[i].session.id, &word,
                               signed_part);
        }
    }
    assert_int_equal(ed25519_sign(m->stack, &m->identity,
                                  (struct view){signed_part, sizeof signed_part}, sig),
                     ERR_OK);
    memcpy(body + 3 + 1, sig, sizeof sig);
}

static enum err ask(void *user, unsigned party, enum frame_type type, struct view body,
                    struct view *answer)
{
    struct member *const m = f->members[party];
    uint8_t *said;

    (void)user;
    if ((world.dead >> party & 1) != 0) {
        return party % 2 == 0 ? ERR_IO : ERR_DEADLINE;
    }
    TRY(member_call(m, (uint8_t)type, body));
    if (m->batch != NULL) {
        member_finish(m, false);
    }
    *answer = m->body;
    said = m->reply + FRAME_HEADER_LEN;
    if (type == FRAME_R1 && world.slow_r1s > 0) {
        world.slow_r1s--;
        quorum_fixture_go(f, (R1_LIFE_MS + 1) * MS);
    }
    if (type == FRAME_SIGN_CSR) {
        world.questions++;
        if (party == world.liar) {
            lie(m, said, m->body.n);
        }
    }
    if (party == world.forger) {
        said[m->body.n / 2] ^= 1;
    }
    return ERR_OK;
}

static void pause_a_while(void *user, unsigned ms)
{
    (void)user;
    (void)ms;
    quorum_fixture_go(f, (R1_LIFE_MS + 1) * MS);
    if (!world.empty) {
        quorum_fixture_renew(f);
    }
}

static enum err fill(void *self, uint8_t *out, size_t n)
{
    (void)self;
    if (!world.empty) {
        quorum_fixture_renew(f); /* a new session: time has passed */
    }
    noise_bytes(&f->noise, out, n);
    return ERR_OK;
}

static const struct entropy_source labels = {fill, NULL};

static int start(void **state)
{
    (void)state;
    f = quorum_fixture_waiting(POOL);
    roster = (struct quorum_roster){.plan = &f->plan, .key = &f->math->key, .t = f->math->t};
    memcpy(roster.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memset(&world, 0, sizeof world);
    world.liar = NODES;
    world.forger = NODES;
    q = (struct csr_quorum){.roster = &roster,
                            .public_key = {f->math->pk, PQ_PUBLIC_LEN},
                            .entropy = &labels,
                            .ask = ask,
                            .pause = pause_a_while};
    scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    pem = wr_init(text, sizeof text);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    quorum_fixture_free(f);
    free(scratch);
    return 0;
}

/* One genuine request of the key. */
static void assert_request(void)
{
    uint8_t der[CSR_MAX];
    struct reader r = rd_init((struct view){text, pem.len});
    struct view all;
    struct csr c;

    assert_int_equal(pem_parse(&r, CSR_PEM_LABEL, der, sizeof der, &all), ERR_OK);
    assert_int_equal(r.n, 0);
    assert_int_equal(csr_parse(all, &c), ERR_OK);
    assert_true(view_equal(c.public_key, q.public_key));
    assert_int_equal(csr_verify(&c, scratch), ERR_OK);
}

static void a_quorum_signs_the_request(void **state)
{
    size_t audited = 0;

    (void)state;
    assert_int_equal(csr_quorum_sign(&q, &pem), ERR_OK);
    assert_request();
    assert_true(q.attempts >= 1 && q.guilty == 0 && q.missing == 0);
    for (unsigned i = 0; i < NODES; i++) {
        for (uint8_t a = 1; a <= q.attempts; a++) {
            audited += member_audited(f->members[i], AUDIT_CSR_SIGNED, KEY_PQ, a);
        }
    }
    assert_int_equal(audited, (size_t)SIGNERS * q.attempts);
}

static void two_may_be_gone(void **state)
{
    (void)state;
    world.dead = 0x12;
    assert_int_equal(csr_quorum_sign(&q, &pem), ERR_OK);
    assert_request();
    assert_int_equal(q.missing, 0x12);
}

static void three_may_not(void **state)
{
    (void)state;
    world.dead = 0x15;
    assert_int_equal(csr_quorum_sign(&q, &pem), ERR_QUORUM);
    assert_int_equal(q.missing & 0x15, q.missing);
    assert_int_equal(q.attempts, 0);
    assert_int_equal(pem.len, 0);
}

static void a_liar_is_named_and_left_out(void **state)
{
    (void)state;
    world.liar = 1;
    assert_int_equal(csr_quorum_sign(&q, &pem), ERR_OK);
    assert_request();
    assert_int_equal(q.guilty, 1U << 1);
    assert_true(q.attempts >= 2);
}

/* It may be the host: nobody is guilty, and the others sign. */
static void who_sends_nonsense_is_left_out(void **state)
{
    (void)state;
    world.forger = 2;
    assert_int_equal(csr_quorum_sign(&q, &pem), ERR_OK);
    assert_request();
    assert_int_equal(q.guilty, 0);
    assert_int_equal(q.missing, 1U << 2);
}

/* The question comes too late for its R1s: another attempt. */
static void r1s_that_grew_old_are_asked_for_again(void **state)
{
    (void)state;
    world.slow_r1s = 4;
    assert_int_equal(csr_quorum_sign(&q, &pem), ERR_OK);
    assert_request();
}

static void without_batches_it_ends(void **state)
{
    (void)state;
    world.empty = true;
    for (unsigned i = 0; i < NODES; i++) {
        pq_party_void(&f->members[i]->party);
    }
    assert_int_equal(csr_quorum_sign(&q, &pem), ERR_STATE);
    assert_int_equal(q.early_end, CSR_EARLY_ENDS_MAX);
    assert_int_equal(q.attempts, 0);
}

static void not_once_the_key_has_its_certificate(void **state)
{
    (void)state;
    quorum_fixture_activate(f);
    assert_int_equal(csr_quorum_sign(&q, &pem), ERR_STATE);
    assert_int_equal(pem.len, 0);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(member_audited(f->members[i], AUDIT_CSR_SIGNED, KEY_PQ, 1), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_quorum_signs_the_request, start, stop),
        cmocka_unit_test_setup_teardown(two_may_be_gone, start, stop),
        cmocka_unit_test_setup_teardown(three_may_not, start, stop),
        cmocka_unit_test_setup_teardown(a_liar_is_named_and_left_out, start, stop),
        cmocka_unit_test_setup_teardown(who_sends_nonsense_is_left_out, start, stop),
        cmocka_unit_test_setup_teardown(r1s_that_grew_old_are_asked_for_again, start, stop),
        cmocka_unit_test_setup_teardown(without_batches_it_ends, start, stop),
        cmocka_unit_test_setup_teardown(not_once_the_key_has_its_certificate, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
