#include "base/secret.h"
#include "crypto/ecdh_p384.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "enclave/channel/pq1_parts.h"

#include <string.h>

#define LABEL_MAX 64

static const struct mlkem_params *const params = &mlkem_768;

void pq1_work_init(struct pq1_work *w)
{
    memset(w, 0, sizeof *w);
    work_stack_init(&w->stack);
}

_Static_assert((int)PQ1_STEP_HELLO == (int)PQ1_HELLO && (int)PQ1_STEP_KEM == (int)PQ1_KEM &&
                   (int)PQ1_STEP_FINISHED == (int)PQ1_FINISHED,
               "a step is the type of the message that was sent in it");

/* What was being made is over. */
static enum err give_up(struct pq1 *c, enum err e)
{
    wipe(&c->making, sizeof c->making);
    c->step = PQ1_STEP_NONE;
    return e;
}

static void set_party(struct pq1 *c, size_t i, const struct pq1_party *p)
{
    c->index[i] = p->index;
    c->incarnation[i] = p->incarnation;
    memcpy(c->identity[i], p->identity, P384_PUBLIC_LEN);
    hash_once(HASH_SHA384, p->context, c->context[i]);
    c->has_context[i] = p->context.n > 0;
    memcpy(c->evidence[i], c->context[i], sizeof c->evidence[i]);
}

enum err pq1_init(struct pq1 *c, const struct pq1_setup *setup)
{
    memset(c, 0, sizeof *c);
    if (setup->own.index == setup->peer.index ||
        memcmp(setup->own.identity, setup->peer.identity, P384_PUBLIC_LEN) == 0) {
        return ERR_RANGE;
    }
    memcpy(c->epoch_id, setup->epoch_id, EPOCH_ID_LEN);
    set_party(c, 0, &setup->own);
    set_party(c, 1, &setup->peer);
    c->judge = setup->judge;
    return ERR_OK;
}

/* Of what an end, 0 own or 1 peer, sends. */
static struct pq1_ends ends_from(const struct pq1 *c, size_t end)
{
    struct pq1_ends e = {.from = c->index[end],
                         .to = c->index[1 - end],
                         .inc_from = c->incarnation[end],
                         .inc_to = c->incarnation[1 - end]};

    memcpy(e.epoch_id, c->epoch_id, EPOCH_ID_LEN);
    return e;
}

/* Keeps what was written to a row, and sends it. */
static enum err finish(struct writer *own, struct writer *out)
{
    struct view message;

    TRY(wr_finish(own, &message));
    if (out->full || out->cap - out->len < message.n) {
        return ERR_NOSPACE;
    }
    wr_view(out, message);
    return ERR_OK;
}

/* ---- Hello ---- */

struct keygen_call {
    struct pq1_work *work;
    const struct mlkem_seed *seed;
    uint8_t *ek;
};

/* On the work stack, as all that knows a secret of ML-KEM. */
static enum err keygen_call(void *arg)
{
    const struct keygen_call *const k = arg;

    mlkem_keygen(mlkem_best(), params, k->seed, &k->work->key_scratch, &k->work->decaps, k->ek);
    return ERR_OK;
}

/* ek_X: from d and z. */
static enum err make_ek(struct keygen_call *call)
{
    const enum err e = work_stack_run(&call->work->stack, keygen_call, call);

    wipe(&call->work->decaps, sizeof call->work->decaps);
    return e;
}

static enum err make_hello(struct pq1 *c, const struct pq1_tools *t, struct writer *out)
{
    struct pq1_making *const m = &c->making;
    struct writer own = wr_init(m->hello[pq1_own_row(c)], PQ1_HELLO_LEN);
    const struct view none = {NULL, 0};
    uint8_t ek[PQ1_EK_LEN];
    struct pq1_hello h = {.ends = ends_from(c, 0), .ek = {ek, sizeof ek}};
    struct keygen_call call = {t->work, &m->seed, ek};

    if (memcmp(t->identity->public_key, c->identity[0], P384_PUBLIC_LEN) != 0) {
        return ERR_MISMATCH;
    }
    TRY(drbg_generate(t->drbg, none, h.nonce, sizeof h.nonce));
    CT_PUBLIC(h.nonce, sizeof h.nonce); /* it is sent */
    TRY(drbg_generate(t->drbg, none, m->seed.d, sizeof m->seed.d));
    TRY(drbg_generate(t->drbg, none, m->seed.z, sizeof m->seed.z));
    TRY(make_ek(&call));
    TRY(p384_key_generate(t->signer, &m->ec));
    memcpy(h.ec, m->ec.public_key, sizeof h.ec);
    pq1_hello_encode(&own, &h);
    return finish(&own, out);
}

enum err pq1_begin(struct pq1 *c, const struct pq1_tools *tools, struct writer *out)
{
    enum err e;

    (void)give_up(c, ERR_OK);
    e = make_hello(c, tools, out);
    if (e != ERR_OK) {
        return give_up(c, e);
    }
    c->step = PQ1_STEP_HELLO;
    return ERR_OK;
}

/* ---- KEM ---- */

/* Step 2 of threshold-security 3, but for the keys. The nonce: nobody is shown its own Hello
 * with the names changed. */
static enum err check_hello(const struct pq1 *c, const struct pq1_hello *h)
{
    struct pq1_hello own;

    if (h->ends.from != c->index[1] || h->ends.to != c->index[0]) {
        return ERR_MISMATCH;
    }
    if (memcmp(h->ends.epoch_id, c->epoch_id, EPOCH_ID_LEN) != 0) {
        return ERR_QUORUM;
    }
    if (h->ends.inc_from != c->incarnation[1] || h->ends.inc_to != c->incarnation[0]) {
        return ERR_STALE;
    }
    TRY(pq1_hello_decode((struct view){c->making.hello[pq1_own_row(c)], PQ1_HELLO_LEN}, &own));
    return memcmp(h->nonce, own.nonce, PQ1_NONCE_LEN) == 0 ? ERR_MISMATCH : ERR_OK;
}

struct encaps_call {
    struct pq1_work *work;
    uint8_t *ct;
    struct mlkem_shared_key *shared;
};

static enum err encaps_call(void *arg)
{
    const struct encaps_call *const k = arg;

    mlkem_encaps(&k->work->encaps, &k->work->m, &k->work->scratch, k->ct, k->shared);
    return ERR_OK;
}

static enum err write_kem(const struct pq1 *c, struct view block, struct writer *out)
{
    const struct pq1_kem k = {{c->making.ct[pq1_own_row(c)], PQ1_CT_LEN}, block};

    if (out->full || out->cap - out->len < PQ1_KEM_LEN + block.n) {
        return ERR_NOSPACE;
    }
    pq1_kem_encode(out, &k);
    return ERR_OK;
}

static enum err make_kem(struct pq1 *c, const struct pq1_tools *t, struct view message,
                         struct writer *out)
{
    struct pq1_making *const m = &c->making;
    struct pq1_work *const w = t->work;
    struct encaps_call call = {w, m->ct[pq1_own_row(c)], &m->shared};
    struct pq1_hello h;
    enum err e;

    TRY(pq1_hello_decode(message, &h));
    TRY(check_hello(c, &h));
    TRY(p384_check_public(h.ec));
    TRY(mlkem_encaps_key_parse(mlkem_best(), params, h.ek, &w->key_scratch, &w->encaps));
    memcpy(m->hello[pq1_peer_row(c)], message.p, message.n);
    TRY(drbg_generate(t->drbg, (struct view){NULL, 0}, w->m.m, sizeof w->m.m));
    e = work_stack_run(&w->stack, encaps_call, &call);
    wipe(&w->m, sizeof w->m);
    TRY(e);
    return c->judge != NULL ? ERR_OK : write_kem(c, (struct view){NULL, 0}, out);
}

/* ---- evidence ---- */

bool pq1_wants_evidence(const struct pq1 *c, uint8_t report_data[REPORT_DATA_LEN])
{
    return c->step == PQ1_STEP_EVIDENCE && pq1_report_data(c, 0, report_data) == ERR_OK;
}

enum err pq1_give_evidence(struct pq1 *c, struct view block, struct writer *out)
{
    if (c->step != PQ1_STEP_EVIDENCE) {
        return ERR_STATE;
    }
    if (block.n == 0 || block.n > EVIDENCE_MAX) {
        return ERR_LENGTH;
    }
    TRY(write_kem(c, block, out));
    pq1_bind_evidence(c, 0, block);
    c->step = PQ1_STEP_KEM;
    return ERR_OK;
}

/* The peer's KEM, judged before anything is done with it. */
static enum err keep_kem(struct pq1 *c, struct view message)
{
    uint8_t report_data[REPORT_DATA_LEN];
    struct pq1_kem k;

    TRY(pq1_kem_decode(message, &k));
    if (c->judge == NULL) {
        if (k.evidence.n > 0) {
            return ERR_LENGTH;
        }
    } else if (k.evidence.n == 0) {
        return ERR_EVIDENCE;
    } else {
        TRY(pq1_report_data(c, 1, report_data));
        TRY(c->judge->judge(c->judge->self, c->index[1], c->incarnation[1], k.evidence,
                            report_data));
        pq1_bind_evidence(c, 1, k.evidence);
    }
    memcpy(c->making.ct[pq1_peer_row(c)], k.ct.p, k.ct.n);
    c->making.has_kem = true;
    return ERR_OK;
}

/* ---- Finished ---- */

/* What the keys of a channel come from, on the work stack. */
struct derive_call {
    struct pq1 *c;
    struct pq1_work *work;
    const struct ecdh_p384_secret *ekm;
};

static enum err expand(const struct hkdf_prk *prk, const char *l, const struct pq1_making *m,
                       uint8_t *out, size_t n)
{
    static const char label[] = "quorate-pq1 ";
    uint8_t buf[LABEL_MAX + PQ1_HASH_LEN];
    struct writer w = wr_init(buf, sizeof buf);
    struct view info;

    wr_bytes(&w, label, sizeof label - 1);
    wr_bytes(&w, l, strlen(l));
    wr_bytes(&w, m->th, sizeof m->th);
    TRY(wr_finish(&w, &info));
    return hkdf_expand(prk, info, out, n);
}

/* IKM = K_ab | K_ba | EKM. */
static enum err extract(const struct derive_call *d, const struct mlkem_shared_key *theirs,
                        struct hkdf_prk *prk)
{
    static const char label[] = "quorate-pq1 salt";
    const struct pq1_making *const m = &d->c->making;
    const bool is_a = pq1_own_row(d->c) == 0;
    uint8_t salt[PQ1_HASH_LEN];
    uint8_t ikm[2 * MLKEM_KEY_LEN + P384_SCALAR_LEN];
    struct writer w = wr_init(ikm, sizeof ikm);
    struct view v;

    hash_once(HASH_SHA384, (struct view){(const uint8_t *)label, sizeof label - 1}, salt);
    wr_bytes(&w, is_a ? m->shared.k : theirs->k, MLKEM_KEY_LEN);
    wr_bytes(&w, is_a ? theirs->k : m->shared.k, MLKEM_KEY_LEN);
    wr_bytes(&w, d->ekm->x, sizeof d->ekm->x);
    TRY(wr_finish(&w, &v));
    hkdf_extract((struct view){salt, sizeof salt}, v, prk);
    return ERR_OK;
}

static enum err expand_all(const struct hkdf_prk *prk, struct pq1_making *m)
{
    static const char *const records[2] = {"a>b", "b>a"};
    static const char *const fins[2] = {"fin a", "fin b"};

    for (size_t i = 0; i < 2; i++) {
        uint8_t key_iv[AEAD_GCM_KEY_LEN + AEAD_GCM_NONCE_LEN];

        TRY(expand(prk, records[i], m, key_iv, sizeof key_iv));
        memcpy(m->key[i].key, key_iv, AEAD_GCM_KEY_LEN);
        memcpy(m->key[i].iv, key_iv + AEAD_GCM_KEY_LEN, AEAD_GCM_NONCE_LEN);
        TRY(expand(prk, fins[i], m, m->fin[i], sizeof m->fin[i]));
    }
    return ERR_OK;
}

/* dk is made anew from d and z, which take less room; K and PRK stay on the work stack. */
static enum err derive_call(void *arg)
{
    struct derive_call *const d = arg;
    struct pq1_making *const m = &d->c->making;
    struct pq1_work *const w = d->work;
    const struct view ct = {m->ct[pq1_peer_row(d->c)], PQ1_CT_LEN};
    struct mlkem_shared_key theirs;
    uint8_t ek[PQ1_EK_LEN];
    struct hkdf_prk prk;

    mlkem_keygen(mlkem_best(), params, &m->seed, &w->key_scratch, &w->decaps, ek);
    TRY(mlkem_decaps(&w->decaps, ct, &w->scratch, &theirs));
    TRY(extract(d, &theirs, &prk));
    return expand_all(&prk, m);
}

static enum err derive(struct pq1 *c, const struct pq1_tools *t)
{
    struct pq1_making *const m = &c->making;
    struct ecdh_p384_secret ekm;
    struct derive_call call = {.c = c, .work = t->work, .ekm = &ekm};
    struct pq1_hello peer;
    enum err e;

    TRY(pq1_hello_decode((struct view){m->hello[pq1_peer_row(c)], PQ1_HELLO_LEN}, &peer));
    e = ecdh_p384_agree(t->signer, &m->ec, peer.ec, &ekm);
    if (e == ERR_OK) {
        e = work_stack_run(&t->work->stack, derive_call, &call);
    }
    wipe(&ekm, sizeof ekm);
    wipe(&t->work->decaps, sizeof t->work->decaps);
    wipe(&m->seed, sizeof m->seed);
    wipe(&m->ec, sizeof m->ec);
    wipe(&m->shared, sizeof m->shared);
    return e;
}

static void hash_transcript(struct pq1 *c)
{
    struct pq1_making *const m = &c->making;
    const size_t own = pq1_own_row(c);
    struct pq1_transcript t = {
        .hello = {{m->hello[0], PQ1_HELLO_LEN}, {m->hello[1], PQ1_HELLO_LEN}},
        .ct = {{m->ct[0], PQ1_CT_LEN}, {m->ct[1], PQ1_CT_LEN}},
    };

    t.identity[own] = c->identity[0];
    t.identity[1 - own] = c->identity[1];
    t.evidence[own] = c->evidence[0];
    t.evidence[1 - own] = c->evidence[1];
    pq1_transcript_hash(&t, m->th);
}

/* HMAC(fin, th) of a row, on the work stack. */
struct mac_call {
    const struct pq1_making *m;
    size_t row;
    uint8_t *mac;
};

static enum err mac_call(void *arg)
{
    const struct mac_call *const k = arg;

    hkdf_hmac((struct view){k->m->fin[k->row], PQ1_HASH_LEN},
              (struct view){k->m->th, PQ1_HASH_LEN}, k->mac);
    return ERR_OK;
}

/* Both KEMs are there. */
static enum err make_finished(struct pq1 *c, const struct pq1_tools *t, struct writer *out)
{
    struct pq1_making *const m = &c->making;
    uint8_t buf[PQ1_FINISHED_LEN];
    struct writer own = wr_init(buf, sizeof buf);
    struct pq1_finished f;
    struct mac_call call = {m, pq1_own_row(c), f.mac};

    hash_transcript(c);
    TRY(derive(c, t));
    TRY(p384_sign(t->signer, t->identity, m->th, f.signature));
    TRY(work_stack_run(&t->work->stack, mac_call, &call));
    CT_PUBLIC(f.mac, sizeof f.mac); /* it is sent */
    pq1_finished_encode(&own, &f);
    return finish(&own, out);
}

/* ---- verified ---- */

static void put_in_use(struct pq1 *c, int64_t now_ns)
{
    const struct pq1_ends out = ends_from(c, 0);
    const struct pq1_ends in = ends_from(c, 1);

    wipe(&c->send, sizeof c->send);
    wipe(&c->receive, sizeof c->receive);
    pq1_lane_init(&c->send, &out, &c->making.key[pq1_own_row(c)]);
    pq1_lane_init(&c->receive, &in, &c->making.key[pq1_peer_row(c)]);
    c->verified = true;
    c->verified_ns = now_ns;
    (void)give_up(c, ERR_OK);
}

/* The signature first: it says who the peer is, the MAC that it has the same keys. */
static enum err check_finished(struct pq1 *c, const struct pq1_tools *t, struct view message)
{
    uint8_t mac[PQ1_HASH_LEN];
    struct mac_call call = {&c->making, pq1_peer_row(c), mac};
    struct pq1_finished f;
    uint32_t same;

    TRY(pq1_finished_decode(message, &f));
    TRY(p384_verify(c->identity[1], c->making.th, f.signature));
    TRY(work_stack_run(&t->work->stack, mac_call, &call));
    same = ct_equal(mac, f.mac, sizeof mac);
    wipe(mac, sizeof mac);
    CT_PUBLIC(&same, sizeof same); /* that it is genuine is no secret */
    return same ? ERR_OK : ERR_SIGNATURE;
}

/* After the own Hello the peer's is awaited, and so on: the numbers are the same. */
bool pq1_awaits(const struct pq1 *c, struct view message)
{
    if (message.n == 0 || c->step == PQ1_STEP_NONE) {
        return false;
    }
    if (c->step == PQ1_STEP_EVIDENCE) {
        return message.p[0] == PQ1_KEM && !c->making.has_kem;
    }
    return message.p[0] == (uint8_t)c->step && !(c->step == PQ1_STEP_KEM && c->making.has_kem);
}

static enum err take_hello(struct pq1 *c, const struct pq1_tools *tools, struct view message,
                           struct writer *out)
{
    TRY(make_kem(c, tools, message, out));
    c->step = c->judge != NULL ? PQ1_STEP_EVIDENCE : PQ1_STEP_KEM;
    return ERR_OK;
}

static enum err take_kem(struct pq1 *c, const struct pq1_tools *tools, struct view message,
                         struct writer *out)
{
    TRY(keep_kem(c, message));
    if (c->step == PQ1_STEP_EVIDENCE) {
        return ERR_OK; /* the own goes first */
    }
    TRY(make_finished(c, tools, out));
    c->step = PQ1_STEP_FINISHED;
    return ERR_OK;
}

static enum err take_finished(struct pq1 *c, const struct pq1_tools *tools, int64_t now_ns,
                              struct view message)
{
    TRY(check_finished(c, tools, message));
    put_in_use(c, now_ns);
    return ERR_OK;
}

enum err pq1_take(struct pq1 *c, const struct pq1_tools *tools, int64_t now_ns,
                  struct view message, struct writer *out)
{
    enum err e = ERR_BUG;

    if (!pq1_awaits(c, message)) {
        return ERR_STATE;
    }
    if (c->step == PQ1_STEP_HELLO) {
        e = take_hello(c, tools, message, out);
    } else if (c->step == PQ1_STEP_FINISHED) {
        e = take_finished(c, tools, now_ns, message);
    } else {
        e = take_kem(c, tools, message, out);
    }
    return e != ERR_OK ? give_up(c, e) : ERR_OK;
}

enum err pq1_go_on(struct pq1 *c, const struct pq1_tools *tools, struct writer *out)
{
    enum err e;

    if (c->step != PQ1_STEP_KEM || !c->making.has_kem) {
        return ERR_STATE;
    }
    e = make_finished(c, tools, out);
    if (e != ERR_OK) {
        return give_up(c, e);
    }
    c->step = PQ1_STEP_FINISHED;
    return ERR_OK;
}

void pq1_abandon(struct pq1 *c)
{
    (void)give_up(c, ERR_OK);
}

/* ---- in use ---- */

bool pq1_is_due(const struct pq1 *c, int64_t now_ns)
{
    return !c->verified || now_ns - c->verified_ns >= PQ1_LIFE_NS / 2 ||
           c->send.seq >= PQ1_RECORDS_MAX / 2 || c->receive.seq >= PQ1_RECORDS_MAX / 2;
}

static bool is_usable(const struct pq1 *c, int64_t now_ns)
{
    return c->verified && now_ns >= c->verified_ns && now_ns - c->verified_ns <= PQ1_LIFE_NS;
}

enum err pq1_seal(struct pq1 *c, int64_t now_ns, const struct pq1_about *about,
                  struct view plain, struct writer *out)
{
    if (!is_usable(c, now_ns) || c->step == PQ1_STEP_FINISHED) {
        return ERR_STATE;
    }
    return pq1_lane_seal(&c->send, about, plain, out);
}

enum err pq1_open(struct pq1 *c, int64_t now_ns, struct view record, struct pq1_about *about,
                  uint8_t *plain, size_t cap, size_t *n)
{
    *about = (struct pq1_about){0};
    *n = 0;
    if (!is_usable(c, now_ns)) {
        return ERR_STATE;
    }
    return pq1_lane_open(&c->receive, record, about, plain, cap, n);
}

void pq1_wipe(struct pq1 *c)
{
    wipe(c, sizeof *c);
}
