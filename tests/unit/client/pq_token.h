/* pq_token.h - tokens of RFC 9882 for tests, right or wrong, signed with keys of pq_pki.h. */
#ifndef TESTS_UNIT_CLIENT_PQ_TOKEN_H
#define TESTS_UNIT_CLIENT_PQ_TOKEN_H

#include "pq_pki.h"

#include "client/token/digest.h"
#include "format/tst_info.h"

#define PQ_TOKEN_MAX 32768
#define PQ_POLICY "1.3.6.1.4.1.32473.3161.1.2"

enum pq_spoil { SPOIL_NOTHING, SPOIL_BIT, SPOIL_HINT, SPOIL_RANGE, SPOIL_LENGTH };

struct pq_wish {
    struct pq_node *signer;
    const struct mldsa_params *says; /* signatureAlgorithm; NULL: the signer's */
    const char *digest;              /* NULL: sha512 */
    bool null_params; /* NULL stands where signatureAlgorithm has no parameters */
    enum pq_spoil spoil;
    struct view imprint; /* SHA-256 */
    struct view certificates;
};

struct pq_token {
    uint8_t bytes[PQ_TOKEN_MAX];
    struct view der;
};

static inline struct view pq_tst_info(struct view imprint, uint8_t *out, size_t cap)
{
    uint8_t oid[DER_OID_MAX];
    size_t oid_len = 0;
    struct writer w = wr_init(out, cap);

    assert_int_equal(der_oid_from_text(PQ_POLICY, oid, sizeof oid, &oid_len), ERR_OK);
    const struct tst_info t = {
        .policy = {oid, oid_len},
        .hash_alg = HASH_SHA256,
        .hashed_message = imprint,
        .serial_number = {0x11, 2, 3},
        .gen_time_ms = PQ_NOW * 1000,
        .accuracy_ms = 1000,
    };

    tst_info_write(&w, &t);
    return pq_written(&w);
}

/* Attribute of one value, which the caller writes before pq_attr_end(). */
struct pq_attr {
    size_t attr, set;
};

static inline struct pq_attr pq_attr_begin(struct writer *w, enum oid_id type)
{
    struct pq_attr a = {.attr = der_begin(w, DER_SEQUENCE)};

    der_write(w, DER_OID, oid_body(type));
    a.set = der_begin(w, DER_SET);
    return a;
}

static inline void pq_attr_end(struct writer *w, struct pq_attr a)
{
    der_end(w, a.set);
    der_end(w, a.attr);
}

/* SigningCertificateV2 ::= SEQUENCE { SEQUENCE OF SEQUENCE { certHash } } */
static inline void pq_write_ess(struct writer *w, struct view cert)
{
    uint8_t hash[DIGEST_MAX];
    const size_t list = der_begin(w, DER_SEQUENCE);
    const size_t certs = der_begin(w, DER_SEQUENCE);
    const size_t id = der_begin(w, DER_SEQUENCE);

    assert_int_equal(digest_once(digest_by_name("sha256"), cert, hash), ERR_OK);
    der_write(w, DER_OCTETS, (struct view){hash, 32});
    der_end(w, id);
    der_end(w, certs);
    der_end(w, list);
}

static inline struct view pq_attrs(const struct pq_wish *wish, struct view tst, uint8_t *out,
                                   size_t cap)
{
    const struct digest_alg *md = digest_by_name(wish->digest ? wish->digest : "sha512");
    uint8_t digest[DIGEST_MAX];
    struct writer w = wr_init(out, cap);
    const size_t set = der_begin(&w, DER_SET);
    struct pq_attr a = pq_attr_begin(&w, OID_CONTENT_TYPE);

    der_write(&w, DER_OID, oid_body(OID_CT_TST_INFO));
    pq_attr_end(&w, a);
    a = pq_attr_begin(&w, OID_MESSAGE_DIGEST);
    assert_int_equal(digest_once(md, tst, digest), ERR_OK);
    der_write(&w, DER_OCTETS, (struct view){digest, md->len});
    pq_attr_end(&w, a);
    a = pq_attr_begin(&w, OID_SIGNING_CERTIFICATE_V2);
    pq_write_ess(&w, wish->signer->cert);
    pq_attr_end(&w, a);
    der_end(&w, set);
    return pq_written(&w);
}

static inline struct view pq_signature(const struct pq_wish *wish, struct view attrs)
{
    const struct mldsa_params *params = wish->signer->params;
    struct view signature = pq_sign(wish->signer, attrs);

    if (wish->spoil == SPOIL_BIT) {
        pq_scratch.sig[0] ^= 1;
    } else if (wish->spoil == SPOIL_HINT) {
        pq_spoil_hint(params);
    } else if (wish->spoil == SPOIL_RANGE) {
        memset(pq_scratch.sig + params->c_tilde_len, 0, 4); /* z is gamma1 */
    } else if (wish->spoil == SPOIL_LENGTH) {
        signature.n--;
    }
    return signature;
}

static inline void pq_write_signer_info(struct writer *w, const struct pq_wish *wish,
                                        struct view attrs, struct view signature)
{
    const struct digest_alg *md = digest_by_name(wish->digest ? wish->digest : "sha512");
    const struct mldsa_params *says = wish->says ? wish->says : wish->signer->params;
    struct cert c;
    const size_t info = der_begin(w, DER_SEQUENCE);

    assert_int_equal(cert_ids_parse(wish->signer->cert, &c.ids), ERR_OK);
    der_write(w, DER_INTEGER, (struct view){(const uint8_t[]){1}, 1});
    const size_t sid = der_begin(w, DER_SEQUENCE);

    wr_view(w, c.ids.issuer);
    der_write(w, DER_INTEGER, c.ids.serial);
    der_end(w, sid);
    const size_t alg = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, md->oid);
    der_end(w, alg);
    wr_u8(w, DER_CONTEXT_0);
    wr_bytes(w, attrs.p + 1, attrs.n - 1);
    pq_alg(w, pq_oid(says), wish->null_params);
    der_write(w, DER_OCTETS, signature);
    der_end(w, info);
}

static inline void pq_write_signed_data(struct writer *w, const struct pq_wish *wish,
                                        struct view tst)
{
    uint8_t attrs_room[512];
    const struct view attrs = pq_attrs(wish, tst, attrs_room, sizeof attrs_room);
    const size_t sd = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_INTEGER, (struct view){(const uint8_t[]){3}, 1});
    der_write(w, DER_SET, (struct view){NULL, 0});
    const size_t encap = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(OID_CT_TST_INFO));
    const size_t explicit_0 = der_begin(w, DER_CONTEXT_0);

    der_write(w, DER_OCTETS, tst);
    der_end(w, explicit_0);
    der_end(w, encap);
    der_write(w, DER_CONTEXT_0, wish->certificates);
    const size_t infos = der_begin(w, DER_SET);

    pq_write_signer_info(w, wish, attrs, pq_signature(wish, attrs));
    der_end(w, infos);
    der_end(w, sd);
}

/* *out must not move. */
static inline void pq_token(const struct pq_wish *wish, struct pq_token *out)
{
    uint8_t tst[TST_INFO_MAX];
    struct writer w = wr_init(out->bytes, sizeof out->bytes);
    const size_t info = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, oid_body(OID_SIGNED_DATA));
    const size_t explicit_0 = der_begin(&w, DER_CONTEXT_0);

    pq_write_signed_data(&w, wish, pq_tst_info(wish->imprint, tst, sizeof tst));
    der_end(&w, explicit_0);
    der_end(&w, info);
    out->der = pq_written(&w);
}

#endif
