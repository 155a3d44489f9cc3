#include "host/log/journal_store.h"

#include "os/event_log.h"

#include <stdio.h>
#include <string.h>

static void report(enum event_level level, enum event ev, uint32_t number, uint64_t rows,
                   const char *what)
{
    char name[JOURNAL_NAME_LEN];

    journal_segment_name(number, name);
    const struct event_field fields[] = {
        {.key = "segment", .kind = EVENT_TEXT, .text = name},
        {.key = "rows", .kind = EVENT_NUMBER, .number = (int64_t)rows},
        {.key = "what", .kind = EVENT_TEXT, .text = what},
    };

    event_log(level, ev, fields, sizeof fields / sizeof fields[0]);
}

static enum err segment_path(const char *dir, uint32_t number, char out[JOURNAL_PATH_MAX])
{
    char name[JOURNAL_NAME_LEN];

    journal_segment_name(number, name);
    return journal_io_path(dir, name, out);
}

/* ---- start ---- */

static enum err note_number(void *self, uint32_t number)
{
    const struct journal_closed c = {.number = number};

    return journal_closed_add(self, &c);
}

static enum err note_highest(void *self, uint32_t number)
{
    uint32_t *highest = self;

    *highest = number > *highest ? number : *highest;
    return ERR_OK;
}

/* A closed segment: counts its rows, and seals it if a killed process or a reader prevented
 * that. */
static enum err recover_closed(struct journal_store *st, struct journal_closed *c)
{
    char path[JOURNAL_PATH_MAX];
    struct segment s;

    TRY(segment_path(st->dir, c->number, path));
    TRY(segment_open(path, SEGMENT_LOOK, st->sync, &s));
    c->rows = s.rows;
    c->newest_ms = s.newest_ms;
    c->sealed = s.sealed;
    if (s.sealed) {
        segment_close(&s);
    } else {
        c->sealed = segment_seal(&s) == ERR_OK;
    }
    return ERR_OK;
}

static enum err begin_segment(struct journal_store *st, uint32_t number, struct segment *out)
{
    char path[JOURNAL_PATH_MAX];
    enum err e = ERR_OK;

    if (number > JOURNAL_SEGMENT_NUMBER_MAX) {
        return ERR_IO;
    }
    TRY(segment_path(st->dir, number, path));
    TRY(segment_open(path, st->failing ? SEGMENT_AGAIN : SEGMENT_WRITE, st->sync, out));
    e = journal_io_flush_dir(st->dir);
    if (e != ERR_OK) {
        segment_close(out);
    }
    return e;
}

static enum err open_segments(struct journal_store *st)
{
    uint32_t highest = 0;

    TRY(journal_io_list(st->dir, note_number, &st->closed));
    TRY(journal_io_list(st->export_dir, note_highest, &highest));
    if (st->closed.n > 0) { /* the newest goes on */
        highest = st->closed.at[st->closed.n - 1].number;
        journal_closed_remove(&st->closed, st->closed.n - 1);
    } else {
        highest++;
    }
    for (size_t i = 0; i < st->closed.n; i++) {
        TRY(recover_closed(st, &st->closed.at[i]));
    }
    TRY(begin_segment(st, highest, &st->active));
    st->active_number = highest;
    return ERR_OK;
}

static enum err set_paths(struct journal_store *st, const struct journal_config *cfg)
{
    const int n = snprintf(st->dir, sizeof st->dir, "%s", cfg->dir);

    if (n <= 0 || (size_t)n >= sizeof st->dir) {
        return ERR_IO;
    }
    if (cfg->export_dir == NULL) {
        return journal_io_path(st->dir, "exported", st->export_dir);
    }
    const int m = snprintf(st->export_dir, sizeof st->export_dir, "%s", cfg->export_dir);

    return m > 0 && (size_t)m < sizeof st->export_dir ? ERR_OK : ERR_IO;
}

static enum err open_all(struct journal_store *st, const struct journal_config *cfg)
{
    TRY(set_paths(st, cfg));
    TRY(journal_io_make_dir(st->dir));
    TRY(journal_io_make_dir(st->export_dir));
    TRY(journal_io_lock(st->dir, &st->lock_fd));
    return open_segments(st);
}

enum err journal_store_open(struct journal_store *st, const struct journal_config *cfg)
{
    enum err e = ERR_OK;

    memset(st, 0, sizeof *st);
    st->sync = cfg->sync;
    st->segment_rows = cfg->segment_rows;
    st->limits = (struct journal_limits){cfg->max_rows, cfg->max_age_s};
    st->lock_fd = -1;
    e = open_all(st, cfg);
    if (e != ERR_OK) {
        journal_store_close(st);
        return e == ERR_VERSION ? ERR_VERSION : ERR_IO;
    }
    report(EVENT_INFO, EVENT_JOURNAL_OPENED, st->active_number, journal_store_rows(st),
           "opened");
    return ERR_OK;
}

void journal_store_close(struct journal_store *st)
{
    segment_close(&st->active);
    journal_io_unlock(st->lock_fd);
    st->lock_fd = -1;
}

uint64_t journal_store_rows(const struct journal_store *st)
{
    return journal_closed_rows(&st->closed) + st->active.rows;
}

uint64_t journal_store_segments(const struct journal_store *st)
{
    return st->closed.n + (st->active.db != NULL ? 1 : 0);
}

/* ---- appending ---- */

/* After an I/O error a write may be lost that later reads still see, and what is written behind
 * it would be lost with it after a crash. So nothing more goes into this segment. */
static void abandon(struct journal_store *st)
{
    const struct journal_closed c = {
        .number = st->active_number,
        .rows = st->active.rows,
        .newest_ms = st->active.newest_ms,
    };

    segment_close(&st->active);
    if (!st->failing) {
        report(EVENT_ERROR, EVENT_JOURNAL_SEGMENT, c.number, c.rows, "abandoned");
    }
    st->blank = c.rows == 0;
    if (!st->blank && journal_closed_add(&st->closed, &c) != ERR_OK) {
        report(EVENT_ERROR, EVENT_INTERNAL, c.number, c.rows, "closed segments");
    }
}

/* Begins another segment after abandon(). */
static enum err resume(struct journal_store *st)
{
    const uint32_t number = st->active_number + (st->blank ? 0 : 1);
    char path[JOURNAL_PATH_MAX];

    if (st->closed.n == JOURNAL_SEGMENTS_MAX) {
        return ERR_IO; /* until one could be exported */
    }
    if (st->blank) {
        TRY(segment_path(st->dir, number, path));
        TRY(journal_io_remove(path));
    }
    TRY(begin_segment(st, number, &st->active));
    st->active_number = number;
    return ERR_OK;
}

static enum err settle(struct journal_store *st, enum err e)
{
    if (e == ERR_IO) {
        abandon(st);
    }
    st->failing = e != ERR_OK;
    return e == ERR_OK ? ERR_OK : ERR_IO;
}

enum err journal_store_append(struct journal_store *st, const struct journal_entry *first)
{
    if (st->active.db == NULL) {
        TRY(resume(st));
    }
    return settle(st, segment_append(&st->active, first));
}

enum err journal_store_probe(struct journal_store *st)
{
    if (st->active.db == NULL) {
        TRY(resume(st));
    }
    return settle(st, segment_probe(&st->active));
}

/* ---- keeping ---- */

/* The next segment is open before this one is closed, so a full disk costs nothing but a longer
 * segment. */
static enum err rotate(struct journal_store *st)
{
    struct journal_closed c = {
        .number = st->active_number,
        .rows = st->active.rows,
        .newest_ms = st->active.newest_ms,
    };
    struct segment next;
    struct segment old = st->active;

    TRY(begin_segment(st, st->active_number + 1, &next));
    st->active = next;
    st->active_number++;
    c.sealed = segment_seal(&old) == ERR_OK;
    report(EVENT_INFO, EVENT_JOURNAL_SEGMENT, c.number, c.rows, "closed");
    return journal_closed_add(&st->closed, &c);
}

static enum err export_oldest(struct journal_store *st)
{
    struct journal_closed *c = &st->closed.at[0];
    char name[JOURNAL_NAME_LEN];

    if (!c->sealed) {
        TRY(recover_closed(st, c));
        if (!c->sealed) {
            return ERR_IO;
        }
    }
    journal_segment_name(c->number, name);
    TRY(journal_io_move(st->dir, st->export_dir, name));
    report(EVENT_INFO, EVENT_JOURNAL_EXPORTED, c->number, c->rows, "exported");
    journal_closed_remove(&st->closed, 0);
    st->exported++;
    return ERR_OK;
}

void journal_store_keep(struct journal_store *st)
{
    const int64_t now = journal_io_monotonic_ms();

    if (st->active.db != NULL && st->active.rows >= st->segment_rows &&
        now >= st->rotate_after_ms && st->closed.n < JOURNAL_SEGMENTS_MAX - 1) {
        if (rotate(st) == ERR_OK) {
            st->keep_after_ms = now;
        } else {
            st->rotate_after_ms = now + JOURNAL_KEEP_MS;
        }
    }
    if (now < st->keep_after_ms) {
        return;
    }
    st->keep_after_ms = now + JOURNAL_KEEP_MS;
    while (journal_export_due(&st->closed, st->active.rows, &st->limits, journal_io_now_ms())) {
        if (export_oldest(st) != ERR_OK) {
            return;
        }
    }
}
