/* An end of attest_tls.h at a peer that says anything: the input is a list of {length(2, LE),
 * message}, with an own turn between. Whatever comes, nobody is verified by it: this end's
 * judge accepts no evidence and knows no key. */
#include "promise.h"

#include "attest/attest_tls.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err any_random(void *ctx, uint8_t out[REPORT_DATA_NONCE_LEN])
{
    (void)ctx;
    memset(out, 0x5a, REPORT_DATA_NONCE_LEN);
    return ERR_OK;
}

static enum err any_signature(void *ctx, const uint8_t digest[P384_DIGEST_LEN],
                              uint8_t out[P384_SIG_LEN])
{
    (void)ctx;
    (void)digest;
    memset(out, 0x5b, P384_SIG_LEN);
    return ERR_OK;
}

static enum attest_fault refuse(void *ctx, struct view block,
                                const uint8_t report_data[REPORT_DATA_LEN],
                                uint8_t policy[ATTEST_TLS_POLICY_LEN])
{
    (void)ctx;
    (void)block;
    (void)report_data;
    (void)policy;
    return ATTEST_REPORT_SIGNATURE;
}

static bool unknown(void *ctx, uint8_t role, const uint8_t leaf[P384_PUBLIC_LEN])
{
    (void)ctx;
    (void)role;
    (void)leaf;
    return false;
}

static void start(struct attest_tls *m, uint8_t how)
{
    struct attest_tls_setup s = {.side = (how & 1) != 0 ? ATTEST_TLS_SERVER : ATTEST_TLS_CLIENT,
                                 .session = {.version = 0x0304},
                                 .own = {REPORT_INSTANCE, ATTEST_TLS_SHOWS_EVIDENCE, {4}},
                                 .peer = {REPORT_OPERATOR, ATTEST_TLS_SHOWS_EVIDENCE, {5}}};

    if ((how & 2) != 0) {
        s.peer.shows = ATTEST_TLS_SHOWS_KEY;
    }
    if ((how & 4) != 0) {
        s.own.shows = ATTEST_TLS_SHOWS_KEY;
    }
    s.session.exporter[0][0] = 1;
    promise(attest_tls_init(m, &s) == ATTEST_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct attest_tls_tools tools = {NULL, any_random, any_signature, refuse,
                                                  unknown};
    static uint8_t out[ATTEST_TLS_OUT_MAX];
    static const uint8_t block[64] = {1};
    struct reader r = rd_init((struct view){data, size});
    struct attest_tls m;
    uint8_t how = 0;
    uint16_t n = 0;
    struct view message;

    if (rd_u8(&r, &how) != ERR_OK) {
        return 0;
    }
    start(&m, how);
    while (rd_u16le(&r, &n) == ERR_OK && rd_take(&r, n, &message) == ERR_OK) {
        struct writer w = wr_init(out, sizeof out);
        uint8_t report_data[REPORT_DATA_LEN];

        if (attest_tls_take(&m, &tools, 1, message, &w) != ATTEST_OK) {
            promise(!m.challenged && !m.peer_challenged && !m.verified);
        }
        if (attest_tls_wants(&m, report_data)) {
            const struct view own = {block, sizeof block};
            const bool key = m.setup.own.shows == ATTEST_TLS_SHOWS_KEY;

            promise(attest_tls_show(&m, &tools, 1, key ? (struct view){NULL, 0} : own, &w) ==
                    ATTEST_OK);
        }
        promise(!w.full && !attest_tls_is_verified(&m, 1));
    }
    return 0;
}
