/* core_link_io.h - one question to the core on a connection of its own: wire/ frames. */
#ifndef HOST_LINK_CORE_LINK_IO_H
#define HOST_LINK_CORE_LINK_IO_H

#include "wire/frame.h"

struct core_link {
    int fd; /* -1: no question is under way */
    uint8_t type;
    bool refused;      /* the core answered an error: it is not the connection that failed */
    struct writer out; /* the question with its header */
    size_t out_at;
    struct writer in; /* the answer with its header, as far as it is there */
};

/* Both rooms are the caller's until the end: for the longest question and for the longest
 * answer, each with a header. */
void core_link_init(struct core_link *l, uint8_t *out, size_t out_cap, uint8_t *in,
                    size_t in_cap);
void core_link_close(struct core_link *l);

/* Connects to uri and puts the question; core_link_step() goes on with it.
 * ERR_ENCODING, ERR_RANGE: the URI. ERR_NOSPACE: the body. ERR_IO: the core does not listen. */
MUST_CHECK enum err core_link_ask(struct core_link *l, const char *uri, uint8_t type,
                                  struct view body);

/* What poll() has to wait for. */
short core_link_events(const struct core_link *l);

/* Goes on after poll(). *done: the answer's body is in *answer until the next question, and the
 * connection is closed. Any error closes it: ERR_IO: the connection ended or was refused.
 * ERR_TYPE: an answer to something else; ERR_NOSPACE: one that is too long; frame.h: a bad
 * header; else the code that the core answered. */
MUST_CHECK enum err core_link_step(struct core_link *l, bool *done, struct view *answer);

#endif
