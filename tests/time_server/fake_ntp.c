#include "testing.h"
#include "time_server/fake_time.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS 1000000
#define EPOCH_S INT64_C(2208988800)
#define NAKS_FIRST 50
#define GROWS_AFTER 3

/* An answer that is on its way. */
struct late {
    int64_t due_ns; /* 0: free */
    int fd;
    struct sockaddr_in to;
    uint8_t packet[NTS_REPLY_MAX];
    size_t n;
};

static struct late late[FAKE_LATE_MAX];
static struct fake_session sessions[FAKE_SESSIONS_MAX];
static uint32_t n_sessions;

static int64_t read_ns(clockid_t id)
{
    struct timespec t;

    assert_int_equal(clock_gettime(id, &t), 0);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* All eras are alike on the wire: RFC 5905 6. */
static uint64_t stamp(int64_t utc_ns)
{
    const uint64_t s = (uint64_t)(utc_ns / NS_PER_S + EPOCH_S);
    const uint64_t fraction = ((uint64_t)(utc_ns % NS_PER_S) << 32) / (uint64_t)NS_PER_S;

    return s << 32 | fraction;
}

struct fake_session *fake_session_new(struct fake_server *s)
{
    struct fake_session *const session = &sessions[n_sessions % FAKE_SESSIONS_MAX];

    memset(session, 0, sizeof *session);
    nts_server_init(&session->nts);
    session->nts.session = n_sessions++;
    session->server = s;
    return session;
}

static struct view cookie_of(struct view request)
{
    struct reader r = rd_init(request);
    struct ntp_header h;
    struct ntp_field f = {0};

    assert_int_equal(ntp_header_decode(&r, &h), ERR_OK);
    while (f.type != 0x0204) {
        assert_int_equal(ntp_field_parse(&r, &f), ERR_OK);
    }
    return f.body;
}

struct fake_session *fake_session_find(struct view request)
{
    struct reader r = rd_init(cookie_of(request));
    struct fake_session *session;
    uint32_t number = 0;
    uint32_t serial = 0;

    assert_int_equal(rd_u32be(&r, &number), ERR_OK);
    assert_int_equal(rd_u32be(&r, &serial), ERR_OK);
    session = &sessions[number % FAKE_SESSIONS_MAX];
    assert_true(session->server != NULL && session->nts.session == number);
    assert_true(serial > 0 && serial <= session->nts.serial && serial < FAKE_COOKIES_MAX);
    if ((session->used[serial / 8] & 1U << serial % 8) != 0) {
        fail_msg("%s: a cookie came twice", session->server->name);
    }
    session->used[serial / 8] = (uint8_t)(session->used[serial / 8] | 1U << serial % 8);
    return session;
}

static struct ntp_header header_of(struct fake_session *session, int64_t received_ns)
{
    const struct fake_server *const s = session->server;
    const int64_t off_ns = s->fault == FAKE_LIE ? s->arg * NS_PER_S : 0;
    struct ntp_header h = {
        .version = 4, .mode = 4, .stratum = 1, .precision = -20, .ref_id = "FAKE"};

    h.receive = stamp(received_ns + off_ns);
    h.transmit = stamp(read_ns(CLOCK_REALTIME) + off_ns);
    switch ((int)s->fault) {
    case FAKE_BACK:
        h.transmit = stamp(received_ns - NS_PER_S);
        break;
    case FAKE_LEAP3:
        h.leap = 3;
        break;
    case FAKE_STRATUM16:
        h.stratum = 16;
        break;
    case FAKE_RATE:
        if (session->asked <= 2) {
            h.stratum = 0;
            memcpy(h.ref_id, "RATE", 4);
        }
        break;
    case FAKE_DENY:
        h.stratum = 0;
        memcpy(h.ref_id, "DENY", 4);
        break;
    case FAKE_COOKIE_LEN:
        session->nts.cookie_len = 64 + session->asked % 4 * 40;
        break;
    default:
        break;
    }
    return h;
}

static enum reply_fault fault_of(const struct fake_server *s)
{
    switch ((int)s->fault) {
    case FAKE_NAK_OLD:
        return s->ke == 1 ? REPLY_NAK : REPLY_GOOD;
    case FAKE_NAK:
        return REPLY_NAK;
    case FAKE_UNIQ_ID:
        return REPLY_OTHER_UNIQ_ID;
    case FAKE_ORIGIN:
        return REPLY_OTHER_ORIGIN;
    case FAKE_BAD_TAG:
        return REPLY_BAD_TAG;
    default:
        return REPLY_GOOD;
    }
}

static void send_after(int fd, const struct sockaddr_in *to, struct view v, int64_t after_ns)
{
    if (after_ns == 0) {
        (void)sendto(fd, v.p, v.n, 0, (const struct sockaddr *)(const void *)to, sizeof *to);
        return;
    }
    for (size_t i = 0; i < FAKE_LATE_MAX; i++) {
        if (late[i].due_ns == 0) {
            late[i] = (struct late){read_ns(CLOCK_MONOTONIC) + after_ns, fd, *to, {0}, v.n};
            memcpy(late[i].packet, v.p, v.n);
            return;
        }
    }
}

/* What comes before the answer, and nobody vouches for. */
static void send_bare(struct fake_session *session, const struct sockaddr_in *to)
{
    struct ntp_header h = {.version = 4, .mode = 4, .ref_id = "DENY"};
    uint8_t out[NTS_REPLY_MAX];
    struct view v;

    if (session->server->fault == FAKE_DENY_BARE) {
        v = nts_server_reply(&session->nts, h, REPLY_NO_AUTHENTICATOR, out);
        send_after(session->server->udp, to, v, 0);
    }
    for (int i = 0; session->server->fault == FAKE_NAK_FIRST && i < NAKS_FIRST; i++) {
        v = nts_server_reply(&session->nts, h, REPLY_NAK, out);
        send_after(session->server->udp, to, v, 0);
    }
}

static int64_t delay_of(const struct fake_session *session)
{
    const struct fake_server *const s = session->server;

    return s->fault == FAKE_DELAY || (s->fault == FAKE_GROWS && session->asked > GROWS_AFTER)
               ? s->arg * NS_PER_MS
               : 0;
}

void fake_ntp_step(struct fake_server *s)
{
    uint8_t in[2048];
    uint8_t out[NTS_REPLY_MAX];
    struct sockaddr_in from = {0};
    socklen_t len = sizeof from;
    const ssize_t n =
        recvfrom(s->udp, in, sizeof in, 0, (struct sockaddr *)(void *)&from, &len);
    const int64_t received_ns = read_ns(CLOCK_REALTIME);
    struct fake_session *session;
    struct view v;

    if (n < 0) {
        return;
    }
    session = fake_session_find((struct view){in, (size_t)n});
    assert_ptr_equal(session->server, s);
    nts_server_read(&session->nts, (struct view){in, (size_t)n});
    if (session->port == from.sin_port) {
        fail_msg("%s: a port came twice in a row", s->name);
    }
    session->port = from.sin_port;
    session->asked++;
    s->asked++;
    send_bare(session, &from);
    v = nts_server_reply(&session->nts, header_of(session, received_ns), fault_of(s), out);
    if (session->first_n == 0) {
        memcpy(session->first, v.p, v.n);
        session->first_n = v.n;
    } else if (s->fault == FAKE_REPLAY) {
        v = (struct view){session->first, session->first_n};
    }
    send_after(s->udp, &from, v, delay_of(session));
}

int fake_ntp_send_late(void)
{
    const int64_t now_ns = read_ns(CLOCK_MONOTONIC);
    int64_t ms = 1000;

    for (size_t i = 0; i < FAKE_LATE_MAX; i++) {
        if (late[i].due_ns != 0 && late[i].due_ns <= now_ns) {
            late[i].due_ns = 0;
            send_after(late[i].fd, &late[i].to, (struct view){late[i].packet, late[i].n}, 0);
        } else if (late[i].due_ns != 0) {
            const int64_t left_ms = (late[i].due_ns - now_ns) / NS_PER_MS + 1;

            ms = left_ms < ms ? left_ms : ms;
        }
    }
    return (int)ms;
}
