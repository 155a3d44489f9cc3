/* Frames of a key ceremony: what is read is written back to the same bytes. The first byte
 * chooses the decoder. */
#include "wire/ceremony_call.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[FRAME_BODY_LONG_MAX];

static void same(const struct writer *w, struct view body)
{
    struct writer copy = *w;
    struct view out;

    if (wr_finish(&copy, &out) != ERR_OK || !view_equal(out, body)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view body = {size > 0 ? data + 1 : data, size > 0 ? size - 1 : 0};
    struct writer w = wr_init(again, sizeof again);
    struct ceremony_begin_ask begin;
    struct ceremony_answer answer;
    struct ceremony_page page;
    uint32_t offset;

    if (size == 0) {
        return 0;
    }
    if (data[0] % 4 == 0 && ceremony_begin_ask_decode(body, &begin) == ERR_OK) {
        ceremony_begin_ask_encode(&w, &begin);
        same(&w, body);
    } else if (data[0] % 4 == 1 && ceremony_answer_decode(body, &answer) == ERR_OK) {
        ceremony_answer_encode(&w, &answer);
        same(&w, body);
        if (ceremony_messages_check(answer.messages) != ERR_OK) {
            abort();
        }
    } else if (data[0] % 4 == 2 && ceremony_page_decode(body, &page) == ERR_OK) {
        ceremony_page_encode(&w, &page);
        same(&w, body);
    } else if (data[0] % 4 == 3 && ceremony_page_ask_decode(body, &offset) == ERR_OK) {
        ceremony_page_ask_encode(&w, offset);
        same(&w, body);
    }
    return 0;
}
