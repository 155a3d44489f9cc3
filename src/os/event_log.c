#include "os/event_log.h"

#include "base/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024 /* bytes of a line with its end */
#define LINE_TAIL 24      /* kept free for the word that it was cut, and for the end */
#define FIELDS_MAX 16
#define HEX_MAX 64 /* bytes shown of one value */

static struct {
    const char *program;
    enum event_format format;
    enum event_level least;
} log_state = {"quorate", EVENT_AS_TEXT, EVENT_INFO};

static const char *const event_names[EVENT_COUNT] = {
    [EVENT_STARTED] = "started",
    [EVENT_READY] = "ready",
    [EVENT_STOPPING] = "stopping",
    [EVENT_STOPPED] = "stopped",
    [EVENT_CONFIG_REFUSED] = "config_refused",
    [EVENT_CONFIG_RELOADED] = "config_reloaded",
    [EVENT_CERTIFICATE_LOADED] = "certificate_loaded",
    [EVENT_CERTIFICATE_REFUSED] = "certificate_refused",
    [EVENT_CORE_CONNECTED] = "core_connected",
    [EVENT_CORE_LOST] = "core_lost",
    [EVENT_CORE_STATE] = "core_state",
    [EVENT_CORE_LEFT_OUT] = "core_left_out",
    [EVENT_CORE_SILENT] = "core_silent",
    [EVENT_CORE_ODD] = "core_odd",
    [EVENT_TRIPLE_RESTS] = "triple_rests",
    [EVENT_TRIPLES_ENOUGH] = "triples_enough",
    [EVENT_TRIPLES_FEW] = "triples_few",
    [EVENT_TRIPLES_NONE] = "triples_none",
    [EVENT_CORE_SPOILS] = "core_spoils",
    [EVENT_CORE_LIED] = "core_lied",
    [EVENT_CORES_AWAITED] = "cores_awaited",
    [EVENT_CORES_TAKEN] = "cores_taken",
    [EVENT_CORES_LEFT] = "cores_left",
    [EVENT_EPOCH_TAKEN] = "epoch_taken",
    [EVENT_ORDER_TAKEN] = "order_taken",
    [EVENT_EPOCH_REFUSED] = "epoch_refused",
    [EVENT_EPOCH_HALTED] = "epoch_halted",
    [EVENT_CORE_STARTED] = "core_started",
    [EVENT_CORE_ENDED] = "core_ended",
    [EVENT_CORES_STARTED] = "cores_started",
    [EVENT_CORES_ENDED] = "cores_ended",
    [EVENT_CORE_CERTIFIED] = "core_certified",
    [EVENT_CERTIFY_FAILED] = "certify_failed",
    [EVENT_FRONT_STARTED] = "front_started",
    [EVENT_FRONT_ENDED] = "front_ended",
    [EVENT_CEREMONY_AWAITED] = "ceremony_awaited",
    [EVENT_TIME_CLIENT_STARTED] = "time_client_started",
    [EVENT_TIME_CLIENT_ENDED] = "time_client_ended",
    [EVENT_EVIDENCE_STARTED] = "evidence_started",
    [EVENT_EVIDENCE_ENDED] = "evidence_ended",
    [EVENT_LEAP_TABLE] = "leap_table",
    [EVENT_MESH_STARTED] = "mesh_started",
    [EVENT_MESH_ENDED] = "mesh_ended",
    [EVENT_PRESIGN_SOURCE] = "presign_source",
    [EVENT_PRESIGN_CARRIED] = "presign_carried",
    [EVENT_ENROLL_STARTED] = "enroll_started",
    [EVENT_ENROLL_ENDED] = "enroll_ended",
    [EVENT_SHARE_LOST] = "share_lost",
    [EVENT_HALTED] = "halted",
    [EVENT_REQUEST_GRANTED] = "request_granted",
    [EVENT_REQUEST_REJECTED] = "request_rejected",
    [EVENT_REQUEST_REFUSED] = "request_refused",
    [EVENT_JOURNAL_OPENED] = "journal_opened",
    [EVENT_JOURNAL_FAILED] = "journal_failed",
    [EVENT_JOURNAL_RECOVERED] = "journal_recovered",
    [EVENT_JOURNAL_SEGMENT] = "journal_segment",
    [EVENT_JOURNAL_EXPORTED] = "journal_exported",
    [EVENT_SANDBOX] = "sandbox",
    [EVENT_INTERNAL] = "internal",
};

static const char *const level_names[] = {"debug", "info", "warn", "error"};

const char *event_name(enum event ev)
{
    return (unsigned)ev < EVENT_COUNT ? event_names[ev] : "unknown";
}

static void put(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

static void put_number(struct writer *w, int64_t v)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%lld", (long long)v);
    put(w, digits);
}

/* Proleptic Gregorian date of a day number since 1970-01-01, by eras of 400 years. gmtime_r()
 * would read the time zone files, which a sandbox forbids. */
static void put_time(struct writer *w, const struct timespec *now)
{
    const int64_t days = (int64_t)now->tv_sec / 86400;
    const int64_t second = (int64_t)now->tv_sec % 86400;
    const int64_t z = days + 719468; /* days since 0000-03-01 */
    const int64_t era = z / 146097;
    const int64_t doe = z % 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153; /* month from March */
    const int64_t month = mp < 10 ? mp + 3 : mp - 9;
    char text[64];

    (void)snprintf(text, sizeof text,
                   "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64
                   ":%02" PRId64 ".%03ldZ",
                   yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1,
                   second / 3600, second / 60 % 60, second % 60, now->tv_nsec / 1000000);
    put(w, text);
}

/* Whether text can stand in a line of key=value without quotes. */
static bool is_plain(const char *text)
{
    size_t n = 0;

    for (; text[n] != '\0'; n++) {
        const unsigned char c = (unsigned char)text[n];

        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=') {
            return false;
        }
    }
    return n > 0;
}

/* Quotes; whatever is not printable ASCII is shown byte by byte, so no terminal or reader is
 * led astray. */
static void put_quoted(struct writer *w, const char *text, const char *escape)
{
    wr_u8(w, '"');
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        char code[8];

        if (c < ' ' || c >= 0x7f) {
            (void)snprintf(code, sizeof code, "%s%02x", escape, c);
            put(w, code);
            continue;
        }
        if (c == '"' || c == '\\') {
            wr_u8(w, '\\');
        }
        wr_u8(w, c);
    }
    wr_u8(w, '"');
}

static void put_text(struct writer *w, enum event_format format, const char *text)
{
    if (format == EVENT_AS_JSON) {
        put_quoted(w, text, "\\u00");
    } else if (is_plain(text)) {
        put(w, text);
    } else {
        put_quoted(w, text, "\\x");
    }
}

static void put_hex(struct writer *w, enum event_format format, struct view v)
{
    char digits[2 * HEX_MAX + 1];

    v.n = v.n < HEX_MAX ? v.n : HEX_MAX;
    hex_write(v, digits);
    put_text(w, format, digits);
}

static void put_key(struct writer *w, enum event_format format, const char *key)
{
    if (format == EVENT_AS_JSON) {
        put(w, ",\"");
        put(w, key);
        put(w, "\":");
    } else {
        put(w, " ");
        put(w, key);
        put(w, "=");
    }
}

static void put_field(struct writer *w, enum event_format format, const struct event_field *f)
{
    put_key(w, format, f->key);
    switch (f->kind) {
    case EVENT_NUMBER:
        put_number(w, f->number);
        break;
    case EVENT_TEXT:
        put_text(w, format, f->text != NULL ? f->text : "");
        break;
    case EVENT_HEX:
        put_hex(w, format, f->hex);
        break;
    case EVENT_ERR:
        put_text(w, format, err_name((enum err)f->number));
        break;
    }
}

static void put_head(struct writer *w, const struct event_head *h)
{
    const enum event_format format = h->format;

    if (format == EVENT_AS_JSON) {
        put(w, "{\"event\":\"");
        put(w, event_name(h->ev));
        put(w, "\",\"time\":\"");
        put_time(w, h->now);
        put(w, "\"");
    } else {
        put(w, event_name(h->ev));
        put_key(w, format, "time");
        put_time(w, h->now);
    }
    put_key(w, format, "level");
    put_text(w, format, level_names[h->level]);
    put_key(w, format, "program");
    put_text(w, format, log_state.program);
}

size_t event_log_format(const struct event_head *head, const struct event_field *fields,
                        size_t n, char *line, size_t cap)
{
    const enum event_format format = head->format;
    struct writer w = wr_init((uint8_t *)line, cap - LINE_TAIL);
    bool cut = n > FIELDS_MAX;

    put_head(&w, head);
    for (size_t i = 0; i < n && i < FIELDS_MAX && !w.full; i++) {
        const struct writer before = w;

        put_field(&w, format, &fields[i]);
        if (w.full) { /* a field stands whole or not at all, so that the line stays readable */
            w = before;
            cut = true;
            break;
        }
    }
    w.cap = cap;
    if (cut) {
        put_key(&w, format, "cut");
        put(&w, format == EVENT_AS_JSON ? "true" : "yes");
    }
    put(&w, format == EVENT_AS_JSON ? "}\n" : "\n");
    return w.len;
}

void event_log_open(const char *program, enum event_format format, enum event_level least)
{
    log_state.program = program;
    log_state.format = format;
    log_state.least = least;
}

bool event_log_wants(enum event_level level)
{
    return level >= log_state.least;
}

void event_log(enum event_level level, enum event ev, const struct event_field *fields,
               size_t n)
{
    char line[LINE_MAX_LEN];
    struct timespec now = {0};

    if (!event_log_wants(level)) {
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    const struct event_head head = {log_state.format, level, ev, &now};
    /* There is nobody to tell that the log cannot be written. */
    const ssize_t sent =
        write(STDERR_FILENO, line, event_log_format(&head, fields, n, line, sizeof line));

    (void)sent;
}
