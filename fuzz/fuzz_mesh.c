/* Two meshes that were together, then packets as the input has them: whoever the host says they
 * are from, and whatever they say. Nothing that is not the peer's is given, nothing grows, and
 * as soon as the host carries again the two are together.
 *
 * Each step is a byte of command, and what it needs:
 *   bits 0-1  0: a packet of so many bytes, from that node; 1: a packet of before comes again,
 * from an offset on altered; 2: time passes; 3: a message is sent, and carried or not
 */
#include "../tests/mesh_kit.h"
#include "promise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEPT_MAX 64

static struct mesh_kit *kit;
static struct mesh *fresh[2]; /* as they are together */
static struct drbg drbg[2];

/* What was carried, to come again; and what was said, by its first byte. */
static struct {
    unsigned n;
    struct {
        unsigned from, to;
        size_t n;
        uint8_t bytes[2048];
    } at[KEPT_MAX];
    bool drops;
    uint8_t said, told[2];
} past;

static bool carry(struct mesh_kit *k, unsigned from, unsigned to, uint8_t *packet, size_t n)
{
    (void)k;
    if (past.n < KEPT_MAX && n <= sizeof past.at[0].bytes) {
        past.at[past.n].from = from;
        past.at[past.n].to = to;
        past.at[past.n].n = n;
        memcpy(past.at[past.n++].bytes, packet, n);
    }
    return !past.drops;
}

/* Only what was said comes, from whom it is, and each thing once, in order. */
static void hear(struct mesh_kit *k, unsigned to, const struct mesh_message *in)
{
    (void)k;
    promise(in->about.type == MESH_PRESIGN && in->about.round == 1 && in->from == 1 - to);
    promise(in->body.n == 1 && in->body.p[0] > past.told[to] && in->body.p[0] <= past.said);
    past.told[to] = in->body.p[0];
}

static void prepare(void)
{
    kit = mesh_kit_new(2);
    mesh_kit_settle(kit);
    promise(mesh_kit_is_whole(kit) && kit->failed == ERR_OK);
    for (unsigned i = 0; i < 2; i++) {
        fresh[i] = mesh_kit_room(64, sizeof *fresh[i]);
        memcpy(fresh[i], kit->m[i], sizeof *fresh[i]);
        drbg[i] = kit->drbg[i];
    }
    kit->host = carry;
    kit->got = hear;
}

/* All but text, which nobody reads before it is written, and the bytes of empty lanes. */
static void restore(struct mesh *m, const struct mesh *from)
{
    memcpy(m, from, offsetof(struct mesh, peers));
    for (unsigned i = 0; i < MESH_NODES_MAX; i++) {
        memcpy(&m->peers[i], &from->peers[i], offsetof(struct mesh_peer, plain));
        mesh_box_clear(&m->outbox, i);
    }
    m->outbox.turn = 0;
    m->counts = from->counts;
    m->given = false;
}

static void begin_again(void)
{
    for (unsigned i = 0; i < 2; i++) {
        restore(kit->m[i], fresh[i]);
        kit->drbg[i] = drbg[i];
    }
    kit->now_ns = MESH_KIT_START;
    past.n = 0;
    past.drops = false;
    past.said = past.told[0] = past.told[1] = 0;
}

static void made_up(struct reader *r, uint8_t command)
{
    const unsigned to = command >> 2 & 1;
    const unsigned from = command >> 3 & 3;
    struct view packet = {NULL, 0};
    uint8_t n = 0;

    if (rd_u8(r, &n) == ERR_OK && rd_take(r, n < r->n ? n : r->n, &packet) == ERR_OK) {
        mesh_kit_deliver(kit, from, to, packet.p, packet.n);
    }
}

static void again(struct reader *r, uint8_t command)
{
    uint8_t which = 0;
    uint16_t offset = 0;
    uint8_t with = 0;

    if (past.n == 0 || rd_u8(r, &which) != ERR_OK || rd_u16le(r, &offset) != ERR_OK ||
        rd_u8(r, &with) != ERR_OK) {
        return;
    }
    which %= past.n;
    past.at[which].bytes[offset % past.at[which].n] ^= with;
    mesh_kit_deliver(kit, (command & 4) != 0 ? past.at[which].to : past.at[which].from,
                     (command & 4) != 0 ? past.at[which].from : past.at[which].to,
                     past.at[which].bytes, past.at[which].n);
    past.at[which].bytes[offset % past.at[which].n] ^= with;
}

static void pass(uint8_t command)
{
    static const int64_t steps[] = {1, MESH_PAUSE_NS, MESH_STALL_NS, PQ1_LIFE_NS / 2};

    past.drops = (command & 16) != 0;
    kit->now_ns += steps[command >> 2 & 3];
    mesh_kit_settle(kit);
}

static void say(uint8_t command)
{
    const struct pq1_about about = {.type = MESH_PRESIGN, .round = 1};
    const unsigned from = command >> 2 & 1;

    past.drops = (command & 16) != 0;
    if (past.said < UINT8_MAX) {
        past.said++;
        (void)mesh_send(kit->m[from], 1 - from, &about, (struct view){&past.said, 1},
                        kit->now_ns);
    }
    if ((command & 8) != 0) {
        mesh_kit_fetch(kit, from);
    }
}

static void check(void)
{
    for (unsigned i = 0; i < 2; i++) {
        promise(mesh_box_bytes(&kit->m[i]->outbox, i) == 0);
        promise(mesh_box_bytes(&kit->m[i]->outbox, 1 - i) <= MESH_LANE_BYTES);
        promise(kit->m[i]->peers[1 - i].used <= sizeof kit->m[i]->peers[1 - i].plain);
    }
    promise(kit->failed == ERR_OK);
}

/* Long enough for what stalls to begin anew, more than once. */
static void recover(void)
{
    for (unsigned i = 0; i < 6; i++) {
        kit->now_ns += MESH_STALL_NS;
        mesh_kit_settle(kit);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    uint8_t command = 0;

    if (kit == NULL) {
        prepare();
    }
    begin_again();
    while (rd_u8(&r, &command) == ERR_OK) {
        if ((command & 3) == 0) {
            made_up(&r, command);
        } else if ((command & 3) == 1) {
            again(&r, command);
        } else if ((command & 3) == 2) {
            pass(command);
        } else {
            say(command);
        }
        check();
    }
    past.drops = false;
    recover();
    say(3); /* what was lost last shows */
    recover();
    promise(mesh_kit_is_whole(kit));
    return 0;
}
