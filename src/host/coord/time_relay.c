#include "host/coord/time_relay.h"

void time_relay_init(struct time_relay *r)
{
    *r = (struct time_relay){0};
}

/* What the answers of the leg before make, in the order of places. */
static void gather(const struct time_relay *r, struct time_probe *out)
{
    *out = (struct time_probe){.step = r->step};
    for (size_t i = 0; r->step != TIME_OPEN && i < TIME_PEERS_MAX; i++) {
        if ((r->answered >> i & 1) == 0) {
            continue;
        }
        if (r->step == TIME_TELL) {
            out->challenges[out->n++] = r->challenges[i];
        } else {
            out->statements[out->n++] = r->statements[i];
        }
    }
}

/* On to that step, with those cores. */
static uint8_t begin(struct time_relay *r, uint8_t step, uint8_t cores, int64_t now_ns,
                     struct time_probe *out)
{
    r->step = step;
    gather(r, out);
    r->asked = cores;
    r->answered = 0;
    r->due_ns = now_ns + TIME_RELAY_LEG_NS;
    return cores;
}

uint8_t time_relay_pump(struct time_relay *r, uint8_t cores, int64_t now_ns,
                        struct time_probe *out)
{
    if (r->step == 0) {
        if (now_ns < r->due_ns) {
            return 0;
        }
        r->begun_ns = now_ns;
        if (cores != 0) {
            return begin(r, TIME_OPEN, cores, now_ns, out);
        }
    } else if (now_ns < r->due_ns && (r->asked & ~r->answered & cores) != 0) {
        return 0;
    } else if (r->step != TIME_HEAR && (r->answered & cores) != 0) {
        return begin(r, (uint8_t)(r->step + 1), r->answered & cores, now_ns, out);
    }
    r->step = 0;
    r->due_ns = r->begun_ns + TIME_RELAY_PERIOD_NS;
    return 0;
}

static bool is_told(struct time_relay *r, size_t place, struct view body)
{
    switch ((enum time_step)r->step) {
    case TIME_OPEN:
        return time_challenge_decode(body, &r->challenges[place]) == ERR_OK &&
               r->challenges[place].index == place + 1;
    case TIME_TELL:
        return time_statement_decode(body, &r->statements[place]) == ERR_OK &&
               r->statements[place].index == place + 1;
    case TIME_HEAR:
        return body.n == 0;
    }
    return false;
}

void time_relay_take(struct time_relay *r, size_t place, uint8_t step, struct view body)
{
    const uint8_t bit = (uint8_t)(1U << place);

    if (step != r->step || (r->asked & bit) == 0 || (r->answered & bit) != 0) {
        return;
    }
    if (body.p != NULL && is_told(r, place, body)) {
        r->answered |= bit;
    } else {
        r->asked &= (uint8_t)~bit; /* this round goes on without it */
    }
}

int64_t time_relay_next(const struct time_relay *r)
{
    return r->step != 0 && (r->asked & ~r->answered) == 0 ? 0 : r->due_ns;
}
