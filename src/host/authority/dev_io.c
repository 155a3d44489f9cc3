#include "host/authority/dev_io.h"

#if defined(QUORATE_SIMULATED)

#include "attest/snp_manifest.h"
#include "host/authority/cluster_io.h"
#include "host/authority/core_sets_io.h"
#include "host/authority/dev_bundle_io.h"
#include "host/authority/dev_conf.h"
#include "host/authority/dev_folder_io.h"
#include "host/authority/dev_request.h"
#include "host/authority/files_io.h"
#include "host/authority/front_watch_io.h"
#include "host/authority/supervise_io.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

struct dev_run {
    const struct dev_options *options;
    struct dev_folder place;
    char set_conf[PATH_MAX]; /* of several cores: what their supervisor goes by; the front's is
                                changed when others take over */
    char program[PATH_MAX];  /* our own */
    uint8_t time_text[DEV_CONF_TIME_MAX];
    struct view time; /* the section [time] */
    struct config config;
};

/* ---- the certify command ---- */

static enum err answer(const struct dev_request *q, const struct dev_cas *cas)
{
    static uint8_t chains[DEV_CHAINS_MAX];
    struct writer w = wr_init(chains, sizeof chains);
    struct view pem;

    TRY(dev_request_answer(q, cas->classic, cas->pq, (int64_t)time(NULL), &w));
    TRY(wr_finish(&w, &pem));
    return fwrite(pem.p, 1, pem.n, stdout) == pem.n && fflush(stdout) == 0 ? ERR_OK : ERR_IO;
}

enum err dev_certify(const char *dir)
{
    static struct dev_request request;
    static uint8_t pem[DEV_REQUEST_MAX];
    char why[DEV_WHY_MAX];
    struct dev_folder place;
    struct dev_cas cas;

    TRY(dev_folder_find(dir, &place));
    TRY(dev_cas_load(&place, &cas));
    const size_t n = fread(pem, 1, sizeof pem, stdin);
    /* NOLINTBEGIN(concurrency-mt-unsafe): one thread */
    enum err e =
        dev_request_parse((struct view){pem, n}, getenv("QUORATE_EPOCH_ID"),
                          getenv("QUORATE_THRESHOLD"), getenv("QUORATE_TOTAL"), &request, why);
    const char *const bundle = getenv("QUORATE_BUNDLE");
    /* NOLINTEND(concurrency-mt-unsafe) */

    if (e == ERR_OK && bundle != NULL) {
        e = dev_bundle_look(bundle, (int64_t)time(NULL), &request, why);
    }
    if (e == ERR_OK) {
        (void)snprintf(why, sizeof why, "no certificate could be made");
        e = answer(&request, &cas);
    }
    dev_cas_free(&cas);
    errno = 0;
    return e == ERR_OK ? e : dev_say(e, why, place.dir);
}

/* ---- quorate dev up ---- */

static enum err write_conf(const struct dev_run *r, const char *listen)
{
    uint8_t text[DEV_CONF_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view conf;

    const struct dev_conf wish = {
        .listen = listen,
        .program = r->program,
        .dir = r->place.dir,
        .nodes = r->options->nodes,
        .threshold = r->options->threshold,
        .evidence = r->options->evidence,
        .nts = r->options->nts,
        .time = r->time,
    };

    TRY(dev_conf_write(&wish, &w));
    TRY(wr_finish(&w, &conf));
    if (r->options->nodes > 1) {
        TRY(file_replace(r->set_conf, conf, 0644));
    }
    return file_replace(r->place.conf, conf, 0644);
}

/* A front that is started again must come back at the same address: port 0 is written down. */
static void ready(void *user, const char *address)
{
    const struct dev_run *r = (const struct dev_run *)user;
    char url[FRONT_WATCH_ADDRESS_MAX + 16];

    if (write_conf(r, address) != ERR_OK) {
        (void)dev_say(ERR_IO, "cannot be written", r->place.conf);
    }
    front_watch_url(address, url, sizeof url);
    if (r->options->json) {
        (void)printf("{\"event\":\"ready\",\"url\":\"%s\",\"dir\":\"%s\",\"threshold\":%u,"
                     "\"nodes\":%u,\"evidence\":\"%s\"}\n",
                     url, r->place.dir, r->options->threshold, r->options->nodes,
                     r->options->evidence ? "simulated" : "none");
    } else {
        (void)printf("ready %s\n", url);
    }
    (void)fflush(stdout);
}

static enum err read_time(struct dev_run *r)
{
    const char *path = r->options->time;

    errno = 0;
    if (path == NULL) {
        return ERR_OK;
    }
    const enum err e = small_file_read(path, r->time_text, sizeof r->time_text, &r->time);

    return e == ERR_OK ? e : dev_say(e, "cannot be read as a section [time]", path);
}

/* Its cores have ended with it: whoever serves next is the first set, and begins a chain of
 * epochs. */
static enum err forget_earlier_run(struct dev_run *r)
{
    static const char *const names[] = {"sets", "bundle"};
    char path[PATH_MAX];

    (void)unlink(r->place.status);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        TRY(core_sets_path(r->place.dir, 1, names[i], path));
        (void)unlink(path);
    }
    return ERR_OK;
}

enum err dev_find_measured(void)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        TRY(program_beside(snp_manifest_files[i], path, sizeof path));
        errno = 0;
        if (access(path, R_OK | X_OK) != 0) {
            return dev_say(ERR_IO, "evidence is of it, too; --evidence none goes without",
                           path);
        }
    }
    return ERR_OK;
}

static enum err prepare(struct dev_run *r)
{
    char error[CONFIG_ERROR_MAX];

    errno = 0;
    if (folder_make(r->options->dir, 0700) != ERR_OK) {
        return dev_say(ERR_IO, "cannot be made", r->options->dir);
    }
    TRY(dev_folder_find(r->options->dir, &r->place));
    TRY(program_beside("quorate-authority", r->program, sizeof r->program));
    TRY(r->options->evidence ? dev_find_measured() : ERR_OK);
    if (!dev_conf_path_ok(r->place.dir) || !dev_conf_path_ok(r->program)) {
        return dev_say(ERR_RANGE,
                       "its path holds a character that quorate.conf or a shell reads",
                       dev_conf_path_ok(r->place.dir) ? r->program : r->place.dir);
    }
    TRY(dev_folder_lock(&r->place));
    TRY(forget_earlier_run(r));
    TRY(core_sets_conf(r->place.dir, 1, r->set_conf));
    TRY(read_time(r));
    TRY(dev_cas_keep(&r->place));
    const enum err e = write_conf(r, r->options->listen);

    if (e != ERR_OK) {
        return dev_say(e, "cannot be written", r->place.conf);
    }
    if (config_load(r->place.conf, &r->config, error) != ERR_OK) {
        (void)fprintf(stderr, "quorate dev: %s\n", error);
        return ERR_STATE;
    }
    return ERR_OK;
}

static enum err run_one(struct dev_run *r)
{
    const struct supervise_job job = {
        .config = &r->config,
        .config_path = r->place.conf,
        .must_start = true,
        .probe = true,
        .ready = ready,
        .user = r,
    };

    return supervise_run(&job);
}

static void halted(void *user)
{
    const struct dev_run *r = (const struct dev_run *)user;

    (void)fprintf(stderr,
                  "quorate dev: HALTED: fewer than %u of %u shares are left. Their key signs "
                  "nothing, ever again; tokens made with it stay good.\n"
                  "quorate dev: for new cores and a new key: quorate dev renew --dir '%s'\n",
                  r->options->threshold, r->options->nodes, r->place.dir);
}

static enum err run_cluster(struct dev_run *r)
{
    const struct cluster_job job = {
        .config = &r->config,
        .config_path = r->set_conf,
        .front_config_path = r->place.conf,
        .sets = r->place.dir,
        .must_start = true,
        .ready = ready,
        .halted = halted,
        .user = r,
    };

    return cluster_run(&job);
}

enum err dev_up(const struct dev_options *o)
{
    struct dev_run *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return ERR_NOSPACE;
    }
    r->options = o;
    enum err e = prepare(r);

    if (e == ERR_OK) {
        e = o->nodes == 1 ? run_one(r) : run_cluster(r);
        if (e == ERR_STATE) {
            errno = 0;
            (void)dev_say(
                e,
                "did not get ready, for what stands above; --listen 127.0.0.1:0 takes a port "
                "that is free",
                o->listen);
        }
    }
    free(r);
    return e;
}

/* ---- the cluster that runs in a folder ---- */

/* What stands in a status file. ERR_IO: there is none. */
static enum err print_file(const char *path)
{
    uint8_t text[CLUSTER_STATUS_MAX];
    struct view in;

    TRY(small_file_read(path, text, sizeof text, &in));
    return fwrite(in.p, 1, in.n, stdout) == in.n && fflush(stdout) == 0 ? ERR_OK : ERR_IO;
}

/* Of the sets with a supervisor of their own. */
static void print_sets(const struct dev_folder *place)
{
    struct core_sets sets;
    char path[PATH_MAX];

    if (core_sets_read(place->dir, &sets) != ERR_OK) {
        return;
    }
    unsigned others[CORE_SETS_OTHERS];
    const size_t n = core_sets_others(&sets, others);

    for (size_t i = 0; i < n; i++) {
        if (core_sets_path(place->dir, others[i], "cluster", path) == ERR_OK) {
            (void)printf("cores-%u:\n", others[i]);
            (void)!print_file(path); /* they have not begun */
        }
    }
    (void)fflush(stdout);
}

enum err dev_status(const char *dir)
{
    struct dev_folder place;
    pid_t pid = 0;

    TRY(dev_folder_find(dir, &place));
    TRY(dev_folder_owner(&place, &pid));
    errno = 0;
    const enum err e = print_file(place.status);

    if (e != ERR_OK) {
        return dev_say(e, "no cluster runs there", place.dir);
    }
    print_sets(&place);
    return ERR_OK;
}

enum err dev_renew(const char *dir)
{
    struct dev_folder place;
    struct core_sets sets;
    pid_t pid = 0;

    TRY(dev_folder_find(dir, &place));
    TRY(dev_folder_owner(&place, &pid));
    errno = 0;
    if (core_sets_read(place.dir, &sets) != ERR_OK || sets.next != 0 || sets.retires != 0) {
        return dev_say(ERR_STATE,
                       "its front goes over to other cores: quorate dev next ends that, or "
                       "quorate dev next --cancel",
                       place.dir);
    }
    return kill(pid, SIGUSR1) == 0 ? ERR_OK : dev_say(ERR_IO, "cannot be told", place.dir);
}

#endif
