#include "plan_kit.h"
#include "testing.h"

#include "base/hex.h"
#include "wire/ceremony_known.h"

static struct plan_kit kit;
static const uint8_t epoch_id[EPOCH_ID_LEN] = {0xe0};

static int make(void **state)
{
    (void)state;
    return plan_kit_make(&kit, 3, 5) == ERR_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

struct signed_msg {
    struct ceremony_msg m;
    uint8_t signature[P384_SIG_LEN];
};

static void sign(struct signed_msg *s)
{
    uint8_t digest[P384_DIGEST_LEN];

    ceremony_msg_digest(epoch_id, &s->m, digest);
    assert_int_equal(p384_sign(kit.signer, &kit.keys[s->m.sender], digest, s->signature),
                     ERR_OK);
    ceremony_msg_lower(s->signature);
    s->m.signature = (struct view){s->signature, sizeof s->signature};
}

/* n - s, big-endian. */
static void other_form(uint8_t signature[P384_SIG_LEN])
{
    static const char order[] = "ffffffffffffffffffffffffffffffffffffffffffffffff"
                                "c7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    uint8_t n[P384_SCALAR_LEN];
    size_t len = 0;
    int borrow = 0;

    assert_int_equal(hex_parse(order, n, sizeof n, &len), ERR_OK);
    for (size_t i = len; i-- > 0;) {
        const int v = n[i] - signature[P384_SCALAR_LEN + i] - borrow;

        borrow = v < 0;
        signature[P384_SCALAR_LEN + i] = (uint8_t)(v + (borrow != 0 ? 256 : 0));
    }
}

static void signature_covers_everything(void **state)
{
    static const uint8_t body[] = {1, 2, 3};
    struct signed_msg s = {.m = {.round = CEREMONY_ECHO,
                                 .sender = 2,
                                 .to = CEREMONY_TO_ALL,
                                 .body = {body, sizeof body}}};
    uint8_t other_epoch[EPOCH_ID_LEN] = {0xe1};
    struct ceremony_msg m;

    (void)state;
    sign(&s);
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &s.m), ERR_OK);
    assert_int_equal(ceremony_msg_verify(&kit.plan, other_epoch, &s.m), ERR_SIGNATURE);
    m = s.m;
    m.round = CEREMONY_DONE;
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &m), ERR_SIGNATURE);
    m = s.m;
    m.sender = 3;
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &m), ERR_SIGNATURE);
    m = s.m;
    m.to = 3;
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &m), ERR_SIGNATURE);
    m = s.m;
    m.body.n--;
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &m), ERR_SIGNATURE);
    m = s.m;
    m.sender = 5; /* no such node in this plan */
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &m), ERR_SIGNATURE);
}

/* Genuine under a key that stands behind those of the plan, to nobody of it, or cut. */
static void only_nodes_of_the_plan_speak(void **state)
{
    struct plan larger = kit.plan;
    struct signed_msg s = {
        .m = {.round = CEREMONY_OPEN, .sender = 2, .to = 4, .body = {NULL, 0}}};

    (void)state;
    sign(&s);
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &s.m), ERR_OK);
    s.m.signature.n--;
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &s.m), ERR_SIGNATURE);
    s.m.to = 5;
    sign(&s);
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &s.m), ERR_SIGNATURE);
    larger.total = 6;
    assert_int_equal(ceremony_msg_verify(&larger, epoch_id, &s.m), ERR_OK);
    larger.total = 2;
    s.m.to = 1;
    sign(&s);
    assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &s.m), ERR_OK);
    assert_int_equal(ceremony_msg_verify(&larger, epoch_id, &s.m), ERR_SIGNATURE);
}

/* The other form of a genuine signature is genuine ECDSA, and refused. */
static void only_the_lower_form_is_taken(void **state)
{
    struct signed_msg s = {
        .m = {.round = CEREMONY_RHO, .sender = 1, .to = CEREMONY_TO_ALL, .body = {NULL, 0}}};
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t low[P384_SIG_LEN];

    (void)state;
    for (int i = 0; i < 8; i++) {
        sign(&s);
        memcpy(low, s.signature, sizeof low);
        other_form(s.signature);
        ceremony_msg_digest(epoch_id, &s.m, digest);
        assert_int_equal(p384_verify(kit.keys[1].public_key, digest, s.signature), ERR_OK);
        assert_int_equal(ceremony_msg_verify(&kit.plan, epoch_id, &s.m), ERR_SIGNATURE);
        ceremony_msg_lower(s.signature);
        assert_memory_equal(s.signature, low, sizeof low);
    }
}

static void messages_are_read_exactly(void **state)
{
    static const uint8_t body[] = {1, 2, 3};
    static const struct {
        size_t at;
        uint8_t to;
    } bad[] = {{0, 0}, {0, 13}, {0, CEREMONY_OPEN}, {1, 6}, {2, 0}, {6, 0x40}};
    struct signed_msg s = {.m = {.round = CEREMONY_ECHO,
                                 .sender = 2,
                                 .to = CEREMONY_TO_ALL,
                                 .body = {body, sizeof body}}};
    uint8_t buf[128];
    struct writer w = wr_init(buf, sizeof buf);
    struct ceremony_msg m;
    struct reader r;
    struct view out;

    (void)state;
    sign(&s);
    ceremony_msg_encode(&w, &s.m);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, CEREMONY_HEADER_LEN + 3 + P384_SIG_LEN);
    r = rd_init((struct view){buf, out.n + 5});
    assert_int_equal(ceremony_msg_decode(&r, &m), ERR_OK);
    assert_int_equal(r.n, 5);
    assert_true(view_equal(m.whole, out) && m.round == CEREMONY_ECHO && m.sender == 2);
    for (size_t n = 0; n < out.n; n++) {
        r = rd_init((struct view){buf, n});
        assert_int_equal(ceremony_msg_decode(&r, &m), ERR_TRUNCATED);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const uint8_t was = buf[bad[i].at];

        buf[bad[i].at] = bad[i].to;
        r = rd_init(out);
        assert_int_equal(ceremony_msg_decode(&r, &m), ERR_RANGE);
        buf[bad[i].at] = was;
    }
}

/* What goes to one node has another node as its receiver, and what goes to all none. */
static void each_round_has_its_receivers(void **state)
{
    static const uint8_t to_one[] = {CEREMONY_PQ1_HELLO, CEREMONY_PQ1_KEM, CEREMONY_PQ1_FINISH,
                                     CEREMONY_SEALED, CEREMONY_OPEN};
    uint8_t buf[CEREMONY_HEADER_LEN + P384_SIG_LEN] = {0, 2};
    const struct view all = {buf, sizeof buf};
    struct ceremony_msg m;
    struct reader r;

    (void)state;
    for (size_t i = 0; i < sizeof to_one; i++) {
        buf[0] = to_one[i];
        for (unsigned to = 0; to <= UINT8_MAX; to++) {
            buf[2] = (uint8_t)to;
            r = rd_init(all);
            assert_int_equal(ceremony_msg_decode(&r, &m),
                             to < PLAN_NODES_MAX && to != 2 ? ERR_OK : ERR_RANGE);
        }
    }
    for (unsigned round = 0; round <= UINT8_MAX; round++) {
        const bool one = memchr(to_one, (int)round, sizeof to_one) != NULL;

        buf[0] = (uint8_t)round;
        buf[2] = 1;
        r = rd_init(all);
        assert_int_equal(ceremony_msg_decode(&r, &m), one ? ERR_OK : ERR_RANGE);
        buf[2] = CEREMONY_TO_ALL;
        r = rd_init(all);
        assert_int_equal(ceremony_msg_decode(&r, &m),
                         ceremony_round_is_public((uint8_t)round) ? ERR_OK : ERR_RANGE);
    }
}

/* A body that is not all there is not taken for none, with its own bytes for a signature. */
static void a_cut_body_is_no_message(void **state)
{
    uint8_t buf[CEREMONY_HEADER_LEN + P384_SIG_LEN] = {CEREMONY_OPEN, 2, 1, sizeof buf};
    struct reader r = rd_init((struct view){buf, sizeof buf});
    struct ceremony_msg m;

    (void)state;
    assert_int_equal(ceremony_msg_decode(&r, &m), ERR_TRUNCATED);
    assert_int_equal(m.whole.n, 0);
}

static size_t body_of(uint8_t t, uint8_t n, uint8_t round, uint8_t sender, uint8_t to)
{
    const struct plan p = {.threshold = t, .total = n};
    const struct ceremony_msg m = {.round = round, .sender = sender, .to = to};

    return ceremony_body_len(&p, &m);
}

static void lengths_follow_from_the_plan(void **state)
{
    (void)state;
    assert_int_equal(body_of(3, 5, CEREMONY_COMMIT, 0, CEREMONY_TO_ALL), 48 + 6 * 49);
    assert_int_equal(body_of(3, 5, CEREMONY_ECHO, 0, CEREMONY_TO_ALL), 5 * 48);
    assert_int_equal(body_of(3, 5, CEREMONY_OPEN, 0, 1), 3 * 97);
    assert_int_equal(body_of(3, 5, CEREMONY_RHO, 0, CEREMONY_TO_ALL), 64);
    assert_int_equal(body_of(3, 5, CEREMONY_T_COMMIT, 4, CEREMONY_TO_ALL), 6 * 49);
    assert_int_equal(body_of(3, 5, CEREMONY_T_REVEAL, 0, CEREMONY_TO_ALL), 6 * 4417);
    assert_int_equal(body_of(3, 5, CEREMONY_T_REVEAL, 1, CEREMONY_TO_ALL), 3 * 4417);
    assert_int_equal(body_of(3, 5, CEREMONY_T_REVEAL, 2, CEREMONY_TO_ALL), 4417);
    assert_int_equal(body_of(3, 5, CEREMONY_T_REVEAL, 3, CEREMONY_TO_ALL), 0);
    assert_int_equal(body_of(3, 5, CEREMONY_DONE, 3, CEREMONY_TO_ALL), 48 + 5 * 5 * 48);
    assert_int_equal(body_of(3, 5, CEREMONY_CONFIRM, 3, CEREMONY_TO_ALL), 48 + 2 * 5 * 48);
    assert_int_equal(body_of(3, 5, CEREMONY_TEST, 0, CEREMONY_TO_ALL), 6 * 3310);
    assert_int_equal(body_of(3, 5, CEREMONY_TEST, 2, CEREMONY_TO_ALL), 3310);
    assert_int_equal(body_of(3, 5, CEREMONY_TEST, 3, CEREMONY_TO_ALL), 0);
    assert_int_equal(body_of(4, 6, CEREMONY_T_REVEAL, 0, CEREMONY_TO_ALL), 10 * 4417);
    assert_int_equal(body_of(2, 2, CEREMONY_T_REVEAL, 1, CEREMONY_TO_ALL), 4417);
    assert_int_equal(body_of(2, 2, CEREMONY_OPEN, 0, 1), 0); /* each secret has one holder */
}

/* Each round's body passes as built, and not with another length or mask. */
static void bodies_are_checked(void **state)
{
    static const uint8_t rounds[] = {CEREMONY_COMMIT, CEREMONY_ECHO,     CEREMONY_OPEN,
                                     CEREMONY_RHO,    CEREMONY_T_COMMIT, CEREMONY_T_REVEAL,
                                     CEREMONY_DONE,   CEREMONY_CONFIRM};
    static uint8_t body[CEREMONY_MSG_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rounds; i++) {
        struct ceremony_msg m = {.round = rounds[i], .sender = 1, .to = 2};
        uint8_t masks[CEREMONY_SUBSETS_MAX];
        const size_t n = ceremony_body_masks(&kit.plan, &m, masks);
        const size_t len = ceremony_body_len(&kit.plan, &m);
        const size_t head = ceremony_body_head(&kit.plan, &m).n; /* of no body */

        assert_int_equal(head, 0);
        memset(body, 0, sizeof body);
        m.body = (struct view){body, len};
        const size_t head_len = ceremony_body_head(&kit.plan, &m).n;
        const size_t step = n == 0 ? 0 : (len - head_len) / n;

        for (size_t k = 0; k < n; k++) {
            body[head_len + k * step] = masks[k];
        }
        assert_int_equal(ceremony_body_check(&kit.plan, &m), ERR_OK);
        m.body.n = len + 1;
        assert_int_equal(ceremony_body_check(&kit.plan, &m), ERR_LENGTH);
        m.body.n = len - 1;
        assert_int_equal(ceremony_body_check(&kit.plan, &m), ERR_LENGTH);
        m.body.n = len;
        if (n > 0) {
            assert_ptr_equal(ceremony_body_entry(&kit.plan, &m, masks[n - 1]).p,
                             &body[len - step + 1]);
            assert_int_equal(ceremony_body_entry(&kit.plan, &m, 0x1f).n, 0);
            body[len - step] ^= 1;
            assert_int_equal(ceremony_body_check(&kit.plan, &m), ERR_ENCODING);
        }
    }
}

/* t has coefficients below q, wherever in its bytes one stands. */
static void t_is_below_q(void **state)
{
    static const size_t places[] = {0, 1, 7, 8, 1535};
    static uint8_t body[3 * (1 + CEREMONY_T_LEN)];
    struct ceremony_msg m = {.round = CEREMONY_T_REVEAL,
                             .sender = 1,
                             .to = CEREMONY_TO_ALL,
                             .body = {body, sizeof body}};
    uint8_t masks[CEREMONY_SUBSETS_MAX];

    (void)state;
    assert_int_equal(ceremony_body_masks(&kit.plan, &m, masks), 3);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (uint32_t v = 8380416; v <= 8380417; v++) { /* q - 1, q */
            memset(body, 0, sizeof body);
            for (size_t k = 0; k < 3; k++) {
                body[k * (1 + CEREMONY_T_LEN)] = masks[k];
            }
            for (size_t bit = 0; bit < 23; bit++) {
                const size_t at = places[i] * 23 + bit;

                body[2 * (1 + CEREMONY_T_LEN) + 1 + at / 8] |=
                    (uint8_t)((v >> bit & 1) << (at % 8));
            }
            assert_int_equal(ceremony_body_check(&kit.plan, &m),
                             v == 8380417 ? ERR_RANGE : ERR_OK);
        }
    }
}

static void subsets_are_those_of_the_paper(void **state)
{
    static const uint8_t want[] = {7, 11, 13, 14, 19, 21, 22, 25, 26, 28};
    uint8_t got[CEREMONY_SUBSETS_MAX];

    (void)state;
    assert_int_equal(ceremony_subsets(5, 3, got), sizeof want);
    assert_memory_equal(got, want, sizeof want);
    assert_int_equal(ceremony_subsets(6, 3, got), CEREMONY_SUBSETS_MAX);
}

static void echo_and_done_name_messages(void **state)
{
    static uint8_t body[48 + 5 * 5 * 48];
    struct ceremony_msg m = {.round = CEREMONY_DONE,
                             .sender = 0,
                             .to = CEREMONY_TO_ALL,
                             .body = {body, sizeof body}};

    (void)state;
    assert_ptr_equal(ceremony_body_hash_of(&kit.plan, &m, CEREMONY_COMMIT, 0).p, &body[48]);
    assert_ptr_equal(ceremony_body_hash_of(&kit.plan, &m, CEREMONY_T_REVEAL, 4).p,
                     &body[25 * 48]);
    assert_int_equal(ceremony_body_hash_of(&kit.plan, &m, CEREMONY_DONE, 0).n, 0);
    assert_int_equal(ceremony_body_hash_of(&kit.plan, &m, CEREMONY_COMMIT, 5).n, 0);
    m.round = CEREMONY_ECHO;
    m.body.n = 5 * 48;
    assert_ptr_equal(ceremony_body_hash_of(&kit.plan, &m, CEREMONY_COMMIT, 4).p, &body[4 * 48]);
    assert_int_equal(ceremony_body_hash_of(&kit.plan, &m, CEREMONY_RHO, 0).n, 0);
}

static void ends_are_read_exactly(void **state)
{
    static const uint8_t sig[P384_SIG_LEN];
    const struct ceremony_msg proof = {.round = CEREMONY_ECHO,
                                       .sender = 1,
                                       .to = CEREMONY_TO_ALL,
                                       .signature = {sig, sizeof sig}};
    struct ceremony_complaint c = {
        .reason = CEREMONY_EQUIVOCATION, .accused = 1, .n = 2, .proof = {proof, proof}};
    struct ceremony_abort a = {CEREMONY_NORM, CEREMONY_NOBODY};
    uint8_t buf[512];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;

    (void)state;
    ceremony_complaint_encode(&w, &c);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    memset(&c, 0xff, sizeof c);
    assert_int_equal(ceremony_complaint_decode(out, &c), ERR_OK);
    assert_int_equal(c.n, 2);
    assert_int_equal(c.proof[2].whole.n, 0);
    for (size_t n = 0; n < out.n; n++) {
        assert_int_equal(ceremony_complaint_decode((struct view){buf, n}, &c), ERR_TRUNCATED);
        assert_int_equal(c.n, 0);
    }
    assert_int_equal(ceremony_complaint_decode((struct view){buf, out.n + 1}, &c),
                     ERR_TRAILING);
    buf[0] = CEREMONY_MISSING;
    assert_int_equal(ceremony_complaint_decode(out, &c), ERR_RANGE);
    buf[0] = CEREMONY_EQUIVOCATION;
    buf[2] = 0;
    assert_int_equal(ceremony_complaint_decode(out, &c), ERR_RANGE);
    w = wr_init(buf, sizeof buf);
    ceremony_abort_encode(&w, &a);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(ceremony_abort_decode(out, &a), ERR_OK);
    assert_int_equal(a.reason, CEREMONY_NORM);
    buf[0] = CEREMONY_DISPUTE;
    assert_int_equal(ceremony_abort_decode(out, &a), ERR_RANGE);
    assert_int_equal(ceremony_abort_decode((struct view){buf, 1}, &a), ERR_TRUNCATED);
    assert_int_equal(ceremony_abort_decode((struct view){buf, 3}, &a), ERR_TRAILING);
}

/* Of each byte of their heads, what there is and nothing else. */
static void ends_name_what_there_is(void **state)
{
    static const uint8_t none[CEREMONY_HEADER_LEN + P384_SIG_LEN] = {CEREMONY_ECHO, 1,
                                                                     CEREMONY_TO_ALL};
    uint8_t buf[3 + (CEREMONY_PROOF_MAX + 1) * sizeof none] = {CEREMONY_EQUIVOCATION, 1, 1};
    const struct view one = {buf, 3 + sizeof none};
    struct ceremony_msg m = {.sender = 0, .to = CEREMONY_TO_ALL};
    struct ceremony_complaint c;
    struct ceremony_abort a;

    (void)state;
    for (size_t i = 0; i <= CEREMONY_PROOF_MAX; i++) {
        memcpy(&buf[3 + i * sizeof none], none, sizeof none);
    }
    for (unsigned v = 0; v <= UINT8_MAX; v++) {
        const uint8_t end[2] = {(uint8_t)v, CEREMONY_NOBODY};
        const uint8_t whose[2] = {CEREMONY_MISSING, (uint8_t)v};

        assert_int_equal(ceremony_abort_decode((struct view){end, 2}, &a),
                         v != CEREMONY_NO_REASON && v != CEREMONY_DISPUTE &&
                                 v <= CEREMONY_REASON_LAST
                             ? ERR_OK
                             : ERR_RANGE);
        assert_int_equal(ceremony_abort_decode((struct view){whose, 2}, &a),
                         v < PLAN_NODES_MAX || v == CEREMONY_NOBODY ? ERR_OK : ERR_RANGE);
        buf[1] = (uint8_t)v;
        assert_int_equal(ceremony_complaint_decode(one, &c),
                         v < PLAN_NODES_MAX ? ERR_OK : ERR_RANGE);
    }
    buf[1] = 1;
    m.round = CEREMONY_COMPLAINT;
    m.body = one;
    assert_int_equal(ceremony_body_check(&kit.plan, &m), ERR_OK);
    m.round = CEREMONY_ABORT;
    assert_int_equal(ceremony_body_check(&kit.plan, &m), ERR_TRAILING);
    m.body.n = 2;
    assert_int_equal(ceremony_body_check(&kit.plan, &m), ERR_OK);
    buf[2] = CEREMONY_PROOF_MAX;
    assert_int_equal(
        ceremony_complaint_decode((struct view){buf, sizeof buf - sizeof none}, &c), ERR_OK);
    buf[2]++;
    assert_int_equal(ceremony_complaint_decode((struct view){buf, sizeof buf}, &c), ERR_RANGE);
}

/* The bytes and hashes that docs/wire.md shows. */
static void golden_bytes_hold(void **state)
{
    static const uint8_t zeros[EPOCH_ID_LEN];
    const struct tmldsa_ceremony rules = {.path = &tmldsa_portable};
    const struct tmldsa_seed_opening opening = {{0}, {0}};
    struct ceremony_abort a = {CEREMONY_MISSING, 3};
    uint8_t body[2];
    struct writer w = wr_init(body, sizeof body);
    struct ceremony_msg m = {.round = CEREMONY_ABORT, .sender = 2, .to = CEREMONY_TO_ALL};
    uint8_t buf[128];
    uint8_t hash[CEREMONY_HASH_LEN];
    char text[257];
    struct view out;

    (void)state;
    ceremony_abort_encode(&w, &a);
    assert_int_equal(wr_finish(&w, &m.body), ERR_OK);
    w = wr_init(buf, sizeof buf);
    ceremony_msg_encode(&w, &m);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    hex_write(out, text);
    assert_string_equal(text, "2202ff02000000"
                              "0103");
    ceremony_msg_digest(zeros, &m, hash);
    hex_write((struct view){hash, sizeof hash}, text);
    assert_string_equal(text, "db2134174935b6e20a80885151069544e547b2905331f34f"
                              "378f32047006bb568cee688b4cbfc0a40dff6e9502716d23");
    tmldsa_keygen_commit_seed(&rules, 1, 7, &opening, hash);
    hex_write((struct view){hash, sizeof hash}, text);
    assert_string_equal(text, "8616d133474f403a07e73d6d5fe0cb91a935e7f36d8aa128"
                              "e667c1233e7f49b163ad3ad76a1a327f9b9acdd38271c10b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signature_covers_everything),
        cmocka_unit_test(only_nodes_of_the_plan_speak),
        cmocka_unit_test(only_the_lower_form_is_taken),
        cmocka_unit_test(messages_are_read_exactly),
        cmocka_unit_test(each_round_has_its_receivers),
        cmocka_unit_test(a_cut_body_is_no_message),
        cmocka_unit_test(lengths_follow_from_the_plan),
        cmocka_unit_test(bodies_are_checked),
        cmocka_unit_test(t_is_below_q),
        cmocka_unit_test(subsets_are_those_of_the_paper),
        cmocka_unit_test(echo_and_done_name_messages),
        cmocka_unit_test(ends_are_read_exactly),
        cmocka_unit_test(ends_name_what_there_is),
        cmocka_unit_test(golden_bytes_hold),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
