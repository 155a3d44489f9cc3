/* A history for people: one line for each thing that happens. */
#include "sim_world.h"

#include <stdarg.h>
#include <stdio.h>

void sim_trace(const struct sim_world *w, const char *format, ...)
{
    va_list args;

    printf("%9.3f ms ", (double)w->now_ns / 1e6);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

static const char *type_name(uint8_t type)
{
    switch (type & ~FRAME_ANSWER) {
    case FRAME_R1:
        return (type & FRAME_ANSWER) != 0 ? "R1" : "R1?";
    case FRAME_R2:
        return (type & FRAME_ANSWER) != 0 ? "REVEAL" : "R2?";
    case FRAME_R3:
        return (type & FRAME_ANSWER) != 0 ? "RESPOND" : "R3?";
    default:
        return type == FRAME_ERROR ? "error" : "another frame";
    }
}

/* What an answer refuses with; ERR_OK: it does not. */
static enum err refusal(uint8_t type, struct view body)
{
    struct reader r = rd_init(body);
    uint16_t code = 0;
    uint8_t n = 0;

    if (type == FRAME_ERROR || type == (FRAME_R3 | FRAME_ANSWER) ||
        (type == (FRAME_R2 | FRAME_ANSWER) && rd_u8(&r, &n) == ERR_OK)) {
        (void)!rd_u16le(&r, &code);
    }
    return (enum err)code;
}

void sim_trace_frame(const struct sim_world *w, const char *way, uint32_t lane, unsigned node,
                     struct view frame)
{
    const struct view body = {frame.p + FRAME_HEADER_LEN, frame.n - FRAME_HEADER_LEN};
    struct frame_header h;
    enum err e;

    if (!w->options.trace ||
        frame_header_decode((struct view){frame.p, FRAME_HEADER_LEN}, &h) != ERR_OK) {
        return;
    }
    e = refusal(h.type, body);
    sim_trace(w, "%s node %u %s %-7s %016llx %zu bytes%s%s",
              lane == SIM_LANE_FRONT ? "   " : "   (rogue)", node + 1, way, type_name(h.type),
              (unsigned long long)h.request_id, frame.n, e != ERR_OK ? ", " : "",
              e != ERR_OK ? err_name(e) : "");
}
