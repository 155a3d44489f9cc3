/* platform_ask_io.h - on which machine a core says that it runs: for the draft of a plan, which
 * people compare. Nothing of it is verified. */
#ifndef HOST_CEREMONY_PLATFORM_ASK_IO_H
#define HOST_CEREMONY_PLATFORM_ASK_IO_H

#include "host/link/core_ask_io.h"
#include "wire/plan.h"

#define PLATFORM_ASK_MS 20000    /* evidence that has not come after so long: given up */
#define PLATFORM_ASK_AGAIN_MS 20 /* between two questions for it */

/* Asks for evidence and reads the machine's id in it, of any format that is judged
 * (attest/evidence_platform.h); a->uri and a->wait_ms are set. ERR_STATE:
 * the core has no evidence. ERR_DEADLINE. ERR_EVIDENCE: of a form that names no machine. Else
 * as core_ask(). */
MUST_CHECK enum err platform_ask(struct core_ask *a, uint8_t out[PLAN_PLATFORM_LEN]);

/* The same of all cores, into the nodes of the first epoch's plan, each with a provider of its
 * own until people say whose it is; static memory has what they point to. On failure *bad is
 * the core that did not say. */
MUST_CHECK enum err platform_draft(const char *const *cores, size_t n, struct plan *p,
                                   size_t *bad);

#endif
