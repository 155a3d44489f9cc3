#include "enclave/workers/presign_io.h"

#include "enclave/workers/thread_io.h"

#include <sys/resource.h>
#include <time.h>

#define STACK_LEN 262144 /* bytes; slices run on the desk's */
#define NS_PER_S 1000000000

/* glibc's mutex cannot fail here: a plain one, initialised, never locked twice. */
static void enter(void *self)
{
    (void)pthread_mutex_lock(self);
}

static void leave(void *self)
{
    (void)pthread_mutex_unlock(self);
}

static void wake(void *self)
{
    struct presign_io *const io = self;

    (void)pthread_cond_signal(&io->more);
}

static int64_t monotonic_ns(void *self)
{
    const struct presign_io *const io = self;

    return io->clock->monotonic_ns(io->clock->self);
}

static void ordered(void *self, void *token, enum err e)
{
    const struct presign_io *const io = self;
    struct sign_batch *const b = token;

    b->jobs[0].err = e;
    worker_pool_done(io->workers, b);
}

/* CLOCK_MONOTONIC, so that a step of the clock wakes nobody. */
static enum err make_condition(pthread_cond_t *c)
{
    pthread_condattr_t attr;
    int bad;

    if (pthread_condattr_init(&attr) != 0) {
        return ERR_IO;
    }
    bad = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    bad = bad != 0 ? bad : pthread_cond_init(c, &attr);
    (void)pthread_condattr_destroy(&attr);
    return bad == 0 ? ERR_OK : ERR_IO;
}

enum err presign_io_init(struct presign_io *io, struct worker_pool *workers,
                         const struct clock_source *clock, struct presign_meeting *out)
{
    *io = (struct presign_io){.workers = workers, .clock = clock};
    *out = (struct presign_meeting){.desk = {enter, leave, &io->desk_lock},
                                    .pool = {enter, leave, &io->pool_lock},
                                    .wake = wake,
                                    .ordered = ordered,
                                    .monotonic_ns = monotonic_ns,
                                    .self = io};
    if (pthread_mutex_init(&io->desk_lock, NULL) != 0 ||
        pthread_mutex_init(&io->pool_lock, NULL) != 0) {
        return ERR_IO;
    }
    return make_condition(&io->more);
}

/* With the lock: until there is something to do, or a tick is due. */
static void await_more(struct presign_io *io)
{
    struct timespec until;

    if (!io->desk->running) {
        (void)pthread_cond_wait(&io->more, &io->desk_lock);
        return;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PRESIGN_TICK_NS;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_sec++;
        until.tv_nsec -= NS_PER_S;
    }
    (void)pthread_cond_timedwait(&io->more, &io->desk_lock, &until);
}

static void *run(void *arg)
{
    struct presign_io *const io = arg;

    (void)setpriority(PRIO_PROCESS, 0, PRESIGN_NICE); /* Linux: of this thread alone */
    enter(&io->desk_lock);
    io->up = true;
    (void)pthread_cond_broadcast(&io->more);
    for (;;) {
        if (!presign_desk_is_due(io->desk, monotonic_ns(io))) {
            await_more(io);
            continue;
        }
        leave(&io->desk_lock);
        presign_desk_slice(io->desk);
        enter(&io->desk_lock);
        if (!io->desk->running) {
            (void)pthread_cond_broadcast(&io->more); /* presign_io_end() waits for it */
        }
    }
    return NULL;
}

enum err presign_io_start(struct presign_io *io, struct presign_desk *desk)
{
    io->desk = desk;
    TRY(thread_start(run, io, STACK_LEN));
    enter(&io->desk_lock);
    while (!io->up) {
        (void)pthread_cond_wait(&io->more, &io->desk_lock);
    }
    leave(&io->desk_lock);
    return ERR_OK;
}

void presign_io_end(struct presign_io *io)
{
    if (io->desk == NULL) {
        return;
    }
    enter(&io->desk_lock);
    io->desk->running = false;
    while (io->desk->busy) {
        (void)pthread_cond_wait(&io->more, &io->desk_lock);
    }
    leave(&io->desk_lock);
}
