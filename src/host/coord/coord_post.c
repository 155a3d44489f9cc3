#include "host/coord/coord_log.h"
#include "host/coord/coord_own.h"
#include "host/coord/roster.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

static void refuse(struct coord *c, struct coord_job *job, enum err e)
{
    atomic_fetch_sub(&c->counters.queue_depth, 1);
    atomic_fetch_add(&c->counters.refused, 1);
    job->err = e;
    job->done(job);
}

void coord_wake(const struct coord *c)
{
    const uint64_t one = 1;

    /* It is never read, for the event is edge-triggered: it takes 2^64 - 2 of these to fill. */
    (void)!write(c->wake_fd, &one, sizeof one);
}

static void wake_if_asleep(struct coord *c, unsigned what)
{
    if ((atomic_load(&c->asleep) & what) != 0 && atomic_exchange(&c->asleep, 0) != 0) {
        coord_wake(c);
    }
}

void coord_submit(struct coord *c, struct coord_job *job)
{
    enum err e = ERR_OK;

    job->tries = 0;
    job->tried = 0;
    job->asked = false;
    atomic_fetch_add(&c->counters.submitted, 1);
    if (atomic_fetch_add(&c->counters.queue_depth, 1) >= COORD_QUEUE_MAX) {
        refuse(c, job, ERR_NOSPACE);
        return;
    }
    e = (enum err)atomic_load(&c->gates[job->key - 1]);
    if (e != ERR_OK) {
        refuse(c, job, e);
        return;
    }
    job->next = atomic_load(&c->inbox);
    while (!atomic_compare_exchange_weak(&c->inbox, &job->next, job)) {
    }
    wake_if_asleep(c, 1U << job->key);
}

void coord_take_roster(struct coord *c, struct roster *r)
{
    assert(c->cluster.together);
    roster_free(atomic_exchange(&c->next_roster, r)); /* one that was not looked at */
    wake_if_asleep(c, COORD_WAKE_ALWAYS);
}

void coord_core_ended(struct coord *c, const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    (void)pthread_mutex_lock(&c->look_lock);
    if (c->n_words < COORD_WORDS_MAX) {
        memcpy(c->words[c->n_words++], boot_nonce, PLAN_NONCE_LEN);
    }
    (void)pthread_mutex_unlock(&c->look_lock);
    atomic_store(&c->has_words, true);
    wake_if_asleep(c, COORD_WAKE_ALWAYS);
}

void coord_take_order(struct coord *c, const struct reenrol_order *o)
{
    (void)pthread_mutex_lock(&c->look_lock);
    if (c->n_orders < COORD_ORDERS_MAX) {
        c->orders[c->n_orders++] = *o;
    }
    (void)pthread_mutex_unlock(&c->look_lock);
    atomic_store(&c->has_words, true);
    wake_if_asleep(c, COORD_WAKE_ALWAYS);
}

/* The newest is first in the inbox: turned round, they keep their order. */
void coord_empty_inbox(struct coord *c, int64_t now_ns)
{
    struct coord_job *job = atomic_exchange(&c->inbox, NULL);
    struct coord_line line = {0};

    while (job != NULL) {
        struct coord_job *next = job->next;

        coord_line_push_front(&line, job);
        job = next;
    }
    while ((job = coord_line_pop(&line)) != NULL) {
        coord_cluster_submit(&c->cluster, job, now_ns);
    }
}

static void hear_orders(struct coord *c, int64_t now_ns)
{
    struct reenrol_order orders[COORD_ORDERS_MAX];
    size_t n;

    (void)pthread_mutex_lock(&c->look_lock);
    n = c->n_orders;
    memcpy(orders, c->orders, sizeof orders);
    c->n_orders = 0;
    (void)pthread_mutex_unlock(&c->look_lock);
    for (size_t i = 0; i < n && c->roster != NULL; i++) {
        if (roster_take_order(c->roster, &orders[i]) == ERR_OK) {
            coord_log_order(&c->roster->quorum, &orders[i]);
            coord_cluster_reenrolled(&c->cluster, orders[i].node, now_ns);
        }
    }
}

void coord_hear_words(struct coord *c, int64_t now_ns)
{
    uint8_t words[COORD_WORDS_MAX][PLAN_NONCE_LEN];
    size_t n;

    (void)pthread_mutex_lock(&c->look_lock);
    n = c->n_words;
    memcpy(words, c->words, sizeof words);
    c->n_words = 0;
    (void)pthread_mutex_unlock(&c->look_lock);
    for (size_t i = 0; i < n; i++) {
        coord_cluster_ended(&c->cluster, words[i], now_ns);
    }
    hear_orders(c, now_ns);
}
