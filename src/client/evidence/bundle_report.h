/* bundle_report.h - a token under the bundle of its epoch: from the signature down to the
 * machines, step by step, for people and as JSON. */
#ifndef CLIENT_EVIDENCE_BUNDLE_REPORT_H
#define CLIENT_EVIDENCE_BUNDLE_REPORT_H

#include "bundle/bundle_judge.h"

#include "client/evidence/recipe_measure.h"
#include "client/verify/legs.h"

#include <jansson.h>
#include <stdio.h>

/* Whether files give the measurement that the nodes show. */
enum bundle_measured {
    BUNDLE_NOT_MEASURED = 0, /* nobody asked */
    BUNDLE_MEASURED,
    BUNDLE_NO_RECIPE,
    BUNDLE_BAD_FILES,    /* why says so */
    BUNDLE_OTHER_DIGEST, /* fewer nodes than sign together show what the files give */
};

enum bundle_leg { BUNDLE_LEG_ABSENT, BUNDLE_LEG_SAME, BUNDLE_LEG_OTHER };

struct bundle_report {
    enum err read; /* what reading the bundle gave; the rest is of use with ERR_OK only */
    /* Whether the certificate that made that leg of the token is the bundle's. */
    enum bundle_leg classic, pq;
    bool holds; /* the bundle, no leg of the token is of another authority, and measured */
    enum bundle_measured measured;
    uint8_t digest[SNP_MEASUREMENT_LEN]; /* then: of the files */
    char why[RECIPE_WHY_MAX];
    struct bundle bundle;
    struct bundle_verdict verdict;
};

/* Judges a bundle beside a token that was judged, as of the start of its classic certificate.
 * bytes and token outlive *r, which is half a megabyte and more, and may not be moved. */
void bundle_report_make(struct bundle_report *r, struct view bytes,
                        const struct legs_report *token);

/* After that: computes the launch digest of the bundle's recipe and the files of a folder.
 * Where it is not what nodes show whose evidence was accepted, as many as sign together, the
 * bundle does not hold. */
void bundle_report_measure(struct bundle_report *r, const char *folder);

void bundle_report_print(const struct bundle_report *r, FILE *out);

/* {"verdict", "assurance", "classic", "pq", "checks": {..}, "nodes": [..], "epoch": {..}}; a
 * new reference, NULL: no memory. */
json_t *bundle_report_json(const struct bundle_report *r);

#endif
