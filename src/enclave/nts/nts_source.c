#include "enclave/nts/nts_source.h"

#include "base/secret.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
/* A delay over this many times the least, and so much more, is told. */
#define DELAY_GROWN 2
#define DELAY_SLACK_NS 5000000

void nts_source_init(struct nts_source *s, uint8_t poll)
{
    memset(s, 0, sizeof *s);
    s->state = NTS_SOURCE_NO_KEYS;
    s->poll = poll < NTS_POLL_MAX ? poll : NTS_POLL_MAX;
}

void nts_source_wipe(struct nts_source *s)
{
    wipe(s, sizeof *s);
}

static void drop_keys(struct nts_source *s)
{
    wipe(&s->c2s, sizeof s->c2s);
    wipe(&s->s2c, sizeof s->s2c);
    wipe(s->cookies, sizeof s->cookies);
    s->n_cookies = 0;
}

/* Key establishment is due after 2^tries seconds, less up to half of them. */
static void back_off(struct nts_source *s, int64_t now_ns, uint32_t jitter)
{
    const uint8_t tries = s->ke_tries < NTS_BACKOFF_MAX ? s->ke_tries : NTS_BACKOFF_MAX;
    const int64_t whole_ns = NS_PER_S << tries;

    drop_keys(s);
    s->state = NTS_SOURCE_NO_KEYS;
    s->next_ns = now_ns + whole_ns - (int64_t)(jitter % 1024) * (whole_ns / 2048);
}

/* The next request: at the next whole interval of the counter, so that all sources of one
 * interval are asked together and their spans are of one age. */
static void schedule(struct nts_source *s, int64_t now_ns)
{
    const int64_t interval_ns = s->burst > 0 ? NS_PER_S : NS_PER_S << s->poll;

    s->state = NTS_SOURCE_READY;
    s->next_ns = (now_ns / interval_ns + 1) * interval_ns;
}

static void count_lost(struct nts_source *s, int64_t now_ns, uint32_t jitter)
{
    s->counts.lost++;
    s->lost++;
    if (s->lost >= NTS_LOST_LIMIT) {
        s->lost = 0;
        back_off(s, now_ns, jitter);
    } else {
        schedule(s, now_ns);
    }
}

enum nts_due nts_source_due(struct nts_source *s, int64_t now_ns, uint32_t jitter)
{
    if (s->state == NTS_SOURCE_ASKED && now_ns >= s->next_ns) {
        count_lost(s, now_ns, jitter);
    }
    if (s->state == NTS_SOURCE_READY && s->n_cookies == 0) {
        back_off(s, now_ns, jitter);
    }
    if (now_ns < s->next_ns) {
        return NTS_DUE_NOTHING;
    }
    switch (s->state) {
    case NTS_SOURCE_NO_KEYS:
        return NTS_DUE_KE;
    case NTS_SOURCE_READY:
        return NTS_DUE_ASK;
    case NTS_SOURCE_KE:
    case NTS_SOURCE_ASKED:
    case NTS_SOURCE_STOPPED:
        break;
    }
    return NTS_DUE_NOTHING;
}

int64_t nts_source_when(const struct nts_source *s)
{
    return s->state == NTS_SOURCE_KE || s->state == NTS_SOURCE_STOPPED ? INT64_MAX : s->next_ns;
}

void nts_source_ke_begin(struct nts_source *s)
{
    s->state = NTS_SOURCE_KE;
    s->counts.ke++;
    if (s->ke_tries < NTS_BACKOFF_MAX) {
        s->ke_tries++;
    }
}

static void keep_cookies(struct nts_source *s, const struct view *cookies, size_t n)
{
    for (size_t i = 0; i < n && s->n_cookies < NTS_COOKIES_MAX; i++) {
        struct nts_cookie *c = &s->cookies[s->n_cookies++];

        memcpy(c->bytes, cookies[i].p, cookies[i].n);
        c->n = (uint16_t)cookies[i].n;
    }
}

void nts_source_ke_done(struct nts_source *s, int64_t now_ns, const uint8_t c2s[NTSKE_KEY_LEN],
                        const uint8_t s2c[NTSKE_KEY_LEN], const struct ntske_answer *answer)
{
    aes_siv_init(&s->c2s, c2s);
    aes_siv_init(&s->s2c, s2c);
    s->n_cookies = 0;
    keep_cookies(s, answer->cookies, answer->n_cookies);
    s->burst = NTS_BURST;
    s->lost = 0;
    s->state = NTS_SOURCE_READY;
    s->next_ns = now_ns;
}

void nts_source_ke_failed(struct nts_source *s, int64_t now_ns, uint32_t jitter)
{
    s->counts.ke_failed++;
    back_off(s, now_ns, jitter);
}

/* Takes the oldest: the server may soon forget the key that it is under. */
static struct nts_cookie take_cookie(struct nts_source *s)
{
    const struct nts_cookie c = s->cookies[0];

    s->n_cookies--;
    memmove(s->cookies, s->cookies + 1, s->n_cookies * sizeof s->cookies[0]);
    wipe(&s->cookies[s->n_cookies], sizeof s->cookies[0]);
    return c;
}

enum err nts_source_ask(struct nts_source *s, int64_t now_ns,
                        const uint8_t random[NTS_RANDOM_LEN], uint8_t out[NTS_REQUEST_MAX],
                        struct view *packet)
{
    struct reader r = {random, NTS_RANDOM_LEN};
    struct nts_cookie c;
    size_t wanted;

    *packet = (struct view){NULL, 0};
    if (s->state != NTS_SOURCE_READY || s->n_cookies == 0) {
        return ERR_STATE;
    }
    TRY(rd_u64be(&r, &s->ask.transmit)); /* NTS_RANDOM_LEN has both; a kept cookie fits */
    TRY(rd_copy(&r, s->ask.uniq_id, sizeof s->ask.uniq_id));
    c = take_cookie(s);                          /* used once, whatever becomes of it */
    wanted = NTS_COOKIES_MAX - 1 - s->n_cookies; /* besides the one that each reply brings */
    TRY(nts_request_write(&s->ask, (struct view){c.bytes, c.n}, nts_placeholders(c.n, wanted),
                          &s->c2s, random + 8 + NTS_UNIQ_ID_LEN, out, packet));
    s->state = NTS_SOURCE_ASKED;
    s->sent_ns = now_ns;
    s->next_ns = now_ns + NTS_REPLY_WAIT_NS;
    s->reach = (uint8_t)(s->reach << 1);
    if (s->burst > 0) {
        s->burst--;
    }
    s->counts.asked++;
    return ERR_OK;
}

/* A kiss code that is authentic, RFC 5905 7.4. */
static enum err take_kiss(struct nts_source *s, int64_t now_ns,
                          const uint8_t code[TIME_KISS_LEN])
{
    for (size_t i = 0; i < TIME_KISS_LEN; i++) { /* for people to read */
        s->kiss[i] = code[i] > ' ' && code[i] <= '~' ? code[i] : '?';
    }
    if (memcmp(code, "DENY", TIME_KISS_LEN) == 0 || memcmp(code, "RSTR", TIME_KISS_LEN) == 0) {
        drop_keys(s);
        s->n_spans = 0;
        s->state = NTS_SOURCE_STOPPED;
        return ERR_POLICY;
    }
    if (memcmp(code, "RATE", TIME_KISS_LEN) == 0) {
        if (s->poll < NTS_POLL_MAX) {
            s->poll++;
        }
        s->burst = 0;
        schedule(s, now_ns);
        return ERR_RATE;
    }
    return ERR_EXTENSION;
}

static void count_refused(struct nts_source *s, enum err e)
{
    if (e == ERR_STALE) {
        s->counts.naks++;
    } else {
        s->counts.refused++;
    }
}

static void watch_delay(struct nts_source *s, int64_t delay_ns)
{
    if (s->least_delay_ns == 0 || delay_ns < s->least_delay_ns) {
        s->least_delay_ns = delay_ns > 0 ? delay_ns : 1;
    }
    s->delayed = delay_ns > DELAY_GROWN * s->least_delay_ns + DELAY_SLACK_NS;
}

/* What an authentic reply says. */
static enum err take_header(struct nts_source *s, int64_t now_ns, const struct ntp_header *h,
                            struct nts_bound *out)
{
    enum err e;

    if (h->stratum == NTP_STRATUM_KISS) {
        return take_kiss(s, now_ns, h->ref_id);
    }
    s->leap = h->leap;
    s->answered_ns = now_ns;
    e = nts_bound_of(h, s->sent_ns, now_ns, out);
    s->unset = e == ERR_STATE;
    if (s->unset) {
        s->n_spans = 0;
    }
    if (e == ERR_OK) {
        watch_delay(s, out->delay_ns);
    }
    return e;
}

enum err nts_source_take(struct nts_source *s, int64_t now_ns, struct view packet,
                         struct nts_bound *out)
{
    uint8_t plain[NTS_REPLY_MAX];
    struct nts_reply reply;
    enum err e;

    *out = (struct nts_bound){0};
    if (s->state != NTS_SOURCE_ASKED) {
        return ERR_STATE;
    }
    e = packet.n > NTS_REPLY_MAX ? ERR_TRAILING
                                 : nts_reply_parse(packet, &s->ask, &s->s2c, plain, &reply);
    if (e != ERR_OK) {
        count_refused(s, e);
        return e;
    }
    keep_cookies(s, reply.cookies, reply.n_cookies);
    wipe(plain, sizeof plain);
    s->counts.answered++;
    s->reach |= 1;
    s->lost = 0;
    s->ke_tries = 0;
    schedule(s, now_ns);
    e = take_header(s, now_ns, &reply.header, out);
    s->counts.unfit += e != ERR_OK;
    return e;
}

void nts_source_add(struct nts_source *s, const struct nts_span *span)
{
    if (s->n_spans == NTS_SPANS_KEPT) {
        memmove(s->spans, s->spans + 1, sizeof s->spans - sizeof s->spans[0]);
        s->n_spans--;
    }
    s->spans[s->n_spans++] = *span;
}

enum err nts_source_span(const struct nts_source *s, int64_t now_ns, struct nts_span *out)
{
    bool found = false;

    *out = (struct nts_span){0};
    for (size_t i = 0; i < s->n_spans; i++) {
        const struct nts_span at = nts_span_at(&s->spans[i], now_ns);

        if (now_ns - s->spans[i].counter_ns > NTS_SPAN_LIFE_NS) {
            continue;
        }
        if (!found || at.hi_ns - at.lo_ns < out->hi_ns - out->lo_ns) {
            *out = at;
            found = true;
        }
    }
    return found ? ERR_OK : ERR_TIME;
}

enum time_leap nts_source_leap(const struct nts_source *const *sources, size_t n,
                               int64_t now_ns)
{
    size_t votes[NTP_LEAP_UNSYNCHRONISED + 1] = {0};

    for (size_t i = 0; i < n; i++) {
        if (sources[i]->answered_ns != 0 &&
            now_ns - sources[i]->answered_ns <= NTS_LEAP_LIFE_NS) {
            votes[sources[i]->leap]++;
        }
    }
    for (unsigned leap = TIME_LEAP_NONE; leap < TIME_LEAP_UNKNOWN; leap++) {
        if (votes[leap] > n / 2) {
            return (enum time_leap)leap;
        }
    }
    return TIME_LEAP_UNKNOWN;
}
