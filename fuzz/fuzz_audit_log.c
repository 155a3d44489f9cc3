/* Entries, pages and files of the signed log, and EVIDENCE: what is accepted is written back to
 * the same bytes. */
#include "promise.h"

#include "wire/audit_log.h"
#include "wire/evidence_file.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[EVIDENCE_FILE_MAX];

static void same(const struct writer *w, struct view in)
{
    promise(!w->full && view_equal((struct view){again, w->len}, in));
}

static void page(struct view in)
{
    static struct audit_log_page p;
    struct writer w = wr_init(again, sizeof again);

    if (audit_log_page_decode(in, &p) == ERR_OK) {
        audit_log_page_encode(&w, &p);
        same(&w, in);
    }
}

static void entry(struct view in)
{
    struct writer w = wr_init(again, sizeof again);
    struct reader r = rd_init(in);
    struct audit_entry e;

    if (audit_entry_decode(&r, &e) == ERR_OK) {
        audit_entry_encode(&w, &e);
        same(&w, (struct view){in.p, in.n - r.n});
    }
}

static void file(struct view in)
{
    struct reader r;
    struct view one;
    size_t n = sizeof AUDIT_FILE_MAGIC - 1;

    if (audit_file_begin(in, &r) != ERR_OK) {
        return;
    }
    while (audit_file_next(&r, &one) == ERR_OK) {
        promise_inside(one, in);
        n += 4 + one.n;
        page(one);
    }
    promise(n <= in.n);
}

static void evidence(struct view in)
{
    struct writer w = wr_init(again, sizeof again);
    struct evidence_answer a;
    struct evidence_ask ask;

    if (evidence_ask_decode(in, &ask) == ERR_OK) {
        evidence_ask_encode(&w, &ask);
        same(&w, in);
    }
    w = wr_init(again, sizeof again);
    if (evidence_answer_decode(in, &a) == ERR_OK) {
        evidence_answer_encode(&w, &a);
        same(&w, in);
    }
}

static void evidence_file(struct view in)
{
    static struct evidence_file f;
    struct writer w = wr_init(again, sizeof again);

    if (evidence_file_decode(in, &f) == ERR_OK) {
        evidence_file_encode(&w, &f);
        same(&w, in);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};

    page(in);
    entry(in);
    file(in);
    evidence(in);
    evidence_file(in);
    return 0;
}
