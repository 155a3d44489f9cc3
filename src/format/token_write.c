#include "format/token_write.h"

#include "format/der.h"

#include <string.h>

#define SCALAR_LEN 48 /* of r and s, P-384 */
#define ML_DSA_65_SIG_LEN 3309

/* ContentInfo's contentType: id-signedData, 1.2.840.113549.1.7.2 */
static const uint8_t signed_data_type[] = {
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
};

/* SignedData's version 3 (RFC 5652 5.1: eContentType is not id-data) and digestAlgorithms */
static const uint8_t version_and_sha384[] = {
    0x02, 0x01, 0x03, 0x31, 0x0d, 0x30, 0x0b, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
};
static const uint8_t version_and_sha512[] = {
    0x02, 0x01, 0x03, 0x31, 0x0d, 0x30, 0x0b, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
};
static const uint8_t version_and_both[] = {
    0x02, 0x01, 0x03, 0x31, 0x1a, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86,
    0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x30, 0x0b, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
};
#define DIGEST_ALG_AT                                                      \
    5 /* in the first two: the one AlgorithmIdentifier, without parameters \
       */
#define DIGEST_ALG_LEN 13

/* eContentType: id-ct-TSTInfo, 1.2.840.113549.1.9.16.1.4 */
static const uint8_t tst_info_type[] = {
    0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
};

static const uint8_t signer_version[] = {0x02, 0x01, 0x01};

/* signatureAlgorithm, without parameters: RFC 5754 3.3, RFC 9882 3.2 */
static const uint8_t ecdsa_with_sha384[] = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03,
};
static const uint8_t ml_dsa_65[] = {
    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12,
};

/* Bytes of content, inside out. */
struct signer_len {
    size_t sig_value; /* of the SEQUENCE { r, s }; ECDSA only */
    size_t signature, sid, signer_info;
};
struct token_len {
    struct signer_len first, second;
    size_t signer_infos, certificates, e_content, encap, signed_data, explicit_0, content_info;
};

static struct view alg_head(const struct token_parts *p)
{
    if (p->beside != NULL) {
        return (struct view){version_and_both, sizeof version_and_both};
    }
    return p->alg == SIGN_ML_DSA_65
               ? (struct view){version_and_sha512, sizeof version_and_sha512}
               : (struct view){version_and_sha384, sizeof version_and_sha384};
}

static const uint8_t *digest_alg(const struct token_parts *p)
{
    return (p->alg == SIGN_ML_DSA_65 ? version_and_sha512 : version_and_sha384) + DIGEST_ALG_AT;
}

static struct view signature_alg(const struct token_parts *p)
{
    return p->alg == SIGN_ML_DSA_65
               ? (struct view){ml_dsa_65, sizeof ml_dsa_65}
               : (struct view){ecdsa_with_sha384, sizeof ecdsa_with_sha384};
}

static struct view scalar(const struct token_parts *p, size_t at)
{
    return (struct view){p->signature.p + at, SCALAR_LEN};
}

static enum err measure_signer(const struct token_parts *p, struct signer_len *n)
{
    const bool ecdsa = p->alg == SIGN_ECDSA_P384_SHA384;

    if (p->signature.n != (ecdsa ? 2 * SCALAR_LEN : ML_DSA_65_SIG_LEN)) {
        return ERR_LENGTH;
    }
    if (p->signed_attrs.n == 0 || p->signed_attrs.p[0] != DER_SET) {
        return ERR_TAG;
    }
    n->sig_value = 0;
    n->signature = p->signature.n;
    if (ecdsa) {
        n->sig_value = der_len(der_unsigned_len(scalar(p, 0))) +
                       der_len(der_unsigned_len(scalar(p, SCALAR_LEN)));
        n->signature = der_len(n->sig_value);
    }
    n->sid = p->issuer.n + der_len(p->serial.n);
    n->signer_info = sizeof signer_version + der_len(n->sid) + DIGEST_ALG_LEN +
                     p->signed_attrs.n + signature_alg(p).n + der_len(n->signature);
    return ERR_OK;
}

/* Merges two lists that are in order; w == NULL: only looks whether it can be done. */
static enum err join_certificates(struct writer *w, struct view a, struct view b)
{
    struct reader r[2] = {rd_init(a), rd_init(b)};
    struct der_element el[2];

    while (r[0].n > 0 || r[1].n > 0) {
        struct reader peek[2] = {r[0], r[1]};
        size_t take = r[0].n > 0 ? 0 : 1;

        for (size_t i = 0; i < 2; i++) {
            if (r[i].n > 0 && der_read_any(&peek[i], &el[i]) != ERR_OK) {
                return ERR_TAG;
            }
        }
        if (r[0].n > 0 && r[1].n > 0 && der_sorts_before(el[1].whole, el[0].whole)) {
            take = 1;
        }
        r[take] = peek[take];
        if (w != NULL) {
            wr_view(w, el[take].whole);
        }
    }
    return ERR_OK;
}

/* The second SignerInfo is longer by far, so it stands behind the first in a SET OF. */
static enum err measure_beside(const struct token_parts *p, struct token_len *n)
{
    const struct token_parts *b = p->beside;

    if (p->alg != SIGN_ECDSA_P384_SHA384 || b->alg != SIGN_ML_DSA_65 || b->beside != NULL) {
        return ERR_BAD_ALG;
    }
    TRY(measure_signer(b, &n->second));
    TRY(join_certificates(NULL, p->certificates, b->certificates));
    n->signer_infos += der_len(n->second.signer_info);
    n->certificates += b->certificates.n;
    return ERR_OK;
}

static enum err measure(const struct token_parts *p, struct token_len *n)
{
    TRY(measure_signer(p, &n->first));
    n->signer_infos = der_len(n->first.signer_info);
    n->certificates = p->certificates.n;
    if (p->beside != NULL) {
        TRY(measure_beside(p, n));
    }
    n->e_content = der_len(p->tst_info.n);
    n->encap = sizeof tst_info_type + der_len(n->e_content);
    n->signed_data = alg_head(p).n + der_len(n->encap) +
                     (n->certificates > 0 ? der_len(n->certificates) : 0) +
                     der_len(n->signer_infos);
    n->explicit_0 = der_len(n->signed_data);
    n->content_info = sizeof signed_data_type + der_len(n->explicit_0);
    return ERR_OK;
}

/* SignerInfo ::= SEQUENCE { version, sid, digestAlgorithm, signedAttrs [0], signatureAlgorithm,
 * signature } */
static void write_signer_info(struct writer *w, const struct token_parts *p,
                              const struct signer_len *n)
{
    der_head(w, DER_SEQUENCE, n->signer_info);
    wr_bytes(w, signer_version, sizeof signer_version);
    der_head(w, DER_SEQUENCE, n->sid);
    wr_view(w, p->issuer);
    der_write(w, DER_INTEGER, p->serial);
    wr_bytes(w, digest_alg(p), DIGEST_ALG_LEN);
    wr_u8(w, DER_CONTEXT_0); /* IMPLICIT: the tag of the SET is replaced, RFC 5652 5.4 */
    wr_bytes(w, p->signed_attrs.p + 1, p->signed_attrs.n - 1);
    wr_view(w, signature_alg(p));
    der_head(w, DER_OCTETS, n->signature);
    if (p->alg == SIGN_ECDSA_P384_SHA384) { /* ECDSA-Sig-Value, RFC 5753 7.2 */
        der_head(w, DER_SEQUENCE, n->sig_value);
        der_write_unsigned(w, DER_INTEGER, scalar(p, 0));
        der_write_unsigned(w, DER_INTEGER, scalar(p, SCALAR_LEN));
    } else {
        wr_view(w, p->signature);
    }
}

static enum err write_content_info(struct writer *w, const struct token_parts *p,
                                   const struct token_len *n)
{
    const struct view more =
        p->beside != NULL ? p->beside->certificates : (struct view){NULL, 0};

    der_head(w, DER_SEQUENCE, n->content_info);
    wr_bytes(w, signed_data_type, sizeof signed_data_type);
    der_head(w, DER_CONTEXT_0, n->explicit_0);
    der_head(w, DER_SEQUENCE, n->signed_data);
    wr_view(w, alg_head(p));
    der_head(w, DER_SEQUENCE, n->encap);
    wr_bytes(w, tst_info_type, sizeof tst_info_type);
    der_head(w, DER_CONTEXT_0, n->e_content);
    der_write(w, DER_OCTETS, p->tst_info);
    if (n->certificates > 0) {
        der_head(w, DER_CONTEXT_0, n->certificates);
    }
    if (more.n > 0) {
        TRY(join_certificates(w, p->certificates, more));
    } else {
        wr_view(w, p->certificates);
    }
    der_head(w, DER_SET, n->signer_infos);
    write_signer_info(w, p, &n->first);
    if (p->beside != NULL) {
        write_signer_info(w, p->beside, &n->second);
    }
    return w->full ? ERR_NOSPACE : ERR_OK;
}

enum err token_write(struct writer *w, const struct token_parts *p)
{
    struct token_len n;

    TRY(measure(p, &n));
    return write_content_info(w, p, &n);
}

enum err tsp_resp_write_granted(struct writer *w, const struct token_parts *p)
{
    /* PKIStatusInfo { granted }: no statusString on a grant */
    static const uint8_t granted[] = {0x30, 0x03, 0x02, 0x01, 0x00};
    struct token_len n;

    TRY(measure(p, &n));
    der_head(w, DER_SEQUENCE, sizeof granted + der_len(n.content_info));
    wr_bytes(w, granted, sizeof granted);
    return write_content_info(w, p, &n);
}

/* text up to REJECTION_TEXT_MAX bytes, no character cut in two. */
static struct view clip(const char *text)
{
    size_t n = strnlen(text, REJECTION_TEXT_MAX + 1);

    if (n > REJECTION_TEXT_MAX) {
        n = REJECTION_TEXT_MAX;
        while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    return (struct view){(const uint8_t *)text, n};
}

void tsp_resp_write_rejection(struct writer *w, enum fail_info bit, const char *text)
{
    static const uint8_t rejection[] = {0x02, 0x01, 0x02};
    const unsigned at = (unsigned)bit;
    uint8_t bits[1 + 4] = {
        (uint8_t)(7 - at % 8)}; /* a named bit list ends with its last one: X.690 11.2.2 */
    const struct view fail_info = {bits, 2 + at / 8};
    const struct view free_text = clip(text);
    const size_t strings = free_text.n > 0 ? der_len(free_text.n) : 0;
    const size_t status =
        sizeof rejection + (strings > 0 ? der_len(strings) : 0) + der_len(fail_info.n);

    if (fail_info.n > sizeof bits) {
        w->full = true;
        return;
    }
    bits[1 + at / 8] = (uint8_t)(0x80 >> at % 8);
    der_head(w, DER_SEQUENCE, der_len(status));
    der_head(w, DER_SEQUENCE, status);
    wr_bytes(w, rejection, sizeof rejection);
    if (strings > 0) {
        der_head(w, DER_SEQUENCE, strings);
        der_write(w, DER_UTF8_STRING, free_text);
    }
    der_write(w, DER_BIT_STRING, fail_info);
}

enum err token_sort_certificates(const struct view *certs, size_t n, uint8_t *out, size_t cap,
                                 struct view *sorted)
{
    size_t order[TOKEN_CERTIFICATES_MAX] = {0};
    struct writer w = wr_init(out, cap);

    *sorted = (struct view){NULL, 0};
    if (n > TOKEN_CERTIFICATES_MAX) {
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < n; i++) { /* insertion */
        size_t at = i;

        for (; at > 0 && der_sorts_before(certs[i], certs[order[at - 1]]); at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    for (size_t i = 0; i < n; i++) {
        wr_view(&w, certs[order[i]]);
    }
    return wr_finish(&w, sorted);
}
