#include "host/coord/roster.h"

#include "crypto/tmldsa/tmldsa_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN 64 /* of polynomials */

static void *allocate(size_t n)
{
    void *const p = aligned_alloc(ALIGN, (n + ALIGN - 1) / ALIGN * ALIGN);

    if (p != NULL) {
        memset(p, 0, n);
    }
    return p;
}

/* The first check that does not hold. */
static enum err find_fault(const struct ceremony_finding findings[CEREMONY_CHECKS], char *why)
{
    static const char *const names[CEREMONY_CHECKS] = {
        [CEREMONY_CHECK_SIGNATURES] = "a message is not its node's",
        [CEREMONY_CHECK_ECHO] = "nodes saw different commitments",
        [CEREMONY_CHECK_RHO] = "a seed is not what was committed to",
        [CEREMONY_CHECK_T] = "holders of a secret do not agree",
        [CEREMONY_CHECK_KEY] = "the key does not follow from the messages",
        [CEREMONY_CHECK_CLASSIC] = "the P-384 key does not follow from the messages",
        [CEREMONY_CHECK_DONE] = "nodes saw different keys",
        [CEREMONY_CHECK_TEST] = "a test signature is not genuine",
    };

    for (size_t i = 0; i < CEREMONY_CHECKS; i++) {
        if (findings[i].err != ERR_OK) {
            (void)snprintf(why, ROSTER_WHY_MAX, "%s", names[i]);
            return findings[i].err;
        }
    }
    return ERR_BUG;
}

static enum err verify(struct roster *r, struct ceremony_scratch *scratch, char *why)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];

    if (!ceremony_record_verify(&r->record, scratch, findings)) {
        return find_fault(findings, why);
    }
    return ERR_OK;
}

/* The key and all t_I, which scratch has once the key was derived. */
static enum err take_key(struct roster *r, struct ceremony_scratch *scratch)
{
    const struct ceremony_known *k = &r->record.known;
    uint8_t pk[CEREMONY_PK_LEN];

    TRY(ceremony_known_public_key(k, scratch, pk));
    memcpy(r->t, scratch->t, sizeof r->t);
    return tmldsa_public_key_parse(tmldsa_best(), k->rules.params, (struct view){pk, sizeof pk},
                                   &scratch->key, &r->key);
}

static enum err fill(struct roster *r, struct view record, struct ceremony_scratch *scratch,
                     char *why)
{
    (void)snprintf(why, ROSTER_WHY_MAX, "not the record of a ceremony");
    if (record.n > sizeof r->bytes) {
        return ERR_LENGTH;
    }
    memcpy(r->bytes, record.p, record.n);
    r->n_bytes = record.n;
    r->n = record.n;
    record.p = r->bytes;
    TRY(ceremony_record_decode(record, &r->record));
    TRY(verify(r, scratch, why));
    TRY(take_key(r, scratch));
    ceremony_record_id(record, r->id);
    if (quorum_run_ask_max(r->key.params) > FRAME_BODY_LONG_MAX) {
        (void)snprintf(why, ROSTER_WHY_MAX, "its sessions do not fit into frames");
        return ERR_RANGE;
    }
    r->quorum = (struct quorum_roster){.plan = &r->record.plan, .key = &r->key, .t = r->t};
    memcpy(r->quorum.epoch_id, r->record.known.epoch_id, EPOCH_ID_LEN);
    r->quorum.classic_key = r->record.classic.n > 0 ? r->record.classic.p : NULL;
    reenrol_roster_init(&r->orders);
    why[0] = '\0';
    return ERR_OK;
}

enum err roster_new(struct view record, struct roster **out, char why[ROSTER_WHY_MAX])
{
    struct roster *r = allocate(sizeof *r);
    struct ceremony_scratch *scratch = allocate(sizeof *scratch);
    enum err e = ERR_NOSPACE;

    *out = NULL;
    (void)snprintf(why, ROSTER_WHY_MAX, "out of memory");
    if (r != NULL && scratch != NULL) {
        e = fill(r, record, scratch, why);
    }
    free(scratch);
    if (e != ERR_OK) {
        free(r);
        return e;
    }
    *out = r;
    return ERR_OK;
}

void roster_free(struct roster *r)
{
    free(r);
}

enum err roster_take_order(struct roster *r, const struct reenrol_order *o)
{
    return reenrol_roster_take(&r->orders, &r->record.plan, r->quorum.epoch_id, o);
}

size_t roster_place(const struct plan *plan, const uint8_t identity[IDENTITY_LEN])
{
    size_t at = 0;

    while (at < plan->total && memcmp(plan->nodes[at].identity, identity, IDENTITY_LEN) != 0) {
        at++;
    }
    return at;
}
