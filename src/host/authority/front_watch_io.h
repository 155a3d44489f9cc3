/* front_watch_io.h - whether the front serves: it wrote its address, and /readyz answers 200.
 */
#ifndef HOST_AUTHORITY_FRONT_WATCH_IO_H
#define HOST_AUTHORITY_FRONT_WATCH_IO_H

#include "base/bytes.h"

#include <poll.h>

#define FRONT_WATCH_EVERY_MS 20    /* between two looks */
#define FRONT_WATCH_ANSWER_MS 2000 /* a probe without an answer ends after so long */
#define FRONT_WATCH_ADDRESS_MAX 128

struct front_watch {
    const char *address_file; /* "": a front that runs counts as ready */
    bool probe;               /* ask GET /readyz, too: plain HTTP only */
    bool watching;
    int fd;
    int64_t next_ms, until_ms;
    size_t sent, have;
    char answer[16];
    char address[FRONT_WATCH_ADDRESS_MAX]; /* ADDR:PORT, the first one; "": not known yet */
};

void front_watch_init(struct front_watch *r, const char *address_file, bool probe);

/* Before a front is started: forgets what an earlier one wrote. */
void front_watch_start(struct front_watch *r, int64_t now_ms);

/* When the front has ended or is told to. */
void front_watch_stop(struct front_watch *r);

/* What poll() has to watch: 0 or 1 descriptors; and when front_watch_step() is due. */
size_t front_watch_fds(const struct front_watch *r, struct pollfd *fds);
int64_t front_watch_next_ms(const struct front_watch *r);

/* True, once after each front_watch_start(): it is ready. */
bool front_watch_step(struct front_watch *r, int64_t now_ms);

/* "http://ADDR:PORT" that this machine can reach: a wildcard address becomes loopback. */
void front_watch_url(const char *address, char *out, size_t cap);

#endif
