/* verify_print.h - a verification report for people, and as JSON. */
#ifndef CLIENT_VERIFY_VERIFY_PRINT_H
#define CLIENT_VERIFY_VERIFY_PRINT_H

#include "client/verify/verify.h"

#include <jansson.h>
#include <stdio.h>

/* One line a step, each name after prefix. */
void verify_print_steps(const struct verify_report *r, const char *prefix, FILE *out);

/* One line a step, "PASS         signature: ...", then the facts, then the verdict with its
 * reason in one line. */
void verify_print_text(const struct verify_report *r, FILE *out);

/* {"verdict", "exit_code", "simulated", "steps": [{"step", "result", "reason"}], "token":
 * {...}}; a new reference, NULL: no memory. */
json_t *verify_print_json(const struct verify_report *r);

/* The verdict and its reason in one line, without a line end; cut to cap. */
void verify_print_verdict(const struct verify_report *r, char *out, size_t cap);

#endif
