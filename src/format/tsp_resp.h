/* tsp_resp.h - reads TimeStampResp, RFC 3161 2.4.2. Writing is token_write.h. */
#ifndef FORMAT_TSP_RESP_H
#define FORMAT_TSP_RESP_H

#include "base/bytes.h"

enum pki_status {
    PKI_GRANTED = 0,
    PKI_GRANTED_WITH_MODS = 1,
    PKI_REJECTION = 2,
    PKI_WAITING = 3,
    PKI_REVOCATION_WARNING = 4,
    PKI_REVOCATION_NOTIFICATION = 5,
};

/* Views point into the parsed bytes. */
struct tsp_resp {
    uint32_t status;           /* enum pki_status, or a number that is none */
    struct view status_string; /* concatenated UTF8String elements; n == 0: absent. Foreign
                                  text: escape it. */
    bool has_fail_info;
    uint32_t fail_info; /* bit i of PKIFailureInfo (enum fail_info) is 1 << i; bits over 31 are
                           dropped */
    struct view token;  /* ContentInfo, whole element; n == 0: absent */
    uint32_t flaws;     /* enum ber_flaw */
};

/* Parses one TimeStampResp and nothing after it; lengths must be DER's (ber_to_der() makes them
 * so). Whether status and token belong together is the caller's to judge. On failure *out is
 * all zero. ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. ERR_RANGE: status negative or
 * over 2^31 - 1. */
MUST_CHECK enum err tsp_resp_parse(struct view in, struct tsp_resp *out);

/* Next text of status_string, taken from r = rd_init(status_string). ERR_TRAILING: there is
 * none. */
MUST_CHECK enum err tsp_resp_next_text(struct reader *r, struct view *text);

/* Whether in begins like a bare token: a SEQUENCE whose first element is an OID. */
bool tsp_resp_is_token(struct view in);

/* "granted", "grantedWithMods" and so on; "unknown". */
const char *tsp_resp_status_name(uint32_t status);

/* "badAlg" and so on for one bit of PKIFailureInfo; "unknown". */
const char *tsp_resp_fail_name(unsigned bit);

#endif
