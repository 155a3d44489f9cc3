/* tdx_files.h - files of the vectors, read whole. */
#ifndef TESTS_TDX_FILES_H
#define TESTS_TDX_FILES_H

#include "base/bytes.h"

#include <stdio.h>
#include <stdlib.h>

#define TDX_FILE_MAX 65536

/* The file of that name; without it the test is skipped. */
static inline struct view tdx_file(const char *name, uint8_t out[TDX_FILE_MAX])
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", QUORATE_VECTORS, name);
    FILE *f = fopen(path, "rb");

    if (!f) {
        printf("SKIP no vectors %s\n", path);
        exit(77);
    }
    const size_t n = fread(out, 1, TDX_FILE_MAX, f);

    (void)fclose(f);
    return (struct view){out, n};
}

#endif
