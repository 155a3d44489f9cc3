/* readiness.h - whether a token would be granted now; load balancers ask, since a refusal is
 * HTTP 200. Pure. */
#ifndef HOST_FRONT_READINESS_H
#define HOST_FRONT_READINESS_H

#include "host/front/serving.h"
#include "host/front/time_history.h"

#define READINESS_AGE_MAX_MS 5000 /* of what the core said last */
/* Presignatures of three cores that answer are low below this part of what is kept. */
#define READINESS_LOW_PART 4

struct readiness {
    bool key_live;      /* enough cores are there, serve, under the certificates that we hold */
    bool certificate;   /* these are valid now */
    bool clock;         /* their time is valid, and good enough for the default policy */
    bool journal;       /* the last commit succeeded */
    bool memory_locked; /* no core that is there says that its memory is not; asked for by
                           nobody but development */
    bool ready;         /* all of these, memory_locked aside */
    const char *reason; /* why not; "" when ready */
    /* What may lead to that soon, though tokens are granted: of a key that cores share, "" when
     * nothing does. */
    const char *degraded;
    const char *time;        /* "kernel", "nts", "untrusted (trust-system)", or "unknown" */
    const char *time_reason; /* time_reason_name() of the core whose time does not hold, else of
                                the main one; "unknown" */
    int64_t error_bound_us;  /* cores_bound_us() */
};

/* Asks for the keys that tokens of the default policy need. cores: what coord knows now. times:
 * what cores say of their time, for the reason alone. now_s: seconds since 1970. */
struct readiness readiness_judge(const struct serving *s, const struct cores_view *cores,
                                 const struct time_views *times, bool journal_healthy,
                                 int64_t now_s);

#endif
