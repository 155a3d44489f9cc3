/* core_link_io.h - one question to the core on a connection of its own: wire/ frames. */
#ifndef HOST_AUTHORITY_CORE_LINK_IO_H
#define HOST_AUTHORITY_CORE_LINK_IO_H

#include "wire/frame.h"

#define CORE_LINK_QUESTION_MAX 1024 /* bytes of a question with its header */
#define CORE_LINK_ANSWER_MAX 8192   /* bytes of an answer's body */

struct core_link {
    int fd; /* -1: no question is under way */
    uint8_t type;
    uint8_t out[CORE_LINK_QUESTION_MAX];
    size_t out_len, out_at;
    uint8_t in[FRAME_HEADER_LEN + CORE_LINK_ANSWER_MAX];
    size_t have;
};

void core_link_init(struct core_link *l);
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
