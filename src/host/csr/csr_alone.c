#include "host/csr/csr_alone.h"

#include <string.h>

void csr_alone_begin(struct csr_alone *a, const struct csr_key *key, uint8_t index,
                     uint8_t attempt, const uint8_t sid0[SID0_LEN])
{
    *a = (struct csr_alone){.key = *key, .index = index, .attempt = attempt};
    memcpy(a->sid0, sid0, SID0_LEN);
}

enum frame_type csr_alone_ask(const struct csr_alone *a, struct writer *body)
{
    if (!a->promised) {
        struct r1_ask ask = {.key = a->key.key, .sid0 = {a->sid0, SID0_LEN}};

        memcpy(ask.epoch_id, a->key.epoch_id, EPOCH_ID_LEN);
        r1_ask_encode(body, &ask);
        return FRAME_R1;
    }
    struct csr_ask ask = {.key = a->key.key,
                          .subject = CSR_SUBJECT_TSA,
                          .attempt = a->attempt,
                          .t = 1,
                          .signers = {a->index},
                          .r1s = {a->r1, R1_BODY_LEN}};

    memcpy(ask.epoch_id, a->key.epoch_id, EPOCH_ID_LEN);
    memcpy(ask.sid0, a->sid0, SID0_LEN);
    csr_ask_encode(body, &ask);
    return FRAME_SIGN_CSR;
}

enum err csr_alone_take(struct csr_alone *a, struct view body, struct csr_scratch *x,
                        struct writer *pem)
{
    struct view r1;

    if (a->promised) {
        TRY(csr_key_pem(&a->key, body, x, pem));
        a->done = true;
        return ERR_OK;
    }
    TRY(r1_answer_decode(body, R1_BODY_LEN, &r1));
    if (r1.n != R1_BODY_LEN) {
        return ERR_RANGE;
    }
    memcpy(a->r1, r1.p, R1_BODY_LEN);
    a->promised = true;
    return ERR_OK;
}
