/* legs_print.h - the report on all legs of a token for people, and as JSON. */
#ifndef CLIENT_VERIFY_LEGS_PRINT_H
#define CLIENT_VERIFY_LEGS_PRINT_H

#include "client/verify/legs.h"

#include <jansson.h>
#include <stdio.h>

/* One line a step, those of the other signature after "pq "; one line a leg; the facts; then
 * the verdict with its reason in one line. */
void legs_print_text(const struct legs_report *r, FILE *out);

/* What verify_print_json() says of the token, with the verdict of all legs, and "legs",
 * "quantum_safe", "proven_time", "window_s", "pq"; a new reference, NULL: no memory. */
json_t *legs_print_json(const struct legs_report *r);

/* The verdict and its reason in one line, without a line end; cut to cap. */
void legs_print_verdict(const struct legs_report *r, char *out, size_t cap);

#endif
