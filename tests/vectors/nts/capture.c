#include "capture.h"

#include "testing.h"
#include "vector_file.h"

#include "base/hex.h"

#include <string.h>

#define FOLDER QUORATE_VECTORS "/05-time-nts-roughtime/capture-chrony43/"
#define IP_TCP 6
#define IP_UDP 17
#define ETHERNET_LEN 14

static struct view read_file(const char *path, uint8_t *out, size_t cap)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    if (!f) {
        printf("SKIP no vectors %s\n", path);
        exit(77);
    }
    n = fread(out, 1, cap, f);
    assert_int_equal(fclose(f), 0);
    assert_true(n < cap);
    return (struct view){out, n};
}

/* Adds what one frame of Ethernet and IPv4 carries. */
static void take_frame(struct view frame, struct capture *c)
{
    const uint8_t *ip = frame.p + ETHERNET_LEN;
    const size_t ip_len = (size_t)ip[2] << 8 | ip[3];
    const uint8_t *segment = ip + (size_t)(ip[0] & 15) * 4;
    const uint16_t from = (uint16_t)(segment[0] << 8 | segment[1]);
    size_t n = ip_len - (size_t)(segment - ip);

    assert_true(ETHERNET_LEN + ip_len <= frame.n);
    if (ip[9] == IP_UDP) {
        assert_true(c->n_packets < CAPTURE_PACKETS && n > 8);
        c->packets[c->n_packets++] = (struct view){segment + 8, n - 8};
        return;
    }
    assert_int_equal(ip[9], IP_TCP);
    segment += (size_t)(segment[12] >> 4) * 4;
    n = ip_len - (size_t)(segment - ip);
    if (from == CAPTURE_KE_PORT && n > 0) {
        assert_true(c->ke_len + n <= sizeof c->ke);
        memcpy(c->ke + c->ke_len, segment, n);
        c->ke_len += n;
    }
}

void capture_read(struct capture *c)
{
    struct view v;
    struct reader r;

    memset(c, 0, sizeof *c);
    v = read_file(FOLDER "chrony_nts.pcap", c->file, sizeof c->file);
    r = rd_init(v);
    assert_int_equal(rd_take(&r, 24, &v), ERR_OK); /* file header */
    while (r.n > 0) {
        uint32_t seconds = 0;
        uint32_t micros = 0;
        uint32_t kept = 0;
        uint32_t whole = 0;

        assert_int_equal(rd_u32le(&r, &seconds), ERR_OK);
        assert_int_equal(rd_u32le(&r, &micros), ERR_OK);
        assert_int_equal(rd_u32le(&r, &kept), ERR_OK);
        assert_int_equal(rd_u32le(&r, &whole), ERR_OK);
        assert_int_equal(kept, whole);
        assert_int_equal(rd_take(&r, kept, &v), ERR_OK);
        c->second = seconds;
        take_frame(v, c);
    }
}

void capture_keys(uint8_t c2s[32], uint8_t s2c[32])
{
    json_t *root = vector_file("05-time-nts-roughtime/capture-chrony43/keys.json");

    assert_int_equal(json_integer_value(json_object_get(root, "aead")), 15);
    assert_int_equal(vector_bytes(root, "c2s", c2s, 32), 32);
    assert_int_equal(vector_bytes(root, "s2c", s2c, 32), 32);
    json_decref(root);
}

void capture_secret(const char *label, uint8_t out[48])
{
    uint8_t text[2048];
    struct view v;
    const char *line;
    char hex[97];
    size_t n = 0;

    v = read_file(FOLDER "keylog.txt", text, sizeof text - 1);
    text[v.n] = 0;
    line = strstr((const char *)text, label);
    assert_non_null(line);
    line += strlen(label) + 1 + 64 + 1; /* label, client random, secret */
    memcpy(hex, line, 96);
    hex[96] = 0;
    assert_int_equal(hex_parse(hex, out, 48, &n), ERR_OK);
    assert_int_equal(n, 48);
}
