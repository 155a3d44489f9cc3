/* rt_exchange.h - one request to a Roughtime server and its reply: RFC 10049 5. A reply is
 * signed; whoever has it can show it to others. */
#ifndef ENCLAVE_ROUGHTIME_RT_EXCHANGE_H
#define ENCLAVE_ROUGHTIME_RT_EXCHANGE_H

#include "crypto/ed25519.h"
#include "enclave/roughtime/rt_message.h"

#define RT_REQUEST_LEN 1024 /* so that no reply is longer than what was asked */
#define RT_REPLY_MAX RT_REQUEST_LEN
#define RT_NONCE_LEN 32
#define RT_HASH_LEN 32 /* the first bytes of SHA-512 */
#define RT_PATH_MAX 32 /* hashes */
#define RT_VERSIONS_MAX 32
#define RT_VERSION_1 0x00000001
#define RT_VERSION_DRAFT 0x8000000c /* drafts 12 to 19, which servers still speak */
/* MIDP of a reply that can be compared: 2200-01-01. */
#define RT_MIDP_MAX UINT64_C(7258118400)

#define RT_RADI_MAX 86400 /* seconds: who knows less says nothing */

/* Whether a server's signatures name the protocol RoughTime or Roughtime: both are about. */
enum rt_spelling { RT_SPELLING_TIME, RT_SPELLING_LOWER };

/* The server says that true UTC was within midp_s +- radi_s when it processed the request. */
struct rt_time {
    int64_t midp_s;
    uint32_t radi_s; /* at least 1 */
    uint32_t version;
    enum rt_spelling spelling;
};

/* The nonce that comes after a reply, so that nobody can say that they came in another order.
 * The first comes after an empty one. */
void rt_chain_nonce(struct view reply, const uint8_t random[RT_NONCE_LEN],
                    uint8_t out[RT_NONCE_LEN]);

/* Writes the request, RT_REQUEST_LEN bytes. */
void rt_request_write(const uint8_t nonce[RT_NONCE_LEN],
                      const uint8_t public_key[ED25519_PUBLIC_LEN],
                      uint8_t out[RT_REQUEST_LEN]);

/* Parses and verifies a reply to that request, RFC 10049 5.4. Tags that nobody knows are left
 * out of account. w: as for ed25519_verify(). On failure *out is all zero.
 *
 * ERR_TAG, ERR_TRUNCATED, ERR_TRAILING, ERR_ENCODING, ERR_NOSPACE, ERR_LENGTH: no such packet,
 * or a tag is missing or of another length. ERR_TYPE: no reply. ERR_MISMATCH: to another
 * request: its nonce, or a path that does not lead from it to the root. ERR_SIGNATURE: neither
 * spelling verifies. ERR_VERSION: a version that was not offered, or one that is not in its
 * list. ERR_TIME: MIDP outside what the key is delegated for. ERR_RANGE: RADI 0 or over
 * RT_RADI_MAX, a MIDP that cannot be. */
MUST_CHECK enum err rt_reply_parse(struct view in, struct view request,
                                   const uint8_t public_key[ED25519_PUBLIC_LEN],
                                   struct work_stack *w, struct rt_time *out);

#endif
