#include "host/authority/dev_set_io.h"

#if defined(QUORATE_SIMULATED)

#include "bundle/bundle_grow.h"

#include "host/authority/core_sets.h"
#include "host/authority/dev_conf.h"
#include "host/authority/files_io.h"
#include "host/coord/roster.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_MODE 0700
#define FILE_MODE 0644

enum err dev_set_epoch(const char *record, uint8_t out[EPOCH_ID_LEN])
{
    static uint8_t bytes[CEREMONY_RECORD_MAX];
    char why[ROSTER_WHY_MAX];
    struct roster *roster = NULL;
    struct view in;

    TRY(small_file_read(record, bytes, sizeof bytes, &in));
    TRY(roster_new(in, &roster, why));
    memcpy(out, roster->quorum.epoch_id, EPOCH_ID_LEN);
    roster_free(roster);
    return ERR_OK;
}

/* ---- one that is new ---- */

static enum err copy(const char *from, const char *to, uint8_t *room, size_t cap)
{
    struct view in;

    errno = 0;
    enum err e = small_file_read(from, room, cap, &in);

    if (e != ERR_OK) {
        return dev_say(e, "cannot be read", from);
    }
    e = file_replace(to, in, FILE_MODE);
    return e == ERR_OK ? e : dev_say(e, "cannot be written", to);
}

/* As the one that serves, but its cores. */
static enum err write_conf(const struct dev_folder *f, const struct config *c, unsigned set,
                           const char *program)
{
    static uint8_t now[DEV_CONF_MAX], text[DEV_CONF_MAX];
    struct writer w = wr_init(text, sizeof text);
    char path[PATH_MAX];
    struct view conf = {NULL, 0};
    struct view in;

    errno = 0;
    enum err e = small_file_read(f->conf, now, sizeof now, &in);

    if (e != ERR_OK) {
        return dev_say(e, "cannot be read", f->conf);
    }
    const struct dev_conf wish = {
        .listen = c->front.listen,
        .program = program,
        .dir = f->dir,
        .nodes = (uint8_t)config_items(c->front.core),
        .threshold = (uint8_t)c->authority.threshold,
        .evidence = c->authority.evidence == CONFIG_EVIDENCE_SIM,
        .nts = c->authority.clock == CONFIG_CLOCK_NTS,
        .set = set,
        .time = dev_conf_time(in),
    };

    e = dev_conf_write(&wish, &w);
    if (e == ERR_OK) {
        e = wr_finish(&w, &conf);
    }
    TRY(core_sets_conf(f->dir, set, path));
    if (e == ERR_OK) {
        e = file_replace(path, conf, FILE_MODE);
    }
    return e == ERR_OK ? e : dev_say(e, "cannot be written", path);
}

/* What an earlier set of that number has left, and would be taken for one of this. */
static enum err clear(const struct dev_folder *f, unsigned follows, unsigned set)
{
    static const char *const mine[] = {"cluster", "ceremony.qcr", "bundle"};
    static const char *const ending[] = {"retire.order", "retired"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof mine / sizeof mine[0]; i++) {
        TRY(core_sets_path(f->dir, set, mine[i], path));
        (void)unlink(path);
    }
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        TRY(core_sets_path(f->dir, follows, ending[i], path));
        (void)unlink(path);
    }
    return ERR_OK;
}

static enum err link_program(const struct dev_folder *f, unsigned set, const char *program)
{
    char path[PATH_MAX];

    TRY(core_sets_path(f->dir, set, "authority", path));
    (void)unlink(path);
    errno = 0;
    return symlink(program, path) == 0 ? ERR_OK : dev_say(ERR_IO, "cannot be made", path);
}

enum err dev_set_make(const struct dev_folder *f, const struct config *c, unsigned follows,
                      unsigned set)
{
    static uint8_t room[BUNDLE_MAX];
    char folder[PATH_MAX], program[PATH_MAX], bundle[PATH_MAX];

    TRY(core_sets_path(f->dir, set, "", folder));
    TRY(program_beside("quorate-authority", program, sizeof program));
    errno = 0;
    if (folder_make(folder, FOLDER_MODE) != ERR_OK) {
        return dev_say(ERR_IO, "cannot be made", folder);
    }
    TRY(clear(f, follows, set));
    TRY(link_program(f, set, program));
    if (c->front.bundle[0] != '\0') {
        TRY(core_sets_path(f->dir, set, "bundle", bundle));
        TRY(copy(c->front.bundle, bundle, room, sizeof room));
    }
    return write_conf(f, c, set, program);
}

enum err dev_set_use(const struct dev_folder *f, unsigned set)
{
    static uint8_t room[DEV_CONF_MAX];
    char path[PATH_MAX];

    TRY(core_sets_conf(f->dir, set, path));
    return copy(path, f->conf, room, sizeof room);
}

/* ---- one that has retired ---- */

/* A bundle that was read; the bytes stay in room. */
static enum err read_bundle(const struct dev_folder *f, unsigned set, uint8_t room[BUNDLE_MAX],
                            struct view *in, struct bundle *out)
{
    char path[PATH_MAX];

    TRY(core_sets_path(f->dir, set, "bundle", path));
    errno = 0;
    enum err e = small_file_read(path, room, BUNDLE_MAX, in);

    if (e == ERR_OK) {
        e = bundle_decode(*in, out);
    }
    return e == ERR_OK ? e : dev_say(e, "cannot be read as a bundle", path);
}

static enum err write_bundle(const struct dev_folder *f, unsigned set, const struct bundle *b)
{
    static uint8_t room[BUNDLE_MAX];
    struct writer w = wr_init(room, sizeof room);
    char path[PATH_MAX];
    struct view out;

    TRY(core_sets_path(f->dir, set, "bundle", path));
    bundle_encode(&w, b);
    enum err e = wr_finish(&w, &out);

    errno = 0;
    if (e == ERR_OK) {
        e = file_replace(path, out, FILE_MODE);
    }
    return e == ERR_OK ? e : dev_say(e, "cannot be written", path);
}

enum err dev_set_join(const struct dev_folder *f, unsigned set, unsigned before)
{
    static uint8_t rooms[2][BUNDLE_MAX];
    static struct bundle now, old; /* some kilobytes: not for the stack */
    char path[PATH_MAX];
    struct view in;

    TRY(core_sets_path(f->dir, before, "bundle", path));
    if (access(path, F_OK) != 0) {
        return ERR_OK; /* its nodes show nothing */
    }
    TRY(read_bundle(f, set, rooms[0], &in, &now));
    TRY(read_bundle(f, before, rooms[1], &in, &old));
    /* Where other epochs came between its own bundle has them. */
    return bundle_set_before(&now, in) == ERR_OK ? write_bundle(f, set, &now) : ERR_OK;
}

#endif
