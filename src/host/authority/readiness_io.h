/* readiness_io.h - whether the front serves: it wrote its address, and /readyz answers 200. */
#ifndef HOST_AUTHORITY_READINESS_IO_H
#define HOST_AUTHORITY_READINESS_IO_H

#include "base/bytes.h"

#include <poll.h>

#define READINESS_EVERY_MS 20    /* between two looks */
#define READINESS_ANSWER_MS 2000 /* a probe without an answer ends after so long */
#define READINESS_ADDRESS_MAX 128

struct readiness {
    const char *address_file; /* "": a front that runs counts as ready */
    bool probe;               /* ask GET /readyz, too: plain HTTP only */
    bool watching;
    int fd;
    int64_t next_ms, until_ms;
    size_t sent, have;
    char answer[16];
    char address[READINESS_ADDRESS_MAX]; /* ADDR:PORT, the first one; "": not known yet */
};

void readiness_init(struct readiness *r, const char *address_file, bool probe);

/* Before a front is started: forgets what an earlier one wrote. */
void readiness_watch(struct readiness *r, int64_t now_ms);

/* When the front has ended or is told to. */
void readiness_stop(struct readiness *r);

/* What poll() has to watch: 0 or 1 descriptors; and when readiness_step() is due. */
size_t readiness_fds(const struct readiness *r, struct pollfd *fds);
int64_t readiness_next_ms(const struct readiness *r);

/* True, once after each readiness_watch(): it is ready. */
bool readiness_step(struct readiness *r, int64_t now_ms);

/* "http://ADDR:PORT" that this machine can reach: a wildcard address becomes loopback. */
void readiness_url(const char *address, char *out, size_t cap);

#endif
