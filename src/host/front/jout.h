/* jout.h - writes JSON objects, RFC 8259. Pure. (Names that begin with json_ are of
 * libjansson.) */
#ifndef HOST_FRONT_JOUT_H
#define HOST_FRONT_JOUT_H

#include "base/bytes.h"

struct jout {
    struct writer *w;
    bool first; /* no comma before the next member */
};

/* Opens the outermost object; jout_end() closes whatever was opened last. */
struct jout jout_begin(struct writer *w);
void jout_object(struct jout *j, const char *name);
void jout_end(struct jout *j);

/* An array of objects: name, then jout_item() and jout_end() for each, then jout_array_end().
 */
void jout_array(struct jout *j, const char *name);
void jout_item(struct jout *j);
/* Of numbers, between jout_array() and jout_array_end(). */
void jout_item_int(struct jout *j, int64_t v);
void jout_array_end(struct jout *j);

/* Members. text: what is not printable ASCII is escaped byte by byte; NULL: null. */
void jout_text(struct jout *j, const char *name, const char *text);
void jout_int(struct jout *j, const char *name, int64_t v);
void jout_bool(struct jout *j, const char *name, bool v);
void jout_null(struct jout *j, const char *name);
void jout_hex(struct jout *j, const char *name, struct view v);
void jout_base64(struct jout *j, const char *name, struct view v);

#endif
