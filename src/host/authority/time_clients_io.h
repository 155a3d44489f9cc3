/* time_clients_io.h - one quorate-timed for each core, so that each signer has an authenticated
 * clock of its own: carries out what time_client.h says. With another clock than nts there are
 * none, and each call does nothing. */
#ifndef HOST_AUTHORITY_TIME_CLIENTS_IO_H
#define HOST_AUTHORITY_TIME_CLIENTS_IO_H

#include "host/authority/helper_io.h"
#include "host/authority/leap_file.h"
#include "host/config/config.h"
#include "wire/plan.h"
#include "wire/time_call.h"

#include <limits.h>

/* Words with the NULL at the end. */
#define TIME_CLIENT_ARGS_MAX (10 + 2 * (TIME_SOURCES_MAX + CONFIG_FENCES_MAX))

struct time_clients {
    size_t n; /* 0: another clock */
    char program[PATH_MAX];
    char leap[LEAP_FILE_TEXT_MAX];
    const char *leap_path;
    int64_t leap_expires_s;
    bool told_expired; /* in the log */
    char poll[24];
    char sources[TIME_SOURCES_MAX][CONFIG_TEXT_MAX];
    char fences[CONFIG_FENCES_MAX][CONFIG_TEXT_MAX];
    char cores[PLAN_NODES_MAX][CONFIG_TEXT_MAX]; /* where each core listens for its own */
    char *argv[PLAN_NODES_MAX][TIME_CLIENT_ARGS_MAX];
    struct helper helpers[PLAN_NODES_MAX];
};

/* Reads the leap table. *t and *config stay where they are. ERR_STATE: it cannot be used, and
 * that is logged. ERR_NOSPACE: quorate-timed is nowhere. */
MUST_CHECK enum err time_clients_open(struct time_clients *t, struct config *config,
                                      size_t cores);

/* Core number i, from 0, was started or has ended. */
void time_clients_want(struct time_clients *t, size_t i, bool wanted, int64_t now_ms);

/* Starts, ends and takes leave of them, and says when the leap table expires; after each wake
 * of the loop. Whether anything was done. */
bool time_clients_step(struct time_clients *t, int64_t now_ms);
int64_t time_clients_next_ms(const struct time_clients *t);

/* Whether any runs. */
bool time_clients_run(const struct time_clients *t);

/* Appends to the status what each does, and until when the leap table is good. */
void time_clients_status(const struct time_clients *t, struct writer *w);

#endif
