#include "host/ceremony/relay_text.h"

#include <stdio.h>

const char *relay_reason_name(uint8_t reason)
{
    static const char *const names[] = {
        [CEREMONY_NO_REASON] = "no_reason",
        [CEREMONY_MISSING] = "missing",
        [CEREMONY_MALFORMED] = "malformed",
        [CEREMONY_EQUIVOCATION] = "equivocation",
        [CEREMONY_BAD_OPENING] = "bad_opening",
        [CEREMONY_BAD_T] = "bad_t",
        [CEREMONY_BAD_REVEAL] = "bad_reveal",
        [CEREMONY_BAD_ECHO] = "bad_echo",
        [CEREMONY_BAD_DONE] = "bad_done",
        [CEREMONY_FALSE_COMPLAINT] = "false_complaint",
        [CEREMONY_CHANNEL] = "channel",
        [CEREMONY_NORM] = "norm",
        [CEREMONY_OTHER_RECORD] = "other_record",
        [CEREMONY_BAD_TEST] = "bad_test",
        [CEREMONY_OWN_FAULT] = "own_fault",
        [CEREMONY_DISPUTE] = "dispute",
        [CEREMONY_BAD_SHARE] = "bad_share",
        [CEREMONY_EVIDENCE] = "evidence",
    };

    return reason < sizeof names / sizeof names[0] ? names[reason] : "unknown";
}

bool relay_end_blames(const struct relay_end *end)
{
    return end->why == RELAY_PROVEN || end->why == RELAY_MISBEHAVED ||
           end->why == RELAY_DIFFERS;
}

void relay_end_text(const struct relay_end *end, const struct plan *p, char out[RELAY_TEXT_MAX])
{
    const struct view name =
        end->node < p->total ? p->nodes[end->node].name : (struct view){NULL, 0};
    const int n = (int)name.n;
    const char *s = n > 0 ? (const char *)name.p : "";
    const char *reason = relay_reason_name(end->reason);

    switch (end->why) {
    case RELAY_NO_END:
        (void)snprintf(out, RELAY_TEXT_MAX, "it has not ended");
        break;
    case RELAY_TOO_LONG:
        (void)snprintf(out, RELAY_TEXT_MAX,
                       "a share came out too long, which is nobody's fault");
        break;
    case RELAY_ACCUSED:
        (void)snprintf(out, RELAY_TEXT_MAX, "%.*s is accused (%s), which nothing proves", n, s,
                       reason);
        break;
    case RELAY_PROVEN:
        (void)snprintf(out, RELAY_TEXT_MAX,
                       "%.*s is at fault (%s): messages that it signed prove it", n, s, reason);
        break;
    case RELAY_SILENT:
        (void)snprintf(out, RELAY_TEXT_MAX, "%.*s does not answer (%s)", n, s,
                       err_name(end->err));
        break;
    case RELAY_REFUSED:
        (void)snprintf(out, RELAY_TEXT_MAX, "%.*s does not begin (%s)%s", n, s,
                       err_name(end->err),
                       end->err == ERR_MISMATCH ? ": the plan has another identity for it"
                       : end->err == ERR_STATE  ? ": its key is in use already"
                       : end->err == ERR_POLICY
                           ? ": the plan has other policies, or it was built for other numbers "
                             "of nodes"
                           : "");
        break;
    case RELAY_MISBEHAVED:
        (void)snprintf(out, RELAY_TEXT_MAX, "%.*s sends what no core sends (%s)", n, s,
                       err_name(end->err));
        break;
    case RELAY_SPLIT:
        (void)snprintf(out, RELAY_TEXT_MAX, "some nodes finished it and some did not");
        break;
    case RELAY_DIFFERS:
        (void)snprintf(out, RELAY_TEXT_MAX, "%.*s has another record than the others", n, s);
        break;
    case RELAY_SLOW:
        (void)snprintf(out, RELAY_TEXT_MAX, "it took over %d s", RELAY_ATTEMPT_MS / 1000);
        break;
    case RELAY_NO_MEMORY:
        (void)snprintf(out, RELAY_TEXT_MAX, "there is no memory for its messages");
        break;
    }
}
