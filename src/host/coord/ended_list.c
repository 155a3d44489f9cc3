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

bool ended_list_next(struct reader *r, uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    const uint8_t *end;

    while (r->n > 0 && (end = memchr(r->p, '\n', r->n)) != NULL) {
        struct view line;
        struct view feed;

        if (rd_take(r, (size_t)(end - r->p), &line) != ERR_OK ||
            rd_take(r, 1, &feed) != ERR_OK) {
            return false; /* cannot be */
        }
        if (take_line(line, boot_nonce)) {
            return true;
        }
    }
    return false;
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
