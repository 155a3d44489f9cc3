#include "quorum_node.h"

#include "crypto/keccak/sponge.h"
#include "wire/csr_ask.h"

void quorum_node_mu(const struct stamp *st, uint8_t mu[MLDSA_MU_LEN])
{
    struct shake256 x;

    shake256_init(&x);
    shake256_update(&x, st->x, sizeof st->x);
    shake256_final(&x, mu, MLDSA_MU_LEN);
}

static struct pq_party *party_of(const struct quorum_node *n)
{
    return &n->kit->nodes[n->party].party;
}

static enum err answer_r1(struct quorum_node *n, struct view body, struct writer *w)
{
    struct r1_body b = {.key = KEY_PQ, .index = (uint8_t)(n->party + 1)};
    uint8_t r1[R1_MAX_LEN];
    struct writer rw = wr_init(r1, sizeof r1);
    struct r1_offer offer;
    struct r1_ask ask;

    TRY(r1_ask_decode(body, &ask));
    TRY(pq_party_offer(party_of(n), 0, n->kit->now_ns, &offer));
    memcpy(b.epoch_id, ask.epoch_id, EPOCH_ID_LEN);
    memcpy(b.sid0, ask.sid0.p, SID0_LEN);
    noise_bytes(&n->kit->noise, b.r1_id, sizeof b.r1_id);
    noise_bytes(&n->kit->noise, b.part, sizeof b.part);
    b.lo_ns = n->now_ns - MS;
    b.hi_ns = n->now_ns + MS;
    r1_body_encode(&rw, &b);
    r1_offer_encode(&rw, &offer);
    TRY(pq_party_prove(party_of(n), r1));
    wr_u8(w, 1);
    wr_bytes(w, r1, sizeof r1);
    return ERR_OK;
}

static enum err answer_r2(struct quorum_node *n, struct view body, struct writer *w)
{
    const struct stamp_policy policy = {3, 100, 1000, false};
    struct reader r = rd_init(body);
    uint8_t sig[QUORUM_SIG_LEN];
    uint8_t mu[MLDSA_MU_LEN];
    struct quorum_word word;
    struct r2_head h;
    struct r2_stamp s;
    struct stamp st;

    TRY(r2_head_decode(&r, &h));
    TRY(r2_stamp_decode(&r, &h, &s));
    TRY(rd_finish(&r));
    TRY(stamp_derive(&h, &s, &policy, &st));
    quorum_node_mu(&st, mu);
    const struct pq_question q = {&h, s.bodies, st.x, mu};

    TRY(pq_party_open(party_of(n), n->kit->now_ns, &q, sig, &word));
    wr_u8(w, 1);
    wr_u16le(w, ERR_OK);
    quorum_word_encode(w, &word);
    return ERR_OK;
}

static enum err answer_csr(struct quorum_node *n, struct view body, struct writer *w)
{
    uint8_t sig[QUORUM_SIG_LEN];
    uint8_t mu[MLDSA_MU_LEN];
    struct quorum_word word;
    struct csr_ask ask;
    struct r2_head h;
    struct stamp st;

    TRY(csr_ask_decode(body, &ask));
    TRY(csr_ask_x(&ask, st.x));
    quorum_node_mu(&st, mu);
    h = (struct r2_head){.t = ask.t};
    memcpy(h.signers, ask.signers, sizeof h.signers);
    const struct pq_question q = {&h, ask.r1s, st.x, mu};

    TRY(pq_party_open(party_of(n), n->kit->now_ns, &q, sig, &word));
    wr_u8(w, 1);
    wr_u16le(w, ERR_OK);
    quorum_word_encode(w, &word);
    return ERR_OK;
}

static enum err answer_r3(struct quorum_node *n, struct view body, struct writer *w)
{
    struct pq_party *const p = party_of(n);
    uint8_t sig[QUORUM_SIG_LEN];
    struct quorum_word word;
    struct pq_answer *a;
    struct r3 m;
    enum err e;

    TRY(r3_decode(body, tmldsa_pack_batch_len(n->kit->math->params), &m));
    if (m.n == 0) {
        (void)pq_party_give_back(p, 0, m.x);
        return ERR_OK;
    }
    TRY(pq_party_take(p, &m, &a));
    pq_answer_make(p, &n->kit->math->respond_scratch, a);
    e = pq_party_answered(p, a, sig, &word);
    if (e == ERR_OK) {
        wr_u16le(w, ERR_OK);
        quorum_word_encode(w, &word);
    }
    pq_party_release(p, a);
    return e;
}

enum err quorum_node_answer(struct quorum_node *n, enum frame_type type, struct view body,
                            struct writer *w)
{
    if (type == FRAME_R1) {
        return answer_r1(n, body, w);
    }
    if (type == FRAME_SIGN_CSR) {
        return answer_csr(n, body, w);
    }
    return type == FRAME_R2 ? answer_r2(n, body, w) : answer_r3(n, body, w);
}
