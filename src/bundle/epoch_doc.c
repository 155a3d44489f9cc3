#include "bundle/epoch_doc.h"

#include "crypto/hash.h"

#include <string.h>

#define HASHES 7

/* Those of a document, in the order of its bytes. */
static void hashes_of(struct epoch_doc *d, uint8_t *out[HASHES])
{
    out[0] = d->epoch_id;
    out[1] = d->previous;
    out[2] = d->plan_hash;
    out[3] = d->policy_hash;
    out[4] = d->record_id;
    out[5] = d->classic;
    out[6] = d->pq;
}

void epoch_doc_encode(struct writer *w, const struct epoch_doc *d)
{
    struct epoch_doc copy = *d;
    uint8_t *hashes[HASHES];

    hashes_of(&copy, hashes);
    wr_u8(w, EPOCH_DOC_VERSION);
    wr_u64le(w, d->number);
    for (size_t i = 0; i < HASHES; i++) {
        wr_bytes(w, hashes[i], EPOCH_DOC_HASH_LEN);
    }
    wr_u8(w, d->threshold);
    wr_u8(w, d->total);
    wr_u8(w, d->assurance);
    wr_bytes(w, d->evidence, (size_t)d->total * EPOCH_DOC_HASH_LEN);
}

static bool is_zero(const uint8_t hash[EPOCH_DOC_HASH_LEN])
{
    static const uint8_t zero[EPOCH_DOC_HASH_LEN];

    return memcmp(hash, zero, sizeof zero) == 0;
}

static enum err decode(struct view in, struct epoch_doc *out)
{
    struct reader r = rd_init(in);
    uint8_t *hashes[HASHES];
    uint8_t version = 0;

    hashes_of(out, hashes);
    TRY(rd_u8(&r, &version));
    if (version != EPOCH_DOC_VERSION) {
        return ERR_VERSION;
    }
    TRY(rd_u64le(&r, &out->number));
    for (size_t i = 0; i < HASHES; i++) {
        TRY(rd_copy(&r, hashes[i], EPOCH_DOC_HASH_LEN));
    }
    TRY(rd_u8(&r, &out->threshold));
    TRY(rd_u8(&r, &out->total));
    TRY(rd_u8(&r, &out->assurance));
    if (out->number == 0 || is_zero(out->previous) != (out->number == 1) ||
        out->threshold < 2 || out->threshold > out->total || out->total > BUNDLE_NODES_MAX ||
        out->assurance > EPOCH_SIMULATED) {
        return ERR_RANGE;
    }
    TRY(rd_copy(&r, out->evidence, (size_t)out->total * EPOCH_DOC_HASH_LEN));
    return rd_finish(&r);
}

enum err epoch_doc_decode(struct view in, struct epoch_doc *out)
{
    memset(out, 0, sizeof *out);
    const enum err e = decode(in, out);

    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

void epoch_doc_hash(struct view bytes, uint8_t out[EPOCH_DOC_HASH_LEN])
{
    hash_once(HASH_SHA384, bytes, out);
}

static bool follows(const struct epoch_doc *before, const struct epoch_doc *d)
{
    return d->number == before->number + 1 &&
           memcmp(d->previous, before->epoch_id, EPOCH_DOC_HASH_LEN) == 0;
}

enum err epoch_doc_chain(const struct view *earlier, size_t n, const struct epoch_doc *last,
                         size_t *at)
{
    struct epoch_doc before;

    for (*at = 0; *at < n; (*at)++) {
        struct epoch_doc d;

        if (epoch_doc_decode(earlier[*at], &d) != ERR_OK) {
            return ERR_ENCODING;
        }
        if (*at == 0 ? d.number != 1 : !follows(&before, &d)) {
            return ERR_MISMATCH;
        }
        before = d;
    }
    if (n == 0 ? last->number != 1 : !follows(&before, last)) {
        return ERR_MISMATCH;
    }
    return ERR_OK;
}
