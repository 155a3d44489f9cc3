/* http_io.h - one POST to a time-stamping authority (RFC 3161 3.4), or a page of it, by
 * libcurl.
 */
#ifndef CLIENT_STAMP_HTTP_IO_H
#define CLIENT_STAMP_HTTP_IO_H

#include "base/bytes.h"

#define HTTP_REPLY_MAX 1048576 /* bytes of a reply: the largest token seen is under 20 000 */
#define HTTP_PROBLEM_LEN 256

struct http_options {
    unsigned connect_timeout_s;
    unsigned timeout_s; /* of the whole exchange */
    const char *tls_ca; /* PEM file in place of the system's anchors; NULL: those */
};

struct http_reply {
    unsigned status;
    bool is_timestamp_reply;        /* media type application/timestamp-reply */
    char problem[HTTP_PROBLEM_LEN]; /* why it failed, for people; printable only through diag()
                                     */
    uint8_t *body;                  /* on the heap; free with http_reply_free() */
    size_t body_len;
};

struct http_client; /* keeps connections open from one exchange to the next */

/* ERR_NOSPACE: no memory. */
MUST_CHECK enum err http_new(const struct http_options *o, struct http_client **out);
void http_free(struct http_client *c);

/* Posts body as application/timestamp-query and waits for the answer, whatever its status is.
 * Redirections are not followed; only http and https are spoken. reply is always valid to free.
 * ERR_IO: no answer, problem says why. ERR_DEADLINE: not in time. ERR_NOSPACE: longer than
 * HTTP_REPLY_MAX, or no memory. ERR_RANGE: not a URL. */
MUST_CHECK enum err http_post_query(struct http_client *c, const char *url, struct view body,
                                    struct http_reply *reply);
/* Gets url as JSON; unix_path, unless NULL, is the socket to connect to in place of its host.
 * Else as http_post_query(). */
MUST_CHECK enum err http_get(struct http_client *c, const char *url, const char *unix_path,
                             struct http_reply *reply);
void http_reply_free(struct http_reply *reply);

#endif
