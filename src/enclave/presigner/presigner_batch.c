/* Batches of the accelerator, one at a time. */
#include "base/secret.h"
#include "enclave/presigner/presigner_parts.h"

#include <string.h>

#define TAKEN_AT_ONCE 16 /* records of a finished batch in one slice */

static bool under_way(const struct presigner *p)
{
    return p->accel.fate == TECDSA_ACCEL_LIVE || p->accel.fate == TECDSA_ACCEL_BLAME;
}

/* ---- calls on the work stack ---- */

struct call {
    struct presigner *p;
    const struct tecdsa_accel_of *of;
    const uint8_t *seed;
    unsigned peer, record;
    struct view in;
    bool more;
};

static enum err begin(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_accel_begin(&c->p->accel, &c->p->accel_signer, &c->p->epoch, c->of, c->seed);
}

static enum err work(void *arg)
{
    struct call *const c = arg;

    return tecdsa_accel_work(&c->p->accel, &c->more);
}

static enum err accept(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_accel_accept(&c->p->accel, c->peer, c->in);
}

static enum err take(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_accel_take(&c->p->accel, c->record, &c->p->record);
}

static enum err run(struct presigner *p, enum err (*fn)(void *), struct call *c)
{
    c->p = p;
    return work_stack_run_gmp(&p->of.work->stack, fn, c);
}

/* ---- ends ---- */

static void note_end(struct presigner *p)
{
    p->aborted++;
    if (p->accel.culprit < p->of.n) {
        p->pair[p->accel.culprit].blamed++;
    }
}

void presigner_batch_end(struct presigner *p)
{
    if (under_way(p)) {
        tecdsa_accel_end(&p->accel);
        note_end(p);
    }
}

void presigner_batch_void(struct presigner *p)
{
    presigner_batch_end(p);
    wipe(&p->accel, sizeof p->accel);
}

/* ---- orders ---- */

static enum err check_records(struct presigner *p, const struct presign_order *order)
{
    unsigned n[TECDSA_ACCEL_TRIPLES] = {0};

    if (order->records == 0 || order->records > PRESIGNER_BATCH_MAX) {
        return ERR_RANGE;
    }
    for (unsigned b = 0; b < order->records; b++) {
        if (order->triples[b] >= TECDSA_ACCEL_TRIPLES) {
            return ERR_RANGE;
        }
        n[order->triples[b]]++;
    }
    for (unsigned number = 0; number < TECDSA_ACCEL_TRIPLES; number++) {
        const unsigned triple = tecdsa_accel_triple(number);

        if (presigner_in(triple, p->of.own) && !presigner_pool_takes(p, triple, n[number])) {
            return ERR_NOSPACE;
        }
    }
    return ERR_OK;
}

static enum err check_order(struct presigner *p, const struct presign_order *order)
{
    if (p->of.n != TECDSA_ACCEL_PARTIES) {
        return ERR_POLICY;
    }
    TRY(tecdsa_accel_epoch_check(&p->epoch, order->counter));
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_is_peer(p, i)) {
            p->accel_signer.pair[i].zero_seed = mesh_seed(p->of.mesh, i);
            if (!mesh_verified(p->of.mesh, i) || p->accel_signer.pair[i].zero_seed == NULL) {
                return ERR_STATE;
            }
        }
    }
    if (p->accel.fate == TECDSA_ACCEL_DONE) { /* its records are still to be taken */
        return ERR_STATE;
    }
    return check_records(p, order);
}

enum err presigner_batch_order(struct presigner *p, const struct presign_order *order,
                               int64_t now_ns)
{
    struct tecdsa_accel_of of = {.counter = order->counter, .records = order->records};
    uint8_t seed[TECDSA_SEED_LEN];
    struct call c = {.of = &of, .seed = seed};
    enum err e = ERR_OK;

    TRY(check_order(p, order));
    memcpy(of.epoch_id, p->of.epoch_id, sizeof of.epoch_id);
    memcpy(of.triple, order->triples, order->records);
    for (unsigned i = 0; i < p->of.n; i++) {
        of.incarnation[i] = p->of.nodes[i].incarnation;
    }
    e = presigner_fresh(p, seed, sizeof seed);
    if (e == ERR_OK) {
        e = run(p, begin, &c);
    }
    wipe(seed, sizeof seed);
    p->batch_ns = now_ns;
    p->next = 1;
    return e;
}

/* ---- what comes ---- */

/* Of a batch that this node has no order for yet, or of a round that it has not come to. */
static bool comes_early(const struct presigner *p, const struct presigner_message *m)
{
    const struct tecdsa_accel *const a = &p->accel;
    const unsigned round = m->about->round;

    if (!under_way(p)) {
        return round == TECDSA_ACCEL_HELLO;
    }
    if (round == TECDSA_ACCEL_HELLO) { /* perhaps of the batch after this one */
        return memcmp(m->about->session, a->header_id, TECDSA_HASH_LEN) != 0;
    }
    if (round >= TECDSA_ACCEL_STOP && a->round >= TECDSA_ACCEL_PRODUCTS &&
        a->round < TECDSA_ACCEL_STOP) {
        return false; /* too late to stop */
    }
    return round > a->round || (round == (unsigned)a->round && !a->ready);
}

/* Whether its head says what the record did; STOP comes to who is in TEST. */
static bool may_accept(const struct presigner *p, const struct presigner_message *m)
{
    const unsigned round = m->about->round;

    return m->bytes.n > TECDSA_HASH_LEN && m->bytes.p[TECDSA_HASH_LEN] == round &&
           memcmp(m->bytes.p, m->about->session, TECDSA_HASH_LEN) == 0 && under_way(p) &&
           p->accel.ready &&
           (round == (unsigned)p->accel.round ||
            (round == TECDSA_ACCEL_STOP && p->accel.round == TECDSA_ACCEL_TEST));
}

enum presigner_said presigner_batch_take(struct presigner *p, const struct presigner_message *m,
                                         int64_t now_ns)
{
    struct call c = {.peer = m->from, .in = m->bytes};
    enum err e = ERR_OK;

    if (!may_accept(p, m) || (m->about->round == TECDSA_ACCEL_HELLO && comes_early(p, m))) {
        return comes_early(p, m) ? PRESIGNER_LATER : PRESIGNER_DROPPED;
    }
    e = run(p, accept, &c);
    if (!under_way(p)) {
        note_end(p);
        return PRESIGNER_TAKEN;
    }
    if (e == ERR_OK) {
        p->batch_ns = now_ns;
    }
    return e == ERR_OK ? PRESIGNER_TAKEN : PRESIGNER_DROPPED;
}

/* ---- work ---- */

static bool send_one(struct presigner *p, unsigned to, int64_t now_ns)
{
    struct tecdsa_accel *const a = &p->accel;
    struct writer w = wr_init(p->out, sizeof p->out);
    struct pq1_about about = {.type = MESH_ACCEL, .round = (uint8_t)a->round};
    struct view message;
    bool sent = false;

    if (!presigner_has_room(p, to, tecdsa_accel_message_len(a->round, a->records)) ||
        tecdsa_accel_send(a, to, &w) != ERR_OK) {
        return false;
    }
    if (wr_finish(&w, &message) == ERR_OK) {
        memcpy(about.session, message.p, sizeof about.session);
        sent = presigner_send(p, to, &about, message, now_ns) == ERR_OK;
        wipe(p->out, message.n);
    }
    if (!sent) {
        presigner_batch_end(p);
    }
    return true;
}

static bool send_step(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_is_peer(p, i) && p->accel.ready && !presigner_in(p->accel.sent, i) &&
            send_one(p, i, now_ns)) {
            return true;
        }
    }
    return false;
}

/* Whether work would do anything. */
static bool is_due(const struct presigner *p)
{
    const unsigned others = ((1U << p->of.n) - 1) & ~(1U << p->of.own);

    return !p->accel.ready ||
           ((p->accel.sent & others) == others && (p->accel.accepted & others) == others);
}

/* None of a triple that rests, from when on that is told: before, its absence would tell it. */
static bool may_keep(const struct presigner *p, unsigned triple, int64_t now_ns)
{
    return presign_standing_shows_usable(&p->standing, triple, now_ns);
}

static void take_records(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < TAKEN_AT_ONCE && p->next <= p->accel.records; i++) {
        struct call c = {.record = p->next++};

        if (run(p, take, &c) == ERR_OK && may_keep(p, p->record.s, now_ns) &&
            presigner_keep(p, now_ns)) {
            p->made_accel++;
        }
        wipe(&p->record, sizeof p->record);
    }
    if (p->next > p->accel.records) {
        wipe(&p->accel, sizeof p->accel);
    }
}

bool presigner_batch_step(struct presigner *p, int64_t now_ns)
{
    struct call c = {.more = false};

    if (p->accel.fate == TECDSA_ACCEL_DONE) {
        take_records(p, now_ns);
        return true;
    }
    if (!under_way(p)) {
        return false;
    }
    if (send_step(p, now_ns)) {
        return true;
    }
    if (!is_due(p)) {
        return false;
    }
    (void)run(p, work, &c);
    if (!under_way(p) && p->accel.fate != TECDSA_ACCEL_DONE) {
        note_end(p);
    }
    return true;
}

void presigner_batch_tick(struct presigner *p, int64_t now_ns)
{
    if (under_way(p) && now_ns - p->batch_ns >= PRESIGNER_BATCH_NS) {
        presigner_batch_end(p);
    }
}
