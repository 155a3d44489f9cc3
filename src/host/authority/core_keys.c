#include "host/authority/core_keys.h"

#include "base/hex.h"
#include "wire/plan.h"

#include <stdio.h>
#include <string.h>

enum err core_keys_take(struct view hello, struct core_keys *out)
{
    bool has_classic = false;
    struct hello h;

    memset(out, 0, sizeof *out);
    TRY(hello_decode(hello, &h));
    for (size_t i = 0; i < h.n_keys; i++) {
        const struct view key = h.keys[i].public_key;

        if (h.keys[i].key == KEY_CLASSIC && key.n == sizeof out->classic) {
            memcpy(out->classic, key.p, key.n);
            out->classic_threshold = h.keys[i].threshold;
            has_classic = true;
        }
        if (h.keys[i].key == KEY_PQ && key.n == sizeof out->pq) {
            memcpy(out->pq, key.p, key.n);
            out->has_pq = true;
        }
        if (h.keys[i].key == KEY_PQ || !out->has_pq) {
            out->threshold = h.keys[i].threshold;
            out->total = h.keys[i].total;
        }
    }
    if (!has_classic) {
        memset(out, 0, sizeof *out);
        return ERR_STATE;
    }
    memcpy(out->epoch_id, h.epoch_id, sizeof out->epoch_id);
    out->index = h.index;
    out->assurance =
        (h.flags & HELLO_FLAG_SIMULATED) != 0 ? ASSURANCE_SIMULATED : ASSURANCE_HARDWARE;
    return ERR_OK;
}

/* Whether the core's classic key is its own, or the one that the record has. */
static bool has_classic(const struct core_keys *k, const struct roster *r)
{
    const uint8_t *const shared = r->quorum.classic_key;

    return k->classic_threshold == 1 ||
           (k->classic_threshold == r->record.plan.threshold && shared != NULL &&
            memcmp(k->classic, shared, sizeof k->classic) == 0);
}

enum err core_keys_take_member(struct view hello, const struct roster *r, struct core_keys *out)
{
    const struct plan *const plan = &r->record.plan;

    TRY(core_keys_take(hello, out));
    if (out->threshold != plan->threshold || !has_classic(out, r) || out->index == 0 ||
        out->index > plan->total ||
        memcmp(out->epoch_id, r->quorum.epoch_id, sizeof out->epoch_id) != 0 ||
        memcmp(out->pq, r->record.pk.p, sizeof out->pq) != 0) {
        memset(out, 0, sizeof *out);
        return ERR_MISMATCH;
    }
    if (plan->assurance != PLAN_ATTESTED) {
        out->assurance = ASSURANCE_SIMULATED;
    }
    return ERR_OK;
}

void core_keys_env(const struct core_keys *k, struct core_keys_env *out)
{
    char epoch_id[2 * EPOCH_ID_LEN + 1];

    memset(out, 0, sizeof *out);
    hex_write((struct view){k->epoch_id, sizeof k->epoch_id}, epoch_id);
    (void)snprintf(out->text[0], sizeof out->text[0], "QUORATE_EPOCH_ID=%s", epoch_id);
    (void)snprintf(out->text[1], sizeof out->text[1], "QUORATE_THRESHOLD=%u", k->threshold);
    (void)snprintf(out->text[2], sizeof out->text[2], "QUORATE_TOTAL=%u", k->total);
    (void)snprintf(out->text[3], sizeof out->text[3], "QUORATE_ASSURANCE=%s",
                   quorate_assurance_name(k->assurance));
    if (k->bundle != NULL) {
        (void)snprintf(out->text[4], sizeof out->text[4], "QUORATE_BUNDLE=%s", k->bundle);
    }
    for (size_t i = 0; i < CORE_KEYS_ENV && out->text[i][0] != '\0'; i++) {
        out->list[i] = out->text[i];
    }
}
