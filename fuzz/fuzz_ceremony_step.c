/* The machine of one node of three, as a bad peer and a bad host reach it: messages are signed
 * here by the identity key of their sender, so that what the fuzzer writes is looked at. */
#include "../tests/plan_kit.h"
#include "promise.h"

#include "crypto/keccak/sponge.h"
#include "enclave/ceremony/ceremony.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NODES 3
#define MOMENTS 48 /* at which node 0 is met */

static struct plan_kit kit;
static struct ceremony nodes[NODES];
static struct ceremony_tools tools[NODES];
static struct pq1_work work;
static struct drbg drbg;
static struct sponge stream;
static _Alignas(64) uint8_t room[NODES][1 << 20];
static uint8_t out[NODES][CEREMONY_OUT_MAX];
static uint8_t in[CEREMONY_OUT_MAX];
static struct ceremony *moments[MOMENTS];
static size_t n_moments;

static enum err draw(void *self, uint8_t *p, size_t n)
{
    sponge_squeeze(self, p, n);
    return ERR_OK;
}
static const struct entropy_source entropy = {draw, &stream};

static void keep_moment(void)
{
    if (n_moments < MOMENTS) {
        moments[n_moments] = malloc(sizeof nodes[0]);
        promise(moments[n_moments] != NULL);
        memcpy(moments[n_moments++], &nodes[0], sizeof nodes[0]);
    }
}

/* All that node i wrote goes to the others, until nobody writes any more. */
static void run_all(struct view written[NODES])
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < NODES; i++) {
            const struct view sent = written[i];

            memcpy(in, sent.p, sent.n);
            written[i].n = 0;
            for (size_t j = 0; j < NODES && sent.n > 0; j++) {
                struct writer w = wr_init(out[j], sizeof out[j]);
                struct view more = {NULL, 0};

                if (i == j) {
                    continue;
                }
                w.len = written[j].n; /* after what it wrote before */
                promise(ceremony_step(&nodes[j], &tools[j], (struct view){in, sent.n}, 1, &w) ==
                        ERR_OK);
                promise(wr_finish(&w, &more) == ERR_OK);
                written[j] = more;
                moved = true;
                keep_moment();
            }
        }
    }
}

static void set_up(void)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {3};
    const uint8_t seed[DRBG_SEED_LEN] = {4};
    struct view written[NODES];

    promise(plan_kit_make(&kit, 2, NODES) == ERR_OK);
    sponge_init(&stream, mldsa_best()->keccak, SPONGE_SHAKE256);
    drbg_init(&drbg, (struct view){seed, sizeof seed}, (struct view){NULL, 0});
    pq1_work_init(&work);
    for (size_t i = 0; i < NODES; i++) {
        struct writer w = wr_init(out[i], sizeof out[i]);

        tools[i] = (struct ceremony_tools){.entropy = &entropy,
                                           .drbg = &drbg,
                                           .signer = kit.signer,
                                           .identity = &kit.keys[i],
                                           .work = &work,
                                           .room = room[i]};
        promise(ceremony_begin(&nodes[i], &tools[i], kit.encoded, nonce, 0, &w) == ERR_OK);
        promise(wr_finish(&w, &written[i]) == ERR_OK);
    }
    promise(ceremony_test_room(nodes[0].known.rules.params) <= sizeof room[0]);
    keep_moment();
    run_all(written);
    promise(nodes[0].state == CEREMONY_FINISHED);
}

/* A message of one of the others with the body that the fuzzer gives, signed. */
static struct view forge(uint8_t round, uint8_t sender, uint8_t to, struct view body)
{
    struct ceremony_msg m = {.round = round, .sender = sender, .to = to, .body = body};
    uint8_t signature[P384_SIG_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    struct writer w = wr_init(in, sizeof in);
    struct view whole;

    ceremony_msg_digest(nodes[0].known.epoch_id, &m, digest);
    promise(p384_sign(kit.signer, &kit.keys[sender], digest, signature) == ERR_OK);
    ceremony_msg_lower(signature);
    m.signature = (struct view){signature, sizeof signature};
    ceremony_msg_encode(&w, &m);
    promise(wr_finish(&w, &whole) == ERR_OK);
    return whole;
}

static void check(void)
{
    static const struct tmldsa_share none;

    promise(nodes[0].state >= CEREMONY_RUNNING && nodes[0].state <= CEREMONY_ABORTED);
    if (nodes[0].state == CEREMONY_ABORTED) {
        promise(memcmp(&nodes[0].share, &none, sizeof none) == 0);
        /* Only the others' keys sign here: this node is never proven guilty. */
        promise(!nodes[0].end.proven || nodes[0].end.accused != 0);
    }
}

/* Moment, then messages: round, sender, to, length(2), body; round 0: bytes as they are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    uint8_t moment = 0;

    if (n_moments == 0) {
        set_up();
    }
    if (rd_u8(&r, &moment) != ERR_OK) {
        return 0;
    }
    memcpy(&nodes[0], moments[moment % n_moments], sizeof nodes[0]);
    for (unsigned i = 0; i < 4; i++) {
        struct writer w = wr_init(out[0], sizeof out[0]);
        uint8_t head[3];
        uint16_t len = 0;
        struct view body;

        if (rd_copy(&r, head, sizeof head) != ERR_OK || rd_u16le(&r, &len) != ERR_OK ||
            rd_take(&r, len < r.n ? len : r.n, &body) != ERR_OK) {
            break;
        }
        const struct view whole =
            head[0] == 0 ? body : forge(head[0], 1 + head[1] % 2, head[2], body);

        (void)ceremony_step(&nodes[0], &tools[0], whole, 2, &w);
        promise(!w.full);
        check();
    }
    return 0;
}
