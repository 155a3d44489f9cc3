/* quorate-fake-time: time servers that do what real ones do not, for scripts.
 *
 *   quorate-fake-time CERT KEY NAME,ADDRESS[:PORT],FAULT[,ARG] ...
 *
 * Says "NAME ADDRESS:PORT" of each server's key establishment, or "NAME ADDRESS:PORT,KEY" of a
 * Roughtime server, then "ready". Ends by SIGTERM,
 * and says "NAME ke=N asked=N" of each. A client that asks what a client must not ask, or uses
 * a cookie or a port again, ends it with a message: the script fails. */
#include "testing.h"
#include "time_server/fake_time.h"

#include "base/hex.h"

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
    [FAKE_ROUGHTIME] = "roughtime",
    [FAKE_ROUGHTIME_BAD] = "roughtime-bad",
};

static struct fake_server servers[FAKE_SERVERS_MAX];
static size_t n_servers;
static struct fake_talk talks[FAKE_TALKS_MAX];

static uint16_t port_of(int fd)
{
    struct sockaddr_in a = {0};
    socklen_t len = sizeof a;

    assert_int_equal(getsockname(fd, (struct sockaddr *)(void *)&a, &len), 0);
    return ntohs(a.sin_port);
}

static bool is_roughtime(const struct fake_server *s)
{
    return s->fault == FAKE_ROUGHTIME || s->fault == FAKE_ROUGHTIME_BAD;
}

static int bound_socket(int type, const struct sockaddr_in *a)
{
    const int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)(const void *)a, sizeof *a) != 0) {
        fail_msg("port %u: errno %d", ntohs(a->sin_port), errno);
    }
    return fd;
}

/* Its sockets at that address; port 0: any. */
static void listen_at(struct fake_server *s, const char *address, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    char key[2 * ED25519_PUBLIC_LEN + 1];

    assert_int_equal(inet_pton(AF_INET, address, &a.sin_addr), 1);
    if (is_roughtime(s)) {
        s->listener = -1;
        s->udp = bound_socket(SOCK_DGRAM, &a);
        rt_keys_make(&s->keys, (uint8_t)n_servers);
        hex_write((struct view){s->keys.long_term.public_key, ED25519_PUBLIC_LEN}, key);
        (void)printf("%s %s:%u,%s\n", s->name, address, port_of(s->udp), key);
        return;
    }
    s->listener = bound_socket(SOCK_STREAM, &a);
    assert_int_equal(listen(s->listener, 64), 0);
    a.sin_port = 0;
    s->udp = bound_socket(SOCK_DGRAM, &a);
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
    char arg[32] = "0";
    char *colon;
    const int n = sscanf(text, "%63[^,],%63[^,],%31[^,],%31s", s->name, address, fault, arg);

    if (n < 3) {
        fail_msg("%s: no server", text);
    }
    colon = strchr(address, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
    s->fault = fault_named(fault);
    s->arg = strtol(arg, NULL, 10);
    if (!is_roughtime(s)) {
        s->context = fake_ke_context(cert, key, s->fault);
    }
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

/* Signals, two for each server, one for each connection. */
#define N_FDS (1 + 2 * FAKE_SERVERS_MAX + FAKE_TALKS_MAX)

static size_t fill(struct pollfd *fds, int stop)
{
    size_t n = 0;

    fds[n++] = (struct pollfd){.fd = stop, .events = POLLIN};
    for (size_t i = 0; i < n_servers; i++) {
        fds[n++] = (struct pollfd){.fd = servers[i].udp, .events = POLLIN};
        fds[n++] = (struct pollfd){.fd = servers[i].listener, .events = POLLIN};
    }
    for (size_t i = 0; i < FAKE_TALKS_MAX; i++) {
        fds[n++] = (struct pollfd){.fd = talks[i].ssl ? talks[i].fd : -1, .events = POLLIN};
    }
    return n;
}

static void turn(const struct pollfd *fds)
{
    for (size_t i = 0; i < n_servers; i++) {
        if (fds[1 + 2 * i].revents != 0) {
            (is_roughtime(&servers[i]) ? fake_roughtime_step : fake_ntp_step)(&servers[i]);
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

static void serve(int stop)
{
    static struct pollfd fds[N_FDS];

    for (;;) {
        const size_t n = fill(fds, stop);

        if (poll(fds, n, fake_ntp_send_late()) < 0 && errno != EINTR) {
            fail_msg("poll: errno %d", errno);
        }
        if (fds[0].revents != 0) {
            return;
        }
        turn(fds);
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
        rt_keys_free(&servers[i].keys);
        (void)printf("%s ke=%u asked=%u\n", servers[i].name, servers[i].ke, servers[i].asked);
    }
    return 0;
}
