/* What an authority says of its nodes' time: texts end, and are printable. */
#include "promise.h"

#include "client/status/time_facts.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char text[TIME_FACTS_TEXT_MAX])
{
    const size_t n = strnlen(text, TIME_FACTS_TEXT_MAX);

    promise(n < TIME_FACTS_TEXT_MAX);
    for (size_t i = 0; i < n; i++) {
        promise(text[i] >= ' ' && text[i] <= '~');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct time_facts f;
    const enum err e = time_facts_parse((struct view){data, size}, &f);

    promise(e == ERR_OK || f.n == 0);
    promise(f.n <= TIME_FACTS_NODES_MAX);
    check_text(f.reason);
    check_text(f.node_id);
    for (size_t i = 0; i < f.n; i++) {
        check_text(f.nodes[i].clock);
        check_text(f.nodes[i].state);
        check_text(f.nodes[i].reason);
        check_text(f.nodes[i].last_err);
    }
    return 0;
}
