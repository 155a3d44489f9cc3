#include "capture.h"
#include "testing.h"

#include "crypto/aead_gcm.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "enclave/nts/nts_packet.h"
#include "enclave/nts/ntske.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)

/* HKDF-Expand-Label, RFC 8446 7.1. */
static void expand_label(const uint8_t secret[48], const char *label, struct view context,
                         uint8_t *out, size_t n)
{
    uint8_t info[128];
    struct writer w = wr_init(info, sizeof info);
    struct hkdf_prk prk;
    struct view v;

    memcpy(prk.k, secret, sizeof prk.k);
    wr_u16be(&w, (uint16_t)n);
    wr_u8(&w, (uint8_t)(6 + strlen(label)));
    wr_bytes(&w, "tls13 ", 6);
    wr_bytes(&w, label, strlen(label));
    wr_u8(&w, (uint8_t)context.n);
    wr_view(&w, context);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    assert_int_equal(hkdf_expand(&prk, v, out, n), ERR_OK);
}

/* Opens the first record of application data among what the server sent. */
static struct view decrypt_ke(const struct capture *c, uint8_t *plain)
{
    uint8_t secret[48];
    uint8_t key[AEAD_GCM_KEY_LEN];
    uint8_t nonce[AEAD_GCM_NONCE_LEN]; /* of record 0: the static part alone */
    struct reader r = rd_init((struct view){c->ke, c->ke_len});
    struct aead_gcm_key k;

    capture_secret("SERVER_TRAFFIC_SECRET_0", secret);
    expand_label(secret, "key", (struct view){NULL, 0}, key, sizeof key);
    expand_label(secret, "iv", (struct view){NULL, 0}, nonce, sizeof nonce);
    aead_gcm_init(&k, key);
    for (uint64_t record = 0; r.n > 0;) {
        uint8_t turn[AEAD_GCM_NONCE_LEN];
        struct view header;
        struct view body;

        assert_int_equal(rd_take(&r, 5, &header), ERR_OK);
        assert_int_equal(rd_take(&r, (size_t)header.p[3] << 8 | header.p[4], &body), ERR_OK);
        memcpy(turn, nonce, sizeof turn);
        turn[11] ^= (uint8_t)record;
        if (header.p[0] != 23 || aead_gcm_open(&k, turn, header, body, plain) != ERR_OK) {
            continue; /* of the handshake */
        }
        record++;
        if (plain[body.n - AEAD_GCM_TAG_LEN - 1] == 23) {
            return (struct view){plain, body.n - AEAD_GCM_TAG_LEN - 1};
        }
    }
    fail();
    return (struct view){NULL, 0};
}

static void key_establishment_decrypts_and_parses(void **state)
{
    uint8_t plain[4096];
    struct capture c;
    struct ntske_answer a;
    struct view ke;
    size_t len = 0;

    (void)state;
    capture_read(&c);
    ke = decrypt_ke(&c, plain);
    assert_int_equal(ntske_answer_len(ke, &len), ERR_OK);
    assert_int_equal(len, ke.n);
    assert_int_equal(ntske_answer_parse(ke, &a), ERR_OK);
    assert_int_equal(a.n_cookies, 8);
    for (size_t i = 0; i < a.n_cookies; i++) {
        assert_int_equal(a.cookies[i].n, 100);
    }
    assert_int_equal(a.server.n, 0);
    assert_int_equal(a.port, 11124);
}

/* TLS-Exporter, RFC 8446 7.5, gives the keys that stand beside the capture. */
static void exporter_gives_the_keys(void **state)
{
    uint8_t secret[48];
    uint8_t derived[48];
    uint8_t digest[48];
    uint8_t want[2][32];
    uint8_t got[32];
    uint8_t context[NTSKE_EXPORTER_CONTEXT_LEN];

    (void)state;
    capture_keys(want[0], want[1]);
    capture_secret("EXPORTER_SECRET", secret);
    hash_once(HASH_SHA384, (struct view){NULL, 0}, digest);
    expand_label(secret, NTSKE_EXPORTER_LABEL, (struct view){digest, 48}, derived, 48);
    for (int i = 0; i < 2; i++) {
        ntske_exporter_context(i == 1, context);
        hash_once(HASH_SHA384, (struct view){context, sizeof context}, digest);
        expand_label(derived, "exporter", (struct view){digest, 48}, got, sizeof got);
        assert_memory_equal(got, want[i], sizeof got);
    }
}

/* What the client asked, as a reply is held against it. */
static struct nts_ask ask_of(struct view request)
{
    struct reader r = rd_init(request);
    struct ntp_header h;
    struct ntp_field f;
    struct nts_ask ask = {0};

    assert_int_equal(ntp_header_decode(&r, &h), ERR_OK);
    assert_int_equal(ntp_field_parse(&r, &f), ERR_OK);
    assert_int_equal(f.type, 0x0104);
    assert_int_equal(f.body.n, NTS_UNIQ_ID_LEN);
    ask.transmit = h.transmit;
    memcpy(ask.uniq_id, f.body.p, f.body.n);
    return ask;
}

static void replies_open(void **state)
{
    uint8_t keys[2][32];
    uint8_t plain[NTS_REPLY_MAX];
    uint8_t copy[NTS_REPLY_MAX];
    struct capture c;
    struct aes_siv_key s2c;

    (void)state;
    capture_read(&c);
    capture_keys(keys[0], keys[1]);
    aes_siv_init(&s2c, keys[1]);
    assert_int_equal(c.n_packets, 6);
    for (size_t i = 0; i < c.n_packets; i += 2) {
        const struct nts_ask ask = ask_of(c.packets[i]);
        const struct view in = c.packets[i + 1];
        struct nts_reply reply;
        int64_t t = 0;

        assert_int_equal(nts_reply_parse(in, &ask, &s2c, plain, &reply), ERR_OK);
        assert_int_equal(reply.n_cookies, 1);
        assert_int_equal(reply.cookies[0].n, 100);
        assert_int_equal(reply.header.stratum, 8);
        assert_int_equal(ntp_time_ns(reply.header.transmit, c.second * NS_PER_S, &t), ERR_OK);
        assert_true(t / NS_PER_S == c.second);
        for (size_t at = 0; at < in.n; at++) { /* any byte of it */
            memcpy(copy, in.p, in.n);
            copy[at] ^= 0x10;
            assert_int_not_equal(
                nts_reply_parse((struct view){copy, in.n}, &ask, &s2c, plain, &reply), ERR_OK);
        }
    }
}

/* Ours, of the same parts, has chrony's bytes, but for poll and precision, which we tell
 * nobody, and for the tag over them. */
static void requests_are_the_same_bytes(void **state)
{
    const size_t tag_at = 48 + 36 + 104 + 24;
    uint8_t keys[2][32];
    uint8_t out[NTS_REQUEST_MAX];
    uint8_t none[1];
    struct capture c;
    struct aes_siv_key c2s;

    (void)state;
    capture_read(&c);
    capture_keys(keys[0], keys[1]);
    aes_siv_init(&c2s, keys[0]);
    for (size_t i = 0; i < c.n_packets; i += 2) {
        const struct view want = c.packets[i];
        const struct nts_ask ask = ask_of(want);
        struct ntp_field f[3] = {0};
        struct reader r = {want.p + NTP_HEADER_LEN, want.n - NTP_HEADER_LEN};
        struct view got;

        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(ntp_field_parse(&r, &f[j]), ERR_OK);
        }
        assert_int_equal(aes_siv_open(&c2s,
                                      (struct view[]){{want.p, want.n - f[2].whole.n},
                                                      {f[2].body.p + 4, NTS_NONCE_LEN}},
                                      2, (struct view){want.p + tag_at, AES_SIV_TAG_LEN}, none),
                         ERR_OK);
        assert_int_equal(
            nts_request_write(&ask, f[1].body, 0, &c2s, f[2].body.p + 4, out, &got), ERR_OK);
        assert_int_equal(got.n, want.n);
        out[2] = want.p[2];
        out[3] = want.p[3];
        assert_memory_equal(out, want.p, tag_at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_establishment_decrypts_and_parses),
        cmocka_unit_test(exporter_gives_the_keys),
        cmocka_unit_test(replies_open),
        cmocka_unit_test(requests_are_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
