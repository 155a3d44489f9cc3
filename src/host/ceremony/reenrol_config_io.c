#include "host/ceremony/reenrol_config_io.h"

#include "host/ceremony/reenrol_io.h"
#include "host/chain/tsa_chain.h"
#include "host/link/core_ask_io.h"
#include "os/small_file.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ACTIVATE_MAX 1024 /* bytes of a body: issuer and serial number are capped below it */

/* ---- orders ---- */

/* The oldest goes where there are too many. */
static void keep(struct reenrol_earlier *e, struct view order)
{
    if (e->n == REENROL_EARLIER_MAX) {
        memmove(e->bytes[0], e->bytes[1], (REENROL_EARLIER_MAX - 1) * sizeof e->bytes[0]);
        for (size_t i = 1; i < e->n; i++) {
            e->orders[i - 1].n = e->orders[i].n;
        }
        e->n--;
    }
    memcpy(e->bytes[e->n], order.p, order.n);
    e->orders[e->n] = (struct view){e->bytes[e->n], order.n};
    e->n++;
}

void reenrol_read_earlier(const struct config *c, const uint8_t epoch_id[EPOCH_ID_LEN],
                          struct reenrol_earlier *out)
{
    static uint8_t space[ENDED_LIST_MAX];
    uint8_t bytes[REENROL_ORDER_MAX];
    struct reenrol_order o;
    struct view list;
    struct view order;
    struct reader r;

    out->n = 0;
    if (small_file_read(c->front.ended, space, sizeof space, &list) != ERR_OK) {
        return;
    }
    r = rd_init(list);
    while (ended_list_next_order(&r, bytes, &order)) {
        if (reenrol_order_decode(order, &o) == ERR_OK &&
            memcmp(o.epoch_id, epoch_id, sizeof o.epoch_id) == 0) {
            keep(out, order);
        }
    }
}

enum err reenrol_note_order(const struct config *c, struct view order)
{
    uint8_t line[1 + ENDED_ORDER_MAX];
    struct writer w = wr_init(line, sizeof line);
    const int fd = open(c->front.ended, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    struct view text;
    bool good = false;

    wr_u8(&w, '\n'); /* a last line that was cut stays a line of its own */
    ended_list_write_order(&w, order);
    if (fd >= 0 && wr_finish(&w, &text) == ERR_OK) {
        good = write(fd, text.p, text.n) == (ssize_t)text.n && fdatasync(fd) == 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return good ? ERR_OK : ERR_IO;
}

/* ---- certificates ---- */

/* Where there is one of that key, it is in *out. */
static bool find_chain(const struct config *c, const struct hello_key *key,
                       struct tsa_chain *out)
{
    static uint8_t pem[TSA_CHAIN_PEM_MAX];
    const bool pq = key->key == KEY_PQ;
    const size_t n = pq ? 1 : config_items(c->front.chain);

    for (size_t i = 0; i < n; i++) {
        char path[CONFIG_TEXT_MAX];
        char why[TSA_CHAIN_WHY_MAX];
        struct view text;

        config_item(pq ? c->front.chain_pq : c->front.chain, i, path);
        if (small_file_read(path, pem, sizeof pem, &text) == ERR_OK &&
            tsa_chain_parse(text, (enum core_key)key->key, (int64_t)time(NULL), out, why) ==
                ERR_OK &&
            view_equal(out->public_key, key->public_key)) {
            return true;
        }
    }
    return false;
}

static enum err activate(const char *uri, const struct hello *h, const struct tsa_chain *chain)
{
    static struct core_ask ask;
    uint8_t body[ACTIVATE_MAX];
    uint8_t theirs[ACTIVATION_HASH_LEN];
    struct writer w = wr_init(body, sizeof body);
    struct activation a = chain->activation;
    struct view written;
    struct view answer;

    memcpy(a.epoch_id, h->epoch_id, sizeof a.epoch_id);
    activation_encode(&w, &a);
    TRY(wr_finish(&w, &written));
    ask.uri = uri;
    ask.wait_ms = REENROL_ANSWER_MS;
    TRY(core_ask(&ask, FRAME_ACTIVATE, written, &answer));
    TRY(activation_answer_decode(answer, theirs));
    return memcmp(theirs, chain->activation_hash, sizeof theirs) == 0 ? ERR_OK : ERR_MISMATCH;
}

enum err reenrol_activate(const struct config *c, const char *uri)
{
    static struct core_ask ask;
    static struct tsa_chain chain;
    struct view answer;
    struct hello h;
    enum err e = ERR_OK;

    ask.uri = uri;
    ask.wait_ms = REENROL_ANSWER_MS;
    TRY(core_ask(&ask, FRAME_HELLO, (struct view){NULL, 0}, &answer));
    TRY(hello_decode(answer, &h));
    for (size_t i = 0; i < h.n_keys && e == ERR_OK; i++) {
        e = find_chain(c, &h.keys[i], &chain) ? activate(uri, &h, &chain) : ERR_EVIDENCE;
    }
    return e;
}
