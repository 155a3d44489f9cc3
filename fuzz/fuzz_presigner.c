/* The engine of presignatures, told anything by one of its peers and by its host. Core 0 has a
 * session of 0, 1 and 2 and a batch under way; peer 1 sends what the input says, in place of or
 * after what it would have sent. Steps of the input: what(1) and what that takes. */
#include "../tests/presigner_kit.h"
#include "promise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BAD 1U

static struct world *w;
static uint8_t *before; /* core 0's engine */
static struct presign_slot slots[6 * WORLD_PER_TRIPLE];
static struct presign_pool pool;

/* What peer 1 would have sent. */
static struct {
    struct pq1_about about;
    size_t n;
    uint8_t bytes[MESH_MESSAGE_MAX];
} sent[3];
static unsigned n_sent;

static bool catch_all(struct world *world, unsigned to, struct presigner_message *m,
                      uint8_t *bytes)
{
    (void)world;
    if (to == 0 && m->from == BAD && n_sent < 3) {
        sent[n_sent].about = *m->about;
        sent[n_sent].n = m->bytes.n;
        memcpy(sent[n_sent++].bytes, bytes, m->bytes.n);
    }
    return to != 0 || m->from != BAD;
}

static void prepare(void)
{
    w = world_new(5, 3);
    world_connect(w);
    world_set_up_all(w);
    w->meddle = catch_all;
    world_batch(w, 10);
    world_make(w, 0x07);
    world_run(w);
    promise(n_sent == 3); /* HELLO, and both rounds */
    before = malloc(presigner_size());
    promise(before != NULL);
    memcpy(before, w->core[0].p, presigner_size());
    memcpy(slots, w->core[0].slots, sizeof slots);
    pool = w->core[0].pool;
}

static void restore(void)
{
    memcpy(w->core[0].p, before, presigner_size());
    memcpy(w->core[0].slots, slots, sizeof slots);
    w->core[0].pool = pool;
    for (unsigned i = 0; i < w->n; i++) {
        mesh_box_clear(&w->core[0].mesh->outbox, i);
    }
}

static uint8_t next(struct reader *in)
{
    uint8_t byte = 0;

    return rd_u8(in, &byte) == ERR_OK ? byte : 0;
}

/* One that was sent, or zeros of a length that some message has; then changed in places. */
static void tell(struct reader *in)
{
    static const uint32_t lengths[] = {0,  1,     32,    40,     194,   579,
                                       50, 12544, 16448, 123364, 28881, MESH_MESSAGE_MAX};
    static uint8_t bytes[MESH_MESSAGE_MAX];
    const unsigned which = next(in);
    struct pq1_about about = sent[which % 3].about;
    size_t n = sent[which % 3].n;

    memcpy(bytes, sent[which % 3].bytes, n);
    if ((which & 2) != 0) {
        about.round = next(in);
    }
    if ((which & 4) != 0) {
        about.type = next(in) % (MESH_TYPE_LAST + 1);
    }
    if ((which & 8) != 0) {
        n = lengths[next(in) % (sizeof lengths / sizeof lengths[0])];
        memset(bytes, 0, n);
        memcpy(bytes, about.session, n < sizeof about.session ? n : sizeof about.session);
    }
    if ((which & 16) != 0) {
        memset(about.session, next(in), sizeof about.session);
    }
    for (unsigned k = which >> 6; k > 0 && n > 0; k--) {
        const size_t at = ((size_t)next(in) << 10 | (size_t)next(in) << 2) % n;

        bytes[at] ^= next(in);
    }
    presigner_took(w->core[0].p,
                   &(struct presigner_message){BAD, &about, (struct view){bytes, n}},
                   w->now_ns);
}

static void order(struct reader *in)
{
    struct presign_order o = {.kind = next(in) % 5,
                              .counter = w->counter + next(in) % 4,
                              .peer = next(in) % 8,
                              .triple = next(in),
                              .records = next(in),
                              .on = true};

    promise(world_order(w, 0, &o) != ERR_BUG);
}

/* Who said nothing is cut off by nobody's words. */
static void check(void)
{
    const struct presigner *const p = w->core[0].p;
    struct presign_status s;

    world_status(w, 0, &s);
    promise(w->core[0].inside == 0);
    promise(s.lies == 0); /* that takes two signatures */
    for (unsigned i = 2; i < w->n; i++) {
        promise(p->standing.with[i].n == 0 && !p->standing.with[i].out);
        promise(p->pair[i].setup.state != PRESIGN_SETUP_FAILED);
        promise(p->pair[i].blamed == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader in = rd_init((struct view){data, size});
    int64_t now_ns;

    if (w == NULL) {
        prepare();
    }
    restore();
    now_ns = w->now_ns;
    for (unsigned steps = 0; in.n > 0 && steps < 16; steps++) {
        switch (next(&in) % 8) {
        case 0:
            order(&in);
            break;
        case 1:
            w->now_ns += (int64_t)next(&in) * WORLD_IDLE_NS;
            (void)(presigner_tick(w->core[0].p, w->now_ns) == ERR_OK);
            break;
        case 2:
        case 3:
            (void)presigner_work(w->core[0].p, w->now_ns);
            break;
        default:
            tell(&in);
            break;
        }
    }
    check();
    w->now_ns = now_ns;
    return 0;
}
