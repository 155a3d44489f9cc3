/* stamp.h - asks time-stamping authorities in turn until one gives a token that is good. */
#ifndef CLIENT_STAMP_STAMP_H
#define CLIENT_STAMP_STAMP_H

#include "client/stamp/http_io.h"
#include "client/stamp/query_make.h"
#include "client/verify/legs.h"

#define STAMP_URLS_MAX 16

/* What one attempt came to, and so what is done next. */
enum stamp_outcome {
    STAMP_GOOD,    /* a token that belongs to the query */
    STAMP_LATER,   /* no answer, or one that says "not now": the same URL may be asked again */
    STAMP_REFUSED, /* it will not: other URLs may */
    STAMP_NOT_GENUINE, /* it answered with something else than a good token */
};

/* What an HTTP answer without a good token means: 408, 429 and 5xx say "later"; other statuses,
 * and a body of another media type, "refused". STAMP_GOOD: 200 with a time-stamp reply, which
 * is still to be verified. */
enum stamp_outcome stamp_outcome_of_http(unsigned status, bool is_timestamp_reply);

/* What a verified reply means. A rejection with systemFailure or timeNotAvailable says "later",
 * with anything else "refused". A token is good if no step failed and every required step
 * passed. Unless full, what needs the signer's certificate or an anchor may stay unchecked. */
enum stamp_outcome stamp_outcome_of_report(const struct verify_report *r, bool full);

/* The same of all legs. What the policy of the token promises must be there: a hybrid one has
 * its record. Unless full, chains and bindings that need certificates which are not at hand may
 * stay unchecked; a leg that was checked and is not genuine never passes. */
enum stamp_outcome stamp_outcome_of_legs(const struct legs_report *r, bool full);

struct stamp_job {
    const char *const *urls;
    size_t n_urls;
    size_t first;     /* the URL to begin with: stamp_ask() leaves the one that served here */
    unsigned retries; /* rounds after the first */
    unsigned backoff_ms; /* before the second round; twice as much before each next one */
    struct http_client *http;
    struct legs_options verify; /* trust may be NULL */
    bool full;                  /* an anchor was given: the chain is to be verified */
    void (*tell)(const char *url, const char *why); /* a failed attempt, for people */
    void (*wait_ms)(unsigned ms);
};

/* Asks until a token is good; where certificates are asked for, its signature is verified. On
 * ERR_OK reply and report stand and are the caller's to free, *url says who gave it.
 * ERR_MISMATCH: some authority answered with a token that is not good, and none gave a good
 * one. ERR_IO: nobody could be reached or would. ERR_NOSPACE: no memory. Nothing is left to
 * free then. */
MUST_CHECK enum err stamp_ask(struct stamp_job *job, const struct query *query,
                              struct http_reply *reply, struct legs_report *report,
                              const char **url);

#endif
