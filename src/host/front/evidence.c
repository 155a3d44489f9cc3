#include "host/front/evidence.h"

#include "host/front/tsp_admit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)

struct line {
    struct evidence_entry *first, **tail;
    size_t n;
};

struct batch {
    struct coord_job job;
    struct evidence *ev;
    struct batch *next;                 /* in the free list */
    struct serving *serving;            /* one reference */
    const struct config_policy *policy; /* of that snapshot */
    bool sealed;                        /* its tokens are settled */
    enum err fault;                     /* of the sealing */
    struct line line;
};

struct evidence {
    struct coord *coord;
    struct journal *journal;
    int64_t (*monotonic_ns)(void);
    pthread_mutex_t lock; /* over what follows down to pumping */
    struct line waiting;
    struct batch *free;
    size_t under_way, unsealed; /* batches; the second are among the first */
    bool pumping;               /* a thread is in pump() */
    struct evidence_counters counters;
    struct er_hash leaves[ER_TREE_LEAVES_MAX]; /* these two of coord's thread */
    struct er_tree tree;
    struct batch batches[EVIDENCE_BATCHES_MAX];
};

static void push(struct line *l, struct evidence_entry *entry)
{
    entry->next = NULL;
    *l->tail = entry;
    l->tail = &entry->next;
    l->n++;
}

static void clear(struct line *l)
{
    *l = (struct line){.tail = &l->first};
}

struct evidence *evidence_new(struct coord *coord, struct journal *journal,
                              int64_t (*monotonic_ns)(void))
{
    struct evidence *ev = calloc(1, sizeof *ev);

    if (ev == NULL || pthread_mutex_init(&ev->lock, NULL) != 0) {
        free(ev);
        return NULL;
    }
    ev->coord = coord;
    ev->journal = journal;
    ev->monotonic_ns = monotonic_ns;
    clear(&ev->waiting);
    for (size_t i = 0; i < EVIDENCE_BATCHES_MAX; i++) {
        ev->batches[i].ev = ev;
        ev->batches[i].next = ev->free;
        ev->free = &ev->batches[i];
    }
    return ev;
}

void evidence_free(struct evidence *ev)
{
    if (ev != NULL) {
        (void)pthread_mutex_destroy(&ev->lock);
        free(ev);
    }
}

const struct evidence_counters *evidence_counters(const struct evidence *ev)
{
    return &ev->counters;
}

/* ---- what a batch holds ---- */

/* Takes what goes with the batch out of the line of those that wait; with the lock held. */
static void take_tokens(struct evidence *ev, struct batch *b)
{
    struct evidence_entry *entry = ev->waiting.first;
    const size_t most = (size_t)b->policy->count;

    b->sealed = true;
    ev->unsealed--;
    clear(&ev->waiting);
    while (entry != NULL) {
        struct evidence_entry *next = entry->next;
        const bool fits = entry->serving == b->serving && entry->policy == b->policy;

        push(fits && b->line.n < most ? &b->line : &ev->waiting, entry);
        entry = next;
    }
    atomic_store(&ev->counters.waiting, ev->waiting.n);
}

static void finish(struct evidence_entry *entry, enum err e, struct archive *archive)
{
    entry->err = e;
    entry->archive = archive;
    entry->done(entry);
}

/* Ends every token of the line. archive: with ERR_OK, each gets a reference. */
static void finish_all(struct line *l, enum err e, struct archive *archive)
{
    struct evidence_entry *entry = l->first;

    clear(l);
    while (entry != NULL) {
        struct evidence_entry *next = entry->next; /* done() gives the entry away */

        if (archive != NULL) {
            archive_hold(archive);
        }
        finish(entry, e, archive);
        entry = next;
    }
}

/* Drops those for whom nobody waits any more. */
static void drop_unwanted(struct batch *b)
{
    struct line late;
    struct evidence_entry *entry = b->line.first;

    clear(&late);
    clear(&b->line);
    while (entry != NULL) {
        struct evidence_entry *next = entry->next;

        push(entry->wanted(entry) ? &b->line : &late, entry);
        entry = next;
    }
    finish_all(&late, ERR_DEADLINE, NULL);
}

/* The tree over the batch: each token gets its path, the job the root. */
static enum err plant(struct evidence *ev, struct batch *b)
{
    struct er_path path;
    size_t n = 0;

    for (const struct evidence_entry *e = b->line.first; e != NULL; e = e->next) {
        memcpy(ev->leaves[n++].b, e->leaf, ER_HASH_LEN);
    }
    TRY(er_tree_build(&ev->tree, ev->leaves, n));
    n = 0;
    for (struct evidence_entry *e = b->line.first; e != NULL; e = e->next) {
        TRY(er_tree_path(&ev->tree, n++, &path));
        archive_path_keep(&e->path, &path);
    }
    memcpy(b->job.hashed_message, er_tree_root(&ev->tree).p, ER_HASH_LEN);
    return ERR_OK;
}

/* The batch goes out now: what has arrived until now is in it. On coord's thread. */
static bool seal(struct coord_job *job)
{
    struct batch *b = job->user;
    struct evidence *ev = b->ev;

    (void)pthread_mutex_lock(&ev->lock);
    take_tokens(ev, b);
    (void)pthread_mutex_unlock(&ev->lock);
    drop_unwanted(b);
    b->fault = b->line.n > 0 ? plant(ev, b) : ERR_DEADLINE;
    return b->fault == ERR_OK;
}

/* ---- what becomes of it ---- */

static void count(struct evidence *ev, size_t n)
{
    size_t i = 0;

    while (i < EVIDENCE_SIZES - 1 && n > (size_t)1 << i) {
        i++;
    }
    atomic_fetch_add(&ev->counters.stamps, 1);
    atomic_fetch_add(&ev->counters.tokens, n);
    atomic_fetch_add(&ev->counters.sizes[i], 1);
}

/* The certificate that the batch is signed under. */
static const struct tsa_chain *chain_of(const struct batch *b)
{
    return serving_leg_chain(&b->serving->legs[KEY_PQ - 1], b->job.activation);
}

static enum err to_sign(const struct coord_job *job, uint8_t *mu)
{
    const struct batch *b = job->user;
    const struct token_build_in in = {
        .job = job,
        .chain = chain_of(b),
        .policy = {b->policy->oid.body, b->policy->oid.body_len},
    };

    return token_build_mu(&in, mu);
}

/* The root is signed: the row of the archive time-stamp goes before those of its tokens. */
static enum err hand_out(struct evidence *ev, struct batch *b)
{
    struct archive *archive = NULL;

    drop_unwanted(b);
    if (b->line.n == 0) { /* no record of what nobody gets */
        return ERR_OK;
    }
    TRY(archive_new(&b->job, chain_of(b), b->policy, &archive));
    count(ev, b->line.n);
    archive_record(archive, ev->journal);
    finish_all(&b->line, ERR_OK, archive);
    archive_put(archive);
    return ERR_OK;
}

static void pump(struct evidence *ev);

static void stamped(struct coord_job *job)
{
    struct batch *b = job->user;
    struct evidence *ev = b->ev;
    enum err e = b->fault != ERR_OK ? b->fault : job->err;

    (void)pthread_mutex_lock(&ev->lock);
    if (!b->sealed) { /* it never went out: these would have been in it */
        take_tokens(ev, b);
    }
    (void)pthread_mutex_unlock(&ev->lock);
    if (e == ERR_OK) {
        e = hand_out(ev, b);
    }
    if (e != ERR_OK && b->line.n > 0) {
        atomic_fetch_add(&ev->counters.failed, 1);
        finish_all(&b->line, e, NULL);
    }
    serving_put(b->serving);
    (void)pthread_mutex_lock(&ev->lock);
    ev->under_way--;
    b->next = ev->free;
    ev->free = b;
    (void)pthread_mutex_unlock(&ev->lock);
    pump(ev);
}

/* ---- when one is begun ---- */

/* Whether the oldest that wait are a batch now. */
static bool is_due(const struct evidence *ev)
{
    const struct evidence_entry *oldest = ev->waiting.first;

    if (oldest == NULL || ev->free == NULL) {
        return false;
    }
    const size_t most = (size_t)oldest->policy->count;
    const size_t spoken_for = ev->unsealed * most;

    if (ev->under_way == 0 || ev->waiting.n >= spoken_for + most) {
        return true;
    }
    /* A batch that is not sealed goes as soon as the core takes it, and these with it. */
    return ev->unsealed == 0 &&
           ev->monotonic_ns() - oldest->since_ns >= oldest->policy->window_ms * NS_PER_MS;
}

/* A batch for the oldest that wait, with the lock held. */
static struct batch *begin(struct evidence *ev)
{
    const struct evidence_entry *oldest = ev->waiting.first;
    struct serving *s = oldest->serving;
    struct batch *b = ev->free;

    ev->free = b->next;
    ev->under_way++;
    ev->unsealed++;
    serving_hold(s);
    b->serving = s;
    b->policy = oldest->policy;
    b->sealed = false;
    b->fault = ERR_OK;
    clear(&b->line);
    b->job = (struct coord_job){.deadline_ns = oldest->deadline_ns,
                                .hash_alg = HASH_SHA512,
                                .ready = seal,
                                .to_sign = to_sign,
                                .done = stamped,
                                .user = b};
    tsp_admit_policy(b->policy, &b->job);
    serving_name(s, &b->job);
    return b;
}

/* Begins what is due. One thread at a time: who comes meanwhile, from another thread or from
 * within coord_submit(), leaves it to the one that is here, which looks again. */
static void pump(struct evidence *ev)
{
    (void)pthread_mutex_lock(&ev->lock);
    if (!ev->pumping) {
        ev->pumping = true;
        while (is_due(ev)) {
            struct batch *b = begin(ev);

            (void)pthread_mutex_unlock(&ev->lock);
            coord_submit(ev->coord, &b->job);
            (void)pthread_mutex_lock(&ev->lock);
        }
        ev->pumping = false;
    }
    (void)pthread_mutex_unlock(&ev->lock);
}

void evidence_add(struct evidence *ev, struct evidence_entry *entry)
{
    (void)pthread_mutex_lock(&ev->lock);
    entry->since_ns = ev->monotonic_ns();
    entry->archive = NULL;
    push(&ev->waiting, entry);
    atomic_store(&ev->counters.waiting, ev->waiting.n);
    (void)pthread_mutex_unlock(&ev->lock);
    pump(ev);
}

void evidence_tick(struct evidence *ev)
{
    pump(ev);
}
