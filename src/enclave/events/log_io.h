/* log_io.h - the core's lines on stderr: "event key=value ...", names and integers only, from a
 * fixed buffer by write(2). A line that stderr has no room for is dropped, never waited for. */
#ifndef ENCLAVE_EVENTS_LOG_IO_H
#define ENCLAVE_EVENTS_LOG_IO_H

#include "enclave/events/audit_ring.h"

#define LOG_LINE_MAX 512 /* bytes; below PIPE_BUF, so lines of several writers do not mix */

struct log_field {
    const char *key;
    const char *name; /* one of our own words; NULL: number counts */
    int64_t number;
};

/* The line without writing it: for the log, and for tests. A line that does not fit is cut. */
struct view log_line(uint8_t line[LOG_LINE_MAX], const char *event,
                     const struct log_field *fields, size_t n);

void log_event(const char *event, const struct log_field *fields, size_t n);

/* The same for an entry of the audit ring: "audit seq=7 event=state from=serving to=draining".
 */
struct view log_audit_line(uint8_t line[LOG_LINE_MAX], const struct audit_entry *a);
void log_audit(const struct audit_entry *a);

/* The name of an enum core_state: "serving". */
const char *log_state_name(enum core_state s);

#endif
