/* chaos_client.h - one client of the authority: asks for a hybrid token, again and again,
 * whatever happens, and keeps what it was granted. */
#ifndef TESTS_CHAOS_CLIENT_H
#define TESTS_CHAOS_CLIENT_H

#include "wire/stamp.h"

#include <pthread.h>
#include <stdatomic.h>

#define CHAOS_GRANTS_MAX 60000 /* of one client; then it stops asking */

/* A row of the journal, as a client knows it. */
struct chaos_row {
    uint8_t serial_number[STAMP_SERIAL_LEN]; /* left-filled with zeros */
    uint8_t token_hash[32];
};

struct chaos_grant {
    struct chaos_row token;   /* the classic one, without its record */
    struct chaos_row archive; /* the time-stamp of its record; other tokens may have it, too */
};

struct chaos_client {
    pthread_t thread;
    const char *address_file; /* of the front */
    uint32_t number;
    atomic_bool stop;
    atomic_uint granted, rejected, broken; /* broken: no answer; the front is gone */
    int64_t longest_us;                    /* an answer took */
    char fault[128];                       /* an answer that none should give; empty: none */
    struct chaos_grant *grants;
};

bool chaos_client_start(struct chaos_client *c, const char *address_file, uint32_t number);

/* Ends it and waits for it. */
void chaos_client_stop(struct chaos_client *c);

#endif
