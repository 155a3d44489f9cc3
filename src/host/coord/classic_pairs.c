#include "host/coord/classic_pairs.h"

#include "wire/presign_call.h"

bool classic_pairs_is_due(const struct classic_pairs *p, unsigned party, int64_t now_ns)
{
    const int64_t asked_ns = p->said[party].asked_ns;

    return asked_ns == 0 || now_ns - asked_ns >= CLASSIC_PAIRS_NS;
}

void classic_pairs_ask(struct classic_pairs *p, unsigned party, uint64_t id, int64_t now_ns)
{
    struct classic_pairs_said *const said = &p->said[party];

    said->asked = true;
    said->id = id;
    said->asked_ns = now_ns;
}

bool classic_pairs_waits(const struct classic_pairs *p, unsigned party, uint64_t id)
{
    return p->said[party].asked && p->said[party].id == id;
}

enum err classic_pairs_take(struct classic_pairs *p, unsigned party, unsigned nodes,
                            struct view body)
{
    struct classic_pairs_said *const said = &p->said[party];
    struct presign_status s;

    classic_pairs_forget(p, party);
    TRY(presign_status_decode(body, &s));
    if (s.n_nodes != nodes) {
        return ERR_RANGE;
    }
    for (unsigned i = 0; i < nodes; i++) {
        said->with |= (uint8_t)((s.nodes[i].setup == PRESIGN_PAIR_DONE) << i);
    }
    for (unsigned i = 0; i < s.n_triples; i++) {
        said->rests |= (uint64_t)(s.triples[i].usable ? 0 : 1) << (s.triples[i].triple & 63);
    }
    return ERR_OK;
}

void classic_pairs_forget(struct classic_pairs *p, unsigned party)
{
    p->said[party].asked = false;
    p->said[party].with = 0;
    p->said[party].rests = 0;
}

bool classic_pairs_has(const struct classic_pairs *p, unsigned a, unsigned b)
{
    return (p->said[a].with >> b & 1) != 0 && (p->said[b].with >> a & 1) != 0;
}

bool classic_pairs_has_all(const struct classic_pairs *p, unsigned parties)
{
    for (unsigned a = 0; a < PLAN_NODES_MAX; a++) {
        for (unsigned b = a + 1; b < PLAN_NODES_MAX; b++) {
            if ((parties >> a & 1) != 0 && (parties >> b & 1) != 0 &&
                !classic_pairs_has(p, a, b)) {
                return false;
            }
        }
    }
    return true;
}

bool classic_pairs_rests(const struct classic_pairs *p, unsigned parties)
{
    for (unsigned i = 0; i < PLAN_NODES_MAX; i++) {
        if ((parties >> i & 1) != 0 && (p->said[i].rests >> (parties & 63) & 1) != 0) {
            return true;
        }
    }
    return false;
}
