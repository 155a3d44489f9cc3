/* Three cores behind one pump, and the bytes are what they answer, when connections come and
 * go, and time: what one sends never comes to another under a third one's name, and no core is
 * asked two things at a time. */
#include "host/mesh/pump.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CORES 3
#define MS INT64_C(1000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pump pump;
static uint8_t frame[PUMP_FRAME_MAX], answer[PUMP_FRAME_MAX];
static bool waits[CORES];
static struct frame_header asked[CORES];

static enum err zeros(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0, n);
    return ERR_OK;
}
static const struct entropy_source entropy = {.fill = zeros};

/* A packet says by its second byte whose it is: deal() sees to that. */
static void check_put(struct view body)
{
    struct reader r = rd_init(body);
    size_t n = 0;

    if (mesh_packets_check(body, MESH_PUT_MAX, &n) != ERR_OK) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        struct mesh_packet p;

        if (mesh_packet_decode(&r, &p) != ERR_OK || p.packet.n < 2 || p.packet.p[1] != p.node) {
            abort();
        }
    }
}

static void ask(size_t core, int64_t now_ns)
{
    struct writer w = wr_init(frame, sizeof frame);

    if (!pump_ask(&pump, core, now_ns, &w)) {
        return;
    }
    if (waits[core] || w.full ||
        frame_header_decode((struct view){frame, FRAME_HEADER_LEN}, &asked[core]) != ERR_OK ||
        asked[core].body_len != w.len - FRAME_HEADER_LEN) {
        abort();
    }
    const struct view body = {frame + FRAME_HEADER_LEN, asked[core].body_len};

    if (asked[core].type == FRAME_MESH_PUT) {
        check_put(body);
    }
    waits[core] = true;
}

/* What an honest core says, bent by three bytes of the script. */
static void say(size_t core, const uint8_t bend[3], struct writer *w)
{
    static const uint8_t key[97] = {4};
    struct hello h = {.clock = CLOCK_KERNEL,
                      .index = (uint8_t)(bend[0] < 200 ? core + 1 : bend[0] - 200),
                      .r1_life_ms = 1000,
                      .n_keys = 1,
                      .keys = {{.key = KEY_CLASSIC,
                                .threshold = bend[1] < 240 ? 3 : 1,
                                .total = 3,
                                .public_key = {key, sizeof key}}}};
    struct presign_status s = {.n_nodes = CORES, .cap = bend[0], .n_triples = 1};

    switch (asked[core].type) {
    case FRAME_HELLO:
        h.epoch_id[0] = bend[1] < 230 ? 1 : 2;
        hello_encode(w, &h);
        break;
    case FRAME_MESH_PUT:
        mesh_taken_encode(w, bend[0]);
        break;
    case FRAME_MESH_GET:
        for (unsigned i = 0; i < bend[0] % 8U; i++) {
            static uint8_t bytes[MESH_PACKET_MAX];
            const struct mesh_packet p = {(uint8_t)((bend[1] + i) % MESH_NODES_MAX),
                                          {bytes, 2 + (size_t)bend[2] * 250}};

            bytes[1] = (uint8_t)pump.cores[core].place;
            mesh_packet_encode(w, &p);
        }
        break;
    case FRAME_PRESIGN_ORDER:
        presign_ordered_encode(w, bend[0] < 128 ? ERR_OK : ERR_STALE);
        break;
    default:
        s.triples[0] = (struct presign_triple_status){7, bend[0], bend[1] % 2};
        for (unsigned i = 0; i < CORES; i++) {
            s.nodes[i].channel = bend[1] % 3;
            s.nodes[i].setup = bend[2] % 4;
            s.nodes[i].seeded = bend[2] % 2;
        }
        s.made_dkls = bend[1];
        presign_status_encode(w, &s);
    }
}

static void end(size_t core)
{
    pump_close(&pump, core);
    waits[core] = false;
}

static void tell(size_t core, const uint8_t script[8], int64_t now_ns)
{
    struct frame_header h = asked[core];
    struct writer w = wr_init(answer, sizeof answer);

    if (!waits[core]) {
        return;
    }
    waits[core] = false;
    h.type |= FRAME_ANSWER;
    if (script[1] < 16) { /* anything; but packets keep their sender's mark */
        wr_bytes(&w, script + 2, asked[core].type == FRAME_MESH_GET ? script[1] % 5U : 6U);
    } else if (script[1] < 32) {
        h.type = FRAME_ERROR;
        wr_u16le(&w, script[2]);
    } else {
        say(core, script + 2, &w);
    }
    h.request_id += script[1] == 255 ? 1 : 0;
    h.body_len = (uint32_t)w.len;
    if (w.full || pump_take(&pump, core, &h, (struct view){answer, w.len}, now_ns) != ERR_OK) {
        end(core);
    }
}

/* All but the bytes of the lanes, which are many. */
static void clear(void)
{
    memset(&pump, 0, offsetof(struct pump, cores));
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        memset(&pump.cores[i], 0, offsetof(struct pump_core, lanes));
        for (size_t k = 0; k < PLAN_NODES_MAX; k++) {
            pump.cores[i].lanes[k].at = pump.cores[i].lanes[k].end = 0;
        }
    }
    memset(waits, 0, sizeof waits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct scheduler_rule rule = {CORES, 8, true};
    int64_t now_ns = 1000 * MS;

    clear();
    pump_init(&pump, &rule, now_ns);
    for (size_t i = 0; i < CORES; i++) {
        pump_open(&pump, i, now_ns);
    }
    for (; size >= 8; data += 8, size -= 8) {
        const size_t core = data[0] % CORES;

        now_ns += (int64_t)data[7] * data[7] * MS / 16;
        if (pump_plan(&pump, &entropy, now_ns, 1) != ERR_OK ||
            pump_next_ns(&pump, now_ns) > now_ns + PUMP_WAIT_NS) {
            abort();
        }
        if (data[0] >= 250) {
            end(core);
            pump_open(&pump, core, now_ns);
        }
        for (size_t i = 0; i < CORES; i++) {
            ask(i, now_ns);
        }
        tell(core, data, now_ns);
    }
    return 0;
}
