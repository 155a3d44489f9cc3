/* The protocol level of presignatures: records of channels. A changed byte shows, and so does
 * another key, number or head, as in truth; nothing is hidden, as nobody here reads what is not
 * his. Most of a message of this level is zeros: a record has what is not. */
#include "ideal_mix.h"

#include "enclave/channel/pq1_record.h"

/* Names as the linker makes them. */
void __wrap_pq1_lane_init(struct pq1_lane *l, const struct pq1_ends *ends,
                          const struct pq1_key *k);
enum err __wrap_pq1_lane_seal(struct pq1_lane *l, const struct pq1_about *about,
                              struct view plain, struct writer *out);
enum err __wrap_pq1_lane_open(struct pq1_lane *l, struct view record, struct pq1_about *about,
                              uint8_t *plain, size_t cap, size_t *n);

#define BLOCK 64

/* What a tag is of: bytes as they are, or blocks with a bit for each before them. */
enum form { WHOLE = 1, SPARSE };

void __wrap_pq1_lane_init(struct pq1_lane *l, const struct pq1_ends *ends,
                          const struct pq1_key *k)
{
    struct mix m = mix_begin(MIX_CHANNEL);

    mix_bytes(&m, k->key, sizeof k->key);
    mix_bytes(&m, k->iv, sizeof k->iv);
    l->ends = *ends;
    memcpy(&l->aead, &m, sizeof m);
    l->seq = 0;
}

static void tag_of(const struct pq1_lane *l, enum form form, const struct pq1_record *r,
                   struct view sealed, uint8_t tag[PQ1_TAG_LEN])
{
    uint8_t aad[PQ1_AAD_LEN];
    struct writer w = wr_init(aad, sizeof aad);
    struct mix m;

    memcpy(&m, &l->aead, sizeof m);
    pq1_aad_encode(&w, &l->ends, r);
    mix_word(&m, form);
    mix_bytes(&m, aad, sizeof aad);
    mix_bytes(&m, sealed.p, sealed.n);
    mix_out(&m, tag, PQ1_TAG_LEN);
}

/* ---- texts with few bytes that are not zero ---- */

static size_t block_at(size_t n, size_t i)
{
    return n - i * BLOCK < BLOCK ? n - i * BLOCK : BLOCK;
}

/* Its length in four bytes, the bits, the blocks. False: it would be no shorter. */
static bool write_sparse(struct view plain, struct writer *out)
{
    const size_t blocks = (plain.n + BLOCK - 1) / BLOCK;
    const size_t head = 4 + (blocks + 7) / 8;
    struct writer w = wr_init(out->p + out->len, plain.n);
    uint8_t *const bits = w.p + 4;

    if (head >= plain.n) {
        return false;
    }
    wr_u32le(&w, (uint32_t)plain.n);
    memset(bits, 0, head - 4);
    w.len = head;
    for (size_t i = 0; i < blocks && !w.full; i++) {
        if (!mix_nothing(plain.p + i * BLOCK, block_at(plain.n, i))) {
            bits[i / 8] |= (uint8_t)(1U << (i % 8));
            wr_bytes(&w, plain.p + i * BLOCK, block_at(plain.n, i));
        }
    }
    out->len += w.full ? 0 : w.len;
    return !w.full;
}

static enum err read_sparse(struct view text, uint8_t *plain, size_t cap, size_t *n)
{
    struct reader r = rd_init(text);
    uint32_t len = 0;
    struct view bits;

    TRY(rd_u32le(&r, &len));
    if (len > cap) {
        return ERR_NOSPACE;
    }
    TRY(rd_take(&r, ((len + BLOCK - 1) / BLOCK + 7) / 8, &bits));
    for (size_t i = 0; i * BLOCK < len; i++) {
        if ((bits.p[i / 8] >> (i % 8) & 1) != 0) {
            struct view block;

            TRY(rd_take(&r, block_at(len, i), &block));
            memcpy(plain + i * BLOCK, block.p, block.n);
        } else {
            memset(plain + i * BLOCK, 0, block_at(len, i));
        }
    }
    *n = len;
    return ERR_OK;
}

/* ---- records ---- */

enum err __wrap_pq1_lane_seal(struct pq1_lane *l, const struct pq1_about *about,
                              struct view plain, struct writer *out)
{
    struct pq1_record r = {.type = about->type, .round = about->round, .seq = l->seq};
    enum form form = SPARSE;
    uint8_t tag[PQ1_TAG_LEN];
    size_t from;

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
    from = out->len;
    if (!write_sparse(plain, out)) {
        form = WHOLE;
        wr_view(out, plain);
    }
    tag_of(l, form, &r, (struct view){out->p + from, out->len - from}, tag);
    wr_bytes(out, tag, sizeof tag);
    l->seq++;
    return ERR_OK;
}

static enum err open_text(struct pq1_lane *l, const struct pq1_record *r, uint8_t *plain,
                          size_t cap, size_t *n)
{
    const struct view text = {r->sealed.p, r->sealed.n - PQ1_TAG_LEN};
    uint8_t tag[PQ1_TAG_LEN];

    tag_of(l, SPARSE, r, text, tag);
    if (memcmp(tag, text.p + text.n, sizeof tag) == 0) {
        return read_sparse(text, plain, cap, n);
    }
    tag_of(l, WHOLE, r, text, tag);
    if (memcmp(tag, text.p + text.n, sizeof tag) != 0) {
        return ERR_SIGNATURE;
    }
    if (text.n > cap) {
        return ERR_NOSPACE;
    }
    memcpy(plain, text.p, text.n);
    *n = text.n;
    return ERR_OK;
}

enum err __wrap_pq1_lane_open(struct pq1_lane *l, struct view record, struct pq1_about *about,
                              uint8_t *plain, size_t cap, size_t *n)
{
    struct pq1_record r;

    *about = (struct pq1_about){0};
    *n = 0;
    TRY(pq1_record_decode(record, &r));
    if (r.seq < l->seq) {
        return ERR_STALE;
    }
    TRY(open_text(l, &r, plain, cap, n));
    if (r.seq != l->seq) {
        memset(plain, 0, *n);
        *n = 0;
        return ERR_MISMATCH;
    }
    l->seq++;
    about->type = r.type;
    about->round = r.round;
    memcpy(about->session, r.session, sizeof about->session);
    return ERR_OK;
}
