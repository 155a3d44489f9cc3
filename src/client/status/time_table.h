/* time_table.h - the time of an authority's nodes for people, and as lines for programs. */
#ifndef CLIENT_STATUS_TIME_TABLE_H
#define CLIENT_STATUS_TIME_TABLE_H

#include "client/status/time_facts.h"

#include <stdio.h>

#define TIME_SPAN_TEXT_LEN 32

/* "+0.042 ms", "3.200 ms": in s, ms or us, as long as it is. sign: also of what is positive. */
void time_span_text(int64_t ns, bool sign, char out[TIME_SPAN_TEXT_LEN]);

/* Columns, as wide as what stands in them; line_end ends each line. */
void time_table_print(const struct time_facts *f, const char *line_end, FILE *to);

/* One line a node, of KEY=VALUE; before it prefix, "" or such a pair with a space. */
void time_lines_print(const struct time_facts *f, const char *prefix, FILE *to);

#endif
