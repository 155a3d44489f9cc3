/* vector_file.h - a JSON file of QUORATE_VECTORS, and bytes out of its hex strings. */
#ifndef TESTS_VECTOR_FILE_H
#define TESTS_VECTOR_FILE_H

#include "base/hex.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* The whole file; without it the test is skipped. The caller owns a reference. */
static inline json_t *vector_file(const char *path)
{
    char full[4096];
    json_t *root;

    (void)snprintf(full, sizeof full, "%s/%s", QUORATE_VECTORS, path);
    root = json_load_file(full, 0, NULL);
    if (!root) {
        printf("SKIP no vectors %s\n", full);
        exit(77);
    }
    return root;
}

/* The string member `key` as text; it must be there. */
static inline const char *vector_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (!text) {
        printf("no string %s\n", key);
        exit(1);
    }
    return text;
}

/* The hex member `key` as bytes, at most cap. */
static inline size_t vector_bytes(const json_t *object, const char *key, uint8_t *out,
                                  size_t cap)
{
    size_t n = 0;

    if (hex_parse(vector_text(object, key), out, cap, &n) != ERR_OK) {
        printf("no hex of at most %zu bytes: %s\n", cap, key);
        exit(1);
    }
    return n;
}

#endif
