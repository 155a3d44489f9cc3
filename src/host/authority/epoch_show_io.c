#include "host/authority/epoch_show_io.h"

#include "bundle/bundle_grow.h"
#include "bundle/recipe.h"

#include "os/file_replace.h"
#include "os/small_file.h"
#include "wire/evidence_call.h"

#include <stdlib.h>
#include <string.h>

#define BUNDLE_MODE 0644

struct epoch_show {
    struct bundle shown;  /* record, recipe, and what cores show now */
    struct bundle bundle; /* with what lies in its place already */
    uint64_t number;      /* of the epoch */
    uint8_t threshold;
    uint8_t blocks[PLAN_NODES_MAX][EVIDENCE_MAX];
    uint8_t document[EPOCH_DOC_MAX];
    uint8_t place[BUNDLE_MAX]; /* the file that lies there */
    uint8_t out[BUNDLE_MAX];
    struct bundle_verdict verdict;
    uint8_t recipe[BUNDLE_RECIPE_MAX];
};

/* ---- cores ---- */

/* Until it is here. */
static enum err ask_block(const struct epoch_show_asker *a, unsigned place,
                          struct evidence_answer *out)
{
    const int64_t until = a->now_ms(a->user) + EPOCH_SHOW_MS;
    const struct evidence_ask question = {.purpose = REPORT_EPOCH};
    uint8_t body[sizeof question];
    struct writer w = wr_init(body, sizeof body);
    struct view written, answer;

    evidence_ask_encode(&w, &question);
    TRY(wr_finish(&w, &written));
    for (;;) {
        enum err e = a->ask(a->user, place, FRAME_EVIDENCE, written, &answer);

        if (e == ERR_OK) {
            e = evidence_answer_decode(answer, out);
        }
        if (e != ERR_OK && e != ERR_NOSPACE) {
            return e;
        }
        if (e == ERR_OK && out->here) {
            return ERR_OK;
        }
        if (a->now_ms(a->user) >= until) {
            return ERR_DEADLINE;
        }
        a->pause(a->user, EPOCH_SHOW_AGAIN_MS);
    }
}

static enum err ask_node(struct epoch_show *s, const struct epoch_show_asker *a, unsigned place)
{
    struct bundle_evidence *const e = &s->shown.evidence[s->shown.n_evidence];
    struct evidence_answer answer;

    TRY(ask_block(a, place, &answer));
    memcpy(s->blocks[place], answer.block.p, answer.block.n); /* at most EVIDENCE_MAX */
    *e = (struct bundle_evidence){.index = (uint8_t)place,
                                  .incarnation = answer.incarnation,
                                  .block = {s->blocks[place], answer.block.n}};
    s->shown.n_evidence++;
    return ERR_OK;
}

static enum err gather(struct epoch_show *s, const struct epoch_show_asker *a)
{
    struct ceremony_record *const record = &s->verdict.record; /* room that is free now */

    TRY(ceremony_record_decode(s->shown.record, record));
    s->number = record->plan.number;
    s->threshold = record->plan.threshold;
    for (unsigned i = 0; i < record->plan.total; i++) {
        (void)ask_node(s, a, i); /* left out: the judges count */
    }
    return s->shown.n_evidence >= s->threshold ? ERR_OK : ERR_QUORUM;
}

enum err epoch_show_new(struct view record, const struct epoch_show_asker *asker,
                        struct epoch_show **out)
{
    struct epoch_show *s = aligned_alloc(64, (sizeof *s + 63) / 64 * 64);

    *out = NULL;
    if (s == NULL) {
        return ERR_NOSPACE;
    }
    memset(s, 0, sizeof *s);
    s->shown.record = record;
    const enum err e = gather(s, asker);

    if (e != ERR_OK) {
        epoch_show_free(s);
        return e;
    }
    *out = s;
    return ERR_OK;
}

void epoch_show_free(struct epoch_show *s)
{
    free(s);
}

enum err epoch_show_recipe(struct epoch_show *s, const char *path)
{
    struct recipe recipe;
    struct view text;

    TRY(small_file_read(path, s->recipe, sizeof s->recipe, &text));
    TRY(recipe_decode(text, &recipe));
    s->shown.recipe = text;
    return ERR_OK;
}

/* ---- the file ---- */

static enum err put(struct epoch_show *s, const char *path)
{
    struct writer w = wr_init(s->out, sizeof s->out);
    struct view bytes;

    bundle_encode(&w, &s->bundle);
    TRY(wr_finish(&w, &bytes));
    return file_replace(path, bytes, BUNDLE_MODE);
}

enum err epoch_show_follow(struct epoch_show *s, const char *path, const struct view *orders,
                           size_t n)
{
    struct view file = {NULL, 0};

    s->bundle = s->shown;
    if (small_file_read(path, s->place, sizeof s->place, &file) == ERR_OK) {
        TRY(bundle_take_over(&s->bundle, s->number, file));
    }
    for (size_t i = 0; i < n; i++) {
        TRY(bundle_add_order(&s->bundle, orders[i]));
    }
    return ERR_OK;
}

enum err epoch_show_draft(struct epoch_show *s, const char *path)
{
    return put(s, path);
}

/* All certificates of a chain, leaf first. */
static struct view chain_der(const struct tsa_chain *c)
{
    struct reader r = rd_init((struct view){c->der, sizeof c->der});
    struct view one;

    for (size_t i = 0; i < c->n && bundle_next_certificate(&r, &one) == ERR_OK; i++) {
    }
    return (struct view){c->der, sizeof c->der - r.n};
}

/* Nobody is shown an epoch before that does not hold. */
static bool before_holds(struct epoch_show *s)
{
    static struct bundle before; /* some kilobytes: not for the stack */
    const enum err e = bundle_before(&s->bundle, &before);

    return e == ERR_STATE ||
           (e == ERR_OK && bundle_judge(&before, &snp_roots_compiled,
                                        bundle_began(before.classic), &s->verdict));
}

enum err epoch_show_write(struct epoch_show *s, const char *path,
                          const struct tsa_chain *classic, const struct tsa_chain *pq,
                          enum bundle_check *check)
{
    struct writer w = wr_init(s->document, sizeof s->document);

    *check = BUNDLE_CHECK_RECORD;
    s->bundle.classic = chain_der(classic);
    s->bundle.pq = chain_der(pq);
    s->bundle.document = (struct view){NULL, 0};
    if (!before_holds(s)) {
        *check = BUNDLE_CHECK_BEFORE;
        return ERR_EVIDENCE;
    }
    const int64_t at_s = bundle_began(s->bundle.classic);

    /* The document is what follows from the rest: so it is judged without, and then with it. */
    (void)bundle_judge(&s->bundle, &snp_roots_compiled, at_s, &s->verdict);
    epoch_doc_encode(&w, &s->verdict.document);
    TRY(wr_finish(&w, &s->bundle.document));
    if (!bundle_judge(&s->bundle, &snp_roots_compiled, at_s, &s->verdict)) {
        while (s->verdict.checks[*check] == ERR_OK) {
            (*check)++;
        }
        return ERR_EVIDENCE;
    }
    return put(s, path);
}
