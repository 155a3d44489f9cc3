/* binding_facts.h - QuorateBinding of a certificate, as text and as JSON. Nothing here is
 * verified. */
#ifndef CLIENT_TOKEN_BINDING_FACTS_H
#define CLIENT_TOKEN_BINDING_FACTS_H

#include "base/bytes.h"

#include <jansson.h>
#include <stdio.h>

/* Some lines of "    name: value"; none without the extension. */
void binding_facts_print(struct view cert, FILE *out);

/* A new reference; NULL: no extension, or no memory. */
json_t *binding_facts_json(struct view cert);

#endif
