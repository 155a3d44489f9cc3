/* core_watch_io.h - who a started core says it is: HELLO, asked until it answers. */
#ifndef HOST_AUTHORITY_CORE_WATCH_IO_H
#define HOST_AUTHORITY_CORE_WATCH_IO_H

#include "host/link/core_link_io.h"
#include "wire/core_info.h"

#include <poll.h>

#define CORE_WATCH_EVERY_MS 50    /* between two questions */
#define CORE_WATCH_ANSWER_MS 2000 /* a question without an answer ends after so long */
#define CORE_WATCH_ANSWER_MAX 8192

struct core_watch {
    const char *uri;
    bool watching;
    bool known; /* what follows holds, of the process that runs or ran last */
    uint8_t boot_nonce[BOOT_NONCE_LEN], identity[IDENTITY_LEN];
    int64_t next_ms, until_ms;
    struct core_link link;
    uint8_t out[FRAME_HEADER_LEN], in[CORE_WATCH_ANSWER_MAX];
};

/* uri, and *w, stay where they are. */
void core_watch_init(struct core_watch *w, const char *uri);

/* A core was started. */
void core_watch_start(struct core_watch *w, int64_t now_ms);

/* It has ended: nothing is asked any more, and what is known stays. */
void core_watch_stop(struct core_watch *w);

/* What poll() has to watch: 0 or 1 descriptors; and when core_watch_step() is due. */
size_t core_watch_fds(const struct core_watch *w, struct pollfd *fds);
int64_t core_watch_next_ms(const struct core_watch *w);

/* Goes on, after poll(). */
void core_watch_step(struct core_watch *w, int64_t now_ms);

#endif
