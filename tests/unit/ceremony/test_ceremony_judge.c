/* Complaints of every kind, just and in each way unjust, before a judge who has seen a whole
 * ceremony: nobody is blamed for what it did not sign, and whoever complains without reason is.
 */
#include "rig.h"
#include "testing.h"

#include <stdlib.h>

/* Two of three: node 1 is accused by node 2, and 0 judges. */
#define ACCUSED 1
#define FROM 2
#define POOL 65536

static struct rig rig;
static struct ceremony_scratch *scratch;
static struct ceremony_known known; /* what the judge has seen */
static struct ceremony_secrets secrets[3];
static uint8_t pool[POOL]; /* messages that were made up */
static size_t pooled;
static struct ceremony_complaint complaint;
static bool has_id;

/* ---- messages ---- */

static struct ceremony_msg seen(uint8_t round, uint8_t sender)
{
    return rig.nodes[0].c.known.msg[round][sender];
}

/* Any body, signed by any node. */
static struct ceremony_msg made(uint8_t round, uint8_t sender, uint8_t to, struct view body)
{
    struct ceremony_msg m = {.round = round, .sender = sender, .to = to};
    uint8_t *const at = &pool[pooled];
    struct reader r;
    size_t n = body.n;

    assert_true(pooled + body.n + 256 <= sizeof pool);
    rig_sign(&rig, at, &n, &m, body.p, body.n);
    pooled += n;
    r = rd_init((struct view){at, n});
    assert_int_equal(ceremony_msg_decode(&r, &m), ERR_OK);
    return m;
}

/* The same message with one bit of its body changed and so many bytes more or fewer. */
static struct ceremony_msg changed(struct ceremony_msg m, size_t at, int more)
{
    static uint8_t body[CEREMONY_BODY_LEN];
    const size_t n = (size_t)((ptrdiff_t)m.body.n + more);

    memset(body, 0, sizeof body);
    memcpy(body, m.body.p, n < m.body.n ? n : m.body.n);
    if (more == 0) {
        body[at] ^= 1;
    }
    return made(m.round, m.sender, m.to, (struct view){body, n});
}

static struct ceremony_msg open_of(uint8_t sender, uint8_t to)
{
    uint8_t body[CEREMONY_OPEN_MAX];
    const size_t n = rig_open(&rig.nodes[sender].c, &secrets[sender], to, body);

    return made(CEREMONY_OPEN, sender, to, (struct view){body, n});
}

/* ---- verdicts ---- */

static void accuse(uint8_t reason, const struct ceremony_msg *proof, size_t n)
{
    complaint = (struct ceremony_complaint){.reason = reason, .accused = ACCUSED, .n = n};
    for (size_t i = 0; i < n; i++) {
        complaint.proof[i] = proof[i];
    }
}

static struct ceremony_verdict judge(void)
{
    return ceremony_judge(&known, FROM, &complaint, has_id ? rig.nodes[0].c.id : NULL, scratch);
}

static void is(uint8_t reason, uint8_t culprit)
{
    const struct ceremony_verdict v = judge();

    assert_int_equal(v.reason, reason);
    assert_int_equal(v.culprit, culprit);
}

static void is_unjust(void)
{
    is(CEREMONY_FALSE_COMPLAINT, FROM);
}

/* The judge has that message in its place. */
static struct ceremony_msg put(struct ceremony_msg m)
{
    known.msg[m.round][m.sender] = m;
    return m;
}

static void one(uint8_t reason, struct ceremony_msg m)
{
    accuse(reason, &m, 1);
}

static void two(uint8_t reason, struct ceremony_msg a, struct ceremony_msg b)
{
    const struct ceremony_msg both[2] = {a, b};

    accuse(reason, both, 2);
}

/* As the complaint is, but with the first message twice. */
static void is_unjust_when_longer(void)
{
    complaint.proof[complaint.n++] = complaint.proof[0];
    is_unjust();
}

static void is_unjust_without(uint8_t round, uint8_t sender)
{
    const struct ceremony_msg m = known.msg[round][sender];

    known.msg[round][sender] = (struct ceremony_msg){0};
    is_unjust();
    known.msg[round][sender] = m;
}

/* ---- kinds ---- */

static void malformed(void **state)
{
    static const uint8_t byte[1];

    (void)state;
    one(CEREMONY_MALFORMED, changed(seen(CEREMONY_T_COMMIT, ACCUSED), 0, 1));
    is(CEREMONY_MALFORMED, ACCUSED);
    is_unjust_when_longer();
    one(CEREMONY_MALFORMED, seen(CEREMONY_T_COMMIT, ACCUSED));
    is_unjust();
    one(CEREMONY_MALFORMED, changed(seen(CEREMONY_T_COMMIT, 0), 0, 1)); /* another's */
    is_unjust();
    for (uint8_t round = CEREMONY_PQ1_HELLO; round < CEREMONY_COMMIT; round++) {
        one(CEREMONY_MALFORMED, made(round, ACCUSED, FROM, (struct view){byte, 1}));
        is_unjust();
    }
    one(CEREMONY_MALFORMED, made(CEREMONY_SEALED, ACCUSED, FROM, (struct view){byte, 1}));
    is_unjust();
}

static void equivocation(void **state)
{
    static const uint8_t byte[2] = {0, 1};
    const struct ceremony_msg commit = seen(CEREMONY_T_COMMIT, ACCUSED);
    const struct ceremony_msg other = changed(commit, 1, 0);

    (void)state;
    two(CEREMONY_EQUIVOCATION, commit, other);
    is(CEREMONY_EQUIVOCATION, ACCUSED);
    is_unjust_when_longer();
    one(CEREMONY_EQUIVOCATION, commit);
    complaint.proof[1] = other;
    is_unjust();
    two(CEREMONY_EQUIVOCATION, commit, commit);
    is_unjust();
    two(CEREMONY_EQUIVOCATION, seen(CEREMONY_T_COMMIT, 0),
        changed(seen(CEREMONY_T_COMMIT, 0), 1, 0));
    is_unjust();
    two(CEREMONY_EQUIVOCATION, commit, seen(CEREMONY_T_COMMIT, 0));
    is_unjust();
    two(CEREMONY_EQUIVOCATION, commit, seen(CEREMONY_ECHO, ACCUSED));
    is_unjust();
    two(CEREMONY_EQUIVOCATION, made(CEREMONY_SEALED, ACCUSED, 0, (struct view){byte, 1}),
        made(CEREMONY_SEALED, ACCUSED, FROM, (struct view){byte, 1}));
    is_unjust();
    for (uint8_t round = CEREMONY_TEST_COMMIT; round <= CEREMONY_TEST_RESPOND;
         round++) { /* of these a node sends many */
        two(CEREMONY_EQUIVOCATION,
            made(round, ACCUSED, CEREMONY_TO_ALL, (struct view){byte, 1}),
            made(round, ACCUSED, CEREMONY_TO_ALL, (struct view){byte, 2}));
        is_unjust();
    }
}

static void bad_opening(void **state)
{
    const struct ceremony_msg rho = seen(CEREMONY_RHO, ACCUSED);
    const struct ceremony_msg open = open_of(ACCUSED, FROM);

    (void)state;
    one(CEREMONY_BAD_OPENING, changed(rho, 40, 0));
    is(CEREMONY_BAD_OPENING, ACCUSED);
    is_unjust_when_longer();
    complaint.n = 1;
    is_unjust_without(CEREMONY_COMMIT, ACCUSED);
    one(CEREMONY_BAD_OPENING, changed(open, 1, 0));
    is(CEREMONY_BAD_OPENING, ACCUSED);
    one(CEREMONY_BAD_OPENING, rho);
    is_unjust();
    one(CEREMONY_BAD_OPENING, open);
    is_unjust();
    one(CEREMONY_BAD_OPENING, changed(seen(CEREMONY_RHO, 0), 40, 0));
    is_unjust();
    one(CEREMONY_BAD_OPENING, seen(CEREMONY_T_REVEAL, ACCUSED)); /* no opening of anything */
    is_unjust();
    one(CEREMONY_BAD_OPENING, changed(changed(open, 1, 0), 0, 1)); /* is another complaint */
    is_unjust();
    one(CEREMONY_BAD_OPENING, changed(rho, 0, 1));
    is_unjust();
}

/* Of both members of the subset {1, 2}. */
static void proof_of_t(struct ceremony_msg proof[4])
{
    proof[0] = open_of(ACCUSED, FROM);
    proof[1] = known.msg[CEREMONY_T_COMMIT][ACCUSED];
    proof[2] = open_of(FROM, ACCUSED);
    proof[3] = known.msg[CEREMONY_T_COMMIT][FROM];
}

static void is_unjust_with(const struct ceremony_msg good[4], size_t place,
                           struct ceremony_msg m)
{
    accuse(CEREMONY_BAD_T, good, 4);
    complaint.proof[place] = m;
    is_unjust();
}

static void bad_t(void **state)
{
    struct ceremony_msg proof[4];
    struct ceremony_msg turned[4];

    (void)state;
    proof_of_t(proof);
    accuse(CEREMONY_BAD_T, proof, 4);
    is_unjust();
    put(changed(seen(CEREMONY_T_COMMIT, ACCUSED), seen(CEREMONY_T_COMMIT, ACCUSED).body.n - 1,
                0)); /* of {1, 2} */
    accuse(CEREMONY_BAD_T, proof, 4);
    is(CEREMONY_EQUIVOCATION, ACCUSED); /* the proof has another T_COMMIT than the judge */
    proof_of_t(proof);
    accuse(CEREMONY_BAD_T, proof, 4);
    is(CEREMONY_BAD_T, ACCUSED);
    is_unjust_without(CEREMONY_RHO, 0);
    complaint.accused = FROM; /* who is in it, and did nothing */
    is_unjust();
    accuse(CEREMONY_BAD_T, proof, 2);
    is_unjust();
    accuse(CEREMONY_BAD_T, proof, 4);
    is_unjust_when_longer();
    accuse(CEREMONY_BAD_T, proof, 4);
    complaint.proof[complaint.n++] = proof[0]; /* and all of one member again */
    complaint.proof[complaint.n++] = proof[1];
    is_unjust();
    for (size_t i = 0; i < 4; i++) {
        turned[i] = proof[(i + 2) % 4];
    }
    accuse(CEREMONY_BAD_T, turned, 4);
    is_unjust();
    is_unjust_with(proof, 0, seen(CEREMONY_RHO, ACCUSED));
    is_unjust_with(proof, 0, open_of(ACCUSED, 0)); /* seeds of another subset */
    is_unjust_with(proof, 0, changed(proof[0], 0, 1));
    is_unjust_with(proof, 1, seen(CEREMONY_ECHO, ACCUSED));
    is_unjust_with(proof, 1, changed(proof[1], 0, 1));
    is_unjust_with(proof, 1, seen(CEREMONY_COMMIT, ACCUSED));
    is_unjust_with(proof, 1, proof[3]);
    is_unjust_with(proof, 2, open_of(0, FROM));
    proof[1] =
        put(changed(proof[3], proof[3].body.n - 1, 0)); /* its own lie as that of the accused */
    proof[3] = seen(CEREMONY_T_COMMIT, FROM);
    accuse(CEREMONY_BAD_T, proof, 4);
    is_unjust();
}

static void bad_reveal(void **state)
{
    const struct ceremony_msg commit = seen(CEREMONY_T_COMMIT, ACCUSED);
    const struct ceremony_msg good = seen(CEREMONY_T_REVEAL, ACCUSED);
    struct ceremony_msg bad;

    (void)state;
    two(CEREMONY_BAD_REVEAL, commit, good);
    is_unjust();
    bad = changed(good, 1, 0);
    two(CEREMONY_BAD_REVEAL, commit, bad);
    is(CEREMONY_EQUIVOCATION, ACCUSED);
    put(bad);
    is(CEREMONY_BAD_REVEAL, ACCUSED);
    is_unjust_when_longer();
    one(CEREMONY_BAD_REVEAL, commit);
    complaint.proof[1] = bad;
    is_unjust();
    two(CEREMONY_BAD_REVEAL, changed(commit, 1, 0), bad);
    is(CEREMONY_EQUIVOCATION, ACCUSED);
    two(CEREMONY_BAD_REVEAL, changed(commit, 0, 1), bad);
    is_unjust();
    two(CEREMONY_BAD_REVEAL, commit, changed(bad, 0, 1));
    is_unjust();
    two(CEREMONY_BAD_REVEAL, bad, commit);
    is_unjust();
    two(CEREMONY_BAD_REVEAL, seen(CEREMONY_T_COMMIT, 0), bad);
    is_unjust();
    two(CEREMONY_BAD_REVEAL, seen(CEREMONY_COMMIT, ACCUSED), bad);
    is_unjust();
}

/* What DONE, TEST and CONFIRM have in common; at is of what each is held to. */
static void one_that_differs(uint8_t round, uint8_t reason, size_t at)
{
    const struct ceremony_msg good = seen(round, ACCUSED);
    struct ceremony_msg bad;

    one(reason, good);
    is_unjust();
    bad = changed(good, at, 0);
    one(reason, bad);
    is(CEREMONY_EQUIVOCATION, ACCUSED); /* the judge has the good one */
    put(bad);
    is(reason, ACCUSED);
    is_unjust_when_longer();
    one(reason, put(changed(bad, 0, 1)));
    is_unjust();
    put(bad);
    one(reason, changed(seen(round, 0), at, 0));
    is_unjust();
    one(reason, seen(CEREMONY_RHO, ACCUSED));
    is_unjust();
    one(reason, bad);
}

static void bad_done(void **state)
{
    (void)state;
    one_that_differs(CEREMONY_DONE, CEREMONY_BAD_DONE, 0);
    is_unjust_without(CEREMONY_RHO, 0);
    is_unjust_without(CEREMONY_T_REVEAL, 0);
    known.msg[CEREMONY_ECHO][0] =
        (struct ceremony_msg){0}; /* what is not there does not matter */
    is(CEREMONY_BAD_DONE, ACCUSED);
    one(CEREMONY_BAD_DONE,
        put(changed(changed(seen(CEREMONY_DONE, ACCUSED), 0, 0), CEREMONY_HASH_LEN, 0)));
    is_unjust(); /* of other messages another key follows */
}

static void bad_test(void **state)
{
    (void)state;
    one_that_differs(CEREMONY_TEST, CEREMONY_BAD_TEST, 100);
    is_unjust_without(CEREMONY_RHO, 0);
    is_unjust_without(CEREMONY_T_REVEAL, 0);
}

static void other_record(void **state)
{
    (void)state;
    one_that_differs(CEREMONY_CONFIRM, CEREMONY_OTHER_RECORD, 0);
    has_id = false;
    is_unjust();
    has_id = true;
    one(CEREMONY_OTHER_RECORD,
        put(changed(changed(seen(CEREMONY_CONFIRM, ACCUSED), 0, 0), CEREMONY_HASH_LEN, 0)));
    is_unjust();
}

static void dispute(void **state)
{
    static const uint8_t byte[1];
    const struct ceremony_msg original = seen(CEREMONY_COMMIT, 0);
    const struct ceremony_msg good = seen(CEREMONY_ECHO, ACCUSED);
    struct ceremony_msg voucher;

    (void)state;
    two(CEREMONY_DISPUTE, original, good);
    is_unjust();
    voucher = put(changed(good, 0, 0));
    two(CEREMONY_DISPUTE, original, voucher);
    is(CEREMONY_NO_REASON, ACCUSED);
    assert_int_equal(ceremony_judge(&known, ACCUSED, &complaint, NULL, scratch).reason,
                     CEREMONY_BAD_ECHO);
    is_unjust_when_longer();
    one(CEREMONY_DISPUTE, original);
    complaint.proof[1] = voucher;
    is_unjust();
    two(CEREMONY_DISPUTE, original, changed(seen(CEREMONY_ECHO, 0), 0, 0));
    is_unjust();
    two(CEREMONY_DISPUTE, original, changed(voucher, 0, -1));
    is_unjust();
    two(CEREMONY_DISPUTE, changed(original, 0, 0), voucher);
    is(CEREMONY_EQUIVOCATION, 0);
    two(CEREMONY_DISPUTE, original, changed(good, 1, 0));
    is(CEREMONY_EQUIVOCATION, ACCUSED);
    two(CEREMONY_DISPUTE, original, seen(CEREMONY_RHO, ACCUSED)); /* vouches for nothing */
    is_unjust();
    two(CEREMONY_DISPUTE, made(CEREMONY_SEALED, ACCUSED, FROM, (struct view){byte, 1}),
        voucher);
    is_unjust();
    two(CEREMONY_DISPUTE,
        made(CEREMONY_TEST_COMMIT, 0, CEREMONY_TO_ALL, (struct view){byte, 1}), voucher);
    is_unjust();
}

/* Somebody else's signature, or none, under the one message that would prove it. */
static void nothing_unsigned_proves_anything(void **state)
{
    struct ceremony_msg m = changed(seen(CEREMONY_T_COMMIT, ACCUSED), 0, 1);

    (void)state;
    m.signature = seen(CEREMONY_T_COMMIT, 0).signature;
    one(CEREMONY_MALFORMED, m);
    is_unjust();
    two(CEREMONY_EQUIVOCATION, seen(CEREMONY_T_COMMIT, ACCUSED), m);
    is_unjust();
    complaint.reason = CEREMONY_MISSING; /* which has no proof */
    complaint.proof[1] = complaint.proof[0];
    is_unjust();
}

/* ---- a ceremony that went well, and the seeds that it erased ---- */

static unsigned look(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)to, (void)bytes, (void)n, (void)cap;
    for (size_t i = 0; i < 3; i++) {
        secrets[i] = r->nodes[i].c.secrets;
    }
    return 1;
}

static int hold_ceremony(void **state)
{
    (void)state;
    scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    rig_make(&rig, 2, 3, 11);
    rig.bad = 0;
    rig.round = CEREMONY_T_COMMIT;
    rig.fault = look;
    rig_run(&rig);
    return scratch != NULL && rig_all(&rig, CEREMONY_FINISHED) ? 0 : -1;
}

static int end_ceremony(void **state)
{
    (void)state;
    free(scratch);
    rig_free(&rig);
    return 0;
}

static int judge_begins(void **state)
{
    (void)state;
    known = rig.nodes[0].c.known;
    pooled = 0;
    has_id = true;
    return 0;
}

#define EACH(f) cmocka_unit_test_setup(f, judge_begins)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(malformed),   EACH(equivocation),
        EACH(bad_opening), EACH(bad_t),
        EACH(bad_reveal),  EACH(bad_done),
        EACH(bad_test),    EACH(other_record),
        EACH(dispute),     EACH(nothing_unsigned_proves_anything),
    };

    return cmocka_run_group_tests(tests, hold_ceremony, end_ceremony);
}
