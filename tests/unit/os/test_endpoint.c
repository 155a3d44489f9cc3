#include "testing.h"

#include "os/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define RACERS 8

static char folder[] = "/tmp/quorate-endpoint-XXXXXX";

static void parses_each_kind(void **state)
{
    struct endpoint e;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_vm vm;

    (void)state;
    assert_int_equal(endpoint_parse("unix:/run/a:b.sock", &e), ERR_OK);
    memcpy(&un, &e.addr, sizeof un);
    assert_int_equal(un.sun_family, AF_UNIX);
    assert_string_equal(un.sun_path, "/run/a:b.sock");
    assert_int_equal(e.addr_len, offsetof(struct sockaddr_un, sun_path) + 14);

    assert_int_equal(endpoint_parse("tcp:127.0.0.1:3161", &e), ERR_OK);
    memcpy(&in, &e.addr, sizeof in);
    assert_int_equal(in.sin_family, AF_INET);
    assert_int_equal(ntohs(in.sin_port), 3161);
    assert_int_equal(ntohl(in.sin_addr.s_addr), 0x7f000001);

    assert_int_equal(endpoint_parse("tcp:[::1]:65535", &e), ERR_OK);
    memcpy(&in6, &e.addr, sizeof in6);
    assert_int_equal(in6.sin6_family, AF_INET6);
    assert_int_equal(ntohs(in6.sin6_port), 65535);
    assert_memory_equal(&in6.sin6_addr, &in6addr_loopback, sizeof in6addr_loopback);

    assert_int_equal(endpoint_parse("vsock:3:4294967294", &e), ERR_OK);
    memcpy(&vm, &e.addr, sizeof vm);
    assert_int_equal(vm.svm_family, AF_VSOCK);
    assert_int_equal(vm.svm_cid, 3);
    assert_int_equal(vm.svm_port, 4294967294);
    assert_int_equal(endpoint_parse("vsock:any:1", &e), ERR_OK);
    memcpy(&vm, &e.addr, sizeof vm);
    assert_int_equal(vm.svm_cid, VMADDR_CID_ANY);
}

static void refuses_the_rest(void **state)
{
    static const struct {
        const char *uri;
        enum err want;
    } rows[] = {
        {"", ERR_ENCODING},
        {"unix", ERR_ENCODING},
        {"unix:", ERR_ENCODING},
        {"Unix:/a", ERR_ENCODING},
        {"http://a", ERR_ENCODING},
        {"tcp:", ERR_ENCODING},
        {"tcp:127.0.0.1", ERR_ENCODING},
        {"tcp:127.0.0.1:", ERR_ENCODING},
        {"tcp:127.0.0.1:+1", ERR_ENCODING},
        {"tcp:127.0.0.1: 1", ERR_ENCODING},
        {"tcp:127.0.0.1:1x", ERR_ENCODING},
        {"tcp:127.0.0.1:65536", ERR_RANGE},
        {"tcp:127.0.0.1:18446744073709551617", ERR_RANGE},
        {"tcp::1", ERR_ENCODING},
        {"tcp:localhost:1", ERR_ENCODING},
        {"tcp:::1:1", ERR_ENCODING}, /* IPv6 without brackets */
        {"tcp:[::1:1", ERR_ENCODING},
        {"tcp:[127.0.0.1]:1", ERR_ENCODING},
        {"tcp:[]:1", ERR_ENCODING},
        {"tcp:[:1", ERR_ENCODING},
        {"tcp:[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:1", ERR_ENCODING},
        {"vsock:1", ERR_ENCODING},
        {"vsock:x:1", ERR_ENCODING},
        {"vsock:1:4294967295", ERR_RANGE},
        {"vsock:4294967295:1", ERR_RANGE},
        {"vsock:1:-1", ERR_ENCODING},
    };
    static const struct endpoint zero;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct endpoint e;

        assert_int_equal(endpoint_parse(rows[i].uri, &e), rows[i].want);
        assert_memory_equal(&e, &zero, sizeof e);
    }
}

/* 107 bytes fit with their end into sun_path, 108 do not. */
static void hosts_may_have_names(void **state)
{
    static const struct {
        const char *text, *host;
        enum err want;
    } rows[] = {
        {"192.0.2.1:4460", "", ERR_OK},
        {"[2001:db8::1]:4460", "", ERR_OK},
        {"time.example:4460", "time.example", ERR_OK},
        {"a-1.example:1", "a-1.example", ERR_OK},
        {"time.example", "", ERR_ENCODING},
        {"time.example:", "", ERR_ENCODING},
        {"time_1.example:1", "", ERR_ENCODING},
        {"192.0.2.300:1", "", ERR_ENCODING}, /* no address, and no name */
        {":1", "", ERR_ENCODING},
        {"time.example:65536", "", ERR_RANGE},
        {"time.example:00000000000000000000000000000000000000000000000000000000000000000000"
         "00000000000000000000001",
         "", ERR_RANGE},
    };
    char text[80];
    char host[ENDPOINT_HOST_MAX + 1];
    struct endpoint e;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const enum err got = endpoint_host(rows[i].text, &e, host);

        if (got != rows[i].want) {
            fail_msg("%s: %s", rows[i].text, err_name(got));
        }
        assert_string_equal(host, rows[i].host);
        assert_true((got == ERR_OK) == (e.addr_len != 0));
    }
    for (int n = ENDPOINT_HOST_MAX; n <= ENDPOINT_HOST_MAX + 1; n++) {
        memset(text, 'x', sizeof text);
        memcpy(text + n, ":1", 3);
        assert_int_equal(endpoint_host(text, &e, host),
                         n == ENDPOINT_HOST_MAX ? ERR_OK : ERR_ENCODING);
    }
}

static void takes_the_longest_path(void **state)
{
    char uri[5 + 108 + 1] = "unix:";
    struct endpoint e;

    (void)state;
    memset(uri + 5, 'a', 107);
    assert_int_equal(endpoint_parse(uri, &e), ERR_OK);
    uri[5 + 107] = 'a';
    assert_int_equal(endpoint_parse(uri, &e), ERR_RANGE);
}

static void unix_endpoint(const char *name, char *path, size_t cap, struct endpoint *e)
{
    char uri[200];

    (void)snprintf(path, cap, "%s/%s", folder, name);
    (void)snprintf(uri, sizeof uri, "unix:%s", path);
    assert_int_equal(endpoint_parse(uri, e), ERR_OK);
}

/* One byte from a client to the accepted end. */
static void carry_a_byte(int listener, int client)
{
    struct pollfd p = {.fd = listener, .events = POLLIN};
    char c = 'x';
    int server;

    assert_int_equal(poll(&p, 1, 5000), 1);
    server = accept(listener, NULL, NULL);
    assert_true(server >= 0);
    p = (struct pollfd){.fd = client, .events = POLLOUT};
    assert_int_equal(poll(&p, 1, 5000), 1);
    assert_int_equal(write(client, &c, 1), 1);
    p = (struct pollfd){.fd = server, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 5000), 1);
    assert_int_equal(read(server, &c, 1), 1);
    assert_int_equal(c, 'x');
    assert_int_equal(close(server), 0);
}

static void check_flags(int fd)
{
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void connects_over_unix(void **state)
{
    char path[120];
    struct endpoint e;
    struct stat st;
    int listener;
    int client;

    (void)state;
    unix_endpoint("a.sock", path, sizeof path, &e);
    assert_int_equal(endpoint_connect(&e, &client), ERR_IO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(client, -1);
    assert_int_equal(endpoint_listen(&e, 4, &listener), ERR_OK);
    assert_int_equal(lstat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(endpoint_connect(&e, &client), ERR_OK);
    check_flags(listener);
    check_flags(client);
    carry_a_byte(listener, client);
    assert_int_equal(close(client), 0);
    assert_int_equal(close(listener), 0);
    assert_int_equal(unlink(path), 0);
}

static void connects_over_tcp(void **state)
{
    struct endpoint e;
    int listener;
    int client;

    (void)state;
    assert_int_equal(endpoint_parse("tcp:127.0.0.1:0", &e), ERR_OK);
    assert_int_equal(endpoint_listen(&e, 4, &listener), ERR_OK);
    assert_int_equal(getsockname(listener, (void *)&e.addr, &e.addr_len), 0);
    assert_int_equal(endpoint_connect(&e, &client), ERR_OK);
    check_flags(listener);
    check_flags(client);
    carry_a_byte(listener, client);
    assert_int_equal(close(client), 0);
    assert_int_equal(close(listener), 0);
}

static void replaces_a_stale_socket_alone(void **state)
{
    char path[120];
    struct endpoint e;
    struct stat st;
    int live;
    int probe;
    int fd;

    (void)state;
    unix_endpoint("b.sock", path, sizeof path, &e);
    assert_int_equal(endpoint_listen(&e, 4, &live), ERR_OK);
    /* A live one stays. */
    assert_int_equal(endpoint_listen(&e, 4, &fd), ERR_IO);
    assert_int_equal(errno, EADDRINUSE);
    assert_int_equal(fd, -1);
    probe = accept(live, NULL, NULL); /* how it was seen to live */
    assert_true(probe >= 0);
    assert_int_equal(close(probe), 0);
    assert_int_equal(endpoint_connect(&e, &fd), ERR_OK);
    carry_a_byte(live, fd);
    assert_int_equal(close(fd), 0);
    /* A dead one is replaced. */
    assert_int_equal(close(live), 0);
    assert_int_equal(lstat(path, &st), 0);
    assert_int_equal(endpoint_listen(&e, 4, &live), ERR_OK);
    assert_int_equal(close(live), 0);
    assert_int_equal(unlink(path), 0);
    /* Anything else is left alone. */
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(endpoint_listen(&e, 4, &fd), ERR_IO);
    assert_int_equal(errno, EADDRINUSE);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(unlink(path), 0);
}

struct race {
    int start[2], verdict[2], end[2]; /* pipes; the closing of start and of end is the signal */
};

static void run_racer(const struct endpoint *e, const struct race *r)
{
    char c;
    int fd;

    (void)close(r->start[1]);
    (void)close(r->end[1]);
    (void)!read(r->start[0], &c, 1);
    /* The losers' probes wait in the queue of the winner. */
    c = endpoint_listen(e, 4 * RACERS, &fd) == ERR_OK ? 'y' : 'n';
    (void)!write(r->verdict[1], &c, 1);
    (void)!read(r->end[0], &c, 1);
    _exit(0);
}

/* Of several that start at once over a stale file exactly one listens, and it is reachable. */
static void one_of_many_wins(void **state)
{
    char path[120];
    struct endpoint e;
    struct race r;
    pid_t pid[RACERS];
    int fd;
    int winners = 0;

    (void)state;
    unix_endpoint("c.sock", path, sizeof path, &e);
    assert_int_equal(endpoint_listen(&e, 4, &fd), ERR_OK);
    assert_int_equal(close(fd), 0);
    assert_int_equal(pipe(r.start) | pipe(r.verdict) | pipe(r.end), 0);
    for (size_t i = 0; i < RACERS; i++) {
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        if (pid[i] == 0) {
            run_racer(&e, &r);
        }
    }
    assert_int_equal(close(r.start[1]), 0);
    for (size_t i = 0; i < RACERS; i++) {
        char c = 0;

        assert_int_equal(read(r.verdict[0], &c, 1), 1);
        winners += c == 'y';
    }
    assert_int_equal(winners, 1);
    assert_int_equal(endpoint_connect(&e, &fd), ERR_OK);
    assert_int_equal(close(fd), 0);
    assert_int_equal(close(r.end[1]), 0);
    for (size_t i = 0; i < RACERS; i++) {
        assert_int_equal(waitpid(pid[i], NULL, 0), pid[i]);
    }
    assert_int_equal(
        close(r.start[0]) | close(r.verdict[0]) | close(r.verdict[1]) | close(r.end[0]), 0);
    assert_int_equal(unlink(path), 0);
}

static void probes_vsock(void **state)
{
    const char *why = NULL;
    const bool ok = endpoint_vsock_loopback(&why);

    (void)state;
    assert_non_null(why);
    assert_int_equal(ok, why[0] == '\0');
    print_message("vsock loopback: %s\n", ok ? "there" : why);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_each_kind),
        cmocka_unit_test(refuses_the_rest),
        cmocka_unit_test(hosts_may_have_names),
        cmocka_unit_test(takes_the_longest_path),
        cmocka_unit_test(connects_over_unix),
        cmocka_unit_test(connects_over_tcp),
        cmocka_unit_test(replaces_a_stale_socket_alone),
        cmocka_unit_test(one_of_many_wins),
        cmocka_unit_test(probes_vsock),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
