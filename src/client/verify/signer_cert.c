#include "client/verify/signer_cert.h"

#include <limits.h>
#include <stdio.h>

static enum err refuse(const char *why, char *reason, size_t cap)
{
    (void)snprintf(reason, cap, "%s", why);
    return ERR_SIGNATURE;
}

enum err signer_cert_check_eku(const X509 *x, char *reason, size_t cap)
{
    int critical = -1;
    EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(x, NID_ext_key_usage, &critical, NULL);

    if (eku == NULL) {
        return refuse(critical == -1   ? "extendedKeyUsage is absent"
                      : critical == -2 ? "extendedKeyUsage is there twice"
                                       : "extendedKeyUsage cannot be read",
                      reason, cap);
    }
    const int n = sk_ASN1_OBJECT_num(eku);
    const bool alone = n == 1 && OBJ_obj2nid(sk_ASN1_OBJECT_value(eku, 0)) == NID_time_stamp;

    EXTENDED_KEY_USAGE_free(eku);
    if (!alone) {
        return refuse("extendedKeyUsage is not timeStamping alone", reason, cap);
    }
    if (critical != 1) {
        return refuse("extendedKeyUsage is not critical", reason, cap);
    }
    (void)snprintf(reason, cap, "timeStamping, critical and alone");
    return ERR_OK;
}

/* RFC 3280 4.2.1.4: either end may be absent. */
static bool period_holds(X509 *x, int64_t at_s)
{
    PKEY_USAGE_PERIOD *p = X509_get_ext_d2i(x, NID_private_key_usage_period, NULL, NULL);

    if (p == NULL) {
        return X509_get_ext_by_NID(x, NID_private_key_usage_period, -1) < 0;
    }
    const bool holds =
        (p->notBefore == NULL || ASN1_TIME_cmp_time_t(p->notBefore, at_s) == -1 ||
         ASN1_TIME_cmp_time_t(p->notBefore, at_s) == 0) &&
        (p->notAfter == NULL || ASN1_TIME_cmp_time_t(p->notAfter, at_s) == 1 ||
         ASN1_TIME_cmp_time_t(p->notAfter, at_s) == 0);

    PKEY_USAGE_PERIOD_free(p);
    return holds;
}

enum err signer_cert_check_key_usage(X509 *x, int64_t gen_time_s, char *reason, size_t cap)
{
    const uint32_t flags = X509_get_extension_flags(x);

    if ((flags & EXFLAG_INVALID) != 0) {
        return refuse("an extension of the certificate cannot be read", reason, cap);
    }
    if (!period_holds(x, gen_time_s)) {
        return refuse("genTime is outside the privateKeyUsagePeriod", reason, cap);
    }
    if ((flags & EXFLAG_KUSAGE) == 0) {
        (void)snprintf(reason, cap, "keyUsage is absent: not restricted");
        return ERR_OK;
    }
    const uint32_t usage = X509_get_key_usage(x);
    const uint32_t signing = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;

    if ((usage & signing) == 0) {
        return refuse("keyUsage allows neither digitalSignature nor nonRepudiation", reason,
                      cap);
    }
    if ((usage & ~signing) != 0) {
        return refuse("keyUsage allows more than signing", reason, cap);
    }
    (void)snprintf(reason, cap, "%s%s%s",
                   (usage & KU_DIGITAL_SIGNATURE) != 0 ? "digitalSignature" : "",
                   usage == signing ? ", " : "",
                   (usage & KU_NON_REPUDIATION) != 0 ? "nonRepudiation" : "");
    return ERR_OK;
}

static bool has_name(const X509 *x, GENERAL_NAME *name)
{
    GENERAL_NAMES *others = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    bool found = name->type == GEN_DIRNAME &&
                 X509_NAME_cmp(name->d.directoryName, X509_get_subject_name(x)) == 0;

    for (int i = 0; i < sk_GENERAL_NAME_num(others); i++) {
        found = found || GENERAL_NAME_cmp(sk_GENERAL_NAME_value(others, i), name) == 0;
    }
    GENERAL_NAMES_free(others);
    return found;
}

enum err signer_cert_check_name(const X509 *x, struct view tsa)
{
    const unsigned char *p = tsa.p;
    GENERAL_NAME *name = tsa.n > LONG_MAX ? NULL : d2i_GENERAL_NAME(NULL, &p, (long)tsa.n);
    const bool found = name != NULL && p == tsa.p + tsa.n && has_name(x, name);

    GENERAL_NAME_free(name);
    ERR_clear_error();
    return found ? ERR_OK : ERR_SIGNATURE;
}
