#include "host/coord/quorum_slot.h"

void quorum_slot_ask(struct quorum_slot *slot, uint64_t generation, int64_t now_ns)
{
    slot->generation = generation;
    slot->sent = 0;
    slot->phase_ns = now_ns;
}

/* ---- frames ---- */

static uint64_t id_of(const struct quorum_slot *slot, size_t at, size_t place)
{
    return QUORUM_ID_BIT | slot->generation << 16 | (uint64_t)at << 8 | place;
}

bool quorum_slot_pull(struct quorum_slot *slot, size_t at, struct quorum_core *cores,
                      unsigned party, struct writer *w)
{
    const size_t place = slot->busy ? quorum_run_place(&slot->run, party) : 0;
    const struct writer before = *w;
    enum frame_type type;
    size_t mark;

    if (!slot->busy || slot->left || place == slot->run.head.t ||
        (slot->sent >> place & 1) != 0) {
        return false;
    }
    /* The type is known once the body is written. */
    mark = frame_begin(w, FRAME_R1, id_of(slot, at, place));
    type = quorum_run_ask(&slot->run, place, w);
    if (type != FRAME_R1) {
        *w = before;
        mark = frame_begin(w, (uint8_t)type, id_of(slot, at, place));
        (void)quorum_run_ask(&slot->run, place, w);
    }
    frame_end(w, mark);
    slot->sent |= 1U << place;
    cores[party].pending++;
    return true;
}

bool quorum_slot_expects(const struct quorum_slot *slot, size_t at, unsigned party, uint64_t id,
                         size_t *place)
{
    *place = id & 0xff;
    return slot->busy && *place < slot->run.head.t && id == id_of(slot, at, *place) &&
           quorum_run_party(&slot->run, *place) == party && (slot->sent >> *place & 1) != 0 &&
           (slot->run.answered >> *place & 1) == 0;
}

/* ---- time ---- */

unsigned quorum_slot_missing(const struct quorum_slot *slot)
{
    unsigned mask = 0;

    for (size_t i = 0; i < slot->run.head.t; i++) {
        mask |= (slot->run.answered >> i & 1) == 0 ? 1U << quorum_run_party(&slot->run, i) : 0;
    }
    return mask;
}

/* When a signer will be late. */
static int64_t late_at(const struct quorum_slot *slot, const struct quorum_core *c)
{
    return slot->phase_ns + quorum_trips_late_ns(&c->trips[slot->run.phase - QUORUM_ASK_R1]);
}

unsigned quorum_slot_late(const struct quorum_slot *slot, const struct quorum_core *cores,
                          int64_t now_ns)
{
    const unsigned missing = quorum_slot_missing(slot);
    unsigned late = 0;

    for (unsigned i = 0; missing >> i != 0; i++) {
        late |= (missing >> i & 1) != 0 && now_ns >= late_at(slot, &cores[i]) ? 1U << i : 0;
    }
    return late;
}

int64_t quorum_slot_late_ns(const struct quorum_slot *slot, const struct quorum_core *cores)
{
    const unsigned missing = quorum_slot_missing(slot);
    int64_t first = INT64_MAX;

    for (unsigned i = 0; missing >> i != 0; i++) {
        if ((missing >> i & 1) != 0 && late_at(slot, &cores[i]) < first) {
            first = late_at(slot, &cores[i]);
        }
    }
    return first;
}

int64_t quorum_slot_silent_ns(const struct quorum_slot *slot)
{
    return slot->phase_ns +
           (slot->run.phase == QUORUM_ASK_R3 ? QUORUM_SILENT_R3_NS : QUORUM_SILENT_NS);
}

/* ---- ends ---- */

/* Whoever was asked in R2 may have the session open, and all have that were in R3. */
static void give_back(const struct quorum_slot *slot, struct quorum_core *cores)
{
    const struct quorum_run *const run = &slot->run;
    const unsigned open = run->phase == QUORUM_ASK_R2   ? slot->sent
                          : run->phase == QUORUM_ASK_R3 ? ~run->answered
                                                        : 0;

    for (size_t i = 0; i < run->head.t; i++) {
        if ((open >> i & 1) != 0) {
            quorum_given_add(&cores[quorum_run_party(run, i)].given, run->session.id);
        }
    }
}

void quorum_slot_free(struct quorum_slot *slot, struct quorum_core *cores)
{
    const unsigned open = slot->sent & ~slot->run.answered;

    if (!slot->left) {
        give_back(slot, cores);
    }
    for (size_t i = 0; i < slot->run.head.t; i++) {
        if ((open >> i & 1) != 0) {
            cores[quorum_run_party(&slot->run, i)].pending--;
        }
    }
    slot->busy = false;
    slot->late = false;
    slot->left = false;
    slot->run.job = NULL;
}

void quorum_slots_drop(struct quorum_slot *slots, struct quorum_core *cores,
                       const struct coord_job *job, int64_t now_ns)
{
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        struct quorum_slot *const slot = &slots[i];

        if (!slot->busy || slot->run.job != job) {
            continue;
        }
        if (slot->run.phase == QUORUM_OVER || quorum_slot_late(slot, cores, now_ns) == 0) {
            quorum_slot_free(slot, cores);
            continue;
        }
        give_back(slot, cores);
        slot->late = true;
        slot->left = true;
        slot->run.job = NULL;
        slot->run.answered |= ~slot->sent; /* what was not asked is not waited for */
    }
}

void quorum_slot_hear(struct quorum_slot *slot, struct quorum_core *cores, size_t place)
{
    slot->run.answered |= 1U << place;
    cores[quorum_run_party(&slot->run, place)].pending--;
    if (quorum_slot_missing(slot) == 0) {
        quorum_slot_free(slot, cores);
    }
}
