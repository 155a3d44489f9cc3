/* nts_packet.h - one NTP request and its reply, protected by NTS: RFC 8915 5. */
#ifndef ENCLAVE_NTS_NTS_PACKET_H
#define ENCLAVE_NTS_NTS_PACKET_H

#include "crypto/aes_siv.h"
#include "enclave/nts/ntp_packet.h"
#include "enclave/nts/ntske.h"

#define NTS_UNIQ_ID_LEN 32
#define NTS_NONCE_LEN 16
/* What fits into the smallest packet of IPv6 that no router cuts, RFC 8200 5. */
#define NTS_REQUEST_MAX 1232
#define NTS_REPLY_MAX 2048 /* a longer one is cut by the socket, and refused */

/* What a request is made of and a reply is held against. Every one has fresh random bytes. */
struct nts_ask {
    uint64_t transmit; /* random: our time is nobody's business */
    uint8_t uniq_id[NTS_UNIQ_ID_LEN];
};

struct nts_reply {
    struct ntp_header header;
    struct view cookies[NTS_COOKIES_MAX]; /* into the caller's room for plaintext */
    size_t n_cookies;
};

/* How many placeholders of that cookie fit beside it, at most `wanted`. */
size_t nts_placeholders(size_t cookie_len, size_t wanted);

/* Writes the request: header, Unique Identifier, Cookie, placeholders of the same length,
 * authenticator. ERR_NOSPACE: too many placeholders; out is zero. ERR_RANGE: no cookie, or over
 * NTS_COOKIE_MAX. */
MUST_CHECK enum err nts_request_write(const struct nts_ask *ask, struct view cookie,
                                      size_t placeholders, struct aes_siv_key *c2s,
                                      const uint8_t nonce[NTS_NONCE_LEN],
                                      uint8_t out[NTS_REQUEST_MAX], struct view *packet);

/* Parses and opens a reply; plain has room for in.n bytes. What follows the authenticator is
 * ignored, and so are fields before it that are none of ours. On failure *out is all zero.
 *
 * ERR_VERSION, ERR_TYPE: not version 4, mode 4. ERR_MISMATCH: origin or Unique Identifier are
 * not what was asked: another packet's reply, a replay or a forgery. ERR_TRUNCATED,
 * ERR_ENCODING: fields that cannot be walked, or the identifier is there twice. ERR_STALE: an
 * NTS NAK (RFC 8915 5.7), which nobody vouches for. ERR_SIGNATURE: no authenticator, or it does
 * not verify. */
MUST_CHECK enum err nts_reply_parse(struct view in, const struct nts_ask *ask,
                                    struct aes_siv_key *s2c, uint8_t *plain,
                                    struct nts_reply *out);

#endif
