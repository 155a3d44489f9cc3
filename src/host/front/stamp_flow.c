#include "host/front/stamp_flow.h"

#include "host/front/sigstore_req.h"
#include "host/front/tsp_admit.h"
#include "host/front/tsp_fail.h"

#include <string.h>

/* Where a request's fields point while it is admitted. */
struct foreign {
    struct tsp_req req;
    struct sigstore_req sigstore;
    uint8_t digest[HASH_MAX];
};

static enum err parse(struct request *r, struct foreign *f)
{
    const struct view body = {r->body, r->body_n};

    switch (r->verdict.body) {
    case HTTP_BODY_QUERY:
        return tsp_req_parse(body, &f->req);
    case HTTP_BODY_JSON:
        TRY(sigstore_req_parse(body, &f->sigstore));
        f->req = f->sigstore.req;
        return ERR_OK;
    case HTTP_BODY_DATA:
        hash_final(&r->hash, f->digest);
        f->req = (struct tsp_req){
            .imprint = {.alg = r->hash.alg, .digest = {f->digest, hash_len(r->hash.alg)}},
            .cert_req = true,
        };
        return ERR_OK;
    case HTTP_BODY_NONE:
        break;
    }
    return ERR_BUG;
}

/* Turns to the policy that stands in for a hybrid one without its pq part. False: there is
 * none, or it cannot be served either. */
static bool degrade(struct request *r)
{
    const struct serving *s = r->serving;
    const struct config_policy *p = config_degraded(&s->config, r->policy);

    if (p == NULL || !r->may_degrade ||
        serving_check(s, p, r->front->clock.real_s()) != ERR_OK) {
        return false;
    }
    metrics_count_degraded(r->front->metrics);
    r->policy = p;
    tsp_admit_policy(p, &r->job);
    serving_name(s, &r->job);
    return true;
}

static enum err admit(struct request *r)
{
    const struct serving *s = r->serving;
    struct foreign f = {0};

    TRY(parse(r, &f));
    TRY(tsp_admit(&f.req, &s->config, &r->job, &r->policy));
    r->cert_req = f.req.cert_req;
    r->may_degrade = f.req.policy.n == 0; /* who names a policy gets it, or none */
    /* What is wrong with the request was said first: it is wrong whatever our own state. */
    const enum err e = serving_check(s, r->policy, r->front->clock.real_s());

    return e == ERR_OK || degrade(r) ? ERR_OK : e;
}

/* Ends the work's part in r. */
static void finish(struct request *r, enum err e)
{
    struct front *front = r->front;

    (void)request_finish(r, e);
    request_release(&front->pool, r);
}

static void recorded(struct journal_entry *entry)
{
    struct request *r = entry->user;
    const int64_t now = r->front->clock.monotonic_ns();

    metrics_observe(r->front->metrics, METRIC_JOURNAL_SECONDS, now - r->signed_ns);
    /* The row of the archive time-stamp was done before this one. */
    finish(r, entry->err == ERR_OK && r->evidence.archive != NULL
                  ? r->evidence.archive->journal_err
                  : entry->err);
}

static enum journal_profile journal_profile_of(const struct config_policy *p)
{
    switch ((enum config_profile)p->profile) {
    case CONFIG_PROFILE_PQ:
        return JOURNAL_PQ;
    case CONFIG_PROFILE_HYBRID:
        return JOURNAL_HYBRID;
    case CONFIG_PROFILE_DUAL:
        return JOURNAL_DUAL;
    case CONFIG_PROFILE_CLASSIC:
        break;
    }
    return JOURNAL_CLASSIC;
}

static void record(struct request *r)
{
    struct journal_entry *e = &r->entry;
    const struct config_oid *oid = &r->policy->oid;

    memcpy(e->serial_number, r->job.stamp.serial, sizeof e->serial_number);
    e->gen_time_ms = r->job.stamp.gen_time_ms;
    e->hash_alg = r->job.hash_alg;
    memcpy(e->hashed_message, r->job.hashed_message, sizeof e->hashed_message);
    memcpy(e->policy_oid, oid->body, oid->body_len);
    e->policy_oid_len = (uint8_t)oid->body_len;
    e->profile = (uint8_t)journal_profile_of(r->policy);
    hash_once(HASH_SHA256, r->token, e->token_hash); /* of a hybrid one its data object */
    e->done = recorded;
    e->user = r;
    journal_queue(r->front->journal, e);
}

/* ---- the pq part of a hybrid token ---- */

static bool is_wanted(const struct evidence_entry *entry)
{
    const struct request *r = entry->user;

    return !request_is_done(r);
}

static void archived(struct evidence_entry *entry)
{
    struct request *r = entry->user;
    const int64_t now = r->front->clock.monotonic_ns();

    if (entry->err == ERR_OK) {
        metrics_observe(r->front->metrics, METRIC_EVIDENCE_SECONDS, now - r->signed_ns);
        r->signed_ns = now;
        record(r);
    } else if (!request_is_done(r) && degrade(r)) {
        coord_submit(r->serving->stage->coord, &r->job); /* stamped again, as a classic token */
    } else {
        finish(r, entry->err);
    }
}

/* Half of the time of a policy that degrades is left for the stamp in its place. */
static int64_t evidence_deadline(const struct request *r)
{
    return r->may_degrade && r->policy->pq_failure == CONFIG_PQ_DEGRADE
               ? r->begun_ns + (r->job.deadline_ns - r->begun_ns) / 2
               : r->job.deadline_ns;
}

static void prove(struct request *r, const struct config_policy *policy)
{
    struct evidence_entry *e = &r->evidence;

    e->serving = r->serving;
    e->policy = policy;
    e->deadline_ns = evidence_deadline(r);
    hash_once(HASH_SHA512, r->token, e->leaf);
    e->wanted = is_wanted;
    e->done = archived;
    e->user = r;
    evidence_add(r->serving->stage->evidence, e);
}

/* The token of a signature that has come, and what is to be done with it. */
static void issue(struct coord_job *job)
{
    struct request *r = job->user;
    const struct config_policy *evidence = config_evidence(&r->serving->config, r->policy);
    const struct serving_leg *legs = r->serving->legs;
    const bool dual = job->key == KEY_DUAL;
    const struct token_build_in in = {
        .job = job,
        .chain = dual ? legs[KEY_CLASSIC - 1].chain
                      : serving_leg_chain(&legs[job->key - 1], job->activation),
        .beside = dual ? legs[KEY_PQ - 1].chain : NULL,
        .policy = {r->policy->oid.body, r->policy->oid.body_len},
        .cert_req = r->cert_req,
    };
    enum err e = ERR_OK;

    if (request_is_done(r)) { /* answered already, as too late: no record of what nobody gets */
        e = ERR_DEADLINE;
    }
    if (e == ERR_OK) {
        metrics_observe(r->front->metrics, METRIC_SIGN_SECONDS, r->signed_ns - r->begun_ns);
        e = token_build(&in, r->out, &r->resp, &r->token);
    }
    if (e != ERR_OK) {
        finish(r, e);
    } else if (evidence != NULL) {
        prove(r, evidence);
    } else {
        record(r);
    }
}

/* On coord's thread, unless it failed. The core is given its next work before this token is
 * built. */
static void signed_(struct coord_job *job)
{
    struct request *r = job->user;

    r->signed_ns = r->front->clock.monotonic_ns();
    if (job->err == ERR_OK) {
        coord_line_push(&r->serving->stage->signed_jobs, job);
    } else {
        finish(r, job->err);
    }
}

void stamp_flow_rest(struct stage *stage)
{
    struct coord_job *job;

    while ((job = coord_line_pop(&stage->signed_jobs)) != NULL) {
        issue(job);
    }
    journal_wake(stage->front->journal);
}

/* What several cores sign together. */
static enum err to_sign(const struct coord_job *job, uint8_t *out)
{
    const struct request *r = job->user;
    const struct token_build_in in = {
        .job = job,
        .chain = serving_leg_chain(&r->serving->legs[job->key - 1], job->activation),
        .policy = {r->policy->oid.body, r->policy->oid.body_len},
    };

    return job->key == KEY_PQ ? token_build_mu(&in, out) : token_build_digest(&in, out);
}

static void fill_job(struct request *r)
{
    const struct serving *s = r->serving;
    struct coord_job *job = &r->job;

    job->deadline_ns = r->begun_ns + s->config.front.deadline_ms * 1000000;
    serving_name(s, job);
    job->ready = NULL;
    job->to_sign = to_sign;
    job->done = signed_;
    job->user = r;
}

bool stamp_flow_begin(struct request *r, void (*suspend)(struct request *r))
{
    struct front *front = r->front;
    struct coord *coord = r->serving->stage->coord;

    r->begun_ns = front->clock.monotonic_ns();
    r->err = admit(r);
    if (r->err != ERR_OK) {
        return false;
    }
    fill_job(r);

    (void)atomic_fetch_add(&front->entering, 1);
    if (atomic_load(&front->stopping)) {
        (void)atomic_fetch_sub(&front->entering, 1);
        r->err = ERR_STATE;
        return false;
    }
    /* From here on r may be answered, and after the submission it may be gone: nothing touches
     * it then. */
    suspend(r);
    request_wait(r, r->job.deadline_ns);
    (void)atomic_fetch_sub(&front->entering, 1);
    coord_submit(coord, &r->job);
    return true;
}

void stamp_flow_stop(struct front *front)
{
    atomic_store(&front->stopping, true);
    while (atomic_load(&front->entering) > 0) { /* a few instructions of other threads */
    }
    (void)request_pool_sweep(&front->pool, INT64_MAX);
}

void stamp_flow_compose(struct request *r)
{
    const struct evidence_entry *e = &r->evidence;

    if (r->err == ERR_OK && e->archive != NULL && r->composed == NULL) {
        r->err = archive_attach(e->archive, &e->path, r->cert_req, r->resp, &r->composed,
                                &r->resp, &r->token);
    }
}

struct view stamp_flow_reply(struct request *r)
{
    struct writer w = wr_init(r->rejection, sizeof r->rejection);
    struct view out;

    if (r->err == ERR_OK) {
        return r->resp;
    }
    const struct tsp_fail *f = tsp_fail_of(r->err);

    tsp_resp_write_rejection(&w, f->fail_info, f->text);
    return wr_finish(&w, &out) == ERR_OK ? out : (struct view){0};
}
