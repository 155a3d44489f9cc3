/* audit_pull_io.h - the supervisor keeps what its cores sign of their events: AUDIT_LOG, asked
 * now and then, appended to a file for each start of each core (wire/audit_log.h), and to the
 * next one where that is full: core-N-BOOTNONCE.log, then -2.log, -3.log. Nobody waits for it:
 * a core that does not answer, or a file that cannot be written, is passed over. */
#ifndef HOST_AUTHORITY_AUDIT_PULL_IO_H
#define HOST_AUTHORITY_AUDIT_PULL_IO_H

#include "host/config/config.h"
#include "host/link/core_link_io.h"
#include "wire/audit_log.h"
#include "wire/plan.h"

#include <poll.h>

/* Between two questions to a core with nothing new. Its ring has 1,024 entries, and refusals
 * are counted together: that is far more than come meanwhile. */
#define AUDIT_PULL_EVERY_MS 2000
#define AUDIT_PULL_FIRST_MS 50  /* after a start of a core, until it answered */
#define AUDIT_PULL_WAIT_MS 2000 /* a question without an answer ends after so long */
#define AUDIT_PULL_LAST_MS 1000 /* and all of the last questions together */
#define AUDIT_PULL_HEAD_MS 220  /* after a head, how soon a core signs the next, and more */
#define AUDIT_PULL_ANSWER_MAX 16384
/* Files of one core; no more of its logs are kept then. A core that says it was started again
 * is asked once more at once, and not sooner than a question later the next time: one that lies
 * fills no folder. */
#define AUDIT_PULL_FILES_MAX 4096

struct audit_pull {
    const char *uri; /* NULL: nothing is pulled */
    unsigned number; /* of the core, from 1 */
    uint64_t next_seq;
    int64_t next_ms, until_ms;
    unsigned files;   /* that there are, or should be */
    unsigned part;    /* of the log of this start, from 1 */
    int64_t begun_ms; /* when that began */
    int64_t head_ms;  /* when an answer had entries last: its head is not younger */
    bool settled;     /* of the last question: there is nothing more to come */
    int fd;           /* of the file of boot_nonce; -1: there is none */
    bool named, full;
    bool started; /* and did not answer since */
    uint8_t boot_nonce[BOOT_NONCE_LEN];
    size_t len; /* of the file */
    struct core_link link;
    uint8_t out[FRAME_HEADER_LEN + 16];
    uint8_t in[FRAME_HEADER_LEN + AUDIT_PULL_ANSWER_MAX];
};

struct audit_pulls {
    const char *dir;
    struct audit_pull of[PLAN_NODES_MAX];
};

/* dir "": nothing is pulled. A folder that cannot be made is logged, and nothing is. dir stays
 * where it is. */
void audit_pulls_open(struct audit_pulls *p, const char *dir);
/* Core number at, from 0, is there; uri and *p stay where they are. */
void audit_pulls_add(struct audit_pulls *p, size_t at, const char *uri);
/* It was started, again perhaps: it is asked until it answers, that what it logs is kept even
 * if it ends soon. */
void audit_pulls_started(struct audit_pulls *p, size_t at);
void audit_pulls_close(struct audit_pulls *p);

/* What poll() has to watch, at most PLAN_NODES_MAX; and when audit_pulls_step() is due. */
size_t audit_pulls_fds(const struct audit_pulls *p, struct pollfd *fds);
int64_t audit_pulls_next_ms(const struct audit_pulls *p);

/* Goes on, after poll(). */
void audit_pulls_step(struct audit_pulls *p, int64_t now);

/* Before cores are told to end: what they logged up to now. Waits for it, for at most
 * AUDIT_PULL_LAST_MS: mostly for cores that signed a head a moment ago. */
void audit_pulls_last(struct audit_pulls *p);

#endif
