/* quorate-fake-time: time servers that do what real ones do not, for scripts.
 *
 *   quorate-fake-time CERT KEY NAME,ADDRESS[:PORT],FAULT[,ARG] ...
 *
 * Says "NAME ADDRESS:PORT" of each server's key establishment, then "ready". Ends by SIGTERM,
 * and says "NAME ke=N asked=N" of each. A client that asks what a client must not ask, or uses
 * a cookie or a port again, ends it with a message: the script fails. */
#include "testing.h"
#include "time_server/fake_time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const char *const fault_names[FAKE_FAULTS] = {
    [FAKE_NONE] = "honest",
    [FAKE_LIE] = "lie",
    [FAKE_NAK] = "nak",
    [FAKE_NAK_OLD] = "nak-old",
    [FAKE_NAK_FIRST] = "nak-first",
    [FAKE_COOKIE_LEN] = "cookie-len",
    [FAKE_UNIQ_ID] = "uniq-id",
    [FAKE_ORIGIN] = "origin",
    [FAKE_BAD_TAG] = "bad-tag",
    [FAKE_REPLAY] = "replay",
    [FAKE_BACK] = "back",
    [FAKE_LEAP3] = "leap3",
    [FAKE_STRATUM16] = "stratum16",
    [FAKE_RATE] = "rate",
    [FAKE_DENY] = "deny",
    [FAKE_DENY_BARE] = "deny-bare",
    [FAKE_DELAY] = "delay",
    [FAKE_GROWS] = "grows",
    [FAKE_KE_LARGE] = "ke-large",
    [FAKE_KE_UNFINISHED] = "ke-unfinished",
    [FAKE_KE_SILENT] = "ke-silent",
    [FAKE_KE_CRITICAL] = "ke-critical",
    [FAKE_KE_ERROR] = "ke-error",
    [FAKE_KE_ALPN] = "ke-alpn",
    [FAKE_KE_TLS12] = "ke-tls12",
    [FAKE_KE_CUT] = "ke-cut",
};

static struct fake_server servers[FAKE_SERVERS_MAX];
static size_t n_servers;
static struct fake_talk talks[FAKE_TALKS_MAX];

static uint16_t port_of(int fd)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;

    assert_int_equal(getsockname(fd, (struct sockaddr *)(void *)&a, &len), 0);
    return ntohs(a.sin_port);
}

/* Two sockets of its address; port 0: any. */
static void listen_at(struct fake_server *s, const char *address, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    const int on = 1;

    assert_int_equal(inet_pton(AF_INET, address, &a.sin_addr), 1);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s->listener, (struct sockaddr *)(void *)&a, sizeof a) != 0 ||
        listen(s->listener, 64) != 0) {
        fail_msg("%s:%u: %s", address, port, strerror(errno));
    }
    a.sin_port = 0;
    assert_int_equal(bind(s->udp, (struct sockaddr *)(void *)&a, sizeof a), 0);
    s->ntp_port = port_of(s->udp);
    (void)printf("%s %s:%u\n", s->name, address, port_of(s->listener));
}

static enum fake_fault fault_named(const char *name)
{
    for (int i = 0; i < FAKE_FAULTS; i++) {
        if (strcmp(fault_names[i], name) == 0) {
            return (enum fake_fault)i;
        }
    }
    fail_msg("%s: no such fault", name);
    return FAKE_NONE;
}

static void add_server(const char *cert, const char *key, const char *text)
{
    struct fake_server *const s = &servers[n_servers++];
    char address[64] = "";
    char fault[32] = "";
    long arg = 0;
    char *colon;
    const int n = sscanf(text, "%63[^,],%63[^,],%31[^,],%ld", s->name, address, fault, &arg);

    if (n < 3) {
        fail_msg("%s: no server", text);
    }
    colon = strchr(address, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
    s->fault = fault_named(fault);
    s->arg = arg;
    s->context = fake_ke_context(cert, key, s->fault);
    listen_at(s, address, colon != NULL ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0);
}

static struct fake_talk *free_talk(void)
{
    for (size_t i = 0; i < FAKE_TALKS_MAX; i++) {
        if (talks[i].ssl == NULL) {
            return &talks[i];
        }
    }
    fail_msg("too many connections");
    return NULL;
}

static void serve(int stop)
{
    static struct pollfd fds[1 + 2 * FAKE_SERVERS_MAX + FAKE_TALKS_MAX];

    for (;;) {
        size_t n = 0;

        fds[n++] = (struct pollfd){.fd = stop, .events = POLLIN};
        for (size_t i = 0; i < n_servers; i++) {
            fds[n++] = (struct pollfd){.fd = servers[i].udp, .events = POLLIN};
            fds[n++] = (struct pollfd){.fd = servers[i].listener, .events = POLLIN};
        }
        for (size_t i = 0; i < FAKE_TALKS_MAX; i++) {
            fds[n++] = (struct pollfd){.fd = talks[i].ssl ? talks[i].fd : -1, .events = POLLIN};
        }
        if (poll(fds, n, fake_ntp_send_late()) < 0 && errno != EINTR) {
            fail_msg("poll: %s", strerror(errno));
        }
        if (fds[0].revents != 0) {
            return;
        }
        for (size_t i = 0; i < n_servers; i++) {
            if (fds[1 + 2 * i].revents != 0) {
                fake_ntp_step(&servers[i]);
            }
            if (fds[2 + 2 * i].revents != 0) {
                (void)fake_ke_accept(&servers[i], free_talk());
            }
        }
        for (size_t i = 0; i < FAKE_TALKS_MAX; i++) {
            if (talks[i].ssl != NULL && fds[1 + 2 * n_servers + i].revents != 0) {
                fake_ke_step(&talks[i]);
            }
        }
    }
}

int main(int argc, char **argv)
{
    sigset_t set;

    if (argc < 4 || argc - 3 > FAKE_SERVERS_MAX) {
        (void)fprintf(stderr,
                      "usage: %s CERT KEY NAME,ADDRESS[:PORT],FAULT[,ARG] ... (at most %d)\n",
                      argv[0], FAKE_SERVERS_MAX);
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 3; i < argc; i++) {
        add_server(argv[1], argv[2], argv[i]);
    }
    (void)printf("ready\n");
    (void)fflush(stdout);
    serve(signalfd(-1, &set, SFD_CLOEXEC));
    for (size_t i = 0; i < n_servers; i++) {
        (void)printf("%s ke=%u asked=%u\n", servers[i].name, servers[i].ke, servers[i].asked);
    }
    return 0;
}
