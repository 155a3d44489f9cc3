#include "fake_sign.h"

#include "chain_fixture.h"
#include "fake_work.h"
#include "pq_fixture.h"

#include "crypto/mldsa/mldsa.h"
#include "format/signed_attrs.h"
#include "format/tst_info.h"

#include <stdlib.h>
#include <string.h>

static void must(bool good)
{
    if (!good) {
        abort(); /* the fixture itself is broken */
    }
}

static struct view write_tst_info(struct coord_job *job, uint8_t *space)
{
    static uint8_t serial;
    const struct hello_policy *p = fake.core.policies;
    struct writer w = wr_init(space, TST_INFO_MAX);
    struct view out;

    while (p->number != job->policy) {
        p++;
    }
    must(p->key == job->key);
    struct tst_info t = {
        .policy = p->oid,
        .hash_alg = (enum hash_alg)job->hash_alg,
        .hashed_message = {job->hashed_message, hash_len((enum hash_alg)job->hash_alg)},
        .serial_number = {1, ++serial},
        .gen_time_ms = FIXTURE_NOW * 1000 + 120,
        .accuracy_ms = 1250,
        .nonce = {job->nonce, job->nonce_len},
    };

    job->stamp.gen_time_ms = t.gen_time_ms;
    job->stamp.accuracy_ms = t.accuracy_ms;
    memcpy(job->stamp.serial, t.serial_number, sizeof job->stamp.serial);
    tst_info_write(&w, &t);
    must(wr_finish(&w, &out) == ERR_OK);
    return out;
}

static struct ess_cert_id_v2 cert_id(const struct tsa_chain *c)
{
    struct ess_cert_id_v2 id = {.issuer = c->activation.issuer, .serial = c->activation.serial};

    memcpy(id.cert_hash, c->activation.cert_hash, sizeof id.cert_hash);
    return id;
}

/* Several would sign what one has signed. */
static void check_digest(const struct coord_job *job, const uint8_t *signed_)
{
    uint8_t digest[P384_DIGEST_LEN];

    must(job->to_sign(job, digest) == ERR_OK && memcmp(digest, signed_, sizeof digest) == 0);
}

/* The signature of one key. job: NULL, or of this key alone. */
static void sign_one(const struct coord_job *job, const struct serving_leg *legs,
                     enum core_key key, bool dual, struct view tst_info,
                     const struct fixture *chain, uint8_t *signature)
{
    const bool pq = key == KEY_PQ;
    const enum sign_alg alg = pq ? SIGN_ML_DSA_65 : SIGN_ECDSA_P384_SHA384;
    const enum hash_alg hash = pq ? HASH_SHA512 : HASH_SHA384;
    uint8_t attrs_space[SIGNED_ATTRS_MAX];
    uint8_t digest[HASH_MAX];
    struct writer w = wr_init(attrs_space, sizeof attrs_space);
    struct ess_cert_id_v2 certs[SIGN_ALG_COUNT] = {{.issuer = {NULL, 0}}};
    struct view attrs;

    for (size_t i = 0; i < SIGN_ALG_COUNT; i++) {
        if (legs[i].chain != NULL) {
            certs[i] = cert_id(legs[i].chain);
        }
    }
    hash_once(hash, tst_info, digest);
    if (dual) {
        signed_attrs_write_dual(&w, alg, tst_info, certs);
    } else {
        signed_attrs_write(&w, alg, (struct view){digest, hash_len(hash)}, &certs[alg]);
    }
    must(wr_finish(&w, &attrs) == ERR_OK);
    if (pq) {
        pq_fixture_sign(attrs, signature);
    } else {
        hash_once(HASH_SHA384, attrs, digest);
        if (job != NULL) {
            check_digest(job, digest);
        }
        fixture_sign(chain, digest, signature);
    }
}

void fake_sign(struct coord_job *job, const struct front *front, const struct fixture *chain)
{
    const struct serving_leg *legs = front->slot.now->legs;
    const bool dual = job->key == KEY_DUAL;
    uint8_t tst_space[TST_INFO_MAX];
    const struct view tst_info = write_tst_info(job, tst_space);

    job->signature_len = 0;
    for (enum core_key key = KEY_CLASSIC; key <= KEY_PQ; key++) {
        if (core_key_takes(job->key, key)) {
            sign_one(dual ? NULL : job, legs, key, dual, tst_info, chain,
                     job->signature + job->signature_len);
            job->signature_len += stamp_signature_len((uint8_t)key);
        }
    }
    if (job->key == KEY_PQ) { /* what several would sign is what one has signed */
        uint8_t mu[MLDSA_MU_LEN];

        must(job->to_sign(job, mu) == ERR_OK &&
             pq_fixture_verifies_mu(mu, (struct view){job->signature, job->signature_len}));
    }
    job->err = ERR_OK;
}
