/* What ties evidence to one attempt at one channel. */
#include "crypto/hash.h"
#include "enclave/channel/pq1_parts.h"

#include <string.h>

enum err pq1_report_data(const struct pq1 *c, size_t end, uint8_t out[REPORT_DATA_LEN])
{
    const size_t row = end == 0 ? pq1_own_row(c) : pq1_peer_row(c);
    const struct view of = {c->making.hello[row], PQ1_HELLO_LEN};
    const struct view other = {c->making.hello[1 - row], PQ1_HELLO_LEN};
    struct report_binding b = {.peer = {c->identity[1 - end], P384_PUBLIC_LEN},
                               .incarnation = c->incarnation[end],
                               .purpose = REPORT_CHANNEL,
                               .role = REPORT_CORE,
                               .place = (uint8_t)(c->index[end] + 1)};
    struct pq1_hello asks;

    TRY(pq1_hello_decode(other, &asks));
    memcpy(b.epoch_id, c->epoch_id, sizeof b.epoch_id);
    memcpy(b.identity, c->identity[end], sizeof b.identity);
    memcpy(b.nonce, asks.nonce, sizeof b.nonce);
    report_context_hellos(of, other, b.context);
    report_data_make(&b, out);
    return ERR_OK;
}

void pq1_bind_evidence(struct pq1 *c, size_t end, struct view block)
{
    struct hash_state h;

    hash_init(&h, HASH_SHA384);
    if (c->has_context[end]) {
        hash_update(&h, c->context[end], sizeof c->context[end]);
    }
    hash_update(&h, block.p, block.n);
    hash_final(&h, c->evidence[end]);
}
