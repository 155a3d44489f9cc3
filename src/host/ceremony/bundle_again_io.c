#include "host/ceremony/bundle_again_io.h"

#include "bundle/bundle_grow.h"

#include "host/link/core_ask_io.h"
#include "os/clock.h"
#include "os/file_replace.h"
#include "os/small_file.h"
#include "wire/evidence_call.h"
#include "wire/reenrol_order.h"

#include <poll.h>

#define BUNDLE_MODE 0644
#define AGAIN_MS 50
#define ANSWER_MS 2000

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

/* Until it is here, as it stands in block. */
static enum err ask_evidence(const char *uri, struct evidence_answer *out)
{
    static struct core_ask ask;
    const int64_t until = now_ms() + BUNDLE_SHOW_MS;
    const struct evidence_ask question = {.purpose = REPORT_EPOCH};
    uint8_t body[sizeof question];
    struct writer w = wr_init(body, sizeof body);
    struct view written, answer;

    evidence_ask_encode(&w, &question);
    TRY(wr_finish(&w, &written));
    ask.uri = uri;
    ask.wait_ms = ANSWER_MS;
    for (;;) {
        enum err e = core_ask(&ask, FRAME_EVIDENCE, written, &answer);

        if (e == ERR_OK) {
            e = evidence_answer_decode(answer, out);
        }
        if (e != ERR_NOSPACE && (e != ERR_OK || out->here)) {
            return e;
        }
        if (now_ms() >= until) {
            return ERR_DEADLINE;
        }
        (void)poll(NULL, 0, AGAIN_MS);
    }
}

enum err bundle_note_again(const char *path, struct view record, const struct view *orders,
                           size_t n, const char *uri)
{
    static uint8_t before[BUNDLE_MAX], after[BUNDLE_MAX];
    static struct bundle b;
    struct writer w = wr_init(after, sizeof after);
    struct evidence_answer said;
    struct reenrol_order last;
    struct view v;

    if (path[0] == '\0' || n == 0 ||
        small_file_read(path, before, sizeof before, &v) != ERR_OK) {
        return ERR_OK;
    }
    TRY(bundle_decode(v, &b));
    if (!view_equal(b.record, record)) {
        return ERR_OK;
    }
    TRY(reenrol_order_decode(orders[n - 1], &last));
    for (size_t i = 0; i < n; i++) {
        TRY(bundle_add_order(&b, orders[i]));
    }
    enum err shown = ask_evidence(uri, &said);

    if (shown == ERR_OK && said.incarnation != last.attempt + 1) {
        shown = ERR_MISMATCH; /* somebody else listens there */
    }
    if (shown == ERR_OK) {
        TRY(bundle_add_evidence(
            &b, &(struct bundle_evidence){last.node, said.incarnation, said.block}));
    }
    bundle_encode(&w, &b);
    TRY(wr_finish(&w, &v));
    TRY(file_replace(path, v, BUNDLE_MODE));
    return shown;
}
