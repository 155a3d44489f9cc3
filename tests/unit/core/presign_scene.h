/* presign_scene.h - five cores that share a classic key, with records of a dealer, and the
 * coordinator that asks three of them.
 */
#ifndef TESTS_UNIT_CORE_PRESIGN_SCENE_H
#define TESTS_UNIT_CORE_PRESIGN_SCENE_H

#include "presign_kit.h"
#include "quorum_fixture.h"

#include "enclave/core/core_presign.h"
#include "format/csr_info.h"
#include "wire/csr_ask.h"
#include "wire/presign_word.h"

#include <stdlib.h>
#include <string.h>

#define ACT 0x0bU /* places 0, 1 and 3 */
#define EACH 4
#define STAMPS_MAX 2

static struct presign_kit kit;
static struct quorum_fixture *f;
static struct presign_pool pools[NODES];
static struct presign_slot slots[NODES][6 * EACH];

/* What a coordinator has of one R2. */
static struct {
    struct r2_head head;
    uint8_t sid0[STAMPS_MAX][SID0_LEN];
    uint8_t r1s[STAMPS_MAX][SIGNERS * R1_PROVEN_LEN];
    uint8_t imprint[HASH_MAX];
    uint8_t id[STAMPS_MAX][STAMP_PRESIGN_LEN];
    struct tecdsa_presignature record[STAMPS_MAX][TECDSA_T]; /* copies */
    struct r2_stamp stamps[STAMPS_MAX];
    struct tecdsa_answer answers[STAMPS_MAX][SIGNERS];
    uint8_t proven[STAMPS_MAX][SIGNERS][PRESIGN_ANSWER_LEN];
} ask;

/* Of each pair, as of its channel. */
static inline void meet(unsigned i)
{
    for (unsigned j = 0; j < NODES; j++) {
        const uint8_t key[R1_MAC_KEY_LEN] = {0x4d, (uint8_t)(i < j ? i : j),
                                             (uint8_t)(i < j ? j : i)};

        r1_macs_meet(&pools[i].macs, j, key);
    }
}

/* As core_presign_begin() leaves it. */
static inline void share_key(unsigned i)
{
    struct core *const c = &f->members[i]->core;

    assert_int_equal(presign_pool_init(&pools[i], i, NODES, EACH, slots[i]), ERR_OK);
    meet(i);
    c->presign = (struct core_presign){.pool = &pools[i]};
    c->threshold[KEY_CLASSIC - 1] = SIGNERS;
    memcpy(c->public.classic, kit.public_key, P384_PUBLIC_LEN);
}

static inline void activate(unsigned i, uint8_t key)
{
    static const uint8_t issuer[] = {0x30, 0x00};
    static const uint8_t serial[] = {1};
    struct activation a = {
        .key = key, .serial = {serial, sizeof serial}, .issuer = {issuer, sizeof issuer}};
    uint8_t body[1024];
    struct writer w = wr_init(body, sizeof body);

    memcpy(a.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    activation_encode(&w, &a);
    assert_int_equal(member_call(f->members[i], FRAME_ACTIVATE, (struct view){body, w.len}),
                     ERR_OK);
}

static inline int waiting(void **state)
{
    (void)state;
    memset(slots, 0, sizeof slots);
    memset(&ask, 0, sizeof ask);
    presign_kit_init(&kit);
    f = quorum_fixture_waiting(1);
    for (unsigned i = 0; i < NODES; i++) {
        share_key(i);
    }
    return 0;
}

static inline int serving(void **state)
{
    (void)waiting(state);
    for (unsigned i = 0; i < NODES; i++) {
        activate(i, KEY_CLASSIC);
        activate(i, KEY_PQ);
        assert_int_equal(f->members[i]->core.state, CORE_SERVING);
    }
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    quorum_fixture_free(f);
    return 0;
}

static inline struct member *signer(size_t at)
{
    return f->members[ask.head.signers[at] - 1];
}

/* A record of a triple, at its three. */
static inline void deal(unsigned s, size_t stamp)
{
    struct tecdsa_presignature *const r = ask.record[stamp];
    struct tecdsa_presignature copy;
    size_t at = 0;

    presign_kit_deal(&kit, s, r);
    memcpy(ask.id[stamp], r[0].id, STAMP_PRESIGN_LEN);
    for (unsigned i = 0; i < NODES; i++) {
        if ((s >> i & 1) != 0) {
            memcpy(&copy, &r[at++], sizeof copy);
            assert_int_equal(
                presign_pool_add(&pools[i], &copy, f->members[i]->core.now.mono_ns), ERR_OK);
        }
    }
}

static inline enum err r1_of(size_t at, size_t n)
{
    struct r1_ask a = {.key = KEY_CLASSIC, .sid0 = {ask.sid0[0], n * SID0_LEN}};
    uint8_t body[256];
    struct writer w = wr_init(body, sizeof body);
    struct view r1s;

    memcpy(a.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &a);
    TRY(member_call(signer(at), FRAME_R1, (struct view){body, w.len}));
    assert_int_equal(r1_answer_decode(signer(at)->body, R1_PROVEN_LEN, &r1s), ERR_OK);
    assert_int_equal(r1s.n, n * R1_PROVEN_LEN);
    for (size_t i = 0; i < n; i++) {
        memcpy(ask.r1s[i] + at * R1_PROVEN_LEN, r1s.p + i * R1_PROVEN_LEN, R1_PROVEN_LEN);
    }
    return ERR_OK;
}

/* R1s of all of act for n stamps. */
static inline void round_1(unsigned act, size_t n)
{
    ask.head = (struct r2_head){.key = KEY_CLASSIC, .n = (uint8_t)n};
    memcpy(ask.head.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(ask.head.activation, f->members[0]->core.certs[KEY_CLASSIC - 1].activation,
           ACTIVATION_HASH_LEN);
    for (unsigned i = 0; i < NODES; i++) {
        if ((act >> i & 1) != 0) {
            ask.head.signers[ask.head.t++] = (uint8_t)(i + 1);
        }
    }
    tecdsa_noise(&kit.number, ask.sid0, sizeof ask.sid0);
    tecdsa_noise(&kit.number, ask.imprint, sizeof ask.imprint);
    for (size_t at = 0; at < ask.head.t; at++) {
        assert_int_equal(r1_of(at, n), ERR_OK);
    }
}

/* Round 2 of one signer: each stamp's result. */
static inline void round_2(size_t at, enum err errs[STAMPS_MAX])
{
    uint8_t body[4096];
    struct writer w = wr_init(body, sizeof body);
    struct r2_result res;
    struct reader r;
    uint8_t n = 0;

    r2_head_encode(&w, &ask.head);
    for (size_t i = 0; i < ask.head.n; i++) {
        ask.stamps[i] =
            (struct r2_stamp){.bodies = {ask.r1s[i], (size_t)SIGNERS * R1_PROVEN_LEN},
                              .hash_alg = HASH_SHA256,
                              .policy = 1,
                              .hashed_message = {ask.imprint, 32},
                              .presign = {ask.id[i], STAMP_PRESIGN_LEN}};
        memcpy(ask.stamps[i].sid0, ask.sid0[i], SID0_LEN);
        r2_stamp_encode(&w, &ask.stamps[i]);
    }
    assert_false(w.full);
    assert_int_equal(member_call(signer(at), FRAME_R2, (struct view){body, w.len}), ERR_OK);
    assert_null(signer(at)->batch);
    r = rd_init(signer(at)->body);
    assert_int_equal(rd_u8(&r, &n), ERR_OK);
    assert_int_equal(n, ask.head.n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(r2_result_decode(&r, &res), ERR_OK);
        errs[i] = res.err;
        if (res.err == ERR_OK) {
            assert_int_equal(res.signature.n, PRESIGN_ANSWER_LEN);
            memcpy(ask.proven[i][at], res.signature.p, PRESIGN_ANSWER_LEN);
            memcpy(&ask.answers[i][at], res.signature.p, sizeof ask.answers[i][at]);
        }
    }
    assert_int_equal(rd_finish(&r), ERR_OK);
}

static inline enum err round_2_one(size_t at)
{
    enum err errs[STAMPS_MAX] = {ERR_BUG, ERR_BUG};

    round_2(at, errs);
    return errs[0];
}

/* What the three signed of a stamp, which anybody computes, and their signature of it. */
static inline enum err combine(size_t stamp)
{
    const struct member *const m = signer(0);
    const struct boot_policy *const p = &m->args.policies[0];
    uint8_t digest[SIGN_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct stamp st;

    assert_int_equal(stamp_derive(&ask.head, &ask.stamps[stamp], &p->rule, &st), ERR_OK);
    assert_int_equal(
        stamping_digest(&st, &ask.stamps[stamp], p, m->core.certs, KEY_CLASSIC, digest),
        ERR_OK);
    return presign_kit_combine(&kit, &ask.record[stamp][0], digest, ask.answers[stamp], sig);
}

/* Whether the answer of a signer is its own, of that record and that digest. */
static inline enum err answer_is_signed(size_t stamp, size_t at)
{
    const struct member *const m = signer(at);
    const struct boot_policy *const p = &m->args.policies[0];
    struct presign_word word = {.triple = ACT};
    uint8_t signed_part[PRESIGN_WORD_SIGNED_LEN];
    uint8_t digest[SIGN_DIGEST_LEN];
    struct stamp st;

    assert_int_equal(stamp_derive(&ask.head, &ask.stamps[stamp], &p->rule, &st), ERR_OK);
    assert_int_equal(
        stamping_digest(&st, &ask.stamps[stamp], p, m->core.certs, KEY_CLASSIC, digest),
        ERR_OK);
    memcpy(word.id, ask.id[stamp], sizeof word.id);
    memcpy(word.r, ask.record[stamp][0].r, sizeof word.r);
    memcpy(word.digest, digest, sizeof word.digest);
    presign_word_signed(&word, f->epoch_id, ask.proven[stamp][at], signed_part);
    return ed25519_verify(NULL, f->plan.nodes[ask.head.signers[at] - 1].signing_key,
                          (struct view){signed_part, sizeof signed_part},
                          ask.proven[stamp][at] + PRESIGN_SUM_LEN);
}

static inline unsigned left(size_t at)
{
    return presign_pool_count(&pools[ask.head.signers[at] - 1], ACT);
}

/* ---- SIGN_CSR ---- */

static inline struct csr_ask csr(uint8_t attempt)
{
    struct csr_ask a = {.key = KEY_CLASSIC,
                        .subject = CSR_SUBJECT_TSA,
                        .attempt = attempt,
                        .t = ask.head.t,
                        .r1s = {ask.r1s[0], (size_t)SIGNERS * R1_PROVEN_LEN},
                        .presign = {ask.id[0], STAMP_PRESIGN_LEN}};

    memcpy(a.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(a.signers, ask.head.signers, sizeof a.signers);
    memcpy(a.sid0, ask.sid0[0], SID0_LEN);
    return a;
}

static inline enum err ask_csr(size_t at, const struct csr_ask *a)
{
    uint8_t body[2048];
    struct writer w = wr_init(body, sizeof body);

    csr_ask_encode(&w, a);
    TRY(member_call(signer(at), FRAME_SIGN_CSR, (struct view){body, w.len}));
    assert_null(signer(at)->batch);
    assert_int_equal(signer(at)->body.n, sizeof ask.answers[0][at]);
    memcpy(&ask.answers[0][at], signer(at)->body.p, signer(at)->body.n);
    return ERR_OK;
}

static inline void csr_digest(uint8_t digest[P384_DIGEST_LEN])
{
    const struct csr_fields fields = {.alg = SIGN_ECDSA_P384_SHA384,
                                      .subject = CSR_SUBJECT_TSA,
                                      .epoch_id = f->epoch_id,
                                      .public_key = {kit.public_key, P384_PUBLIC_LEN}};
    uint8_t bytes[CSR_INFO_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view info;

    assert_int_equal(csr_info_write(&w, &fields), ERR_OK);
    assert_int_equal(wr_finish(&w, &info), ERR_OK);
    hash_once(HASH_SHA384, info, digest);
}

#endif
