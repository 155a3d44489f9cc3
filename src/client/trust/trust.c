#include "client/trust/trust.h"

#include "client/kit/file_io.h"
#include "client/kit/openssl.h"
#include "client/trust/trust_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum err trust_new(struct trust **out)
{
    struct trust *t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL) {
        return ERR_NOSPACE;
    }
    t->anchors = sk_X509_new_null();
    t->untrusted = sk_X509_new_null();
    t->crls = sk_X509_CRL_new_null();
    if (t->anchors == NULL || t->untrusted == NULL || t->crls == NULL) {
        trust_free(t);
        return ERR_NOSPACE;
    }
    *out = t;
    return ERR_OK;
}

void trust_free(struct trust *t)
{
    if (t != NULL) {
        sk_X509_pop_free(t->anchors, X509_free);
        sk_X509_pop_free(t->untrusted, X509_free);
        sk_X509_CRL_pop_free(t->crls, X509_CRL_free);
        free(t);
    }
}

bool trust_has(const struct trust *t, enum trust_kind kind)
{
    switch (kind) {
    case TRUST_ANCHOR:
        return sk_X509_num(t->anchors) > 0;
    case TRUST_UNTRUSTED:
        return sk_X509_num(t->untrusted) > 0;
    case TRUST_CRL:
        return sk_X509_CRL_num(t->crls) > 0;
    }
    return false;
}

static enum err take_certificate(STACK_OF(X509) * to, struct view der)
{
    const unsigned char *p = der.p;
    X509 *x = NULL;

    if (der.n > LONG_MAX || sk_X509_num(to) >= TRUST_CERTIFICATES_MAX) {
        return ERR_NOSPACE;
    }
    x = d2i_X509(NULL, &p, (long)der.n);
    if (x == NULL || p != der.p + der.n) {
        X509_free(x);
        return ERR_ENCODING;
    }
    if (sk_X509_push(to, x) <= 0) {
        X509_free(x);
        return ERR_NOSPACE;
    }
    return ERR_OK;
}

static enum err take_crl(STACK_OF(X509_CRL) * to, struct view der)
{
    const unsigned char *p = der.p;
    X509_CRL *x = NULL;

    if (der.n > LONG_MAX || sk_X509_CRL_num(to) >= TRUST_CERTIFICATES_MAX) {
        return ERR_NOSPACE;
    }
    x = d2i_X509_CRL(NULL, &p, (long)der.n);
    if (x == NULL || p != der.p + der.n) {
        X509_CRL_free(x);
        return ERR_ENCODING;
    }
    if (sk_X509_CRL_push(to, x) <= 0) {
        X509_CRL_free(x);
        return ERR_NOSPACE;
    }
    return ERR_OK;
}

static enum err take_one(struct trust *t, enum trust_kind kind, struct view der)
{
    switch (kind) {
    case TRUST_ANCHOR:
        return take_certificate(t->anchors, der);
    case TRUST_UNTRUSTED:
        return take_certificate(t->untrusted, der);
    case TRUST_CRL:
        return take_crl(t->crls, der);
    }
    return ERR_BUG;
}

static bool is_kind(enum trust_kind kind, const char *label)
{
    if (kind == TRUST_CRL) {
        return strcmp(label, PEM_STRING_X509_CRL) == 0;
    }
    return strcmp(label, PEM_STRING_X509) == 0 || strcmp(label, PEM_STRING_X509_OLD) == 0;
}

/* Every block of the right label; others (a key, a request) are passed over. */
static enum err take_pem(struct trust *t, enum trust_kind kind, BIO *bio, size_t *taken)
{
    enum err e = ERR_OK;

    *taken = 0;
    while (e == ERR_OK) {
        char *label = NULL;
        char *header = NULL;
        unsigned char *der = NULL;
        long n = 0;

        if (PEM_read_bio(bio, &label, &header, &der, &n) != 1) {
            break;
        }
        if (n > 0 && is_kind(kind, label)) {
            e = take_one(t, kind, (struct view){der, (size_t)n});
            *taken += 1;
        }
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_free(der);
    }
    return e;
}

enum err trust_add(struct trust *t, enum trust_kind kind, struct view bytes)
{
    size_t taken = 0;

    if (bytes.n == 0) {
        return ERR_TAG;
    }
    if (bytes.n > INT_MAX) {
        return ERR_NOSPACE;
    }
    if (bytes.p[0] == 0x30) { /* SEQUENCE: no PEM text starts with the digit zero */
        return take_one(t, kind, bytes);
    }
    BIO *bio = BIO_new_mem_buf(bytes.p, (int)bytes.n);

    if (bio == NULL) {
        return ERR_NOSPACE;
    }
    enum err e = take_pem(t, kind, bio, &taken);

    BIO_free(bio);
    if (e == ERR_OK && taken == 0) {
        e = ERR_TAG;
    }
    ERR_clear_error();
    return e;
}

struct folder_visit {
    struct trust *trust;
    enum trust_kind kind;
    bool any;
};

static enum err add_file(struct trust *t, enum trust_kind kind, const char *path)
{
    struct file_bytes f;

    TRY(file_read(path, &f));
    const enum err e = trust_add(t, kind, (struct view){f.p, f.n});

    file_free(&f);
    return e;
}

static enum err visit_file(void *self, const char *path)
{
    struct folder_visit *v = self;
    const enum err e = add_file(v->trust, v->kind, path);

    if (e == ERR_OK) {
        v->any = true;
    }
    return e == ERR_TAG || e == ERR_ENCODING ? ERR_OK : e;
}

enum err trust_add_path(struct trust *t, enum trust_kind kind, const char *path)
{
    struct folder_visit v = {t, kind, false};

    if (!file_is_folder(path)) {
        return add_file(t, kind, path);
    }
    TRY(file_each(path, visit_file, &v));
    return v.any ? ERR_OK : ERR_TAG;
}
