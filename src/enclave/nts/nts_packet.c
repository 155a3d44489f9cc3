#include "enclave/nts/nts_packet.h"

#include <string.h>

/* RFC 8915 7.5. */
enum field_type {
    FIELD_UNIQ_ID = 0x0104,
    FIELD_COOKIE = 0x0204,
    FIELD_PLACEHOLDER = 0x0304,
    FIELD_AUTHENTICATOR = 0x0404,
};

#define FIELD_HEADER_LEN 4
/* Header, lengths, nonce and the tag of an empty plaintext. */
#define AUTHENTICATOR_LEN (FIELD_HEADER_LEN + 4 + NTS_NONCE_LEN + AES_SIV_TAG_LEN)
#define UNIQ_ID_FIELD_LEN (FIELD_HEADER_LEN + NTS_UNIQ_ID_LEN)

static size_t padded(size_t n)
{
    return (n + 3) / 4 * 4;
}

static size_t cookie_field_len(size_t cookie_len)
{
    const size_t n = FIELD_HEADER_LEN + padded(cookie_len);

    return n < NTP_FIELD_MIN ? NTP_FIELD_MIN : n;
}

size_t nts_placeholders(size_t cookie_len, size_t wanted)
{
    const size_t each = cookie_field_len(cookie_len);
    const size_t fixed = NTP_HEADER_LEN + UNIQ_ID_FIELD_LEN + AUTHENTICATOR_LEN + each;
    const size_t room = fixed < NTS_REQUEST_MAX ? (NTS_REQUEST_MAX - fixed) / each : 0;

    return wanted < room ? wanted : room;
}

/* Over an empty plaintext and all that was written so far, RFC 8915 5.6. */
static void write_authenticator(struct writer *w, struct aes_siv_key *c2s,
                                const uint8_t nonce[NTS_NONCE_LEN])
{
    const struct view strings[2] = {{w->p, w->len}, {nonce, NTS_NONCE_LEN}};
    uint8_t tag[AES_SIV_TAG_LEN];
    uint8_t body[AUTHENTICATOR_LEN - FIELD_HEADER_LEN];
    struct writer b = wr_init(body, sizeof body);

    aes_siv_seal(c2s, strings, 2, (struct view){NULL, 0}, tag);
    wr_u16be(&b, NTS_NONCE_LEN);
    wr_u16be(&b, AES_SIV_TAG_LEN);
    wr_bytes(&b, nonce, NTS_NONCE_LEN);
    wr_bytes(&b, tag, sizeof tag);
    ntp_field_write(w, FIELD_AUTHENTICATOR, (struct view){body, sizeof body});
}

enum err nts_request_write(const struct nts_ask *ask, struct view cookie, size_t placeholders,
                           struct aes_siv_key *c2s, const uint8_t nonce[NTS_NONCE_LEN],
                           uint8_t out[NTS_REQUEST_MAX], struct view *packet)
{
    static const uint8_t zero[NTS_COOKIE_MAX];
    const struct ntp_header header = {
        .version = NTP_VERSION, .mode = NTP_MODE_CLIENT, .transmit = ask->transmit};
    struct writer w = wr_init(out, NTS_REQUEST_MAX);

    *packet = (struct view){NULL, 0};
    if (cookie.n == 0 || cookie.n > NTS_COOKIE_MAX) {
        return ERR_RANGE;
    }
    ntp_header_encode(&w, &header);
    ntp_field_write(&w, FIELD_UNIQ_ID, (struct view){ask->uniq_id, sizeof ask->uniq_id});
    ntp_field_write(&w, FIELD_COOKIE, cookie);
    for (size_t i = 0; i < placeholders; i++) {
        ntp_field_write(&w, FIELD_PLACEHOLDER, (struct view){zero, cookie.n});
    }
    if (!w.full) {
        write_authenticator(&w, c2s, nonce);
    }
    return wr_finish(&w, packet);
}

/* The fields up to the authenticator. */
struct fields {
    struct view uniq_id;
    struct view authenticator; /* its body; n == 0: there is none */
    struct view before;        /* what it vouches for, the header included */
};

static enum err walk(struct view in, struct reader r, struct fields *out)
{
    struct ntp_field f;

    *out = (struct fields){0};
    while (r.n > 0) {
        const size_t at = in.n - r.n;

        TRY(ntp_field_parse(&r, &f));
        if (f.type == FIELD_AUTHENTICATOR) {
            out->authenticator = f.body;
            out->before = (struct view){in.p, at};
            return ERR_OK;
        }
        if (f.type == FIELD_UNIQ_ID) {
            if (out->uniq_id.n > 0) {
                return ERR_ENCODING;
            }
            out->uniq_id = f.body;
        }
    }
    return ERR_OK;
}

/* RFC 8915 5.6: two lengths, nonce and ciphertext, each padded to four bytes. */
static enum err open_authenticator(const struct fields *f, struct aes_siv_key *s2c,
                                   uint8_t *plain, struct view *opened)
{
    struct reader r = rd_init(f->authenticator);
    uint16_t nonce_len = 0;
    uint16_t sealed_len = 0;
    struct view nonce;
    struct view sealed;

    TRY(rd_u16be(&r, &nonce_len)); /* a body has twelve bytes at least */
    TRY(rd_u16be(&r, &sealed_len));
    TRY(rd_take(&r, padded(nonce_len), &nonce));
    TRY(rd_take(&r, padded(sealed_len), &sealed));
    nonce.n = nonce_len;
    sealed.n = sealed_len;
    if (aes_siv_open(s2c, (struct view[]){f->before, nonce}, 2, sealed, plain) != ERR_OK) {
        return ERR_SIGNATURE;
    }
    *opened = (struct view){plain, sealed.n - AES_SIV_TAG_LEN};
    return ERR_OK;
}

/* New cookies, from the decrypted fields alone. */
static enum err take_cookies(struct view opened, struct nts_reply *reply)
{
    struct reader r = rd_init(opened);
    struct ntp_field f;

    while (r.n > 0) {
        TRY(ntp_field_parse(&r, &f));
        if (f.type == FIELD_COOKIE && f.body.n <= NTS_COOKIE_MAX &&
            reply->n_cookies < NTS_COOKIES_MAX) {
            reply->cookies[reply->n_cookies++] = f.body;
        }
    }
    return ERR_OK;
}

static enum err parse(struct view in, const struct nts_ask *ask, struct aes_siv_key *s2c,
                      uint8_t *plain, struct nts_reply *reply)
{
    const struct ntp_header *h = &reply->header;
    struct reader r = rd_init(in);
    struct fields f;
    struct view opened;

    TRY(ntp_header_decode(&r, &reply->header));
    if (h->version != NTP_VERSION) {
        return ERR_VERSION;
    }
    if (h->mode != NTP_MODE_SERVER) {
        return ERR_TYPE;
    }
    if (h->origin != ask->transmit) {
        return ERR_MISMATCH;
    }
    TRY(walk(in, r, &f));
    if (!view_equal(f.uniq_id, (struct view){ask->uniq_id, sizeof ask->uniq_id})) {
        return ERR_MISMATCH;
    }
    if (f.authenticator.n == 0) {
        return h->stratum == NTP_STRATUM_KISS && memcmp(h->ref_id, "NTSN", 4) == 0
                   ? ERR_STALE
                   : ERR_SIGNATURE;
    }
    TRY(open_authenticator(&f, s2c, plain, &opened));
    return take_cookies(opened, reply);
}

enum err nts_reply_parse(struct view in, const struct nts_ask *ask, struct aes_siv_key *s2c,
                         uint8_t *plain, struct nts_reply *out)
{
    enum err e;

    *out = (struct nts_reply){0};
    e = parse(in, ask, s2c, plain, out);
    if (e != ERR_OK) {
        *out = (struct nts_reply){0};
    }
    return e;
}
