#include "host/ceremony/plan_epoch_io.h"

#include "bundle/epoch_doc.h"

#include "host/ceremony/plan_policy.h"
#include "host/ceremony/platform_ask_io.h"
#include "host/ceremony/policy_file_io.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Why a core does not say on which machine it runs. */
static const char *why_no_machine(enum err e)
{
    return e == ERR_STATE      ? "it has no evidence: it was started without --tsm-listen"
           : e == ERR_DEADLINE ? "no evidence comes: is its quorate-tsm there?"
           : e == ERR_EVIDENCE ? "its evidence names no machine, or the host hides the chip"
                               : err_name(e);
}

/* The document of the epoch before is believed here, and judged with the rest of the bundle by
 * whoever writes the next one, or reads it. */
static int follow(const char *path, struct plan *p)
{
    static uint8_t bytes[BUNDLE_MAX];
    static struct bundle before; /* some kilobytes: not for the stack */
    struct epoch_doc d;
    struct view in;

    errno = 0;
    if (small_file_read(path, bytes, sizeof bytes, &in) != ERR_OK) {
        return command_say(COMMAND_USAGE, path,
                           errno != 0 ? strerrordesc_np(errno) : "too long");
    }
    if (bundle_decode(in, &before) != ERR_OK ||
        epoch_doc_decode(before.document, &d) != ERR_OK) {
        return command_say(COMMAND_USAGE, path, "no bundle of an epoch");
    }
    if (before.n_earlier == BUNDLE_EARLIER_MAX) {
        return command_say(COMMAND_USAGE, path,
                           "its chain is full: the next epoch has to be a first one");
    }
    _Static_assert(sizeof p->previous == EPOCH_DOC_HASH_LEN, "the name of an epoch");
    p->number = d.number + 1;
    epoch_doc_hash(before.document, p->previous);
    return COMMAND_DONE;
}

int plan_epoch_policy(const struct command_ask *o, char policy[PATH_MAX], struct plan *p)
{
    char why[PLAN_POLICY_WHY_MAX];

    if (realpath(o->policy, policy) == NULL ||
        policy_file_read(policy, policy, &p->policy) != ERR_OK) {
        return command_say(COMMAND_NO_KEY, o->policy, "it cannot be read");
    }
    return plan_policy_check(p->policy, why) == ERR_OK
               ? COMMAND_DONE
               : command_say(COMMAND_USAGE, o->policy, why);
}

int plan_epoch_draft(const struct command_ask *o, struct plan *p)
{
    size_t bad = 0;
    const enum err e = platform_draft(o->cores, o->n_cores, p, &bad);

    if (e != ERR_OK) {
        return command_say(COMMAND_NO_KEY, o->cores[bad], why_no_machine(e));
    }
    return o->previous != NULL ? follow(o->previous, p) : COMMAND_DONE;
}
