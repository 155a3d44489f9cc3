/* Bundles of words, for tests of what is written and read. */
#ifndef UNIT_BUNDLE_BUNDLE_KIT_H
#define UNIT_BUNDLE_BUNDLE_KIT_H

#include "bundle/bundle.h"
#include "testing.h"

#include <string.h>

#define ROOM 8192

static inline struct view text(const char *s)
{
    return (struct view){(const uint8_t *)s, strlen(s)};
}

static inline struct view encode(const struct bundle *b, uint8_t room[ROOM])
{
    struct writer w = wr_init(room, ROOM);
    struct view out;

    bundle_encode(&w, b);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

#endif
