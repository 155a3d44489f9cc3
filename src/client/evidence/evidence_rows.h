/* evidence_rows.h - what a report of SEV-SNP says, and what may be claimed of it, as rows of
 * text that people and JSON get alike. */
#ifndef CLIENT_EVIDENCE_EVIDENCE_ROWS_H
#define CLIENT_EVIDENCE_EVIDENCE_ROWS_H

#include "attest/snp_judge.h"

#include <jansson.h>
#include <stdio.h>

#define EVIDENCE_ROWS_MAX 112
#define EVIDENCE_TEXT_MAX 144 /* 64 bytes as hexadecimal text and more */

struct evidence_row {
    const char *name;
    char text[EVIDENCE_TEXT_MAX];
};

struct evidence_rows {
    size_t n;
    struct evidence_row rows[EVIDENCE_ROWS_MAX];
};

/* Adds what a report says. line: of its processor, which one of version 2 does not tell; where
 * it is none, TCBs are shown as they came. */
void evidence_rows_report(const struct snp_report *r, enum snp_line line,
                          struct evidence_rows *out);

/* Adds what is claimed besides what the report says: by whose key, until when, by which policy.
 */
void evidence_rows_claims(const struct snp_claims *c, struct evidence_rows *out);

/* ---- for who adds rows of other evidence ---- */

/* Adds a row; name lives on. */
__attribute__((format(printf, 3, 4))) void
evidence_rows_add(struct evidence_rows *out, const char *name, const char *format, ...);

/* The same of up to 64 bytes, in hexadecimal. */
void evidence_rows_add_hex(struct evidence_rows *out, const char *name, const uint8_t *p,
                           size_t n);

/* One line a row. */
void evidence_rows_print(const struct evidence_rows *rows, FILE *out);

/* Adds the rows to an object, as strings. ERR_NOSPACE: no memory. */
MUST_CHECK enum err evidence_rows_json(const struct evidence_rows *rows, json_t *object);

#endif
