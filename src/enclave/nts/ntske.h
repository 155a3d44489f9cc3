/* ntske.h - records of NTS key establishment, RFC 8915 4: what a client asks and what it is
 * answered, inside TLS. */
#ifndef ENCLAVE_NTS_NTSKE_H
#define ENCLAVE_NTS_NTSKE_H

#include "base/bytes.h"

#define NTSKE_ALPN "ntske/1"
#define NTSKE_PORT 4460
#define NTP_PORT 123
#define NTS_AEAD_SIV_CMAC_256 15 /* the one AEAD that is offered */
/* TLS exporter, RFC 8915 4.3 and 5.1: label, and a context of protocol, AEAD and direction. */
#define NTSKE_EXPORTER_LABEL "EXPORTER-network-time-security"
#define NTSKE_EXPORTER_CONTEXT_LEN 5
#define NTSKE_KEY_LEN 32

#define NTSKE_REQUEST_LEN 16
#define NTSKE_ANSWER_MAX 16384 /* a longer one is refused */
#define NTS_COOKIES_MAX 8      /* kept of one answer; further ones are left out */
#define NTS_COOKIE_MAX 512     /* a longer one is left out */
#define NTSKE_SERVER_MAX 255   /* a longer name is refused */

/* Views point into the answer. */
struct ntske_answer {
    struct view cookies[NTS_COOKIES_MAX];
    size_t n_cookies; /* at least 1 */
    struct view
        server;    /* NTPv4 Server: a name or an address, printable; n == 0: the same host */
    uint16_t port; /* NTPv4 Port; NTP_PORT when it is absent */
};

/* The whole message of a client: NTPv4, AES-SIV-CMAC-256, end. */
extern const uint8_t ntske_request[NTSKE_REQUEST_LEN];

/* How long the message at the start of in is, its End of Message included. ERR_TRUNCATED: more
 * has to come. ERR_RANGE: it is or will be over NTSKE_ANSWER_MAX. *len is 0 then. */
MUST_CHECK enum err ntske_answer_len(struct view in, size_t *len);

/* Parses one whole answer. On failure *out is all zero.
 *
 * ERR_TRUNCATED: it ends without End of Message. ERR_TRAILING: bytes follow. ERR_ENCODING: a
 * record is there twice, a body has another length than its type has, or a critical bit is
 * missing. ERR_EXTENSION: a critical record of unknown type. ERR_POLICY: the server sent an
 * Error, or a Warning, none of which is known. ERR_VERSION: it does not speak exactly NTPv4.
 * ERR_BAD_ALG: it chose none, or another AEAD. ERR_LENGTH: no cookie that we can take.
 * ERR_RANGE: port 0, a name that is empty, too long or not printable. */
MUST_CHECK enum err ntske_answer_parse(struct view in, struct ntske_answer *out);

/* The context of the key for what the client sends, or for what the server sends. */
void ntske_exporter_context(bool s2c, uint8_t out[NTSKE_EXPORTER_CONTEXT_LEN]);

#endif
