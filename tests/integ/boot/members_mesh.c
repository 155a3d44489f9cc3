#include "members_mesh.h"

#include "crypto/work_stack.h"
#include "format/csr_info.h"
#include "wire/mesh_msg.h"

#include <poll.h>
#include <string.h>

#define CARRY_MS 60000
#define ALL ((1U << MEMBERS) - 1)
#define LANE (MEMBERS * 1048576)

/* What the host holds for one core: packets as a MESH_PUT has them. */
static struct {
    size_t n;
    uint8_t bytes[LANE];
} lanes[MEMBERS];

/* ---- packets ---- */

size_t members_carried[MEMBERS];
static uint8_t attempt; /* of a request for a certificate: one for all three */
static uint64_t batch;  /* the latest one's counter */

void members_carry_nothing(void)
{
    memset(members_carried, 0, sizeof members_carried);
    memset(lanes, 0, sizeof lanes);
    attempt = 0;
    batch = 0;
}

static bool fetch(size_t i)
{
    static uint8_t kept[FRAME_BODY_LONG_MAX];
    uint8_t ask[4];
    struct writer w = wr_init(ask, sizeof ask);
    struct mesh_packet p;
    struct reader r;

    mesh_get_encode(&w, FRAME_BODY_LONG_MAX);
    assert_int_equal(members_ask(i, FRAME_MESH_GET, (struct view){ask, w.len}), ERR_OK);
    memcpy(kept, members_body.p, members_body.n);
    r = rd_init((struct view){kept, members_body.n});
    while (r.n > 0) {
        struct writer to;

        assert_int_equal(mesh_packet_decode(&r, &p), ERR_OK);
        assert_true(p.node < MEMBERS && p.node != i);
        to = wr_init(lanes[p.node].bytes, LANE);
        to.len = lanes[p.node].n;
        p.packet = (struct view){p.packet.p, p.packet.n};
        mesh_packet_encode(&to, &(struct mesh_packet){(uint8_t)i, p.packet});
        assert_false(to.full);
        lanes[p.node].n = to.len;
        members_carried[i]++;
    }
    return members_body.n > 0;
}

/* As many whole packets as one frame takes. */
static size_t part_of(struct view all, size_t most, size_t packets)
{
    struct reader r = rd_init(all);
    struct mesh_packet p;
    size_t n = 0;

    for (size_t i = 0;
         i < packets && r.n > 0 && mesh_packet_decode(&r, &p) == ERR_OK && all.n - r.n <= most;
         i++) {
        n = all.n - r.n;
    }
    return n;
}

static bool bring(size_t i)
{
    const struct view all = {lanes[i].bytes, lanes[i].n};
    const size_t part = part_of(all, FRAME_BODY_LONG_MAX, MESH_PUT_MAX);
    uint8_t taken = 0;
    size_t gone;

    if (members[i].fd < 0) { /* dead */
        lanes[i].n = 0;
        return false;
    }
    if (part == 0) {
        return false;
    }
    assert_int_equal(members_ask(i, FRAME_MESH_PUT, (struct view){all.p, part}), ERR_OK);
    assert_int_equal(mesh_taken_decode(members_body, &taken), ERR_OK);
    gone = part_of(all, part, taken);
    lanes[i].n -= gone;
    memmove(lanes[i].bytes, lanes[i].bytes + gone, lanes[i].n);
    return gone > 0;
}

void members_carry(bool (*done)(void))
{
    const int64_t end = members_now_ms() + CARRY_MS;

    while (!done()) {
        struct pollfd nothing = {.fd = -1};
        bool moved = false;

        assert_true(members_now_ms() < end);
        for (size_t i = 0; i < MEMBERS; i++) {
            moved = (members[i].fd >= 0 && fetch(i)) || moved;
        }
        for (size_t i = 0; i < MEMBERS; i++) {
            moved = bring(i) || moved;
        }
        (void)poll(&nothing, 1, moved ? 0 : 2);
    }
}

/* ---- presignatures ---- */

void members_status(size_t i, struct presign_status *out)
{
    assert_int_equal(members_ask(i, FRAME_PRESIGN_STATUS, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(presign_status_decode(members_body, out), ERR_OK);
}

enum err members_order(size_t i, const struct presign_order *o)
{
    uint8_t bytes[512];
    struct writer w = wr_init(bytes, sizeof bytes);
    enum err e = ERR_BUG;

    presign_order_encode(&w, o);
    assert_false(w.full);
    assert_int_equal(members_ask(i, FRAME_PRESIGN_ORDER, (struct view){bytes, w.len}), ERR_OK);
    assert_int_equal(presign_ordered_decode(members_body, &e), ERR_OK);
    return e;
}

void members_order_all(unsigned who, const struct presign_order *o)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if ((who >> i & 1) != 0) {
            assert_int_equal(members_order(i, o), ERR_OK);
        }
    }
}

bool members_pairs(unsigned who, bool (*is)(const struct presign_peer_status *s))
{
    struct presign_status s;

    for (size_t i = 0; i < MEMBERS; i++) {
        if ((who >> i & 1) == 0) {
            continue;
        }
        if (members_ask(i, FRAME_PRESIGN_STATUS, (struct view){NULL, 0}) != ERR_OK) {
            return false; /* no slice was made yet */
        }
        members_status(i, &s);
        for (size_t k = 0; k < MEMBERS; k++) {
            if (k != i && (who >> k & 1) != 0 && !is(&s.nodes[k])) {
                return false;
            }
        }
    }
    return true;
}

static bool is_seeded(const struct presign_peer_status *s)
{
    return s->seeded;
}

static bool all_seeded(void)
{
    return members_pairs(ALL, is_seeded);
}

void members_carry_seeds(void)
{
    members_carry(all_seeded);
}

static uint8_t in_batch; /* records */

static bool all_have_a_batch(void)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (members_listed(i) < (size_t)in_batch * MEMBERS_T / MEMBERS) {
            return false;
        }
    }
    return true;
}

void members_order_batch(uint8_t records)
{
    struct presign_order o = {.kind = PRESIGN_ORDER_ACCEL, .on = true};

    members_order_all(ALL, &o);
    o = (struct presign_order){
        .kind = PRESIGN_ORDER_BATCH, .counter = ++batch, .records = records};
    for (uint8_t i = 0; i < records; i++) {
        o.triples[i] = i % PRESIGN_ACCEL_TRIPLES;
    }
    members_order_all(ALL, &o);
    in_batch = records;
}

void members_carry_batch(void)
{
    members_carry(all_have_a_batch);
}

void members_list(size_t i, struct presign_list *out)
{
    uint8_t since[8];
    struct writer w = wr_init(since, sizeof since);

    presign_since_encode(&w, 0);
    assert_int_equal(members_ask(i, FRAME_PRESIGN_LIST, (struct view){since, w.len}), ERR_OK);
    assert_int_equal(presign_list_decode(members_body, out), ERR_OK);
}

size_t members_listed(size_t i)
{
    struct presign_list l;

    members_list(i, &l);
    return l.n;
}

bool members_find(size_t i, uint8_t triple, struct presign_listed *out)
{
    struct presign_list l;

    members_list(i, &l);
    for (size_t at = 0; at < l.n; at++) {
        presign_list_row(&l, at, out);
        if (out->triple == triple) {
            return true;
        }
    }
    return false;
}

/* ---- rounds ---- */

static size_t signer(const struct members_ask_of *a, size_t at)
{
    return a->head.signers[at] - 1U;
}

static void ask_r1(struct members_ask_of *a, size_t at)
{
    struct r1_ask r1 = {.key = KEY_CLASSIC, .sid0 = {a->stamp.sid0, SID0_LEN}};
    uint8_t bytes[128];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view got;

    memcpy(r1.epoch_id, a->head.epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &r1);
    assert_int_equal(members_ask(signer(a, at), FRAME_R1, (struct view){bytes, w.len}), ERR_OK);
    assert_int_equal(r1_answer_decode(members_body, R1_PROVEN_LEN, &got), ERR_OK);
    assert_int_equal(got.n, R1_PROVEN_LEN);
    memcpy(a->r1s + at * R1_PROVEN_LEN, got.p, R1_PROVEN_LEN);
}

/* What a stamp's signers sign; nothing while the key has no certificate. */
static void derive(struct members_ask_of *a)
{
    const struct core_session *const s = &members[signer(a, 0)].session;
    struct boot_policy policy;
    struct stamp st;

    assert_int_equal(boot_policy_parse(CORE_POLICY, &policy), ERR_OK);
    assert_int_equal(stamp_derive(&a->head, &a->stamp, &policy.rule, &st), ERR_OK);
    assert_int_equal(stamping_digest(&st, &a->stamp, &policy, s->certs, KEY_CLASSIC, a->digest),
                     ERR_OK);
}

void members_classic_r1(struct members_ask_of *a, uint8_t who,
                        const struct presign_listed *record)
{
    static const uint8_t imprint[32] = {9};
    static uint8_t number;

    memset(a, 0, sizeof *a);
    a->record = *record;
    a->head.key = KEY_CLASSIC;
    a->head.n = 1;
    for (uint8_t i = 0; i < MEMBERS; i++) {
        if ((who >> i & 1) != 0) {
            a->head.signers[a->head.t++] = (uint8_t)(i + 1);
        }
    }
    memcpy(a->head.epoch_id, members[signer(a, 0)].session.hello.epoch_id, EPOCH_ID_LEN);
    memcpy(a->head.activation, members[signer(a, 0)].session.certs[KEY_CLASSIC - 1].activation,
           ACTIVATION_HASH_LEN);
    a->stamp = (struct r2_stamp){.bodies = {a->r1s, sizeof a->r1s},
                                 .hash_alg = HASH_SHA256,
                                 .policy = 1,
                                 .hashed_message = {imprint, sizeof imprint},
                                 .presign = {a->record.id, STAMP_PRESIGN_LEN}};
    memset(a->stamp.sid0, ++number, SID0_LEN);
    for (size_t at = 0; at < MEMBERS_T; at++) {
        ask_r1(a, at);
    }
    derive(a);
}

enum err members_classic_r2(struct members_ask_of *a, size_t at)
{
    uint8_t bytes[2048];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct r2_result res;
    struct reader r;
    uint8_t n = 0;

    r2_head_encode(&w, &a->head);
    r2_stamp_encode(&w, &a->stamp);
    assert_false(w.full);
    TRY(members_ask(signer(a, at), FRAME_R2, (struct view){bytes, w.len}));
    r = rd_init(members_body);
    assert_int_equal(rd_u8(&r, &n), ERR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(r2_result_decode(&r, &res), ERR_OK);
    if (res.err == ERR_OK) {
        assert_int_equal(res.signature.n, PRESIGN_ANSWER_LEN);
        memcpy(&a->answers[at], res.signature.p, sizeof a->answers[at]);
    }
    return res.err;
}

enum err members_classic_csr(struct members_ask_of *a, size_t at)
{
    const struct core_session *const s = &members[signer(a, at)].session;
    struct csr_ask ask = {.key = KEY_CLASSIC,
                          .subject = CSR_SUBJECT_TSA,
                          .t = MEMBERS_T,
                          .r1s = a->stamp.bodies,
                          .presign = a->stamp.presign};
    struct csr_fields f = {.alg = SIGN_ECDSA_P384_SHA384,
                           .subject = CSR_SUBJECT_TSA,
                           .epoch_id = a->head.epoch_id,
                           .public_key = s->hello.keys[0].public_key};
    uint8_t bytes[2048];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view info;

    ask.attempt = attempt = (uint8_t)(attempt + (at == 0));
    assert_int_equal(csr_info_write(&w, &f), ERR_OK);
    assert_int_equal(wr_finish(&w, &info), ERR_OK);
    hash_once(HASH_SHA384, info, a->digest);
    memcpy(ask.epoch_id, a->head.epoch_id, EPOCH_ID_LEN);
    memcpy(ask.signers, a->head.signers, sizeof ask.signers);
    memcpy(ask.sid0, a->stamp.sid0, SID0_LEN);
    w = wr_init(bytes, sizeof bytes);
    csr_ask_encode(&w, &ask);
    TRY(members_ask(signer(a, at), FRAME_SIGN_CSR, (struct view){bytes, w.len}));
    assert_int_equal(members_body.n, sizeof a->answers[at]);
    memcpy(&a->answers[at], members_body.p, members_body.n);
    return ERR_OK;
}

void members_classic_sign(struct members_ask_of *a, uint8_t who,
                          enum err (*round)(struct members_ask_of *a, size_t at))
{
    const size_t first = (size_t)__builtin_ctz(who);
    struct presign_listed record;
    enum err e = ERR_STALE;

    while (e == ERR_STALE) {
        assert_true(members_find(first, who, &record));
        members_classic_r1(a, who, &record);
        e = ERR_OK;
        for (size_t at = 0; at < MEMBERS_T && e == ERR_OK; at++) {
            e = round(a, at);
        }
    }
    assert_int_equal(e, ERR_OK);
}

struct combine_call {
    const struct members_ask_of *a;
    uint8_t *sig;
};

static enum err combine(void *arg)
{
    const struct combine_call *const c = arg;

    return tecdsa_online_combine(members[0].session.hello.keys[0].public_key.p, c->a->record.r,
                                 c->a->digest, c->a->answers, c->sig);
}

enum err members_classic_combine(const struct members_ask_of *a, uint8_t sig[P384_SIG_LEN])
{
    static struct work_stack stack;
    struct combine_call c = {a, sig};

    work_stack_init(&stack);
    return work_stack_run_gmp(&stack, combine, &c);
}
