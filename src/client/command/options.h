/* options.h - what the subcommands share in reading their command line. */
#ifndef CLIENT_COMMAND_OPTIONS_H
#define CLIENT_COMMAND_OPTIONS_H

#include "client/command/command.h"
#include "client/kit/file_io.h"
#include "client/trust/trust.h"
#include "format/der.h"
#include "format/tsp_req.h"

#include <jansson.h>

/* The next option, as getopt_long() gives it; -1 after the last: optind is then the first
 * argument that is none. It has said on stderr what is wrong with an option that it does not
 * know. */
struct option;
int options_next(int argc, char **argv, const char *short_options,
                 const struct option *long_options);

/* An option that takes no value and says what one bool is to be. */
struct options_flag {
    int option; /* as getopt_long() gives it; 0 ends a table */
    bool *to;
    bool value;
};

/* Sets what the flag c says; ERR_TYPE: it is none of them. */
MUST_CHECK enum err options_flag(int c, const struct options_flag *flags);

/* All of these say on stderr what is wrong before they fail. */

/* Reads a whole file. ERR_IO, ERR_NOSPACE. */
MUST_CHECK enum err options_file(const char *path, struct file_bytes *out);

/* Reads a .tsq file; query points into bytes, which are the caller's to free. As
 * options_file(), and what tsp_req_parse() gives; bytes is empty then. */
MUST_CHECK enum err options_query(const char *path, struct file_bytes *bytes,
                                  struct tsp_req *query);

/* Adds the certificates (or lists) of a file or folder to *trust, which is made when it is
 * still NULL. ERR_IO, ERR_TAG, ERR_ENCODING, ERR_NOSPACE. */
MUST_CHECK enum err options_trust(struct trust **trust, enum trust_kind kind, const char *path);

/* A whole number in [lo, hi]. ERR_RANGE. */
MUST_CHECK enum err options_number(const char *text, long lo, long hi, long *out);

/* A policy in dotted text. ERR_ENCODING. */
struct options_oid {
    uint8_t bytes[DER_OID_MAX];
    struct view body; /* n == 0: not given */
};
MUST_CHECK enum err options_oid(const char *text, struct options_oid *out);

/* A hash that is stamped: sha256 and so on. ERR_BAD_ALG. */
MUST_CHECK enum err options_hash(const char *text, enum hash_alg *out);

/* Hexadecimal of a digest; colons between octets are passed over. ERR_ENCODING. */
struct options_digest {
    uint8_t bytes[64];
    struct view value; /* n == 0: not given */
};
MUST_CHECK enum err options_digest(const char *text, struct options_digest *out);

/* 2026-05-01T12:30:00Z, 2026-05-01 or @SECONDS. ERR_ENCODING, ERR_RANGE. */
MUST_CHECK enum err options_time(const char *text, int64_t *seconds);

/* Prints j on stdout and gives it up. ERR_NOSPACE: j is NULL, or no memory. */
MUST_CHECK enum err options_print_json(json_t *j);

#endif
