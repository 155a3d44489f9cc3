/* front_ask_io.h - which cores a front serves with: GET /status, of a front without TLS. */
#ifndef HOST_AUTHORITY_FRONT_ASK_IO_H
#define HOST_AUTHORITY_FRONT_ASK_IO_H

#include "wire/plan.h"

#define FRONT_ASK_MS 5000 /* one without an answer after so long has none */
#define FRONT_ASK_MAX 65536

struct front_state {
    bool has_epoch; /* of several cores, whose ceremony's record it has */
    uint8_t epoch_id[EPOCH_ID_LEN];
    unsigned leaving; /* sets of cores that requests still end with */
};

/* Reads the answer, with its head. ERR_ENCODING: it does not say so. */
MUST_CHECK enum err front_state_parse(struct view answer, struct front_state *out);

/* Whether it serves with the cores of that epoch, and no request is with others any more. */
bool front_state_is(const struct front_state *s, const uint8_t epoch_id[EPOCH_ID_LEN]);

/* Asks, and waits; address: ADDR:PORT. ERR_IO: nobody answers. ERR_NOSPACE: too long an answer.
 * ERR_ENCODING, ERR_RANGE: of the address; or as above. */
MUST_CHECK enum err front_ask(const char *address, struct front_state *out);

#endif
