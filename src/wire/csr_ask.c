#include "wire/csr_ask.h"

#include <string.h>

void csr_ask_encode(struct writer *w, const struct csr_ask *a)
{
    wr_bytes(w, a->epoch_id, sizeof a->epoch_id);
    wr_u8(w, a->key);
    wr_u8(w, a->subject);
    wr_u8(w, a->attempt);
    wr_u8(w, a->t);
    wr_bytes(w, a->signers, a->t);
    wr_bytes(w, a->sid0, sizeof a->sid0);
    wr_view(w, a->r1s);
    wr_view(w, a->presign);
}

static enum err read_ask(struct view body, struct csr_ask *a)
{
    struct reader r = rd_init(body);

    TRY(rd_copy(&r, a->epoch_id, sizeof a->epoch_id));
    TRY(rd_u8(&r, &a->key));
    TRY(rd_u8(&r, &a->subject));
    TRY(rd_u8(&r, &a->attempt));
    TRY(rd_u8(&r, &a->t));
    if ((a->key != KEY_CLASSIC && a->key != KEY_PQ) || a->attempt == 0 ||
        a->attempt > CSR_ATTEMPTS_MAX || a->t == 0 || a->t > STAMP_T_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_copy(&r, a->signers, a->t));
    TRY(rd_copy(&r, a->sid0, sizeof a->sid0));
    TRY(rd_take(&r, a->t * r1_len(a->key, a->t), &a->r1s));
    if (stamp_is_presigned(a->key, a->t)) {
        TRY(rd_take(&r, STAMP_PRESIGN_LEN, &a->presign));
    }
    return rd_finish(&r);
}

enum err csr_ask_decode(struct view body, struct csr_ask *out)
{
    struct csr_ask a = {0};
    const enum err e = read_ask(body, &a);

    *out = e == ERR_OK ? a : (struct csr_ask){0};
    return e;
}

/* Whether every R1 belongs to this session. */
static enum err check_r1s(const struct csr_ask *a)
{
    const size_t offer = r1_len(a->key, a->t) - R1_BODY_LEN;
    struct reader r = rd_init(a->r1s);

    for (size_t i = 0; i < a->t; i++) {
        struct r1_body b;
        struct view one;
        struct view rest;

        TRY(rd_take(&r, R1_BODY_LEN, &one));
        TRY(rd_take(&r, offer, &rest));
        TRY(r1_body_decode(one, &b));
        if (memcmp(b.epoch_id, a->epoch_id, EPOCH_ID_LEN) != 0 || b.key != a->key ||
            memcmp(b.sid0, a->sid0, SID0_LEN) != 0 || b.index != a->signers[i]) {
            return ERR_MISMATCH;
        }
        if (a->signers[i] == 0 || (i > 0 && a->signers[i] <= a->signers[i - 1])) {
            return ERR_MISMATCH;
        }
    }
    return rd_finish(&r);
}

static void absorb(struct shake256 *x, const void *p, size_t n)
{
    uint8_t len[4];
    struct writer w = wr_init(len, sizeof len);

    wr_u32le(&w, (uint32_t)n);
    shake256_update(x, len, sizeof len);
    shake256_update(x, p, n);
}

enum err csr_ask_x(const struct csr_ask *a, uint8_t x[STAMP_X_LEN])
{
    static const char label[] = "quorate-csr-v1";
    struct shake256 h;

    TRY(check_r1s(a));
    shake256_init(&h);
    shake256_update(&h, label, sizeof label - 1);
    absorb(&h, a->epoch_id, EPOCH_ID_LEN);
    absorb(&h, &a->key, 1);
    absorb(&h, &a->subject, 1);
    absorb(&h, &a->attempt, 1);
    absorb(&h, a->signers, a->t);
    absorb(&h, a->sid0, SID0_LEN);
    absorb(&h, a->r1s.p, a->r1s.n);
    if (stamp_is_presigned(a->key, a->t)) {
        absorb(&h, a->presign.p, a->presign.n);
    }
    shake256_final(&h, x, STAMP_X_LEN);
    return ERR_OK;
}
