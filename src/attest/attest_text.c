#include "attest/attest_text.h"

#include <string.h>

bool attest_text_is(struct view v, const char *word)
{
    return view_equal(v, (struct view){(const uint8_t *)word, strlen(word)});
}

bool attest_text_skip(struct view *v, const char *word)
{
    const size_t n = strlen(word);

    if (v->n < n || !attest_text_is((struct view){v->p, n}, word)) {
        return false;
    }
    v->p += n;
    v->n -= n;
    return true;
}
