#include "host/front/tls_io.h"

#include "base/secret.h"
#include "os/small_file.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <string.h>

/* libmicrohttpd gives its certificate callback no argument, so this is one per process.
 * Handshakes parse the PEM anew: GnuTLS then owns and frees what it got, and a reload frees
 * nothing under its hands. */
static struct {
    pthread_rwlock_t lock;
    uint8_t certificate[TLS_FILE_MAX];
    uint8_t key[TLS_FILE_MAX];
    struct view certificate_pem, key_pem;
} tls = {.lock = PTHREAD_RWLOCK_INITIALIZER};

static gnutls_datum_t datum(struct view v)
{
    union {
        const uint8_t *given;
        unsigned char *wanted;
    } p = {v.p};

    return (gnutls_datum_t){p.wanted, (unsigned)v.n};
}

static void free_certs(gnutls_pcert_st *certs, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        gnutls_pcert_deinit(&certs[i]);
    }
    gnutls_free(certs);
}

/* What a handshake needs, in memory of GnuTLS. */
static enum err import(struct view certificate, struct view key, gnutls_pcert_st **certs,
                       unsigned *n, gnutls_privkey_t *privkey)
{
    const gnutls_datum_t cert_pem = datum(certificate);
    const gnutls_datum_t key_pem = datum(key);
    gnutls_pcert_st *list = gnutls_calloc(TLS_CERTS_MAX, sizeof *list);

    *n = TLS_CERTS_MAX;
    if (list == NULL ||
        gnutls_pcert_list_import_x509_raw(list, n, &cert_pem, GNUTLS_X509_FMT_PEM, 0) != 0) {
        gnutls_free(list);
        return ERR_ENCODING;
    }
    if (gnutls_privkey_init(privkey) != 0) {
        free_certs(list, *n);
        return ERR_NOSPACE;
    }
    if (gnutls_privkey_import_x509_raw(*privkey, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0) != 0) {
        free_certs(list, *n);
        gnutls_privkey_deinit(*privkey);
        return ERR_ENCODING;
    }
    *certs = list;
    return ERR_OK;
}

/* Whether privkey is the key of the first certificate: their key ids agree. */
static bool fits(gnutls_pcert_st *cert, gnutls_privkey_t privkey)
{
    unsigned char a[64];
    unsigned char b[64];
    size_t a_n = sizeof a;
    size_t b_n = sizeof b;
    gnutls_pubkey_t pubkey = NULL;
    bool good = gnutls_pubkey_init(&pubkey) == 0;

    good = good && gnutls_pubkey_import_privkey(pubkey, privkey, 0, 0) == 0 &&
           gnutls_pubkey_get_key_id(pubkey, GNUTLS_KEYID_USE_SHA256, a, &a_n) == 0 &&
           gnutls_pubkey_get_key_id(cert->pubkey, GNUTLS_KEYID_USE_SHA256, b, &b_n) == 0 &&
           a_n == b_n && memcmp(a, b, a_n) == 0;
    gnutls_pubkey_deinit(pubkey);
    return good;
}

static enum err check(struct view certificate, struct view key)
{
    gnutls_pcert_st *certs = NULL;
    gnutls_privkey_t privkey = NULL;
    unsigned n = 0;

    TRY(import(certificate, key, &certs, &n, &privkey));
    const bool good = n > 0 && fits(&certs[0], privkey);

    free_certs(certs, n);
    gnutls_privkey_deinit(privkey);
    return good ? ERR_OK : ERR_MISMATCH;
}

enum err tls_load(const char *certificate, const char *key)
{
    static uint8_t new_certificate[TLS_FILE_MAX]; /* one thread loads */
    static uint8_t new_key[TLS_FILE_MAX];
    struct view cert_pem = {0};
    struct view key_pem = {0};
    enum err e =
        small_file_read(certificate, new_certificate, sizeof new_certificate, &cert_pem);

    if (e == ERR_OK) {
        e = small_file_read(key, new_key, sizeof new_key, &key_pem);
    }
    if (e == ERR_OK) {
        e = check(cert_pem, key_pem);
    }
    if (e == ERR_OK) {
        (void)pthread_rwlock_wrlock(&tls.lock);
        memcpy(tls.certificate, cert_pem.p, cert_pem.n);
        memcpy(tls.key, key_pem.p, key_pem.n);
        tls.certificate_pem = (struct view){tls.certificate, cert_pem.n};
        tls.key_pem = (struct view){tls.key, key_pem.n};
        (void)pthread_rwlock_unlock(&tls.lock);
    }
    wipe(new_key, sizeof new_key);
    return e;
}

/* NOLINTNEXTLINE(readability-function-size): the library's signature */
static int retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                    gnutls_pcert_st **certs, unsigned *certs_n, gnutls_ocsp_data_st **ocsp,
                    unsigned *ocsp_n, gnutls_privkey_t *privkey, unsigned *flags)
{
    (void)session;
    (void)info;
    (void)pthread_rwlock_rdlock(&tls.lock);
    const enum err e = import(tls.certificate_pem, tls.key_pem, certs, certs_n, privkey);

    (void)pthread_rwlock_unlock(&tls.lock);
    *ocsp = NULL;
    *ocsp_n = 0;
    *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    return e == ERR_OK ? 0 : -1;
}

void *tls_retrieve_function(void)
{
    union {
        gnutls_certificate_retrieve_function3 *function;
        void *pointer;
    } as = {retrieve};

    return as.pointer;
}

void tls_wipe(void)
{
    wipe(tls.key, sizeof tls.key);
}
