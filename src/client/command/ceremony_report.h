/* ceremony_report.h - whether the record of a key ceremony holds, for people and as JSON. */
#ifndef CLIENT_COMMAND_CEREMONY_REPORT_H
#define CLIENT_COMMAND_CEREMONY_REPORT_H

#include "wire/ceremony_record.h"

#include <jansson.h>
#include <stdio.h>

struct ceremony_report {
    enum err read; /* what reading gave; the rest is of use with ERR_OK only */
    bool holds;    /* every check, and the id where one was expected */
    bool id_differs;
    uint8_t id[CEREMONY_HASH_LEN];
    struct ceremony_finding findings[CEREMONY_CHECKS];
    struct ceremony_record record;
    struct ceremony_scratch scratch;
};

/* Judges a record; want is the id that it should have, or empty. Views in *r point into bytes,
 * and *r may not be moved. */
void ceremony_report_make(struct ceremony_report *r, struct view bytes, struct view want);

void ceremony_report_print(const struct ceremony_report *r, FILE *out);

/* {"verdict", "exit_code", "id", "epoch_id", "threshold", "total", "level", "assurance",
 * "public_key_sha256", "classic_public_key_sha256" (of a shared P-384 key), "nodes": [...],
 * "checks": [...]}; a new reference, NULL: no memory. */
json_t *ceremony_report_json(const struct ceremony_report *r);

/* What the program ends with. */
int ceremony_report_exit(const struct ceremony_report *r);

#endif
