#include "client/kit/progress.h"

#include "client/kit/diag.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR 20
#define NAME_SHOWN 32
#define PERCENT_NONE 101

void progress_open(struct progress *p, bool wanted, size_t count)
{
    *p = (struct progress){
        .shown = wanted && isatty(STDERR_FILENO) == 1,
        .count = count,
        .name = "",
        .last_percent = PERCENT_NONE,
    };
}

void progress_line(const struct progress *p, unsigned percent, char out[PROGRESS_LINE_MAX])
{
    static const char full[] = "####################";
    static const char empty[] = "                    ";
    char name[NAME_SHOWN];
    const char *base = strrchr(p->name, '/');

    base = base == NULL ? p->name : base + 1;
    diag_escape((struct view){(const uint8_t *)base, strlen(base)}, name, sizeof name);
    /* The bar counts files: one that is being read counts for the part that has been read. */
    const uint64_t whole = p->count == 0 ? 1 : (uint64_t)p->count * 100;
    const int filled = (int)(((uint64_t)p->index * 100 + percent) * BAR / whole);

    (void)snprintf(out, PROGRESS_LINE_MAX, "[%.*s%.*s] %zu/%zu %3u %%  %s", filled, full,
                   BAR - filled, empty, p->index + 1, p->count, percent, name);
}

static void draw(struct progress *p, unsigned percent)
{
    char line[PROGRESS_LINE_MAX];

    if (!p->shown || percent == p->last_percent) {
        return;
    }
    p->last_percent = percent;
    progress_line(p, percent, line);
    (void)fprintf(stderr, "\r\x1b[K%s", line);
    (void)fflush(stderr);
}

void progress_file(struct progress *p, size_t index, const char *name)
{
    p->index = index;
    p->name = name;
    p->last_percent = PERCENT_NONE;
    draw(p, 0);
}

void progress_tell(void *self, uint64_t done, uint64_t total)
{
    if (total > 0) {
        draw(self, done >= total ? 100 : (unsigned)(done * 100 / total));
    }
}

void progress_clear(const struct progress *p)
{
    if (p->shown) {
        (void)fputs("\r\x1b[K", stderr);
        (void)fflush(stderr);
    }
}
