#include "enclave/channel/pq1_record.h"

#include "base/secret.h"

#include <assert.h>
#include <string.h>

void pq1_lane_init(struct pq1_lane *l, const struct pq1_ends *ends, const struct pq1_key *k)
{
    l->ends = *ends;
    aead_gcm_init(&l->aead, k->key);
    memcpy(l->iv, k->iv, sizeof l->iv);
    l->seq = 0;
}

/* nonce = iv xor (0^32 | seq64), the number big-endian. */
static void make_nonce(const struct pq1_lane *l, uint64_t seq,
                       uint8_t nonce[AEAD_GCM_NONCE_LEN])
{
    memcpy(nonce, l->iv, AEAD_GCM_NONCE_LEN);
    for (size_t i = 0; i < 8; i++) {
        nonce[AEAD_GCM_NONCE_LEN - 1 - i] ^= (uint8_t)(seq >> (8 * i));
    }
}

static struct view make_aad(const struct pq1_lane *l, const struct pq1_record *r,
                            uint8_t aad[PQ1_AAD_LEN])
{
    struct writer w = wr_init(aad, PQ1_AAD_LEN);

    pq1_aad_encode(&w, &l->ends, r);
    assert(!w.full && w.len == PQ1_AAD_LEN);
    return (struct view){aad, PQ1_AAD_LEN};
}

enum err pq1_lane_seal(struct pq1_lane *l, const struct pq1_about *about, struct view plain,
                       struct writer *out)
{
    static const uint8_t tag[PQ1_TAG_LEN];
    struct pq1_record r = {.type = about->type, .round = about->round, .seq = l->seq};
    uint8_t nonce[AEAD_GCM_NONCE_LEN];
    uint8_t aad[PQ1_AAD_LEN];
    uint8_t *text;

    if (l->seq >= PQ1_RECORDS_MAX) {
        return ERR_STATE;
    }
    if (plain.n > PQ1_PLAIN_MAX) {
        return ERR_LENGTH;
    }
    if (out->full || out->cap - out->len < plain.n + PQ1_RECORD_OVERHEAD) {
        return ERR_NOSPACE;
    }
    memcpy(r.session, about->session, sizeof r.session);
    pq1_record_head_encode(out, &r);
    text = out->p + out->len;
    wr_view(out, plain);
    wr_bytes(out, tag, sizeof tag);
    make_nonce(l, l->seq, nonce);
    aead_gcm_seal(&l->aead, nonce, make_aad(l, &r, aad), (struct view){text, plain.n}, text);
    l->seq++;
    return ERR_OK;
}

enum err pq1_lane_open(struct pq1_lane *l, struct view record, struct pq1_about *about,
                       uint8_t *plain, size_t cap, size_t *n)
{
    uint8_t nonce[AEAD_GCM_NONCE_LEN];
    uint8_t aad[PQ1_AAD_LEN];
    struct pq1_record r;

    *about = (struct pq1_about){0};
    *n = 0;
    TRY(pq1_record_decode(record, &r));
    if (r.seq < l->seq) {
        return ERR_STALE;
    }
    if (r.sealed.n - PQ1_TAG_LEN > cap) {
        return ERR_NOSPACE;
    }
    make_nonce(l, r.seq, nonce);
    TRY(aead_gcm_open(&l->aead, nonce, make_aad(l, &r, aad), r.sealed, plain));
    if (r.seq != l->seq) { /* the peer's, so it has sealed those before it */
        wipe(plain, r.sealed.n - PQ1_TAG_LEN);
        return ERR_MISMATCH;
    }
    l->seq++;
    about->type = r.type;
    about->round = r.round;
    memcpy(about->session, r.session, sizeof about->session);
    *n = r.sealed.n - PQ1_TAG_LEN;
    return ERR_OK;
}
