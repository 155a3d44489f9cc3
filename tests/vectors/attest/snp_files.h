/* snp_files.h - real reports and certificates of ../shared/vectors/04a-snp. */
#ifndef TESTS_SNP_FILES_H
#define TESTS_SNP_FILES_H

#include "testing.h"
#include "vector_file.h"

#include "format/pem.h"

#include <string.h>

#define SNP_FILE_MAX 16384

/* The whole file of that name below 04a-snp, up to cap bytes; without it the test is skipped.
 */
static inline struct view snp_file_upto(const char *name, uint8_t *out, size_t cap)
{
    char path[4096];
    FILE *f = NULL;
    size_t n = 0;

    (void)snprintf(path, sizeof path, "%s/04a-snp/%s", QUORATE_VECTORS, name);
    f = fopen(path, "rb");
    if (!f) {
        printf("SKIP no vectors %s\n", path);
        exit(77);
    }
    n = fread(out, 1, cap, f);
    (void)fclose(f);
    return (struct view){out, n};
}

static inline struct view snp_file(const char *name, uint8_t out[SNP_FILE_MAX])
{
    return snp_file_upto(name, out, SNP_FILE_MAX);
}

/* As snp_file(), for a file that is text: certificate `index` of PEM, or DER if there is none.
 */
static inline struct view snp_file_cert(const char *name, int index, uint8_t out[SNP_FILE_MAX])
{
    static uint8_t text[SNP_FILE_MAX];
    const struct view in = snp_file(name, text);
    struct reader r = rd_init(in);
    struct view der = {NULL, 0};

    for (int i = 0; i <= index; i++) {
        if (pem_parse(&r, "CERTIFICATE", out, SNP_FILE_MAX, &der) != ERR_OK) {
            assert_int_equal(index, 0);
            memcpy(out, in.p, in.n);
            return (struct view){out, in.n};
        }
    }
    return der;
}

/* The bytes of a file of hexadecimal text. */
static inline struct view snp_file_hex(const char *name, uint8_t out[SNP_FILE_MAX])
{
    static uint8_t text[SNP_FILE_MAX + 1];
    const struct view in = snp_file(name, text);
    size_t n = 0;

    text[in.n] = '\0';
    text[strcspn((const char *)text, "\r\n")] = '\0';
    assert_int_equal(hex_parse((const char *)text, out, SNP_FILE_MAX, &n), ERR_OK);
    return (struct view){out, n};
}

#endif
