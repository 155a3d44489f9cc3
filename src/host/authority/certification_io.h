/* certification_io.h - gives a started core its certificates: public keys, a request that each
 * signs, certify command, chain files, one activation for each key. */
#ifndef HOST_AUTHORITY_CERTIFICATION_IO_H
#define HOST_AUTHORITY_CERTIFICATION_IO_H

#include "host/authority/certify_io.h"
#include "host/authority/supervise.h"
#include "host/config/config.h"
#include "host/csr/csr_alone.h"
#include "host/link/core_link_io.h"

#include <poll.h>

#define CERTIFICATION_ANSWER_MS                                  \
    5000 /* a core that has not answered after so long is silent \
          */
#define CERTIFICATION_FDS 3
#define CERTIFICATION_QUESTION_MAX 1024 /* bytes of a question with its header */
#define CERTIFICATION_ANSWER_MAX 8192   /* bytes of an answer with its header */
#define CERTIFICATION_REQUESTS_MAX (WIRE_KEYS_MAX * CSR_PEM_MAX) /* bytes in PEM */

struct certification {
    const struct config *config;
    struct core_link link;
    uint8_t link_out[CERTIFICATION_QUESTION_MAX], link_in[CERTIFICATION_ANSWER_MAX];
    struct certify command;
    struct core_keys keys;
    struct csr_alone csr;            /* under way while link asks R1 or SIGN_CSR */
    uint8_t attempts[WIRE_KEYS_MAX]; /* so many were asked for in keys' epoch, by key - 1 */
    uint8_t requests[CERTIFICATION_REQUESTS_MAX]; /* of keys, in PEM: made once an epoch */
    struct writer pem;                            /* into requests */
    bool has_requests;                            /* all of them */
    bool told_no_time;                            /* in the log, of this epoch */
    struct core_chains chains;
    enum core_key activating;
    int64_t link_until_ms;
};

void certification_init(struct certification *c, const struct config *config);

/* Each starts one of SUP_ASK_HELLO, SUP_CERTIFY, SUP_ACTIVATE. False: it failed at once, and
 * *ev says how; else certification_step() will tell. */
bool certification_start(struct certification *c, enum sup_action what, int64_t now_ms,
                         enum sup_event *ev);

/* Ends whatever is under way. */
void certification_end(struct certification *c);

/* Fills in what poll() has to watch; gives their number, at most CERTIFICATION_FDS. */
size_t certification_fds(const struct certification *c, struct pollfd *fds);

/* When certification_step() is due; INT64_MAX: not before something happens on a descriptor. */
int64_t certification_next_ms(const struct certification *c);

/* Goes on, after poll(). True: *ev happened. */
bool certification_step(struct certification *c, int64_t now_ms, enum sup_event *ev);

#endif
