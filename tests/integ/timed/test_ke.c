/* <openssl/types.h> has a type ERR_STATE, which is an enumerator of ours. */
#define ERR_STATE openssl_err_state
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#include "testing.h"

#include "enclave/timed/ke_io.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
#define NOW (100 * NS_PER_S) /* of the false counter */

/* A CA, and a server of ours that does what real ones do not. All in one thread: client and
 * server take turns. */
struct server {
    EVP_PKEY *key;
    X509 *cert;
    SSL_CTX *context;
    SSL *ssl;
    int listener, fd;
    uint8_t pem[4096];
    struct view ca;
    struct timed_source source;
    const char *alpn;
};

static int choose(SSL *ssl, const unsigned char **out, unsigned char *n,
                  const unsigned char *offered, unsigned offered_n, void *arg)
{
    const char *const want = arg;

    (void)ssl;
    assert_true(offered_n == 8 && memcmp(offered, "\7ntske/1", 8) == 0);
    if (want == NULL) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = (const unsigned char *)want;
    *n = (unsigned char)strlen(want);
    return SSL_TLSEXT_ERR_OK;
}

static X509 *make_certificate(EVP_PKEY *key, const char *san, long from_s, long to_s)
{
    X509 *const c = X509_new();
    X509_EXTENSION *const x = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);

    assert_true(c && x);
    assert_int_equal(X509_set_version(c, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(c), 7), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC,
                                                (const unsigned char *)"time", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(c, X509_get_subject_name(c)), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(c), from_s));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(c), to_s));
    assert_int_equal(X509_set_pubkey(c, key), 1);
    assert_int_equal(X509_add_ext(c, x, -1), 1);
    X509_EXTENSION_free(x);
    assert_true(X509_sign(c, key, EVP_sha256()) > 0);
    return c;
}

static void start(struct server *s, const char *san, long from_s, long to_s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    char text[64];
    BIO *const out = BIO_new(BIO_s_mem());
    char *pem = NULL;

    memset(s, 0, sizeof *s);
    s->alpn = "ntske/1";
    s->fd = -1;
    s->key = EVP_EC_gen("P-256");
    s->cert = make_certificate(s->key, san, from_s, to_s);
    assert_int_equal(PEM_write_bio_X509(out, s->cert), 1);
    s->ca.n = (size_t)BIO_get_mem_data(out, &pem);
    assert_true(s->ca.n <= sizeof s->pem);
    memcpy(s->pem, pem, s->ca.n);
    s->ca.p = s->pem;
    BIO_free(out);
    s->context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(s->context, s->cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(s->context, s->key), 1);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)(void *)&a, sizeof a), 0);
    assert_int_equal(listen(s->listener, 4), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)(void *)&a, &len), 0);
    (void)snprintf(text, sizeof text, "time.test,127.0.0.1:%u,o,j", ntohs(a.sin_port));
    assert_int_equal(timed_source_parse(text, &s->source), ERR_OK);
}

static void stop(struct server *s)
{
    SSL_free(s->ssl);
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    (void)close(s->listener);
    SSL_CTX_free(s->context);
    X509_free(s->cert);
    EVP_PKEY_free(s->key);
}

static void accept_client(struct server *s)
{
    SSL_CTX_set_alpn_select_cb(s->context, choose, (void *)(uintptr_t)s->alpn);
    s->fd = accept(s->listener, NULL, NULL);
    assert_true(s->fd >= 0 && fcntl(s->fd, F_SETFL, O_NONBLOCK) == 0);
    s->ssl = SSL_new(s->context);
    assert_int_equal(SSL_set_fd(s->ssl, s->fd), 1);
    SSL_set_accept_state(s->ssl);
}

/* What the server says after the request, `times` times over; NULL: nothing, it hangs up. */
struct script {
    const uint8_t *answer;
    size_t n, times;
    bool silent; /* and it never hangs up */
    bool goodbye;
};

static void serve(struct server *s, const struct script *script, size_t *said, bool *asked)
{
    uint8_t request[64];

    if (!*asked) {
        const int n = SSL_read(s->ssl, request, sizeof request);

        if (n <= 0) {
            return;
        }
        assert_int_equal(n, NTSKE_REQUEST_LEN);
        assert_memory_equal(request, ntske_request, NTSKE_REQUEST_LEN);
        *asked = true;
    }
    while (*said < script->times &&
           SSL_write(s->ssl, script->answer, (int)script->n) == (int)script->n) {
        ++*said;
    }
    if (*said == script->times && !script->silent && s->fd >= 0) {
        if (script->goodbye) {
            (void)SSL_shutdown(s->ssl);
        }
        (void)shutdown(s->fd, SHUT_WR);
    }
}

/* One run; the result is what ke_step() said last. On success the keys are held against the
 * server's. */
static enum err run(struct server *s, const struct script *script, int64_t now_s)
{
    static struct ke k;
    struct ke_result result;
    struct ssl_ctx_st *context = NULL;
    enum err e = ERR_OK;
    size_t said = 0;
    bool asked = false;
    bool done = false;

    assert_int_equal(ke_context_new(s->ca, &context), ERR_OK);
    assert_int_equal(ke_begin(&k, context, &s->source, NOW, now_s), ERR_OK);
    accept_client(s);
    for (int turn = 0; turn < 10000; turn++) {
        struct pollfd both[2];

        e = ke_step(&k, NOW, &result, &done);
        if (e != ERR_OK || done) {
            break;
        }
        serve(s, script, &said, &asked);
        both[0] = (struct pollfd){.fd = k.fd, .events = k.events};
        both[1] = (struct pollfd){.fd = s->fd, .events = asked ? 0 : POLLIN};
        if (poll(both, 2, script->silent && asked ? 200 : 1000) == 0 && asked) {
            break; /* nothing moves any more */
        }
    }
    if (done) {
        for (int i = 0; i < 2; i++) {
            const uint8_t about[5] = {0, 0, 0, 15, (uint8_t)i};
            uint8_t key[32];

            assert_int_equal(SSL_export_keying_material(s->ssl, key, sizeof key,
                                                        "EXPORTER-network-time-security", 30,
                                                        about, sizeof about, 1),
                             1);
            assert_memory_equal(key, i == 0 ? result.c2s : result.s2c, sizeof key);
        }
        assert_int_equal(result.answer.n_cookies, 1);
        assert_int_equal(result.answer.port, 123);
    }
    if (e == ERR_OK && !done) { /* it waits: until the deadline */
        assert_int_equal(ke_step(&k, NOW + KE_WAIT_NS - 1, &result, &done), ERR_OK);
        assert_false(done);
        e = ke_step(&k, NOW + KE_WAIT_NS, &result, &done);
    }
    ke_end(&k);
    assert_true(k.ssl == NULL && ke_step(&k, NOW, &result, &done) == ERR_STATE);
    ke_context_free(context);
    return e;
}

static const uint8_t good[] = "\x80\1\0\2\0\0\x80\4\0\2\0\17\0\5\0\14cookiecookie\x80\0\0";
static const uint8_t no_end[] = "\x80\1\0\2\0\0\x80\4\0\2\0\17\0\5\0\14cookiecookie";
static const uint8_t filler[1000] = "\4\0\3\344"; /* a record that nobody knows */
static const uint8_t critical[] = "\x80\1\0\2\0\0\x80\4\0\2\0\17\xc0\0\0\0\x80\0\0";

static enum err once(const char *san, long from_s, long to_s, const struct script *script)
{
    struct server s;
    enum err e;

    start(&s, san, from_s, to_s);
    e = run(&s, script, (int64_t)time(NULL));
    stop(&s);
    return e;
}

static void answers_have_their_results(void **state)
{
    const struct {
        struct script script;
        enum err want;
    } cases[] = {
        {{good, sizeof good, 1, false, true}, ERR_OK},
        {{good, sizeof good, 1, true, false}, ERR_OK}, /* not waited for its goodbye */
        {{no_end, sizeof no_end - 1, 1, false, true}, ERR_TRUNCATED},
        {{no_end, sizeof no_end - 1, 1, true, false}, ERR_DEADLINE},
        {{good, 1, 0, true, false}, ERR_DEADLINE}, /* says nothing at all */
        {{filler, sizeof filler, 40, false, true}, ERR_RANGE},
        {{critical, sizeof critical, 1, false, true}, ERR_EXTENSION},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(once("DNS:time.test", -100, 100, &cases[i].script), cases[i].want);
    }
}

static void chains_have_to_be_for_it_and_of_now(void **state)
{
    static const struct script script = {good, sizeof good, 1, false, true};
    struct server s;
    struct server other;

    (void)state;
    assert_int_equal(once("DNS:other.test", -100, 100, &script), ERR_EVIDENCE);
    assert_int_equal(once("IP:127.0.0.1", -100, 100, &script), ERR_EVIDENCE);
    assert_int_equal(once("DNS:time.test", -200, -100, &script), ERR_EVIDENCE);
    assert_int_equal(once("DNS:time.test", 100, 200, &script), ERR_EVIDENCE);
    start(&s, "DNS:time.test", -200, -100); /* the time that it is told counts */
    assert_int_equal(run(&s, &script, (int64_t)time(NULL) - 150), ERR_OK);
    stop(&s);
    start(&s, "DNS:time.test", -100, 100);
    start(&other, "DNS:time.test", -100, 100);
    memcpy(s.pem, other.pem, sizeof s.pem);
    s.ca.n = other.ca.n;
    assert_int_equal(run(&s, &script, (int64_t)time(NULL)), ERR_EVIDENCE); /* of nobody */
    stop(&s);
    stop(&other);
}

static void tls_is_1_3_and_the_protocol_is_named(void **state)
{
    static const struct script script = {good, sizeof good, 1, false, true};
    struct server s;

    (void)state;
    start(&s, "DNS:time.test", -100, 100);
    s.alpn = NULL;
    assert_int_equal(run(&s, &script, (int64_t)time(NULL)), ERR_MISMATCH);
    stop(&s);
    start(&s, "DNS:time.test", -100, 100);
    assert_int_equal(SSL_CTX_set_max_proto_version(s.context, TLS1_2_VERSION), 1);
    assert_int_equal(run(&s, &script, (int64_t)time(NULL)), ERR_SIGNATURE);
    stop(&s);
}

/* Session tickets, as many as the socket takes. */
static void send_tickets(SSL *ssl)
{
    int r;

    do {
        assert_int_equal(SSL_new_session_ticket(ssl), 1);
        r = SSL_do_handshake(ssl);
    } while (r == 1);
    assert_int_equal(SSL_get_error(ssl, r), SSL_ERROR_WANT_WRITE);
}

/* Who sends without end what no answer consists of is read record by record: between two the
 * others have their turn, and the deadline counts. */
static void tickets_without_end_hold_up_nobody(void **state)
{
    static struct ke k;
    static const struct script nothing = {good, sizeof good, 0, true, false};
    const int small = 4096;
    struct ssl_ctx_st *context = NULL;
    struct ke_result result;
    struct server s;
    size_t said = 0;
    bool asked = false;
    bool done = false;

    (void)state;
    start(&s, "DNS:time.test", -100, 100);
    assert_int_equal(setsockopt(s.listener, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    assert_int_equal(ke_context_new(s.ca, &context), ERR_OK);
    assert_int_equal(ke_begin(&k, context, &s.source, NOW, (int64_t)time(NULL)), ERR_OK);
    accept_client(&s);
    for (int turn = 0; turn < 100 && !asked; turn++) {
        struct pollfd both[2] = {{.fd = k.fd, .events = k.events},
                                 {.fd = s.fd, .events = POLLIN}};

        assert_int_equal(ke_step(&k, NOW, &result, &done), ERR_OK);
        serve(&s, &nothing, &said, &asked);
        (void)poll(both, 2, asked ? 0 : 1000);
    }
    assert_true(asked);
    send_tickets(s.ssl);
    for (int turn = 0; turn < 10; turn++) {
        struct pollfd more = {.fd = k.fd, .events = POLLIN};

        assert_int_equal(ke_step(&k, NOW, &result, &done), ERR_OK);
        assert_false(done);
        assert_int_equal(poll(&more, 1, 0), 1); /* it has not read all that is there */
    }
    assert_int_equal(ke_step(&k, NOW + KE_WAIT_NS, &result, &done), ERR_DEADLINE);
    ke_end(&k);
    ke_context_free(context);
    stop(&s);
}

static void roots_are_needed(void **state)
{
    struct ssl_ctx_st *context = NULL;

    (void)state;
    assert_int_equal(ke_context_new((struct view){(const uint8_t *)"none", 4}, &context),
                     ERR_ENCODING);
    assert_null(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_have_their_results),
        cmocka_unit_test(chains_have_to_be_for_it_and_of_now),
        cmocka_unit_test(tls_is_1_3_and_the_protocol_is_named),
        cmocka_unit_test(tickets_without_end_hold_up_nobody),
        cmocka_unit_test(roots_are_needed),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
