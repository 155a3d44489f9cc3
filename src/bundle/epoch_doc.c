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

/* Whether an epoch of that number stands later. */
static bool comes_later(const struct view *earlier, size_t at, size_t n, uint64_t number)
{
    struct epoch_doc d;

    for (size_t i = at + 1; i < n; i++) {
        if (epoch_doc_decode(earlier[i], &d) == ERR_OK && d.number == number) {
            return true;
        }
    }
    return false;
}

/* Whether d stands at its place, behind the bytes before; n == 0: at the first. */
static enum err follows(const struct view *earlier, size_t at, size_t n,
                        const struct epoch_doc *d)
{
    uint8_t hash[EPOCH_DOC_HASH_LEN] = {0};

    if (d->number != at + 1) {
        return d->number <= at || comes_later(earlier, at, n, at + 1) ? ERR_RANGE
                                                                      : ERR_TRUNCATED;
    }
    if (at > 0) {
        epoch_doc_hash(earlier[at - 1], hash);
    }
    return memcmp(d->previous, hash, sizeof hash) == 0 ? ERR_OK : ERR_MISMATCH;
}

enum err epoch_doc_chain(const struct view *earlier, size_t n, const struct epoch_doc *last,
                         size_t *at)
{
    struct epoch_doc d;

    for (*at = 0; *at < n; (*at)++) {
        TRY(epoch_doc_decode(earlier[*at], &d) == ERR_OK ? ERR_OK : ERR_ENCODING);
        TRY(follows(earlier, *at, n, &d));
    }
    return follows(earlier, n, n, last);
}
