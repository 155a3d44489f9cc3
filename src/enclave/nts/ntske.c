#include "enclave/nts/ntske.h"

#define CRITICAL 0x8000
#define TYPE_MASK 0x7fff
#define PROTOCOL_NTPV4 0

/* RFC 8915 7.6. */
enum record_type {
    RECORD_END = 0,
    RECORD_PROTOCOL = 1,
    RECORD_ERROR = 2,
    RECORD_WARNING = 3,
    RECORD_AEAD = 4,
    RECORD_COOKIE = 5,
    RECORD_SERVER = 6,
    RECORD_PORT = 7,
};

const uint8_t ntske_request[NTSKE_REQUEST_LEN] = {
    0x80, RECORD_PROTOCOL, 0, 2, 0, PROTOCOL_NTPV4,        /* Next Protocol Negotiation */
    0x80, RECORD_AEAD,     0, 2, 0, NTS_AEAD_SIV_CMAC_256, /* AEAD Algorithm Negotiation */
    0x80, RECORD_END,      0, 0,                           /* End of Message */
};

struct record {
    uint16_t type;
    bool critical;
    struct view body;
};

static enum err read_record(struct reader *r, struct record *out)
{
    uint16_t type = 0;
    uint16_t len = 0;

    TRY(rd_u16be(r, &type));
    TRY(rd_u16be(r, &len));
    TRY(rd_take(r, len, &out->body));
    out->critical = (type & CRITICAL) != 0;
    out->type = type & TYPE_MASK;
    return ERR_OK;
}

enum err ntske_answer_len(struct view in, size_t *len)
{
    struct reader r = rd_init(in);
    struct record record;

    *len = 0;
    do {
        if (read_record(&r, &record) != ERR_OK) {
            return in.n >= NTSKE_ANSWER_MAX ? ERR_RANGE : ERR_TRUNCATED;
        }
    } while (record.type != RECORD_END);
    if (in.n - r.n > NTSKE_ANSWER_MAX) {
        return ERR_RANGE;
    }
    *len = in.n - r.n;
    return ERR_OK;
}

/* What has been seen of the records that may be there once. */
struct seen {
    bool protocol, aead, server, port;
};

static enum err once(bool *seen)
{
    if (*seen) {
        return ERR_ENCODING;
    }
    *seen = true;
    return ERR_OK;
}

/* The body is one u16, which is `want`. An empty list says that the server speaks none. */
static enum err match_u16(struct view body, uint16_t want, enum err refusal)
{
    struct reader r = rd_init(body);
    uint16_t got = 0;

    if (body.n % 2 != 0) {
        return ERR_ENCODING;
    }
    return rd_u16be(&r, &got) == ERR_OK && r.n == 0 && got == want ? ERR_OK : refusal;
}

static enum err take_server(struct view body, struct ntske_answer *a)
{
    if (body.n == 0 || body.n > NTSKE_SERVER_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] <= ' ' || body.p[i] > '~') {
            return ERR_RANGE;
        }
    }
    a->server = body;
    return ERR_OK;
}

static enum err take_port(struct view body, struct ntske_answer *a)
{
    struct reader r = rd_init(body);

    if (body.n != 2) {
        return ERR_ENCODING;
    }
    TRY(rd_u16be(&r, &a->port));
    return a->port == 0 ? ERR_RANGE : ERR_OK;
}

static void take_cookie(struct view body, struct ntske_answer *a)
{
    if (body.n > 0 && body.n <= NTS_COOKIE_MAX && a->n_cookies < NTS_COOKIES_MAX) {
        a->cookies[a->n_cookies++] = body;
    }
}

/* RFC 8915 4.1.1 to 4.1.8. */
static enum err take_record(const struct record *record, struct seen *seen,
                            struct ntske_answer *a)
{
    switch (record->type) {
    case RECORD_END:
        return record->critical && record->body.n == 0 ? ERR_OK : ERR_ENCODING;
    case RECORD_PROTOCOL:
        TRY(once(&seen->protocol));
        return !record->critical ? ERR_ENCODING
                                 : match_u16(record->body, PROTOCOL_NTPV4, ERR_VERSION);
    case RECORD_ERROR:
    case RECORD_WARNING: /* "MUST be considered an error" when unknown, and no code is known */
        return ERR_POLICY;
    case RECORD_AEAD:
        TRY(once(&seen->aead));
        return match_u16(record->body, NTS_AEAD_SIV_CMAC_256, ERR_BAD_ALG);
    case RECORD_COOKIE:
        take_cookie(record->body, a);
        return ERR_OK;
    case RECORD_SERVER:
        TRY(once(&seen->server));
        return take_server(record->body, a);
    case RECORD_PORT:
        TRY(once(&seen->port));
        return take_port(record->body, a);
    default:
        return record->critical ? ERR_EXTENSION : ERR_OK;
    }
}

static enum err parse(struct view in, struct ntske_answer *a)
{
    struct reader r = rd_init(in);
    struct seen seen = {0};
    struct record record;

    do {
        TRY(read_record(&r, &record));
        TRY(take_record(&record, &seen, a));
    } while (record.type != RECORD_END);
    TRY(rd_finish(&r));
    if (!seen.protocol) {
        return ERR_VERSION;
    }
    if (!seen.aead) {
        return ERR_BAD_ALG;
    }
    return a->n_cookies == 0 ? ERR_LENGTH : ERR_OK;
}

enum err ntske_answer_parse(struct view in, struct ntske_answer *out)
{
    struct ntske_answer a = {.port = NTP_PORT};
    enum err e = in.n > NTSKE_ANSWER_MAX ? ERR_RANGE : parse(in, &a);

    *out = e == ERR_OK ? a : (struct ntske_answer){0};
    return e;
}

void ntske_exporter_context(bool s2c, uint8_t out[NTSKE_EXPORTER_CONTEXT_LEN])
{
    out[0] = 0;
    out[1] = PROTOCOL_NTPV4;
    out[2] = 0;
    out[3] = NTS_AEAD_SIV_CMAC_256;
    out[4] = s2c ? 1 : 0;
}
