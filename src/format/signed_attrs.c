#include "format/signed_attrs.h"

#include "crypto/hash.h"
#include "format/der.h"

/* Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }, each
 * with one value. */

/* contentType, 1.2.840.113549.1.9.3: id-ct-TSTInfo, 1.2.840.113549.1.9.16.1.4 */
static const uint8_t content_type[] = {
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03, 0x31,
    0x0d, 0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
};

/* CMSAlgorithmProtection, 1.2.840.113549.1.9.52: SEQUENCE { digestAlgorithm, signatureAlgorithm
 * [1] } */
static const uint8_t protection_ecdsa[] = {
    0x30, 0x28, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x34, 0x31,
    0x1b, 0x30, 0x19, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
    0x02, 0x02, 0xa1, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03,
};
static const uint8_t protection_ml_dsa[] = {
    0x30, 0x29, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x34, 0x31, 0x1c,
    0x30, 0x1a, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
    0xa1, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12,
};

/* messageDigest, 1.2.840.113549.1.9.4, before its value */
static const uint8_t digest_head_48[] = {
    0x30, 0x3f, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
    0x0d, 0x01, 0x09, 0x04, 0x31, 0x32, 0x04, 0x30,
};
static const uint8_t digest_head_64[] = {
    0x30, 0x4f, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
    0x0d, 0x01, 0x09, 0x04, 0x31, 0x42, 0x04, 0x40,
};

/* id-aa-signingCertificateV2, 1.2.840.113549.1.9.16.2.47, with its tag */
static const uint8_t signing_certificate_v2_type[] = {
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f,
};

/* id-aa-multipleSignatures, 1.2.840.113549.1.9.16.2.51, with its tag */
static const uint8_t multiple_signatures_type[] = {
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x33,
};

/* AlgorithmIdentifiers without parameters; the first of each pair is the digest's. */
static const uint8_t algs_ecdsa[] = {
    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03,
};
static const uint8_t algs_ml_dsa[] = {
    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12,
};
#define DIGEST_ALG_LEN 13

struct alg_bytes {
    struct view protection, digest_head, algs;
    enum hash_alg hash;
    size_t digest_len;
};

static struct alg_bytes alg_bytes(enum sign_alg alg)
{
    if (alg == SIGN_ML_DSA_65) {
        return (struct alg_bytes){{protection_ml_dsa, sizeof protection_ml_dsa},
                                  {digest_head_64, sizeof digest_head_64},
                                  {algs_ml_dsa, sizeof algs_ml_dsa},
                                  HASH_SHA512,
                                  64};
    }
    return (struct alg_bytes){{protection_ecdsa, sizeof protection_ecdsa},
                              {digest_head_48, sizeof digest_head_48},
                              {algs_ecdsa, sizeof algs_ecdsa},
                              HASH_SHA384,
                              48};
}

/* SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2 }, RFC 5035 3
 * ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT sha256, certHash OCTET STRING, issuerSerial
 * } IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }; GeneralNames: one
 * directoryName [4] */
struct scv2_len {
    size_t names, issuer_serial, cert_id, certs, value, set, attribute; /* bytes of content */
};

static struct scv2_len scv2_measure(const struct ess_cert_id_v2 *c)
{
    struct scv2_len n;

    n.names = der_len(c->issuer.n);
    n.issuer_serial = der_len(n.names) + der_len(c->serial.n);
    n.cert_id = der_len(SIGNED_ATTRS_CERT_HASH_LEN) + der_len(n.issuer_serial);
    n.certs = der_len(n.cert_id);
    n.value = der_len(n.certs);
    n.set = der_len(n.value);
    n.attribute = sizeof signing_certificate_v2_type + der_len(n.set);
    return n;
}

static void scv2_write(struct writer *w, const struct ess_cert_id_v2 *c,
                       const struct scv2_len *n)
{
    der_head(w, DER_SEQUENCE, n->attribute);
    wr_bytes(w, signing_certificate_v2_type, sizeof signing_certificate_v2_type);
    der_head(w, DER_SET, n->set);
    der_head(w, DER_SEQUENCE, n->value);
    der_head(w, DER_SEQUENCE, n->certs);
    der_head(w, DER_SEQUENCE, n->cert_id);
    der_write(w, DER_OCTETS, (struct view){c->cert_hash, sizeof c->cert_hash});
    der_head(w, DER_SEQUENCE, n->issuer_serial);
    der_head(w, DER_SEQUENCE, n->names);
    der_write(w, DER_CONTEXT_4, c->issuer); /* EXPLICIT: Name is a CHOICE */
    der_write(w, DER_INTEGER, c->serial);
}

/* MultipleSignatures ::= SEQUENCE { bodyHashAlg, signAlg, signAttrsHash SEQUENCE { algID, hash
 * OCTET STRING }, cert ESSCertIDv2 OPTIONAL } */
struct link {
    struct view algs;     /* bodyHashAlg and signAlg: of the other */
    struct view hash_alg; /* of who holds the link */
    struct view hash;
    struct view cert_hash; /* of the other's certificate */
};
struct link_len {
    size_t attrs_hash, cert, value, set, attribute; /* bytes of content */
};

static struct link_len link_measure(const struct link *l)
{
    struct link_len n;

    n.attrs_hash = l->hash_alg.n + der_len(l->hash.n);
    n.cert = der_len(l->cert_hash.n);
    n.value = l->algs.n + der_len(n.attrs_hash) + der_len(n.cert);
    n.set = der_len(n.value);
    n.attribute = sizeof multiple_signatures_type + der_len(n.set);
    return n;
}

static void link_write(struct writer *w, const struct link *l)
{
    const struct link_len n = link_measure(l);

    der_head(w, DER_SEQUENCE, n.attribute);
    wr_bytes(w, multiple_signatures_type, sizeof multiple_signatures_type);
    der_head(w, DER_SET, n.set);
    der_head(w, DER_SEQUENCE, n.value);
    wr_view(w, l->algs);
    der_head(w, DER_SEQUENCE, n.attrs_hash);
    wr_view(w, l->hash_alg);
    der_write(w, DER_OCTETS, l->hash);
    der_head(w, DER_SEQUENCE, n.cert);
    der_write(w, DER_OCTETS, l->cert_hash);
}

/* What goes into one set of attributes. */
struct attrs {
    struct alg_bytes alg;
    struct view message_digest;
    const struct ess_cert_id_v2 *cert;
    const struct link *link; /* NULL: none */
};

/* Those whose place depends on their length. */
enum part { PART_DIGEST, PART_CERT, PART_LINK, PART_COUNT };

static void write_part(struct writer *w, const struct attrs *a, enum part part)
{
    if (part == PART_DIGEST) {
        wr_view(w, a->alg.digest_head);
        wr_view(w, a->message_digest);
    } else if (part == PART_CERT) {
        const struct scv2_len n = scv2_measure(a->cert);

        scv2_write(w, a->cert, &n);
    } else if (a->link != NULL) {
        link_write(w, a->link);
    }
}

static void write_attrs(struct writer *w, const struct attrs *a)
{
    size_t n[PART_COUNT] = {
        [PART_DIGEST] = a->alg.digest_head.n + a->message_digest.n,
        [PART_CERT] = der_len(scv2_measure(a->cert).attribute),
        [PART_LINK] = a->link == NULL ? 0 : der_len(link_measure(a->link).attribute),
    };

    if (a->message_digest.n != a->alg.digest_len) {
        w->full = true;
        return;
    }
    der_head(w, DER_SET,
             sizeof content_type + a->alg.protection.n + n[PART_DIGEST] + n[PART_CERT] +
                 n[PART_LINK]);
    /* SET OF is ascending by encoding (X.690 11.6). Every attribute begins 30 and its length,
     * so the shorter comes first: contentType 28 bytes, protection 42 or 43, then the others,
     * of 65 at least; equally long ones differ first in attrType, and stand in PART's order. */
    wr_bytes(w, content_type, sizeof content_type);
    wr_view(w, a->alg.protection);
    for (size_t i = 0; i < PART_COUNT; i++) {
        size_t next = PART_DIGEST;

        for (size_t k = PART_CERT; k < PART_COUNT; k++) {
            next = n[k] < n[next] ? k : next;
        }
        write_part(w, a, (enum part)next);
        n[next] = SIZE_MAX;
    }
}

void signed_attrs_write(struct writer *w, enum sign_alg alg, struct view message_digest,
                        const struct ess_cert_id_v2 *cert)
{
    const struct attrs a = {
        .alg = alg_bytes(alg), .message_digest = message_digest, .cert = cert};

    write_attrs(w, &a);
}

/* The attributes of one of two SignerInfos. hash: of the other's attributes. */
static void write_linked(struct writer *w, enum sign_alg alg, struct view tst_info,
                         const struct ess_cert_id_v2 *certs, struct view hash)
{
    const enum sign_alg other = alg == SIGN_ML_DSA_65 ? SIGN_ECDSA_P384_SHA384 : SIGN_ML_DSA_65;
    const struct alg_bytes own = alg_bytes(alg);
    const struct link link = {
        .algs = alg_bytes(other).algs,
        .hash_alg = {own.algs.p, DIGEST_ALG_LEN},
        .hash = hash,
        .cert_hash = {certs[other].cert_hash, sizeof certs[other].cert_hash},
    };
    uint8_t digest[HASH_MAX];
    const struct attrs a = {
        .alg = own,
        .message_digest = {digest, own.digest_len},
        .cert = &certs[alg],
        .link = &link,
    };

    hash_once(own.hash, tst_info, digest);
    write_attrs(w, &a);
}

void signed_attrs_write_dual(struct writer *w, enum sign_alg alg, struct view tst_info,
                             const struct ess_cert_id_v2 certs[SIGN_ALG_COUNT])
{
    const enum sign_alg other = alg == SIGN_ML_DSA_65 ? SIGN_ECDSA_P384_SHA384 : SIGN_ML_DSA_65;
    const struct alg_bytes own = alg_bytes(alg);
    uint8_t bytes[SIGNED_ATTRS_MAX];
    struct writer blank_w = wr_init(bytes, sizeof bytes);
    uint8_t hash[HASH_MAX];
    struct view blank;

    write_linked(&blank_w, other, tst_info, certs, (struct view){NULL, 0});
    if (wr_finish(&blank_w, &blank) != ERR_OK) {
        w->full = true;
        return;
    }
    hash_once(own.hash, blank, hash);
    write_linked(w, alg, tst_info, certs, (struct view){hash, own.digest_len});
}
