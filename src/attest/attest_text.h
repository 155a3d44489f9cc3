/* attest_text.h - short words in foreign bytes. */
#ifndef ATTEST_ATTEST_TEXT_H
#define ATTEST_ATTEST_TEXT_H

#include "base/bytes.h"

/* Whether v is that word. */
bool attest_text_is(struct view v, const char *word);

/* Whether v begins with that word, and takes it off then. */
bool attest_text_skip(struct view *v, const char *word);

#endif
