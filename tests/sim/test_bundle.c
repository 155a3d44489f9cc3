/* A bundle as an attested ceremony of five leaves it, on simulated chips; and every part of it
 * as of something else. */
#include "bundle/bundle_judge.h"
#include "rig.h"
#include "silicon/silicon_policy.h"
#include "testing.h"

#include "crypto/ed25519.h"
#include "format/cert_write.h"
#include "wire/report_data.h"

#include <stdlib.h>

#define NODES 5
#define THRESHOLD 3
#define AT_S INT64_C(1790000000) /* 2026-09-21 */
#define CERT_MAX 8192

/* What the parts of the bundle say, before one of them is spoilt. */
struct wish {
    uint8_t purpose;     /* of the evidence */
    unsigned shown;      /* nodes, a mask */
    uint8_t code;        /* first byte of the measurement that runs */
    uint32_t first_chip; /* of the first node */
    bool swapped;        /* nodes 0 and 1 show one another's evidence */
    uint8_t epoch;       /* of the certificates: added to the first byte of the real one */
    uint32_t threshold;  /* in the certificates */
    bool no_code;        /* the certificates name no code */
    bool other_classic;  /* the classic certificate is of another key */
    bool other_pq;
};

static const struct wish good = {
    .purpose = REPORT_EPOCH, .shown = 0x1f, .code = 0x11, .threshold = THRESHOLD};

static struct rig *r;
static struct silicon *chips[NODES + 1];
static uint8_t policy_text[SILICON_POLICY_MAX];
static uint8_t platforms[NODES][PLAN_PLATFORM_LEN];
static const uint8_t code[SNP_MEASUREMENT_LEN] = {0x11, 0x22};
static uint8_t record_id[CEREMONY_HASH_LEN];
static struct bundle_verdict *verdict;
static uint8_t blocks[NODES][EVIDENCE_MAX];
static uint8_t certs[2][CERT_MAX];
static struct bundle b;
static uint8_t document[EPOCH_DOC_MAX];
static struct work_stack stack;
static struct ed25519_key signing_keys[NODES];

static void make_plan(void)
{
    static const char *const providers[NODES] = {"a", "b", "c", "d", "e"};
    struct writer w = wr_init(policy_text, sizeof policy_text);
    uint8_t seed[ED25519_SEED_LEN];
    struct view policy;

    work_stack_init(&stack);
    silicon_policy_write(&w, code);
    assert_int_equal(wr_finish(&w, &policy), ERR_OK);
    assert_int_equal(plan_kit_attest(&r->kit, policy), ERR_OK);
    for (unsigned i = 0; i < NODES; i++) {
        struct plan_node *const node = &r->kit.plan.nodes[i];

        memset(seed, (int)(0xe0 + i), sizeof seed);
        assert_int_equal(ed25519_key_make(&stack, seed, &signing_keys[i]), ERR_OK);
        memcpy(node->signing_key, signing_keys[i].public_key, sizeof node->signing_key);
        memcpy(platforms[i], chips[i]->chip_id, PLAN_PLATFORM_LEN);
        node->provider = plan_kit_text(providers[i]);
        node->platforms = (struct view){platforms[i], PLAN_PLATFORM_LEN};
    }
    assert_int_equal(plan_kit_encode(&r->kit), ERR_OK);
}

/* What the nodes show one another is other tests': here it is a byte, and all believe it. */
static enum err begin_any(void *self, const struct plan *p, uint8_t own)
{
    (void)self;
    (void)own;
    return p->total == NODES ? ERR_OK : ERR_BUG;
}

static enum err ask_any(void *self, uint8_t peer, const uint8_t report_data[REPORT_DATA_LEN])
{
    (void)self;
    (void)report_data;
    return peer < NODES ? ERR_OK : ERR_BUG;
}

static enum err answer_any(void *self, uint8_t peer, struct view *block)
{
    static const uint8_t shown = 1;

    (void)self;
    *block = (struct view){&shown, 1};
    return peer < NODES ? ERR_OK : ERR_BUG;
}

static enum err judge_any(void *self, uint8_t node, struct view block,
                          const uint8_t report_data[REPORT_DATA_LEN])
{
    (void)self;
    (void)report_data;
    return node < NODES && block.n == 1 ? ERR_OK : ERR_BUG;
}

static enum err judge_all_any(void *self)
{
    (void)self;
    return ERR_OK;
}

static int setup(void **state)
{
    static const struct ceremony_attest believed = {begin_any, ask_any,       answer_any,
                                                    judge_any, judge_all_any, NULL};

    (void)state;
    r = calloc(1, sizeof *r);
    verdict = aligned_alloc(64, (sizeof *verdict + 63) / 64 * 64);
    for (uint32_t i = 0; i <= NODES; i++) {
        const uint8_t report_id[SNP_REPORT_ID_LEN] = {(uint8_t)(i + 1)};

        assert_int_equal(silicon_new(i, code, report_id, &chips[i]), ERR_OK);
    }
    rig_make(r, THRESHOLD, NODES, 7);
    rig_share_classic(r);
    make_plan();
    for (unsigned i = 0; i < NODES; i++) {
        r->nodes[i].tools.attest = &believed;
    }
    rig_run(r);
    assert_true(rig_all(r, CEREMONY_FINISHED));
    b.record = r->nodes[0].c.record_bytes;
    ceremony_record_id(b.record, record_id);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= NODES; i++) {
        silicon_free(chips[i]);
    }
    rig_free(r);
    free(r);
    free(verdict);
    return 0;
}

/* ---- parts ---- */

static void show(unsigned node, const struct wish *w)
{
    const unsigned as = w->swapped && node < 2 ? 1 - node : node;
    struct silicon *const chip = chips[node == 0 ? w->first_chip : node];
    struct report_binding bind = {.purpose = w->purpose,
                                  .role = REPORT_CORE,
                                  .place = (uint8_t)(as + 1),
                                  .incarnation = 1};
    uint8_t raw[SNP_REPORT_LEN], table[SILICON_TABLE_MAX], wanted[REPORT_DATA_LEN];
    struct evidence e = {.format = EVIDENCE_SNP};
    struct writer out = wr_init(blocks[node], EVIDENCE_MAX);
    struct snp_table t;
    struct view v;

    memcpy(bind.epoch_id, r->nodes[0].c.known.epoch_id, sizeof bind.epoch_id);
    memcpy(bind.identity, r->kit.plan.nodes[as].identity, sizeof bind.identity);
    memcpy(bind.nonce, record_id, sizeof bind.nonce);
    memcpy(bind.context, record_id, sizeof bind.context);
    report_data_make(&bind, wanted);
    chip->measurement[0] = w->code;
    assert_int_equal(silicon_report(chip, wanted, raw), ERR_OK);
    chip->measurement[0] = code[0];
    assert_int_equal(silicon_table(chip, table, sizeof table, &v), ERR_OK);
    assert_int_equal(snp_table_parse(v, &t), ATTEST_OK);
    e.part[EVIDENCE_REPORT - 1] = (struct view){raw, sizeof raw};
    e.part[EVIDENCE_VEK - 1] = t.vcek;
    e.part[EVIDENCE_ASK - 1] = t.ask;
    e.part[EVIDENCE_ARK - 1] = t.ark;
    e.part[EVIDENCE_CRL - 1] = t.crl;
    evidence_encode(&out, &e);
    struct bundle_evidence *const to = &b.evidence[b.n_evidence++];

    *to = (struct bundle_evidence){(uint8_t)node, 1, {NULL, 0}};
    assert_int_equal(wr_finish(&out, &to->block), ERR_OK);
}

static void spki_of(enum sign_alg alg, struct view key, uint8_t room[CERT_MAX],
                    struct view *out)
{
    struct writer w = wr_init(room, CERT_MAX);

    assert_int_equal(cert_write_spki(&w, alg, key), ERR_OK);
    assert_int_equal(wr_finish(&w, out), ERR_OK);
}

/* Signed by nobody: who signed is asked where a token is judged. */
static struct view certificate(enum sign_alg alg, struct view spki, struct view other_spki,
                               const struct wish *wish, uint8_t room[CERT_MAX])
{
    uint8_t binding[QUORATE_BINDING_ROOM], name[64], tbs[CERT_MAX];
    uint8_t epoch_id[EPOCH_ID_LEN], policy_hash[48], other[48];
    const uint8_t serial = 1;
    struct quorate_binding q = {.epoch_id = {epoch_id, sizeof epoch_id},
                                .n_other_keys = 1,
                                .other_keys = {{other, sizeof other}},
                                .threshold = wish->threshold,
                                .total = NODES,
                                .assurance = ASSURANCE_SIMULATED,
                                .policy_hash = {policy_hash, sizeof policy_hash},
                                .n_measurements = wish->no_code ? 0 : 1,
                                .measurements = {{code, sizeof code}},
                                .record_id = {record_id, sizeof record_id}};
    struct writer w = wr_init(binding, sizeof binding);
    struct writer n = wr_init(name, sizeof name);
    struct writer t = wr_init(tbs, sizeof tbs);
    struct writer out = wr_init(room, CERT_MAX);
    struct extension x = {oid_body(OID_OUR_BINDING), false, {NULL, 0}};
    struct view v;

    memcpy(epoch_id, r->nodes[0].c.known.epoch_id, sizeof epoch_id);
    epoch_id[0] = (uint8_t)(epoch_id[0] + wish->epoch);
    hash_once(HASH_SHA384, r->kit.plan.policy, policy_hash);
    hash_once(HASH_SHA384, other_spki, other);
    assert_int_equal(quorate_binding_write(&w, &q), ERR_OK);
    assert_int_equal(wr_finish(&w, &x.value), ERR_OK);
    cert_write_name(&n, plan_kit_text("test"));
    const struct cert_fields f = {.alg = SIGN_ECDSA_P384_SHA384,
                                  .serial = {&serial, 1},
                                  .issuer = {name, n.len},
                                  .subject = {name, n.len},
                                  .not_before_s = AT_S,
                                  .not_after_s = AT_S + 1000,
                                  .spki = spki,
                                  .extensions = &x,
                                  .n_extensions = 1};

    (void)alg;
    cert_write_tbs(&t, &f);
    cert_write(&out, (struct view){tbs, t.len}, SIGN_ECDSA_P384_SHA384,
               (struct view){(const uint8_t *)"\x30\x06\x02\x01\x01\x02\x01\x01", 8});
    assert_int_equal(wr_finish(&out, &v), ERR_OK);
    return v;
}

static void certify(const struct wish *wish)
{
    static uint8_t rooms[2][CERT_MAX], other_pq[CEREMONY_PK_LEN];
    struct view classic = {r->nodes[0].c.classic.public_key, P384_PUBLIC_LEN};
    struct view pq = {r->nodes[0].c.pk, CEREMONY_PK_LEN};
    struct view spki[2];

    if (wish->other_classic) {
        classic.p = r->kit.keys[0].public_key;
    }
    if (wish->other_pq) {
        memcpy(other_pq, pq.p, pq.n);
        other_pq[5] ^= 1;
        pq.p = other_pq;
    }
    spki_of(SIGN_ECDSA_P384_SHA384, classic, rooms[0], &spki[0]);
    spki_of(SIGN_ML_DSA_65, pq, rooms[1], &spki[1]);
    b.classic = certificate(SIGN_ECDSA_P384_SHA384, spki[0], spki[1], wish, certs[0]);
    b.pq = certificate(SIGN_ML_DSA_65, spki[1], spki[0], wish, certs[1]);
}

/* Makes the bundle and judges it; the document is the one that follows. */
static bool judged(const struct wish *w)
{
    struct writer out = wr_init(document, sizeof document);

    b.n_evidence = 0;
    b.document = (struct view){document, 0};
    for (unsigned i = 0; i < NODES; i++) {
        if ((w->shown & 1U << i) != 0) {
            show(i, w);
        }
    }
    certify(w);
    (void)bundle_judge(&b, &snp_roots_compiled, AT_S, verdict);
    epoch_doc_encode(&out, &verdict->document);
    b.document.n = out.len;
    return bundle_judge(&b, &snp_roots_compiled, AT_S, verdict);
}

/* The first check that does not hold. */
static enum bundle_check stops_at(const struct wish *w)
{
    enum bundle_check c = BUNDLE_CHECK_RECORD;

    assert_false(judged(w));
    while (verdict->checks[c] == ERR_OK) {
        c++;
    }
    return c;
}

/* ---- tests ---- */

static void a_good_one_holds(void **state)
{
    (void)state;
    assert_true(judged(&good));
    assert_int_equal(verdict->accepted, NODES);
    assert_int_equal(verdict->assurance, ATTEST_ASSURANCE_SIMULATED);
    assert_int_equal(verdict->document.assurance, EPOCH_SIMULATED);
    assert_int_equal(verdict->document.number, 1);
    struct wish w = good;

    w.shown = 0x15; /* as many as sign together */
    assert_true(judged(&w));
    assert_int_equal(verdict->accepted, THRESHOLD);
}

static void too_few_nodes_are_too_few(void **state)
{
    (void)state;
    struct wish w = good;

    w.shown = 0x11;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->accepted, 2);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_ROSTER], ERR_STATE);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_DOCUMENT], ERR_STATE);
}

static void evidence_of_something_else_counts_for_nothing(void **state)
{
    (void)state;
    struct wish w = good;

    w.purpose = REPORT_ASKED;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->nodes[3].fault, ATTEST_JUDGE_REPORT_DATA);
    w = good;
    w.code = 0x12;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_JUDGE_MEASUREMENT);
    w = good;
    w.swapped = true;
    w.shown = 0x0f;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_JUDGE_REPORT_DATA);
    assert_int_equal(verdict->nodes[2].fault, ATTEST_OK);
    w = good;
    w.first_chip = NODES; /* a machine that the plan does not list */
    w.shown = 0x07;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_ATTESTOR_PLATFORM);
}

static void a_certificate_is_of_this_epoch(void **state)
{
    (void)state;
    struct wish w = good;

    w.epoch = 1;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_BINDING);
    w = good;
    w.threshold = 2;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_BINDING);
    w = good;
    w.no_code = true;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_BINDING);
    w = good;
    w.other_classic = true;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_CLASSIC);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_BINDING], ERR_STATE);
    w = good;
    w.other_pq = true;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_PQ);
}

static bool judge_again(void)
{
    return bundle_judge(&b, &snp_roots_compiled, AT_S, verdict);
}

static void the_document_says_nothing_else(void **state)
{
    (void)state;
    assert_true(judged(&good));
    for (size_t at = 0; at < b.document.n; at += 131) {
        document[at] ^= 1;
        assert_false(judge_again());
        assert_int_equal(verdict->checks[BUNDLE_CHECK_DOCUMENT], ERR_MISMATCH);
        document[at] ^= 1;
    }
    assert_true(judge_again());
}

static void epochs_before_lead_to_this_one(void **state)
{
    (void)state;
    struct epoch_doc other;
    static uint8_t bytes[EPOCH_DOC_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);

    assert_true(judged(&good));
    other = verdict->document;
    epoch_doc_encode(&w, &other);
    b.n_earlier = 1;
    b.earlier[0] = (struct view){bytes, w.len};
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_CHAIN], ERR_MISMATCH);
    b.n_earlier = 0;
    assert_true(judge_again());
}

static struct view retirement(uint8_t place, const struct ed25519_key *key,
                              uint8_t bytes[RETIRED_LEN])
{
    struct retired s = {.place = place, .reason = RETIRE_CESSATION, .incarnation = 1};
    uint8_t body[RETIRED_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    memcpy(s.epoch_id, verdict->record.known.epoch_id, sizeof s.epoch_id);
    memcpy(s.boot_nonce, r->kit.plan.nodes[place].boot_nonce, sizeof s.boot_nonce);
    retired_body_encode(&w, &s);
    assert_int_equal(ed25519_sign(&stack, key, (struct view){body, w.len}, s.signature),
                     ERR_OK);
    w = wr_init(bytes, RETIRED_LEN);
    retired_encode(&w, &s);
    return (struct view){bytes, w.len};
}

static void nodes_say_that_it_is_over(void **state)
{
    static uint8_t bytes[2][RETIRED_LEN];

    (void)state;
    assert_true(judged(&good));
    assert_int_equal(verdict->retired, 0);
    b.n_retirements = 2;
    b.retirements[0] = retirement(4, &signing_keys[4], bytes[0]);
    b.retirements[1] = retirement(1, &signing_keys[1], bytes[1]);
    assert_true(judge_again());
    assert_int_equal(verdict->retired, 2);
    b.retirements[1] = b.retirements[0]; /* twice */
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_ENCODING);
    b.retirements[1] = retirement(1, &signing_keys[2], bytes[1]); /* by another */
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_SIGNATURE);
    b.retirements[1].n--;
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_TRUNCATED);
    b.n_retirements = 0;
    assert_true(judge_again());
}

static void a_changed_record_is_none(void **state)
{
    (void)state;
    static uint8_t copy[CEREMONY_RECORD_MAX];
    const struct view whole = b.record;

    assert_true(judged(&good));
    memcpy(copy, whole.p, whole.n);
    copy[whole.n / 2] ^= 1;
    b.record.p = copy;
    assert_false(judge_again());
    assert_int_not_equal(verdict->checks[BUNDLE_CHECK_RECORD], ERR_OK);
    for (unsigned i = 1; i < BUNDLE_CHECKS; i++) {
        assert_int_equal(verdict->checks[i], ERR_STATE);
    }
    b.record = whole;
}

static void who_believes_no_simulated_root_believes_none_of_it(void **state)
{
    (void)state;
    const struct snp_roots none = {NULL, 0};

    assert_true(judged(&good));
    assert_false(bundle_judge(&b, &none, AT_S, verdict));
    assert_int_equal(verdict->checks[BUNDLE_CHECK_BINDING], ERR_OK);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_EVIDENCE], ERR_EVIDENCE);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_ARK_PIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_one_holds),
        cmocka_unit_test(too_few_nodes_are_too_few),
        cmocka_unit_test(evidence_of_something_else_counts_for_nothing),
        cmocka_unit_test(a_certificate_is_of_this_epoch),
        cmocka_unit_test(the_document_says_nothing_else),
        cmocka_unit_test(epochs_before_lead_to_this_one),
        cmocka_unit_test(nodes_say_that_it_is_over),
        cmocka_unit_test(a_changed_record_is_none),
        cmocka_unit_test(who_believes_no_simulated_root_believes_none_of_it),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
