/* nts_source.h - one time server as its client sees it: keys, cookies, the request under way,
 * when to ask again, what it said last. A pure step machine: time, randomness and bytes are
 * arguments. RFC 8915 5.7, RFC 5905 7.4 (kiss codes).
 *
 * A source is due for key establishment or for a request (nts_source_due()); the caller does it
 * and tells how it ended. No answer that is not authentic changes anything but counts: while a
 * request is under way an authentic one may still come. There is no way back to plain NTP. */
#ifndef ENCLAVE_NTS_NTS_SOURCE_H
#define ENCLAVE_NTS_NTS_SOURCE_H

#include "enclave/nts/nts_packet.h"
#include "enclave/nts/nts_span.h"

#define NTS_REPLY_WAIT_NS INT64_C(1000000000) /* then the request counts as lost */
#define NTS_LOST_LIMIT 3   /* lost requests in a row: keys and cookies are thrown away */
#define NTS_BURST 4        /* first requests after key establishment, a second apart */
#define NTS_POLL_MAX 10    /* log2 of seconds; RATE doubles up to it */
#define NTS_BACKOFF_MAX 16 /* log2 of seconds between key establishments: 18 hours */
#define NTS_SPANS_KEPT 8   /* the clock filter; the oldest goes */
#define NTS_SPAN_LIFE_NS INT64_C(600000000000)
#define NTS_LEAP_LIFE_NS INT64_C(86400000000000)
#define NTS_RANDOM_LEN (8 + NTS_UNIQ_ID_LEN + NTS_NONCE_LEN)

enum nts_source_state {
    NTS_SOURCE_NO_KEYS, /* key establishment is due at next_ns */
    NTS_SOURCE_KE,      /* it is under way */
    NTS_SOURCE_READY,   /* a request is due at next_ns */
    NTS_SOURCE_ASKED,   /* it is under way, until next_ns */
    NTS_SOURCE_STOPPED, /* DENY or RSTR: never asked again */
};

enum nts_due { NTS_DUE_NOTHING, NTS_DUE_KE, NTS_DUE_ASK };

struct nts_cookie {
    uint16_t n;
    uint8_t bytes[NTS_COOKIE_MAX];
};

struct nts_counts {
    uint32_t asked, answered; /* requests, and authentic replies */
    uint32_t lost;
    uint32_t naks;    /* nobody vouches for them */
    uint32_t refused; /* replies that were not authentic or not to what was asked */
    uint32_t unfit;   /* authentic ones that give no time */
    uint32_t ke, ke_failed;
};

struct nts_source {
    int64_t next_ns;  /* counter; what for, the state says */
    uint8_t poll;     /* log2 of seconds, from the configuration or doubled by RATE */
    uint8_t burst;    /* requests left of it */
    uint8_t lost;     /* in a row */
    uint8_t ke_tries; /* since the last authentic reply */
    uint8_t reach;    /* of the last eight requests, the latest lowest */
    bool unset;       /* its last authentic reply said that its clock is not set */
    bool delayed;     /* its last delay was far over its least */
    uint8_t kiss[TIME_KISS_LEN]; /* the last authentic one; zero: none */
    struct aes_siv_key c2s, s2c;
    struct nts_cookie cookies[NTS_COOKIES_MAX];
    size_t n_cookies;
    struct nts_ask ask;
    int64_t sent_ns;
    struct nts_span spans[NTS_SPANS_KEPT];
    size_t n_spans;
    int64_t least_delay_ns; /* of all; 0: none yet */
    uint8_t leap;           /* of its last authentic reply */
    int64_t answered_ns;    /* when that was; 0: never */
    struct nts_counts counts;
    enum nts_source_state state;
};

/* poll: log2 of the seconds between requests, at most NTS_POLL_MAX. */
void nts_source_init(struct nts_source *s, uint8_t poll);
/* Erases the keys too. */
void nts_source_wipe(struct nts_source *s);

/* What has to be done now. A request whose time is over is counted as lost here; jitter:
 * random, spreads key establishments. */
enum nts_due nts_source_due(struct nts_source *s, int64_t now_ns, uint32_t jitter);
/* When to ask nts_source_due() again; INT64_MAX: never, or not before key establishment ends.
 */
int64_t nts_source_when(const struct nts_source *s);

/* Key establishment begins; it ended with these keys and an answer; it failed. */
void nts_source_ke_begin(struct nts_source *s);
void nts_source_ke_done(struct nts_source *s, int64_t now_ns, const uint8_t c2s[NTSKE_KEY_LEN],
                        const uint8_t s2c[NTSKE_KEY_LEN], const struct ntske_answer *answer);
void nts_source_ke_failed(struct nts_source *s, int64_t now_ns, uint32_t jitter);

/* Writes the next request, out of a cookie that is used for it alone; now_ns is when it leaves.
 * ERR_STATE: none is due. */
MUST_CHECK enum err nts_source_ask(struct nts_source *s, int64_t now_ns,
                                   const uint8_t random[NTS_RANDOM_LEN],
                                   uint8_t out[NTS_REQUEST_MAX], struct view *packet);

/* Takes what came to the request's port. On failure *out is all zero.
 *
 * ERR_STATE: no request is under way. Not authentic, the request is still under way: ERR_STALE
 * (an NTS NAK), and all else that nts_reply_parse() gives. Authentic, the request is done:
 * ERR_OK; ERR_RATE: RATE, the poll interval is doubled; ERR_POLICY: DENY or RSTR, the source is
 * stopped; ERR_EXTENSION: another kiss code; and all that nts_bound_of() gives, where ERR_STATE
 * also drops the spans of a server whose clock is no longer set (s->unset). */
MUST_CHECK enum err nts_source_take(struct nts_source *s, int64_t now_ns, struct view packet,
                                    struct nts_bound *out);

/* Keeps a span; the caller has brought it to TAI. */
void nts_source_add(struct nts_source *s, const struct nts_span *span);

/* The narrowest at now_ns of those kept. ERR_TIME: none is younger than NTS_SPAN_LIFE_NS. */
MUST_CHECK enum err nts_source_span(const struct nts_source *s, int64_t now_ns,
                                    struct nts_span *out);

/* What more than half of n sources said of the leap indicator within NTS_LEAP_LIFE_NS. */
enum time_leap nts_source_leap(const struct nts_source *const *sources, size_t n,
                               int64_t now_ns);

#endif
