#include "client/kit/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *program = "quorate";

void diag_open(const char *command)
{
    program = command;
}

void diag_escape(struct view text, char *out, size_t cap)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = 0;

    for (size_t i = 0; i < text.n && len + 5 <= cap; i++) {
        const uint8_t c = text.p[i];

        if (c >= 0x20 && c < 0x7f) {
            out[len++] = (char)c;
        } else {
            out[len++] = '\\';
            out[len++] = 'x';
            out[len++] = digits[c >> 4];
            out[len++] = digits[c & 15];
        }
    }
    if (cap > 0) {
        out[len] = '\0';
    }
}

void diag(const char *format, ...)
{
    char raw[DIAG_LINE_MAX];
    char line[4 * DIAG_LINE_MAX + 5];
    va_list ap;

    va_start(ap, format);
    const int n = vsnprintf(raw, sizeof raw, format, ap);
    va_end(ap);
    if (n < 0) {
        return;
    }
    const struct view text = {(const uint8_t *)raw, strnlen(raw, sizeof raw)};

    diag_escape(text, line, sizeof line);
    (void)fprintf(stderr, "%s: %s%s\n", program, line, (size_t)n >= sizeof raw ? " (cut)" : "");
}
