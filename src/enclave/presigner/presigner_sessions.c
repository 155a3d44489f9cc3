/* Sessions of three, a few at a time. Each goes on as its messages come and as there is room
 * for its own. */
#include "base/mask.h"
#include "base/secret.h"
#include "enclave/presigner/presigner_parts.h"

#include <string.h>

/* ---- which ---- */

static struct presigner_live *find_live(struct presigner *p, const uint8_t *sid1)
{
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        if (p->live[i].on && memcmp(p->live[i].sid1, sid1, TECDSA_HASH_LEN) == 0) {
            return &p->live[i];
        }
    }
    return NULL;
}

static const struct presigner_ended *find_ended(const struct presigner *p, const uint8_t *sid1)
{
    for (unsigned i = 0; i < PRESIGNER_ENDED; i++) {
        if (p->ended[i].triple != 0 && memcmp(p->ended[i].sid1, sid1, TECDSA_HASH_LEN) == 0) {
            return &p->ended[i];
        }
    }
    return NULL;
}

unsigned presigner_sessions_of(const struct presigner *p, unsigned triple)
{
    unsigned n = 0;

    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        n += p->live[i].on && p->live[i].session.triple == triple ? 1 : 0;
    }
    return n;
}

unsigned presigner_sessions_open(const struct presigner *p)
{
    unsigned n = 0;

    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        n += p->live[i].on ? 1 : 0;
    }
    for (unsigned i = 0; i < PRESIGNER_ENDED; i++) {
        n += p->ended[i].untold ? 1 : 0;
    }
    return n;
}

/* ---- ends ---- */

/* What was said, as its three said it, and whether there is a setup with the receiver: of one
 * form, whatever ended the session. */
static void tell_end(struct presigner *p, struct presigner_ended *ended, int64_t now_ns)
{
    struct presigner_end end;
    struct pq1_about about = {.type = MESH_PRESIGN, .round = PRESIGNER_SESSION_END};
    unsigned at = 0;

    memcpy(about.session, ended->sid1, sizeof about.session);
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_in(ended->triple, i)) {
            end.said[at++] = ended->said[i];
        }
    }
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_in(ended->triple, i) && presigner_is_peer(p, i)) {
            memcpy(end.gone, p->pair[i].gone, sizeof end.gone);
            /* If it is lost, the peer's own time ends it there. */
            (void)presigner_tell(p, i, &about, (struct view){(const uint8_t *)&end, sizeof end},
                                 now_ns);
        }
    }
    ended->untold = false;
    p->aborted++;
}

/* In the place of the one that was told longest ago. There is one: free_place(). */
static void remember(struct presigner *p, const struct presigner_live *live)
{
    struct presigner_ended *ended = NULL;

    for (unsigned i = 0; i < PRESIGNER_ENDED; i++) {
        struct presigner_ended *const e = &p->ended[i];

        if (!e->untold && (ended == NULL || e->tell_ns < ended->tell_ns)) {
            ended = e;
        }
    }
    if (ended == NULL) {
        return;
    }
    memset(ended, 0, sizeof *ended);
    memcpy(ended->sid1, live->sid1, sizeof ended->sid1);
    ended->triple = live->session.triple;
    ended->untold = true;
    ended->tell_ns = live->began_ns + PRESIGNER_SESSION_NS;
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) {
        if (live->session.said_by[i]) {
            ended->said[i] = live->session.said[i];
        }
    }
}

static void drop_one(struct presigner *p, struct presigner_live *live, int64_t now_ns)
{
    tecdsa_presign_end(&live->session.p);
    presign_session_settle(&live->session, &p->standing, now_ns);
    if (live->session.p.fate != TECDSA_DONE) {
        remember(p, live);
    }
    wipe(live, sizeof *live);
}

/* Ends one, if it has not ended by itself, with all that follows from how it did. */
static void end_one(struct presigner *p, struct presigner_live *live, int64_t now_ns)
{
    const enum tecdsa_fate fate = live->session.p.fate;
    const unsigned culprit = live->session.p.culprit;

    drop_one(p, live, now_ns);
    if (fate == TECDSA_SESSION || fate == TECDSA_SETUP) {
        presigner_cut(p, culprit, now_ns);
    }
}

void presigner_sessions_end(struct presigner *p, unsigned node, int64_t now_ns)
{
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        if (p->live[i].on && presigner_in(p->live[i].session.triple, node)) {
            drop_one(p, &p->live[i], now_ns);
        }
    }
}

/* ---- what comes ---- */

static enum presigner_said settle(struct presigner *p, struct presigner_live *live, enum err e,
                                  int64_t now_ns)
{
    if (live->session.p.fate != TECDSA_LIVE) {
        end_one(p, live, now_ns);
        return PRESIGNER_TAKEN;
    }
    return e == ERR_OK ? PRESIGNER_TAKEN : PRESIGNER_DROPPED;
}

static enum presigner_said take_1(struct presigner *p, const struct presigner_message *m,
                                  int64_t now_ns)
{
    struct presigner_live *const live = find_live(p, m->about->session);
    const struct presign_round_1 *const in = (const struct presign_round_1 *)m->bytes.p;

    if (m->bytes.n != sizeof *in || find_ended(p, m->about->session) != NULL) {
        return PRESIGNER_DROPPED;
    }
    if (live == NULL) { /* this node's order may be on its way */
        return PRESIGNER_LATER;
    }
    return settle(p, live, presign_session_take_1(&live->session, &p->tools, m->from, in),
                  now_ns);
}

/* Not before both round 1 are there, and one's own is out. */
static enum presigner_said take_2(struct presigner *p, const struct presigner_message *m,
                                  int64_t now_ns)
{
    const struct presigner_round_2 *const in = (const struct presigner_round_2 *)m->bytes.p;
    struct presigner_live *const live =
        m->bytes.n == sizeof *in ? find_live(p, in->sid1) : NULL;

    if (live == NULL || !presigner_in(live->session.triple, m->from)) {
        return PRESIGNER_DROPPED;
    }
    if (!live->session.p.peer[0].accepted_1 || !live->session.p.peer[1].accepted_1 ||
        !presigner_in(live->wrote_1, m->from)) {
        return PRESIGNER_LATER;
    }
    return settle(p, live,
                  presign_session_take_2(&live->session, &p->tools, m->from, m->about->session,
                                         &in->body),
                  now_ns);
}

/* Whether somebody said one thing to this node and another to the one that ended. */
static void compare(struct presigner *p, const struct presigner_ended *own,
                    const struct presigner_end *theirs, int64_t now_ns)
{
    unsigned at = 0;

    for (unsigned i = 0; i < p->of.n; i++) {
        const struct presign_said *const said =
            presigner_in(own->triple, i) ? &theirs->said[at++] : NULL;

        if (said != NULL && i != p->of.own && !p->standing.with[i].out &&
            memcmp(own->said[i].body.sid1, own->sid1, TECDSA_HASH_LEN) == 0 &&
            presign_said_proves(&p->tools, &own->said[i], said)) {
            p->lies++;
            presign_standing_proven(&p->standing, i, now_ns);
        }
    }
}

static enum presigner_said take_end(struct presigner *p, const struct presigner_message *m,
                                    int64_t now_ns)
{
    const struct presigner_end *const end = (const struct presigner_end *)m->bytes.p;
    const struct presigner_ended *ended = NULL;
    struct presigner_live *live = NULL;
    bool was = false;

    if (m->bytes.n != sizeof *end) {
        return PRESIGNER_DROPPED;
    }
    was = presigner_gone(p, m->from, end->gone, now_ns);
    live = find_live(p, m->about->session);
    ended = find_ended(p, m->about->session);
    if (live != NULL && presigner_in(live->session.triple, m->from)) {
        end_one(p, live, now_ns);
        ended = find_ended(p, m->about->session);
    }
    if (ended == NULL || !presigner_in(ended->triple, m->from)) {
        return was ? PRESIGNER_TAKEN : PRESIGNER_DROPPED;
    }
    compare(p, ended, end, now_ns);
    return PRESIGNER_TAKEN;
}

enum presigner_said presigner_session_take(struct presigner *p,
                                           const struct presigner_message *m, int64_t now_ns)
{
    switch (m->about->round) {
    case 1:
        return take_1(p, m, now_ns);
    case 2:
        return take_2(p, m, now_ns);
    case PRESIGNER_SESSION_END:
        return take_end(p, m, now_ns);
    default:
        return PRESIGNER_DROPPED;
    }
}

/* ---- orders ---- */

/* NULL: none, or there would be no place for it once it has ended. */
static struct presigner_live *free_place(struct presigner *p)
{
    if (presigner_sessions_open(p) >= PRESIGNER_ENDED) {
        return NULL;
    }
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        if (!p->live[i].on) {
            return &p->live[i];
        }
    }
    return NULL;
}

static enum err check_order(struct presigner *p, const struct presign_order *order,
                            int64_t now_ns)
{
    if (order->triple >> p->of.n != 0 || mask_count(order->triple) != TECDSA_T ||
        !presigner_in(order->triple, p->of.own)) {
        return ERR_RANGE;
    }
    if (!presign_standing_usable(&p->standing, order->triple, now_ns)) {
        /* Until it is told which check it was, as where a setup is gone. */
        return presign_standing_shows_usable(&p->standing, order->triple, now_ns) ? ERR_STATE
                                                                                  : ERR_POLICY;
    }
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_is_peer(p, i) && presigner_in(order->triple, i)) {
            if (!mesh_verified(p->of.mesh, i)) {
                return ERR_STATE;
            }
            if (order->counter <= p->pair[i].setup_counter) {
                return ERR_STALE;
            }
        }
    }
    return presigner_pool_takes(p, order->triple, 1) ? ERR_OK : ERR_NOSPACE;
}

enum err presigner_make_order(struct presigner *p, const struct presign_order *order,
                              int64_t now_ns)
{
    struct presigner_live *const live = free_place(p);
    struct tecdsa_presign_of of = {.s = order->triple, .counter = order->counter};
    uint8_t seed[TECDSA_SEED_LEN];
    enum err e = ERR_OK;

    TRY(check_order(p, order, now_ns));
    if (live == NULL) {
        return ERR_NOSPACE;
    }
    memcpy(of.epoch_id, p->of.epoch_id, sizeof of.epoch_id);
    memcpy(of.label, order->label, sizeof of.label);
    for (unsigned i = 0; i < p->of.n; i++) {
        of.incarnation[i] = p->of.nodes[i].incarnation;
    }
    e = presigner_fresh(p, seed, sizeof seed);
    if (e == ERR_OK) {
        e = presign_session_begin(&live->session, &p->tools, &p->standing, &p->signer, &of,
                                  seed, now_ns);
    }
    wipe(seed, sizeof seed);
    if (e != ERR_OK) {
        wipe(live, sizeof *live);
        return e;
    }
    live->on = true;
    live->began_ns = now_ns;
    memcpy(live->sid1, live->session.p.body.sid1, sizeof live->sid1);
    return ERR_OK;
}

/* ---- work ---- */

/* A peer to whom the message of a round is still to be written, and for which there is room;
 * TECDSA_PARTIES_MAX: none. */
static unsigned next_to(const struct presigner *p, const struct presigner_live *live,
                        unsigned wrote, size_t n)
{
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_is_peer(p, i) && presigner_in(live->session.triple & ~wrote, i) &&
            presigner_has_room(p, i, n)) {
            return i;
        }
    }
    return TECDSA_PARTIES_MAX;
}

static enum err write_1(struct presigner *p, struct presigner_live *live, unsigned to,
                        int64_t now_ns)
{
    struct presign_round_1 *const out = (struct presign_round_1 *)p->out;
    struct pq1_about about = {.type = MESH_PRESIGN, .round = 1};

    live->wrote_1 |= 1U << to;
    TRY(presign_session_write_1(&live->session, &p->tools, to, out));
    memcpy(about.session, live->sid1, sizeof about.session);
    return presigner_send(p, to, &about, (struct view){p->out, sizeof *out}, now_ns);
}

static enum err write_2(struct presigner *p, struct presigner_live *live, unsigned to,
                        int64_t now_ns)
{
    struct presigner_round_2 *const out = (struct presigner_round_2 *)p->out;
    struct pq1_about about = {.type = MESH_PRESIGN, .round = 2};

    live->wrote_2 |= 1U << to;
    memcpy(out->sid1, live->sid1, sizeof out->sid1);
    memcpy(about.session, live->session.p.sid2, sizeof about.session);
    TRY(presign_session_write_2(&live->session, &p->tools, to, &out->body));
    return presigner_send(p, to, &about, (struct view){p->out, sizeof *out}, now_ns);
}

/* A record of which nobody knows whether the others have it is kept all the same. */
static void finish(struct presigner *p, struct presigner_live *live, int64_t now_ns)
{
    if (presign_session_finish(&live->session, &p->tools, &p->record) == ERR_OK &&
        presigner_keep(p, now_ns)) {
        p->made_dkls++;
    }
    wipe(&p->record, sizeof p->record);
    end_one(p, live, now_ns);
}

static bool step_one(struct presigner *p, struct presigner_live *live, int64_t now_ns)
{
    const struct tecdsa_presign_peer *const peer = live->session.p.peer;
    const bool second = peer[0].accepted_1 && peer[1].accepted_1;
    unsigned to = next_to(p, live, live->wrote_1, sizeof(struct presign_round_1));
    enum err e = ERR_OK;

    if (to != TECDSA_PARTIES_MAX) {
        e = write_1(p, live, to, now_ns);
    } else if (second && peer[0].multiplied && peer[1].multiplied && peer[0].accepted_2 &&
               peer[1].accepted_2) {
        finish(p, live, now_ns);
        return true;
    } else {
        to = next_to(p, live, live->wrote_2, sizeof(struct presigner_round_2));
        if (!second || to == TECDSA_PARTIES_MAX) {
            return false;
        }
        e = write_2(p, live, to, now_ns);
    }
    if (e != ERR_OK) { /* a setup or a channel went: nobody is to blame */
        end_one(p, live, now_ns);
    }
    wipe(p->out, sizeof(struct presigner_round_2));
    return true;
}

bool presigner_sessions_step(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        if (p->live[i].on && step_one(p, &p->live[i], now_ns)) {
            return true;
        }
    }
    return false;
}

void presigner_sessions_tick(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        if (p->live[i].on && now_ns - p->live[i].began_ns >= PRESIGNER_SESSION_NS) {
            end_one(p, &p->live[i], now_ns);
        }
    }
    for (unsigned i = 0; i < PRESIGNER_ENDED; i++) {
        if (p->ended[i].untold && now_ns >= p->ended[i].tell_ns) {
            tell_end(p, &p->ended[i], now_ns);
        }
    }
}
