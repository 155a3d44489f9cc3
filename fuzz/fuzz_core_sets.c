/* Which sets of cores run, what a front says of its cores, and what a supervisor says of its
 * own: arbitrary bytes are refused, or are what is written again. */
#include "promise.h"

#include "host/authority/core_sets.h"
#include "host/authority/failing.h"
#include "host/authority/front_ask_io.h"
#include "host/authority/set_status.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_status(struct view in)
{
    uint8_t text[sizeof(struct failing) + 64];
    struct writer w = wr_init(text, sizeof text);
    char line[SET_STATUS_LINE_MAX], last[FAILING_SAID_MAX];
    struct failing f, again;
    struct view written;

    set_status_line(in, line);
    promise(strlen(line) < sizeof line);
    promise(!set_status_serves(in) || strncmp(line, "serving ", 8) == 0);
    promise(!set_status_serves(in) || !set_status_is_gone(in, 1));
    promise(!failing_last_line(in, last) || strchr(last, '\n') == NULL);
    if (failing_find(in, NULL, &f)) {
        failing_write(&w, &f);
        promise(wr_finish(&w, &written) == ERR_OK);
        promise(f.name[0] == '\0' || (failing_find(written, f.name, &again) &&
                                      again.times == f.times && strcmp(again.how, f.how) == 0));
    } else {
        promise(f.times == 0 && f.name[0] == '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    uint8_t text[CORE_SETS_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct front_state front;
    struct core_sets s;
    struct view again;

    if (core_sets_parse(in, &s) == ERR_OK) {
        core_sets_write(&w, &s);
        promise(wr_finish(&w, &again) == ERR_OK && view_equal(again, in));
        promise(s.serves <= CORE_SETS_LAST && core_sets_want(&s, s.serves));
    } else {
        promise(s.serves == 0 && s.next == 0 && s.retires == 0);
    }
    if (front_state_parse(in, &front) == ERR_OK) {
        promise(front.leaving <= 9);
    } else {
        promise(!front.has_epoch && front.leaving == 0);
    }
    look_at_status(in);
    return 0;
}
