/* front_fixture.h - a struct front with a false clock, one policy, and a chain that fits the
 * fake core. */
#ifndef TESTS_UNIT_FRONT_FRONT_FIXTURE_H
#define TESTS_UNIT_FRONT_FRONT_FIXTURE_H

#include "host/front/front.h"

#define FIXTURE_CONFIG                                                                \
    "[front]\ncore = unix:c\nchain = c\ndata_stamping = yes\n[journal]\ndir = j\n"    \
    "[policy classic]\noid = 1.3.6.1.4.1.32473.3161.1.1\nnumber = 1\ndefault = yes\n" \
    "[policy other]\noid = 1.2.3.4\nnumber = 2\ndigits = 0\n"

/* The default policy hybrid, with these more lines, and one of each other kind beside it. */
#define FIXTURE_HYBRID(more)                                                            \
    "[front]\ncore = unix:c\nchain = c\nchain_pq = p\n[journal]\ndir = j\n"             \
    "[policy hybrid]\noid = 1.3.6.1.4.1.32473.3161.1.3\nnumber = 1\nprofile = hybrid\n" \
    "default = yes\n" more                                                              \
    "[policy evidence]\noid = 1.3.6.1.4.1.32473.3161.1.4\nnumber = 2\nprofile = pq\n"   \
    "evidence = yes\nwindow_ms = 50\ncount = 4\n"                                       \
    "[policy pq]\noid = 1.3.6.1.4.1.32473.3161.1.2\nnumber = 3\nprofile = pq\n"         \
    "[policy classic]\noid = 1.3.6.1.4.1.32473.3161.1.1\nnumber = 4\n"
/* The default policy dual, and one of each key beside it. */
#define FIXTURE_DUAL                                                                \
    "[front]\ncore = unix:c\nchain = c\nchain_pq = p\n[journal]\ndir = j\n"         \
    "[policy dual]\noid = 1.3.6.1.4.1.32473.3161.1.5\nnumber = 1\nprofile = dual\n" \
    "default = yes\n"                                                               \
    "[policy pq]\noid = 1.3.6.1.4.1.32473.3161.1.2\nnumber = 3\nprofile = pq\n"     \
    "[policy classic]\noid = 1.3.6.1.4.1.32473.3161.1.1\nnumber = 4\n"
#define FIXTURE_REQUESTS 16 /* at once */

struct fixture;

/* The clocks stand still until a test moves them. */
extern int64_t fixture_monotonic_ns, fixture_real_s;

/* A front ready to serve; certificates of *chain. fake_reset() is part of it. */
struct front *front_fixture_new(struct fixture **chain);
void front_fixture_free(struct front *f, struct fixture *chain);

/* A snapshot of these chains, which may be NULL, and of what the fake cores say now. */
struct serving *front_fixture_snapshot(const struct config *c, struct held_chain *classic,
                                       struct held_chain *pq, struct metrics *metrics);

/* Puts a new snapshot in place, made of text and of what the fake core says now. */
void front_fixture_serve(struct front *f, const struct fixture *chain, const char *text);

#endif
