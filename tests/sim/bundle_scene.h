/* bundle_scene.h - a bundle as an attested ceremony of five leaves it, on simulated chips, and
 * its parts as of something else. */
#ifndef TESTS_SIM_BUNDLE_SCENE_H
#define TESTS_SIM_BUNDLE_SCENE_H

#include "bundle/bundle_judge.h"
#include "reenrol_kit.h"
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
static uint8_t blocks[NODES + 1][EVIDENCE_MAX]; /* the last: of who came again */
static uint8_t certs[2][CERT_MAX];
static struct bundle b;
static uint8_t document[EPOCH_DOC_MAX];
static struct work_stack stack;
static struct ed25519_key signing_keys[NODES];
static struct ed25519_key new_key; /* of a process that gets a place later */

static inline void make_plan(struct view previous)
{
    static const char *const providers[NODES] = {"a", "b", "c", "d", "e"};
    struct writer w = wr_init(policy_text, sizeof policy_text);
    uint8_t seed[ED25519_SEED_LEN];
    struct view policy;

    work_stack_init(&stack);
    silicon_policy_write(&w, code);
    assert_int_equal(wr_finish(&w, &policy), ERR_OK);
    assert_int_equal(plan_kit_attest(&r->kit, policy), ERR_OK);
    memset(seed, 0xd0, sizeof seed);
    assert_int_equal(ed25519_key_make(&stack, seed, &new_key), ERR_OK);
    for (unsigned i = 0; i < NODES; i++) {
        struct plan_node *const node = &r->kit.plan.nodes[i];

        memset(seed, (int)(0xe0 + i), sizeof seed);
        assert_int_equal(ed25519_key_make(&stack, seed, &signing_keys[i]), ERR_OK);
        memcpy(node->signing_key, signing_keys[i].public_key, sizeof node->signing_key);
        memcpy(platforms[i], chips[i]->chip_id, PLAN_PLATFORM_LEN);
        node->provider = plan_kit_text(providers[i]);
        node->platforms = (struct view){platforms[i], PLAN_PLATFORM_LEN};
    }
    if (previous.n > 0) {
        r->kit.plan.number = 2;
        epoch_doc_hash(previous, r->kit.plan.previous);
    }
    assert_int_equal(plan_kit_encode(&r->kit), ERR_OK);
}

/* What the nodes show one another is other tests': here it is a byte, and all believe it. */
static inline enum err begin_any(void *self, const struct plan *p, uint8_t own)
{
    (void)self;
    (void)own;
    return p->total == NODES ? ERR_OK : ERR_BUG;
}

static inline enum err ask_any(void *self, uint8_t peer,
                               const uint8_t report_data[REPORT_DATA_LEN])
{
    (void)self;
    (void)report_data;
    return peer < NODES ? ERR_OK : ERR_BUG;
}

static inline enum err answer_any(void *self, uint8_t peer, struct view *block)
{
    static const uint8_t shown = 1;

    (void)self;
    *block = (struct view){&shown, 1};
    return peer < NODES ? ERR_OK : ERR_BUG;
}

static inline enum err judge_any(void *self, uint8_t node, struct view block,
                                 const uint8_t report_data[REPORT_DATA_LEN])
{
    (void)self;
    (void)report_data;
    return node < NODES && block.n == 1 ? ERR_OK : ERR_BUG;
}

static inline enum err judge_all_any(void *self)
{
    (void)self;
    return ERR_OK;
}

/* An epoch of other nodes that follows the one whose document that is; n == 0: the first. */
static inline void hold_ceremony(uint64_t seed, struct view previous)
{
    static const struct ceremony_attest believed = {begin_any, ask_any,       answer_any,
                                                    judge_any, judge_all_any, NULL};

    rig_make(r, THRESHOLD, NODES, seed);
    rig_share_classic(r);
    make_plan(previous);
    for (unsigned i = 0; i < NODES; i++) {
        r->nodes[i].tools.attest = &believed;
    }
    rig_run(r);
    assert_true(rig_all(r, CEREMONY_FINISHED));
    b = (struct bundle){.record = r->nodes[0].c.record_bytes};
    ceremony_record_id(b.record, record_id);
}

static inline int bundle_scene_make(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    verdict = aligned_alloc(64, (sizeof *verdict + 63) / 64 * 64);
    for (uint32_t i = 0; i <= NODES; i++) {
        const uint8_t report_id[SNP_REPORT_ID_LEN] = {(uint8_t)(i + 1)};

        assert_int_equal(silicon_new(i, code, report_id, &chips[i]), ERR_OK);
    }
    hold_ceremony(7, (struct view){NULL, 0});
    return 0;
}

static inline int bundle_scene_drop(void **state)
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

static inline void show_of(unsigned node, uint32_t incarnation, struct silicon *chip,
                           const uint8_t identity[P384_PUBLIC_LEN], const struct wish *w)
{
    const unsigned as = w->swapped && node < 2 ? 1 - node : node;
    struct report_binding bind = {.purpose = w->purpose,
                                  .role = REPORT_CORE,
                                  .place = (uint8_t)(as + 1),
                                  .incarnation = incarnation};
    uint8_t raw[SNP_REPORT_LEN], table[SILICON_TABLE_MAX], wanted[REPORT_DATA_LEN];
    struct evidence e = {.format = EVIDENCE_SNP};
    struct writer out = wr_init(blocks[incarnation > 1 ? NODES : node], EVIDENCE_MAX);
    struct snp_table t;
    struct view v;

    memcpy(bind.epoch_id, r->nodes[0].c.known.epoch_id, sizeof bind.epoch_id);
    memcpy(bind.identity, identity, sizeof bind.identity);
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

    *to = (struct bundle_evidence){(uint8_t)node, incarnation, {NULL, 0}};
    assert_int_equal(wr_finish(&out, &to->block), ERR_OK);
}

static inline void show(unsigned node, const struct wish *w)
{
    const unsigned as = w->swapped && node < 2 ? 1 - node : node;

    show_of(node, 1, chips[node == 0 ? w->first_chip : node], r->kit.plan.nodes[as].identity,
            w);
}

static inline void spki_of(enum sign_alg alg, struct view key, uint8_t room[CERT_MAX],
                           struct view *out)
{
    struct writer w = wr_init(room, CERT_MAX);

    assert_int_equal(cert_write_spki(&w, alg, key), ERR_OK);
    assert_int_equal(wr_finish(&w, out), ERR_OK);
}

/* Signed by nobody: who signed is asked where a token is judged. */
static inline struct view certificate(enum sign_alg alg, struct view spki,
                                      struct view other_spki, const struct wish *wish,
                                      uint8_t room[CERT_MAX])
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

static inline void certify(const struct wish *wish)
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
static inline bool judged(const struct wish *w)
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
static inline enum bundle_check stops_at(const struct wish *w)
{
    enum bundle_check c = BUNDLE_CHECK_RECORD;

    assert_false(judged(w));
    while (verdict->checks[c] == ERR_OK) {
        c++;
    }
    return c;
}

static inline bool judge_again(void)
{
    return bundle_judge(&b, &snp_roots_compiled, AT_S, verdict);
}

static inline struct view retirement_of(uint8_t place, uint32_t incarnation,
                                        const uint8_t *boot_nonce,
                                        const struct ed25519_key *key,
                                        uint8_t bytes[RETIRED_LEN])
{
    struct retired s = {.place = place, .reason = RETIRE_CESSATION, .incarnation = incarnation};
    uint8_t body[RETIRED_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    memcpy(s.epoch_id, verdict->record.known.epoch_id, sizeof s.epoch_id);
    memcpy(s.boot_nonce, boot_nonce, sizeof s.boot_nonce);
    retired_body_encode(&w, &s);
    assert_int_equal(ed25519_sign(&stack, key, (struct view){body, w.len}, s.signature),
                     ERR_OK);
    w = wr_init(bytes, RETIRED_LEN);
    retired_encode(&w, &s);
    return (struct view){bytes, w.len};
}

static inline struct view retirement(uint8_t place, const struct ed25519_key *key,
                                     uint8_t bytes[RETIRED_LEN])
{
    return retirement_of(place, 1, r->kit.plan.nodes[place].boot_nonce, key, bytes);
}

#endif
