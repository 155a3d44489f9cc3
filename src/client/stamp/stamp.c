#include "client/stamp/stamp.h"

#include "client/verify/legs_print.h"
#include "format/token_write.h"

#include <stdio.h>

#define HTTP_OK 200
#define HTTP_REQUEST_TIMEOUT 408
#define HTTP_TOO_MANY 429
#define HTTP_SERVER_ERROR 500

enum stamp_outcome stamp_outcome_of_http(unsigned status, bool is_timestamp_reply)
{
    if (status == HTTP_REQUEST_TIMEOUT || status == HTTP_TOO_MANY ||
        status >= HTTP_SERVER_ERROR) {
        return STAMP_LATER;
    }
    /* 201 is what some authorities answer. */
    return (status == HTTP_OK || status == HTTP_OK + 1) && is_timestamp_reply ? STAMP_GOOD
                                                                              : STAMP_REFUSED;
}

enum stamp_outcome stamp_outcome_of_report(const struct verify_report *r, bool full)
{
    const struct tsp_resp *resp = &r->token.resp;
    const uint32_t later = UINT32_C(1) << FAIL_SYSTEM_FAILURE | UINT32_C(1)
                                                                    << FAIL_TIME_NOT_AVAILABLE;

    if (r->token.is_resp && r->token.resp_err == ERR_OK &&
        resp->status > PKI_GRANTED_WITH_MODS) {
        return resp->has_fail_info && (resp->fail_info & later) != 0 ? STAMP_LATER
                                                                     : STAMP_REFUSED;
    }
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        const bool may_wait =
            !full && (i == STEP_CHAIN || i == STEP_SIGNER || i == STEP_SIGNATURE ||
                      i == STEP_EXTENDED_KEY_USAGE || i == STEP_KEY_USAGE);
        const struct verify_step *s = &r->steps[i];

        if (s->result == RESULT_FAIL ||
            (s->result == RESULT_NOT_CHECKED && s->required && !may_wait)) {
            return STAMP_NOT_GENUINE;
        }
    }
    return STAMP_GOOD;
}

enum stamp_outcome stamp_outcome_of_legs(const struct legs_report *r, bool full)
{
    const enum stamp_outcome o = stamp_outcome_of_report(&r->token, full);

    if (o != STAMP_GOOD) {
        return o;
    }
    if (full) {
        return r->verdict == VERDICT_GENUINE ? STAMP_GOOD : STAMP_NOT_GENUINE;
    }
    if (r->verdict == VERDICT_NOT_GENUINE || r->verdict == VERDICT_INCOMPLETE ||
        (r->hybrid_policy && !r->has_pq)) {
        return STAMP_NOT_GENUINE;
    }
    return r->has_pq ? stamp_outcome_of_report(&r->pq, false) : STAMP_GOOD;
}

static bool signatures_pass(const struct legs_report *r)
{
    return r->token.steps[STEP_SIGNATURE].result == RESULT_PASS &&
           (!r->has_pq || r->pq.steps[STEP_SIGNATURE].result == RESULT_PASS);
}

static enum stamp_outcome ask_one(const struct stamp_job *job, const char *url,
                                  const struct query *query, struct http_reply *reply,
                                  struct legs_report *report)
{
    const struct verify_expect expect = {.query = &query->req};
    char why[2 * VERIFY_REASON_MAX];
    const enum err e = http_post_query(job->http, url, query->bytes, reply);

    if (e != ERR_OK) {
        job->tell(url, reply->problem);
        http_reply_free(reply);
        return e == ERR_RANGE ? STAMP_REFUSED : STAMP_LATER;
    }
    enum stamp_outcome o = stamp_outcome_of_http(reply->status, reply->is_timestamp_reply);

    if (o != STAMP_GOOD) {
        (void)snprintf(why, sizeof why, "HTTP status %u%s", reply->status,
                       reply->status == HTTP_OK ? " with something else than a time-stamp reply"
                                                : "");
        job->tell(url, why);
        http_reply_free(reply);
        return o;
    }
    o = legs_judge((struct view){reply->body, reply->body_len}, &expect, &job->verify,
                   report) == ERR_OK
            ? stamp_outcome_of_legs(report, job->full)
            : STAMP_NOT_GENUINE;
    if (o == STAMP_GOOD && query->req.cert_req && !signatures_pass(report)) {
        (void)snprintf(why, sizeof why, "without the certificates that were asked for");
        job->tell(url, why); /* RFC 3161 2.4.1 */
        o = STAMP_NOT_GENUINE;
    } else if (o == STAMP_LATER || o == STAMP_REFUSED) {
        job->tell(url, report->token.steps[STEP_STATUS].reason); /* there is nothing to judge */
    } else if (o == STAMP_NOT_GENUINE) {
        legs_print_verdict(report, why, sizeof why);
        job->tell(url, why);
    }
    if (o != STAMP_GOOD) {
        legs_free(report);
        http_reply_free(reply);
    }
    return o;
}

enum err stamp_ask(struct stamp_job *job, const struct query *query, struct http_reply *reply,
                   struct legs_report *report, const char **url)
{
    bool out[STAMP_URLS_MAX] = {false}; /* asking these again is of no use */
    size_t left = job->n_urls;
    unsigned wait_ms = job->backoff_ms;
    bool not_genuine = false;

    if (job->n_urls > STAMP_URLS_MAX) {
        return ERR_NOSPACE;
    }
    for (unsigned round = 0; round <= job->retries && left > 0; round++) {
        if (round > 0) {
            job->wait_ms(wait_ms);
            wait_ms *= 2;
        }
        for (size_t k = 0; k < job->n_urls; k++) {
            const size_t i = (job->first + k) % job->n_urls;

            if (out[i]) {
                continue;
            }
            const enum stamp_outcome o = ask_one(job, job->urls[i], query, reply, report);

            if (o == STAMP_GOOD) {
                *url = job->urls[i];
                job->first = i;
                return ERR_OK;
            }
            if (o != STAMP_LATER) {
                out[i] = true;
                left--;
            }
            not_genuine = not_genuine || o == STAMP_NOT_GENUINE;
        }
    }
    return not_genuine ? ERR_MISMATCH : ERR_IO;
}
