#include "host/authority/dev_next_io.h"

#if defined(QUORATE_SIMULATED)

#include "base/hex.h"
#include "host/authority/cluster_io.h"
#include "host/authority/core_sets_io.h"
#include "host/authority/dev_io.h"
#include "host/authority/dev_set_io.h"
#include "host/authority/failing.h"
#include "host/authority/front_ask_io.h"
#include "host/authority/front_watch_io.h"
#include "host/authority/set_status.h"
#include "host/ceremony/command_io.h"
#include "host/ceremony/retire_command_io.h"
#include "os/clock.h"
#include "os/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct next_run {
    const struct dev_next_options *options;
    struct dev_folder place;
    struct core_sets sets;
    struct config config; /* as the front has it */
    struct retire_args retire;
    uint8_t old_id[EPOCH_ID_LEN], new_id[EPOCH_ID_LEN];
    unsigned leaves;        /* the set whose end is waited for */
    struct failing failing; /* a process of the coming set that keeps ending */
    char why[256];          /* what is waited for, as it was last */
};

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

static void tell(const struct next_run *r, const char *what)
{
    if (!r->options->json) {
        (void)printf("%s\n", what);
        (void)fflush(stdout);
    }
}

/* Has the supervisor look at what changed. ERR_STATE: it has ended. */
static enum err rouse(const struct next_run *r, int sig)
{
    pid_t pid = 0;

    TRY(dev_folder_owner(&r->place, &pid));
    errno = 0;
    return kill(pid, sig) == 0 ? ERR_OK : dev_say(ERR_IO, "cannot be told", r->place.dir);
}

/* Until it holds, and look() gives something else than ERR_BUSY: that. ERR_STATE: the
 * supervisor has ended. ERR_DEADLINE. Both are said. */
static enum err await(struct next_run *r, enum err (*look)(struct next_run *r))
{
    const int64_t until = now_ms() + DEV_NEXT_WAIT_MS;
    pid_t pid = 0;
    enum err e;

    r->why[0] = '\0';
    while ((e = look(r)) == ERR_BUSY) {
        TRY(dev_folder_owner(&r->place, &pid));
        if (now_ms() >= until) {
            (void)fprintf(stderr,
                          "quorate dev: %s: not within %d s: %s\nquorate dev: what served "
                          "serves on; quorate dev next goes on where this ended\n",
                          r->place.dir, DEV_NEXT_WAIT_MS / 1000, r->why);
            return ERR_DEADLINE;
        }
        (void)poll(NULL, 0, DEV_NEXT_LOOK_MS);
    }
    return e;
}

/* What a supervisor says of itself; empty: nothing yet. */
static struct view read_status(const char *path, uint8_t text[CLUSTER_STATUS_MAX])
{
    struct view in = {NULL, 0};

    return small_file_read(path, text, CLUSTER_STATUS_MAX, &in) == ERR_OK
               ? in
               : (struct view){NULL, 0};
}

static enum err keep(const struct next_run *r)
{
    const enum err e = core_sets_keep(r->place.dir, &r->sets);

    if (e != ERR_OK) {
        return dev_say(e, "it cannot be written which cores are to run", r->place.dir);
    }
    return rouse(r, SIGUSR2);
}

/* ---- who serves ---- */

static enum err epoch_of(const struct next_run *r, unsigned set, uint8_t out[EPOCH_ID_LEN])
{
    char path[PATH_MAX];

    TRY(core_sets_path(r->place.dir, set, "ceremony.qcr", path));
    const enum err e = dev_set_epoch(path, out);

    return e == ERR_OK ? e : dev_say(e, "is no record of a ceremony", path);
}

static enum err front_has(struct next_run *r, const uint8_t epoch_id[EPOCH_ID_LEN])
{
    char address[FRONT_WATCH_ADDRESS_MAX];
    char hex[2 * EPOCH_ID_LEN + 1] = "none";
    struct front_state s;
    uint8_t text[FRONT_WATCH_ADDRESS_MAX];
    struct view in;

    if (small_file_read(r->config.front.address_file, text, sizeof text - 1, &in) != ERR_OK) {
        (void)snprintf(r->why, sizeof r->why, "the front is not there");
        return ERR_BUSY;
    }
    text[in.n] = '\0';
    (void)snprintf(address, sizeof address, "%.*s", (int)strcspn((const char *)text, "\n"),
                   (const char *)text);
    const enum err e = front_ask(address, &s);

    if (e != ERR_OK) {
        (void)snprintf(r->why, sizeof r->why, "the front does not answer (%s)", err_name(e));
        return ERR_BUSY;
    }
    if (s.has_epoch) {
        hex_write((struct view){s.epoch_id, sizeof s.epoch_id}, hex);
    }
    (void)snprintf(r->why, sizeof r->why,
                   "the front serves with epoch %.16s, %u other sets of cores have requests",
                   hex, s.leaving);
    return front_state_is(&s, epoch_id) ? ERR_OK : ERR_BUSY;
}

static enum err front_is_new(struct next_run *r)
{
    return front_has(r, r->new_id);
}

static enum err front_is_old(struct next_run *r)
{
    return front_has(r, r->old_id);
}

/* ---- the cores of the next epoch ---- */

/* A process of it, or the supervisor of it, that does not do what it was started for. */
static bool set_fails(struct next_run *r, struct view of_set)
{
    uint8_t text[CLUSTER_STATUS_MAX];
    char name[FAILING_NAME_MAX];
    struct failing *const f = &r->failing;

    (void)snprintf(name, sizeof name, "cores-%u", r->sets.next % (CORE_SETS_LAST + 1));
    return (failing_find(read_status(r->place.status, text), name, f) ||
            failing_find(of_set, NULL, f)) &&
           f->times >= DEV_NEXT_ENDS;
}

/* ERR_POLICY: it is not going to. */
static enum err set_serves(struct next_run *r)
{
    char path[PATH_MAX], line[SET_STATUS_LINE_MAX];
    uint8_t text[CLUSTER_STATUS_MAX];

    TRY(core_sets_path(r->place.dir, r->sets.next, "cluster", path));
    const struct view in = read_status(path, text);

    set_status_line(in, line);
    (void)snprintf(r->why, sizeof r->why, "the cores of the next epoch%s%s",
                   in.n > 0 ? ": " : " have not started", line);
    if (set_status_serves(in)) {
        return ERR_OK;
    }
    return set_fails(r, in) ? ERR_POLICY : ERR_BUSY;
}

static enum err begin(struct next_run *r)
{
    const enum err e = core_sets_begin(&r->sets);

    if (e != ERR_OK) {
        return dev_say(e, "has had too many epochs: quorate dev up begins anew", r->place.dir);
    }
    TRY(r->config.authority.evidence == CONFIG_EVIDENCE_SIM ? dev_find_measured() : ERR_OK);
    TRY(dev_set_make(&r->place, &r->config, r->sets.serves, r->sets.next));
    TRY(keep(r));
    tell(r, "the cores of the next epoch start");
    return ERR_OK;
}

static enum err go_over(struct next_run *r)
{
    char line[64 + 2 * EPOCH_ID_LEN];
    char hex[2 * EPOCH_ID_LEN + 1];

    TRY(rouse(r, SIGUSR2)); /* the call before may have ended before that */
    TRY(await(r, set_serves));
    TRY(epoch_of(r, r->sets.next, r->new_id));
    hex_write((struct view){r->new_id, sizeof r->new_id}, hex);
    (void)snprintf(line, sizeof line, "epoch %s is ready", hex);
    tell(r, line);
    TRY(dev_set_use(&r->place, r->sets.next));
    TRY(rouse(r, SIGHUP));
    TRY(await(r, front_is_new));
    tell(r, "requests go to it, and none is left of the one before");
    core_sets_go_over(&r->sets);
    return keep(r);
}

/* ---- those of the one before ---- */

static enum err retire(struct next_run *r)
{
    char conf[PATH_MAX], order[PATH_MAX], key[PATH_MAX], out[PATH_MAX];
    char next[2 * EPOCH_ID_LEN + 1];
    struct retire_args *const a = &r->retire;

    TRY(core_sets_conf(r->place.dir, r->sets.retires, conf));
    TRY(core_sets_path(r->place.dir, r->sets.retires, "retire.order", order));
    TRY(core_sets_path(r->place.dir, r->sets.retires, "operator.pem", key));
    TRY(core_sets_path(r->place.dir, r->sets.retires, "retired", out));
    TRY(epoch_of(r, r->sets.serves, r->new_id));
    hex_write((struct view){r->new_id, sizeof r->new_id}, next);
    *a = (struct retire_args){
        .config = conf, .order = order, .out = out, .json = r->options->json};
    if (access(order, F_OK) != 0) { /* else it was signed by the call before */
        a->reason = "superseded";
        a->next = next;
        a->keys[a->n_keys++] = key;
    }
    const int status = command_retire_epoch(a);

    if (status == COMMAND_DONE) {
        return dev_set_join(&r->place, r->sets.serves, r->sets.retires);
    }
    (void)fprintf(stderr,
                  "quorate dev: the epoch before is not over: a core that does not answer may "
                  "have its share. Tokens are made by the next one; quorate dev next asks again"
                  "\n");
    return ERR_QUORUM;
}

static enum err is_let_go(struct next_run *r)
{
    uint8_t text[CLUSTER_STATUS_MAX];
    const struct view in = read_status(r->place.status, text);

    (void)snprintf(r->why, sizeof r->why, "%s",
                   in.n > 0 ? "the cores of the other epoch have not ended"
                            : "the supervisor says nothing");
    return set_status_is_gone(in, r->leaves) ? ERR_OK : ERR_BUSY;
}

/* Only those that serve are left. */
static enum err let_go(struct next_run *r, unsigned set)
{
    r->leaves = set;
    core_sets_let_go(&r->sets);
    TRY(keep(r));
    return await(r, is_let_go);
}

/* ---- the command ---- */

static enum err cancel(struct next_run *r)
{
    if (r->sets.next == 0) {
        return dev_say(ERR_POLICY,
                       r->sets.retires != 0
                           ? "the next epoch serves already: quorate dev next ends the other"
                           : "no other cores are to take over",
                       r->place.dir);
    }
    TRY(epoch_of(r, r->sets.serves, r->old_id));
    TRY(dev_set_use(&r->place, r->sets.serves));
    TRY(rouse(r, SIGHUP));
    TRY(await(r, front_is_old));
    TRY(let_go(r, r->sets.next));
    tell(r, "the cores of the next epoch have ended; the one before serves on");
    return ERR_OK;
}

static void report(const struct next_run *r)
{
    char hex[2 * EPOCH_ID_LEN + 1];

    hex_write((struct view){r->new_id, sizeof r->new_id}, hex);
    if (r->options->json) {
        (void)printf("{\"event\":\"next\",\"epoch_id\":\"%s\",\"set\":%u}\n", hex,
                     r->sets.serves);
    } else {
        (void)printf("epoch %s serves; the cores of the one before have ended\n", hex);
    }
    (void)fflush(stdout);
}

/* Whoever runs other programs, or the same ones mended, begins anew. */
static enum err give_up(struct next_run *r)
{
    const struct failing *const f = &r->failing;

    (void)fprintf(
        stderr,
        "quorate dev: %s: the cores of the next epoch do not get ready: %s has ended %u "
        "times, %s: %s\n",
        r->place.dir, f->name, f->times, f->how,
        f->said[0] != '\0' ? f->said : "it said nothing");
    TRY(cancel(r));
    return ERR_POLICY;
}

static enum err carry_out(struct next_run *r)
{
    const bool is_over = r->sets.retires != 0; /* the call before came so far */

    if (!is_over && r->sets.next == 0) {
        TRY(begin(r));
    }
    if (!is_over) {
        const enum err e = go_over(r);

        if (e != ERR_OK) {
            return r->failing.times >= DEV_NEXT_ENDS ? give_up(r) : e;
        }
    }
    TRY(retire(r));
    TRY(let_go(r, r->sets.retires));
    report(r);
    return ERR_OK;
}

/* One at a time; until the process ends. */
static enum err lock(const struct next_run *r)
{
    char path[PATH_MAX];

    TRY(core_sets_path(r->place.dir, 1, "next.lock", path));
    errno = 0;
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        return dev_say(ERR_IO, "cannot be opened", path);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        errno = 0;
        return dev_say(ERR_STATE, "another quorate dev next runs there", r->place.dir);
    }
    return ERR_OK;
}

static enum err run(struct next_run *r)
{
    char error[CONFIG_ERROR_MAX];
    pid_t pid = 0;

    TRY(dev_folder_find(r->options->dir, &r->place));
    TRY(dev_folder_owner(&r->place, &pid));
    TRY(lock(r));
    if (config_load(r->place.conf, &r->config, error) != ERR_OK) {
        (void)fprintf(stderr, "quorate dev: %s\n", error);
        return ERR_ENCODING;
    }
    errno = 0;
    if (r->config.front.ceremony[0] == '\0') {
        return dev_say(ERR_STATE,
                       "one core that signs alone: a restart of quorate dev up is its next "
                       "epoch",
                       r->place.dir);
    }
    const enum err e = core_sets_read(r->place.dir, &r->sets);

    if (e != ERR_OK) {
        return dev_say(e, "its file \"sets\" does not say which cores run", r->place.dir);
    }
    return r->options->cancel ? cancel(r) : carry_out(r);
}

enum err dev_next(const struct dev_next_options *o)
{
    struct next_run *const r = calloc(1, sizeof *r);

    if (r == NULL) {
        return ERR_NOSPACE;
    }
    r->options = o;
    const enum err e = run(r);

    free(r);
    return e;
}

#endif
