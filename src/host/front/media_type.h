/* media_type.h - Content-Type and Accept, RFC 9110 8.3.1, 12.5.1. Pure. */
#ifndef HOST_FRONT_MEDIA_TYPE_H
#define HOST_FRONT_MEDIA_TYPE_H

#include "base/bytes.h"

enum media_type {
    MEDIA_NONE,  /* the header is absent or empty */
    MEDIA_BAD,   /* not a media type */
    MEDIA_OTHER, /* some other media type */
    MEDIA_QUERY, /* application/timestamp-query */
    MEDIA_REPLY, /* application/timestamp-reply */
    MEDIA_JSON,  /* application/json */
};

/* Judges the value of Content-Type. Parameters are checked for their form and otherwise
 * ignored. */
enum media_type media_type_parse(struct view value);

/* Whether the value of Accept asks for JSON by name and prefers it to a time-stamp reply:
 * application/json has a weight over 0, and not below that of application/timestamp-reply where
 * this is named, too. Wildcards do not count: curl sends one always. A value that is no list of
 * ranges: false. */
bool media_accepts_json(struct view value);

#endif
