/* Ceremonies that make a P-384 key besides: good ones, and each lie about it. */
#include "rig.h"
#include "testing.h"

#include "base/build.h"
#include "wire/ceremony_classic.h"

#include <stdlib.h>

static struct rig rig;

/* ---- a key that three can use ---- */

/* sum over S of lambda x, times G, is the public key. Runs on a work stack. */
static enum err check_three(void *arg)
{
    const unsigned s = *(const unsigned *)arg;
    const struct tecdsa_key *const key = &rig.nodes[0].c.classic;
    struct tecdsa_scalar sum = {{0}};
    struct tecdsa_point point;

    for (unsigned i = 0; i < rig.kit.plan.total; i++) {
        struct tecdsa_scalar part;

        if ((s >> i & 1) != 0) {
            tecdsa_lagrange(s, i, &part);
            tecdsa_scalar_mul(&part, &rig.nodes[i].c.classic_share.x, &part);
            tecdsa_scalar_add(&sum, &part, &sum);
        }
    }
    tecdsa_point_mul_g(&sum, &point);
    return tecdsa_point_equal(&point, &key->pk) != 0 ? ERR_OK : ERR_MISMATCH;
}

static void check_shares(void)
{
    uint8_t quorums[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_subsets(rig.kit.plan.total, TECDSA_T, quorums);

    for (size_t i = 0; i < n; i++) {
        unsigned s = quorums[i];

        assert_int_equal(work_stack_run_gmp(&rig.nodes[0].work.stack, check_three, &s), ERR_OK);
    }
}

static void check_record(void)
{
    static struct ceremony_record record;
    static struct ceremony_scratch scratch;
    struct ceremony_finding findings[CEREMONY_CHECKS];
    const struct view bytes = rig.nodes[0].c.record_bytes;
    uint8_t *const last = (uint8_t *)(uintptr_t)&bytes.p[bytes.n - 1];

    assert_int_equal(ceremony_record_decode(bytes, &record), ERR_OK);
    assert_int_equal(record.classic.n, ceremony_classic_len(&rig.kit.plan));
    assert_memory_equal(record.classic.p, rig.nodes[1].c.classic.public_key, P384_PUBLIC_LEN);
    assert_true(ceremony_record_verify(&record, &scratch, findings));
    *last ^= 1; /* the last public share, which no message names */
    assert_false(ceremony_record_verify(&record, &scratch, findings));
    assert_int_equal(findings[CEREMONY_CHECK_CLASSIC].err, ERR_MISMATCH);
    *last ^= 1;
}

static void both_keys_are_made(void **state)
{
    static const uint8_t totals[] = {3, 5};
    const size_t n =
        BUILD_ASAN != 0 ? 1 : sizeof totals; /* a second, where memory is watched */

    (void)state;
    for (size_t i = 0; i < n; i++) {
        rig_make(&rig, 3, totals[i], 900 + i);
        rig_share_classic(&rig);
        rig_run(&rig);
        assert_true(rig_all(&rig, CEREMONY_FINISHED));
        rig_check_secrets(&rig);
        check_shares();
        check_record();
        rig_free(&rig);
    }
}

/* ---- lies ---- */

static void setup_of(uint8_t nodes, uint8_t bad, uint8_t round, uint8_t victim,
                     rig_fault *fault)
{
    rig_make(&rig, 3, nodes, 950 + bad * 16U + round);
    rig_share_classic(&rig);
    rig.bad = bad;
    rig.round = round;
    rig.victim = victim;
    rig.fault = fault;
}

static void setup(uint8_t bad, uint8_t round, uint8_t victim, rig_fault *fault)
{
    setup_of(3, bad, round, victim, fault);
}

static void must_be_proven(uint8_t reason)
{
    rig_run(&rig);
    rig_check_ended(&rig, true);
    for (uint8_t i = 0; i < rig.kit.plan.total; i++) {
        assert_true(i == rig.bad || rig.nodes[i].c.end.reason == reason);
    }
    rig_free(&rig);
}

/* After it committed to another one. */
static unsigned change_dealing(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)to, (void)bytes, (void)n, (void)cap;
    r->nodes[r->bad].c.secrets.classic.dealing.a[1].w[0] ^= 1;
    return 1;
}

static void a_wrong_share_is_shown_to_all(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 3; bad++) {
        setup(bad, CEREMONY_COMMIT, (uint8_t)((bad + 1U) % 3), change_dealing);
        must_be_proven(CEREMONY_BAD_SHARE);
    }
}

static unsigned change_opening(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)to, (void)bytes, (void)n, (void)cap;
    ((uint8_t *)&r->nodes[r->bad].c.secrets.classic.opening)[r->at] = 0xa5;
    return 1;
}

/* A point, which may be none then; the proof; the salt. */
static void a_wrong_opening_is_shown_to_all(void **state)
{
    static const size_t at[] = {0, 60, 3 * TECDSA_POINT_LEN + 5, TECDSA_OPENING_LEN - 1};

    (void)state;
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        setup(2, CEREMONY_COMMIT, 0, change_opening);
        rig.at = at[i];
        must_be_proven(CEREMONY_BAD_OPENING);
    }
}

/* Commits to an opening that proves nothing: a key of which it may not know its part. */
static unsigned commit_to_no_proof(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n,
                                   size_t cap)
{
    struct ceremony *const c = &r->nodes[r->bad].c;
    const struct tecdsa_ceremony rules = ceremony_classic_rules(&c->known);
    struct ceremony_msg *const own = &c->known.msg[CEREMONY_COMMIT][r->bad];
    uint8_t *const com = (uint8_t *)(uintptr_t)ceremony_body_classic(&c->plan, own).p;
    static uint8_t body[2048];
    struct ceremony_msg m = *own;

    (void)to, (void)cap;
    c->secrets.classic.opening.proof.response[40] ^= 1;
    tecdsa_keygen_commit(&rules, r->bad, &c->secrets.classic.opening, com);
    assert_true(own->body.n <= sizeof body);
    memcpy(body, own->body.p, own->body.n);
    rig_sign(r, bytes, n, &m, body, own->body.n);
    memcpy((uint8_t *)(uintptr_t)own->whole.p, bytes, own->whole.n); /* what it vouches for */
    r->lie = malloc(*n);                                             /* what the others get */
    assert_non_null(r->lie);
    memcpy(r->lie, bytes, *n);
    r->lie_len = *n;
    return 1;
}

static void a_key_without_proof_is_no_key(void **state)
{
    (void)state;
    setup_of(5, 3, CEREMONY_COMMIT, CEREMONY_TO_ALL, commit_to_no_proof);
    must_be_proven(CEREMONY_BAD_OPENING);
}

/* In the proof, which stands before all signatures. */
static void who_does_not_hold_its_share_is_named(void **state)
{
    (void)state;
    setup(0, CEREMONY_TEST, CEREMONY_TO_ALL, rig_resign);
    rig.at = 1 + CEREMONY_SIGNATURE_LEN + 10;
    rig.once = true;
    must_be_proven(CEREMONY_BAD_TEST);
}

/* Another key than that of the messages. */
static unsigned change_key(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)to, (void)bytes, (void)n, (void)cap;
    r->nodes[r->bad].c.classic.key_id[0] ^= 1;
    return 1;
}

static void all_vouch_for_one_key(void **state)
{
    (void)state;
    setup(1, CEREMONY_T_REVEAL, 0, change_key);
    rig_run(&rig);
    rig_check_ended(&rig, true); /* by a DONE of its own, or by what it says of another's */
    rig_free(&rig);
}

/* ---- complaints without reason ---- */

/* Shows what a good node dealt it. */
static unsigned complain(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    static uint8_t body[4096];
    struct ceremony *const c = &r->nodes[r->bad].c;
    struct ceremony_complaint complaint = {.reason = CEREMONY_BAD_SHARE, .accused = 0, .n = 2};
    struct ceremony_msg m = {
        .round = CEREMONY_COMPLAINT, .sender = r->bad, .to = CEREMONY_TO_ALL};
    struct reader reader = rd_init((struct view){c->secrets.open[0], c->secrets.open_len[0]});
    struct writer w = wr_init(body, sizeof body);
    struct view v;

    (void)to;
    assert_int_equal(ceremony_msg_decode(&reader, &complaint.proof[0]), ERR_OK);
    complaint.proof[1] = c->known.msg[CEREMONY_RHO][0];
    ceremony_complaint_encode(&w, &complaint);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    assert_true(v.n + CEREMONY_HEADER_LEN + P384_SIG_LEN <= cap + 4096);
    *n = v.n;
    if (v.n + CEREMONY_HEADER_LEN + P384_SIG_LEN > cap) {
        return 0;
    }
    rig_sign(r, bytes, n, &m, v.p, v.n);
    return 1;
}

static void a_good_share_accuses_nobody(void **state)
{
    (void)state;
    setup(1, CEREMONY_T_REVEAL, CEREMONY_TO_ALL, complain);
    rig_run(&rig);
    rig_check_ended(&rig, true);
    assert_int_equal(rig.nodes[0].c.end.reason, CEREMONY_FALSE_COMPLAINT);
    rig_free(&rig);
}

/* ---- the judge alone ---- */

static struct ceremony_scratch scratch;
static uint8_t made[4096]; /* a message that a node never sent */

/* An OPEN of node 0, with a share of ones, to a node. */
static struct ceremony_msg open_to(uint8_t to, size_t n)
{
    static uint8_t body[64];
    struct ceremony_msg m = {.round = CEREMONY_OPEN, .sender = 0, .to = to};
    struct reader r;
    size_t len = sizeof made - 256;

    memset(body, 1, sizeof body);
    rig_sign(&rig, made, &len, &m, body, n);
    r = rd_init((struct view){made, len});
    assert_int_equal(ceremony_msg_decode(&r, &m), ERR_OK);
    return m;
}

static void must_judge(const struct ceremony_msg *a, const struct ceremony_msg *b,
                       uint8_t accused, uint8_t reason, uint8_t culprit)
{
    const struct ceremony_complaint c = {.reason = CEREMONY_BAD_SHARE,
                                         .accused = accused,
                                         .n = b != NULL ? 2 : 1,
                                         .proof = {*a, b != NULL ? *b : *a}};
    const struct ceremony_verdict v =
        ceremony_judge(&rig.nodes[2].c.known, 1, &c, NULL, &scratch);

    assert_int_equal(v.reason, reason);
    assert_int_equal(v.culprit, culprit);
}

static void a_share_is_judged_by_what_its_dealer_signed(void **state)
{
    struct ceremony_msg open;
    struct ceremony_msg other;
    const struct ceremony_msg *rho = NULL;
    uint8_t *byte = NULL;

    (void)state;
    rig_make(&rig, 3, 3, 990);
    rig_share_classic(&rig);
    rig_run(&rig);
    assert_true(rig_all(&rig, CEREMONY_FINISHED));
    rho = &rig.nodes[2].c.known.msg[CEREMONY_RHO][0];
    open = open_to(1, TECDSA_SCALAR_LEN);
    must_judge(&open, rho, 0, CEREMONY_BAD_SHARE, 0);
    /* Not without the other, in another order, of somebody else, or of no form. */
    must_judge(&open, NULL, 0, CEREMONY_FALSE_COMPLAINT, 1);
    must_judge(rho, &open, 0, CEREMONY_FALSE_COMPLAINT, 1);
    must_judge(&open, rho, 2, CEREMONY_FALSE_COMPLAINT, 1);
    must_judge(&open, &rig.nodes[2].c.known.msg[CEREMONY_RHO][1], 0, CEREMONY_FALSE_COMPLAINT,
               1);
    open = open_to(1, TECDSA_SCALAR_LEN + 1);
    must_judge(&open, rho, 0, CEREMONY_FALSE_COMPLAINT, 1);
    /* A signature that is not the dealer's. */
    open = open_to(1, TECDSA_SCALAR_LEN);
    byte = (uint8_t *)(uintptr_t)open.body.p;
    *byte ^= 1;
    must_judge(&open, rho, 0, CEREMONY_FALSE_COMPLAINT, 1);
    *byte ^= 1;
    /* Another RHO than the judge saw. */
    other = *rho;
    rig.nodes[2].c.known.msg[CEREMONY_RHO][0] = rig.nodes[2].c.known.msg[CEREMONY_RHO][1];
    must_judge(&open, &other, 0, CEREMONY_EQUIVOCATION, 0);
    rig.nodes[2].c.known.msg[CEREMONY_RHO][0] = other;
    /* No plan but one of a shared key has shares. */
    rig.nodes[2].c.plan.classic = PLAN_CLASSIC_NODE;
    must_judge(&open, rho, 0, CEREMONY_FALSE_COMPLAINT, 1);
    rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_keys_are_made),
        cmocka_unit_test(a_wrong_share_is_shown_to_all),
        cmocka_unit_test(a_wrong_opening_is_shown_to_all),
        cmocka_unit_test(a_key_without_proof_is_no_key),
        cmocka_unit_test(who_does_not_hold_its_share_is_named),
        cmocka_unit_test(all_vouch_for_one_key),
        cmocka_unit_test(a_good_share_accuses_nobody),
        cmocka_unit_test(a_share_is_judged_by_what_its_dealer_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
