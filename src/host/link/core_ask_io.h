/* core_ask_io.h - one question to one core, and a wait for the answer. */
#ifndef HOST_LINK_CORE_ASK_IO_H
#define HOST_LINK_CORE_ASK_IO_H

#include "wire/frame.h"

#define CORE_ASK_ROOM (FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX)

/* Large: not for the stack. */
struct core_ask {
    const char *uri;
    int64_t wait_ms; /* for one answer */
    uint8_t out[CORE_ASK_ROOM], in[CORE_ASK_ROOM];
};

/* *answer is in a until the next question. As core_link_ask() and core_link_step();
 * ERR_DEADLINE: none came in time. */
MUST_CHECK enum err core_ask(struct core_ask *a, uint8_t type, struct view body,
                             struct view *answer);

#endif
