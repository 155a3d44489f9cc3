/* A plot of each core's offset against the machine's clock, and its bound, over the last hour.
 * One file: no script, no font of others. Coordinates have one digit after the point. */
#include "host/front/pages.h"

#include <stdio.h>

#define BINS 240
#define WIDTH 960
#define LEFT 92
#define RIGHT 944
#define TOP 48
#define BOTTOM 288
#define MIDDLE ((TOP + BOTTOM) / 2)
#define LEGEND 344 /* the first of its lines */
#define LEGEND_STEP 20
#define SCALE_LEAST_NS 1000 /* half of the height is at least so much */

/* Colours that tell apart also who sees few of them, on white and on black. */
static const char style[] =
    "<style>.p{fill:#fff}.g{stroke:#ddd}.z{stroke:#888}text{fill:#222;font:13px sans-serif}"
    ".t{font-size:15px;font-weight:bold}.e{text-anchor:end}.m{text-anchor:middle}"
    ".l{fill:none;stroke-width:1.6}.b{fill-opacity:.06;stroke-opacity:.5;stroke-width:.6}"
    ".k1{stroke:#0b62a8;color:#0b62a8}.k2{stroke:#c4500a;color:#c4500a}"
    ".k3{stroke:#07785a;color:#07785a}.k4{stroke:#a13c7c;color:#a13c7c}"
    ".k5{stroke:#8a6d00;color:#8a6d00}.k6{stroke:#555;color:#555}.b,.s{fill:currentColor}"
    "@media(prefers-color-scheme:dark){.p{fill:#14171a}.g{stroke:#333a40}.z{stroke:#777}"
    "text{fill:#e6e6e6}.b{fill-opacity:.09}"
    ".k1{stroke:#5eb0f2;color:#5eb0f2}.k2{stroke:#f59b5b;color:#f59b5b}"
    ".k3{stroke:#43c79d;color:#43c79d}.k4{stroke:#e08cc0;color:#e08cc0}"
    ".k5{stroke:#dcc04a;color:#dcc04a}.k6{stroke:#bbb;color:#bbb}}</style>\n";

struct plot {
    struct writer *w;
    int64_t half_ns; /* of the height */
    struct time_bin bins[BINS];
};

/* ---- numbers for people ---- */

#define SPAN_TEXT 32

/* "+0.042 ms": as much of a second as it is about. */
static const char *span_text(int64_t ns, bool sign, char out[SPAN_TEXT])
{
    const double size = ns < 0 ? -(double)ns : (double)ns;
    const double value = (double)ns;

    if (size >= 1e9) {
        (void)snprintf(out, SPAN_TEXT, sign ? "%+.3f s" : "%.3f s", value / 1e9);
    } else if (size >= 1e6) {
        (void)snprintf(out, SPAN_TEXT, sign ? "%+.3f ms" : "%.3f ms", value / 1e6);
    } else {
        (void)snprintf(out, SPAN_TEXT, sign ? "%+.1f \302\265s" : "%.1f \302\265s",
                       value / 1e3);
    }
    return out;
}

/* The least of 1, 2, 5 times a power of ten that is not below. */
static int64_t round_up(int64_t ns)
{
    int64_t unit = SCALE_LEAST_NS;

    while (unit < ns && unit <= INT64_MAX / 10) {
        if (unit * 2 >= ns) {
            return unit * 2;
        }
        if (unit * 5 >= ns) {
            return unit * 5;
        }
        unit *= 10;
    }
    return unit;
}

/* ---- geometry, in tenths ---- */

static int x_of(size_t bin, bool right)
{
    return LEFT * 10 + (int)(((int64_t)bin + right) * (RIGHT - LEFT) * 10 / BINS);
}

static int y_of(const struct plot *p, int64_t ns)
{
    const double y = (double)ns / (double)p->half_ns * ((BOTTOM - TOP) * 10 / 2.0);

    return MIDDLE * 10 - (int)y;
}

static void put_point(const struct plot *p, char how, int x, int y)
{
    page_put(p->w, "%c%d.%d %d.%d", how, x / 10, x % 10, y / 10, y % 10);
}

/* ---- parts ---- */

static void put_axes(const struct plot *p)
{
    static const char *const when[] = {"60", "50", "40", "30", "20", "10", "now"};
    char text[SPAN_TEXT];

    for (int i = 0; i <= 4; i++) {
        const int64_t ns = p->half_ns / 2 * (2 - i);
        const int y = TOP + (BOTTOM - TOP) * i / 4;

        page_put(p->w, "<path class=\"%s\" d=\"M%d %dH%d\"/>", i == 2 ? "z" : "g", LEFT, y,
                 RIGHT);
        page_put(p->w, "<text class=\"e\" x=\"%d\" y=\"%d\">%s</text>\n", LEFT - 8, y + 4,
                 ns == 0 ? "0" : span_text(ns, true, text));
    }
    for (int i = 0; i <= 6; i++) {
        const int x = LEFT + (RIGHT - LEFT) * i / 6;

        page_put(p->w, "<path class=\"g\" d=\"M%d %dV%d\"/>", x, TOP, BOTTOM);
        page_put(p->w, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s%s</text>\n", i == 6 ? "e" : "m",
                 x, BOTTOM + 20, when[i], i == 0 ? " min ago" : "");
    }
}

/* From the bin at to the end of what follows one another. */
static size_t run_end(const struct plot *p, size_t at)
{
    while (at < BINS && p->bins[at].any) {
        at++;
    }
    return at;
}

static void put_band(const struct plot *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        put_point(p, i == from ? 'M' : 'L', x_of(i, false), y_of(p, p->bins[i].high_ns));
    }
    put_point(p, 'L', x_of(to - 1, true), y_of(p, p->bins[to - 1].high_ns));
    put_point(p, 'L', x_of(to - 1, true), y_of(p, p->bins[to - 1].low_ns));
    for (size_t i = to; i-- > from;) {
        put_point(p, 'L', x_of(i, false), y_of(p, p->bins[i].low_ns));
    }
    page_put(p->w, "Z");
}

static void put_line(const struct plot *p, size_t from, size_t to)
{
    put_point(p, 'M', x_of(from, false), y_of(p, p->bins[from].first_ns));
    for (size_t i = from; i < to; i++) {
        put_point(p, 'L', x_of(i, true), y_of(p, p->bins[i].last_ns));
    }
}

static void put_path(const struct plot *p, const char *kind, size_t node,
                     void (*part)(const struct plot *p, size_t from, size_t to))
{
    bool any = false;

    for (size_t at = 0; at < BINS;) {
        const size_t to = run_end(p, at);

        if (to > at) {
            if (!any) {
                page_put(p->w, "<path class=\"%s k%zu\" d=\"", kind, node + 1);
            }
            any = true;
            part(p, at, to);
        }
        at = to + 1;
    }
    if (any) {
        page_put(p->w, "\"/>\n");
    }
}

/* All words in it are our own. */
static void put_legend(const struct time_view *v, size_t node, struct writer *w)
{
    const struct time_status *const s = &v->status;
    const int y = LEGEND + LEGEND_STEP * (int)node;
    char offset[SPAN_TEXT];
    char half[SPAN_TEXT];

    page_put(w, "<path class=\"s k%zu\" d=\"M%d %dh18v4h-18z\"/>", node + 1, LEFT, y - 7);
    page_put(w, "<text x=\"%d\" y=\"%d\">node %zu: ", LEFT + 26, y, node + 1);
    if (!v->known) {
        page_put(w, "no answer (%s)</text>\n", err_name(v->err));
        return;
    }
    if ((s->flags & TIME_STATUS_VALID) != 0) {
        page_put(w, "%s \302\261 %s, ", span_text(s->offset_ns, true, offset),
                 span_text(s->half_width_ns, false, half));
    }
    page_put(w, "%s, time %s, %s", page_state_name(s->state),
             time_reason_name((enum time_reason)s->reason), time_status_label(s));
    if (s->sources > 0) {
        page_put(w, ", %u of %u sources", s->agreeing, s->sources);
    }
    page_put(w, "%s</text>\n", (s->flags & TIME_STATUS_HOLDOVER) != 0 ? ", holdover" : "");
}

/* The furthest that anything of the hour goes. */
static int64_t furthest(const struct page_facts *f, struct plot *p)
{
    int64_t far_ns = 0;

    for (size_t n = 0; n < f->times.n; n++) {
        time_history_bins(f->serving->stage->times, n, f->now_ns, p->bins, BINS);
        for (size_t i = 0; i < BINS; i++) {
            far_ns = p->bins[i].high_ns > far_ns ? p->bins[i].high_ns : far_ns;
            far_ns = -p->bins[i].low_ns > far_ns ? -p->bins[i].low_ns : far_ns;
        }
    }
    return far_ns;
}

void page_write_time_svg(const struct page_facts *f, struct writer *w)
{
    const int height = LEGEND + LEGEND_STEP * (int)f->times.n;
    struct plot p = {.w = w};

    p.half_ns = round_up(furthest(f, &p));
    page_put(w,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
             "viewBox=\"0 0 %d %d\">\n<title>Time of the last hour</title>\n",
             WIDTH, height, WIDTH, height);
    wr_bytes(w, style, sizeof style - 1);
    page_put(w, "<rect class=\"p\" width=\"%d\" height=\"%d\"/>\n", WIDTH, height);
    page_put(w,
             "<text class=\"t\" x=\"%d\" y=\"28\">Offset from the machine's clock, and bound"
             "</text>\n",
             LEFT);
    put_axes(&p);
    for (size_t n = 0; n < f->times.n; n++) {
        time_history_bins(f->serving->stage->times, n, f->now_ns, p.bins, BINS);
        put_path(&p, "b", n, put_band);
    }
    for (size_t n = 0; n < f->times.n; n++) { /* above all bands */
        time_history_bins(f->serving->stage->times, n, f->now_ns, p.bins, BINS);
        put_path(&p, "l", n, put_line);
        put_legend(&f->times.at[n], n, w);
    }
    page_put(w, "</svg>\n");
}
