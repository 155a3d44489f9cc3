#include "members_sign.h"

#include "crypto/tmldsa/tmldsa_combine.h"
#include "wire/quorum_msg.h"

#include <poll.h>
#include <string.h>

/* While a pool fills, it may have nothing to offer. */
void members_offer(size_t i, struct view r1)
{
    const int64_t end = members_now_ms() + 20000;
    enum err e = ERR_NOSPACE;

    do {
        struct pollfd nothing = {.fd = -1};

        e = members_ask(i, FRAME_R1, r1);
        (void)poll(&nothing, 1, e == ERR_OK ? 0 : 20);
    } while (e == ERR_NOSPACE && members_now_ms() < end);
    assert_int_equal(e, ERR_OK);
}

/* What the host knows of one session of the first MEMBERS_T nodes. */
static struct {
    struct mldsa_key_scratch key_scratch;
    struct tmldsa_combine_scratch combine;
    struct tmldsa_public_key key;
    struct tmldsa_session session;
    struct tmldsa_response responses[TMLDSA_PARTIES_MAX];
    struct r2_head head;
    struct r2_stamp stamp;
    uint8_t r1s[MEMBERS_T * R1_MAX_LEN];
    struct quorum_word reveals[MEMBERS_T];
    uint8_t kept[2][MEMBERS_T][FRAME_BODY_LONG_MAX]; /* answers to R2 and R3 */
    uint8_t r3[FRAME_BODY_LONG_MAX];
    uint8_t signature[STAMP_SIGNATURE_PQ];
} host;

static void ask_r1(size_t i)
{
    struct tmldsa_commitment *const c = &host.session.commitment[i][0];
    struct r1_ask r1 = {.key = KEY_PQ, .sid0 = {host.stamp.sid0, SID0_LEN}};
    uint8_t bytes[128];
    struct writer w = wr_init(bytes, sizeof bytes);
    uint8_t *const to = host.r1s + i * R1_MAX_LEN;
    struct view got;

    memcpy(r1.epoch_id, host.head.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &r1);
    members_offer(i, (struct view){bytes, w.len});
    assert_int_equal(r1_answer_decode(members_body, R1_MAX_LEN, &got), ERR_OK);
    assert_int_equal(got.n, R1_MAX_LEN);
    memcpy(to, got.p, R1_MAX_LEN);
    memcpy(c->batch_id, to + R1_BODY_LEN + 1, R1_BATCH_ID_LEN);
    memcpy(c->com, to + R1_BODY_LEN + 1 + R1_BATCH_ID_LEN, R1_COM_LEN);
}

/* The word that the answer in members_body ends with, kept. */
static struct quorum_word keep_word(size_t round, size_t i, size_t skip)
{
    struct reader r;
    struct quorum_word word;
    uint16_t code = 0;

    memcpy(host.kept[round][i], members_body.p, members_body.n);
    r = rd_init((struct view){host.kept[round][i] + skip, members_body.n - skip});
    assert_int_equal(rd_u16le(&r, &code), ERR_OK);
    assert_int_equal(code, ERR_OK);
    assert_int_equal(quorum_word_decode(&r, FRAME_BODY_LONG_MAX, &word), ERR_OK);
    assert_int_equal(word.index, i + 1);
    return word;
}

enum err members_r2(size_t i)
{
    uint8_t bytes[2048];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct reader r;
    uint8_t n = 0;
    uint16_t code = 0;

    r2_head_encode(&w, &host.head);
    r2_stamp_encode(&w, &host.stamp);
    TRY(members_ask(i, FRAME_R2, (struct view){bytes, w.len}));
    r = rd_init(members_body);
    assert_int_equal(rd_u8(&r, &n), ERR_OK);
    assert_int_equal(rd_u16le(&r, &code), ERR_OK);
    if (code == ERR_OK) {
        host.reveals[i] = keep_word(0, i, 1);
        host.session.w[i][0] = host.reveals[i].body;
    }
    return (enum err)code;
}

static void ask_r3(size_t i)
{
    struct writer w = wr_init(host.r3, sizeof host.r3);
    struct r3 m = {.n = 0};

    memcpy(m.x, host.session.id, STAMP_X_LEN);
    for (size_t k = 0; k < MEMBERS_T; k++) {
        if (k != i) {
            m.reveals[m.n++] = host.reveals[k];
        }
    }
    r3_encode(&w, &m);
    assert_int_equal(members_ask(i, FRAME_R3, (struct view){host.r3, w.len}), ERR_OK);
    assert_int_equal(tmldsa_response_parse(&host.key, 1, keep_word(1, i, 0).body, &host.combine,
                                           &host.responses[i]),
                     ERR_OK);
}

void members_r1_all(uint8_t number)
{
    static const uint8_t imprint[32] = {9};
    struct boot_policy policy;
    struct stamp st;

    memset(host.stamp.sid0, number, SID0_LEN);
    for (size_t i = 0; i < MEMBERS_T; i++) {
        ask_r1(i);
    }
    host.stamp.bodies = (struct view){host.r1s, sizeof host.r1s};
    host.stamp.hash_alg = HASH_SHA256;
    host.stamp.policy = 2;
    host.stamp.hashed_message = (struct view){imprint, sizeof imprint};
    assert_int_equal(boot_policy_parse(MEMBERS_PQ_POLICY, &policy), ERR_OK);
    assert_int_equal(stamp_derive(&host.head, &host.stamp, &policy.rule, &st), ERR_OK);
    assert_int_equal(stamping_digest(&st, &host.stamp, &policy, members[0].session.certs,
                                     KEY_PQ, host.session.mu),
                     ERR_OK);
    memcpy(host.session.id, st.x, STAMP_X_LEN);
}

bool members_finish(void)
{
    struct tmldsa_outcome outcome;

    for (size_t i = 0; i < MEMBERS_T; i++) {
        ask_r3(i);
    }
    assert_int_equal(tmldsa_combine(&host.key, &host.session, host.responses, &host.combine,
                                    host.signature, &outcome),
                     ERR_OK);
    return outcome.found;
}

bool members_sign(uint8_t number)
{
    enum err e = ERR_OK;

    members_r1_all(number);
    for (size_t i = 0; i < MEMBERS_T && e == ERR_OK; i++) {
        e = members_r2(i);
    }
    assert_true(e == ERR_OK || e == ERR_STALE);
    return e == ERR_OK && members_finish();
}

void members_activate(void)
{
    const struct core_session *const first = &members[0].session;

    for (size_t i = 0; i < MEMBERS_T; i++) {
        const uint8_t salt = (uint8_t)(10 + i);

        assert_int_equal(
            core_activate_key(members[i].fd, &members[i].session, KEY_CLASSIC, salt), ERR_OK);
        assert_int_equal(core_activate_key(members[i].fd, &members[i].session, KEY_PQ, 1),
                         ERR_OK);
    }
    assert_int_equal(tmldsa_public_key_parse(
                         tmldsa_best(), tmldsa_params_find(&mldsa_65, MEMBERS_T, MEMBERS),
                         first->hello.keys[1].public_key, &host.key_scratch, &host.key),
                     ERR_OK);
    host.session.act = (1U << MEMBERS_T) - 1;
    host.session.batches = 1;
    host.head = (struct r2_head){.key = KEY_PQ, .t = MEMBERS_T, .signers = {1, 2, 3}, .n = 1};
    memcpy(host.head.epoch_id, first->hello.epoch_id, EPOCH_ID_LEN);
    memcpy(host.head.activation, first->certs[KEY_PQ - 1].activation, ACTIVATION_HASH_LEN);
}
