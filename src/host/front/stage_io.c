#include "host/front/stage_io.h"

#include "host/front/evidence.h"
#include "host/front/show_io.h"
#include "host/front/stamp_flow.h"
#include "host/front/time_poll_io.h"

#include <stdlib.h>
#include <unistd.h>

struct threads {
    struct stage stage; /* first: it is what others see */
    struct time_poll *time_poll;
    struct show_io *show;
    int news;
};

static struct threads *threads_of(struct stage *s)
{
    return (struct threads *)(void *)s;
}

/* On coord's thread. */
static void core_changed(void *user)
{
    const struct threads *const t = user;
    const uint64_t one = 1;
    const ssize_t sent = write(t->news, &one, sizeof one);

    (void)sent; /* a full counter has its news already */
}

/* On coord's thread. */
static void coord_rests(void *user)
{
    struct threads *const t = user;

    stamp_flow_rest(&t->stage);
}

static enum err start(struct threads *t, const struct config_front *c)
{
    struct stage *const s = &t->stage;
    char uris[COORD_CORES_MAX][CONFIG_TEXT_MAX];
    const char *cores[COORD_CORES_MAX];
    const struct coord_options o = {.cores = cores,
                                    .n = config_items(c->core),
                                    .together = c->ceremony[0] != '\0',
                                    .proof_dir = c->proof_dir,
                                    .on_change = core_changed,
                                    .on_rest = coord_rests,
                                    .user = t};

    for (size_t i = 0; i < o.n && i < COORD_CORES_MAX; i++) {
        config_item(c->core, i, uris[i]);
        cores[i] = uris[i];
    }
    TRY(coord_new(&o, &s->coord));
    s->times = time_history_new(o.n);
    s->evidence = evidence_new(s->coord, s->front->journal, s->front->clock.monotonic_ns);
    t->time_poll = s->times != NULL ? time_poll_start(cores, o.n, s->times) : NULL;
    t->show = show_start(cores, o.n);
    s->show = show_desk_of(t->show);
    return s->evidence != NULL && t->time_poll != NULL && t->show != NULL ? ERR_OK
                                                                          : ERR_NOSPACE;
}

enum err stage_start(struct front *front, const struct config_front *c, int news,
                     struct stage **out)
{
    struct threads *const t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL) {
        return ERR_NOSPACE;
    }
    t->news = news;
    t->stage.front = front;
    const enum err e = start(t, c);

    if (e != ERR_OK) {
        stage_stop(&t->stage);
        stage_free(&t->stage);
        return e;
    }
    *out = &t->stage;
    return ERR_OK;
}

void stage_stop(struct stage *s)
{
    struct threads *const t = threads_of(s);

    time_poll_stop(t->time_poll);
    t->time_poll = NULL;
    if (s->coord != NULL) {
        coord_free(s->coord);
        s->coord = NULL;
    }
}

void stage_free(struct stage *s)
{
    if (s != NULL) {
        struct threads *const t = threads_of(s);

        show_stop(t->show);
        time_history_free(s->times);
        evidence_free(s->evidence);
        free(t);
    }
}
