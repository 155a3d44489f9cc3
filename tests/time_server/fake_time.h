/* fake_time.h - time servers in a process of their own that do what real ones do not: NTS-KE by
 * TLS 1.3, NTS, each with one fault. */
#ifndef TESTS_TIME_SERVER_FAKE_TIME_H
#define TESTS_TIME_SERVER_FAKE_TIME_H

#include "unit/nts/nts_server.h"
#include "unit/roughtime/rt_server.h"

#include <netinet/in.h>

#define FAKE_SERVERS_MAX 32
#define FAKE_SESSIONS_MAX 256 /* the oldest goes */
#define FAKE_TALKS_MAX 256
#define FAKE_LATE_MAX 256
#define FAKE_COOKIES_MAX 65536 /* of one session */

struct ssl_st;
struct ssl_ctx_st;

/* What is wrong with a server; ARG of the command line in brackets. */
enum fake_fault {
    FAKE_NONE,
    FAKE_LIE,        /* its clock is off by [seconds] */
    FAKE_NAK,        /* NTS NAKs, never an answer */
    FAKE_NAK_OLD,    /* the same, until keys are established for the second time */
    FAKE_NAK_FIRST,  /* fifty of them, then the answer */
    FAKE_COOKIE_LEN, /* each answer's cookies are of another length */
    FAKE_UNIQ_ID,    /* another unique identifier */
    FAKE_ORIGIN,     /* another origin time stamp */
    FAKE_BAD_TAG,
    FAKE_REPLAY,        /* its first answer, again and again */
    FAKE_BACK,          /* it sent a second before it received */
    FAKE_LEAP3,         /* leap indicator 3 */
    FAKE_STRATUM16,     /* not set */
    FAKE_RATE,          /* to the first two requests RATE, authentic */
    FAKE_DENY,          /* DENY, authentic */
    FAKE_DENY_BARE,     /* DENY that nobody vouches for, then the answer */
    FAKE_DELAY,         /* answers are [milliseconds] on their way */
    FAKE_GROWS,         /* the same from the fourth answer on */
    FAKE_KE_LARGE,      /* more than 16 KiB */
    FAKE_KE_UNFINISHED, /* ends before End of Message */
    FAKE_KE_SILENT,
    FAKE_KE_CRITICAL, /* a critical record that nobody knows */
    FAKE_KE_ERROR,
    FAKE_KE_ALPN, /* does not choose ntske/1 */
    FAKE_KE_TLS12,
    FAKE_KE_CUT,        /* hangs up on the ClientHello */
    FAKE_ROUGHTIME,     /* a Roughtime server, off by [seconds] */
    FAKE_ROUGHTIME_BAD, /* one whose signature is by another key */
    FAKE_FAULTS
};

struct fake_server {
    char name[64];
    enum fake_fault fault;
    int64_t arg;
    struct ssl_ctx_st *context;
    int listener, udp;
    uint16_t ntp_port;
    struct rt_keys keys;
    uint32_t ke, asked; /* key establishments that were answered; requests */
};

/* One key establishment, and what it agreed on. */
struct fake_session {
    struct fake_server *server; /* NULL: free */
    struct nts_server nts;
    uint8_t used[FAKE_COOKIES_MAX / 8]; /* a bit for each cookie that came back */
    uint32_t asked;
    uint8_t first[NTS_REPLY_MAX]; /* answer, for replays */
    size_t first_n;
    uint16_t port; /* of the last request */
};

/* fake_session_new(): keys come from the caller. The number is what its cookies begin with. */
struct fake_session *fake_session_new(struct fake_server *s);
struct fake_session *fake_session_find(struct view request);

/* One TLS connection under way; ssl NULL: none. */
struct fake_talk {
    struct fake_server *server;
    struct ssl_st *ssl;
    int fd;
    bool asked;
    uint8_t out[20000];
    size_t out_n;
};

struct ssl_ctx_st *fake_ke_context(const char *cert, const char *key, enum fake_fault fault);
/* Takes a connection; false: there is none, or no room. */
bool fake_ke_accept(struct fake_server *s, struct fake_talk *t);
/* Goes on as far as the socket lets it; it may have ended then. */
void fake_ke_step(struct fake_talk *t);

/* A request at the server's socket; may put off the answer. */
void fake_ntp_step(struct fake_server *s);
/* The same at a Roughtime server. */
void fake_roughtime_step(struct fake_server *s);
/* Sends what is due; milliseconds until the next is, at most 1000. */
int fake_ntp_send_late(void);

#endif
