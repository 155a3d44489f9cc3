/* What is set up with each peer for sessions, by order of the host. */
#include "base/secret.h"
#include "enclave/presigner/presigner_parts.h"

#include <string.h>

/* ---- setups ---- */

static void end_renewal(struct presigner *p, struct presigner_pair *pair)
{
    if (pair->renewing) {
        pair->renewing = false;
        presign_standing_renewed(&p->standing);
    }
}

static void tell_gone(struct presigner *p, unsigned peer, const uint8_t id[TECDSA_HASH_LEN],
                      int64_t now_ns)
{
    static const uint8_t nothing[1] = {0};
    struct pq1_about about = {.type = MESH_SETUP, .round = PRESIGNER_SETUP_GONE};

    memcpy(about.session, id, sizeof about.session);
    /* If it is lost, the host sees at this end that the setup is gone. */
    (void)presigner_tell(p, peer, &about, (struct view){nothing, sizeof nothing}, now_ns);
}

/* Of whatever the pair has set up, nothing is left. */
static void fail(struct presigner *p, unsigned peer, int64_t now_ns)
{
    struct presigner_pair *const pair = &p->pair[peer];

    presign_setup_wipe(&pair->setup);
    pair->setup.state = PRESIGN_SETUP_FAILED;
    pair->unsent = false;
    end_renewal(p, pair);
    presigner_sessions_end(p, peer, now_ns);
}

void presigner_cut(struct presigner *p, unsigned peer, int64_t now_ns)
{
    struct presigner_pair *const pair = &p->pair[peer];

    if (pair->setup.state == PRESIGN_SETUP_DONE) {
        memcpy(pair->gone, pair->setup.id, sizeof pair->gone);
    }
    fail(p, peer, now_ns);
}

static bool is_setup(const struct presign_setup *s, const uint8_t id[TECDSA_HASH_LEN])
{
    return (s->state == PRESIGN_SETUP_RUNNING || s->state == PRESIGN_SETUP_DONE) &&
           s->as_bob.key_id != NULL && memcmp(s->id, id, TECDSA_HASH_LEN) == 0;
}

/* The peer says that a check of ours failed: one of us is bad, and each knows who. */
bool presigner_gone(struct presigner *p, unsigned peer, const uint8_t id[TECDSA_HASH_LEN],
                    int64_t now_ns)
{
    if (!is_setup(&p->pair[peer].setup, id)) {
        return false;
    }
    presign_standing_failed(&p->standing, peer, now_ns);
    fail(p, peer, now_ns);
    return true;
}

/* The message that was written last goes as soon as there is room. */
static bool flush(struct presigner *p, unsigned peer, int64_t now_ns)
{
    struct presigner_pair *const pair = &p->pair[peer];
    struct pq1_about about = {.type = MESH_SETUP, .round = pair->setup.round};
    const struct view body = {(const uint8_t *)&pair->setup.out,
                              presign_setup_body_len(pair->setup.round)};

    if (!pair->unsent || !presigner_has_room(p, peer, body.n)) {
        return false;
    }
    memcpy(about.session, pair->setup.id, sizeof about.session);
    pair->unsent = false;
    return presigner_send(p, peer, &about, body, now_ns) == ERR_OK;
}

static enum presigner_said take_round(struct presigner *p, const struct presigner_message *m,
                                      int64_t now_ns)
{
    struct presigner_pair *const pair = &p->pair[m->from];
    struct presign_setup *const s = &pair->setup;
    uint8_t id[TECDSA_HASH_LEN];
    struct writer out = wr_init(p->out, sizeof p->out);
    enum err e = ERR_OK;

    /* One that begins: this node's order may be on its way. */
    if (m->about->round == PRESIGN_SETUP_NONCE && s->state != PRESIGN_SETUP_RUNNING) {
        return PRESIGNER_LATER;
    }
    if (s->state != PRESIGN_SETUP_RUNNING) {
        return PRESIGNER_DROPPED;
    }
    if (pair->unsent) {
        return PRESIGNER_LATER;
    }
    memcpy(id, s->id, sizeof id);
    e = presign_setup_take(s, &p->of.work->stack, m->about->round, m->about->session, m->bytes,
                           &out);
    wipe(p->out, out.len);
    if (s->state == PRESIGN_SETUP_FAILED) {
        presign_standing_failed(&p->standing, m->from, now_ns);
        fail(p, m->from, now_ns);
        tell_gone(p, m->from, id, now_ns);
        return PRESIGNER_TAKEN;
    }
    if (e != ERR_OK) {
        return PRESIGNER_DROPPED;
    }
    if (s->state == PRESIGN_SETUP_DONE) {
        end_renewal(p, pair);
        return PRESIGNER_TAKEN;
    }
    pair->unsent = true;
    (void)flush(p, m->from, now_ns);
    return PRESIGNER_TAKEN;
}

enum presigner_said presigner_pair_take(struct presigner *p, const struct presigner_message *m,
                                        int64_t now_ns)
{
    if (m->about->round != PRESIGNER_SETUP_GONE) {
        return take_round(p, m, now_ns);
    }
    return presigner_gone(p, m->from, m->about->session, now_ns) ? PRESIGNER_TAKEN
                                                                 : PRESIGNER_DROPPED;
}

/* ---- orders, work, time ---- */

static enum err check_order(const struct presigner *p, const struct presign_order *order,
                            int64_t now_ns)
{
    const struct presign_with *with = NULL;

    if (!presigner_is_peer(p, order->peer)) {
        return ERR_RANGE;
    }
    if (presign_standing_hides(&p->standing, now_ns)) {
        return ERR_STATE; /* with whomever: which check it was that failed is not told yet */
    }
    with = &p->standing.with[order->peer];
    if (with->dead || now_ns < with->wait_until_ns) {
        return ERR_POLICY;
    }
    if (order->counter <= presigner_counter(p, order->peer)) {
        return ERR_STALE;
    }
    return mesh_verified(p->of.mesh, order->peer) ? ERR_OK : ERR_STATE;
}

/* A new one, whatever was there before. After a failure one at a time is renewed. */
enum err presigner_setup_order(struct presigner *p, const struct presign_order *order,
                               int64_t now_ns)
{
    struct presigner_pair *pair = NULL;
    struct presign_setup_of of = {.own = p->of.own, .peer = order->peer};
    struct presign_setup_fresh fresh;
    struct writer out = wr_init(p->out, sizeof p->out);
    enum err e = ERR_OK;

    TRY(check_order(p, order, now_ns));
    pair = &p->pair[order->peer];
    end_renewal(p, pair);
    if (p->standing.with[order->peer].n > 0) {
        pair->renewing = presign_standing_renew(&p->standing, order->peer, now_ns);
        if (!pair->renewing) {
            return ERR_STATE;
        }
    }
    memcpy(of.key_id, p->of.key->key_id, sizeof of.key_id);
    memcpy(of.epoch_id, p->of.epoch_id, sizeof of.epoch_id);
    of.own_incarnation = p->of.nodes[p->of.own].incarnation;
    of.peer_incarnation = p->of.nodes[order->peer].incarnation;
    of.counter = order->counter;
    e = presigner_fresh(p, &fresh, sizeof fresh);
    if (e == ERR_OK) {
        presigner_sessions_end(p, order->peer, now_ns);
        e = presign_setup_begin(&pair->setup, &of, &fresh, &out);
    }
    wipe(&fresh, sizeof fresh);
    if (e != ERR_OK) {
        end_renewal(p, pair);
        return e;
    }
    pair->setup_counter = order->counter;
    pair->setup_ns = now_ns;
    pair->unsent = true;
    return ERR_OK;
}

bool presigner_pairs_step(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_is_peer(p, i) && flush(p, i, now_ns)) {
            return true;
        }
    }
    return false;
}

void presigner_setup_end(struct presigner *p, unsigned peer)
{
    struct presigner_pair *const pair = &p->pair[peer];

    if (pair->setup.state == PRESIGN_SETUP_RUNNING) {
        presign_setup_wipe(&pair->setup);
        pair->unsent = false;
        end_renewal(p, pair);
    }
}

/* What a check ended stays so: the pair waits. */
void presigner_setup_forget(struct presigner *p, unsigned peer)
{
    struct presigner_pair *const pair = &p->pair[peer];

    if (pair->setup.state != PRESIGN_SETUP_FAILED) {
        presign_setup_wipe(&pair->setup);
    }
    pair->unsent = false;
    end_renewal(p, pair);
}

void presigner_pairs_tick(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_is_peer(p, i) && now_ns - p->pair[i].setup_ns >= PRESIGNER_SETUP_NS) {
            presigner_setup_end(p, i);
        }
    }
}
