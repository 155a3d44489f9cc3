#include "wire/presign_word.h"

static void write_about(struct writer *w, const struct presign_word *word)
{
    wr_u8(w, word->triple);
    wr_bytes(w, word->id, sizeof word->id);
    wr_bytes(w, word->r, sizeof word->r);
    wr_bytes(w, word->digest, sizeof word->digest);
}

void presign_word_signed(const struct presign_word *of, const uint8_t epoch_id[EPOCH_ID_LEN],
                         const uint8_t sum[PRESIGN_SUM_LEN],
                         uint8_t out[PRESIGN_WORD_SIGNED_LEN])
{
    static const char label[] = "quorate-answer-v1";
    struct writer w = wr_init(out, PRESIGN_WORD_SIGNED_LEN);

    wr_bytes(&w, label, sizeof label - 1);
    wr_bytes(&w, epoch_id, EPOCH_ID_LEN);
    write_about(&w, of);
    wr_bytes(&w, sum, PRESIGN_SUM_LEN);
}

void presign_word_encode(struct writer *w, const struct presign_word *word)
{
    write_about(w, word);
    wr_bytes(w, word->answers, sizeof word->answers);
}

enum err presign_word_decode(struct reader *r, struct presign_word *out)
{
    TRY(rd_u8(r, &out->triple));
    TRY(rd_copy(r, out->id, sizeof out->id));
    TRY(rd_copy(r, out->r, sizeof out->r));
    TRY(rd_copy(r, out->digest, sizeof out->digest));
    return rd_copy(r, out->answers[0], sizeof out->answers);
}
