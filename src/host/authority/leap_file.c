#include "host/authority/leap_file.h"

#include "host/authority/openssl_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NTP_TO_POSIX INT64_C(2208988800)
#define NTP_DIGITS_MAX 11
#define SECOND_MAX INT64_C(99999999999)
#define OFFSET_MAX 3600
#define SHA1_LEN 20
#define HASH_WORDS 5
#define NUMBERS_MAX (2048) /* bytes of all numbers in a row, of which the hash is */

struct leap_file {
    struct writer text;
    struct writer numbers;
    size_t entries;
    int64_t expires_s;
    bool has_expires, has_hash;
    uint8_t hash[SHA1_LEN];
};

static bool is_blank(uint8_t b)
{
    return b == ' ' || b == '\t' || b == '\r';
}

static void skip_blanks(struct view *line)
{
    while (line->n > 0 && is_blank(line->p[0])) {
        *line = (struct view){line->p + 1, line->n - 1};
    }
}

/* The next word, which ends at a blank; n == 0: there is none. */
static struct view take_word(struct view *line)
{
    struct view word;
    size_t n = 0;

    skip_blanks(line);
    while (n < line->n && !is_blank(line->p[n])) {
        n++;
    }
    word = (struct view){line->p, n};
    *line = (struct view){line->p + n, line->n - n};
    return word;
}

/* A decimal number, which goes into the hash as it stands. */
static enum err take_number(struct leap_file *f, struct view *line, int64_t most, int64_t *out)
{
    const struct view word = take_word(line);
    int64_t v = 0;

    if (word.n == 0 || word.n > NTP_DIGITS_MAX) {
        return ERR_ENCODING;
    }
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] < '0' || word.p[i] > '9') {
            return ERR_ENCODING;
        }
        v = v * 10 + (word.p[i] - '0');
    }
    wr_view(&f->numbers, word);
    *out = v;
    return v > most ? ERR_RANGE : ERR_OK;
}

static enum err take_posix(struct leap_file *f, struct view *line, int64_t *out)
{
    TRY(take_number(f, line, SECOND_MAX, out));
    *out -= NTP_TO_POSIX;
    return *out < 0 ? ERR_RANGE : ERR_OK;
}

static enum err take_hash(struct leap_file *f, struct view *line)
{
    struct writer w = wr_init(f->hash, sizeof f->hash);

    for (int i = 0; i < HASH_WORDS; i++) {
        const struct view word = take_word(line);
        char digits[9] = {0};

        if (word.n == 0 || word.n > 8) {
            return ERR_ENCODING;
        }
        memcpy(digits, word.p, word.n);
        if (strspn(digits, "0123456789abcdefABCDEF") != word.n) {
            return ERR_ENCODING;
        }
        wr_u32be(&w, (uint32_t)strtoul(digits, NULL,
                                       16)); /* a word may be without its leading zeros */
    }
    f->has_hash = true;
    return ERR_OK;
}

static enum err take_entry(struct leap_file *f, struct view *line)
{
    char entry[40];
    int64_t from_s = 0;
    int64_t offset_s = 0;

    TRY(take_posix(f, line, &from_s));
    TRY(take_number(f, line, OFFSET_MAX, &offset_s));
    skip_blanks(line);
    if (line->n > 0 && line->p[0] != '#') {
        return ERR_ENCODING;
    }
    if (f->entries == LEAP_FILE_ENTRIES_MAX) {
        return ERR_NOSPACE;
    }
    (void)snprintf(entry, sizeof entry, "%s%" PRId64 ":%" PRId64, f->entries > 0 ? "," : "",
                   from_s, offset_s);
    wr_bytes(&f->text, entry, strlen(entry));
    f->entries++;
    return ERR_OK;
}

static enum err take_line(struct leap_file *f, struct view line)
{
    const uint8_t mark = line.n > 1 && line.p[0] == '#' ? line.p[1] : 0;
    struct view rest = mark != 0 ? (struct view){line.p + 2, line.n - 2} : line;
    int64_t updated_s = 0;

    switch (mark) {
    case '$':
        return take_posix(f, &rest, &updated_s);
    case '@':
        f->has_expires = true;
        return take_posix(f, &rest, &f->expires_s);
    case 'h':
        return take_hash(f, &rest);
    default:
        break;
    }
    skip_blanks(&line);
    return line.n == 0 || line.p[0] == '#' ? ERR_OK : take_entry(f, &line);
}

static enum err take_lines(struct leap_file *f, struct view in)
{
    while (in.n > 0) {
        const uint8_t *feed = memchr(in.p, '\n', in.n);
        const size_t n = feed != NULL ? (size_t)(feed - in.p) : in.n;
        const size_t with_feed = feed != NULL ? n + 1 : n;

        TRY(take_line(f, (struct view){in.p, n}));
        in = (struct view){in.p + with_feed, in.n - with_feed};
    }
    return f->has_expires && f->has_hash && f->entries > 0 ? ERR_OK : ERR_TRUNCATED;
}

static enum err check_hash(struct leap_file *f)
{
    uint8_t hash[SHA1_LEN] = {0};
    struct view numbers;

    TRY(wr_finish(&f->numbers, &numbers));
    if (EVP_Digest(numbers.p, numbers.n, hash, NULL, EVP_sha1(), NULL) != 1) {
        return ERR_BUG;
    }
    return memcmp(hash, f->hash, sizeof hash) == 0 ? ERR_OK : ERR_SIGNATURE;
}

static enum err parse(struct view in, struct leap_file *f)
{
    char expires[24];
    struct view all;

    if (in.n > LEAP_FILE_MAX) {
        return ERR_NOSPACE;
    }
    TRY(take_lines(f, in));
    TRY(check_hash(f));
    (void)snprintf(expires, sizeof expires, "@%" PRId64, f->expires_s);
    wr_bytes(&f->text, expires, strlen(expires) + 1);
    return wr_finish(&f->text, &all);
}

enum err leap_file_parse(struct view in, char text[LEAP_FILE_TEXT_MAX], int64_t *expires_s)
{
    uint8_t numbers[NUMBERS_MAX];
    struct leap_file f = {
        .text = wr_init((uint8_t *)text, LEAP_FILE_TEXT_MAX),
        .numbers = wr_init(numbers, sizeof numbers),
    };
    const enum err e = parse(in, &f);

    if (e != ERR_OK) {
        text[0] = '\0';
    }
    *expires_s = e == ERR_OK ? f.expires_s : 0;
    return e;
}
