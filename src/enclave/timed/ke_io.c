#include "enclave/timed/ke_io.h"

#include "base/secret.h"

/* <openssl/types.h> has a type ERR_STATE, which is an enumerator of ours. */
#define ERR_STATE openssl_err_state
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static const unsigned char ALPN[] = "\7" NTSKE_ALPN;
#define ALPN_LEN (sizeof ALPN - 1)

/* All certificates of the text are roots. */
static enum err add_roots(struct view ca, SSL_CTX *context)
{
    BIO *in = BIO_new_mem_buf(ca.p, (int)ca.n);
    size_t n = 0;
    X509 *root;

    if (in == NULL) {
        return ERR_NOSPACE;
    }
    while ((root = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        n += X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root) == 1;
        X509_free(root);
    }
    ERR_clear_error(); /* the end of the text is one */
    BIO_free(in);
    return n > 0 ? ERR_OK : ERR_ENCODING;
}

/* OpenSSL seeds its generator and loads its tables on first use. */
static enum err warm_up(SSL_CTX *context)
{
    SSL *const ssl = SSL_new(context);

    if (ssl == NULL) {
        return ERR_NOSPACE;
    }
    SSL_free(ssl);
    return ERR_OK;
}

enum err ke_context_new(struct view ca, SSL_CTX **out)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    enum err e = ERR_NOSPACE;

    *out = NULL;
    if (context == NULL) {
        return ERR_NOSPACE;
    }
    if (ca.n <= KE_CA_MAX && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
        SSL_CTX_set_alpn_protos(context, ALPN, ALPN_LEN) == 0) {
        (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
        /* Else a server that sends tickets without end keeps us in one SSL_read(). */
        (void)SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        e = add_roots(ca, context);
    }
    if (e == ERR_OK) {
        e = warm_up(context);
    }
    if (e != ERR_OK) {
        SSL_CTX_free(context);
        return e;
    }
    *out = context;
    return ERR_OK;
}

void ke_context_free(SSL_CTX *context)
{
    SSL_CTX_free(context);
}

/* Whom the certificate must be for, and when it must be valid. */
static bool set_expected(SSL *ssl, const struct timed_source *source, int64_t now_s)
{
    char name[sizeof source->name]; /* OpenSSL's macro takes no constant one */
    X509_VERIFY_PARAM *const param = SSL_get0_param(ssl);
    struct in6_addr any;
    const bool is_address = inet_pton(AF_INET, source->name, &any) == 1 ||
                            inet_pton(AF_INET6, source->name, &any) == 1;

    memcpy(name, source->name, sizeof name);
    X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
    if (is_address) {
        return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

enum err ke_begin(struct ke *k, SSL_CTX *context, const struct timed_source *source,
                  int64_t now_ns, int64_t now_s)
{
    memset(k, 0, sizeof *k);
    if (endpoint_connect(&source->ke, &k->fd) != ERR_OK) {
        return ERR_IO;
    }
    k->ssl = SSL_new(context);
    if (k->ssl == NULL) {
        (void)close(k->fd);
        return ERR_NOSPACE;
    }
    if (SSL_set_fd(k->ssl, k->fd) != 1 || !set_expected(k->ssl, source, now_s)) {
        ke_end(k);
        return ERR_NOSPACE;
    }
    SSL_set_connect_state(k->ssl);
    k->deadline_ns = now_ns + KE_WAIT_NS;
    k->events = POLLOUT;
    return ERR_OK;
}

/* What OpenSSL says of a call that gave r <= 0. *wait: nothing, it has to be called again. */
static enum err outcome(struct ke *k, int r, bool *wait)
{
    const int why = SSL_get_error(k->ssl, r);
    const bool cut = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;

    *wait = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    if (*wait) {
        k->events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
        return ERR_OK;
    }
    if (SSL_get_verify_result(k->ssl) != X509_V_OK) {
        return ERR_EVIDENCE;
    }
    if (why == SSL_ERROR_ZERO_RETURN) {
        return ERR_TRUNCATED; /* an orderly end before End of Message */
    }
    return why == SSL_ERROR_SYSCALL || cut ? ERR_IO : ERR_SIGNATURE;
}

/* Handshake, then our 16 bytes, which one record takes whole. */
static enum err ask(struct ke *k, bool *wait)
{
    const unsigned char *chosen = NULL;
    unsigned n = 0;
    int r;

    if (!SSL_is_init_finished(k->ssl)) {
        r = SSL_do_handshake(k->ssl);
        if (r <= 0) {
            return outcome(k, r, wait);
        }
        SSL_get0_alpn_selected(k->ssl, &chosen, &n);
        if (n != ALPN_LEN - 1 || memcmp(chosen, ALPN + 1, n) != 0) {
            return ERR_MISMATCH;
        }
    }
    r = SSL_write(k->ssl, ntske_request, sizeof ntske_request);
    if (r <= 0) {
        return outcome(k, r, wait);
    }
    k->asked = true;
    return ERR_OK;
}

static enum err finish(struct ke *k, size_t len, struct ke_result *out)
{
    uint8_t context[NTSKE_EXPORTER_CONTEXT_LEN];

    TRY(ntske_answer_parse((struct view){k->in, len}, &out->answer));
    for (int s2c = 0; s2c <= 1; s2c++) {
        ntske_exporter_context(s2c == 1, context);
        if (SSL_export_keying_material(k->ssl, s2c == 1 ? out->s2c : out->c2s, NTSKE_KEY_LEN,
                                       NTSKE_EXPORTER_LABEL, strlen(NTSKE_EXPORTER_LABEL),
                                       context, sizeof context, 1) != 1) {
            return ERR_BUG;
        }
    }
    return ERR_OK;
}

static enum err step(struct ke *k, struct ke_result *out, bool *done)
{
    bool wait = false;
    size_t len = 0;
    enum err e = ERR_OK;

    while (!k->asked) {
        TRY(ask(k, &wait));
        if (wait) {
            return ERR_OK;
        }
    }
    for (;;) {
        int r;

        e = ntske_answer_len((struct view){k->in, k->n}, &len);
        if (e != ERR_TRUNCATED) {
            break;
        }
        r = SSL_read(k->ssl, k->in + k->n, (int)(sizeof k->in - k->n));
        if (r <= 0) {
            return outcome(k, r, &wait);
        }
        k->n += (size_t)r;
    }
    TRY(e);
    TRY(finish(k, len, out));
    *done = true;
    return ERR_OK;
}

enum err ke_step(struct ke *k, int64_t now_ns, struct ke_result *out, bool *done)
{
    enum err e;

    *done = false;
    memset(out, 0, sizeof *out);
    if (k->ssl == NULL) {
        return ERR_STATE;
    }
    e = now_ns >= k->deadline_ns ? ERR_DEADLINE : step(k, out, done);
    if (e != ERR_OK) {
        wipe(out, sizeof *out);
    }
    return e;
}

void ke_end(struct ke *k)
{
    if (k->ssl != NULL) {
        if (k->asked) {
            (void)SSL_shutdown(k->ssl);
        }
        ERR_clear_error();
        SSL_free(k->ssl);
        (void)close(k->fd);
    }
    wipe(k, sizeof *k);
}
