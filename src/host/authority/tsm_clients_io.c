#include "host/authority/tsm_clients_io.h"

#include "base/hex.h"
#include "host/authority/core_args.h"
#include "host/authority/files_io.h"
#include "os/entropy.h"

#include <stdio.h>
#include <string.h>

/* As quorate-tsm spells them; one that comes and goes with the build is refused by it. */
static char *way_of(const struct config *c)
{
    static char ways[][12] = {"", "configfs", "sev-guest", "tdx-guest", "azure", "sim"};

    return ways[c->authority.evidence];
}

/* An option with its path, where there is one. */
static size_t add_path(char **argv, size_t n, char *option, char *path)
{
    if (path[0] != '\0') {
        argv[n++] = option;
        argv[n++] = path;
    }
    return n;
}

static void make_args(struct tsm_clients *t, struct config *c, size_t i)
{
    static char core[] = "--core";
    static char provider[] = "--provider";
    static char programs[] = "--programs";
    static char chip[] = "--chip";
    static char guest[] = "--guest";
    static char certificates[] = "--certificates";
    static char collateral[] = "--collateral";
    char **argv = t->argv[i];
    size_t n = 0;

    core_args_tsm_endpoint(c, i, t->cores[i]);
    argv[n++] = t->program;
    argv[n++] = core;
    argv[n++] = t->cores[i];
    argv[n++] = provider;
    argv[n++] = way_of(c);
    if (c->authority.evidence == CONFIG_EVIDENCE_SIM) {
        (void)snprintf(t->chips[i], sizeof t->chips[i], "%u", (unsigned)i);
        argv[n++] = programs;
        argv[n++] = t->folder;
        argv[n++] = chip;
        argv[n++] = t->chips[i];
        argv[n++] = guest;
        argv[n++] = t->guests[i];
    } else {
        n = add_path(argv, n, certificates, c->authority.evidence_certificates);
        n = add_path(argv, n, collateral, c->authority.evidence_collateral);
    }
    argv[n] = NULL;
}

static enum err folder_of(const char *program, char out[PATH_MAX])
{
    const char *const last = strrchr(program, '/');
    const int n = last == NULL
                      ? snprintf(out, PATH_MAX, ".")
                      : snprintf(out, PATH_MAX, "%.*s", (int)(last - program), program);

    return n >= 0 && n < PATH_MAX ? ERR_OK : ERR_NOSPACE;
}

enum err tsm_clients_open(struct tsm_clients *t, struct config *c, const char *core_program,
                          size_t cores)
{
    *t = (struct tsm_clients){.n = 0};
    if (c->authority.evidence == CONFIG_EVIDENCE_NONE) {
        return ERR_OK;
    }
    TRY(program_find(c->authority.tsm_program, "quorate-tsm", t->program));
    TRY(folder_of(core_program, t->folder));
    for (size_t i = 0; i < cores; i++) {
        struct helper *const h = &t->helpers[i];

        make_args(t, c, i);
        *h = (struct helper){.program = t->program,
                             .argv = t->argv[i],
                             .started = EVENT_EVIDENCE_STARTED,
                             .ended = EVENT_EVIDENCE_ENDED,
                             .does = way_of(c),
                             .pid = -1};
        (void)snprintf(h->name, sizeof h->name, "tsm-%u", (unsigned)i + 1U);
        time_client_init(&h->state, c->authority.restart_backoff_ms);
    }
    t->n = cores;
    return ERR_OK;
}

/* A simulated guest ends with its core, not with who shows it: REPORT_ID is of this start. */
static void name_guest(struct tsm_clients *t, size_t i)
{
    uint8_t id[TSM_CLIENT_GUEST_LEN] = {0};

    (void)!entropy_os.fill(entropy_os.self, id, sizeof id); /* zero: its peers refuse it */
    hex_write((struct view){id, sizeof id}, t->guests[i]);
}

void tsm_clients_want(struct tsm_clients *t, size_t i, bool wanted, int64_t now_ms)
{
    if (i < t->n) {
        if (wanted) {
            name_guest(t, i);
        }
        time_client_want(&t->helpers[i].state, wanted, now_ms);
    }
}

bool tsm_clients_step(struct tsm_clients *t, int64_t now_ms)
{
    bool changed = false;

    for (size_t i = 0; i < t->n; i++) {
        changed = helper_step(&t->helpers[i], now_ms) || changed;
    }
    return changed;
}

int64_t tsm_clients_next_ms(const struct tsm_clients *t)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < t->n; i++) {
        const int64_t own = time_client_next_ms(&t->helpers[i].state);

        next = own < next ? own : next;
    }
    return next;
}

bool tsm_clients_run(const struct tsm_clients *t)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->helpers[i].state.runs) {
            return true;
        }
    }
    return false;
}

void tsm_clients_status(const struct tsm_clients *t, struct writer *w)
{
    for (size_t i = 0; i < t->n; i++) {
        helper_status(&t->helpers[i], w);
    }
}
