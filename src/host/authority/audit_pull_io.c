#include "host/authority/audit_pull_io.h"

#include "base/hex.h"
#include "host/authority/files_io.h"
#include "os/clock.h"
#include "os/event_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define FOLDER_MODE 0750
#define FILE_MODE 0640
#define MAGIC_LEN (sizeof AUDIT_FILE_MAGIC - 1)

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

static void complain(const char *why, const char *file)
{
    const struct event_field fields[] = {
        {.key = "file", .kind = EVENT_TEXT, .text = file},
        {.key = "why", .kind = EVENT_TEXT, .text = why},
    };

    event_log(EVENT_ERROR, EVENT_INTERNAL, fields, 2);
}

void audit_pulls_open(struct audit_pulls *p, const char *dir)
{
    memset(p, 0, sizeof *p);
    p->dir = dir;
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        p->of[i].fd = -1;
        p->of[i].link.fd = -1;
    }
    if (dir[0] != '\0' && folder_make(dir, FOLDER_MODE) != ERR_OK) {
        complain("no folder for the logs of cores", dir);
        p->dir = "";
    }
}

void audit_pulls_add(struct audit_pulls *p, size_t at, const char *uri)
{
    struct audit_pull *const u = &p->of[at];

    if (p->dir[0] == '\0') {
        return;
    }
    u->uri = uri;
    u->number = (unsigned)at + 1;
    u->next_seq = 1;
    core_link_init(&u->link, u->out, sizeof u->out, u->in, sizeof u->in);
}

void audit_pulls_started(struct audit_pulls *p, size_t at)
{
    struct audit_pull *const u = &p->of[at];

    if (u->uri != NULL) {
        core_link_close(&u->link); /* with whom it was before */
        u->started = true;
        u->next_ms = 0;
    }
}

static void close_file(struct audit_pull *u)
{
    if (u->fd >= 0) {
        (void)close(u->fd);
    }
    u->fd = -1;
    u->len = 0;
    u->full = false;
}

void audit_pulls_close(struct audit_pulls *p)
{
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        if (p->of[i].uri != NULL) {
            core_link_close(&p->of[i].link);
            close_file(&p->of[i]);
        }
    }
}

/* ---- files ---- */

/* The first one of a start has no number. */
static bool file_path(const struct audit_pulls *p, const struct audit_pull *u,
                      char path[PATH_MAX])
{
    char hex[2 * BOOT_NONCE_LEN + 1];
    char part[16] = "";

    hex_write((struct view){u->boot_nonce, BOOT_NONCE_LEN}, hex);
    if (u->part > 1) {
        (void)snprintf(part, sizeof part, "-%u", u->part);
    }
    return snprintf(path, PATH_MAX, "%s/core-%u-%s%s.log", p->dir, u->number, hex, part) <
           PATH_MAX;
}

/* The next part of that start's log, empty but for what it begins with. */
static void open_file(const struct audit_pulls *p, struct audit_pull *u)
{
    char path[PATH_MAX];
    ssize_t wrote = -1;

    close_file(u);
    if (u->files >= AUDIT_PULL_FILES_MAX) {
        complain("too many files of a core: no more of its logs are kept", u->uri);
        return;
    }
    u->files++;
    u->part++;
    if (!file_path(p, u, path)) {
        return;
    }
    u->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, FILE_MODE);
    if (u->fd >= 0) {
        wrote = write(u->fd, AUDIT_FILE_MAGIC, MAGIC_LEN);
    }
    if (wrote != (ssize_t)MAGIC_LEN) {
        complain("the log of a core cannot be kept", path);
        close_file(u);
    }
    u->len = MAGIC_LEN;
}

/* Another start of the core: another log. */
static void begin_log(const struct audit_pulls *p, struct audit_pull *u,
                      const uint8_t boot_nonce[BOOT_NONCE_LEN])
{
    memcpy(u->boot_nonce, boot_nonce, BOOT_NONCE_LEN);
    u->named = true;
    u->next_seq = 1;
    u->begun_ms = now_ms();
    u->part = 0;
    open_file(p, u);
}

/* Whole, or not at all. False: it is not there. */
static bool append(const struct audit_pulls *p, struct audit_pull *u, struct view page)
{
    uint8_t le[4];
    struct writer w = wr_init(le, sizeof le);
    /* The kernel wants a pointer to what may change; of these bytes nothing does. */
    const union {
        const uint8_t *given;
        void *wanted;
    } bytes = {page.p};
    const struct iovec parts[] = {
        {.iov_base = le, .iov_len = sizeof le},
        {.iov_base = bytes.wanted, .iov_len = page.n},
    };
    const size_t whole = sizeof le + page.n;

    wr_u32le(&w, (uint32_t)page.n);
    if (u->fd >= 0 && !u->full && u->len + whole > AUDIT_FILE_MAX) {
        open_file(p, u); /* it is continued there: a page names its start and key itself */
    }
    if (u->fd < 0 || u->full) {
        return false;
    }
    if (writev(u->fd, parts, 2) != (ssize_t)whole) {
        u->full = ftruncate(u->fd, (off_t)u->len) != 0; /* once more later, if it can be */
        complain("the log of a core cannot be written", u->uri);
        return false;
    }
    u->len += whole;
    return true;
}

/* ---- questions ---- */

/* Whether there is more at once. */
static bool take(const struct audit_pulls *p, struct audit_pull *u, struct view answer)
{
    static struct audit_log_page page;
    bool fits;

    if (audit_log_page_decode(answer, &page) != ERR_OK) {
        return false;
    }
    if (!u->named || memcmp(u->boot_nonce, page.boot_nonce, sizeof page.boot_nonce) != 0) {
        const bool from_one = u->next_seq == 1;
        const bool again = u->named && now_ms() - u->begun_ms < AUDIT_PULL_EVERY_MS;

        begin_log(p, u, page.boot_nonce);
        if (!from_one) {
            return !again; /* that was asked of the one before */
        }
    }
    if (page.n == 0) {
        return false;
    }
    u->head_ms = now_ms();
    fits = append(p, u, answer);
    if (fits) {
        u->next_seq = page.entries[page.n - 1].seq + 1;
    }
    return fits && u->next_seq <= page.head.seq;
}

static void ask(struct audit_pull *u, int64_t now)
{
    const struct audit_ask a = {u->next_seq, AUDIT_LOG_PAGE_MAX};
    uint8_t body[16];
    struct writer w = wr_init(body, sizeof body);

    audit_ask_encode(&w, &a);
    u->until_ms = now + AUDIT_PULL_WAIT_MS;
    u->next_ms = now + (u->named && !u->started ? AUDIT_PULL_EVERY_MS : AUDIT_PULL_FIRST_MS);
    if (core_link_ask(&u->link, u->uri, FRAME_AUDIT_LOG, (struct view){body, w.len}) !=
        ERR_OK) {
        core_link_close(&u->link);
        u->settled = true;
    }
}

static void step(const struct audit_pulls *p, struct audit_pull *u, int64_t now)
{
    struct view answer = {NULL, 0};
    bool done = false;

    if (u->link.fd < 0) {
        if (now >= u->next_ms) {
            ask(u, now);
        }
        return;
    }
    if (core_link_step(&u->link, &done, &answer) == ERR_OK && done) {
        u->settled = !take(p, u, answer);
        u->started = false;
        u->next_ms = now + (u->settled ? AUDIT_PULL_EVERY_MS : 0);
    } else if (u->link.fd >= 0 && now >= u->until_ms) {
        core_link_close(&u->link);
    }
    u->settled = u->settled || (!done && u->link.fd < 0); /* it does not answer */
}

size_t audit_pulls_fds(const struct audit_pulls *p, struct pollfd *fds)
{
    size_t n = 0;

    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        const struct audit_pull *const u = &p->of[i];

        if (u->uri != NULL && u->link.fd >= 0) {
            fds[n++] = (struct pollfd){.fd = u->link.fd, .events = core_link_events(&u->link)};
        }
    }
    return n;
}

int64_t audit_pulls_next_ms(const struct audit_pulls *p)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        const struct audit_pull *const u = &p->of[i];
        const int64_t own = u->link.fd >= 0 ? u->until_ms : u->next_ms;

        next = u->uri != NULL && own < next ? own : next;
    }
    return next;
}

void audit_pulls_step(struct audit_pulls *p, int64_t now)
{
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        if (p->of[i].uri != NULL) {
            step(p, &p->of[i], now);
        }
    }
}

/* An answer that is under way may have an older head: the question is put anew. */
static void put_last(struct audit_pull *u)
{
    const int64_t due = u->head_ms + AUDIT_PULL_HEAD_MS;

    core_link_close(&u->link);
    u->settled = false;
    u->next_ms = u->named && due > now_ms() ? due : now_ms();
}

static bool all_settled(const struct audit_pulls *p)
{
    bool all = true;

    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        all = all && (p->of[i].uri == NULL || p->of[i].settled);
    }
    return all;
}

void audit_pulls_last(struct audit_pulls *p)
{
    const int64_t until = now_ms() + AUDIT_PULL_LAST_MS;
    struct pollfd fds[PLAN_NODES_MAX];

    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        put_last(&p->of[i]);
    }
    while (!all_settled(p) && now_ms() < until) {
        const int64_t next = audit_pulls_next_ms(p);
        const int64_t pause = (next < until ? next : until) - now_ms();

        if (poll(fds, audit_pulls_fds(p, fds), pause > 0 ? (int)pause : 0) < 0) {
            return;
        }
        audit_pulls_step(p, now_ms());
    }
}
