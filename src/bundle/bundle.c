#include "bundle/bundle.h"

#include "format/der.h"

#include <string.h>

#define MAGIC_LEN (sizeof BUNDLE_MAGIC - 1)
#define EVIDENCE_HEAD_LEN 5
#define PART_HEAD_LEN 5

static void put(struct writer *w, enum bundle_kind kind, struct view bytes)
{
    if (bytes.n > 0) {
        wr_u8(w, (uint8_t)kind);
        wr_u32le(w, (uint32_t)bytes.n);
        wr_view(w, bytes);
    }
}

void bundle_encode(struct writer *w, const struct bundle *b)
{
    wr_bytes(w, BUNDLE_MAGIC, MAGIC_LEN);
    put(w, BUNDLE_DOCUMENT, b->document);
    put(w, BUNDLE_RECORD, b->record);
    for (size_t i = 0; i < b->n_evidence; i++) {
        wr_u8(w, BUNDLE_EVIDENCE);
        const struct bundle_evidence *const e = &b->evidence[i];

        wr_u32le(w, (uint32_t)(EVIDENCE_HEAD_LEN + e->block.n));
        wr_u8(w, e->index);
        wr_u32le(w, e->incarnation);
        wr_view(w, e->block);
    }
    put(w, BUNDLE_CLASSIC, b->classic);
    put(w, BUNDLE_PQ, b->pq);
    put(w, BUNDLE_RECIPE, b->recipe);
    for (size_t i = 0; i < b->n_earlier; i++) {
        put(w, BUNDLE_EARLIER, b->earlier[i]);
    }
    for (size_t i = 0; i < b->n_retirements; i++) {
        put(w, BUNDLE_RETIREMENT, b->retirements[i]);
    }
    for (size_t i = 0; i < b->n_orders; i++) {
        put(w, BUNDLE_ORDER, b->orders[i]);
    }
    put(w, BUNDLE_BEFORE, b->before);
}

/* A part that comes once. The longest that it may be; 0: as long as a bundle. */
static enum err take_one(struct view bytes, size_t max, struct view *to)
{
    if (to->n > 0) {
        return ERR_ENCODING;
    }
    if (max > 0 && bytes.n > max) {
        return ERR_LENGTH;
    }
    *to = bytes;
    return ERR_OK;
}

static enum err take_more(struct view bytes, struct view *list, size_t max, size_t *n)
{
    if (*n == max) {
        return ERR_NOSPACE;
    }
    list[(*n)++] = bytes;
    return ERR_OK;
}

/* By index, those of one index by incarnation. */
static bool follows(const struct bundle_evidence *e, const struct bundle_evidence *last)
{
    return e->index > last->index ||
           (e->index == last->index && e->incarnation > last->incarnation);
}

static enum err take_evidence(struct view bytes, struct bundle *out)
{
    struct reader r = rd_init(bytes);
    struct bundle_evidence e = {.index = 0};

    TRY(rd_u8(&r, &e.index));
    TRY(rd_u32le(&r, &e.incarnation));
    TRY(rd_take(&r, r.n, &e.block));
    if (e.index >= BUNDLE_NODES_MAX ||
        (out->n_evidence > 0 && !follows(&e, &out->evidence[out->n_evidence - 1]))) {
        return ERR_RANGE;
    }
    if (out->n_evidence == BUNDLE_EVIDENCE_MAX) {
        return ERR_NOSPACE;
    }
    if (e.block.n == 0) {
        return ERR_ENCODING;
    }
    out->evidence[out->n_evidence++] = e;
    return ERR_OK;
}

static enum err take(uint8_t kind, struct view bytes, struct bundle *out)
{
    if (bytes.n == 0) {
        return ERR_ENCODING;
    }
    switch (kind) {
    case BUNDLE_DOCUMENT:
        return take_one(bytes, 0, &out->document);
    case BUNDLE_RECORD:
        return take_one(bytes, 0, &out->record);
    case BUNDLE_EVIDENCE:
        return take_evidence(bytes, out);
    case BUNDLE_CLASSIC:
        return take_one(bytes, BUNDLE_CHAIN_MAX, &out->classic);
    case BUNDLE_PQ:
        return take_one(bytes, BUNDLE_CHAIN_MAX, &out->pq);
    case BUNDLE_RECIPE:
        return take_one(bytes, BUNDLE_RECIPE_MAX, &out->recipe);
    case BUNDLE_EARLIER:
        return take_more(bytes, out->earlier, BUNDLE_EARLIER_MAX, &out->n_earlier);
    case BUNDLE_RETIREMENT:
        return take_more(bytes, out->retirements, BUNDLE_RETIREMENTS_MAX, &out->n_retirements);
    case BUNDLE_ORDER:
        return take_more(bytes, out->orders, BUNDLE_ORDERS_MAX, &out->n_orders);
    case BUNDLE_BEFORE:
        return take_one(bytes, 0, &out->before);
    default:
        return ERR_TAG;
    }
}

static enum err decode(struct view in, struct bundle *out)
{
    struct reader r = rd_init(in);
    struct view magic;
    uint8_t last = 0;

    if (in.n > BUNDLE_MAX) {
        return ERR_LENGTH;
    }
    TRY(rd_take(&r, MAGIC_LEN, &magic));
    if (!view_equal(magic, (struct view){(const uint8_t *)BUNDLE_MAGIC, MAGIC_LEN})) {
        return ERR_TAG;
    }
    while (r.n > 0) {
        uint8_t kind = 0;
        uint32_t n = 0;
        struct view bytes;

        TRY(rd_u8(&r, &kind));
        TRY(rd_u32le(&r, &n));
        TRY(rd_take(&r, n, &bytes));
        if (kind < last) {
            return ERR_ENCODING;
        }
        last = kind;
        TRY(take(kind, bytes, out));
    }
    return ERR_OK;
}

enum err bundle_decode(struct view in, struct bundle *out)
{
    memset(out, 0, sizeof *out);
    const enum err e = decode(in, out);

    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

/* One bundle deep: who nests them has no say in how much of us is used. */
enum err bundle_before(const struct bundle *b, struct bundle *out)
{
    memset(out, 0, sizeof *out);
    if (b->before.n == 0) {
        return ERR_STATE;
    }
    TRY(bundle_decode(b->before, out));
    if (out->before.n > 0) {
        memset(out, 0, sizeof *out);
        return ERR_RANGE;
    }
    return ERR_OK;
}

struct view bundle_alone(struct view in, const struct bundle *b)
{
    /* Kinds ascend: it is the last part. */
    return b->before.n == 0 ? in : (struct view){in.p, in.n - b->before.n - PART_HEAD_LEN};
}

enum err bundle_next_certificate(struct reader *r, struct view *out)
{
    return der_read_whole(r, DER_SEQUENCE, out);
}
