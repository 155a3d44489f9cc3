/* What goes to the cores and comes from them: questions of classic_step, and what the answers
 * mean. */
#include "host/coord/classic_own.h"
#include "host/coord/quorum_slot.h"
#include "wire/presign_call.h"

#include <string.h>

/* What a question is about; with the number of its slot and a place in its request id. */
enum kind { ASK_R1 = 1, ASK_R2, ASK_LIST, ASK_PAIRS, ASK_WRONG };

static uint64_t id_of(enum kind kind, uint64_t generation, size_t slot, unsigned place)
{
    return QUORUM_ID_BIT | CLASSIC_ID_BIT | generation << 16 | (uint64_t)kind << 12 |
           (uint64_t)slot << 4 | place;
}

/* ---- ends ---- */

static void forget_questions(struct classic_step *s, unsigned three, unsigned open)
{
    for (unsigned place = 0; place < TECDSA_T; place++) {
        s->cores[classic_party(three, place)].pending -= open >> place & 1;
    }
}

void classic_free_ask(struct classic_step *s, struct classic_ask *a)
{
    if (a->busy) {
        forget_questions(s, s->triples.at[a->t].s, a->sent & ~a->answered);
        a->busy = false;
    }
}

static void free_run(struct classic_step *s, struct classic_run *run)
{
    if (run->busy) {
        forget_questions(s, run->s, run->sent & ~run->answered);
        run->busy = false;
    }
}

void classic_retry(struct classic_step *s, struct coord_job *job)
{
    if (++job->tries >= CLASSIC_TRIES_MAX) {
        coord_job_finish(s->counters, job, ERR_QUORUM);
    } else {
        coord_line_push_front(&s->waiting, job);
        s->sweep_ns = s->pumped_ns < s->sweep_ns ? s->pumped_ns : s->sweep_ns;
    }
}

/* The presignature of that stamp was named, and makes no signature. */
static void waste(struct classic_step *s, struct classic_stamp *x)
{
    struct coord_job *const job = x->job;

    x->job = NULL;
    classic_pool_taken(&s->pool, x->record.id);
    atomic_fetch_add(&s->counters->presign_wasted, 1);
    if (job != NULL) {
        classic_retry(s, job);
    }
}

void classic_give_up(struct classic_step *s, struct classic_run *run)
{
    const unsigned n = run->busy ? run->head.n : 0;

    free_run(s, run);
    for (unsigned i = n; i-- > run->done;) { /* so they are in line in their order */
        waste(s, &run->stamps[i]);
    }
}

/* ---- signatures ---- */

static void note_wrong(struct classic_step *s, unsigned t, int64_t now_ns)
{
    atomic_fetch_add(&s->counters->presign_wrong, 1);
    classic_promises_drop(&s->promises, t);
    if (classic_triples_wrong(&s->triples, t, now_ns) && s->on_rest != NULL) {
        s->on_rest(s->user, s->triples.at[t].s);
    }
}

static void say_odd(struct classic_step *s, unsigned party, enum err e, int64_t rest_ns)
{
    if (s->on_odd != NULL) {
        s->on_odd(s->user, party, e, rest_ns);
    }
}

/* It answered what is no answer. */
static void rest_wrong(struct classic_step *s, unsigned party, enum err e, int64_t now_ns)
{
    say_odd(s, party, e, quorum_core_rest_wrong(&s->cores[party], now_ns));
}

/* Whoever has not signed what it answered is known to be bad; else one of the three is, and
 * their cores count it, too. */
static void find_wrong(struct classic_step *s, const struct classic_run *run, unsigned at,
                       int64_t now_ns)
{
    struct presign_word word;
    unsigned bad;

    classic_run_word(run, at, &word);
    bad = classic_unproven(s->roster, &word);
    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        if ((bad >> i & 1) != 0) {
            rest_wrong(s, i, ERR_SIGNATURE, now_ns);
        }
    }
    if (bad == 0) {
        classic_words_add(&s->words, &word);
    }
    note_wrong(s, run->t, now_ns);
}

/* That core has no more what the job was to have of it. */
static void count_gone(struct coord_job *job, unsigned party, int64_t now_ns)
{
    struct coord_gone *const x = &job->gone[party];

    x->n++;
    if (x->n >= CLASSIC_GONE_MAX) {
        const unsigned more = (unsigned)x->n - CLASSIC_GONE_MAX;

        x->until_ns =
            now_ns + (CLASSIC_GONE_NS
                      << (more < CLASSIC_GONE_DOUBLINGS ? more : CLASSIC_GONE_DOUBLINGS));
    }
}

/* Somebody has not, or no more, what it had listed. */
static void note_stale(struct classic_step *s, const struct classic_run *run, unsigned at,
                       int64_t now_ns)
{
    const struct classic_stamp *const x = &run->stamps[at];

    classic_triples_stale(&s->triples, run->t);
    for (unsigned place = 0; place < TECDSA_T; place++) {
        const unsigned party = classic_party(run->s, place);

        if (x->errs[place] == ERR_STALE) {
            s->sources[party].stale = true;
            if (x->job != NULL) {
                count_gone(x->job, party, now_ns);
            }
        }
    }
}

/* One stamp that all three have spoken of. True: that took time. */
static bool combine_one(struct classic_step *s, struct classic_run *run, unsigned at,
                        int64_t now_ns)
{
    struct classic_stamp *const x = &run->stamps[at];
    struct coord_job *const job = x->job;
    enum err e = classic_run_said(run, at);

    if (e != ERR_OK || job == NULL) {
        if (e == ERR_STALE) {
            note_stale(s, run, at, now_ns);
        } else if (e != ERR_OK) {
            classic_triples_refused(&s->triples, run->t, now_ns);
        }
        waste(s, x);
        return false;
    }
    e = classic_run_combine(run, at, s->roster->classic_key);
    if (e == ERR_SIGNATURE || e == ERR_RANGE) {
        find_wrong(s, run, at, now_ns);
        waste(s, x);
        return true;
    }
    x->job = NULL;
    if (e == ERR_OK) {
        classic_triples_signed(&s->triples, run->t);
        atomic_fetch_add(&s->counters->presign_used, 1);
    }
    coord_job_finish(s->counters, job, e);
    return true;
}

/* The number of the question that all three have answered first; CLASSIC_RUNS_MAX: there is
 * none. */
static size_t find_whole(const struct classic_step *s)
{
    size_t found = CLASSIC_RUNS_MAX;

    for (size_t i = 0; i < CLASSIC_RUNS_MAX; i++) {
        if (classic_run_is_whole(&s->runs[i]) &&
            (found == CLASSIC_RUNS_MAX || s->runs[i].generation < s->runs[found].generation)) {
            found = i;
        }
    }
    return found;
}

bool classic_has_whole(const struct classic_step *s)
{
    return find_whole(s) != CLASSIC_RUNS_MAX;
}

void classic_combine(struct classic_step *s, int64_t now_ns)
{
    unsigned left = CLASSIC_COMBINES;
    size_t at = find_whole(s);

    while (at < CLASSIC_RUNS_MAX && left > 0) {
        struct classic_run *const run = &s->runs[at];

        if (run->done < run->head.n) {
            left -= combine_one(s, run, run->done++, now_ns);
        } else {
            free_run(s, run);
            at = find_whole(s);
        }
    }
}

/* ---- questions ---- */

static int64_t interval(const struct classic_step *s, const struct classic_source *source)
{
    return source->more                             ? CLASSIC_POLL_MORE_NS
           : s->starved || source->from_ns == 0     ? CLASSIC_POLL_NS
           : s->rate.used + s->rate.used_before > 0 ? CLASSIC_POLL_BUSY_NS
                                                    : CLASSIC_POLL_IDLE_NS;
}

int64_t classic_source_due(const struct classic_step *s, unsigned party)
{
    const struct classic_source *const source = &s->sources[party];

    if (source->asked) {
        return source->asked_ns + CLASSIC_LOST_NS;
    }
    return source->stale && source->begun_ns + CLASSIC_RELIST_STALE_NS <= s->pumped_ns
               ? s->pumped_ns
               : source->from_ns + interval(s, source);
}

/* When it is asked from the beginning. */
static int64_t relist_due(const struct classic_step *s, unsigned party)
{
    const struct classic_source *const source = &s->sources[party];

    return source->begun_ns + (source->stale
                                   ? CLASSIC_RELIST_STALE_NS
                                   : CLASSIC_RELIST_NS + party * CLASSIC_RELIST_APART_NS);
}

static void write_list(struct classic_step *s, unsigned party, int64_t now_ns, struct writer *w)
{
    struct classic_source *const source = &s->sources[party];
    size_t mark;

    if (source->begun_ns == 0 || now_ns >= relist_due(s, party)) {
        source->begun_ns = now_ns;
        source->stale = false;
        source->since = 1;
        classic_pool_forget(&s->pool, party);
    }
    source->asked = true;
    source->asked_ns = now_ns;
    source->generation = ++s->next_generation;
    mark = frame_begin(w, FRAME_PRESIGN_LIST, id_of(ASK_LIST, source->generation, 0, 0));
    presign_since_encode(w, source->since);
    frame_end(w, mark);
}

static void write_pairs(struct classic_step *s, unsigned party, struct writer *w)
{
    const uint64_t id = id_of(ASK_PAIRS, ++s->next_generation, 0, 0);

    classic_pairs_ask(&s->pairs, party, id, s->pumped_ns);
    frame_end(w, frame_begin(w, FRAME_PRESIGN_STATUS, id));
}

/* Nobody waits for what the core says of it. */
static bool pull_word(struct classic_step *s, unsigned party, struct writer *w)
{
    struct presign_order order;
    size_t mark;

    if (!classic_words_pull(&s->words, party, &order)) {
        return false;
    }
    mark = frame_begin(w, FRAME_PRESIGN_ORDER, id_of(ASK_WRONG, ++s->next_generation, 0, 0));
    presign_order_encode(w, &order);
    frame_end(w, mark);
    return true;
}

static bool pull_run(struct classic_step *s, unsigned party, struct writer *w)
{
    for (size_t i = 0; i < CLASSIC_RUNS_MAX; i++) {
        struct classic_run *const run = &s->runs[i];
        const unsigned place = run->busy ? classic_place(run->s, party) : TECDSA_T;

        if (place < TECDSA_T && (run->sent >> place & 1) == 0) {
            const size_t mark =
                frame_begin(w, FRAME_R2, id_of(ASK_R2, run->generation, i, place));

            classic_run_ask(run, w);
            frame_end(w, mark);
            run->sent |= 1U << place;
            s->cores[party].pending++;
            return true;
        }
    }
    return false;
}

static bool pull_ask(struct classic_step *s, unsigned party, struct writer *w)
{
    for (size_t i = 0; i < CLASSIC_ASKS_MAX; i++) {
        struct classic_ask *const a = &s->asks[i];
        const unsigned place = a->busy ? classic_place(s->triples.at[a->t].s, party) : TECDSA_T;

        if (place < TECDSA_T && (a->sent >> place & 1) == 0) {
            const size_t mark =
                frame_begin(w, FRAME_R1, id_of(ASK_R1, a->generation, i, place));

            classic_ask_encode(a, s->roster->epoch_id, w);
            frame_end(w, mark);
            a->sent |= 1U << place;
            s->cores[party].pending++;
            return true;
        }
    }
    return false;
}

bool classic_step_pull(struct classic_step *s, unsigned party, struct writer *w)
{
    if (!s->cores[party].up) {
        return false;
    }
    if (pull_run(s, party, w) || pull_ask(s, party, w) || pull_word(s, party, w)) {
        return true;
    }
    if (s->pumped_ns >= classic_source_due(s, party)) {
        write_list(s, party, s->pumped_ns, w);
        return true;
    }
    if (classic_pairs_is_due(&s->pairs, party, s->pumped_ns)) {
        write_pairs(s, party, w);
        return true;
    }
    return false;
}

/* ---- answers ---- */

static void rest(struct classic_step *s, unsigned party, enum err e, int64_t now_ns)
{
    if (quorum_core_rest(&s->cores[party], e == ERR_RATE ? ERR_NOSPACE : e, now_ns)) {
        say_odd(s, party, e, QUORUM_REST_LONG_NS);
    }
}

/* What an answer of FRAME_ERROR says. False: it is none. */
static bool is_refusal(const struct frame_header *h, struct view body, enum err *e)
{
    if (h->type != FRAME_ERROR) {
        return false;
    }
    if (frame_error_decode(body, e) != ERR_OK || *e == ERR_OK) {
        *e = ERR_BUG;
    }
    return true;
}

static void take_r1(struct classic_step *s, struct classic_ask *a, unsigned place,
                    unsigned party, const struct frame_header *h, struct view body,
                    int64_t now_ns)
{
    enum err e;

    if (is_refusal(h, body, &e)) {
        /* Of an R1 it is its own clock's fault; of an R2 another's R1 may be the cause. */
        s->no_time_ns[party] = e == ERR_TIME ? now_ns + CLASSIC_NO_TIME_NS : 0;
        rest(s, party, e, now_ns);
        classic_free_ask(s, a);
        return;
    }
    e = classic_ask_take(a, s->roster->epoch_id, place, party, body);
    if (e != ERR_OK) {
        rest_wrong(s, party, e, now_ns);
        classic_free_ask(s, a);
        return;
    }
    s->no_time_ns[party] = 0;
    s->cores[party].pending--;
    s->cores[party].empty = 0;
    if (a->answered == (1U << TECDSA_T) - 1) {
        classic_promises_add(&s->promises, a);
        classic_free_ask(s, a);
    }
}

/* A core does none of the stamps of a question. */
static void refuse_run(struct classic_step *s, struct classic_run *run, unsigned party,
                       enum err e, int64_t now_ns)
{
    if (e == ERR_NOSPACE || e == ERR_RATE || e == ERR_STATE) {
        rest(s, party, e, now_ns);
    } else if (e == ERR_STALE) {
        classic_triples_stale(&s->triples, run->t);
        s->sources[party].stale = true;
        for (unsigned i = run->done; i < run->head.n; i++) {
            if (run->stamps[i].job != NULL) {
                count_gone(run->stamps[i].job, party, now_ns);
            }
        }
    } else {
        classic_triples_refused(&s->triples, run->t, now_ns);
    }
    classic_promises_drop(&s->promises, run->t); /* a clock event voids them all */
    classic_give_up(s, run);
}

static void take_r2(struct classic_step *s, struct classic_run *run, unsigned place,
                    unsigned party, const struct frame_header *h, struct view body,
                    int64_t now_ns)
{
    enum err refused = ERR_OK;
    enum err e;

    if (is_refusal(h, body, &refused)) {
        refuse_run(s, run, party, refused, now_ns);
        return;
    }
    e = classic_run_take(run, place, body, &refused);
    if (e != ERR_OK) {
        rest_wrong(s, party, e, now_ns);
        classic_give_up(s, run);
        return;
    }
    s->cores[party].pending--;
    if (refused != ERR_OK) {
        refuse_run(s, run, party, refused, now_ns);
    } else {
        s->cores[party].wrong = 0;
        s->cores[party].told = false;
    }
}

/* After one more full page. */
static bool may_have_more(struct classic_source *source, int64_t now_ns)
{
    if (now_ns - source->paged_ns >= CLASSIC_RELIST_NS) {
        source->paged_ns = now_ns;
        source->pages = 0;
    }
    source->pages++;
    return source->pages <= CLASSIC_PAGES_MAX;
}

static void take_list(struct classic_step *s, unsigned party, const struct frame_header *h,
                      struct view body, int64_t now_ns)
{
    struct classic_source *const source = &s->sources[party];
    struct presign_list list;
    enum err e;

    source->asked = false;
    source->more = false;
    source->from_ns = now_ns;
    if (is_refusal(h, body, &e)) {
        return;
    }
    e = presign_list_decode(body, &list);
    if (e == ERR_OK && list.next < source->since) { /* it counts anew */
        source->begun_ns = 0;
        return;
    }
    for (size_t i = 0; e == ERR_OK && i < list.n; i++) {
        struct presign_listed row;

        presign_list_row(&list, i, &row);
        if (!classic_pool_list(&s->pool, party, row.triple, row.id, row.r, now_ns)) {
            const unsigned t = classic_pool_find(&s->pool, row.triple);

            if (t == s->triples.n || (row.triple >> party & 1) == 0) {
                e = ERR_RANGE;
            } else {
                note_wrong(s, t, now_ns);
            }
        }
    }
    if (e != ERR_OK) {
        rest_wrong(s, party, e, now_ns);
        return;
    }
    source->since = list.next;
    source->more = list.n == PRESIGN_LIST_MAX && may_have_more(source, now_ns);
}

static void take_pairs(struct classic_step *s, unsigned party, const struct frame_header *h,
                       struct view body, int64_t now_ns)
{
    enum err e;

    if (is_refusal(h, body, &e)) {
        classic_pairs_forget(&s->pairs, party);
        return;
    }
    e = classic_pairs_take(&s->pairs, party, s->roster->plan->total, body);
    if (e != ERR_OK) {
        rest_wrong(s, party, e, now_ns);
    }
}

/* Whether slot and place of an id are those of a question that waits for this party. */
static bool waits(unsigned three, unsigned sent, unsigned answered, unsigned place,
                  unsigned party)
{
    return place < TECDSA_T && classic_party(three, place) == party &&
           (sent >> place & 1) != 0 && (answered >> place & 1) == 0;
}

/* The question of that id; its type. 0: nobody waits for the answer any more. */
static uint8_t find(struct classic_step *s, unsigned party, uint64_t id,
                    struct classic_ask **ask, struct classic_run **run)
{
    const unsigned place = id & 0xf;
    const size_t slot = id >> 4 & 0xff; /* one that there is not has no such id */
    const size_t a = slot < CLASSIC_ASKS_MAX ? slot : 0;
    const size_t r = slot < CLASSIC_RUNS_MAX ? slot : 0;

    *ask = &s->asks[a];
    *run = &s->runs[r];
    if ((*ask)->busy && id == id_of(ASK_R1, (*ask)->generation, a, place) &&
        waits(s->triples.at[(*ask)->t].s, (*ask)->sent, (*ask)->answered, place, party)) {
        return FRAME_R1;
    }
    if ((*run)->busy && id == id_of(ASK_R2, (*run)->generation, r, place) &&
        waits((*run)->s, (*run)->sent, (*run)->answered, place, party)) {
        return FRAME_R2;
    }
    if (s->sources[party].asked && id == id_of(ASK_LIST, s->sources[party].generation, 0, 0)) {
        return FRAME_PRESIGN_LIST;
    }
    return classic_pairs_waits(&s->pairs, party, id) ? FRAME_PRESIGN_STATUS : 0;
}

enum err classic_step_take(struct classic_step *s, unsigned party, const struct frame_header *h,
                           struct view body, int64_t now_ns)
{
    struct classic_ask *ask;
    struct classic_run *run;
    const uint8_t type = find(s, party, h->request_id, &ask, &run);

    classic_step_heard(s, party);
    if (type == 0) {
        return ERR_OK; /* late: that question was given up */
    }
    if (h->type != FRAME_ERROR && h->type != (type | FRAME_ANSWER)) {
        return ERR_TYPE;
    }
    if (type == FRAME_R1) {
        take_r1(s, ask, h->request_id & 0xf, party, h, body, now_ns);
    } else if (type == FRAME_R2) {
        take_r2(s, run, h->request_id & 0xf, party, h, body, now_ns);
    } else if (type == FRAME_PRESIGN_LIST) {
        take_list(s, party, h, body, now_ns);
    } else {
        take_pairs(s, party, h, body, now_ns);
    }
    return ERR_OK;
}
