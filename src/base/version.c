#include "base/version.h"

#include "base/bytes.h"

#include <string.h>

const char quorate_version[] = QUORATE_VERSION;

const char *version_line(const char *program, char out[VERSION_LINE_MAX])
{
    struct writer w = wr_init((uint8_t *)out, VERSION_LINE_MAX - 2);

    wr_bytes(&w, program, strlen(program));
    wr_u8(&w, ' ');
    wr_bytes(&w, quorate_version, strlen(quorate_version));
    out[w.len] = '\n';
    out[w.len + 1] = '\0';
    return out;
}
