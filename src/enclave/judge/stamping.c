#include "enclave/judge/stamping.h"

#include "format/signed_attrs.h"
#include "format/tst_info.h"

#include <string.h>

void stamp_cert_set(struct stamp_cert *c, const struct activation *a)
{
    c->active = true;
    c->serial_len = (uint8_t)a->serial.n;
    c->issuer_len = (uint16_t)a->issuer.n;
    activation_hash(a, c->activation);
    memcpy(c->cert_hash, a->cert_hash, CERT_HASH_LEN);
    memcpy(c->serial, a->serial.p, a->serial.n);
    memcpy(c->issuer, a->issuer.p, a->issuer.n);
}

enum err stamping_digest(const struct stamp *st, const struct r2_stamp *s,
                         const struct boot_policy *p, const struct stamp_cert *c,
                         uint8_t digest[SIGN_DIGEST_LEN])
{
    struct tst_info info = {
        .policy = {p->oid, p->oid_len},
        .hash_alg = (enum hash_alg)s->hash_alg,
        .hashed_message = s->hashed_message,
        .gen_time_ms = st->gen_time_ms,
        .accuracy_ms = st->accuracy_ms,
        .nonce = s->nonce,
    };
    struct ess_cert_id_v2 id = {.issuer = {c->issuer, c->issuer_len},
                                .serial = {c->serial, c->serial_len}};
    uint8_t bytes[SIGNED_ATTRS_MAX];
    const bool pq = p->key == KEY_PQ;
    const enum hash_alg hash = pq ? HASH_SHA512 : HASH_SHA384;
    uint8_t message_digest[HASH_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view done;

    memset(digest, 0, SIGN_DIGEST_LEN);
    memcpy(info.serial_number, st->serial, TST_SERIAL_LEN);
    tst_info_write(&w, &info);
    TRY(wr_finish(&w, &done));
    hash_once(hash, done, message_digest);

    memcpy(id.cert_hash, c->cert_hash, CERT_HASH_LEN);
    w = wr_init(bytes, sizeof bytes);
    signed_attrs_write(&w, pq ? SIGN_ML_DSA_65 : SIGN_ECDSA_P384_SHA384,
                       (struct view){message_digest, hash_len(hash)}, &id);
    TRY(wr_finish(&w, &done));
    if (pq) { /* pure, RFC 9882 3: no pre-hash */
        return mldsa_mu(mldsa_best(), c->tr, (struct view){NULL, 0}, done, digest);
    }
    hash_once(HASH_SHA384, done, digest);
    return ERR_OK;
}
