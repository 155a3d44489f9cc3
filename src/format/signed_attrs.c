#include "format/signed_attrs.h"

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

struct alg_bytes {
    struct view protection, digest_head;
    size_t digest_len;
};

static struct alg_bytes alg_bytes(enum sign_alg alg)
{
    if (alg == SIGN_ML_DSA_65) {
        return (struct alg_bytes){{protection_ml_dsa, sizeof protection_ml_dsa},
                                  {digest_head_64, sizeof digest_head_64},
                                  64};
    }
    return (struct alg_bytes){{protection_ecdsa, sizeof protection_ecdsa},
                              {digest_head_48, sizeof digest_head_48},
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

void signed_attrs_write(struct writer *w, enum sign_alg alg, struct view message_digest,
                        const struct ess_cert_id_v2 *cert)
{
    const struct alg_bytes a = alg_bytes(alg);
    const size_t digest_attr = a.digest_head.n + a.digest_len;
    const struct scv2_len n = scv2_measure(cert);
    /* SET OF is ascending by encoding (X.690 11.6). Every attribute begins 30 and its length,
     * so the shorter comes first: contentType 28 bytes, protection 42 or 43, then these two;
     * equally long ones differ first in the length of attrType, where messageDigest has the
     * smaller. */
    const bool cert_first = der_len(n.attribute) < digest_attr;

    if (message_digest.n != a.digest_len) {
        w->full = true;
        return;
    }
    der_head(w, DER_SET,
             sizeof content_type + a.protection.n + digest_attr + der_len(n.attribute));
    wr_bytes(w, content_type, sizeof content_type);
    wr_view(w, a.protection);
    if (cert_first) {
        scv2_write(w, cert, &n);
    }
    wr_view(w, a.digest_head);
    wr_view(w, message_digest);
    if (!cert_first) {
        scv2_write(w, cert, &n);
    }
}
