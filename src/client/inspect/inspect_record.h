/* inspect_record.h - prints the evidence record of a hybrid token for inspect, judging nothing.
 */
#ifndef CLIENT_INSPECT_INSPECT_RECORD_H
#define CLIENT_INSPECT_INSPECT_RECORD_H

#include "client/token/token.h"

#include <jansson.h>
#include <stdio.h>

/* in: the bytes that t was opened from. Nothing is printed if there is no record.
 * ERR_NOSPACE: no memory. */
MUST_CHECK enum err inspect_record_print(struct view in, const struct token *t, FILE *out);

/* *j gets a new reference, or NULL if there is no record. ERR_NOSPACE: no memory. */
MUST_CHECK enum err inspect_record_json(struct view in, const struct token *t, json_t **j);

#endif
