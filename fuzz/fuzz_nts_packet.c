/* A reply as it comes from the network, and the same fields with a tag that verifies: what was
 * to be found by guessing the key is sealed here, so that what is behind it is reached too. */
#include "promise.h"

#include "enclave/nts/nts_packet.h"

#include <string.h>

static uint8_t packet[8192];
static uint8_t plain[sizeof packet];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct view in, const struct nts_ask *ask, struct aes_siv_key *s2c)
{
    static const struct nts_reply zero;
    struct nts_reply reply;

    if (nts_reply_parse(in, ask, s2c, plain, &reply) != ERR_OK) {
        promise(memcmp(&reply, &zero, sizeof reply) == 0);
        return;
    }
    promise(reply.header.version == NTP_VERSION && reply.header.mode == NTP_MODE_SERVER);
    promise(reply.header.origin == ask->transmit && reply.n_cookies <= NTS_COOKIES_MAX);
    for (size_t i = 0; i < reply.n_cookies; i++) {
        promise_inside(reply.cookies[i], (struct view){plain, sizeof plain});
        promise(reply.cookies[i].n >= 12 && reply.cookies[i].n <= NTS_COOKIE_MAX);
    }
}

/* The input as header, fields before and fields inside, with all that has to be right. */
static void check_sealed(const uint8_t *data, size_t size, const struct nts_ask *ask,
                         struct aes_siv_key *s2c)
{
    const size_t split = size > 0 ? (size_t)data[0] * 4 % size : 0;
    uint8_t body[4200];
    struct writer w = wr_init(packet, sizeof packet);
    struct writer b = wr_init(body, sizeof body);
    const struct ntp_header h = {.version = 4, .mode = 4, .origin = ask->transmit};
    const struct view inside = {data + split, size - split};
    const uint8_t nonce[NTS_NONCE_LEN] = {0};

    if (inside.n > 4096) {
        return;
    }
    ntp_header_encode(&w, &h);
    ntp_field_write(&w, 0x0104, (struct view){ask->uniq_id, NTS_UNIQ_ID_LEN});
    wr_bytes(&w, data, split);
    wr_u16be(&b, NTS_NONCE_LEN);
    wr_u16be(&b, (uint16_t)(AES_SIV_TAG_LEN + inside.n));
    wr_bytes(&b, nonce, sizeof nonce);
    aes_siv_seal(s2c, (struct view[]){{packet, w.len}, {nonce, sizeof nonce}}, 2, inside,
                 body + b.len);
    ntp_field_write(&w, 0x0404, (struct view){body, b.len + AES_SIV_TAG_LEN + inside.n});
    if (!w.full) {
        check((struct view){packet, w.len}, ask, s2c);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[AES_SIV_KEY_LEN] = {1};
    struct nts_ask ask = {0};
    struct aes_siv_key s2c;
    struct reader r = {data, size};
    struct ntp_header h;
    struct ntp_field f;
    int64_t t = 0;

    if (size > sizeof plain) {
        return 0;
    }
    aes_siv_init(&s2c, key);
    if (ntp_header_decode(&r, &h) == ERR_OK) {
        ask.transmit = h.origin; /* matches, and so does the identifier that comes first */
        if (ntp_time_ns(h.transmit, (int64_t)h.receive, &t) == ERR_OK) {
            promise(t >= 0);
        }
        if (ntp_field_parse(&r, &f) == ERR_OK && f.body.n == NTS_UNIQ_ID_LEN) {
            memcpy(ask.uniq_id, f.body.p, f.body.n);
        }
    }
    check((struct view){data, size}, &ask, &s2c);
    check_sealed(data, size, &ask, &s2c);
    return 0;
}
