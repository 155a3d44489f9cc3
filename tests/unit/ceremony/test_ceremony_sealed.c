/* What a peer says in private, or of a session that others cannot see: nothing of it is
 * believed. */
#include "rig.h"
#include "testing.h"

#include <stdlib.h>

/* Two of three; node 1 lies to node 0. */
#define PEER 1
#define OWN 0

static struct rig rig;

/* ---- the one sealed message ---- */

enum inside {
    AN_OPEN,
    LONGER,
    SHORTER,
    ANOTHER_ROUND,
    OF_ANOTHER,
    TO_ANOTHER,
    UNSIGNED,
    ANOTHER_SEED
};

struct row {
    enum inside inside;
    uint8_t type, round, session; /* what is changed of what the record says it is about */
    uint8_t reason;
    bool proven;
};

static const struct row *row;

static size_t write_inside(struct rig *r, uint8_t *bytes, size_t cap)
{
    const uint8_t sender = row->inside == OF_ANOTHER ? 2 : PEER;
    const struct ceremony *const c = &r->nodes[sender].c;
    struct ceremony_msg m = {.round = row->inside == ANOTHER_ROUND ? CEREMONY_PQ1_HELLO
                                                                   : CEREMONY_OPEN,
                             .sender = sender,
                             .to = row->inside == TO_ANOTHER ? 2 : OWN};
    uint8_t body[CEREMONY_OPEN_MAX];
    size_t n = rig_open(c, &c->secrets, m.to, body);
    size_t len = cap - 256;

    if (row->inside == SHORTER) {
        n--;
    }
    if (row->inside == ANOTHER_SEED) {
        body[1] ^= 1;
    }
    rig_sign(r, bytes, &len, &m, body, n);
    if (row->inside == UNSIGNED) {
        bytes[len - 1] ^= 1;
    }
    if (row->inside == LONGER) {
        bytes[len++] = 0;
    }
    return len;
}

/* Sealed anew, as the first and only record of its channel. */
static unsigned seal(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    struct ceremony *const c = &r->nodes[PEER].c;
    struct pq1 *const channel = &c->channels[to];
    struct pq1_about about = {.type = CEREMONY_SEALED ^ row->type,
                              .round = CEREMONY_OPEN ^ row->round};
    struct ceremony_msg m = {.round = CEREMONY_SEALED, .sender = PEER, .to = to};
    uint8_t inside[CEREMONY_OPEN_MAX + 256];
    uint8_t sealed[sizeof inside + PQ1_RECORD_OVERHEAD];
    struct writer w = wr_init(sealed, sizeof sealed);
    const size_t len = write_inside(r, inside, sizeof inside);

    memcpy(about.session, c->known.rules.id, sizeof about.session);
    about.session[0] ^= row->session;
    channel->send.seq = 0;
    assert_int_equal(pq1_seal(channel, r->now_ns, &about, (struct view){inside, len}, &w),
                     ERR_OK);
    *n = cap - 256;
    rig_sign(r, bytes, n, &m, sealed, w.len);
    return 1;
}

static void run(uint8_t round, rig_fault *fault)
{
    rig_make(&rig, 2, 3, 800U + round);
    rig.bad = PEER;
    rig.round = round;
    rig.victim = OWN;
    rig.fault = fault;
    rig_run(&rig);
    assert_true(rig.touched > 0);
}

static void is_blamed(uint8_t reason, bool proven)
{
    const struct ceremony_end *const end = &rig.nodes[OWN].c.end;

    assert_int_equal(rig.nodes[OWN].c.state, CEREMONY_ABORTED);
    assert_int_equal(end->reason, reason);
    assert_int_equal(end->accused, PEER);
    assert_int_equal(end->told_by, OWN);
    assert_int_equal(end->proven, proven);
    rig_check_secrets(&rig);
}

static void what_is_sealed_is_judged(void **state)
{
    static const struct row rows[] = {
        {LONGER, 0, 0, 0, CEREMONY_CHANNEL, false},
        {ANOTHER_ROUND, 0, 0, 0, CEREMONY_CHANNEL, false},
        {OF_ANOTHER, 0, 0, 0, CEREMONY_CHANNEL, false},
        {TO_ANOTHER, 0, 0, 0, CEREMONY_CHANNEL, false},
        {UNSIGNED, 0, 0, 0, CEREMONY_CHANNEL, false},
        {AN_OPEN, 1, 0, 0, CEREMONY_CHANNEL, false},
        {AN_OPEN, 0, 1, 0, CEREMONY_CHANNEL, false},
        {AN_OPEN, 0, 0, 1, CEREMONY_CHANNEL, false},
        {SHORTER, 0, 0, 0, CEREMONY_MALFORMED, true},
        {ANOTHER_SEED, 0, 0, 0, CEREMONY_BAD_OPENING, true},
    };
    static const struct row good = {.inside = AN_OPEN};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        row = &rows[i];
        run(CEREMONY_SEALED, seal);
        is_blamed(row->reason, row->proven);
        rig_free(&rig);
    }
    row = &good; /* to seal it anew is no harm */
    run(CEREMONY_SEALED, seal);
    assert_true(rig_all(&rig, CEREMONY_FINISHED));
    rig_free(&rig);
}

/* ---- the session that a REVEAL and a RESPOND name ---- */

static unsigned rename_session(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    struct reader reader = rd_init((struct view){bytes, *n});
    struct ceremony_msg m;
    uint8_t *const body = malloc(cap);

    (void)to;
    assert_non_null(body);
    assert_int_equal(ceremony_msg_decode(&reader, &m), ERR_OK);
    memcpy(body, m.body.p, m.body.n);
    body[2] ^= 1;
    rig_sign(r, bytes, n, &m, body, m.body.n);
    free(body);
    return 1;
}

static void another_session_is_no_part_of_ours(void **state)
{
    (void)state;
    for (uint8_t round = CEREMONY_TEST_REVEAL; round < CEREMONY_TEST_RESPOND + 1U; round++) {
        run(round, rename_session);
        is_blamed(CEREMONY_BAD_TEST, false);
        rig_free(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_is_judged),
        cmocka_unit_test(another_session_is_no_part_of_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
