#include "enclave/events/log_io.h"

#include "attest/attest_fault.h"
#include "wire/time_call.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define DIGITS_MAX 20

static void put_text(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

static void put_number(struct writer *w, int64_t v)
{
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    char digits[DIGITS_MAX];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (v < 0) {
        wr_u8(w, '-');
    }
    wr_bytes(w, digits + at, sizeof digits - at);
}

struct view log_line(uint8_t line[LOG_LINE_MAX], const char *event,
                     const struct log_field *fields, size_t n)
{
    struct writer w = wr_init(line, LOG_LINE_MAX - 1);
    size_t fits;

    put_text(&w, event);
    fits = w.len;
    for (size_t i = 0; i < n && !w.full; i++) {
        wr_u8(&w, ' ');
        put_text(&w, fields[i].key);
        wr_u8(&w, '=');
        if (fields[i].name != NULL) {
            put_text(&w, fields[i].name);
        } else {
            put_number(&w, fields[i].number);
        }
        fits = w.full ? fits : w.len;
    }
    line[fits] = '\n';
    return (struct view){line, fits + 1};
}

/* A reader of our log that stands still must not stop us. */
static void put_line(struct view line)
{
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0) {
        (void)!write(STDERR_FILENO, line.p, line.n);
    }
}

void log_event(const char *event, const struct log_field *fields, size_t n)
{
    uint8_t line[LOG_LINE_MAX];

    put_line(log_line(line, event, fields, n));
}

const char *log_state_name(enum core_state s)
{
    switch (s) {
    case CORE_BOOTING:
        return "booting";
    case CORE_SELF_TEST:
        return "self_test";
    case CORE_TIME_SYNC:
        return "time_sync";
    case CORE_WAITING:
        return "waiting";
    case CORE_SERVING:
        return "serving";
    case CORE_TIME_DRIFT:
        return "time_drift";
    case CORE_DRAINING:
        return "draining";
    case CORE_RETIRED:
        return "retired";
    case CORE_FAILED:
        return "failed";
    case CORE_WAITING_CEREMONY:
        return "waiting_ceremony";
    case CORE_CEREMONY:
        return "ceremony";
    }
    return "none";
}

/* What an entry's numbers are called; "err" and the states are said by their names. */
static const struct {
    const char *event, *a, *b; /* a, b: NULL: it has none */
} audit_rows[] = {
    [AUDIT_BOOT] = {"boot", NULL, NULL},
    [AUDIT_SELF_TEST] = {"self_test", "err", NULL},
    [AUDIT_STATE] = {"state", "from", "to"},
    [AUDIT_ACTIVATED] = {"activated", "key", NULL},
    [AUDIT_REFUSED] = {"refused", "err", "count"},
    [AUDIT_CLOCK] = {"clock", "err", "kernel_bound_us"},
    [AUDIT_BAD_FRAME] = {"bad_frame", "err", "count"},
    [AUDIT_UNLOCKED] = {"unlocked", NULL, NULL},
    [AUDIT_CEREMONY_BEGIN] = {"ceremony_begin", "place", "nodes"},
    [AUDIT_CEREMONY_END] = {"ceremony_end", "reason", "accused"},
    [AUDIT_PEER] = {"peer", "err", "index"},
    [AUDIT_KEY_CAP] = {"key_cap", "err", "repetitions"},
    [AUDIT_CSR_SIGNED] = {"csr_signed", "key", "attempt"},
    [AUDIT_TIME] = {"time", "reason", "bound_us"},
    [AUDIT_TIME_EVENT] = {"time_event", "kind", NULL},
    [AUDIT_TIME_PEERS] = {"time_peers", "permit", "mask"},
    [AUDIT_TIME_ADJUSTED] = {"time_adjusted", "moved_ns", "bound_us"},
    [AUDIT_REENROL] = {"reenrol", "index", "incarnation"},
    [AUDIT_REENROL_END] = {"reenrol_end", "err", "index"},
    [AUDIT_STOOD_STILL] = {"stood_still", "ms", "batches"},
    [AUDIT_ATTESTED] = {"attested", "index", "fault"},
    [AUDIT_RETIRED] = {"retired", "index", "reason"},
    [AUDIT_PAIR_CUT] = {"pair_cut", "index", "seconds"},
    [AUDIT_TRIPLE_RESTS] = {"triple_rests", "mask", NULL},
    [AUDIT_REENROL_BY] = {"reenrol_by", "index", "helpers"},
};

static struct log_field audit_field(const char *key, enum audit_event event, uint64_t number)
{
    struct log_field f = {.key = key, .number = (int64_t)number};

    if (event == AUDIT_TIME && strcmp(key, "reason") == 0) {
        f.name = time_reason_name((enum time_reason)number);
    } else if (event == AUDIT_TIME_EVENT) {
        f.name = time_event_name((enum time_event)number);
    } else if (event == AUDIT_STATE) {
        f.name = log_state_name((enum core_state)number);
    } else if (event == AUDIT_ATTESTED && strcmp(key, "fault") == 0) {
        f.name = attest_fault_name((enum attest_fault)number);
    } else if (strcmp(key, "err") == 0) {
        f.name = err_name((enum err)number);
    }
    return f;
}

/* At most two fields. */
static size_t audit_fields(const struct audit_entry *a, const char **event,
                           struct log_field out[2])
{
    const enum audit_event which = (enum audit_event)a->event;
    size_t n = 0;

    *event = "none";
    if (a->event >= sizeof audit_rows / sizeof audit_rows[0] ||
        audit_rows[which].event == NULL) {
        return 0;
    }
    *event = audit_rows[which].event;
    if (audit_rows[which].a != NULL) {
        out[n++] = audit_field(audit_rows[which].a, which, a->a);
    }
    if (audit_rows[which].b != NULL) {
        out[n++] = audit_field(audit_rows[which].b, which, a->b);
    }
    return n;
}

struct view log_audit_line(uint8_t line[LOG_LINE_MAX], const struct audit_entry *a)
{
    struct log_field f[5] = {{"seq", NULL, (int64_t)a->seq}, {"time_ns", NULL, a->time_ns}};
    const size_t n = audit_fields(a, &f[2].name, &f[3]);

    f[2].key = "event";
    return log_line(line, "audit", f, 3 + n);
}

void log_audit(const struct audit_entry *a)
{
    uint8_t line[LOG_LINE_MAX];

    put_line(log_audit_line(line, a));
}
