#include "host/log/journal_rule.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NAME_HEAD "segment-"
#define NAME_TAIL ".sqlite"
#define NAME_DIGITS 8

void journal_segment_name(uint32_t number, char out[JOURNAL_NAME_LEN])
{
    assert(number > 0 && number <= JOURNAL_SEGMENT_NUMBER_MAX);
    (void)snprintf(out, JOURNAL_NAME_LEN, NAME_HEAD "%08u" NAME_TAIL, (unsigned)number);
}

uint32_t journal_segment_number(const char *name)
{
    const size_t head = strlen(NAME_HEAD);
    uint32_t number = 0;

    if (strlen(name) != JOURNAL_NAME_LEN - 1 || strncmp(name, NAME_HEAD, head) != 0 ||
        strcmp(name + head + NAME_DIGITS, NAME_TAIL) != 0) {
        return 0;
    }
    for (size_t i = head; i < head + NAME_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return 0;
        }
        number = number * 10 + (uint32_t)(name[i] - '0');
    }
    return number;
}

enum err journal_closed_add(struct journal_closed_table *t, const struct journal_closed *c)
{
    size_t at = t->n;

    if (t->n == JOURNAL_SEGMENTS_MAX) {
        return ERR_NOSPACE;
    }
    while (at > 0 && t->at[at - 1].number >= c->number) {
        at--;
    }
    if (at < t->n && t->at[at].number == c->number) {
        return ERR_RANGE;
    }
    memmove(&t->at[at + 1], &t->at[at], (t->n - at) * sizeof t->at[0]);
    t->at[at] = *c;
    t->n++;
    return ERR_OK;
}

void journal_closed_remove(struct journal_closed_table *t, size_t at)
{
    assert(at < t->n);
    t->n--;
    memmove(&t->at[at], &t->at[at + 1], (t->n - at) * sizeof t->at[0]);
}

uint64_t journal_closed_rows(const struct journal_closed_table *t)
{
    uint64_t rows = 0;

    for (size_t i = 0; i < t->n; i++) {
        rows += t->at[i].rows;
    }
    return rows;
}

bool journal_export_due(const struct journal_closed_table *t, uint64_t active_rows,
                        const struct journal_limits *l, int64_t now_ms)
{
    if (t->n == 0) {
        return false;
    }
    if (t->n >= JOURNAL_SEGMENTS_MAX - 1 ||
        journal_closed_rows(t) + active_rows > l->max_rows) {
        return true;
    }
    const int64_t age_ms = now_ms - t->at[0].newest_ms;

    return age_ms > 0 && (uint64_t)age_ms / 1000 > l->max_age_s;
}
