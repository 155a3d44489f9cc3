#include "client/trust/crl_check.h"

#include "client/trust/chain.h"
#include "client/trust/pq_crl.h"
#include "client/trust/trust_parts.h"

#include <stdio.h>

enum standing { STANDING_GOOD, STANDING_REVOKED, STANDING_UNKNOWN };

static bool names_meet(const GENERAL_NAMES *a, const GENERAL_NAMES *b)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(a); i++) {
        for (int k = 0; k < sk_GENERAL_NAME_num(b); k++) {
            if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(a, i), sk_GENERAL_NAME_value(b, k)) ==
                0) {
                return true;
            }
        }
    }
    return false;
}

/* Whether a list for one distribution point is the one that the certificate names, RFC
 * 5280 6.3.3 (b)(2)(i). */
static bool point_fits(const DIST_POINT_NAME *name, const X509 *x)
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
    bool fits = false;

    for (int i = 0; name->type == 0 && i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT *point = sk_DIST_POINT_value(points, i);

        fits = fits || (point->distpoint != NULL && point->distpoint->type == 0 &&
                        names_meet(point->distpoint->name.fullname, name->name.fullname));
    }
    CRL_DIST_POINTS_free(points);
    return fits;
}

static bool scope_fits(const ISSUING_DIST_POINT *idp, X509 *x)
{
    const bool is_ca = X509_check_ca(x) == 1;

    if (idp->indirectCRL > 0 || idp->onlyattr > 0 || idp->onlysomereasons != NULL) {
        return false;
    }
    if ((idp->onlyuser > 0 && is_ca) || (idp->onlyCA > 0 && !is_ca)) {
        return false;
    }
    return idp->distpoint == NULL || point_fits(idp->distpoint, x);
}

/* Delta lists and critical extensions that we do not know make a list useless here. */
static bool extensions_fit(const X509_CRL *crl, X509 *x)
{
    for (int i = 0; i < X509_CRL_get_ext_count(crl); i++) {
        X509_EXTENSION *ext = X509_CRL_get_ext(crl, i);
        const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));

        if (nid == NID_delta_crl ||
            (X509_EXTENSION_get_critical(ext) > 0 && nid != NID_issuing_distribution_point)) {
            return false;
        }
    }
    int critical = -1;
    ISSUING_DIST_POINT *idp =
        X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, NULL);

    if (idp == NULL) {
        return critical == -1;
    }
    const bool fits = scope_fits(idp, x);

    ISSUING_DIST_POINT_free(idp);
    return fits;
}

/* OpenSSL keeps the bytes of TBSCertList as they came. */
static bool signed_with_ml_dsa(X509_CRL *crl, X509 *issuer)
{
    unsigned char *list = NULL;
    unsigned char *cert = NULL;
    const int list_n = i2d_X509_CRL(crl, &list);
    const int cert_n = i2d_X509(issuer, &cert);
    const bool good = list_n > 0 && cert_n > 0 &&
                      pq_crl_check((struct view){list, (size_t)list_n},
                                   (struct view){cert, (size_t)cert_n}) == ERR_OK;

    OPENSSL_free(list);
    OPENSSL_free(cert);
    return good;
}

static bool signed_by(X509_CRL *crl, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    const bool good =
        key != NULL ? X509_CRL_verify(crl, key) == 1 : signed_with_ml_dsa(crl, issuer);

    if (!good) {
        return false;
    }
    return (X509_get_extension_flags(issuer) & EXFLAG_KUSAGE) == 0 ||
           (X509_get_key_usage(issuer) & KU_CRL_SIGN) != 0;
}

/* RFC 3161 4.1: only these reasons leave tokens from before the revocation alone. */
static bool reason_spares_the_past(const X509_REVOKED *entry)
{
    ASN1_ENUMERATED *value = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);

    if (value == NULL) {
        return false;
    }
    const long reason = ASN1_ENUMERATED_get(value);

    ASN1_ENUMERATED_free(value);
    return reason == CRL_REASON_UNSPECIFIED || reason == CRL_REASON_AFFILIATION_CHANGED ||
           reason == CRL_REASON_SUPERSEDED || reason == CRL_REASON_CESSATION_OF_OPERATION;
}

static enum standing standing_on(X509_CRL *crl, X509 *x, int64_t at_s)
{
    X509_REVOKED *entry = NULL;
    const int found = X509_CRL_get0_by_cert(crl, &entry, x);

    if (found == 1) {
        const bool later =
            ASN1_TIME_cmp_time_t(X509_REVOKED_get0_revocationDate(entry), at_s) == 1;

        return later && reason_spares_the_past(entry) ? STANDING_GOOD : STANDING_REVOKED;
    }
    /* Not listed. A list from before gen_time that has ended says nothing about it; one made
     * after the certificate expired may have dropped it, RFC 5280 3.3. */
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
    int days = 0;
    int seconds = 0;

    if (next != NULL && ASN1_TIME_cmp_time_t(next, at_s) != 1) {
        return STANDING_UNKNOWN;
    }
    if (ASN1_TIME_diff(&days, &seconds, X509_get0_notAfter(x), X509_CRL_get0_lastUpdate(crl)) !=
            1 ||
        days > 0 || seconds > 0) {
        return STANDING_UNKNOWN;
    }
    return STANDING_GOOD;
}

static enum standing standing_of(const struct trust *trust, X509 *x, X509 *issuer, int64_t at_s)
{
    enum standing best = STANDING_UNKNOWN;

    for (int i = 0; i < sk_X509_CRL_num(trust->crls); i++) {
        X509_CRL *crl = sk_X509_CRL_value(trust->crls, i);

        if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(x)) != 0 ||
            !extensions_fit(crl, x) || !signed_by(crl, issuer)) {
            continue;
        }
        const enum standing s = standing_on(crl, x, at_s);

        if (s == STANDING_REVOKED) {
            return s;
        }
        if (s == STANDING_GOOD) {
            best = s;
        }
    }
    return best;
}

enum err crl_check(const struct trust *trust, STACK_OF(X509) * chain, int64_t gen_time_s,
                   char *reason, size_t cap)
{
    const int n = sk_X509_num(chain);
    char name[200];
    enum err e = ERR_OK;

    if (n < 2) {
        (void)snprintf(reason, cap, "the signer's certificate is itself the anchor");
        return ERR_STALE;
    }
    (void)snprintf(reason, cap, "not revoked, by the lists given");
    for (int i = 0; i + 1 < n; i++) {
        X509 *x = sk_X509_value(chain, i);
        const enum standing s = standing_of(trust, x, sk_X509_value(chain, i + 1), gen_time_s);

        chain_name_text(X509_get_subject_name(x), name, sizeof name);
        if (s == STANDING_REVOKED) {
            (void)snprintf(reason, cap, "revoked: %s", name);
            e = ERR_SIGNATURE;
            break;
        }
        if (s == STANDING_UNKNOWN && e == ERR_OK) {
            (void)snprintf(reason, cap, "no usable list for %s", name);
            e = ERR_STALE;
        }
    }
    ERR_clear_error();
    return e;
}
