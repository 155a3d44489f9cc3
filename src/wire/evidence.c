#include "wire/evidence.h"

#include "crypto/hash.h"

void evidence_encode(struct writer *w, const struct evidence *e)
{
    uint8_t n = 0;

    for (size_t i = 0; i < EVIDENCE_KINDS; i++) {
        n = (uint8_t)(n + (e->part[i].n > 0 ? 1 : 0));
    }
    wr_u8(w, EVIDENCE_VERSION);
    wr_u8(w, e->format);
    wr_u8(w, n);
    for (size_t i = 0; i < EVIDENCE_KINDS; i++) {
        if (e->part[i].n > 0) {
            wr_u8(w, (uint8_t)(i + 1));
            wr_u32le(w, (uint32_t)e->part[i].n);
            wr_view(w, e->part[i]);
        }
    }
}

/* after: the kind before it. */
static enum err decode_part(struct reader *r, uint8_t *after, struct evidence *e)
{
    uint8_t kind = 0;
    uint32_t len = 0;

    TRY(rd_u8(r, &kind));
    TRY(rd_u32le(r, &len));
    if (kind == 0 || kind > EVIDENCE_KINDS || len == 0) {
        return ERR_RANGE;
    }
    if (kind <= *after) {
        return ERR_ENCODING;
    }
    *after = kind;
    return rd_take(r, len, &e->part[kind - 1]);
}

static enum err decode(struct reader *r, struct evidence *e)
{
    uint8_t version = 0;
    uint8_t n = 0;
    uint8_t kind = 0;

    TRY(rd_u8(r, &version));
    if (version != EVIDENCE_VERSION) {
        return ERR_VERSION;
    }
    TRY(rd_u8(r, &e->format));
    TRY(rd_u8(r, &n));
    if (e->format < EVIDENCE_SNP || e->format > EVIDENCE_AZURE_SNP || n == 0 ||
        n > EVIDENCE_KINDS) {
        return ERR_RANGE;
    }
    for (uint8_t i = 0; i < n; i++) {
        TRY(decode_part(r, &kind, e));
    }
    if (evidence_part(e, EVIDENCE_REPORT).n == 0) {
        return ERR_ENCODING;
    }
    return rd_finish(r);
}

enum err evidence_decode(struct view bytes, struct evidence *out)
{
    struct reader r = rd_init(bytes);
    enum err e = bytes.n > EVIDENCE_MAX ? ERR_LENGTH : ERR_OK;

    *out = (struct evidence){0};
    if (e == ERR_OK) {
        e = decode(&r, out);
    }
    if (e != ERR_OK) {
        *out = (struct evidence){0};
    }
    return e;
}

void evidence_hash(struct view bytes, uint8_t out[EVIDENCE_HASH_LEN])
{
    hash_once(HASH_SHA384, bytes, out);
}
