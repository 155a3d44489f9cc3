/* bench_http.h - the little of HTTP/1.1 that a load generator needs: one request in flight on a
 * connection. Pure. */
#ifndef CLIENT_LOAD_BENCH_HTTP_H
#define CLIENT_LOAD_BENCH_HTTP_H

#include "base/bytes.h"

#define BENCH_HOST_MAX 256
#define BENCH_PATH_MAX 1024

struct bench_url {
    char host[BENCH_HOST_MAX]; /* without brackets */
    char port[6];
    char path[BENCH_PATH_MAX]; /* with query, at least "/" */
};

/* Takes "http://host[:port][/path]" apart. ERR_TYPE: not http. ERR_ENCODING: not of that form;
 * a user name. ERR_NOSPACE: too long. */
MUST_CHECK enum err bench_url_parse(const char *text, struct bench_url *out);

struct bench_head {
    unsigned status;
    size_t head_len; /* bytes up to and with the empty line */
    size_t body_len; /* Content-Length */
    bool close;      /* the server ends the connection after it */
};

/* Reads the head of a response from what has arrived. ERR_TRUNCATED: the empty line is not
 * there yet. ERR_ENCODING: not HTTP/1.x, or a length that is no number. ERR_TYPE: no
 * Content-Length: nothing that a time-stamping authority sends. *out is zero then. */
MUST_CHECK enum err bench_head_parse(struct view in, struct bench_head *out);

#endif
