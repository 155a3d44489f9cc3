#include "wire/evidence_call.h"

static bool is_zero(const uint8_t *p, size_t n)
{
    uint8_t all = 0;

    for (size_t i = 0; i < n; i++) {
        all |= p[i];
    }
    return all == 0;
}

void evidence_ask_encode(struct writer *w, const struct evidence_ask *a)
{
    wr_u8(w, a->purpose);
    wr_bytes(w, a->nonce, sizeof a->nonce);
}

enum err evidence_ask_decode(struct view body, struct evidence_ask *out)
{
    struct reader r = rd_init(body);
    struct evidence_ask a = {0};

    *out = a;
    TRY(rd_u8(&r, &a.purpose));
    TRY(rd_copy(&r, a.nonce, sizeof a.nonce));
    TRY(rd_finish(&r));
    if (a.purpose != REPORT_ASKED &&
        (a.purpose != REPORT_EPOCH || !is_zero(a.nonce, sizeof a.nonce))) {
        return ERR_RANGE;
    }
    *out = a;
    return ERR_OK;
}

void evidence_answer_encode(struct writer *w, const struct evidence_answer *a)
{
    wr_u8(w, a->here ? 1 : 0);
    wr_u32le(w, a->incarnation);
    wr_view(w, a->block);
}

enum err evidence_answer_decode(struct view body, struct evidence_answer *out)
{
    struct reader r = rd_init(body);
    struct evidence_answer a = {0};
    uint8_t here = 0;

    *out = a;
    TRY(rd_u8(&r, &here));
    TRY(rd_u32le(&r, &a.incarnation));
    if (r.n > EVIDENCE_MAX) {
        return ERR_LENGTH;
    }
    if (here > 1 || (here == 1) != (r.n > 0)) {
        return ERR_RANGE;
    }
    a.here = here == 1;
    a.block = (struct view){r.p, r.n};
    *out = a;
    return ERR_OK;
}
