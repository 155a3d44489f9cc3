#include "host/front/show_io.h"

#include "host/link/core_ask_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define URI_MAX 512 /* of a value of the configuration */
#define NS_PER_MS INT64_C(1000000)

struct shown_node {
    uint8_t hello[EVIDENCE_FILE_HELLO_MAX], block[EVIDENCE_MAX];
};

struct show_io {
    pthread_t thread;
    struct show_desk desk;
    size_t n;
    char uris[EVIDENCE_FILE_NODES_MAX][URI_MAX];
    struct core_ask ask;
    struct shown_node nodes[EVIDENCE_FILE_NODES_MAX];
    uint8_t file[EVIDENCE_FILE_MAX];
};

static int64_t now_ns(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void rest(int64_t ms)
{
    const struct timespec t = {.tv_nsec = (long)(ms * NS_PER_MS)};

    (void)nanosleep(&t, NULL);
}

/* Once, for what the evidence is bound to. */
static enum err ask_hello(struct show_io *s, struct shown_node *to,
                          struct evidence_file_node *out)
{
    struct view body;

    TRY(core_ask(&s->ask, FRAME_HELLO, (struct view){NULL, 0}, &body));
    if (body.n == 0 || body.n > sizeof to->hello) {
        return ERR_LENGTH;
    }
    memcpy(to->hello, body.p, body.n);
    out->hello = (struct view){to->hello, body.n};
    return ERR_OK;
}

/* ERR_BUSY: not yet. */
static enum err ask_evidence(struct show_io *s, const struct evidence_ask *what,
                             struct shown_node *to, struct evidence_file_node *out)
{
    uint8_t question[64];
    struct writer w = wr_init(question, sizeof question);
    struct evidence_answer a;
    struct view body;

    evidence_ask_encode(&w, what);
    TRY(core_ask(&s->ask, FRAME_EVIDENCE, (struct view){question, w.len}, &body));
    TRY(evidence_answer_decode(body, &a));
    if (!a.here) {
        return ERR_BUSY;
    }
    memcpy(to->block, a.block.p, a.block.n);
    out->block = (struct view){to->block, a.block.n};
    out->incarnation = a.incarnation;
    return ERR_OK;
}

static enum err ask_core(struct show_io *s, const char *uri, const struct evidence_ask *what,
                         struct shown_node *to, struct evidence_file_node *out)
{
    const int64_t until_ns = now_ns() + SHOW_CORE_MS * NS_PER_MS;
    enum err e;

    s->ask.uri = uri;
    s->ask.wait_ms = SHOW_WAIT_MS;
    TRY(ask_hello(s, to, out));
    e = ask_evidence(s, what, to, out);
    while (e == ERR_BUSY && now_ns() < until_ns && !show_desk_stopped(&s->desk)) {
        rest(SHOW_AGAIN_MS);
        e = ask_evidence(s, what, to, out);
    }
    return e;
}

/* Of all cores that show any. ERR_EVIDENCE: none does. */
static enum err ask_all(struct show_io *s, const uint8_t nonce[REPORT_DATA_NONCE_LEN],
                        struct view *file)
{
    struct evidence_ask what = {.purpose = REPORT_ASKED};
    struct writer w = wr_init(s->file, sizeof s->file);
    struct evidence_file f = {.n = 0};

    memcpy(what.nonce, nonce, sizeof what.nonce);
    memcpy(f.nonce, nonce, sizeof f.nonce);
    for (size_t i = 0; i < s->n; i++) {
        if (ask_core(s, s->uris[i], &what, &s->nodes[f.n], &f.nodes[f.n]) == ERR_OK) {
            f.n++;
        }
    }
    if (f.n == 0) {
        return ERR_EVIDENCE;
    }
    evidence_file_encode(&w, &f);
    return wr_finish(&w, file);
}

static void *run(void *self)
{
    struct show_io *const s = self;
    uint8_t nonce[REPORT_DATA_NONCE_LEN];

    while (show_desk_next(&s->desk, nonce)) {
        struct view file = {NULL, 0};
        const enum err e = ask_all(s, nonce, &file);

        show_desk_put(&s->desk, now_ns(), e, file);
        rest(SHOW_PAUSE_MS);
    }
    return NULL;
}

struct show_io *show_start(const char *const *uris, size_t n)
{
    struct show_io *const s = calloc(1, sizeof *s);

    if (s == NULL || show_desk_init(&s->desk) != ERR_OK) {
        free(s);
        return NULL;
    }
    s->n = n < EVIDENCE_FILE_NODES_MAX ? n : EVIDENCE_FILE_NODES_MAX;
    for (size_t i = 0; i < s->n; i++) {
        (void)snprintf(s->uris[i], sizeof s->uris[i], "%s", uris[i]);
    }
    if (pthread_create(&s->thread, NULL, run, s) != 0) {
        show_desk_free(&s->desk);
        free(s);
        return NULL;
    }
    return s;
}

void show_stop(struct show_io *s)
{
    if (s != NULL) {
        show_desk_stop(&s->desk);
        (void)pthread_join(s->thread, NULL);
        show_desk_free(&s->desk);
        free(s);
    }
}

struct show_desk *show_desk_of(struct show_io *s)
{
    return s != NULL ? &s->desk : NULL;
}
