/* token.h - a TimeStampResp or a bare TimeStampToken, read as far as it can be read. It judges
 * nothing: verify.h does. */
#ifndef CLIENT_TOKEN_TOKEN_H
#define CLIENT_TOKEN_TOKEN_H

#include "format/cms_attrs.h"
#include "format/cms_parse.h"
#include "format/tsp_resp.h"
#include "format/tst_info_parse.h"

#define TOKEN_PEM_LABELS 4

/* Views point into the bytes given to token_open() or into room; both must outlive them. What
 * could not be read is all zero, and its err says why. */
struct token {
    uint8_t *room;    /* on the heap */
    enum err der_err; /* the whole as BER */
    bool is_resp;     /* else a bare token */
    enum err resp_err;
    struct tsp_resp resp;
    bool has_token;
    struct view content_info; /* with the lengths of DER */
    enum err cms_err;
    struct signed_data cms;
    enum err tst_err; /* ERR_TYPE: eContentType is not id-ct-TSTInfo, or there is no content */
    struct tst_info_view tst;
    enum err attrs_err; /* ERR_TRUNCATED also when there are none */
    struct cms_attrs attrs;
    uint32_t flaws; /* enum ber_flaw, of all parts */
};

/* Reads in, which lives as long as the token. Always leaves *out valid for token_close().
 * ERR_OK even for garbage: the fields tell. ERR_NOSPACE: over BER_SIZE_MAX, or no memory. */
MUST_CHECK enum err token_open(struct view in, struct token *out);
void token_close(struct token *t);

/* Takes the DER out of PEM text with one of the labels of a token (CMS, PKCS7, ...); other
 * bytes are given back as they are. *room is on the heap, or NULL. ERR_ENCODING: a PEM block
 * that cannot be read. ERR_NOSPACE: no memory. */
MUST_CHECK enum err token_unwrap_pem(struct view in, uint8_t **room, struct view *der);

#endif
