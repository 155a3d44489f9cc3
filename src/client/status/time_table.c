#include "client/status/time_table.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS 7
#define CELL_LEN (TIME_FACTS_TEXT_MAX + 16)

static const char *const titles[COLUMNS] = {"NODE",  "SOURCES", "OFFSET", "HALF-WIDTH",
                                            "STATE", "REASON",  "CLOCK"};

struct row {
    char cells[COLUMNS][CELL_LEN];
};

void time_span_text(int64_t ns, bool sign, char out[TIME_SPAN_TEXT_LEN])
{
    const double value = (double)ns;
    const double size = ns < 0 ? -value : value;
    const char *unit = size >= 1e9 ? "s" : size >= 1e6 ? "ms" : "us";
    const double part = size >= 1e9 ? 1e9 : size >= 1e6 ? 1e6 : 1e3;

    (void)snprintf(out, TIME_SPAN_TEXT_LEN, sign ? "%+.3f %s" : "%.3f %s", value / part, unit);
}

static void fill(const struct node_time *n, struct row *r)
{
    char text[TIME_SPAN_TEXT_LEN];

    for (size_t i = 0; i < COLUMNS; i++) {
        (void)strcpy(r->cells[i], "-");
    }
    (void)snprintf(r->cells[0], CELL_LEN, "%" PRId64, n->node);
    if (!n->known) {
        (void)strcpy(r->cells[4], "no answer");
        (void)snprintf(r->cells[5], CELL_LEN, "%s", n->last_err);
        return;
    }
    if (n->sources > 0) {
        (void)snprintf(r->cells[1], CELL_LEN, "%" PRId64 "/%" PRId64, n->agreeing, n->sources);
    }
    if (n->valid) {
        time_span_text(n->offset_ns, true, text);
        (void)snprintf(r->cells[2], CELL_LEN, "%s", text);
    }
    if (n->span) {
        time_span_text(n->half_width_ns, false, text);
        (void)snprintf(r->cells[3], CELL_LEN, "%s", text);
    }
    (void)snprintf(r->cells[4], CELL_LEN, "%s", n->state);
    (void)snprintf(r->cells[5], CELL_LEN, "%s%s", n->reason, n->holdover ? ", holdover" : "");
    (void)snprintf(r->cells[6], CELL_LEN, "%s", n->clock);
}

static void print_row(const struct row *r, const int widths[COLUMNS], const char *line_end,
                      FILE *to)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        const bool last = i + 1 == COLUMNS;

        (void)fprintf(to, "%-*s%s", last ? 0 : widths[i], r->cells[i], last ? "" : "  ");
    }
    (void)fputs(line_end, to);
}

void time_table_print(const struct time_facts *f, const char *line_end, FILE *to)
{
    struct row rows[TIME_FACTS_NODES_MAX + 1] = {0};
    int widths[COLUMNS] = {0};

    for (size_t c = 0; c < COLUMNS; c++) {
        (void)snprintf(rows[0].cells[c], CELL_LEN, "%s", titles[c]);
    }
    for (size_t i = 0; i < f->n; i++) {
        fill(&f->nodes[i], &rows[i + 1]);
    }
    for (size_t i = 0; i <= f->n; i++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            const int width = (int)strlen(rows[i].cells[c]);

            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    (void)fprintf(to, "%s: %s%s%s%s%s%s", f->node_id, f->ready ? "ready" : "not ready",
                  f->ready ? "" : ": ", f->reason, f->degraded[0] != '\0' ? "; degraded: " : "",
                  f->degraded, line_end);
    for (size_t i = 0; i <= f->n; i++) {
        print_row(&rows[i], widths, line_end, to);
    }
    for (unsigned i = 0; i < TIME_FACTS_NODES_MAX; i++) {
        if ((f->reenrolled >> i & 1) != 0) {
            (void)fprintf(to,
                          "index %u was given again, with the same share: if a process that "
                          "had it was ever compromised, it stays so until the next epoch%s",
                          i + 1, line_end);
        }
    }
}

void time_lines_print(const struct time_facts *f, const char *prefix, FILE *to)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct node_time *const n = &f->nodes[i];

        (void)fprintf(to, "%snode=%" PRId64, prefix, n->node);
        if (!n->known) {
            (void)fprintf(to, " known=no last_err=%s\n", n->last_err);
            continue;
        }
        (void)fprintf(to, " known=yes state=%s reason=%s", n->state, n->reason);
        if (n->valid) {
            (void)fprintf(to, " offset_ns=%" PRId64, n->offset_ns);
        }
        if (n->span) {
            (void)fprintf(to, " half_width_ns=%" PRId64, n->half_width_ns);
        }
        (void)fprintf(to,
                      " sources=%" PRId64 " agreeing=%" PRId64 " holdover=%s clock=\"%s\"\n",
                      n->sources, n->agreeing, n->holdover ? "yes" : "no", n->clock);
    }
    for (unsigned i = 0; i < TIME_FACTS_NODES_MAX; i++) {
        if ((f->reenrolled >> i & 1) != 0) {
            (void)fprintf(to, "%sreenrolled=%u\n", prefix, i + 1);
        }
    }
}
