/* time_client.h - when the supervisor starts, stops and kills the time client of one core: it
 * runs while its core does, and comes back when it ends by itself. Pure; time_clients_io.c
 * carries it out. */
#ifndef HOST_AUTHORITY_TIME_CLIENT_H
#define HOST_AUTHORITY_TIME_CLIENT_H

#include "base/bytes.h"

/* The core holds its time meanwhile, but its bound grows. */
#define TIME_CLIENT_BACKOFF_MS_MAX 5000
#define TIME_CLIENT_STABLE_MS                                                             \
    60000                        /* one that ran so long is back after the shortest pause \
                                  */
#define TIME_CLIENT_STOP_MS 2000 /* one that has not ended after so long is killed */

enum time_client_do { TIME_CLIENT_REST, TIME_CLIENT_START, TIME_CLIENT_STOP, TIME_CLIENT_KILL };

struct time_client {
    int64_t backoff_ms, stop_ms; /* stop_ms: as TIME_CLIENT_STOP_MS, which is the preset */
    bool wanted, runs, told;     /* told: to end, and killed at at_ms */
    unsigned fails;
    int64_t at_ms, since_ms;
};

/* backoff_ms: the first pause. now_ms is any clock that never steps back, here and below. */
void time_client_init(struct time_client *c, int64_t backoff_ms);

/* Its core was started, or has ended. */
void time_client_want(struct time_client *c, bool wanted, int64_t now_ms);

/* It has ended, or could not be started. */
void time_client_ended(struct time_client *c, int64_t now_ms);

/* What is to be done now, once. */
enum time_client_do time_client_step(struct time_client *c, int64_t now_ms);

/* When time_client_step() is due; INT64_MAX: not before something happens. */
int64_t time_client_next_ms(const struct time_client *c);

#endif
