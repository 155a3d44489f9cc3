#include "chaos_authority.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_US INT64_C(60000000)
#define STOP_US INT64_C(30000000)

int64_t chaos_now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void chaos_nap(void)
{
    (void)nanosleep(&(struct timespec){0, 1000000}, NULL);
}

bool chaos_kill(pid_t pid)
{
    return pid > 0 && kill(pid, SIGKILL) == 0;
}

/* ---- the log ---- */

static pid_t number_after(const char *line, const char *key)
{
    const char *at = strstr(line, key);

    return at != NULL ? (pid_t)strtol(at + strlen(key), NULL, 10) : 0;
}

static bool begins(const char *line, const char *event)
{
    return strncmp(line, event, strlen(event)) == 0;
}

static void take_line(struct chaos_authority *a, const char *line)
{
    (void)pthread_mutex_lock(&a->lock);
    if (begins(line, "core_started ")) {
        a->core = number_after(line, " pid=");
        a->cores++;
    } else if (begins(line, "front_started ")) {
        a->front = number_after(line, " pid=");
        a->fronts++;
    } else if (begins(line, "core_ended ")) {
        a->core = 0;
    } else if (begins(line, "front_ended ")) {
        a->front = 0;
    } else if (begins(line, "core_certified ") && strstr(line, " key=pq ") != NULL) {
        a->certified++;
    } else if (begins(line, "ready ") && strstr(line, "program=quorate-authority") != NULL) {
        a->ready = true;
    }
    const size_t n = strlen(line);

    if (n >= sizeof a->tail - a->tail_len) {
        const size_t half = sizeof a->tail / 2;

        memmove(a->tail, a->tail + half, a->tail_len > half ? a->tail_len - half : 0);
        a->tail_len = a->tail_len > half ? a->tail_len - half : 0;
    }
    if (n < sizeof a->tail - a->tail_len) {
        memcpy(a->tail + a->tail_len, line, n);
        a->tail_len += n;
    }
    (void)pthread_mutex_unlock(&a->lock);
}

static void *read_log(void *self)
{
    struct chaos_authority *a = self;
    FILE *f = fdopen(a->log_fd, "r");
    char *line = NULL;
    size_t cap = 0;

    while (f != NULL && getline(&line, &cap, f) > 0) {
        take_line(a, line);
    }
    free(line);
    if (f != NULL) {
        (void)fclose(f);
    }
    (void)pthread_mutex_lock(&a->lock);
    a->ended = true;
    (void)pthread_mutex_unlock(&a->lock);
    return NULL;
}

void chaos_print_tail(struct chaos_authority *a)
{
    (void)pthread_mutex_lock(&a->lock);
    (void)fwrite(a->tail, 1, a->tail_len, stdout);
    (void)pthread_mutex_unlock(&a->lock);
}

struct chaos_pids chaos_look(struct chaos_authority *a)
{
    struct chaos_pids p;

    (void)pthread_mutex_lock(&a->lock);
    p = (struct chaos_pids){a->core, a->front, a->cores, a->fronts, a->certified};
    (void)pthread_mutex_unlock(&a->lock);
    return p;
}

/* ---- processes ---- */

/* Starts quorate-authority; what it and its children print is read by a thread. */
static bool spawn(struct chaos_authority *a, char *const argv[])
{
    int fds[2];

    a->ready = false;
    a->ended = false;
    if (pipe2(fds, O_CLOEXEC) != 0) {
        return false;
    }
    a->pid = fork();
    if (a->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(fds[1], STDOUT_FILENO);
        (void)dup2(fds[1], STDERR_FILENO);
        (void)execv(QUORATE_BIN "/quorate-authority", argv);
        _exit(127);
    }
    (void)close(fds[1]);
    a->log_fd = fds[0];
    return a->pid > 0 && pthread_create(&a->reader, NULL, read_log, a) == 0;
}

static bool is_ready(struct chaos_authority *a, bool *ended)
{
    bool ready = false;

    (void)pthread_mutex_lock(&a->lock);
    ready = a->ready;
    *ended = a->ended;
    (void)pthread_mutex_unlock(&a->lock);
    return ready;
}

static bool wait_ready(struct chaos_authority *a)
{
    const int64_t until = chaos_now_us() + START_US;
    bool ended = false;

    while (!is_ready(a, &ended)) {
        if (ended || chaos_now_us() > until) {
            (void)printf("the authority did not get ready\n");
            return false;
        }
        chaos_nap();
    }
    return true;
}

bool chaos_stop(struct chaos_authority *a)
{
    const int64_t until = chaos_now_us() + STOP_US;
    int status = -1;
    pid_t got = 0;

    if (a->pid <= 0) {
        return false;
    }
    (void)kill(a->pid, SIGTERM);
    while ((got = waitpid(a->pid, &status, WNOHANG)) == 0) {
        if (chaos_now_us() > until) {
            (void)kill(a->pid, SIGKILL);
        }
        chaos_nap();
    }
    (void)pthread_join(a->reader, NULL);
    a->pid = 0;
    return got > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool write_config(const struct chaos_authority *a)
{
    char path[256];
    FILE *f = NULL;
    bool good = false;

    (void)snprintf(path, sizeof path, "%s/quorate.conf", a->dir);
    f = fopen(path, "w");
    if (f == NULL) {
        return false;
    }
    good = fprintf(f,
                   "[front]\nlisten = 127.0.0.1:0\naddress_file = front.addr\n"
                   "core = unix:core.sock\nchain = chain.pem\nchain_pq = chain-pq.pem\n"
                   "[journal]\ndir = journal\nsegment_rows = 1000\nmax_rows = 10000\n"
                   "[policy default]\noid = 1.3.6.1.4.1.32473.3161.1.93\nnumber = 1\n"
                   "default = yes\nprofile = hybrid\n"
                   "[policy evidence]\noid = 1.3.6.1.4.1.32473.3161.1.94\nnumber = 2\n"
                   "profile = pq\nevidence = yes\n"
                   "[authority]\nclock = trust-system\nallow_unlocked = yes\n"
                   "restart_backoff_ms = 10\n"
                   "certify = '%s/quorate-authority' dev certify --dir '%s/ca'\n",
                   QUORATE_BIN, a->dir) > 0;
    return fclose(f) == 0 && good;
}

/* The test CA comes with the first dev up of a folder. */
static bool make_ca(struct chaos_authority *a)
{
    char name[] = "quorate-authority";
    char dev[] = "dev";
    char up[] = "up";
    char dir_option[] = "--dir";
    char dir[160];
    char listen_option[] = "--listen";
    char listen[] = "127.0.0.1:0";
    char *argv[] = {name, dev, up, dir_option, dir, listen_option, listen, NULL};

    (void)snprintf(dir, sizeof dir, "%s/ca", a->dir);
    if (!spawn(a, argv)) {
        return false;
    }
    const bool ready = wait_ready(a);

    return chaos_stop(a) && ready;
}

bool chaos_start(struct chaos_authority *a)
{
    const char *base = getenv("TMPDIR");
    char name[] = "quorate-authority";
    char authority[] = "authority";
    char run[] = "run";
    char config_option[] = "--config";
    char config[160];
    char *argv[] = {name, authority, run, config_option, config, NULL};

    memset(a, 0, sizeof *a);
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)snprintf(a->dir, sizeof a->dir, "%s/quorate-chaos-XXXXXX",
                   base != NULL && strlen(base) < 64 ? base : "/tmp");
    if (mkdtemp(a->dir) == NULL || !make_ca(a) || !write_config(a)) {
        return false;
    }
    a->cores = 0;
    a->fronts = 0;
    a->certified = 0;
    (void)snprintf(config, sizeof config, "%s/quorate.conf", a->dir);
    return spawn(a, argv) && wait_ready(a);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void chaos_remove(struct chaos_authority *a)
{
    (void)nftw(a->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    (void)pthread_mutex_destroy(&a->lock);
}
