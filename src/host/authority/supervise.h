/* supervise.h - when the supervisor starts, certifies, restarts and stops core and front. Pure:
 * one event in, a set of actions out; supervise_io.c carries them out. */
#ifndef HOST_AUTHORITY_SUPERVISE_H
#define HOST_AUTHORITY_SUPERVISE_H

#include "base/bytes.h"

#define SUP_BACKOFF_MS_MAX \
    30000                      /* longest pause before a restart or a new attempt to certify */
#define SUP_SERVED_MS_MAX 5000 /* the same for a child that had served: it will serve again */
#define SUP_STABLE_MS 60000    /* who ran so long is restarted after the shortest pause again */
#define SUP_ASK_MS 20          /* between two attempts to reach a core that starts */
#define SUP_CORE_UP_MS 20000   /* a core that has not answered after so long is ended */
#define SUP_TIME_MS 100        /* between two attempts to certify a core that has no time yet */
#define SUP_TIME_UP_MS \
    60000 /* with must_start: a core that has no time after so long is failed */
#define SUP_CORE_STOP_MS 5000  /* a core that has not ended after so long is killed */
#define SUP_FRONT_STOP_MS 5000 /* the same for a front, after its own drain time-out */

enum sup_event {
    SUP_TICK,           /* time has passed */
    SUP_CORE_ENDED,     /* or could not be started */
    SUP_FRONT_ENDED,    /* or could not be started */
    SUP_CORE_HELLO,     /* the core gave its public key */
    SUP_CORE_SILENT,    /* no connection, no answer, or an answer that cannot be used */
    SUP_CORE_NO_TIME,   /* it signs no certificate request as long as its clock holds no time */
    SUP_CERTIFIED,      /* the chain file is in place */
    SUP_CERTIFY_FAILED, /* the command failed, or what it gave cannot be used */
    SUP_ACTIVATED,      /* the core took the certificate */
    SUP_FRONT_READY,    /* the front serves */
    SUP_STOP,           /* asked to end; a second time: at once */
};

/* Bits of what sup_step() gives, in the order in which they are carried out. */
enum sup_action {
    SUP_START_CORE = 0x001,
    SUP_ASK_HELLO = 0x002,
    SUP_CERTIFY = 0x004,
    SUP_ACTIVATE = 0x008,
    SUP_START_FRONT = 0x010,
    SUP_READY = 0x020,       /* say so; once */
    SUP_END_CERTIFY = 0x040, /* end the command, drop the connection to the core */
    SUP_TERM_FRONT = 0x080,
    SUP_KILL_FRONT = 0x100,
    SUP_TERM_CORE = 0x200,
    SUP_KILL_CORE = 0x400,
    SUP_EXIT = 0x800, /* both are gone */
};

struct sup_rule {
    int64_t backoff_ms;     /* first pause before a restart; doubles up to the longest */
    int64_t front_drain_ms; /* how long the front may drain when it is told to end */
    bool must_start;        /* whatever fails before it was ready ends the supervisor */
};

enum sup_core {
    SUP_CORE_DOWN,     /* until core_at_ms */
    SUP_CORE_STARTING, /* hello is asked for, again at core_at_ms */
    SUP_CORE_ASKED,    /* hello is under way */
    SUP_CORE_CERTIFYING,
    SUP_CORE_UNCERTIFIED, /* until core_at_ms, then once more */
    SUP_CORE_ACTIVATING,
    SUP_CORE_SERVING,
    SUP_CORE_ENDING, /* told to end */
};

enum sup_front { SUP_FRONT_DOWN, SUP_FRONT_UP, SUP_FRONT_ENDING };

struct supervise {
    struct sup_rule rule;
    enum sup_core core;
    enum sup_front front;
    bool front_wanted; /* the first attempt to certify is over */
    bool front_ready, ready_said, stopping, failed;
    unsigned core_fails, front_fails, certify_fails;
    int64_t core_at_ms, core_since_ms, front_at_ms, front_since_ms;
};

/* now_ms is any clock that never steps back, here and below. */
void sup_init(struct supervise *s, const struct sup_rule *rule, int64_t now_ms);

/* Takes one event; gives enum sup_action bits. The first event is SUP_TICK. */
unsigned sup_step(struct supervise *s, enum sup_event ev, int64_t now_ms);

/* When SUP_TICK is due next; INT64_MAX: not before another event. */
int64_t sup_next_ms(const struct supervise *s);

/* The pause before attempt number fails + 1: at most max_ms, never shorter than the first. */
int64_t sup_backoff_ms(const struct sup_rule *rule, unsigned fails, int64_t max_ms);

#endif
