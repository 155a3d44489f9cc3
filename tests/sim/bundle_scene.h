/* bundle_scene.h - a bundle as an attested ceremony of five leaves it, on simulated chips, and
 * its parts as of something else. */
#ifndef TESTS_SIM_BUNDLE_SCENE_H
#define TESTS_SIM_BUNDLE_SCENE_H

#include "bundle/bundle_judge.h"
#include "evidence_kit.h"
#include "reenrol_kit.h"
#include "rig.h"
#include "silicon/silicon_policy.h"
#include "testing.h"
#include "vlek_kit.h"

#include "base/hex.h"
#include "crypto/ed25519.h"
#include "format/cert_write.h"
#include "format/der.h"
#include "wire/report_data.h"

#include <stdio.h>
#include <stdlib.h>

#define NODES 5
#define THRESHOLD 3
#define AT_S INT64_C(1790000000) /* 2026-09-21 */
#define CERT_MAX 8192

/* What a certificate says of something else than the bundle. */
enum lie {
    LIE_NONE = 0,
    LIE_EPOCH,
    LIE_THRESHOLD,
    LIE_TOTAL,
    LIE_OTHER_KEY, /* of the other certificate */
    LIE_ASSURANCE, /* more than the plan has */
    LIE_CODE,      /* the second of the policy's */
    LIE_NO_CODE,
    LIE_NO_MRTD, /* of guests of TDX none, whom the policy admits */
    LIE_POLICY,
    LIE_RECORD,
    LIE_NO_BINDING, /* nothing at all */
    LIE_UNREADABLE,
    LIES
};

/* What the parts of the bundle say, before one of them is spoilt. */
struct wish {
    uint8_t purpose; /* of the evidence */
    unsigned shown;  /* nodes, a mask */
    uint8_t code;    /* first byte of the measurement that runs: the policy has 0x11, 0x13 */
    unsigned newer;  /* nodes, a mask, that run the second of the policy */
    uint32_t first_chip; /* of the first node */
    bool swapped;        /* nodes 0 and 1 show one another's evidence */
    bool same_guest;     /* nodes 0 and 1 have one REPORT_ID */
    bool vlek;           /* the first node shows a report that a VLEK signed */
    bool other_classic;  /* the classic certificate is of another key */
    bool other_pq;
    enum lie lies[2];        /* of the classic certificate, and of the other */
    int64_t classic_later_s; /* the classic certificate begins so much later */
};

static const struct wish good = {.purpose = REPORT_EPOCH, .shown = 0x1f, .code = 0x11};

static struct rig *r;
static struct snp_roots roots;
static struct silicon *chips[NODES + 1];
static uint8_t policy_text[2 * SILICON_POLICY_MAX];
static uint8_t promised = PLAN_SIMULATED; /* by the plans of the ceremonies to come */
static uint8_t platforms[NODES][PLAN_PLATFORM_LEN];
static const uint8_t code[SNP_MEASUREMENT_LEN] = {0x11, 0x22}; /* the policy admits both */
static const uint8_t newer_code[SNP_MEASUREMENT_LEN] = {0x13, 0x22};
static const uint8_t mrtd[TDX_MR_LEN]; /* that nobody shows */
static uint8_t record_id[CEREMONY_HASH_LEN];
static struct bundle_verdict *verdict;
static uint8_t blocks[NODES + 1][EVIDENCE_MAX]; /* the last: of who came again */
static uint8_t certs[2][CERT_MAX];
static struct bundle b;
static uint8_t document[EPOCH_DOC_MAX];
static struct work_stack stack;
static struct ed25519_key signing_keys[NODES];
static struct ed25519_key new_key; /* of a process that gets a place later */

/* Where that stands in the policy. */
static inline size_t find_key(const struct writer *w, const char *key)
{
    const uint8_t *const at = memmem(w->p, w->len, key, strlen(key));

    assert_non_null(at);
    return (size_t)(at - w->p);
}

/* Guests of TDX would be let in, too. */
static inline void admit_tdx(struct writer *w)
{
    char hex[2 * TDX_MR_LEN + 1];
    char text[1024];

    hex_write((struct view){mrtd, sizeof mrtd}, hex);
    const int n = snprintf(text, sizeof text,
                           "[tdx]\nmrtd = %s\nrtmr0 = any\nrtmr1 = any\nrtmr2 = any\n"
                           "rtmr3 = any\nmr_config_id = any\nmr_owner = any\n"
                           "mr_owner_config = any\nsept_ve_disable = required\n"
                           "pks = refused\nkey_locker = refused\nperfmon = refused\n"
                           "trailing = allowed\nstatus = UpToDate\nevaluation = 17\n"
                           "fmspc_denied = none\n",
                           hex);

    wr_bytes(w, text, (size_t)n);
}

/* Of the simulator, with a second measurement, VLEKs, and TDX. */
static inline struct view make_policy(void)
{
    static const char any[] = "signer = any\nprovider = " VLEK_KIT_PROVIDER "\n#";
    struct writer w = wr_init(policy_text, sizeof policy_text);
    char hex[2 * SNP_MEASUREMENT_LEN + 1], line[sizeof hex + 16];
    struct view policy;

    silicon_policy_write(&w, code);
    hex_write((struct view){newer_code, sizeof newer_code}, hex);
    (void)snprintf(line, sizeof line, "measurement = %s\n", hex);
    wr_insert(&w, find_key(&w, "host_data"), line, strlen(line));
    wr_insert(&w, find_key(&w, "signer = vcek"), any, sizeof any - 1);
    admit_tdx(&w);
    assert_int_equal(wr_finish(&w, &policy), ERR_OK);
    return policy;
}

static inline void make_plan(struct view policy, struct view previous)
{
    static const char *const providers[NODES] = {"a", "b", "c", "d", "e"};
    uint8_t seed[ED25519_SEED_LEN];

    work_stack_init(&stack);
    assert_int_equal(plan_kit_attest(&r->kit, policy), ERR_OK);
    r->kit.plan.assurance = promised;
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

/* Of the plan that was made. */
static inline void run_ceremony(void)
{
    static const struct ceremony_attest believed = {begin_any, ask_any,       answer_any,
                                                    judge_any, judge_all_any, NULL};

    for (unsigned i = 0; i < NODES; i++) {
        r->nodes[i].tools.attest = &believed;
    }
    rig_run(r);
    assert_true(rig_all(r, CEREMONY_FINISHED));
    b = (struct bundle){.record = r->nodes[0].c.record_bytes};
    ceremony_record_id(b.record, record_id);
}

/* An epoch of other nodes that follows the one whose document that is; n == 0: the first. */
static inline void hold_ceremony(uint64_t seed, struct view previous)
{
    rig_make(r, THRESHOLD, NODES, seed);
    rig_share_classic(r);
    make_plan(make_policy(), previous);
    run_ceremony();
}

static inline int bundle_scene_make(void **state)
{
    (void)state;
    roots = vlek_kit_roots();
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
    uint8_t *const room = blocks[incarnation > 1 ? NODES : node];
    struct bundle_evidence *const to = &b.evidence[b.n_evidence++];
    uint8_t wanted[REPORT_DATA_LEN];

    memcpy(bind.epoch_id, r->nodes[0].c.known.epoch_id, sizeof bind.epoch_id);
    memcpy(bind.identity, identity, sizeof bind.identity);
    memcpy(bind.nonce, record_id, sizeof bind.nonce);
    memcpy(bind.context, record_id, sizeof bind.context);
    report_data_make(&bind, wanted);
    chip->measurement[0] = (w->newer >> node & 1U) != 0 ? newer_code[0] : w->code;
    *to = (struct bundle_evidence){(uint8_t)node, incarnation, {NULL, 0}};
    assert_int_equal(w->vlek && node == 0 ? vlek_kit_show(chip, wanted, room, &to->block)
                                          : evidence_kit_show(chip, wanted, room, &to->block),
                     ERR_OK);
    chip->measurement[0] = code[0];
}

static inline void show(unsigned node, const struct wish *w)
{
    const unsigned as = w->swapped && node < 2 ? 1 - node : node;
    struct silicon *const chip = chips[node == 0 ? w->first_chip : node];
    const uint8_t guest = chip->report_id[0];

    chip->report_id[0] = w->same_guest && node == 1 ? chips[0]->report_id[0] : guest;
    show_of(node, 1, chip, r->kit.plan.nodes[as].identity, w);
    chip->report_id[0] = guest;
}

static inline void spki_of(enum sign_alg alg, struct view key, uint8_t room[CERT_MAX],
                           struct view *out)
{
    struct writer w = wr_init(room, CERT_MAX);

    assert_int_equal(cert_write_spki(&w, alg, key), ERR_OK);
    assert_int_equal(wr_finish(&w, out), ERR_OK);
}

/* What QuorateBinding points to. */
struct bound {
    uint8_t epoch_id[EPOCH_ID_LEN], policy_hash[48], other[48], record_id[48], codes[3][48];
};

static inline void lie_in(enum lie lie, struct bound *s, struct quorate_binding *q)
{
    s->epoch_id[0] ^= lie == LIE_EPOCH;
    s->other[0] ^= lie == LIE_OTHER_KEY;
    s->codes[1][47] ^= lie == LIE_CODE;
    s->policy_hash[0] ^= lie == LIE_POLICY;
    s->record_id[0] ^= lie == LIE_RECORD;
    q->threshold -= lie == LIE_THRESHOLD;
    q->total += lie == LIE_TOTAL;
    q->assurance = lie == LIE_ASSURANCE ? ASSURANCE_HARDWARE : q->assurance;
    q->n_measurements = lie == LIE_NO_CODE ? 0 : lie == LIE_NO_MRTD ? 2 : q->n_measurements;
}

/* The content of the extension. */
static inline struct view binding(struct view other_spki, enum lie lie,
                                  uint8_t room[QUORATE_BINDING_ROOM])
{
    struct bound s;
    struct quorate_binding q = {
        .epoch_id = {s.epoch_id, sizeof s.epoch_id},
        .n_other_keys = 1,
        .other_keys = {{s.other, sizeof s.other}},
        .threshold = THRESHOLD,
        .total = NODES,
        .assurance = promised == PLAN_ATTESTED ? ASSURANCE_HARDWARE : ASSURANCE_SIMULATED,
        .policy_hash = {s.policy_hash, sizeof s.policy_hash},
        .n_measurements = 3,
        .measurements = {{s.codes[0], 48}, {s.codes[1], 48}, {s.codes[2], 48}},
        .record_id = {s.record_id, sizeof s.record_id}};
    struct writer w = wr_init(room, QUORATE_BINDING_ROOM);
    struct view v;

    memcpy(s.epoch_id, r->nodes[0].c.known.epoch_id, sizeof s.epoch_id);
    memcpy(s.record_id, record_id, sizeof s.record_id);
    memcpy(s.codes[0], code, sizeof code);
    memcpy(s.codes[1], newer_code, sizeof newer_code);
    memcpy(s.codes[2], mrtd, sizeof mrtd);
    hash_once(HASH_SHA384, r->kit.plan.policy, s.policy_hash);
    hash_once(HASH_SHA384, other_spki, s.other);
    lie_in(lie, &s, &q);
    if (lie == LIE_UNREADABLE) {
        der_write(&w, DER_NULL, (struct view){NULL, 0});
    } else {
        assert_int_equal(quorate_binding_write(&w, &q), ERR_OK);
    }
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

/* Signed by nobody: who signed is asked where a token is judged. */
static inline struct view certificate(struct view spki, struct view other_spki, enum lie lie,
                                      int64_t begins_s, uint8_t room[CERT_MAX])
{
    uint8_t extension[QUORATE_BINDING_ROOM], name[64], tbs[CERT_MAX];
    const uint8_t serial = 1;
    struct writer n = wr_init(name, sizeof name);
    struct writer t = wr_init(tbs, sizeof tbs);
    struct writer out = wr_init(room, CERT_MAX);
    const struct extension x = {oid_body(OID_OUR_BINDING), false,
                                binding(other_spki, lie, extension)};
    struct view v;

    cert_write_name(&n, plan_kit_text("test"));
    const struct cert_fields f = {.alg = SIGN_ECDSA_P384_SHA384,
                                  .serial = {&serial, 1},
                                  .issuer = {name, n.len},
                                  .subject = {name, n.len},
                                  .not_before_s = begins_s,
                                  .not_after_s = begins_s + 1000,
                                  .spki = spki,
                                  .extensions = &x,
                                  .n_extensions = lie == LIE_NO_BINDING ? 0 : 1};

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
    b.classic =
        certificate(spki[0], spki[1], wish->lies[0], AT_S + wish->classic_later_s, certs[0]);
    b.pq = certificate(spki[1], spki[0], wish->lies[1], AT_S, certs[1]);
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
    (void)bundle_judge(&b, &roots, AT_S, verdict);
    epoch_doc_encode(&out, &verdict->document);
    b.document.n = out.len;
    return bundle_judge(&b, &roots, AT_S, verdict);
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
    return bundle_judge(&b, &roots, AT_S, verdict);
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
