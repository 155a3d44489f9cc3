#include "wire/quorum_msg.h"

#include <string.h>

void quorum_word_signed(enum quorum_round round, const uint8_t x[STAMP_X_LEN],
                        const struct quorum_word *word, uint8_t out[QUORUM_SIGNED_LEN])
{
    static const char label[] = "quorate-pq-v1";
    uint8_t digest[HASH_MAX];
    struct writer w = wr_init(out, QUORUM_SIGNED_LEN);

    hash_once(HASH_SHA384, word->body, digest);
    wr_bytes(&w, label, sizeof label - 1);
    wr_u8(&w, (uint8_t)round);
    wr_bytes(&w, x, STAMP_X_LEN);
    wr_u8(&w, word->index);
    wr_bytes(&w, digest, hash_len(HASH_SHA384));
}

void quorum_word_encode(struct writer *w, const struct quorum_word *word)
{
    wr_u8(w, word->index);
    wr_view(w, word->signature);
    wr_u32le(w, (uint32_t)word->body.n);
    wr_view(w, word->body);
}

enum err quorum_word_decode(struct reader *r, size_t max, struct quorum_word *out)
{
    struct quorum_word word = {0};
    uint32_t n = 0;

    *out = word;
    TRY(rd_u8(r, &word.index));
    TRY(rd_take(r, QUORUM_SIG_LEN, &word.signature));
    TRY(rd_u32le(r, &n));
    if (word.index == 0 || word.index > STAMP_T_MAX || n > max) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, n, &word.body));
    *out = word;
    return ERR_OK;
}

void r3_encode(struct writer *w, const struct r3 *m)
{
    wr_bytes(w, m->x, sizeof m->x);
    wr_u8(w, m->n);
    for (size_t i = 0; i < m->n; i++) {
        quorum_word_encode(w, &m->reveals[i]);
    }
}

static enum err read_r3(struct view body, size_t reveal_len, struct r3 *m)
{
    struct reader r = rd_init(body);

    TRY(rd_copy(&r, m->x, sizeof m->x));
    TRY(rd_u8(&r, &m->n));
    if (m->n > STAMP_T_MAX - 1) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < m->n; i++) {
        TRY(quorum_word_decode(&r, reveal_len, &m->reveals[i]));
        if (m->reveals[i].body.n != reveal_len) {
            return ERR_LENGTH;
        }
        if (i > 0 && m->reveals[i].index <= m->reveals[i - 1].index) {
            return ERR_RANGE;
        }
    }
    return rd_finish(&r);
}

enum err r3_decode(struct view body, size_t reveal_len, struct r3 *out)
{
    struct r3 m = {0};
    const enum err e = read_r3(body, reveal_len, &m);

    *out = e == ERR_OK ? m : (struct r3){0};
    return e;
}
