#include "host/authority/dev_folder_io.h"

#if defined(QUORATE_SIMULATED)

#include "base/secret.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum err dev_say(enum err e, const char *what, const char *which)
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

/* Who else can put files there could have ours name others, of whoever runs this. */
static enum err check_owner(const char *dir)
{
    struct stat st;

    if (stat(dir, &st) != 0) {
        return dev_say(ERR_IO, "cannot be looked at", dir);
    }
    return st.st_uid == geteuid() && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0
               ? ERR_OK
               : dev_say(ERR_POLICY, "another user owns it, or can write in it", dir);
}

enum err dev_folder_find(const char *dir, struct dev_folder *out)
{
    memset(out, 0, sizeof *out);
    errno = 0;
    if (realpath(dir, out->dir) == NULL) {
        return dev_say(ERR_IO, "no such folder", dir);
    }
    TRY(check_owner(out->dir));
    TRY(join(out->dir, "quorate.conf", out->conf));
    TRY(join(out->dir, "ca.key", out->key));
    TRY(join(out->dir, "ca-pq.key", out->key_pq));
    TRY(join(out->dir, "ca.pem", out->cert));
    TRY(join(out->dir, "cluster", out->status));
    return join(out->dir, "lock", out->lock);
}

enum err dev_folder_lock(const struct dev_folder *f)
{
    const int fd = open(f->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        return dev_say(ERR_IO, "cannot be opened", f->lock);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        errno = 0;
        return dev_say(ERR_STATE, "another quorate dev up runs there", f->dir);
    }
    if (ftruncate(fd, 0) != 0 || dprintf(fd, "%d\n", (int)getpid()) < 0) {
        return dev_say(ERR_IO, "cannot be written", f->lock);
    }
    return ERR_OK;
}

enum err dev_folder_owner(const struct dev_folder *f, pid_t *pid)
{
    uint8_t text[16];
    struct view in;
    long n = 0;

    errno = 0;
    const int fd = open(f->lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    const bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    errno = 0;
    if (!held) {
        return dev_say(ERR_STATE, "no quorate dev up runs there", f->dir);
    }
    TRY(small_file_read(f->lock, text, sizeof text, &in));
    for (size_t i = 0; i < in.n && in.p[i] >= '0' && in.p[i] <= '9'; i++) {
        n = n * 10 + (in.p[i] - '0');
    }
    *pid = (pid_t)n;
    return n > 1 ? ERR_OK : dev_say(ERR_STATE, "does not say who has it", f->lock);
}

/* ---- the test CAs ---- */

void dev_cas_free(struct dev_cas *c)
{
    dev_ca_free(c->classic);
    dev_ca_pq_free(c->pq);
    *c = (struct dev_cas){NULL, NULL};
}

/* One of them: its key's file, and what makes it of the two texts. */
static enum err load_classic(const struct dev_folder *f, struct view certs, struct dev_cas *out)
{
    uint8_t key[DEV_CA_TEXT_MAX];
    struct view pem;
    enum err e = small_file_read(f->key, key, sizeof key, &pem);

    if (e == ERR_OK) {
        e = dev_ca_load(pem, certs, (int64_t)time(NULL), &out->classic);
    }
    wipe(key, sizeof key);
    return e;
}

static enum err load_pq(const struct dev_folder *f, struct view certs, struct dev_cas *out)
{
    uint8_t key[DEV_CA_TEXT_MAX];
    struct view pem;
    enum err e = small_file_read(f->key_pq, key, sizeof key, &pem);

    if (e == ERR_OK) {
        e = dev_ca_pq_load(pem, certs, (int64_t)time(NULL), &out->pq);
    }
    wipe(key, sizeof key);
    return e;
}

static enum err load(const struct dev_folder *f, struct dev_cas *out)
{
    uint8_t text[DEV_CA_TEXT_MAX];
    struct view certs;

    *out = (struct dev_cas){NULL, NULL};
    errno = 0;
    TRY(small_file_read(f->cert, text, sizeof text, &certs));
    TRY(load_classic(f, certs, out));
    return load_pq(f, certs, out);
}

enum err dev_cas_load(const struct dev_folder *f, struct dev_cas *out)
{
    const enum err e = load(f, out);

    if (e == ERR_OK) {
        return e;
    }
    dev_cas_free(out);
    return dev_say(e, "the test CA in it cannot be used", f->dir);
}

/* ---- making what is missing ---- */

static enum err save_key(const char *path, const struct dev_cas *c, bool pq)
{
    uint8_t text[DEV_CA_TEXT_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view pem = {NULL, 0};
    enum err e = pq ? dev_ca_pq_key_pem(c->pq, &w) : dev_ca_key_pem(c->classic, &w);

    if (e == ERR_OK) {
        e = wr_finish(&w, &pem);
    }
    if (e == ERR_OK) {
        e = file_replace(path, pem, 0600);
    }
    wipe(text, sizeof text);
    return e;
}

static enum err save_certs(const struct dev_folder *f, const struct dev_cas *c)
{
    uint8_t text[DEV_CA_TEXT_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view pem;

    TRY(dev_ca_cert_pem(c->classic, &w));
    TRY(dev_ca_pq_cert_pem(c->pq, &w));
    TRY(wr_finish(&w, &pem));
    return file_replace(f->cert, pem, 0644);
}

static bool is_missing(enum err e)
{
    return e == ERR_IO && errno == ENOENT;
}

/* Keys first: what has a key and no certificate was never given away, and is made anew. */
static enum err keep(const struct dev_folder *f, struct view certs, struct dev_cas *c)
{
    const int64_t now_s = (int64_t)time(NULL);
    bool changed = false;
    enum err e = certs.n > 0 ? load_classic(f, certs, c) : ERR_STATE;

    if (is_missing(e) || certs.n == 0) {
        TRY(dev_ca_new(now_s, &c->classic));
        TRY(save_key(f->key, c, false));
        changed = true;
        e = ERR_OK;
    }
    TRY(e);
    e = certs.n > 0 ? load_pq(f, certs, c) : ERR_STATE;
    if (is_missing(e) || e == ERR_STATE) {
        TRY(dev_ca_pq_new(now_s, &c->pq));
        TRY(save_key(f->key_pq, c, true));
        changed = true;
        e = ERR_OK;
    }
    TRY(e);
    return changed ? save_certs(f, c) : ERR_OK;
}

enum err dev_cas_keep(const struct dev_folder *f)
{
    uint8_t text[DEV_CA_TEXT_MAX];
    struct dev_cas c = {NULL, NULL};
    struct view certs;

    errno = 0;
    enum err e = small_file_read(f->cert, text, sizeof text, &certs);

    if (e == ERR_OK || is_missing(e)) {
        e = keep(f, certs, &c);
    }
    dev_cas_free(&c);
    return e == ERR_OK ? e : dev_say(e, "the test CA in it cannot be used; remove it", f->dir);
}

#endif
