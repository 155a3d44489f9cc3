/* event_log.h - one event a line on stderr: "event key=value ...", or the same as one JSON
 * object. style 8.
 *
 * The list of events is closed; a value that came from outside is written through EVENT_TEXT,
 * which escapes it. */
#ifndef OS_EVENT_LOG_H
#define OS_EVENT_LOG_H

#include "base/bytes.h"

#include <time.h>

enum event_level { EVENT_DEBUG, EVENT_INFO, EVENT_WARN, EVENT_ERROR };
enum event_format { EVENT_AS_TEXT, EVENT_AS_JSON };

/* The word in the log is the name without EVENT_, in lower case: event_name(). */
enum event {
    EVENT_STARTED,
    EVENT_READY,
    EVENT_STOPPING,
    EVENT_STOPPED,
    EVENT_CONFIG_REFUSED,
    EVENT_CONFIG_RELOADED,
    EVENT_CERTIFICATE_LOADED,
    EVENT_CERTIFICATE_REFUSED,
    EVENT_CORE_CONNECTED,
    EVENT_CORE_LOST,
    EVENT_CORE_STATE,
    EVENT_CORE_LEFT_OUT, /* of several: of another epoch, no node of the ceremony */
    EVENT_CORE_SILENT,
    EVENT_CORE_ODD,
    EVENT_TRIPLE_RESTS,
    EVENT_TRIPLES_ENOUGH, /* again */
    EVENT_TRIPLES_FEW,    /* of those that make presignatures: somebody is to look */
    EVENT_TRIPLES_NONE,   /* at once */
    EVENT_CORE_SPOILS,    /* too few of its sessions sign */
    EVENT_CORE_LIED,
    EVENT_CORES_AWAITED, /* another set of cores is to take over, and does not serve yet */
    EVENT_CORES_TAKEN,   /* requests go to another set of cores */
    EVENT_CORES_LEFT,    /* and none is left of the one before */
    EVENT_EPOCH_TAKEN,
    EVENT_ORDER_TAKEN, /* another process has a lost node's place */
    EVENT_EPOCH_REFUSED,
    EVENT_EPOCH_HALTED,
    EVENT_CORE_STARTED,
    EVENT_CORE_ENDED,
    EVENT_CORES_STARTED, /* the supervisor of another epoch's cores */
    EVENT_CORES_ENDED,
    EVENT_CORE_CERTIFIED,
    EVENT_CERTIFY_FAILED,
    EVENT_FRONT_STARTED,
    EVENT_FRONT_ENDED,
    EVENT_TIME_CLIENT_STARTED,
    EVENT_TIME_CLIENT_ENDED,
    EVENT_EVIDENCE_STARTED, /* what asks the machine for evidence of a core */
    EVENT_EVIDENCE_ENDED,
    EVENT_LEAP_TABLE,
    EVENT_MESH_STARTED,
    EVENT_MESH_ENDED,
    EVENT_PRESIGN_SOURCE,  /* what makes presignatures now */
    EVENT_PRESIGN_CARRIED, /* packets between cores, from time to time */
    EVENT_ENROLL_STARTED,
    EVENT_CEREMONY_AWAITED, /* people have to run it */
    EVENT_ENROLL_ENDED,
    EVENT_SHARE_LOST, /* a core that held one has ended */
    EVENT_HALTED,     /* too few shares are left */
    EVENT_REQUEST_GRANTED,
    EVENT_REQUEST_REJECTED,
    EVENT_REQUEST_REFUSED, /* by HTTP status */
    EVENT_JOURNAL_OPENED,
    EVENT_JOURNAL_FAILED,
    EVENT_JOURNAL_RECOVERED,
    EVENT_JOURNAL_SEGMENT,
    EVENT_JOURNAL_EXPORTED,
    EVENT_SANDBOX,
    EVENT_INTERNAL,
    EVENT_COUNT,
};

struct event_field {
    const char *key;
    enum { EVENT_NUMBER, EVENT_TEXT, EVENT_HEX, EVENT_ERR } kind;
    int64_t number;   /* EVENT_NUMBER; EVENT_ERR: enum err, written by its name */
    const char *text; /* EVENT_TEXT */
    struct view hex;  /* EVENT_HEX: public bytes only */
};

/* Before the first event; from then on the same for every thread. program: the name that stands
 * in each line. */
void event_log_open(const char *program, enum event_format format, enum event_level least);

/* Writes one line with one write(2); at most 16 fields, longer lines are cut and say so. No
 * allocation. */
void event_log(enum event_level level, enum event ev, const struct event_field *fields,
               size_t n);

/* Whether an event of this level is written; asks before costly fields are made. */
bool event_log_wants(enum event_level level);

/* Its word in the log, such as "core_lost". */
const char *event_name(enum event ev);

/* What stands first in a line. */
struct event_head {
    enum event_format format;
    enum event_level level;
    enum event ev;
    const struct timespec *now;
};

/* The line of event_log(), into line; cap is at least 256. Gives its length; it ends with a
 * line feed and has no zero byte. A field that does not fit is left out with all that follow,
 * and cut=yes says so. */
size_t event_log_format(const struct event_head *head, const struct event_field *fields,
                        size_t n, char *line, size_t cap);

#endif
