#include "host/front/archive.h"

#include "format/er_attach.h"

#include <stdlib.h>
#include <string.h>

static enum err build(struct archive *a, const struct coord_job *job,
                      const struct tsa_chain *chain)
{
    const struct view oid = {a->policy->oid.body, a->policy->oid.body_len};
    struct token_build_in in = {.job = job, .chain = chain, .policy = oid};
    struct view resp;

    TRY(token_build(&in, a->bytes, &resp, &a->bare));
    in.cert_req = true;
    return token_build(&in, a->bytes + TOKEN_BUILD_MAX, &resp, &a->full);
}

static void recorded(struct journal_entry *e)
{
    struct archive *a = e->user;

    a->journal_err = e->err;
    archive_put(a);
}

static void fill_entry(struct archive *a, const struct coord_job *job)
{
    struct journal_entry *e = &a->entry;
    const struct config_oid *oid = &a->policy->oid;

    *e = (struct journal_entry){.gen_time_ms = job->stamp.gen_time_ms,
                                .hash_alg = job->hash_alg,
                                .policy_oid_len = (uint8_t)oid->body_len,
                                .profile = JOURNAL_PQ,
                                .done = recorded,
                                .user = a};
    memcpy(e->serial_number, job->stamp.serial, sizeof e->serial_number);
    memcpy(e->hashed_message, job->hashed_message, sizeof e->hashed_message);
    memcpy(e->policy_oid, oid->body, oid->body_len);
    hash_once(HASH_SHA256, a->bare, e->token_hash);
}

enum err archive_new(const struct coord_job *job, const struct tsa_chain *chain,
                     const struct config_policy *policy, struct archive **out)
{
    struct archive *a = malloc(sizeof *a); /* bytes are written before they are read */

    *out = NULL;
    if (a == NULL) {
        return ERR_NOSPACE;
    }
    atomic_init(&a->refs, 1);
    a->journal_err = ERR_BUG;
    a->stamp = job->stamp;
    a->policy = policy;
    const enum err e = build(a, job, chain);

    if (e != ERR_OK) {
        free(a);
        return e;
    }
    fill_entry(a, job);
    *out = a;
    return ERR_OK;
}

void archive_hold(struct archive *a)
{
    (void)atomic_fetch_add_explicit(&a->refs, 1, memory_order_relaxed);
}

void archive_put(struct archive *a)
{
    if (a != NULL && atomic_fetch_sub_explicit(&a->refs, 1, memory_order_acq_rel) == 1) {
        free(a);
    }
}

void archive_record(struct archive *a, struct journal *j)
{
    archive_hold(a);
    journal_queue(j, &a->entry);
}

void archive_path_keep(struct archive_path *p, const struct er_path *from)
{
    p->n_first = (uint8_t)from->n_first;
    p->n_later = (uint8_t)from->n_later;
    for (size_t i = 0; i < from->n_first; i++) {
        memcpy(p->values[i], from->first[i].p, ER_HASH_LEN);
    }
    for (size_t i = 0; i < from->n_later; i++) {
        memcpy(p->values[from->n_first + i], from->later[i].p, ER_HASH_LEN);
    }
}

static struct er_path path_of(const struct archive_path *p)
{
    struct er_path out = {.n_first = p->n_first, .n_later = p->n_later};

    for (size_t i = 0; i < p->n_first; i++) {
        out.first[i] = (struct view){p->values[i], ER_HASH_LEN};
    }
    for (size_t i = 0; i < p->n_later; i++) {
        out.later[i] = (struct view){p->values[p->n_first + i], ER_HASH_LEN};
    }
    return out;
}

static enum err attach(const struct archive_path *p, struct view time_stamp, struct view resp,
                       struct writer *record_w, struct writer *reply_w, struct view *reply)
{
    const struct er_path path = path_of(p);
    struct view record;

    TRY(evidence_record_write(record_w, &path, time_stamp));
    TRY(wr_finish(record_w, &record));
    TRY(er_attach(reply_w, resp, record));
    return wr_finish(reply_w, reply);
}

enum err archive_attach(const struct archive *a, const struct archive_path *p, bool cert_req,
                        struct view resp, uint8_t **memory, struct view *reply,
                        struct view *token)
{
    const struct view time_stamp = cert_req ? a->full : a->bare;
    const size_t record_max = time_stamp.n + EVIDENCE_RECORD_FRAME_MAX;
    const size_t reply_max = resp.n + record_max + ER_ATTACH_ROOM;
    uint8_t *space = malloc(reply_max + record_max);

    *memory = NULL;
    *reply = (struct view){0};
    *token = (struct view){0};
    if (space == NULL) {
        return ERR_NOSPACE;
    }
    struct writer reply_w = wr_init(space, reply_max);
    struct writer record_w = wr_init(space + reply_max, record_max);
    enum err e = attach(p, time_stamp, resp, &record_w, &reply_w, reply);

    if (e == ERR_OK) {
        e = token_build_find(*reply, token);
    }
    if (e != ERR_OK) {
        free(space);
        *reply = (struct view){0};
        return ERR_BUG;
    }
    *memory = space;
    return ERR_OK;
}
