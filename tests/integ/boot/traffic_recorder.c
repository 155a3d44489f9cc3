#include "traffic_recorder.h"

#include "core_process.h"
#include "core_secrets.h"

#include "wire/frame.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PAIRS_MAX 16
#define CONNECT_TRIES 1000 /* of 10 ms: the core listens once it has made its keys */
#define ARGS_MAX 64

/* One direction of a connection. */
struct way {
    int from, to, file;
    size_t len, at;
    uint8_t bytes[65536];
};

struct pair {
    bool open;
    struct way in, out;    /* to the core, from it */
    size_t head_len, left; /* of the frame that comes from the core */
    uint8_t head[FRAME_HEADER_LEN];
};

static struct {
    int listener;
    pid_t core;
    char name[16]; /* core-1 */
    char own[100]; /* where the core listens; a socket has hardly more */
    size_t connections;
    FILE *secrets;
    bool has_pages;
    struct core_pages pages;
    struct pair pairs[PAIRS_MAX];
} recorder;

static FILE *open_in(const char *folder, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, "ae");
}

/* ---- secrets ---- */

static void put_secret(void *self, const char *name, uint32_t owners, struct view v)
{
    FILE *const f = self;
    const uint32_t n = (uint32_t)v.n;
    char field[SECRET_NAME_MAX] = "";
    size_t zeros = 0;

    while (zeros < v.n && v.p[zeros] == 0) {
        zeros++;
    }
    if (zeros == v.n) {
        return;
    }
    (void)snprintf(field, sizeof field, "%s", name);
    (void)fwrite(field, sizeof field, 1, f);
    (void)fwrite(&owners, sizeof owners, 1, f);
    (void)fwrite(&n, sizeof n, 1, f);
    (void)fwrite(v.p, v.n, 1, f);
}

static void read_secrets(FILE *f, struct secret_set *s)
{
    static uint8_t bytes[65536];
    char field[SECRET_NAME_MAX];
    uint32_t owners = 0;
    uint32_t n = 0;

    while (fread(field, sizeof field, 1, f) == 1 && fread(&owners, sizeof owners, 1, f) == 1 &&
           fread(&n, sizeof n, 1, f) == 1 && n <= sizeof bytes && fread(bytes, n, 1, f) == 1) {
        core_secrets_to_set(s, field, owners, (struct view){bytes, n});
    }
}

void recorder_secrets(const char *folder, struct secret_set *s)
{
    DIR *const d = opendir(folder);
    const struct dirent *e;
    FILE *f;

    while (d != NULL && (e = readdir(d)) != NULL) {
        f = e->d_name[0] == '.' ? NULL : open_in(folder, e->d_name);
        if (f != NULL) {
            f = freopen(NULL, "re", f);
            read_secrets(f, s);
            (void)fclose(f);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}

/* The host has not heard yet what it would answer to: the core stands still. */
static void take_secrets(void)
{
    const char *why = "";

    if (!recorder.has_pages) {
        recorder.has_pages = core_pages_open(&recorder.pages, recorder.core, &why);
    }
    if (recorder.has_pages && recorder.secrets != NULL) {
        core_secrets_take_ceremony(&recorder.pages, put_secret, recorder.secrets);
        (void)fflush(recorder.secrets);
    }
}

/* ---- frames of the core ---- */

static void follow_frames(struct pair *p, struct view v)
{
    struct frame_header h;

    while (v.n > 0) {
        const size_t want = p->left > 0 ? p->left : FRAME_HEADER_LEN - p->head_len;
        const size_t n = want < v.n ? want : v.n;

        if (p->left > 0) {
            p->left -= n;
        } else {
            memcpy(p->head + p->head_len, v.p, n);
            p->head_len += n;
        }
        v.p += n;
        v.n -= n;
        if (p->left == 0 && p->head_len == FRAME_HEADER_LEN) {
            p->head_len = 0;
            if (frame_header_decode((struct view){p->head, sizeof p->head}, &h) != ERR_OK) {
                return;
            }
            p->left = h.body_len;
            if (h.type == (FRAME_CEREMONY_BEGIN | FRAME_ANSWER) ||
                h.type == (FRAME_CEREMONY_STEP | FRAME_ANSWER)) {
                take_secrets();
            }
        }
    }
}

/* ---- connections ---- */

static int connect_core(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", recorder.own);
    for (int i = 0; i < CONNECT_TRIES; i++) {
        if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) {
            return fd;
        }
        (void)poll(NULL, 0, 10);
    }
    (void)close(fd);
    return -1;
}

static int open_record(const char *way)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s-%zu-%s", getenv(RECORDER_TRAFFIC), recorder.name,
                   recorder.connections, way);
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void take_in(void)
{
    const int host = accept4(recorder.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    int core;
    struct pair *p = recorder.pairs;

    while (p < recorder.pairs + PAIRS_MAX && p->open) {
        p++;
    }
    if (host < 0) {
        return;
    }
    core = p < recorder.pairs + PAIRS_MAX ? connect_core() : -1;
    if (core < 0) {
        (void)close(host);
        return;
    }
    (void)fcntl(core, F_SETFL, O_NONBLOCK);
    memset(p, 0, sizeof *p);
    p->open = true;
    p->in.from = p->out.to = host;
    p->in.to = p->out.from = core;
    p->in.file = open_record("to");
    p->out.file = open_record("from");
    recorder.connections++;
}

static void end(struct pair *p)
{
    (void)close(p->in.from);
    (void)close(p->in.to);
    (void)close(p->in.file);
    (void)close(p->out.file);
    p->open = false;
}

/* False: the connection is over. */
static bool move(struct pair *p, struct way *w, short ready_from, short ready_to)
{
    ssize_t n;

    if (w->len == 0 && ready_from != 0) {
        n = read(w->from, w->bytes, sizeof w->bytes);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            return false;
        }
        w->at = 0;
        w->len = n > 0 ? (size_t)n : 0;
        (void)!write(w->file, w->bytes, w->len);
        if (w == &p->out) {
            follow_frames(p, (struct view){w->bytes, w->len});
        }
    }
    if (w->len > 0 && (ready_from != 0 || ready_to != 0)) {
        n = send(w->to, w->bytes + w->at, w->len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
            return false;
        }
        w->at += n > 0 ? (size_t)n : 0;
        w->len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static struct pollfd wish(const struct way *reads, const struct way *writes)
{
    return (struct pollfd){
        .fd = reads->from,
        .events = (short)((reads->len == 0 ? POLLIN : 0) | (writes->len > 0 ? POLLOUT : 0))};
}

static void serve(void)
{
    struct pollfd fds[1 + 2 * PAIRS_MAX];
    struct pair *of[PAIRS_MAX];

    for (;;) {
        size_t n = 0;

        fds[0] = (struct pollfd){.fd = recorder.listener, .events = POLLIN};
        for (size_t i = 0; i < PAIRS_MAX; i++) {
            struct pair *const p = &recorder.pairs[i];

            if (p->open) {
                fds[1 + 2 * n] = wish(&p->in, &p->out);
                fds[2 + 2 * n] = wish(&p->out, &p->in);
                of[n++] = p;
            }
        }
        if (poll(fds, 1 + 2 * n, -1) < 0) {
            _exit(1);
        }
        for (size_t i = 0; i < n; i++) {
            const short host = fds[1 + 2 * i].revents;
            const short core = fds[2 + 2 * i].revents;
            const short reads = POLLIN | POLLHUP | POLLERR;

            if (!move(of[i], &of[i]->in, host & reads, core & POLLOUT) ||
                !move(of[i], &of[i]->out, core & reads, host & POLLOUT)) {
                end(of[i]);
            }
        }
        if (fds[0].revents != 0) {
            take_in();
        }
    }
}

static void record(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    recorder.core = getppid();
    recorder.secrets = open_in(getenv(RECORDER_SECRETS), recorder.name);
    recorder.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    (void)unlink(path);
    if (bind(recorder.listener, (const struct sockaddr *)&at, sizeof at) != 0 ||
        listen(recorder.listener, 64) != 0) {
        _exit(1);
    }
    serve();
}

/* ---- as quorate-core ---- */

static const char *last_part(const char *path)
{
    const char *const slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

bool recorder_is_core(const char *program)
{
    return strcmp(last_part(program), "quorate-core") == 0;
}

int recorder_run(int argc, char **argv)
{
    static char program[] = QUORATE_BIN "/quorate-core";
    static char own[300];
    char *args[ARGS_MAX] = {program};
    const char *path = NULL;

    for (int i = 1; i < argc && i + 1 < ARGS_MAX; i++) {
        args[i] = argv[i];
        if (strcmp(argv[i - 1], "--listen") == 0 && strncmp(argv[i], "unix:", 5) == 0) {
            path = argv[i] + 5;
            (void)snprintf(recorder.own, sizeof recorder.own, "%s.own", path);
            (void)snprintf(own, sizeof own, "unix:%s", recorder.own);
            args[i] = own;
        }
    }
    if (path != NULL) {
        (void)snprintf(recorder.name, sizeof recorder.name, "%.6s", last_part(path));
        if (fork() == 0) {
            record(path);
        }
    }
    (void)execv(program, args);
    return 127;
}
