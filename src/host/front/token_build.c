#include "host/front/token_build.h"

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

static enum err write_signed_attrs(const struct token_build_in *in, struct view tst_info,
                                   struct writer *w, struct view *signed_attrs)
{
    const struct activation *a = &in->chain->activation;
    const enum hash_alg hash = a->key == KEY_PQ ? HASH_SHA512 : HASH_SHA384;
    uint8_t digest[HASH_MAX];
    struct ess_cert_id_v2 cert = {.issuer = a->issuer, .serial = a->serial};

    hash_once(hash, tst_info, digest);
    memcpy(cert.cert_hash, a->cert_hash, sizeof cert.cert_hash);
    signed_attrs_write(w, alg_of(in->chain), (struct view){digest, hash_len(hash)}, &cert);
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

static enum err build(const struct token_build_in *in, uint8_t *out, struct view *resp,
                      struct view *token)
{
    uint8_t tst_space[TST_INFO_MAX];
    uint8_t attrs_space[SIGNED_ATTRS_MAX];
    struct writer tst_w = wr_init(tst_space, sizeof tst_space);
    struct writer attrs_w = wr_init(attrs_space, sizeof attrs_space);
    struct writer w = wr_init(out, TOKEN_BUILD_MAX);
    struct token_parts parts = {
        .alg = alg_of(in->chain),
        .signature = {in->job->signature, in->job->signature_len},
        .issuer = in->chain->activation.issuer,
        .serial = in->chain->activation.serial,
    };

    TRY(write_tst_info(in, &tst_w, &parts.tst_info));
    TRY(write_signed_attrs(in, parts.tst_info, &attrs_w, &parts.signed_attrs));
    if (in->cert_req) {
        parts.certificates = in->chain->certificates;
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
