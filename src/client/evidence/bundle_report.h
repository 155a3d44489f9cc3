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

#define BUNDLE_REPORT_EPOCHS 2

/* What a bundle shows of one epoch, and whether the certificate that made that leg of the token
 * is the epoch's. */
struct bundle_epoch {
    enum bundle_leg classic, pq;
    bool holds;
    struct bundle bundle;
    struct bundle_verdict verdict;
};

struct bundle_report {
    enum err read; /* what reading the bundle gave; the rest is of use with ERR_OK only */
    bool holds; /* every epoch in it, all legs of the token are of one of them, and measured */
    enum bundle_measured measured;
    uint8_t digest[SNP_MEASUREMENT_LEN]; /* then: of the files */
    char why[RECIPE_WHY_MAX];
    size_t n, of; /* how many epochs, and of which the token is; 0, too, if it is of none */
    struct bundle_epoch epochs[BUNDLE_REPORT_EPOCHS]; /* the bundle's own, the one before */
};

/* Judges a bundle, and that of the epoch before in it, beside a token that was judged: each as
 * of the start of its classic certificate, or of that of pq where the token has that leg alone.
 * bytes and token outlive *r, which is a megabyte and more, and may not be moved. */
void bundle_report_make(struct bundle_report *r, struct view bytes,
                        const struct legs_report *token);

/* After that: computes the launch digest of the recipe of the token's epoch, and the files of a
 * folder. Where it is not what nodes show whose evidence was accepted, as many as sign
 * together, the bundle does not hold. */
void bundle_report_measure(struct bundle_report *r, const char *folder);

void bundle_report_print(const struct bundle_report *r, FILE *out);

/* {"verdict", "assurance", "classic", "pq", "token_epoch", "checks": {..}, "nodes": [..],
 * "epoch": {..}, "before": {..}}; before, of the epoch before, has "checks", "nodes" and
 * "epoch"; a new reference, NULL: no memory. */
json_t *bundle_report_json(const struct bundle_report *r);

#endif
