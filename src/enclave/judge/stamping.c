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

static struct ess_cert_id_v2 cert_id(const struct stamp_cert *c)
{
    struct ess_cert_id_v2 id = {.issuer = {c->issuer, c->issuer_len},
                                .serial = {c->serial, c->serial_len}};

    memcpy(id.cert_hash, c->cert_hash, CERT_HASH_LEN);
    return id;
}

static void write_tst_info(const struct stamp *st, const struct r2_stamp *s,
                           const struct boot_policy *p, struct writer *w)
{
    struct tst_info info = {
        .policy = {p->oid, p->oid_len},
        .hash_alg = (enum hash_alg)s->hash_alg,
        .hashed_message = s->hashed_message,
        .gen_time_ms = st->gen_time_ms,
        .accuracy_ms = st->accuracy_ms,
        .ordering = p->rule.ordering,
        .nonce = s->nonce,
    };

    memcpy(info.serial_number, st->serial, TST_SERIAL_LEN);
    tst_info_write(w, &info);
}

static void write_attrs(const struct boot_policy *p, const struct stamp_cert *certs,
                        enum core_key key, struct view tst_info, struct writer *w)
{
    const struct ess_cert_id_v2 ids[SIGN_ALG_COUNT] = {
        [SIGN_ECDSA_P384_SHA384] = cert_id(&certs[KEY_CLASSIC - 1]),
        [SIGN_ML_DSA_65] = cert_id(&certs[KEY_PQ - 1]),
    };
    const enum sign_alg alg = key == KEY_PQ ? SIGN_ML_DSA_65 : SIGN_ECDSA_P384_SHA384;
    const enum hash_alg hash = key == KEY_PQ ? HASH_SHA512 : HASH_SHA384;
    uint8_t message_digest[HASH_MAX];

    if (p->key == KEY_DUAL) {
        signed_attrs_write_dual(w, alg, tst_info, ids);
        return;
    }
    hash_once(hash, tst_info, message_digest);
    signed_attrs_write(w, alg, (struct view){message_digest, hash_len(hash)}, &ids[alg]);
}

enum err stamping_digest(const struct stamp *st, const struct r2_stamp *s,
                         const struct boot_policy *p,
                         const struct stamp_cert certs[WIRE_KEYS_MAX], enum core_key key,
                         uint8_t digest[SIGN_DIGEST_LEN])
{
    uint8_t tst_bytes[TST_INFO_MAX];
    uint8_t bytes[SIGNED_ATTRS_MAX];
    struct writer tst_w = wr_init(tst_bytes, sizeof tst_bytes);
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view tst_info;
    struct view attrs;

    memset(digest, 0, SIGN_DIGEST_LEN);
    write_tst_info(st, s, p, &tst_w);
    TRY(wr_finish(&tst_w, &tst_info));
    write_attrs(p, certs, key, tst_info, &w);
    TRY(wr_finish(&w, &attrs));
    if (key == KEY_PQ) { /* pure, RFC 9882 3: no pre-hash */
        return mldsa_mu(mldsa_best(), certs[KEY_PQ - 1].tr, (struct view){NULL, 0}, attrs,
                        digest);
    }
    hash_once(HASH_SHA384, attrs, digest);
    return ERR_OK;
}
