#include "host/coord/coord_cluster.h"

#include "host/coord/coord_places.h"
#include "host/coord/coord_watch.h"

#include <assert.h>
#include <string.h>

#define NEVER INT64_MAX

void coord_cluster_news(const struct coord_cluster *cl, enum coord_news what,
                        const struct coord_member *m)
{
    if (cl->hooks.news != NULL) {
        cl->hooks.news(cl->hooks.user, what, m);
    }
}

/* ---- who answers ---- */

static bool is_answering(const struct coord_member *m)
{
    return coord_member_is_fit(m) && !m->silent && !m->banned &&
           m->step.known.status.state == CORE_SERVING;
}

/* Whether it looks at others' clocks. */
static bool is_timed(const struct coord_member *m)
{
    return coord_member_is_fit(m) && !m->silent && m->step.known.clock == CLOCK_NTS;
}

static unsigned count_answering(const struct coord_cluster *cl)
{
    unsigned n = 0;

    for (size_t i = 0; i < cl->n; i++) {
        n += is_answering(&cl->members[i]);
    }
    return n;
}

/* Whether enough cores can be asked for stamps of this key. */
static bool are_enough(const struct coord_cluster *cl, enum core_key key)
{
    const uint8_t threshold = cl->roster->plan->threshold;

    return key == KEY_PQ         ? quorum_step_alive(&cl->quorum) >= threshold
           : cl->classic != NULL ? classic_step_may_serve(cl->classic)
                                 : count_answering(cl) >= threshold;
}

enum err coord_cluster_gate(const struct coord_cluster *cl, enum core_key key)
{
    if (!cl->together) {
        return cl->members[0].step.phase == COORD_UP ? ERR_OK : ERR_QUORUM;
    }
    if (cl->halted) {
        return ERR_HALTED;
    }
    if (cl->roster == NULL || key == KEY_DUAL) { /* which one core signs alone */
        return ERR_QUORUM;
    }
    return are_enough(cl, key) ? ERR_OK : ERR_QUORUM;
}

unsigned coord_cluster_full(const struct coord_cluster *cl)
{
    return cl->together ? 0 : coord_step_full(&cl->members[0].step);
}

void coord_cluster_show(const struct coord_cluster *cl, struct coord_epoch_view *out)
{
    memset(out, 0, sizeof *out);
    out->n = cl->n;
    out->together = cl->together;
    out->has_roster = cl->roster != NULL;
    if (cl->roster != NULL) {
        out->threshold = cl->roster->plan->threshold;
        out->total = cl->roster->plan->total;
        out->halted = cl->halted;
        out->answering = (uint8_t)count_answering(cl);
        out->quorum = (uint8_t)quorum_step_alive(&cl->quorum);
        out->ended = (uint8_t)coord_places_count_ended(cl);
        out->reenrolled = cl->reenrolled;
        memcpy(out->epoch_id, cl->roster->epoch_id, EPOCH_ID_LEN);
    }
    if (cl->classic != NULL) {
        classic_step_show(cl->classic, &out->shared);
    }
}

/* ---- jobs of the classic key ---- */

static bool is_accepted(const struct coord_job *job, const uint8_t *activation)
{
    if (job->accepts == NULL) {
        return memcmp(job->activation, activation, ACTIVATION_HASH_LEN) == 0;
    }
    for (size_t i = 0; i < job->n_accepts; i++) {
        if (memcmp(job->accepts + i * ACTIVATION_HASH_LEN, activation, ACTIVATION_HASH_LEN) ==
            0) {
            return true;
        }
    }
    return false;
}

/* The member with the least to do, in whole frames: so one is asked as long as it keeps up, and
 * what comes together goes together. NULL: none is left. */
static struct coord_member *pick(const struct coord_cluster *cl, const struct coord_job *job)
{
    struct coord_member *best = NULL;

    for (size_t i = 0; i < cl->n; i++) {
        struct coord_member *const m = &cl->members[(cl->first + i) % cl->n];

        if (is_answering(m) && (job->tried >> m->at & 1) == 0 &&
            is_accepted(job, m->step.known.status.activation[job->key - 1]) &&
            (best == NULL || coord_step_jobs(&m->step) / STAMP_BATCH_MAX <
                                 coord_step_jobs(&best->step) / STAMP_BATCH_MAX)) {
            best = m;
        }
    }
    return best;
}

/* Asks a core that was not asked yet. why: what the job ends with if there is none. */
static bool ask_one(const struct coord_cluster *cl, struct coord_job *job, enum err why)
{
    struct coord_member *const m = pick(cl, job);

    if (m == NULL) {
        coord_job_finish(cl->counters, job, why);
        return false;
    }
    memcpy(job->activation, m->step.known.status.activation[job->key - 1], ACTIVATION_HASH_LEN);
    coord_step_submit(&m->step, job);
    return true;
}

static void take_back(void *user, struct coord_job *job, enum err e)
{
    const struct coord_member *const m = user;

    job->tried |= (uint8_t)(1U << m->at);
    job->tries = 0;
    if (ask_one(m->cluster, job, e)) {
        atomic_fetch_add(&m->cluster->counters->moved, 1);
    }
}

void coord_cluster_submit(struct coord_cluster *cl, struct coord_job *job, int64_t now_ns)
{
    enum err e = ERR_OK;

    if (!cl->together) {
        coord_step_submit(&cl->members[0].step, job);
        return;
    }
    e = coord_cluster_gate(cl, (enum core_key)job->key);
    if (e == ERR_OK && memcmp(job->epoch_id, cl->roster->epoch_id, EPOCH_ID_LEN) != 0) {
        e = ERR_QUORUM;
    }
    if (e != ERR_OK) {
        coord_job_finish(cl->counters, job, e);
    } else if (job->key == KEY_PQ) {
        quorum_step_submit(&cl->quorum, job, now_ns);
    } else if (cl->classic != NULL) {
        classic_step_submit(cl->classic, job, now_ns);
    } else {
        (void)ask_one(cl, job, ERR_QUORUM);
    }
}

/* ---- who they are ---- */

void coord_cluster_ended(struct coord_cluster *cl, const uint8_t boot_nonce[PLAN_NONCE_LEN],
                         int64_t now_ns)
{
    size_t place = 0;

    while (cl->roster != NULL && place < cl->roster->plan->total &&
           memcmp(cl->roster->plan->nodes[place].boot_nonce, boot_nonce, PLAN_NONCE_LEN) != 0) {
        place++;
    }
    if (cl->roster != NULL && place < cl->roster->plan->total) {
        coord_places_ended(cl, place, now_ns);
    }
}

void coord_cluster_reenrolled(struct coord_cluster *cl, uint8_t place, int64_t now_ns)
{
    coord_places_reenrolled(cl, place, now_ns);
}

void coord_cluster_epoch(struct coord_cluster *cl, const struct quorum_roster *roster,
                         const struct quorum_step_setup *setup, int64_t now_ns)
{
    assert(cl->together);
    if (cl->roster != NULL) {
        quorum_step_end(&cl->quorum);
    }
    if (cl->classic != NULL) {
        classic_step_end(cl->classic, ERR_QUORUM);
    }
    cl->classic = NULL;
    quorum_step_init(&cl->quorum, roster, setup);
    time_relay_init(&cl->times);
    cl->roster = roster;
    cl->boots = 0;
    cl->ended = 0;
    cl->strangers = 0;
    cl->halted = false;
    cl->reenrolled = 0;
    for (size_t i = 0; i < cl->n; i++) {
        struct coord_member *const m = &cl->members[i];

        m->place = COORD_NOWHERE;
        m->up = false;
        m->shares = false;
        m->gone = false;
        m->banned = false;
        m->fault = COORD_NO_EPOCH;
    }
    for (size_t i = 0; i < cl->n; i++) {
        if (cl->members[i].step.phase == COORD_UP) {
            coord_places_judge(cl, &cl->members[i], now_ns);
            coord_places_note(cl, &cl->members[i], now_ns);
        } else { /* it may have greeted without having said its state: with that it is judged */
            cl->members[i].judged = 0;
        }
    }
}

void coord_cluster_share(struct coord_cluster *cl, struct classic_step *s,
                         const struct classic_step_setup *setup, int64_t now_ns)
{
    classic_step_init(s, setup);
    cl->classic = s;
    for (size_t i = 0; i < cl->n; i++) {
        coord_places_note(cl, &cl->members[i], now_ns);
    }
}

/* ---- connections ---- */

static enum err take_session(void *user, const struct frame_header *h, struct view body,
                             int64_t now_ns)
{
    struct coord_member *const m = user;

    if (m->asked == 0) {
        return ERR_MISMATCH; /* more answers than questions: it would keep us busy for ever */
    }
    m->asked--;
    if ((h->request_id & CLASSIC_ID_BIT) != 0) {
        return m->shares ? classic_step_take(m->cluster->classic, m->place, h, body, now_ns)
                         : ERR_OK;
    }
    if (!m->up) {
        return ERR_OK; /* late: its sessions were given up */
    }
    return quorum_step_take(&m->cluster->quorum, m->place, h, body, now_ns);
}

static void take_time(void *user, uint8_t step, struct view body)
{
    const struct coord_member *const m = user;

    if (is_timed(m)) {
        time_relay_take(&m->cluster->times, m->place, step, body);
    }
}

void coord_cluster_init(struct coord_cluster *cl, const struct coord_cluster_setup *setup)
{
    memset(cl, 0, sizeof *cl);
    cl->n = setup->n;
    cl->members = setup->members;
    cl->together = setup->together;
    cl->first = (uint8_t)(setup->sid_prefix[0] % setup->n);
    cl->counters = setup->counters;
    cl->hooks = setup->hooks;
    for (size_t i = 0; i < cl->n; i++) {
        struct coord_member *const m = &cl->members[i];

        coord_step_init(&m->step, cl->counters, setup->sid_prefix);
        m->cluster = cl;
        m->at = (uint8_t)i;
        m->place = COORD_NOWHERE;
        if (cl->together) {
            m->fault = COORD_NO_EPOCH;
            m->step.hooks = (struct coord_hooks){take_back, take_session, take_time, m};
        }
    }
}

void coord_cluster_open(struct coord_cluster *cl, size_t at, int64_t now_ns)
{
    coord_step_open(&cl->members[at].step, now_ns);
}

static void set_silent(struct coord_member *m, bool silent)
{
    m->shown = m->shown && m->silent == silent;
    m->silent = silent;
}

void coord_cluster_close(struct coord_cluster *cl, size_t at, enum err why, int64_t now_ns)
{
    struct coord_member *const m = &cl->members[at];

    set_silent(m, false);
    m->asked = 0;
    coord_step_close(&m->step, why);
    if (cl->together) {
        coord_places_note(cl, m, now_ns);
    }
}

enum err coord_cluster_take(struct coord_cluster *cl, size_t at, struct view in, int64_t now_ns,
                            size_t *used)
{
    struct coord_member *const m = &cl->members[at];
    const enum err e = coord_step_take(&m->step, in, now_ns, used);

    if (!cl->together || *used == 0) {
        return e;
    }
    set_silent(m, false);
    if (m->judged != m->step.greeted) {
        coord_places_judge(cl, m, now_ns);
    }
    if (m->up) {
        quorum_step_heard(&cl->quorum, m->place);
    }
    if (m->shares) {
        classic_step_heard(cl->classic, m->place);
    }
    coord_places_note(cl, m, now_ns);
    if (m->fault == COORD_FITS && m->step.known.status.state == CORE_RETIRED) {
        coord_places_ended(cl, m->place, now_ns); /* its share is erased, it says */
    }
    return e;
}

bool coord_cluster_pull(struct coord_cluster *cl, size_t at, struct writer *w)
{
    struct coord_member *const m = &cl->members[at];
    const bool any = (m->up && quorum_step_pull(&cl->quorum, m->place, w)) ||
                     (m->shares && classic_step_pull(cl->classic, m->place, w));

    m->asked += any;
    return any;
}

/* ---- time ---- */

static bool is_watched(const struct coord_member *m)
{
    return coord_member_is_fit(m) && !m->silent;
}

static void watch(struct coord_cluster *cl, struct coord_member *m, int64_t now_ns)
{
    const int64_t probe = coord_watch_probe(cl, m);

    if (now_ns >= probe) {
        if (now_ns - probe >= COORD_PROBE_NS) {
            m->patient_ns = now_ns + COORD_PATIENCE_NS;
        }
        m->probe_ns = now_ns;
        coord_step_probe(&m->step, now_ns);
    }
    if (now_ns >= coord_watch_silent(m)) {
        set_silent(m, true);
        coord_cluster_news(cl, COORD_NEWS_SILENT, m);
        if (m->up) {
            quorum_step_silent(&cl->quorum, m->place, now_ns);
        }
        if (m->shares) {
            classic_step_silent(cl->classic, m->place);
        }
        coord_step_abandon(&m->step);
    }
}

static uint8_t timed_places(const struct coord_cluster *cl)
{
    unsigned mask = 0;

    for (size_t i = 0; i < cl->n; i++) {
        mask |= is_timed(&cl->members[i]) ? 1U << cl->members[i].place : 0;
    }
    return (uint8_t)mask;
}

/* Probes between cores; each step as soon as the one before is answered. */
static void relay_times(struct coord_cluster *cl, int64_t now_ns)
{
    const uint8_t cores = timed_places(cl);
    struct time_probe probe;
    const uint8_t to = time_relay_pump(&cl->times, cores, now_ns, &probe);

    for (size_t i = 0; i < cl->n; i++) {
        struct coord_member *const m = &cl->members[i];

        if (is_timed(m) && (to >> m->place & 1) != 0 &&
            !coord_step_time(&m->step, &probe, now_ns)) {
            time_relay_take(&cl->times, m->place, probe.step, (struct view){NULL, 0});
        }
    }
}

void coord_cluster_tick(struct coord_cluster *cl, int64_t now_ns)
{
    if (cl->roster == NULL) {
        return;
    }
    for (size_t i = 0; i < cl->n; i++) {
        struct coord_member *const m = &cl->members[i];

        if (is_watched(m)) {
            watch(cl, m, now_ns);
        }
    }
    relay_times(cl, now_ns);
    quorum_step_pump(&cl->quorum, now_ns);
    if (cl->classic != NULL) {
        classic_step_pump(cl->classic, now_ns);
    }
    for (size_t i = 0; i < cl->n; i++) {
        struct coord_member *const m = &cl->members[i];
        const bool behind =
            m->place != COORD_NOWHERE && (cl->quorum.ratios.behind >> m->place & 1) != 0;

        m->shown = m->shown && m->behind == behind;
        m->behind = behind;
        if (m->up && !m->banned && cl->quorum.cores[m->place].banned) {
            m->banned = true;
            m->shown = false;
            coord_cluster_news(cl, COORD_NEWS_BANNED, m);
            coord_step_abandon(&m->step);
            coord_places_note(cl, m, now_ns);
        }
    }
}

enum err coord_cluster_pump(struct coord_cluster *cl, size_t at, int64_t now_ns)
{
    return coord_step_pump(&cl->members[at].step, now_ns);
}

int64_t coord_cluster_next(const struct coord_cluster *cl)
{
    int64_t next = NEVER;

    for (size_t i = 0; i < cl->n; i++) {
        const struct coord_member *const m = &cl->members[i];
        const int64_t own = coord_step_next(&m->step);

        next = own < next ? own : next;
        if (cl->roster != NULL && is_watched(m)) {
            const int64_t silent = coord_watch_silent(m);
            const int64_t probe = coord_watch_probe(cl, m);

            next = silent < next ? silent : next;
            next = probe < next ? probe : next;
        }
    }
    if (cl->roster != NULL && timed_places(cl) != 0) {
        const int64_t times = time_relay_next(&cl->times);

        next = times < next ? times : next;
    }
    if (cl->roster != NULL) {
        const int64_t sessions = quorum_step_next(&cl->quorum);

        next = sessions < next ? sessions : next;
    }
    if (cl->classic != NULL) {
        const int64_t classic = classic_step_next(cl->classic);

        next = classic < next ? classic : next;
    }
    return next;
}
