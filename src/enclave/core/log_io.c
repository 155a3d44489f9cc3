#include "enclave/core/log_io.h"

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

/* What an entry's numbers mean. At most two fields. */
static size_t audit_fields(const struct audit_entry *a, const char **event,
                           struct log_field out[2])
{
    const struct log_field err = {.key = "err", .name = err_name((enum err)a->a)};
    const int64_t b = (int64_t)a->b;

    switch ((enum audit_event)a->event) {
    case AUDIT_BOOT:
        *event = "boot";
        return 0;
    case AUDIT_SELF_TEST:
        *event = "self_test";
        out[0] = err;
        return 1;
    case AUDIT_STATE:
        *event = "state";
        out[0] = (struct log_field){"from", log_state_name((enum core_state)a->a), 0};
        out[1] = (struct log_field){"to", log_state_name((enum core_state)a->b), 0};
        return 2;
    case AUDIT_ACTIVATED:
        *event = "activated";
        out[0] = (struct log_field){"key", NULL, (int64_t)a->a};
        return 1;
    case AUDIT_CLOCK:
        *event = "clock";
        out[0] = err;
        out[1] = (struct log_field){"kernel_bound_us", NULL, b};
        return 2;
    case AUDIT_REFUSED:
    case AUDIT_BAD_FRAME:
        *event = a->event == AUDIT_REFUSED ? "refused" : "bad_frame";
        out[0] = err;
        out[1] = (struct log_field){"count", NULL, b};
        return 2;
    case AUDIT_CEREMONY_BEGIN:
        *event = "ceremony_begin";
        out[0] = (struct log_field){"place", NULL, (int64_t)a->a};
        out[1] = (struct log_field){"nodes", NULL, b};
        return 2;
    case AUDIT_CEREMONY_END:
        *event = "ceremony_end";
        out[0] = (struct log_field){"reason", NULL, (int64_t)a->a};
        out[1] = (struct log_field){"accused", NULL, b};
        return 2;
    case AUDIT_PEER:
        *event = "peer";
        out[0] = err;
        out[1] = (struct log_field){"index", NULL, b};
        return 2;
    case AUDIT_KEY_CAP:
        *event = "key_cap";
        out[0] = err;
        out[1] = (struct log_field){"repetitions", NULL, b};
        return 2;
    case AUDIT_CSR_SIGNED:
        *event = "csr_signed";
        out[0] = (struct log_field){"key", NULL, (int64_t)a->a};
        out[1] = (struct log_field){"attempt", NULL, b};
        return 2;
    case AUDIT_UNLOCKED:
        *event = "unlocked";
        return 0;
    }
    *event = "none";
    return 0;
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
