/* json_out.h - writes JSON objects, RFC 8259. Pure. */
#ifndef HOST_FRONT_JSON_OUT_H
#define HOST_FRONT_JSON_OUT_H

#include "base/bytes.h"

struct json {
    struct writer *w;
    bool first; /* no comma before the next member */
};

/* Opens the outermost object; json_end() closes whatever was opened last. */
struct json json_begin(struct writer *w);
void json_object(struct json *j, const char *name);
void json_end(struct json *j);

/* An array of objects: name, then json_item() and json_end() for each, then json_array_end().
 */
void json_array(struct json *j, const char *name);
void json_item(struct json *j);
void json_array_end(struct json *j);

/* Members. text: what is not printable ASCII is escaped byte by byte; NULL: null. */
void json_text(struct json *j, const char *name, const char *text);
void json_int(struct json *j, const char *name, int64_t v);
void json_bool(struct json *j, const char *name, bool v);
void json_null(struct json *j, const char *name);
void json_hex(struct json *j, const char *name,
              struct view v); /* at most 256 bytes are shown */
void json_base64(struct json *j, const char *name, struct view v);

#endif
