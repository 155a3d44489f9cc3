#include "host/authority/core_sets_io.h"

#include "host/authority/cluster.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define SETS_FILE "sets"
#define SETS_MODE 0644

enum err core_sets_read(const char *dir, struct core_sets *out)
{
    uint8_t text[CORE_SETS_MAX];
    char path[PATH_MAX];
    struct view in;

    *out = (struct core_sets){.serves = 1};
    TRY(core_sets_path(dir, 1, SETS_FILE, path));
    errno = 0;
    const enum err e = small_file_read(path, text, sizeof text, &in);

    if (e == ERR_IO && errno == ENOENT) {
        return ERR_OK;
    }
    TRY(e);
    return core_sets_parse(in, out);
}

enum err core_sets_keep(const char *dir, const struct core_sets *s)
{
    uint8_t text[CORE_SETS_MAX];
    struct writer w = wr_init(text, sizeof text);
    char path[PATH_MAX];
    struct view out;

    core_sets_write(&w, s);
    TRY(wr_finish(&w, &out));
    TRY(core_sets_path(dir, 1, SETS_FILE, path));
    return file_replace(path, out, SETS_MODE);
}

void core_sets_open(struct core_sets_run *r, const char *dir, int64_t backoff_ms)
{
    *r = (struct core_sets_run){.dir = dir, .backoff_ms = backoff_ms};
}

/* ---- children ---- */

static void fill(const struct core_sets_run *r, struct core_sets_child *c, unsigned n)
{
    static char authority[] = "authority";
    static char cores[] = "cores";
    static char option[] = "--config";
    char *const argv[] = {c->program, authority, cores, option, c->config, NULL};

    _Static_assert(sizeof argv == sizeof c->argv, "all of them");
    memcpy(c->argv, argv, sizeof argv);
    if (core_sets_path(r->dir, n, authority, c->program) != ERR_OK ||
        core_sets_conf(r->dir, n, c->config) != ERR_OK) {
        c->program[0] = '\0'; /* cannot be started, which is logged */
    }
    c->n = n;
    child_log_init(&c->log);
    c->helper = (struct helper){.program = c->program,
                                .argv = c->argv,
                                .started = EVENT_CORES_STARTED,
                                .ended = EVENT_CORES_ENDED,
                                .does = "supervises",
                                .pid = -1,
                                .log = &c->log};
    (void)snprintf(c->helper.name, sizeof c->helper.name, "cores-%u", n % (CORE_SETS_LAST + 1));
    time_client_init(&c->helper.state, r->backoff_ms);
    c->helper.state.stop_ms = CLUSTER_STOP_MS + 2000; /* it has cores to end itself */
}

static struct core_sets_child *find(struct core_sets_run *r, unsigned n)
{
    struct core_sets_child *room = NULL;

    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        struct core_sets_child *const c = &r->children[i];

        if (c->n == n) {
            return c;
        }
        if (c->n == 0 || (!c->helper.state.wanted && !c->helper.state.runs)) {
            room = c;
        }
    }
    if (room != NULL) {
        fill(r, room, n);
    }
    return room;
}

bool core_sets_reload(struct core_sets_run *r, int64_t now_ms)
{
    struct core_sets wish;

    if (r->dir == NULL || core_sets_read(r->dir, &wish) != ERR_OK) {
        return true;
    }
    r->serves = wish.serves;
    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        struct core_sets_child *const c = &r->children[i];

        if (c->n != 0 && !core_sets_want(&wish, c->n)) {
            time_client_want(&c->helper.state, false, now_ms);
        }
    }
    unsigned wanted[CORE_SETS_OTHERS];
    const size_t n = core_sets_others(&wish, wanted);

    for (size_t i = 0; i < n; i++) {
        struct core_sets_child *const c = find(r, wanted[i]);

        if (c != NULL) {
            time_client_want(&c->helper.state, true, now_ms);
        }
    }
    return core_sets_want(&wish, 1);
}

void core_sets_end(struct core_sets_run *r, int64_t now_ms)
{
    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        time_client_want(&r->children[i].helper.state, false, now_ms);
    }
}

void core_sets_renew(const struct core_sets_run *r)
{
    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        const struct core_sets_child *const c = &r->children[i];

        if (c->n != 0 && c->n == r->serves && c->helper.pid > 0) {
            (void)kill(c->helper.pid, SIGUSR1);
        }
    }
}

size_t core_sets_fds(const struct core_sets_run *r, struct pollfd *fds)
{
    size_t n = 0;

    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        n += r->children[i].n != 0 ? child_log_fds(&r->children[i].log, fds + n) : 0;
    }
    return n;
}

bool core_sets_step(struct core_sets_run *r, int64_t now_ms)
{
    bool changed = false;

    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        struct core_sets_child *const c = &r->children[i];

        if (c->n != 0) {
            child_log_step(&c->log);
            changed = helper_step(&c->helper, now_ms) || changed;
        }
    }
    return changed;
}

int64_t core_sets_next_ms(const struct core_sets_run *r)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        const int64_t own = r->children[i].n != 0
                                ? time_client_next_ms(&r->children[i].helper.state)
                                : INT64_MAX;

        next = own < next ? own : next;
    }
    return next;
}

bool core_sets_running(const struct core_sets_run *r)
{
    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        if (r->children[i].n != 0 && r->children[i].helper.state.runs) {
            return true;
        }
    }
    return false;
}

void core_sets_status(const struct core_sets_run *r, struct writer *w)
{
    for (size_t i = 0; i < CORE_SETS_CHILDREN; i++) {
        const struct core_sets_child *const c = &r->children[i];

        if (c->n != 0 && (c->helper.state.wanted || c->helper.state.runs)) {
            helper_status(&c->helper, w);
        }
    }
}
