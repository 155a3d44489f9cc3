/* inspect_token.h - the reply and token part of inspect. */
#ifndef CLIENT_INSPECT_INSPECT_TOKEN_H
#define CLIENT_INSPECT_INSPECT_TOKEN_H

#include "client/token/token.h"

#include <jansson.h>
#include <stdio.h>

void inspect_token_print(const struct token *t, FILE *out);

/* A new reference; NULL: no memory. */
json_t *inspect_token_json(const struct token *t);

#endif
