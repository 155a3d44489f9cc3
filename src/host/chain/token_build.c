#include "host/chain/token_build.h"

#include "crypto/keccak/sponge.h"
#include "crypto/mldsa/mldsa.h"
#include "format/der.h"
#include "format/tst_info.h"

#include <string.h>

static enum err write_tst_info(const struct token_build_in *in, struct writer *w,
                               struct view *tst_info)
{
    const struct coord_job *job = in->job;
    struct tst_info t = {
        .policy = in->policy,
        .hash_alg = (enum hash_alg)job->hash_alg,
        .hashed_message = {job->hashed_message, hash_len((enum hash_alg)job->hash_alg)},
        .gen_time_ms = job->stamp.gen_time_ms,
        .accuracy_ms = job->stamp.accuracy_ms,
        .ordering = job->rule.ordering,
        .nonce = {job->nonce, job->nonce_len},
    };

    memcpy(t.serial_number, job->stamp.serial, sizeof t.serial_number);
    tst_info_write(w, &t);
    return wr_finish(w, tst_info);
}

/* How the key of this chain signs. */
static enum sign_alg alg_of(const struct tsa_chain *chain)
{
    return chain->activation.key == KEY_PQ ? SIGN_ML_DSA_65 : SIGN_ECDSA_P384_SHA384;
}

static struct ess_cert_id_v2 cert_id(const struct tsa_chain *chain)
{
    const struct activation *a = &chain->activation;
    struct ess_cert_id_v2 id = {.issuer = a->issuer, .serial = a->serial};

    memcpy(id.cert_hash, a->cert_hash, sizeof id.cert_hash);
    return id;
}

/* What the key of one chain signed; other: of KEY_DUAL the other chain, else NULL. */
static enum err write_signed_attrs(const struct tsa_chain *chain, const struct tsa_chain *other,
                                   struct view tst_info, struct writer *w,
                                   struct view *signed_attrs)
{
    const enum sign_alg alg = alg_of(chain);
    const enum hash_alg hash = alg == SIGN_ML_DSA_65 ? HASH_SHA512 : HASH_SHA384;
    struct ess_cert_id_v2 certs[SIGN_ALG_COUNT];
    uint8_t digest[HASH_MAX];

    certs[alg] = cert_id(chain);
    if (other != NULL) {
        certs[alg_of(other)] = cert_id(other);
        signed_attrs_write_dual(w, alg, tst_info, certs);
    } else {
        hash_once(hash, tst_info, digest);
        signed_attrs_write(w, alg, (struct view){digest, hash_len(hash)}, &certs[alg]);
    }
    return wr_finish(w, signed_attrs);
}

/* TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo } */
enum err token_build_find(struct view resp, struct view *token)
{
    struct reader r = rd_init(resp);
    struct reader seq;
    struct view status;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(der_read(&seq, DER_SEQUENCE, &status));
    *token = (struct view){seq.p, seq.n};
    return ERR_OK;
}

/* What goes into the SignerInfo of one chain, but for the signature. */
static struct token_parts parts_of(const struct tsa_chain *chain, bool cert_req)
{
    return (struct token_parts){
        .alg = alg_of(chain),
        .issuer = chain->activation.issuer,
        .serial = chain->activation.serial,
        .certificates = cert_req ? chain->certificates : (struct view){NULL, 0},
    };
}

static enum err build(const struct token_build_in *in, uint8_t *out, struct view *resp,
                      struct view *token)
{
    uint8_t tst_space[TST_INFO_MAX];
    uint8_t attrs_space[2][SIGNED_ATTRS_MAX];
    struct writer tst_w = wr_init(tst_space, sizeof tst_space);
    struct writer attrs_w = wr_init(attrs_space[0], sizeof attrs_space[0]);
    struct writer beside_w = wr_init(attrs_space[1], sizeof attrs_space[1]);
    struct writer w = wr_init(out, TOKEN_BUILD_MAX);
    struct reader signatures =
        rd_init((struct view){in->job->signature, in->job->signature_len});
    struct token_parts parts = parts_of(in->chain, in->cert_req);
    struct token_parts beside;

    TRY(write_tst_info(in, &tst_w, &parts.tst_info));
    TRY(write_signed_attrs(in->chain, in->beside, parts.tst_info, &attrs_w,
                           &parts.signed_attrs));
    if (in->beside != NULL) {
        beside = parts_of(in->beside, in->cert_req);
        TRY(write_signed_attrs(in->beside, in->chain, parts.tst_info, &beside_w,
                               &beside.signed_attrs));
        if (rd_take(&signatures, STAMP_SIGNATURE_CLASSIC, &parts.signature) != ERR_OK) {
            return ERR_LENGTH;
        }
        beside.signature = (struct view){signatures.p, signatures.n};
        parts.beside = &beside;
    } else {
        parts.signature = (struct view){signatures.p, signatures.n};
    }
    TRY(tsp_resp_write_granted(&w, &parts));
    TRY(wr_finish(&w, resp));
    return token_build_find(*resp, token);
}

enum err token_build(const struct token_build_in *in, uint8_t out[TOKEN_BUILD_MAX],
                     struct view *resp, struct view *token)
{
    const enum err e = build(in, out, resp, token);

    if (e != ERR_OK) {
        *resp = (struct view){0};
        *token = (struct view){0};
    }
    return e;
}

/* The signedAttrs of the one chain, in space. */
static enum err signed_part(const struct token_build_in *in, uint8_t space[SIGNED_ATTRS_MAX],
                            struct view *out)
{
    uint8_t tst_space[TST_INFO_MAX];
    struct writer tst_w = wr_init(tst_space, sizeof tst_space);
    struct writer attrs_w = wr_init(space, SIGNED_ATTRS_MAX);
    struct view tst_info;

    TRY(write_tst_info(in, &tst_w, &tst_info));
    return write_signed_attrs(in->chain, NULL, tst_info, &attrs_w, out);
}

enum err token_build_mu(const struct token_build_in *in, uint8_t *mu)
{
    uint8_t space[SIGNED_ATTRS_MAX];
    const struct view no_context = {0};
    uint8_t tr[MLDSA_TR_LEN];
    struct view signed_attrs;
    struct shake256 x;

    TRY(signed_part(in, space, &signed_attrs));
    shake256_init(&x); /* tr = H(pk, 64), FIPS 204 alg. 6 */
    shake256_update(&x, in->chain->public_key.p, in->chain->public_key.n);
    shake256_final(&x, tr, sizeof tr);
    return mldsa_mu(mldsa_best(), tr, no_context, signed_attrs, mu);
}

enum err token_build_digest(const struct token_build_in *in, uint8_t *digest)
{
    uint8_t space[SIGNED_ATTRS_MAX];
    struct view signed_attrs;

    TRY(signed_part(in, space, &signed_attrs));
    hash_once(HASH_SHA384, signed_attrs, digest);
    return ERR_OK;
}
