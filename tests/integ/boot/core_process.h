/* core_process.h - a real quorate-core as a child, and a plain client of it. */
#ifndef TESTS_INTEG_CORE_CORE_PROCESS_H
#define TESTS_INTEG_CORE_CORE_PROCESS_H

#include "testing.h"

#include "crypto/p384.h"
#include "enclave/judge/stamping.h"
#include "os/endpoint.h"

#include <sys/types.h>

#define CORE_ARGS_MAX 24
#define CORE_REPLY_MAX 57344 /* longer than any answer of a core */
#define CORE_POLICY "1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000"

struct core_process {
    pid_t pid;
    int log_fd;      /* its stderr */
    char log[16384]; /* what was read of it */
    size_t log_len;
    char dir[64];
    char uri[128]; /* unix: socket in dir */
};

/* What a child does. NULL for prepare: nothing; for run: it becomes quorate-core. */
struct core_child {
    void (*prepare)(const char *dir);
    int (*run)(int argc, char *const *argv);
};

/* Starts it with --listen URI and these arguments (NULL ends them), and waits for its ready
 * line. False: it ended before that. */
bool core_process_start(struct core_process *p, const char *const *args);
bool core_process_start_as(struct core_process *p, const char *const *args,
                           const struct core_child *child);
/* SIGTERM, then its exit code; 128 + number for a signal. */
int core_process_stop(struct core_process *p);
/* Its exit code, waiting for at most 20 s. */
int core_process_wait(struct core_process *p);
/* Reads its stderr until text stands there; false after 10 s. */
bool core_process_logs(struct core_process *p, const char *text);
/* Removes the folder. */
void core_process_clean(struct core_process *p);

/* Whether this build admits the trust-system clock. If not, nothing serves where no daemon
 * disciplines the clock: says SKIP and why. */
bool core_can_serve(void);
/* Usual arguments: trust-system clock, one policy. */
extern const char *const core_usual[];

/* A blocking connection whose reads fail after 10 s. */
int core_connect(const char *uri);
/* The same, not blocking: for peers that misbehave. */
int core_connect_raw(const char *uri);

struct core_reply {
    struct frame_header head;
    uint8_t body[CORE_REPLY_MAX];
};
void core_send(int fd, uint8_t type, uint64_t id, struct view body);
/* False: the connection ended or stood still. */
bool core_receive(int fd, struct core_reply *r);
/* Sends and receives; fails the test when the answer is not to this request. Gives the error of
 * a FRAME_ERROR, else ERR_OK. */
enum err core_ask(int fd, uint8_t type, struct view body, struct core_reply *r);

/* What a client knows after HELLO and ACTIVATE. */
struct core_session {
    struct hello hello;
    struct core_reply hello_reply;          /* hello points into it */
    struct stamp_cert certs[WIRE_KEYS_MAX]; /* by key - 1 */
};
void core_hello(int fd, struct core_session *s);
/* The same for that key. */
enum err core_activate_key(int fd, struct core_session *s, uint8_t key, uint8_t salt);
/* Activates the classic key with a made-up certificate; salt makes it another one. */
enum err core_activate(int fd, struct core_session *s, uint8_t salt);

/* Rounds. */
struct core_rounds {
    size_t n;
    struct r2_head head;
    uint8_t sid0[STAMP_BATCH_MAX][SID0_LEN];
    uint8_t bodies[STAMP_BATCH_MAX][R1_BODY_LEN];
    uint8_t imprint[STAMP_BATCH_MAX][HASH_MAX];
    struct r2_stamp stamps[STAMP_BATCH_MAX];
};
/* Of the policy number that the key has. */
enum err core_r1_key(int fd, const struct core_session *s, uint8_t key, size_t n,
                     struct core_rounds *r);
enum err core_r1(int fd, const struct core_session *s, size_t n, struct core_rounds *r);
/* The R2 body of all stamps of r. */
struct view core_r2_body(const struct core_rounds *r, uint8_t *buf, size_t cap);
/* Reads an R2 answer; counts the stamps whose signature verifies, and gives their errors. */
size_t core_check_answer(const struct core_session *s, const struct core_rounds *r,
                         const struct core_reply *reply, enum err errs[STAMP_BATCH_MAX]);
/* Both rounds of n stamps; again if the R1 was over before its R2 came, as where the machine
 * has other work, or if nobody's place for it was free yet. Gives how many signatures verify.
 */
size_t core_stamp(int fd, const struct core_session *s, uint8_t key, size_t n,
                  struct core_rounds *r);

#endif
