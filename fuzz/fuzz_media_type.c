#include "host/front/media_type.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const enum media_type t = media_type_parse(in);

    /* A Content-Type that is JSON is an Accept of JSON, unless it brings a weight. */
    if (t == MEDIA_NONE && size > 0 && data[0] != ' ' && data[0] != '\t') {
        abort();
    }
    (void)media_accepts_json(in);
    return 0;
}
