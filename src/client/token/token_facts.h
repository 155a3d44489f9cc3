/* token_facts.h - what a token says, as text and as JSON: verify and inspect print the same.
 * Nothing here is verified; every text is printable ASCII. */
#ifndef CLIENT_TOKEN_TOKEN_FACTS_H
#define CLIENT_TOKEN_TOKEN_FACTS_H

#include "client/kit/time_text.h"
#include "client/token/token.h"

#include <jansson.h>
#include <stdio.h>

#define TOKEN_FACTS_TEXT_MAX 320 /* chars; over OID_TEXT_MAX */

/* "2026-05-01T12:30:00.25Z" */
void token_facts_time(const struct gen_time *t, char out[TIME_TEXT_LEN]);

/* "1 s", "100 ms", "1.0005 s", "not stated" */
void token_facts_accuracy(const struct tst_info_view *t, char out[TIME_TEXT_LEN]);

/* "sha256"; dotted text of an algorithm that is not known. */
void token_facts_hash(struct view oid, char out[TOKEN_FACTS_TEXT_MAX]);

/* Hexadecimal, cut to cap. */
void token_facts_hex(struct view bytes, char *out, size_t cap);

/* An INTEGER body as a number in hexadecimal, "-" before a negative one; cut to cap. */
void token_facts_integer(struct view body, char *out, size_t cap);

/* A GeneralName or a Name as text: "CN=...". */
void token_facts_general_name(struct view general_name, char out[TOKEN_FACTS_TEXT_MAX]);

/* TSTInfo, one "  name: value" a line. */
void token_facts_print(const struct tst_info_view *t, FILE *out);

/* TSTInfo with the field names of RFC 3161 in snake case; a new reference, NULL: no memory. */
json_t *token_facts_json(const struct tst_info_view *t);

#endif
