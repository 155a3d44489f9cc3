#include "host/coord/coord_conn_io.h"

#include <stdlib.h>
#include <string.h>

#define BACKOFF_MIN_MS 20
#define BACKOFF_MAX_MS 500
#define BACKOFF_FORGET_MS 1000 /* a core that was up for so long is dialled at once again */
#define DIAL_MS 1000           /* a connection that is not made after so long is given up */
#define NS_PER_MS INT64_C(1000000)

enum err coord_conn_init(struct coord_conn *c, struct coord_cluster *cluster, size_t at,
                         const char *uri)
{
    coord_link_init(&c->link);
    c->cluster = cluster;
    c->at = at;
    c->backoff_ms = BACKOFF_MIN_MS;
    TRY(endpoint_parse(uri, &c->endpoint));
    c->uri = strdup(uri);
    return c->uri != NULL ? ERR_OK : ERR_NOSPACE;
}

void coord_conn_free(struct coord_conn *c)
{
    coord_link_close(&c->link);
    free(c->uri);
    c->uri = NULL;
}

static struct coord_step *step_of(const struct coord_conn *c)
{
    return &c->cluster->members[c->at].step;
}

void coord_conn_drop(struct coord_conn *c, enum err why, int64_t now_ns)
{
    const struct coord_step *const step = step_of(c);

    coord_link_close(&c->link);
    c->step_left = 0;
    c->long_at = 0;
    c->long_n = 0;
    if (step->phase == COORD_UP) {
        atomic_fetch_add(&c->cluster->counters->reconnects, 1);
        if (now_ns - step->up_ns >= BACKOFF_FORGET_MS * NS_PER_MS) {
            c->backoff_ms = BACKOFF_MIN_MS;
        }
    }
    coord_cluster_close(c->cluster, c->at, why, now_ns);
    c->dial_ns = now_ns + c->backoff_ms * NS_PER_MS;
    c->backoff_ms = c->backoff_ms * 2 < BACKOFF_MAX_MS ? c->backoff_ms * 2 : BACKOFF_MAX_MS;
}

void coord_conn_dial(struct coord_conn *c, int epoll_fd, uint32_t tag, int64_t now_ns)
{
    if (c->link.fd < 0 && now_ns >= c->dial_ns) {
        if (coord_link_dial(&c->link, &c->endpoint, epoll_fd, tag) != ERR_OK) {
            coord_conn_drop(c, ERR_IO, now_ns);
            return;
        }
        c->dial_ns = now_ns + DIAL_MS * NS_PER_MS;
    } else if (c->link.fd >= 0 && !c->link.connected && now_ns >= c->dial_ns) {
        coord_conn_drop(c, ERR_DEADLINE, now_ns);
    }
}

int64_t coord_conn_next(const struct coord_conn *c)
{
    return c->link.connected ? INT64_MAX : c->dial_ns;
}

enum err coord_conn_events(struct coord_conn *c, uint32_t events)
{
    return c->link.fd < 0 ? ERR_OK : coord_link_events(&c->link, events);
}

enum err coord_conn_receive(struct coord_conn *c, int64_t now_ns)
{
    if (c->link.connected && step_of(c)->phase == COORD_DOWN) {
        coord_cluster_open(c->cluster, c->at, now_ns);
    }
    while (c->link.readable) {
        size_t used = 0;

        TRY(coord_link_read(&c->link));
        TRY(coord_cluster_take(c->cluster, c->at, (struct view){c->link.in, c->link.in_len},
                               now_ns, &used));
        coord_link_taken(&c->link, used);
    }
    return ERR_OK;
}

/* The next frame of a session, if there is one and no other is on its way. */
static bool pull(struct coord_conn *c)
{
    struct writer w = wr_init(c->long_out, sizeof c->long_out);
    struct view frame;

    if (!coord_cluster_pull(c->cluster, c->at, &w) || wr_finish(&w, &frame) != ERR_OK) {
        return false;
    }
    c->long_at = 0;
    c->long_n = frame.n;
    return true;
}

/* The bytes to be sent next. The two kinds take turns, frame by frame. */
static struct view next_bytes(struct coord_conn *c)
{
    const struct view own = coord_step_send(step_of(c));

    if (c->long_at == c->long_n && c->step_left == 0) {
        if ((c->was_long && own.n > 0) || !pull(c)) {
            c->step_left = own.n;
            c->was_long = false;
        } else {
            c->was_long = true;
        }
    }
    if (c->long_at < c->long_n) {
        return (struct view){c->long_out + c->long_at, c->long_n - c->long_at};
    }
    return (struct view){own.p, c->step_left};
}

static void sent(struct coord_conn *c, size_t n)
{
    if (c->long_at < c->long_n) {
        c->long_at += n;
    } else {
        c->step_left -= n;
        coord_step_sent(step_of(c), n);
    }
}

enum err coord_conn_send(struct coord_conn *c, int64_t now_ns)
{
    TRY(coord_cluster_pump(c->cluster, c->at, now_ns));
    while (c->link.connected && c->link.writable) {
        const struct view out = next_bytes(c);
        size_t n = 0;

        if (out.n == 0) {
            return ERR_OK;
        }
        TRY(coord_link_write(&c->link, out, &n));
        sent(c, n);
    }
    return ERR_OK;
}
