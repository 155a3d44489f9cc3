/* The seed that a pair has for the accelerator: one message from each to each, so that the
 * first presignatures wait for no oblivious transfers; and the key of the MACs of R1s, of the
 * same parts (docs/wire.md 14.3). */
#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_hash.h"
#include "enclave/mesh/mesh_parts.h"

#include <string.h>

/* Of both parts: what comes of one alone nobody is given. */
static void derive(const struct mesh *m, unsigned peer, const char *label,
                   uint8_t out[MESH_SEED_LEN])
{
    const struct mesh_seeding *const s = &m->peers[peer].seeding;
    const bool own_is_low = m->own < peer;
    const unsigned low = own_is_low ? m->own : peer;
    const unsigned high = own_is_low ? peer : m->own;
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, label);
    tecdsa_hash_field(&h, m->key_id, sizeof m->key_id);
    tecdsa_hash_field(&h, m->epoch_id, sizeof m->epoch_id);
    tecdsa_hash_number(&h, low, 1);
    tecdsa_hash_number(&h, m->roster[low].incarnation, 4);
    tecdsa_hash_number(&h, high, 1);
    tecdsa_hash_number(&h, m->roster[high].incarnation, 4);
    tecdsa_hash_field(&h, own_is_low ? s->own : s->peer, MESH_SEED_LEN);
    tecdsa_hash_field(&h, own_is_low ? s->peer : s->own, MESH_SEED_LEN);
    tecdsa_hash_finish(&h, out, MESH_SEED_LEN);
}

static void derive_both(struct mesh *m, unsigned peer)
{
    struct mesh_seeding *const s = &m->peers[peer].seeding;

    derive(m, peer, "b12-seed", s->seed);
    derive(m, peer, "r1-mac-key", s->mac_key);
    m->peers[peer].seeds += s->drawn && s->came ? 1U : 0U;
}

/* Once for a pair of incarnations, as long as this core does not stand still: all channels of
 * it have one seed. */
static enum err draw(struct mesh *m, unsigned peer)
{
    struct mesh_seeding *const s = &m->peers[peer].seeding;

    if (s->drawn) {
        return ERR_OK;
    }
    TRY(drbg_generate(m->tools.drbg, (struct view){NULL, 0}, s->own, sizeof s->own));
    s->drawn = true;
    derive_both(m, peer);
    return ERR_OK;
}

/* A peer whose part is another one than before has forgotten it, and all else of the pair: it
 * may have been copied, and only one of the copies has the new one. */
void mesh_seed_take(struct mesh *m, unsigned peer, const struct mesh_message *in)
{
    static const struct pq1_about about = {.type = MESH_SEED};
    struct mesh_seeding *const s = &m->peers[peer].seeding;

    if (in->about.round != about.round || in->body.n != MESH_SEED_LEN ||
        memcmp(in->about.session, about.session, sizeof about.session) != 0) {
        m->counts.dropped++;
        return;
    }
    if (s->came && ct_equal(s->peer, in->body.p, sizeof s->peer)) {
        return;
    }
    memcpy(s->peer, in->body.p, sizeof s->peer);
    s->came = true;
    derive_both(m, peer);
}

/* Nobody waits for it, so it is not put behind what nobody fetches. */
static bool is_due(const struct mesh *m, unsigned peer, int64_t now_ns)
{
    const struct mesh_seeding *const s = &m->peers[peer].seeding;

    return s->owed || (m->peers[peer].live && now_ns - s->said_ns >= MESH_ALIVE_NS &&
                       mesh_box_bytes(&m->outbox, peer) == 0);
}

enum err mesh_seed_send(struct mesh *m, unsigned peer, int64_t now_ns)
{
    static const struct pq1_about about = {.type = MESH_SEED};
    struct mesh_seeding *const s = &m->peers[peer].seeding;

    if (!is_due(m, peer, now_ns)) {
        return ERR_OK;
    }
    TRY(draw(m, peer));
    if (mesh_seal(m, peer, &about, (struct view){s->own, sizeof s->own}, now_ns) == ERR_OK) {
        s->owed = false;
        s->said_ns = now_ns;
    }
    return ERR_OK;
}
