/* A kept proof of a lie: any bytes; and a session of genuine R1s with words of any content that
 * their senders really signed, which is what a judge has to think about. */
#include "promise.h"

#include "crypto/ed25519.h"
#include "host/coord/proof_judge.h"

#include <string.h>

#define NODES 3
#define SIGNERS 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct stamp_policy rule = {3, 100, 1000, false};
static struct plan plan = {.threshold = SIGNERS, .total = NODES};
static struct tmldsa_public_key key;
static struct quorum_roster roster = {.plan = &plan, .key = &key};
static struct quorum_scratch *scratch;
static struct work_stack *stack;
static struct ed25519_key keys[NODES];
static uint8_t bytes[65536];

static void begin(void)
{
    static uint8_t t[TMLDSA_SUBSETS_MAX * TMLDSA_T_MAX];

    roster.t = t;
    key.params = tmldsa_params_find(&mldsa_44, SIGNERS, NODES);
    key.path = tmldsa_best();
    scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    stack = aligned_alloc(64, (sizeof *stack + 63) / 64 * 64);
    promise(scratch != NULL && stack != NULL);
    work_stack_init(stack);
    for (uint8_t i = 0; i < NODES; i++) {
        const uint8_t seed[ED25519_SEED_LEN] = {i};

        promise(ed25519_key_make(stack, seed, &keys[i]) == ERR_OK);
        memcpy(plan.nodes[i].signing_key, keys[i].public_key, ED25519_PUBLIC_LEN);
    }
}

static void write_r1(uint8_t index, struct writer *w)
{
    struct r1_body b = {.key = KEY_PQ, .index = index, .lo_ns = 1, .hi_ns = 2, .part = {1}};
    struct r1_offer o = {.com = {index}};
    uint8_t signed_part[R1_SIGNED_LEN];
    const size_t mark = w->len;

    r1_body_encode(w, &b);
    r1_offer_encode(w, &o);
    r1_offer_signed(w->p + mark, signed_part);
    promise(ed25519_sign(stack, &keys[index - 1],
                         (struct view){signed_part, sizeof signed_part}, o.proof) == ERR_OK);
    w->len = mark + R1_BODY_LEN;
    r1_offer_encode(w, &o);
}

/* A proof's bytes up to its words, and the session's id. */
static void write_session(uint8_t accused, uint8_t kind, struct writer *w, struct stamp *stamp)
{
    static uint8_t r1s[SIGNERS * R1_MAX_LEN];
    static const uint8_t imprint[HASH_MAX] = {9};
    struct writer r1_w = wr_init(r1s, sizeof r1s);
    struct r2_head head = {.key = KEY_PQ, .t = SIGNERS, .signers = {1, 2}, .n = 1};
    struct r2_stamp s = {.bodies = {r1s, sizeof r1s},
                         .hash_alg = HASH_SHA512,
                         .policy = 1,
                         .hashed_message = {imprint, hash_len(HASH_SHA512)}};
    uint8_t r2[2048];
    struct writer r2_w = wr_init(r2, sizeof r2);

    write_r1(1, &r1_w);
    write_r1(2, &r1_w);
    r2_head_encode(&r2_w, &head);
    r2_stamp_encode(&r2_w, &s);
    promise(stamp_derive(&head, &s, &rule, stamp) == ERR_OK);
    wr_bytes(w, "quorate-proof-v1", 16);
    wr_u8(w, accused);
    wr_u8(w, kind);
    wr_u32le(w, (uint32_t)r2_w.len);
    wr_bytes(w, r2, r2_w.len);
}

/* round(1) index(1) length(2) body: a word that its sender signed. */
static bool write_word(struct reader *in, const struct stamp *stamp, struct writer *w)
{
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    uint8_t sig[QUORUM_SIG_LEN];
    struct quorum_word word = {.signature = {sig, sizeof sig}};
    uint8_t round = 0;
    uint16_t n = 0;

    if (rd_u8(in, &round) != ERR_OK || rd_u8(in, &word.index) != ERR_OK ||
        rd_u16le(in, &n) != ERR_OK ||
        rd_take(in, n < in->n ? n : in->n, &word.body) != ERR_OK) {
        return false;
    }
    round = round % 2 == 0 ? QUORUM_REVEAL : QUORUM_RESPOND;
    word.index = (uint8_t)(word.index % NODES + 1);
    quorum_word_signed((enum quorum_round)round, stamp->x, &word, signed_part);
    promise(ed25519_sign(stack, &keys[word.index - 1],
                         (struct view){signed_part, sizeof signed_part}, sig) == ERR_OK);
    wr_u8(w, round);
    quorum_word_encode(w, &word);
    return true;
}

static struct view compose(const uint8_t *data, size_t size)
{
    struct reader in = rd_init((struct view){data, size});
    struct writer w = wr_init(bytes, sizeof bytes);
    struct stamp stamp;
    uint8_t accused = 0;
    uint8_t kind = 0;
    size_t count;

    (void)!rd_u8(&in, &accused);
    (void)!rd_u8(&in, &kind);
    write_session((uint8_t)(accused % NODES + 1), kind % 2 == 0 ? PROOF_REVEAL : PROOF_RESPOND,
                  &w, &stamp);
    count = w.len;
    wr_u8(&w, 0);
    while (!w.full && write_word(&in, &stamp, &w)) {
        bytes[count]++;
    }
    return (struct view){bytes, w.len};
}

static void judge(struct view in)
{
    static const uint8_t mu[MLDSA_MU_LEN];
    enum proof_lie lie = PROOF_LIE_FORM;
    struct proof p;
    enum err e;

    if (proof_check(&roster, in, &rule, &p) != ERR_OK) {
        return;
    }
    promise(p.party < NODES && (p.kind == PROOF_REVEAL || p.kind == PROOF_RESPOND));
    e = proof_judge(&roster, &p, mu, scratch, &lie);
    promise((e == ERR_OK) == (lie != PROOF_NO_LIE));
    promise(e == ERR_OK || e == ERR_MISMATCH || e == ERR_EVIDENCE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (scratch == NULL) {
        begin();
    }
    judge((struct view){data, size});
    judge(compose(data, size));
    return 0;
}
