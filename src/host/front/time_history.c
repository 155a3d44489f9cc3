#include "host/front/time_history.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

struct node {
    int64_t at_ns; /* of body; 0: none yet */
    enum err err;
    uint64_t bad;
    size_t body_len;
    uint8_t body[TIME_STATUS_LEN_MAX];
    int64_t newest_s;                           /* second of the newest point */
    struct time_point points[TIME_HISTORY_MAX]; /* by second */
};

struct time_history {
    pthread_mutex_t lock;
    size_t n;
    struct node nodes[];
};

struct time_history *time_history_new(size_t n)
{
    struct time_history *h = NULL;

    if (n <= COORD_CORES_MAX) {
        h = calloc(1, sizeof *h + n * sizeof h->nodes[0]);
    }
    if (h != NULL) {
        (void)pthread_mutex_init(&h->lock, NULL); /* never fails with glibc */
        h->n = n;
        for (size_t i = 0; i < n; i++) {
            h->nodes[i].err = ERR_STATE;
        }
    }
    return h;
}

void time_history_free(struct time_history *h)
{
    if (h != NULL) {
        (void)pthread_mutex_destroy(&h->lock);
        free(h);
    }
}

/* The point of that second; those that were passed over since the newest one are empty. */
static struct time_point *point_of(struct node *node, int64_t second)
{
    const int64_t gone = second - node->newest_s;
    struct time_point *p = &node->points[second % TIME_HISTORY_MAX];

    if (gone >= TIME_HISTORY_MAX) {
        memset(node->points, 0, sizeof node->points);
    } else {
        for (int64_t s = node->newest_s + 1; s <= second; s++) {
            node->points[s % TIME_HISTORY_MAX] = (struct time_point){0};
        }
    }
    node->newest_s = gone > 0 ? second : node->newest_s;
    return p;
}

/* So that sums of two stay numbers, whatever a core says. */
static int64_t clamped(int64_t ns)
{
    return ns > TIME_POINT_FAR_NS    ? TIME_POINT_FAR_NS
           : ns < -TIME_POINT_FAR_NS ? -TIME_POINT_FAR_NS
                                     : ns;
}

static struct time_point point_from(const struct time_status *s)
{
    struct time_point p = {.offset_ns = clamped(s->offset_ns),
                           .half_ns = clamped(s->half_width_ns)};

    p.flags = (s->flags & TIME_STATUS_SPAN) != 0 ? TIME_POINT_SPAN : 0;
    p.flags |= (s->flags & TIME_STATUS_VALID) != 0 ? TIME_POINT_VALID : 0;
    return p;
}

void time_history_take(struct time_history *h, size_t at, enum err e, struct view body,
                       int64_t now_ns)
{
    const int64_t second = now_ns / NS_PER_S;
    struct time_status status = {0};
    struct node *const node = &h->nodes[at];
    enum err decoded = e;

    if (e == ERR_OK) {
        decoded = time_status_decode(body, &status);
    }
    (void)pthread_mutex_lock(&h->lock);
    node->err = decoded;
    node->bad += e == ERR_OK && decoded != ERR_OK;
    if (second >= node->newest_s) {
        *point_of(node, second) =
            decoded == ERR_OK ? point_from(&status) : (struct time_point){0};
    }
    if (decoded == ERR_OK) { /* so it is not longer than body */
        node->at_ns = now_ns;
        node->body_len = body.n;
        memcpy(node->body, body.p, body.n);
    }
    (void)pthread_mutex_unlock(&h->lock);
}

static void look(const struct node *node, int64_t now_ns, struct time_view *out)
{
    out->err = node->err;
    out->bad = node->bad;
    out->age_ms = node->at_ns == 0 ? -1 : (now_ns - node->at_ns) / NS_PER_MS;
    if (out->age_ms >= 0 && out->age_ms <= TIME_HISTORY_AGE_MS) {
        memcpy(out->body, node->body, node->body_len);
        out->known = time_status_decode((struct view){out->body, node->body_len},
                                        &out->status) == ERR_OK;
    }
}

void time_history_look(struct time_history *h, int64_t now_ns, struct time_views *out)
{
    memset(out, 0, sizeof *out);
    if (h == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&h->lock);
    out->n = h->n;
    for (size_t i = 0; i < h->n; i++) {
        look(&h->nodes[i], now_ns, &out->at[i]);
    }
    (void)pthread_mutex_unlock(&h->lock);
}

static void add_point(struct time_bin *b, const struct time_point *p)
{
    const int64_t low = p->offset_ns - p->half_ns;
    const int64_t high = p->offset_ns + p->half_ns;

    if (!b->any) {
        *b = (struct time_bin){true, low, high, p->offset_ns, p->offset_ns};
    }
    b->low_ns = low < b->low_ns ? low : b->low_ns;
    b->high_ns = high > b->high_ns ? high : b->high_ns;
    b->last_ns = p->offset_ns;
}

void time_history_bins(struct time_history *h, size_t at, int64_t now_ns, struct time_bin *bins,
                       size_t n)
{
    const int64_t each = TIME_HISTORY_MAX / (int64_t)n;
    const int64_t first = now_ns / NS_PER_S - TIME_HISTORY_MAX + 1;
    const struct node *const node = &h->nodes[at];

    memset(bins, 0, n * sizeof bins[0]);
    (void)pthread_mutex_lock(&h->lock);
    for (int64_t i = 0; i < TIME_HISTORY_MAX; i++) {
        const int64_t second = first + i;
        const bool kept = second >= 0 && second <= node->newest_s &&
                          second > node->newest_s - TIME_HISTORY_MAX;
        const struct time_point *const p = &node->points[kept ? second % TIME_HISTORY_MAX : 0];

        if (kept && (p->flags & TIME_POINT_VALID) != 0) {
            add_point(&bins[i / each], p);
        }
    }
    (void)pthread_mutex_unlock(&h->lock);
}
