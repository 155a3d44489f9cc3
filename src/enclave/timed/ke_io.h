/* ke_io.h - one NTS key establishment: TLS 1.3 by OpenSSL over a socket of its own, in steps.
 * RFC 8915 3 and 4.
 *
 * The server's chain must end in a root of --ca, be valid now, and be for the source's name. No
 * client certificate, no resumption, no early data. */
#ifndef ENCLAVE_TIMED_KE_IO_H
#define ENCLAVE_TIMED_KE_IO_H

#include "enclave/nts/ntske.h"
#include "enclave/timed/timed_args.h"

/* OpenSSL's SSL and SSL_CTX: its headers have a type ERR_STATE, an enumerator of ours. */
struct ssl_st;
struct ssl_ctx_st;

#define KE_WAIT_NS INT64_C(5000000000) /* from the first packet to the last record */
#define KE_CA_MAX 1048576              /* bytes of PEM */

struct ke {
    struct ssl_st *ssl; /* NULL: none is under way */
    int fd;
    short events; /* of poll(2), which it waits for */
    bool asked;
    int64_t deadline_ns;
    size_t n;
    uint8_t in[NTSKE_ANSWER_MAX];
};

/* Views of the answer point into the ke. Wiped by its owner. */
struct ke_result {
    uint8_t c2s[NTSKE_KEY_LEN], s2c[NTSKE_KEY_LEN];
    struct ntske_answer answer;
};

/* The context of all: roots from PEM text. What OpenSSL reads on first use it reads here.
 * ERR_ENCODING: no certificate in it, or one that cannot be read. ERR_NOSPACE: OpenSSL has no
 * memory. */
MUST_CHECK enum err ke_context_new(struct view ca, struct ssl_ctx_st **out);

void ke_context_free(struct ssl_ctx_st *context);

/* Starts; now_s: POSIX seconds at which the chain has to be valid. ERR_IO: no socket.
 * ERR_NOSPACE: OpenSSL has no memory. k is as after ke_end() then. */
MUST_CHECK enum err ke_begin(struct ke *k, struct ssl_ctx_st *context,
                             const struct timed_source *source, int64_t now_ns, int64_t now_s);

/* Goes on as far as the socket lets it. *done: it ended well, *out is its result; else it waits
 * for k->events. After an error call ke_end().
 *
 * ERR_DEADLINE: KE_WAIT_NS are over. ERR_IO: no connection, or it broke. ERR_EVIDENCE: the
 * chain or its name. ERR_SIGNATURE: TLS failed otherwise. ERR_MISMATCH: the server did not
 * choose ntske/1. And all that ntske_answer_parse() gives. */
MUST_CHECK enum err ke_step(struct ke *k, int64_t now_ns, struct ke_result *out, bool *done);

/* Says goodbye, closes, erases. A ke that is zero, or ended, stays so. */
void ke_end(struct ke *k);

#endif
