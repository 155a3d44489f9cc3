#include "enclave/mesh/mesh.h"

#include "base/secret.h"
#include "enclave/mesh/mesh_parts.h"

#include <string.h>

static bool is_peer(const struct mesh *m, unsigned node)
{
    return node < m->nodes && node != m->own;
}

/* ---- the roster ---- */

static bool is_listed(const struct mesh *m, const uint8_t *identity, unsigned but)
{
    for (unsigned i = 0; i < m->nodes; i++) {
        if (i != but && memcmp(m->roster[i].identity, identity, P384_PUBLIC_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static enum err check_setup(const struct mesh_setup *s)
{
    if (s->nodes < 2 || s->nodes > MESH_NODES_MAX || s->own >= s->nodes) {
        return ERR_RANGE;
    }
    return memcmp(s->roster[s->own].identity, s->tools.identity->public_key, P384_PUBLIC_LEN) ==
                   0
               ? ERR_OK
               : ERR_MISMATCH;
}

enum err mesh_break(struct mesh *m)
{
    enum err e = ERR_OK;

    for (unsigned i = 0; i < m->nodes && e == ERR_OK; i++) {
        wipe(&m->peers[i].seeding, sizeof m->peers[i].seeding);
        e = is_peer(m, i) ? mesh_pair_reset(m, i) : ERR_OK;
    }
    return e;
}

static enum err begin(struct mesh *m, const struct mesh_setup *s)
{
    TRY(check_setup(s));
    memcpy(m->epoch_id, s->epoch_id, sizeof m->epoch_id);
    memcpy(m->key_id, s->key_id, sizeof m->key_id);
    m->own = s->own;
    m->nodes = s->nodes;
    memcpy(m->roster, s->roster, sizeof m->roster);
    m->tools = s->tools;
    m->attest = s->attest;
    m->judge = (struct pq1_judge){mesh_evidence_judge, m};
    for (unsigned i = 0; i < m->nodes; i++) {
        if (is_listed(m, m->roster[i].identity, i)) {
            return ERR_RANGE;
        }
    }
    return mesh_break(m);
}

enum err mesh_init(struct mesh *m, const struct mesh_setup *setup)
{
    enum err e;

    memset(m, 0, sizeof *m);
    e = begin(m, setup);
    if (e != ERR_OK) {
        mesh_wipe(m);
    }
    return e;
}

enum err mesh_drop(struct mesh *m, unsigned node, uint32_t incarnation, const uint8_t *identity)
{
    struct mesh_node *const who = &m->roster[node % MESH_NODES_MAX];

    if (!is_peer(m, node) || (identity != NULL && is_listed(m, identity, node))) {
        return ERR_RANGE;
    }
    if (incarnation <= who->incarnation) {
        return ERR_STALE;
    }
    who->incarnation = incarnation;
    if (identity != NULL) {
        memcpy(who->identity, identity, P384_PUBLIC_LEN);
    }
    wipe(&m->peers[node].seeding, sizeof m->peers[node].seeding);
    return mesh_pair_reset(m, node);
}

void mesh_wipe(struct mesh *m)
{
    wipe(m, sizeof *m);
}

/* ---- packets ---- */

static void erase_given(struct mesh *m)
{
    if (m->given) {
        mesh_forget(m, m->given_by);
        m->given = false;
    }
}

static enum err take(struct mesh *m, unsigned from, struct view packet, int64_t now_ns,
                     struct mesh_message *out)
{
    struct reader r = rd_init(packet);
    struct view rest = {NULL, 0};
    uint8_t kind = 0;

    TRY(rd_u8(&r, &kind));
    TRY(rd_take(&r, r.n, &rest));
    if (kind == MESH_HANDSHAKE) {
        return mesh_take_handshake(m, from, rest, now_ns);
    }
    if (kind == MESH_RECORD) {
        mesh_take_record(m, from, rest, now_ns, out);
    } else if (kind == MESH_KNOCK) {
        mesh_take_knock(m, from, rest);
    } else {
        m->counts.dropped++;
    }
    return ERR_OK;
}

enum err mesh_take(struct mesh *m, unsigned from, struct view packet, int64_t now_ns,
                   struct mesh_message *out)
{
    *out = (struct mesh_message){0};
    erase_given(m);
    if (!is_peer(m, from) || packet.n == 0) {
        m->counts.dropped++;
        return ERR_OK;
    }
    return take(m, from, packet, now_ns, out);
}

enum err mesh_send(struct mesh *m, unsigned to, const struct pq1_about *about,
                   struct view plain, int64_t now_ns)
{
    if (!is_peer(m, to) || about->type < MESH_SETUP || about->type > MESH_TYPE_LAST ||
        about->type == MESH_SEED) {
        return ERR_RANGE;
    }
    TRY(mesh_seal(m, to, about, plain, now_ns));
    m->counts.sent++;
    return ERR_OK;
}

size_t mesh_give(struct mesh *m, struct writer *out)
{
    return mesh_box_give(&m->outbox, out);
}

enum err mesh_tick(struct mesh *m, int64_t now_ns)
{
    enum err first = ERR_OK;

    erase_given(m);
    for (unsigned i = 0; i < m->nodes; i++) {
        enum err e = ERR_OK;

        if (is_peer(m, i)) {
            e = mesh_tick_handshake(m, i, now_ns);
        }
        if (e == ERR_OK && is_peer(m, i)) {
            e = mesh_seed_send(m, i, now_ns);
        }
        first = first == ERR_OK ? e : first;
    }
    return first;
}

/* ---- what stands ---- */

bool mesh_verified(const struct mesh *m, unsigned peer)
{
    return is_peer(m, peer) && m->peers[peer].live;
}

bool mesh_making(const struct mesh *m, unsigned peer)
{
    return is_peer(m, peer) && m->peers[peer].channel.step != PQ1_STEP_NONE;
}

uint32_t mesh_breaks(const struct mesh *m, unsigned peer)
{
    return is_peer(m, peer) ? m->peers[peer].breaks : 0;
}

uint64_t mesh_heard(const struct mesh *m, unsigned peer)
{
    return is_peer(m, peer) ? m->peers[peer].heard : 0;
}

uint32_t mesh_seeds(const struct mesh *m, unsigned peer)
{
    return is_peer(m, peer) ? m->peers[peer].seeds : 0;
}

static bool is_seeded(const struct mesh *m, unsigned peer)
{
    return is_peer(m, peer) && m->peers[peer].seeding.drawn && m->peers[peer].seeding.came;
}

const uint8_t *mesh_seed(const struct mesh *m, unsigned peer)
{
    return is_seeded(m, peer) ? m->peers[peer].seeding.seed : NULL;
}

const uint8_t *mesh_mac_key(const struct mesh *m, unsigned peer)
{
    return is_seeded(m, peer) ? m->peers[peer].seeding.mac_key : NULL;
}
