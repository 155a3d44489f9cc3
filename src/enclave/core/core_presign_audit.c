#include "enclave/core/core_presign_audit.h"

#include "enclave/core/core_parts.h"
#include "enclave/presigner/presign_desk.h"

static void look_at_pairs(struct core *c, const struct presign_status *s)
{
    unsigned cut = 0;

    for (unsigned i = 0; i < s->n_nodes; i++) {
        if (s->nodes[i].setup != PRESIGN_PAIR_RESTS) {
            continue;
        }
        cut |= 1U << i;
        if ((c->presign.told.pairs >> i & 1) == 0) {
            core_audit(c, AUDIT_PAIR_CUT, i + 1U, s->nodes[i].wait_s);
        }
    }
    c->presign.told.pairs = cut;
}

static void look_at_triples(struct core *c, const struct presign_status *s)
{
    uint64_t rest = 0;

    for (unsigned i = 0; i < s->n_triples; i++) {
        const uint64_t triple = UINT64_C(1) << (s->triples[i].triple & 63);

        if (s->triples[i].usable) {
            continue;
        }
        rest |= triple;
        if ((c->presign.told.triples & triple) == 0) {
            core_audit(c, AUDIT_TRIPLE_RESTS, s->triples[i].triple, 0);
        }
    }
    c->presign.told.triples = rest;
}

void core_presign_audit(struct core *c)
{
    struct presign_status s;

    if (c->now.mono_ns - c->presign.told.looked_ns < CORE_PRESIGN_LOOK_NS) {
        return;
    }
    c->presign.told.looked_ns = c->now.mono_ns;
    presign_desk_status(c->presign.desk, &s);
    look_at_pairs(c, &s);
    look_at_triples(c, &s);
}
