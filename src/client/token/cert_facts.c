#include "client/token/cert_facts.h"

#include "base/hex.h"
#include "client/kit/time_text.h"
#include "client/token/binding_facts.h"
#include "client/token/key_facts.h"
#include "client/trust/chain.h"
#include "format/oid.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX 256
#define SERIAL_HEX_MAX 160 /* RFC 5280 4.1.2.2 allows 40 digits; some take more */

struct facts {
    char subject[TEXT_MAX], issuer[TEXT_MAX];
    char serial[SERIAL_HEX_MAX];
    char not_before[TIME_TEXT_LEN], not_after[TIME_TEXT_LEN];
    char key[KEY_FACTS_TEXT_MAX], signature[TEXT_MAX];
    char key_usage[TEXT_MAX], extended_key_usage[TEXT_MAX];
    char sha256[2 * HASH_MAX + 1];
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

/* OpenSSL 3.0 has no name for ML-DSA. */
static void write_object(const ASN1_OBJECT *object, char out[TEXT_MAX])
{
    const struct view body = {OBJ_get0_data(object), OBJ_length(object)};
    const enum oid_id id = oid_find(body);

    if (id != OID_NONE && OBJ_obj2nid(object) == NID_undef) {
        (void)snprintf(out, TEXT_MAX, "%s", oid_name(id));
    } else {
        (void)OBJ_obj2txt(out, TEXT_MAX, object, 0);
    }
}

static void write_unknown_key(const X509 *x, struct facts *f)
{
    unsigned char *der = NULL;
    const int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);

    key_facts_algorithm((struct view){der, n > 0 ? (size_t)n : 0}, f->key);
    OPENSSL_free(der);
}

static void write_key(X509 *x, struct facts *f)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    char group[64] = "";

    if (key == NULL) {
        write_unknown_key(x, f);
    } else if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1) {
        (void)snprintf(f->key, sizeof f->key, "EC %s", group);
    } else {
        const char *name = EVP_PKEY_get0_type_name(key);

        (void)snprintf(f->key, sizeof f->key, "%s %d bits", name != NULL ? name : "unknown",
                       EVP_PKEY_get_bits(key));
    }
    if (X509_get_signature_nid(x) == NID_undef) {
        const ASN1_OBJECT *object = NULL;

        X509_ALGOR_get0(&object, NULL, NULL, X509_get0_tbs_sigalg(x));
        write_object(object, f->signature);
        return;
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

static void write_fingerprint(struct view der, struct facts *f)
{
    uint8_t digest[HASH_MAX];

    hash_once(HASH_SHA256, der, digest);
    hex_write((struct view){digest, hash_len(HASH_SHA256)}, f->sha256);
}

/* DER in *room, which OpenSSL has allocated; empty without memory. */
static struct view der_of(X509 *x, unsigned char **room)
{
    const int n = i2d_X509(x, room);

    return n > 0 ? (struct view){*room, (size_t)n} : (struct view){NULL, 0};
}

static void gather(X509 *x, struct view der, struct facts *f)
{
    *f = (struct facts){0};
    chain_name_text(X509_get_subject_name(x), f->subject, sizeof f->subject);
    chain_name_text(X509_get_issuer_name(x), f->issuer, sizeof f->issuer);
    write_serial(x, f->serial);
    write_time(X509_get0_notBefore(x), f->not_before);
    write_time(X509_get0_notAfter(x), f->not_after);
    write_key(x, f);
    write_usage(x, f);
    write_fingerprint(der, f);
    ERR_clear_error();
}

void cert_facts_print(X509 *x, FILE *out)
{
    unsigned char *room = NULL;
    const struct view der = der_of(x, &room);
    struct facts f;

    gather(x, der, &f);
    (void)fprintf(out, "    subject:   %s\n    issuer:    %s\n", f.subject, f.issuer);
    (void)fprintf(out, "    serial:    %s\n", f.serial);
    (void)fprintf(out, "    valid:     %s to %s\n", f.not_before, f.not_after);
    (void)fprintf(out, "    key:       %s, signed with %s\n", f.key, f.signature);
    (void)fprintf(out, "    usage:     %s%s%s%s%s\n", f.ca ? "CA; " : "",
                  f.key_usage[0] != '\0' ? f.key_usage : "not restricted",
                  f.extended_key_usage[0] != '\0' ? "; " : "", f.extended_key_usage,
                  f.eku_critical ? " (critical)" : "");
    (void)fprintf(out, "    sha256:    %s\n", f.sha256);
    binding_facts_print(der, out);
    OPENSSL_free(room);
}

json_t *cert_facts_json(X509 *x)
{
    unsigned char *room = NULL;
    const struct view der = der_of(x, &room);
    struct facts f;

    gather(x, der, &f);
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:b, s:s, s:o*}",
                          "subject", f.subject, "issuer", f.issuer, "serial_number", f.serial,
                          "not_before", f.not_before, "not_after", f.not_after, "key", f.key,
                          "signature_algorithm", f.signature, "ca", (int)f.ca, "key_usage",
                          f.key_usage, "extended_key_usage", f.extended_key_usage,
                          "extended_key_usage_critical", (int)f.eku_critical, "sha256",
                          f.sha256, "quorate_binding", binding_facts_json(der));

    OPENSSL_free(room);
    return j;
}
