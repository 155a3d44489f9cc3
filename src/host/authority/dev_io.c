#include "host/authority/dev_io.h"

#if defined(QUORATE_SIMULATED)

#include "base/secret.h"
#include "host/authority/dev_ca.h"
#include "host/authority/dev_conf.h"
#include "host/authority/files_io.h"
#include "host/authority/front_watch_io.h"
#include "host/authority/spki_pem.h"
#include "host/authority/supervise_io.h"
#include "os/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

struct dev_place {
    char dir[PATH_MAX]; /* absolute */
    char conf[PATH_MAX], key[PATH_MAX], cert[PATH_MAX], lock[PATH_MAX];
};

struct dev_run {
    const struct dev_options *options;
    struct dev_place place;
    char program[PATH_MAX]; /* our own */
    struct config config;
};

static enum err say(enum err e, const char *what, const char *which)
{
    (void)fprintf(stderr, "quorate dev: %s: %s%s%s\n", which, what,
                  e == ERR_IO && errno != 0 ? ": " : "",
                  e == ERR_IO && errno != 0 ? strerrordesc_np(errno) : "");
    return e;
}

static enum err join(const char *dir, const char *name, char out[PATH_MAX])
{
    const int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);

    return n < 0 || n >= PATH_MAX ? ERR_NOSPACE : ERR_OK;
}

static enum err find_place(const char *dir, struct dev_place *out)
{
    memset(out, 0, sizeof *out);
    errno = 0;
    if (realpath(dir, out->dir) == NULL) {
        return say(ERR_IO, "no such folder", dir);
    }
    TRY(join(out->dir, "quorate.conf", out->conf));
    TRY(join(out->dir, "ca.key", out->key));
    TRY(join(out->dir, "ca.pem", out->cert));
    return join(out->dir, "lock", out->lock);
}

/* ---- the test CA in its folder ---- */

static enum err load_ca(const struct dev_place *p, struct dev_ca **out)
{
    uint8_t key[DEV_CA_TEXT_MAX];
    uint8_t cert[DEV_CA_TEXT_MAX];
    struct view key_pem;
    struct view cert_pem = {0};

    *out = NULL;
    enum err e = small_file_read(p->key, key, sizeof key, &key_pem);

    if (e == ERR_OK) {
        e = small_file_read(p->cert, cert, sizeof cert, &cert_pem);
    }
    if (e == ERR_OK) {
        e = dev_ca_load(key_pem, cert_pem, (int64_t)time(NULL), out);
    }
    wipe(key, sizeof key);
    return e;
}

static enum err save_ca(const struct dev_place *p, const struct dev_ca *ca)
{
    uint8_t text[DEV_CA_TEXT_MAX];
    struct writer key = wr_init(text, sizeof text);
    struct view pem = {NULL, 0};
    enum err e = dev_ca_key_pem(ca, &key);

    if (e == ERR_OK) {
        e = wr_finish(&key, &pem);
    }
    if (e == ERR_OK) {
        e = file_replace(p->key, pem, 0600);
    }
    wipe(text, sizeof text);
    TRY(e);
    struct writer cert = wr_init(text, sizeof text);

    TRY(dev_ca_cert_pem(ca, &cert));
    TRY(wr_finish(&cert, &pem));
    return file_replace(p->cert, pem, 0644);
}

/* Makes the CA once: who has installed ca.pem can go on with the same folder. */
static enum err keep_ca(const struct dev_place *p)
{
    struct dev_ca *ca = NULL;
    enum err e = load_ca(p, &ca);

    if (e == ERR_IO && errno == ENOENT) {
        e = dev_ca_new((int64_t)time(NULL), &ca);
        if (e == ERR_OK) {
            e = save_ca(p, ca);
        }
    }
    dev_ca_free(ca);
    return e == ERR_OK ? e : say(e, "the test CA in it cannot be used; remove it", p->dir);
}

enum err dev_certify(const char *dir)
{
    uint8_t spki[SPKI_PEM_MAX];
    uint8_t chain[DEV_CA_TEXT_MAX];
    struct writer w = wr_init(chain, sizeof chain);
    struct dev_place place;
    struct dev_ca *ca = NULL;
    struct view pem = {NULL, 0};

    TRY(find_place(dir, &place));
    errno = 0;
    enum err e = load_ca(&place, &ca);

    if (e != ERR_OK) {
        return say(e, "the test CA in it cannot be used", place.dir);
    }
    const size_t n = fread(spki, 1, sizeof spki, stdin);

    e = dev_ca_issue(ca, (struct view){spki, n}, (int64_t)time(NULL), &w);
    dev_ca_free(ca);
    if (e == ERR_OK) {
        e = wr_finish(&w, &pem);
    }
    if (e == ERR_OK && (fwrite(pem.p, 1, pem.n, stdout) != pem.n || fflush(stdout) != 0)) {
        e = ERR_IO;
    }
    errno = 0;
    return e == ERR_OK ? e : say(e, "no certificate could be made", place.dir);
}

/* ---- quorate dev up ---- */

static enum err write_conf(const struct dev_run *r, const char *listen)
{
    uint8_t text[DEV_CONF_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view conf;

    TRY(dev_conf_write(listen, r->program, r->place.dir, &w));
    TRY(wr_finish(&w, &conf));
    return file_replace(r->place.conf, conf, 0644);
}

/* A front that is started again must come back at the same address: port 0 is written down. */
static void ready(void *user, const char *address)
{
    const struct dev_run *r = (const struct dev_run *)user;
    char url[FRONT_WATCH_ADDRESS_MAX + 16];

    if (write_conf(r, address) != ERR_OK) {
        (void)say(ERR_IO, "cannot be written", r->place.conf);
    }
    front_watch_url(address, url, sizeof url);
    if (r->options->json) {
        (void)printf("{\"event\":\"ready\",\"url\":\"%s\",\"dir\":\"%s\"}\n", url,
                     r->place.dir);
    } else {
        (void)printf("ready %s\n", url);
    }
    (void)fflush(stdout);
}

/* The lock ends with the process. */
static enum err lock_place(const struct dev_place *p)
{
    const int fd = open(p->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        return say(ERR_IO, "cannot be opened", p->lock);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        errno = 0;
        return say(ERR_STATE, "another quorate dev up runs there", p->dir);
    }
    return ERR_OK;
}

static enum err prepare(struct dev_run *r)
{
    char error[CONFIG_ERROR_MAX];

    errno = 0;
    if (folder_make(r->options->dir, 0700) != ERR_OK) {
        return say(ERR_IO, "cannot be made", r->options->dir);
    }
    TRY(find_place(r->options->dir, &r->place));
    TRY(program_beside("quorate-authority", r->program, sizeof r->program));
    if (!dev_conf_path_ok(r->place.dir) || !dev_conf_path_ok(r->program)) {
        return say(ERR_RANGE, "its path holds a character that quorate.conf or a shell reads",
                   dev_conf_path_ok(r->place.dir) ? r->program : r->place.dir);
    }
    TRY(lock_place(&r->place));
    TRY(keep_ca(&r->place));
    const enum err e = write_conf(r, r->options->listen);

    if (e != ERR_OK) {
        return say(e, "cannot be written", r->place.conf);
    }
    if (config_load(r->place.conf, &r->config, error) != ERR_OK) {
        (void)fprintf(stderr, "quorate dev: %s\n", error);
        return ERR_STATE;
    }
    return ERR_OK;
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
        const struct supervise_job job = {
            .config = &r->config,
            .config_path = r->place.conf,
            .must_start = true,
            .probe = true,
            .ready = ready,
            .user = r,
        };

        e = supervise_run(&job);
        if (e == ERR_STATE) {
            errno = 0;
            (void)say(e,
                      "did not get ready; is the address in use? --listen 127.0.0.1:0 takes a "
                      "free port",
                      o->listen);
        }
    }
    free(r);
    return e;
}

#endif
