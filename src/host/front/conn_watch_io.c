#include "host/front/conn_watch_io.h"

#include <stdlib.h>
#include <sys/socket.h>

void conn_watch_init(struct conn_watch *w)
{
    *w = (struct conn_watch){0};
    (void)pthread_mutex_init(&w->lock, NULL); /* never fails with glibc */
    w->list.next = &w->list;
    w->list.prev = &w->list;
}

int64_t conn_watch_patience_ns(size_t n, size_t room, int64_t usual_ns)
{
    const int64_t short_ns = (int64_t)CONN_CROWDED_MS * 1000000;

    return n >= room - room / 8 && usual_ns > short_ns ? short_ns : usual_ns;
}

size_t conn_watch_count(struct conn_watch *w)
{
    (void)pthread_mutex_lock(&w->lock);
    const size_t n = w->n;

    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

struct watched *conn_watch_add(struct conn_watch *w, int fd, int64_t now_ns)
{
    struct watched *c = calloc(1, sizeof *c);

    if (c == NULL) {
        return NULL;
    }
    c->fd = fd;
    atomic_init(&c->since_ns, now_ns);
    (void)pthread_mutex_lock(&w->lock);
    c->next = &w->list;
    c->prev = w->list.prev;
    c->prev->next = c;
    w->list.prev = c;
    w->n++;
    (void)pthread_mutex_unlock(&w->lock);
    return c;
}

void conn_watch_remove(struct conn_watch *w, struct watched *c)
{
    if (c == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&w->lock);
    c->prev->next = c->next;
    c->next->prev = c->prev;
    w->n--;
    (void)pthread_mutex_unlock(&w->lock);
    free(c);
}

void watched_start(struct watched *c, int64_t now_ns)
{
    if (c != NULL) {
        atomic_store_explicit(&c->since_ns, now_ns, memory_order_relaxed);
    }
}

void watched_stop(struct watched *c)
{
    watched_start(c, 0);
}

size_t conn_watch_sweep(struct conn_watch *w, int64_t before_ns)
{
    size_t ended = 0;

    (void)pthread_mutex_lock(&w->lock);
    for (struct watched *c = w->list.next; c != &w->list; c = c->next) {
        const int64_t since = atomic_load_explicit(&c->since_ns, memory_order_relaxed);

        if (since != 0 && since <= before_ns) {
            (void)shutdown(
                c->fd, SHUT_RDWR); /* the descriptor is open: its removal waits for the lock */
            watched_stop(c);
            ended++;
        }
    }
    (void)pthread_mutex_unlock(&w->lock);
    return ended;
}
