#include "host/coord/ended_list.h"

#include "base/hex.h"

#include <string.h>

static const char word[] = "ended ";

/* The hex after the last space of "ended NAME NONCE". */
static bool take_line(struct view line, uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    const size_t digits = (size_t)2 * PLAN_NONCE_LEN;
    char hex[2 * PLAN_NONCE_LEN + 1];
    size_t n = 0;

    if (line.n <= strlen(word) + digits || memcmp(line.p, word, strlen(word)) != 0 ||
        line.p[line.n - digits - 1] != ' ') {
        return false;
    }
    memcpy(hex, line.p + line.n - digits, digits);
    hex[digits] = '\0';
    return hex_parse(hex, boot_nonce, PLAN_NONCE_LEN, &n) == ERR_OK && n == PLAN_NONCE_LEN;
}

/* The next whole line, without its end. */
static bool next_line(struct reader *r, struct view *line)
{
    const uint8_t *const end = r->n > 0 ? memchr(r->p, '\n', r->n) : NULL;
    struct view feed;

    return end != NULL && rd_take(r, (size_t)(end - r->p), line) == ERR_OK &&
           rd_take(r, 1, &feed) == ERR_OK;
}

bool ended_list_next(struct reader *r, uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    struct view line;

    while (next_line(r, &line)) {
        if (take_line(line, boot_nonce)) {
            return true;
        }
    }
    return false;
}

static const char order_word[] = "order ";

static bool take_order(struct view line, uint8_t out[REENROL_ORDER_MAX], struct view *bytes)
{
    char hex[2 * REENROL_ORDER_MAX + 1];
    const size_t digits = line.n - strlen(order_word);
    size_t n = 0;

    if (line.n <= strlen(order_word) || digits >= sizeof hex ||
        memcmp(line.p, order_word, strlen(order_word)) != 0) {
        return false;
    }
    memcpy(hex, line.p + strlen(order_word), digits);
    hex[digits] = '\0';
    if (hex_parse(hex, out, REENROL_ORDER_MAX, &n) != ERR_OK) {
        return false;
    }
    *bytes = (struct view){out, n};
    return true;
}

bool ended_list_next_order(struct reader *r, uint8_t out[REENROL_ORDER_MAX], struct view *bytes)
{
    struct view line;

    while (next_line(r, &line)) {
        if (take_order(line, out, bytes)) {
            return true;
        }
    }
    return false;
}

void ended_list_write_order(struct writer *w, struct view order)
{
    char hex[2 * REENROL_ORDER_MAX + 1];

    hex_write(order, hex);
    wr_bytes(w, order_word, strlen(order_word));
    wr_bytes(w, hex, strlen(hex));
    wr_u8(w, '\n');
}

void ended_list_write(struct writer *w, const char *name,
                      const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    char hex[2 * PLAN_NONCE_LEN + 1];

    hex_write((struct view){boot_nonce, PLAN_NONCE_LEN}, hex);
    wr_bytes(w, word, strlen(word));
    wr_bytes(w, name, strlen(name));
    wr_u8(w, ' ');
    wr_bytes(w, hex, strlen(hex));
    wr_u8(w, '\n');
}
