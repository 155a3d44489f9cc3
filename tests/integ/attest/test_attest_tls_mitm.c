/* Attestation over real TLS connections, and who stands in the middle of two. The one in the
 * middle may have the leaf keys of both ends (as after a leak), genuine evidence that the ends
 * make for it, and all that was ever said. Every case ends with no end verified. */
#include "tls_pair.h"

#define NOW INT64_C(1000000000000)

static struct silicon chip;
static struct process client, server;
static struct process middle; /* who has keys of its own, and those of others when they leak */
static struct leaf client_leaf, server_leaf, middle_leaf;
static struct tls_pair tls;
static uint8_t epoch[EPOCH_ID_LEN], other_epoch[EPOCH_ID_LEN];
static uint8_t room[EVIDENCE_MAX];

struct said {
    uint8_t bytes[ATTEST_TLS_OUT_MAX];
    size_t n;
};

static struct said a, b; /* what client and server said last */

static int setup(void **state)
{
    (void)state;
    silicon_init(&chip);
    client.silicon = server.silicon = middle.silicon = &chip;
    snp_kit_key_init(&client.leaf, 1);
    snp_kit_key_init(&server.leaf, 2);
    snp_kit_key_init(&middle.leaf, 3);
    leaf_init(&client_leaf, &client.leaf.key);
    leaf_init(&server_leaf, &server.leaf.key);
    leaf_init(&middle_leaf, &middle.leaf.key);
    snp_kit_fill(epoch, sizeof epoch, 0x11);
    snp_kit_fill(other_epoch, sizeof other_epoch, 0x12);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    leaf_free(&client_leaf);
    leaf_free(&server_leaf);
    leaf_free(&middle_leaf);
    snp_kit_key_free(&client.leaf);
    snp_kit_key_free(&server.leaf);
    snp_kit_key_free(&middle.leaf);
    snp_kit_chip_free(&chip.chip);
    return 0;
}

/* ---- ends ---- */

static void start(struct process *p, SSL *ssl, enum attest_tls_side side,
                  const uint8_t of_epoch[EPOCH_ID_LEN], uint8_t first)
{
    const struct attest_tls_setup s = tls_setup(ssl, side, of_epoch, p);

    p->first = first;
    p->knows = false;
    p->judged = 0;
    assert_int_equal(attest_tls_init(&p->m, &s), ATTEST_OK);
}

static struct view last(const struct said *s)
{
    return (struct view){s->bytes, s->n};
}

static enum attest_fault begin(struct process *p, struct said *s)
{
    const struct attest_tls_tools tools = process_tools(p);
    struct writer w = wr_init(s->bytes, sizeof s->bytes);
    const enum attest_fault f = attest_tls_begin(&p->m, &tools, &w);

    s->n = w.len;
    return f;
}

static enum attest_fault take(struct process *p, struct view message, struct said *s)
{
    const struct attest_tls_tools tools = process_tools(p);
    struct writer w = wr_init(s->bytes, sizeof s->bytes);
    const enum attest_fault f = attest_tls_take(&p->m, &tools, NOW, message, &w);

    s->n = w.len;
    return f;
}

static enum attest_fault show(struct process *p, struct view block, struct said *s)
{
    const struct attest_tls_tools tools = process_tools(p);
    struct writer w = wr_init(s->bytes, sizeof s->bytes);
    const enum attest_fault f = attest_tls_show(&p->m, &tools, NOW, block, &w);

    s->n = w.len;
    return f;
}

/* Evidence that its own silicon makes for what an end wants now. */
static struct view genuine(const struct process *p)
{
    uint8_t report_data[REPORT_DATA_LEN];

    assert_true(attest_tls_wants(&p->m, report_data));
    return silicon_evidence(&chip, 0x80, report_data, room);
}

static void nobody_is_verified(void)
{
    assert_false(attest_tls_is_verified(&client.m, NOW));
    assert_false(attest_tls_is_verified(&server.m, NOW));
}

/* Client and server over one connection, CHALLENGEs exchanged. */
static void challenged(void)
{
    tls_pair_init(&tls, &client_leaf, &server_leaf, TLS1_3_VERSION);
    start(&client, tls.ssl[0], ATTEST_TLS_CLIENT, epoch, 0x40);
    start(&server, tls.ssl[1], ATTEST_TLS_SERVER, epoch, 0x80);
    assert_int_equal(begin(&client, &a), ATTEST_OK);
    assert_int_equal(take(&server, last(&a), &b), ATTEST_OK);
    assert_int_equal(take(&client, last(&b), &a), ATTEST_OK);
}

/* What an end would say if the one in the middle had its leaf key and spoke for it: a PROOF of
 * a block of its choice, for the connection that m describes. */
static struct view forged(const struct attest_tls *m, const struct snp_kit_key *key,
                          struct view block)
{
    static struct said s;
    struct process forger = middle;

    forger.m = *m;
    forger.leaf = *key;
    assert_int_equal(show(&forger, block, &s), ATTEST_OK);
    return last(&s);
}

/* The machine of the server's side of this connection, as who has its leaf key runs it. */
static struct attest_tls of_server(void)
{
    return server.m;
}

/* ---- without anybody in the middle ---- */

static void two_ends_accept_one_another(void **state)
{
    (void)state;
    static struct said c, d;

    challenged();
    assert_int_equal(show(&client, genuine(&client), &a), ATTEST_OK);
    assert_int_equal(show(&server, genuine(&server), &b), ATTEST_OK);
    assert_int_equal(take(&client, last(&b), &c), ATTEST_OK);
    assert_int_equal(take(&server, last(&a), &d), ATTEST_OK);
    nobody_is_verified();
    assert_int_equal(take(&client, last(&d), &a), ATTEST_OK);
    assert_int_equal(take(&server, last(&c), &b), ATTEST_OK);
    assert_true(attest_tls_is_verified(&client.m, NOW));
    assert_true(attest_tls_is_verified(&server.m, NOW));
    tls_pair_free(&tls);
}

static void a_resumed_session_is_refused(void **state)
{
    (void)state;
    uint8_t byte = 0;

    tls_pair_init(&tls, &client_leaf, &server_leaf, TLS1_3_VERSION);
    assert_int_equal(SSL_write(tls.ssl[1], "x", 1), 1); /* its tickets come before */
    assert_int_equal(SSL_read(tls.ssl[0], &byte, 1), 1);
    SSL_SESSION *const session = SSL_get1_session(tls.ssl[0]);

    tls_disconnect(&tls);
    tls_connect(&tls, session);
    SSL_SESSION_free(session);
    for (int side = 0; side < 2; side++) {
        struct process *const p = side == 0 ? &client : &server;
        const struct attest_tls_setup s =
            tls_setup(tls.ssl[side], (enum attest_tls_side)side, epoch, p);

        assert_true(s.session.resumed);
        assert_int_equal(attest_tls_init(&p->m, &s), ATTEST_TLS_SESSION);
    }
    tls_pair_free(&tls);
}

static void early_data_is_refused(void **state)
{
    (void)state;
    tls_pair_init(&tls, &client_leaf, &server_leaf, TLS1_3_VERSION);
    struct attest_tls_setup s = tls_setup(tls.ssl[1], ATTEST_TLS_SERVER, epoch, &server);

    assert_false(s.session.early_data);
    s.session.early_data = true;
    assert_int_equal(attest_tls_init(&server.m, &s), ATTEST_TLS_SESSION);
    tls_pair_free(&tls);
}

static void tls_1_2_is_refused(void **state)
{
    (void)state;
    tls_pair_init(&tls, &client_leaf, &server_leaf, TLS1_2_VERSION);
    const struct attest_tls_setup s = tls_setup(tls.ssl[0], ATTEST_TLS_CLIENT, epoch, &client);

    assert_int_equal(attest_tls_init(&client.m, &s), ATTEST_TLS_SESSION);
    tls_pair_free(&tls);
}

/* ---- in the middle of two connections ---- */

static struct tls_pair left, right; /* client to the middle, the middle to the server */

/* The middle shows that leaf to the client, and that one to the server. CHALLENGEs are relayed
 * as they are. */
static void between(const struct leaf *to_client, const struct leaf *to_server)
{
    tls_pair_init(&left, &client_leaf, to_client, TLS1_3_VERSION);
    tls_pair_init(&right, to_server, &server_leaf, TLS1_3_VERSION);
    start(&client, left.ssl[0], ATTEST_TLS_CLIENT, epoch, 0x40);
    start(&server, right.ssl[1], ATTEST_TLS_SERVER, epoch, 0x80);
    assert_int_equal(begin(&client, &a), ATTEST_OK);
    assert_int_equal(take(&server, last(&a), &b), ATTEST_OK);
    assert_int_equal(take(&client, last(&b), &a), ATTEST_OK);
}

static void between_free(void)
{
    nobody_is_verified();
    tls_pair_free(&left);
    tls_pair_free(&right);
}

static void relay_with_own_leaves(void **state)
{
    (void)state;
    between(&middle_leaf, &middle_leaf);
    assert_int_equal(show(&server, genuine(&server), &b), ATTEST_OK);
    assert_int_equal(take(&client, last(&b), &a), ATTEST_TLS_POSSESSION);
    between_free();
}

static void relay_with_the_leaf_of_the_server(void **state)
{
    (void)state;
    between(&server_leaf, &middle_leaf);
    assert_int_equal(show(&server, genuine(&server), &b), ATTEST_OK);
    assert_int_equal(take(&client, last(&b), &a), ATTEST_TLS_POSSESSION);
    assert_int_equal(client.judged, 0);
    between_free();
}

static void relay_with_the_leaf_of_the_client(void **state)
{
    (void)state;
    between(&middle_leaf, &client_leaf);
    assert_int_equal(show(&client, genuine(&client), &a), ATTEST_OK);
    assert_int_equal(take(&server, last(&a), &b), ATTEST_TLS_POSSESSION);
    assert_int_equal(server.judged, 0);
    between_free();
}

static void relay_with_both_leaves(void **state)
{
    (void)state;
    between(&server_leaf, &client_leaf);
    assert_int_equal(show(&client, genuine(&client), &a), ATTEST_OK);
    assert_int_equal(take(&server, last(&a), &b), ATTEST_TLS_POSSESSION);
    between_free();
    between(&server_leaf, &client_leaf);
    assert_int_equal(show(&server, genuine(&server), &b), ATTEST_OK);
    assert_int_equal(take(&client, last(&b), &a), ATTEST_TLS_POSSESSION);
    between_free();
}

/* The server's machine as it would be on the client's own connection. */
static struct attest_tls impersonated(void)
{
    const struct attest_tls_setup s = tls_setup(left.ssl[1], ATTEST_TLS_SERVER, epoch, &server);
    struct attest_tls m = server.m;

    m.setup = s;
    return m;
}

static void relayed_evidence_signed_anew(void **state)
{
    (void)state;
    between(&server_leaf, &middle_leaf);
    const struct attest_tls m = impersonated();

    /* Genuine, of the server, for this very challenge; but for the other connection. */
    assert_int_equal(take(&client, forged(&m, &server.leaf, genuine(&server)), &a),
                     ATTEST_JUDGE_REPORT_DATA);
    assert_int_equal(client.judged, 1);
    between_free();
}

static void relayed_evidence_under_another_leaf(void **state)
{
    (void)state;
    between(&middle_leaf, &middle_leaf);
    struct attest_tls m = impersonated();

    memcpy(m.setup.own.leaf, middle.leaf.key.public_key, P384_PUBLIC_LEN);
    assert_int_equal(take(&client, forged(&m, &middle.leaf, genuine(&server)), &a),
                     ATTEST_JUDGE_REPORT_DATA);
    between_free();
}

static void a_verdict_of_the_middle(void **state)
{
    (void)state;
    static struct said v;

    between(&server_leaf, &client_leaf);
    assert_int_equal(show(&client, genuine(&client), &a), ATTEST_OK);
    struct writer w = wr_init(v.bytes, sizeof v.bytes);

    wr_u8(&w, ATTEST_TLS_VERDICT);
    wr_u32le(&w, P384_DIGEST_LEN + ATTEST_TLS_POLICY_LEN);
    wr_bytes(&w, client.m.proof[0], P384_DIGEST_LEN);
    wr_bytes(&w, chip.policy.hash, ATTEST_TLS_POLICY_LEN);
    v.n = w.len;
    /* True as it is, it accepts the client; it does not say who the server is. */
    assert_int_equal(take(&client, last(&v), &b), ATTEST_OK);
    between_free();
}

/* ---- on one connection, at its other end ---- */

static void reflected_challenge(void **state)
{
    (void)state;
    tls_pair_init(&tls, &client_leaf, &server_leaf, TLS1_3_VERSION);
    start(&client, tls.ssl[0], ATTEST_TLS_CLIENT, epoch, 0x40);
    start(&server, tls.ssl[1], ATTEST_TLS_SERVER, epoch, 0x80);
    assert_int_equal(begin(&client, &a), ATTEST_OK);
    assert_int_equal(take(&client, last(&a), &b), ATTEST_TLS_SIDE);
    /* With the side changed. */
    start(&client, tls.ssl[0], ATTEST_TLS_CLIENT, epoch, 0x40);
    assert_int_equal(begin(&client, &a), ATTEST_OK);
    a.bytes[ATTEST_TLS_HEAD_LEN + 1] = ATTEST_TLS_SERVER;
    assert_int_equal(take(&client, last(&a), &b), ATTEST_TLS_NONCE);
    nobody_is_verified();
    tls_pair_free(&tls);
}

static void reflected_proof(void **state)
{
    (void)state;
    challenged();
    assert_int_equal(show(&client, genuine(&client), &a), ATTEST_OK);
    assert_int_equal(take(&client, last(&a), &b), ATTEST_TLS_POSSESSION);
    nobody_is_verified();
    tls_pair_free(&tls);
}

static void reflected_evidence_signed_anew(void **state)
{
    (void)state;
    challenged();
    const struct attest_tls m = of_server();

    assert_int_equal(take(&client, forged(&m, &server.leaf, genuine(&client)), &a),
                     ATTEST_JUDGE_REPORT_DATA);
    nobody_is_verified();
    tls_pair_free(&tls);
}

static void spliced_proof_of_an_earlier_connection(void **state)
{
    (void)state;
    static struct said earlier;

    challenged();
    assert_int_equal(show(&server, genuine(&server), &earlier), ATTEST_OK);
    tls_pair_free(&tls);
    challenged(); /* the same nonces, even: the connection is another */
    assert_int_equal(take(&client, last(&earlier), &a), ATTEST_TLS_POSSESSION);
    nobody_is_verified();
    tls_pair_free(&tls);
}

static void earlier_evidence_signed_anew(void **state)
{
    (void)state;
    static uint8_t kept[EVIDENCE_MAX];

    challenged();
    const struct view block = genuine(&server);

    memcpy(kept, block.p, block.n);
    tls_pair_free(&tls);
    challenged();
    const struct attest_tls m = of_server();

    assert_int_equal(take(&client, forged(&m, &server.leaf, (struct view){kept, block.n}), &a),
                     ATTEST_JUDGE_REPORT_DATA);
    nobody_is_verified();
    tls_pair_free(&tls);
}

/* Genuine evidence of the server whose binding differs in one field. */
static enum attest_fault with_binding(void (*change)(struct report_binding *b))
{
    struct report_binding bind = {.purpose = REPORT_TLS,
                                  .role = REPORT_INSTANCE,
                                  .peer = {client.leaf.key.public_key, P384_PUBLIC_LEN}};
    uint8_t report_data[REPORT_DATA_LEN];

    challenged();
    const struct attest_tls m = of_server();

    memcpy(bind.epoch_id, epoch, sizeof epoch);
    memcpy(bind.identity, server.leaf.key.public_key, P384_PUBLIC_LEN);
    memcpy(bind.nonce, client.m.nonce[0], sizeof bind.nonce);
    report_context_tls((struct view){m.setup.session.exporter[1], ATTEST_TLS_EXPORTER_LEN},
                       (struct view){server.leaf.key.public_key, P384_PUBLIC_LEN},
                       (struct view){client.leaf.key.public_key, P384_PUBLIC_LEN},
                       bind.context);
    change(&bind);
    report_data_make(&bind, report_data);
    const struct view block = silicon_evidence(&chip, 0x80, report_data, room);
    const enum attest_fault f = take(&client, forged(&m, &server.leaf, block), &a);

    nobody_is_verified();
    tls_pair_free(&tls);
    return f;
}

static void as_it_is(struct report_binding *bind)
{
    (void)bind;
}
static void of_a_channel(struct report_binding *bind)
{
    bind->purpose = REPORT_CHANNEL;
}
static void of_a_question(struct report_binding *bind)
{
    bind->purpose = REPORT_ASKED;
}
static void of_another_role(struct report_binding *bind)
{
    bind->role = REPORT_CORE;
}
static void of_another_epoch(struct report_binding *bind)
{
    memcpy(bind->epoch_id, other_epoch, sizeof other_epoch);
}
static void of_a_stale_nonce(struct report_binding *bind)
{
    bind->nonce[31] ^= 1;
}
static void of_another_leaf(struct report_binding *bind)
{
    memcpy(bind->identity, middle.leaf.key.public_key, P384_PUBLIC_LEN);
}
static void for_another_peer(struct report_binding *bind)
{
    bind->peer.p = middle.leaf.key.public_key;
}
static void of_the_other_direction(struct report_binding *bind)
{
    report_context_tls(
        (struct view){server.m.setup.session.exporter[0], ATTEST_TLS_EXPORTER_LEN},
        (struct view){server.leaf.key.public_key, P384_PUBLIC_LEN},
        (struct view){client.leaf.key.public_key, P384_PUBLIC_LEN}, bind->context);
}

static void evidence_of_something_else(void **state)
{
    (void)state;
    void (*const changes[])(struct report_binding *) = {
        of_a_channel,     of_a_question,   of_another_role,  of_another_epoch,
        of_a_stale_nonce, of_another_leaf, for_another_peer, of_the_other_direction};

    assert_int_equal(with_binding(as_it_is), ATTEST_OK); /* so the rest fails for its change */
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_int_equal(with_binding(changes[i]), ATTEST_JUDGE_REPORT_DATA);
    }
}

static void another_epoch(void **state)
{
    (void)state;
    tls_pair_init(&tls, &client_leaf, &server_leaf, TLS1_3_VERSION);
    start(&client, tls.ssl[0], ATTEST_TLS_CLIENT, epoch, 0x40);
    start(&server, tls.ssl[1], ATTEST_TLS_SERVER, other_epoch, 0x80);
    assert_int_equal(begin(&client, &a), ATTEST_OK);
    assert_int_equal(take(&server, last(&a), &b), ATTEST_TLS_EPOCH);
    nobody_is_verified();
    tls_pair_free(&tls);
}

static void a_key_in_the_place_of_evidence(void **state)
{
    (void)state;
    tls_pair_init(&tls, &client_leaf, &server_leaf, TLS1_3_VERSION);
    start(&client, tls.ssl[0], ATTEST_TLS_CLIENT, epoch, 0x40);
    start(&server, tls.ssl[1], ATTEST_TLS_SERVER, epoch, 0x80);
    assert_int_equal(begin(&server, &b), ATTEST_OK);
    b.bytes[ATTEST_TLS_HEAD_LEN + 3] = ATTEST_TLS_SHOWS_KEY;
    client.knows = true;
    assert_int_equal(take(&client, last(&b), &a), ATTEST_TLS_SHOWS);
    nobody_is_verified();
    tls_pair_free(&tls);
}

static void evidence_of_nobody_s_silicon(void **state)
{
    (void)state;
    uint8_t report_data[REPORT_DATA_LEN];
    static struct silicon copy;

    challenged();
    const struct attest_tls m = of_server();

    assert_true(attest_tls_wants(&m, report_data));
    copy = chip;
    copy.chip.key = middle.leaf; /* whoever has a leaf key is no processor */
    assert_int_equal(
        take(&client,
             forged(&m, &server.leaf, silicon_evidence(&copy, 0x80, report_data, room)), &a),
        ATTEST_REPORT_SIGNATURE);
    nobody_is_verified();
    tls_pair_free(&tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_ends_accept_one_another),
        cmocka_unit_test(a_resumed_session_is_refused),
        cmocka_unit_test(early_data_is_refused),
        cmocka_unit_test(tls_1_2_is_refused),
        cmocka_unit_test(relay_with_own_leaves),
        cmocka_unit_test(relay_with_the_leaf_of_the_server),
        cmocka_unit_test(relay_with_the_leaf_of_the_client),
        cmocka_unit_test(relay_with_both_leaves),
        cmocka_unit_test(relayed_evidence_signed_anew),
        cmocka_unit_test(relayed_evidence_under_another_leaf),
        cmocka_unit_test(a_verdict_of_the_middle),
        cmocka_unit_test(reflected_challenge),
        cmocka_unit_test(reflected_proof),
        cmocka_unit_test(reflected_evidence_signed_anew),
        cmocka_unit_test(spliced_proof_of_an_earlier_connection),
        cmocka_unit_test(earlier_evidence_signed_anew),
        cmocka_unit_test(evidence_of_something_else),
        cmocka_unit_test(another_epoch),
        cmocka_unit_test(a_key_in_the_place_of_evidence),
        cmocka_unit_test(evidence_of_nobody_s_silicon),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
