/* A core that signs stamps of the shared key: struct core, driven by frames. Its pool is an
 * engine's; what else a ceremony leaves behind is written here. */
#include "presim_stamps.h"

#include "enclave/core/core_parts.h"
#include "enclave/quorum/pq_party.h"

#define NARROW_MS "255"
#define WALL_NS INT64_C(1790000000123456789)

struct presim_node {
    struct core core;
    struct pq_party party; /* of which the classic key uses stack and keys */
    struct presim *s;
    unsigned place;
    int64_t off_ns;
    uint32_t bound_us;
    struct clock_source clock;
    struct entropy_source entropy;
    struct sim_rng rng;
    uint8_t out[LIMIT_FRAME_LONG];
};

static struct boot_args args;
static struct stamp_cert certs[WIRE_KEYS_MAX];

const struct boot_policy *presim_policy(unsigned number)
{
    return &args.policies[number - 1];
}

const struct stamp_cert *presim_cert(void)
{
    return certs;
}

static int64_t mono(void *self)
{
    const struct presim_node *const n = self;

    return n->s->w->now_ns;
}

static enum err kernel(void *self, struct kernel_time *out)
{
    const struct presim_node *const n = self;

    *out = (struct kernel_time){WALL_NS + n->s->w->now_ns + n->off_ns, n->bound_us, true};
    return ERR_OK;
}

static enum err fill(void *self, uint8_t *out, size_t len)
{
    struct presim_node *const n = self;

    sim_bytes(&n->rng, out, len);
    return ERR_OK;
}

static void make_args(void)
{
    static const uint8_t serial[] = {0x51, 0x02};
    static const uint8_t issuer[] = {0x30, 0x00};
    const struct activation a = {.key = KEY_CLASSIC,
                                 .cert_hash = {0xce},
                                 .serial = {serial, sizeof serial},
                                 .issuer = {issuer, sizeof issuer}};

    args.clock = CLOCK_KERNEL;
    args.n_policies = 2;
    world_must(boot_policy_parse("1,classic,1.3.6.1.4.1.32473.3161.1.95,3,100,1000",
                                 &args.policies[0]));
    world_must(boot_policy_parse("2,classic,1.3.6.1.4.1.32473.3161.1.96,3,100," NARROW_MS,
                                 &args.policies[1]));
    stamp_cert_set(&certs[KEY_CLASSIC - 1], &a);
}

struct presim_node *presim_node_new(void)
{
    if (args.n_policies == 0) {
        make_args();
    }
    return world_room(4096, sizeof(struct presim_node));
}

static void join(struct presim_node *n)
{
    struct world_core *const engine = &n->s->w->core[n->place];
    struct core *const c = &n->core;

    n->party.stack = &engine->work->stack;
    n->party.identity = &engine->signing;
    memcpy(c->epoch_id, n->s->w->of.epoch_id, EPOCH_ID_LEN);
    memcpy(n->party.epoch_id, c->epoch_id, EPOCH_ID_LEN);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        memcpy(n->party.peers[i].signing_key, n->s->w->core[i].signing.public_key,
               ED25519_PUBLIC_LEN);
    }
    c->index = (uint8_t)(n->place + 1);
    c->total = PRESIM_NODES;
    c->threshold[KEY_CLASSIC - 1] = TECDSA_T;
    c->certs[KEY_CLASSIC - 1] = certs[KEY_CLASSIC - 1];
    c->quorum.party = &n->party;
    c->presign = (struct core_presign){.pool = &engine->pool};
}

void presim_node_begin(struct presim_node *n, struct presim *s, unsigned place, int64_t off_ns,
                       uint32_t bound_us)
{
    struct core_public keys = {.classic = {4}};
    const struct core_setup setup = {.args = &args, .entropy = &n->entropy, .clock = &n->clock};

    n->s = s;
    n->place = place;
    n->off_ns = off_ns;
    n->bound_us = bound_us;
    n->rng.state = s->options.seed * PRESIM_NODES + place;
    n->clock = (struct clock_source){mono, kernel, n, mono};
    n->entropy = (struct entropy_source){fill, n};
    memcpy(keys.classic, s->w->kit->key.public_key, P384_PUBLIC_LEN);
    world_must(core_init(&n->core, &setup));
    world_must(core_start(&n->core, ERR_OK, &keys));
    join(n);
    core_tick(&n->core);
    sim_must(n->core.state == CORE_SERVING);
}

void presim_node_tick(struct presim_node *n)
{
    core_tick(&n->core);
}

/* PRESIGN_LIST out of the pool, as core_mesh.c has it, which wants a whole member. */
static void list(const struct presign_pool *pool, struct view body, struct writer *w)
{
    const struct presign_slot *slot = NULL;
    uint64_t since = 0;
    size_t mark;

    world_must(presign_since_decode(body, &since));
    mark = presign_list_begin(w);
    slot = presign_pool_above(pool, since > 0 ? since - 1 : 0);
    for (; slot != NULL; slot = presign_pool_next(pool, slot)) {
        struct presign_listed row = {.number = slot->number, .triple = (uint8_t)slot->record.s};

        memcpy(row.id, slot->record.id, sizeof row.id);
        memcpy(row.r, slot->record.r, sizeof row.r);
        presign_listed_encode(w, &row);
    }
    presign_list_end(w, mark, pool->last_number + 1);
}

/* What the desk would do. */
static void order(struct presim_node *n, struct view body, struct writer *w)
{
    struct presign_order o;
    enum err e = presign_order_decode(body, &o);

    if (e == ERR_OK) {
        e = presigner_order(n->s->w->core[n->place].p, &o, n->s->w->now_ns);
        PRESIM_TRACE(n->s, "node %u is shown a wrong signature: %s", n->place + 1, err_name(e));
    }
    wr_u16le(w, (uint16_t)e);
}

struct view presim_node_take(struct presim_node *n, uint32_t lane, const struct frame_header *h,
                             struct view body)
{
    const struct core_call call = {.head = *h, .body = body, .lane = lane};
    struct writer w = wr_init(n->out, sizeof n->out);
    struct view answer;

    if (h->type == FRAME_PRESIGN_LIST) {
        const size_t mark = frame_begin(&w, FRAME_PRESIGN_LIST | FRAME_ANSWER, h->request_id);

        list(n->core.presign.pool, body, &w);
        frame_end(&w, mark);
    } else if (h->type == FRAME_PRESIGN_ORDER) {
        const size_t mark = frame_begin(&w, FRAME_PRESIGN_ORDER | FRAME_ANSWER, h->request_id);

        order(n, body, &w);
        frame_end(&w, mark);
    } else {
        sim_must(core_step(&n->core, &call, &w) == NULL);
    }
    world_must(wr_finish(&w, &answer));
    return answer;
}
