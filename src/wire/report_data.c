#include "wire/report_data.h"

#include "crypto/hash.h"

#include <string.h>

#define HASHED_LEN 48 /* SHA-384 */

static void begin(struct hash_state *h, const char *label)
{
    hash_init(h, HASH_SHA384);
    hash_update(h, label, strlen(label));
}

static void add(struct hash_state *h, struct view field)
{
    hash_update_field(h, field.p, field.n);
}

static void add_number(struct hash_state *h, uint32_t number, size_t bytes)
{
    const uint8_t le[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                           (uint8_t)(number >> 24)};

    hash_update_field(h, le, bytes);
}

void report_data_make(const struct report_binding *b, uint8_t out[REPORT_DATA_LEN])
{
    struct hash_state h;

    begin(&h, "quorate-attest-v1");
    add_number(&h, b->purpose, 1);
    add_number(&h, b->role, 1);
    hash_update_field(&h, b->epoch_id, sizeof b->epoch_id);
    add_number(&h, b->place, 1);
    add_number(&h, b->incarnation, 4);
    hash_update_field(&h, b->identity, sizeof b->identity);
    add(&h, b->peer);
    add(&h, b->audit_key);
    hash_update_field(&h, b->nonce, sizeof b->nonce);
    hash_update_field(&h, b->context, sizeof b->context);
    hash_final(&h, out);
    memcpy(&out[HASHED_LEN], b->nonce, REPORT_DATA_LEN - HASHED_LEN);
}

void report_context_hellos(struct view own, struct view peer,
                           uint8_t out[REPORT_DATA_CONTEXT_LEN])
{
    struct hash_state h;

    begin(&h, "quorate-attest-hellos-v1");
    add(&h, own);
    add(&h, peer);
    hash_final(&h, out);
}

void report_context_tls(struct view exporter, struct view own, struct view peer,
                        uint8_t out[REPORT_DATA_CONTEXT_LEN])
{
    struct hash_state h;

    begin(&h, "quorate-attest-tls-v1");
    add(&h, exporter);
    add(&h, own);
    add(&h, peer);
    hash_final(&h, out);
}

void report_context_asked(struct view hello, uint8_t out[REPORT_DATA_CONTEXT_LEN])
{
    hash_once(HASH_SHA384, hello, out);
}
