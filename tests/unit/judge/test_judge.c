/* Judgement 3 at its edges, and peers' spans: what one core alone never meets. */
#include "false_clock.h"
#include "testing.h"

#include "enclave/judge/judge.h"

#include <string.h>

#define G_MS INT64_C(1790000000000)
#define G_NS (G_MS * MS)
#define A_MS 1000
#define N_SIGNERS 3

static void test_time_at_its_edges(void **state)
{
    const struct stamp s = {.gen_time_ms = G_MS, .accuracy_ms = A_MS};
    const int64_t a = A_MS * MS;
    const int64_t life = R1_LIFE_NS;

    (void)state;
    /* hi' <= g + a, g - a <= lo' */
    assert_true(judge_time(&s, 0, G_NS - a, G_NS + a));
    assert_false(judge_time(&s, 0, G_NS - a, G_NS + a + 1));
    assert_false(judge_time(&s, 0, G_NS - a - 1, G_NS + a));
    /* g <= hi' + u/2: never ahead of what is possible */
    assert_true(judge_time(&s, 0, G_NS - 10, G_NS));
    assert_false(judge_time(&s, 0, G_NS - 10, G_NS - 1));
    assert_true(judge_time(&s, 1000, G_NS - 10 * MS, G_NS - 500 * MS));
    assert_false(judge_time(&s, 1000, G_NS - 600 * MS, G_NS - 500 * MS - 1));
    /* g >= lo' - r1_life - (hi' - lo') - u/2: never older than an R1 may be */
    assert_true(judge_time(&s, 0, G_NS + life, G_NS + life));
    assert_false(judge_time(&s, 0, G_NS + life + 1, G_NS + life + 1));
    assert_true(judge_time(&s, 0, G_NS + life + 1, G_NS + life + 2));
    assert_true(judge_time(&s, 100, G_NS + life + 50 * MS, G_NS + life + 50 * MS));
    assert_false(judge_time(&s, 100, G_NS + life + 50 * MS + 1, G_NS + life + 50 * MS + 1));
}

/* A signer among three, its R1 open, and spans of its peers. */
struct quorum {
    struct judge j;
    int64_t ordered_ms;
    struct boot_policy policy;
    struct r2_head head;
    struct r2_stamp stamp;
    struct r1_body body[N_SIGNERS];
    uint8_t bytes[N_SIGNERS * R1_PROVEN_LEN];
    uint8_t presign[STAMP_PRESIGN_LEN];
    uint8_t imprint[HASH_MAX];
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t activation[ACTIVATION_HASH_LEN];
};

static struct r1_table table;

static void quorum_init(struct quorum *q, size_t own)
{
    memset(q, 0, sizeof *q);
    assert_int_equal(boot_policy_parse("1,classic,1.2.3,3,100,1000", &q->policy), ERR_OK);
    q->j = (struct judge){.epoch_id = q->epoch_id,
                          .activation = q->activation,
                          .key = KEY_CLASSIC,
                          .index = (uint8_t)(2 * own + 1),
                          .threshold = N_SIGNERS,
                          .total = 5,
                          .policies = &q->policy,
                          .n_policies = 1,
                          .r1 = &table,
                          .ordered_ms = &q->ordered_ms};
    q->j.now =
        (struct own_time){.mono_ns = 10 * MS, .lo_ns = G_NS - 5 * MS, .hi_ns = G_NS + 5 * MS};
    q->head =
        (struct r2_head){.key = KEY_CLASSIC, .t = N_SIGNERS, .signers = {1, 3, 5}, .n = 1};
    q->stamp = (struct r2_stamp){.bodies = {q->bytes, sizeof q->bytes},
                                 .hash_alg = HASH_SHA256,
                                 .policy = 1,
                                 .hashed_message = {q->imprint, 32},
                                 .presign = {q->presign, sizeof q->presign}};
    for (size_t i = 0; i < N_SIGNERS; i++) {
        q->body[i] = (struct r1_body){.key = KEY_CLASSIC,
                                      .index = q->head.signers[i],
                                      .r1_id = {(uint8_t)i},
                                      .lo_ns = G_NS - 5 * MS,
                                      .hi_ns = G_NS + 5 * MS};
    }
}

static enum err judge(struct quorum *q, size_t own, struct stamp *st)
{
    static const uint8_t macs[R1_MACS_LEN];
    struct writer w = wr_init(q->bytes, sizeof q->bytes);
    const struct boot_policy *policy;
    enum err e;

    for (size_t i = 0; i < N_SIGNERS; i++) {
        r1_body_encode(&w, &q->body[i]);
        wr_bytes(&w, macs, sizeof macs); /* whose it is, is asked elsewhere */
    }
    r1_table_init(&table);
    assert_int_equal(
        r1_table_open(&table, 0, 0,
                      (struct view){q->bytes + own * R1_PROVEN_LEN, R1_PROVEN_LEN}),
        ERR_OK);
    e = judge_stamp(&q->j, &q->head, &q->stamp, &policy, st);
    if (e != ERR_STALE) {
        assert_int_equal(table.open, 0); /* whatever follows: it is used */
    }
    assert_true(e == ERR_OK ? policy == &q->policy : policy == NULL);
    return e;
}

static void test_every_place_in_a_quorum(void **state)
{
    struct stamp first = {0};
    struct stamp st;
    struct quorum q;

    (void)state;
    for (size_t own = 0; own < N_SIGNERS; own++) {
        quorum_init(&q, own);
        assert_int_equal(judge(&q, own, &st), ERR_OK);
        first = own == 0 ? st : first;
        assert_memory_equal(&st, &first, sizeof st); /* equal bytes at every signer */
        assert_int_equal(st.gen_time_ms, G_MS);
    }
}

static void test_peers_spans(void **state)
{
    struct stamp st;
    struct quorum q;

    (void)state;
    quorum_init(&q, 1);
    /* A peer a little off the own span still meets it, widened by a second. */
    q.body[0].lo_ns -= 600 * MS;
    q.body[0].hi_ns -= 600 * MS;
    assert_int_equal(judge(&q, 1, &st), ERR_OK);
    q.body[0].hi_ns = q.j.now.lo_ns - SECOND - 1;
    q.body[0].lo_ns = q.body[0].hi_ns;
    assert_int_equal(judge(&q, 1, &st), ERR_MISMATCH);
    quorum_init(&q, 1);
    q.body[2].lo_ns = q.j.now.hi_ns + SECOND + 1;
    q.body[2].hi_ns = q.body[2].lo_ns;
    assert_int_equal(judge(&q, 1, &st), ERR_MISMATCH);
    quorum_init(&q, 1);
    q.body[2].lo_ns = -1;
    assert_int_equal(judge(&q, 1, &st), ERR_RANGE);
}

static void test_members(void **state)
{
    struct stamp st;
    struct quorum q;

    (void)state;
    quorum_init(&q, 1);
    q.head.signers[0] = 3;                          /* not ascending */
    assert_int_equal(judge(&q, 1, &st), ERR_STALE); /* first 3 is taken for the own place */
    quorum_init(&q, 1);
    q.head.signers[0] = 0;
    assert_int_equal(judge(&q, 1, &st), ERR_QUORUM);
    quorum_init(&q, 1);
    q.head.signers[2] = 6; /* of five */
    assert_int_equal(judge(&q, 1, &st), ERR_QUORUM);
    quorum_init(&q, 1);
    q.head.signers[2] = 3;
    assert_int_equal(judge(&q, 1, &st), ERR_QUORUM);
    quorum_init(&q, 1);
    q.j.threshold = 2;
    assert_int_equal(judge(&q, 1, &st), ERR_QUORUM);
}

static void test_own_clock_rules(void **state)
{
    struct stamp st;
    struct quorum q;

    (void)state;
    quorum_init(&q, 1);
    q.j.now.mono_ns = R1_LIFE_NS + 1;
    assert_int_equal(judge(&q, 1, &st), ERR_STALE);
    quorum_init(&q, 1);
    q.j.standing = ERR_TIME;
    assert_int_equal(judge(&q, 1, &st), ERR_TIME);
    /* Two peers that agree on an hour ago move the median; the own clock refuses their time. */
    quorum_init(&q, 1);
    q.body[0].lo_ns -= 900 * MS;
    q.body[0].hi_ns -= 900 * MS;
    q.body[2] = q.body[0];
    q.body[2].index = 5;
    assert_int_equal(judge(&q, 1, &st), ERR_TIME);
}

/* Each genTime once, and none below; other policies neither ask nor tell. */
static void test_ordering(void **state)
{
    struct stamp st;
    struct quorum q;

    (void)state;
    quorum_init(&q, 1);
    assert_int_equal(judge(&q, 1, &st), ERR_OK);
    assert_int_equal(q.ordered_ms, 0);
    q.policy.rule.ordering = true;
    assert_int_equal(judge(&q, 1, &st), ERR_OK);
    assert_int_equal(q.ordered_ms, G_MS);
    assert_int_equal(judge(&q, 1, &st), ERR_STALE);
    assert_int_equal(st.gen_time_ms, 0);
    for (size_t i = 0; i < N_SIGNERS; i++) {
        q.body[i].lo_ns += MS;
        q.body[i].hi_ns += MS;
    }
    assert_int_equal(judge(&q, 1, &st), ERR_OK);
    assert_int_equal(q.ordered_ms, G_MS + 1);
    q.j.now.lo_ns -= 600 * MS; /* what is refused for another reason raises nothing */
    q.ordered_ms = 0;
    q.j.now.hi_ns -= 600 * MS;
    assert_int_equal(judge(&q, 1, &st), ERR_TIME);
    assert_int_equal(q.ordered_ms, 0);
    q.policy.rule.ordering = false;
    q.ordered_ms = INT64_MAX;
    q.j.now.lo_ns += 600 * MS;
    q.j.now.hi_ns += 600 * MS;
    assert_int_equal(judge(&q, 1, &st), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_at_its_edges),
        cmocka_unit_test(test_every_place_in_a_quorum),
        cmocka_unit_test(test_peers_spans),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_own_clock_rules),
        cmocka_unit_test(test_ordering),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
