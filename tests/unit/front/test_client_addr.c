#include "testing.h"

#include "host/front/client_addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct client_addr addr(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        return client_addr_of((const struct sockaddr *)&v4);
    }
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return client_addr_of((const struct sockaddr *)&v6);
}

static void reads_networks(void **state)
{
    static const struct {
        const char *text;
        enum err want;
        size_t n;
    } rows[] = {
        {"", ERR_OK, 0},
        {"127.0.0.1", ERR_OK, 1},
        {"127.0.0.1 10.0.0.0/8 ::1 2001:db8::/32 0.0.0.0/0", ERR_OK, 5},
        {"127.0.0.1/33", ERR_ENCODING, 0},
        {"::1/129", ERR_ENCODING, 0},
        {"127.0.0.1/", ERR_ENCODING, 0},
        {"127.0.0.1/x", ERR_ENCODING, 0},
        {"127.0.0.1/0008", ERR_ENCODING, 0},
        {"127.0.0", ERR_ENCODING, 0},
        {"host", ERR_ENCODING, 0},
        {"1.1.1.1  2.2.2.2", ERR_ENCODING, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct client_nets nets;

        assert_int_equal(client_nets_parse(rows[i].text, &nets), rows[i].want);
        assert_int_equal(nets.n, rows[i].n);
    }
}

static void caps_networks(void **state)
{
    char text[CLIENT_NETS_MAX * 8 + 16] = "";
    struct client_nets nets;

    (void)state;
    for (size_t i = 0; i < CLIENT_NETS_MAX; i++) {
        strcat(text, i > 0 ? " 1.1.1.1" : "1.1.1.1");
    }
    assert_int_equal(client_nets_parse(text, &nets), ERR_OK);
    strcat(text, " 1.1.1.1");
    assert_int_equal(client_nets_parse(text, &nets), ERR_NOSPACE);
}

static void walks_the_proxies(void **state)
{
    static const struct {
        const char *peer, *forwarded, *want;
    } rows[] = {
        {"198.51.100.7", "192.0.2.1",
         "198.51.100.7"}, /* not trusted: its word counts nothing */
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "192.0.2.1", "192.0.2.1"},
        {"10.0.0.1", "203.0.113.9, 192.0.2.1",
         "192.0.2.1"}, /* the left is the client's invention */
        {"10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.1"},
        {"10.0.0.1", "192.0.2.1:1234", "192.0.2.1"},
        {"10.0.0.1", "[2001:db8::5]:99", "2001:db8::5"},
        {"10.0.0.1", "2001:db8::5", "2001:db8::5"},
        {"10.0.0.1", "unknown", "10.0.0.1"},
        {"10.0.0.1", "192.0.2.1, unknown", "10.0.0.1"},
        {"10.0.0.1", " 192.0.2.1\t", "192.0.2.1"},
        {"10.0.0.1", ",", "10.0.0.1"},
        {"::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"},
        {"2001:db8:1::1", "192.0.2.1", "192.0.2.1"},
        {"2001:db8:2::1", "192.0.2.1", "2001:db8:2::1"},
    };
    struct client_nets nets;

    (void)state;
    assert_int_equal(client_nets_parse("10.0.0.0/15 2001:db8:1::/47", &nets), ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view forwarded = {(const uint8_t *)rows[i].forwarded,
                                       strlen(rows[i].forwarded)};
        const struct client_addr a = client_addr_behind(addr(rows[i].peer), forwarded, &nets);
        char text[CLIENT_ADDR_TEXT_MAX];

        client_addr_text(&a, text);
        /* 2001:db8:1::/47 has 2001:db8:0:: and 2001:db8:1::, not 2001:db8:2:: */
        assert_string_equal(text, rows[i].want);
    }
}

static void counts_ipv6_by_64(void **state)
{
    const struct client_addr a = addr("2001:db8::1");
    const struct client_addr b = addr("2001:db8::ffff:1");
    const struct client_addr c = addr("2001:db8:0:1::1");
    const struct rate_key ka = client_addr_key(&a);
    const struct rate_key kb = client_addr_key(&b);
    const struct rate_key kc = client_addr_key(&c);

    (void)state;
    assert_memory_equal(ka.bytes, kb.bytes, RATE_KEY_LEN);
    assert_memory_not_equal(ka.bytes, kc.bytes, RATE_KEY_LEN);
}

static void takes_other_sockets(void **state)
{
    const struct sockaddr local = {.sa_family = AF_UNIX};
    const struct client_addr a = client_addr_of(&local);
    char text[CLIENT_ADDR_TEXT_MAX];

    (void)state;
    assert_int_equal(a.family, 0);
    client_addr_text(&a, text);
    assert_string_equal(text, "local");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_networks),      cmocka_unit_test(caps_networks),
        cmocka_unit_test(walks_the_proxies),   cmocka_unit_test(counts_ipv6_by_64),
        cmocka_unit_test(takes_other_sockets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
