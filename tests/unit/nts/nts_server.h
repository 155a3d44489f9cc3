/* nts_server.h - a time server in the test's own process: opens requests and makes replies,
 * true ones and all kinds of false ones. */
#ifndef TESTS_UNIT_NTS_NTS_SERVER_H
#define TESTS_UNIT_NTS_NTS_SERVER_H

#include "enclave/nts/nts_packet.h"

struct nts_server {
    struct aes_siv_key c2s, s2c;
    uint8_t keys[2][AES_SIV_KEY_LEN];
    size_t cookie_len; /* of those that it gives; under 8: they are all alike */
    uint32_t session;  /* the first four bytes of each cookie; the number of it follows */
    uint32_t serial;
    /* What it saw of the last request. */
    struct nts_ask asked;
    uint8_t cookie[NTS_COOKIE_MAX];
    size_t cookie_n, placeholders;
};

enum reply_fault {
    REPLY_GOOD,
    REPLY_OTHER_UNIQ_ID,
    REPLY_OTHER_ORIGIN,
    REPLY_BAD_TAG,
    REPLY_NO_AUTHENTICATOR,
    REPLY_NAK,
    REPLY_TWO_UNIQ_IDS,
    REPLY_COOKIES_IN_CLEAR, /* before the authenticator */
    REPLY_NO_COOKIES,
    REPLY_OTHER_INSIDE, /* a field inside that is no cookie, and a cookie */
    REPLY_BAD_INSIDE,   /* a field inside that says more than is there */
    REPLY_FIELD_AFTER,  /* behind the authenticator */
};

void nts_server_init(struct nts_server *s);

/* Reads a request; the test fails where it is not one that s must take. */
void nts_server_read(struct nts_server *s, struct view request);

/* An answer to the last request with that header; origin is set here. Gives as many cookies as
 * were asked for. */
struct view nts_server_reply(struct nts_server *s, struct ntp_header h, enum reply_fault fault,
                             uint8_t out[NTS_REPLY_MAX]);

/* New keys, those of one key establishment. */
void nts_server_key(struct nts_server *s, const uint8_t c2s[AES_SIV_KEY_LEN],
                    const uint8_t s2c[AES_SIV_KEY_LEN]);

/* What a KE server of the same keys answers, with 8 cookies. */
struct view nts_server_ke(struct nts_server *s, uint8_t out[8192]);

#endif
