/* classic_word.h - wrong signatures of the shared P-384 key, and who is told of them. Pure. */
#ifndef HOST_COORD_CLASSIC_WORD_H
#define HOST_COORD_CLASSIC_WORD_H

#include "host/coord/quorum_run.h"
#include "wire/presign_call.h"

#define CLASSIC_WORDS_MAX 8 /* that cores are still to be shown; the oldest goes */

struct classic_word {
    unsigned unsent; /* cores that have not been shown it, a mask */
    struct presign_word word;
};

/* Zero at first. */
struct classic_words {
    size_t n; /* ever */
    struct classic_word at[CLASSIC_WORDS_MAX];
};

/* Members whose answer is not signed by them, a mask. */
unsigned classic_unproven(const struct quorum_roster *roster, const struct presign_word *word);

/* Its three are to be shown it. */
void classic_words_add(struct classic_words *q, const struct presign_word *word);

/* What that core is to be shown next. False: nothing. */
bool classic_words_pull(struct classic_words *q, unsigned party, struct presign_order *out);

#endif
