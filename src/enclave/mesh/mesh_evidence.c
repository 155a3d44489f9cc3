/* Evidence of the machines in the channels: asked for, given, and judged. */
#include "enclave/mesh/mesh_parts.h"

enum err mesh_evidence_judge(void *self, uint8_t peer, uint32_t incarnation, struct view block,
                             const uint8_t report_data[REPORT_DATA_LEN])
{
    struct mesh *const m = self;
    const enum err e = m->attest->judge(m->attest->self, peer, incarnation, block, report_data);

    m->refused = e != ERR_OK;
    m->counts.refused += m->refused;
    return e;
}

void mesh_evidence_ask(struct mesh *m, unsigned peer, int64_t now_ns)
{
    struct mesh_peer *const p = &m->peers[peer];
    uint8_t report_data[REPORT_DATA_LEN];

    if (!p->asked && pq1_wants_evidence(&p->channel, report_data)) {
        p->asked = m->attest->ask(m->attest->self, now_ns, peer, report_data) == ERR_OK;
    }
}

void mesh_evidence_forget(struct mesh *m, unsigned peer)
{
    if (m->peers[peer].asked) {
        m->attest->forget(m->attest->self, peer);
        m->peers[peer].asked = false;
    }
}

/* The Finished, where the peer's KEM came before the own one. */
static enum err go_on(struct mesh *m, unsigned peer)
{
    struct mesh_peer *const p = &m->peers[peer];
    struct writer w;

    if (!p->channel.making.has_kem) {
        return ERR_OK;
    }
    TRY(mesh_handshake_place(m, peer, PQ1_MESSAGE_MAX, &w));
    TRY(pq1_go_on(&p->channel, &m->tools, &w));
    mesh_box_keep(&m->outbox, peer, &w, p->attempt);
    return ERR_OK;
}

enum err mesh_evidence_give(struct mesh *m, unsigned peer, int64_t now_ns)
{
    struct mesh_peer *const p = &m->peers[peer];
    struct view block = {NULL, 0};
    struct writer w;

    mesh_evidence_ask(m, peer, now_ns);
    /* While it comes, and where none can be had: the handshake waits until its time is up. */
    if (!p->asked || m->attest->answer(m->attest->self, peer, &block) != ERR_OK ||
        mesh_handshake_place(m, peer, PQ1_ATTESTED_MAX, &w) != ERR_OK) {
        return ERR_OK;
    }
    TRY(pq1_give_evidence(&p->channel, block, &w));
    mesh_box_keep(&m->outbox, peer, &w, p->attempt);
    mesh_evidence_forget(m, peer);
    return go_on(m, peer);
}
