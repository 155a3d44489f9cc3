/* secret_set.h - values that may stand in the memory of their owners and nowhere else, and a
 * search for any SECRET_WINDOW bytes of them, at every offset of many megabytes. */
#ifndef TESTS_INTEG_CORE_SECRET_SET_H
#define TESTS_INTEG_CORE_SECRET_SET_H

#include "base/bytes.h"

#define SECRET_WINDOW 16
#define SECRET_NAME_MAX 48

/* Owners are bits: the nodes by their places. */
struct secret {
    char name[SECRET_NAME_MAX];
    uint32_t owners;
    size_t n;
    uint8_t *p;
};

/* p, which is not NULL: else the test ends. */
void *secret_room(void *p);

struct secret_word;
struct secret_set {
    size_t n, room;
    struct secret *secrets;
    size_t n_words, word_room;
    struct secret_word *words; /* by hash */
    uint64_t *maybe;           /* a bit for each hash: most words are none of ours */
    size_t n_runs, run_room;
    struct secret_word *runs; /* of small coefficients, see secret_set_add_small() */
};

void secret_set_init(struct secret_set *s);
void secret_set_free(struct secret_set *s);

/* Any SECRET_WINDOW bytes of it are found. What another owner brings too belongs to both.
 * Words of few values, as of zeros, are no secret. */
void secret_set_add(struct secret_set *s, const char *name, uint32_t owners, struct view v);
/* One of many bytes, of which any 1024 are found. */
void secret_set_add_sparse(struct secret_set *s, const char *name, uint32_t owners,
                           struct view v);
/* n coefficients from -4 to 4: any 16 in a row, as numbers of 32 bits. */
void secret_set_add_small(struct secret_set *s, const char *name, uint32_t owners,
                          const int32_t *c, size_t n);

struct secret_hit {
    const struct secret *secret;
    uint64_t at; /* offset */
};

/* How many places in hay hold a piece of a secret that is none of these owners'; the first of
 * them. */
size_t secret_set_scan(const struct secret_set *s, uint32_t owners, struct view hay,
                       struct secret_hit *first);
/* Of the secrets of exactly these owners, how many pieces there are: that a copy would be seen.
 */
size_t secret_set_count(const struct secret_set *s, uint32_t owners, struct view hay);

#endif
