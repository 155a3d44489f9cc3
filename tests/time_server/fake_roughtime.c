#include "time_server/fake_time.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

void fake_roughtime_step(struct fake_server *s)
{
    uint8_t in[2048];
    uint8_t out[RT_SAID_MAX];
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    const ssize_t n =
        recvfrom(s->udp, in, sizeof in, 0, (struct sockaddr *)(void *)&from, &len);
    struct rt_reply r;
    struct view v;

    if (n < 0) {
        return;
    }
    s->asked++;
    r = rt_reply_good((uint64_t)(time(NULL) + s->arg));
    r.other_online = s->fault == FAKE_ROUGHTIME_BAD;
    r.path_n = 2;
    r.index = s->asked % 4;
    v = rt_reply_make(&s->keys, (struct view){in, (size_t)n}, &r, out);
    (void)sendto(s->udp, v.p, v.n, 0, (const struct sockaddr *)(const void *)&from, len);
}
