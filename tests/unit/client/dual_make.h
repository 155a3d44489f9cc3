/* dual_make.h - tokens with two SignerInfos linked by RFC 5752, with keys of hybrid_make.h. */
#ifndef TESTS_UNIT_CLIENT_DUAL_MAKE_H
#define TESTS_UNIT_CLIENT_DUAL_MAKE_H

#include "hybrid_make.h"

#include "format/cms_attrs.h"

struct dual_wish {
    struct hy_stamp stamp;  /* signer apart */
    struct hy_node *who[2]; /* the signers, in the order of their SignerInfos */
    bool no_link[2];
    void (*spoil_link)(struct multiple_signatures *m);
    unsigned spoil_which; /* whose link */
    bool no_cert;         /* in the links */
};

static inline struct alg_id dual_digest_alg(const struct hy_node *n)
{
    return (struct alg_id){.oid = oid_body(n->alg == SIGN_ML_DSA_65 ? OID_SHA512 : OID_SHA384)};
}

static inline struct alg_id dual_sign_alg(const struct hy_node *n)
{
    return (struct alg_id){
        .oid = oid_body(n->alg == SIGN_ML_DSA_65 ? OID_ML_DSA_65 : OID_ECDSA_SHA384)};
}

/* ESSCertIDv2 of the certificate, without issuerSerial. */
static inline struct view dual_cert_id(const struct hy_node *n, uint8_t out[40])
{
    uint8_t hash[HASH_MAX];
    struct writer w = wr_init(out, 40);

    hash_once(HASH_SHA256, n->cert, hash);
    der_head(&w, DER_SEQUENCE, der_len(32));
    der_write(&w, DER_OCTETS, (struct view){hash, 32});
    return hy_done(&w);
}

/* The value that holder has of other. */
static inline struct view dual_link(const struct dual_wish *d, unsigned holder,
                                    struct view hash, uint8_t *out, size_t cap)
{
    uint8_t id[40];
    struct multiple_signatures m = {
        .body_hash_alg = dual_digest_alg(d->who[1 - holder]),
        .sign_alg = dual_sign_alg(d->who[1 - holder]),
        .hash_alg = dual_digest_alg(d->who[holder]),
        .hash = hash,
        .cert = dual_cert_id(d->who[1 - holder], id),
    };
    struct writer w = wr_init(out, cap);

    m.cert.n = d->no_cert ? 0 : m.cert.n;
    if (d->spoil_link != NULL && d->spoil_which == holder) {
        d->spoil_link(&m);
    }
    multiple_signatures_write(&w, &m);
    return hy_done(&w);
}

/* What the link of the other is the hash of: attributes with an empty hash in their own link.
 */
static inline void dual_hash(const struct dual_wish *d, unsigned of, struct view tst,
                             uint8_t out[HASH_MAX])
{
    uint8_t link[512];
    uint8_t attrs[2 * SIGNED_ATTRS_MAX];
    struct hy_stamp s = d->stamp;

    s.signer = d->who[of];
    s.link = d->no_link[of] ? (struct view){NULL, 0}
                            : dual_link(d, of, (struct view){NULL, 0}, link, sizeof link);
    hash_once(d->who[1 - of]->alg == SIGN_ML_DSA_65 ? HASH_SHA512 : HASH_SHA384,
              hy_attrs(&s, tst, attrs, sizeof attrs), out);
}

static inline void dual_write(const struct signed_data *a, const struct signed_data *b,
                              const struct dual_wish *d, struct hy_bytes *out)
{
    struct writer w = wr_init(out->b, sizeof out->b);
    const size_t info = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, oid_body(OID_SIGNED_DATA));
    const size_t explicit_0 = der_begin(&w, DER_CONTEXT_0);
    const size_t sd = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_INTEGER, (struct view){(const uint8_t[]){3}, 1});
    const size_t algs = der_begin(&w, DER_SET);

    wr_view(&w,
            der_sorts_before(a->digest_algs, b->digest_algs) ? a->digest_algs : b->digest_algs);
    wr_view(&w,
            der_sorts_before(a->digest_algs, b->digest_algs) ? b->digest_algs : a->digest_algs);
    der_end(&w, algs);
    const size_t encap = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, oid_body(OID_CT_TST_INFO));
    const size_t content = der_begin(&w, DER_CONTEXT_0);

    der_write(&w, DER_OCTETS, a->content);
    der_end(&w, content);
    der_end(&w, encap);
    if (!d->stamp.no_certificates) {
        const size_t certs = der_begin(&w, DER_CONTEXT_0);

        wr_view(&w, a->certificates);
        wr_view(&w, b->certificates);
        der_end(&w, certs);
    }
    const size_t signers = der_begin(&w, DER_SET);

    wr_view(&w, a->signer_infos);
    wr_view(&w, b->signer_infos);
    der_end(&w, signers);
    der_end(&w, sd);
    der_end(&w, explicit_0);
    der_end(&w, info);
    out->der = hy_done(&w);
}

/* A bare token. Certificates come in the order of who. */
static inline void dual_token(const struct dual_wish *d, struct hy_bytes *out)
{
    static struct hy_bytes one[2];
    struct signed_data sd[2];
    uint8_t tst_bytes[TST_INFO_MAX];
    const struct view tst = hy_tst(&d->stamp, tst_bytes, sizeof tst_bytes);

    for (unsigned i = 0; i < 2; i++) {
        uint8_t hash[HASH_MAX];
        uint8_t link[512];
        struct hy_stamp s = d->stamp;

        s.signer = d->who[i];
        s.response = false;
        s.no_certificates = false;
        dual_hash(d, 1 - i, tst, hash);
        if (!d->no_link[i]) {
            s.link =
                dual_link(d, i, (struct view){hash, d->who[i]->alg == SIGN_ML_DSA_65 ? 64 : 48},
                          link, sizeof link);
        }
        hy_token(&s, &one[i]);
        assert_int_equal(cms_parse(one[i].der, &sd[i]), ERR_OK);
    }
    dual_write(&sd[0], &sd[1], d, out);
}

#endif
