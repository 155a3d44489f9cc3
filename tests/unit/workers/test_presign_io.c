/* Five threads make presignatures while the main one carries packets, gives orders, uses what
 * is made, looks at how all stand, voids and stops: with real locks. tools/check-threads runs
 * it with ThreadSanitizer, and with a race planted that must show. */
#include "presigner_kit.h"
#include "testing.h"

#include "enclave/workers/presign_io.h"
#include "wire/mesh_msg.h"

#include <time.h>

#define NODES 5
#define ALL ((1U << NODES) - 1)
#define RECORDS 12
#define LEAST_USED 8 /* of a batch: what is made while the main thread uses others */
#define DEADLINE_NS INT64_C(60000000000)

static struct world *w;
static struct presign_io io[NODES];
static struct presign_desk desk[NODES];
static struct work_stack stack; /* the main thread's */
static atomic_uint ordered;     /* orders that were carried out, rightly */
static uint8_t packets[PRESIGN_OUT_MAX];

static int64_t now_ns(void)
{
    return clock_os.monotonic_ns(clock_os.self);
}

static void note_ordered(void *self, void *token, enum err e)
{
    (void)self;
    (void)token;
    atomic_fetch_add(&ordered, e == ERR_OK);
}

#if defined(PLANTED_RACE) /* the thread that makes presignatures leaves the pool's lock out */
static void nothing(void *self)
{
    (void)self;
}
#define GUARD(meeting) ((struct presign_guard){nothing, nothing, NULL})
#else
#define GUARD(meeting) ((meeting).pool)
#endif

static void start(unsigned i)
{
    struct world_core *const c = &w->core[i];
    struct presign_meeting meeting;

    assert_int_equal(presign_io_init(&io[i], NULL, &clock_os, &meeting), ERR_OK);
    meeting.ordered = note_ordered;
    c->p->of.guard = GUARD(meeting);
    presign_desk_init(&desk[i], &meeting);
    assert_int_equal(presign_io_start(&io[i], &desk[i]), ERR_OK);
    presign_desk_start(&desk[i], c->p, &c->pool, NODES);
}

static void put(unsigned to, unsigned from, struct view packet)
{
    static uint8_t body[MESH_PACKET_MAX + 16];
    struct writer out = wr_init(body, sizeof body);

    mesh_packet_encode(&out, &(struct mesh_packet){(uint8_t)from, packet});
    assert_false(out.full);
    (void)presign_desk_put(&desk[to], (struct view){body, out.len});
}

static void carry(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        struct writer out = wr_init(packets, sizeof packets);
        struct mesh_packet packet;
        struct reader in;

        presign_desk_get(&desk[i], &out);
        in = rd_init((struct view){out.p, out.len});
        while (in.n > 0) {
            assert_int_equal(mesh_packet_decode(&in, &packet), ERR_OK);
            put(packet.node, i, packet.packet);
        }
    }
}

/* Whether all have channels to all, and seeds. */
static bool are_ready(void)
{
    bool ready = true;

    for (unsigned i = 0; i < NODES; i++) {
        struct presign_status s;

        presign_desk_status(&desk[i], &s);
        ready = ready && s.n_nodes == NODES;
        for (unsigned j = 0; j < NODES && ready; j++) {
            ready =
                j == i || (s.nodes[j].channel == PRESIGN_CHANNEL_VERIFIED && s.nodes[j].seeded);
        }
    }
    return ready;
}

static void give_batch(void)
{
    const struct presign_order o = world_batch_of(w, RECORDS);

    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(presign_desk_order(&desk[i], &o, NULL), ERR_OK);
    }
}

/* The oldest record of a core, if there is one: what an R2 does. */
static bool use_one(unsigned i)
{
    static const uint8_t digest[P384_DIGEST_LEN] = {1};
    const struct presign_guard *const g = &desk[i].meeting.pool;
    const struct presign_slot *slot = NULL;
    struct tecdsa_answer answer;
    uint8_t id[TECDSA_HASH_LEN];
    enum err e = ERR_STALE;

    g->enter(g->self);
    slot = presign_pool_above(&w->core[i].pool, 0);
    if (slot != NULL && !presign_desk_is_voided(&desk[i])) {
        memcpy(id, slot->record.id, sizeof id);
        e = presign_pool_answer(&w->core[i].pool, &stack, id, digest, now_ns(), &answer);
    }
    g->leave(g->self);
    return e == ERR_OK;
}

/* Carries and uses until so many were used at every core. */
static void use_all(unsigned want)
{
    const int64_t end = now_ns() + DEADLINE_NS;
    unsigned used[NODES] = {0};
    bool all = false;

    while (!all) {
        assert_true(now_ns() < end);
        carry();
        (void)are_ready();
        all = true;
        for (unsigned i = 0; i < NODES; i++) {
            used[i] += use_one(i) ? 1 : 0;
            all = all && used[i] >= want;
        }
    }
}

static void stop(unsigned i)
{
    const int64_t end = now_ns() + DEADLINE_NS;

    while (!presign_desk_stop(&desk[i])) {
        assert_true(now_ns() < end);
    }
    presign_io_end(&io[i]);
}

static void two_threads_share_what_they_should(void **state)
{
    const int64_t end = now_ns() + DEADLINE_NS;
    /* Records of each core: six triples of ten. */
    const unsigned each = LEAST_USED * 6 / 10;

    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        start(i);
    }
    while (!are_ready()) {
        assert_true(now_ns() < end);
        carry();
    }
    give_batch();
    use_all(each);
    assert_int_equal(atomic_load(&ordered), NODES);
    give_batch();
    (void)presign_desk_void(&desk[2]); /* while one is under way */
    for (unsigned i = 0; i < 200; i++) {
        carry();
        (void)use_one(i % NODES);
    }
    for (unsigned i = 0; i < NODES; i++) {
        stop(i);
    }
}

static int begin(void **state)
{
    (void)state;
    work_stack_init(&stack);
    w = world_new(NODES, 77);
    return 0;
}

/* The threads stay, asleep at their desks, which are static. */
static int end(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_threads_share_what_they_should),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
