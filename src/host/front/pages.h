/* pages.h - what GET answers: probes, certificates, metrics, and a page for people. */
#ifndef HOST_FRONT_PAGES_H
#define HOST_FRONT_PAGES_H

#include "host/front/front.h"
#include "host/front/jout.h"
#include "host/front/readiness.h"

#define PAGE_MAX 98304 /* bytes of the largest page */

struct page {
    unsigned status;           /* HTTP */
    const char *type;          /* Content-Type */
    const char *cache_control; /* NULL: no-store */
};

/* What the pages of one request speak of. */
struct page_facts {
    struct front *front;
    const struct serving *serving;
    struct cores_view cores;
    struct time_views times;
    const struct coord_core_view *core; /* cores_main() of these */
    struct readiness readiness;
    int64_t now_s;    /* since 1970 */
    int64_t now_ns;   /* CLOCK_MONOTONIC */
    int64_t uptime_s; /* of the front */
};

/* Writes the page of a GET endpoint. A page over the writer's space is reported by wr_finish().
 */
struct page page_write(struct front *front, const struct serving *s,
                       enum http_endpoint endpoint, struct writer *w);

/* Text as printf() makes it; nothing if it is longer than PAGE_PUT_MAX. */
#define PAGE_PUT_MAX 511
__attribute__((format(printf, 2, 3))) void page_put(struct writer *w, const char *format, ...);

/* The single pages that have files of their own. */
void page_write_metrics(const struct page_facts *f, struct writer *w);
void page_write_status(const struct page_facts *f, struct writer *w);
void page_write_human(const struct page_facts *f, struct writer *w);
void page_write_openapi(struct writer *w);
/* Indices that another process has than the one of the ceremony. */
void page_put_reenrolled(const struct coord_epoch_view *e, struct jout *j);
void page_write_time_json(const struct page_facts *f, struct writer *w);
void page_write_time_svg(const struct page_facts *f, struct writer *w);

/* The name of an enum core_state. */
const char *page_state_name(uint8_t state);

#endif
