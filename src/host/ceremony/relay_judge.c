#include "host/ceremony/relay_judge.h"

#include <string.h>

static bool accuses(const struct ceremony_answer *a, uint8_t node, bool proven)
{
    return a->state == CEREMONY_ABORTED && a->accused == node && (a->proven == 1 || !proven);
}

/* How many nodes, itself apart unless it names itself alone, accuse a node. */
static unsigned accusers(const struct relay *r, uint8_t node, bool proven, uint8_t *reason)
{
    unsigned n = 0;

    for (uint8_t i = 0; i < r->total; i++) {
        const struct ceremony_answer *a = &r->nodes[i].said;

        if (accuses(a, node, proven) && (i != node || !proven)) {
            *reason = n == 0 ? a->reason : *reason;
            n++;
        }
    }
    return n;
}

/* At most threshold - 1 nodes lie, so threshold that say so are not all of them. */
static bool judge_proven(const struct relay *r, struct relay_end *end)
{
    const unsigned enough = r->threshold < r->total ? r->threshold : (unsigned)r->total - 1;

    for (uint8_t i = 0; i < r->total; i++) {
        if (accusers(r, i, true, &end->reason) >= enough) {
            end->why = RELAY_PROVEN;
            end->node = i;
            return true;
        }
    }
    return false;
}

static void judge_accused(const struct relay *r, struct relay_end *end)
{
    unsigned most = 0;

    for (uint8_t i = 0; i < r->total; i++) {
        uint8_t reason = 0;
        const unsigned n = accusers(r, i, false, &reason);

        if (n > most) {
            most = n;
            *end = (struct relay_end){.why = RELAY_ACCUSED, .node = i, .reason = reason};
        }
    }
}

static bool any(const struct relay *r, enum ceremony_state state)
{
    for (uint8_t i = 0; i < r->total; i++) {
        if (r->nodes[i].said.state == state) {
            return true;
        }
    }
    return false;
}

/* Who owes an answer, when others have waited for it long enough to give up. */
static uint8_t owes(const struct relay *r)
{
    for (uint8_t i = 0; i < r->total; i++) {
        if (r->nodes[i].asked) {
            return i;
        }
    }
    return CEREMONY_NOBODY;
}

void relay_judge(const struct relay *r, struct relay_end *out)
{
    struct relay_end end = {.why = RELAY_TOO_LONG, .node = CEREMONY_NOBODY};

    if (judge_proven(r, &end)) {
        *out = end;
        return;
    }
    end.reason = 0;
    if (owes(r) != CEREMONY_NOBODY) {
        end = (struct relay_end){RELAY_SILENT, owes(r), 0, ERR_DEADLINE};
    } else {
        end.why = any(r, CEREMONY_FINISHED) ? RELAY_SPLIT : RELAY_TOO_LONG;
        judge_accused(r, &end);
    }
    *out = end;
}

uint8_t relay_judge_odd(const struct relay *r)
{
    unsigned least = r->total;
    uint8_t odd = CEREMONY_NOBODY;

    for (uint8_t i = 0; i < r->total; i++) {
        unsigned same = 0;

        for (uint8_t j = 0; j < r->total; j++) {
            same += memcmp(r->nodes[i].said.id, r->nodes[j].said.id, CEREMONY_HASH_LEN) == 0;
        }
        if (same < least) {
            least = same;
            odd = i;
        }
    }
    return odd;
}
