/* What the host, and a peer, are told of a check that failed: of each class the same, at the
 * same time. */
#include "presigner_kit.h"
#include "testing.h"

#define NODES 5
#define TRIPLE 0x07U
#define HEARD_MAX 64

static struct world *w;

/* ---- what leaves core 0 ---- */

struct heard {
    int64_t after_ns; /* the order */
    unsigned to;
    size_t n;
};

static struct {
    int64_t since_ns;
    size_t n;
    struct heard heard[HEARD_MAX];
} outside;

static void listen(struct world *world, unsigned from, const struct mesh_packet *packet)
{
    if (from == 0) {
        assert_true(outside.n < HEARD_MAX);
        outside.heard[outside.n++] =
            (struct heard){world->now_ns - outside.since_ns, packet->node, packet->packet.n};
    }
}

/* ---- what goes wrong, each in one way ---- */

/* NOLINTBEGIN(readability-non-const-parameter): the type of what may change them */

static bool lost_2(struct world *world, unsigned to, struct presigner_message *m,
                   uint8_t *bytes)
{
    (void)world;
    (void)bytes;
    return m->about->type != MESH_PRESIGN || m->about->round != 2 || m->from != 1 || to != 0;
}

static bool sid2_1(struct world *world, unsigned to, struct presigner_message *m,
                   uint8_t *bytes)
{
    static struct pq1_about about;

    (void)world;
    (void)bytes;
    about = *m->about;
    about.session[0] ^= m->about->round == 2 && m->from == 1 && to == 0 ? 1 : 0;
    m->about = &about;
    return true;
}

static bool row_2(struct world *world, unsigned to, struct presigner_message *m, uint8_t *bytes)
{
    (void)world;
    if (m->about->round == 2 && m->from == 1 && to == 0) {
        ((struct presigner_round_2 *)bytes)->body.product.a[7][0][TECDSA_SCALAR_LEN - 1] ^= 1;
    }
    return true;
}

static bool column_1(struct world *world, unsigned to, struct presigner_message *m,
                     uint8_t *bytes)
{
    (void)world;
    if (m->about->round == 1 && m->from == 1 && to == 0) {
        ((struct presign_round_1 *)bytes)->extension.u[7][0] ^= 1;
    }
    return true;
}

static bool ends_at_once(struct world *world, unsigned to, struct presigner_message *m,
                         uint8_t *bytes)
{
    (void)bytes;
    if (m->about->round == 1 && m->from == 1 && to == 0) {
        static const uint8_t end[sizeof(struct presigner_end)];
        const struct pq1_about about = {.type = MESH_PRESIGN, .round = PRESIGNER_SESSION_END};
        struct pq1_about of = about;

        memcpy(of.session, m->about->session, sizeof of.session);
        presigner_took(world->core[0].p, &(struct presigner_message){1, &of, {end, sizeof end}},
                       world->now_ns);
    }
    return true;
}

/* NOLINTEND(readability-non-const-parameter) */

static void another_share(void)
{
    struct tecdsa_share *const share = &w->kit->share[2];
    struct tecdsa_scalar one;

    tecdsa_scalar_of_int(1, &one);
    tecdsa_scalar_add(&share->x, &one, &share->x);
}

static const struct {
    const char *name;
    world_meddle *meddle;
    enum tecdsa_fate fate; /* at core 0; LIVE: its time ends it */
} classes[] = {
    {"benign: a message is lost", lost_2, TECDSA_LIVE},
    {"benign: another sid2", sid2_1, TECDSA_BENIGN},
    {"benign: a peer ends it", ends_at_once, TECDSA_BENIGN},
    {"session", row_2, TECDSA_SESSION},
    {"setup", column_1, TECDSA_SETUP},
    {"triple", NULL, TECDSA_TRIPLE},
};

/* ---- of each class ---- */

static bool in_session(const struct presigner *p)
{
    return p->live[0].on;
}

/* One session of 0, 1 and 2 that comes to nothing. Gives what left core 0 after the rounds. */
static void one_session(size_t class, struct presign_status *before)
{
    const struct presigner *const p = w->core[0].p;

    world_set_up_all(w);
    if (classes[class].fate == TECDSA_TRIPLE) {
        another_share();
    }
    w->meddle = classes[class].meddle;
    outside.since_ns = w->now_ns;
    world_make(w, TRIPLE);
    world_run(w);
    assert_int_equal(in_session(p), classes[class].fate == TECDSA_LIVE);
    memset(outside.heard, 0, sizeof outside.heard);
    outside.n = 0;
    w->now_ns = outside.since_ns + PRESIGNER_SESSION_NS - 10 * WORLD_IDLE_NS;
    w->seen = listen;
    world_status(w, 0, before);
    assert_int_equal(before->sessions, 1);
    assert_int_equal(before->aborted, 0);
    world_wait(w, 20 * WORLD_IDLE_NS);
}

/* Two packets of one length, ten seconds after the order. */
static void each_class_ends_alike(void **state)
{
    struct heard first[HEARD_MAX];

    (void)state;
    for (size_t class = 0; class < sizeof classes / sizeof classes[0]; class ++) {
        static struct presign_status first_before;
        struct presign_status before, after;

        print_message("%s\n", classes[class].name);
        if (class > 0) {
            world_free(w);
            w = world_new(NODES, 31);
            world_connect(w);
        }
        one_session(class, &before);
        world_status(w, 0, &after);
        assert_int_equal(after.sessions, 0);
        assert_int_equal(after.aborted, 1);
        assert_int_equal(outside.n, 2);
        for (size_t i = 0; i < outside.n; i++) {
            assert_int_equal(outside.heard[i].to, i + 1);
            assert_int_equal(outside.heard[i].n, outside.heard[0].n);
            assert_int_equal(outside.heard[i].after_ns, PRESIGNER_SESSION_NS);
        }
        before.dropped = 0; /* what comes late is of no use, in some classes */
        if (class == 0) {
            memcpy(first, outside.heard, sizeof first);
            first_before = before;
        }
        assert_memory_equal(outside.heard, first, sizeof first);
        assert_memory_equal(&before, &first_before, sizeof before);
    }
}

/* Both ends of a pair that a check of a session cut know it then, and not before. */
static void the_last_word_says_that_a_setup_is_gone(void **state)
{
    struct presign_status before;

    (void)state;
    one_session(3, &before);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(w->core[i].p->pair[1 - i].setup.state, PRESIGN_SETUP_FAILED);
        assert_int_equal(w->core[i].p->standing.with[1 - i].n, 1);
        assert_int_equal(w->core[i].p->pair[2].setup.state, PRESIGN_SETUP_DONE);
        assert_int_equal(w->core[2].p->pair[i].setup.state, PRESIGN_SETUP_DONE);
    }
}

/* Until it is told which check it was, an order is refused in one way. */
static void what_is_refused_does_not_tell_the_class(void **state)
{
    (void)state;
    for (size_t class = 3; class < sizeof classes / sizeof classes[0]; class ++) {
        struct presign_status before;
        struct presign_order o;

        if (class > 3) {
            world_free(w);
            w = world_new(NODES, 31);
            world_connect(w);
        }
        one_session(class, &before);
        w->now_ns = outside.since_ns + PRESIGN_SHOWN_NS - 1;
        o = world_make_of(w, TRIPLE);
        assert_int_equal(world_order(w, 0, &o), ERR_STATE);
        for (unsigned peer = 1; peer < NODES; peer++) {
            o = world_setup_of(w, peer);
            assert_int_equal(world_order(w, 0, &o), ERR_STATE);
        }
        w->now_ns += PRESIGN_SHOWN_NS;
        for (unsigned peer = 1; peer < NODES; peer++) {
            const bool cut = peer == 1 && classes[class].fate != TECDSA_TRIPLE;

            o = world_setup_of(w, peer);
            assert_int_equal(world_order(w, 0, &o), cut ? ERR_POLICY : ERR_OK);
        }
    }
    assert_int_equal(world_order(w, 0,
                                 &(struct presign_order){.kind = PRESIGN_ORDER_MAKE,
                                                         .triple = TRIPLE,
                                                         .counter = w->counter}),
                     ERR_POLICY);
}

/* ---- how many ---- */

/* Sessions that are ended as soon as they begin: there are only so many at a time. */
static void what_is_untold_is_bounded(void **state)
{
    struct presign_status s;
    unsigned n = 0;

    (void)state;
    world_set_up_all(w);
    w->meddle = ends_at_once;
    for (struct presign_order o = world_make_of(w, TRIPLE);; o = world_make_of(w, TRIPLE)) {
        const enum err e = world_order(w, 0, &o);

        if (e == ERR_NOSPACE) {
            break;
        }
        assert_int_equal(e, ERR_OK);
        presigner_sessions_end(w->core[0].p, 1, w->now_ns);
        assert_true(++n <= PRESIGNER_ENDED);
    }
    assert_int_equal(n, PRESIGNER_ENDED);
    world_status(w, 0, &s);
    assert_int_equal(s.sessions, PRESIGNER_ENDED);
    world_wait(w, PRESIGNER_SESSION_NS + WORLD_IDLE_NS);
    world_status(w, 0, &s);
    assert_int_equal(s.sessions, 0);
    assert_int_equal(s.aborted, PRESIGNER_ENDED);
    w->meddle = NULL;
    world_make(w, TRIPLE);
    world_run(w);
    assert_int_equal(world_sign_all(w), 1);
}

/* ---- batches ---- */

/* Nothing is made for a triple that rests, by whatever order: from when on it is told. */
static void a_batch_leaves_out_what_rests(void **state)
{
    struct presign_order o = world_batch_of(w, 2);

    (void)state;
    o.triples[1] = 1; /* 0, 1, 3 */
    presign_standing_triple(&w->core[0].p->standing, TRIPLE, w->now_ns);
    world_order_all(w, 0x1f, &o);
    world_run(w);
    assert_int_equal(world_count(w, 0, TRIPLE), 1); /* it is not told yet */
    assert_int_equal(world_sign_all(w), 2);
    world_wait(w, PRESIGN_SHOWN_NS);
    o.counter = ++w->counter;
    world_order_all(w, 0x1f, &o);
    world_run(w);
    assert_int_equal(world_count(w, 0, TRIPLE), 0);
    assert_int_equal(world_count(w, 1, TRIPLE), 1); /* of no use to anybody */
    assert_int_equal(world_count(w, 0, 0x0b), 1);
    assert_int_equal(world_sign(w, 0x0b, 1), ERR_OK);
    w->now_ns += PRESIGN_REST_NS;
    world_connect(w);
    o.counter = ++w->counter;
    world_order_all(w, 0x1f, &o);
    world_run(w);
    assert_int_equal(world_count(w, 0, TRIPLE), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_CASE(each_class_ends_alike),
        WORLD_CASE(the_last_word_says_that_a_setup_is_gone),
        WORLD_CASE(what_is_refused_does_not_tell_the_class),
        WORLD_CASE(what_is_untold_is_bounded),
        WORLD_CASE(a_batch_leaves_out_what_rests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
