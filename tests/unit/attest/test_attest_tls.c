/* The rounds of attest_tls.h, without TLS: what two honest ends do, and each thing that makes
 * an end close the connection. */
#include "attest_tls_kit.h"

#define NOW INT64_C(1000000000000)

static struct silicon chip;
static struct process client, server;

/* A connection of an operator, who shows a key, to an instance, which shows evidence; or of two
 * instances. */
static struct attest_tls_setup setup_of(enum attest_tls_side side, bool both)
{
    struct attest_tls_setup s = {.side = side,
                                 .session = {.version = 0x0304},
                                 .own = {REPORT_INSTANCE, ATTEST_TLS_SHOWS_EVIDENCE, {0}},
                                 .peer = {REPORT_INSTANCE, ATTEST_TLS_SHOWS_EVIDENCE, {0}}};
    struct attest_tls_end *const of_client = side == ATTEST_TLS_CLIENT ? &s.own : &s.peer;
    struct attest_tls_end *const of_server = side == ATTEST_TLS_CLIENT ? &s.peer : &s.own;

    if (!both) {
        of_client->role = REPORT_OPERATOR;
        of_client->shows = ATTEST_TLS_SHOWS_KEY;
    }
    memcpy(of_client->leaf, client.leaf.key.public_key, P384_PUBLIC_LEN);
    memcpy(of_server->leaf, server.leaf.key.public_key, P384_PUBLIC_LEN);
    snp_kit_fill(s.epoch_id, sizeof s.epoch_id, 0x11);
    snp_kit_fill(s.session.exporter[0], ATTEST_TLS_EXPORTER_LEN, 0x33);
    snp_kit_fill(s.session.exporter[1], ATTEST_TLS_EXPORTER_LEN, 0x66);
    return s;
}

static void connect_both(bool both)
{
    const struct attest_tls_setup c = setup_of(ATTEST_TLS_CLIENT, both);
    const struct attest_tls_setup s = setup_of(ATTEST_TLS_SERVER, both);

    client.first = 0x40;
    server.first = 0x80;
    client.knows = server.knows = true;
    client.judged = server.judged = 0;
    assert_int_equal(attest_tls_init(&client.m, &c), ATTEST_OK);
    assert_int_equal(attest_tls_init(&server.m, &s), ATTEST_OK);
}

static int setup(void **state)
{
    (void)state;
    silicon_init(&chip);
    client.silicon = server.silicon = &chip;
    snp_kit_key_init(&client.leaf, 1);
    snp_kit_key_init(&server.leaf, 2);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    snp_kit_chip_free(&chip.chip);
    snp_kit_key_free(&client.leaf);
    snp_kit_key_free(&server.leaf);
    return 0;
}

/* What an end has said and nobody has read yet. */
struct said {
    uint8_t bytes[ATTEST_TLS_OUT_MAX];
    size_t n, read;
};

static struct said of_client, of_server;

static struct view next(struct said *s)
{
    size_t n = 0;

    assert_true(s->n - s->read >= ATTEST_TLS_HEAD_LEN);
    assert_int_equal(attest_tls_length(s->bytes + s->read, &n), ATTEST_OK);
    assert_true(s->read + n <= s->n);
    s->read += n;
    return (struct view){s->bytes + s->read - n, n};
}

static enum attest_fault begin(struct process *p, struct said *s)
{
    const struct attest_tls_tools tools = process_tools(p);
    struct writer w = wr_init(s->bytes, sizeof s->bytes);
    const enum attest_fault f = attest_tls_begin(&p->m, &tools, &w);

    s->n = w.len;
    s->read = 0;
    return f;
}

static enum attest_fault take(struct process *p, struct view message, struct said *s)
{
    const struct attest_tls_tools tools = process_tools(p);
    struct writer w = wr_init(s->bytes, sizeof s->bytes);
    const enum attest_fault f = attest_tls_take(&p->m, &tools, NOW, message, &w);

    s->n = w.len;
    s->read = 0;
    return f;
}

static struct view evidence(const struct process *p, uint8_t room[EVIDENCE_MAX])
{
    uint8_t report_data[REPORT_DATA_LEN];

    assert_true(attest_tls_wants(&p->m, report_data));
    if (p->m.setup.own.shows == ATTEST_TLS_SHOWS_KEY) {
        return (struct view){NULL, 0};
    }
    return silicon_evidence(&chip, 0x80, report_data, room);
}

static enum attest_fault show(struct process *p, struct view block, struct said *s)
{
    const struct attest_tls_tools tools = process_tools(p);
    struct writer w = wr_init(s->bytes, sizeof s->bytes);
    const enum attest_fault f = attest_tls_show(&p->m, &tools, NOW, block, &w);

    s->n = w.len;
    s->read = 0;
    return f;
}

/* Both CHALLENGEs are exchanged. */
static void challenge(bool both)
{
    connect_both(both);
    assert_int_equal(begin(&client, &of_client), ATTEST_OK);
    assert_int_equal(take(&server, next(&of_client), &of_server), ATTEST_OK);
    assert_int_equal(take(&client, next(&of_server), &of_client), ATTEST_OK);
}

/* ... and both have shown themselves; nobody has looked yet. */
static void shown(bool both)
{
    static uint8_t room[EVIDENCE_MAX];

    challenge(both);
    assert_int_equal(show(&client, evidence(&client, room), &of_client), ATTEST_OK);
    assert_int_equal(show(&server, evidence(&server, room), &of_server), ATTEST_OK);
}

static void both_ends_accept_one_another(void **state)
{
    (void)state;
    for (int both = 0; both < 2; both++) {
        static struct said verdict_of_client, verdict_of_server;

        shown(both != 0);
        assert_int_equal(take(&server, next(&of_client), &verdict_of_server), ATTEST_OK);
        assert_false(attest_tls_is_verified(&server.m, NOW));
        assert_int_equal(take(&client, next(&of_server), &verdict_of_client), ATTEST_OK);
        assert_false(attest_tls_is_verified(&client.m, NOW));
        assert_int_equal(take(&client, next(&verdict_of_server), &of_client), ATTEST_OK);
        assert_true(attest_tls_is_verified(&client.m, NOW));
        assert_false(attest_tls_is_verified(&server.m, NOW));
        assert_int_equal(take(&server, next(&verdict_of_client), &of_server), ATTEST_OK);
        assert_true(attest_tls_is_verified(&server.m, NOW));
        assert_int_equal(client.judged, 1);
        assert_int_equal(server.judged, both);
        assert_memory_equal(client.m.policy, chip.policy.hash, ATTEST_TLS_POLICY_LEN);
        assert_memory_equal(server.m.peer_policy, chip.policy.hash, ATTEST_TLS_POLICY_LEN);
    }
}

static void a_verdict_has_its_time(void **state)
{
    (void)state;
    both_ends_accept_one_another(state);
    const int64_t end = NOW + ATTEST_TLS_LIFE_NS;

    assert_true(attest_tls_is_verified(&client.m, end - 1));
    assert_false(attest_tls_is_verified(&client.m, end));
    assert_false(attest_tls_is_due(&client.m, NOW + ATTEST_TLS_LIFE_NS / 2 - 1));
    assert_true(attest_tls_is_due(&client.m, NOW + ATTEST_TLS_LIFE_NS / 2));
    /* A new round; what is verified stays so while it is made. */
    assert_int_equal(begin(&client, &of_client), ATTEST_OK);
    assert_false(attest_tls_is_due(&client.m, end));
    assert_true(attest_tls_is_verified(&client.m, NOW));
    assert_int_equal(begin(&client, &of_client), ATTEST_TLS_TYPE);
}

static void a_peer_may_not_ask_all_the_time(void **state)
{
    (void)state;
    both_ends_accept_one_another(state);
    assert_int_equal(begin(&client, &of_client), ATTEST_OK);
    assert_int_equal(take(&server, next(&of_client), &of_server), ATTEST_TLS_SOON);
    assert_false(attest_tls_is_verified(&server.m, NOW));
}

static void it_begins_on_a_fresh_connection_alone(void **state)
{
    (void)state;
    static const struct attest_tls zero;
    struct attest_tls_setup s = setup_of(ATTEST_TLS_CLIENT, true);
    struct attest_tls m;

    s.session.version = 0x0303;
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SESSION);
    s = setup_of(ATTEST_TLS_CLIENT, true);
    s.session.resumed = true;
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SESSION);
    s = setup_of(ATTEST_TLS_CLIENT, true);
    s.session.early_data = true;
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SESSION);
    assert_memory_equal(&m, &zero, sizeof m);
    s = setup_of(ATTEST_TLS_CLIENT, true);
    memcpy(s.peer.leaf, s.own.leaf, sizeof s.peer.leaf);
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SETUP);
    s = setup_of(ATTEST_TLS_CLIENT, true);
    memcpy(s.session.exporter[0], s.session.exporter[1], ATTEST_TLS_EXPORTER_LEN);
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SETUP);
    s = setup_of(ATTEST_TLS_CLIENT, true);
    s.peer.shows = 0; /* nothing demanded is nothing proven */
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SETUP);
    s = setup_of(ATTEST_TLS_CLIENT, true);
    s.peer.role = 0;
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SETUP);
    s.peer.role = REPORT_REGISTRY + 1;
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SETUP);
    s = setup_of(ATTEST_TLS_CLIENT, true);
    s.own.shows = 0;
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SETUP);
    s = setup_of(ATTEST_TLS_CLIENT, true);
    s.side = (enum attest_tls_side)2;
    assert_int_equal(attest_tls_init(&m, &s), ATTEST_TLS_SETUP);
}

/* A CHALLENGE of the client, of which one byte is another, at the server. */
static enum attest_fault challenge_with(size_t at, uint8_t to)
{
    connect_both(true);
    assert_int_equal(begin(&client, &of_client), ATTEST_OK);
    of_client.bytes[ATTEST_TLS_HEAD_LEN + at] = to;
    return take(&server, next(&of_client), &of_server);
}

static void a_challenge_of_something_else_is_refused(void **state)
{
    (void)state;
    assert_int_equal(challenge_with(0, 2), ATTEST_TLS_VERSION);
    assert_int_equal(challenge_with(1, ATTEST_TLS_SERVER), ATTEST_TLS_SIDE);
    assert_int_equal(challenge_with(2, REPORT_OPERATOR), ATTEST_TLS_ROLE);
    assert_int_equal(challenge_with(3, ATTEST_TLS_SHOWS_KEY), ATTEST_TLS_SHOWS);
    assert_int_equal(challenge_with(4, ATTEST_TLS_SHOWS_KEY), ATTEST_TLS_SHOWS);
    assert_int_equal(challenge_with(5, 0x12), ATTEST_TLS_EPOCH);
    assert_int_equal(challenge_with(5 + EPOCH_ID_LEN, 0), ATTEST_OK);
    client.first = server.first = 0x40; /* the nonce that the server will draw */
    connect_both(true);
    server.first = client.first;
    assert_int_equal(begin(&client, &of_client), ATTEST_OK);
    assert_int_equal(take(&server, next(&of_client), &of_server), ATTEST_TLS_NONCE);
}

static void a_changed_challenge_shows_in_the_proof(void **state)
{
    (void)state;
    static uint8_t room[EVIDENCE_MAX];

    connect_both(true);
    assert_int_equal(begin(&client, &of_client), ATTEST_OK);
    of_client.bytes[ATTEST_TLS_HEAD_LEN + 5 + EPOCH_ID_LEN] ^= 1; /* its nonce */
    assert_int_equal(take(&server, next(&of_client), &of_server), ATTEST_OK);
    assert_int_equal(take(&client, next(&of_server), &of_client), ATTEST_OK);
    assert_int_equal(show(&server, evidence(&server, room), &of_server), ATTEST_OK);
    assert_int_equal(take(&client, next(&of_server), &of_client), ATTEST_TLS_POSSESSION);
    assert_int_equal(client.judged, 0);
}

static void messages_come_in_their_order(void **state)
{
    (void)state;
    static uint8_t room[EVIDENCE_MAX];
    static struct said early;
    uint8_t report_data[REPORT_DATA_LEN];

    shown(true);
    early = of_client;
    connect_both(true); /* a PROOF before any CHALLENGE */
    assert_int_equal(take(&server, next(&early), &of_server), ATTEST_TLS_TYPE);
    connect_both(true);
    assert_false(attest_tls_wants(&server.m, report_data));
    assert_int_equal(show(&server, (struct view){room, 1}, &of_server), ATTEST_TLS_TYPE);
    shown(true); /* a second CHALLENGE */
    assert_int_equal(take(&server, (struct view){of_client.bytes, of_client.n}, &of_server),
                     ATTEST_OK);
    assert_int_equal(take(&server, (struct view){of_client.bytes, of_client.n}, &of_server),
                     ATTEST_TLS_TYPE); /* a second PROOF */
    challenge(true);
    assert_int_equal(begin(&client, &of_client), ATTEST_TLS_TYPE);
    assert_int_equal(show(&client, evidence(&client, room), &of_client), ATTEST_OK);
    assert_int_equal(show(&client, (struct view){room, 1}, &of_client), ATTEST_TLS_TYPE);
}

static void nothing_comes_twice_or_too_soon(void **state)
{
    (void)state;
    static uint8_t room[EVIDENCE_MAX];
    static struct said early, first;
    uint8_t report_data[REPORT_DATA_LEN];

    shown(true);
    early = of_client;
    connect_both(true);
    assert_int_equal(begin(&client, &of_client), ATTEST_OK);
    assert_false(attest_tls_wants(&client.m, report_data)); /* the peer has not asked */
    assert_int_equal(show(&client, (struct view){room, 1}, &of_client), ATTEST_TLS_TYPE);
    assert_int_equal(begin(&server, &of_server), ATTEST_OK);
    assert_int_equal(take(&server, next(&early), &of_server), ATTEST_TLS_TYPE);
    connect_both(true);
    assert_int_equal(begin(&client, &first), ATTEST_OK);
    assert_int_equal(take(&server, next(&first), &of_server), ATTEST_OK);
    first.read = 0;
    assert_int_equal(take(&server, next(&first), &of_server), ATTEST_TLS_TYPE);
    shown(true);
    assert_false(attest_tls_wants(&client.m, report_data)); /* it has shown */
    assert_int_equal(take(&server, next(&of_client), &first), ATTEST_OK);
    assert_int_equal(take(&client, next(&first), &of_client), ATTEST_OK);
    first.read = 0;
    assert_int_equal(take(&client, next(&first), &of_client), ATTEST_TLS_TYPE); /* VERDICT */
}

static enum err no_random(void *ctx, uint8_t out[REPORT_DATA_NONCE_LEN])
{
    (void)ctx;
    memset(out, 0, REPORT_DATA_NONCE_LEN);
    return ERR_IO;
}

static enum err no_signature(void *ctx, const uint8_t digest[P384_DIGEST_LEN],
                             uint8_t out[P384_SIG_LEN])
{
    (void)ctx;
    (void)digest;
    memset(out, 0, P384_SIG_LEN);
    return ERR_IO;
}

/* Randomness, a key and room: without them nothing is said. */
static void what_fails_here_is_said(void **state)
{
    (void)state;
    static uint8_t room[EVIDENCE_MAX + 1];
    uint8_t small[ATTEST_TLS_HEAD_LEN];
    struct attest_tls_tools tools = process_tools(&client);
    struct writer w = wr_init(small, sizeof small);

    connect_both(true);
    assert_int_equal(attest_tls_begin(&client.m, &tools, &w), ATTEST_TLS_TOOLS);
    tools.random = no_random;
    connect_both(true);
    w = wr_init(room, sizeof room);
    assert_int_equal(attest_tls_begin(&client.m, &tools, &w), ATTEST_TLS_TOOLS);
    assert_int_equal(w.len, 0);
    assert_int_equal(begin(&server, &of_server), ATTEST_OK);
    assert_int_equal(attest_tls_take(&client.m, &tools, NOW, next(&of_server), &w),
                     ATTEST_TLS_TOOLS);
    challenge(true);
    assert_int_equal(show(&client, (struct view){room, sizeof room}, &of_client),
                     ATTEST_TLS_FORM);
    w = wr_init(small, sizeof small);
    tools = process_tools(&client);
    assert_int_equal(attest_tls_show(&client.m, &tools, NOW, evidence(&client, room), &w),
                     ATTEST_TLS_TOOLS);
    challenge(true);
    tools.sign = no_signature;
    w = wr_init(room, sizeof room);
    assert_int_equal(attest_tls_show(&client.m, &tools, NOW, (struct view){small, 1}, &w),
                     ATTEST_TLS_TOOLS);
    assert_int_equal(w.len, 0);
    shown(true);
    tools = process_tools(&server);
    w = wr_init(small, sizeof small); /* for the VERDICT */
    assert_int_equal(attest_tls_take(&server.m, &tools, NOW, next(&of_client), &w),
                     ATTEST_TLS_TOOLS);
    assert_false(attest_tls_is_verified(&server.m, NOW));
}

static void what_is_shown_has_the_form_agreed_on(void **state)
{
    (void)state;
    static uint8_t room[EVIDENCE_MAX];
    const uint8_t any[REPORT_DATA_LEN] = {0};

    challenge(false);
    assert_int_equal(show(&client, silicon_evidence(&chip, 0x80, any, room), &of_client),
                     ATTEST_TLS_FORM);
    assert_int_equal(show(&server, (struct view){NULL, 0}, &of_server), ATTEST_TLS_FORM);
    /* One that sends it nevertheless. */
    challenge(false);
    client.m.setup.own.shows = ATTEST_TLS_SHOWS_EVIDENCE;
    assert_int_equal(show(&client, silicon_evidence(&chip, 0x80, any, room), &of_client),
                     ATTEST_OK);
    assert_int_equal(take(&server, next(&of_client), &of_server), ATTEST_TLS_FORM);
    challenge(true);
    client.m.setup.own.shows = ATTEST_TLS_SHOWS_KEY;
    assert_int_equal(show(&client, (struct view){NULL, 0}, &of_client), ATTEST_OK);
    assert_int_equal(take(&server, next(&of_client), &of_server), ATTEST_TLS_FORM);
    assert_int_equal(server.judged, 0);
}

static void a_key_that_is_not_known_is_refused(void **state)
{
    (void)state;
    shown(false);
    server.knows = false;
    assert_int_equal(take(&server, next(&of_client), &of_server), ATTEST_TLS_KEY);
}

static void evidence_of_other_code_is_refused(void **state)
{
    (void)state;
    static uint8_t room[EVIDENCE_MAX];
    uint8_t report_data[REPORT_DATA_LEN];

    challenge(true);
    assert_true(attest_tls_wants(&client.m, report_data));
    assert_int_equal(
        show(&client, silicon_evidence(&chip, 0x81, report_data, room), &of_client), ATTEST_OK);
    assert_int_equal(take(&server, next(&of_client), &of_server), ATTEST_JUDGE_MEASUREMENT);
    assert_false(attest_tls_is_verified(&server.m, NOW));
}

static void a_verdict_is_of_what_was_shown(void **state)
{
    (void)state;
    static struct said verdict;

    shown(true);
    assert_int_equal(take(&server, next(&of_client), &verdict), ATTEST_OK);
    verdict.bytes[ATTEST_TLS_HEAD_LEN] ^= 1;
    assert_int_equal(take(&client, next(&verdict), &of_client), ATTEST_TLS_ANSWER);
    challenge(true); /* of one that has shown nothing yet */
    verdict.bytes[ATTEST_TLS_HEAD_LEN] ^= 1;
    verdict.read = 0;
    assert_int_equal(take(&client, next(&verdict), &of_client), ATTEST_TLS_TYPE);
}

static void an_alert_ends_it(void **state)
{
    (void)state;
    both_ends_accept_one_another(state);
    struct writer w = wr_init(of_server.bytes, sizeof of_server.bytes);

    attest_tls_alert(&server.m, ATTEST_JUDGE_DEBUG, &w);
    assert_false(attest_tls_is_verified(&server.m, NOW));
    assert_int_equal(take(&client, (struct view){of_server.bytes, w.len}, &of_client),
                     ATTEST_TLS_REFUSED);
    assert_false(attest_tls_is_verified(&client.m, NOW));
}

static void lengths_are_bounded(void **state)
{
    (void)state;
    static const struct {
        uint8_t head[ATTEST_TLS_HEAD_LEN];
        enum attest_fault fault;
    } rows[] = {
        {{0, 0, 0, 0, 0}, ATTEST_TLS_TYPE},
        {{5, 0, 0, 0, 0}, ATTEST_TLS_TYPE},
        {{1, 86, 0, 0, 0}, ATTEST_TLS_SIZE},
        {{2, 0x61, 0x80, 0, 0}, ATTEST_TLS_SIZE},
        {{3, 97, 0, 0, 0}, ATTEST_TLS_SIZE},
        {{4, 3, 0, 0, 0}, ATTEST_TLS_SIZE},
        {{2, 0xff, 0xff, 0xff, 0xff}, ATTEST_TLS_SIZE},
    };
    size_t n = 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(attest_tls_length(rows[i].head, &n), rows[i].fault);
        assert_int_equal(n, 0);
    }
    shown(true);
    for (size_t cut = 0; cut < 200; cut++) {
        struct said other;

        connect_both(true);
        server.m.challenged = server.m.peer_challenged = true;
        assert_int_equal(take(&server, (struct view){of_client.bytes, cut}, &other),
                         ATTEST_TLS_SIZE);
    }
}

/* A message whose own length agrees, and which is too short for what it is. */
static void short_bodies_are_refused(void **state)
{
    (void)state;
    static const size_t least[] = {0, 5 + EPOCH_ID_LEN + REPORT_DATA_NONCE_LEN, P384_SIG_LEN,
                                   P384_DIGEST_LEN + ATTEST_TLS_POLICY_LEN};
    struct said other;

    for (uint8_t type = ATTEST_TLS_CHALLENGE; type <= ATTEST_TLS_VERDICT; type++) {
        for (uint8_t n = 0; n <= least[type]; n++) {
            uint8_t message[ATTEST_TLS_HEAD_LEN + 128] = {type, n};
            const struct view all = {message, ATTEST_TLS_HEAD_LEN + (size_t)n};

            connect_both(true);
            assert_true((take(&server, all, &other) == ATTEST_TLS_SIZE) == (n < least[type]));
        }
    }
    connect_both(true);
    assert_int_equal(take(&server, (struct view){NULL, 0}, &other), ATTEST_TLS_SIZE);
    const uint8_t unknown[ATTEST_TLS_HEAD_LEN] = {5};

    assert_int_equal(take(&server, (struct view){unknown, sizeof unknown}, &other),
                     ATTEST_TLS_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_accept_one_another),
        cmocka_unit_test(a_verdict_has_its_time),
        cmocka_unit_test(a_peer_may_not_ask_all_the_time),
        cmocka_unit_test(it_begins_on_a_fresh_connection_alone),
        cmocka_unit_test(a_challenge_of_something_else_is_refused),
        cmocka_unit_test(a_changed_challenge_shows_in_the_proof),
        cmocka_unit_test(messages_come_in_their_order),
        cmocka_unit_test(nothing_comes_twice_or_too_soon),
        cmocka_unit_test(what_fails_here_is_said),
        cmocka_unit_test(what_is_shown_has_the_form_agreed_on),
        cmocka_unit_test(a_key_that_is_not_known_is_refused),
        cmocka_unit_test(evidence_of_other_code_is_refused),
        cmocka_unit_test(a_verdict_is_of_what_was_shown),
        cmocka_unit_test(an_alert_ends_it),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(short_bodies_are_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
