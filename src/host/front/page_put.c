#include "host/front/pages.h"

#include <stdarg.h>
#include <stdio.h>

void page_put(struct writer *w, const char *format, ...)
{
    char text[PAGE_PUT_MAX + 1];
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);

    va_end(args);
    wr_bytes(w, text, n > 0 && (size_t)n < sizeof text ? (size_t)n : 0);
}
