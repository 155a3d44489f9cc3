/* <openssl/types.h> has a type ERR_STATE, which is an enumerator of ours. */
#define ERR_STATE openssl_err_state
#include <openssl/err.h>
#include <openssl/ssl.h>
#undef ERR_STATE

#include "testing.h"
#include "time_server/fake_time.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int choose(SSL *ssl, const unsigned char **out, unsigned char *n,
                  const unsigned char *offered, unsigned offered_n, void *arg)
{
    (void)ssl;
    (void)arg;
    assert_true(offered_n == 8 && memcmp(offered, "\7ntske/1", 8) == 0);
    *out = offered + 1;
    *n = 7;
    return SSL_TLSEXT_ERR_OK;
}

SSL_CTX *fake_ke_context(const char *cert, const char *key, enum fake_fault fault)
{
    SSL_CTX *const context = SSL_CTX_new(TLS_server_method());

    assert_non_null(context);
    assert_int_equal(SSL_CTX_use_certificate_chain_file(context, cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM), 1);
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
    if (fault != FAKE_KE_ALPN) {
        SSL_CTX_set_alpn_select_cb(context, choose, NULL);
    }
    if (fault == FAKE_KE_TLS12) {
        assert_int_equal(SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION), 1);
    }
    return context;
}

bool fake_ke_accept(struct fake_server *s, struct fake_talk *t)
{
    const int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    memset(t, 0, sizeof *t);
    if (s->fault == FAKE_KE_CUT) {
        (void)close(fd);
        return true;
    }
    t->server = s;
    t->fd = fd;
    t->ssl = SSL_new(s->context);
    assert_non_null(t->ssl);
    assert_int_equal(SSL_set_fd(t->ssl, fd), 1);
    SSL_set_accept_state(t->ssl);
    return true;
}

static void export_keys(SSL *ssl, struct nts_server *n)
{
    uint8_t keys[2][AES_SIV_KEY_LEN];

    for (uint8_t i = 0; i < 2; i++) {
        const uint8_t about[5] = {0, 0, 0, 15, i};

        assert_int_equal(SSL_export_keying_material(ssl, keys[i], sizeof keys[i],
                                                    "EXPORTER-network-time-security", 30, about,
                                                    sizeof about, 1),
                         1);
    }
    nts_server_key(n, keys[0], keys[1]);
}

/* What it says: records of a good answer, the port of NTP before the last, and the fault. */
static void make_answer(struct fake_talk *t)
{
    static const uint8_t filler[1000] = "\4\0\3\344"; /* a record that nobody knows */
    struct fake_session *const session = fake_session_new(t->server);
    uint8_t good[8192];
    struct writer w = wr_init(t->out, sizeof t->out);
    struct view v;

    export_keys(t->ssl, &session->nts);
    v = nts_server_ke(&session->nts, good);
    wr_bytes(&w, v.p, v.n - 4);
    wr_u16be(&w, 0x8007);
    wr_u16be(&w, 2);
    wr_u16be(&w, t->server->ntp_port);
    switch ((int)t->server->fault) {
    case FAKE_KE_LARGE:
        for (int i = 0; i < 17; i++) {
            wr_bytes(&w, filler, sizeof filler);
        }
        break;
    case FAKE_KE_CRITICAL:
        wr_bytes(&w, "\xc0\0\0\0", 4);
        break;
    case FAKE_KE_ERROR:
        wr_bytes(&w, "\x80\2\0\2\0\1", 6);
        break;
    default:
        break;
    }
    if (t->server->fault != FAKE_KE_UNFINISHED) {
        wr_bytes(&w, "\x80\0\0\0", 4);
    }
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    t->out_n = v.n;
    t->server->ke++;
}

static void end(struct fake_talk *t)
{
    ERR_clear_error();
    SSL_free(t->ssl);
    (void)close(t->fd);
    t->ssl = NULL;
}

/* Whether a call that gave r <= 0 is to be made again. */
static bool again(struct fake_talk *t, int r)
{
    const int why = SSL_get_error(t->ssl, r);

    ERR_clear_error();
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

void fake_ke_step(struct fake_talk *t)
{
    uint8_t request[64];
    size_t said = 0;
    int r;

    if (!t->asked) {
        r = SSL_read(t->ssl, request, sizeof request);
        if (r <= 0) {
            if (!again(t, r)) {
                end(t);
            }
            return;
        }
        assert_int_equal(r, NTSKE_REQUEST_LEN);
        assert_memory_equal(request, ntske_request, NTSKE_REQUEST_LEN);
        t->asked = true;
        if (t->server->fault != FAKE_KE_SILENT) {
            make_answer(t);
        }
    }
    if (t->server->fault == FAKE_KE_SILENT) {
        r = SSL_read(t->ssl, request, sizeof request); /* until the client hangs up */
        if (r <= 0 && !again(t, r)) {
            end(t);
        }
        return;
    }
    while (said < t->out_n) { /* the kernel holds it all */
        r = SSL_write(t->ssl, t->out + said, (int)(t->out_n - said));
        if (r <= 0) {
            break;
        }
        said += (size_t)r;
    }
    (void)SSL_shutdown(t->ssl);
    end(t);
}
