#include "client/cert_facts.h"

#include "base/hex.h"
#include "client/chain.h"
#include "client/digest.h"
#include "client/time_text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX 256
#define SERIAL_HEX_MAX 160 /* RFC 5280 4.1.2.2 allows 40 digits; some take more */

struct facts {
    char subject[TEXT_MAX], issuer[TEXT_MAX];
    char serial[SERIAL_HEX_MAX];
    char not_before[TIME_TEXT_LEN], not_after[TIME_TEXT_LEN];
    char key[TEXT_MAX], signature[TEXT_MAX];
    char key_usage[TEXT_MAX], extended_key_usage[TEXT_MAX];
    char sha256[2 * DIGEST_MAX + 1];
    bool ca, eku_critical;
};

static void append(char *out, size_t cap, const char *word)
{
    const size_t n = strlen(out);

    (void)snprintf(out + n, cap - n, "%s%s", n == 0 ? "" : ", ", word);
}

static void write_time(const ASN1_TIME *t, char out[TIME_TEXT_LEN])
{
    struct tm tm;

    if (t != NULL && ASN1_TIME_to_tm(t, &tm) == 1) {
        time_text_write(timegm(&tm), 0, out);
    } else {
        (void)snprintf(out, TIME_TEXT_LEN, "unreadable");
    }
}

static void write_serial(const X509 *x, char out[SERIAL_HEX_MAX])
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    const size_t most = (SERIAL_HEX_MAX - 2) / 2;
    struct view bytes = {ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)};

    if (bytes.n > most) {
        bytes.n = most;
    }
    const bool negative = (ASN1_STRING_type(serial) & V_ASN1_NEG) != 0;

    out[0] = '-';
    hex_write(bytes, negative ? out + 1 : out);
}

static void write_key(X509 *x, struct facts *f)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    char group[64] = "";

    if (key == NULL) {
        (void)snprintf(f->key, sizeof f->key, "unreadable");
    } else if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1) {
        (void)snprintf(f->key, sizeof f->key, "EC %s", group);
    } else {
        const char *name = EVP_PKEY_get0_type_name(key);

        (void)snprintf(f->key, sizeof f->key, "%s %d bits", name != NULL ? name : "unknown",
                       EVP_PKEY_get_bits(key));
    }
    (void)snprintf(f->signature, sizeof f->signature, "%s",
                   OBJ_nid2sn(X509_get_signature_nid(x)));
}

static void write_usage(X509 *x, struct facts *f)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } bits[] = {
        {KU_DIGITAL_SIGNATURE, "digitalSignature"},
        {KU_NON_REPUDIATION, "nonRepudiation"},
        {KU_KEY_ENCIPHERMENT, "keyEncipherment"},
        {KU_DATA_ENCIPHERMENT, "dataEncipherment"},
        {KU_KEY_AGREEMENT, "keyAgreement"},
        {KU_KEY_CERT_SIGN, "keyCertSign"},
        {KU_CRL_SIGN, "cRLSign"},
    };
    int critical = -1;
    EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(x, NID_ext_key_usage, &critical, NULL);

    if ((X509_get_extension_flags(x) & EXFLAG_KUSAGE) != 0) {
        for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
            if ((X509_get_key_usage(x) & bits[i].bit) != 0) {
                append(f->key_usage, sizeof f->key_usage, bits[i].name);
            }
        }
    }
    for (int i = 0; i < sk_ASN1_OBJECT_num(eku); i++) {
        char name[80];

        (void)OBJ_obj2txt(name, sizeof name, sk_ASN1_OBJECT_value(eku, i), 0);
        append(f->extended_key_usage, sizeof f->extended_key_usage, name);
    }
    f->eku_critical = critical == 1;
    EXTENDED_KEY_USAGE_free(eku);
    f->ca = X509_check_ca(x) == 1;
}

static void write_fingerprint(X509 *x, struct facts *f)
{
    uint8_t digest[DIGEST_MAX];
    unsigned char *der = NULL;
    const int n = i2d_X509(x, &der);
    const struct digest_alg *md = digest_by_name("sha256");

    if (n > 0 && digest_once(md, (struct view){der, (size_t)n}, digest) == ERR_OK) {
        hex_write((struct view){digest, md->len}, f->sha256);
    }
    OPENSSL_free(der);
}

static void gather(X509 *x, struct facts *f)
{
    *f = (struct facts){0};
    chain_name_text(X509_get_subject_name(x), f->subject, sizeof f->subject);
    chain_name_text(X509_get_issuer_name(x), f->issuer, sizeof f->issuer);
    write_serial(x, f->serial);
    write_time(X509_get0_notBefore(x), f->not_before);
    write_time(X509_get0_notAfter(x), f->not_after);
    write_key(x, f);
    write_usage(x, f);
    write_fingerprint(x, f);
    ERR_clear_error();
}

void cert_facts_print(X509 *x, FILE *out)
{
    struct facts f;

    gather(x, &f);
    (void)fprintf(out, "    subject:   %s\n    issuer:    %s\n", f.subject, f.issuer);
    (void)fprintf(out, "    serial:    %s\n", f.serial);
    (void)fprintf(out, "    valid:     %s to %s\n", f.not_before, f.not_after);
    (void)fprintf(out, "    key:       %s, signed with %s\n", f.key, f.signature);
    (void)fprintf(out, "    usage:     %s%s%s%s%s\n", f.ca ? "CA; " : "",
                  f.key_usage[0] != '\0' ? f.key_usage : "not restricted",
                  f.extended_key_usage[0] != '\0' ? "; " : "", f.extended_key_usage,
                  f.eku_critical ? " (critical)" : "");
    (void)fprintf(out, "    sha256:    %s\n", f.sha256);
}

json_t *cert_facts_json(X509 *x)
{
    struct facts f;

    gather(x, &f);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:b, s:s}", "subject",
                     f.subject, "issuer", f.issuer, "serial_number", f.serial, "not_before",
                     f.not_before, "not_after", f.not_after, "key", f.key,
                     "signature_algorithm", f.signature, "ca", (int)f.ca, "key_usage",
                     f.key_usage, "extended_key_usage", f.extended_key_usage,
                     "extended_key_usage_critical", (int)f.eku_critical, "sha256", f.sha256);
}
