/* tsm_clients_io.h - one quorate-tsm for each core, which asks the machine for evidence of it:
 * evidence = of [authority] says how. With none there are none, and each call does nothing. */
#ifndef HOST_AUTHORITY_TSM_CLIENTS_IO_H
#define HOST_AUTHORITY_TSM_CLIENTS_IO_H

#include "host/authority/helper_io.h"
#include "host/config/config.h"
#include "wire/plan.h"

#include <limits.h>

#define TSM_CLIENT_ARGS_MAX 12 /* words with the NULL at the end */

#define TSM_CLIENT_GUEST_LEN 32

struct tsm_clients {
    size_t n; /* 0: no evidence */
    char program[PATH_MAX];
    char folder[PATH_MAX]; /* of quorate-core: what simulated silicon measures */
    char cores[PLAN_NODES_MAX][CONFIG_TEXT_MAX]; /* where each core listens for its own */
    char chips[PLAN_NODES_MAX][8];
    char guests[PLAN_NODES_MAX][2 * TSM_CLIENT_GUEST_LEN + 1]; /* of this start of the core */
    char *argv[PLAN_NODES_MAX][TSM_CLIENT_ARGS_MAX];
    struct helper helpers[PLAN_NODES_MAX];
};

/* core_program: the path of quorate-core. *t and *config stay where they are. ERR_NOSPACE:
 * quorate-tsm is nowhere, or a path too long. */
MUST_CHECK enum err tsm_clients_open(struct tsm_clients *t, struct config *config,
                                     const char *core_program, size_t cores);

/* As those of time_clients_io.h. Wanted: a core has started, which is another simulated guest.
 */
void tsm_clients_want(struct tsm_clients *t, size_t i, bool wanted, int64_t now_ms);
bool tsm_clients_step(struct tsm_clients *t, int64_t now_ms);
int64_t tsm_clients_next_ms(const struct tsm_clients *t);
bool tsm_clients_run(const struct tsm_clients *t);
void tsm_clients_status(const struct tsm_clients *t, struct writer *w);

#endif
