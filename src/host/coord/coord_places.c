#include "host/coord/coord_places.h"

#include "base/mask.h"
#include "host/coord/roster.h"

#include <string.h>

/* How many nodes of the plan are gone for ever, at the least: a stranger may stand for one that
 * somebody saw end and that was never connected here. */
unsigned coord_places_count_ended(const struct coord_cluster *cl)
{
    unsigned seen = 0;

    for (size_t i = 0; i < cl->n; i++) {
        seen |= cl->members[i].place != COORD_NOWHERE ? 1U << cl->members[i].place : 0;
    }
    const unsigned told = mask_count(cl->ended & ~seen);

    return mask_count(cl->ended & seen) + (told > cl->strangers ? told : cl->strangers);
}

/* Under which activation it signs with the shared classic key; NULL: it does not. */
static const uint8_t *shared_activation(const struct coord_cluster *cl,
                                        const struct coord_member *m)
{
    static const uint8_t none[ACTIVATION_HASH_LEN];
    const struct core_status *const st = &m->step.known.status;
    const struct coord_key *const key = &m->step.known.keys[KEY_CLASSIC - 1];

    return cl->classic != NULL && !cl->halted && !m->banned && coord_member_is_fit(m) &&
                   st->state == CORE_SERVING && key->threshold == cl->roster->plan->threshold &&
                   key->len == P384_PUBLIC_LEN &&
                   memcmp(key->bytes, cl->roster->classic_key, P384_PUBLIC_LEN) == 0 &&
                   memcmp(st->activation[KEY_CLASSIC - 1], none, sizeof none) != 0
               ? st->activation[KEY_CLASSIC - 1]
               : NULL;
}

static void note_shared(struct coord_cluster *cl, struct coord_member *m)
{
    const uint8_t *const activation = shared_activation(cl, m);
    const bool same = m->shares && activation != NULL &&
                      memcmp(activation, m->shared_activation, ACTIVATION_HASH_LEN) == 0;

    if (m->shares && !same) {
        m->shares = false;
        classic_step_up(cl->classic, m->place, NULL, 0);
    }
    if (activation != NULL && !same) {
        m->shares = true;
        memcpy(m->shared_activation, activation, ACTIVATION_HASH_LEN);
        classic_step_up(cl->classic, m->place, activation,
                        m->step.stocks[KEY_CLASSIC - 1].life_ns);
    }
}

void coord_places_note(struct coord_cluster *cl, struct coord_member *m, int64_t now_ns)
{
    static const uint8_t none[ACTIVATION_HASH_LEN];
    const struct core_status *const st = &m->step.known.status;
    const bool up = cl->roster != NULL && !cl->halted && coord_member_is_fit(m) &&
                    st->state == CORE_SERVING &&
                    memcmp(st->activation[KEY_PQ - 1], none, sizeof none) != 0;

    if (up != m->up) {
        m->up = up;
        quorum_step_up(&cl->quorum, m->place, up, now_ns);
    }
    note_shared(cl, m);
}

static bool is_elsewhere(const struct coord_cluster *cl, const struct coord_member *m,
                         size_t place)
{
    for (size_t i = 0; i < cl->n; i++) {
        const struct coord_member *const other = &cl->members[i];

        if (other != m && other->place == place && other->step.phase != COORD_DOWN &&
            other->fault == COORD_FITS) {
            return true;
        }
    }
    return false;
}

/* Whether it is over. last: the member by which it would be. */
static void judge_epoch(struct coord_cluster *cl, const struct coord_member *last,
                        int64_t now_ns)
{
    const struct plan *const plan = cl->roster->plan;

    if (cl->halted ||
        coord_places_count_ended(cl) <= (unsigned)(plan->total - plan->threshold)) {
        return;
    }
    cl->halted = true;
    for (size_t i = 0; i < cl->n; i++) {
        cl->members[i].shown = false;
        coord_places_note(cl, &cl->members[i], now_ns);
    }
    coord_cluster_news(cl, COORD_NEWS_HALTED, last);
}

/* One more node of the plan is gone. */
static void count_gone(struct coord_cluster *cl, struct coord_member *m, int64_t now_ns)
{
    const struct plan *const plan = cl->roster->plan;

    if (m->place != COORD_NOWHERE && is_elsewhere(cl, m, m->place)) {
        m->place = COORD_NOWHERE; /* it lives, behind another connection */
        return;
    }
    if (m->place != COORD_NOWHERE) {
        cl->ended |= 1U << m->place;
    } else if (cl->n == plan->total && !m->gone) {
        cl->strangers++; /* each member stands for one node, whichever this one was */
    }
    m->gone = true;
    coord_places_note(cl, m, now_ns);
    judge_epoch(cl, m, now_ns);
}

/* What is wrong with the core behind a connection that has just greeted, which claims a place.
 */
static enum coord_fault find_fault(const struct coord_cluster *cl, const struct coord_member *m,
                                   size_t place)
{
    const struct coord_step *const s = &m->step;

    if ((cl->ended >> place & 1) != 0 ||
        ((cl->boots >> place & 1) != 0 &&
         memcmp(cl->boot_ids[place], s->boot_id, BOOT_ID_LEN) != 0)) {
        return COORD_ENDED;
    }
    if (is_elsewhere(cl, m, place)) {
        return COORD_TWICE;
    }
    return memcmp(s->epoch_id, cl->roster->epoch_id, EPOCH_ID_LEN) == 0 &&
                   s->known.index == place + 1
               ? COORD_FITS
               : COORD_OTHER_EPOCH;
}

void coord_places_judge(struct coord_cluster *cl, struct coord_member *m, int64_t now_ns)
{
    const uint8_t before = m->fault;
    size_t place;

    m->judged = m->step.greeted;
    m->shown = false;
    m->fault = COORD_NO_EPOCH;
    if (cl->roster == NULL) {
        return;
    }
    place = roster_place(cl->roster->plan, m->step.identity);
    if (place == cl->roster->plan->total) {
        m->fault = COORD_STRANGER;
        count_gone(cl, m, now_ns);
    } else {
        m->fault = (uint8_t)find_fault(cl, m, place);
        if (m->fault == COORD_FITS) {
            m->place = (uint8_t)place;
            memcpy(cl->boot_ids[place], m->step.boot_id, BOOT_ID_LEN);
            cl->boots |= 1U << place;
            m->banned = cl->quorum.cores[place].banned;
        }
    }
    if (m->fault != before) {
        coord_cluster_news(cl, COORD_NEWS_FAULT, m);
    }
}

/* The member that was, or is, the node of a place; NULL: none was ever. */
static struct coord_member *find_member(struct coord_cluster *cl, size_t place)
{
    for (size_t i = 0; i < cl->n; i++) {
        if (cl->members[i].place == place) {
            return &cl->members[i];
        }
    }
    return NULL;
}

void coord_places_ended(struct coord_cluster *cl, size_t place, int64_t now_ns)
{
    struct coord_member *const m = find_member(cl, place);

    if ((cl->ended >> place & 1) != 0) {
        return;
    }
    cl->ended |= 1U << place;
    if (m != NULL) {
        m->shown = false;
        m->gone = true;
        m->fault = COORD_ENDED;
        coord_places_note(cl, m, now_ns);
        coord_step_abandon(&m->step);
    }
    judge_epoch(cl, m != NULL ? m : &cl->members[0], now_ns);
}

/* Who was there, if it is still connected, takes part in nothing more. */
static void leave_place(struct coord_cluster *cl, size_t place, int64_t now_ns)
{
    struct coord_member *const m = find_member(cl, place);

    if (m != NULL) {
        m->fault = COORD_STRANGER;
        m->shown = false;
        coord_places_note(cl, m, now_ns);
        m->place = COORD_NOWHERE;
        m->gone = false; /* it was counted by its place */
    }
}

void coord_places_reenrolled(struct coord_cluster *cl, size_t place, int64_t now_ns)
{
    if (cl->roster == NULL) {
        return;
    }
    leave_place(cl, place, now_ns);
    cl->ended &= ~(1U << place);
    cl->boots &= ~(1U << place);
    cl->reenrolled |= (uint8_t)(1U << place);
    for (size_t i = 0; i < cl->n; i++) {
        struct coord_member *const m = &cl->members[i];

        if (roster_place(cl->roster->plan, m->step.identity) != place) {
            continue;
        }
        cl->strangers -= m->place == COORD_NOWHERE && m->gone && cl->strangers > 0 ? 1 : 0;
        m->gone = false;
        if (m->step.phase == COORD_UP) {
            coord_places_judge(cl, m, now_ns);
            coord_places_note(cl, m, now_ns);
        }
    }
}
