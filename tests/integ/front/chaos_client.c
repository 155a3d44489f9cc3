#include "chaos_client.h"

#include "chaos_authority.h"
#include "still_meter.h"

#include "format/cms_parse.h"
#include "format/er_attach.h"
#include "format/evidence_record.h"
#include "format/tsp_resp.h"
#include "format/tst_info_parse.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX 16384
#define ANSWER_S 10
#define LONG_US 200000 /* an answer that the meter is asked about */

/* ---- one exchange ---- */

/* Connects to where the front says that it listens; -1: it does not. */
static int dial(const char *address_file)
{
    FILE *f = fopen(address_file, "r");
    char line[64] = "";
    struct sockaddr_in to = {.sin_family = AF_INET};
    const struct timeval limit = {.tv_sec = ANSWER_S};
    char *colon = NULL;
    int fd = -1;

    if (f == NULL) {
        return -1;
    }
    const bool got = fgets(line, sizeof line, f) != NULL;

    (void)fclose(f);
    colon = strrchr(line, ':');
    if (!got || colon == NULL) {
        return -1;
    }
    *colon = '\0';
    to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (inet_pton(AF_INET, line, &to.sin_addr) != 1 ||
        connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* TimeStampReq with an imprint of its own: version 1, SHA-256, a nonce. */
static size_t write_query(uint32_t client, uint32_t i, uint8_t out[128])
{
    static const uint8_t head[] = {0x30, 0x40, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30,
                                   0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                                   0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    struct writer w = wr_init(out, 128);
    uint8_t seed[8];
    uint8_t digest[32];

    memcpy(seed, &client, 4);
    memcpy(seed + 4, &i, 4);
    hash_once(HASH_SHA256, (struct view){seed, sizeof seed}, digest);
    wr_bytes(&w, head, sizeof head);
    wr_bytes(&w, digest, sizeof digest);
    wr_u8(&w, 0x02);
    wr_u8(&w, 8);
    wr_u8(&w, 0x01);
    wr_bytes(&w, digest, 7);
    return w.len;
}

static bool send_query(int fd, uint32_t client, uint32_t i)
{
    uint8_t query[128];
    char out[512];
    const size_t n = write_query(client, i, query);
    const int head = snprintf(out, sizeof out,
                              "POST / HTTP/1.1\r\nHost: chaos\r\nContent-Type: "
                              "application/timestamp-query\r\nContent-Length: %zu\r\n\r\n",
                              n);

    memcpy(out + head, query, n);
    return send(fd, out, (size_t)head + n, MSG_NOSIGNAL) == head + (ssize_t)n;
}

/* One whole HTTP answer with a Content-Length. False: the connection broke before its end. */
static bool receive(int fd, char *buf, struct view *body, int *status)
{
    size_t len = 0;
    const char *end = NULL;
    size_t want = SIZE_MAX;

    while (len < want) {
        const ssize_t n = recv(fd, buf + len, ANSWER_MAX - 1 - len, 0);

        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
        buf[len] = '\0';
        if (end == NULL && (end = strstr(buf, "\r\n\r\n")) != NULL) {
            const char *length = strcasestr(buf, "\r\nContent-Length:");

            want = (size_t)(end + 4 - buf) +
                   (length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0);
        }
    }
    *status = (int)strtol(buf + strlen("HTTP/1.1 "), NULL, 10);
    *body = (struct view){(const uint8_t *)end + 4, want - (size_t)(end + 4 - buf)};
    return true;
}

/* ---- what was answered ---- */

static void fault(struct chaos_client *c, const char *what, unsigned number)
{
    (void)snprintf(c->fault, sizeof c->fault, "client %u: %s %u", (unsigned)c->number, what,
                   number);
}

static enum err keep_row(struct view token, struct chaos_row *g, struct view *hashed)
{
    struct signed_data sd;
    struct tst_info_view info;
    struct view serial;

    TRY(cms_parse(token, &sd));
    TRY(tst_info_parse(sd.content, &info));
    serial = info.serial_number;
    if (serial.n == 0 || serial.n > STAMP_SERIAL_LEN) {
        return ERR_RANGE;
    }
    memcpy(g->serial_number + STAMP_SERIAL_LEN - serial.n, serial.p, serial.n);
    hash_once(HASH_SHA256, token, g->token_hash);
    *hashed = info.hashed_message;
    return ERR_OK;
}

/* Both parts, and that they belong together. No certificates were asked for, so the archive
 * time-stamp is as the journal knows it. */
static enum err keep_grant(struct chaos_client *c, struct view token)
{
    struct chaos_grant *g = &c->grants[atomic_load(&c->granted)];
    uint8_t object[ANSWER_MAX];
    uint8_t leaf[ER_HASH_LEN];
    uint8_t root[ER_HASH_LEN];
    struct er_detached d;
    struct evidence_record er;
    struct view hashed;

    TRY(er_detach(token, object, sizeof object, &d));
    TRY(evidence_record_parse(d.record, &er));
    TRY(keep_row(d.data_object, &g->token, &hashed));
    TRY(keep_row(er.time_stamp, &g->archive, &hashed));
    hash_once(HASH_SHA512, d.data_object, leaf);
    TRY(er_path_root(&er.path, (struct view){leaf, sizeof leaf}, root));
    if (!view_equal(hashed, (struct view){root, sizeof root})) {
        return ERR_MISMATCH;
    }
    atomic_fetch_add(&c->granted, 1);
    return ERR_OK;
}

/* False: no client should ever get such an answer. */
static bool take_answer(struct chaos_client *c, struct view body, int status)
{
    struct tsp_resp resp;

    if (status != 200) {
        fault(c, "HTTP status", (unsigned)status);
        return false;
    }
    if (tsp_resp_parse(body, &resp) != ERR_OK) {
        fault(c, "no TimeStampResp, bytes", (unsigned)body.n);
        return false;
    }
    if (resp.status == PKI_REJECTION && resp.token.n == 0) {
        atomic_fetch_add(&c->rejected, 1);
        chaos_nap(); /* the load is of tokens, not of rejections */
        return true;
    }
    if (resp.status != PKI_GRANTED || keep_grant(c, resp.token) != ERR_OK) {
        fault(c, "a grant that is none, status", resp.status);
        return false;
    }
    return true;
}

/* But for what the machine stood still meanwhile: the meter's threads wake up with this one. */
static int64_t time_since(int64_t begin, int64_t still)
{
    const int64_t took = chaos_now_us() - begin;

    if (took > LONG_US) {
        (void)nanosleep(&(struct timespec){0, LONG_US * 1000}, NULL);
    }
    return took - (still_meter_us() - still);
}

static bool exchange(struct chaos_client *c, int *fd, uint32_t i, char *buf)
{
    const int64_t still = still_meter_us();
    const int64_t begin = chaos_now_us();
    struct view body;
    int status = 0;

    if (*fd < 0) {
        *fd = dial(c->address_file);
    }
    if (*fd < 0 || !send_query(*fd, c->number, i) || !receive(*fd, buf, &body, &status)) {
        if (*fd >= 0) {
            (void)close(*fd);
        }
        *fd = -1;
        atomic_fetch_add(&c->broken, 1);
        chaos_nap();
        return true;
    }
    const int64_t took = time_since(begin, still);

    c->longest_us = took > c->longest_us ? took : c->longest_us;
    return take_answer(c, body, status);
}

static void *ask_on(void *self)
{
    struct chaos_client *c = self;
    char *buf = malloc(ANSWER_MAX);
    int fd = -1;
    uint32_t i = 0;

    while (buf != NULL && !atomic_load(&c->stop) &&
           atomic_load(&c->granted) < CHAOS_GRANTS_MAX && exchange(c, &fd, i++, buf)) {
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    free(buf);
    return NULL;
}

bool chaos_client_start(struct chaos_client *c, const char *address_file, uint32_t number)
{
    memset(c, 0, sizeof *c);
    c->address_file = address_file;
    c->number = number;
    c->grants = calloc(CHAOS_GRANTS_MAX, sizeof *c->grants);
    return c->grants != NULL && pthread_create(&c->thread, NULL, ask_on, c) == 0;
}

void chaos_client_stop(struct chaos_client *c)
{
    atomic_store(&c->stop, true);
    (void)pthread_join(c->thread, NULL);
}
